"""How long the readers take for a file of a million tokens, and how much memory.

    python tests/benchmarks/reading.py

The files are made in a temporary folder, from a fixed seed. Each is read in a process of its own;
the memory is the peak of that process, Python and NumPy included.
"""

import csv
import platform
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOKENS = 1_000_000
READ = """
import sys, time
sys.path.insert(0, {root!r})
from course_lib import data
start = time.perf_counter()
sentences = data.{reader}({path!r}, progress=False, **{options!r})
print(time.perf_counter() - start)
print(repr(sentences))
try:
    import resource
    unit = 1 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)
except ImportError:  # Windows
    print("nan")
"""


def sentences(rng):
    """Lists of (token, tag): words by Zipf's law, a tenth of them in names."""
    words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(1, 9))) for _ in range(40_000)]
    words[:5] = [",", ".", '"', "the", "£5"]
    names = ["".join(rng.choices("etaoinshrdlu", k=6)).title() for _ in range(8_000)]
    drawn = iter(rng.choices(words, [1 / (rank + 1) for rank in range(len(words))], k=TOKENS))
    left = TOKENS
    while left:
        sentence = []
        for _ in range(min(left, rng.randint(5, 38))):
            inside = sentence and sentence[-1][1] != "O" and rng.random() < 0.4
            if inside or rng.random() < 0.08:
                name = sentence[-1][1][2:] if inside else rng.choice(["PER", "ORG", "LOC", "MISC"])
                sentence.append((rng.choice(names), f"{'I' if inside else 'B'}-{name}"))
            else:
                sentence.append((next(drawn), "O"))
        left -= len(sentence)
        yield sentence


def write_files(folder: Path) -> list[tuple[str, Path, dict]]:
    """(reader, path, options) of one file in each format."""
    corpus = list(sentences(random.Random(0)))
    conll, gmb, text = (folder / name for name in ("news.conll", "news.csv", "news.txt"))
    with open(conll, "w", encoding="utf-8") as file:
        for sentence in corpus:
            file.writelines(f"{token} NN I-NP {tag}\n" for token, tag in sentence)
            file.write("\n")
    with open(gmb, "w", encoding="cp1252", newline="") as file:
        table = csv.writer(file)
        table.writerow(["Sentence #", "Word", "POS", "Tag"])
        for number, sentence in enumerate(corpus, start=1):
            for place, (token, tag) in enumerate(sentence):
                table.writerow(["" if place else f"Sentence: {number}", token, "NN", tag])
    with open(text, "w", encoding="utf-8") as file:
        for sentence in corpus:
            file.write(" ".join(token for token, _ in sentence).capitalize() + ".\n")
    return [
        ("read_conll", conll, {}),
        ("read_gmb", gmb, {}),
        ("read_text", text, {}),
        ("read_text", text, {"pretokenized": True}),
    ]


def main():
    print(f"Python {platform.python_version()}; seconds, peak memory in MB")
    with tempfile.TemporaryDirectory() as folder:
        # In another process: one that starts a reader passes its own peak of memory on to it.
        with ProcessPoolExecutor(1) as pool:
            files = pool.submit(write_files, Path(folder)).result()
        for reader, path, options in files:
            program = READ.format(root=str(ROOT), reader=reader, path=str(path), options=options)
            run = subprocess.run(
                [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
            )
            seconds, summary, memory = run.stdout.splitlines()
            print(f"{reader:10} {float(seconds):6.2f} {float(memory):6.0f}   {summary}")


if __name__ == "__main__":
    main()
