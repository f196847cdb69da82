"""Checks, hints and quizzes in JupyterLab, by mouse and by keyboard."""

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


def test_an_endless_loop_ends_and_the_next_cell_runs(opened):
    endless = "def delta_z2(x, W1, b1, w2, b2, y):\n    while True: x = x + 1\n"
    page = opened(SETUP, endless + 'check("05a", delta_z2)', 'print("and " + "on")')
    see(page, "and on")
    see(page, "still running")
