"""What the name of a file says: whose it is, and how to show it without harm."""

from __future__ import annotations

import re
from dataclasses import dataclass

LATE = "late"  # a folder at the top with what came late
SUBMITTED = "submitted"  # nbgrader's folder of STUDENT/ASSIGNMENT/FILE
MOODLE = re.compile(
    r"(?s)(?P<name>.*?)_(?P<number>[0-9]{1,20})_assignsubmission_file_?(?P<title>.*)"
)
ANONYMOUS = re.compile(r"(?s)(?P<late>LATE_)?anon_(?P<number>[A-Za-z0-9]+)_[0-9]+_(?P<title>.+)")


@dataclass(frozen=True)
class Name:
    """What a system wrote into a name when it packed a bulk download.

    `system` is "canvas", "moodle", or "anonymous" where Canvas tells nobody who it was.
    `number` is the user's id in Canvas, the participant's in Moodle; `title` what the student
    called the file, empty where a folder has this name.
    """

    system: str
    name: str
    number: str
    title: str
    late: bool = False

    @property
    def student(self) -> str:
        return f"{self.name}_{self.number}"


def canvas_names(name: str) -> list[Name]:
    """The ways in which Canvas may have made a name; none if it did not.

    That is NAME_USER_FILE_TITLE or NAME_LATE_USER_FILE_TITLE, with two numbers in the middle. Of
    three in a row the first may belong to the student's name, or the last to the title.
    """
    if anonymous := ANONYMOUS.fullmatch(name):
        late = anonymous["late"] is not None
        return [Name("anonymous", "anon", anonymous["number"], anonymous["title"], late)]
    parts = name.split("_")
    numeric = [re.fullmatch("[0-9]{1,20}", part) is not None for part in parts]
    pairs = [at for at in range(1, len(parts) - 2) if numeric[at] and numeric[at + 1]]
    pairs = [at for at in pairs if at - pairs[0] < 2]
    if not pairs or not re.fullmatch(r"\w*", "_".join(parts[: pairs[0]])):
        return []
    return [_canvas_name(parts, at) for at in pairs]


def _canvas_name(parts: list[str], at: int) -> Name:
    late = parts[at - 1] == "LATE"  # the name itself is in small letters
    name = "_".join(parts[: at - late])
    return Name("canvas", name, parts[at], "_".join(parts[at + 2 :]), late)


def moodle_names(name: str) -> list[Name]:
    """The way in which Moodle may have made the name of a folder or file; none if it did not."""
    found = MOODLE.fullmatch(name)
    return [Name("moodle", found["name"], found["number"], found["title"])] if found else []


def system_names(name: str) -> list[Name]:
    """What Canvas or Moodle may have meant by a name; empty if neither made it.

    Canvas is asked first: the rest of its names is the student's, and may look like Moodle's.
    """
    return canvas_names(name) or moodle_names(name)


def below(parts: tuple[str, ...]) -> tuple[tuple[str, ...], bool, str]:
    """(parts, late, name): what remains below folders that hold a whole class.

    These are a folder called "late", nbgrader's "submitted", and zips that do not carry the name
    of a student's file; `name` is that of the last of these zips.
    """
    late, zipped = False, ""
    while len(parts) > 1:
        if parts[0].lower() == LATE:
            late = True
        elif parts[0] == SUBMITTED and len(parts) == 4:
            pass
        elif parts[0].lower().endswith(".zip") and not system_names(parts[0]):
            zipped = parts[0][: -len(".zip")]
        else:
            break
        parts = parts[1:]
    return parts, late, zipped


def printable(name: str) -> str:
    r"""A name in one line that every terminal and file takes: what is invisible is written \x0a."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in name)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
