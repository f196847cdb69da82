"""A tagged sentence: as text, as HTML, and without seeing colors."""

import re
from html.parser import HTMLParser

import pytest

from course_lib.models import TaggedSentence
from course_lib.models.highlight import COLORS, text_of
from course_lib.text import tokenize

TOKENS = tokenize("Julia Stone's dog <Rex> left the Hilton (in Paris).")
TAGS = ["B-PER", "I-PER"] + 7 * ["O"] + ["B-LOC", "O", "O", "B-GPE", "O", "O"]


def test_as_text():
    shown = "[Julia Stone|PER]'s dog < Rex > left the [Hilton|LOC] (in [Paris|GPE])."
    assert str(TaggedSentence(TOKENS, TAGS)) == shown
    assert repr(TaggedSentence(TOKENS, TAGS)) == shown


class Text(HTMLParser):
    """The text of a page, and whether every element was closed."""

    def __init__(self):
        super().__init__()
        self.text, self.open = "", []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(page):
    parser = Text()
    parser.feed(page)
    assert parser.open == []
    return parser.text


def test_html_says_the_same_in_words():
    page = TaggedSentence(TOKENS, TAGS)._repr_html_()
    assert read(page) == "Julia Stone PER's dog < Rex > left the Hilton LOC (in Paris GPE)."


def test_a_word_that_looks_like_html_stays_a_word():
    tokens = ["<script>", "&", "<b>"]
    page = TaggedSentence(tokens, ["B-PER", "O", "O"])._repr_html_()
    assert "<script>" not in page
    assert read(page) == "<script> PER & <b>"
    odd = TaggedSentence(["x"], ['B-"><script>'])._repr_html_()
    assert "<script>" not in odd


def luminance(color):
    """Relative luminance of "#rrggbb" (WCAG 2.1)."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("color", COLORS.values())
def test_black_text_reads_on_every_color(color):
    assert (luminance(color) + 0.05) / 0.05 > 7


def test_text_and_page_color_are_set_for_dark_themes():
    page = TaggedSentence(["a"], ["O"])._repr_html_()
    assert re.match(r'<div style="background-color: #ffffff; color: #000000;', page)


def test_no_entities_and_no_words():
    assert str(TaggedSentence(["a", "b"], ["O", "O"])) == "a b"
    assert str(TaggedSentence([], [])) == ""
    assert read(TaggedSentence([], [])._repr_html_()) == ""


def test_other_schemes_and_other_tags():
    assert str(TaggedSentence(["New", "York"], ["X", "X"], scheme="bare")) == "[New York|X]"
    assert "New York" in TaggedSentence(["New", "York"], ["X", "X"], "bare")._repr_html_()


def test_as_many_tags_as_tokens():
    with pytest.raises(ValueError, match=r"^found 2 tokens and 1 tags, expected as many$"):
        TaggedSentence(["a", "b"], ["O"])


def test_a_tag_outside_the_scheme_is_told_at_once():
    with pytest.raises(ValueError, match=r"^'PER' is no tag in 'bio': expected O or the like"):
        TaggedSentence(["a"], ["PER"])


@pytest.mark.parametrize(
    "text",
    [
        '"Did it rain?" asked Anna.',
        "We don't know; they've gone (at 5 p.m.).",
        "It costs $5, or 50% more: cheap!",
        'He said "no" and "yes".',
        "We don’t know… They’re gone, and Anna’s hat too.",
    ],
)
def test_spaces_are_where_they_were(text):
    assert text_of(tokenize(text)) == text
