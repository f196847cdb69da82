"""Files that are hardly notebooks, and files that should not be opened at all."""

import json
import os
import socket
import zipfile

import pytest
from security.hostile import CANARY, HONEST, notebook_of, words_of
from student_classes import FIVE, ROOT, needs_sandbox, notebook, run, seeded

from course_lib.grading.sources import MAX_BYTES

pytestmark = needs_sandbox

GOOD = {"cell_type": "code", "id": "05a", "source": HONEST}
WASTE = {"cell_type": "code", "source": "nowhere"}


def cells(*found, **more):
    return json.dumps({"cells": found, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


FORMATS = {
    "nothing": (b"", 0, "cut off, or something else"),
    "only a bracket": (b"{", 0, "cut off"),
    "a truncated notebook": (notebook_of({"05a": HONEST})[:-40], 0, "cut off"),
    "bytes of chance": (bytes(range(256)) * 100, 0, "not UTF-8"),
    "letters of another encoding": (notebook_of({"05a": f"# é\n{HONEST}"})
        .decode().encode("utf-16"), 0, "UTF-8"),
    "invalid UTF-8 inside": (
        notebook_of({"05a": HONEST}).replace(b"import", b"\xff\xfe"), 0, "not UTF-8"
    ),
    "a mark of the byte order": (b"\xef\xbb\xbf" + notebook_of({"05a": HONEST}), 2, ""),
    "halves of characters": (cells({**GOOD, "source": f"# \\ud800\n{HONEST}"}), 2, ""),
    "zeros inside the source": (cells(GOOD, {"cell_type": "code", "source": "\0" * 1000}), 2, ""),
    "format 3": (
        json.dumps({
            "nbformat": 3,
            "worksheets": [{"cells": [{"cell_type": "code", "input": HONEST.splitlines(True)}]}],
        }).encode(), 2, "",
    ),
    "a list": (b"[1, 2]", 0, "no list of cells"),
    "a number": (b"17", 0, "no list of cells"),
    "cells of every kind": (
        cells(None, 1, "x", [], {}, {"cell_type": "code"}, {"cell_type": "code", "source": 7},
              {"cell_type": "code", "source": [1, None, "x = 1\n"]}, {"cell_type": 5, "id": []},
              {"cell_type": "code", "source": "y = 2", "metadata": 3, "id": 4},
              {"cell_type": "code", "source": "z", "metadata": {"nbgrader": []}}, GOOD),
        2, "",
    ),
    "worksheets of every kind": (
        json.dumps({"worksheets": [None, 1, {"cells": 3}, {"cells": [GOOD]}]}).encode(), 2, "",
    ),
    "lists a million deep": (b"[" * 1_000_000, 0, "no notebook"),
    "objects a million deep": (b'{"a":' * 1_000_000, 0, "no notebook"),
    "a number of a million digits": (b'{"cells": ' + b"9" * 1_000_000 + b"}", 0, "no notebook"),
    "two lists of cells": (b'{"cells": [], ' + cells(GOOD)[1:], 2, ""),
    "a line of ten million letters": (cells(GOOD, {**WASTE, "source": "#" * 10**7}), 2, ""),
    "a text of ten million letters": (
        cells(GOOD, {"cell_type": "markdown", "source": "x" * 10**7}), 2, ""
    ),
    "five thousand cells that fail": (cells(GOOD, *[WASTE] * 5_000), 2, ""),
    "a million empty lists": (b'{"cells": [' + b"[]," * 1_000_000 + b"[]]}", 0, ""),
    "one cell of a thousand ids": (
        cells(*[{**WASTE, "id": f"check-05{c}"} for c in "abc" * 300], GOOD), 2, "",
    ),
    "a check that never comes": (
        cells(GOOD, {"cell_type": "code", "source": "1/0\ncheck('05a', delta_z2)"}), 2, "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_hardly_a_notebook_is_said_in_a_line(arena, name):
    content, points, says = FORMATS[name]
    found = arena.marked(content)
    assert found.points == points, found
    assert says in found.failure and "\n" not in found.failure
    assert len(words_of(found)) < 40_000


# --- what lies in a folder -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def class_of_files(tmp_path_factory):
    """A folder in which an honest student lies beside what should not be opened; and its marks."""
    folder = tmp_path_factory.mktemp("files")
    submitted = folder / "in"
    submitted.mkdir()
    (folder / "canary.txt").write_text(CANARY, encoding="utf-8")
    (submitted / "ada.ipynb").write_bytes(notebook())
    solution = ROOT / "solutions" / FIVE / "problems.ipynb"
    (submitted / "link.ipynb").symlink_to(solution)
    (submitted / "folder").symlink_to(ROOT / "solutions" / FIVE, target_is_directory=True)
    (submitted / "device.ipynb").symlink_to("/dev/zero")
    os.mkfifo(submitted / "pipe.ipynb")
    door = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(submitted)  # the name of a socket may not be long
    door.bind("socket.ipynb")
    os.chdir(here)
    with (submitted / "huge.ipynb").open("wb") as file:
        file.truncate(100 * 2**20)
    with zipfile.ZipFile(submitted / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("bomb.ipynb", b'{"cells": [' + b"[]," * (20 * 2**20) + b"[]]}")
        bomb.writestr("../../up.ipynb", notebook("idle"))
        bomb.writestr("/abs/olute.ipynb", notebook("idle"))
    for name in ("<script>alert(1)</script>", "=cmd|'x'!A0", "line\nbreak", "\x1b[31mred",
                 "\u202eabc", "x" * 200, "con", "..", "é"):  # fmt: skip
        student = submitted / f"named {name}".replace("/", "_")
        student.mkdir()
        (student / "problems.ipynb").write_bytes(notebook("idle"))
    found = run("grade", submitted, "--out", seeded(folder / "out"), "--set", "5")
    door.close()
    assert (found.returncode, found.stderr) == (0, ""), found
    return folder, json.loads((folder / "out" / FIVE / "results.json").read_text(encoding="utf-8"))


def test_only_notebooks_that_are_files_are_marked(class_of_files):
    _, found = class_of_files
    points = {
        mark["student"]: sum(each["points"] for each in mark["exercises"])
        for mark in found["marks"]
    }
    assert points.pop("ada") == 9
    assert set(points.values()) == {0}
    assert not {"link", "folder", "device", "pipe", "socket"} & set(points)
    unmatched = json.dumps(found["unmatched"])
    for name in ("link", "folder", "device", "pipe", "socket"):
        assert f"{name}" in unmatched


def test_what_is_too_large_is_said_and_not_read(class_of_files):
    _, found = class_of_files
    failures = {mark["student"]: mark["failure"] for mark in found["marks"]}
    assert "larger than 16 MB" in failures["huge"]
    assert MAX_BYTES == 16 * 2**20
    assert "larger than 16 MB" in json.dumps(found)


def test_nothing_is_written_outside_and_no_page_runs_a_script(class_of_files):
    folder, _ = class_of_files
    assert sorted(path.name for path in folder.iterdir()) == ["canary.txt", "in", "out"]
    for page in (folder / "out").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text and CANARY not in text
        assert not any(letter in text for letter in "\x1b\u202e")
    table = (folder / "out" / FIVE / "grades.csv").read_text(encoding="utf-8-sig")
    assert not [line for line in table.splitlines() if line[:1] in "=+-@"]
