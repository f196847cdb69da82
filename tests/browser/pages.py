"""A real JupyterLab, its pages watched for errors and for requests to other machines."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat

from course_lib.authoring.kernel import environment


@contextlib.contextmanager
def running_lab(folder, **more):
    """(address, course folder) of a JupyterLab with fresh settings and a record of its own.

    `more` are further settings of the server, by their names.
    """
    course, scratch = folder / "course", folder / "scratch"
    course.mkdir()
    scratch.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": course,
        "IdentityProvider.token": "",
        "KernelManager.transport_encryption": "auto",
        **more,
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
            yield address, course
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


def notebook_of(*sources):
    """A notebook of these code cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@contextlib.contextmanager
def watched(address, chromium, **options):
    """A function that makes an empty page.

    Afterwards: the console has shown no error, and nothing outside this machine was asked for.
    """
    problems = []
    context = chromium.new_context(**options)

    def new_page():
        page = context.new_page()
        watch(page, address, problems)
        return page

    yield new_page
    context.close()
    assert problems == []


@contextlib.contextmanager
def notebooks(lab, chromium, **options):
    """A function that opens a notebook, runs all of it if asked to, and returns the page."""
    address, folder = lab
    with watched(address, chromium, **options) as new_page:

        def open_notebook(notebook, run=True):
            name = f"lesson{len([*folder.iterdir()])}.ipynb"  # a kernel belongs to a name
            nbformat.write(notebook, folder / name)
            page = new_page()
            page.goto(f"{address}/lab/tree/{name}?reset")
            page.wait_for_selector(".jp-Notebook", timeout=60_000)
            wait_for_kernel(page, folder)
            if run:
                run_all(page, sum(cell.cell_type == "code" for cell in notebook.cells))
            return page

        yield open_notebook


def wait_for_kernel(page, folder):
    """Wait until the notebook's kernel is idle; else say what page and server know of it."""
    from playwright.sync_api import TimeoutError  # not everybody has it

    try:
        page.wait_for_selector("text=| Idle", timeout=60_000)
    except TimeoutError as error:
        status = page.inner_text("#jp-main-statusbar")
        log = (folder.parent / "scratch" / "lab.log").read_text(encoding="utf-8")
        raise AssertionError(f"no idle kernel: {status!r}\n{log[-3000:]}") from error


def run_all(page, count):
    """Run all cells; `count` of them are code."""
    page.click('text="Run"')
    page.click('text="Run All Cells"')
    page.wait_for_selector(f'.jp-InputPrompt:has-text("[{count}]:")', timeout=180_000)


def watch(page, address, problems):
    """Put into `problems` each error on the console and each request to another host."""
    page.on("console", lambda message: _note_error(message, problems))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: _note_host(request.url, address, problems))


def _note_error(message, problems):
    # A widget without its kernel is no fault of the page: it says so in the widget's place.
    if message.type == "error" and "widget model not found" not in message.text:
        problems.append(message.text)


def _note_host(url, address, problems):
    if not url.startswith((address, "data:", "blob:", address.replace("http", "ws"))):
        problems.append(f"asked for {url}")
