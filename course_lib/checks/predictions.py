"""A prediction before anything runs, and its echo at the end of the lesson."""

from __future__ import annotations

import numpy as np

from . import record
from .feedback import Feedback, show
from .running import is_unwritten
from .texts import say
from .values import Unreadable, parts_of, short, written

CLOSE = 0.05  # relative to the truth


def predict(id: str, guess: float | str, confidence: float | None = None) -> None:
    """Keep a guess, a number or a word, until `echo` shows it again.

    `confidence` is how sure you are, in percent. A guess can be changed until its echo was shown.
    """
    id = str(id)
    if is_unwritten(guess):
        return show(Feedback(id, say("predict.unwritten"), "unwritten"))
    value = _number_or_word(guess)
    if value is None:
        return show(Feedback(id, say("predict.type", found=type(guess).__name__), "type"))
    sure = None if confidence is None else _number(confidence)
    if confidence is not None and (sure is None or not 0 <= sure <= 100):
        return show(Feedback(id, say("predict.confidence", found=short(confidence)), "type"))
    fresh = {"guess": value, "confidence": sure, "echoed": False}

    def edit(found: dict) -> None:
        if not found["predictions"].get(id, fresh)["echoed"]:
            found["predictions"][id] = fresh

    kept = record.change(edit)["predictions"][id]
    if kept["guess"] != value:
        return show(Feedback(id, say("predict.kept", found=_as_text(kept["guess"])), "note"))
    return show(Feedback(id, say("predict.noted", found=_as_text(value)), "note"))


def echo(id: str, truth: float | str) -> None:
    """Show what was predicted beside what is true; a number is compared, a word only shown."""
    id, true = str(id), _number_or_word(truth)
    if true is None:
        return show(Feedback(id, say("echo.type", found=type(truth).__name__), "type"))

    def edit(found: dict) -> None:
        if id in found["predictions"]:
            found["predictions"][id]["echoed"] = True

    entry = record.change(edit)["predictions"].get(id)
    if entry is None:
        return show(Feedback(id, say("echo.none", truth=_as_text(true)), "note"))
    shown = {"guess": _as_text(entry["guess"]), "truth": _as_text(true)}
    if entry["confidence"] is None:
        text = say("echo.guess", **shown)
    else:
        text = say("echo.sure", **shown, sure=f"{entry['confidence']:g}")
    return show(Feedback(id, f"{text} {_comment(entry['guess'], true)}".strip(), "note"))


def _comment(guess: float | str, truth: float | str) -> str:
    """What a number says about another; nothing about words."""
    if isinstance(guess, str) or isinstance(truth, str):
        return ""
    if abs(guess - truth) <= CLOSE * abs(truth):
        return say("echo.close")
    if guess * truth < 0:
        return say("echo.direction")
    return say("echo.off", off=f"{abs(guess - truth):.3g}")


def _number(value) -> float | None:
    """The finite number that a value is, an integer if it is one; None for anything else."""
    try:
        (part,) = parts_of(value, 1)
    except Unreadable:
        return None
    if part.ndim or not np.isfinite(part):
        return None
    return int(part) if part.dtype.kind in "iu" else float(part)


def _number_or_word(value) -> float | str | None:
    """What can be predicted: a number, or a word that is not too long; None for anything else."""
    if isinstance(value, str):
        return value if 0 < len(value) <= 100 else None
    return _number(value)


def _as_text(value: float | str) -> str:
    return f"“{value}”" if isinstance(value, str) else written(parts_of(value))
