// The line of logistic regression among iris petals: what it gets right, and how likely it makes them.

import { arrow, axes, figure, format, path, scale, svg, text, withSign } from "./base.js";

const EDGE = 1e-9; // as in Python
const REACH = 2.1; // the picture shows both features from -REACH to REACH
const PER_WEIGHT = 0.15; // length of the arrow for a weight of 1
const across = scale([-REACH, REACH], [52, 392]);
const upward = scale([-REACH, REACH], [372, 32]);
const NAMES = { likeliest: "most likely", most_right: "most right", no: "always “no”" };

export function numbers({ w1, w2, b, printed }, { x, y, lines }) {
  const meant = judged([w1, w2, b], x, y);
  const used = printed ? [w1, w2, -b] : [w1, w2, b];
  const { z, right, nll } = printed ? judged(used, x, y) : meant;
  const above = nll - lines.likeliest.nll;
  const count = (label) => z.filter((value, i) => y[i] === label && isYes(value) === (label === 1)).length;
  return {
    weights: [w1, w2, b],
    bias: used[2],
    z,
    right,
    percent: (right / 150) * 100,
    nll,
    above: Math.abs(above) > EDGE ? above : 0,
    sure: Math.hypot(w1, w2),
    center: probability(used[2]),
    one: count(1),
    rest: count(0),
    meant: [meant.right, meant.nll],
  };
}

function judged([w1, w2, b], x, y) {
  const z = x.map(([first, second]) => first * w1 + second * w2 + b);
  const softplus = (value) => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)));
  const losses = z.map((value, i) => softplus(value) - y[i] * value);
  return {
    z,
    right: z.filter((value, i) => isYes(value) === (y[i] === 1)).length,
    nll: losses.reduce((sum, loss) => sum + loss, 0) / x.length,
  };
}

function isYes(z) {
  return z >= -EDGE;
}

function probability(z) {
  return 1 / (1 + Math.exp(-z));
}

/** The two ends of the line w·x + b = level in the picture, in petals; none if it passes outside. */
function chord([w1, w2], b, level) {
  const square = w1 ** 2 + w2 ** 2;
  if (square === 0) return null;
  const far = (level - b) / square;
  let [from, to] = [-Infinity, Infinity];
  for (const [at, step] of [[far * w1, -w2], [far * w2, w1]]) {
    if (step === 0 && Math.abs(at) > REACH) return null;
    if (step === 0) continue;
    const ends = [(-REACH - at) / step, (REACH - at) / step].sort((p, q) => p - q);
    [from, to] = [Math.max(from, ends[0]), Math.min(to, ends[1])];
  }
  return to > from ? [from, to].map((t) => [far * w1 - t * w2, far * w2 + t * w1]) : null;
}

/** The part of the picture where w·x + b is at least `level`, as corners. */
function side([w1, w2], b, level) {
  const corners = [[-REACH, -REACH], [REACH, -REACH], [REACH, REACH], [-REACH, REACH]];
  const height = ([p, q]) => w1 * p + w2 * q + b - level;
  const found = [];
  corners.forEach((here, i) => {
    const next = corners[(i + 1) % 4];
    const [low, high] = [height(here), height(next)];
    if (low >= 0) found.push(here);
    if (low >= 0 !== high >= 0) {
      const t = low / (low - high);
      found.push([here[0] + t * (next[0] - here[0]), here[1] + t * (next[1] - here[1])]);
    }
  });
  return found;
}

function onPage([p, q]) {
  return [across(p), upward(q)];
}

function inside([p, q], margin = 0) {
  const most = REACH - margin;
  return [p, q].map((value) => Math.min(Math.max(value, -most), most));
}

/** Where the arrow begins: on the line, as near as can be to where it was taken hold of. */
function anchor(view) {
  const { settings: { w1, w2 }, numbers: { bias }, cache } = view;
  const [p, q] = cache.held ?? [0, 0];
  const square = w1 ** 2 + w2 ** 2;
  if (square === 0) return inside([p, q], 0.15);
  const off = (w1 * p + w2 * q + bias) / square;
  const foot = [p - off * w1, q - off * w2];
  const ends = chord([w1, w2], bias, 0);
  if (!ends) return inside(foot, 0.15);
  const [[p1, q1], [p2, q2]] = ends;
  const length = (p2 - p1) ** 2 + (q2 - q1) ** 2;
  const t = ((foot[0] - p1) * (p2 - p1) + (foot[1] - q1) * (q2 - q1)) / length;
  const rest = Math.min(0.15 / Math.sqrt(length), 0.5);
  const kept = Math.min(Math.max(t, rest), 1 - rest);
  return [p1 + kept * (p2 - p1), q1 + kept * (q2 - q1)];
}

function draw(view) {
  view.cache.anchor = anchor(view);
  return [surface(view), flowers(view), handles(view), table(view), profile(view)];
}

