"""A text that every reader has: the English prose in the documentation of the running Python."""

import ast
import os
import platform
import sys
import sysconfig
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

from .cache import cached
from .corpus import Corpus
from .prose import prose_sentences

RECIPE = 1  # raise it with any change to what comes out: caches are then made anew
# Not the standard library; prose about other programs; not installed everywhere.
LEFT_OUT = {
    *("site-packages", "dist-packages", "__pycache__"),
    *("lib2to3", "turtledemo"),
    *("test", "tests", "idle_test"),
}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def load_python_docs() -> Corpus:
    """Sentences from Python's help topics and the docstrings of its standard library.

    Some 15,000 sentences, 220,000 to 255,000 tokens in small letters: words of the letters a to z
    and the signs . , ; : ! ? A sentence that comes twice is kept once. Whole files are held out: of
    those with prose, in the order of their names, the 1st, 11th, 21st ... are the test, the 6th,
    16th, 26th ... the dev part. Rare words are left as they are; Vocabulary.from_sentences(train,
    minimum=5) makes them <unk>.

    The text depends on the version of Python and is the same on every run of one version, where its
    whole library is installed: some distributors pack idlelib and tkinter apart. Nothing is
    imported: sources are parsed. That takes some seconds; the result is kept in the user's cache
    folder.

    Raises FileNotFoundError if this Python has no sources with docstrings, as when its library is a
    zip file.

    Source: the Python Software Foundation; see PROVENANCE.md.
    """
    version = f"{sys.implementation.name}-{platform.python_version()}"
    place = zlib.crc32(os.fsencode(_library()))  # two installations may hold different parts
    parts = cached(f"python_docs-{version}-{place:08x}-recipe{RECIPE}.json", _parts)
    return Corpus(**{name: [sentence.split() for sentence in part] for name, part in parts.items()})


def _library() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def _parts() -> dict[str, list[str]]:
    """{part: sentences, tokens separated by spaces}."""
    folder = _library()
    texts = dict(_docstrings(folder))
    if not texts:
        raise FileNotFoundError(
            f"found no docstrings in {folder}, expected the .py files of Python's standard library:"
            " read a text of your own, read_text(path)"
        )
    texts |= _topics(folder)
    parts, seen, number = {"train": [], "dev": [], "test": []}, set(), 0
    for name in sorted(texts):
        found = [" ".join(tokens) for text in texts[name] for tokens in prose_sentences(text)]
        found = [sentence for sentence in dict.fromkeys(found) if sentence not in seen]
        if found:
            parts[{0: "test", 5: "dev"}.get(number % 10, "train")] += found
            seen.update(found)
            number += 1
    return parts


def _docstrings(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """(name, docstrings) of every file that has some."""
    for place, folders, files in os.walk(folder):
        folders[:] = set(folders) - LEFT_OUT
        for file in files:
            path = Path(place, file)
            name = path.relative_to(folder).as_posix()
            if path.suffix == ".py" and (tree := _parsed(path)):
                nodes = (node for node in ast.walk(tree) if isinstance(node, DOCUMENTED))
                texts = [text for node in nodes if (text := ast.get_docstring(node))]
                if texts:
                    yield name, texts


def _topics(folder: Path) -> dict[str, list[str]]:
    """{name: [text]} of the help topics, each a file of its own; {} where they are not installed.

    pydoc_data/topics.py is one dictionary, `topics`.
    """
    tree = _parsed(folder / "pydoc_data" / "topics.py")
    for node in tree.body if tree else []:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            topics = ast.literal_eval(node.value)
            return {f"pydoc_data/topics.py/{name}": [text] for name, text in topics.items()}
    return {}


def _parsed(path: Path) -> ast.Module | None:
    """The syntax tree; None for a file that is missing or not written in this version's Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that old files write
            return ast.parse(path.read_bytes())
    except (FileNotFoundError, SyntaxError, ValueError):
        return None
