"""Without a sandbox: a process of its own for every submission, and the limits of the system.

It keeps a mistake from spreading, not a stranger from reading what the user may read.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator

from ..limits import LIMITS, Limits
from . import bubblewrap, seccomp
from .guards import Guards
from .job import serve
from .talking import VARIABLES, End, Talk, linked, python, settings_of


class Bare:
    """The same as a Sandbox, without walls; a context manager."""

    load = ()  # nothing is loaded before a submission

    def __init__(self, guards: Guards, limits: Limits = LIMITS):
        self.guards, self.limits = guards, limits
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> Bare:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """End what runs."""
        if self._process:
            _kill(self._process)

    def run(
        self, task: dict, notebook: bytes, then: Callable[[], dict], seconds: float
    ) -> Iterator[dict | End]:
        """Run a submission and give back what its job says, one by one, and then its End."""
        scratch = tempfile.mkdtemp(prefix="submission-")
        try:
            yield from self._run(task, notebook, then, seconds, scratch)
        finally:
            with contextlib.suppress(RecursionError):  # folders in folders, thousands deep
                shutil.rmtree(scratch, ignore_errors=True)

    def _run(self, task: dict, notebook: bytes, then, seconds: float, scratch: str):
        settings = settings_of(self.guards, self.limits, scratch) | {"seconds": seconds}
        own = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        home = dict.fromkeys(bubblewrap.AT_HOME, scratch)
        with linked() as (ours, theirs, stream):
            with theirs:
                ends = subprocess.PIPE if os.name == "nt" else theirs
                self._process = process = subprocess.Popen(
                    python(__name__, settings),
                    stdin=ends,
                    stdout=ends,
                    stderr=subprocess.DEVNULL,
                    bufsize=0,
                    cwd=scratch,
                    env={**own, **VARIABLES, **home},
                    start_new_session=True,
                )
            if process.stdin:  # Windows hands on no sockets
                stream = io.BufferedRWPair(process.stdout, process.stdin)
            over = threading.Event()

            def stop() -> None:
                over.set()
                _kill(process)
                ours.shutdown(socket.SHUT_RDWR)  # what escaped may still hold the other end

            watch = threading.Timer(seconds, stop)
            watch.start()
            talk = Talk(stream)
            try:
                yield from talk.through(task, notebook, then)
            finally:
                watch.cancel()
                _kill(process)
                with contextlib.suppress(OSError):  # what was not sent is lost with it
                    stream.close()
        code = process.returncode
        yield talk.end(-code if code < 0 else code << 8, "time" if over.is_set() else "")


def _kill(process: subprocess.Popen) -> None:
    """End a process and, where the system has groups of them, what it has started."""
    if process.returncode is None:  # else its number may be another's by now
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()


def main(settings: str) -> None:
    """The job: what it is to do comes from standard input, results go to standard output."""
    chosen = json.loads(settings)
    guards = Guards(**chosen["guards"])
    filter = seccomp.prepared() if guards.calls else None
    incoming, outgoing = io.FileIO(os.dup(0), "rb"), io.FileIO(os.dup(1), "wb")
    serve(incoming, outgoing, chosen, guards, filter, chosen)
