"""Item analysis beside numpy, the textbook's formulas, and numbers worked out by hand."""

import random

import numpy as np
import pytest

from course_lib.grading.marks import ExerciseMark, Mark
from course_lib.grading.reports import statistics
from course_lib.grading.reports.statistics import Bar, Finding, Misconception, items, summary

# Six students, points of 05a (2), 05b (4) and 05c (2); the last of them could not be run.
POINTS = [(2, 4, 0), (2, 1, 2), (0, 0, 2), (2, 3, 0), (0, 2, 1), (1, 4, 0)]
OUT_OF = (2, 4, 2)


def marks_of(points, out_of=OUT_OF, ids=("05a", "05b", "05c")):
    return [
        Mark(
            f"student{n}",
            f"student{n}.ipynb",
            "00",
            tuple(
                ExerciseMark(id, p, most, "right" if p == most else "wrong")
                for id, p, most in zip(ids, row, out_of, strict=True)
            ),
        )
        for n, row in enumerate(points)
    ]


def failed(student="zoe"):
    nothing = tuple(ExerciseMark(id, 0, 2, "missing") for id in ("05a", "05b", "05c"))
    return Mark(student, "zoe.ipynb", "00", nothing, failure="it is empty")


def test_facility_is_the_mean_share_of_the_points():
    found = [item.facility for item in items(marks_of(POINTS))]
    assert found == pytest.approx([7 / 12, 14 / 24, 5 / 12])


def test_discrimination_leaves_the_exercise_out_of_the_total():
    table = np.array(POINTS, float)
    expected = [
        np.corrcoef(column, table.sum(axis=1) - column)[0, 1] for column in table.transpose()
    ]
    found = [item.discrimination for item in items(marks_of(POINTS))]
    assert found == pytest.approx(expected, abs=1e-12)


def test_discrimination_by_hand():
    # Scores 0, 2, 1 against rests 0, 1, 2: deviations (-1, 1, 0) and (-1, 0, 1), so 1 / 2.
    found = items(marks_of([(0, 0), (2, 1), (1, 2)], (2, 2), ("05a", "05b")))
    assert [item.discrimination for item in found] == pytest.approx([0.5, 0.5])


def test_random_classes_agree_with_numpy():
    rng = np.random.default_rng(3)
    for _ in range(20):
        table = rng.integers(0, 5, size=(rng.integers(3, 40), 4)) / 2
        marks = marks_of(table.tolist(), (2, 2, 2, 2), ("05a", "05b", "05c", "05bug"))
        found, totals = items(marks), table.sum(axis=1)
        for item, column in zip(found, table.transpose(), strict=True):
            if np.ptp(column) and np.ptp(totals - column):
                expected = np.corrcoef(column, totals - column)[0, 1]
                assert item.discrimination == pytest.approx(expected, abs=1e-9)
        of_class = summary(marks)
        assert of_class.mean == pytest.approx(totals.mean())
        assert of_class.median == pytest.approx(np.median(totals))
        assert of_class.quartiles == pytest.approx(tuple(np.percentile(totals, (25, 75))))
        single, whole = table.var(axis=0, ddof=1).sum(), totals.var(ddof=1)
        assert of_class.alpha == pytest.approx(4 / 3 * (1 - single / whole), abs=1e-9)
        assert sum(bar.count for bar in of_class.histogram) == len(table)


def test_alpha_of_two_exercises_is_four_covariances_over_the_variance():
    table = [(0, 1), (2, 1), (1, 2), (2, 2), (0, 0)]
    covariance = np.cov(np.array(table).transpose())
    expected = 4 * covariance[0, 1] / covariance.sum()
    assert summary(marks_of(table, (2, 2), ("05a", "05b"))).alpha == pytest.approx(expected)


def test_what_is_undefined_is_none():
    same = marks_of([(2, 4, 0)] * 5)
    assert [item.discrimination for item in items(same)] == [None] * 3
    assert summary(same).alpha is None
    single = marks_of([(1,), (2,)], (2,), ("05a",))
    assert items(single)[0].discrimination is None
    assert summary(single).alpha is None
    (item,) = items(marks_of([(1,)], (2,), ("05a",)))
    assert (item.facility, item.discrimination) == (0.5, None)
    alone = summary(marks_of([(2, 1, 0)]))
    assert (alone.mean, alone.median, alone.quartiles) == (3, 3, (3, 3))
    assert items([]) == []
    assert summary([]).mean is None and summary([]).histogram == ()
    nothing = marks_of([(0,), (0,)], (0,), ("05a",))
    assert items(nothing)[0].facility is None


