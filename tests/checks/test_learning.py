"""Hints that open in time, predictions and their echo, quizzes, the map, reviews."""

import re
from fractions import Fraction

import numpy as np
import pytest

from course_lib import Node
from course_lib.checks import (
    bank,
    check,
    echo,
    hint,
    hints,
    mistakes,
    predict,
    progress,
    quiz,
    record,
    review,
)
from course_lib.checks.exercise import MODEL, Exercise
from course_lib.checks.reviewing import SAMPLES, _as_code, _instance, _reply


def wrong(*_):
    return 0.123


def sign(*v):
    return -bank.find("05a").reference(*v)


def test_hints_open_one_after_another(clock, capsys):
    def ask(number=None):
        hint("5a", number)
        return capsys.readouterr().out

    assert "05a, hint 1 of 4" in ask()
    assert "opens after your first attempt" in ask()
    check("05a", wrong)
    capsys.readouterr()
    assert "hint 2 of 4" in ask()
    assert "hint 3 of 4" in ask()
    assert "three attempts; 2 to go" in ask()
    check("05a", wrong)
    check("05a", wrong)
    capsys.readouterr()
    solution = ask()
    assert "hint 4 of 4" in solution
    assert "return yhat - y" in solution
    assert "hint 4 of 4" in ask(), "the last stays open"
    assert "hint 1 of 4" in ask(1)


def test_a_new_reply_s_button_also_shows_the_hints_so_far(monkeypatch, clock):
    ipywidgets = pytest.importorskip("ipywidgets")
    monkeypatch.setattr(hints, "widgets", lambda: ipywidgets)

    def pressed(box):
        _, button, *_ = box.children
        button.click()
        return [found.value.split("</b>")[0].split(" ")[-3:] for found in box.children[2:]]

    check("05a", wrong)
    box = hints._button("05a")
    assert pressed(box) == [["1", "of", "4"]]
    assert pressed(box) == [["1", "of", "4"], ["2", "of", "4"]]
    check("05a", wrong)
    box = hints._button("05a")
    assert [number for number, *_ in pressed(box)] == ["1", "2", "3"]
    assert len(pressed(box)) == 4, "what is still missing before the solution"
    assert len(pressed(box)) == 4, "is said once"


def test_ten_minutes_open_the_solution_too(clock, capsys):
    hint("05b")
    hint("05b", 4)
    assert "opens after ten minutes" in capsys.readouterr().out
    clock.pass_days(601 / 86_400)
    hint("05b", 4)
    assert "hint 4 of 4" in capsys.readouterr().out


def test_hints_for_nothing_say_so(capsys):
    hint("05z")
    for number in (5, "two", 2.0, [1], -1):
        hint("05a", number)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("no exercise '05z'")
    found = ("5", "'two'", "2.0", "[1]", "-1")
    assert lines[1:] == [f"there are four hints, 1 to 4; found {n}" for n in found]
    assert record.read()["exercises"] == {}


def test_a_prediction_is_echoed(capsys):
    def said(*call):
        call[0](*call[1:])
        return capsys.readouterr().out

    assert "It is 0.549663, and you made no prediction" in said(echo, "05.hook", 0.549663)
    assert "No prediction yet" in said(predict, "05.hook", ...)
    assert "No prediction yet" in said(predict, "05.hook", None)
    assert "Noted: 0.4." in said(predict, "05.hook", 0.4)
    assert "Noted: 0.7." in said(predict, "05.hook", 0.7, 80)
    out = said(echo, "05.hook", 0.549663)
    assert "You predicted 0.7 and were 80 % sure; it is 0.549663. You were off by 0.15" in out
    assert "stays 0.7" in said(predict, "05.hook", 0.55)
    assert "You predicted 0.7" in said(echo, "05.hook", 0.549663)
    assert "Noted: 0.7." in said(predict, "05.hook", 0.7)


@pytest.mark.parametrize(
    ("guess", "truth", "comment"),
    [
        (0.55, 0.549663, "Close."),
        (-0.5, 0.549663, "the other sign"),
        (np.float32(0.25), 0.5, "off by 0.25"),
        (2, 0, "off by 2"),
        (Node(0.25), Node(0.5), "You predicted 0.25; it is 0.5."),
        (Fraction(1, 4), Fraction(1, 2), "You predicted 0.25; it is 0.5."),
        (1_234_567, 24_790, "You predicted 1,234,567; it is 24,790."),
        (0.5, [1, 2], "must be a number or a word; found list"),
        (0, 0, "Close."),
        ("b", "c", "You predicted “b”; it is “c”."),
        ("b", 3, "You predicted “b”; it is 3."),
    ],
)
def test_the_echo_comments_on_numbers(guess, truth, comment, capsys):
    predict("05.hook", guess)
    capsys.readouterr()
    echo("05.hook", truth)
    assert comment in capsys.readouterr().out


