"""What a figure computes in JavaScript is what the library computes, wherever it can be moved."""

import numpy as np
import pytest
from figure_examples import NAMES, OWN, differences, make, settings_of

from course_lib.authoring.stills import PAGE
from course_lib.drawing.labels import number
from course_lib.explore.figure import script

SETTINGS = 1000
MODULE = """async ([source, data, all, names]) => {
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  return all.map((settings) => module.numbers(settings, module.revived(data)));
}"""
FORMAT = """async ([source, numbers]) => {
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  return numbers.map((x) => module.format(x));
}"""


@pytest.fixture(scope="module")
def page(chromium):
    page = chromium.new_page()
    page.set_content(PAGE)
    yield page
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_numbers_of_a_thousand_settings(page, name):
    compare(page, make(name), SETTINGS)


@pytest.mark.parametrize("name", OWN)
def test_numbers_of_what_learners_have_built(page, name):
    compare(page, OWN[name](), SETTINGS // 4)


def compare(page, figure, count):
    rng = np.random.default_rng(7)
    drawn = [settings_of(figure, rng) for _ in range(count)]
    source = script(figure.name) + "\nexport { revive as revived };"
    found = page.evaluate(MODULE, [source, figure.data, drawn])
    for settings, numbers in zip(drawn, found, strict=True):
        assert not differences(figure.numbers(settings), numbers), settings


def test_numbers_read_as_in_pictures_of_graphs(page):
    rng = np.random.default_rng(3)
    some = rng.normal(size=4000) * 10.0 ** rng.integers(-9, 9, size=4000)
    borders = rng.integers(-99999, 99999, size=2000) / 10.0 ** rng.integers(0, 8, size=2000)
    numbers = [0.0, -0.0, 1e6, 999_999.0, 0.99995, 9999.5, 1e-300, 2.5e17, *some, *borders]
    numbers = [float(x) for x in numbers]
    found = page.evaluate(FORMAT, [script("base"), numbers])
    assert found == [number(x) for x in numbers]
    assert page.evaluate(FORMAT, [script("base"), [float("nan"), float("inf"), -float("inf")]]) == [
        "nan",
        "inf",
        "−inf",
    ]
