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

from .batches import Lost

CONNECTING = 5.0  # seconds
LOOKING = 1.0  # seconds between two looks at the cluster
PATIENCE = 30.0  # seconds without any worker; one that died is back sooner, if it comes back


@contextlib.contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """The executor of a cluster, and how many batches it runs at once.

    Raises ValueError, with one line, if there is no such cluster or if it has no workers.
    """
    with _quiet(), _client(address) as client:
        workers = sum(_nthreads(client).values())
        if not workers:
            raise ValueError(f"the Dask scheduler at {address} has no workers")
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
    connection: Future = Future()

    def connect() -> None:
        try:
            connection.set_result(Client(address, timeout=CONNECTING))
        except Exception as error:  # of many kinds, for what is no address or no scheduler
            connection.set_exception(error)

    # In a thread, since Dask waits forever for what accepts a connection and says nothing.
    threading.Thread(target=connect, daemon=True).start()
    try:
        return connection.result(2 * CONNECTING)
    except Exception as error:
        said = " ".join(str(error).split())[:200] or "what is there does not answer"
        raise ValueError(f"no Dask scheduler at {address}: {said}") from None


def _nthreads(client) -> dict[str, int]:
    """How many batches each worker runs at once; unlike `client.nthreads()` it does not hang."""
    return client.sync(client.scheduler.ncores, callback_timeout=CONNECTING)


def _loss(client) -> str:
    """Why nothing can come of a cluster at this moment; empty if something can."""
    if client.status != "running":
        return "the scheduler is gone"
    try:
        return "" if _nthreads(client) else "no worker is left"
    except Exception:  # of many kinds: it does not answer
        return "the scheduler does not answer"


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
