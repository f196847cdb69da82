"""The record loses nothing: two at once, a damaged file, a full disk, no permission."""

import json
import multiprocessing
import os
from pathlib import Path

import pytest

from course_lib.checks import check, echo, hint, predict, progress, quiz, record, review


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def attempt(found):
    entry = record.of_exercise(found, "05a")
    entry["attempts"] += 1


def many_attempts(path, start):
    os.environ["COURSE_RECORD"] = path
    start.wait()
    for _ in range(100):
        record.change(attempt)


def test_two_processes_at_once_lose_nothing(own_record):
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(3)  # imports take longer than all that is written
    workers = [
        context.Process(target=many_attempts, args=(str(own_record), start)) for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert record.read()["exercises"]["05a"]["attempts"] == 300
    assert sorted(p.name for p in own_record.parent.iterdir()) == [
        ".progress.json.lock",
        "progress.json",
    ]


GOOD = {"version": 1, "exercises": {}, "predictions": {}, "quizzes": {}, "review": None}
MISSED = {"time": 1.0, "chapter": 5, "stage": 0}
ENTRY = {"first": 1.0, "attempts": 1, "solved": None, "missed": {}, "hints": 0}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 1',
        json.dumps(GOOD)[:-9],
        json.dumps({**GOOD, "exercises": []}),
        json.dumps({**GOOD, "exercises": {"05a": {}}}),
        json.dumps({**GOOD, "exercises": {"05a": {**ENTRY, "attempts": "three"}}}),
        json.dumps({**GOOD, "exercises": {"05a": {**ENTRY, "missed": {"sign": 3}}}}),
        json.dumps({**GOOD, "exercises": {"xx": ENTRY}}),
        json.dumps({**GOOD, "predictions": {"05.hook": 0.4}}),
        json.dumps({**GOOD, "quizzes": {"05q1": {"tries": None}}}),
        json.dumps({**GOOD, "review": "05a"}),
        json.dumps({**GOOD, "review": {"id": "05a", "code": "sign", "seed": -1}}),
        json.dumps({**GOOD, "exercises": {"05a": {**ENTRY, "hints": -3}}}),
        json.dumps(
            {**GOOD, "exercises": {"05a": {**ENTRY, "missed": {"sign": {**MISSED, "stage": 0.5}}}}}
        ),
        "[" * 100_000,
        "\x00\x01 not text",
    ],
)
def test_a_damaged_file_is_set_aside_with_one_line(text, own_record, capsys):
    write(own_record, text)
    check("05a", lambda *v: 1.0)
    progress()
    review()
    lines = capsys.readouterr().out.splitlines()
    (aside,) = own_record.parent.glob("progress.damaged-*.json")
    assert lines[0] == (
        f"Your progress file was damaged. It is kept as {aside.name}; a new one begins."
    )
    assert sum("damaged" in line for line in lines) == 1
    assert aside.read_text(encoding="utf-8") == text
    assert record.read()["exercises"]["05a"]["attempts"] == 1


def test_bytes_that_are_no_text_are_set_aside(own_record, capsys):
    own_record.parent.mkdir(parents=True)
    own_record.write_bytes(b"\xff\xfe\x00{")
    assert record.read()["exercises"] == {}
    assert "was damaged" in capsys.readouterr().out


def test_where_nothing_can_be_written_the_course_goes_on(own_record, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    check("05a", lambda *v: 1.0)
    before = own_record.read_bytes()
    capsys.readouterr()
    monkeypatch.setattr(Path, "write_text", full)
    check("05a", lambda *v: 1.0)
    hint("05a")
    predict("05.hook", 0.4)
    echo("05.hook", 0.5)
    quiz("05q1", "a")
    progress()
    review()
    out = capsys.readouterr().out
    assert out.count("could not be kept") == 1
    assert "No space left on device" in out
    assert own_record.read_bytes() == before
    assert [*own_record.parent.glob("*.progress.json")] == [], "no unfinished file is left"


def test_a_record_of_a_newer_course_is_left_as_it_is(own_record, capsys):
    text = json.dumps({"version": record.VERSION + 1, "new": "things"})
    write(own_record, text)
    check("05a", lambda *v: 1.0)
    check("05a", lambda *v: 1.0)
    out = capsys.readouterr().out
    assert out.count("newer version of the course") == 1
    assert "damaged" not in out
    assert own_record.read_text(encoding="utf-8") == text


def test_without_a_file_the_record_lasts_as_long_as_the_notebook(own_record, capsys, monkeypatch):
    check("05a", lambda *v: 1.0)
    kept, write_text = own_record.read_bytes(), Path.write_text

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    predict("05.hook", 0.4)
    hint("05a", 2)
    check("05a", lambda *v: 1.0)
    check("05a", lambda *v: 1.0)
    hint("05a", 4)
    echo("05.hook", 0.5)
    out = capsys.readouterr().out
    assert "hint 2 of 4" in out
    assert "hint 4 of 4" in out
    assert "You predicted 0.4" in out
    assert own_record.read_bytes() == kept
    monkeypatch.setattr(Path, "write_text", write_text)  # there is space again
    check("05a", lambda *v: 1.0)
    assert json.loads(own_record.read_bytes())["exercises"]["05a"]["attempts"] == 4


def test_what_another_notebook_wrote_since_is_not_written_over(own_record, monkeypatch):
    write_text = Path.write_text

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    check("05a", lambda *v: 1.0)
    monkeypatch.setattr(Path, "write_text", write_text)
    write(own_record, json.dumps({**GOOD, "exercises": {"05b": {**ENTRY, "attempts": 7}}}))
    check("05a", lambda *v: 1.0)
    exercises = json.loads(own_record.read_bytes())["exercises"]
    assert {id: entry["attempts"] for id, entry in exercises.items()} == {"05b": 7, "05a": 1}


def test_a_folder_in_the_way_is_told(own_record, capsys):
    own_record.mkdir(parents=True)
    check("05a", lambda *v: 1.0)
    progress()
    out = capsys.readouterr().out
    assert "could not be kept" in out
    assert "Traceback" not in out


def test_nbgrader_leaves_the_markers_own_record_alone(own_record, monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    predict("05.hook", 0.4)
    echo("05.hook", 0.5)
    hint("05a")
    quiz("05q1", "a")
    progress()
    review()
    assert not own_record.exists()
    assert "It is 0.5" in capsys.readouterr().out


def test_the_place_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_RECORD")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    mine = Path(record.__file__).resolve().parents[2] / "my_course"
    expected = mine / "progress.json" if mine.is_dir() else tmp_path / ".course_progress.json"
    assert record.place() == expected
    monkeypatch.setenv("COURSE_RECORD", str(tmp_path / "elsewhere.json"))
    assert record.place() == tmp_path / "elsewhere.json"
