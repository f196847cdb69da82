"""Each house rule finds the violation that is planted for it, and nothing in a good lesson."""

import copy
from pathlib import Path

import pytest
from lesson_rules import RULES, Lesson, words
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

FILE = Path(__file__).parent / "08_example.ipynb"  # need not exist: links start from its folder
GRADIENT = r"""$$\frac{\partial J}{\partial w} = 2(w - 3)$$

*Shapes:* all numbers.

**Check yourself.** Where is it 0?

<details><summary>Answer</summary>At 3.</details>"""
STILL = '<img alt="A graph of one operation on one variable, w = 3 gives J = 0.25 there." src="a">'
CARD = "[the card](../notebooks/00_start_here.ipynb#The-notation-card)"
ANSWER = "<details><summary>Answer</summary>b</details>"
CODE = {"predict", "verify", "code", "check", "figure", "echo"}  # the cells with these names
BOX = "**The source says.** 1\n\n**We checked.** 2"


def lecturer(minute):
    text = "Ask: why? Usual wrong answer: none. If nobody answers, wait."
    return f"<details><summary>For the lecturer, minute {minute}</summary>\n\n{text}\n\n</details>"


def good_lesson():
    """The smallest lesson that keeps every rule: name, slide type, text of each cell."""
    cells = [
        (
            "title",
            "slide",
            "# 08 Forks\n\n75 minutes. **Prerequisites**: [a file](test_lesson_rules.py)\n\n"
            "**Afterwards you can**\n\n- add\n- and\n- add again",
        ),
        ("hook", "slide", "## The question\n\nHow many? $W^{[l]}(x)$"),
        ("predict", "fragment", 'predict("08.hook", ...)'),
        ("body", "notes", "\n\n".join(["word " * 100] * 12)),
    ]
    for number in range(4):
        cells += [
            (f"concept{number}", "slide", f"## Concept {number}\n\n" + GRADIENT),
            (f"verify{number}", "fragment", "verify(-0.5, J, 2.75)\n" + "x = 1\n" * 14),
            (f"box{number}", "subslide", BOX),
            (f"code{number}", "fragment", "x = 1\n" * 15),
            (f"lecturer{number}", "notes", lecturer(10 * number)),
        ]
    cells += [
        ("check", "skip", 'check("08a", ...)'),
        ("figure", "subslide", "explore.backprop(J)"),
        ("echo", "skip", 'echo("08.hook", 0.25)'),
        ("recap", "slide", "## Recap\n\n- a\n- b\n- c\n- d\n- e"),
        (
            "notation",
            "slide",
            "## Notation\n\n| we write | and mean |\n|---|---|\n| a | b |\n\n" + CARD,
        ),
        ("later", "slide", "## Ask yourself later\n" + f"\n- a {ANSWER}" * 2),
        ("errata", "skip", "## Errata of the sources\n\ntext"),
        ("sources", "skip", "## Sources\n\n- A. Author, *Title*, 2017"),
    ]
    made, count = [], 0
    for name, kind, text in cells:
        if name.rstrip("0123") in CODE:
            count += 1
            made.append(new_code_cell(text, id=name, execution_count=count))
        else:
            made.append(new_markdown_cell(text, id=name))
        made[-1].metadata["slideshow"] = {"slide_type": kind}
    found = new_notebook(cells=made)
    html = {"text/html": STILL, "text/plain": "w = 3 gives 0.25"}
    named(found.cells, "figure").outputs = [new_output("display_data", data=html)]
    return found


def named(cells, name):
    return next(cell for cell in cells if cell.id == name)


def source(name, text):
    return lambda cells: named(cells, name).update(source=text)


def replaced(name, old, new):
    def plant(cells):
        assert old in named(cells, name).source
        named(cells, name).source = named(cells, name).source.replace(old, new)

    return plant


def tagged(name, *tags):
    return lambda cells: named(cells, name).metadata.update(tags=list(tags))


def slide(name, kind):
    return lambda cells: named(cells, name).metadata.update(slideshow={"slide_type": kind})


def html(name, *texts):
    outputs = [new_output("display_data", data={"text/html": text}) for text in texts]
    return lambda cells: named(cells, name).update(outputs=outputs)


