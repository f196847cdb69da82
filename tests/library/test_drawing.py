"""Pictures of computational graphs, judged by the SVG alone: what a reader would see."""

import base64
import html
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from course_lib import functions as F
from course_lib.drawing import GraphPicture, draw_graph
from course_lib.drawing.labels import number, spell
from course_lib.graph import Node, no_grad
from course_lib.layers import Linear
from course_lib.losses import binary_cross_entropy, cross_entropy

# ---- the graphs of chapters 05, 07 and 08, and larger ones ----


def named(name, value):
    return Node(value, name=name)


def quotient():
    x, y = named("x", 3.0), named("y", -4.0)
    f = (x + F.sigmoid(y)) / (x**2 + y)
    f.name = "f"
    return f


def circuit():
    x, y, z = named("x", -2.0), named("y", 5.0), named("z", -4.0)
    q = x + y
    q.name = "q"
    return q * z


def diamond():
    w = named("w", 3.0)
    u = w + 1
    v = u + 2
    return u * v


def doubled():
    a = named("a", 1.0)
    b = a + a
    return b + b


def cube():
    x = named("x", 3.0)
    return x * x * x


def small_network():
    """The 2-2-1 network of chapter 05, weight by weight."""
    x = [named("x1", 1.0), named("x2", 2.0)]
    weights, biases = ((0.5, -0.25), (1.0, 0.75)), (0.0, -1.0)
    z = named("c", 0.5)
    for i in range(2):
        hidden = named(f"b{i + 1}", biases[i])
        for j in range(2):
            hidden = hidden + named(f"w{i + 1}{j + 1}", weights[i][j]) * x[j]
        z = z + named(f"v{i + 1}", (1.0, -2.0)[i]) * F.sigmoid(hidden)
    return binary_cross_entropy(F.sigmoid(z), 1.0)


def regularized_network():
    """The same in arrays, with an L2 penalty on w2: a fork."""
    x = named("x", np.array([1.0, 2.0]))
    W1, b1 = named("W1", np.array([[0.5, -0.25], [1, 0.75]])), named("b1", np.array([0.0, -1]))
    w2, b2 = named("w2", np.array([1.0, -2.0])), named("b2", 0.5)
    yhat = F.sigmoid(w2 @ F.sigmoid(W1 @ x + b1) + b2)
    return binary_cross_entropy(yhat, 1.0) + 0.1 * (w2**2).sum()


def three_classes():
    r = np.random.default_rng(0)
    hidden = F.tanh(Linear(4, 16, rng=r)(r.normal(size=(150, 4))))
    return cross_entropy(Linear(16, 3, rng=r)(hidden), r.integers(0, 3, 150))


def long_chain():
    x = named("x", 0.5)
    for k in range(59):
        x = (F.tanh, F.exp, F.sigmoid)[k % 3](x)
    return x


def wide_graph():
    return F.concatenate([named(f"x{i}", np.array([float(i)])) for i in range(58)]).sum()


def polynomial():
    """Horner's rule: x is used again and again, across all rows of the picture."""
    x, p = named("x", 2.0), named("c0", 1.0)
    for k in range(1, 10):
        p = p * x + named(f"c{k}", float(k))
    return p


def random_graph(seed):
    """Between 3 and 60 nodes, every one of them named n0, n1, ..."""
    r = np.random.default_rng(seed)
    count = int(r.integers(3, 61))
    nodes = [Node(round(r.normal(), 2)) for _ in range(max(1, int(count * r.uniform(0.1, 0.5))))]
    unused = list(nodes)

    def pick():
        if unused and r.random() < 0.8:
            return unused.pop(int(r.integers(len(unused))))
        return nodes[int(r.integers(max(0, len(nodes) - 15), len(nodes)))]

    while len(nodes) < count:
        kind = r.integers(6)
        if kind < 2:
            node = F.tanh(pick())
        elif kind == 2:
            node = pick() * 0.5
        else:
            node = (Node.__add__, Node.__mul__, Node.__sub__)[kind - 3](pick(), pick())
        nodes.append(node)
        unused.append(node)
    for k, node in enumerate(nodes):
        node.name = f"n{k}"
    return nodes[-1]


