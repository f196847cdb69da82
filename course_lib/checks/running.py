"""A learner's code, run under guard: what it returned, or how it ended."""

from __future__ import annotations

import contextlib
import copy
import ctypes
import dis
import inspect
import io
import linecache
import os
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from .values import _plain

LIBRARY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class TimeLimit(BaseException):
    """Raised inside a learner's code that runs too long; no `except Exception` catches it."""


@dataclass
class Run:
    """One call of a learner's code.

    `error` is the exception that ended it and `trace` the three lines that a learner is shown of
    it; `changed` names the inputs that the call changed in place.
    """

    result: object = None
    error: BaseException | None = None
    trace: str = ""
    changed: list[str] = field(default_factory=list)


def under_nbgrader() -> bool:
    """Whether nbgrader executes this notebook: it says so in the environment."""
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def is_unwritten(answer) -> bool:
    """Whether there is nothing in it yet: `...`, None, or a function whose body does nothing."""
    if answer is None or answer is Ellipsis:
        return True
    if inspect.isclass(answer):
        methods = [f for _, f in inspect.getmembers(answer, inspect.isfunction)]
        return answer.__module__ != "builtins" and all(map(_does_nothing, methods))
    return inspect.isfunction(answer) and _does_nothing(answer)


def _does_nothing(function: Callable) -> bool:
    """A body of `...`, `pass`, a docstring, or only comments: it returns None at once."""
    ignored = {"RESUME", "NOP", "CACHE"}
    steps = [i for i in dis.get_instructions(function) if i.opname not in ignored]
    return [i.opname for i in steps] in (
        ["LOAD_CONST", "RETURN_VALUE"],
        ["RETURN_CONST"],
    ) and (steps[0].argval is None)


def arguments_wanted(answer: Callable, names: tuple[str, ...]) -> str | None:
    """None if `answer` can be called with so many arguments, else the arguments that it takes."""
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # some functions written in C have none
        return None
    try:
        signature.bind(*names)
    except TypeError:
        return str(signature)
    return None


def run(call: Callable, inputs: tuple, names: tuple[str, ...], seconds: float, quiet: bool) -> Run:
    """`call(inputs)` on a copy of the inputs; raises nothing but KeyboardInterrupt.

    `quiet` hides what it prints and warns of.
    """
    given = copy.deepcopy(inputs)
    outcome = Run()
    try:
        with _silence() if quiet else contextlib.nullcontext(), time_limit(seconds):
            outcome.result = call(given)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also exit() and the time limit
        outcome.error = error
        outcome.trace = _three_lines(error)
    outcome.changed = [
        name
        for name, before, after in zip(names, inputs, given, strict=True)
        if not _unchanged(before, after)
    ]
    return outcome


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    nowhere = io.StringIO()
    with (
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises TimeLimit in this thread when the block has run for so long.

    It works in every thread and under every operating system, between two steps of Python code; a
    single call into NumPy is not cut short.
    """
    thread = ctypes.c_ulong(threading.get_ident())
    over, lock = threading.Event(), threading.Lock()

    def interrupt():
        wait = seconds
        while not over.wait(wait):
            with lock:
                if not over.is_set():
                    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
                    raise_in(thread, ctypes.py_object(TimeLimit))
            wait = 0.2  # again and again, should a bare `except:` have swallowed it

    threading.Thread(target=interrupt, daemon=True).start()
    try:
        yield
    finally:
        with lock:
            over.set()
        for _ in range(100):  # one that was raised a moment ago arrives here, not later elsewhere
            pass


def _three_lines(error: BaseException) -> str:
    """Where in the learner's code it happened, the line itself, and the error."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [f for f in frames if _is_theirs(f.filename)]
    message = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    if not theirs:
        return message
    frame = theirs[-1]
    line = frame.line or linecache.getline(frame.filename, frame.lineno or 0).strip()
    return f"in {frame.name}, line {frame.lineno}:\n    {line}\n{message[:300]}"


def _is_theirs(filename: str) -> bool:
    inside = os.path.abspath(filename).startswith(LIBRARY)
    return not inside and "site-packages" not in filename and not filename.startswith("<frozen")


def _unchanged(before, after) -> bool:
    """Whether a value, or one nested in it, is still what it was."""
    before, after = _plain(before), _plain(after)
    if isinstance(before, np.ndarray):
        return (
            isinstance(after, np.ndarray)
            and before.shape == after.shape
            and np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
        )
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(_unchanged, before, after))
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(
            _unchanged(before[k], after[k]) for k in before
        )
    return not isinstance(before, (int, float, str)) or before == after
