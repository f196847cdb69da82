"""The exercises: right answers pass, wrong ones get their name, on many instances."""

import ast
import inspect
import re

import numpy as np
import pytest
from checks.chapters import known

from course_lib.checks.answers import diagnose
from course_lib.checks.bank import all_exercises, siblings
from course_lib.checks.diagnosis import judge
from course_lib.checks.exercise import MODEL, NUMBER, BugHunt, Exercise
from course_lib.checks.texts import exercise_texts

EXERCISES = [e for e in all_exercises().values() if isinstance(e, Exercise)]
REVIEWED = [e for e in EXERCISES if e.draw and e.kind is not MODEL]
LOOSER = 1e-4  # the tolerance for float32 answers, at which no two answers may be equal


def ids(exercises):
    return [exercise.id for exercise in exercises]


def seeds(exercise):
    """None is the published instance."""
    if exercise.draw is None:
        return [None]
    return [None, *range(3 if exercise.kind is MODEL else 200)]


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids(EXERCISES))
def test_the_published_numbers_are_those_worked_out_elsewhere(exercise):
    numbers = known(exercise.chapter).NUMBERS.get(exercise.id)
    assert numbers is not None, "no number is known from outside the bank"
    assert "right" in numbers
    compare(exercise, exercise.published, numbers)
    for inputs, numbers in getattr(known(exercise.chapter), "ALSO", {}).get(exercise.id, []):
        compare(exercise, inputs, numbers)


def compare(exercise, inputs, numbers):
    """The answers on these inputs with the numbers, to the digits in which they are written."""
    for code, expected in numbers.items():
        function = exercise.reference if code == "right" else exercise.wrong[code]
        found = exercise.result(function, inputs)
        found = np.concatenate([np.ravel(part).astype(float) for part in found])
        expected = np.ravel(np.asarray(expected, float))
        digits = max(_decimals(x) for x in expected)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=0.51 * 10.0**-digits)


def _decimals(x):
    """How many decimals a number was written with, two at least."""
    return max(2, len(re.sub(r".*\.|e.*", "", repr(float(x)))))


def apart(first, second):
    """Whether two results differ by more than the looser tolerance, however they are ordered."""
    if [f.shape for f in first] != [s.shape for s in second]:
        return True
    for f, s in zip(first, second, strict=True):
        if (
            f.dtype.kind in "iu" and s.dtype.kind in "iu"
        ):  # compared exactly, whatever the tolerance
            if not np.array_equal(f, s):
                return True
            continue
        f, s = f.astype(float), s.astype(float)
        finite = np.isfinite(f)
        if not np.array_equal(f[~finite], s[~finite], equal_nan=True) or not np.array_equal(
            finite, np.isfinite(s)
        ):
            return True
        f, s = f[finite], s[finite]
        scale = max(np.abs(f).max(initial=0), np.abs(s).max(initial=0))
        if np.abs(f - s).max(initial=0) > LOOSER * scale:
            return True
    return False


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids(EXERCISES))
def test_reference_and_misconceptions_on_many_instances(exercise):
    codes = [*exercise.wrong]
    for seed in seeds(exercise):
        case = exercise.case(seed)
        assert judge(exercise, [case.expected], [case]).right, seed
        for code in codes:
            found = judge(exercise, [case.wrong[code]], [case])
            assert (found.kind, found.code) == ("misconception", code), (seed, code, found)
        if exercise.agreement == 1:
            answers = {"right": case.expected, **case.wrong}
            for index, first in enumerate(answers):
                for second in [*answers][index + 1 :]:
                    assert apart(answers[first], answers[second]), (seed, first, second)


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids(EXERCISES))
def test_a_generator_need_not_draw_often(exercise):
    if exercise.draw is None:
        return
    from course_lib.checks.exercise import collisions

    count = 5 if exercise.kind is MODEL else 200
    first = [next(exercise.candidates(seed)) for seed in range(count)]
    assert sum(bool(collisions(case, exercise)) for case in first) < count / 2


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids(EXERCISES))
def test_instances_show_transposes_and_do_not_repeat(exercise):
    if exercise.draw is None:
        return
    one, two = exercise.case(1), exercise.case(2)
    assert repr(one.inputs) != repr(two.inputs)
    assert repr(exercise.case(1).inputs) == repr(one.inputs), "the seed decides"


