"""What the models reach: the stored page says what was measured, and it is reached here again."""

import json

from words import NAMES, RESULTS, entities, language, mean, page

from course_lib.data import load_python_docs, load_stories

STORED = json.loads((RESULTS / "words.json").read_text(encoding="utf-8"))


def test_the_page_is_made_of_the_stored_figures():
    assert (RESULTS / "words.md").read_text(encoding="utf-8") == page(STORED)


def earns_its_keep(found):
    """At least 0.70 entity F1, and 0.12 above each word's most frequent tag; mean of five seeds."""
    network = mean(found["network"], "f1")
    return len(found["network"]) == 5 and network >= max(0.70, found["memorizing"]["f1"] + 0.12)


def test_context_earns_its_keep():
    assert earns_its_keep(STORED["entities"])
    assert earns_its_keep(entities(seeds=5))


def test_the_network_and_the_n_grams():
    for name in ("stories", "python docs"):
        _, trigrams, network, mixed = (mean(STORED[name]["network"], kind) for kind in NAMES)
        assert network < 1.1 * trigrams
        assert mixed < trigrams


def test_the_tales_teach_a_network_what_n_grams_miss():
    """Mixed half and half with the network, n-grams of order 3 are less surprised by new tales."""
    (found,) = language(load_stories(), 2, 128, 2, seeds=1)["network"]
    unigrams, trigrams, network, mixed = (found[name] for name in NAMES)
    assert mixed < 0.9 * trigrams
    assert network < 0.3 * unigrams


def test_three_epochs_of_documentation_reach_the_n_grams():
    """Within a tenth of interpolated Kneser-Ney of order 3, and better when the two are mixed."""
    (found,) = language(load_python_docs(), 5, 256, 1, epochs=3, seeds=1)["network"]
    _, trigrams, network, mixed = (found[name] for name in NAMES)
    assert network < 1.1 * trigrams
    assert mixed < 0.9 * trigrams
