"""Rows, the gradient of a table: sums of equal ids, against numpy.add.at on the dense table."""

import numpy as np
import pytest

from course_lib import Node
from course_lib.functions import embedding
from course_lib.losses import cross_entropy
from course_lib.rows import Rows


@pytest.fixture
def rows():
    return Rows(np.array([3, 0, 3]), np.array([[1.0, 2], [4, -1], [5, 6]]), (5, 2))


def test_equal_ids_add_up(rows):
    """Chapter 14b: the row of a word that was seen twice is [6, 8]."""
    expected = [[4, -1], [0, 0], [0, 0], [6, 8], [0, 0]]
    assert rows.dense().tolist() == expected
    assert np.asarray(rows).tolist() == expected
    assert np.asarray(rows, np.float32).dtype == np.float32
    table = np.ones((5, 2))
    assert rows.add_to(table, -2.0) is table
    np.testing.assert_array_equal(table, 1 - 2 * np.array(expected))


def test_merged_rows(rows):
    merged = rows.merged()
    assert merged.ids.tolist() == [0, 3]
    assert merged.rows.tolist() == [[4, -1], [6, 8]]
    assert merged.shape == (5, 2)


def test_sums(rows):
    other = Rows(np.array([1, 3]), np.array([[1.0, 1], [10, 10]]), (5, 2))
    both = rows + other
    assert type(both) is Rows
    np.testing.assert_array_equal(both.dense(), rows.dense() + other.dense())
    whole = np.arange(10.0).reshape(5, 2)
    for result in (rows + whole, whole + rows):
        np.testing.assert_array_equal(result, rows.dense() + whole)
    np.testing.assert_array_equal(whole, np.arange(10.0).reshape(5, 2))


def test_float32_stays_float32(rows):
    rows = Rows(rows.ids, rows.rows.astype(np.float32), rows.shape)
    assert rows.dense().dtype == np.float32
    assert rows.merged().rows.dtype == np.float32
    assert rows.add_to(np.ones((5, 2), np.float32), -0.1).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint16, np.int32, np.uint64])
def test_narrow_ids_do_not_wrap(dtype):
    table = Node(np.zeros((100, 8)))
    embedding(table, np.array([90, 50], dtype)).sum().backward()
    assert np.flatnonzero(np.asarray(table.grad).any(axis=1)).tolist() == [50, 90]


def test_a_table_in_any_memory_order(rows):
    table = np.ones((2, 5)).T
    assert not table.flags.c_contiguous
    rows.add_to(table, 2.0)
    np.testing.assert_array_equal(table, 1 + 2 * rows.dense())


def test_a_step_by_hand(rows):
    table = np.ones((5, 2))
    table -= 0.5 * rows
    np.testing.assert_array_equal(table, 1 - 0.5 * rows.dense())


def test_ids_and_labels_may_change_after_the_forward_pass():
    table, ids = Node(np.zeros((4, 2))), np.array([1, 3])
    picked = embedding(table, ids).sum()
    ids[:] = 0
    picked.backward()
    assert np.asarray(table.grad)[:, 0].tolist() == [0, 1, 0, 1]
    z, labels = Node(np.zeros((1, 2))), np.array([1])
    loss = cross_entropy(z, labels)
    labels[:] = 0
    loss.backward()
    assert z.grad.tolist() == [[0.5, -0.5]]
