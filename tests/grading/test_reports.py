"""Pages and tables made of real marks, of hostile ones, and of hardly any."""

import csv
import io
import json
import os
import random
import re
import xml.etree.ElementTree as ElementTree
from functools import lru_cache
from html.parser import HTMLParser

import mistune
import pytest

from course_lib.checks import bank
from course_lib.checks.checking import examine
from course_lib.checks.exercise import BugHunt
from course_lib.grading import reports
from course_lib.grading.marks import ExerciseMark, Mark
from course_lib.grading.reports import page_files, write
from course_lib.grading.reports.class_page import class_html, worth_a_look
from course_lib.grading.reports.statistics import items
from course_lib.grading.reports.student import student_html, student_markdown
from course_lib.grading.reports.tables import grades_csv, results_json

SAID = {
    "title": "05 Backprop without forks",
    "limits": "All cells together may run for 60 seconds, in `1 GB` of memory.",
    "by_hand": {"project": 4.0, "report": 6.0},
}
UNMATCHED = [("b/thesis.docx", "no notebook"), ("a.zip", "holds no notebook")]
GUARDS = "bubblewrap, Landlock and seccomp."
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`](javascript:alert(1)) &lt;b&gt; "
    "[a]: https://evil.example [x](https://evil.example) ![y](https://evil.example/y.png) | **c** "
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link \u202egpj.exe\u2066 \ud800 \x00\x08"
    "\n# head\n\n```\n</pre></section></svg><style>*{display:none}</style>\n~~~\n<iframe src=//e>\n"
    "$\\href{javascript:1}{x}$ <http://evil.example> a@evil.example `<b>` \u2028<!-- -->"
)
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")


def markdown_it(*options):
    """A reader of Markdown as GitHub and GitLab have it."""
    return pytest.importorskip("markdown_it").MarkdownIt(*options)


@lru_cache
def diagnosis(id, code):
    """What `examine` says to the right answer, or to the misconception of this code."""
    exercise = bank.find(id)
    if isinstance(exercise, BugHunt):
        return examine(id, code or exercise.line)
    return examine(id, exercise.wrong[code] if code else exercise.reference)


def exercise_mark(id, code=None):
    found, points = diagnosis(id, code), bank.find(id).points
    told = (found.kind, found.code, found.text, found.trace, found.note)
    return ExerciseMark(id, points if found.right else 0, points, *told)


def undefined(x, W1, b1, w2, b2, y):
    return yhat  # noqa: F821


def a_class(count, seed=0):
    """Students who know their chapter more or less."""
    rng = random.Random(seed)
    marks = []
    for n in range(count):
        able = rng.random()
        found = []
        for id, exercise in bank.of_chapter(5).items():
            wrong = "ABC" if isinstance(exercise, BugHunt) else list(exercise.wrong)
            found.append(exercise_mark(id, None if rng.random() < able else rng.choice(wrong)))
        name = f"student-{n:04}"
        failure = "" if n % 20 != 7 else "line 3: no JSON"
        late = n % 10 == 3
        marks.append(Mark(name, f"{name}/problems.ipynb", f"{n:064x}", tuple(found), late, failure))
    return marks


def hostile(name=HOSTILE, **more):
    found = ExerciseMark("05a", 0, 2, "error", HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    told = {"remarks": (HOSTILE, HOSTILE)} | more
    return Mark(name, HOSTILE, HOSTILE, (found, exercise_mark("05b")), **told)


def written(folder, marks, **more):
    files = page_files(mark.student for mark in marks)
    given = SAID | {"unmatched": UNMATCHED, "guards": GUARDS, "files": files} | more
    write(marks, folder, **given)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def of_class(marks, **more):
    files = page_files(mark.student for mark in marks)
    given = SAID | {"unmatched": UNMATCHED, "guards": GUARDS, "files": files} | more
    given.pop("limits")
    return class_html(marks, **given)


class Read(HTMLParser):
    """Every tag and attribute of a page, and that each tag is closed in its turn."""

    VOID = ("meta", "br", "img")

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text, self._open = [], [], [], []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *attribute) for attribute in attributes]
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *attribute) for attribute in attributes]

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] != "style":
            self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


