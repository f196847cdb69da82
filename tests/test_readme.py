"""The pictures and the road of the README are those of the library and the lessons."""

import re
from pathlib import Path

import numpy as np
import pytest

from course_lib import Node
from course_lib.chapters import CHAPTERS
from course_lib.drawing import draw_graph
from course_lib.functions import sigmoid
from course_lib.losses import binary_cross_entropy

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def named(names, *nodes):
    for name, node in zip(names.split(), nodes, strict=True):
        node.name = name
    nodes[-1].backward()
    return nodes[-1]


def the_function_of_lesson_08():
    x, y = Node(3.0, name="x"), Node(-4.0, name="y")
    a = sigmoid(y)
    b = x + a
    c = x**2
    d = y + c
    e = 1 / d
    return named("a b c d e f", a, b, c, d, e, b * e)


def the_network_of_lesson_05():
    values = {"x": [1.0, 2.0], "W1": [[0.5, -0.25], [1.0, 0.75]], "b1": [0.0, -1.0]}
    values |= {"w2": [1.0, -2.0], "b2": 0.5}
    x, W1, b1, w2, b2 = (Node(value, name=name) for name, value in values.items())
    z1 = W1 @ x + b1
    a1 = sigmoid(z1)
    z2 = w2 @ a1 + b2
    yhat = sigmoid(z2)
    return named("z1 a1 z2 yhat J", z1, a1, z2, yhat, binary_cross_entropy(yhat, 1.0))


def the_pair_of_lesson_16():
    def softsign(u):
        x = u.value
        return Node(x / (1 + abs(x)), "softsign", (u, lambda delta: delta / (1 + abs(x)) ** 2))

    w = Node([1.0, -0.5, 0.5], name="w")
    d = softsign(w @ np.array([1.0, 0.0, 2.0])) - softsign(w @ np.array([0.0, 1.0, 1.0]))
    return named("d r", d, d * d)


PICTURES = {
    "backprop": the_function_of_lesson_08,
    "chapter05": the_network_of_lesson_05,
    "chapter16": the_pair_of_lesson_16,
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_are_fresh(name):
    stored = (ROOT / ".github" / f"{name}.svg").read_text(encoding="utf-8")
    assert stored == draw_graph(PICTURES[name]()).svg


def test_the_picture_shows_the_numbers_of_the_2017_notes():
    stored = (ROOT / ".github" / "backprop.svg").read_text(encoding="utf-8")
    for number in ("0.6036", "−0.5243", "−0.1172", "−0.7243", "0.003533"):
        assert f">{number}<" in stored or f"= {number}<" in stored.replace("\u00a0", " ")


def test_the_road_has_every_chapter_with_its_minutes_a_question_and_a_picture():
    row = r'^\| \[(.+)\]\((.+)\) \| (\d+) \| (.+) \| <img src="(.+)" width="150" alt="(.+)"> \|$'
    found = re.findall(row, README, re.MULTILINE)
    assert [(title, path, int(minutes)) for title, path, minutes, *_ in found] == [
        (f"{c.number:02} {c.title}", f"notebooks/{c.name}.ipynb", c.minutes) for c in CHAPTERS
    ]
    assert all(question.endswith("?") for *_, question, _, _ in found)
    pictures = [path for *_, path, _ in found]
    assert all((ROOT / path).is_file() for path in pictures)
    assert len(set(pictures)) == len(CHAPTERS)
    hours = sum(chapter.minutes for chapter in CHAPTERS) / 60
    assert f"Seventeen chapters, {hours:.0f} hours" in README
