"""A learner's code, run under guard: what it returned, or how it ended."""

from __future__ import annotations

import contextlib
import copy
import ctypes
import dis
import inspect
import io
import os
import re
import sysconfig
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from .texts import say
from .values import without_nodes

# Where code lies that is not the learner's: this library, Python's own, and installed packages.
FOREIGN = (
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ""),
    os.path.join(sysconfig.get_path("stdlib"), ""),
    "<frozen ",
)
PACKAGES = re.compile(r"[/\\](?:site|dist)-packages[/\\]")

_one_at_a_time = threading.RLock()  # sys.stdout and the filters of warnings belong to all threads


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


def holds_dots(value) -> bool:
    """Whether dots wait to be filled in: `...`, or one of several values that is `...`."""
    parts = value if isinstance(value, (tuple, list)) else (value,)
    return any(part is Ellipsis for part in parts)


def is_unwritten(answer) -> bool:
    """Whether there is nothing in it yet: dots, None, or a function whose body does nothing."""
    if answer is None or holds_dots(answer):
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
    except TypeError:  # defaults are left out: one that is an array fills many lines
        bare = [
            p.replace(default=p.empty, annotation=p.empty) for p in signature.parameters.values()
        ]
        return str(signature.replace(parameters=bare, return_annotation=signature.empty))
    return None


def run(call: Callable, inputs: tuple, names: tuple[str, ...], seconds: float, quiet: bool) -> Run:
    """`call(inputs)` on a copy of the inputs; raises nothing but KeyboardInterrupt.

    `quiet` hides what it prints and warns of. What it sets of NumPy's errors and Python's warnings
    ends with it.
    """
    given = copy.deepcopy(inputs)
    outcome = Run()
    try:
        with _own_settings(quiet):
            outcome.result = limited(call, given, seconds)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also exit() and the time limit
        outcome.trace = _three_lines(error)
        outcome.error = error.with_traceback(None)  # it would keep alive all that the code held
    outcome.changed = [
        name
        for name, before, after in zip(names, inputs, given, strict=True)
        if not _unchanged(before, after)
    ]
    return outcome


class _Nowhere(io.StringIO):
    """Where print() leads to nothing, however long it goes on."""

    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def _own_settings(quiet: bool) -> Iterator[None]:
    """What is set in here ends here; `quiet` hides what is printed and warned of."""
    with (
        _one_at_a_time,
        warnings.catch_warnings(),
        np.errstate(),
        contextlib.ExitStack() as stack,
    ):
        if quiet:
            stack.enter_context(contextlib.redirect_stdout(_Nowhere()))
            stack.enter_context(contextlib.redirect_stderr(_Nowhere()))
            warnings.simplefilter("ignore")
        yield


def limited(call: Callable, inputs: tuple, seconds: float):
    """`call(inputs)`, in which TimeLimit is raised when it has run for so long.

    It works in every thread and under every operating system, between two steps of Python code; a
    single call into NumPy is not cut short. Nothing is raised after the call has ended.
    """
    thread = ctypes.c_ulong(threading.get_ident())
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    over, turn, going = threading.Event(), threading.Lock(), True

    def interrupt():
        wait = seconds
        while not over.wait(wait):
            with turn:
                if not going:
                    return
                raise_in(thread, ctypes.py_object(TimeLimit))
            wait = 0.2  # again and again, should a bare `except:` have swallowed it

    # No context manager: a limit that falls on the last step would arrive at the head of its
    # __exit__, and what is done there would be left undone. For the same reason `going` is cleared
    # before anything is called.
    try:
        threading.Thread(target=interrupt, daemon=True).start()
        return call(inputs)
    finally:
        going = False
        try:
            with turn:  # whoever was about to raise it has done so
                pass
            # Taking it back would leave Python a sign that never goes away, over which a profiler
            # hangs for ever; so what has not yet arrived may arrive here.
            for _ in range(100):
                pass
        except TimeLimit:
            pass
        over.set()


def _three_lines(error: BaseException) -> str:
    """Where in the learner's code it happened, the line itself, and the error."""
    lines = traceback.format_exception_only(error)  # of a syntax error the first ones are indented
    message = next(line for line in lines if not line.startswith(" ")).splitlines()[0]
    theirs = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_theirs(frame)]
    if not theirs:
        return message[:300]
    frame = theirs[-1]
    line = (frame.line or "")[:300]
    where = say("where", name=frame.name, line=frame.lineno)
    return f"{where}\n    {line}\n{message[:300]}"


def _is_theirs(frame: traceback.FrameSummary) -> bool:
    return not (frame.filename.startswith(FOREIGN) or PACKAGES.search(frame.filename))


def _unchanged(before, after) -> bool:
    """Whether a value, or one nested in it, is still what it was."""
    before, after = without_nodes(before), without_nodes(after)
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        floats = before.dtype.kind == "f"
        return before.shape == after.shape and np.array_equal(before, after, equal_nan=floats)
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(_unchanged, before, after))
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(
            _unchanged(before[k], after[k]) for k in before
        )
    return not isinstance(before, (int, float, str)) or before == after
