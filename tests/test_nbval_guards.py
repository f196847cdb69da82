"""nbval, called as in CI, goes red for every kind of change: its own checks and our guards.

Every fault is one tiny notebook that was stored honestly and then changed by hand; all of them run
in one nbval session, and each must fail while the unchanged one passes.
"""

import base64
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parents[1]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and no more: nobody looks at it here").decode()
SHOW = f"display({{'image/png': '{PNG}'}}, raw=True, metadata={{'image/png': {{'alt': 'a dot'}}}})"


def text(value):
    return new_output("stream", name="stdout", text=value)


def image(alt="a dot"):
    return new_output("display_data", data={"image/png": PNG}, metadata={"image/png": {"alt": alt}})


def stderr(value):
    return new_output("stream", name="stderr", text=value)


# name: source, what is stored, execution count, tags
NOTEBOOKS = {
    "good_text": ("print(1 + 1)", [text("2\n")], 1, ()),
    "good_picture": (SHOW, [image()], 1, ()),
    "good_progress_bar": ("from tqdm import tqdm\nfor i in tqdm('ab'): pass", [], 1, ()),
    "good_ignored": ("print(1)", [text("2\n")], 1, ("nbval-ignore-output",)),
    "bad_text": ("print(1 + 1)", [text("3\n")], 1, ()),
    "bad_never_run": ("print(1 + 1)", [], None, ()),
    "bad_magic": ("%no_such_magic", [stderr("UsageError: ...")], 1, ("nbval-ignore-output",)),
    "bad_stderr": ("import sys; print('w', file=sys.stderr)", [], 1, ()),
    "bad_picture_gone": ("x = 1", [image()], 1, ()),
    "bad_picture_new": (SHOW, [], 1, ()),
    "bad_picture_other": (SHOW, [image("two dots")], 1, ()),
    "bad_no_exception": (
        "x = 1",
        [new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])],
        1,
        ("raises-exception",),
    ),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What `pytest --nbval notebooks` says of each notebook: passed or failed, and its report."""
    folder = tmp_path_factory.mktemp("un cours à part")
    (folder / "notebooks").mkdir()
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name, (source, outputs, count, tags) in NOTEBOOKS.items():
        cell = new_code_cell(
            source, outputs=outputs, execution_count=count, metadata={"tags": list(tags)}
        )
        nbformat.write(new_notebook(cells=[cell]), folder / "notebooks" / f"{name}.ipynb")
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    session = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "notebooks", "-rA", "--color=no"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": paths, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    found = dict(re.findall(r"^(?:PASSED|FAILED) notebooks/(\w+)\.ipynb::()", session.stdout, re.M))
    assert found.keys() == NOTEBOOKS.keys(), session.stdout + session.stderr
    failed = set(re.findall(r"^FAILED notebooks/(\w+)\.ipynb::", session.stdout, re.M))
    return failed, session.stdout


@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if name.startswith("good")])
def test_an_unchanged_notebook_passes(outcomes, name):
    failed, report = outcomes
    assert name not in failed, report


@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if name.startswith("bad")])
def test_a_changed_notebook_fails(outcomes, name):
    failed, report = outcomes
    assert name in failed, report


def test_the_reports_say_what_is_wrong(outcomes):
    _, report = outcomes
    assert "Cell outputs differ" in report
    assert "The stored cell was never run" in report
    assert "A magic command does not exist" in report
    assert "Pictures differ: stored [('image/png', 'a dot')], now []" in report
