"""Faults planted in the library, one at a time: every one must turn a test red.

A test suite is worth what it catches. Each row names a file, a text that stands in it once, what a
slip of the pen would have made of it, and the test file that must notice.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GRAPH, GRADIENTS = "library/test_graph.py", "library/test_gradients.py"
LAYERS, LOSSES, ROWS = "library/test_layers.py", "library/test_losses.py", "library/test_rows.py"
OPTIMIZERS, TRAINING = "library/test_optimizers.py", "library/test_training.py"
CALCULUS, DRAWING = "library/test_calculus.py", "library/test_drawing.py"
STORE, MIRROR = "test_store.py", "test_my_course.py"
DATA, PLOTTING = "library/test_data.py", "library/test_plotting.py"
TEXT, TAGS = "library/test_text.py", "library/test_tags.py"
SCORING, NGRAMS = "library/test_scoring.py", "library/test_ngrams.py"
READERS, CORPORA = "library/test_readers.py", "library/test_corpora.py"
TAGGER, MODEL = "models/test_tagger.py", "models/test_language_model.py"
CHECK, LEARNING, RECORD = (f"checks/test_{name}.py" for name in ("check", "learning", "record"))
HIGHLIGHT, STORAGE = "models/test_highlight.py", "models/test_storage.py"

FAULTS = [
    # the walk and its accumulators
    ("graph.py", "parent.grad = so_far + share", "parent.grad = share", GRAPH),
    ("graph.py", "parent.grad = so_far + share", "so_far += share", GRAPH),
    ("graph.py", "            node.grad = None\n        self.grad", "            pass\n        self.grad", GRAPH),
    ("graph.py", "key=_birth_of", "key=lambda node: 0", GRAPH),
    ("graph.py", "node.edges = node.grad = None", "node.grad = None", GRAPH),
    ("graph.py", "self.edges = edges if _recording else ()", "self.edges = edges", GRAPH),
    ("graph.py", "        _recording = before\n", "        _recording = True\n", GRAPH),
    ("graph.py", "    finally:\n", "    except KeyboardInterrupt:\n", GRAPH),
    ("graph.py", "lambda delta: -delta * z / y", "lambda delta: delta * z / y", GRAPH),
    ("graph.py", "(b, operator.neg)", "(b, same)", GRADIENTS),
    ("graph.py", "(k * x ** (k - 1) if k else 0.0)", "(k * x ** (k - 1))", GRAPH),
    ("graph.py", "np.add.at(share, key, delta)", "share[key] = delta", GRAPH),
    ("graph.py", "return np.full_like(x, delta / count)", "return np.full_like(x, delta)", GRADIENTS),
    ("graph.py", 'return Node(z, "+", (a, same), (b, same))', 'node = Node(z, "+", (a, lambda delta: (node, delta)[1]), (b, same))\n        return node', GRAPH),
    # values and shapes
    ("values.py", "total.astype(parent.value.dtype, copy=False)", "total", GRADIENTS),
    ("values.py", "return share.dense() if parent.edges else share", "return share", GRAPH),
    ("values.py", "        return float(x)\n    if isinstance(x, list", "        return np.float64(x)\n    if isinstance(x, list", GRAPH),
    ("rows.py", "entries = self.ids[:, None] * self.shape[1]", "entries = self.ids[:, None] * self.shape[0]", ROWS),
    ("rows.py", "return self.dense() + other", "return other", GRAPH),
    # functions
    ("functions.py", "np.subtract(1, share, out=share)", "np.add(1, share, out=share)", GRADIENTS),
    ("functions.py", "return (1 if x >= 0 else small) / (1 + small)", "return 1 / (1 + small)", GRADIENTS),
    ("functions.py", "first = np.greater_equal(x, y)", "first = np.greater(x, y)", GRADIENTS),
    ("functions.py", "return y * (delta - np.add.reduce(delta * y, axis=axis, keepdims=True))", "return y * (1 - y) * delta", GRADIENTS),
    ("functions.py", "        start = end\n", "        start = 0\n", GRADIENTS),
    ("functions.py", "/ (1 - rate)", "/ 1.0", LAYERS),
    ("functions.py", "keep = rng.random(np.shape(x), np.float32) >= rate", "keep = rng.random(np.shape(x), np.float32) < rate", LAYERS),
    ("convolution.py", "turned = w[:, :, ::-1]", "turned = w[:, :, ::1]", GRADIENTS),
    ("convolution.py", "(delta.swapaxes(2, 3)).swapaxes(2, 3)", "(delta.swapaxes(2, 3))", GRADIENTS),
    ("convolution.py", "delta = delta.transpose(2, 1, 3, 0)  # the filters", "delta = delta.transpose(2, 0, 3, 1)  # the filters", GRADIENTS),
    ("convolution.py", "spread[kh - 1 : kh - 1 + stride * oh : stride]", "spread[kh - 1 : kh - 1 + oh]", GRADIENTS),
    ("__init__.py", "np.empty(31 << 20, np.uint8)", "", "library/test_resources.py"),
    # losses
    ("losses.py", "share.reshape(-1)[places] -= scale * delta", "share.reshape(-1)[places] -= delta", GRADIENTS),
    ("losses.py", ', order="C")', ")", LOSSES),
    ("values.py", "found.view(np.uint64)", "found", "library/test_bad_input.py"),
    ("losses.py", "p * np.log(np.where(p > 0, p, 1))", "np.log(np.where(p > 0, p, 1))", LOSSES),
    ("losses.py", "np.where(p > 0, p / q, 0) * (-scale * delta)", "np.where(p > 0, p / q, 0) * (scale * delta)", GRADIENTS),
    # layers
    ("layers.py", "self.training = training", "self.training = True", LAYERS),
    ("layers.py", "list(dict.fromkeys(x for _, x in self._state() if type(x) is Node))", "[x for _, x in self._state() if type(x) is Node]", LAYERS),
    ("layers.py", "(count / (count - 1))", "1.0", LAYERS),
    ("layers.py", "elif type(x) in (Node, ndarray):", "elif type(x) is Node:", LAYERS),
    ("layers.py", "return as_node(x) + super().__call__(x)", "return super().__call__(x)", LAYERS),
    # optimizers
    ("optimizers.py", "                parameter.value = parameter.value.copy()", "                pass", OPTIMIZERS),
    ("optimizers.py", "            parameter.grad = None", "            pass", OPTIMIZERS),
    ("optimizers.py", "velocity += gradient", "velocity -= gradient", OPTIMIZERS),
    ("optimizers.py", "root /= math.sqrt(1 - beta2**count)", "pass", OPTIMIZERS),
    ("optimizers.py", "merged = gradient.merged()", "merged = gradient", OPTIMIZERS),
    ("optimizers.py", "for start in range(0, len(value), rows)", "for start in range(0, len(value) - rows, rows)", OPTIMIZERS),
    # training
    ("training.py", "            self.state = get_state(self.model)", "            self.state = self.state or get_state(self.model)", TRAINING),
    ("training.py", ">= patience:", "> patience:", TRAINING),
    ("training.py", "total += batch_loss.value * len(targets[batch])", "total += batch_loss.value * len(inputs) / 2", TRAINING),
    ("training.py", "order = rng.permutation(count)", "order = np.arange(count)", TRAINING),
    ("training.py", "    except KeyboardInterrupt:\n", "    except EOFError:\n", TRAINING),
    # calculus
    ("calculus.py", 'return denominator if layout == "denominator" else denominator.T', "return denominator", CALCULUS),
    ("calculus.py", "if error <= tolerance:", "if not error > tolerance:", CALCULUS),
    # pictures of graphs
    ("drawing/picture.py", "top = y - CLEAR - label_height(figure.signal)", "top = y + CLEAR", DRAWING),
    ("drawing/picture.py", "if len(users) < 2 or node.grad is None", "if len(users) < 3 or node.grad is None", DRAWING),
    ("drawing/labels.py", "12 if np.asarray(x).itemsize >= 8 else 6", "17", DRAWING),
    ("drawing/layout.py", "(layers[s] + 1 for s in sources[v])", "(layers[s] for s in sources[v])", DRAWING),
    ("drawing/mesh.py", "gap + extent(mesh, v)[0]", "extent(mesh, v)[0]", DRAWING),
    # data
    ("data/iris.csv", "4.9,3.6,1.4,0.1,setosa", "4.9,3.1,1.5,0.1,setosa", DATA),
    ("data/iris.py", "141, 146)", "141, 147)", DATA),
    ("data/digits.py", "table.images[:, np.newaxis]", "table.images.swapaxes(1, 2)[:, np.newaxis]", DATA),
    ("data/splitting.py", "rows = rng.permutation(count)", "rows = np.arange(count)", DATA),
    ("data/splitting.py", "rows = rows[np.argsort(labels[rows], kind=\"stable\")]", "pass", DATA),
    ("data/standardization.py", "inputs.std(axis=0, dtype=float)", "inputs.std(axis=0, dtype=float, ddof=1)", DATA),
    ("data/standardization.py", "np.where(constant, 1.0, deviation)", "deviation", DATA),
    # words
    ("text/vocabulary.py", "if count >= minimum", "if count > minimum", TEXT),
    ("text/vocabulary.py", "self._ids.get(word, 1)", "self._ids.get(word, 0)", TEXT),
    ("text/windows.py", "gap=reach)", "gap=0)", TEXT),
    ("text/windows.py", "return picked[:, :n], picked[:, n]", "return picked[:, 1:], picked[:, n]", TEXT),
    ("text/tags.py", "if begins or tag != open_tag:", "if begins:", TAGS),
    ("text/tags.py", 'first = single = inside', 'first = inside', TAGS),
    ("text/scoring.py", "return _ratio(2 * self.correct, self.found + self.expected)", "return _ratio(self.correct, self.found + self.expected - self.correct)", SCORING),
    ("text/scoring.py", "set(ours).intersection(theirs)", "[s for s in ours if any(s[:2] == t[:2] for t in theirs)]", SCORING),
    ("text/ngrams.py", "rest = self.discount * np.bincount(context) / totals", "rest = self.discount / totals", NGRAMS),
    ("text/perplexity.py", "-np.log(p).mean()", "-np.log2(p).mean()", NGRAMS),
    ("models/tagger.py", "if self.capitals:\n            parts", "if False:\n            parts", TAGGER),
    ("models/tagger.py", "key=lambda tag, tags=tags: (-tags[tag], tag)", "key=lambda tag, tags=tags: (tags[tag], tag)", TAGGER),
    ("models/language_model.py", "[*as_tokens(tokens), END]", "as_tokens(tokens)", MODEL),
    ("models/language_model.py", "** (1 / temperature)", "** temperature", MODEL),
    ("models/neighbors.py", "np.maximum(lengths * lengths[row], 1e-30)", "1", MODEL),
    ("models/highlight.py", "_framed, html.escape)", "_framed, str)", HIGHLIGHT),
    ("models/storage.py", "load(model, folder / NETWORK)", "pass", STORAGE),
    ("commands/stages.py", "set_state(model, best)", "pass", "models/test_stages.py"),
    ("data/readers/conll.py", 'cells[0].startswith("-DOCSTART-")', "False", READERS),
    ("data/readers/gmb.py", 'return "cp1252"', 'return "latin-1"', READERS),
    ("data/corpora/entities/test.txt", "grain talks resume", "grain talks", CORPORA),
    ("data/prose.py", "LONGEST = 4, 80", "LONGEST = 1, 80", "library/test_python_docs.py"),
    # checks
    ("checks/values.py", "tolerance = max(tolerance, SINGLE)", "pass", CHECK),
    ("checks/running.py", "given = copy.deepcopy(inputs)", "given = inputs", CHECK),
    ("checks/running.py", "        over.set()\n", "        pass\n", CHECK),
    ("checks/running.py", "        np.errstate(),\n", "", CHECK),
    ("checks/values.py", "np.asarray(value).copy()", "np.asarray(value)", CHECK),
    ("checks/record.py", "record if kept == instead else kept", "record if record else kept", RECORD),
    ("checks/observing.py", "quiet=number > 0 or quiet", "quiet=False", CHECK),
    ("checks/checking.py", 'if diagnosis.kind != "unwritten":', "if True:", CHECK),
    ("checks/record.py", "fcntl.flock(file, fcntl.LOCK_EX)", "pass", RECORD),
    ("checks/record.py", "os.replace(path, aside)", "os.unlink(path)", RECORD),
    ("checks/hints.py", "2: 1, 3: 1, 4: 3}", "2: 0, 3: 0, 4: 0}", LEARNING),
    ("checks/reviewing.py", "if own and diagnosis.right:", "if own:", LEARNING),
    ("checks/predictions.py", 'if not found["predictions"].get(id, fresh)["echoed"]:', "if True:", LEARNING),
    ("checks/feedback.py", "html.escape(self.trace)", "self.trace", "checks/test_in_jupyter.py"),
    # pictures
    ("plotting.py", "[-np.nextafter(lead, np.inf), lead]", "[-lead, lead]", PLOTTING),
    ("plotting.py", "(targets, predictions), 1)", "(predictions, targets), 1)", PLOTTING),
    ("plotting.py", "epochs = 1 + np.arange(len(losses))", "epochs = np.arange(len(losses))", PLOTTING),
    # notebooks and the learner's copies of them
    ("authoring/canonical.py", 'cell["execution_count"] = old.execution_count', 'cell["execution_count"] = None', STORE),
    ("authoring/canonical.py", "if cell.execution_count != count:", "if False:", STORE),
    ("authoring/store.py", 'state = "unchanged" if same else', 'state = "stored" if same else', STORE),
    ("authoring/kernel.py", '"PYTHONHASHSEED": "0",', "", STORE),
    ("setup/my_course.py", "if digest(target) == expected:", "if True:", MIRROR),
    ("setup/my_course.py", "elif is_new and work(target) != work(source):", "elif is_new and False:", MIRROR),
    ("setup/my_course.py", ' if path.suffix != ".md"', "", MIRROR),
    ("setup/my_course.py", "os.replace(part, target)", "shutil.copyfile(source, target)", MIRROR),
]  # fmt: skip


def run_alone(test, file, folder, change=lambda text: text):
    """Run a test file on a copy of the library in which one file was changed."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "course_lib", folder / "course_lib", ignore=ignored)
    if test.startswith("checks/"):
        shutil.copytree(ROOT / "tests" / "checks", folder / "tests" / "checks", ignore=ignored)
    else:
        (folder / "tests" / test).parent.mkdir(parents=True)
        shutil.copy(ROOT / "tests" / test, folder / "tests" / test)
    shutil.copy(ROOT / "pyproject.toml", folder)
    path = folder / "course_lib" / file
    changed = change(path.read_text(encoding="utf-8"))
    if file.endswith(".py"):
        compile(changed, file, "exec")
    path.write_text(changed, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"tests/{test}",
         "-k", "not two_million and not hundred_thousand"],
        cwd=folder, env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True, text=True, encoding="utf-8", timeout=300,
    )  # fmt: skip


@pytest.mark.parametrize("test", [CHECK, LEARNING, RECORD, "checks/test_in_jupyter.py"])
def test_without_a_fault_they_pass(test, tmp_path):
    result = run_alone(test, "graph.py", tmp_path)
    assert result.returncode == 0, result.stdout[-2000:]


@pytest.mark.parametrize(
    ("file", "right", "wrong", "test"),
    FAULTS,
    ids=[f"{i}-{f[0].replace('/', '-')}" for i, f in enumerate(FAULTS)],
)
def test_fault_is_noticed(file, right, wrong, test, tmp_path):
    def plant(text):
        count = text.count(right)
        assert count == 1, f"{file}: {right!r} stands there {count} times"
        return text.replace(right, wrong)

    result = run_alone(test, file, tmp_path, plant)
    # 1: a test failed; 2: a KeyboardInterrupt came through
    assert result.returncode in (1, 2), f"survived:\n{result.stdout[-2000:]}{result.stderr[-2000:]}"
