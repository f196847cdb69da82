"""my_course: what ships arrives, and nothing that a learner made is ever lost."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.setup import my_course

ROOT = Path(__file__).resolve().parent.parent


def notebook(*sources, count=1, output="42", version="3.12.1", whole=True):
    """The text of a notebook with one code cell for each source, as different tools write it."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": count,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [
                {
                    "output_type": "execute_result",
                    "execution_count": count,
                    "metadata": {},
                    "data": {"text/plain": output if whole else [output]},
                }
            ],
            "source": source if whole else source.splitlines(keepends=True),
        }
        for number, source in enumerate(sources)
    ]
    metadata = {"language_info": {"name": "python", "version": version}}
    whole_thing = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole_thing, indent=1 if whole else 2)


V1, V2, V3 = (notebook(f"1 + {number}\n2", output=str(number)) for number in (1, 2, 3))
OURS = notebook("1 + 1\n2", "mine = 3", output="1")
NAME = "notebooks/01_chain_rule.ipynb"


@pytest.fixture
def root(tmp_path):
    """A repository with one lesson in its first version, in a folder with a space and an accent."""
    root = tmp_path / "été start"
    write(root / NAME, V1)
    return root


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def mine(root, name=NAME):
    return (root / "my_course" / name).read_text(encoding="utf-8")


def learners_files(root):
    """Every visible file of my_course and its text."""
    folder = root / "my_course"
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def test_what_is_missing_is_copied_and_what_tools_left_is_not(root):
    for name in ("exercises/01_chain/problems.ipynb", "notebooks/pictures/graph.svg"):
        write(root / name, "shipped")
    for name in ("notebooks/.ipynb_checkpoints/a.ipynb", "notebooks/__pycache__/a.pyc"):
        write(root / name, "left behind")
    assert my_course.refresh(root) == []
    assert learners_files(root) == {
        NAME: V1,
        "exercises/01_chain/problems.ipynb": "shipped",
        "notebooks/pictures/graph.svg": "shipped",
    }


def test_pages_for_lecturers_are_no_learners_files(root):
    write(root / "notebooks/LECTURING.md", "see [marking](../solutions/INSTRUCTORS.md)")
    assert my_course.refresh(root) == []
    assert learners_files(root) == {NAME: V1}


def test_a_deleted_file_comes_back(root):
    my_course.refresh(root)
    (root / "my_course" / NAME).unlink()
    my_course.refresh(root)
    assert mine(root) == V1


def test_an_unmodified_file_is_renewed(root):
    my_course.refresh(root)
    write(root / NAME, V2)
    assert my_course.refresh(root) == []
    assert learners_files(root) == {NAME: V2}


def test_a_modified_file_is_kept_and_its_new_version_put_beside_it_once(root):
    my_course.refresh(root)
    write(root / "my_course" / NAME, OURS)
    assert my_course.refresh(root) == []
    write(root / NAME, V2)
    assert my_course.refresh(root) == [
        f"{NAME} has a new version. Yours is untouched; see 01_chain_rule.new.ipynb"
    ]
    both = {NAME: OURS, "notebooks/01_chain_rule.new.ipynb": V2}
    assert learners_files(root) == both
    assert my_course.refresh(root) == []
    assert learners_files(root) == both


def test_the_copy_beside_is_renewed_unless_the_learner_worked_in_it(root):
    my_course.refresh(root)
    write(root / "my_course" / NAME, OURS)
    write(root / NAME, V2)
    my_course.refresh(root)
    write(root / NAME, V3)
    my_course.refresh(root)
    beside = "notebooks/01_chain_rule.new.ipynb"
    assert learners_files(root) == {NAME: OURS, beside: V3}

    theirs = notebook("written beside")
    write(root / "my_course" / beside, theirs)
    write(root / NAME, V1)
    assert my_course.refresh(root)[0].endswith("see 01_chain_rule.new2.ipynb")
    assert learners_files(root) == {
        NAME: OURS,
        beside: theirs,
        "notebooks/01_chain_rule.new2.ipynb": V1,
    }


def test_a_new_version_taken_over_by_hand_is_renewed_again(root):
    my_course.refresh(root)
    write(root / "my_course" / NAME, OURS)
    write(root / NAME, V2)
    my_course.refresh(root)
    write(root / "my_course" / NAME, V2)
    write(root / NAME, V3)
    assert my_course.refresh(root) == []
    assert mine(root) == V3


OPENED = notebook("1 + 1\n2", output="1", count=7, version="3.13.0", whole=False)


def test_what_jupyterlab_rewrites_by_itself_is_no_modification(root):
    my_course.refresh(root)
    assert OPENED != V1
    write(root / "my_course" / NAME, OPENED)
    assert my_course.refresh(root) == []
    assert mine(root) == OPENED
    write(root / NAME, V2)
    assert my_course.refresh(root) == []
    assert learners_files(root) == {NAME: V2}


@pytest.mark.parametrize(
    "changed",
    [
        notebook("1 + 1\n2 ", output="1"),
        notebook("1 + 1\n2", output="a result of their own"),
        notebook("1 + 1\n2", "", output="1"),
        V1.replace('"code"', '"markdown"'),
        V1[:-1],
        "",
        "[]",
        '{"cells": [3]}',
    ],
    ids=["source", "output", "cell", "type", "cut off", "empty", "list", "odd cells"],
)
def test_whatever_a_person_can_change_counts(root, changed):
    my_course.refresh(root)
    write(root / "my_course" / NAME, changed)
    write(root / NAME, V2)
    assert len(my_course.refresh(root)) == 1
    assert mine(root) == changed


