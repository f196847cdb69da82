"""Programs that tests put in the place of real ones."""

import shlex
import sys


def program(path, code):
    """Make `path` a program that runs this Python code. Not on Windows."""
    body = path.with_name(f"{path.name}.py")
    body.write_text(code, encoding="utf-8")
    # The first line of a script cannot name a Python in a folder with a space.
    command = shlex.join([sys.executable, str(body)])
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