LESSONS = [
    quotient, circuit, diamond, doubled, cube, small_network, regularized_network, three_classes,
    long_chain, wide_graph, polynomial,
]  # fmt: skip


# ---- reading a picture ----


class Picture:
    """Boxes, texts and lines of an SVG, in its own pixels."""

    def __init__(self, picture):
        self.root = ET.fromstring(picture.svg)
        self.panel, self.boxes, self.texts, self.paths = None, [], [], []
        for element in self.root.iter():
            tag = element.tag.rpartition("}")[2]
            if tag == "rect":
                box = {k: float(element.get(k, 0)) for k in ("x", "y", "width", "height")}
                box.update(part=element.get("data-part"), element=element)
                if box["part"]:
                    self.boxes.append(box)
                else:
                    self.panel = element
            elif tag == "text":
                self.texts.append(text_box(element))
            elif tag == "path" and element.get("data-part"):
                self.paths.append((element.get("data-part"), points(element.get("d"))))
        for text in self.texts:
            around = [box for box in self.boxes if inside(text, box)]
            text["box"] = around[-1] if around else None

    def of(self, part):
        return [box for box in self.boxes if box["part"] == part]

    def lines_of(self, part):
        return [line for kind, line in self.paths if kind == part]

    def read(self, box):
        return " ".join(text["text"] for text in self.texts if text["box"] is box)

    def labels(self, part):
        """The texts of all labels of a kind, without the legend."""
        return [self.read(box) for box in self.of(part) if self.wire_of(box)]

    def wire_of(self, label):
        """The wire that a label belongs to: 5 pixels above a value, below an error signal."""
        y = label["y"] - 5 if label["part"] == "value" else label["y"] + label["height"] + 5
        for line in self.lines_of("wire"):
            (x0, y0), (x1, _) = line[0], line[-1]
            if abs(y0 - y) < 0.3 and x0 <= label["x"] and label["x"] + label["width"] <= x1 + 0.3:
                return line
        return None

    def graph(self):
        """The edges, read back: Counter of (name of the variable, name of its user's result)."""
        name_of, box_of = {}, {}
        for label in self.of("value"):
            wire = self.wire_of(label)
            if wire:
                name = self.read(label).split(" ")[0]
                name_of[key(wire[-1])] = name
                for box in self.of("operation"):
                    right, middle = box["x"] + box["width"], box["y"] + box["height"] / 2
                    if math.dist(wire[0], (right, middle)) < 0.3:
                        box_of[id(box)] = name
        for line in self.lines_of("trunk"):  # in the order of the rows
            name_of[key(line[-1])] = name_of[key(line[0])]
        edges = Counter()
        for line in self.lines_of("edge"):
            x, y = line[-1]
            (user,) = [
                box_of[id(box)]
                for box in self.of("operation")
                if abs(box["x"] - 5 - x) < 0.3 and box["y"] < y < box["y"] + box["height"]
            ]
            edges[name_of[key(line[0])], user] += 1
        return edges


def key(point):
    return round(point[0], 1), round(point[1], 1)


def text_box(element):
    """Where a text is, in a font as wide as DejaVu Sans Mono."""
    text = "".join(element.itertext()).replace("\u00a0", " ")
    size, x, y = (float(element.get(k)) for k in ("font-size", "x", "y"))
    marks, wide = text.count("\u0301"), sum("\u3000" <= c != "\ufffd" for c in text)
    width = (len(text) - marks - wide) * 0.602 * size + wide * size
    x -= {"start": 0, "middle": width / 2, "end": width}[element.get("text-anchor")]
    return {
        "x": x, "y": y - 0.75 * size, "width": width, "height": 0.95 * size,
        "text": text, "element": element,
    }  # fmt: skip