function surface({ settings: { w1, w2, printed, b }, numbers: n }) {
  const w = [w1, w2];
  const levels = [0.1, 0.3, 0.5, 0.7, 0.9].map((p) => [p, Math.log(p / (1 - p))]);
  const shades = levels.filter(([p]) => p !== 0.3 && p !== 0.7).map(([, level]) => {
    const corners = side(w, n.bias, level).map(onPage);
    return svg("path", { class: "one area faint", d: corners.length ? `${path(corners)}Z` : "" });
  });
  const contours = levels.map(([p, level]) => {
    const ends = chord(w, n.bias, level);
    if (!ends) return null;
    const kind = p === 0.5 ? "four curve" : "axis dashed";
    return svg("path", { class: kind, d: path(ends.map(onPage)) });
  });
  const meant = printed && b !== 0 ? chord(w, b, 0) : null;
  return svg("g", {}, [
    axes(across, upward, { xlabel: "petal length, standardized", ylabel: "petal width, standardized" }),
    shades, contours,
    meant ? svg("path", { class: "good curve dashed", d: path(meant.map(onPage)) }) : null,
  ]);
}

/** What stands at the lines: its probability, or what the line is. */
function tags({ settings: { w1, w2, printed, b }, numbers: n }) {
  const at = (level, bias, content, kind, below = false) => {
    const ends = chord([w1, w2], bias, level)?.map(onPage);
    if (!ends || Math.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]) < 90) return null;
    const [end, other] = (ends[0][1] <= ends[1][1]) !== below ? ends : [ends[1], ends[0]];
    const length = Math.hypot(other[0] - end[0], other[1] - end[1]);
    const t = 22 / length;
    const x = end[0] + t * (other[0] - end[0]);
    const y = end[1] + t * (other[1] - end[1]);
    return tag(x, y, content, kind);
  };
  const logit = Math.log(9);
  return [
    at(-logit, n.bias, "0.1", "muted"), at(logit, n.bias, "0.9", "muted"),
    at(0, n.bias, "0.5", "four strong"),
    printed && b !== 0 ? at(0, b, "meant", "good strong", true) : null,
  ];
}

function tag(x, y, content, kind) {
  const width = 8 * content.length + 6;
  const left = Math.min(Math.max(x, across.range[0] + width / 2), across.range[1] - width / 2);
  return svg("g", {}, [
    svg("rect", { class: "panel area", x: left - width / 2, y: y - 9, width, height: 18, rx: 3 }),
    text(left, y + 4.5, content, { class: kind, size: 13, "text-anchor": "middle" }),
  ]);
}

function flowers({ numbers: n, data: { x, y } }) {
  let [triangles, circles, crosses] = ["", "", ""];
  x.forEach((place, i) => {
    const [p, q] = onPage(place).map((value) => Math.round(value * 10) / 10);
    if (y[i] === 1) triangles += `M${p} ${q - 5}l5 8.6h-10z`;
    else circles += `M${p - 4} ${q}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`;
    if (isYes(n.z[i]) !== (y[i] === 1)) crosses += `M${p - 5} ${q - 5}l10 10m0 -10l-10 10`;
  });
  return svg("g", {}, [
    svg("path", { class: "paper area", d: circles }),
    svg("path", { class: "two area", d: triangles }),
    svg("path", { class: "bad curve", style: "stroke-width: 1.5", d: crosses }),
  ]);
}

function handles(view) {
  const { settings: { w1, w2 }, cache } = view;
  const from = onPage(cache.anchor);
  const tip = onPage(inside([cache.anchor[0] + PER_WEIGHT * w1, cache.anchor[1] + PER_WEIGHT * w2]));
  const beyond = Math.hypot(tip[0] - from[0], tip[1] - from[1]) || 1;
  const name = [0, 1].map((k) => tip[k] + (14 * (tip[k] - from[k])) / beyond);
  const target = ([cx, cy], drag) => svg("circle", { cx, cy, r: 15, opacity: 0, "data-drag": drag });
  return svg("g", {}, [
    tags(view),
    arrow(from, tip, { class: "arrow four" }),
    text(name[0], name[1] + 5, "w", { class: "four strong", "text-anchor": "middle" }),
    svg("circle", { class: "four area", cx: from[0], cy: from[1], r: 7 }),
    target(from, "line"), target(tip, "tip"),
  ]);
}

function table({ numbers: n, data: { lines } }) {
  const left = 440;
  const counts = scale([60, 125], [540, 612]);
  const losses = scale([0.55, 0.75], [676, 748]);
  const entries = [["your line", n, "four"]];
  for (const [name, line] of Object.entries(lines)) entries.push([NAMES[name], line, "wire"]);
  return svg("g", {}, [
    text(counts(60), 32, "right, of 150", { class: "strong" }),
    text(losses(0.55), 32, "mean NLL", { class: "strong" }),
    entries.map(([name, { right, nll }, color], i) => {
      const y = 56 + 26 * i;
      const own = color === "four";
      return [
        text(left, y + 5, name, { class: own ? "four strong" : "" }),
        mark(counts, y, right, own), mark(losses, y, nll, own),
        text(counts(125) + 12, y + 5, format(right), { class: "mono" }),
        text(losses(0.75) + 12, y + 5, format(nll), { class: "mono" }),
      ];
    }),
  ]);
}

