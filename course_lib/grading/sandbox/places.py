"""What a submission may see of the machine: Python, its packages, and a library without answers."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[2]  # course_lib
ROOT = LIBRARY.parent
SCRATCHES = ("/tmp", "/scratch")

# Folders of the library that are replaced by an empty one, with the files that stay.
HIDDEN = {
    LIBRARY / "checks" / "bank": ["__init__.py"],
    LIBRARY / "checks" / "messages": ["common.toml"],
}

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64")
SETTINGS = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
PACKAGES = ("site-packages", "dist-packages")


def python_path() -> list[str]:
    """The library's folder, Python's own modules, and installed packages.

    Other folders that this process takes modules from are left out: one is that in which the
    grader was started, and submissions may lie in it.
    """
    own = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    own.add(os.path.join(sys.base_prefix, "DLLs"))  # on Windows
    entries = [os.path.abspath(entry) for entry in sys.path if entry]
    found = [
        entry
        for entry in entries
        if any(Path(entry).is_relative_to(folder) for folder in own)
        or any(name in Path(entry).parts for name in PACKAGES)
    ]
    return list(dict.fromkeys(e for e in [str(ROOT), *found] if os.path.exists(e)))


def readable() -> list[Path]:
    """All that is shown, read-only: the system's programs, this Python, its packages, the library.

    Of the folder that the library lies in nothing else is.
    """
    parts = [p / part for p in _pythons() for part in ("bin", "lib", "lib64", "pyvenv.cfg")]
    entries = map(Path, python_path())
    packages = [entry for entry in entries if entry != ROOT or entry.name in PACKAGES]
    wanted = [*map(Path, SYSTEM + SETTINGS), *parts, *packages, LIBRARY]
    return [path for path in dict.fromkeys(wanted) if path.exists()]


def _pythons() -> list[Path]:
    """Where this Python is installed; of a virtual environment also the one that it was made of."""
    real = Path(os.path.realpath(sys.executable)).parents[1]
    return list(dict.fromkeys([Path(sys.prefix), Path(sys.base_prefix), real]))


def copies() -> list[Path]:
    """Other copies of the library, answers included, among what is shown."""
    places = set(map(Path, python_path()))
    for prefix in (*_pythons(), Path("/usr"), Path("/usr/local")):
        for name in PACKAGES:
            places |= set(prefix.glob(f"lib*/python*/{name}"))
    found = {(place / LIBRARY.name).resolve() for place in places}
    return sorted(path for path in found if path.is_dir() and path != LIBRARY)


def scratch() -> str:
    """The one folder that can be written to, as it is called inside; nothing else lies there."""
    shown = [path.resolve() for path in readable()]
    return next(place for place in SCRATCHES if not any(p.is_relative_to(place) for p in shown))


def covers(path: Path) -> Path | None:
    """The folder that is shown and holds `path`, so that a submission could read it."""
    path = path.resolve()
    return next((shown for shown in readable() if path.is_relative_to(shown.resolve())), None)