def points(data, steps=12):
    """Points along a path of the commands M, L and C."""
    found = []
    for command, numbers in re.findall(r"([A-Z])([^A-Z]*)", data):
        p = [float(n) for n in numbers.split()]
        if command == "M":
            found.append((p[0], p[1]))
        elif command == "L":
            (x, y), n = found[-1], steps * 4
            found += [(x + (p[0] - x) * k / n, y + (p[1] - y) * k / n) for k in range(1, n + 1)]
        else:
            assert command == "C", command
            x, y = found[-1]
            for k in range(1, steps + 1):
                t = k / steps
                a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
                found.append(
                    (a * x + b * p[0] + c * p[2] + d * p[4], a * y + b * p[1] + c * p[3] + d * p[5])
                )
    return found


def inside(a, b, slack=0.5):
    return (
        b["x"] - slack <= a["x"]
        and b["y"] - slack <= a["y"]
        and a["x"] + a["width"] <= b["x"] + b["width"] + slack
        and a["y"] + a["height"] <= b["y"] + b["height"] + slack
    )


def overlap(a, b):
    return (
        a["x"] + a["width"] > b["x"] + 0.2
        and b["x"] + b["width"] > a["x"] + 0.2
        and a["y"] + a["height"] > b["y"] + 0.2
        and b["y"] + b["height"] > a["y"] + 0.2
    )


def touches(point, box):
    x, y = point
    return (
        box["x"] + 0.2 < x < box["x"] + box["width"] - 0.2
        and box["y"] + 0.2 < y < box["y"] + box["height"] - 0.2
    )


def assert_legible(picture):
    """Nothing lies on anything else, and everything lies on the panel."""
    seen = Picture(picture)
    free_texts = [text for text in seen.texts if text["box"] is None]
    things = seen.boxes + free_texts
    for i, a in enumerate(things):
        for b in things[:i]:
            assert not overlap(a, b), (a, b)
    canvas = {"x": -12, "y": -12, "width": float(seen.root.get("width"))}
    canvas["height"] = float(seen.root.get("height"))
    for thing in things:
        assert inside(thing, canvas), thing
    obstacles = [thing for thing in things if thing.get("part") != "tag"]
    for part, line in seen.paths:
        for point in line:
            assert -12 < point[0] < canvas["width"] - 12 and -12 < point[1] < canvas["height"] - 12
            if part != "constant":
                assert not any(touches(point, thing) for thing in obstacles), (part, point)
            for tag in seen.of("tag"):  # only its own wire meets a tag, in the middle
                if touches(point, tag):
                    assert abs(point[1] - tag["y"] - tag["height"] / 2) < 0.2


def edges_of(root):
    return Counter(
        (parent.name, node.name)
        for node in root.ancestors()
        for parent, _ in node.edges
        if isinstance(parent, Node)
    )


