"""The outer wall: bubblewrap starts the worker in namespaces of its own.

No network, no other process in sight, the system read-only and only in part, no variable of the
environment but ours. See bwrap(1), https://github.com/containers/bubblewrap.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from .places import HIDDEN, copies, readable

USER = "1000"  # inside: nobody that is known outside

AT_HOME = ("HOME", "TMPDIR", "MPLCONFIGDIR")  # variables that name the scratch folder


def program() -> str | None:
    """Where bubblewrap is, if it is installed."""
    return shutil.which("bwrap")


def command(inside: list[str], variables: dict[str, str], scratch: str, size: int) -> list[str]:
    """The command that runs `inside` behind the wall.

    `scratch` is the only folder that can be written to, and holds `size` bytes.
    """
    words = [program() or "bwrap", "--unshare-all", "--die-with-parent", "--new-session"]
    words += ["--uid", USER, "--gid", USER, "--clearenv", "--cap-drop", "ALL"]
    home = dict.fromkeys(AT_HOME, scratch)
    for name, value in {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **home, **variables}.items():
        words += ["--setenv", name, value]
    for path in sorted(readable(), key=lambda p: len(p.parts)):
        if path.is_symlink() and path.parent == Path("/"):  # /lib, where it is a name of /usr/lib
            words += ["--symlink", str(path.readlink()), str(path)]
        else:
            words += ["--ro-bind", str(path), str(path)]
    for folder, kept in [*((copy, []) for copy in copies()), *HIDDEN.items()]:
        words += ["--tmpfs", str(folder)]
        for name in kept:
            words += ["--ro-bind", str(folder / name), str(folder / name)]
        words += ["--remount-ro", str(folder)]
    words += ["--proc", "/proc", "--dev", "/dev", "--size", str(size), "--tmpfs", scratch]
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", scratch, "--"]
    return words + inside
