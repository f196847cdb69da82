"""The data sets, splitting and standardizing; scikit-learn is the independent source."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import datasets, preprocessing

import course_lib
from course_lib.data import IRIS_TEST_ROWS, Standardizer, load_digits, load_iris, split
from course_lib.data.iris import parse_iris

PACKAGE = Path(course_lib.__file__).parent
CSV = (PACKAGE / "data" / "iris.csv").read_text(encoding="utf-8").splitlines()


# ---- iris ----


def test_iris_equals_the_table_in_scikit_learn():
    iris, reference = load_iris(), datasets.load_iris()
    assert iris.inputs.dtype == np.float64 and iris.targets.dtype == np.int64
    assert np.array_equal(iris.inputs, reference.data)
    assert np.array_equal(iris.targets, reference.target)
    assert iris.feature_names == tuple(reference.feature_names)
    assert iris.target_names == tuple(reference.target_names)


def test_iris_has_fishers_values_where_the_uci_file_is_wrong():
    inputs = load_iris().inputs
    assert inputs[35 - 1].tolist() == [4.9, 3.1, 1.5, 0.2]
    assert inputs[38 - 1].tolist() == [4.9, 3.6, 1.4, 0.1]
    assert inputs.sum(axis=0) == pytest.approx([876.5, 458.6, 563.7, 179.9], abs=1e-9)


def test_every_call_gives_arrays_of_its_own():
    first = load_iris()
    first.inputs[0, 0] = first.targets[0] = 7
    again = load_iris()
    assert again.inputs[0, 0] == 5.1 and again.targets[0] == 0


def test_a_dataset_is_frozen_and_short_to_print():
    iris = load_iris()
    with pytest.raises(AttributeError):
        iris.targets = None
    assert repr(iris) == ("Dataset(inputs (150, 4), targets (150,): setosa, versicolor, virginica)")


def test_the_test_rows_are_the_split_that_the_lessons_describe():
    drawn = np.random.default_rng(25).permutation(150)
    assert list(IRIS_TEST_ROWS) == sorted(drawn[:45].tolist())
    targets = load_iris().targets
    assert np.bincount(targets[list(IRIS_TEST_ROWS)]).tolist() == [13, 17, 15]
    assert np.bincount(np.delete(targets, IRIS_TEST_ROWS)).tolist() == [37, 33, 35]


@pytest.mark.parametrize(
    ("number", "line", "expected"),
    [
        (1, "a,b,c,d,species", "sepal length (cm),"),
        (36, "4.9,3.1,1.5", "4 numbers and one of setosa, versicolor, virginica"),
        (36, "4.9,3.1,1.5,0.2,rose", "4 numbers and one of setosa, versicolor, virginica"),
        (36, "", "4 numbers and one of setosa, versicolor, virginica"),
        (36, "4.9,3.1,1.5,two,setosa", "4 lengths in centimeters, above 0 and below 10"),
        (36, "4.9,3.1,nan,0.2,setosa", "4 lengths in centimeters, above 0 and below 10"),
        (36, "49,31,15,2,setosa", "4 lengths in centimeters, above 0 and below 10"),
    ],
)
def test_a_broken_iris_file_is_told_in_one_line(number, line, expected):
    lines = [*CSV]
    lines[number - 1] = line
    with pytest.raises(ValueError) as error:
        parse_iris(lines)
    message = str(error.value)
    assert message.startswith(f"iris.csv, line {number}: found {line!r}, expected {expected}")
    assert "\n" not in message


@pytest.mark.parametrize("length", [0, 1, 100])
def test_an_iris_file_that_ends_early_is_told(length):
    with pytest.raises(ValueError, match=f"line {length + 1}: found 'the end after .* 150 flowers"):
        parse_iris(CSV[:length])


def test_data_is_found_inside_a_zip_file_on_an_accented_path(tmp_path):
    archive = tmp_path / "café au lait.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in PACKAGE.rglob("*.*"):
            packed.write(path, Path("course_lib") / path.relative_to(PACKAGE))
    code = (
        f"import sys; sys.path.insert(0, {str(archive)!r}); from course_lib import data;"
        f"assert data.__file__.startswith({str(archive)!r}); print(data.load_iris().inputs.sum())"
    )
    run = [sys.executable, "-I", "-c", code]
    result = subprocess.run(run, capture_output=True, encoding="utf-8", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) == pytest.approx(876.5 + 458.6 + 563.7 + 179.9)


# ---- digits ----


def test_digits_equal_the_images_in_scikit_learn():
    digits, reference = load_digits(), datasets.load_digits()
    assert digits.inputs.shape == (1797, 1, 8, 8)
    assert digits.inputs.dtype == np.float64 and digits.targets.dtype == np.int64
    assert np.array_equal(digits.inputs.reshape(1797, 64), reference.data)
    assert np.array_equal(digits.targets, reference.target)
    assert (digits.inputs.min(), digits.inputs.max()) == (0, 16)
    assert digits.target_names == tuple("0123456789") and len(digits.feature_names) == 64


def test_digits_without_scikit_learn_say_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError) as error:
        load_digits()
    assert str(error.value) == (
        "load_digits() reads scikit-learn's copy: run `pip install scikit-learn` first"
    )


def test_importing_the_data_package_does_not_import_scikit_learn():
    code = "import sys, course_lib.data; sys.exit('sklearn' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent)
    assert run.returncode == 0


# ---- split ----


@given(
    count=st.integers(10, 200),
    validation=st.sampled_from([0.0, 0.2, 0.25, 0.4]),
    test=st.sampled_from([0.25, 0.3, 0.5]),
    seed=st.integers(0, 9),
)
def test_every_row_is_in_exactly_one_part_and_parts_have_the_size_asked(
    count, validation, test, seed
):
    parts = split(count, validation=validation, test=test, rng=np.random.default_rng(seed))
    assert sorted(np.concatenate(parts).tolist()) == list(range(count))
    assert abs(len(parts.validation) - validation * count) <= 0.5
    assert abs(len(parts.test) - test * count) <= 0.5
    assert all((np.diff(part) > 0).all() for part in parts)


@given(
    sizes=st.lists(st.integers(10, 90), min_size=2, max_size=4),
    validation=st.sampled_from([0.0, 0.15, 0.2, 0.3]),
    test=st.sampled_from([0.15, 0.2, 0.3]),
    seed=st.integers(0, 9),
)
def test_stratifying_keeps_the_proportions_of_the_classes(sizes, validation, test, seed):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    parts = split(len(labels), validation=validation, test=test, stratify=labels, rng=rng)
    for part, fraction in ((parts.validation, validation), (parts.test, test)):
        counts = np.bincount(labels[part], minlength=len(sizes))
        assert len(part) == round(fraction * len(labels))
        assert np.abs(counts - len(part) * np.array(sizes) / len(labels)).max() < 2


def test_stratified_thirds_of_iris_hold_each_species_alike():
    targets = load_iris().targets
    rng = np.random.default_rng(3)
    parts = split(150, validation=0.2, test=0.3, stratify=targets, rng=rng)
    assert np.bincount(targets[parts.train]).tolist() == [25, 25, 25]
    assert np.bincount(targets[parts.validation]).tolist() == [10, 10, 10]
    assert np.bincount(targets[parts.test]).tolist() == [15, 15, 15]


@pytest.mark.parametrize("stratify", [None, np.repeat([0, 1], 100)])
def test_chance_reaches_every_row_and_the_seed_decides(stratify):
    def parts(seed):
        return split(200, test=0.25, stratify=stratify, rng=np.random.default_rng(seed)).test

    assert parts(5).tolist() == parts(5).tolist() != parts(6).tolist()
    times = np.bincount(np.concatenate([parts(seed) for seed in range(400)]), minlength=200)
    # binomial(400, 1/4): mean 100, standard deviation 8.7
    assert 60 < min(times) <= max(times) < 140


LABELS = np.array([0] * 50 + [1] * 48 + [2] * 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 10, "test": 0.5, "validation": 0.5}, "validation 0.5 and test 0.5 of 10 rows "
         "leave none to train on: ask for less"),
        ({"count": 10, "test": 0.7, "validation": 0.6}, "leave none to train on"),
        ({"count": 10, "test": 30}, "test must be a fraction of the rows, from 0 up to 1, "
         "found 30"),
        ({"count": 10, "test": -0.1}, "from 0 up to 1, found -0.1"),
        ({"count": 10, "validation": float("nan")}, "validation must be a fraction"),
        ({"count": 10, "test": 0.01}, "test=0.01 of 10 rows is an empty part: ask for more"),
        ({"count": 0, "test": 0.3}, "count must be the number of rows, len(inputs) say, found 0"),
        ({"count": np.ones((6, 2)), "test": 0.3}, "len(inputs) say, found an array (6, 2)"),
        ({"count": 100, "test": 0.1, "stratify": LABELS}, "class 2 is too small to stratify: it "
         "has 2 of 100 rows, and none of them falls into the test part"),
        ({"count": 99, "test": 0.1, "stratify": LABELS}, "stratify needs 99 labels, one a row, "
         "found (100,)"),
    ],
)  # fmt: skip
def test_what_split_refuses_is_told_in_one_line(arguments, message):
    with pytest.raises(ValueError) as error:
        split(**arguments, rng=np.random.default_rng(0))
    assert message in str(error.value) and "\n" not in str(error.value)


def test_split_needs_a_generator():
    with pytest.raises(TypeError, match=r"rng must be a generator, .* found 0"):
        split(10, test=0.3, rng=0)


# ---- standardization ----


@given(arrays.arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6, width=32)))
def test_standardizing_agrees_with_scikit_learn(table):
    reference = preprocessing.StandardScaler().fit(table)
    scaler = Standardizer(table)
    # Where a column is constant but for its last digits the two may differ on calling it constant.
    clear = (np.ptp(table, axis=0) == 0) | (np.ptp(table, axis=0) > 1e-6 * np.abs(table).max())
    assert np.allclose(scaler.mean, reference.mean_)
    assert np.allclose(scaler.scale[clear], reference.scale_[clear])
    expected = reference.transform(table[:2])
    assert np.allclose(scaler.transform(table[:2])[:, clear], expected[:, clear], atol=1e-6)


def test_standardizing_by_hand():
    # mean 4, population variance (9 + 0 + 9) / 3 = 6, and 6 / sqrt(6) = 2.449490
    scaler = Standardizer([[1], [4], [7]])
    assert scaler.transform([[10]])[0, 0] == pytest.approx(2.449490, abs=5e-7)


def test_only_the_training_rows_are_measured():
    train, test = np.array([[1.0, 5.0], [3.0, 9.0]]), np.array([[100.0, -100.0]])
    scaler = Standardizer(train)
    before = scaler.mean.copy(), scaler.scale.copy()
    scaler.transform(test)
    assert np.array_equal(scaler.mean, before[0]) and np.array_equal(scaler.scale, before[1])
    assert scaler.transform(train).mean(axis=0).tolist() == [0, 0]


def test_a_constant_column_becomes_zero():
    table = np.column_stack([np.full(10, 0.1), np.arange(10.0)])
    scaler = Standardizer(table)
    assert scaler.scale[0] == 1
    assert (scaler.transform(table)[:, 0] == 0).all()
    assert scaler.transform(table[:1] + 2)[0, 0] == pytest.approx(2)


def test_float32_stays_float32_and_inputs_are_not_touched():
    table = np.array([[1, 2], [3, 5], [8, 9]], dtype=np.float32)
    copy = table.copy()
    scaled = Standardizer(table).transform(table)
    assert scaled.dtype == np.float32 and np.array_equal(table, copy)
    assert Standardizer(table.astype(np.float64)).transform(table).dtype == np.float32
    assert Standardizer(table).transform(table.astype(np.float64)).dtype == np.float64
    assert np.allclose(scaled, Standardizer(table.astype(float)).transform(table.astype(float)))


def test_a_gap_is_named_by_row_and_column():
    table = np.ones((5, 3))
    table[3, 1] = np.nan
    message = (
        "row 3, column 1 (counted from 0) is nan: "
        "fill the gap or leave the row out before standardizing"
    )
    with pytest.raises(ValueError) as error:
        Standardizer(table)
    assert str(error.value) == message
    with pytest.raises(ValueError) as error:
        Standardizer(np.ones((2, 3))).transform(table)
    assert str(error.value) == message
    with pytest.raises(ValueError, match=r"row 0, column 2 .* is -inf"):
        Standardizer([[1, 2, -np.inf]])


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (4,), (2, 1, 8, 8), ()])
def test_what_is_not_a_table_is_refused(shape):
    with pytest.raises(ValueError) as error:
        Standardizer(np.ones(shape))
    assert str(error.value) == f"expected a table (rows, columns) with data, found shape {shape}"


def test_another_number_of_columns_is_refused():
    with pytest.raises(ValueError) as error:
        Standardizer(np.ones((5, 4))).transform(np.ones((2, 3)))
    assert str(error.value) == (
        "the standardizer measured 4 columns, these inputs have 3: shape (2, 3)"
    )
