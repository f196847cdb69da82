"""Every word that a learner may be shown, read from messages/, which holds no logic."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from ..chapters import CHAPTERS

FOLDER = Path(__file__).parent / "messages"


@lru_cache
def chapter_texts(number: int) -> dict:
    """The texts of a chapter's exercises and quizzes, by their ids; none where it has none yet."""
    name = CHAPTERS[number].name
    return _read(name) if (FOLDER / f"{name}.toml").exists() else {}


@lru_cache
def common_texts() -> dict:
    """The texts that do not belong to one exercise."""
    return _read("common")


def exercise_texts(id: str) -> dict:
    """task, hints, worked, code, and wrong.CODE.name / .text of an exercise."""
    return chapter_texts(int(id[:2]))[id]


def say(key: str, **values) -> str:
    """A common text, such as "near.sign", with the values put in."""
    found = common_texts()
    for part in key.split("."):
        found = found[part]
    return found.format(**values)


def _read(name: str) -> dict:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
