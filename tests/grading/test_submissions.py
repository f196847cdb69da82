"""Submissions are found in every layout, whatever they are called, and nobody's is guessed."""

import io
import os
import pickle
import random
import stat
import sys
import tempfile
import time
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from course_lib.grading import sources
from course_lib.grading.filenames import canvas_names, moodle_names, printable
from course_lib.grading.rosters import Roster
from course_lib.grading.sources import MAX_BYTES, Unfit
from course_lib.grading.submissions import find, time_of

ROOT = Path(__file__).resolve().parents[2]
SETS = ROOT / "exercises"
FIVE = "05_backprop_without_forks"
needs_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def handed_out(name=FIVE):
    return (SETS / name / "problems.ipynb").read_bytes()


def notebook(chapter=5, cells=3):
    """The least that has ids of cells."""
    ids = [f'{{"id": "{chapter:02d}{letter}"}}' for letter in "abcdefgh"[:cells]]
    return f'{{"cells": [{", ".join(ids)}]}}'.encode()


def lay(folder, files):
    """Writes files, of a list or of {path: bytes}."""
    contents = files if isinstance(files, dict) else dict.fromkeys(files, notebook())
    for path, data in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def zipped(files, **options):
    """The bytes of a zip."""
    contents = files if isinstance(files, dict) else dict.fromkeys(files, notebook())
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return data.getvalue()


def students(found, chapter=5):
    return [submission.student for submission in found.by_set.get(chapter, [])]


def sources_of(found, chapter=5):
    return {each.student: each.source for each in found.by_set.get(chapter, [])}


def late(found, chapter=5):
    return {each.student for each in found.by_set[chapter] if each.late}


# --- nbgrader ------------------------------------------------------------------------------------


def nbgrader_course(folder):
    return lay(
        folder,
        {
            f"submitted/bob/{FIVE}/problems.ipynb": b"bob 5",
            f"submitted/alice/{FIVE}/problems.ipynb": b"alice 5",
            f"submitted/alice/{FIVE}/timestamp.txt": b"2026-11-30 23:59:00.123456 UTC\n",
            "submitted/alice/08_homework/problems.ipynb": b"alice 8",
            f"source/{FIVE}/problems.ipynb": b"ours",
            f"release/{FIVE}/problems.ipynb": b"ours",
            "gradebook.db": b"",
        },
    )


@pytest.mark.parametrize("below", ["", "submitted"])
def test_nbgraders_layout_is_read_from_the_course_or_from_submitted(tmp_path, below):
    found = find(nbgrader_course(tmp_path) / below)
    assert {number: students(found, number) for number in found.by_set} == {
        5: ["alice", "bob"],
        8: ["alice"],
    }
    assert [each.read() for each in found.by_set[5]] == [b"alice 5", b"bob 5"]
    assert found.by_set[5][0].source == f"alice/{FIVE}/problems.ipynb"
    assert found.unmatched == []


def test_only_the_set_that_was_asked_for(tmp_path):
    found = find(nbgrader_course(tmp_path), chapter=8)
    assert list(found.by_set) == [8]
    assert found.unmatched == []


def test_what_nbgrader_would_not_mark_is_listed(tmp_path):
    lay(
        tmp_path,
        [
            f"submitted/alice/{FIVE}/problems.ipynb",
            f"submitted/alice/{FIVE}/scratch.ipynb",
            f"submitted/alice/{FIVE}/old/problems.ipynb",
            f"submitted/alice/{FIVE}/notes.py",
            "submitted/alice/77_extra/problems.ipynb",
            f"submitted/bob/{FIVE}/one.ipynb",
            f"submitted/bob/{FIVE}/two.ipynb",
            "submitted/carol/homework/problems.ipynb",
        ],
    )
    found = find(tmp_path)
    assert sources_of(found) == {"alice": f"alice/{FIVE}/problems.ipynb"}
    reasons = dict(found.unmatched)
    assert reasons.pop("alice/77_extra/problems.ipynb") == "there is no problem set 77"
    assert reasons.pop(f"alice/{FIVE}/scratch.ipynb").startswith("superseded by alice/05")
    assert reasons.pop(f"alice/{FIVE}/notes.py") == "no notebook"
    assert reasons.pop(f"alice/{FIVE}/old/problems.ipynb").startswith("deeper")
    assert reasons.pop(f"bob/{FIVE}/one.ipynb").startswith("one of 2 notebooks of bob")
    assert reasons.pop(f"bob/{FIVE}/two.ipynb").startswith("one of 2 notebooks of bob")
    assert reasons.pop("carol/homework/problems.ipynb").startswith("in a folder that is neither")
    assert reasons == {}


def test_a_timestamp_after_the_date_is_late(tmp_path):
    stamps = {
        "ann": b"2026-12-01 00:00:01 UTC",
        "ben": b"2026-11-30 23:59:00.500000 UTC",
        "cid": b"2026-12-01 00:30:00 +0100",
        "dan": b"2026-11-30 23:30:00 -0100",
        "eve": b"2026-12-01T00:00:00",
    }
    for name, stamp in stamps.items():
        lay(tmp_path, {f"submitted/{name}/{FIVE}/timestamp.txt": stamp})
        lay(tmp_path, [f"submitted/{name}/{FIVE}/problems.ipynb"])
    lay(tmp_path, [f"submitted/fay/{FIVE}/problems.ipynb"])
    due = datetime(2026, 12, 1, tzinfo=UTC)
    found = find(tmp_path, due=due)
    assert late(found) == {"ann", "dan"}
    assert found.unmatched == []
    assert late(find(tmp_path)) == set()
    assert late(find(tmp_path, due=due - timedelta(minutes=15))) == {"ann", "ben", "dan", "eve"}


