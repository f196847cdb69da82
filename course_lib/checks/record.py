"""The learner's record: one local JSON file, nothing is sent anywhere.

It holds, for each exercise, attempts, misconceptions and hints, and the predictions. Writing is
atomic and under a lock, so two notebooks at once lose nothing. A damaged file is set aside under
another name, and a line says so. Where nothing can be written, a line says that too, once, and
the course goes on with a record that lasts as long as the notebook runs.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..files import replaced
from .running import under_nbgrader
from .texts import say

PLACE = "COURSE_RECORD"  # the environment variable that names another file
VERSION = 1
COUNT = (int,)  # the type of what is not negative

_told: set[str] = set()
_unkept: dict[Path, tuple[dict, dict]] = {}  # what stands in a file, and what should stand there


def now() -> float:
    """Seconds since 1970; tests put another clock in its place."""
    return time.time()


def place() -> Path:
    """Where the record is: COURSE_RECORD, or in my_course/, or in the home folder."""
    if chosen := os.environ.get(PLACE):
        return Path(chosen)
    mine = Path(__file__).resolve().parents[2] / "my_course"
    return mine / "progress.json" if mine.is_dir() else Path.home() / ".course_progress.json"


def read() -> dict:
    """The record; an empty one where there is none yet, it cannot be read, or nbgrader runs."""
    if under_nbgrader():
        return _empty()
    path = place()
    try:
        kept = _load(path)
    except OSError as error:
        _tell(say("record.unread", error=error))
        kept = _empty()
    return _newest(path, kept)


def change(edit: Callable[[dict], None]) -> dict:
    """Read the record, let `edit` change it, and write it, while no other process does so.

    Where nbgrader executes a student's notebook, the record of whoever marks it is left alone.
    """
    if under_nbgrader():
        record = _empty()
        edit(record)
        return record
    path = place()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path):
            record = _newest(path, _load(path))
            edit(record)
            with replaced(path) as unfinished:
                unfinished.write_text(json.dumps(record, indent=1), encoding="utf-8")
            _unkept.pop(path, None)
    except OSError as error:
        _tell(say("record.unkept", error=error))
        kept = _empty()
        with contextlib.suppress(OSError):
            kept = _load(path)
        record = _newest(path, kept)
        edit(record)
        _unkept[path] = kept, record
    return record


def of_exercise(record: dict, id: str) -> dict:
    """The entry of an exercise, made where there is none."""
    fresh = {"first": now(), "attempts": 0, "solved": None, "missed": {}, "hints": 0}
    return record["exercises"].setdefault(id, fresh)


def miss(record: dict, entry: dict, code: str, stage: int = 0) -> None:
    """Note a misconception: it comes back for review, however well the exercise goes later.

    `stage` says how often it has been reviewed with success since.
    """
    entry["missed"][code] = {"time": now(), "chapter": chapter_reached(record), "stage": stage}


def chapter_reached(record: dict) -> int:
    """The highest chapter of which an exercise was tried."""
    return max((int(id[:2]) for id in record["exercises"]), default=0)


def _empty() -> dict:
    return {
        "version": VERSION,
        "exercises": {},
        "predictions": {},
        "quizzes": {},
        "review": None,  # the question that was asked last and waits for its answer
    }


def _newest(path: Path, kept: dict) -> dict:
    """The record that stands in the file, or the one that could not be written over it."""
    instead, record = _unkept.get(path, (None, {}))
    return copy.deepcopy(record if kept == instead else kept)


def _load(path: Path) -> dict:
    """The record in the file. Raises OSError where it cannot be read, or only by a newer course."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _empty()
    except (ValueError, RecursionError):
        record = None
    version = record.get("version") if isinstance(record, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise OSError(say("record.newer", path=path))
    if _is_record(record):
        return record
    aside = path.with_name(f"{path.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")
    with contextlib.suppress(FileNotFoundError):  # another notebook was faster
        os.replace(path, aside)
        _tell(say("record.damaged", name=aside.name))
    return _empty()


def _is_record(found) -> bool:
    """Whether it has the form that the rest of this package relies on."""
    number, text = (int, float), (str,)
    missed = {"time": number, "chapter": COUNT, "stage": COUNT}
    once = (*number, type(None))
    exercise = {"first": number, "attempts": COUNT, "solved": once, "hints": COUNT}
    prediction = {"guess": number + text, "confidence": once, "echoed": (bool,)}
    forms = {
        "exercises": exercise | {"missed": (dict,)},
        "predictions": prediction,
        "quizzes": {"tries": COUNT, "solved": once},
    }
    served = {"id": text, "code": text, "seed": COUNT}
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return False
    if not all(isinstance(found.get(key), dict) for key in forms):
        return False
    return (
        all(_fits(entry, form) for key, form in forms.items() for entry in found[key].values())
        and all(_fits(m, missed) for e in found["exercises"].values() for m in e["missed"].values())
        and all(re.fullmatch(r"\d\d[a-z]+", id) for id in found["exercises"])
        and (found.get("review") is None or _fits(found["review"], served))
    )


def _fits(entry, form: dict) -> bool:
    return isinstance(entry, dict) and all(
        isinstance(entry.get(key), kinds) and not (kinds is COUNT and entry[key] < 0)
        for key, kinds in form.items()
    )


def _tell(line: str) -> None:
    if line not in _told:
        _told.add(line)
        print(line)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds the lock beside the file; the system lets go of it when its holder dies."""
    with path.with_name(f".{path.name}.lock").open("a", encoding="utf-8") as file:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            with contextlib.suppress(OSError):  # some network folders have no locks
                fcntl.flock(file, fcntl.LOCK_EX)
        yield
