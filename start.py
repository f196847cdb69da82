"""Opens the course, and tests it.

  python start.py            open the course in JupyterLab (options such as --no-browser
                             or --port 9000 are handed to it)
  python start.py test       run every test of the library and of the lessons
                             (with arguments: one pytest run with just those)

Rarely needed:
  python start.py doctor     look at this machine and say what is missing
  python start.py install    prepare everything without opening it; repairs packages too
  python start.py store      for authors: run lessons and store their outputs

All of these are safe to repeat and safe to interrupt. Packages go into the folder .venv, your
own copies of the lessons into my_course; nothing outside this folder is installed.
"""
# The standard library is all there is before anything is installed. This file must also parse on
# old Pythons, whose owners most need its answer: so nothing here that Python 3.6 cannot read.

import contextlib
import errno
import hashlib
import importlib.util
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

# Python 2 stops here and shows the line, which says it all.
NEEDED: str = "This course needs Python 3.11 or newer: https://www.python.org/downloads/"

if sys.version_info < (3, 11):  # noqa: UP036 - reached before anything is installed
    sys.exit(f"{NEEDED} (this is Python {sys.version_info[0]}.{sys.version_info[1]})")

ROOT = Path(__file__).resolve().parent
FIRST_LESSON = "notebooks/00_start_here.ipynb"
MIRRORED = ("notebooks", "exercises")
INSTALL_MEGABYTES = 1200  # 600 when installed; the rest is room for what pip unpacks meanwhile

# What a learner is not made to install, and what is not checked without it.
OPTIONAL = {"torch": "PyTorch is not installed: the comparisons with it"}


class Stop(Exception):
    """Ends the program with one line that says what to do."""


def say(line):
    print(line, flush=True)


@contextlib.contextmanager
def only_one(root):
    """Holds the folder's lock: of two starts at once, the second waits until the first is ready.

    The operating system lets go of the lock when its holder dies, so it cannot be left behind.
    """
    with (root / ".start.lock").open("a", encoding="utf-8") as file:
        if not locked(file):
            say("Another start.py is preparing this folder: waiting for it.")
            while not locked(file):
                time.sleep(0.2)
        yield


def locked(file) -> bool:
    """Locks an open file, or returns False when another process has locked it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # some network folders have no locks: go on without
        return True
    return True


def digest(path: Path) -> str | None:
    """SHA-256 of a file's bytes, None when there is no such file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def write_whole(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


# --- the environment -----------------------------------------------------------------------------


