"""What happens to a figure on a page: copies, runs again, scrolling, keys, strange data."""

import itertools
import math
import shutil

import pytest
from figure_examples import make
from moving import Shown

from course_lib import Node
from course_lib.authoring.stills import PAGE, show
from course_lib.explore import backprop, expression, nudge_machine
from course_lib.explore.figure import plain

FIGURE = ".course-figure"
SHOW = "from course_lib import explore\nexplore.nudge_machine()"
COUNT = """
from ipywidgets.widgets.widget import _instances
print("models:", sum(type(w).__name__ == "NudgeMachine" for w in _instances.values()))
"""
PROMPT_CHANGED = """([number, before]) => {
    const prompt = document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")[number].innerText;
    return prompt !== before && /\\d/.test(prompt);
}"""


def run_cell(page, number):
    """Run the cell of this number, counted from 0, once more."""
    before = page.locator(".jp-CodeCell .jp-InputPrompt").nth(number).inner_text()
    page.locator(".jp-CodeCell .jp-InputArea-editor").nth(number).click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(PROMPT_CHANGED, arg=[number, before])


def test_two_copies_do_not_disturb_each_other(opened):
    page = opened(SHOW, "explore.nudge_machine()")
    page.set_viewport_size({"width": 1200, "height": 3000})
    page.locator(FIGURE).nth(1).wait_for()
    first, second = (Shown(page, page.locator(FIGURE).nth(k), nudge_machine()) for k in (0, 1))
    first.open_table()
    second.open_table()
    x, dx, _ = first.figure.controls
    before = second.settings(), second.picture(), second.table()
    first.press(x)
    first.click(dx)
    assert (second.settings(), second.picture(), second.table()) == before
    second.press(dx)
    first.is_right()
    second.is_right()
    ids = page.locator(f"{FIGURE} [id]").evaluate_all("all => all.map(element => element.id)")
    assert len(ids) == len(set(ids))


def test_a_cell_that_is_run_again_leaves_nothing_behind(opened):
    page = opened(SHOW, COUNT)
    page.locator(FIGURE).wait_for()
    session = page.context.new_cdp_session(page)

    nodes = []
    for runs in (3, 12):
        for _ in range(runs):
            run_cell(page, 0)
            page.locator(FIGURE).wait_for()
        session.send("HeapProfiler.collectGarbage")
        nodes.append(session.send("Memory.getDOMCounters")["nodes"])
    run_cell(page, 1)
    page.wait_for_selector("text=models: 1")
    assert page.locator(FIGURE).count() == 1
    # JupyterLab itself keeps a few nodes of every run; a figure has about 180.
    assert nodes[1] - nodes[0] < 12 * 40


def test_a_deleted_cell_takes_its_figure_along_unless_another_shows_it(opened):
    show = "from course_lib import explore\nf = explore.nudge_machine()\nf"
    page = opened(show, "f", "explore.nudge_machine()", COUNT)
    page.set_viewport_size({"width": 1200, "height": 3000})
    page.locator(FIGURE).nth(2).wait_for()
    for deleted, left in ((2, "models: 1"), (0, "models: 1"), (0, "models: 0")):
        page.locator(".jp-CodeCell .jp-InputArea-editor").nth(deleted).click()
        for key in ("Escape", "d", "d"):
            page.keyboard.press(key)
        count = page.locator(".jp-CodeCell").count() - 1
        run_cell(page, count)
        assert page.locator(".jp-OutputArea-output").last.inner_text().strip() == left
        assert page.locator(FIGURE).count() == count


def test_a_figure_that_went_with_its_cell_can_be_shown_again(opened):
    page = opened("from course_lib import explore\nf = explore.nudge_machine()", "f", "1 + 1")
    page.set_viewport_size({"width": 1200, "height": 3000})
    page.locator(FIGURE).wait_for()
    editors = page.locator(".jp-CodeCell .jp-InputArea-editor")
    editors.nth(1).click()
    for key in ("Escape", "d", "d"):
        page.keyboard.press(key)
    editors.nth(1).click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("f")
    page.keyboard.press("Control+Enter")
    shown = Shown(page, page.locator(FIGURE), nudge_machine())
    shown.open_table()
    shown.press(shown.figure.controls[0])
    shown.is_right()


def test_what_was_moved_stays_so_while_the_page_scrolls(opened):
    fill = [f"print('line\\n' * 60)  # {k}" for k in range(12)]
    page = opened(SHOW, *fill)
    page.set_viewport_size({"width": 1200, "height": 800})
    scroll = page.locator(".jp-WindowedPanel-outer").first
    scroll.evaluate("panel => panel.scrollTo(0, 0)")
    page.locator(FIGURE).wait_for()
    shown = Shown(page, page.locator(FIGURE), nudge_machine())
    shown.press(shown.figure.controls[0])
    settings = shown.settings()
    for height in (20_000, 0):
        scroll.evaluate("(panel, height) => panel.scrollTo(0, height)", height)
        page.wait_for_timeout(700)
    page.locator(FIGURE).wait_for()
    assert shown.settings() == settings != nudge_machine().settings
    assert page.locator(".course-still:visible").count() == 0


