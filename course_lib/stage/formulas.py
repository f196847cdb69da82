"""Formulas without a script: TeX made into MathML, which browsers show by themselves.

latex2mathml knows the commands. What it leaves out of TeX is mended here: where signs stand close,
names of functions apart, columns aligned. Without latex2mathml a formula stays its TeX.
"""

import re
from html import escape, unescape
from xml.etree.ElementTree import Element, tostring

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

try:
    from latex2mathml.converter import convert_to_element
except ImportError:  # an extra of pyproject.toml
    convert_to_element = None

KNOWS_TEX = convert_to_element is not None

INSTEAD = {
    "{aligned}": "{align*}",  # unknown to latex2mathml, and the same where nothing is numbered
}
SIGNS = "−+±∓"
OPENING = "([{|‖⟨"
CLOSING = ")]}|‖⟩"
SCRIPTS = ("msub", "msup", "msubsup", "munder", "mover", "munderover")
ENDED = re.compile(r"<math(?:(?!</math>).)*</math>[),.;:?!]+", re.DOTALL)
THIN = "0.167em"  # a thin space of TeX


def with_mathml(markdown: str) -> str:
    """Markdown to HTML as nbconvert does it, with its formulas set."""
    renderer = _Renderer(escape=False, exclude_anchor_links=True)
    page = MarkdownWithMath(renderer=renderer).render(markdown)
    return ENDED.sub(r'<span class="unbroken">\g<0></span>', page)


class _Renderer(IPythonRenderer):
    def block_math(self, body: str) -> str:
        return mathml(body, block=True)

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)


def mathml(tex: str, *, block: bool = False) -> str:
    """A formula as a <math> element; its TeX in <code> if latex2mathml is not installed."""
    if not KNOWS_TEX:
        return f'<code class="tex">{escape(tex.strip(), quote=False)}</code>'
    for command, other in INSTEAD.items():
        tex = tex.replace(command, other)
    math = convert_to_element(tex, display="block" if block else "inline")
    # It writes signs as entities, to be read once more; but a "<" has to stay one.
    for element in math.iter():
        element.text = unescape(element.text or "")
    for mend in (_mend_letters, _mend_spaces, _mend_scripts):
        for element in list(math.iter()):
            mend(element)
    return tostring(math, encoding="unicode")


def _mend_letters(element: Element) -> None:
    """Set what a single sign has otherwise in TeX."""
    if element.tag == "mi" and re.fullmatch("[Α-Ω]", element.text):
        element.set("mathvariant", "normal")  # capital Greek letters are upright
    elif element.tag == "mi" and element.text == ";":
        element.tag = "mo"  # a space follows
    elif element.tag == "mo" and element.text in ("⊤", "∂", "∞"):
        element.tag = "mi"  # letters, with no space around them
    elif element.tag == "mo" and element.text == "/":
        element.attrib.update(lspace="0", rspace="0")
    elif element.tag == "mo" and element.text in ("|", "‖"):
        tall = "true" if "minsize" in element.attrib else "false"
        element.attrib.update(lspace="0", rspace="0", stretchy=tall)
    elif element.tag == "mover" and element[1].text == "^":
        element[1].text = "ˆ"  # as small as an accent is
        element[1].set("stretchy", "false")


def _mend_scripts(element: Element) -> None:
    """Set scripts close, and primes and tall signs, which browsers make too small there."""
    if element.tag not in SCRIPTS:
        return
    for sign in (sign for script in element[1:] for sign in script.iter("mo")):
        sign.attrib.update(lspace="0", rspace="0")
    if "minsize" in element[0].attrib:
        element[0] = _row(element[0])
    if element.tag in ("msup", "msubsup") and set(element[-1].text) == {"′"}:
        prime = element[-1]
        prime.tag = "mo"
        prime.attrib.update(lspace="0", rspace="0")
        element.remove(prime)
        if element.tag == "msup":
            element.tag = "mrow"
            element.append(prime)
        else:
            element.tag = "msub"
            element[0] = _row(element[0], prime)


def _row(*elements: Element) -> Element:
    row = Element("mrow")
    row.extend(elements)
    return row


def _mend_spaces(row: Element) -> None:
    """Set what depends on a sign's neighbors: a minus before a number, the space around a name."""
    seen = [child for child in row if child.tag != "mspace"]
    for before, core, after in zip([None, *seen], seen, [*seen[1:], None], strict=False):
        sign = _core(core)
        if sign.tag == "mo" and sign.text in SIGNS and not _is_operand(before):
            sign.set("form", "prefix")
        if sign.tag == "mi" and re.fullmatch("[a-z]{2,}", sign.text):
            sign.tag = "mo"
            sign.set("lspace", THIN if _is_operand(before) else "0")
            opens = after is None or _core(after).text in tuple(OPENING)
            sign.set("rspace", "0" if opens else THIN)


def _is_operand(element: Element | None) -> bool:
    """Whether a sign that follows stands between two things."""
    if element is None:
        return False
    core = _core(element)
    return core.tag != "mo" or core.text in tuple(CLOSING)


def _core(element: Element) -> Element:
    """What a subscript or a superscript is attached to."""
    while element.tag in SCRIPTS:
        element = element[0]
    return element
