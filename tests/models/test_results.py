"""The page of results says what was measured, and the figures that the course speaks of hold."""

import json

from words import NAMES, RESULTS, mean, page

STORED = json.loads((RESULTS / "words.json").read_text(encoding="utf-8"))


def test_the_page_is_made_of_the_stored_figures():
    assert (RESULTS / "words.md").read_text(encoding="utf-8") == page(STORED)


def test_context_earns_its_keep():
    found = STORED["entities"]
    network, memory = mean(found["network"], "f1"), found["memorizing"]["f1"]
    assert len(found["network"]) == 5
    assert network >= 0.70
    assert network >= memory + 0.12
    assert max(run["seconds"] for run in found["network"]) < 30


def test_the_network_and_the_n_grams():
    for name in ("stories", "python docs"):
        _, trigrams, network, mixed = (mean(STORED[name]["network"], kind) for kind in NAMES)
        assert network < 1.1 * trigrams
        assert mixed < trigrams
    assert max(run["seconds"] for run in STORED["stories"]["network"]) < 30
