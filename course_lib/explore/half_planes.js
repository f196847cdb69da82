// Three half-planes and the output unit that joins them: where it says yes, and how many it asks for.

import { arrow, axes, boxed, figure, format, path, scale, svg, text, withSign } from "./base.js";

const EDGE = 1e-9; // as in Python
const STEEP = [Math.sqrt(200), Math.sqrt(200), Math.sqrt(101)];
const COUNT = 100;
const GRID = Array.from({ length: COUNT }, (_, i) => -10 + (20 * i) / (COUNT - 1));
const UNITS = [
  { letter: "A", color: "one", angle: "angle_a", bias: "bias_a", most: 110, held: [-4, 7] },
  { letter: "B", color: "two", angle: "angle_b", bias: "bias_b", most: 110, held: [-4, -7] },
  { letter: "C", color: "three", angle: "angle_c", bias: "bias_c", most: 80, held: [-0.3, 0] },
];
const LECTURE = {
  angle_a: 45, bias_a: -30, angle_b: -45, bias_b: -30, angle_c: 174.5, bias_c: -3, bias: -1, plain: false,
};
const across = scale([-10, 10], [52, 392]);
const upward = scale([-10, 10], [372, 32]);

export function numbers(settings) {
  const w = UNITS.map(({ angle }, k) => weights(settings[angle], k));
  const b = UNITS.map(({ bias }) => settings[bias]);
  const [factor, bias] = settings.plain ? [1, 0] : [10, settings.bias];
  const point = [settings.x1, settings.x2];
  let [yes, some, least] = [0, 0, Infinity];
  const runs = [];
  // e^-(u + v) = e^-u e^-v: 600 exponentials in place of 30,000, so that dragging stays smooth.
  const columns = w.map(([first], k) => GRID.map((x1) => Math.exp(-first * x1 - b[k])));
  const lines = w.map(([, second]) => GRID.map((x2) => Math.exp(-second * x2)));
  const [ofA, ofB, ofC] = columns;
  for (let row = 0; row < COUNT; row++) {
    const [rowA, rowB, rowC] = lines.map((line) => line[row]);
    let open = false;
    for (let column = 0; column < COUNT; column++) {
      const p = ofA[column] * rowA; // e^-z of each unit
      const q = ofB[column] * rowB;
      const r = ofC[column] * rowC;
      const total = 1 / (1 + p) + 1 / (1 + q) + 1 / (1 + r);
      const logit = total * factor + bias;
      const on = logit >= -EDGE;
      if (on !== open) {
        if (on) runs.push(row, column);
        else runs.push(column);
        open = on;
      }
      if (on) yes += 1;
      if (Math.min(p, q, r) <= 1 + EDGE) some += 1;
      if (logit < least) least = logit;
    }
    if (open) runs.push(COUNT);
  }
  const hidden = w.map(([first, second], k) => logistic(first * point[0] + second * point[1] + b[k]));
  const sum = hidden[0] + hidden[1] + hidden[2];
  return {
    w, b,
    coverage: (yes / COUNT ** 2) * 100,
    union: (some / COUNT ** 2) * 100,
    counted: [0, 1, 2, 3].map((on) => logistic(factor * on + bias)),
    point,
    hidden,
    total: sum,
    output: logistic(sum * factor + bias),
    least: logistic(least),
    runs,
  };
}

function logistic(z) {
  return 1 / (1 + Math.exp(-z));
}

function weights(degrees, k) {
  const angle = (degrees * Math.PI) / 180;
  return [Math.cos(angle), Math.sin(angle)].map((part) => Math.round(part * STEEP[k] * 10) / 10 + 0);
}

function draw(view) {
  const ends = UNITS.map((_, k) => chord(view.numbers.w[k], view.numbers.b[k]));
  view.cache.anchors = UNITS.map((unit, k) => nearest(ends[k], view.cache[unit.letter] ?? unit.held));
  return [square(view, ends), handles(view), sums(view), curve(view)];
}

/** The two ends of the line w·x + b = 0 in the square. */
function chord([w1, w2], b) {
  const size = w1 ** 2 + w2 ** 2;
  const foot = [(-b * w1) / size, (-b * w2) / size];
  let [from, to] = [-Infinity, Infinity];
  for (const [at, step] of [[foot[0], -w2], [foot[1], w1]]) {
    if (step === 0) continue;
    const limits = [(-10 - at) / step, (10 - at) / step].sort((p, q) => p - q);
    [from, to] = [Math.max(from, limits[0]), Math.min(to, limits[1])];
  }
  return [from, to].map((t) => [foot[0] - t * w2, foot[1] + t * w1]);
}

/** The place on the line nearest to a point, but not at its very ends. */
function nearest([[p1, q1], [p2, q2]], [p, q]) {
  const length = Math.hypot(p2 - p1, q2 - q1);
  const t = ((p - p1) * (p2 - p1) + (q - q1) * (q2 - q1)) / length ** 2;
  const kept = Math.min(Math.max(t, 1 / length), 1 - 1 / length);
  return [p1 + kept * (p2 - p1), q1 + kept * (q2 - q1)];
}

