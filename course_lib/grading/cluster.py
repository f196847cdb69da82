"""Batches on the machines of a Dask cluster, https://distributed.dask.org.

All of them need the same course and a sandbox of their own. They are trusted: a batch brings the
secret seed.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, InvalidStateError
from functools import partial

from .batches import Lost
from .versions import version

CONNECTING = 5.0  # seconds
LOOKING = 1.0  # seconds between two looks at the cluster
PATIENCE = 30.0  # seconds without any worker; one that died is back sooner, if it comes back
VERSION = "__import__('course_lib.grading.versions', fromlist=['version']).version()"


@contextlib.contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """The executor of a cluster, and how many batches it runs at once.

    Raises ValueError, with one line, if there is no such cluster, or if it has no workers or one
    with another course. In the block, Lost says what was lost of the cluster.
    """
    with _quiet(), _client(address) as client:
        workers = sum(client.nthreads().values())
        if not workers:
            raise ValueError(f"the Dask scheduler at {address} has no workers")
        _refuse_other_courses(client)
        # Two batches may be equal, and each is to be marked: pure=True would run one of them only.
        with Watched(client.get_executor(pure=False), lambda: _loss(client)) as executor:
            try:
                yield executor, workers
            except Lost as reason:
                raise Lost(f"{_loss(client) or reason}; Dask at {address}") from reason


def _client(address: str):
    """A connection to a scheduler. Raises ValueError, with one line, if there is none."""
    try:
        from distributed import Client
    except ImportError:
        raise ValueError('--dask needs Dask: pip install "distributed"') from None
    if not address:  # of which Dask would make a cluster on this machine
        raise ValueError("--dask: expected the address of a scheduler, such as tcp://10.0.0.1:8786")
    try:
        return _within(2 * CONNECTING, partial(Client, address, timeout=CONNECTING))
    except Exception as error:  # of many kinds, for what is no address or no scheduler
        said = " ".join(str(error).split())[:200] or "what is there does not answer"
        raise ValueError(f"no Dask scheduler at {address}: {said}") from None


def _refuse_other_courses(client) -> None:
    """Raises ValueError, with one line. Workers that lack the course would die of a batch."""
    ours = version()
    # A function of the course could not be sent to them; a built-in one can.
    for worker, found in client.run(eval, VERSION, on_error="return").items():
        if found != ours:
            raise ValueError(
                f"the Dask worker at {worker} lacks this course, or has another version of it, of "
                "Python or of NumPy: install the same as here"
            )


def _loss(client) -> str:
    """Why nothing can come of a cluster at this moment; empty if something can."""
    if client.status != "running":
        return "the scheduler is gone"
    try:
        return "" if _within(CONNECTING, client.nthreads) else "no worker is left"
    except Exception:  # of many kinds
        return "the scheduler does not answer"


def _within(seconds: float, call: Callable):
    """What a call gives, which Dask may let wait forever. Raises TimeoutError, or what it does."""
    outcome: Future = Future()

    def wait() -> None:
        try:
            outcome.set_result(call())
        except Exception as error:
            outcome.set_exception(error)

    threading.Thread(target=wait, daemon=True).start()
    return outcome.result(seconds)


class Watched(Executor):
    """An executor whose futures all end, even if those who should work on them are gone.

    `loss` says what is wrong; if that lasts for PATIENCE, all futures end with Lost.
    """

    def __init__(self, executor: Executor, loss: Callable[[], str]):
        self._executor, self._loss = executor, loss
        self._pending: set[Future] = set()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, function: Callable, /, *arguments, **options) -> Future:
        future = self._executor.submit(function, *arguments, **options)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._ended.set()  # the executor is its owner's; a cluster goes on for others

    def _watch(self) -> None:
        well = time.monotonic()
        while not self._ended.wait(LOOKING):
            loss = self._loss()
            if not loss:
                well = time.monotonic()
            elif time.monotonic() - well > PATIENCE:
                for future in list(self._pending):
                    with contextlib.suppress(InvalidStateError):
                        future.set_exception(Lost(loss))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What Dask logs and warns of would bury the one line that matters."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="distributed")
            yield
    finally:
        logging.disable(before)
