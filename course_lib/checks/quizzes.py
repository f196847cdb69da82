"""Quick questions with a reply to every option."""

from __future__ import annotations

import html
import re
from string import ascii_lowercase

from ..chapters import CHAPTERS
from . import record
from .feedback import Feedback, boxed, marked_up, show, widgets
from .texts import chapter_texts, say
from .values import short


def quiz(id: str, choice: str | None = None) -> None:
    """Ask a question, such as "05q1", with buttons to choose an answer.

    Where buttons cannot run, answer with the option's letter: `quiz("05q1", "b")`.
    """
    try:
        id, question = find(id)
    except KeyError as error:
        return print(error.args[0])
    options = question["options"]
    letters = ascii_lowercase[: len(options)]
    if choice is None:
        show(_Question(id, question))
        return show(_Options(id, question), _buttons(id, question))
    letter = choice.strip().lower() if isinstance(choice, str) else ""
    if len(letter) != 1 or letter not in letters:
        text = say("quiz.letter", first=letters[0], last=letters[-1], found=short(choice))
        return show(Feedback(id, text, "type"))
    return show(reply(id, letters.index(letter)))


def find(id: str) -> tuple[str, dict]:
    """The id as it is spelled here, and its question. Raises KeyError with one clear line."""
    match = re.fullmatch(r"(\d{1,2})(q\d+)", id.strip().lower()) if isinstance(id, str) else None
    quizzes = {}
    if match and int(match[1]) < len(CHAPTERS):
        quizzes = chapter_texts(int(match[1])).get("quiz", {})
        proper = f"{int(match[1]):02}{match[2]}"
        if proper in quizzes:
            return proper, quizzes[proper]
    if quizzes:
        known = ", ".join(quizzes)
        raise KeyError(say("unknown.question_of_chapter", id=short(id), known=known))
    raise KeyError(say("unknown.question", id=short(id)))


def reply(id: str, number: int) -> Feedback:
    """What is said to option `number`, counted from 0; the record notes the try."""
    option = find(id)[1]["options"][number]
    right = option.get("right", False)

    def edit(found: dict) -> None:
        entry = found["quizzes"].setdefault(id, {"tries": 0, "solved": None})
        entry["tries"] += 1
        if right:
            entry["solved"] = entry["solved"] or record.now()

    record.change(edit)
    return Feedback(id, option["reply"], "right" if right else "misconception")


class _Question(Feedback):
    """The question, without its options."""

    def __init__(self, id: str, question: dict):
        super().__init__(id, question["question"], "note")

    def _repr_html_(self) -> str:
        return f"<div><b>{html.escape(self.heading)}</b> {marked_up(self.text)}</div>"


class _Options:
    """The lettered options: how they look where no buttons can run."""

    def __init__(self, id: str, question: dict):
        self.options = [option["text"] for option in question["options"]]
        self.how = say("quiz.how", id=id)

    def __str__(self) -> str:
        lines = [f"   {line}" for line in self._lettered()]
        return "\n".join([*lines, self.how]).replace("`", "")

    def _repr_html_(self) -> str:
        # No <ol type="a">: JupyterLab numbers every list 1, 2, 3.
        items = "<br>".join(marked_up(line) for line in self._lettered())
        return f"<div>{items}<br>{marked_up(self.how)}</div>"

    def _lettered(self) -> list[str]:
        return [f"{x}) {text}" for x, text in zip(ascii_lowercase, self.options, strict=False)]


def _buttons(id: str, question: dict):
    """The options as radio buttons above the reply; None without widgets."""
    ipywidgets = widgets()
    if ipywidgets is None:
        return None
    answer = ipywidgets.HTML()
    # A group of its own for each option: JupyterLab takes the arrow keys, which move inside a
    # group, for itself. So Tab goes from option to option, and the space bar chooses.
    choices = [
        ipywidgets.RadioButtons(
            options=[option["text"].replace("`", "")],
            index=None,
            layout=ipywidgets.Layout(width="auto", margin="0"),
        )
        for option in question["options"]
    ]

    def choose(change):
        if change["new"] is None:
            return
        for number, other in enumerate(choices):
            if other is change["owner"]:
                answer.value = reply(id, number)._repr_html_()
            else:
                other.index = None

    for choice in choices:
        choice.observe(choose, names="index")
    return boxed(*choices, answer)
