"""Submissions marked many at a time, by any concurrent.futures.Executor, here or elsewhere.

A batch is all that marking takes, as plain data: it can be sent to a process or a machine, which
must have the same course, and is trusted with the secret seed. On this machine a batch is one
submission, and sandboxes stand from one to the next: whatever stops a run, what is marked is kept.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice

from .limits import LIMITS, Limits
from .marking import Key, mark, not_run
from .marks import Mark
from .sandbox import Bare, Broken, Sandbox, Unavailable, possible
from .versions import version

LARGEST = 40  # submissions that an executor gets at once: beyond it, a sandbox's start is nothing
HEAVIEST = 8 * 2**20  # bytes of a batch's notebooks, beyond which no other is added
SLOW_IMPORTS = {b"matplotlib": "matplotlib.pyplot"}  # loaded once, if any notebook names them


class Lost(Exception):
    """The executor gave up before everything was marked. The message is one line."""


@dataclass(frozen=True)
class Entry:
    """A submission with its bytes, or with the one line why there are none."""

    student: str
    source: str
    late: bool
    notebook: bytes
    problem: str = ""


@dataclass(frozen=True)
class Batch:
    """Submissions of one problem set, and what marking them takes.

    `version` is that of the course which made it: another one might mark differently.
    """

    version: str
    chapter: int
    seed: bytes
    entries: tuple[Entry, ...]
    sandboxed: bool = True
    limits: Limits = LIMITS


@dataclass(frozen=True)
class Marked:
    """What came of a batch.

    `marks` are final. `failed` are those of submissions that could not be read or that broke the
    sandbox, which another run may mark. `guards` are the walls that stood, in words; empty if
    nothing was run.
    """

    marks: tuple[Mark, ...]
    failed: tuple[Mark, ...]
    guards: str


class Sandboxes:
    """The sandboxes of a run in this process: lent to batches, and ended all at once."""

    def __init__(self):
        self._standing: set[Sandbox | Bare] = set()
        self._idle: list[Sandbox | Bare] = []
        self._lock = threading.Lock()
        self._ended = False

    @contextlib.contextmanager
    def lent(self, batch: Batch) -> Iterator[Sandbox | Bare]:
        """A sandbox that stands idle, or a new one; after an error in the block nobody gets it.

        Raises Lost if all have been ended; sandbox.Unavailable.
        """
        sandbox = self._taken(_loaded(batch)) or self._started(batch)
        try:
            yield sandbox
        except BaseException:
            self._drop(sandbox)
            raise
        with self._lock:
            self._idle.append(sandbox)

    def end(self) -> None:
        """End all, and with them what a thread is waiting for; no other is used any more."""
        with self._lock:
            self._ended = True
            for sandbox in self._standing:
                sandbox.close()

    def _taken(self, load: tuple[str, ...]) -> Sandbox | Bare | None:
        """An idle one that has loaded these modules. One that has not makes room for it."""
        with self._lock:
            self._go_on()
            sandbox = self._idle.pop() if self._idle else None
        if sandbox is None or set(load) <= set(sandbox.load):
            return sandbox
        self._drop(sandbox)
        return None

    def _started(self, batch: Batch) -> Sandbox | Bare:
        sandbox = _sandbox(batch)
        with contextlib.ExitStack() as unless_kept:
            unless_kept.enter_context(sandbox)
            with self._lock:
                self._go_on()
                self._standing.add(sandbox)
            unless_kept.pop_all()
        return sandbox

    def _go_on(self) -> None:
        if self._ended:
            raise Lost("the run was stopped")

    def _drop(self, sandbox: Sandbox | Bare) -> None:
        with self._lock:
            self._standing.discard(sandbox)
        sandbox.close()


@lru_cache(maxsize=4)
def key_of(chapter: int, seed: bytes) -> Key:
    """The key of a problem set: what it draws is drawn once."""
    return Key(chapter, seed)


def mark_batch(batch: Batch) -> Marked:
    """Mark all submissions of a batch, in a sandbox of its own.

    Raises sandbox.Unavailable; Lost, if the course here is another; OSError, if the machine has no
    room for more.
    """
    sandboxes = Sandboxes()
    try:
        return mark_among(sandboxes, batch)
    finally:
        sandboxes.end()


def mark_among(sandboxes: Sandboxes, batch: Batch) -> Marked:
    """The same, in sandboxes that others use, too. Raises Lost also if they were ended."""
    if batch.version != version():
        raise Lost("a worker has another version of the course or of NumPy than this machine")
    marks: list[Mark] = []
    waiting = [entry for entry in batch.entries if not entry.problem]
    failed = [_failed(batch, entry, entry.problem) for entry in batch.entries if entry.problem]
    guards, broken = "", None
    while waiting:
        try:
            with sandboxes.lent(batch) as sandbox:
                guards = _told(sandbox, batch)
                while waiting:
                    marks.append(_marked(sandbox, batch, waiting[0]))
                    del waiting[0]
        except Broken as reason:
            if broken is waiting[0]:  # also in a new sandbox
                failed.append(_failed(batch, broken, f"The sandbox broke down: {reason}."))
                del waiting[0]
            else:
                broken = waiting[0]
    return Marked(tuple(marks), tuple(failed), guards)


def _sandbox(batch: Batch) -> Sandbox | Bare:
    guards = possible(batch.sandboxed)
    if batch.sandboxed:
        return Sandbox(guards, batch.limits, _loaded(batch))
    return Bare(guards, batch.limits)


def _loaded(batch: Batch) -> tuple[str, ...]:
    """The modules that are loaded before the batch."""
    if not batch.sandboxed:
        return ()
    named = [word for word in SLOW_IMPORTS if any(word in e.notebook for e in batch.entries)]
    return tuple(SLOW_IMPORTS[word] for word in named)


def _told(sandbox: Sandbox | Bare, batch: Batch) -> str:
    """What stands around a batch, in words."""
    guards = sandbox.guards.told()
    return guards if batch.sandboxed else f"no sandbox; other walls: {guards}"


def _marked(sandbox: Sandbox | Bare, batch: Batch, entry: Entry) -> Mark:
    key = key_of(batch.chapter, batch.seed)
    told = entry.student, entry.source, entry.notebook, entry.late
    return mark(sandbox, key, *told, limits=batch.limits)


def _failed(batch: Batch, entry: Entry, why: str) -> Mark:
    key = key_of(batch.chapter, batch.seed)
    return not_run(key, entry.student, entry.source, entry.notebook, entry.late, why)


def batch_size(count: int, workers: int) -> int:
    """So many that every worker gets some two batches, and no batch is large."""
    return max(1, min(LARGEST, math.ceil(count / (2 * workers))))


def run_here(batches: Iterable[Batch], workers: int) -> Iterator[Marked]:
    """Mark batches in threads of this process; whatever stops it ends the sandboxes at once."""
    sandboxes, threads = Sandboxes(), ThreadPoolExecutor(workers)
    try:
        yield from run_batches(batches, threads, workers, partial(mark_among, sandboxes))
    finally:
        sandboxes.end()
        threads.shutdown(cancel_futures=True)


def run_batches(
    batches: Iterable[Batch],
    executor: Executor,
    workers: int,
    work: Callable[[Batch], Marked] = mark_batch,
) -> Iterator[Marked]:
    """Hand batches to an executor and give back what is marked, as it comes.

    No more batches are under way than keep the workers busy, so that memory does not grow with the
    class. After a failure, what else is finished comes first. Raises Lost where the executor ended,
    or a batch ended in a way that it should not; sandbox.Unavailable and OSError as a batch does.
    """
    batches, pending = iter(batches), set()
    try:
        while True:
            for batch in islice(batches, 2 * workers - len(pending)):
                pending.add(_submit(executor, work, batch))
            if not pending:
                return
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=_has_failed):
                yield _result(future)
    finally:
        for future in pending:
            future.cancel()


def _submit(executor: Executor, work: Callable[[Batch], Marked], batch: Batch) -> Future:
    try:
        return executor.submit(work, batch)
    except RuntimeError as reason:  # it was shut down, or its processes are gone
        raise Lost(_line(reason)) from reason


def _has_failed(future: Future) -> bool:
    return future.cancelled() or future.exception() is not None


def _result(future: Future) -> Marked:
    try:
        return future.result()
    except (Lost, Unavailable, OSError):
        raise
    except CancelledError:
        raise Lost("the executor gave up its work") from None
    except Exception as reason:  # a process was killed, or lacks the course, or cannot be sent to
        raise Lost(_line(reason)) from reason


def _line(reason: BaseException) -> str:
    """What an error says, in one line and not in many words."""
    said = " ".join(str(reason).split())[:300]
    return f"{type(reason).__name__}: {said}" if said else type(reason).__name__