function onPage([p, q]) {
  return [across(p), upward(q)];
}

function square({ numbers: n }, ends) {
  return svg("g", {}, [
    axes(across, upward, { xlabel: "x₁", ylabel: "x₂" }),
    svg("path", { class: "four area faint", "shape-rendering": "crispEdges", d: cells(n.runs) }),
    svg("path", { class: "four curve faint", style: "stroke-width: 1.4", d: hatching(n.runs) }),
    UNITS.map(({ color }, k) => svg("path", { class: `${color} curve`, d: path(ends[k].map(onPage)) })),
  ]);
}

// Where the cells around the points begin and end, as the texts that a path is made of.
const BORDERS = GRID.map((value) => Math.max(value - 10 / (COUNT - 1), -10)).concat(10);
const LEFTS = BORDERS.map((value) => across(value).toFixed(1));
const BOTTOMS = BORDERS.map((value) => upward(value).toFixed(1));

function cells(runs) {
  let found = "";
  for (let i = 0; i < runs.length; i += 3) {
    const row = runs[i];
    const from = LEFTS[runs[i + 1]];
    found += `M${from} ${BOTTOMS[row]}H${LEFTS[runs[i + 2]]}V${BOTTOMS[row + 1]}H${from}Z`;
  }
  return found;
}

/** Every sixth diagonal, where it runs through cells that say yes. */
function hatching(runs) {
  const yes = new Uint8Array(COUNT ** 2);
  for (let i = 0; i < runs.length; i += 3) {
    yes.fill(1, runs[i] * COUNT + runs[i + 1], runs[i] * COUNT + runs[i + 2]);
  }
  let found = "";
  for (let shift = 2 - COUNT; shift < COUNT; shift += 6) {
    let open = false;
    const last = Math.min(COUNT, COUNT - shift);
    for (let row = Math.max(0, -shift); row <= last; row++) {
      const on = row < last && yes[row * COUNT + row + shift] === 1;
      if (on === open) continue;
      open = on;
      found += `${on ? "M" : "L"}${LEFTS[row + shift]} ${BOTTOMS[row]}`;
    }
  }
  return found;
}

function handles({ numbers: n, cache }) {
  const units = UNITS.map(({ letter, color }, k) => {
    const from = onPage(cache.anchors[k]);
    const length = Math.hypot(...n.w[k]);
    const tip = [from[0] + (42 * n.w[k][0]) / length, from[1] - (42 * n.w[k][1]) / length];
    return svg("g", {}, [
      arrow(from, tip, { class: `arrow ${color}` }),
      svg("circle", { class: "paper area", cx: from[0], cy: from[1], r: 12 }),
      text(from[0], from[1] + 5, letter, { class: `${color} strong`, "text-anchor": "middle" }),
      svg("circle", { cx: tip[0], cy: tip[1], r: 14, opacity: 0, "data-drag": `turn ${k}` }),
      svg("circle", { cx: from[0], cy: from[1], r: 14, opacity: 0, "data-drag": `move ${k}` }),
    ]);
  });
  const [x, y] = onPage(n.point);
  const below = y < 70 ? 30 : -24;
  const middle = Math.min(Math.max(x, across.range[0] + 60), across.range[1] - 60);
  return svg("g", {}, [
    svg("path", { class: "lit area", d: diamond(x, y, 11) }),
    svg("path", { class: "value", d: diamond(x, y, 9) }),
    boxed("value", middle, y + below, `ŷ = ${format(n.output)}`, { size: 13 }),
    svg("circle", { cx: x, cy: y, r: 14, opacity: 0, "data-drag": "point" }),
    units,
  ]);
}

function diamond(x, y, r) {
  return `${path([[x, y - r], [x + r, y], [x, y + r], [x - r, y]])}Z`;
}

/** The units as formulas, with their values at the point. */
function sums({ numbers: n, settings: { plain, bias } }) {
  const term = (value, name) => `${withSign(value).replace("−", "− ").replace("+", "+ ")}${name}`;
  const line = (i, name, formula, value, color) => [
    text(440, 64 + 29 * i, name, { class: `${color} strong` }),
    text(460, 64 + 29 * i, `= ${formula}`, {}),
    boxed("value", 766, 59 + 29 * i, format(value)),
  ];
  const units = UNITS.map(({ letter, color }, k) => {
    const [w1, w2] = n.w[k];
    const formula = `σ(${format(w1)} x₁ ${term(w2, " x₂")} ${term(n.b[k], "")})`;
    return line(k, letter, formula, n.hidden[k], color);
  });
  const joined = plain ? "σ(A + B + C)" : `σ(10 (A + B + C) ${term(bias, "")})`;
  return svg("g", {}, [
    text(440, 36, "four units, and their values at the diamond", { class: "muted", size: 13 }),
    units, line(3, "ŷ", joined, n.output, "four"),
    text(440, 188, `“yes” on ${format(n.coverage)} % of the square`, { class: "strong" }),
    text(440, 208, `where one at least is on: ${format(n.union)} %`, { class: "muted", size: 13 }),
  ]);
}

