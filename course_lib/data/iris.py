"""Fisher's iris flowers: 150 rows, 4 measurements in centimeters, 3 species."""

from collections.abc import Sequence
from importlib import resources

import numpy as np

from .dataset import Dataset

FEATURES = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
SPECIES = ("setosa", "versicolor", "virginica")
HEADER = ",".join((*FEATURES, "species"))

# The 45 rows that the lessons keep for the test, counted from 0.  They were drawn once, as
# np.random.default_rng(25).permutation(150)[:45]; a list stays the same under every NumPy.
IRIS_TEST_ROWS = (
    *(5, 9, 10, 11, 17, 28, 29, 32, 36, 37, 42, 44, 47),  # setosa
    *(53, 54, 55, 56, 59, 69, 74, 78, 79, 85, 86, 88, 89, 90, 96, 97, 98),  # versicolor
    *(102, 105, 107, 114, 116, 117, 119, 122, 126, 127, 130, 131, 138, 141, 146),  # virginica
)


def load_iris() -> Dataset:
    """The iris table with the values that Fisher printed.

    `inputs` is a float64 array (150, 4) in centimeters, `targets` an int64 array (150,): rows
    0-49 are setosa (0), 50-99 versicolor (1), 100-149 virginica (2).  Every call returns arrays of
    its own.  Where the numbers come from, and which cells other copies have wrong, is told in
    PROVENANCE.md beside the file.

    Raises ValueError, with file and line, if the file is damaged.

    Source: R. A. Fisher, "The use of multiple measurements in taxonomic problems", 1936.
    """
    text = resources.files(__package__).joinpath("iris.csv").read_text(encoding="utf-8")
    return parse_iris(text.splitlines())


def parse_iris(lines: Sequence[str]) -> Dataset:
    """The table in these lines of iris.csv; ValueError names the first line that is wrong."""
    rows, labels = [], []
    for number, line in enumerate(lines, start=1):
        if number == 1:
            if line != HEADER:
                raise broken(number, line, HEADER)
            continue
        *cells, species = line.split(",")
        if len(cells) != len(FEATURES) or species not in SPECIES:
            raise broken(number, line, f"4 numbers and one of {', '.join(SPECIES)}")
        try:
            row = [float(cell) for cell in cells]
        except ValueError:
            row = [np.nan]
        if not all(0 < cell < 10 for cell in row):
            raise broken(number, line, "4 lengths in centimeters, above 0 and below 10")
        rows.append(row)
        labels.append(SPECIES.index(species))
    if len(rows) != 150:
        raise broken(len(lines) + 1, f"the end after {len(rows)} flowers", "150 flowers")
    return Dataset(np.array(rows), np.array(labels, dtype=np.int64), FEATURES, SPECIES)


def broken(number: int, found: str, expected: str) -> ValueError:
    return ValueError(f"iris.csv, line {number}: found {found!r}, expected {expected}")