# ---- the pictures ----


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("lesson", LESSONS)
def test_nothing_overlaps_in_the_graphs_of_the_lessons(lesson, backward):
    node = lesson()
    if backward:
        node.backward()
    picture = draw_graph(node)
    assert_legible(picture)
    # in JupyterLab, 828 pixels beside the file browser on a screen of 1280: 12 pixels or more
    root = ET.fromstring(picture.svg)
    sizes = {float(text.get("font-size")) for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert min(sizes) * min(1, 828 / float(root.get("width"))) >= 12


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs_are_legible_and_can_be_read_back(seed):
    node = random_graph(seed)
    if seed % 3:
        node.backward()
    picture = draw_graph(node)
    assert_legible(picture)
    assert Picture(picture).graph() == edges_of(node)


def test_edges_of_a_folded_graph_with_a_far_fork_read_back():
    node = polynomial()
    for k, inner in enumerate(node.ancestors()):
        inner.name = f"n{k}"
    seen = Picture(draw_graph(node))
    assert len(seen.lines_of("trunk")) > 3
    assert seen.graph() == edges_of(node)


def test_many_operands_arrive_inside_their_box():
    node = wide_graph()
    for k, inner in enumerate(node.ancestors()):
        inner.name = f"n{k}"
    assert Picture(draw_graph(node)).graph() == edges_of(node)


def test_wires_turn_into_the_next_row_without_crossing():
    ends = []
    for name in "abc":
        x = named(name, 0.5)
        for _ in range(12):
            x = F.tanh(x)
        ends.append(x)
    seen = Picture(draw_graph(F.maximum(ends[0], F.maximum(ends[1], ends[2]))))
    trunks = seen.lines_of("trunk")
    assert len(trunks) >= 6
    for i, one in enumerate(trunks):
        for other in trunks[:i]:
            assert min(math.dist(p, q) for p in one for q in other) >= 7


def test_a_fold_does_not_part_a_weight_from_its_only_use():
    """The network of lesson 05: z1 and z2 go on into the next row, w2 does not."""
    x, W1, b1 = named("x", [1.0, 2]), named("W1", [[0.5, -0.25], [1, 0.75]]), named("b1", [0.0, -1])
    z1 = W1 @ x + b1
    a1 = F.sigmoid(z1)
    z2 = named("w2", [1.0, -2.0]) @ a1 + named("b2", 0.5)
    yhat = F.sigmoid(z2)
    J = binary_cross_entropy(yhat, 1.0)
    z1.name, a1.name, z2.name, yhat.name, J.name = "z1", "a1", "z2", "yhat", "J"
    tags = re.findall(r">(\w\d)</text>", draw_graph(J).svg)
    assert sorted(tags) == ["z1", "z2"]


def test_the_operands_of_a_sum_arrive_in_the_order_in_which_they_come():
    x, y = named("x", 1.0), named("y", 2.0)
    total = y + x
    total.name = "total"
    difference = x - y
    difference.name = "difference"
    seen = Picture(draw_graph(difference * total))
    arrivals = {}
    for line in seen.lines_of("edge"):
        for box in seen.of("operation"):
            (_, start), (x_end, y_end) = line[0], line[-1]
            if abs(box["x"] - 5 - x_end) < 0.3 and 0 < y_end - box["y"] < box["height"]:
                arrivals.setdefault(seen.read(box), []).append((start, y_end))
    for box in "+−":  # the higher wire arrives at the higher port
        pairs = arrivals[box]
        assert len(pairs) == 2
        assert [end for _, end in sorted(pairs)] == sorted(end for _, end in pairs)


def test_values_stand_below_the_wire_and_error_signals_above():
    f = quotient()
    f.backward()
    seen = Picture(draw_graph(f))
    # the numbers of chapter 08
    assert sorted(seen.labels("value")) == sorted(
        ["x = 3", "y = −4", "0.01799", "3.018", "9", "5", "f = 0.6036"]
    )
    assert sorted(seen.labels("signal")) == sorted(
        ["−0.5243", "−0.1172", "0.2", "0.2", "−0.1207", "−0.1207", "1"]
    )
    pairs = {seen.read(label): seen.wire_of(label) for label in seen.of("value")}
    signals = {seen.read(label): seen.wire_of(label) for label in seen.of("signal")}
    assert pairs["x = 3"] == signals["−0.5243"] and pairs["y = −4"] == signals["−0.1172"]
    for label in seen.of("value") + seen.of("signal"):
        wire = seen.wire_of(label)
        if wire:
            below = label["y"] > wire[0][1]
            assert below == (label["part"] == "value")


def test_a_fork_is_one_dot_with_a_share_of_the_error_signal_at_each_branch():
    f = quotient()
    f.backward()
    seen = Picture(draw_graph(f))
    dots = [
        (float(c.get("cx")), float(c.get("cy"))) for c in seen.root.iter() if c.get("r") == "4.5"
    ]
    assert len(dots) == 3  # x, y and the legend
    starts = Counter(key(line[0]) for line in seen.lines_of("edge"))
    assert sorted(starts[key(dot)] for dot in dots) == [0, 2, 2]
    shares = [seen.read(box) for box in seen.of("signal") if not seen.wire_of(box)]
    # -0.724317 + 0.2 and -0.120719 + 0.003533; the last is the legend's
    assert sorted(shares) == sorted(["−0.7243", "0.2", "−0.1207", "0.003533", "error signal"])


def test_shares_are_left_out_where_the_picture_lacks_a_branch():
    x = named("x", 3.0)
    part = x * x
    (part + x).backward()
    assert "27" not in draw_graph(part).svg
    seen = Picture(draw_graph(part))
    assert [seen.read(box) for box in seen.of("signal") if not seen.wire_of(box)] == [
        "error signal"
    ]
    assert "is the sum of" not in draw_graph(part).description


def test_shares_of_an_array_are_spelled_out():
    J = regularized_network()
    J.backward()
    # chapter 08: the data's share of chapter 05, and 2 lambda w2
    sentence = "The error signal of w2 is the sum of [−0.3268, −0.5344] and [0.2, −0.4]."
    assert sentence in draw_graph(J).description
    assert "w2 = [−0.1268, −0.9344]; " in draw_graph(J).description


def test_shares_in_float32_that_cancel():
    x = named("x", np.array([0.1, 0.7], dtype=np.float32))
    f = (x * np.float32(1.1) - x * np.float32(1.1000001)).sum()
    f.backward()
    assert "The error signal of x is the sum of [1.1, 1.1] and [−1.1, −1.1]." in (
        draw_graph(f).description
    )


def test_shares_of_a_large_array_are_left_out():
    x = named("x", np.ones(7))
    f = (x * x).sum()
    f.backward()
    assert "is the sum of" not in draw_graph(f).description


def test_parts_differ_by_shape_as_well_as_color():
    f = quotient()
    f.backward()
    for box in Picture(draw_graph(f)).boxes:
        dashed = box["element"].get("stroke-dasharray") is not None
        assert dashed == (box["part"] == "signal")


def test_without_backward_there_are_no_error_signals_and_constants_never_have_one():
    assert Picture(draw_graph(quotient())).of("signal") == []
    J = diamond()
    J.backward()
    seen = Picture(draw_graph(J))
    assert len(seen.labels("signal")) == 4  # w, u, v and J
    assert {"1", "2"} <= {text["text"] for text in seen.texts if text["box"] is None}


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a, b):
    """WCAG 2.2, contrast ratio."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_contrast():
    J = polynomial()
    J.backward()
    seen = Picture(draw_graph(J))
    panel = seen.panel.get("fill")
    assert float(seen.panel.get("width")) == float(seen.root.get("width"))
    assert seen.of("tag") and seen.texts
    for text in seen.texts:
        fill = text["box"]["element"].get("fill") if text["box"] else panel
        assert contrast(text["element"].get("fill"), fill) >= 4.5
    strokes = {e.get("stroke") for e in seen.root.iter() if e.get("stroke")}
    strokes.remove(seen.panel.get("stroke"))  # a hint of a frame
    for stroke in strokes:
        assert contrast(stroke, panel) >= 3


def test_self_contained():
    J = regularized_network()
    J.backward()
    root = ET.fromstring(draw_graph(J).svg)
    allowed = {"svg", "g", "title", "desc", "rect", "text", "path", "circle"}
    for element in root.iter():
        assert element.tag.rpartition("}")[2] in allowed
        for attribute, value in element.attrib.items():
            assert attribute not in ("id", "class", "style", "href") and "url(" not in value
    assert root.get("font-family").endswith("monospace")


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import hashlib, numpy as np
from course_lib import functions as F
from course_lib.drawing import draw_graph
from course_lib.graph import Node
leaves = [Node(k / 7) for k in range(9)]
nodes = list(leaves)
for k in range(30):
    nodes.append(F.tanh(nodes[k] * nodes[(5 * k) % len(nodes)] + nodes[-1]))
nodes[-1].backward()
print(hashlib.sha256(draw_graph(nodes[-1]).svg.encode()).hexdigest())
"""