def test_the_times_that_nbgrader_writes_are_the_ones_it_reads():
    nbgrader = pytest.importorskip("nbgrader.utils")
    for text in (
        "2026-11-30 23:59:00 UTC",
        "2026-11-30 23:59:00.123456 UTC",
        "2026-11-30 23:59:00",
        "2026-11-30 23:59:00 +0000",
        "2026-11-30 23:59:00 Europe/Berlin",
    ):
        assert time_of(text.encode()) == nbgrader.parse_utc(text).replace(tzinfo=UTC), text


@pytest.mark.parametrize(
    "stamp",
    [b"", b"soon", b"\xff\xfe\0", b"2026-13-01 00:00:00 UTC", b"2026-12-01 00:00:00 ../etc/passwd",
     b"2026-12-01 00:00:00 Europe", b"2026-12-01 00:00:00 +99", b"9" * 10**6, b"1 2 \0",
     b"2026-12-01 00:00:00 Nowhere"],
)  # fmt: skip
def test_a_timestamp_that_is_no_time_is_said_and_counts_as_in_time(tmp_path, stamp):
    lay(tmp_path, [f"submitted/ann/{FIVE}/problems.ipynb"])
    lay(tmp_path, {f"submitted/ann/{FIVE}/timestamp.txt": stamp})
    found = find(tmp_path, due=datetime(2020, 1, 1, tzinfo=UTC))
    assert late(found) == set()
    [(source, reason)] = found.unmatched
    assert source == f"ann/{FIVE}/timestamp.txt"
    assert "expected a time" in reason and "\n" not in reason and len(reason) < 300


@pytest.mark.parametrize("stamp", [b"0001-01-01 00:00:00 +2359", b"9999-12-31 23:59:59 -2359"])
def test_times_at_the_ends_of_the_calendar_are_compared(tmp_path, stamp):
    lay(tmp_path, [f"submitted/ann/{FIVE}/problems.ipynb"])
    lay(tmp_path, {f"submitted/ann/{FIVE}/timestamp.txt": stamp})
    found = find(tmp_path, due=datetime(2026, 1, 1, tzinfo=UTC))
    assert late(found) == ({"ann"} if stamp.startswith(b"9") else set())


def test_what_is_in_the_folder_of_what_came_late_is_late_whatever_else_is_said(tmp_path):
    lay(tmp_path, [f"late/ann/{FIVE}/problems.ipynb", "late/doe_1_2_problems.ipynb"])
    lay(tmp_path, ["late/Jo_3_assignsubmission_file_/x.ipynb"])
    lay(tmp_path, {f"late/ann/{FIVE}/timestamp.txt": b"2026-11-01 00:00:00 UTC"})
    found = find(tmp_path, due=datetime(2026, 12, 1, tzinfo=UTC))
    assert late(found) == {"ann", "doe_1", "Jo_3"}


def test_a_date_without_a_time_zone_is_this_machines(tmp_path):
    due = datetime(2026, 12, 1, 12)
    moment = due.astimezone(timezone(timedelta(hours=5)))
    for name, after in (("early", -1), ("tardy", 1)):
        stamp = (moment + timedelta(minutes=after)).strftime("%Y-%m-%d %H:%M:%S %z")
        lay(tmp_path, {f"submitted/{name}/{FIVE}/timestamp.txt": stamp.encode()})
        lay(tmp_path, [f"submitted/{name}/{FIVE}/problems.ipynb"])
    assert late(find(tmp_path, due=due)) == {"tardy"}


# --- flat folders --------------------------------------------------------------------------------


def test_notebooks_folders_attempts_and_late(tmp_path):
    lay(
        tmp_path,
        [
            "alice.ipynb",
            "bob/whatever name.ipynb",
            "carol/1/x.ipynb",
            "carol/2/x.ipynb",
            "carol/10/x.ipynb",
            "Late/dora.ipynb",
            "Late/emil/3/x.ipynb",
            "Late/emil/2/x.ipynb",
        ],
    )
    found = find(tmp_path)
    assert sources_of(found) == {
        "alice": "alice.ipynb",
        "bob": "bob/whatever name.ipynb",
        "carol": "carol/10/x.ipynb",
        "dora": "Late/dora.ipynb",
        "emil": "Late/emil/3/x.ipynb",
    }
    assert late(found) == {"dora", "emil"}
    assert dict(found.unmatched) == {
        "carol/1/x.ipynb": "superseded by carol/10/x.ipynb",
        "carol/2/x.ipynb": "superseded by carol/10/x.ipynb",
        "Late/emil/2/x.ipynb": "superseded by Late/emil/3/x.ipynb",
    }


@pytest.mark.parametrize(
    "files",
    [
        ["alice/a.ipynb", "alice/b.ipynb"],
        ["alice.ipynb", "alice/a.ipynb"],
        ["alice.ipynb", "late/alice.ipynb"],
        ["alice/a.ipynb", "alice/1/a.ipynb"],
        ["alice/1/a.ipynb", "alice/1/b.ipynb"],
        ["alice/1/a.ipynb", "alice/01/a.ipynb"],
        ["alice/a.ipynb", f"alice/{FIVE}/problems.ipynb"],
    ],
)
def test_of_two_notebooks_of_one_student_none_is_chosen(tmp_path, files):
    found = find(lay(tmp_path, ["bob.ipynb", *files]))
    assert students(found) == ["bob"]
    assert [source for source, _ in found.unmatched] == sorted(files)
    assert all("one of 2 notebooks of alice" in reason for _, reason in found.unmatched)


