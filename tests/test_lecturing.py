"""LECTURING.md keeps to the lessons, to the table of chapters, and to its own word.

A rule yields what is wrong. Each is held against the page, and against pages with a planted fault.
"""

import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from lesson_rules.lesson import LECTURER, Lesson, words

from course_lib import explore
from course_lib.chapters import CHAPTERS
from course_lib.checks import bank
from course_lib.setup.my_course import shipped_files

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "notebooks" / "LECTURING.md").read_text(encoding="utf-8")
NUMBERS = [f"{chapter.number:02}" for chapter in CHAPTERS]
LESSONS = {
    path.name[:2]: Lesson(nbformat.read(path, as_version=4), path)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
}
PLANS = {"Sixteen lectures": 16, "Twelve lectures": 12, "Six lectures": 6}
SHORTEST, LONGEST = 45, 50  # minutes


# --- the page ------------------------------------------------------------------------------------


class Need(NamedTuple):
    chapters: list[str]
    say: str  # what is said instead of a lesson that is left out


class Page:
    """The page by its headings; a plan is a list of rows, a row a list of cells."""

    def __init__(self, text: str):
        self.text = text
        _, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
        self.sections = dict(part.split("\n", 1) for part in parts)
        self.plans = {name: rows(self.sections[name]) for name in PLANS}
        self.needs = {
            lesson: Need(numbers(needed), say)
            for lesson, needed, say in rows(self.sections["What needs what"])
        }

    def taught(self, plan: str) -> list[str]:
        """The chapters of a plan in the order in which they are taught."""
        return [number for row in self.plans[plan] for number in numbers(row[1])]

    def skipped(self, plan: str) -> list[str]:
        line = re.search(r"^Skipped: ([\d, ]+)\.", self.sections[plan], re.MULTILINE)
        return numbers(line[1]) if line else []


def rows(section: str) -> list[list[str]]:
    """The cells of the section's table, without its head."""
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]


def numbers(cell: str) -> list[str]:
    """The chapters named in a cell; a link's address is none."""
    return re.findall(r"\b\d\d\b", re.sub(r"\]\(.*?\)", "]", cell))


def steps(cell: str) -> list[tuple[int, str]]:
    """(minute, what happens then) of an hour, "**0** a vote · **5** *Section* · **48** end"."""
    parts = [re.match(r"\*\*(\d+)\*\* (.+)", step) for step in cell.split(" · ")]
    assert all(parts), f"a step without a minute: {cell}"
    return [(int(part[1]), part[2]) for part in parts]


def names(text: str) -> list[str]:
    """The sections quoted in a text: what stands in italics."""
    return re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", text)


def minutes_of(lesson: Lesson) -> dict[str, int]:
    """Each section with notes, and the minute of its first note."""
    found = {}
    for name, cells in lesson.sections().items():
        for cell in cells:
            if cell.source.startswith(LECTURER):
                found.setdefault(name, int(re.match(r"\D+(\d+)", cell.source)[1]))
    return found


# --- the rules -----------------------------------------------------------------------------------


def leads_to_every_lesson(page: Page):
    for lesson in LESSONS.values():
        if f"({lesson.path.name})" not in page.sections["Sixteen lectures"]:
            yield f"no link to {lesson.path.name}"


def has_as_many_lectures_as_it_says(page: Page):
    for plan, count in PLANS.items():
        found = [row[0] for row in page.plans[plan]]
        if found != [str(number) for number in range(1, count + 1)]:
            yield f"{plan}: numbered {found}"


def places_every_chapter_once(page: Page):
    """In the sixteen each is taught; in the others each is taught or said to be skipped."""
    for plan in PLANS:
        placed = page.taught(plan) + page.skipped(plan)
        if sorted(placed) != NUMBERS:
            yield f"{plan}: taught or skipped are {placed}"
    if page.skipped("Sixteen lectures"):
        yield "the sixteen skip a chapter"