def test_what_is_typed_becomes_a_graph(opened):
    page = opened("from course_lib import explore\nexplore.expression()")
    page.locator(FIGURE).wait_for()
    figure = expression()
    shown = Shown(page, page.locator(FIGURE), figure)
    shown.open_table()
    box = shown.control(figure.controls[0])
    box.press("ControlOrMeta+a")
    page.keyboard.type("exp(z) * x - x / y")
    shown.element.locator(".words", has_text="Every gate").wait_for(timeout=10_000)
    assert shown.settings()["text"] == "exp(z) * x - x / y"
    assert shown.settings()["step"] == 4
    shown.is_right()
    page.keyboard.type(" * q")
    shown.element.locator(".words", has_text="found").wait_for(timeout=10_000)
    problem = figure.numbers(shown.settings())["problem"]
    assert shown.table()[0] == ["problem", problem]
    assert "q" in problem


def test_an_operation_of_ones_own_moves_with_the_sliders(opened):
    page = opened(
        "from course_lib import Node, explore\n"
        "def cube(a):\n"
        "    x = a.value\n"
        "    return Node(x**3, 'cube', (a, lambda delta: delta * 3 * x**2))\n"
        "explore.expression(own=[cube])"
    )
    page.locator(FIGURE).wait_for()
    figure = expression(own=[cube])
    shown = Shown(page, page.locator(FIGURE), figure)
    shown.open_table()
    shown.control(figure.controls[0]).press("ControlOrMeta+a")
    page.keyboard.type("cube(x + y) * z")
    shown.element.locator(".words", has_text="(−108, −108, 27)").wait_for(timeout=10_000)
    shown.is_right()
    shown.press(figure.controls[2])
    shown.element.locator(".words", has_text="the gradient is").wait_for(timeout=10_000)
    page.wait_for_timeout(500)
    shown.is_right()


def cube(a):
    x = a.value
    return Node(x**3, "cube", (a, lambda delta: delta * 3 * x**2))


def test_without_a_kernel_one_of_ones_own_has_its_first_settings(page):
    figure = expression(own=[cube])
    show(page, figure)
    shown = Shown(page, page.locator(FIGURE), figure)
    shown.open_table()
    shown.control(figure.controls[1]).select_option("cube(x) * z")
    shown.is_right()
    shown.press(figure.controls[2])  # x
    shown.is_right()
    shown.press(figure.controls[4])  # and z
    shown.element.locator(".words", has_text="No kernel runs here").wait_for(timeout=10_000)


def test_after_saving_and_opening_again_the_still_is_there(opened, lab):
    page = opened(SHOW)
    page.locator(FIGURE).wait_for()
    address, folder = lab
    saved = max(folder.glob("lesson*.ipynb"), key=lambda path: path.stat().st_mtime)
    page.keyboard.press("Control+s")
    page.wait_for_selector("text=Saving completed", timeout=20_000)
    shutil.copy(saved, folder / f"again-{saved.name}")  # which has a kernel of its own
    page.goto(f"{address}/lab/tree/again-{saved.name}?reset")
    page.locator(".course-still img").wait_for(timeout=20_000)
    assert page.locator(".course-still img").bounding_box()["width"] > 300


@pytest.fixture
def page(chromium):
    page = chromium.new_page()
    page.set_content(PAGE)
    problems = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    page.close()
    assert problems == []


def test_what_is_not_finite_is_shown_as_such(page):
    figure = nudge_machine()
    errors = list(figure.data["errors"])
    errors[-1], errors[-2] = float("nan"), float("inf")
    figure.data = {**figure.data, "errors": plain(errors)}
    show(page, figure)
    shown = Shown(page, page.locator(FIGURE), figure)
    shown.open_table()
    assert shown.table()[-1][1] == "nan"
    assert "off by nan" in shown.words()
    shown.press(figure.controls[2])
    assert shown.table()[-1][1] == "inf"


def test_the_stepper_spells_out_both_entries_of_a_pair(page):
    w, a = Node([1.0, -2.0], name="w"), Node([0.5, 0.8])
    z = w @ a
    z.name = "z"
    figure = backprop(z)
    show(page, figure)
    shown = Shown(page, page.locator(FIGURE), figure)
    for _ in range(3):  # forward, the walk begins, z reports to w
        shown.press(figure.controls[0])
    text = shown.element.text_content().replace("\xa0", " ")
    assert "0.5 × 1 and 0.8 × 1 = 0.5 and 0.8" in text


def test_the_heat_says_when_several_windows_read_a_row(page):
    figure = make("window_heat")
    show(page, figure)
    shown = Shown(page, page.locator(FIGURE), figure)
    assert "at 2 places, a fork: δ adds up" in shown.element.text_content()
    shown.press(figure.controls[1])  # one neighbor on each side
    assert "at 2 places, all windows: δ adds up" in shown.element.text_content()
    shown.press(figure.controls[0])
    shown.press(figure.controls[0])  # from Paris to danced
    assert "at one place, all windows: δ adds up" in shown.element.text_content()