def test_what_is_no_submission_is_listed_and_what_systems_leave_is_not(tmp_path):
    lay(
        tmp_path,
        ["alice.ipynb", "notes.py", "bob/report.pdf", "problems.ipynb", "problems (1).ipynb"],
    )
    lay(tmp_path, [f"{FIVE}/x.ipynb", "carol/deep/er/x.ipynb"])
    lay(tmp_path, [".DS_Store", "alice/.ipynb_checkpoints/a-checkpoint.ipynb", "Desktop.ini"])
    lay(tmp_path, ["__MACOSX/alice.ipynb", "._alice.ipynb", "bob/Thumbs.db"])
    (tmp_path / "dora").mkdir()
    lay(tmp_path, ["emil/.DS_Store"])
    found = find(tmp_path)
    assert students(found) == ["alice"]
    assert dict(found.unmatched) == {
        "notes.py": "no notebook",
        "bob/report.pdf": "no notebook",
        "problems.ipynb": "its name tells no student",
        "problems (1).ipynb": "its name tells no student",
        f"{FIVE}/x.ipynb": "its name tells no student",
        "carol/deep/er/x.ipynb": "in a folder that is neither a problem set's nor the number of an "
        "attempt",
        "alice": "an empty folder",
        "dora": "an empty folder",
        "emil": "an empty folder",
    }


def test_an_empty_folder_has_no_submissions(tmp_path):
    found = find(tmp_path)
    assert (found.by_set, found.unmatched) == ({}, [])


@pytest.mark.parametrize("name", ["nowhere", "file.txt", "broken.zip", "empty.zip"])
def test_what_is_no_folder_is_said_in_one_line(tmp_path, name):
    lay(tmp_path, {"file.txt": b"x", "broken.zip": b"PK\3\4 no zip", "empty.zip": zipped({})})
    with pytest.raises(ValueError) as error:
        find(tmp_path / name)
    assert str(error.value).startswith(str(tmp_path / name))
    assert "\n" not in str(error.value)


# --- which set -----------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", sorted(SETS.iterdir()), ids=lambda folder: folder.name[:2])
def test_every_set_is_known_by_its_cells(tmp_path, folder):
    if not folder.is_dir():
        return
    lay(tmp_path, {"alice.ipynb": handed_out(folder.name)})
    assert list(find(tmp_path).by_set) == [int(folder.name[:2])]


def test_a_folder_is_one_set_by_majority(tmp_path):
    files = {"a.ipynb": notebook(5), "b.ipynb": notebook(5), "c.ipynb": notebook(8)}
    found = find(lay(tmp_path, files | {"d.ipynb": b"", "e.ipynb": b"\xff" * 1000}))
    assert list(found.by_set) == [5]
    assert students(found) == ["a", "b", "c", "d", "e"]
    assert list(find(tmp_path, chapter=3).by_set) == [3]


def test_a_notebook_has_one_vote_however_often_it_says_something(tmp_path):
    shouting = (
        b'{"id": "07a"}, ' * 10_000 + b'{"id":"07b"} {"id": "99a"} {"id": "98a"} {"id": "97a"}'
    )
    quoting = notebook(5, 1) + rb'"source": "\"id\": \"07a\", \"id\": \"07b\", \"id\": \"07c\""'
    mixed = notebook(5, 3) + notebook(7, 1) * 9
    found = find(lay(tmp_path, {"a.ipynb": shouting, "b.ipynb": quoting, "c.ipynb": mixed}))
    assert list(found.by_set) == [5]


def test_other_forms_of_json_are_read(tmp_path):
    compact = b'{"cells":[{"metadata":{"nbgrader":{"grade_id":"check-11bug"}}}]}'
    spread = b'{"grade_id"\n :\t"task-11a"}'
    assert list(find(lay(tmp_path, {"a.ipynb": compact, "b.ipynb": spread})).by_set) == [11]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.ipynb": b"{}"}, "found no notebook with cells of a problem set"),
        ({"a.ipynb": notebook(5), "b.ipynb": notebook(8)}, "found 1 of set 05 and 1 of set 08"),
        ({"a.ipynb": notebook(5) + notebook(8)}, "found no notebook"),
        ({"a.ipynb": notebook(99)}, "found no notebook"),
    ],
)
def test_where_nothing_or_a_tie_tells_the_set_it_must_be_said(tmp_path, files, expected):
    with pytest.raises(ValueError, match="--set") as error:
        find(lay(tmp_path, files))
    assert str(error.value).startswith(expected) and "\n" not in str(error.value)
    assert students(find(tmp_path, chapter=5)) == [name[0] for name in files]


def test_a_stray_notebook_does_not_stop_nbgraders_course(tmp_path):
    found = find(lay(tmp_path, {f"alice/{FIVE}/problems.ipynb": b"", "bob.ipynb": b"{}"}))
    assert students(found) == ["alice"]
    assert found.unmatched == [("bob.ipynb", "nothing tells its problem set")]