/** ŷ against the sum of the three, with a dot and its value for each number of units that are on. */
function curve({ numbers: n, settings: { plain, bias } }) {
  const x = scale([-0.2, 3.4], [474, 806]);
  const y = scale([0, 1], [372, 264]);
  const output = (sum) => (plain ? logistic(sum) : logistic(10 * sum + bias));
  const points = Array.from({ length: 121 }, (_, i) => [x(i / 36), y(output(i / 36))]);
  return svg("g", {}, [
    axes(x, y, {
      xlabel: "A + B + C: how many are on",
      xticks: [[0, "0"], [1, "1"], [2, "2"], [3, "3"]], yticks: [[0, "0"], [0.5, "½"], [1, "1"]],
    }),
    svg("path", { class: "axis dashed", d: path([[x(-0.2), y(0.5)], [x(3.4), y(0.5)]]) }),
    svg("path", { class: "four curve", d: path(points) }),
    text(440, 249, "ŷ", { class: "four strong" }),
    n.counted.map((value, on) => [
      svg("circle", { class: value >= 0.5 ? "four area" : "paper area", cx: x(on), cy: y(value), r: 6 }),
      text(x(on), 249, format(value), { class: "mono", size: 13, "text-anchor": "middle" }),
    ]),
    svg("path", { class: "value", d: diamond(x(n.total), y(n.output), 6) }),
  ]);
}

function words({ numbers: n, settings: { plain, bias } }) {
  const coverage = `${format(n.coverage)}\u00a0%`;
  const union = `${format(n.union)}\u00a0%`;
  if (plain) {
    return "A sum of sigmoids is never negative, so σ(A + B + C) is ½ at the least: the answer is “yes” on " +
      `all of the square, ${coverage}, wherever you put the lines. The output unit needs weights and a bias.`;
  }
  const [none, one, two, three] = n.counted.map((value) => format(value));
  if (bias >= 0) {
    return `With c = ${format(bias)} even no unit at all gives σ(c) = ${none}: “yes” on ${coverage}. ` +
      "Lower c, until the dot at 0 falls below ½.";
  }
  if (bias % 10 === 0) {
    const on = -bias / 10;
    return `With c = ${format(bias)} the dot at ${on} lies on ½: with ${on} on, ŷ cannot decide. ` +
      "Half way between two such borders each answer is as clear as can be.";
  }
  const leak = n.coverage - n.union;
  if (bias > -10) {
    const region = Math.abs(leak) < 0.05
      ? `That is an OR: “yes” on ${coverage}, ${leak === 0 ? "exactly" : "nearly"} where one at least is on.`
      : `An OR that ${leak > 0 ? "reaches past" : "stays short of"} its lines: “yes” on ${coverage}, ` +
        `while one at least is on in ${union}.`;
    return `One unit is enough, ŷ = ${one}; none gives ${none}. ${region}`;
  }
  if (bias > -20) {
    return `Now two have to be on: one gives ŷ = ${one}, two give ${two}. ` +
      `“Yes” on ${coverage} of the square, where half-planes overlap.`;
  }
  if (bias > -30) {
    const empty = n.coverage === 0 ? " They have no point in common; move one of them." : "";
    return `That is an AND: only all three give ŷ above ½, ${three}; two give ${two}. ` +
      `“Yes” on ${coverage}.${empty}`;
  }
  return `With c = ${format(bias)} even all three give only ${three}: “no” everywhere. Raise c past −30.`;
}

function drag(name, x, y, { numbers: { w }, cache }) {
  const place = [across.back(x), upward.back(y)].map((value) => Math.min(Math.max(value, -10), 10));
  if (name === "point") {
    const [x1, x2] = place.map((value) => Math.round(value * 10) / 10);
    return { x1, x2 };
  }
  const [way, number] = name.split(" ");
  const k = Number(number);
  const unit = UNITS[k];
  const through = ([w1, w2], [p, q]) =>
    Math.min(Math.max(-Math.round(w1 * p + w2 * q), -unit.most), unit.most) + 0;
  if (way === "move") {
    cache[unit.letter] = place;
    return { [unit.bias]: through(w[k], place) };
  }
  const held = cache.anchors[k];
  const [dx, dy] = [across.back(x) - held[0], upward.back(y) - held[1]];
  if (Math.hypot(dx, dy) < 0.5) return {};
  const degrees = Math.round((Math.atan2(dy, dx) * 360) / Math.PI) / 2 + 0;
  cache[unit.letter] = held;
  return { [unit.angle]: degrees, [unit.bias]: through(weights(degrees, k), held) };
}

const actions = { lecture: () => LECTURE };

export default figure({ size: [820, 420], numbers, draw, words, drag, actions });