def assert_harmless(html):
    """No scripts, no handlers, nothing from elsewhere, no characters that act."""
    page = Read(html)
    assert not {"script", "iframe", "img", "object", "link", "form", "base"} & set(page.tags)
    assert not [found for found in page.attributes if found[1].startswith("on")]
    for tag, name, value in page.attributes:
        if name in ("src", "href", "xlink:href", "action"):
            assert re.match(r"#|students/[a-z0-9_.-]+\.html$", value), (tag, name, value)
    assert "url(" not in re.sub(r"url\(#\w+\)", "", html)
    assert not DIRECTION.search(html)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\ud800-\udfff]", html)
    policies = [found[2] for found in page.attributes if found[1] == "content"]
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in policies
    return page


# --- a student's page ----------------------------------------------------------------------------


def test_a_page_says_what_check_says():
    wrong = exercise_mark("05b", "sign")
    mark = Mark("ada", "ada.ipynb", "00", (exercise_mark("05a"), wrong), True, "", ("Cell 3: no.",))
    html, markdown = student_html(mark, **SAID), student_markdown(mark, **SAID)
    words = assert_harmless(html).words
    assert wrong.text.endswith("?")
    assert wrong.text in words
    for said in (words, markdown):
        assert "2 of 4 points" in said
        assert "Exercises right: 1 of 2." in said
        assert "Besides, a person reads project, report, for up to 10 points." in said
        assert "It came after the date on which it was due." in said
        assert "Cell 3: no." in said
        assert "✓ 05a: 2 of 2 points" in said
        assert "✗ 05b: 0 of 2 points" in said
        assert "The idea behind it: the sign." in said
        assert "Begin with 05b" in said
        assert "60 seconds" in said
    assert '<code>hint("05b")</code>' in html
    assert '`hint("05b")`' in markdown
    assert '<html lang="en">' in html
    assert html.count("<h1>") == 1
    assert '<th scope="row"><a href="#exercise-2">05b</a></th>' in html
    assert 'id="exercise-2"' in html


def test_a_traceback_is_shown_as_it_stands():
    found = examine("05a", undefined)
    told = (found.kind, found.code, found.text, found.trace, found.note)
    mark = Mark("ada", "ada.ipynb", "00", (ExerciseMark("05a", 0, 2, *told),))
    assert "NameError: name 'yhat' is not defined" in found.trace
    block = Read(student_html(mark, **SAID))
    assert found.trace in "".join(block.text)
    rendered = markdown_it().parse(student_markdown(mark, **SAID))
    (code,) = [token.content for token in rendered if token.type == "code_block"]
    assert code.rstrip("\n") == found.trace


def test_what_is_right_leaves_nothing_to_do():
    mark = Mark("ada", "ada.ipynb", "00", (exercise_mark("05a"),))
    assert "Nothing is left to do here." in student_html(mark, **SAID)
    assert "What next?" not in student_html(mark, **SAID)


def test_a_failure_says_what_to_do_and_no_more():
    found = (ExerciseMark("05a", 0, 2, "missing", text="No cell defines it."),)
    mark = Mark("ada", "ada.ipynb", "00", found, failure="line 3: no JSON")
    for said in (student_html(mark, **SAID), student_markdown(mark, **SAID)):
        assert "Nothing of this could be run: line 3: no JSON" in said
        assert "Run All Cells" in said
        assert "No cell defines it." not in said
    assert "#exercise-1" not in student_html(mark, **SAID)


@pytest.mark.parametrize("kind", ["missing", "lost", "hidden", "unwritten", "slow"])
def test_each_kind_has_its_words_and_a_sign(kind):
    found = ExerciseMark("05a", 0, 2, kind, text="Which cell is it?")
    said = student_html(Mark("ada", "", "", (found,)), **SAID)
    sign = "…" if kind in ("missing", "unwritten") else "✗"
    assert f"<h2>{sign} 05a: 0 of 2 points</h2><p>Which cell is it?</p>" in said


def test_a_page_says_nothing_of_others(tmp_path):
    marks = a_class(12)
    files = written(tmp_path, marks)
    for mark in marks:
        for ending, made in (("html", student_html), ("md", student_markdown)):
            said = files[f"students/{mark.student}.{ending}"].decode()
            assert said == made(mark, **SAID)
            assert set(re.findall(r"student-\d{4}", said)) == {mark.student}
            assert "thesis" not in said


# --- hostile strings -----------------------------------------------------------------------------