def keeps_to_the_clock(page: Page):
    """The minutes rise to an end at 45 to 50; those of two chapters in an hour add up to that."""
    for _, lesson, _, hour, _ in page.plans["Sixteen lectures"]:
        marks = [minute for minute, _ in steps(hour)]
        if not all(a < b for a, b in pairwise(marks)) or marks[0] > 2:
            yield f"{lesson}: the minutes are {marks}"
        if steps(hour)[-1][1] != "end" or not SHORTEST <= marks[-1] <= LONGEST:
            yield f"{lesson}: ends with {steps(hour)[-1]}"
    for plan in ("Twelve lectures", "Six lectures"):
        for _, lesson, minutes, *_ in page.plans[plan]:
            parts = [int(part) for part in minutes.split(" + ")]
            if len(parts) != len(numbers(lesson)) or not SHORTEST <= sum(parts) <= LONGEST:
                yield f"{plan}, {lesson}: {minutes} minutes"


def means_the_same_hour_by_as_above(page: Page):
    ends = {tuple(numbers(row[1])): steps(row[3])[-1][0] for row in page.plans["Sixteen lectures"]}
    for plan in ("Twelve lectures", "Six lectures"):
        for _, lesson, minutes, shown, *_ in page.plans[plan]:
            total = sum(int(part) for part in minutes.split(" + "))
            if shown.startswith("as above") and ends.get(tuple(numbers(lesson))) != total:
                yield f"{plan}: {lesson} takes {total} minutes, above it does not"


def knows_what_the_lessons_need(page: Page):
    """Its table has at least what a lesson's first cell links to."""
    if list(page.needs) != NUMBERS:
        yield f"the table has {list(page.needs)}"
        return
    for number, lesson in LESSONS.items():
        linked = set(re.findall(r"\((\d\d)_\w+\.ipynb\)", lesson.cells[0].source))
        if missing := linked - set(page.needs[number].chapters):
            yield f"{number} needs {sorted(missing)}, too"


def teaches_first_what_is_needed(page: Page):
    """Or skips it, and then has two sentences to say instead."""
    for plan in PLANS:
        taught = page.taught(plan)
        for place, number in enumerate(taught):
            for needed in page.needs[number].chapters:
                if needed in page.skipped(plan):
                    if len(re.findall(r"\.(?= |$)", page.needs[needed].say)) != 2:
                        yield f"{plan}: no two sentences instead of {needed}"
                elif needed not in taught[:place]:
                    yield f"{plan}: {number} comes before {needed}"


def follows_the_notes_of_written_lessons(page: Page):
    """Each section with notes stands in the hour with its minute, or is left for home.

    A lesson that comes second in its hour has other minutes, and less time: there only names count.
    """
    for _, lesson, _, hour, home in page.plans["Sixteen lectures"]:
        first, *others = numbers(lesson)
        wanted = minutes_of(LESSONS[first]) if first in LESSONS else {}
        second = {name for each in others if each in LESSONS for name in LESSONS[each].headings()}
        quoted = {name: minute for minute, step in steps(hour) for name in names(step)}
        quoted = {name: minute for name, minute in quoted.items() if name not in second}
        if unknown := {*quoted, *names(home)} - {*wanted, *second}:
            yield f"{lesson} has no section {sorted(unknown)} with notes"
        for name in names(home):
            wanted.pop(name, None)
        if quoted != wanted:
            yield f"{lesson}: other in the notes {sorted(quoted.items() ^ wanted.items())}"


def quotes_what_exists(page: Page):
    """Sections in the shorter plans, figures, exercises."""
    sections = {name for lesson in LESSONS.values() for name in lesson.headings()}
    for plan in ("Twelve lectures", "Six lectures"):
        for row in page.plans[plan]:
            for name in names(" ".join(row)):
                if name not in sections:
                    yield f"no lesson has a section {name!r}"
    for name in re.findall(r"explore\.(\w+)", page.text):
        if name not in explore.__all__:
            yield f"no figure {name!r}"
    exercises = {id for chapter in CHAPTERS for id in bank.of_chapter(chapter.number)}
    for id in re.findall(r"\b\d\d[a-z]\b", page.text):
        if id not in exercises:
            yield f"no exercise {id!r}"


def is_soon_read(page: Page):
    if words(page.text) > 2100 or len(page.text.splitlines()) > 165:
        yield f"{words(page.text)} words, {len(page.text.splitlines())} lines"


