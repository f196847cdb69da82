"""A real JupyterLab in a real browser: fresh settings, its own record, no host but this one."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from pages import notebooks

from course_lib.authoring.kernel import environment
from course_lib.authoring.stills import FLAGS


@pytest.fixture(scope="session")
def chromium():
    """A browser; without one, or without playwright, these tests are left out."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium here")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """(address, folder) of a running JupyterLab."""
    folder, scratch = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("scratch")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "IdentityProvider.token": "",
        "KernelManager.transport_encryption": "auto",
    }
    arguments = [f"--{name}={value}" for name, value in settings.items()]
    arguments += ["--no-browser", "--allow-root"]
    bin_first = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    with open(scratch / "lab.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *arguments],
            env=environment(scratch) | {"PATH": bin_first, "JUPYTER_PREFER_ENV_PATH": "1"},
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, server, scratch / "lab.log")
            yield address, folder
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(address, server, log):
    for _ in range(240):
        if server.poll() is not None:
            raise RuntimeError(log.read_text(encoding="utf-8"))
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError("JupyterLab did not start in a minute")


@pytest.fixture
def opened(lab, chromium):
    """A function that opens cells as a notebook, runs all of them, and returns the page."""
    with notebooks(lab, chromium, viewport={"width": 1200, "height": 1400}) as open_cells:
        yield open_cells