@pytest.mark.parametrize("failure", ["", HOSTILE])
def test_hostile_strings_are_words_on_a_page(failure):
    mark = hostile(failure=failure, late=True)
    page = assert_harmless(student_html(mark, **SAID))
    assert "<script>alert(1)</script>" in page.words
    assert "31m" not in page.words  # what was a color is gone as a whole
    page = assert_harmless(of_class([mark, hostile("b")], unmatched=[(HOSTILE, HOSTILE)]))
    assert page.tags.count("style") == 2  # ours, and that of the picture


def tags_of(html):
    return set(Read(html).tags)


@pytest.mark.parametrize("failure", ["", HOSTILE])
def test_hostile_strings_are_words_in_markdown(failure):
    said = student_markdown(hostile(failure=failure), **SAID)
    ours = {"h1", "h2", "p", "strong", "em", "ul", "li", "code", "pre", "table", "thead", "tbody"}
    ours |= {"tr", "th", "td"}
    gfm = markdown_it("commonmark", {"html": True}).enable(["table", "strikethrough"])
    plain = markdown_it("commonmark", {"html": True})
    for html in (
        gfm.render(said),
        plain.render(said),
        mistune.create_markdown(escape=False, plugins=["table", "url", "strikethrough"])(said),
    ):
        assert tags_of(html) <= ours - {"em"}
        headings = re.findall(r"<h\d>(.*?)</h\d>", html)
        assert "head" not in headings
        assert html.count("<h2>") == (3 if failure else 5)
    assert not DIRECTION.search(said)
    assert "\x1b" not in said
    if not failure:
        blocks = [token for token in gfm.parse(said) if token.type == "code_block"]
        assert len(blocks) == 1
        assert "~~~\n<iframe src=//e>\n" in blocks[0].content


@pytest.mark.parametrize("start", ["# a", "- a", "+ a", "1. a", "12) a", "=====", "> a", "| a |"])
def test_a_line_begins_no_list_or_heading(start):
    mark = Mark("ada", "", "", (ExerciseMark("05a", 0, 2, "wrong", "", start),), remarks=(start,))
    tokens = markdown_it("commonmark").enable("table").parse(student_markdown(mark, **SAID))
    types = [token.type for token in tokens]
    assert types.count("bullet_list_open") == 1  # of the remarks
    assert not {"ordered_list_open", "blockquote_open"} & set(types)
    assert types.count("table_open") == 1
    assert types.count("heading_open") == 5
    shown = [token.children for token in tokens if token.type == "inline"]
    texts = ["".join(child.content for child in children) for children in shown]
    assert texts.count(start) == 2


TRICKY = {
    "&lt;b&gt; &amp; &copy; & <b>": None,
    "a*b*c _d_ __e__ ~~f~~ $g$ 2^3^ \\\\* \\\\": None,
    "[a](b) ![c](d) [^e] <http://x.y> http://x.y www.x.y a@b.c": None,
    "a | b || c": None,
    "only one ` of them": None,
    "`a | b` and `<b>` and `c & d`": None,  # shown as they stand
    "`a` and `b_c_d \\\\` end": "a and b_c_d \\\\ end",
}


@pytest.mark.parametrize("text", TRICKY)
def test_markdown_shows_the_very_text(text):
    mark = Mark("ada", "", "", (ExerciseMark("05a", 0, 2, "wrong", "", text),))
    said = student_markdown(mark, **SAID | {"by_hand": {text: 1}})
    gfm = markdown_it("commonmark", {"html": True}).enable(["table", "strikethrough"])
    shown = [token.children for token in gfm.parse(said) if token.type == "inline"]
    texts = ["".join(child.content for child in children) for children in shown]
    assert texts.count(TRICKY[text] or text) == 2  # below its heading, and in the table


def test_the_source_is_one_piece_of_code():
    mark = Mark("ada", "a`b`` *c*.ipynb", "f00d" * 16, ())
    assert "<code>a'b'' *c*.ipynb</code>, SHA-256 f00df00df00d…" in student_html(mark, **SAID)
    assert "`a'b'' *c*.ipynb`, SHA-256 f00df00df00d…" in student_markdown(mark, **SAID)


def test_piles_of_accents_are_cut():
    said = student_html(Mark("Zoe\u0308 Z" + "\u0489\u0301" * 50, "", "", ()), **SAID)
    assert "Zoe\u0308 Z" in said
    assert not re.search("[\u0300-\u036f\u0489]{4}", said)


