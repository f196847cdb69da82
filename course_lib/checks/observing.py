"""What comes of a learner's answer: it is looked at and run, and nothing is judged.

Neither the right answer nor any text is needed here, and what comes out is plain data. So a grader
can do this where the learner's code cannot reach the answers, and judge elsewhere (answers.py).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

from .exercise import FUNCTION, GATE, NUMBER, BugHunt, Exercise
from .running import Run, TimeLimit, arguments_wanted, holds_dots, is_unwritten, run
from .values import Parts, Unreadable, parts_of, short

LETTER = "letter"  # what a bug hunt asks for


@dataclass(frozen=True)
class Question:
    """What an exercise asks for; nothing in it tells the answer.

    `wanted` is the name of a Kind, or "letter"; `arguments` are the names of the inputs, `parts` is
    how many parts a result has, `seconds` the time limit on each instance.
    """

    id: str
    name: str
    wanted: str
    arguments: tuple[str, ...] = ()
    parts: int = 1
    seconds: float = 5.0


@dataclass(frozen=True)
class Outcome:
    """What came of one instance.

    `kind` is "parts", and `parts` holds the result, or how it ended: "unwritten", "slow", "error"
    (`code`: the name of the exception) or "unreadable" (`code`: as of Unreadable, `values`: what
    its message is filled with). `trace` holds the lines of the learner's own traceback.
    """

    kind: str
    parts: Parts = ()
    code: str = ""
    values: dict = field(default_factory=dict)
    trace: str = ""


@dataclass(frozen=True)
class Observation:
    """What came of an answer.

    `kind` is "unwritten"; "letter", with the letter as `code`; "misfit", where it is not of the
    asked type (`code`, `values`: a message of [type] and what it is filled with); or "ran", with an
    outcome for each instance up to the first that gave no result. `changed` names the inputs that
    were changed in place.
    """

    kind: str
    code: str = ""
    values: dict = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    changed: tuple[str, ...] = ()


def question_of(exercise: Exercise | BugHunt) -> Question:
    """What running an answer to an exercise takes."""
    if isinstance(exercise, BugHunt):
        return Question(exercise.id, exercise.name, LETTER)
    return Question(
        exercise.id,
        exercise.name,
        exercise.kind.name,
        exercise.arguments,
        len(exercise.case().expected),
        exercise.kind.seconds,
    )


def observe(question: Question, answer, instances: list[tuple], quiet: bool = False) -> Observation:
    """Run an answer on the inputs of each instance, up to the first that gives no result.

    What it prints and warns of on the first instance is shown unless `quiet`. Raises nothing but
    KeyboardInterrupt and what an answer raises that does not even let itself be looked at.
    """
    if is_unwritten(answer):
        return Observation("unwritten")
    if question.wanted == LETTER:
        return _letter(answer)
    if question.wanted == NUMBER.name:
        return _number(question, answer)
    return _misfit(question, answer) or _run(question, answer, instances, quiet)


# --- what is not run -----------------------------------------------------------------------------


def _letter(answer) -> Observation:
    letter = answer.strip().upper() if isinstance(answer, str) else ""
    return Observation(LETTER, letter[:2], {"found": short(answer)})


def _number(question: Question, answer) -> Observation:
    if callable(answer):
        return Observation("misfit", "callable")
    return Observation("ran", outcomes=(_read(question, answer),))


def _misfit(question: Question, answer) -> Observation | None:
    """A number for a function, an instance for a class, another function's arguments."""
    wanted = question.wanted
    if not callable(answer) or (wanted == "function" and inspect.isclass(answer)):
        return Observation("misfit", "value", {"found": short(answer)})
    if wanted == GATE.name and not inspect.isclass(answer):
        return Observation("misfit", "instance", {"found": short(answer)})
    if wanted == GATE.name:
        missing = [m for m in ("forward", "backward") if not hasattr(answer, m)]
        if missing:
            return Observation("misfit", "methods", {"missing": missing})
        return _unfit_method(question, answer)
    takes = arguments_wanted(answer, question.arguments)
    if takes is None:
        return None
    called = str(getattr(answer, "__name__", ""))
    return Observation("misfit", "arguments", {"takes": takes, "called": called})


def _unfit_method(question: Question, answer: type) -> Observation | None:
    """A method of a gate that takes other arguments than it is given; most often `self` lacks."""
    *inputs, signal = question.arguments
    for method, wanted in (("forward", ("self", *inputs)), ("backward", ("self", signal))):
        function = inspect.getattr_static(answer, method)
        takes = arguments_wanted(function, wanted) if inspect.isfunction(function) else None
        if takes is not None:
            values = {"method": method, "arguments": ", ".join(wanted), "takes": takes}
            return Observation("misfit", "method", values)
    return None


# --- the answer runs -----------------------------------------------------------------------------


def _run(question: Question, answer: Callable, instances: list[tuple], quiet: bool) -> Observation:
    kind = GATE if question.wanted == GATE.name else FUNCTION
    outcomes, changed = [], []
    for number, inputs in enumerate(instances):
        found = run(
            lambda inputs: kind.run(answer, inputs),
            inputs,
            question.arguments,
            question.seconds,
            quiet=number > 0 or quiet,
        )
        outcomes.append(_ended(found) or _read(question, found.result))
        if outcomes[-1].kind != "parts":
            break
        changed += [name for name in found.changed if name not in changed]
    return Observation("ran", outcomes=tuple(outcomes), changed=tuple(changed))


def _ended(found: Run) -> Outcome | None:
    """How a call ended that gave no result."""
    # A task that was never begun holds dots or, as nbgrader hands it out by itself, that error.
    if isinstance(found.error, NotImplementedError) or holds_dots(found.result):
        return Outcome("unwritten")
    if isinstance(found.error, TimeLimit):
        where = "\n".join(found.trace.splitlines()[:-1])  # without the name of the limit
        return Outcome("slow", trace=where)
    if found.error is None:
        return None
    return Outcome("error", code=type(found.error).__name__, trace=found.trace)


def _read(question: Question, result) -> Outcome:
    try:
        return Outcome("parts", parts_of(result, question.parts))
    except Unreadable as reason:
        name = question.name
        if question.wanted == GATE.name:
            name += ".backward" if _is_readable(result[0]) else ".forward"
        return Outcome("unreadable", code=reason.code, values={"name": name, **reason.values})


def _is_readable(part) -> bool:
    try:
        parts_of(part, 1)
    except Unreadable:
        return False
    return True
