"""Each house rule finds the violation that is planted for it, and nothing in a good lesson."""

import copy
from pathlib import Path

import pytest
from lesson_rules import RULES, Lesson, words
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

FILE = Path(__file__).parent / "08_example.ipynb"  # need not exist: links start from its folder
TITLE = """# 08 Forks

75 minutes. **Prerequisites**: [a file](test_lesson_rules.py)

**Afterwards you can**

- add
- and
- add again"""
CLOSING = [
    "## Recap\n\n- a\n- b\n- c\n- d\n- e",
    "## Notation\n\ntext",
    "## Ask yourself later\n\ntext",
    "## Errata of the sources\n\ntext",
    "## Sources\n\ntext",
]
BODY = "\n\n".join(["word " * 100] * 13)


def good_lesson():
    """The smallest lesson that keeps every rule."""
    texts = [TITLE, BODY + " $W^{[l]}(x)$", r"$$\frac{\partial J}{\partial w} = 2(w - 3)$$"]
    cells = [new_markdown_cell(text) for text in texts]
    cells += [new_code_cell("verify(2.0, f, 4.0)"), new_code_cell("assert True")]
    cells += [new_markdown_cell(text) for text in CLOSING]
    for cell in cells:
        cell.metadata["slideshow"] = {"slide_type": "slide"}
    return new_notebook(cells=cells)


def source(index, text):
    return lambda cells: cells[index].update(source=text)


def tagged(index, *tags):
    return lambda cells: cells[index].metadata.update(tags=list(tags))


def slide(index, kind):
    return lambda cells: cells[index].metadata.update(slideshow={"slide_type": kind})


# rule, what is done to the good lesson, a piece of the message
PLANTED = [
    ("title", source(0, TITLE.replace("# 08", "# 8")), "does not start with"),
    ("title", source(0, TITLE.replace("75 minutes", "long")), "minutes"),
    ("title", source(0, TITLE.replace("**Prereq", "Prereq")), "Prerequisites"),
    ("title", source(0, TITLE.replace("**After", "After")), "Afterwards"),
    ("title", source(0, TITLE.replace("- and\n", "")), "2 outcomes"),
    ("closing_sections", lambda cells: cells.insert(-1, cells.pop()), "last sections"),
    ("closing_sections", source(5, "## Recap\n\n- a\n- b\n- c\n- d"), "list of five"),
    ("length", source(1, "word"), "words, not 1200 to 1800"),
    ("length", source(1, BODY * 2), "words, not 1200 to 1800"),
    ("length", slide(1, "notes"), "words, not 1200 to 1800"),
    ("paragraphs", source(1, "word " * 121), "121 words"),
    ("paragraphs", source(1, "- item\n- " + "word " * 121), "121 words"),
    ("wording", source(1, "It is Simply so."), "'Simply'"),
    ("wording", source(1, "In this notebook we will see."), "'In this notebook we will'"),
    ("code_length", source(4, "x = 1\n" * 16), "16 lines"),
    ("network", source(4, "!pip install x"), "!pip"),
    ("network", source(4, "urllib.request.urlopen(address)"), "urllib"),
    ("network", source(4, "open_page('https://example.org')"), "https://"),
    ("slides", slide(3, "-"), "cell 4 has slide type '-'"),
    ("slides", lambda cells: cells[3].metadata.clear(), "cell 4 has slide type None"),
    ("slides", slide(0, "skip"), "first cell is not a slide"),
    ("tags", tagged(3, "nbval-skip"), "'nbval-skip' 1 times"),
    ("tags", tagged(3, *["raises-exception"] * 4), "4 times; allowed 3"),
    ("tags", tagged(4, "nbval-ignore-output"), "no assert"),
    ("tags", source(3, "# NBVAL_IGNORE_OUTPUT\nverify(1, f, 1)"), "a comment for nbval"),
    ("links", source(1, "[later](99_not_there.ipynb)"), "'99_not_there.ipynb'"),
    ("links", source(1, "![](test_lesson_rules.py)"), "without alt text"),
    ("verified", source(3, "x = 1"), "no call of verify()"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_good_lesson_keeps_the_rule(rule):
    assert list(rule(Lesson(good_lesson(), FILE))) == []


@pytest.mark.parametrize(("name", "plant", "expected"), PLANTED)
def test_the_planted_violation_is_found(name, plant, expected):
    lesson = copy.deepcopy(good_lesson())
    plant(lesson.cells)
    rule = next(rule for rule in RULES if rule.__name__ == name)
    assert expected in " / ".join(rule(Lesson(lesson, FILE)))


def test_every_rule_has_a_planted_violation():
    assert {name for name, _, _ in PLANTED} == {rule.__name__ for rule in RULES}


def test_an_ignored_output_with_an_assert_after_it_is_allowed():
    lesson = good_lesson()
    tagged(3, "nbval-ignore-output")(lesson.cells)
    tags = next(rule for rule in RULES if rule.__name__ == "tags")
    assert list(tags(Lesson(lesson, FILE))) == []


def test_words_are_what_is_read():
    # By hand: A, network, learns, see, the, notes, for, it's  (8)
    text = (
        "A **network** learns $w \\to w$:\n\n$$\\frac{a}{b}$$\n\n```python\nnot counted\n```\n"
        "see [the notes](https://example.org/a-b-c) for 12 <br> it's"
    )
    assert words(text) == 8