@pytest.mark.parametrize("guess", [[1, 2], np.nan, "", "x" * 101, {}, lambda: 1, 1j])
def test_what_is_no_guess_gets_one_line(guess, capsys):
    predict("05.hook", guess)
    out = capsys.readouterr().out
    assert "A prediction is a number or a word" in out
    assert len(out.splitlines()) == 1
    assert record.read()["predictions"] == {}


def test_an_id_may_be_any_word(capsys):
    for id in (5, None, ("a", 1)):
        predict(id, 0.5)
        echo(id, 0.5)
    assert capsys.readouterr().out.count("You predicted 0.5") == 3


@pytest.mark.parametrize("confidence", [80, np.int64(80), np.array(80.0), Node(80.0)])
def test_confidence_is_a_number_of_any_kind(confidence, capsys):
    predict("05.hook", 1.0, confidence)
    echo("05.hook", 1.0)
    assert "80 % sure" in capsys.readouterr().out


@pytest.mark.parametrize("confidence", [101, -1, "high", np.nan])
def test_confidence_is_a_percentage(confidence, capsys):
    predict("05.hook", 1.0, confidence)
    assert "from 0 to 100" in capsys.readouterr().out


def test_a_quiz_as_text(capsys):
    quiz("5Q1")
    asked = capsys.readouterr().out
    assert "   a) ŷ near 1\n" in asked
    assert 'quiz("05q1", "a")' in asked
    quiz("05q1", "A")
    quiz("05q1", " c ")
    replies = capsys.readouterr().out.splitlines()
    assert replies[0].startswith("✗ 05q1: There the prediction is right")
    assert replies[1].startswith("✓ 05q1: Yes")
    entry = record.read()["quizzes"]["05q1"]
    assert entry["tries"] == 2
    assert entry["solved"]
    quiz("05q1", "abc")
    quiz("05q1", "")
    quiz("05q1", 7)
    quiz("99q1")
    quiz("hello")
    lines = capsys.readouterr().out.splitlines()
    assert all("Choose an option by its letter, a to c" in line for line in lines[:3])
    assert lines[3:] == [
        "no question '99q1'; an id is a chapter, a q and a number, such as \"05q1\"",
        "no question 'hello'; an id is a chapter, a q and a number, such as \"05q1\"",
    ]


def map_row(capsys):
    progress()
    rows = capsys.readouterr().out.splitlines()
    words = next(row for row in rows if row.startswith("05 ")).split()[-8:]
    assert words[1::2] == ["a", "b", "c", "bug"]
    return words[::2]


def test_the_map_tells_the_states_apart(clock, capsys):
    assert map_row(capsys) == ["○", "○", "○", "○"]
    right = bank.find("05b").reference
    check("05b", right)
    check("05a", sign)
    check("05c", wrong)
    capsys.readouterr()
    assert map_row(capsys) == ["◐", "●", "◐", "○"]
    check("05a", bank.find("05a").reference)
    capsys.readouterr()
    assert map_row(capsys) == ["◆", "●", "◐", "○"]
    progress()
    assert re.search(r"2 of \d+ exercises are right\.", capsys.readouterr().out)
    clock.pass_days(1.01)
    assert map_row(capsys) == ["↻", "●", "◐", "○"]
    progress()
    assert re.search(r"2 of \d+ exercises are right\. Due for review: 1\.", capsys.readouterr().out)


def served_answer():
    exercise, case = _instance(record.read()["review"])
    return exercise, case


def test_a_misconception_comes_back_after_1_3_and_7_days(clock, capsys):
    def said(*answer):
        review(*answer)
        return capsys.readouterr().out

    check("05a", sign)
    assert "Nothing is due" in said()
    seen = []
    for days, later in ((1, "in 3 days"), (3, "in 7 days"), (7, "learned")):
        clock.pass_days(days - 0.1)
        assert "Nothing is due" in said()
        clock.pass_days(0.2)
        asked = said()
        assert "05a once more, with new numbers" in asked
        assert said() == asked, "the same question until it is answered"
        assert asked not in seen, "with new numbers each time"
        seen.append(asked)
        exercise, _ = served_answer()
        namespace = {"np": np}
        given = asked[asked.index("x = ") : asked.index("Work it out")]
        exec(given, namespace)
        answer = exercise.reference(*(namespace[name] for name in exercise.arguments))
        assert later in said(float(f"{answer:.4g}"))
    clock.pass_days(100)
    assert "Nothing is due" in said()


