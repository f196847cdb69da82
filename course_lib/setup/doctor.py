"""Looks at the machine and the installed packages, one line per check: `python start.py doctor`.

A line that starts with TO DO says what to do. Nothing is installed or changed.
"""

import io
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPAIR = "Run: python start.py install"
ROOM_MEGABYTES = 100  # for a learner's notebooks and figures


class Problem(Exception):
    """What a check found, and what to do about it."""


def check_python() -> str:
    return f"{sys.version.split()[0]} at {sys.executable}"


def check_disk() -> str:
    free = shutil.disk_usage(ROOT).free // 10**6
    if free < ROOM_MEGABYTES:
        raise Problem(f"{free} MB free, too few to save your work. Delete something large.")
    return f"{free} MB free"


def check_writing() -> str:
    trial = ROOT / ".start.trial"
    try:
        trial.write_text("", encoding="utf-8")
        trial.unlink()
    except OSError as error:
        raise Problem(f"{error}. Move the course into a folder of your own.") from error
    return f"files can be written in {ROOT}"


def check_packages() -> str:
    from packaging.requirements import Requirement

    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and line[0] not in "#-"]
    wrong = []
    for requirement in wanted:
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.append(f"{requirement} is needed, {installed} is installed")
    if wrong:
        raise Problem(f"{'; '.join(wrong)}. {REPAIR}")
    return f"{len(wanted)} installed as required"


def check_figure() -> str:
    from matplotlib.figure import Figure

    figure = Figure()
    figure.add_subplot().plot([0, 1], [1, 0])
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return f"matplotlib draws one of {len(picture.getvalue()) // 1000} kB"


def check_kernel() -> str:
    from jupyter_client.manager import start_new_kernel

    said = []

    def listen(message):
        content = message["content"]
        said.append(content.get("text", content.get("evalue", "")))

    # Far from the repository, where only an installed course_lib is found.
    away = {"cwd": tempfile.gettempdir(), "stderr": subprocess.DEVNULL}
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=8, **away)
    try:
        code = "import sys, course_lib; print(1 + 1, sys.prefix)"
        client.execute_interactive(code, timeout=8, output_hook=listen)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if "".join(said).strip() != f"2 {sys.prefix}":
        raise Problem(f"a kernel answered {''.join(said)[:200]!r}. {REPAIR}")
    return "Jupyter starts one; it finds course_lib, and 1 + 1 is 2"


CHECKS = (check_python, check_disk, check_writing, check_packages, check_figure, check_kernel)


def examine(check) -> bool:
    """Runs one check and prints its line; returns whether all is well."""
    name = check.__name__.removeprefix("check_")
    try:
        print(f"ok     {name}: {check()}", flush=True)
        return True
    except Problem as problem:
        print(f"TO DO  {name}: {problem}", flush=True)
    except Exception as error:  # a broken package may raise anything, and that is what to report
        words = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"TO DO  {name}: {words[:200]}. {REPAIR}", flush=True)
    return False


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")
    healthy = [examine(check) for check in CHECKS]
    sys.exit(0 if all(healthy) else 1)