def test_thirds_that_add_up_to_the_same_do_not_vary():
    third = 1 / 3
    rows = [(1, third, third, third), (0, third + third, 0, third), (1, 0.1, 0.7, 0.2)]
    found = items(marks_of(rows, (1, 1, 1, 1), ("05a", "05b", "05c", "05bug")))
    assert found[0].discrimination is None  # the rests are 1, 1 and 1, but for rounding


def test_what_could_not_be_run_says_nothing_about_an_exercise():
    with_failure = [failed(), *marks_of(POINTS)]
    assert items(with_failure) == items(marks_of(POINTS))
    assert summary(with_failure) == summary(marks_of(POINTS))
    (item, *_) = items([failed()])
    assert (item.id, item.n, item.facility, item.kinds) == ("05a", 0, None, {})


def test_the_order_of_the_marks_does_not_matter():
    marks = marks_of(np.random.default_rng(0).random((50, 3)).tolist())
    shuffled = random.Random(1).sample(marks, len(marks))
    assert items(shuffled) == items(marks)
    assert summary(shuffled) == summary(marks)


def test_exercises_stand_in_the_order_of_the_problem_set():
    ids = ("05bug", "05c", "05x", "05a")
    marks = marks_of([(1, 1, 1, 1)], (2, 2, 2, 2), ids)
    assert statistics.exercise_ids(marks) == ["05a", "05c", "05bug", "05x"]


def test_full_points_have_a_bar_of_their_own():
    marks = marks_of([(0, 0, 0), (2, 4, 1), (2, 4, 2), (2, 4, 2), (1, 0, 0.5)])
    found = summary(marks).histogram
    assert [bar.start for bar in found] == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert [bar.count for bar in found] == [1, 1, 0, 0, 0, 0, 0, 1, 2]
    assert (found[1], found[-1]) == (Bar(1, 2, 1), Bar(8, 8, 2))


@pytest.mark.parametrize(
    "out_of, width", [(12, 1), (13, 2), (25, 5), (100, 10), (1000, 100), (0.5, 1)]
)
def test_bars_are_few_and_of_round_widths(out_of, width):
    found = statistics.histogram([0, out_of / 2, out_of], out_of)
    assert len(found) <= 13
    assert found[0].start == 0 and found[-1].start == out_of and found[-1].count == 1
    assert found[0].stop == min(width, out_of)
    assert sum(bar.count for bar in found) == 3


def test_an_exercise_without_points_has_one_bar():
    assert statistics.histogram([0, 0], 0) == (Bar(0, 0, 2),)


def test_misconceptions_and_findings_begin_with_the_commonest():
    def mark(student, kind, code):
        return Mark(student, "", "", (ExerciseMark("05a", 0, 2, kind, code),))

    wrong = [("misconception", "flipped"), ("misconception", "sign")]
    others = [("error", "NameError"), ("shape", "other"), ("error", "NameError"), ("unwritten", "")]
    told = [*wrong, wrong[1], *others, ("missing", ""), ("right", "")]
    marks = [mark(f"s{n}", kind, code) for n, (kind, code) in enumerate(told)]
    (item,) = items(marks)
    assert [(m.code, m.count) for m in item.misconceptions] == [("sign", 2), ("flipped", 1)]
    assert item.findings == (Finding("error", "NameError", 2), Finding("shape", "other", 1))
    assert item.kinds == {
        "misconception": 3,
        "error": 2,
        "missing": 1,
        "right": 1,
        "shape": 1,
        "unwritten": 1,
    }


def test_misconceptions_have_the_names_that_learners_read():
    exercises = (
        ExerciseMark("05b", 0, 2, "misconception", "sign"),
        ExerciseMark("05bug", 0, 2, "misconception", "C"),
        ExerciseMark("99z", 0, 2, "misconception", "odd"),
        ExerciseMark("odd", 0, 2, "misconception", "odd"),
    )
    found = {item.id: item.misconceptions for item in items([Mark("ada", "", "", exercises)])}
    assert found == {
        "05b": (Misconception("sign", "the sign", 1),),
        "05bug": (Misconception("C", "C", 1),),
        "99z": (Misconception("odd", "odd", 1),),
        "odd": (Misconception("odd", "odd", 1),),
    }