def test_same_bytes_in_every_process():
    folder = str(Path(__file__).parents[2])
    found = set()
    for seed in "0", "1", "2024":
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", PROGRAM, folder]
        run = subprocess.run(
            command, env=environment, capture_output=True, encoding="utf-8", check=True
        )
        found.add(run.stdout)
    assert len(found) == 1 and len(found.pop().strip()) == 64


def test_same_bytes_for_the_same_graph_made_again():
    assert draw_graph(small_network()).svg == draw_graph(small_network()).svg


# ---- labels ----


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.6035972420, "0.6036"), (-0.5243166904, "−0.5243"), (24790.0, "24790"), (-0.0, "0"),
        (2.99996, "3"), (0.1 + 0.2, "0.3"), (1e-20, "1e−20"), (-1234567.0, "−1.235e+06"),
        (math.nan, "nan"), (-math.inf, "−inf"), (1e6, "1e+06"), (999999, "999999"), (7, "7"),
        (np.float32(0.1), "0.1"), (np.float64(1.5), "1.5"), (12345.678, "1.235e+04"),
    ],
)  # fmt: skip
def test_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize("border", [0.12345, 2.0005, 1.2345e-7, 98.765, -0.33335])
def test_neighbors_of_a_rounding_border_read_alike(border):
    below, above = np.nextafter(border, -np.inf), np.nextafter(border, np.inf)
    assert number(below) == number(border) == number(above)


