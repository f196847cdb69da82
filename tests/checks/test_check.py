"""`check` meets everything that a learner can hand in, and never stops a notebook."""

import json
import os
import subprocess
import sys
import threading
import time
import warnings
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from course_lib import Node
from course_lib.checks import check, running
from course_lib.checks.checking import examine

REFERENCE_Z2 = -0.6536560  # worked out by hand in the curriculum


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def delta_z2(x, W1, b1, w2, b2, y):
    return sigmoid(w2 @ sigmoid(W1 @ x + b1) + b2) - y


def delta_w2(x, W1, b1, w2, b2, y):
    return sigmoid(W1 @ x + b1) * delta_z2(x, W1, b1, w2, b2, y)


def unwritten_dots(x, W1, b1, w2, b2, y):
    """With a docstring."""
    ...  # noqa: PIE790


def unwritten_pass(x, W1, b1, w2, b2, y):
    pass


def unwritten_comment(x, W1, b1, w2, b2, y):
    "Only words."
    # and a comment


def unwritten_error(x, W1, b1, w2, b2, y):
    z1 = W1 @ x + b1
    raise NotImplementedError(z1)


def half_written(x, W1, b1, w2, b2, y):
    answer = ...
    return answer  # noqa: RET504


def one_of_two(x, W1, b1, w2, b2, y):
    return x, ...


@pytest.mark.parametrize(
    "answer",
    [
        ...,
        None,
        (..., ...),
        unwritten_dots,
        unwritten_pass,
        unwritten_comment,
        unwritten_error,
        half_written,
        one_of_two,
    ],
)
def test_not_written_yet_is_no_failure(answer, own_record, capsys):
    check("05a", answer)
    said = capsys.readouterr().out
    assert said.startswith("… 05a: delta_z2 is not written yet.")
    assert not own_record.exists(), "no attempt is counted"


def test_an_empty_class_is_not_written_yet():
    class Empty:
        def forward(self, x): ...

        def backward(self, delta):
            """Nothing yet."""

    assert running.is_unwritten(Empty)
    assert not running.is_unwritten(REFERENCE_Z2)
    assert not running.is_unwritten(delta_z2)
    assert not running.is_unwritten(lambda x: 0)


def nameless(x, W1, b1, w2, b2, y):
    z1 = W1 @ x
    return unheard_of(z1)  # noqa: F821


def deep(x, W1, b1, w2, b2, y):
    return deep(x, W1, b1, w2, b2, y)


def leaves(x, W1, b1, w2, b2, y):
    sys.exit(3)


@pytest.mark.parametrize(
    ("answer", "code", "trace"),
    [
        (nameless, "NameError", "    return unheard_of(z1)  # noqa: F821\nNameError: name"),
        (deep, "RecursionError", "    return deep(x, W1, b1, w2, b2, y)\nRecursionError"),
        (leaves, "SystemExit", "    sys.exit(3)\nSystemExit: 3"),
        (lambda *v: [1, 2] @ v[0][:1], "ValueError", "ValueError: matmul"),
    ],
)
def test_an_error_shows_the_learners_own_line(answer, code, trace):
    found = examine("05a", answer)
    assert (found.kind, found.code) == ("error", code)
    assert trace in found.trace
    assert len(found.trace.splitlines()) == 3
    assert "course_lib" not in found.trace


class SilentError(Exception):
    def __str__(self):
        raise ValueError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (AssertionError("the first line\nand an array\n[1 2 3]"), "AssertionError: the first line"),
        (SilentError(), "SilentError: <exception str() failed>"),
        (ExceptionGroup("both", [ValueError()]), "ExceptionGroup: both (1 sub-exception)"),
        (BaseException(), "BaseException"),
        (ValueError("x" * 10_000), "ValueError: " + "x" * 288),
    ],
)
def test_an_error_is_told_by_its_first_line(error, line):
    def raises(x, W1, b1, w2, b2, y):
        raise error

    trace = examine("05a", raises).trace.splitlines()
    assert trace[1] == "    raise error"
    assert trace[2].endswith(line)
    assert len(trace) == 3


def test_an_error_inside_python_itself_shows_the_learners_line():
    def reads(x, W1, b1, w2, b2, y):
        return json.loads("{")

    def compiles(x, W1, b1, w2, b2, y):
        exec("1 +")

    assert "    return json.loads" in examine("05a", reads).trace
    trace = examine("05a", compiles).trace.splitlines()
    assert trace[1:] == ['    exec("1 +")', "SyntaxError: invalid syntax"]


