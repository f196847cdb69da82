"""Pages on paper: PDF files, printed by the browser of this machine from its command line.

A browser prints as soon as the page's load event has come. The pages of this package hold that
event back until they are ready (paper.js): so no time has to be guessed, and a busy machine prints
later, not less.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from ..authoring.browser import FLAGS, NoBrowser, installed
from ..files import replaced

LONGEST = 120  # seconds for one file; a busy machine of two cores needs 20


class NotPrinted(RuntimeError):
    """Why there is no PDF file, in one line."""


def print_pdf(page: Path, target: Path, seconds: float = LONGEST) -> None:
    """Print the HTML file `page` to the PDF file `target`. Raises NotPrinted."""
    try:
        program = installed()
    except NoBrowser as reason:
        raise NotPrinted(str(reason)) from reason
    # It may still be writing into its profile when it ends.
    scratch = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with scratch as profile, replaced(target) as unfinished:
        command = [
            program,
            *_flags(),
            f"--user-data-dir={profile}",
            "--host-resolver-rules=MAP * ~NOTFOUND",  # a page that is whole asks for nothing
            "--no-pdf-header-footer",
            f"--print-to-pdf={unfinished.resolve()}",
            f"{page.resolve().as_uri()}?print-pdf",
        ]
        try:
            answer = subprocess.run(command, capture_output=True, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise NotPrinted(f"{target.name} was not printed in {seconds:g} seconds") from error
        if answer.returncode != 0 or not unfinished.exists():
            lines = answer.stderr.decode(errors="replace").strip().splitlines()
            reason = lines[-1] if lines else "it gave no reason"
            raise NotPrinted(f"{Path(program).name} did not print {target.name}: {reason}")


def _flags() -> list[str]:
    """Those for every headless browser; only root has to go without its sandbox."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [flag for flag in FLAGS if root or flag != "--no-sandbox"]