def test_float32_neighbors_of_a_rounding_border_read_alike():
    border = np.float32(0.12345)
    neighbors = [np.nextafter(border, np.float32(to)) for to in (-1, 1)]
    assert {number(x) for x in neighbors} == {number(border)}


def test_arrays():
    assert spell(np.array([1.0, -0.5])) == ["[1, −0.5]"]
    assert spell(np.array([[0.5, -0.25], [1, 0.75]])) == ["[[0.5, −0.25],", " [  1,  0.75]]"]
    assert spell(np.arange(5.0)) == ["[0, 1, 2,", " 3, 4]"]
    assert spell(np.zeros((150, 4))) == ["(150, 4)"]
    assert spell(np.zeros((2, 0))) == ["(2, 0)"]
    assert spell(np.zeros((1, 2, 2))) == ["(1, 2, 2)"]


def test_the_gradient_of_an_embedding_is_shown_by_its_shape():
    table = named("E", np.ones((50, 4)))
    F.embedding(table, np.array([3, 3, 7])).sum().backward()
    picture = draw_graph(F.embedding(table, np.array([1])).sum())
    assert "(50, 4)" in Picture(picture).labels("signal")


def test_numbers_that_are_not_finite():
    f = named("x", np.array([np.nan, np.inf])) * 2
    picture = draw_graph(f)
    assert "x = [nan, inf]" in Picture(picture).labels("value")
    f.backward(np.ones(2))
    assert_legible(draw_graph(f))


def test_unnamed_leaves_and_namesakes_can_be_told_apart():
    mine = Node(1.0, name="u1")
    total = Node(2.0) * mine + Node(3.0)
    texts = Picture(draw_graph(total)).labels("value")
    assert {"u1 = 1", "u2 = 2", "u3 = 3"} <= set(texts)
    words = draw_graph(three_classes()).description
    assert "W[1] (16, 4)." in words and "W[2] (3, 16)." in words