@pytest.mark.parametrize(
    "piece",
    [b'"id"', b'"id" : ', b'"grade_id": "', b'"id": "a', b'"id": "05', b'"id"' + b" " * 999],
)
def test_looking_for_the_set_takes_linear_time(tmp_path, piece):
    lay(tmp_path, {"a.ipynb": piece * (2**22 // len(piece)), "b.ipynb": notebook()})
    start = time.perf_counter()
    assert list(find(tmp_path).by_set) == [5]
    assert time.perf_counter() - start < 5


# --- Canvas and Moodle ---------------------------------------------------------------------------


def test_canvas_bulk_download(tmp_path):
    lay(
        tmp_path,
        [
            "doejane_12345_67890_problems.ipynb",
            "doejane_12399_67891_problems.ipynb",
            "roejo_LATE_12400_67892_problems.ipynb",
            "roejo_LATE_12400_67893_problems-1.ipynb",
            "roejo_LATE_12400_67894_problems-12.ipynb",
            "roejo_LATE_12400_67895_problems-2.ipynb",
            "äöü_ßmith_12401_67896_my own_name.ipynb",
            "twofiles_12402_67897_problems.ipynb",
            "twofiles_12402_67898_scratch.ipynb",
            "link_12403_text.html",
            "numbers_12404_67901_problems-2.ipynb",
            "numbers_12404_67902_scratch.ipynb",
            "anon_ab12C_67899_problems.ipynb",
            "LATE_anon_Xb12C_67900_problems-3.ipynb",
        ],
    )
    found = find(tmp_path)
    assert sources_of(found) == {
        "doejane_12345": "doejane_12345_67890_problems.ipynb",
        "doejane_12399": "doejane_12399_67891_problems.ipynb",
        "roejo_12400": "roejo_LATE_12400_67894_problems-12.ipynb",
        "äöü_ßmith_12401": "äöü_ßmith_12401_67896_my own_name.ipynb",
        "anon_ab12C": "anon_ab12C_67899_problems.ipynb",
        "anon_Xb12C": "LATE_anon_Xb12C_67900_problems-3.ipynb",
    }
    assert late(found) == {"roejo_12400", "anon_Xb12C"}
    reasons = dict(found.unmatched)
    assert len(reasons) == 8
    superseded = "superseded by roejo_LATE_12400_67894_problems-12.ipynb"
    assert reasons["roejo_LATE_12400_67892_problems.ipynb"] == superseded
    assert reasons["roejo_LATE_12400_67895_problems-2.ipynb"] == superseded
    assert "one of 2 notebooks" in reasons["twofiles_12402_67898_scratch.ipynb"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("doejane_1_2_a.ipynb", [("doejane", "1", "a.ipynb", False)]),
        ("doejane_LATE_1_2_a_3_4_b.ipynb", [("doejane", "1", "a_3_4_b.ipynb", True)]),
        (
            "doe_1_2_05_b.ipynb",
            [("doe", "1", "05_b.ipynb", False), ("doe_1", "2", "b.ipynb", False)],
        ),
        ("x_7_LATE_1_2_b.ipynb", [("x_7", "1", "b.ipynb", True)]),
        ("_1_2_b.ipynb", [("", "1", "b.ipynb", False)]),
        ("12_34_56_b.ipynb", [("12", "34", "b.ipynb", False)]),
        ("doe_1_b.ipynb", []),
        ("doe_1_2.ipynb", []),
        ("alice.ipynb", []),
        ("Jane Doe_1_2_b.ipynb", []),
        ("doe_²_³_b.ipynb", []),
    ],
)
def test_how_canvas_names_files(name, expected):
    found = [(each.name, each.number, each.title, each.late) for each in canvas_names(name)]
    assert found == expected


def test_a_name_that_ends_in_a_number_takes_nobody_elses_place(tmp_path):
    """A student called "x_777" can make Canvas's name look like that of user 777."""
    header = "Student,ID,SIS User ID,SIS Login ID,Section\n"
    people = "".join(f"s{id},{id},,,A\n" for id in (777, 123, 5000))
    lay(tmp_path, {"roster.csv": (header + people).encode()})
    forged, honest = "x_777_123_99_problems.ipynb", "s777_777_98_problems.ipynb"
    titled = "s5000_5000_97_05_problems.ipynb"
    folder = lay(tmp_path / "all", [forged, honest, titled])
    roster = Roster.read(tmp_path / "roster.csv")
    found = find(folder, roster)
    assert sources_of(found) == {"s777_777": honest, "s5000_5000": titled}
    assert found.unmatched == [(forged, "may be x_777's or x_777_123's")]
    assert students(find(folder)) == ["s5000_5000", "s777_777", "x_777"]


def test_moodle_bulk_download(tmp_path):
    lay(
        tmp_path,
        [
            "Jane Doe_123456_assignsubmission_file_/problems.ipynb",
            "Jane Doe_123457_assignsubmission_file/my folder/work.ipynb",
            "José O'Neil-Šmith jr._123458_assignsubmission_file_problems.ipynb",
            "山田 太郎_123459_assignsubmission_file_/a.b.ipynb",
            "under_score_123460_assignsubmission_file_/x_1_assignsubmission_file_y.ipynb",
            "Two Files_123461_assignsubmission_file_/a.ipynb",
            "Two Files_123461_assignsubmission_file_/a-1.ipynb",
            "Text Only_123462_assignsubmission_onlinetext/onlinetext.html",
        ],
    )
    found = find(tmp_path)
    assert students(found) == sorted(
        ["Jane Doe_123456", "Jane Doe_123457", "José O'Neil-Šmith jr._123458",
         "山田 太郎_123459", "under_score_123460"]
    )  # fmt: skip
    assert sorted(dict(found.unmatched)) == [
        "Text Only_123462_assignsubmission_onlinetext/onlinetext.html",
        "Two Files_123461_assignsubmission_file_/a-1.ipynb",
        "Two Files_123461_assignsubmission_file_/a.ipynb",
    ]


def test_what_a_student_calls_a_file_tells_nothing_about_whose_it_is(tmp_path):
    lay(
        tmp_path,
        [
            "Jane Doe_1_assignsubmission_file_/Eve_2_assignsubmission_file_/eve_3_4_x.ipynb",
            "doejane_5_6_Eve_2_assignsubmission_file_x.ipynb",
            "alice/eve_3_4_problems.ipynb",
            f"bob/{FIVE}/eve_3_4_problems.ipynb",
        ],
    )
    assert students(find(tmp_path)) == ["Jane Doe_1", "alice", "bob", "doejane_5"]


def test_how_moodle_names_files():
    [name] = moodle_names("Ann_Lee_12_assignsubmission_file_a_13_assignsubmission_file_b.ipynb")
    assert (name.name, name.number) == ("Ann_Lee", "12")
    assert name.title == "a_13_assignsubmission_file_b.ipynb"
    assert moodle_names("Default group_assignsubmission_file_") == []


# --- zips ----------------------------------------------------------------------------------------


def disk(folder):
    return {path: path.stat().st_size for path in sorted(folder.rglob("*"))}


@pytest.mark.parametrize("as_argument", [True, False])
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["alice.ipynb", "bob/1/x.ipynb", "late/carol.ipynb"], ["alice", "bob", "carol"]),
        (["all/alice.ipynb", "all/bob.ipynb", "__MACOSX/all/._bob.ipynb"], ["alice", "bob"]),
        (["doejane_LATE_1_2_a.ipynb", "roe_3_4_b.ipynb"], ["doejane_1", "roe_3"]),
        (["Jane Doe_7_assignsubmission_file_/a.ipynb"], ["Jane Doe_7"]),
        ([f"submitted/alice/{FIVE}/problems.ipynb"], ["alice"]),
        ([f"alice/{FIVE}/problems.ipynb", f"bob/{FIVE}/problems.ipynb"], ["alice", "bob"]),
        (["all\\alice.ipynb", "all\\bob.ipynb"], ["alice", "bob"]),
    ],
)
def test_zips_of_every_layout_are_read_in_place(tmp_path, files, expected, as_argument):
    lay(tmp_path, {"in/all.zip": zipped(files)})
    before = disk(tmp_path)
    found = find(tmp_path / "in" / "all.zip" if as_argument else tmp_path / "in")
    assert students(found) == expected
    assert found.unmatched == []
    assert all(each.read() == notebook() for each in found.by_set[5])
    assert disk(tmp_path) == before


