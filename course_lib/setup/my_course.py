"""Brings my_course/, the learner's own copies of the lessons, up to date: start.py runs this.

Lessons and exercises are opened, run and changed in my_course; the originals stay as they ship.
What a learner has made is never overwritten, moved or deleted, whatever happens meanwhile: a copy
is written under a temporary name and put in place whole.
"""

import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MIRRORED = ("notebooks", "exercises")
PAGES = ("ERRATA.md",)  # to which lessons link
LEFT_BEHIND = re.compile(r"(^|/)(\.|__)")  # hidden files, .ipynb_checkpoints, __pycache__
NEVER = (None, "never delivered")


def refresh(root: Path) -> list[str]:
    """Copies what is new; returns the lines that the learner should read.

    Missing files are copied and unmodified ones renewed; beside a modified one its new version is
    put, once. The manifest holds, for each file, the digest and the work (see `work`) of the
    version that was delivered last. Without it (lost, damaged, interrupted before it was written)
    every file whose work differs from the shipped one counts as modified: nothing is lost by that.
    """
    mine = root / "my_course"
    mine.mkdir(exist_ok=True)
    manifest = mine / ".delivered.json"
    delivered = read_manifest(manifest)
    news = []
    for name, source in shipped_files(root).items():
        target = mine / name
        version, current = digest(source), digest(target)
        last_version, last_work = delivered.get(name, NEVER)
        is_new = version not in (last_version, current)
        if current is None or (is_new and work(target) == last_work):
            copy_whole(source, target, current)
        elif is_new and work(target) != work(source):
            beside = name_beside(target, {None, last_work, work(source)})
            copy_whole(source, beside, digest(beside))
            news.append(f"{name} has a new version. Yours is untouched; see {beside.name}")
        if version != last_version:
            delivered[name] = (version, work(source))
    write_whole(manifest, json.dumps(delivered, indent=1, sort_keys=True))
    return news


def shipped_files(root: Path) -> dict[str, Path]:
    """The files of the mirrored folders by name, without what tools leave behind, and the errata.

    No other pages (.md): they are for lecturers, and their links lead to what my_course has not.
    """
    paths = [path for folder in MIRRORED for path in sorted((root / folder).rglob("*"))]
    paths = [path for path in paths if path.suffix != ".md"] + [root / name for name in PAGES]
    files = (path for path in paths if path.is_file())
    names = {path.relative_to(root).as_posix(): path for path in files}
    return {name: path for name, path in names.items() if not LEFT_BEHIND.search(name)}


def read_manifest(manifest: Path) -> dict[str, tuple[str, str]]:
    """What was delivered last; nothing at all when the manifest is lost or damaged."""
    try:
        delivered = json.loads(manifest.read_text(encoding="utf-8"))
        return {name: (version, work) for name, (version, work) in delivered.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def name_beside(target: Path, free: set[str | None]) -> Path:
    """lesson.new.ipynb, or .new2 and so on where the learner has made that file their own."""
    marks = ("new" if number == 1 else f"new{number}" for number in itertools.count(1))
    names = (target.with_name(f"{target.stem}.{mark}{target.suffix}") for mark in marks)
    return next(name for name in names if work(name) in free)


def digest(path: Path) -> str | None:
    """SHA-256 of a file's bytes, None when there is no such file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def work(path: Path) -> str | None:
    """Digest of what a person can make in a file; None when there is no such file.

    Of a notebook that is its cells and their outputs. The rest JupyterLab rewrites by itself as
    soon as a notebook is opened (Python's version, counters, layout), which is nobody's work.
    """
    if path.suffix != ".ipynb" or not path.exists():
        return digest(path)
    parts = ("cell_type", "source", "outputs", "attachments")
    try:
        cells = json.loads(path.read_bytes())["cells"]
        for output in itertools.chain.from_iterable(cell.get("outputs", []) for cell in cells):
            output.pop("execution_count", None)
        kept = [[joined(cell.get(part)) for part in parts] for cell in cells]
    except (ValueError, KeyError, TypeError, AttributeError):  # not a notebook: every byte counts
        return digest(path)
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def joined(value):
    """Notebooks may hold a text whole or as a list of lines: makes both the same."""
    if isinstance(value, dict):
        return {key: joined(item) for key, item in value.items()}
    if isinstance(value, list):
        is_text = all(isinstance(item, str) for item in value)
        return "".join(value) if is_text else [joined(item) for item in value]
    return value


def copy_whole(source: Path, target: Path, expected: str | None) -> None:
    """Copies through a temporary file, so that a full disk or Ctrl-C leaves the target whole.

    A target that is no longer what the caller saw (`expected`) has just been saved by the learner:
    then nothing is copied.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        if digest(target) == expected:
            os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def sign(root: Path) -> None:
    """Lets JupyterLab show the stored outputs of what ships, and of nothing else unseen.

    A signature belongs to a notebook's content: signing the originals also covers every copy that
    is equal to them. start.py tells JupyterLab where these signatures are.
    """
    folder = root / "my_course" / ".jupyter"
    lessons = [path for path in shipped_files(root).values() if path.suffix == ".ipynb"]
    content = "\n".join(str(digest(path)) for path in lessons)
    record = folder / "signed.txt"
    if record.exists() and record.read_text(encoding="utf-8") == content:
        return
    folder.mkdir(exist_ok=True)
    keys = [f"--NotebookNotary.db_file={folder / 'signatures.db'}"]
    keys += [f"--NotebookNotary.secret_file={folder / 'secret'}"]
    command = [sys.executable, "-m", "nbformat.sign", *keys, *map(str, lessons)]
    if not lessons or subprocess.run(command, capture_output=True).returncode == 0:
        write_whole(record, content)
    else:
        print("The lessons could not be signed: figures show once you have run their cells.")


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")
    try:
        for line in refresh(ROOT):
            print(line)
        sign(ROOT)
    except OSError as error:
        sys.exit(f"my_course cannot be brought up to date: {error}. Nothing of yours was changed.")
    except KeyboardInterrupt:
        sys.exit(130)