RULES = (
    leads_to_every_lesson,
    has_as_many_lectures_as_it_says,
    places_every_chapter_once,
    keeps_to_the_clock,
    means_the_same_hour_by_as_above,
    knows_what_the_lessons_need,
    teaches_first_what_is_needed,
    follows_the_notes_of_written_lessons,
    quotes_what_exists,
    is_soon_read,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_page(rule):
    assert list(rule(Page(TEXT))) == []


# Each turns one rule red: (rule, what stands in the page, what stands there instead).
FAULTS = [
    (leads_to_every_lesson, "[14](14_named_entities.ipynb)", "14"),
    (has_as_many_lectures_as_it_says, "| 12 | 15 | 50 |", "| 11 | 15 | 50 |"),
    (has_as_many_lectures_as_it_says, "| 2 | 05 | 50 | as above | set 05 |\n", ""),
    (places_every_chapter_once, "| 8 | [08]", "| 8 | [07]"),
    (places_every_chapter_once, "Skipped: 16.", "For the project: 16."),
    (places_every_chapter_once, "Skipped: 02, 04,", "Skipped: 02, 03, 04,"),
    (keeps_to_the_clock, "**14** *Accumulators*", "**4** *Accumulators*"),
    (keeps_to_the_clock, "about noon* · **50** end", "about noon* · **51** end"),
    (keeps_to_the_clock, "*Your project*: choose · **49** end", "*Your project*: choose"),
    (keeps_to_the_clock, "| 22 + 26 |", "| 22 + 32 |"),
    (keeps_to_the_clock, "| 24 + 12 + 12 |", "| 24 + 24 |"),
    (means_the_same_hour_by_as_above, "| 10 | 13 | 48 |", "| 10 | 13 | 45 |"),
    (knows_what_the_lessons_need, "| 15 | 00, 08, 09, 14 |", "| 15 | 00, 08, 09 |"),
    (knows_what_the_lessons_need, "| 13 | 02, 08 | A filter", "| 18 | 02, 08 | A filter"),
    (teaches_first_what_is_needed, "| 12 | 08, 10, 11 |", "| 12 | 08, 10, 13 |"),
    (teaches_first_what_is_needed, "| 00, 01, 03 | 24 + 12", "| 00, 03, 01 | 24 + 12"),
    (teaches_first_what_is_needed, " Each logit hears p − y. |", " |"),
    (follows_the_notes_of_written_lessons, "**31** *Order matters", "**32** *Order matters"),
    (follows_the_notes_of_written_lessons, "*Look for the dots*", "*Look for dots*"),
    (follows_the_notes_of_written_lessons, "**33** *Perplexity* of a die? · ", ""),
    (
        follows_the_notes_of_written_lessons,
        "*Count the passes*: both numbers",
        "*Count the passes*: *both numbers*",
    ),
    (follows_the_notes_of_written_lessons, "| *If you come from another book*;", "| tables;"),
    (quotes_what_exists, "up to and with *The road*", "up to and with *The street*"),
    (quotes_what_exists, "`explore.nudge_machine()`", "`explore.nudge_later()`"),
    (quotes_what_exists, "the scaler (10b)", "the scaler (10x)"),
    (is_soon_read, "## On stage\n", "## On stage\n" + 100 * "word "),
]


@pytest.mark.parametrize(("rule", "right", "wrong"), FAULTS)
def test_a_fault_in_the_page_is_noticed(rule, right, wrong):
    assert TEXT.count(right) == 1, right
    assert list(rule(Page(TEXT.replace(right, wrong)))) != []


def test_every_rule_has_a_fault():
    assert {rule for rule, _, _ in FAULTS} == set(RULES)


# --- its readers ---------------------------------------------------------------------------------


def test_learners_are_given_lessons_and_sets_and_of_pages_the_errata():
    given = {ROOT / name for name in shipped_files(ROOT)}
    notebooks = {*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "exercises").glob("*/*.ipynb")}
    assert notebooks <= given
    assert [path.name for path in given if path.suffix == ".md"] == ["ERRATA.md"]
