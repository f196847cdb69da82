"""Train and score a named-entity tagger on your own files.

    python -m course_lib.commands.tagger ner_dataset.csv --five-tags
    python -m course_lib.commands.tagger eng.train --dev eng.testa --test eng.testb

A file whose name ends in .csv is read as that of the Groningen Meaning Bank, any other as CoNLL: a
token a line, its tag last, an empty line between sentences. Where --dev or --test is missing, a
tenth of the sentences is held out for it. Ctrl-C ends the training and keeps the best network so
far.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..data import FIVE_TAGS, read_conll, read_gmb
from ..models import MemorizingTagger, WindowTagger
from .common import parts_of, run, save_results, train_and_save
from .options import at_least, parser_of


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("tagger", __doc__, epochs=30, batch_size=128)
    add, number = parser.add_argument, at_least(1)
    add("--five-tags", action="store_true", help="fold the tags onto PER ORG LOC GPE DATE")
    add("--reach", type=at_least(0), default=2, help="neighbors on either side (2)")
    add("--size", type=number, default=50, help="length of a word's vector (50)")
    add("--hidden", type=number, nargs="*", default=[100, 50], help="hidden layers (100 50)")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Read, train, score, save."""
    chosen = arguments(argv)
    rng = np.random.default_rng(chosen.seed)

    def read(path):
        reader = read_gmb if Path(path).suffix.lower() == ".csv" else read_conll
        sentences = reader(path, tag_map=FIVE_TAGS if chosen.five_tags else None)
        print(sentences)
        return sentences

    corpus = parts_of(read, chosen.train, chosen.dev, chosen.test, rng)
    tagger = WindowTagger.for_sentences(
        corpus.train,
        minimum=chosen.minimum,
        reach=chosen.reach,
        size=chosen.size,
        hidden=chosen.hidden,
        dropout=chosen.dropout,
        rng=rng,
    )
    print(f"\n{corpus}\n{tagger.vocabulary}, tags {' '.join(tagger.tags)}")
    results = train_and_save(
        tagger,
        tagger.examples(corpus.train),
        tagger.examples(known(tagger, corpus.dev)),
        chosen,
        rng,
    )
    memory, network = MemorizingTagger(corpus.train).scores(corpus.test), tagger.scores(corpus.test)
    results |= {"memorizing": memory.as_dict(), "network": network.as_dict()}
    save_results(chosen.output, results)
    print(f"\nEach word's most frequent tag:\n{memory}\n\nThe window network:\n{network}")
    print(f"\nThe network and results.json are in the folder {chosen.output}.")


def known(tagger: WindowTagger, sentences: list) -> list:
    """Those whose tags the network has classes for: a rare tag may be in a held-out part alone.

    All of them if there are none, for the error that names the tags.
    """
    tags = set(tagger.tags)
    return [s for s in sentences if tags.issuperset(tag for _, tag in s)] or sentences


if __name__ == "__main__":
    run(main, "tagger")
