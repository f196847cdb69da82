"""What the two models of words reach on the three corpora that everybody has.

    python tests/benchmarks/words.py            # 3 minutes; prints the page
    python tests/benchmarks/words.py --store    # and writes it to results/words.md and words.json

One thread. The tagger is trained with five seeds, the language models with three. Whatever was
chosen, was chosen on the dev parts.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy is loaded

import argparse
import json
import platform
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from course_lib.commands.language_model import perplexities  # noqa: E402
from course_lib.data import load_entities, load_python_docs, load_stories  # noqa: E402
from course_lib.losses import cross_entropy  # noqa: E402
from course_lib.models import (  # noqa: E402
    MemorizingTagger,
    WindowLanguageModel,
    WindowTagger,
    nearest_words,
)
from course_lib.models.highlight import text_of  # noqa: E402
from course_lib.optimizers import Adam  # noqa: E402
from course_lib.training import fit  # noqa: E402

RESULTS = ROOT / "tests" / "benchmarks" / "results"
TAGGER = {"reach": 2, "size": 50, "hidden": (100, 50), "capitals": 8, "dropout": 0.4}
MODEL = {"n": 4, "size": 60, "hidden": 150, "dropout": 0.3}
NAMES = ("frequency of words", "Kneser-Ney, order 3", "network, 4 words", "half and half")


def trained(model, corpus, rng, *, batch_size, epochs, patience):
    """Seconds and epochs that Adam took."""
    inputs, targets = model.examples(corpus.train)
    start = time.perf_counter()
    history = fit(
        model,
        cross_entropy,
        inputs,
        targets,
        optimizer=Adam(model.parameters(), 2e-3),
        epochs=epochs,
        batch_size=batch_size,
        validation=model.examples(corpus.dev),
        patience=patience,
        rng=rng,
        progress=False,
    )
    return time.perf_counter() - start, len(history.loss)


def entities(seeds=5):
    """Entity F1 on the test part: each word's most frequent tag, and the network."""
    corpus = load_entities()
    memory = MemorizingTagger(corpus.train).scores(corpus.test)
    runs = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        tagger = WindowTagger.for_sentences(corpus.train, rng=rng, **TAGGER)
        seconds, epochs = trained(tagger, corpus, rng, batch_size=64, epochs=30, patience=3)
        scores = tagger.scores(corpus.test)
        runs.append({"seed": seed, "seconds": seconds, "epochs": epochs, **scores.as_dict()})
    return {"memorizing": memory.as_dict(), "network": runs}


def language(corpus, minimum, batch_size, patience, epochs=20, seeds=3, words=()):
    """Perplexities on the test part; sentences and neighbors of the last network."""
    runs = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        model = WindowLanguageModel.for_sentences(corpus.train, minimum=minimum, rng=rng, **MODEL)
        seconds, trained_epochs = trained(
            model, corpus, rng, batch_size=batch_size, epochs=epochs, patience=patience
        )
        found = dict(zip(NAMES, perplexities(model, corpus, order=3).values(), strict=True))
        runs.append({"seed": seed, "seconds": seconds, "epochs": trained_epochs, **found})
    rng = np.random.default_rng(0)
    table = model.layers[0].weight.value
    return {
        "vocabulary": len(model.vocabulary),
        "network": runs,
        "written": [text_of(model.write(temperature=0.6, rng=rng)) for _ in range(8)],
        "neighbors": {
            word: [other for other, _ in nearest_words(table, model.vocabulary, word)]
            for word in words
        },
    }


def measured():
    stories, docs = load_stories(), load_python_docs()
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "entities": entities(),
        "stories": language(stories, 2, 128, 2, words=("fox", "said", "ran", "mira", "because")),
        "python docs": language(docs, 5, 256, 1, words=("string", "returns", "file", "three")),
        "sizes": {"stories": repr(stories), "python docs": repr(docs)},
    }


def duration(runs):
    """ "6 s", or "2 to 3 s", of the trainings."""
    low, high = (f"{pick(run['seconds'] for run in runs):.0f}" for pick in (min, max))
    return f"{high} s" if low == high else f"{low} to {high} s"


def mean(runs, name):
    return float(np.mean([run[name] for run in runs]))


def page(results) -> str:
    """The results as Markdown."""
    found = results["entities"]
    runs, memory = found["network"], found["memorizing"]
    lines = [
        "# What the two models of words reach",
        "",
        f"Python {results['python']}, NumPy {results['numpy']}, one thread. Written by",
        "`python tests/benchmarks/words.py --store`; every figure is taken on the test part.",
        "",
        "## Named entities",
        "",
        f"The window network (two words on each side), mean of {len(runs)} seeds, beside each",
        "word's most frequent tag in training. An entity counts if type and all words are right.",
        "",
        "| | memorizing F1 | network F1 | precision | recall |",
        "|---|---:|---:|---:|---:|",
    ]
    rows = [("all", memory, runs)] + [
        (tag, memory["by_tag"][tag], [run["by_tag"][tag] for run in runs])
        for tag in memory["by_tag"]
    ]
    for name, alone, each in rows:
        figures = (f"{mean(each, kind):.3f}" for kind in ("f1", "precision", "recall"))
        lines.append(f"| {name} | {alone['f1']:.3f} | {' | '.join(figures)} |")
    scores = [run["f1"] for run in runs]
    lines += [
        "",
        f"F1 of the seeds: {', '.join(f'{score:.3f}' for score in scores)}. Token accuracy "
        f"{mean(runs, 'accuracy'):.3f}",
        f"(memorizing {memory['accuracy']:.3f}). Training took {duration(runs)}.",
    ]
    for name in ("stories", "python docs"):
        found = results[name]
        runs = found["network"]
        lines += [
            "",
            f"## The next word: {name}",
            "",
            f"{results['sizes'][name]}, {found['vocabulary']:,} words.",
            f"Perplexity, the end of a sentence counted; mean of {len(runs)} seeds.",
            "",
            "| " + " | ".join(NAMES) + " |",
            "|---:" * len(NAMES) + "|",
            "| " + " | ".join(f"{mean(runs, kind):.1f}" for kind in NAMES) + " |",
            "",
            f"Training took {duration(runs)}. At temperature 0.6 it writes:",
            "",
            *(f"> {sentence}\n>" for sentence in found["written"]),
            "",
            "Nearest vectors:",
            "",
            *(f"- {word}: {', '.join(near)}" for word, near in found["neighbors"].items()),
        ]
    return "\n".join(lines) + "\n"


def command(doc, name, measured, page):
    """Measure, print the page, and store it when the command line says so."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    stored = f"write results/{name}.md and .json"
    parser.add_argument("--store", action="store_true", help=stored)
    store = parser.parse_args().store
    results = measured()
    print(page(results))
    if store:
        (RESULTS / f"{name}.md").write_text(page(results), encoding="utf-8")
        text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
        (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    command(__doc__, "words", measured, page)
