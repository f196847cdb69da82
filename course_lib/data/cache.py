"""What took seconds to make, kept in the user's cache folder."""

import hashlib
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any


def cache_folder() -> Path:
    """Where the user's programs keep what can be made again, by the custom of the system.

    Raises RuntimeError if the user has no home folder.
    """
    if sys.platform == "win32":
        kept = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        kept = Path.home() / "Library" / "Caches"
    else:
        kept = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(kept):  # so says the XDG specification
            kept = Path.home() / ".cache"
    return Path(kept) / "course_lib"


def cached(name: str, build: Callable[[], Any]) -> Any:
    """What `build()` gives, made of lists, dicts and strings; kept in a file of this name.

    The file begins with a checksum, so that a damaged one is noticed and made again. It appears
    whole or not at all: processes that build at the same time do no harm. Where nothing can be
    written a warning says so.
    """
    try:
        path = cache_folder() / name
        checksum, _, body = path.read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() == checksum:
            return json.loads(body)
    except (OSError, RuntimeError):
        pass
    made = build()
    try:
        _keep(cache_folder() / name, json.dumps(made).encode())
    except (OSError, RuntimeError) as error:
        warnings.warn(f"{name} could not be kept and is made anew each time: {error}", stacklevel=3)
    return made


def _keep(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with open(descriptor, "wb") as file:
            file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        os.replace(temporary, path)
    except PermissionError:
        if not path.exists():  # else another process made it and is reading it, under Windows
            raise
    finally:
        with suppress(OSError):  # it is gone if all went well
            os.unlink(temporary)