def test_students_zips(tmp_path):
    work = zipped(["work/problems.ipynb"])
    lay(
        tmp_path,
        {
            "alice.zip": zipped(["problems.ipynb", "data.csv"]),
            "bob.zip": zipped([f"{FIVE}/problems.ipynb"]),
            "carol/2/work.zip": work,
            "carol/1/work.zip": work,
            "doejane_1_2_work.zip": work,
            "Jane Doe_7_assignsubmission_file_/work.zip": work,
            "late/emil.zip": zipped(["emil/problems.ipynb"]),
            "both.zip": zipped(["problems.ipynb", "fay.ipynb"]),
            "problems.zip": zipped(["problems.ipynb"]),
            "two.zip": zipped(["problems.ipynb", "problems-1.ipynb"]),
        },
    )
    found = find(tmp_path)
    assert sources_of(found) == {
        "alice": "alice.zip/problems.ipynb",
        "bob": f"bob.zip/{FIVE}/problems.ipynb",
        "carol": "carol/2/work.zip/problems.ipynb",
        "doejane_1": "doejane_1_2_work.zip/work/problems.ipynb",
        "Jane Doe_7": "Jane Doe_7_assignsubmission_file_/work.zip/problems.ipynb",
        "emil": "late/emil.zip/problems.ipynb",
        "fay": "both.zip/fay.ipynb",
    }
    assert late(found) == {"emil"}
    assert dict(found.unmatched) == {
        "alice.zip/data.csv": "no notebook",
        "carol/1/work.zip/problems.ipynb": "superseded by carol/2/work.zip/problems.ipynb",
        "both.zip/problems.ipynb": "its name tells no student",
        "problems.zip/problems.ipynb": "its name tells no student",
        "two.zip/problems.ipynb": "one of 2 notebooks of two, none of which says it counts",
        "two.zip/problems-1.ipynb": "one of 2 notebooks of two, none of which says it counts",
    }


def test_a_zip_of_the_name_of_a_student_is_theirs_whatever_it_holds(tmp_path):
    people = b"Student,ID,SIS User ID,SIS Login ID,Section\nA,1,,ann,S\nB,2,,ben,S\nC,3,,cid,S\n"
    roster = Roster.read(lay(tmp_path, {"r.csv": people}) / "r.csv")
    folder = lay(
        tmp_path / "in",
        {
            "ann.zip": zipped(["ben.ipynb"]),
            "ben.zip": zipped(["cid_3_99_problems.ipynb"]),
            "section A.zip": zipped(["cid.ipynb"]),
        },
    )
    found = find(folder, roster)
    assert sources_of(found) == {
        "ann": "ann.zip/ben.ipynb",
        "ben": "ben.zip/cid_3_99_problems.ipynb",
        "cid": "section A.zip/cid.ipynb",
    }
    assert [roster.match(each.student, each.source) for each in found.by_set[5]] == [0, 1, 2]