def test_new_numbers_are_shown_in_full(clock, capsys):
    check("05a", sign)
    clock.pass_days(1.1)
    capsys.readouterr()
    with np.printoptions(precision=1, suppress=True, threshold=3):
        review()
    asked = capsys.readouterr().out
    namespace = {"np": np}
    exec(asked[asked.index("x = ") : asked.index("Work it out")], namespace)
    exercise, case = served_answer()
    for name, value in zip(exercise.arguments, case.inputs, strict=True):
        np.testing.assert_array_equal(namespace[name], value)


def test_chapters_count_like_days(clock, capsys, monkeypatch):
    check("05a", sign)
    record.change(lambda found: record.of_exercise(found, "06a"))
    review()
    assert "05a once more" in capsys.readouterr().out


def test_a_wrong_review_begins_again_and_names_the_mistake(clock, capsys):
    check("05a", sign)
    clock.pass_days(1.1)
    review()
    _, case = served_answer()
    capsys.readouterr()
    review(float(case.wrong["z_for_prediction"][0]))
    out = capsys.readouterr().out
    assert "z2 − y" in out
    assert "comes back tomorrow" in out
    missed = record.read()["exercises"]["05a"]["missed"]
    assert {code: entry["stage"] for code, entry in missed.items()} == {
        "sign": 0,
        "z_for_prediction": 0,
    }


def test_ahead_of_time_each_is_asked_until_it_was_right_today(clock, capsys):
    check("05a", sign)
    clock.pass_days(0.01)
    check("01c", bank.find("01c").wrong["ascent"])
    for id in ("05a", "01c"):
        review(ahead=True)
        exercise, case = served_answer()
        assert exercise.id == id
        clock.pass_days(0.01)
        review(*map(rounded, case.expected))
    review(ahead=True)
    assert record.read()["review"]["id"] == SAMPLES[0][0], "one's own were right today"
    record.change(lambda found: found.update(review=None))
    assert record.read()["exercises"]["05a"]["missed"]["sign"]["stage"] == 1
    clock.pass_days(1.01)
    review(ahead=True)
    assert record.read()["review"]["id"] == "05a"


def test_common_mistakes_fill_up_a_review_and_are_kept_apart_from_ones_own(clock, capsys):
    def said(*answer, **options):
        review(*answer, **options)
        return capsys.readouterr().out

    assert "Nothing is due" in said()
    for id, code in SAMPLES:
        assert f"{id} once more" in said(ahead=True)
        assert record.read()["review"]["code"] == code
        _, case = served_answer()
        reply = said(*map(rounded, case.expected))
        assert "Right, and this time without" in reply
        assert "comes back" not in reply
    assert "Nothing is left to ask today" in said(ahead=True)
    assert record.read()["exercises"] == {}, "nobody made these mistakes"


def test_a_common_mistake_that_is_made_becomes_ones_own(clock, capsys):
    review(ahead=True)
    (id, code), (_, case) = SAMPLES[0], served_answer()
    capsys.readouterr()
    review(float(case.wrong[code][0]))
    assert "comes back tomorrow" in capsys.readouterr().out
    assert list(record.read()["exercises"][id]["missed"]) == [code]
    review(ahead=True)
    _, other = served_answer()
    assert record.read()["review"]["id"] == id, "one's own come first"
    assert [*map(str, other.inputs)] != [*map(str, case.inputs)], "with new numbers"
    capsys.readouterr()
    review(0.123)
    assert "comes back tomorrow" in capsys.readouterr().out
    assert list(record.read()["exercises"]) == [id]


def test_a_common_one_that_nobody_s_mistake_explains_is_asked_again(clock, capsys):
    review(ahead=True)
    asked = record.read()["review"]
    capsys.readouterr()
    review(0.123)
    assert "review(ahead=True) asks it again" in capsys.readouterr().out
    assert record.read()["exercises"] == {}
    review(ahead=True)
    assert record.read()["review"] == asked


