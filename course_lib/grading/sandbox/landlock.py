"""Landlock: rules of the kernel for one process, which it cannot take back.

What may be read and where may be written; no signal and no socket to others. See landlock(7).
"""

from __future__ import annotations

import ctypes
import os
import struct

from .kernel import call

CREATE, ADD, RESTRICT = 444, 445, 446  # syscall numbers, the same on every architecture
VERSION = 1  # a flag of CREATE
BENEATH = 1  # the kind of rule that speaks of a path and all below it

EXECUTE, WRITE, READ, LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
DEVICE_CONTROL = 1 << 15
# How many rights over files each version of Landlock knows.
KNOWN = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
NETWORK = 0b11  # from version 4: to bind and to connect
SCOPES = 0b11  # from version 6: abstract sockets and signals
ON_FILES = EXECUTE | WRITE | READ | 1 << 14 | DEVICE_CONTROL  # 14: truncate


def version() -> int:
    """The version of Landlock that this kernel has; 0 if none."""
    try:
        return call("syscall", CREATE, None, ctypes.c_size_t(0), VERSION)
    except (OSError, AttributeError):
        return 0


def restrict(readable: list[str], writable: list[str]) -> None:
    """From here on, this process and its children reach nothing else. Raises OSError."""
    known = version()
    rights = (1 << KNOWN[min(known, max(KNOWN))]) - 1
    network, scopes = NETWORK * (known >= 4), SCOPES * (known >= 6)
    size = 8 if known < 4 else 16 if known < 6 else 24
    attributes = struct.pack("QQQ", rights, network, scopes)[:size]
    rules = call("syscall", CREATE, attributes, ctypes.c_size_t(size), 0)
    try:
        for path in readable:
            _allow(rules, path, EXECUTE | READ | LIST, rights)
        for path in writable:
            _allow(rules, path, rights & ~DEVICE_CONTROL, rights)
        call("syscall", RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: str, wanted: int, known: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            wanted &= ON_FILES
        rule = struct.pack("=Qi", wanted & known, place)
        call("syscall", ADD, rules, BENEATH, rule, 0)
    finally:
        os.close(place)
