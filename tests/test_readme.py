"""The picture in the README is what the library draws."""

from pathlib import Path

from course_lib import Node
from course_lib.drawing import draw_graph
from course_lib.functions import sigmoid

ROOT = Path(__file__).resolve().parent.parent


def the_function_of_lesson_08():
    x, y = Node(3.0, name="x"), Node(-4.0, name="y")
    a = sigmoid(y)
    b = x + a
    c = x**2
    d = y + c
    e = 1 / d
    f = b * e
    for name, node in zip("abcdef", (a, b, c, d, e, f), strict=True):
        node.name = name
    f.backward()
    return f


def test_the_picture_is_fresh():
    stored = (ROOT / ".github" / "backprop.svg").read_text(encoding="utf-8")
    assert stored == draw_graph(the_function_of_lesson_08()).svg


def test_the_picture_shows_the_numbers_of_the_2017_notes():
    stored = (ROOT / ".github" / "backprop.svg").read_text(encoding="utf-8")
    for number in ("0.6036", "−0.5243", "−0.1172", "−0.7243", "0.003533"):
        assert f">{number}<" in stored or f"= {number}<" in stored.replace("\u00a0", " ")
