"""Four hints for each exercise: a question, the line that matters, a smaller case, the solution.

A copy of the course for students has no solutions: its fourth hint says so.

The first is always open, the second and third after one attempt, the fourth after three attempts or
ten minutes.
"""

from __future__ import annotations

from . import bank, record
from .feedback import Feedback, Line, boxed, show, widgets
from .texts import exercise_texts, say
from .values import short

ATTEMPTS_WANTED = {1: 0, 2: 1, 3: 1, 4: 3}
PATIENCE = 600.0  # seconds after which the fourth opens all the same


def hint(id: str, number: int | None = None) -> None:
    """Show the next hint to an exercise, or hint `number`, 1 to 4, if it is open."""
    try:
        exercise = bank.find(id)
    except KeyError as error:
        print(error.args[0])
        return
    if number is not None and not (type(number) is int and 1 <= number <= 4):
        print(say("hint.number", found=short(number)))
        return
    show(next_hint(exercise.id, number))


def next_hint(id: str, number: int | None = None) -> Feedback:
    """The next hint, or hint `number`, as something to show; the record remembers that it was."""
    texts = exercise_texts(id)
    shown: list[int] = []

    def edit(found: dict) -> None:
        entry = record.of_exercise(found, id)
        wanted = number or min(entry["hints"] + 1, 4)
        shown[:] = [wanted, _attempts_missing(entry, wanted)]
        if not shown[1]:
            entry["hints"] = max(entry["hints"], wanted)

    record.change(edit)
    wanted, missing = shown
    if wanted == 4 and "worked" not in texts:
        return Feedback(id, say("hint.not_here"), "hint")
    if missing:
        return Feedback(id, say(f"hint.closed_{wanted}", missing=missing), "hint")
    heading = f"{id}, {say('hint.heading', number=wanted)}"
    if wanted < 4:
        return Feedback(heading, texts["hints"][wanted - 1], "hint")
    return Feedback(heading, texts["worked"], "hint", trace=texts.get("code", "").strip())


def _attempts_missing(entry: dict, wanted: int) -> int:
    """How many attempts are to be made before this hint opens."""
    if wanted == 4 and record.now() - entry["first"] >= PATIENCE:
        return 0
    return max(0, ATTEMPTS_WANTED[wanted] - entry["attempts"])


def offer_hints(id: str) -> None:
    """Show a button that adds one hint after another; without widgets, the call that does."""
    show(Line(say("hint.offer", id=id)), _button(id))


def _button(id: str):
    ipywidgets = widgets()
    if ipywidgets is None:
        return None
    button = ipywidgets.Button(description=say("next_hint"))
    box = boxed(button)
    shown: list[str] = []

    def add(_):
        # First those that an earlier reply showed: it was replaced by this one.
        opened = record.of_exercise(record.read(), id)["hints"]
        for found in [*(next_hint(id, number + 1) for number in range(opened)), next_hint(id)]:
            text = found._repr_html_()
            if text not in shown:
                shown.append(text)
                # By itself, so that a screen reader reads this one and not all of them again.
                box.children += (ipywidgets.HTML(text),)

    button.on_click(add)
    return box
