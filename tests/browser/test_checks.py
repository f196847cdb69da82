"""Checks, hints and quizzes in JupyterLab, by mouse and by keyboard."""

import shutil
from itertools import pairwise

import pytest

from course_lib.checks.quizzes import find
from course_lib.checks.texts import exercise_texts

playwright = pytest.importorskip("playwright.sync_api")

SETUP = """
import numpy as np
from course_lib.checks import check, hint, quiz
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def delta_z2(x, W1, b1, w2, b2, y):
    return y - sigmoid(w2 @ sigmoid(W1 @ x + b1) + b2)
"""


def output(page, words):
    """The output of a cell that holds these words."""
    return page.locator(".jp-OutputArea").filter(has_text=words).first


def see(page, words):
    output(page, words).wait_for(timeout=20_000)


def act_until(page, words, act):
    """Act until the words are there: a page that is still settling takes the focus away."""
    for _ in range(10):
        act()
        try:
            output(page, words).wait_for(timeout=4_000)
            return
        except playwright.TimeoutError:
            continue
    raise AssertionError(f"{words!r} is not on the page")


def test_a_wrong_answer_is_named_and_the_button_gives_hints(opened):
    page = opened(SETUP, 'check("05a", delta_z2)')
    texts = exercise_texts("05a")
    see(page, texts["wrong"]["sign"]["text"].partition("{found}")[2])
    assert output(page, texts["hints"][0]).count() == 0
    button = page.get_by_role("button", name="Next hint")
    button.click()
    see(page, texts["hints"][0])
    button.press("Enter")
    see(page, texts["hints"][1])
    button.press("Space")
    see(page, texts["hints"][2])
    button.press("Space")
    see(page, "2 to go")


def test_a_quiz_answers_to_tab_and_space(opened):
    page = opened(SETUP, 'quiz("05q1")')
    _, question = find("05q1")
    first, second, third = (option["reply"] for option in question["options"])
    see(page, question["question"])
    options = page.locator("input[type=radio]")
    assert options.count() == 3
    assert not any(option.is_checked() for option in options.all())
    act_until(page, first, lambda: options.first.press("Space"))

    def choose_the_third():
        options.first.focus()
        for key in ("Tab", "Tab", "Space"):
            page.keyboard.press(key)

    act_until(page, third, choose_the_third)
    assert [option.is_checked() for option in options.all()] == [False, False, True]
    assert output(page, first).count() == 0, "only the last reply stands"
    act_until(page, second, lambda: options.nth(1).click())


def test_long_options_do_not_cover_one_another(opened):
    page = opened(SETUP, 'quiz("00q1")')
    page.set_viewport_size({"width": 620, "height": 900})
    page.locator("input[type=radio]").first.wait_for()
    boxes = [label.bounding_box() for label in page.locator(".widget-radio-box label").all()]
    assert max(box["height"] for box in boxes) > 30, "one of them needs two lines"
    for above, below in pairwise(boxes):
        assert above["y"] + above["height"] <= below["y"]


def test_what_was_said_is_there_when_the_notebook_is_opened_again(opened, lab):
    page = opened(SETUP, 'check("05a", delta_z2)', 'quiz("05q1")')
    said = exercise_texts("05a")["wrong"]["sign"]["text"].partition("{found}")[2]
    see(page, said)
    address, folder = lab
    saved = max(folder.glob("lesson*.ipynb"), key=lambda path: path.stat().st_mtime)
    page.keyboard.press("Control+s")
    page.wait_for_selector("text=Saving completed", timeout=20_000)
    shutil.copy(saved, folder / f"again-{saved.name}")  # which has a kernel of its own
    page.goto(f"{address}/lab/tree/again-{saved.name}?reset")
    see(page, "Error displaying widget")  # which is all that JupyterLab has left of a button
    assert output(page, said).count() == 1
    assert output(page, find("05q1")[1]["question"]).count() == 1


def test_an_endless_loop_ends_and_the_next_cell_runs(opened):
    endless = "def delta_z2(x, W1, b1, w2, b2, y):\n    while True: x = x + 1\n"
    page = opened(SETUP, endless + 'check("05a", delta_z2)', 'print("and " + "on")')
    see(page, "and on")
    see(page, "still running")
