"""System calls that Python's library does not have."""

from __future__ import annotations

import ctypes
import os
import sys

NO_NEW_PRIVILEGES = 38  # prctl(2)
NEW_USER, NEW_PROCESSES, NEW_MOUNTS, NEW_IPC = 0x10000000, 0x20000000, 0x00020000, 0x08000000
CAPABILITIES = 0x20080522  # the version of capset(2) that takes 64 bits

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def call(name: str, *arguments) -> int:
    """A function of the C library. Raises OSError where it fails."""
    result = getattr(_libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def gain_nothing() -> None:
    """No program that this process starts, nor the process, gets a right that it has not now."""
    call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def drop_capabilities() -> None:
    """Give up every right over the namespaces that this process has made."""
    header = (ctypes.c_uint32 * 2)(CAPABILITIES, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())


def be_first_to_go() -> None:
    """Where memory runs out, the system is to end this process and its children, and no other."""
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")


def own_namespaces(scratch: str, size: int, files: int) -> None:
    """For the children of this process: a process tree of their own, with the first as its root.

    With it go a file system for their scratch folder alone, which nobody else sees and which is
    gone with them, and an empty /proc. Raises OSError where the system does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    call("unshare", NEW_USER | NEW_PROCESSES | NEW_MOUNTS | NEW_IPC)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    options = f"size={size},nr_inodes={files},mode=700".encode()
    call("mount", b"tmpfs", scratch.encode(), b"tmpfs", 0, options)
    call("mount", b"tmpfs", b"/proc", b"tmpfs", 1, b"size=4k,mode=500")  # 1: read-only
