"""The folder of results: its lock, the secret seed, and every mark as soon as it is known.

What is private lies in `private/`: the seed, so that a later run draws the same inputs, and a file
for each mark, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..chapters import CHAPTERS
from ..files import replaced
from .marks import Mark

SEED = 32  # bytes


class Busy(Exception):
    """Another grader is at work in this folder. The message is one line."""


@dataclass(frozen=True)
class Kept:
    """A mark, the walls that stood when it was given, in words, and whether a sandbox did."""

    mark: Mark
    guards: str
    sandboxed: bool


class Results:
    """A folder of results, made where it is not there.

    `basis` is all that a mark depends on besides the notebook and the seed, as text. Raises
    OSError, or ValueError with one line, if there can be no such folder.
    """

    def __init__(self, out: Path, basis: str):
        self.out, self.basis = Path(out), basis
        self.private = self.out / "private"
        for folder in (self.out, self.private):
            if folder.exists() and not folder.is_dir():
                raise ValueError(f"{folder}: found a file, expected a folder for the results")
        self.out.mkdir(parents=True, exist_ok=True)
        self.private.mkdir(mode=0o700, exist_ok=True)
        self.private.chmod(0o700)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else works here meanwhile; the system lets go if this process dies.

        What a run that was killed left unfinished is taken away. Raises Busy, and ValueError, with
        one line, where the disk has no locks.
        """
        with (self.private / "lock").open("a", encoding="utf-8") as file:
            try:
                _lock(file.fileno())
            except (BlockingIOError, PermissionError):
                raise Busy(f"another grader is at work in {self.out}; try again later") from None
            except OSError as error:
                raise ValueError(
                    f"{self.out} is on a disk without locks ({error.strerror}), so that two "
                    "graders would get into each other's way; choose a folder on this machine"
                ) from None
            for path in self._unfinished():
                path.unlink(missing_ok=True)
            yield

    def _unfinished(self) -> list[Path]:
        """Files under the names that `replaced` gives to what is being written."""
        folders = [self.private, *(self.out / chapter.name for chapter in CHAPTERS)]
        found = (path for folder in folders for path in folder.rglob(".*"))
        return [path for path in found if re.match(r"\.[0-9]+\.", path.name)]

    @cached_property
    def seed(self) -> bytes:
        """The secret seed, made by who first asks for it. Raises ValueError if it is damaged."""
        path = self.private / "seed"
        if not path.exists():
            with replaced(path) as unfinished:
                unfinished.touch(mode=0o600)
                unfinished.write_text(secrets.token_hex(SEED), encoding="ascii")
        try:
            found = bytes.fromhex(path.read_text(encoding="ascii"))
        except ValueError:
            found = b""
        if len(found) != SEED:
            raise ValueError(
                f"{path} holds no seed of {SEED} bytes; bring it back, or delete {self.private} to "
                "mark everything anew"
            )
        return found

    def kept(self, chapter: int, student: str, digest: str) -> Kept | None:
        """The mark of this very notebook, given on this basis; None also if it is damaged."""
        try:
            found = json.loads(self._path(chapter, student).read_text(encoding="utf-8"))
            content = found["content"]
            mark = Mark.of_json(content["mark"])
            whole = found["stamp"] == self._stamp(content)
            if whole and (mark.student, mark.digest) == (student, digest):
                return Kept(mark, content["guards"], content["sandboxed"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def keep(self, chapter: int, kept: Kept) -> None:
        """Write a mark down, in the place of one from before. Raises OSError."""
        path = self._path(chapter, kept.mark.student)
        path.parent.mkdir(exist_ok=True)
        content = {
            "mark": kept.mark.as_json(),
            "guards": kept.guards,
            "sandboxed": kept.sandboxed,
        }
        written = json.dumps({"stamp": self._stamp(content), "content": content}, indent=1)
        with replaced(path) as unfinished:
            unfinished.write_text(written, encoding="utf-8")

    def _path(self, chapter: int, student: str) -> Path:
        name = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return self.private / f"{chapter:02}" / f"{name}.json"

    def _stamp(self, content: dict) -> str:
        """Another one for other content, on another basis, or with another seed."""
        text = json.dumps([self.basis, content], sort_keys=True)
        return hashlib.sha256(self.seed + text.encode()).hexdigest()


def _lock(descriptor: int) -> None:
    """Take a file for this process alone, or raise OSError at once."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
