"""One progress bar for training and reading; the switch TQDM_DISABLE turns it off."""

import os
import sys


def progress_bar(*iterable, **options):
    """tqdm(*iterable, **options), as text or, in a notebook, as a widget; silent without stderr."""
    from tqdm.auto import tqdm  # here, for importing it costs as much as importing numpy

    # In a notebook tqdm forgets its own switch, which stored lessons rely on.
    disable = os.environ.get("TQDM_DISABLE", "0") not in ("", "0")
    return tqdm(*iterable, disable=disable or sys.stderr is None, **options)