def test_ids_and_paths_are_quoted():
    found = ExerciseMark('"><script>', 0, 2, "error", "odd", "Why?", "trace")
    mark = Mark("ada", "", "", (found,))
    assert_harmless(student_html(mark, **SAID))
    page = assert_harmless(of_class([mark]))
    assert "script" not in page.tags
    html = of_class([mark], files={"ada": 'students/a"b %.html'})
    assert Read(html).attributes.count(("a", "href", "students/a%22b%20%25.html")) == 1


def test_a_student_of_endless_strings_costs_little():
    endless = "W\u0301\u0302\u0303\u0304\u0305" * 500_000
    found = ExerciseMark("05a", 0, 2, "error", endless, endless, endless, endless)
    mark = Mark(endless, endless, endless, (found,), False, "", (endless,))
    assert len(student_html(mark, **SAID)) < 60_000
    assert len(student_markdown(mark, **SAID)) < 60_000
    assert len(of_class([mark])) < 100_000
    (path,) = page_files([endless]).values()
    assert len(path) < 100


@pytest.mark.parametrize(
    "text", ["\x1b[" * 5000, "\x1b]" * 5000, "`" * 9999, "`a" * 5000, "\x1b[" + "0" * 9999]
)
def test_no_string_takes_long(text):
    mark = Mark(text, text, text, (ExerciseMark("05a", 0, 2, "error", text, text, text, text),))
    assert_harmless(student_html(mark, **SAID))
    assert "\x1b" not in student_markdown(mark, **SAID)


# --- tables --------------------------------------------------------------------------------------


def test_grades_have_a_row_for_each_student():
    marks = a_class(9)
    rows = list(csv.DictReader(io.StringIO(grades_csv(marks))))
    assert list(rows[0]) == [
        *("student", "05a", "05b", "05c", "05bug", "total", "out_of", "late", "failure")
    ]
    for row, mark in zip(rows, marks, strict=True):
        assert row["student"] == mark.student
        assert float(row["total"]) == sum(exercise.points for exercise in mark.exercises)
        assert [row[e.id] for e in mark.exercises] == [str(e.points) for e in mark.exercises]
        assert row["late"] == ("late" if mark.late else "")
        assert row["failure"] == mark.failure


def test_points_are_written_for_spreadsheets():
    found = tuple(ExerciseMark(id, p, 2.0, "wrong") for id, p in (("05a", 2.0), ("05b", 2 / 3)))
    (row,) = csv.DictReader(io.StringIO(grades_csv([Mark("ada", "", "", found)])))
    assert (row["05a"], row["05b"], row["total"]) == ("2", "0.666667", "2.666667")


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1",
        " =1",
        "\x00=1",
        "\u202e=1",
        "＝1",
        "x;=1",
        'x";=1',
        'x;"=1',
        "x;'+1",
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_is_a_formula(name, separator):
    mark = Mark(name, "", "", (exercise_mark("05a"),), failure=name)
    for row in csv.reader(io.StringIO(grades_csv([mark])), delimiter=separator):
        for cell in row:
            assert not re.match(r"\s*[=+\-@＝＋－＠\t\r]", cell)


def test_everything_is_in_the_json_and_is_read_back():
    marks = [*a_class(5), hostile()]
    given = SAID | {"unmatched": UNMATCHED, "guards": GUARDS}
    found = json.loads(results_json(marks, **given))
    assert [Mark.of_json(entry) for entry in found["marks"]] == sorted(
        marks, key=lambda mark: mark.student
    )
    assert found["unmatched"][0] == {"path": "a.zip", "reason": "holds no notebook"}
    assert found["by_hand"] == {"project": 4.0, "report": 6.0}
    assert [item["id"] for item in found["exercises"]] == ["05a", "05b", "05c", "05bug"]
    assert results_json(marks, **given).isascii()


# --- the class page ------------------------------------------------------------------------------


def test_the_class_page_has_what_an_instructor_needs():
    marks = a_class(60)
    html = of_class(marks)
    page = assert_harmless(html)
    ran = [mark for mark in marks if not mark.failure]
    assert (
        f"60 submissions, of which 3 could not be run; what follows is about the other {len(ran)}"
        in html
    )
    for words in (
        "Facility",
        "Discrimination",
        "line 3: no JSON",
        "b/thesis.docx",
        GUARDS,
        "report",
    ):
        assert words in page.words
    assert f"Late: {sum(mark.late for mark in marks)}." in page.words
    students = html[html.index("<h2>Students</h2>") :]
    for mark in marks:
        row = re.search(rf'{mark.student}\.html">.*?</tr>', students)[0]
        numbers = [float(cell) for cell in re.findall(r'class="n">(.*?)</td>', row)]
        assert numbers == [mark.points, mark.out_of, *(e.points for e in mark.exercises)]
    ideas = html[html.index("<h2>Misconceptions</h2>") : html.index("<h2>Students</h2>")]
    codes = [e.code for mark in ran for e in mark.exercises if e.id == "05b" and e.code == "sign"]
    share = f"{len(codes)} ({len(codes) / len(ran):.0%})"
    assert f'<th scope="row">05b</th><td>the sign</td><td class="n">{share}</td>' in ideas


