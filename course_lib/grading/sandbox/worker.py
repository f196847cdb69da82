"""The process in the sandbox: it loads the libraries once and forks for every submission.

It never reads a submission: each comes through a socket of its own, which goes to the fork
unopened. So nothing of one submission is ever in the memory that another's process is copied from.

Of each job two processes are forked: a keeper, which may end the job, and the job in a process tree
of its own, all of which ends with it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import select
import shutil
import signal
import socket
import threading
import time
from dataclasses import asdict, replace

from . import kernel, seccomp
from .guards import Guards
from .job import serve, silence, sit
from .link import LENGTH, packed

LOOK = 0.1  # seconds between two looks at how many threads a job has

# Run once before the first fork, so that what every notebook needs is loaded and compiled.
REHEARSED = {
    "cell_type": "code",
    "source": "%matplotlib inline\nfrom course_lib.checks import check\ncheck('00a', 0)\n"
    "def f(x):\n    return x",
}
REHEARSAL = {
    "questions": [{"id": "", "name": "f", "wanted": "function", "arguments": ["x"]}],
    "instances": {"": [{"tuple": [1.0]}]},
    "skip": [],
    "late": [],
    "seconds": 60.0,
    "most": 1,
}


def main(settings: str) -> None:
    """Serve until the marker goes away. `settings` is JSON: see Sandbox."""
    chosen = json.loads(settings)
    control = socket.socket(fileno=chosen["control"])
    for name in chosen["load"]:
        importlib.import_module(name)
    guards = Guards(**chosen["guards"])
    guards = replace(guards, tree=guards.tree and _can_have_a_tree(chosen))
    filter = seccomp.prepared() if guards.calls else None
    sit(REHEARSAL, json.dumps({"cells": [REHEARSED]}).encode(), _echo())
    for thread in set(threading.enumerate()) - {threading.current_thread()}:
        thread.join()  # of the rehearsal; a fork has but one
    gc.collect()
    gc.freeze()  # so that a fork need not copy what the collector would touch
    silence()  # nobody reads what is said from here on
    control.send(json.dumps(asdict(guards)).encode())
    while True:
        message, sockets, _, _ = socket.recv_fds(control, 4096, 1)
        if not message:
            return
        keeper = os.fork()
        if keeper == 0:
            _keep(control, sockets[0], json.loads(message), guards, filter, chosen)
        os.close(sockets[0])
        _, status = os.waitpid(keeper, 0)
        if status:
            return  # its job may be left over, and ends with this process and all others in here


def _echo() -> io.BufferedRWPair:
    """A stream that says what a rehearsal is to hear, and forgets what it hears itself."""
    second = packed({"instances": {"": [{"tuple": [1.0]}]}})
    heard = len(second).to_bytes(LENGTH, "big") + second
    return io.BufferedRWPair(io.BytesIO(heard), io.BytesIO())


def _can_have_a_tree(chosen: dict) -> bool:
    """Whether this system lets a process in the sandbox have namespaces of its own."""
    limits, child = chosen["limits"], os.fork()
    if child == 0:
        status = 1
        try:
            kernel.own_namespaces(chosen["scratch"], limits["scratch"], limits["files"])
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def _keep(
    control: socket.socket, link: int, order: dict, guards: Guards, filter, chosen: dict
) -> None:
    """Start the job; end it when the marker says so, or time is over; say how it ended."""
    status, limits = 1, chosen["limits"]
    try:
        kernel.be_first_to_go()
        tasks = os.open("/proc", os.O_DIRECTORY)  # from outside of the namespaces
        if guards.tree:
            kernel.own_namespaces(chosen["scratch"], limits["scratch"], limits["files"])
        job = os.fork()
        if job == 0:
            os.close(tasks)
            control.close()
            _work(link, order, guards, filter, chosen)
        os.close(link)
        stopped = _wait(control, job, tasks, order["seconds"], limits["threads"])
        os.kill(job, signal.SIGKILL)  # not yet waited for, so the number is still its own
        _, ended = os.waitpid(job, 0)
        if not guards.tree:
            _sweep(chosen["scratch"])
        control.recv(16)  # the marker has said that it is done with it, or does so now
        control.send(json.dumps({"status": ended, "stopped": stopped}).encode())
        status = 0
    finally:
        os._exit(status)


def _wait(control: socket.socket, job: int, tasks: int, seconds: float, most: int) -> str:
    """Wait until job or marker has ended it; else say why it has to be stopped, as in STOPPED."""
    end, over = os.pidfd_open(job), time.monotonic() + seconds
    waiting = select.poll()
    waiting.register(end, select.POLLIN)
    waiting.register(control, select.POLLIN)
    while (left := over - time.monotonic()) > 0:
        if waiting.poll(min(left, LOOK) * 1000):
            return ""
        # A folder has a link to it from each folder in it: here one for each thread.
        if os.stat(f"{job}/task", dir_fd=tasks).st_nlink - 2 > most:
            return "threads"
    return "time"


def _sweep(folder: str) -> None:
    """Empty the scratch folder, where a job has none of its own."""
    for root, folders, _ in os.walk(folder):
        for name in folders:
            with contextlib.suppress(OSError):  # a link, which is no folder
                os.chmod(os.path.join(root, name), 0o700, follow_symlinks=False)
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)


def _work(link: int, order: dict, guards: Guards, filter, chosen: dict) -> None:
    """The job itself: what it is to do comes first, then the walls, then the stranger's code."""
    status = 1
    try:
        serve(io.FileIO(link, "rb"), io.FileIO(os.dup(link), "wb"), order, guards, filter, chosen)
        status = 0
    finally:
        os._exit(status)
