"""W10: every lesson executed from a cold start, one after the other."""


def lesson_times() -> dict[str, float]:
    """Seconds by lesson, from the start of its kernel to its last output."""
    import nbformat  # here: the other workloads can do without Jupyter

    from course_lib.authoring.kernel import ROOT, Run

    found = {}
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        run = Run(nbformat.read(path, as_version=4))
        run.execute(path.parent)
        found[path.stem] = run.seconds
    return found