def test_the_picture_is_said_in_words_and_takes_the_page_s_color():
    html = of_class(a_class(60))
    (svg,) = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    label = root.get("aria-label")
    counts = [int(count) for count in re.findall(r"(?:than|all) \d+: (\d+)", label)]
    assert sum(counts) == 57
    for item in items(a_class(60)):
        assert f"{item.id}: {item.facility:.2f}" in label
    assert "currentColor" in svg and "#010203" not in svg
    assert "date" not in svg and "Matplotlib" not in svg
    ids = re.findall(r' id="(.*?)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "marks",
    [
        [],
        a_class(1),
        [Mark("ada", "ada.ipynb", "00", ())],
        [Mark("ada", "ada.ipynb", "00", (), failure="it is empty")],
        [Mark(n, n, n, (exercise_mark("05a"),), failure="it is empty") for n in "abc"],
        [Mark(n, n, n, (exercise_mark("05a"),)) for n in "abc"],
        [Mark(n, n, n, (ExerciseMark("05a", 0, 0, "missing"),)) for n in "ab"],
        [
            Mark("a", "a", "a", (exercise_mark("05a"),)),
            Mark("b", "b", "b", (exercise_mark("05b"), exercise_mark("05a"))),
        ],
    ],
    ids=["none", "one", "no exercises", "empty", "failures", "all right", "no points", "unlike"],
)
@pytest.mark.filterwarnings("error")
def test_small_and_odd_classes_have_a_page(marks, tmp_path):
    files = written(tmp_path, marks)
    assert_harmless(files["class.html"].decode())
    assert b"nan" not in files["class.html"]
    assert len(files) == 3 + 2 * len(marks)
    assert len(json.loads(files["results.json"])["marks"]) == len(marks)


def test_three_thousand_students_have_a_usable_page():
    html = of_class(a_class(3000))
    assert len(html) < 1_500_000
    assert "3,000 submissions" in html


def test_what_is_worth_a_look():
    def item(points, kind="wrong"):
        """One of many in which 05b is known by the first twenty."""
        rest = [2] * 20 + [0] * 20
        marks = [
            Mark(
                f"s{n:02}",
                "",
                "",
                (
                    ExerciseMark("05a", p, 2, kind if p < 2 else "right"),
                    ExerciseMark("05b", r, 2, "right"),
                ),
            )
            for n, (p, r) in enumerate(zip(points, rest, strict=True))
        ]
        return worth_a_look(items(marks)[0])

    assert item([2] * 15 + [0] * 25, "near") == []
    assert item([0] * 20 + [2] * 20, "near") == ["those who know more do worse"]
    assert item([2, 0] * 20, "near") == ["tells nobody apart"]
    assert item([2] * 39 + [0], "near")[0] == "nearly all have it"
    assert item([2] * 8 + [0] * 32, "near") == ["hard"]
    assert "20 unexplained answers" in item([2] * 20 + [0] * 20)[0]
    assert "20 answers to read" in item([2] * 20 + [0] * 20, "hidden")[0]


# --- files ---------------------------------------------------------------------------------------


def test_the_same_marks_give_the_same_bytes_in_any_order(tmp_path):
    marks = [*a_class(40), hostile(), hostile("b")]
    shuffled = random.Random(3).sample(marks, len(marks))
    first = written(tmp_path / "first", marks)
    second = written(tmp_path / "ö second", shuffled, unmatched=UNMATCHED[::-1])
    assert first == second
    assert not any(str(tmp_path).encode() in data for data in first.values())
    assert not any(b"\r" in data for data in first.values())