def without(name):
    return lambda cells: cells.remove(named(cells, name))


# rule, what is done to the good lesson, a piece of the message
PLANTED = [
    ("title", replaced("title", "# 08", "# 8"), "does not start with"),
    ("title", replaced("title", "75 minutes", "long"), "minutes"),
    ("title", replaced("title", "**Prereq", "Prereq"), "Prerequisites"),
    ("title", replaced("title", "**After", "After"), "Afterwards"),
    ("title", replaced("title", "- and\n", ""), "2 outcomes"),
    ("headings", replaced("concept1", "## ", "#### "), "level 4 after one of level 2"),
    ("headings", replaced("concept1", "## ", "# "), "level 1 after one of level 2"),
    ("headings", replaced("concept1", "Concept 1", "Concept 2"), "comes twice"),
    ("headings", replaced("concept1", "*Shapes", "### More\n*Shapes"), "middle of a cell"),
    ("closing_sections", lambda cells: cells.insert(-1, cells.pop()), "last sections"),
    ("closing_sections", source("recap", "## Recap\n\n- a\n- b\n- c\n- d"), "list of 5"),
    ("notation_card", replaced("notation", "#The-notation-card", ""), "does not link"),
    ("links", replaced("notation", "#The-notation-card", "#Cards"), "a heading that is not there"),
    ("closing_sections", source("later", "## Ask yourself later\n\n- a"), "list of 2"),
    ("closing_sections", replaced("later", ANSWER, ""), "no answer to open"),
    ("length", source("body", "word"), "words, not 1200 to 1800"),
    ("length", source("body", "word " * 2000), "words, not 1200 to 1800"),
    ("length", source("verify1", "verify(-0.5, J, 2.75)" + "\nx = 1" * 99), "lines of code"),
    ("length", lambda cells: [source(f"code{n}", "x")(cells) for n in range(4)], "lines of code"),
    ("length", replaced("concept1", "## Concept 1", "and"), "3 sections that teach"),
    ("code_length", source("check", "x = 1\n" * 16), "16 lines"),
    ("counts", lambda cells: named(cells, "check").update(execution_count=None), "count None"),
    ("network", source("check", "!pip install x"), "!pip"),
    ("network", source("check", "urllib.request.urlopen(address)"), "urllib"),
    ("network", source("check", "open_page('https://example.org')"), "https://"),
    ("tags", tagged("check", "nbval-skip"), "'nbval-skip' 1 times"),
    ("tags", tagged("check", *["raises-exception"] * 4), "4 times; allowed 3"),
    ("tags", tagged("check", "nbval-ignore-output"), "no assert"),
    ("tags", source("check", "# NBVAL_IGNORE_OUTPUT\nx"), "a comment for nbval"),
    ("links", source("body", "[later](99_not_there.ipynb)"), "'99_not_there.ipynb'"),
    ("links", source("body", "![](test_lesson_rules.py)"), "without alt text"),
    ("links", source("body", "[here](test_lesson_rules.py)"), "does not say where"),
    ("links", source("body", "[08](test_lesson_rules.py)"), "does not say where"),
    ("prediction_first", source("predict", "x = 1"), "first code cell"),
    ("prediction_first", source("echo", "x = 1"), "no echo"),
    ("prediction_first", replaced("hook", "?", "."), "no question"),
    ("verified", replaced("verify2", "verify(", "print("), "in 'Concept 2'"),
    ("shapes", replaced("concept2", "*Shapes:*", ""), "in 'Concept 2'"),
    ("checked", source("check", "x = 1"), 'no check("08'),
    ("checked", replaced("concept2", "**Check yourself.**", ""), "nothing to answer"),
    ("checked", replaced("concept2", "<details>", ""), "nothing to answer"),
    ("touched", source("figure", "J"), "0 cells show"),
    ("touched", source("check", "explore.backprop(J)"), "2 cells show"),
    ("touched", html("figure"), "no still"),
    ("errata_boxes", source("box1", "**The source says.** 1"), "half a box"),
    ("errata_boxes", source("later", BOX), "no cell checks"),
    ("numbers", replaced("concept1", "At 3.", "At 0.26."), "0.26 is in no cell"),
    ("paragraphs", source("body", "word " * 121), "121 words"),
    ("paragraphs", source("body", "- item\n- " + "word " * 121), "121 words"),
    ("wording", source("body", "It is Simply so."), "'Simply'"),
    ("wording", source("body", "In this notebook we will see."), "'In this notebook we will'"),
    ("tables", replaced("notation", "| we write |", "| |"), "without a header"),
    ("alt_texts", html("check", '<img alt="A plot" src="a">'), "says little"),
    ("alt_texts", html("figure", STILL, STILL), "one alt text"),
    ("sources", replaced("sources", ", 2017", ""), "without year"),
    ("sources", replaced("sources", "*Title*", "Title"), "without title"),
    ("slides", slide("check", "-"), "slide type '-'"),
    ("slides", lambda cells: named(cells, "check").metadata.clear(), "slide type None"),
    ("slides", slide("title", "skip"), "first cell is not a slide"),
    ("slides", slide("concept1", "fragment"), "a heading, has slide type 'fragment'"),
    ("slides", slide("lecturer1", "skip"), "for the lecturer, has slide type 'skip'"),
    ("one_idea", slide("body", "slide"), "1200 words on the slide"),
    ("one_idea", slide("box1", "fragment"), "30 lines of code"),
    ("one_idea", html("figure", STILL, STILL.replace("A", "B")), "2 pictures"),
    ("speaker_notes", replaced("lecturer1", "minute 10", "minute ten"), "without a minute"),
    ("speaker_notes", replaced("lecturer1", "</details>", ""), "not folded"),
    ("speaker_notes", replaced("lecturer3", "minute 30", "minute 20"), "after minute 20"),
    ("speaker_notes", replaced("lecturer3", "minute 30", "minute 51"), "the last is 50"),
    ("speaker_notes", replaced("lecturer1", "Usual", "Rare"), "lacks"),
    ("speaker_notes", replaced("lecturer1", "nobody", "one"), "lacks"),
    ("speaker_notes", slide("code1", "notes"), "reads other notes first"),
    ("speaker_notes", without("lecturer1"), "no notes for the lecturer in 'Concept 1'"),
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


def test_a_lesson_that_is_there_and_named_without_a_link_is_found(tmp_path):
    lesson = good_lesson()
    replaced("title", "[a file]", "05 and [a file]")(lesson.cells)
    rule = next(rule for rule in RULES if rule.__name__ == "chapters_are_linked")
    assert list(rule(Lesson(lesson, tmp_path / "08_example.ipynb"))) == []
    (tmp_path / "05_other.ipynb").touch()
    (message,) = rule(Lesson(lesson, tmp_path / "08_example.ipynb"))
    assert "lesson 05" in message


def test_every_rule_has_a_planted_violation():
    planted = {name for name, _, _ in PLANTED} | {"chapters_are_linked"}
    assert planted == {rule.__name__ for rule in RULES}


def test_an_ignored_output_with_an_assert_after_it_is_allowed():
    lesson = good_lesson()
    tagged("figure", "nbval-ignore-output")(lesson.cells)
    source("echo", "assert True")(lesson.cells)
    tags = next(rule for rule in RULES if rule.__name__ == "tags")
    assert list(tags(Lesson(lesson, FILE))) == []


@pytest.mark.parametrize("written", ["0.25", "0.3", "0.250", "`0.77`", "section 3.3"])
def test_a_number_may_be_rounded_or_belong_to_an_address(written):
    lesson = good_lesson()
    replaced("concept1", "At 3.", f"At {written} it is.")(lesson.cells)
    numbers = next(rule for rule in RULES if rule.__name__ == "numbers")
    assert list(numbers(Lesson(lesson, FILE))) == []


def test_words_are_what_is_read():
    # By hand: A, network, learns, see, the, notes, for, it's  (8)
    text = (
        "A **network** learns $w \\to w$:\n\n$$\\frac{a}{b}$$\n\n```python\nnot counted\n```\n"
        "see [the notes](https://example.org/a-b-c) for 12 <br> it's"
    )
    assert words(text) == 8