def test_a_zip_in_a_bulk_download_is_read_and_a_third_is_not(tmp_path):
    inner = zipped({"work.ipynb": notebook(), "deep.zip": zipped(["x.ipynb"])})
    lay(
        tmp_path,
        {"all.zip": zipped({"doejane_1_2_work.zip": inner, "roe_3_4_a.ipynb": notebook()})},
    )
    found = find(tmp_path / "all.zip")
    assert sources_of(found) == {
        "doejane_1": "doejane_1_2_work.zip/work.ipynb",
        "roe_3": "roe_3_4_a.ipynb",
    }
    assert found.by_set[5][0].read() == notebook()
    assert found.unmatched == [
        ("doejane_1_2_work.zip/deep.zip", "a zip in a zip in a zip, which is not looked into")
    ]


def patched(data, **flags):
    """A zip with other bytes in the headers of its entries: encrypted, method, size."""
    data = bytearray(data)
    for signature, at in ((b"PK\1\2", 0), (b"PK\3\4", -2)):
        start = 0
        while (start := data.find(signature, start)) >= 0:
            if "encrypted" in flags:
                data[start + 8 + at] |= 1
            if "method" in flags:
                data[start + 10 + at] = flags["method"]
            if "size" in flags:
                data[start + 24 + at : start + 28 + at] = flags["size"].to_bytes(4, "little")
            start += 4
    return bytes(data)