def test_only_what_changed_is_written(tmp_path):
    marks = a_class(3)
    written(tmp_path, marks)
    own = tmp_path / "students" / "mine.html"
    own.write_text("mine", encoding="utf-8")
    for path in tmp_path.rglob("*.*"):
        os.utime(path, (1, 1))
    changed = marks[0].student
    written(tmp_path, [Mark(changed, "other.ipynb", "00", marks[0].exercises), *marks[1:-1]])
    new = {p.name for p in tmp_path.rglob("*.*") if p.stat().st_mtime > 1 and p.is_file()}
    assert new == {"class.html", "grades.csv", "results.json", f"{changed}.html", f"{changed}.md"}
    assert own.read_text(encoding="utf-8") == "mine"  # nothing that is not ours is deleted
    assert (tmp_path / "students" / f"{marks[-1].student}.html").exists()  # nor what was ours
    assert marks[-1].student not in (tmp_path / "class.html").read_text(encoding="utf-8")


def test_a_full_disk_leaves_whole_files(tmp_path, monkeypatch):
    before = written(tmp_path, a_class(3))
    write_bytes = reports.Path.write_bytes

    def full(path, data):
        write_bytes(path, data[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(reports.Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space left"):
            written(tmp_path, a_class(3, seed=1))
    after = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert after == before


def test_spreadsheets_are_told_the_encoding(tmp_path):
    data = written(tmp_path, [Mark("Zoë", "", "", (exercise_mark("05a"),))])["grades.csv"]
    assert data.startswith(b"\xef\xbb\xbf")
    assert "Zoë" in data.decode("utf-8-sig")


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..",
        ".",
        "",
        "/",
        "C:\\x",
        "con",
        "nul.txt",
        "a/b",
        "a\\b",
        "a:b",
        "x" * 300,
        "\ud800",
        "\x00",
        "Ada",
        "ADA",
        "ada.",
        "ada ",
        "Zoë",
        "李",
        "-rf",
        ".hidden",
        "a\nb",
        "%2e%2e",
    ],
)
def test_a_page_has_a_safe_name(name, tmp_path):
    (path,) = page_files([name]).values()
    assert re.fullmatch(r"students/[a-z0-9][a-z0-9_.-]{0,99}\.html", path)
    assert not re.match(r"students/(con|nul|prn|aux)\.", path)
    files = written(tmp_path, [Mark(name, name, "00", (exercise_mark("05a"),))])
    assert path in files
    assert path.replace(".html", ".md") in files
    assert_harmless(files["class.html"].decode())


def test_pages_of_different_students_are_different_files():
    names = ["ada", "Ada", "ADA", "ada.", "ada ", "ada\n", "a-da", "a/da", "a da", "äda", "a.da"]
    names += [page_files(["Ada"])["Ada"].removeprefix("students/").removesuffix(".html")]
    files = page_files(names)
    assert len({path.casefold() for path in files.values()}) == len(names)
    assert page_files(["Ada"])["Ada"] == files["Ada"]  # whoever else hands in
    assert files["ada"] == "students/ada.html"


@pytest.mark.parametrize(
    "path",
    [
        *("", "ada.html", "/students/ada.html", "students/../ada.html", "students/a\\b.html"),
        *("../students/ada.html", "students/ada.txt", "students/C:ada.html", "students/a.HTML"),
    ],
)
def test_pages_that_lead_elsewhere_are_refused(path, tmp_path):
    marks = [Mark("ada", "", "", ())]
    with pytest.raises(ValueError, match=r"the page of 'ada' is .*, expected students/NAME.html"):
        written(tmp_path / "out", marks, files={"ada": path})
    assert not (tmp_path / "out").exists()


def test_two_of_one_name_are_refused(tmp_path):
    ada, bob = Mark("ada", "1", "", ()), Mark("bob", "2", "", ())
    with pytest.raises(ValueError, match="two marks of 'ada', where one is expected"):
        written(tmp_path / "out", [ada, bob, ada])
    files = {"ada": "students/x.html", "bob": "students/X.html"}
    with pytest.raises(ValueError, match="'bob' and 'ada' have the same page"):
        written(tmp_path / "out", [ada, bob], files=files)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("points", [float("nan"), float("inf")])
def test_points_that_are_no_numbers_are_refused(points, tmp_path):
    mark = Mark("ada", "", "", (ExerciseMark("05a", points, 2, "right"),))
    with pytest.raises(
        ValueError, match=r"(nan|inf) of 2 points for 05a of 'ada': expected numbers"
    ):
        written(tmp_path / "out", [mark])
    assert not (tmp_path / "out").exists()