/** A dot on its rail; at an end of it, a tip that points to where the value lies. */
function mark(map, y, value, own) {
  const [low, high] = map.domain;
  const x = map(Math.min(Math.max(value, low), high));
  const color = own ? "four" : "one";
  const out = Math.sign(value - Math.min(Math.max(value, low), high));
  const shape = out
    ? svg("path", { class: `${color} area`, d: `M${x - 5 * out} ${y - 6}l${11 * out} 6l${-11 * out} 6z` })
    : svg("circle", { class: `${color} area`, cx: x, cy: y, r: own ? 7 : 4.5 });
  return [svg("path", { class: "axis", d: path([[map(low), y], [map(high), y]]) }), shape];
}

/** The probability surface seen along the line: only wᵀx + b counts. */
function profile({ settings: { printed }, numbers: n, data: { y } }) {
  const x = scale([-6, 6], [474, 806]);
  const p = scale([0, 1], [372, 214]);
  const curve = Array.from({ length: 61 }, (_, i) => [x(i / 5 - 6), p(probability(i / 5 - 6))]);
  let [ones, rest] = ["", ""];
  n.z.forEach((z, i) => {
    const at = Math.round(x(Math.min(Math.max(z, -6), 6)) * 10) / 10;
    if (y[i] === 1) ones += `M${at} ${p(1)}v14`;
    else rest += `M${at} ${p(0)}v-14`;
  });
  return svg("g", {}, [
    axes(x, p, {
      xlabel: printed ? "wᵀx − b" : "wᵀx + b", ylabel: "p from the side: it climbs along w",
      yticks: [[0, "0"], [0.5, "½"], [1, "1"]],
    }),
    svg("path", { class: "four curve dashed", d: path([[x(0), p(0)], [x(0), p(1)]]) }),
    svg("path", { class: "wire curve", d: rest }),
    svg("path", { class: "two curve", d: ones }),
    svg("path", { class: "one curve", d: path(curve) }),
    text(x(-5.9), p(1) + 32, "versicolor hang above", { class: "two", size: 13 }),
    text(x(5.9), p(0) - 22, "the rest stand below", { class: "muted", size: 13, "text-anchor": "end" }),
  ]);
}

function words({ settings: { w1, w2, b, printed }, numbers: n, data: { lines } }) {
  const { likeliest, most_right: best } = lines;
  const nll = format(n.nll);
  if (w1 === 0 && w2 === 0) {
    return `Without w the petals do not count: every flower gets p = ${format(n.center)}, and no line ` +
      `parts them. The best such p is 1/3, the share of versicolor, with an NLL of ${format(lines.no.nll)}.`;
  }
  if (printed) {
    if (b === 0) return "With b = 0 the slide's formula and σ(wᵀx + b) are the same. Move b, and they part.";
    return "exp(−wᵀx + b) is exp(−(wᵀx − b)): b has changed its sign, and the line has jumped to the other " +
      `side of the origin. It gets ${n.right} right in place of ${n.meant[0]}, and the NLL is ` +
      `${nll} in place of ${format(n.meant[1])}.`;
  }
  if (n.above < 1e-4) {
    return `The most likely line: no other has an NLL below ${format(likeliest.nll)}. It gets ` +
      `${n.right} of 150 right, fewer than the 100 of always saying “no”. Likelihood is not accuracy.`;
  }
  if (n.right === best.right) {
    return `${n.right} of 150: no line gets more right. Yet its NLL of ${nll} is ` +
      `${format(n.above)} above the least, and 29 flowers stay wrong: no line is good here.`;
  }
  const rank = n.right < 100 ? "fewer than" : n.right === 100 ? "just as many as" : "more than";
  return `Your line gets ${n.right} of 150 right, ${rank} the 100 of always saying “no”. ` +
    `Its NLL is ${nll}, ${format(n.above)} above the least. ` +
    (n.right > likeliest.right
      ? "Press “Maximum likelihood”: which of the two numbers gains?"
      : `Some line gets ${best.right} right: can you find it?`);
}

function put({ line: [w1, w2, b] }) {
  return { w1, w2, b, printed: false };
}

function drag(name, x, y, { settings, cache }) {
  const limit = (value, most) => Math.round(Math.min(Math.max(value, -most), most) * 100) / 100;
  const place = inside([across.back(x), upward.back(y)]);
  const sign = settings.printed ? -1 : 1;
  const through = (w1, w2, [p, q]) => ({ w1, w2, b: limit(-sign * (w1 * p + w2 * q), 8) });
  if (name === "line") {
    cache.held = place;
    return through(settings.w1, settings.w2, place);
  }
  cache.held = cache.anchor;
  const [w1, w2] = [0, 1].map((k) => limit((place[k] - cache.anchor[k]) / PER_WEIGHT, 5));
  return through(w1, w2, cache.anchor);
}

const actions = {
  likeliest: ({ data }) => put(data.lines.likeliest),
  most_right: ({ data }) => put(data.lines.most_right),
};

export default figure({ size: [820, 420], numbers, draw, words, drag, actions });