@pytest.mark.parametrize("exercise", REVIEWED, ids=ids(REVIEWED))
def test_numbers_of_a_review_are_short(exercise):
    """It shows what was drawn: three digits at most, five where thousands are the point."""
    digits = 5 if exercise.id == "09c" else 3
    for seed in range(8):
        drawn = [np.ravel(value) for value in exercise.case(seed).inputs]
        for x in np.concatenate([array for array in drawn if array.dtype.kind != "U"] or [[]]):
            assert float(f"{x:.{digits}g}") == x, (seed, x)


def answer_of(exercise, function):
    """What a learner hands in: for a number, the number."""
    if exercise.kind is NUMBER and callable(function):
        return function(*exercise.published)
    return function


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids(EXERCISES))
def test_the_whole_way_from_a_function_to_its_name(exercise):
    with np.errstate(all="ignore"):
        family = siblings(exercise)
        assert diagnose(exercise, answer_of(exercise, exercise.reference), family).right
        for code, mutant in exercise.wrong.items():
            found = diagnose(exercise, answer_of(exercise, mutant), family)
            assert (found.kind, found.code) == ("misconception", code), found


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids(EXERCISES))
def test_right_answers_written_differently(exercise):
    answers = known(exercise.chapter).RIGHT[exercise.id]
    assert len(answers) >= 2
    for answer in answers:
        found = diagnose(exercise, answer, siblings(exercise))
        assert found.right, (answer, found)


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids(EXERCISES))
def test_wrong_answers_that_nobody_foresaw(exercise):
    answers = known(exercise.chapter).WRONG[exercise.id]
    assert answers
    for answer, code in answers:
        found = diagnose(exercise, answer, siblings(exercise))
        assert found.kind not in ("right", "misconception", "error"), found
        assert found.code == code, found


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids(EXERCISES))
def test_another_way_to_a_misconception_gets_its_name(exercise):
    for answer, code in getattr(known(exercise.chapter), "TWINS", {}).get(exercise.id, []):
        found = diagnose(exercise, answer, siblings(exercise))
        assert (found.kind, found.code) == ("misconception", code), found


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids(EXERCISES))
def test_the_worked_solution_is_right(exercise):
    code = exercise_texts(exercise.id)["code"]
    namespace = {"np": np}
    exec(code, namespace)
    found = diagnose(exercise, namespace[exercise.name], siblings(exercise))
    assert found.right, found
    if exercise.kind is not NUMBER:
        tree = ast.parse(code)
        named = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
        assert exercise.name in [n.name for n in named]


@pytest.mark.parametrize("exercise", EXERCISES, ids=ids(EXERCISES))
def test_texts_and_bank_have_the_same_misconceptions(exercise):
    assert [*exercise_texts(exercise.id)["wrong"]] == [*exercise.wrong]


def test_a_misconception_takes_what_the_reference_takes():
    for exercise in EXERCISES:
        for code, mutant in exercise.wrong.items():
            if not inspect.isclass(mutant):
                inspect.signature(mutant).bind(*exercise.arguments)
            assert re.fullmatch(r"[a-z][a-z0-9_]*", code), code


# How many exercises the curriculum lists for each chapter: fifty. There may be more.
LISTED = {1: 3, 2: 3, 3: 3, 4: 3, 5: 3, 6: 3, 7: 4, 8: 4, 9: 3, 10: 3, 11: 3, 12: 4, 13: 3}
LISTED |= {14: 4, 15: 4}


def test_every_chapter_has_its_exercises_and_its_bug_hunt():
    found = all_exercises()
    listed = [f"{n:02}{letter}" for n, count in LISTED.items() for letter in "abcd"[:count]]
    assert len(listed) == 50
    assert set(listed) <= set(found)
    hunts = [id for id, exercise in found.items() if isinstance(exercise, BugHunt)]
    assert hunts == [f"{chapter:02}bug" for chapter in range(1, 16)]


def test_misconceptions_are_many_and_their_numbers_known_from_elsewhere():
    codes = [(e, code) for e in EXERCISES for code in e.wrong]
    worked_out = [(e, code) for e, code in codes if code in known(e.chapter).NUMBERS[e.id]]
    assert len(worked_out) >= 241
    assert len(worked_out) >= 0.9 * len(codes)
