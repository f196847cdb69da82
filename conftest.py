"""What `pytest --nbval notebooks` needs besides nbval itself.

nbval's kernels get the environment in which the lessons were stored. And three things that nbval
lets pass are turned into failures: a stored cell that was never run (nothing is compared), a magic
command that does not exist, and a picture that is gone or has another description (nbval compares
no PNG and no metadata; bytes of pictures differ between versions of matplotlib, so the alt text
stands for what is drawn).
"""

import os
import tempfile

import pytest

SCRATCH = pytest.StashKey[str]()


def pytest_configure(config):
    if not getattr(config.option, "nbval", False):
        return
    import matplotlib.font_manager  # noqa: F401  a first import may write on stderr: let it be here

    from course_lib.authoring.kernel import environment

    scratch = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    config.add_cleanup(scratch.cleanup)
    os.environ.update(environment(scratch.name))
    config.option.nbval_current_env = True  # the kernel is this Python
    config.stash[SCRATCH] = scratch.name


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if type(item).__name__ == "IPyNbCell":  # a record of its own for each notebook, as when stored
        name = "-".join(item.parent.path.parts[-2:])
        os.environ["COURSE_RECORD"] = os.path.join(item.config.stash[SCRATCH], f"{name}.json")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    if type(item).__name__ == "IPyNbCell" and item.cell.source.strip():
        if item.cell.execution_count is None:
            item.raise_cell_error("The stored cell was never run, so nothing was compared")
        if any("UsageError:" in str(output.get("text", "")) for output in item.test_outputs):
            item.raise_cell_error("A magic command does not exist")
        stored, fresh = _pictures(item.cell.outputs), _pictures(item.test_outputs)
        if item.options["check"] and stored != fresh:
            item.raise_cell_error(f"Pictures differ: stored {stored}, now {fresh}")
    return result


def _pictures(outputs):
    """Kind and alt text of every picture, in order."""
    return [
        (mime, output.metadata.get(mime, {}).get("alt"))
        for output in outputs
        for mime in sorted(output.get("data", {}))
        if mime.startswith("image/")
    ]


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="decks on every screen, in every theme")


def pytest_terminal_summary(terminalreporter):
    """The table of decks that were measured."""
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    rows = sorted(
        value
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "deck"
    )
    if rows:
        terminalreporter.section("decks")
        terminalreporter.write_line(f"{'lesson':26}  {'screen':11}  theme  slides  findings")
    for lesson, screen, theme, slides, found in rows:
        terminalreporter.write_line(f"{lesson:26}  {screen:11}  {theme:5}  {slides:6}  {found:8}")
