"""Storing notebooks: the canonical form, what may not be stored, and the command."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.authoring import store
from course_lib.authoring.canonical import faults, normalize, to_json
from course_lib.authoring.kernel import Run

ROOT = Path(__file__).parents[1]
PNG = base64.encodebytes(b"\x89PNG" + b"x" * 90).decode()
DRAW = """import matplotlib.pyplot as plt, io
from IPython.display import display
figure, axes = plt.subplots(figsize=(2, 1))
axes.plot([1, 3, 2])
buffer = io.BytesIO()
figure.savefig(buffer, format="png")
plt.close(figure)
display({"image/png": buffer.getvalue()}, raw=True, metadata={"image/png": {"alt": "a line"}})"""


def ran(source, *outputs, count=1, **keywords):
    return new_code_cell(source, execution_count=count, outputs=list(outputs), **keywords)


def picture(metadata, mime="image/png", data=PNG):
    return new_output("display_data", data={mime: data}, metadata=metadata)


def save(path, *cells):
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


# ---- the canonical form ----


def test_the_form_is_spelled_out():
    """Compared with a file written by hand: order of keys, indentation, letters, metadata."""
    notebook = new_notebook(
        cells=[
            ran(
                "π = 1\r\nπ\n\n",
                new_output("stream", name="stdout", text="a"),
                new_output("stream", name="stdout", text="b"),
                new_output("execute_result", data={"text/plain": "1"}, execution_count=7),
                count=1,
                id="one",
                metadata={"collapsed": True, "trusted": True, "tags": ["x"], "slideshow": {}},
            ),
            new_code_cell("  "),
        ],
        metadata={"widgets": {"state": 1}, "language_info": {"name": "python", "version": "3.9"}},
    )
    text = to_json(normalize(notebook))
    cell, rest = text.split('"metadata": {\n  "kernelspec"')
    assert cell == (
        '{\n "cells": [\n  {\n   "cell_type": "code",\n   "execution_count": 1,\n'
        '   "id": "one",\n   "metadata": {\n    "tags": [\n     "x"\n    ]\n   },\n'
        '   "outputs": [\n    {\n     "name": "stdout",\n     "output_type": "stream",\n'
        '     "text": [\n      "ab"\n     ]\n    },\n    {\n     "data": {\n'
        '      "text/plain": [\n       "1"\n      ]\n     },\n     "execution_count": 1,\n'
        '     "metadata": {},\n     "output_type": "execute_result"\n    }\n   ],\n'
        '   "source": [\n    "π = 1\\n",\n    "π"\n   ]\n  }\n ],\n '
    )
    assert rest.endswith(' "nbformat": 4,\n "nbformat_minor": 5\n}\n')
    assert "version" not in json.loads(text)["metadata"]["language_info"]
    assert set(json.loads(text)["metadata"]) == {"kernelspec", "language_info"}


def test_ids_are_kept_if_short_and_unique_and_otherwise_follow_from_the_source():
    long = "0b6c1f2e-58a2-4d52-9f0e-3f6f1d0a7f11"  # as JupyterLab writes them
    cells = [
        new_markdown_cell("a", id="kept"),
        new_markdown_cell("b", id="kept"),
        new_markdown_cell("c", id=long),
        new_markdown_cell("c", id=long[::-1]),
    ]
    # new_notebook() would mend doubled ids itself
    notebook = nbformat.from_dict(new_notebook() | {"cells": cells})
    ids = [cell.id for cell in normalize(notebook).cells]
    assert ids[:2] == ["kept", "kept-2"]
    assert ids[3] == ids[2] + "-2" and len(ids[2]) == 8
    notebook.cells[2].id = "another-very-long-id-that-nobody-remembers"
    assert [cell.id for cell in normalize(notebook).cells] == ids
    notebook.cells[0].source = "an edit"
    assert [cell.id for cell in normalize(notebook).cells] == ids


def test_a_cell_that_nbgrader_knows_has_the_id_that_it_has_there():
    cell = new_code_cell("check()", id="3f2a9c11", metadata={"nbgrader": {"grade_id": "check-05d"}})
    assert [cell.id for cell in normalize(new_notebook(cells=[cell])).cells] == ["check-05d"]


def test_twice_is_once():
    outputs = [
        new_output("stream", name="stdout", text="10%\r90%\rdone\nnext\r\n"),
        new_output("error", ename="ValueError", evalue="no", traceback=["\x1b[31mfile.py"]),
        picture({"image/png": {"alt": "a line"}}),
    ]
    once = normalize(new_notebook(cells=[ran("x", *outputs), ran("x", count=2)]))
    assert to_json(normalize(once)) == to_json(once)
    stream, error, image = once.cells[0].outputs
    assert stream.text == "done\nnext\r\n"
    assert error.traceback == ["ValueError: no"]
    assert "\n" not in image.data["image/png"]


def test_a_widget_leaves_its_still_and_its_description():
    bundle = {
        "application/vnd.jupyter.widget-view+json": {"model_id": "7f"},
        "image/png": PNG,
        "text/plain": "a slider under a line",
    }
    shown = new_output("display_data", data=bundle, metadata={"image/png": {"alt": "a line"}})
    notebook = new_notebook(cells=[ran("x", shown)])
    assert faults(notebook) == []
    assert set(normalize(notebook).cells[0].outputs[0].data) == {"image/png", "text/plain"}


# ---- what may not be stored ----

NOT_STORED = [
    (new_output("display_data", data={"text/plain": "<Figure size 640x480>"}), "a bare figure"),
    (new_output("stream", name="stdout", text="<object at 0x7f3a5c0e>"), "address of an object"),
    (new_output("display_data", data={"text/html": "<b>0x00007F3A5C0E"}), "address of an object"),
    (new_output("stream", name="stdout", text="UsageError: no"), "magic command"),
    (new_output("stream", name="stdout", text="Wall time: 3 s"), "running time"),
    (new_output("stream", name="stdout", text="/home/ada/x.py"), "path of this computer"),
    (new_output("stream", name="stdout", text=r"C:\Users\ada"), "path of this computer"),
    (new_output("stream", name="stderr", text="Warning: no"), "writes on stderr"),
    (new_output("error", ename="KeyError", evalue="'x'", traceback=[]), "no tag raises-exception"),
    (picture({}), "without alt text"),
    (picture({"image/png": {"alt": " "}}), "without alt text"),
    (picture({}, "image/svg+xml", "<svg/>"), "without alt text"),
    (picture({"image/png": {"alt": "a"}}, data="A" * 81_000), "60,750 bytes"),
    (new_output("display_data", data={"text/html": '<img src="data:,">'}), "without an alt"),
    (new_output("display_data", data={"text/html": '<img alt="" src="data:,">'}), "without an alt"),
    (
        new_output(
            "display_data",
            data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider()"},
        ),
        "a widget without a still",
    ),
]


@pytest.mark.parametrize(("output", "expected"), NOT_STORED)
def test_an_unfit_output_is_named_with_its_cell(output, expected):
    notebook = new_notebook(cells=[new_markdown_cell("text"), ran("first\nsecond", output)])
    (fault,) = faults(notebook)
    assert expected in fault.message
    assert (fault.cell, fault.first_line) == (2, "first")


def test_fit_outputs_have_no_faults():
    outputs = [
        new_output("stream", name="stdout", text="magic number 0x803, loss 0.0655\n"),
        new_output("display_data", data={"text/html": '<img src="data:," alt="a graph">'}),
        picture({"image/png": {"alt": "a line"}}),
    ]
    raising = new_output("error", ename="ValueError", evalue="no", traceback=[])
    cells = [
        ran("x", *outputs),
        ran("y", raising, count=2, metadata={"tags": ["raises-exception"]}),
    ]
    assert faults(new_notebook(cells=cells)) == []


@pytest.mark.parametrize("counts", [(None, 2), (1, None), (2, 1), (1, 3)])
def test_cells_that_were_not_run_in_order_are_named(counts):
    notebook = new_notebook(cells=[ran(f"x{count}", count=count) for count in counts])
    assert "execution count" in faults(notebook)[0].message


# ---- the command ----


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """A notebook, stored once, in a folder whose name has a space and an accent."""
    path = tmp_path_factory.mktemp("été à") / "08_example.ipynb"
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell("print('ça', end='')"),
        new_code_cell("from tqdm import tqdm\nfor i in tqdm([1]):\n    print(i)"),
        new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]}),
        new_code_cell(DRAW),
    ]
    save(path, *cells)
    assert store.main([str(path)]) == 0
    return path


def test_storing_twice_changes_no_byte(lesson, capsys):
    stored, written = lesson.read_bytes(), lesson.stat().st_mtime_ns
    assert b"\xc3\xa7a" in stored and b"\r" not in stored
    assert store.main([str(lesson)]) == 0
    assert lesson.read_bytes() == stored
    assert lesson.stat().st_mtime_ns == written
    assert "unchanged" in capsys.readouterr().out
    assert [path.name for path in lesson.parent.iterdir()] == [lesson.name]
    notebook = nbformat.read(lesson, as_version=4)
    assert faults(notebook) == []
    assert [cell.get("execution_count") for cell in notebook.cells] == [None, 1, 2, 3, 4]


def test_check_says_what_would_change_and_writes_nothing(lesson, capsys):
    stored = lesson.read_bytes()
    try:
        changed = stored.replace("ça".encode(), b"ci", 1)
        lesson.write_bytes(changed)
        assert store.main(["--check", str(lesson)]) == 1
        assert "would change" in capsys.readouterr().out
        assert lesson.read_bytes() == changed
    finally:
        lesson.write_bytes(stored)


def test_a_failing_cell_is_named_and_nothing_is_written(tmp_path, capsys):
    path = save(tmp_path / "bad.ipynb", new_code_cell("x = 1"), new_code_cell("# why\nx / 0"))
    before = path.read_bytes()
    assert store.main([str(path)]) == 1
    said = capsys.readouterr().err
    assert "cell 2 failed" in said and "first line: # why" in said
    assert said.rstrip().endswith("ZeroDivisionError: division by zero")
    assert path.read_bytes() == before


def test_an_unfit_output_is_not_stored(tmp_path, capsys):
    path = save(tmp_path / "bad.ipynb", new_code_cell("object()"))
    before = path.read_bytes()
    assert store.main([str(path)]) == 1
    assert "address of an object" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_a_dead_kernel_is_named(tmp_path, capsys):
    path = save(tmp_path / "bad.ipynb", new_code_cell("import os\nos._exit(1)"))
    assert store.main([str(path)]) == 1
    assert "cell 1 ended its kernel" in capsys.readouterr().err


def test_what_is_no_notebook_and_what_is_not_there(tmp_path, capsys):
    path = tmp_path / "junk.ipynb"
    path.write_text("{", encoding="utf-8")
    assert store.main([str(path)]) == 1
    assert "not a notebook" in capsys.readouterr().err
    path.write_text('{"nbformat": 4, "nbformat_minor": 5, "cells": [{}]}', encoding="utf-8")
    assert store.main([str(path)]) == 1
    assert "not a notebook" in capsys.readouterr().err
    assert store.main(["no such lesson"]) == 1
    assert "no notebook 'no such lesson'" in capsys.readouterr().err


def test_notebooks_are_found_by_number_and_by_name(tmp_path):
    names = ["notebooks/00_start.ipynb", "notebooks/08_forks.ipynb", "solutions/08_forks/p.ipynb"]
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path)
    assert store.find_notebooks([], tmp_path) == paths
    assert store.find_notebooks(["8"], tmp_path) == paths[1:]
    assert store.find_notebooks(["00_start"], tmp_path) == paths[:1]


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to whole console groups")
def test_ctrl_c_leaves_the_file_as_it_was(tmp_path):
    started = tmp_path / "started"
    source = f"open({str(started)!r}, 'w').close()\nimport time\ntime.sleep(60)"
    path = save(tmp_path / "slow.ipynb", new_code_cell(source))
    before = path.read_bytes()
    command = [sys.executable, "-m", "course_lib.authoring.store", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", cwd=ROOT)
    deadline = time.monotonic() + 60
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[0].endswith("stopped; the file is as it was\n")
    assert process.returncode == 1
    assert path.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"started", "slow.ipynb"}


def test_the_kernel_knows_nothing_of_its_user(tmp_path, monkeypatch):
    """Start-up files, hashing, threads and progress bars of the user do not reach the outputs."""
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "mine.py").write_text("mine = 'here'\n", encoding="utf-8")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    for name in ("PYTHONHASHSEED", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "7")
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    source = (
        "import os\n"
        "names = 'PYTHONHASHSEED', 'OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'TQDM_DISABLE'\n"
        "print(*map(os.environ.get, names), 'mine' in globals())"
    )
    notebook = new_notebook(cells=[new_code_cell(source)])
    Run(notebook).execute(tmp_path)
    assert notebook.cells[0].outputs[0].text == "0 1 1 1 False\n"
