"""Submissions that would take the machine, other processes or the grader down with them.

Each has the honest 05a above it, and earns its 2 points: what goes wrong costs its own cell.
"""

import platform

import pytest
from security.hostile import HASTY, Attack
from student_classes import needs_sandbox

pytestmark = needs_sandbox

HEAD = """import contextlib, ctypes, os, signal, socket, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)


def refused(name, *arguments):
    if getattr(libc, name)(*arguments) >= 0:
        raise RuntimeError(f"{name} was done")
    said.append(os.strerror(ctypes.get_errno()))


def denied(call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        said.append(type(error).__name__)
    else:
        raise RuntimeError(f"{call.__name__} was done")


said = []
"""
TELL = "\nraise RuntimeError(f'refused {len(said)}: {sorted(set(said))}')"
NOT_PERMITTED = "'Operation not permitted'"


def ends(code, says, **more):
    return Attack(HEAD + code, says, **more)


def all_refused(code, count, kinds):
    return Attack(HEAD + code + TELL, f"refused {count}: [{kinds}]")


ATTACKS = {
    # --- more and more of something ---
    "processes without end": all_refused(
        "for _ in range(100):\n    denied(os.fork)", 100, "'PermissionError'"
    ),
    "threads without end": ends(
        "for _ in range(60):\n    threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "    time.sleep(0.02)\ntime.sleep(60)",
        "more threads than it may",
    ),
    "memory without end": ends("hoard = []\nwhile True:\n    hoard.append(bytes(2**24))", "Memory"),
    "memory at once": ends("import numpy as np\nnp.ones(2**33)", "Memory"),
    "a file without end": ends(
        'with open("big", "wb") as file:\n    while True:\n        file.write(bytes(2**20))',
        "File too large",
    ),
    "files that fill the disk": ends(
        'for n in range(100):\n    with open(f"f{n}", "wb") as file:\n'
        "        file.write(bytes(2**21))",
        "No space left",
    ),
    "files without end": ends(
        'for n in range(10**6):\n    open(f"f{n}", "w").close()', "No space left"
    ),
    "folders inside folders without end": ends(
        'while True:\n    os.mkdir("d")\n    os.chdir("d")', "No space left"
    ),
    "open files without end": ends(
        'files = []\nwhile True:\n    files.append(open("/dev/null"))', "Too many open files"
    ),
    "output without end": ends("while True:\n    print('x' * 10**6)", "the time", limits=HASTY),
    "errors without end": ends(
        "while True:\n    sys.stderr.write('x' * 10**6)\n    os.write(2, b'y' * 10**6)",
        "the time",
        limits=HASTY,
    ),
    "recursion": ends("def deep():\n    deep()\n\n\ndeep()", "RecursionError"),
    "recursion without a limit": ends(
        "sys.setrecursionlimit(10**9)\n\n\nclass Deep:\n"
        "    def __getattr__(self, name):\n        return getattr(self, name)\n\n\nDeep().x",
        "Cell",
    ),
    "nested source": ends("exec('(' * 5000 + ')' * 5000)", "Cell 2"),
    "a name of five million letters": ends("exec('x' * 5_000_000 + ' = 1')\nraise KeyError", "Key"),
    "an error of a hundred megabytes": ends("raise ValueError('x' * 10**8)", "ValueError"),
    "a power that never ends": ends("9 ** 9 ** 9 ** 9", "longer than all", limits=HASTY),
    "a pattern that never ends": ends(
        "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')", "longer than all", limits=HASTY
    ),
    # --- without end, and not to be stopped ---
    "a loop": ends("while True:\n    pass", "the time", limits=HASTY),
    "a loop that takes every error": ends(
        "while True:\n    try:\n        time.sleep(0.01)\n    except BaseException:\n        pass",
        "longer than all",
        limits=HASTY,
    ),
    "signals ignored": ends(
        "for number in range(1, 65):\n    with contextlib.suppress(OSError, ValueError):\n"
        "        signal.signal(number, signal.SIG_IGN)\nwhile True:\n    try:\n        pass\n"
        "    except BaseException:\n        pass",
        "",
        limits=HASTY,
    ),
    "signals blocked, and sleep": ends(
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nlibc.sleep(600)",
        "longer than all",
        limits=HASTY,
    ),
    "a pipe that nobody writes to": ends(
        "read, write = os.pipe()\nos.read(read, 1)", "longer than all", limits=HASTY
    ),
    "a lock that is held": ends(
        "lock = threading.Lock()\nlock.acquire()\nlock.acquire()", "longer than all", limits=HASTY
    ),
    "an alarm that never rings": ends(
        "signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)\n"
        "signal.signal(signal.SIGALRM, lambda *_: None)\nwhile True:\n    pass",
        "the time",
        limits=HASTY,
    ),
    # --- the end ---
    "exit": ends("exit(0)", "SystemExit"),
    "the end of the process": ends("os._exit(0)", "exit code 0"),
    "a crash": ends("ctypes.string_at(0)", "signal 11"),
    "an abort": ends("os.abort()", "signal"),
    "its own death": ends("os.kill(os.getpid(), 9)", "not permitted"),
    "its own sleep": ends("signal.raise_signal(signal.SIGSTOP)", "not permitted"),
    "a last word": ends(
        "import atexit\natexit.register(lambda: open('late', 'w').write('x'))\n\n\nclass Last:\n"
        "    def __del__(self):\n        while True:\n            pass\n\n\n"
        "last = Last()\nos._exit(1)",
        "exit code 1",
    ),
    "threads that go on": ends(
        "def go_on():\n    while True:\n        time.sleep(0.001)\n\n\n"
        "for _ in range(8):\n    threading.Thread(target=go_on).start()\nraise KeyError('started')",
        "started",
    ),
    # --- others ---
    "everybody killed": all_refused(
        "for pid in (-1, 0, 1, os.getppid(), 2):\n    denied(os.kill, pid, 9)",
        5,
        "'PermissionError'",
    ),
    "the group killed": all_refused("denied(os.killpg, os.getpgrp(), 9)", 1, "'PermissionError'"),
    "a session of its own": all_refused(
        "with contextlib.suppress(OSError):\n    os.setsid()\ndenied(os.fork)",
        1,
        "'PermissionError'",
    ),
    "processes by every call": all_refused(
        "refused('vfork')\nrefused('syscall', 56, 17, 0, 0, 0, 0)\nrefused('unshare', 0x10000000)\n"
        "refused('setns', 0, 0)\nrefused('syscall', 57)",
        5,
        NOT_PERMITTED,
    ),
    "other programs": all_refused(
        "refused('execv', b'/bin/true', None)\n"
        "refused('syscall', 322, -100, b'/bin/true', 0, 0, 0)",
        2,
        NOT_PERMITTED,
    ),
    # --- the network ---
    "a socket of every kind": all_refused(
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17, 40, 38):\n"
        "    denied(socket.socket, family, socket.SOCK_DGRAM)",
        7,
        "'PermissionError'",
    ),
    "a name looked up": ends("socket.getaddrinfo('example.org', 80)", "gaierror"),
    "an address connected to": all_refused(
        "denied(socket.create_connection, ('127.0.0.1', 22), 1)", 1, "'PermissionError'"
    ),
    "a page fetched": ends(
        "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:1/')", "Error"
    ),
    # --- the system ---
    "limits raised": all_refused(
        "import resource\nfor kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU,\n"
        "             resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE):\n"
        "    try:\n        resource.setrlimit(kind, (2**40, 2**40))\n"
        "    except ValueError as error:\n        said.append(type(error).__name__)",
        4,
        "'ValueError'",
    ),
    "another user": all_refused(
        "denied(os.setuid, 0)\ndenied(os.setgroups, [0])\ndenied(os.setresgid, 0, 0, 0)",
        3,
        "'OSError', 'PermissionError'",
    ),
    "another root": all_refused(
        "denied(os.chroot, '/tmp')\nrefused('mount', b'a', b'/tmp', b'tmpfs', 0, 0)\n"
        "refused('umount2', b'/proc', 2)\nrefused('pivot_root', b'/', b'/tmp')"
        "\nrefused('unshare', 0x00020000)",
        5,
        "'Operation not permitted', 'PermissionError'",
    ),
    "the kernel's doors": all_refused(
        "refused('syscall', 321, 0, 0, 0)\nrefused('syscall', 298, 0, 0, 0, 0, 0)\n"
        "refused('syscall', 323, 0)\nrefused('syscall', 425, 8, 0)\nrefused('personality', 8)\n"
        "refused('syscall', 248, b'user', b'a', b'b', 1, -4)\nrefused('ptrace', 0, 0, 0, 0)",
        7,
        NOT_PERMITTED,
    ),
    "modules of the kernel": all_refused(
        "refused('syscall', 175, 0, 0, b'')\nrefused('syscall', 313, 0, b'', 0)\n"
        "refused('reboot', 0)\nrefused('sethostname', b'x', 1)\nrefused('swapoff', b'/x')",
        5,
        NOT_PERMITTED,
    ),
    "the time and the name of the machine": all_refused(
        "denied(time.clock_settime, time.CLOCK_REALTIME, 0)\ndenied(socket.sethostname, 'x')",
        2,
        "'PermissionError'",
    ),
    "files of the library and of Python": all_refused(
        "import numpy, course_lib\nfor module in (numpy, course_lib, os):\n"
        "    path = module.__file__\n"
        "    denied(open, path, 'w')\n    denied(open, path, 'a')\n    denied(os.chmod, path, 0)\n"
        "    denied(os.unlink, path)\n    denied(os.rename, path, path + '2')\n"
        "    denied(os.utime, path)\n    denied(open, path + '.pth', 'w')",
        21,
        "'OSError'",
    ),
    "start-up files": all_refused(
        "import site\nfor folder in (*site.getsitepackages(), '/usr/lib/python3', '/', '/etc',\n"
        "               '/dev', '/dev/shm', '/var/tmp', os.path.expanduser('~root')):\n"
        "    denied(open, f'{folder}/sitecustomize.py', 'w')",
        8,
        "'FileNotFoundError', 'OSError'",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_but_its_own_cell_is_lost(arena, name):
    if "'syscall'" in ATTACKS[name].code and platform.machine() != "x86_64":
        pytest.skip("its numbers of system calls are those of x86-64")
    arena.attacked(ATTACKS[name])