def test_without_a_kernel_the_examples_are_left(page):
    figure = expression()
    show(page, figure)
    shown = Shown(page, page.locator(FIGURE), figure)
    shown.open_table()
    shown.control(figure.controls[0]).press("End")
    page.keyboard.type(" + 7")
    shown.element.locator(".words", has_text="kernel").wait_for(timeout=10_000)
    shown.click(figure.controls[1])
    shown.is_right()


@pytest.mark.parametrize("name", ["half_planes", "logistic_boundary", "next_word"])
def test_a_finger_drags_as_the_mouse_does_and_the_page_stays(chromium, name):
    context = chromium.new_context(has_touch=True, viewport={"width": 900, "height": 480})
    paths = []
    for drag in (drag_by_mouse, drag_by_finger):
        page = context.new_page()
        page.set_content(PAGE)
        show(page, make(name))
        shown = Shown(page, page.locator(FIGURE), make(name))
        shown.open_table()
        page.evaluate("scrollTo(0, 0)")
        settings = [shown.settings()]
        for handle in page.locator("[data-drag]").all():
            x, y = middle(handle)
            drag(page, (x, y), (x + 21, y + 34))
            settings.append(shown.settings())
            shown.is_right()
            if handle.get_attribute("data-drag") == "point":  # of half_planes, to a tenth of a unit
                assert math.dist(middle(handle), (x + 21, y + 34)) < 2
        assert all(after != before for before, after in itertools.pairwise(settings))
        assert page.evaluate("scrollY") == 0
        paths.append(settings)
    assert paths[0] == paths[1]
    assert len(paths[0]) == 1 + {"half_planes": 7, "logistic_boundary": 2, "next_word": 1}[name]
    context.close()


def middle(element):
    box = element.bounding_box()
    return round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2)


def between(start, end):
    return [[a + k / 8 * (b - a) for a, b in zip(start, end, strict=True)] for k in range(9)]


def drag_by_mouse(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    for point in between(start, end):
        page.mouse.move(*point)
    page.mouse.up()


def drag_by_finger(page, start, end):
    finger = page.context.new_cdp_session(page)
    for kind, points in (("touchStart", [start]), ("touchMove", between(start, end))):
        for x, y in points:
            touch = {"type": kind, "touchPoints": [{"x": x, "y": y}]}
            finger.send("Input.dispatchTouchEvent", touch)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_play_goes_to_the_end_and_calm_readers_are_not_hurried(chromium):
    for motion, least in (("no-preference", 300), ("reduce", 1200)):
        context = chromium.new_context(reduced_motion=motion)
        page = context.new_page()
        page.set_content(PAGE)
        figure = make("backprop")
        show(page, figure)
        shown = Shown(page, page.locator(FIGURE), figure)
        page.evaluate(
            "window.times = []; new MutationObserver(() => times.push(performance.now())).observe("
            "document.querySelector('.course-figure'), {attributeFilter: ['data-settings']})"
        )
        button = page.get_by_role("button", name="Play")
        button.press("Enter")
        page.wait_for_function("times.length >= 3", timeout=10_000)
        first, second, third = page.evaluate("times.slice(0, 3)")
        assert min(second - first, third - second) > least
        page.get_by_role("button", name="Pause").press("Enter")
        stopped = shown.settings()["step"]
        page.wait_for_timeout(1800)
        assert shown.settings()["step"] == stopped
        button.press("ArrowRight")
        assert shown.settings()["step"] == stopped + 1
        context.close()


def test_a_screen_reader_hears_where_a_burst_of_keys_has_led(page):
    page.clock.install(time=0)
    page.clock.pause_at(60_000)  # however slow the machine, the keys come at once
    figure = nudge_machine()
    show(page, figure)
    shown = Shown(page, page.locator(FIGURE), figure)
    status = page.get_by_role("status")
    page.evaluate(
        "window.heard = []; new MutationObserver(() => heard.push(document.querySelector("
        "'[role=status]').textContent)).observe(document.querySelector('[role=status]'),"
        "{childList: true})"
    )
    page.clock.run_for(700)
    assert page.evaluate("heard") == [], "nobody has moved anything"
    shown.control(figure.controls[0]).focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
        page.clock.run_for(50)
    assert page.evaluate("heard") == []
    page.clock.run_for(700)
    assert page.evaluate("heard") == [status.inner_text()] == [shown.words()]


def test_controls_are_reached_by_tab_and_show_the_focus(page):
    figure = nudge_machine()
    show(page, figure)
    reached = []
    for _ in figure.controls:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.labels?.[0]?.textContent"))
        width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert float(width.removesuffix("px")) >= 2
    assert reached == [control.label for control in figure.controls]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