def test_an_error_on_other_numbers_only():
    def fragile(x, W1, b1, w2, b2, y):
        if len(x) != 2:
            raise KeyError("two inputs are all I know")
        return delta_z2(x, W1, b1, w2, b2, y)

    found = examine("05a", fragile)
    assert found.kind == "error"
    assert "works with the numbers of the notebook" in found.text


def test_what_is_wrong_in_the_notebook_comes_before_an_error_elsewhere():
    def fragile(x, W1, b1, w2, b2, y):
        return W1.T @ np.ones(2) * 0 + x * delta_z2(x, W1, b1, w2, b2, y) + np.zeros(2)

    found = examine("05b", fragile)
    assert (found.kind, found.code) == ("misconception", "x_for_a")


def test_a_size_written_as_a_number():
    def two_inputs(shift):
        def delta_W1(x, W1, b1, w2, b2, y):
            a1 = sigmoid(W1 @ x + b1)
            delta_z1 = w2 * delta_z2(x, W1, b1, w2, b2, y) * a1 * (1 - a1)
            return np.outer(delta_z1, x[:2]) + shift

        return delta_W1

    assert examine("05c", two_inputs(0.0)).code == "published_only"
    for shift in (1.0, np.array([0.0, 1.0])):
        found = examine("05c", two_inputs(shift))
        assert (found.kind, found.code) == ("shape", "elsewhere")
        assert "is an array of shape (2, 2), where an array of shape (2, 3) is" in found.text


def test_an_axis_taken_for_another_of_the_same_length():
    def across(x, W1, b1, w2, b2, y):
        return np.outer(x, w2)

    found = examine("05c", across)
    assert (found.kind, found.code) == ("shape", "elsewhere")
    assert "an axis taken for another" in found.text, "no size is written as a number there"


@pytest.fixture
def short_limit(monkeypatch):
    from course_lib.checks import exercise

    monkeypatch.setitem(exercise.FUNCTION.__dict__, "seconds", 0.3)


def endless(x, W1, b1, w2, b2, y):
    while True:
        x = x + 1


def endless_and_stubborn(x, W1, b1, w2, b2, y):
    tries = 0
    while tries < 3:
        try:
            endless(x, W1, b1, w2, b2, y)
        except BaseException:
            tries += 1


@pytest.mark.parametrize("answer", [endless, endless_and_stubborn])
def test_an_endless_loop_is_stopped(answer, short_limit):
    began = time.monotonic()
    found = examine("05a", answer)
    assert found.kind in ("slow", "type"), found
    assert time.monotonic() - began < 3
    if answer is endless:
        assert found.kind == "slow"
        assert "in endless, line" in found.trace
        assert "TimeLimit" not in found.text + found.trace


def test_it_also_stops_in_another_thread(short_limit):
    found = []
    thread = threading.Thread(target=lambda: found.append(examine("05a", endless)))
    thread.start()
    thread.join(5)
    assert found[0].kind == "slow"


def test_the_limit_leaves_nothing_behind():
    for _ in range(200):
        running.limited(sum, (1, 2), 10)
    time.sleep(0.05)
    assert threading.active_count() < 20

    def forever(_):
        while True:
            pass

    with pytest.raises(running.TimeLimit):
        running.limited(forever, (), 0.05)
    for _ in range(100_000):  # nothing arrives late
        pass


