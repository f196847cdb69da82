"""A lesson as a handout: the whole of it on A4 pages, for students to keep and to write on.

It is made from the stored lesson, whose outputs hold a still of each figure. The answers to its
questions stand together at the end.
"""

import json
from html import escape

from bs4 import BeautifulSoup, Tag  # nbconvert brings it
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from .cells import on_paper
from .deck import exported, own, page, title_of
from .packages import MATHJAX

COURSE = "How neural networks learn"


def handout(notebook: NotebookNode, *, plain: bool = False) -> str:
    """The page of a stored lesson's handout, to be printed.

    plain: made of nothing that has to be fetched.
    """
    title = title_of(notebook)
    body = exported(on_paper(notebook), HTMLExporter, "handout.html.j2", plain=plain)
    lesson = BeautifulSoup(body, "html.parser")
    _spell_out_links(lesson)
    _collect_answers(lesson)
    typesetting = [] if plain else [own("mathjax.js"), MATHJAX.read("es5/tex-svg.js")]
    scripts = [own("paper.js"), *typesetting, own("handout.js")]
    styles = [own("look.css"), own("handout.css"), _running_head(title)]
    return page(title, f"<main>{lesson}</main>", scripts, styles)


def _running_head(title: str) -> str:
    """The style that repeats the title on all pages but the first. CSS has strings as JSON has."""
    left, right = json.dumps(title), json.dumps(COURSE)
    return f"""
        @page {{ @top-left {{ content: {left}; }} @top-right {{ content: {right}; }} }}
        @page:first {{ @top-left {{ content: ""; }} @top-right {{ content: ""; }} }}
    """


def _spell_out_links(lesson: BeautifulSoup) -> None:
    """After each link its address, unless that is what it says."""
    for link in lesson.find_all("a", href=True):
        if link["href"] != link.get_text():
            address = f' <span class="address">({escape(link["href"])})</span>'
            link.insert_after(BeautifulSoup(address, "html.parser"))


def _collect_answers(lesson: BeautifulSoup) -> None:
    """Move what is folded away to the end, with a number that stands in its place, too."""
    answers = lesson.find_all("details")
    if not answers:
        return
    end = BeautifulSoup('<section id="answers"><h2>Answers</h2><ol></ol></section>', "html.parser")
    for number, folded in enumerate(answers, start=1):
        folded.replace_with(_reference(end, number, folded.summary.get_text()))
        folded.summary.decompose()
        folded.name = "li"
        folded["id"] = f"answer-{number}"
        end.ol.append(folded)
    lesson.append(end)


def _reference(end: BeautifulSoup, number: int, summary: str) -> Tag:
    """What leads from a question to its answer, in print and by a click."""
    reference = end.new_tag("a", href=f"#answer-{number}", attrs={"class": "answer"})
    reference.string = f"{summary} {number}, at the end"
    return reference
