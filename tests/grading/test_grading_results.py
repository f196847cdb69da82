"""A class in seconds: the stored page says what was measured, and that is what is promised."""

import json
from statistics import median

from grading import CLASS, RESULTS, page

STORED = json.loads((RESULTS / "grading.json").read_text(encoding="utf-8"))


def test_the_page_is_made_of_the_stored_figures():
    assert (RESULTS / "grading.md").read_text(encoding="utf-8") == page(STORED)


def test_three_hundred_in_seconds_and_forty_times_as_fast_as_nbgrader():
    assert STORED["class"] == CLASS == 300
    assert median(STORED["seconds"]) < 20
    assert median(STORED["ratios"]) >= 40


def test_time_grows_with_the_class_and_memory_does_not():
    each = {int(count): seconds / int(count) for count, (seconds, _) in STORED["growth"].items()}
    assert sorted(each) == [30, 300, 3000]
    assert each[3000] < 1.2 * each[300] < 1.2 * each[30]
    memory = [STORED["memory"], *(most for _, most in STORED["growth"].values())]
    assert max(memory) < 400 * 2**20
