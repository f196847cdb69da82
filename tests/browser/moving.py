"""Moving a figure on a page as a learner does, and reading what it then shows."""

import itertools
import json

KEYS = {"choice": ("ArrowDown", "ArrowUp"), "slider": ("ArrowRight", "ArrowLeft")}


class Shown:
    """A figure on a page; `element` holds it, `figure` is its like in this process."""

    def __init__(self, page, element, figure):
        self.page, self.element, self.figure = page, element, figure

    def settings(self):
        return json.loads(self.element.get_attribute("data-settings"))

    def open_table(self):
        self.element.locator("summary").focus()
        self.page.keyboard.press("Enter")
        self.element.locator("tbody tr").first.wait_for()

    def table(self):
        """The rows of the table as they are read."""
        return self.element.locator("tbody").evaluate(
            "body => [...body.rows].map(row => [...row.cells].map(cell => cell.textContent))"
        )

    def words(self):
        return self.element.locator(".words").inner_text()

    def picture(self):
        return self.element.locator("svg").evaluate("picture => picture.innerHTML")

    def is_right(self):
        """The numbers on the page are those that the library computes for these settings."""
        settings = self.settings()
        assert self.table() == self.figure.rows(settings), settings

    def control(self, control):
        """The first element that sets this control."""
        kind = control.as_dict()["kind"]
        if kind == "button":
            return self.element.get_by_role("button", name=control.label, exact=True)
        if kind == "switch":
            return self.element.get_by_role("switch", name=control.label, exact=True)
        if kind == "choice" and len(control.options) <= 5:
            return self.element.get_by_role("group", name=control.label, exact=True).locator(
                "input:checked"
            )
        role = {"slider": "slider", "choice": "combobox", "entry": "textbox"}[kind]
        return self.element.get_by_role(role, name=control.label, exact=True)

    def press(self, control):
        """Move a control by keyboard to a setting next to the one it has."""
        kind, place = control.as_dict()["kind"], self.control(control)
        place.focus()
        if kind in ("button", "switch"):
            self.page.keyboard.press("Space")
        elif kind == "entry":
            place.press("ControlOrMeta+a")
            self._type_into(control)
        else:
            before = self.settings()[control.name]
            for key in KEYS[kind]:  # at an end, the second leads back
                self.page.keyboard.press(key)
                if self.settings()[control.name] != before:
                    break

    def _type_into(self, control):
        now = self.settings()[control.name]
        self.page.keyboard.type(next(text for text in control.examples if text not in ("", now)))

    def click(self, control):
        """Move a control by mouse."""
        kind, place = control.as_dict()["kind"], self.control(control)
        if kind in ("button", "switch"):
            place.click()
        elif kind == "slider":
            box = place.bounding_box()
            now = self.settings()[control.name]
            far = 0.2 if now > (control.low + control.high) / 2 else 0.8
            place.click(position={"x": far * box["width"], "y": box["height"] / 2})
        elif kind == "entry":
            place.click(click_count=3)
            self._type_into(control)
        elif len(control.options) > 5:
            now = self.settings()[control.name]
            place.select_option(next(option for option in control.options if option != now))
        else:
            group = self.element.get_by_role("group", name=control.label, exact=True)
            group.locator("input:not(:checked)").first.click()


def keys_of(shown):
    """An endless supply of keys that move the first control that keys move, to and fro."""
    controls = [c for c in shown.figure.controls if c.as_dict()["kind"] != "button"]
    control = next((c for c in controls if c.as_dict()["kind"] in ("slider", "entry")), controls[0])
    kind, place = control.as_dict()["kind"], shown.control(control)
    place.focus()
    if kind == "slider":
        steps = round((float(place.get_attribute("max")) - control.low) / control.step)
        shown.page.keyboard.press("Home")
        there, back = "ArrowRight", "ArrowLeft"
        return itertools.cycle([there] * min(steps, 10) + [back] * min(steps, 10))
    if kind == "entry":
        shown.page.keyboard.press("End")
        if control.name == "text" and shown.figure.name == "expression":  # each key another graph
            shown.page.keyboard.type(" + 1")
            return itertools.cycle([str(k % 10) for k in range(40)] + ["Backspace"] * 40)
        return itertools.cycle(["Backspace", control.value[-1]])
    return itertools.cycle(["Space"] if kind == "switch" else ["ArrowDown", "ArrowUp"])
