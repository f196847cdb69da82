"""Every lesson on paper: the deck as a PDF file of its slides, and the handout, read again."""

import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import nbformat
import pytest
from lesson_rules.lesson import Lesson, pictures
from scripts import script
from staging import Screen, formulas

from course_lib.stage.cells import IN_WORDS
from course_lib.stage.deck import deck
from course_lib.stage.executions import executed
from course_lib.stage.handout import handout
from course_lib.stage.packages import REVEAL
from course_lib.stage.paper import NotPrinted, print_pdf

pdfium = pytest.importorskip("pypdfium2")

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TEX = re.compile(r"\$|\\[a-zA-Z]+\{|\\(delta|eta|frac|hat|lambda|partial|sigma|sum|top)\b")
ANSWER = re.compile(r"<details><summary>Answer</summary>(.*?)</details>", re.DOTALL)
PAGE_WIDTH = 658  # 174 mm, in pixels

SLIDES = """() => [...document.querySelectorAll(".slides > section > section")].map(slide => {
    const texts = selector => [...slide.querySelectorAll(selector)].filter(
        one => one.checkVisibility()).map(one => one.textContent);
    return {
        headings: texts("h1, h2, .where").filter(
            () => !slide.querySelector(".course-figure")),  // it has a title of its own
        code: texts(".jp-InputArea-editor pre"),
        figure: texts(".course-figure .title, .course-figure svg text"),
        pictures: slide.querySelectorAll("img[src^='data:image/png']").length,
    };
})"""

# What reaches beyond the page; code of which a line had to be broken.
WIDE = """() => {
    const right = document.querySelector("main").getBoundingClientRect().right + 1;
    const all = [...document.querySelectorAll("main *")];
    const wide = all.filter(one => one.getBoundingClientRect().right > right);
    const broken = [...document.querySelectorAll(".jp-InputArea-editor pre")].filter(code => {
        const lines = code.textContent.trimEnd().split("\\n").length;
        return code.offsetHeight > (lines + 0.5) * parseFloat(getComputedStyle(code).lineHeight);
    });
    return [...wide, ...broken].map(one => one.outerHTML.slice(0, 200));
}"""


class Printed:
    """The pages of a deck and of a handout, and the texts of their PDF files, page by page."""

    def __init__(self, path, folder):
        self.lesson = Lesson(nbformat.read(path, as_version=4), path)
        self.deck, self.handout = folder / f"{path.stem}.html", folder / f"{path.stem}_handout.html"
        page = deck(executed(path), {lesson.stem for lesson in LESSONS})
        self.deck.write_text(page, encoding="utf-8")
        stored = nbformat.read(path, as_version=4)
        self.handout.write_text(handout(stored), encoding="utf-8")
        files = [(page, page.with_suffix(".pdf")) for page in (self.deck, self.handout)]
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda file: print_pdf(*file), files))
        self.deck_pdf, self.handout_pdf = (Pdf(pdf) for _, pdf in files)


class Pdf:
    """What a PDF file has on its pages: size in points, number of pixel pictures, text."""

    def __init__(self, path):
        self.sizes, self.pictures, self.texts = [], [], []
        self.links = re.findall(r"/URI \((.*?)\)", path.read_bytes().decode("latin-1"))
        with pdfium.PdfDocument(path) as document:
            for page in document:
                self.sizes.append([round(length) for length in page.get_size()])
                images = page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE])
                self.pictures.append(len([*images]))
                self.texts.append(squeezed(page.get_textpage().get_text_range()))


def squeezed(text):
    """Without white space and ligatures: a PDF file has shapes in places, not words."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def prose_of(html):
    return squeezed(unescape(re.sub(r"<[^>]+>", "", html)))


@pytest.fixture(scope="module")
def printed_once(chromium, tmp_path_factory):
    """A function from a lesson's path to what was printed of it."""
    script(REVEAL, "dist/reveal.js")  # or the tests are left out
    folder, made = tmp_path_factory.mktemp("paper"), {}

    def printed(path):
        if path not in made:
            made[path] = Printed(path, folder)
        return made[path]

    return printed


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def printed(printed_once, request):
    return printed_once(request.param)


@pytest.fixture
def opened(chromium):
    """A function that opens a page as it is printed; it asked for nothing and did not complain."""
    screens = []

    def open_page(file, kind, query="?print-pdf", size=(1280, 720)):
        screens.append(Screen(chromium, file, size, query, kind))
        return screens[-1]

    yield open_page
    for screen in screens:
        screen.close()
        assert screen.problems == []


def test_a_deck_has_a_page_for_each_slide_with_all_that_is_on_it(printed, opened):
    on_stage = opened(printed.deck, "deck", query="")
    slides = opened(printed.deck, "deck").page.evaluate(SLIDES)
    pdf = printed.deck_pdf
    assert len(pdf.texts) == len(slides) == on_stage.slides()
    assert pdf.sizes == [[960, 540]] * len(slides)
    assert pdf.pictures == [slide["pictures"] for slide in slides]
    for text, slide in zip(pdf.texts, slides, strict=True):
        for kind in ("headings", "code", "figure"):
            assert [one for one in slide[kind] if squeezed(one) not in text] == [], kind
        assert len(text) > 3, "an empty page"
        assert not TEX.search(text)
    figures = sum("explore." in cell.source for cell in printed.lesson.code)
    assert sum(bool(slide["figure"]) for slide in slides) == figures


