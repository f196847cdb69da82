// The tug-of-war of the logits: softmax, its cross-entropy, and the error signals on a rope.

import { arrow, boxed, figure, format, path, scale, svg, text, withSign } from "./base.js";

const [NUDGE, SHIFT, LIMIT] = [0.1, 1000, 6];
const COLORS = ["one", "two", "three"];
const SUBSCRIPTS = ["₁", "₂", "₃"];

export function numbers({ z1, z2, z3, true: name, far }) {
  const z = [z1, z2, z3].map((value) => value + (far ? SHIFT : 0));
  const t = Number(name) - 1;
  const p = softmaxOf(z);
  const loss = lossOf(z, t);
  const delta = p.map((value, k) => (k === t ? -others(p, t) : value));
  const total = delta[0] + delta[1] + delta[2];
  const powers = z.map(Math.exp);
  const whole = powers[0] + powers[1] + powers[2];
  return {
    z,
    p,
    loss,
    delta,
    sum: Math.abs(total) < 1e-12 ? 0 : total,
    missing: others(p, t),
    source: delta.map((value, k) => (k === t ? value : 0)),
    source_sum: delta[t],
    nudged: z.map((_, k) => lossOf(z.map((value, i) => (i === k ? value + NUDGE : value)), t) - loss),
    after: lossOf(z.map((value, k) => value - delta[k]), t),
    naive: powers.map((power) => power / whole),
  };
}

/** The largest logit is subtracted first: no power is larger than 1. */
function softmaxOf(z) {
  const top = Math.max(...z);
  const powers = z.map((value) => Math.exp(value - top));
  const whole = powers[0] + powers[1] + powers[2];
  return powers.map((power) => power / whole);
}

function lossOf(z, t) {
  const top = Math.max(...z);
  return Math.log(z.reduce((sum, value) => sum + Math.exp(value - top), 0)) - (z[t] - top);
}

function others(p, t) {
  return p.reduce((sum, value, k) => (k === t ? sum : sum + value), 0);
}

function draw({ numbers: n, settings }) {
  const t = Number(settings.true) - 1;
  return [heads(), [0, 1, 2].map((k) => row(n, k, t, settings)), rope(n, t),
    settings.source ? claim(n, t) : [], formula(n, settings.far)];
}

function heads() {
  const head = (x, content) => text(x, 22, content, { class: "muted", size: 13, "text-anchor": "middle" });
  return [head(148, "logit z"), head(292, "probability p"), head(500, "◂ down · pull · up ▸"),
    head(738, "error signal δ")];
}

function row(n, k, t, { source, far }) {
  const y = 58 + 56 * k;
  const pull = scale([-1, 1], [350, 650]);
  const bar = scale([0, 1], [212, 332]);
  const end = pull(-n.delta[k]);
  const color = COLORS[k];
  return [
    text(12, y + 5, `${k === t ? "★ " : ""}class ${k + 1}`, { class: k === t ? `${color} strong` : color }),
    boxed("value", 148, y, `z${SUBSCRIPTS[k]} = ${format(n.z[k], far ? 6 : 4)}`),
    svg("rect", { class: "panel area", x: 212, y: y - 9, width: 120, height: 18 }),
    svg("rect", { class: `${color} area`, x: 212, y: y - 9, width: bar(n.p[k]) - 212, height: 18 }),
    text(272, y + 25, format(n.p[k]), { class: "mono", size: 13, "text-anchor": "middle" }),
    svg("path", { class: "grid", d: path([[500, y - 22], [500, y + 26]]) }),
    Math.abs(end - 500) > 1 ? arrow([500, y], [end, y], { class: `arrow ${color}` })
      : svg("circle", { class: `${color} area`, cx: 500, cy: y, r: 3 }),
    boxed("signal", 738, y, withSign(n.delta[k])),
    source ? text(738, y + 27, `source: ${k === t ? withSign(n.source[k]) : "0 ✗"}`, {
      class: k === t ? "muted" : "bad", size: 13, "text-anchor": "middle",
    }) : [],
  ];
}

