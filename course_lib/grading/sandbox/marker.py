"""The marker's end: a sandbox is started and given submissions one by one."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
from collections.abc import Callable, Iterator

from ..limits import LIMITS, Limits
from . import bubblewrap
from .guards import Guards
from .places import scratch
from .talking import VARIABLES, Broken, End, Talk, Unavailable, linked, python, settings_of

START = 60.0  # seconds that a sandbox may take to load its libraries
GRACE = 20.0  # seconds beyond the limit after which the sandbox itself is given up
LEAVE = 5.0  # seconds in which it ends by itself, once it is told


class Sandbox:
    """A worker in the sandbox, as a context manager; `run` gives it a submission.

    `load` names modules that are imported once, before any submission. Entering it raises
    Unavailable where it cannot be built.
    """

    def __init__(self, guards: Guards, limits: Limits = LIMITS, load: tuple[str, ...] = ()):
        self.guards, self.limits, self.load = guards, limits, load

    def __enter__(self) -> Sandbox:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._process = subprocess.Popen(
                    self._command(theirs.fileno()),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,  # what it says until it is ready, and nobody later
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C is for the marker, which ends it
                )
            except OSError as error:
                self._control.close()
                raise Unavailable(f"The sandbox cannot be started: {error}") from None
        ready = self._answer(START)
        if not ready:
            self._process.kill()
            said = self._process.communicate()[1].decode(errors="replace").strip()
            self.close()
            last = said.splitlines()[-1] if said else "it says nothing"
            raise Unavailable(f"The sandbox cannot be started: {last}")
        self.guards = Guards(**json.loads(ready))
        if self.guards.wall and not (self.guards.tree or (self.guards.paths and self.guards.calls)):
            self.close()
            raise Unavailable(
                "The sandbox cannot be closed: neither namespaces within it nor both of Landlock "
                "and seccomp are to be had here."
            )
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _command(self, control: int) -> list[str]:
        settings = settings_of(self.guards, self.limits, scratch())
        settings |= {"control": control, "load": list(self.load)}
        worker = python(f"{__package__}.worker", settings)
        return bubblewrap.command(worker, VARIABLES, scratch(), self.limits.scratch)

    def close(self) -> None:
        """End the worker, and with it everything that runs in the sandbox."""
        with contextlib.suppress(OSError):  # whoever waits for an answer in a thread gets none
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        try:
            self._process.wait(LEAVE)
        except subprocess.TimeoutExpired:
            self._process.kill()  # and what is in it goes with it: --die-with-parent
            self._process.wait()
        self._process.stderr.close()

    def run(
        self, task: dict, notebook: bytes, then: Callable[[], dict], seconds: float
    ) -> Iterator[dict | End]:
        """Send a submission and give back what its job says, message by message, and then its End.

        Raises Broken if the sandbox has to be started anew.
        """
        with linked() as (ours, theirs, stream):
            ours.settimeout(seconds + GRACE)
            with theirs:
                self._tell(json.dumps({"seconds": seconds}).encode(), theirs)
            talk = Talk(stream)
            try:
                yield from talk.through(task, notebook, then)
            except TimeoutError:
                raise Broken("no answer") from None
            finally:
                report = self._dismiss()
        yield talk.end(report["status"], report["stopped"])

    def _tell(self, message: bytes, link: socket.socket) -> None:
        try:
            socket.send_fds(self._control, [message], [link.fileno()])
        except OSError:
            raise Broken("the sandbox is gone") from None

    def _dismiss(self) -> dict:
        """Say that the job is done with, and hear how it ended."""
        with contextlib.suppress(OSError):
            self._control.send(b"end")
        answer = self._answer(GRACE)
        if not answer:
            raise Broken("the sandbox is gone")
        return json.loads(answer)

    def _answer(self, seconds: float) -> bytes:
        try:
            self._control.settimeout(seconds)
            return self._control.recv(4096)
        except OSError:
            return b""