def test_files_of_the_learner_and_withdrawn_lessons_stay(root):
    my_course.refresh(root)
    write(root / "my_course" / "notebooks" / "scratch.ipynb", OURS)
    (root / NAME).unlink()
    write(root / "notebooks/02_jacobians.ipynb", V2)
    my_course.refresh(root)
    assert set(learners_files(root)) == {
        NAME,
        "notebooks/scratch.ipynb",
        "notebooks/02_jacobians.ipynb",
    }


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"a": 3}', f'{{"{NAME}": null}}', "\x00"])
def test_a_damaged_manifest_loses_nothing(root, damage):
    my_course.refresh(root)
    write(root / "my_course" / NAME, OURS)
    write(root / "my_course" / ".delivered.json", damage)
    write(root / NAME, V2)
    my_course.refresh(root)
    assert mine(root) == OURS
    assert my_course.refresh(root) == []
    write(root / "my_course" / NAME, V2)
    write(root / NAME, V3)
    my_course.refresh(root)
    assert mine(root) == V3


def test_a_lost_manifest_is_no_news_about_an_opened_lesson(root):
    my_course.refresh(root)
    write(root / "my_course" / NAME, OPENED)
    (root / "my_course" / ".delivered.json").unlink()
    assert my_course.refresh(root) == []
    assert learners_files(root) == {NAME: OPENED}


def test_a_lesson_saved_at_the_last_moment_is_not_overwritten(root, monkeypatch):
    my_course.refresh(root)
    write(root / NAME, V2)
    copyfile = shutil.copyfile

    def slow_copy(source, part):
        copyfile(source, part)
        write(root / "my_course" / NAME, OURS)

    monkeypatch.setattr(my_course.shutil, "copyfile", slow_copy)
    my_course.refresh(root)
    assert mine(root) == OURS


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("trouble", [KeyboardInterrupt(), FULL], ids=["Ctrl-C", "full disk"])
@pytest.mark.parametrize("step", range(9))
def test_stopped_at_any_step_nothing_is_lost_and_the_next_start_completes_it(
    root, monkeypatch, step, trouble
):
    """One lesson to renew, one modified, one missing; it stops before or amid the step-th write."""
    (root / NAME).unlink()
    names = [f"notebooks/0{number}.ipynb" for number in (1, 2, 3)]
    for name in names:
        write(root / name, V1)
    my_course.refresh(root)
    write(root / "my_course" / names[1], OURS)
    (root / "my_course" / names[2]).unlink()
    before = learners_files(root)
    for name in names:
        write(root / name, V2)

    steps = iter(range(100))
    originals = shutil.copyfile, os.replace, Path.write_text

    def failing(original):
        def call(first, second, *rest, **named):
            if next(steps) != step:
                return original(first, second, *rest, **named)
            if original is not os.replace:  # half of the bytes reached the disk
                target = second if original is originals[0] else first
                Path(target).write_bytes(b"{ ha")
            raise trouble

        return call

    with monkeypatch.context() as planted:
        planted.setattr(my_course.shutil, "copyfile", failing(originals[0]))
        planted.setattr(my_course.os, "replace", failing(originals[1]))
        planted.setattr(Path, "write_text", failing(originals[2]))
        if step < 8:  # three copies and the manifest, two steps each
            with pytest.raises(type(trouble)):
                my_course.refresh(root)
        else:
            my_course.refresh(root)
    for name, text in learners_files(root).items():
        assert text in (before.get(name), V2), name
    assert mine(root, names[1]) == OURS
    assert not list((root / "my_course").rglob("*.part"))

    my_course.refresh(root)
    beside = "notebooks/02.new.ipynb"
    assert learners_files(root) == {names[0]: V2, names[1]: OURS, names[2]: V2, beside: V2}
    assert my_course.refresh(root) == []


def test_a_folder_that_cannot_be_written_gives_one_line(root):
    (root / "my_course").write_text("a file where the folder should be", encoding="utf-8")
    (root / "course_lib" / "setup").mkdir(parents=True)
    shutil.copy(ROOT / "course_lib" / "setup" / "my_course.py", root / "course_lib" / "setup")
    answer = subprocess.run(
        [sys.executable, str(root / "course_lib" / "setup" / "my_course.py")],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.endswith("Nothing of yours was changed.\n")


def test_jupyter_trusts_what_ships_and_nothing_else(root, monkeypatch):
    import nbformat
    from nbformat.sign import NotebookNotary

    my_course.refresh(root)
    my_course.sign(root)
    folder = root / "my_course" / ".jupyter"

    def trusted(path):
        notary = NotebookNotary(
            db_file=str(folder / "signatures.db"), secret_file=str(folder / "secret")
        )
        answer = notary.check_signature(nbformat.read(path, as_version=4))
        notary.store.close()
        return answer

    lesson = root / "my_course" / NAME
    assert trusted(lesson)
    write(lesson, OURS)
    assert not trusted(lesson)

    def unexpected(*arguments, **options):
        raise AssertionError("signed again without need")

    with monkeypatch.context() as planted:
        planted.setattr(my_course.subprocess, "run", unexpected)
        my_course.sign(root)
    write(root / NAME, V2)
    my_course.sign(root)
    write(lesson, V2)
    assert trusted(lesson)
