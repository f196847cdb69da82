"""A prediction before anything runs, and its echo at the end of the lesson."""

from __future__ import annotations

import numpy as np

from . import record
from .feedback import Feedback, show
from .running import is_unwritten
from .texts import say
from .values import Unreadable, parts_of, written

CLOSE = 0.05  # relative to the truth


def predict(id: str, guess: float | str, confidence: float | None = None) -> None:
    """Keep a guess, a number or a word, until `echo` shows it again.

    `confidence` is how sure you are, in percent. A guess can be changed until its echo was shown.
    """
    if is_unwritten(guess):
        return show(Feedback(id, say("predict.unwritten"), "unwritten"))
    shown = _as_text(guess)
    if shown is None:
        return show(Feedback(id, say("predict.type", found=type(guess).__name__), "type"))
    if confidence is not None and not (_is_number(confidence) and 0 <= confidence <= 100):
        return show(Feedback(id, say("predict.confidence", found=repr(confidence)), "type"))
    value = float(guess) if _is_number(guess) else guess
    fresh = {"guess": value, "confidence": confidence, "echoed": False}

    def edit(found: dict) -> None:
        if not found["predictions"].get(id, fresh)["echoed"]:
            found["predictions"][id] = fresh

    kept = record.change(edit)["predictions"][id]
    if kept["guess"] != value:
        kept_text = _as_text(kept["guess"])
        return show(Feedback(id, say("predict.kept", found=kept_text), "note"))
    return show(Feedback(id, say("predict.noted", found=shown), "note"))


def echo(id: str, truth: float | str) -> None:
    """Show what was predicted beside what is true; a number is compared, a word only shown."""

    def edit(found: dict) -> None:
        if id in found["predictions"]:
            found["predictions"][id]["echoed"] = True

    entry = record.change(edit)["predictions"].get(id)
    true = _as_text(truth)
    if true is None:
        raise TypeError(f"the truth must be a number or a word, found {type(truth).__name__}")
    if entry is None:
        return show(Feedback(id, say("echo.none", truth=true), "note"))
    text = say("echo.guess", guess=_as_text(entry["guess"]), truth=true)
    if entry["confidence"] is not None:
        sure = f"{entry['confidence']:g}"
        text = say("echo.sure", guess=_as_text(entry["guess"]), truth=true, sure=sure)
    return show(Feedback(id, f"{text} {_comment(entry['guess'], truth)}".strip(), "note"))


def _comment(guess, truth) -> str:
    """What a number says about another; nothing about words."""
    if not (_is_number(guess) and _is_number(truth)):
        return ""
    if abs(guess - truth) <= CLOSE * abs(truth):
        return say("echo.close")
    if guess * truth < 0:
        return say("echo.direction")
    return say("echo.off", off=f"{abs(guess - truth):.3g}")


def _is_number(value) -> bool:
    try:
        (part,) = parts_of(value)
    except (Unreadable, ValueError):
        return False
    return part.ndim == 0 and bool(np.isfinite(part))


def _as_text(value) -> str | None:
    """A number or a short word as it is shown; None for anything else."""
    if isinstance(value, str):
        return f"“{value}”" if 0 < len(value) <= 100 else None
    return written(parts_of(value)) if _is_number(value) else None