NAMES = [
    "<b>&\"'", "ŷ", "δ_z", "損失関数", "e\u0301", "a\x00b\ud800", "two\nlines", "n" * 300, "</svg>",
    "]]>", "🙂",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_safe(name, tmp_path):
    a = named(name, 1.0)
    b = a * a + a
    b.name = name + "'"
    picture = draw_graph(b)
    assert_legible(picture)
    (label,) = [text for text in Picture(picture).labels("value") if text.endswith(" = 1")][:1]
    if name in NAMES[:5]:
        assert label == f"{name} = 1"
        assert f"{name} = 1" in picture.description
    picture.save(tmp_path / "picture é.svg")
    assert (tmp_path / "picture é.svg").read_bytes() == picture.svg.encode("utf-8")
    assert image(picture)["alt"] == picture.description.replace("\n", " ")


# ---- words ----


def test_description():
    f = quotient()
    f.backward()
    assert draw_graph(f).description.split("\n") == [
        "Computational graph of f: 5 operations on 2 variables.",
        "x = 3.",
        "y = −4.",
        "Step 1: sigmoid of y gives 0.01799.",
        "Step 2: x + step 1 gives 3.018.",
        "Step 3: x to the power 2 gives 9.",
        "Step 4: step 3 + y gives 5.",
        "Step 5: step 2 ÷ step 4 gives f = 0.6036.",
        "x forks: it is used 2 times, in step 2 and step 3.",
        "y forks: it is used 2 times, in step 1 and step 4.",
        "Error signals: f = 1; step 4 = −0.1207; step 3 = −0.1207; step 2 = 0.2; step 1 = 0.2; "
        "y = −0.1172; x = −0.5243.",
        "The error signal of x is the sum of 0.2 and −0.7243.",
        "The error signal of y is the sum of 0.003533 and −0.1207.",
    ]


def test_title_and_description_are_in_the_svg():
    picture = draw_graph(quotient())
    title, desc = list(ET.fromstring(picture.svg))[:2]
    assert (title.tag + desc.tag).count("http://www.w3.org/2000/svg") == 2
    assert f"{title.text} {desc.text}" == picture.description.replace("\n", " ")


def test_symbols():
    x = named("x", 2.0)
    f = F.sigmoid(-(x**-2) / F.exp(x) - x**0.5 * 3)
    texts = {text["text"] for text in Picture(draw_graph(f)).texts}
    assert {"σ", "−", "(·)⁻²", "÷", "exp", "(·)^0.5", "×", "3"} <= texts


# ---- Jupyter ----


def image(picture):
    """The attributes of the one element in the picture's HTML."""
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.append((tag, dict(attributes)))

    Reader().feed(picture._repr_mimebundle_()["text/html"])
    ((tag, attributes),) = found
    assert tag == "img"
    return attributes


def test_jupyter_gets_an_image_with_alt_text_and_a_terminal_the_words():
    picture = draw_graph(quotient())
    bundle = picture._repr_mimebundle_(include=None, exclude=None)
    # no image/svg+xml: JupyterLab shows it as text in a notebook that is not trusted
    assert set(bundle) == {"text/html", "text/plain"}
    attributes = image(picture)
    header, data = attributes["src"].split(",")
    assert header == "data:image/svg+xml;base64"
    assert base64.b64decode(data).decode("utf-8") == picture.svg
    assert html.unescape(attributes["alt"]) == picture.description.replace("\n", " ")
    assert bundle["text/plain"] == repr(picture) == picture.description
    assert isinstance(picture, GraphPicture)


# ---- bad input, and drawing leaves no trace ----


def test_a_lonely_variable():
    with no_grad():
        y = F.exp(named("x", 0.0))
    seen = Picture(draw_graph(y))
    assert seen.labels("value") == ["u1 = 1"] and seen.of("operation") == []


def test_drawing_changes_nothing():
    f = quotient()
    f.backward()
    before = [(node.value, node.grad, node.name) for node in f.ancestors()]
    draw_graph(f)
    assert [(node.value, node.grad, node.name) for node in f.ancestors()] == before


def test_not_a_node():
    with pytest.raises(TypeError, match=r"^draw_graph draws a Node, and this is a list: \[1, 2\]$"):
        draw_graph([1, 2])


def test_a_graph_taken_apart():
    f = quotient()
    f.backward(free=True)
    with pytest.raises(RuntimeError, match=r"backward\(free=True\) took this graph apart"):
        draw_graph(f)


def test_a_graph_too_large():
    x = Node(1.0)
    for _ in range(5000):
        x = x + 1
    with pytest.raises(ValueError, match=r"^this graph has 5,001 nodes, and a picture holds 200: "):
        draw_graph(x)


def test_two_hundred_nodes_are_drawn():
    x = Node(0.5)
    for _ in range(199):
        x = F.tanh(x)
    assert_legible(draw_graph(x))


def test_a_graph_in_a_circle():
    a = named("a", 1.0)
    b = a + 1
    a.edges = ((b, lambda delta: delta),)
    with pytest.raises(ValueError, match=r"^an edge of 'a' leads to .* cannot be drawn$"):
        draw_graph(b)
