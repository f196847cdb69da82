"""Make exercises/ from solutions/: `python -m course_lib.authoring.problem_sets [--check]`.

Each solutions/NN_name/problems.ipynb becomes exercises/NN_name/problems.ipynb through nbgrader's
own preprocessors: what stands between `### BEGIN SOLUTION` and `### END SOLUTION` is replaced (in
text the markers are comments, `<!-- BEGIN SOLUTION -->`), outputs are cleared, and checksums let
nbgrader notice a changed cell. Unlike its `generate_assignment`, no cell is made read-only: a
learner may play with all of it. It needs nbgrader, but no database.
"""

import argparse
import re
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from traitlets.config import Config

from ..files import replaced
from .canonical import normalize, to_json
from .kernel import ROOT

# A function with only this in it is "not written yet", and so is a name that holds dots.
STUB = "...  # your code here"
TEXT_STUB = "*Your answer here.*"


def released(notebook: NotebookNode) -> NotebookNode:
    """The notebook that learners get, in canonical form.

    Raises nbgrader's errors, and ValueError where a solution is left.
    """
    from nbgrader import preprocessors

    settings = Config()
    settings.ClearSolutions.code_stub = {"python": STUB}
    settings.ClearSolutions.text_stub = TEXT_STUB

    def through(*steps):
        result = normalize(notebook)
        for step in steps:
            result, _ = step(config=settings).preprocess(result, {})
        return result

    notebook = through(
        preprocessors.ClearSolutions,
        preprocessors.ClearOutput,
        preprocessors.CheckCellMetadata,
        preprocessors.ClearHiddenTests,
    )
    for cell in notebook.cells:
        if "SOLUTION" in cell.source:
            raise ValueError(f"a solution was left in cell {cell.id}")
        # Where a name holds dots already, a second line of dots says nothing.
        cell.source = re.sub(rf"^{re.escape(STUB)}$", "", cell.source, flags=re.MULTILINE)
    return normalize(through(preprocessors.ComputeChecksums))


def problem_sets(root: Path = ROOT) -> dict[Path, Path]:
    """Where each problem set is made from, and where to."""
    sources = sorted((root / "solutions").glob("*/problems.ipynb"))
    return {path: root / "exercises" / path.parent.name / path.name for path in sources}


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write what has changed; with --check only say what would. 0 if nothing is left to do."""
    parser = argparse.ArgumentParser(prog="problem_sets", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if files differ")
    options = parser.parse_args(arguments)
    stale = 0
    for source, target in problem_sets(root).items():
        text = to_json(released(nbformat.read(source, as_version=4)))
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(f"{source.parent.name}: {'differs' if options.check else 'written'}")
        if not options.check:
            target.parent.mkdir(parents=True, exist_ok=True)
            with replaced(target) as unfinished:
                unfinished.write_text(text, encoding="utf-8", newline="\n")
    return int(options.check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
