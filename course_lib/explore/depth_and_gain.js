// Depth and gain: how far values come going forward, and signals going back.

import { arrow, figure, format, path, pixels, scale, svg, text } from "./base.js";

const [TOP, BOTTOM] = [70, 402];
const FORWARD = [78, 236]; // left and right of the bars
const BACKWARD = [478, 736];
const [FLAT, DEAD] = [326, 376]; // left of the two shares, each 42 wide
const BAND = 3; // gradients within this factor of the last are level
const HEALTHY = [0.1, 3]; // spread that tells inputs apart and does not explode

export function numbers({ activation, depth, gain }, { tables, steepest }) {
  const table = tables[activation][gain];
  const gradients = table.gradients[depth - 1];
  const [spread, flat, dead] = ["spread", "flat", "dead"].map((key) => table[key].slice(0, depth));
  const most = steepest[activation] ?? 1;
  const last = gradients[depth - 1];
  return {
    gradients,
    logs: gradients.map(Math.log10),
    spread,
    ratio: gradients[0] / last,
    product: most ** depth,
    quarter: most ** (depth - 1),
    reach: spread[depth - 1],
    inside: [
      count(spread, (value) => value >= HEALTHY[0] && value <= HEALTHY[1]),
      count(gradients, (value) => value > last / BAND && value < last * BAND),
    ],
    layers: gradients.map((gradient, i) => [gradient, spread[i], flat[i], dead[i]]),
  };
}

function count(values, holds) {
  return values.filter(holds).length;
}

function draw({ numbers: n, settings, data }) {
  const height = (BOTTOM - TOP) / settings.depth;
  const rows = n.layers.map((_, i) => TOP + height * i);
  return [headings(n), forward(n, rows, height), shares(n, rows, height),
    backward(n, rows, height, data.steepest[settings.activation])];
}

/** The bars are this thick, whatever the height of their rows. */
function thickness(height) {
  return Math.min(0.56 * height, 24);
}

function headings(n) {
  const inside = (x, many) => {
    const all = many === n.layers.length;
    return text(x, 54, all ? "✓ all in the band" : `${many} of ${n.layers.length} in the band`, {
      class: all ? "good strong" : "muted", size: 13,
    });
  };
  return svg("g", {},
    text(12, 22, "forward: spread of answers", { class: "one strong" }),
    arrow([252, 12], [252, 30], { class: "arrow one" }),
    text(FLAT + 42, 54, "flat", { class: "muted", size: 13, "text-anchor": "end" }),
    text(DEAD + 42, 54, "dead", { class: "muted", size: 13, "text-anchor": "end" }),
    text(478, 22, "backward: gradient ‖dJ/dW‖", { class: "two strong" }),
    arrow([716, 30], [716, 12], { class: "arrow two" }),
    text(12, 54, "layer", { class: "muted", size: 13 }),
    inside(FORWARD[0], n.inside[0]), inside(BACKWARD[0], n.inside[1]));
}

/** The powers of ten that an axis spans: few different axes, so that bars move and not their scale. */
function span(logs, [low, high], [lower, higher]) {
  return [Math.min(...logs) < low ? lower : low, Math.max(...logs) > high ? higher : high];
}

/** Grid lines and their names at some powers of ten, and the lit band. */
function ground(x, [from, to]) {
  const [low, high] = x.domain;
  const every = [2, 4, 8].find((step) => (high - low) / step <= 3.5) ?? 12;
  const count = Math.floor((high - low) / every) + 1;
  const powers = Array.from({ length: count }, (_, i) => low + every * i);
  const [left, right] = [x(Math.log10(from)), x(Math.log10(to))];
  return [
    svg("rect", { class: "lit area", x: left, y: TOP - 4, width: right - left, height: BOTTOM - TOP + 8 }),
    svg("path", {
      class: "grid", d: powers.map((k) => `M${pixels(x(k))} ${TOP - 4}V${BOTTOM + 4}`).join(""),
    }),
    powers.map((k) => text(x(k), BOTTOM + 22, k === 0 ? "1" : `1e${k}`.replace("-", "−"), {
      class: "muted", size: 13, "text-anchor": "middle",
    })),
  ];
}

function bars(x, logs, rows, height, color) {
  const d = logs.map((log, i) => {
    const [left, right] = [x.range[0], Math.max(x(log), x.range[0])];
    const [y, thick] = [pixels(rows[i] + (height - thickness(height)) / 2), pixels(thickness(height))];
    return Number.isFinite(log) ? `M${left} ${y}H${pixels(right)}v${thick}H${left}Z` : "";
  });
  return svg("path", { class: `${color} area`, d: d.join("") });
}

