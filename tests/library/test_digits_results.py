"""Filters earn their keep on the digits; lesson 13 trains those of the first fold again."""

import json

from digits import FOLDS, SHUFFLES, mean, page
from words import RESULTS

STORED = json.loads((RESULTS / "digits.json").read_text(encoding="utf-8"))


def test_the_page_is_made_of_the_stored_figures():
    assert (RESULTS / "digits.md").read_text(encoding="utf-8") == page(STORED)


def test_filters_beat_a_weighted_sum_of_pixels_on_every_shuffle():
    runs = STORED["models"]
    filters, logistic = runs["two layers of filters"], runs["logistic regression"]
    assert all(len(run["folds"]) == FOLDS for run in filters + logistic)
    assert len(filters) == len(logistic) == SHUFFLES
    assert mean(filters, "mean") >= 0.975
    for ours, theirs in zip(filters, logistic, strict=True):
        assert ours["mean"] > theirs["mean"]
