"""What lesson 02 says, or tells the lecturer, without a cell that shows it."""

import numpy as np

from course_lib import explore
from course_lib.checks.checking import examine

WAYS = [
    {"order": order, "turn_u": turn_u, "turn_g": turn_g}
    for order in ("∂u/∂x first", "∂g/∂u first")
    for turn_u in (False, True)
    for turn_g in (False, True)
]


def laid(n, k, m, way):
    """The figure's numbers for two factors of these sizes, its numeric check turned on."""
    return explore.domino_shapes().numbers({"n": n, "k": k, "m": m, "check": True, **way})


def test_sizes_4_3_2_leave_one_way_and_three_equal_sizes_all_eight_of_which_one_is_right():
    assert laid(4, 3, 2, WAYS[0])["shaped"] == 1
    square = laid(3, 3, 3, WAYS[0])
    assert (square["clicks"], square["shaped"], square["right"]) == (8, 8, 1)


def test_the_other_way_in_which_u_meets_u_is_the_right_one_lying_on_its_side():
    right, other = laid(3, 3, 3, WAYS[0]), laid(3, 3, 3, WAYS[7])
    assert right["off"] == 0
    assert other["off"] > 0
    assert np.array_equal(other["product"], np.transpose(right["product"]))


def test_at_a_table_of_two_both_programs_agree_and_at_one_of_three_the_transpose_is_the_inverse():
    two, three = np.roll(np.eye(2), 1, axis=0), np.roll(np.eye(3), 1, axis=0)
    assert np.array_equal(two, two.T)
    assert not np.array_equal(three, three.T)
    assert np.array_equal(three @ three.T, np.eye(3))


def test_the_value_of_g_in_the_table_of_errata():
    x1, x2 = 2, 3
    u = x1 * x2, x1 + x2, x1**2
    assert u == (6, 5, 4)
    assert (u[0] * u[1], u[2]) == (30, 4)


def test_the_room_hears_about_rows_and_columns_when_the_transpose_is_forgotten():
    found = examine("02b", lambda x, A, delta_z: A @ delta_z)
    assert found.code == "no_transpose"
    assert "a row or a column" in found.text