GOOD = zipped(["alice.ipynb", "bob.ipynb"])
BROKEN = {
    "encrypted": (patched(GOOD, encrypted=True), "a zip with a password; save it without"),
    "empty file": (b"", "a damaged zip: File is not a zip file"),
    "noise": (random.Random(1).randbytes(5000), "a damaged zip"),
    "cut": (GOOD[:-30], "a damaged zip"),
    "no entries": (zipped({}), "an empty zip"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_zip_that_cannot_be_read_is_one_line(tmp_path, kind):
    data, expected = BROKEN[kind]
    found = find(lay(tmp_path, {"zed.ipynb": notebook(), "bad.zip": data}))
    assert students(found) == ["zed"]
    [(source, reason)] = found.unmatched
    assert source == "bad.zip" and reason.startswith(expected) and "\n" not in reason


def test_a_method_that_cannot_be_limited_is_not_read(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("alice.ipynb", notebook())
    found = find(lay(tmp_path, {"zed.ipynb": notebook(), "all.zip": data.getvalue()}))
    assert dict(found.unmatched) == {
        "all.zip/alice.ipynb": "packed by method 12; zip it the usual way"
    }


def test_damage_inside_a_zip_is_one_line_when_it_is_read(tmp_path):
    data = bytearray(zipped({"alice.ipynb": random.Random(2).randbytes(4000)}))
    data[1000] ^= 255
    found = find(lay(tmp_path, {"all.zip": bytes(data)}), chapter=5)
    with pytest.raises(Unfit, match=r"^a damaged zip: Bad CRC-32"):
        found.by_set[5][0].read()


def test_random_damage_to_a_zip_is_never_more_than_unfit(tmp_path):
    rng = random.Random(3)
    good = zipped(["alice.ipynb", "late/bob.ipynb", "Jane_1_assignsubmission_file_/x.ipynb"])
    path = tmp_path / "all.zip"
    for _ in range(400):
        data = bytearray(good)
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            found = find(path, chapter=5)
        except ValueError as error:
            assert "\n" not in str(error)
            continue
        for each in found.by_set.get(5, []):
            try:
                each.read()
            except Unfit as error:
                assert "\n" not in str(error)
        assert all("\n" not in source + reason for source, reason in found.unmatched)


def peak_memory(action):
    import tracemalloc

    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("claimed", [None, 10, 2**32 - 2])
def test_a_zip_bomb_does_not_fill_the_memory(tmp_path, claimed):
    bomb = zipped({"alice.ipynb": b"0" * (200 * 2**20)})
    if claimed is not None:
        bomb = patched(bomb, size=claimed)
    found = find(lay(tmp_path, {"all.zip": bomb}), chapter=5)

    def read():
        with pytest.raises(Unfit):
            found.by_set[5][0].read()

    assert peak_memory(read) < 4 * MAX_BYTES


def test_a_zip_that_lists_very_many_files_is_not_looked_into(tmp_path):
    data = bytearray(GOOD)
    size = 2**31
    data[-10:-6] = size.to_bytes(4, "little")
    claiming = lay(tmp_path / "claiming", {"zed.ipynb": notebook(), "bad.zip": bytes(data)})
    assert dict(find(claiming).unmatched)["bad.zip"].startswith("a damaged zip")
    truly = io.BytesIO()
    with zipfile.ZipFile(truly, "w") as archive:
        for number in range(9000):
            archive.writestr(f"{number:04d}" + "x" * 1000, b"")
    folder = lay(tmp_path / "truly", {"zed.ipynb": notebook(), "bad.zip": truly.getvalue()})
    assert find(folder).unmatched == [("bad.zip", "a zip that lists too many files")]
    many = zipped([f"{number}.ipynb" for number in range(1001)])
    folder = lay(
        tmp_path / "many", {"all.zip": zipped({"z.ipynb": notebook(), "roe_1_2_w.zip": many})}
    )
    assert find(folder / "all.zip").unmatched == [
        ("roe_1_2_w.zip", "a zip of 1,001 files; at most 1,000 are looked at")
    ]


@pytest.mark.parametrize(
    "name", ["../alice.ipynb", "/alice.ipynb", "a/../../alice.ipynb", "..\\a.ipynb"]
)
def test_paths_that_lead_out_of_a_zip_lead_nowhere(tmp_path, name):
    before = disk(lay(tmp_path, {"in/all.zip": zipped([name, "bob.ipynb"])}))
    found = find(tmp_path / "in")
    assert students(found) == ["bob"]
    assert [reason for _, reason in found.unmatched] == ["its path leads out of the zip"]
    assert disk(tmp_path) == before


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644, stat.S_IFCHR | 0o644])
def test_links_and_devices_in_a_zip_are_not_read(tmp_path, mode):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        entry = zipfile.ZipInfo("alice.ipynb")
        entry.external_attr = mode << 16
        archive.writestr(entry, "/etc/passwd")
        archive.writestr("bob.ipynb", notebook())
    found = find(lay(tmp_path, {"all.zip": data.getvalue()}))
    assert students(found) == ["bob"]
    link = stat.S_ISLNK(mode)
    reason = "a link, which is not followed" if link else "no regular file, and not opened"
    assert found.unmatched == [("all.zip/alice.ipynb", reason)]


def test_one_name_twice_in_a_zip_is_two_notebooks(tmp_path):
    data = io.BytesIO()
    with pytest.warns(UserWarning), zipfile.ZipFile(data, "w") as archive:
        archive.writestr("alice.ipynb", notebook())
        archive.writestr("alice.ipynb", notebook())
        archive.writestr("bob.ipynb", notebook())
    found = find(lay(tmp_path, {"all.zip": data.getvalue()}))
    assert students(found) == ["bob"]
    assert len(found.unmatched) == 2


def test_names_in_a_zip_of_macos_are_utf8(tmp_path):
    data = bytearray(zipped(["José.ipynb", "bob.ipynb"]))
    for signature, at in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        start = data.find(signature)
        data[start + at + 1] &= ~8  # the flag that says UTF-8
    found = find(lay(tmp_path, {"all.zip": bytes(data)}))
    assert students(found) == ["José", "bob"]
    assert found.by_set[5][0].read() == notebook()


def test_a_zip_that_was_replaced_gives_nobody_somebody_elses_notebook(tmp_path):
    lay(tmp_path, {"all.zip": zipped({"alice.ipynb": notebook(), "bob.ipynb": b"bob"})})
    alice, bob = find(tmp_path, chapter=5).by_set[5]
    assert bob.read() == b"bob"
    lay(tmp_path, {"all.zip": zipped({"bob.ipynb": b"bob's other work", "carol.ipynb": b"carol"})})
    for each in (alice, bob):
        with pytest.raises(Unfit, match="no longer what it was"):
            each.read()


# --- files that are none -------------------------------------------------------------------------


@needs_posix
def test_links_pipes_sockets_and_devices_are_listed_and_never_opened(tmp_path, monkeypatch):
    secret = lay(tmp_path, {"secret/alice.ipynb": b"secret"}) / "secret"
    folder = lay(tmp_path / "in", ["zed.ipynb"])
    (folder / "link.ipynb").symlink_to(secret / "alice.ipynb")
    (folder / "student").symlink_to(secret)
    (folder / "student.zip").symlink_to(secret / "alice.ipynb")
    (folder / "late").symlink_to(secret)
    (folder / "nowhere.ipynb").symlink_to("nowhere")
    (folder / "loop.ipynb").symlink_to("loop.ipynb")
    (folder / "device.ipynb").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.ipynb")
    os.mkfifo(folder / "pipe.zip")
    folder.joinpath("dora").mkdir()
    folder.joinpath("dora", "x.ipynb").symlink_to(secret / "alice.ipynb")
    opened = []
    monkeypatch.setattr(
        sources, "_opened", lambda path, real=sources._opened: opened.append(path) or real(path)
    )
    found = find(folder)
    assert students(found) == ["zed"]
    assert {path.name for path in opened} == {"zed.ipynb"}
    link, other = "a link, which is not followed", "no regular file, and not opened"
    assert dict(found.unmatched) == dict.fromkeys(
        ["link.ipynb", "student", "student.zip", "late", "nowhere.ipynb", "loop.ipynb",
         "device.ipynb", "dora/x.ipynb"], link
    ) | {"pipe.ipynb": other, "pipe.zip": other}  # fmt: skip


@needs_posix
def test_links_are_not_followed_in_nbgraders_layout(tmp_path):
    elsewhere = lay(tmp_path / "elsewhere", [f"eve/{FIVE}/problems.ipynb"])
    lay(elsewhere, {"stamp": b"2026-12-01 00:00:00 UTC"})
    lay(tmp_path / "in", [f"ann/{FIVE}/problems.ipynb"])
    (tmp_path / "in" / "ann" / FIVE / "timestamp.txt").symlink_to(elsewhere / "stamp")
    (tmp_path / "in" / "submitted").symlink_to(elsewhere)
    found = find(tmp_path / "in", due=datetime(2020, 1, 1, tzinfo=UTC))
    assert students(found) == ["ann"] and late(found) == set()
    assert found.unmatched == [
        (f"ann/{FIVE}/timestamp.txt", "a link, which is not followed"),
        ("submitted", "a link, which is not followed"),
    ]


@needs_posix
@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "gone"])
def test_a_notebook_that_was_exchanged_before_it_is_read_is_not_followed(tmp_path, kind):
    [submission] = find(lay(tmp_path, ["alice.ipynb"])).by_set[5]
    path = tmp_path / "alice.ipynb"
    path.unlink()
    if kind == "link":
        path.symlink_to(lay(tmp_path, {"secret": b"secret"}) / "secret")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(Unfit) as error:
        submission.read()
    assert "\n" not in str(error.value) and str(path) not in str(error.value)


@needs_posix
def test_a_device_is_not_read():
    with pytest.raises(Unfit, match="no regular file"):
        sources.File(("zero",), Path("/dev/zero")).read()


