"""The IDX files in which MNIST and its kin are distributed: images, or their labels."""

import gzip
import math
import os
import zlib

import numpy as np

IMAGES, LABELS = 2051, 2049  # magic numbers: bytes 0 0, then 8 for "unsigned bytes", then the axes
GZIP = b"\x1f\x8b"


def read_idx(path: str | os.PathLike) -> np.ndarray:
    """The array of an IDX file: images (n, 1, rows, columns) for `conv2d`, or labels (n,).

        images = read_idx("train-images-idx3-ubyte.gz") / 255
        labels = read_idx("train-labels-idx1-ubyte.gz")

    Images are uint8, 0 for paper and 255 for ink; divide before you train. Labels are int64. The
    file may be packed by gzip.

    Raises ValueError in one line for a file that is no IDX file, is of another kind, or is shorter
    or longer than it says; OSError as open() does.

    Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", 1998.
    """
    with open(path, "rb") as file:
        packed = file.read(2) == GZIP
    try:
        with gzip.open(path, "rb") if packed else open(path, "rb") as file:
            return _array(path, file.read())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _refused(path, "a gzip file that is cut off or damaged", "a whole one") from error


def _array(path, content: bytes) -> np.ndarray:
    magic = int.from_bytes(content[:4], "big")
    if len(content) < 4 or magic not in (IMAGES, LABELS):
        found = f"the magic number {magic}" if len(content) >= 4 else f"{len(content)} bytes"
        raise _refused(path, found, f"{IMAGES} for images or {LABELS} for labels")
    axes = 3 if magic == IMAGES else 1
    start = 4 + 4 * axes
    if len(content) < start:
        raise _refused(path, f"a header of {len(content)} bytes", f"one of {start}")
    sizes = np.frombuffer(content[4:start], ">u4").tolist()
    if len(content) - start != math.prod(sizes):
        found = f"{len(content) - start:,} bytes of data"
        wanted = " x ".join(map(str, sizes))
        raise _refused(path, found, f"{math.prod(sizes):,}, for {wanted}")
    values = np.frombuffer(content, np.uint8, offset=start)
    if magic == LABELS:
        return values.astype(np.int64)
    count, rows, columns = sizes
    return values.reshape(count, 1, rows, columns).copy()


def _refused(path, found: str, expected: str) -> ValueError:
    return ValueError(f"{os.fspath(path)}: found {found}, expected {expected}")
