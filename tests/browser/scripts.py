"""The scripts that browser tests need: those of a deck, and one that examines accessibility.

python tests/browser/scripts.py    fetches them from npm into build/npm
"""

import sys

import pytest

from course_lib.stage.packages import OF_A_DECK, NoPackage, Package, fetch

AXE = Package(
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)


def script(package, path):
    """The text of a package's file; without it the test is left out."""
    try:
        return package.read(path)
    except NoPackage as reason:
        pytest.skip(f"{reason}: python tests/browser/scripts.py fetches it")


if __name__ == "__main__":
    try:
        fetch([*OF_A_DECK, AXE])
    except NoPackage as reason:
        sys.exit(str(reason))