class Environment:
    """The course's own packages, in the folder .venv of the repository.

    A stamp inside says what was installed and is written last. While packages are being installed
    it says "installing": an environment found in that state was interrupted, and is made anew.
    """

    INSTALLING = "installing"

    def __init__(self, root: Path):
        self.root = root
        self.folder = root / ".venv"
        self.scripts = self.folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.scripts / ("python.exe" if os.name == "nt" else "python")
        self.requirements = root / "requirements.txt"
        self.stamp = self.folder / "course-stamp.txt"
        self.log = self.folder / "install.log"

    def prepare(self, again: bool = False) -> None:
        """Makes the environment what requirements.txt asks for; `again` even when it is already.

        Raises Stop with what to do when that fails.
        """
        if not self.requirements.exists():
            raise Stop(f"requirements.txt is missing in {self.root}: download the course again.")
        found = self.read_stamp()
        version = None if found == self.INSTALLING else self.version()
        if version and found == self.wanted(version) and not again:
            return
        if version is None:
            self.make()
            version = self.version()
            found = ""
        write_whole(self.stamp, self.INSTALLING)
        say("Installing the course's packages into .venv: one to five minutes, once.")
        status = run_logged(self.pip_install(), self.log, cwd=self.root, env=self.variables())
        if status != 0:
            # pip undoes what it began when it fails: what was there before still works.
            write_whole(self.stamp, found)
            raise Stop(
                f"pip could not install the packages ({last_error(self.log)}). Is this computer "
                f"online? Then run the same command again. All that pip said is in {self.log}"
            )
        write_whole(self.stamp, self.wanted(version))

    def wanted(self, version: str) -> str:
        """The stamp of a complete environment: it changes with whatever asks for a new install."""
        files = (self.requirements, self.root / "pyproject.toml")
        return " ".join([version, *(str(digest(file)) for file in files), str(self.root)])

    def read_stamp(self) -> str:
        try:
            return self.stamp.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def version(self) -> str | None:
        """Python's version in the environment, None when it is absent, broken or too old."""
        code = "import pip, sys; print('%d.%d' % sys.version_info[:2], sys.version_info >= (3, 11))"
        try:
            answer = self.ask("-c", code)
        except OSError:
            return None
        version, _, recent = answer.stdout.strip().partition(" ")
        return version if answer.returncode == 0 and recent == "True" else None

    def make(self) -> None:
        """Makes an environment without packages, in place of a broken or interrupted one."""
        if importlib.util.find_spec("ensurepip") is None:  # Debian packs it apart
            package = "python{}.{}-venv".format(*sys.version_info[:2])
            raise Stop(f"This Python lacks venv. On Debian or Ubuntu: sudo apt install {package}")
        free = shutil.disk_usage(self.root).free // 10**6
        if free < INSTALL_MEGABYTES:
            raise Stop(
                f"Not enough room: the course needs {INSTALL_MEGABYTES} MB to install itself in "
                f"{self.root}, and {free} MB are free. Free some, or move the folder."
            )
        if os.path.lexists(self.folder):
            say("The folder .venv is not complete: making it anew.")
            try:
                shutil.rmtree(self.folder)
            except OSError as error:
                raise Stop(
                    f"{self.folder} cannot be removed ({error.strerror}): close the programs that "
                    "use it (JupyterLab, terminals), delete it, and run the same command again."
                ) from error
        # Started from inside .venv, sys.executable has just been deleted.
        python = getattr(sys, "_base_executable", None) or sys.executable
        answer = subprocess.run(
            [python, "-m", "venv", str(self.folder)],
            env=self.variables(),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
        if answer.returncode != 0 or self.version() is None:
            words = (answer.stderr or answer.stdout or "no reason given").strip().splitlines()
            raise Stop(f"{python} could not make a virtual environment: {words[-1]}")

    def pip_install(self) -> list[str]:
        quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        return [str(self.python), "-m", "pip", "install", *quiet, "-r", str(self.requirements)]

    def variables(self, **more: str) -> dict[str, str]:
        """The environment variables of an activated .venv, without those that lead out of it."""
        leads_out = ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONUSERBASE", "MPLBACKEND")
        leads_out += ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "JUPYTER_PATH")
        kept = {name: value for name, value in os.environ.items() if name not in leads_out}
        return {
            **kept,
            "VIRTUAL_ENV": str(self.folder),
            "PATH": os.pathsep.join([str(self.scripts), os.environ.get("PATH", "")]),
            "PYTHONIOENCODING": "utf-8",
            "JUPYTER_PREFER_ENV_PATH": "1",  # a kernel "python3" elsewhere must not replace ours
            **more,
        }

    def ask(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess:
        """Runs the environment's Python and returns what it said."""
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=self.root,
            env=self.variables(),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
        )

    def call(self, *arguments: str, **variables: str) -> int:
        """Runs the environment's Python in this terminal; returns its exit code, 130 for Ctrl-C."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        command = [str(self.python), *arguments]
        child = subprocess.Popen(command, cwd=self.root, env=self.variables(**variables))
        interrupted = False
        try:
            while True:
                try:
                    status = child.wait()
                    return 130 if interrupted else status
                except KeyboardInterrupt:  # the child got it too, and tidies up before it ends
                    interrupted = True
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()


def run_logged(command: list[str], log: Path, **options) -> int:
    """Runs a command with its words in a log, the newest also on one line of a terminal."""
    width = shutil.get_terminal_size().columns - 1
    options.update(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    options.update(encoding="utf-8", errors="replace")
    with log.open("w", encoding="utf-8") as file, subprocess.Popen(command, **options) as child:
        for line in child.stdout:
            file.write(line)
            if sys.stdout.isatty():
                print(f"\r{line.strip()[:width]:{width}}\r", end="", flush=True)
    if sys.stdout.isatty():
        print(" " * width, end="\r", flush=True)
    return child.returncode


def last_error(log: Path) -> str:
    """The last line of pip's log that names an error."""
    lines = log.read_text(encoding="utf-8").splitlines()
    errors = [line for line in lines if line.startswith("ERROR:")] or lines or ["no reason given"]
    return errors[-1].strip()


# --- the learner's copies ------------------------------------------------------------------------


def refresh_my_course(root: Path) -> None:
    """Brings my_course up to date with the lessons that ship, and never touches a learner's work.

    Missing files are copied, unmodified ones renewed; beside a modified one its new version is put,
    once. The manifest holds the digest of the version of each file that was delivered last.
    Without it (lost, damaged, interrupted before it was written) every file that differs from the
    shipped one counts as modified, so nothing can be lost by that.
    """
    mine = root / "my_course"
    manifest = mine / ".delivered.json"
    delivered = read_manifest(manifest)
    for name, source in shipped_files(root).items():
        target = mine / name
        shipped, current, before = digest(source), digest(target), delivered.get(name)
        if current in (None, before) and current != shipped:
            copy_whole(source, target, current)
        elif current != shipped and before != shipped:
            beside = name_beside(target, before, shipped)
            copy_whole(source, beside, digest(beside))
            say(f"{name} has a new version. Yours is untouched; the new one is {beside.name}")
        delivered[name] = shipped
    mine.mkdir(exist_ok=True)
    write_whole(manifest, json.dumps(delivered, indent=1, sort_keys=True))