def test_what_is_folded_is_open_on_paper_and_the_page_is_light(printed_once, opened, tmp_path):
    page = printed_once(LESSONS[0]).deck.read_text(encoding="utf-8")
    folded = "<details><summary>Answer</summary><p>Forty-two.</p></details>"
    dark = "<script>localStorage.setItem('deck-theme', 'dark')</script>"
    file = tmp_path / "folded.html"
    file.write_text(page.replace("</h1>", f"</h1>{folded}{dark}", 1), encoding="utf-8")
    shown = opened(file, "deck").page
    assert shown.locator(".slides").get_by_text("Forty-two.").is_visible()
    ground = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    hidden = ".slides .fragment, .slides .fragment *"
    seen = f"[...document.querySelectorAll('{hidden}')].map(one => getComputedStyle(one))"
    assert shown.evaluate(f"{seen}.every(one => one.opacity === '1')")


def test_no_link_in_a_pdf_file_names_a_folder_of_this_machine(printed):
    for pdf in (printed.deck_pdf, printed.handout_pdf):
        assert [address for address in pdf.links if not address.startswith("http")] == []
    assert printed.handout_pdf.links  # to the sources


def test_a_handout_has_the_whole_lesson_in_order(printed):
    text, rest = "".join(printed.handout_pdf.texts), "".join(printed.handout_pdf.texts)
    prose = [cell.source for cell in printed.lesson.read]
    headings = re.findall(r"^#+ (.*)$", "\n".join(prose), re.MULTILINE)
    for heading in [*headings, "Answers"]:
        assert squeezed(heading) in rest, heading
        rest = rest.partition(squeezed(heading))[2]
    for cell in printed.lesson.code:
        for line in cell.source.splitlines():
            assert squeezed(line) in text, line
    assert not TEX.search(text)
    pages = printed.handout_pdf.texts
    assert min(map(len, pages)) > 100, "an empty page"
    assert printed.handout_pdf.sizes == [[595, 842]] * len(pages)
    for number, page in enumerate(pages, 1):
        assert f"{number}/{len(pages)}" in page


def test_a_handout_leaves_out_what_is_the_lecturers_or_only_said_on_a_screen(printed):
    text = "".join(printed.handout_pdf.texts)
    for cell in printed.lesson.lecturer:
        for sentence in re.findall(r"(?:Ask|Usual)[^$*`\n\"]{20,}", cell.source):
            assert squeezed(sentence) not in text
    for message in ("For the lecturer", "In words", "No prediction yet", "not written yet"):
        assert squeezed(message) not in text
    for message in ("made no prediction", "Run this cell, and the figure"):
        assert squeezed(message) not in text


def test_each_caption_stands_once_below_its_figure(printed):
    text = "".join(printed.handout_pdf.texts)
    outputs = [output for cell in printed.lesson.code for output in cell.outputs]
    shown = [output.get("data", {}).get("text/html", "") for output in outputs]
    captions = [html for html in shown if html.startswith(IN_WORDS)]
    captions = [prose_of(html.removeprefix(IN_WORDS)) for html in captions]
    captions += [prose_of(html) for html in shown if "course-still" in html]
    assert captions
    for caption in captions:
        assert text.count(caption) == 1, caption


def test_answers_stand_at_the_end_and_not_before(printed):
    prose = "\n".join(cell.source for cell in printed.lesson.read)
    answers = [prose_of(answer) for answer in ANSWER.findall(prose)]
    before, _, end = "".join(printed.handout_pdf.texts).rpartition("Answers1.")
    for number, answer in enumerate(answers, 1):
        assert before.count(f"Answer{number},attheend") == 1
        assert answer in end
        assert len(answer) < 25 or answer not in before  # a short one may be said, too
    assert before.count(",attheend") == len(answers)


def test_a_handout_fits_its_pages_with_formulas_and_pictures(printed, opened):
    screen = opened(printed.handout, "handout", size=(PAGE_WIDTH, 1000))
    screen.page.emulate_media(media="print")
    assert screen.page.evaluate(WIDE) == []
    assert screen.page.locator("main mjx-container").count() == formulas(printed.lesson.read)
    assert screen.page.locator("mjx-merror").count() == 0
    glyphs = screen.page.locator("mjx-container g[stroke-width='0']")
    outlines = glyphs.evaluate_all("all => all.map(one => getComputedStyle(one).stroke)")
    assert set(outlines) == {"none"}  # readers of PDF files show one of no width as a hairline
    images = screen.page.locator("main img")
    assert images.count() == sum(len(pictures(cell)) for cell in printed.lesson.code)
    assert images.evaluate_all("all => all.every(one => one.naturalWidth > 0)")


def test_what_is_never_ready_is_given_up_with_a_line(chromium, tmp_path):
    script_of_page = (ROOT / "course_lib" / "stage" / "paper.js").read_text(encoding="utf-8")
    page, target = tmp_path / "never.html", tmp_path / "never.pdf"
    page.write_text(f"<body><script>{script_of_page}</script></body>", encoding="utf-8")
    target.write_bytes(b"the old one")
    with pytest.raises(NotPrinted, match=r"never\.pdf was not printed in 3 seconds"):
        print_pdf(page, target, seconds=3)
    assert target.read_bytes() == b"the old one"
    assert sorted(tmp_path.iterdir()) == [page, target]
