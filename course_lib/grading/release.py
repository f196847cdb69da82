"""The course for students: all of it but the tests, the solutions and what computes answers.

In place of the bank's functions the bundle has the values that they give for the numbers of the
notebooks (checks/published.py), and the messages lack the worked solutions. Two runs give the same
bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..chapters import CHAPTERS
from ..checks import bank, published

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("LICENSE", "ERRATA.md", "requirements.txt", "start.py")
FOLDERS = ("notebooks", "exercises", "course_lib")
README = Path(__file__).with_name("students.md")
NOT_FOR_STUDENTS = ("grading", "checks/bank")  # of the library
SOLUTION = re.compile(r"(worked|code)\s*=")  # the keys of messages/ that give a solution away
MANIFEST = ".released.json"  # what release wrote: each file's name and the SHA-256 of its bytes


class NotReleased(Exception):
    """Why there is no bundle, in one line."""


@dataclass(frozen=True)
class Bundle:
    """What was written: where, and how many lessons, problem sets and exercises are in it."""

    folder: Path
    lessons: int
    problem_sets: int
    exercises: int


def release(out: str | os.PathLike) -> Bundle:
    """Write the bundle for students to the folder `out`, whole or not at all.

    An older bundle there is replaced if it is as it was written. Raises NotReleased with one line
    if `out` holds anything else, if the library does not lie in a checkout of the course, or if
    writing fails.
    """
    out = Path(out).resolve()
    try:
        if any(out.is_relative_to(ROOT / name) for name in FOLDERS):
            raise NotReleased(f"{out} lies in the course itself: name a folder beside it")
        _refuse(out, out)
        files = contents()
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
            _write(files, Path(scratch, "new"))
            _put_in_place(Path(scratch, "new"), out, Path(f"{scratch}.old"))
    except OSError as error:
        raise NotReleased(f"the bundle could not be written: {error}") from error
    names = list(map(PurePosixPath, files))
    return Bundle(
        out,
        lessons=sum(name.match("notebooks/*.ipynb") for name in names),
        problem_sets=sum(name.match("exercises/*/*.ipynb") for name in names),
        exercises=len(bank.all_exercises()),
    )


# --- what is in it -------------------------------------------------------------------------------


def contents() -> dict[str, bytes]:
    """The bytes of every file of a bundle, by its name. Raises NotReleased where one is missing."""
    missing = [f"{name}/" for name in FOLDERS if not (ROOT / name).is_dir()]
    missing += [name for name in (*PAGES, "pyproject.toml") if not (ROOT / name).is_file()]
    if missing:
        what = ", ".join(missing)
        raise NotReleased(f"a bundle is made from a checkout of the course; {ROOT} lacks {what}")
    paths = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "exercises").glob("*/problems.ipynb")]
    paths += [*(ROOT / name for name in PAGES), *_library()]
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in sorted(paths)}
    for name, data in files.items():
        if PurePosixPath(name).match("course_lib/checks/messages/*.toml"):
            files[name] = without_solutions(data.decode("utf-8")).encode("utf-8")
    return files | _instances() | {"README.md": README.read_bytes(), "pyproject.toml": _project()}


def _library() -> list[Path]:
    """The files of the library that pip would install, without those that know an answer."""
    library = ROOT / "course_lib"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["course_lib"]
    found = {path for pattern in ("**/*.py", *patterns) for path in library.glob(pattern)}
    kept = [
        path
        for path in found
        if path.is_file()
        and not any(path.is_relative_to(library / folder) for folder in NOT_FOR_STUDENTS)
    ]
    return [*kept, library / "checks" / "bank" / "__init__.py"]


def _instances() -> dict[str, bytes]:
    """A file for each chapter with exercises."""
    numbers = [chapter.number for chapter in CHAPTERS if bank.of_chapter(chapter.number)]
    try:
        texts = {number: published.to_json(bank.of_chapter(number).values()) for number in numbers}
    except TypeError as reason:
        raise NotReleased(f"an exercise cannot be published: {reason}") from reason
    return {
        f"course_lib/checks/bank/published/{number:02}.json": text.encode("utf-8")
        for number, text in texts.items()
    }


def without_solutions(text: str) -> str:
    """A file of messages without the worked solutions and their code; the rest as it is.

    Raises NotReleased if that would leave one, or take more.
    """
    lines, kept, number = text.splitlines(keepends=True), [], 0
    while number < len(lines):
        if SOLUTION.match(lines[number]):
            number = _end_of_value(lines, number)
        else:
            kept.append(lines[number])
            number += 1
    found = "".join(kept)
    if _parsed(found) != _without_keys(tomllib.loads(text)):
        raise NotReleased("a worked solution in messages/ does not begin a line of its own")
    return found


def _end_of_value(lines: list[str], start: int) -> int:
    """The line after a key and its value, which may go over several lines."""
    for end in range(start + 1, len(lines) + 1):
        if _parsed("".join(lines[start:end])) is not None:
            return end
    return len(lines)


def _parsed(text: str) -> dict | None:
    """What a piece of TOML says; None if it is not whole."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _without_keys(found):
    """Tables, however deep, without the keys of solutions."""
    if not isinstance(found, dict):
        return found
    return {
        key: _without_keys(value) for key, value in found.items() if not SOLUTION.match(f"{key}=")
    }


def _project() -> bytes:
    """pyproject.toml, with the published instances among what is installed."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    messages = '"checks/messages/*.toml"'
    return text.replace(messages, f'{messages}, "checks/bank/published/*.json"').encode("utf-8")


# --- how it is put in its place ------------------------------------------------------------------


def _refuse(out: Path, place: Path) -> None:
    """Raise NotReleased if what is to be `out`, and lies in `place`, has something not of ours."""
    if not place.exists() or (place.is_dir() and not any(place.iterdir())):
        return
    written = _manifest(place)
    if written is None:
        raise NotReleased(f"{out} exists and is no bundle: name a folder that does not exist yet")
    found = _not_written(place, written)
    if found:
        raise NotReleased(
            f"{out} holds {found}, which is not as it was released. Nothing was changed: delete "
            "the folder if you need nothing of it, or name another"
        )


def _manifest(folder: Path) -> dict[str, str] | None:
    """The digests of what was written into a bundle; None if it is none."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _not_written(folder: Path, written: dict[str, str]) -> str | None:
    """The first thing in a bundle that release did not write so; Python's caches do not count."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        cached = path.parent.name == "__pycache__" and path.suffix == ".pyc"
        if name == MANIFEST or cached or (path.is_dir() and not path.is_symlink()):
            continue
        if not path.is_file() or written.get(name) != _digest(path):
            return name
    return None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(files: dict[str, bytes], folder: Path) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    written = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    text = json.dumps(written, indent=1) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")


def _put_in_place(new: Path, out: Path, old: Path) -> None:
    """Let `new` take the place of `out`, which is moved to `old` and deleted.

    If that fails, or if somebody has just put something into it, `out` is what it was.
    """
    try:
        if out.exists():
            os.rename(out, old)
            _refuse(out, old)
        os.rename(new, out)
    except BaseException:
        if old.exists() and not out.exists():
            os.rename(old, out)
        raise
    finally:
        if old.exists() and not _not_written(old, _manifest(old) or {}):
            shutil.rmtree(old, ignore_errors=True)