def shipped_files(root: Path) -> dict[str, Path]:
    """The files of the mirrored folders by name, without what tools leave behind."""
    names = {}
    for folder in MIRRORED:
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if path.is_file() and not any(part.startswith((".", "__")) for part in parts):
                names["/".join(parts)] = path
    return names


def read_manifest(manifest: Path) -> dict[str, str]:
    try:
        delivered = json.loads(manifest.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return delivered if isinstance(delivered, dict) else {}


def copy_whole(source: Path, target: Path, expected: str | None) -> None:
    """Copies through a temporary file, so that a full disk or Ctrl-C leaves the target whole.

    A target that is no longer what the caller saw (`expected`) has just been saved by the learner:
    then nothing is copied.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        if digest(target) == expected:
            os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def name_beside(target: Path, before: str | None, shipped: str | None) -> Path:
    """lesson.new.ipynb, or .new2 and so on where the learner has made that file their own."""
    marks = ("new" if number == 1 else f"new{number}" for number in itertools.count(1))
    names = (target.with_name(f"{target.stem}.{mark}{target.suffix}") for mark in marks)
    return next(name for name in names if digest(name) in (None, before, shipped))


def sign_lessons(environment: Environment) -> None:
    """Lets JupyterLab trust the stored outputs of what ships, and of nothing else.

    A signature belongs to a notebook's content: signing the originals also covers every copy that
    is equal to them.
    """
    files = shipped_files(environment.root).values()
    lessons = [str(path) for path in files if path.suffix == ".ipynb"]
    content = hashlib.sha256("".join(str(digest(Path(path))) for path in lessons).encode())
    record = environment.folder / "signed.txt"
    if record.exists() and record.read_text(encoding="utf-8") == content.hexdigest():
        return
    if lessons and environment.ask("-m", "nbformat.sign", *lessons).returncode != 0:
        say("The lessons could not be signed: stored figures show after you run their cells.")
        return
    write_whole(record, content.hexdigest())


# --- the commands --------------------------------------------------------------------------------


def prepare(again: bool = False) -> Environment:
    """Everything that the commands need before they run, done by one process at a time."""
    environment = Environment(ROOT)
    with only_one(ROOT):
        environment.prepare(again)
        refresh_my_course(ROOT)
        sign_lessons(environment)
    return environment


def open_course(options: list[str]) -> int:
    environment = prepare()
    say("Opening JupyterLab. Keep this window open while you learn; Ctrl-C in it ends JupyterLab.")
    settings = {
        "ServerApp.root_dir": ROOT / "my_course",
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.answer_yes": True,  # Ctrl-C ends it without a question
        "ServerApp.log_level": "WARN",
        "LabApp.default_url": f"/lab/tree/{FIRST_LESSON}",
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        # Open tabs are remembered per course, apart from the learner's other work with Jupyter.
        "LabApp.workspaces_dir": environment.folder / "workspaces",
    }
    arguments = [f"--{name}={value}" for name, value in settings.items()]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")  # the only user that many containers have
    status = environment.call("-m", "jupyterlab", *arguments, *options)
    if status == 130:
        return 0
    if status != 0:
        raise Stop(
            "JupyterLab ended with an error; its words are above. If it found no free port, try "
            "python start.py --port 9000; otherwise python start.py doctor"
        )
    return 0


def run_tests(options: list[str]) -> int:
    environment = prepare()
    for module, what in OPTIONAL.items():
        if environment.ask("-c", f"import {module}").returncode != 0:
            say(f"{what} will be skipped (fine for a learner).")
    # One thread each: two workers that use every core slow each other down.
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    workers = ["-n", "2", "--dist", "loadfile"]
    runs = [options] if options else [[*workers, "tests"], [*workers, "--nbval", "notebooks"]]
    statuses = []
    for arguments in runs:
        statuses.append(environment.call("-m", "pytest", *arguments, **threads))
        if statuses[-1] == 130:
            break
    return next((status for status in statuses if status != 0), 0)


def install(options: list[str]) -> int:
    if options:
        raise Stop(f"install takes no arguments, but got: {' '.join(options)}")
    prepare(again=True)
    say("Ready. Open the course with: python start.py")
    return 0


def store(names: list[str]) -> int:
    return prepare().call("-m", "course_lib.authoring.store", *names)


# --- the doctor ----------------------------------------------------------------------------------


def doctor(options: list[str]) -> int:
    """One line per check; what must be done starts with TO DO. Installs and changes nothing."""
    environment = Environment(ROOT)
    healthy = [examine(check, environment) for check in (check_python, check_room, check_writing)]
    try:
        inside = environment.ask("-c", "import start; start.doctor_inside()", timeout=30)
    except FileNotFoundError:
        say("TO DO   packages: none yet. Run: python start.py install")
        return 1
    except subprocess.TimeoutExpired:
        say("TO DO   environment: no answer in 30 s. Delete the folder .venv, run: python start.py")
        return 1
    say(inside.stdout.rstrip())
    if inside.stderr and "TO DO" not in inside.stdout and inside.returncode != 0:
        say(f"TO DO   environment: {inside.stderr.strip().splitlines()[-1]}")
    return 0 if all(healthy) and inside.returncode == 0 else 1


def doctor_inside() -> None:
    """The checks that need the packages: the environment's own Python runs this."""
    environment = Environment(ROOT)
    healthy = [
        examine(check, environment) for check in (check_packages, check_figure, check_kernel)
    ]
    sys.exit(0 if all(healthy) else 1)


def examine(check, environment: Environment) -> bool:
    """Runs one check and prints its line."""
    name = check.__name__.replace("check_", "")
    try:
        say(f"ok      {name}: {check(environment)}")
        return True
    except Stop as stop:
        say(f"TO DO   {name}: {stop}")
    except Exception as error:  # whatever a broken package raises, the doctor must not die of it
        words = " ".join(f"{type(error).__name__}: {error}".split())
        say(f"TO DO   {name}: {words[:200]}. Run: python start.py install")
    return False


def check_python(environment: Environment) -> str:
    return f"{sys.version.split()[0]} at {sys.executable}"


def check_room(environment: Environment) -> str:
    free = shutil.disk_usage(environment.root).free // 10**6
    needed = 100 if environment.python.exists() else INSTALL_MEGABYTES
    if free < needed:
        raise Stop(f"{free} MB free, {needed} MB needed. Delete something, or move the folder.")
    return f"{free} MB free"


def check_writing(environment: Environment) -> str:
    trial = environment.root / ".start.trial"
    try:
        trial.write_text("", encoding="utf-8")
        trial.unlink()
    except OSError as error:
        raise Stop(cannot_write(error)) from error
    return f"files can be written in {environment.root}"


def check_packages(environment: Environment) -> str:
    from importlib.metadata import PackageNotFoundError, version

    from packaging.requirements import Requirement

    lines = environment.requirements.read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and line[0] not in "#-"]
    wrong = []
    for requirement in wanted:
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            found = "nothing"
        if found == "nothing" or found not in requirement.specifier:
            wrong.append(f"{requirement} is needed, {found} is installed")
    if wrong:
        raise Stop("; ".join(wrong) + ". Run: python start.py install")
    import course_lib

    home = Path(course_lib.__file__).parent.parent
    return f"{len(wanted)} installed as required, course_lib from {home}"


