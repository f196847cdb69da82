"""What the library costs: import and memory, each measured in processes of their own."""

import os
import platform
import subprocess
import sys
import textwrap

import pytest

ALONE = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def run(code):
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=ALONE, capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return result.stdout


def test_import_pulls_in_neither_pictures_nor_widgets():
    loaded = run("import sys, course_lib; print(*sorted(sys.modules))").split()
    assert "course_lib.training" in loaded
    for name in ("matplotlib", "ipywidgets", "IPython", "sklearn", "scipy", "tqdm", "numpy.random"):
        assert name not in loaded


@pytest.mark.skipif(sys.platform == "win32", reason="the module resource is for Linux and macOS")
def test_memory_of_sixty_language_model_steps():
    """Context 4, vocabulary 5,000, embedding 64, hidden 256, batch 256, float32."""
    grown = run(
        """
        import resource, sys
        import numpy as np
        from course_lib import layers, losses, optimizers
        unit = 1 if sys.platform == "darwin" else 1024
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        rng, kind = np.random.default_rng(0), np.float32
        model = layers.Sequential(
            layers.Embedding(5000, 64, rng=rng, dtype=kind), layers.Flatten(),
            layers.Linear(256, 256, rng=rng, dtype=kind), layers.Tanh(),
            layers.Linear(256, 5000, rng=rng, dtype=kind),
        )
        optimizer = optimizers.SGD(model.parameters(), 0.1)
        for step in range(60):
            ids, labels = rng.zipf(1.3, (256, 4)) % 5000, rng.integers(0, 5000, 256)
            losses.cross_entropy(model(ids), labels).backward()
            optimizer.step()
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print((after - before) * unit / 1e6)
        """
    )
    assert float(grown) < 70


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other systems keep memory unasked")
def test_the_memory_of_a_step_serves_the_next_one():
    """Or the system would clear its pages anew, 730 in each of these steps."""
    pages = run(
        """
        import resource
        import numpy as np
        from course_lib import layers, losses, optimizers
        rng = np.random.default_rng(0)
        model = layers.Sequential(
            layers.Linear(4, 16, rng=rng), layers.Tanh(), layers.Linear(16, 3, rng=rng)
        )
        optimizer = optimizers.SGD(model.parameters(), 0.1)
        x, labels = rng.normal(size=(5000, 4)), rng.integers(0, 3, 5000)
        counts = []
        for step in range(30):
            losses.cross_entropy(model(x), labels).backward(free=True)
            optimizer.step()
            counts.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
        print((counts[29] - counts[9]) / 20)
        """
    )
    assert float(pages) < 10