@pytest.mark.parametrize("extra", [0, 1, 100 * 2**20])
def test_a_notebook_has_a_largest_size(tmp_path, extra):
    path = lay(tmp_path, ["alice.ipynb"]) / "alice.ipynb"
    with open(path, "wb") as file:
        file.truncate(MAX_BYTES + extra)
    [submission] = find(tmp_path, chapter=5).by_set[5]
    if not extra:
        assert len(submission.read()) == MAX_BYTES
        return

    def read():
        with pytest.raises(Unfit, match=r"^larger than 16 MB$"):
            submission.read()

    assert peak_memory(read) < 3 * MAX_BYTES


@needs_posix
def test_what_may_not_be_read_is_said():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        lay(folder, ["zed.ipynb", "alice.ipynb", "bob/x.ipynb"])
        (folder / "alice.ipynb").chmod(0)
        (folder / "bob").chmod(0)
        user = os.geteuid()
        if user == 0:  # who may read everything
            os.seteuid(65534)
        try:
            found = find(folder)
            assert dict(found.unmatched)["bob"].startswith("a folder that does not open")
            with pytest.raises(Unfit, match="Permission denied"):
                found.by_set[5][0].read()
        finally:
            os.seteuid(user)
            (folder / "bob").chmod(0o700)


def test_folders_inside_each_other_end(tmp_path):
    deep = tmp_path / "in" / "/".join("d" * 40)
    deep.mkdir(parents=True)
    found = find(lay(tmp_path / "in", ["zed.ipynb"]))
    assert found.unmatched == [("/".join("d" * 17), "more than 16 folders inside each other")]


# --- names ---------------------------------------------------------------------------------------

STRANGE = [
    "a" * 235,
    "two\nlines",
    "carriage\rreturn",
    "bell\a\x1b[31mred",
    "right\u202eto left",
    "zero\u200bwidth",
    "-rf",
    "=cmd()",
    "<script>",
    "quo\"te'",
    "çédille",
    "c\u0327e\u0301dille",
    "שלום",
    "  spaces  ",
    "..",
    "con",
    "CON.txt",
    "\U0001f600",
]


@needs_posix
@pytest.mark.parametrize("name", [*STRANGE, os.fsdecode(b"not utf-8 \xff\xfe")], ids=ascii)
def test_strange_names_break_nothing_that_shows_them(tmp_path, name):
    lay(tmp_path, [f"{name}.ipynb", f"{name}_1_2_x.ipynb", f"{name}.txt"])
    found = find(tmp_path)
    assert len(found.by_set[5]) == 2
    for each in found.by_set[5]:
        assert each.read() == notebook()
        for text in (each.student, each.source):
            assert text.isprintable()
            assert text.encode("utf-8").decode("utf-8") == text
        assert pickle.loads(pickle.dumps(each)) == each


def test_printable_shows_what_cannot_be_seen():
    assert printable("Ann Šmith-Łee") == "Ann Šmith-Łee"
    assert printable("a\nb\u202ec\udcff\0") == r"a\nb\u202ec\udcff\x00"


# --- all of it -----------------------------------------------------------------------------------


def test_the_order_is_the_same_whatever_the_system_lists_first(tmp_path, monkeypatch):
    names = [f"{letter}{number}.ipynb" for letter in "Zaé_" for number in range(5)]
    folder = lay(tmp_path, [*names, "b/1/x.ipynb", "b/2/x.ipynb", "notes.txt"])
    first, files = find(folder), sources.listed(folder)
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: reversed(list(real(path))))
    assert (find(folder), sources.listed(folder)) == (first, files)
    assert students(first) == sorted(students(first))


def test_two_submissions_of_one_row_are_both_unmatched(tmp_path):
    lay(tmp_path, {"r.csv": b"Student,ID,SIS User ID,SIS Login ID,Section\nA,7,u7,ann@uni.edu,S\n"})
    roster = Roster.read(tmp_path / "r.csv")
    folder = lay(tmp_path / "in", ["ann.ipynb", "U7.ipynb", "nobody.ipynb", "no one.ipynb"])
    found = find(folder, roster)
    assert students(found) == ["no one", "nobody"]
    reason = "one of 2 submissions of one person in the gradebook"
    assert found.unmatched == [("U7.ipynb", reason), ("ann.ipynb", reason)]
    assert students(find(folder)) == ["U7", "ann", "no one", "nobody"]


@pytest.mark.parametrize("as_zip", [False, True])
def test_thousands_of_submissions_are_found_and_read_in_seconds(tmp_path, as_zip):
    files = {f"name_{number}_{number}_problems.ipynb": notebook() * 100 for number in range(3000)}
    if as_zip:
        lay(tmp_path, {"all.zip": zipped(files)})
    else:
        lay(tmp_path, files)
    start = time.perf_counter()
    found = find(tmp_path)
    assert sum(len(each.read()) for each in found.by_set[5]) == 3000 * 100 * len(notebook())
    assert time.perf_counter() - start < 10


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="forks")
def test_processes_that_were_forked_read_a_zip_at_the_same_time(tmp_path):
    rng = random.Random(4)
    files = {f"s{number}.ipynb": rng.randbytes(50_000) for number in range(60)}
    found = find(lay(tmp_path, {"all.zip": zipped(files)}), chapter=5)
    found.by_set[5][0].read()
    children = []
    for _ in range(4):
        if (child := os.fork()) == 0:
            try:
                good = all(
                    each.read() == files[f"{each.student}.ipynb"] for each in found.by_set[5]
                )
            except Unfit:
                good = False
            os._exit(0 if good else 1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
