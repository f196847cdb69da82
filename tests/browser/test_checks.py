"""Checks, hints and quizzes in JupyterLab, by mouse and by keyboard."""

SETUP = """
import numpy as np
from course_lib.checks import check, hint, quiz
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def delta_z2(x, W1, b1, w2, b2, y):
    return y - sigmoid(w2 @ sigmoid(W1 @ x + b1) + b2)
"""


def words_of(page):
    return " ".join(page.locator(".jp-OutputArea").all_inner_texts())


def wait_for_words(page, words):
    page.wait_for_selector(f".jp-OutputArea:has-text('{words}')", timeout=20_000)


def test_a_wrong_answer_is_named_and_the_button_gives_hints(opened):
    page = opened(SETUP, 'check("05a", delta_z2)')
    wait_for_words(page, "y − ŷ")
    assert "Two local derivatives" not in words_of(page)
    button = page.get_by_role("button", name="Next hint")
    button.click()
    wait_for_words(page, "hint 1 of 4")
    button.focus()
    page.keyboard.press("Enter")
    wait_for_words(page, "hint 2 of 4")
    page.keyboard.press("Space")
    wait_for_words(page, "hint 3 of 4")
    page.keyboard.press("Space")
    wait_for_words(page, "2 to go")


def test_a_quiz_answers_to_tab_and_space(opened):
    page = opened(SETUP, 'quiz("05q1")')
    wait_for_words(page, "ŷ near 0.5")
    options = page.locator("input[type=radio]")
    assert options.count() == 3
    assert not any(option.is_checked() for option in options.all())
    options.first.focus()
    page.keyboard.press("Space")
    wait_for_words(page, "nothing is left to learn")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    wait_for_words(page, "confidently wrong")
    assert [option.is_checked() for option in options.all()] == [False, False, True]
    assert "nothing is left to learn" not in words_of(page)
    options.nth(1).click()
    wait_for_words(page, "steepest")


def test_an_endless_loop_ends_and_the_next_cell_runs(opened):
    endless = "def delta_z2(x, W1, b1, w2, b2, y):\n    while True: x = x + 1\n"
    page = opened(SETUP, endless + 'check("05a", delta_z2)', 'print("and " + "on")')
    wait_for_words(page, "and on")
    assert "still running" in words_of(page)