/** Both sides of the rope: the wrong classes one behind the other, and the true one. */
function rope(n, t) {
  const y = 258;
  const long = 300; // of a whole probability
  let left = 410;
  const pieces = [0, 1, 2].filter((k) => k !== t).map((k) => {
    const width = long * n.p[k];
    left -= width;
    return piece(left, width, y, k, `class ${k + 1}`);
  });
  return [
    text(12, 226, "the rope", { class: "strong" }),
    text(400, 226, "wrong classes have too much", { "text-anchor": "end", size: 13 }),
    text(420, 226, `the true class lacks ${format(n.missing)}`, { size: 13 }),
    svg("path", { class: "wire curve", d: path([[100, y], [720, y]]) }),
    pieces, piece(410, long * n.missing, y, t, `★ class ${t + 1}`),
    svg("path", { class: "axis", d: path([[410, y - 22], [410, y + 22]]) }),
    text(808, y - 32, `sum of δ: ${format(n.sum)} ✓`, { class: "good strong", "text-anchor": "end", size: 13 }),
  ];
}

function piece(x, width, y, k, name) {
  return [
    svg("rect", { class: `${COLORS[k]} area`, x, y: y - 10, width, height: 20 }),
    width > 60 ? text(x + width / 2, y + 26, name, {
      class: COLORS[k], size: 13, "text-anchor": "middle",
    }) : [],
  ];
}

/** The rope as the source has it: nobody holds its other end. */
function claim(n, t) {
  const y = 320;
  return [
    text(12, y + 5, "the source's", { class: "bad" }),
    svg("path", { class: "bad curve dashed", d: path([[110, y], [410, y]]) }),
    text(260, y - 8, "nobody pulls here", { class: "bad", size: 13, "text-anchor": "middle" }),
    svg("rect", { class: `${COLORS[t]} area`, x: 410, y: y - 10, width: 300 * n.missing, height: 20 }),
    svg("path", { class: "axis", d: path([[410, y - 18], [410, y + 18]]) }),
    text(808, y - 16, `sum of δ: ${format(n.source_sum)} ✗`, {
      class: "bad strong", "text-anchor": "end", size: 13,
    }),
  ];
}

function formula(n, far) {
  const list = (values) => values.map((value) => format(value)).join(", ");
  const y = 378;
  return [
    text(12, y, `loss −ln p(★) = ${format(n.loss)}`, { class: "strong" }),
    text(808, y, `exp(z) / Σ exp(z), as written: ${list(n.naive)}`, {
      class: far ? "bad strong" : "muted", size: 13, "text-anchor": "end",
    }),
  ];
}

function words({ numbers: n, settings: { true: name, source, far } }) {
  const t = Number(name) - 1;
  const wrong = [0, 1, 2].filter((k) => k !== t);
  if (source) {
    const k = n.p[wrong[0]] >= n.p[wrong[1]] ? wrong[0] : wrong[1];
    return "Adding the same number to all logits changes nothing, so the sum of δ must be 0; what the source " +
      `leaves adds up to ${format(n.source_sum)}. Ask the loss itself: ${NUDGE} more in z${SUBSCRIPTS[k]} ` +
      `raises it by ${format(n.nudged[k])}, so the wrong class does pay.`;
  }
  if (far) {
    return "1,000 more in every logit, and nothing moves: only differences count. But exp of so large a number " +
      "is inf, and inf / inf is nan. That is why the largest logit is subtracted first.";
  }
  if (n.missing < 0.01) {
    return `The true class has ${format(n.p[t])} and lacks only ${format(n.missing)}: hardly anybody pulls any ` +
      "more. Choose another true class, and all of it turns round.";
  }
  const shares = wrong.map((k) => format(n.delta[k])).join(" and ");
  return `Class ${name} lacks ${format(n.missing)} and is pulled up by just that much; the wrong classes, ` +
    `${shares}, share out exactly the same. One step downhill takes the loss from ${format(n.loss)} to ` +
    `${format(n.after)}.`;
}

const actions = {
  descend({ numbers: { delta }, settings: { z1, z2, z3 } }) {
    const [a, b, c] = [z1, z2, z3].map((z, k) => Math.min(Math.max(z - delta[k], -LIMIT), LIMIT));
    return { z1: a, z2: b, z3: c };
  },
};

export default figure({ size: [820, 394], numbers, draw, words, actions });