def test_the_page_of_mistakes_has_ones_own_and_fills_up_to_eight(clock, capsys):
    mistakes()
    common = capsys.readouterr().out.splitlines()
    assert common[0] == "Common ones (8)"
    assert len(common) == 1 + 8 + 1
    check("05a", sign)
    capsys.readouterr()
    mistakes()
    page = capsys.readouterr().out.splitlines()
    assert page[0] == "Your own (1)"
    assert re.fullmatch(r"  05a  .+  0 of 3 times", page[1])
    assert page[2] == "Common ones (7)"
    for stage, state in ((1, "1 of 3 times"), (3, "learned")):

        def edit(found, stage=stage):
            found["exercises"]["05a"]["missed"]["sign"]["stage"] = stage

        record.change(edit)
        mistakes()
        assert capsys.readouterr().out.splitlines()[1].endswith(state)


REVIEWED = [
    exercise
    for exercise in bank.all_exercises().values()
    if isinstance(exercise, Exercise) and exercise.kind is not MODEL
]


def rounded(part):
    """A result as a learner may type it: whole numbers whole, others with four digits."""
    if part.dtype.kind in "iu":
        return part.tolist()
    return np.vectorize(lambda x: float(f"{x:.4g}"))(part).tolist()


@pytest.mark.parametrize("exercise", REVIEWED, ids=[exercise.id for exercise in REVIEWED])
def test_what_is_asked_again_runs_when_pasted_and_takes_a_typed_answer(exercise, clock, capsys):
    code = next(iter(exercise.wrong))

    def edit(found):
        record.miss(found, record.of_exercise(found, exercise.id), code)
        found["review"] = {"id": exercise.id, "code": code, "seed": 7}

    record.change(edit)
    review()
    asked = capsys.readouterr().out.splitlines()[1:-1]
    namespace = {}
    exec("\n".join(asked), namespace)
    inputs = tuple(namespace[name] for name in exercise.arguments)
    parts = exercise.result(exercise.reference, inputs)
    review(*map(rounded, parts))
    assert "Right, and this time without" in capsys.readouterr().out


def test_several_results_may_come_one_by_one_or_together(clock, capsys):
    def said(*answer):
        review(*answer)
        return capsys.readouterr().out

    exercise = bank.find("08a")
    wrong_code = next(iter(exercise.wrong))
    for together in (False, True):
        check("08a", exercise.wrong[wrong_code])
        clock.pass_days(2)
        capsys.readouterr()
        assert "review(result_1, result_2)" in said()
        assert "should return 2 values, found 1" in said(0.5)
        _, case = served_answer()
        answer = tuple(map(float, case.expected))
        assert "Right" in (said(answer) if together else said(*answer))


def test_an_answer_to_no_open_question_is_not_taken_for_the_next_one_s(clock, capsys):
    for id in ("05a", "01c"):
        check(id, next(iter(bank.find(id).wrong.values())))
    clock.pass_days(2)
    review()
    _, case = served_answer()
    review(0.123)
    capsys.readouterr()
    review(*map(rounded, case.expected))  # a second try
    assert "No question is open" in capsys.readouterr().out
    assert record.read()["review"] is None
    review(...)
    assert "once more" in capsys.readouterr().out


def test_answers_that_cannot_be_read_keep_the_question(clock, capsys):
    check("05a", sign)
    clock.pass_days(1.1)
    capsys.readouterr()
    review()
    asked = capsys.readouterr().out
    for answer in ("0.5", {}, [[1], [2, 3]]):
        review(answer)
        assert len(capsys.readouterr().out.splitlines()) == 1
    review(...)
    assert capsys.readouterr().out == asked


def test_numbers_are_asked_as_a_person_writes_them():
    assert _as_code(np.array([-0.00069, 22.0])) == "np.array([-0.00069, 22.     ])"
    assert _as_code(np.array([-0.0, 1.5])) == "np.array([0. , 1.5])"
    assert _as_code(np.array([[1, 2]])) == "np.array([[1, 2]])"
    for value in (np.array([1 / 3, -800.25]), np.float32([0.1, 2]), np.array([True, False])):
        pasted = eval(_as_code(value), {"np": np})
        np.testing.assert_array_equal(pasted, value, strict=True)


def test_an_answer_counts_in_one_notebook_only(clock, capsys):
    check("05a", sign)
    clock.pass_days(1.1)
    review()
    found = record.read()
    _, case = served_answer()
    review(float(case.expected[0]))
    _reply(found, found["review"], float(case.expected[0]))
    assert record.read()["exercises"]["05a"]["missed"]["sign"]["stage"] == 1


def test_bug_hunts_do_not_come_back(clock, capsys):
    check("05bug", "A")
    clock.pass_days(30)
    capsys.readouterr()
    review()
    assert "Nothing is due" in capsys.readouterr().out
