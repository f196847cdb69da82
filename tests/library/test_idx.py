"""IDX files as they are specified: four bytes of kind, the sizes, the values, big-endian."""

import gzip
import struct

import numpy as np
import pytest

from course_lib.data import read_idx

IMAGES = struct.pack(">iiii", 2051, 2, 3, 4) + bytes(range(24))
PACKED = gzip.compress(IMAGES, mtime=0)  # the same bytes whenever tests are collected
LABELS = struct.pack(">ii", 2049, 3) + bytes([7, 0, 9])


def written(folder, content, name="images idx"):
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_images_and_labels_are_read(tmp_path, pack):
    images = read_idx(written(tmp_path, pack(IMAGES)))
    assert images.dtype == np.uint8
    assert images.tolist() == [
        [[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]],
        [[[12, 13, 14, 15], [16, 17, 18, 19], [20, 21, 22, 23]]],
    ]
    images += 1  # one's own, not a view of the file's bytes
    labels = read_idx(written(tmp_path, pack(LABELS)))
    assert labels.dtype == np.int64
    assert labels.tolist() == [7, 0, 9]


def test_no_images_are_an_empty_array(tmp_path):
    content = struct.pack(">iiii", 2051, 0, 28, 28)
    assert read_idx(written(tmp_path, content)).shape == (0, 1, 28, 28)


@pytest.mark.parametrize(
    ("content", "found", "expected"),
    [
        (b"", "0 bytes", "2051 for images or 2049 for labels"),
        (b"\x00\x00\x08", "3 bytes", "2051"),
        (b"PK\x03\x04 a zip file", "the magic number 1347093252", "2051"),
        (struct.pack("<ii", 2049, 3) + b"\0\0\0", "the magic number 17301504", "2049"),
        (struct.pack(">i", 2050) + bytes(8), "the magic number 2050", "2051"),
        (IMAGES[:-1], "23 bytes of data", "24, for 2 x 3 x 4"),
        (IMAGES + b"\0", "25 bytes of data", "24, for 2 x 3 x 4"),
        (IMAGES[:10], "a header of 10 bytes", "one of 16"),
        (struct.pack(">iiii", 2051, -1, -1, -1), "0 bytes of data", "4294967295 x"),
        (PACKED[:-9], "cut off or damaged", "a whole one"),
        (PACKED[:10] + b"\xff" * 40, "cut off or damaged", "a whole one"),
        (PACKED[:-8] + bytes(8), "cut off or damaged", "a whole one"),
    ],
)
def test_a_bad_file_is_one_line_that_says_what_is_wrong(tmp_path, content, found, expected):
    path = written(tmp_path, content)
    with pytest.raises(ValueError) as refused:
        read_idx(path)
    line = str(refused.value)
    assert line.startswith(f"{path}: found ")
    assert found in line
    assert expected in line
    assert "\n" not in line


def test_a_missing_file_is_the_systems_own_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "none")