def test_a_limit_that_falls_on_the_last_step_does_not_strike_later():
    """As it does after a long product of matrices, or on a machine with much else to do."""
    ones = np.ones((500, 500))

    def ends_about_now(inputs):
        time.sleep(*inputs)
        return ones @ ones

    def idle(seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pass

    runs = []
    for seconds in np.linspace(0, 0.013, 60):
        runs.append(running.run(ends_about_now, (seconds,), ("seconds",), 0.01, quiet=True))
        idle(0.005)
    idle(0.5)
    assert {type(run.error) for run in runs} == {type(None), running.TimeLimit}
    assert threading.active_count() < 20


def test_a_profiler_sees_a_limited_call_and_goes_on():
    code = (
        "import cProfile, time\n"
        "from course_lib.checks import running\n"
        "def forever(_):\n"
        "    while True: pass\n"
        "with cProfile.Profile() as profile:\n"
        "    for _ in range(20):\n"
        "        running.limited(sum, (1, 2), 10)\n"
        "    try:\n"
        "        running.limited(forever, (), 0.05)\n"
        "    except running.TimeLimit:\n"
        "        print('stopped', sum(range(1000)))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60
    )
    assert found.stdout.split() == ["stopped", "499500"], found.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals as on Unix")
def test_control_c_gets_through():
    code = (
        "import numpy as np\n"
        "from course_lib.checks import check\n"
        "def f(x, W1, b1, w2, b2, y):\n"
        "    print('running', flush=True)\n"
        "    while True: pass\n"
        "try:\n"
        "    check('05a', f)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=lambda: __import__("signal").signal(2, __import__("signal").default_int_handler),
    ) as child:
        assert child.stdout.readline() == "running\n"
        child.send_signal(2)
        assert child.stdout.readline() == "interrupted\n"


def test_changed_inputs_are_told_and_do_no_harm():
    def careless(x, W1, b1, w2, b2, y):
        answer = delta_z2(x, W1, b1, w2, b2, y)
        x += 1
        W1[0, 0] = 7
        return answer

    found = examine("05a", careless)
    assert found.right
    assert "changed x and W1 in place" in found.note
    assert examine("05a", delta_z2).note == "", "the exercise's own inputs are what they were"


@pytest.mark.parametrize(
    ("id", "answer", "kind", "code"),
    [
        ("05a", lambda *v: np.array([[delta_z2(*v)]]), "shape", "reshaped"),
        ("05b", lambda *v: delta_w2(*v)[:, None], "shape", "reshaped"),
        ("05b", lambda *v: delta_w2(*v)[None], "shape", "reshaped"),
        ("05b", lambda *v: np.append(delta_w2(*v), 0), "shape", "other"),
        ("05b", lambda *v: np.empty(0), "shape", "other"),
        ("05b", lambda *v: np.zeros((1000, 1000)), "shape", "other"),
        ("05b", lambda *v: delta_w2(*v) * np.nan, "finite", "nan"),
        ("05b", lambda *v: delta_w2(*v) * np.inf, "finite", "inf"),
        ("05a", lambda *v: None if v[0][0] > -99 else 1, "type", "nothing"),
        ("05a", lambda *v: "0.65", "type", "text"),
        ("05a", lambda *v: delta_z2, "type", "function"),
        ("05a", lambda *v: 1j, "type", "kind"),
        ("05a", lambda *v: {"delta": 1}, "type", "kind"),
        ("05a", lambda *v: np.array(["one", "two"]), "type", "text"),
        ("05b", lambda *v: [[1, 2], [3]], "type", "ragged"),
        ("05a", lambda x, W1, b1, w2, b2: 1, "type", "arguments"),
        ("05a", REFERENCE_Z2, "type", "value"),
        ("05a", "delta_z2", "type", "value"),
        ("05a", np.zeros((900, 900)), "type", "value"),
        ("05a", int, "type", "value"),
        ("05a", lambda *v: 2 * delta_w2(*v), "shape", "other"),
        ("05bug", 7, "type", "letter"),
        ("05bug", "Z", "type", "letter"),
        ("05bug", ["G"], "type", "letter"),
    ],
)
def test_every_kind_of_wrong_thing_has_its_line(id, answer, kind, code):
    found = examine(id, answer)
    assert (found.kind, found.code) == (kind, code), found
    assert len(found.text) < 400
    assert "\n" not in found.text


def test_the_shape_of_a_number_is_told_in_words():
    found = examine("05a", lambda *v: delta_w2(*v) * 2)
    assert "asks for a single number, and the result is an array of shape (2,)." in found.text
    found = examine("05b", lambda *v: 2 * delta_z2(*v))
    assert "asks for an array of shape (2,), and the result is a single number." in found.text
    found = examine("05a", lambda *v: 0.1 + delta_z2(*v))
    assert "is not what is asked for" in found.text, "a number has no right shape"
    found = examine("08a", lambda x, y: (x, [y]))
    assert "result 2 is an array of shape (1,)." in found.text


def test_of_a_gate_the_method_that_returns_nothing_is_named():
    class Forgetful:
        def forward(self, x):
            self.a = sigmoid(x)

        def backward(self, delta):
            return self.a * (1 - self.a) * delta

    class Silent(Forgetful):
        def forward(self, x):
            super().forward(x)
            return self.a

        def backward(self, delta):
            super().backward(delta)

    for gate, method in ((Forgetful, "forward"), (Silent, "backward")):
        assert f"`SigmoidGate.{method}` returns None" in examine("07d", gate).text


def test_of_several_results_only_the_wrong_ones_are_judged():
    class Gate:
        def forward(self, x):
            self.a = sigmoid(x)
            return self.a

        def backward(self, delta):
            return -delta * self.a * (1 - self.a)

    found = examine("07d", Gate)
    assert (found.kind, found.code) == ("near", "sign")
    assert found.text.startswith("Not yet. -0.641729 has the right size")
    found = examine("07a", lambda x, y, z: (z, z, x * y))
    assert (found.kind, found.code) == ("near", "parts")
    assert "-10 is what is not right yet" in found.text
    found = examine("07c", lambda x, y, delta_z: (y * delta_z, x))
    assert (found.kind, found.code) == ("misconception", "local_only")
    assert found.text.startswith("Not yet. 3 is the local derivatives alone")


def test_a_number_that_was_typed_in_lost_no_decimals():
    assert examine("00a", 2).code == "values"


class Odd:
    """An object that fails whenever it is looked at."""

    def __getattribute__(self, name):
        raise RuntimeError("leave me alone")


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no words")


class LikeATensor:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on a tensor that requires grad")


def own_list():
    found = []
    found.append(found)
    return found


@pytest.mark.parametrize("id", ["00a", "05b", "05bug", "07d"])
@pytest.mark.parametrize(
    "make",
    [
        Odd,
        Unprintable,
        LikeATensor,
        own_list,
        lambda: 10**5000,
        lambda: "9" * 10_000,
        lambda: [1, [2, 3]],
        lambda: int,
    ],
)
def test_no_object_stops_the_notebook(id, make, own_record, capsys):
    thing = make()
    check(id, thing)
    check(id, lambda *_: thing)
    lines = capsys.readouterr().out.splitlines()
    lines = [line for line in lines if not line.startswith("Next hint")]
    assert len(lines) == 2
    assert all(line.startswith("✗") and len(line) < 300 for line in lines), lines
    assert not any("0x" in line for line in lines), "addresses say nothing"
    assert json.loads(own_record.read_text(encoding="utf-8"))["exercises"][id]["attempts"] == 2


def test_inputs_may_be_changed_into_anything():
    def strange(sizes):
        sizes[0] = np.array([1, 2])
        return 24_790

    found = examine("04c", strange)
    assert found.code == "published_only"
    assert "changed sizes in place" in found.note


@pytest.mark.parametrize(
    "same",
    [
        lambda v: v + 0j,
        lambda v: np.fft.ifft(np.fft.fft(v)),
        lambda v: np.array(v, object),
        lambda v: np.array([Node(float(x)) for x in v], object),
        lambda v: [Fraction(float(x)) for x in v],
        lambda v: [Decimal(float(x)) for x in v],
        lambda v: v.astype(np.longdouble),
        lambda v: v.astype(">f8"),
        lambda v: np.asarray(v, np.float32),
        lambda v: v.tolist(),
        lambda v: tuple(v.tolist()),
        lambda v: Node(v),
        lambda v: [Node(float(x)) for x in v],
        lambda v: np.asfortranarray(v),
        lambda v: np.ma.masked_array(v),
        lambda v: list(map(np.float64, v)),
    ],
)
def test_right_numbers_pass_in_every_form(same):
    assert examine("05b", lambda *v: same(delta_w2(*v))).right


def test_a_buffer_that_is_used_again_holds_no_wrong_result():
    buffer = np.empty(2)

    def into_buffer(x, W1, b1, w2, b2, y):
        buffer[:] = delta_w2(x, W1, b1, w2, b2, y)
        return buffer

    assert examine("05b", into_buffer).right


@pytest.mark.parametrize("off", [0.0, 4e-12, 1e-10])
def test_a_whole_number_that_was_worked_out_in_floats_passes(off):
    def parameters(sizes):
        return off + sum(b * (a + 1) for a, b in pairwise(sizes))

    assert examine("04c", parameters).right
    assert not examine("04c", lambda sizes: parameters(sizes) + 1e-3).right


def test_settings_for_numpys_errors_are_nobody_elses(own_record):
    def strict(x, W1, b1, w2, b2, y):
        np.seterr(all="raise")
        warnings.simplefilter("error")
        return delta_w2(x, W1, b1, w2, b2, y)

    settings = np.geterr(), [*warnings.filters]
    assert examine("05b", strict).right
    assert (np.geterr(), [*warnings.filters]) == settings
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        for factor in (1e-300, 1e300, np.inf, np.nan):
            with np.errstate(all="ignore"):
                result = factor * np.ones(2)
            check("05b", lambda *_, result=result: result)


def test_two_threads_leave_standard_output_as_it_was():
    before = sys.stdout, [*warnings.filters]
    threads = [threading.Thread(target=examine, args=("05a", delta_z2)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sys.stdout, [*warnings.filters]) == before


def test_a_terminal_without_check_marks(tmp_path):
    code = "from course_lib.checks import check\ncheck('05a', ...)\nprint('and on')"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONIOENCODING": "ascii", "COURSE_RECORD": str(tmp_path / "r.json")},
        capture_output=True,
        encoding="ascii",
    )
    assert run.stdout.splitlines()[0].startswith("? 05a: delta_z2 is not written yet.")
    assert run.stdout.endswith("and on\n"), run.stderr


def test_arguments_are_told_in_one_line():
    long = np.eye(9)

    def forgot_y(x, W1, b1, w2, b2=long, *, eps: float = 1.0) -> float:
        return 0.0

    found = examine("05a", forgot_y)
    assert found.text.endswith("yours takes (x, W1, b1, w2, b2, *, eps).")


def test_a_number_as_array_or_node_passes():
    assert examine("05a", lambda *v: np.array(delta_z2(*v))).right
    assert examine("05a", lambda *v: Node(delta_z2(*v))).right
    assert examine("05a", lambda *v, unused=3: delta_z2(*v)).right


def test_float32_is_judged_by_what_float32_can_do():
    assert examine("05b", lambda *v: (delta_w2(*v) * (1 + 3e-5)).astype(np.float32)).right
    assert examine("05b", lambda *v: delta_w2(*v) * (1 + 3e-5)).code == "close"
    assert examine("05b", lambda *v: (delta_w2(*v) * (1 + 3e-4)).astype(np.float32)).code == "close"


def test_the_answer_of_a_sibling_is_recognized():
    found = examine("05a", delta_w2)
    assert (found.kind, found.code) == ("sibling", "05b")
    assert "05b, `delta_w2`" in found.text
    renamed = examine("05b", lambda *v: delta_z2(*v))
    assert (renamed.kind, renamed.code) == ("sibling", "05a")


def test_what_it_prints_is_shown_once(capsys):
    def talkative(x, W1, b1, w2, b2, y):
        print("z1 =", W1 @ x + b1)
        return delta_z2(x, W1, b1, w2, b2, y)

    check("05a", talkative)
    out = capsys.readouterr().out
    assert out.count("z1 =") == 1
    assert "✓ 05a: Right." in out


def test_an_unknown_id_is_one_line(capsys):
    check("5z", 3)
    check("55", 3)
    check(None, 3)
    check("05A", ...)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("no exercise '5z'; this chapter has 05a, 05b")
    assert lines[1].startswith("no exercise '55'; an id is")
    assert lines[2].startswith("no exercise None")
    assert lines[3].startswith("… 05a")


def test_attempts_are_counted_and_misconceptions_kept(own_record):
    check("05a", lambda *v: -delta_z2(*v))
    check("05a", lambda *v: 0.1 + v[0][0])
    check("05a", delta_z2)
    entry = json.loads(own_record.read_text(encoding="utf-8"))["exercises"]["05a"]
    assert entry["attempts"] == 3
    assert [*entry["missed"]] == ["sign"]
    assert entry["solved"] > 0


def test_nbgrader_is_told_by_an_exception(monkeypatch, own_record, capfd):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    check("05a", delta_z2)
    for answer in (..., lambda *v: -delta_z2(*v), nameless, 3):
        with pytest.raises(AssertionError, match="05a"):
            check("05a", answer)
    with pytest.raises(KeyError):
        check("05z", 3)
    said = capfd.readouterr()
    assert said.err == "", "text on stderr costs all points in nbgrader"
    assert not own_record.exists()


def test_warnings_do_not_reach_stderr_under_nbgrader(monkeypatch, capfd):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")

    def warns(x, W1, b1, w2, b2, y):
        np.exp(np.array([1e4]))
        print("a line", file=sys.stderr)
        return delta_z2(x, W1, b1, w2, b2, y)

    check("05a", warns)
    assert capfd.readouterr().err == ""
