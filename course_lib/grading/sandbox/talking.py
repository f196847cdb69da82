"""What the marker says to a job, hears from it, and believes: nothing but plain messages."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import BinaryIO

from ..limits import Limits
from .guards import Guards
from .link import FRAME, Garbled, packed, receive, send, unpacked
from .places import python_path, readable

TOTAL = 8 * FRAME  # bytes that a job may send in all
START = "import sys; sys.path[:] = {path!r}; from {module} import main; main({settings!r})"

# One thread for linear algebra: sums in another order would round differently. A fixed order of
# sets. Pictures go nowhere. Each thread would else reserve 64 MiB of the memory that it may have.
VARIABLES = {
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
    "MPLBACKEND": "agg",
    "MALLOC_ARENA_MAX": "2",
}


# Why a job is stopped.
STOPPED = {
    "time": "it ran for longer than all of it may",
    "threads": "it had more threads than it may",
}


class Unavailable(Exception):
    """This machine cannot build the sandbox; the one line says what is missing."""


class Broken(Exception):
    """The sandbox itself ended, or does not answer."""


@dataclass(frozen=True)
class End:
    """How a job ended: by itself with everything sent (`whole`), or how not."""

    whole: bool
    why: str = ""


def settings_of(guards: Guards, limits: Limits, scratch: str) -> dict:
    """What a process that runs submissions has to know; `scratch` is the folder for their files."""
    return {
        "guards": asdict(guards),
        "limits": asdict(limits),
        "readable": [str(path) for path in readable()],
        "scratch": scratch,
    }


def python(module: str, settings: dict) -> list[str]:
    """The command that calls the module's `main` with these settings, in a bare Python.

    No start-up file, no folder of the user and no variable takes part in it (-s -S -P), and nothing
    is written beside a module (-B); its packages are those of this process.
    """
    code = START.format(path=python_path(), module=module, settings=json.dumps(settings))
    return [sys.executable, "-s", "-S", "-P", "-B", "-c", code]


@contextlib.contextmanager
def linked() -> Iterator[tuple[socket.socket, socket.socket, BinaryIO]]:
    """A socket, its other end, which is for the job, and a stream to write to and to read from."""
    ours, theirs = socket.socketpair()
    stream = ours.makefile("rwb")
    try:
        yield ours, theirs, stream
    finally:
        with contextlib.suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):  # what was not yet sent is lost
            stream.close()
        ours.close()


class Talk:
    """A submission's exchange with its job."""

    def __init__(self, stream: BinaryIO):
        self._stream, self._whole, self._why = stream, False, ""

    def through(self, task: dict, notebook: bytes, then: Callable[[], dict]) -> Iterator[dict]:
        """Send both and give back every message, up to the last one or the first that is none.

        When the job says that it is through with what may be shown, it gets the task of `then`.
        """
        total = 0
        try:
            send(self._stream, packed(task))
            send(self._stream, notebook)
            while not self._whole and (frame := receive(self._stream, FRAME)) is not None:
                total += len(frame)
                if total > TOTAL:
                    raise Garbled(f"more than {TOTAL:,} bytes of results")
                message = unpacked(frame)
                self._whole = "end" in message or "failure" in message
                yield message
                if "shown" in message:
                    send(self._stream, packed(then()))
        except Garbled as reason:
            self._why = f"it sent {reason}"
        except TimeoutError:
            raise
        except OSError:  # the job is gone; how, its status says
            pass

    def end(self, status: int, stopped: str) -> End:
        """How it ended; `status` is that of waitpid, `stopped` why it was, if it was."""
        return End(self._whole, "" if self._whole else self._why or _how(status, stopped))


def _how(status: int, stopped: str) -> str:
    """How a job ended that did not come to its end, in words."""
    if stopped:
        return STOPPED[stopped]
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"it was ended by signal {-code}"
    return f"it ended itself, with exit code {code}"