def check_figure(environment: Environment) -> str:
    import io

    from matplotlib.figure import Figure

    figure = Figure()
    figure.add_subplot().plot([0, 1], [1, 0])
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return f"matplotlib draws ({len(picture.getvalue())} bytes)"


def check_kernel(environment: Environment) -> str:
    from jupyter_client.manager import start_new_kernel

    said = []
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=8)
    try:
        code = "import sys, course_lib; print(1 + 1, sys.prefix)"
        hear = lambda message: said.append(message["content"].get("text", ""))
        client.execute_interactive(code, timeout=8, output_hook=hear)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    answer = "".join(said).strip()
    if answer != f"2 {sys.prefix}":
        raise Stop(f"a kernel answered {answer[:200]!r}. Run: python start.py install")
    return "a Jupyter kernel starts, finds course_lib, and adds 1 + 1"


# --- which command -------------------------------------------------------------------------------

COMMANDS = {"test": run_tests, "doctor": doctor, "install": install, "store": store}


def cannot_write(error: OSError) -> str:
    where = error.filename or ROOT
    return (
        f"cannot write {where} ({error.strerror}): move the course into a folder of your own, "
        "for example inside your home folder."
    )


def main(arguments: list[str]) -> int:
    """Runs one command; returns the exit code."""
    command, options = open_course, arguments
    if arguments and not arguments[0].startswith("-"):
        command, options = COMMANDS.get(arguments[0]), arguments[1:]
    if {"-h", "--help"} & set(arguments[:1]):
        say(__doc__.strip())
        return 0
    try:
        if command is None:
            raise Stop(f"no command {arguments[0]!r}. Commands: {', '.join(COMMANDS)}, or none.")
        return command(options)
    except Stop as stop:
        problem = str(stop)
    except KeyboardInterrupt:
        problem = "stopped. Run the same command again whenever you like."
    except OSError as error:
        full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
        problem = "the disk is full: make room and run it again." if full else cannot_write(error)
    print(f"start.py: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a path may have letters that this terminal lacks
    sys.exit(main(sys.argv[1:]))
