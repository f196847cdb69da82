"""The exercises, a module for each chapter with the name of its lesson after a `c`.

A copy of the course for students has no such modules, but published instances (published.py).
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from ...chapters import CHAPTERS
from .. import published
from ..exercise import BugHunt, Exercise
from ..published import PublishedExercise
from ..texts import say
from ..values import short

PUBLISHED = Path(__file__).parent / "published"


@lru_cache
def of_chapter(number: int) -> dict[str, Exercise | PublishedExercise | BugHunt]:
    """A chapter's exercises by id; none where the chapter has none."""
    names = [chapter.name for chapter in CHAPTERS if chapter.number == number]
    if not names:
        return {}
    module = f"{__name__}.c{names[0]}"
    try:
        exercises = import_module(module).EXERCISES
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        file = PUBLISHED / f"{number:02}.json"
        exercises = published.read(file) if file.exists() else []
    return {exercise.id: exercise for exercise in exercises}


def is_for_students() -> bool:
    """Whether this copy of the course has published instances in place of references."""
    return PUBLISHED.is_dir()


def all_exercises() -> dict[str, Exercise | PublishedExercise | BugHunt]:
    """Every exercise of the course by id, in order."""
    return {
        id: exercise for chapter in CHAPTERS for id, exercise in of_chapter(chapter.number).items()
    }


def find(id: str) -> Exercise | PublishedExercise | BugHunt:
    """The exercise of this id; "5a" and "05A" are 05a too. Raises KeyError with one clear line."""
    match = re.fullmatch(r"(\d{1,2})([a-z]+)", id.strip().lower()) if isinstance(id, str) else None
    if match:
        chapter = of_chapter(int(match[1]))
        found = chapter.get(f"{int(match[1]):02}{match[2]}")
        if found:
            return found
        if chapter:
            known = ", ".join(chapter)
            raise KeyError(say("unknown.exercise_of_chapter", id=short(id), known=known))
    raise KeyError(say("unknown.exercise", id=short(id)))


def siblings(exercise: Exercise | PublishedExercise) -> tuple[Exercise | PublishedExercise, ...]:
    """The other exercises of the chapter, bug hunts aside."""
    others = of_chapter(exercise.chapter).values()
    return tuple(e for e in others if e is not exercise and not isinstance(e, BugHunt))
