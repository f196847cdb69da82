"""The inner wall: what a job gives up before a stranger's code runs in it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from . import kernel, landlock, seccomp
from .places import DEVICES


@dataclass(frozen=True)
class Guards:
    """Which walls stand; a test takes one away to see what it keeps out.

    `wall` is bubblewrap's, `tree` the process tree and scratch folder of each job's own, `paths`
    Landlock's, `calls` seccomp's, `amounts` limits on time, memory, files.
    """

    wall: bool = True
    tree: bool = True
    paths: bool = True
    calls: bool = True
    amounts: bool = True

    def told(self) -> str:
        """In words, for the page of the class."""
        names = {
            "wall": "bubblewrap",
            "tree": "a process tree of its own",
            "paths": "Landlock",
            "calls": "seccomp",
            "amounts": "limits of time, memory and files",
        }
        stand = [name for guard, name in names.items() if getattr(self, guard)]
        return ", ".join(stand) or "none"


def possible(wall: bool) -> Guards:
    """The walls that this machine can build; `wall`: whether bubblewrap is to be used."""
    linux = sys.platform == "linux"
    return Guards(
        wall=wall,
        tree=wall,  # whether it can be built is only known inside
        paths=linux and landlock.version() > 0,
        calls=linux and seccomp.available(),
        amounts=os.name == "posix",
    )


def limit_amounts(limits: dict, seconds: float) -> None:
    """Time of the processor, memory, size and number of files; the system ends what goes beyond."""
    import resource

    amounts = {
        "RLIMIT_CPU": int(seconds) + 1,
        "RLIMIT_AS": limits["memory"],
        "RLIMIT_FSIZE": limits["file"],
        "RLIMIT_NOFILE": limits["handles"],
        "RLIMIT_CORE": 1,  # less than any dump; with 0, a program that collects dumps is called
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    for name, amount in amounts.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, most = resource.getrlimit(kind)
        if most != resource.RLIM_INFINITY:
            amount = min(amount, most)
        try:
            resource.setrlimit(kind, (amount, amount))
        except (OSError, ValueError):
            if sys.platform == "linux":  # others know a limit by name, and refuse to set it
                raise


def build(guards: Guards, filter, chosen: dict, seconds: float) -> None:
    """Build the walls around this process; `filter` is seccomp's. Raises OSError."""
    if guards.amounts:
        limit_amounts(chosen["limits"], seconds)
    if guards.paths or guards.calls:
        kernel.gain_nothing()
    if guards.tree:
        kernel.drop_capabilities()
    if guards.paths:
        landlock.restrict([*chosen["readable"], *DEVICES], [chosen["scratch"], os.devnull])
    if guards.calls:
        filter.load()