function forward(n, rows, height) {
  const logs = n.spread.map(Math.log10);
  const x = scale(span(logs.filter(Number.isFinite), [-6, 1], [-16, 6]), FORWARD);
  return svg("g", {},
    ground(x, HEALTHY),
    bars(x, logs, rows, height, "one"),
    rows.map((y, i) => [
      text(46, middle(y, height), i + 1, { class: "mono", size: 13, "text-anchor": "end" }),
      text(308, middle(y, height), format(n.spread[i], 2), {
        class: "mono one", size: 13, "text-anchor": "end",
      }),
    ]));
}

function middle(y, height) {
  return y + height / 2 + 4.6;
}

function shares(n, rows, height) {
  const column = (left, k) => rows.map((y, i) => {
    const share = n.layers[i][k];
    return [
      svg("rect", {
        class: "four area faint", x: left, y: y + (height - thickness(height)) / 2,
        width: 42 * share, height: thickness(height),
      }),
      text(left + 42, middle(y, height), `${Math.round(100 * share)}%`, {
        class: "mono", size: 13, "text-anchor": "end",
      }),
    ];
  });
  return svg("g", {}, column(FLAT, 2), column(DEAD, 3));
}

function backward(n, rows, height, steepest) {
  const x = scale(span(n.logs, [-8, 4], [-20, 16]), BACKWARD);
  const last = n.gradients[rows.length - 1];
  const quarter = steepest && rows.length > 1 && rows.map((y, i) =>
    [x(Math.log10(last * steepest ** (rows.length - 1 - i))), y + height / 2]);
  return svg("g", {},
    ground(x, [last / BAND, last * BAND]),
    bars(x, n.logs, rows, height, "two"),
    quarter && svg("path", { class: "bad curve dashed", d: path(quarter) }),
    quarter && text(808, 54, "dashed: a quarter a layer", {
      class: "bad", size: 13, "text-anchor": "end",
    }),
    rows.map((y, i) => text(808, middle(y, height), format(n.gradients[i], 3), {
      class: "mono two", size: 13, "text-anchor": "end",
    })));
}

function words({ numbers: n, settings, data }) {
  const { activation, depth } = settings;
  const gain = format(data.gains[settings.gain]);
  if (depth === 1) return "One layer: the first is the last, and nothing is lost on the way. Add layers.";
  if (data.steepest[activation]) return shrinks(n, depth);
  if (n.ratio >= BAND) return grows(n, gain);
  const level = `The gradients are level, first over last ${format(n.ratio)}`;
  if (n.reach < HEALTHY[0]) {
    return `${level}, and yet gain ${gain} is too small: of the inputs' spread, which is 1, layer ${depth} ` +
      `has ${format(n.reach)} left. The loss can hardly tell the 32 inputs apart.`;
  }
  if (n.reach > HEALTHY[1]) {
    return `${level}, and yet gain ${gain} is too large: the answers have grown to a spread of ` +
      `${format(n.reach)}, the gradients to ${format(Math.max(...n.gradients))}. A step along them ` +
      "throws the weights far off.";
  }
  return `Found: with ${activation} and gain ${gain} both sets of bars end in their bands, ` +
    `first gradient over last ${format(n.ratio)}, spread ${format(n.reach)}.${shut(n, depth)} ` +
    (depth < 20 ? "Add layers: fewer and fewer gains will do."
      : "Does this gain serve another activation too?");
}

function shrinks(n, depth) {
  const told = n.reach ? `of the inputs' spread, which is 1, ${format(n.reach)} is left`
    : "the answers to the 32 inputs differ by no more than rounding";
  return `The first layer's gradient is ${format(n.ratio)} of the last layer's. ` +
    `A sigmoid's slope is at most ¼, and ${depth} of them multiply to ${format(n.product)} at most; ` +
    `forward, ${told}. ` +
    "A larger gain helps a little, but none here brings the first layer into the band.";
}

function grows(n, gain) {
  const flat = Math.round(100 * n.layers[0][2]);
  return `Gain ${gain} is too large: signals grow on their way back, and the first layer's gradient is ` +
    `${format(n.ratio)} times the last layer's. Meanwhile ${flat}% of its answers are flat.`;
}

/** What is to be said of units that are off. */
function shut(n, depth) {
  const dead = Math.round(100 * n.layers[depth - 1][3]);
  return dead ? ` In the last layer ${dead}% of the units are off for all 32 inputs.` : "";
}

export default figure({ size: [820, 436], numbers, draw, words });
