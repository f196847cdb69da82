"""Train and score a neural language model on your own text.

    python -m course_lib.commands.language_model emma.txt --lower
    python -m course_lib.commands.language_model ptb.train.txt --pretokenized \\
        --dev ptb.valid.txt --test ptb.test.txt --minimum 1

Where --dev or --test is missing, a tenth of the sentences, the last ones, is held out for it. The
network is compared with n-grams, interpolated Kneser-Ney, and with the mean of both. Ctrl-C ends
the training and keeps the best network so far.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from ..data import Corpus, read_text
from ..models import WindowLanguageModel
from ..models.highlight import text_of
from ..text import KneserNey, perplexity
from .common import parts_of, run, save_results, train_and_save
from .options import at_least, parser_of


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("language_model", __doc__, epochs=20, batch_size=256)
    add, number = parser.add_argument, at_least(1)
    add("--lower", action="store_true", help="turn all letters into small ones")
    add("--pretokenized", action="store_true", help="a sentence a line, spaces between tokens")
    add("--n", type=number, default=4, help="words that the network sees (4)")
    add("--size", type=number, default=60, help="length of a word's vector (60)")
    add("--hidden", type=number, default=150, help="hidden units (150)")
    add("--order", type=int, choices=range(1, 6), default=3, help="of the n-grams (3)")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Read, train, score, write some sentences, save."""
    chosen = arguments(argv)
    if chosen.order > chosen.n + 1:
        raise ValueError(f"--order {chosen.order} needs --n {chosen.order - 1}, found {chosen.n}")
    rng = np.random.default_rng(chosen.seed)

    def read(path):
        sentences = read_text(path, lower=chosen.lower, pretokenized=chosen.pretokenized)
        print(sentences)
        return sentences

    corpus = parts_of(read, chosen.train, chosen.dev, chosen.test, rng=None)
    model = WindowLanguageModel.for_sentences(
        corpus.train,
        minimum=chosen.minimum,
        n=chosen.n,
        size=chosen.size,
        hidden=chosen.hidden,
        dropout=chosen.dropout,
        rng=rng,
    )
    print(f"\n{corpus}\n{model.vocabulary}")
    results = train_and_save(
        model, model.examples(corpus.train), model.examples(corpus.dev), chosen, rng
    )
    found = perplexities(model, corpus, chosen.order)
    save_results(chosen.output, results | {"test perplexity": found})
    print("\nperplexity on the test part, the end of a sentence counted as a word")
    for name, value in found.items():
        print(f"{name:40} {value:9.1f}")
    print("\nwritten by the network, at temperature 0.7:")
    for _ in range(5):
        print(" ", text_of(model.write(temperature=0.7, rng=rng)))
    print(f"\nThe network and results.json are in the folder {chosen.output}.")


def perplexities(model: WindowLanguageModel, corpus: Corpus, order: int) -> dict[str, float]:
    """{name of a model: its perplexity on the test part}: words alone, n-grams, network, mean."""
    contexts, targets = model.examples(corpus.train)
    held_out = model.examples(corpus.test)
    size = len(model.vocabulary)
    unigram = KneserNey(contexts, targets, size, order=1).probabilities(*held_out)
    ngrams = KneserNey(contexts, targets, size, order=order).probabilities(*held_out)
    network = model.probabilities(*held_out)
    return {
        "each word by its frequency": perplexity(unigram),
        f"n-grams, Kneser-Ney of order {order}": perplexity(ngrams),
        f"the network, {model.n} words of context": perplexity(network),
        "n-grams and network, half and half": perplexity((ngrams + network) / 2),
    }


if __name__ == "__main__":
    run(main, "language_model")
