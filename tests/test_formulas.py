"""Formulas as MathML: what latex2mathml makes of TeX, and what is mended in it."""

import re

import pytest

from course_lib.stage import formulas
from course_lib.stage.formulas import mathml, with_mathml

pytest.importorskip("latex2mathml", reason="an extra for lecturers")


def inside(tex):
    """The elements of a formula, without its outermost two."""
    found = re.fullmatch(r"<math [^>]*><mrow>(.*)</mrow></math>", mathml(tex))
    return found[1]


@pytest.mark.parametrize(
    "tex, elements",
    [
        # as latex2mathml makes it
        (r"\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        ("z_1", "<msub><mi>z</mi><mn>1</mn></msub>"),
        (r"\text{at } x", "<mtext>at\N{NO-BREAK SPACE}</mtext><mi>x</mi>"),
        (r"\mathbb{R}", "<mi>ℝ</mi>"),
        ("a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        # letters
        (r"\Delta z", '<mi mathvariant="normal">Δ</mi><mi>z</mi>'),
        (r"\partial u", "<mi>∂</mi><mi>u</mi>"),
        (r"W^\top", "<msup><mi>W</mi><mi>⊤</mi></msup>"),
        (
            r"\hat y",
            '<mover accent="true"><mi>y</mi><mo stretchy="false" lspace="0" rspace="0">ˆ</mo>'
            "</mover>",
        ),
        ("1/d", '<mn>1</mn><mo lspace="0" rspace="0">/</mo><mi>d</mi>'),
        ("a; b", "<mi>a</mi><mo>;</mo><mi>b</mi>"),
        # signs
        ("a - 1", "<mi>a</mi><mo>−</mo><mn>1</mn>"),
        ("a = -1", '<mi>a</mi><mo>=</mo><mo form="prefix">−</mo><mn>1</mn>'),
        ("-1", '<mo form="prefix">−</mo><mn>1</mn>'),
        # names of functions
        (r"\log 2", '<mo lspace="0" rspace="0.167em">log</mo><mn>2</mn>'),
        (r"y \log p", '<mi>y</mi><mo lspace="0.167em" rspace="0.167em">log</mo><mi>p</mi>'),
        (
            r"\tanh(x)",
            '<mo lspace="0" rspace="0">tanh</mo><mo stretchy="false">(</mo><mi>x</mi>'
            '<mo stretchy="false">)</mo>',
        ),
        # scripts
        ("x'", '<mrow><mi>x</mi><mo lspace="0" rspace="0">′</mo></mrow>'),
        (
            "x'_i",
            '<msub><mrow><mi>x</mi><mo lspace="0" rspace="0">′</mo></mrow><mi>i</mi></msub>',
        ),
        (
            "x_{t-1}",
            '<msub><mi>x</mi><mrow><mi>t</mi><mo lspace="0" rspace="0">−</mo><mn>1</mn></mrow>'
            "</msub>",
        ),
    ],
)
def test_elements(tex, elements):
    assert inside(tex).replace(" />", "/>") == elements


def test_bars_stand_close_and_are_tall_only_where_asked():
    assert inside("|V|").count('lspace="0" rspace="0"') == 2
    assert 'stretchy="false"' in inside("|V|")
    tall = inside(r"\Big|_x")
    assert tall.startswith("<msub><mrow><mo ") and 'stretchy="true"' in tall


def test_equations_are_aligned():
    rows = inside(r"\begin{aligned}a &= b & c &= d\\ e &= f & g &= h\end{aligned}")
    assert rows.count("<mtr>") == 2
    assert re.findall(r'<mtd columnalign="(\w+)"', rows) == ["right", "left"] * 4
    assert "&amp;" not in rows and "(1)" not in rows


def test_a_brace_has_its_words():
    brace = inside(r"\underbrace{a}_{\text{loss}}")
    assert brace.startswith("<munder><munder>")
    assert "⏟" in brace and "<mtext>loss</mtext>" in brace


def test_a_formula_of_its_own_is_a_block():
    assert 'display="block"' in mathml("x", block=True)
    assert 'display="inline"' in mathml("x")


def test_formulas_in_markdown_and_dollars_in_code():
    html = with_mathml("# Of $x$\n\n`$y$` and\n\n```\n$z$\n```\n\n$$w$$ costs 5 \\$ ($a$).")
    assert html.count("<math ") == 3
    assert html.count('display="block"') == 1
    assert "<code>$y$</code>" in html and "$z$" in html
    assert "<h1>" in html
    assert re.search(r'\(<span class="unbroken"><math [^(]*</math>\)\.</span>', html)


def test_without_latex2mathml_a_formula_is_its_tex(monkeypatch):
    monkeypatch.setattr(formulas, "KNOWS_TEX", False)
    assert with_mathml("$a < b$").strip() == '<p><code class="tex">a &lt; b</code></p>'
