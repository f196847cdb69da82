// The index microscope: what one entry of W touches, forward in z and backward in its gradient.

import { figure, format, svg, text, withSign } from "./base.js";

export function numbers({ i, j, nudge, batch }, { W, b, inputs, signals }) {
  const [row, column] = [i - 1, j - 1];
  const nudged = W.map((line, k) => line.map((w, l) => (k === row && l === column ? w + nudge : w)));
  const [a, delta] = [inputs.slice(0, batch), signals.slice(0, batch)];
  const layer = (weights, x) =>
    weights.map((line, k) => line.reduce((sum, w, l) => sum + w * x[l], 0) + b[k]);
  const z = a.map((x) => layer(nudged, x));
  const before = a.map((x) => layer(W, x));
  const products = a.map((x, n) => delta[n][row] * x[column]);
  const total = delta.map((signal) => signal.reduce((sum, value) => sum + value, 0));
  const over = (product) => a.reduce((sum, _, n) => sum + product(n), 0) / batch;
  return {
    W: nudged,
    a,
    z,
    change: z.map((line, n) => line.map((value, k) => value - before[n][k])),
    slopes: a.map((x) => W.map((_, k) => (k === row ? x[column] : 0))),
    signals: delta,
    products,
    entry: over((n) => products[n]),
    gradient: W.map((line, k) => line.map((_, l) => over((n) => delta[n][k] * a[n][l]))),
    wrong_slopes: a.map((x) => W.map(() => x[column])),
    wrong_gradient: W.map((line) => line.map((_, l) => over((n) => total[n] * a[n][l]))),
  };
}

const SUBSCRIPTS = "₀₁₂₃₄";
const sub = (...indices) => indices.map((index) => SUBSCRIPTS[index]).join("");
const transposed = (matrix) => matrix[0].map((_, k) => matrix.map((line) => line[k]));
const [TOP, TALL] = [44, 132]; // where the matrices of the upper half begin, and how tall they are

function draw(view) {
  return [forward(view), backward(view), wrong(view)];
}

/**
 * A matrix of cells; `look(k, l)` gives a cell's class, that of its text, a second line of text and,
 * if it can be clicked, the settings to change. Other cells of one class are one path.
 */
function matrix(rows, { x, y, width, height }, look = () => ({})) {
  const [places, outlines, texts] = [[], {}, []];
  rows.forEach((line, k) => line.forEach((content, l) => {
    const { kind = "paper area", ink = "", below = null, sets = null } = look(k, l);
    const [left, top] = [x + l * width, y + k * height];
    const middle = top + height / 2 + 4.5 - (below === null ? 0 : 8);
    const put = (at, words, color) => texts.push(text(left + width / 2, at, words, {
      class: `mono ${color}`, "text-anchor": "middle", size: 13, "pointer-events": "none",
    }));
    if (sets) {
      const target = { "data-set": JSON.stringify(sets), x: left, y: top, width, height };
      places.push(svg("rect", { class: kind, ...target }));
    } else {
      outlines[kind] = `${outlines[kind] ?? ""}M${left} ${top}h${width}v${height}h${-width}z`;
    }
    put(middle, content, ink);
    if (below !== null) put(middle + 17, below, below === "+0" ? "muted" : "strong two");
  }));
  return [places, Object.entries(outlines).map(([kind, d]) => svg("path", { class: kind, d })), texts];
}

/** A thick frame around cells: what the chosen entry touches. */
function frame({ x, y, width, height }, k, l, rows = 1, columns = 1, color = "two") {
  return svg("rect", {
    class: `${color} curve`, x: x + l * width, y: y + k * height,
    width: columns * width, height: rows * height,
  });
}

function forward(view) {
  const { numbers: n, settings: { i, j, nudge, batch } } = view;
  const tall = { y: TOP, height: TALL / 3 };
  const w = { x: 40, width: 46, ...tall };
  const a = { x: 252, y: TOP, width: 36, height: TALL / 4 };
  const bias = { x: a.x + 36 * batch + 24, width: 46, ...tall };
  const z = { x: bias.x + 46 + 24, width: 58, ...tall };
  const slope = { x: z.x + 58 * batch + 40, width: 40, ...tall };
  const [changes, slopes] = [transposed(n.change), transposed(n.slopes)];
  const sign = (x, mark) => text(x, TOP + TALL / 2 + 5, mark, { "text-anchor": "middle", size: 16 });
  const over = (place, columns, words) =>
    text(place.x + (place.width * columns) / 2, TOP - 28, words, {
      "text-anchor": "middle", class: "strong",
    });
  const column = (place, k, words, color) =>
    text(place.x + (k - 0.5) * place.width, TOP - 8, words, {
      class: color, "text-anchor": "middle", size: 13,
    });
  const row = (place, k, words, color) =>
    text(place.x - 5, TOP + (k - 0.5) * place.height + 4.5, words, {
      class: color, "text-anchor": "end", size: 13,
    });
  const weights = svg("g", {}, matrix(cells(n.W), w, (k, l) => ({
    sets: { i: k + 1, j: l + 1 },
    below: k === i - 1 && l === j - 1 ? withSign(nudge) : null,
    kind: k === i - 1 || l === j - 1 ? "panel area" : "paper area",
  })));
  // A redraw under a resting mouse is no pointing: the mouse has to move.
  weights.addEventListener("pointermove", (event) => {
    const cell = event.target.closest("[data-set]");
    if (!cell || !(event.movementX || event.movementY)) return;
    const pointed = JSON.parse(cell.dataset.set);
    if (pointed.i !== view.settings.i || pointed.j !== view.settings.j) view.set(pointed);
  });
  return svg("g", {}, [
    over(w, 4, "W"), over(a, batch, "a"), over(bias, 1, "b"), over(z, batch, "z"),
    over(slope, batch, `dz / dW${sub(i, j)}`),
    weights,
    column(w, j, `j = ${j}`, "two"), row(w, i, `i = ${i}`, "two"),
    sign(w.x + 184 + 11, "·"), sign(bias.x - 12, "+"), sign(z.x - 12, "="),
    matrix(cells(transposed(n.a)), a, () => ({ kind: "value", ink: "value-text" })),
    row(a, j, `a${sub(j)}`, "two"),
    matrix(cells(view.data.b.map((entry) => [entry])), bias),
    matrix(cells(transposed(n.z)), z, (k, l) => ({
      kind: "value", ink: "value-text", below: withSign(changes[k][l]),
    })),
    matrix(cells(slopes), slope, (k) => ({
      kind: k === i - 1 ? "lit area" : "paper area", ink: k === i - 1 ? "strong" : "muted",
    })),
    [1, 2, 3].map((k) => row(slope, k, `z${sub(k)}`, k === i ? "two strong" : "muted")),
    batch === 1 ? null
      : [a, z, slope].map((place) => n.a.map((_, k) => column(place, k + 1, `n=${k + 1}`, "muted"))),
    frame(w, i - 1, j - 1), frame(a, j - 1, 0, 1, batch), frame(z, i - 1, 0, 1, batch),
    frame(slope, i - 1, 0, 1, batch),
  ]);
}

function cells(rows) {
  return rows.map((line) => line.map((x) => format(x, 3)));
}

const [ROWS, LOW] = [{ y: 240, height: 26 }, { y: 324, height: 30 }]; // of a above δ_W; of δ_W

function backward({ numbers: n, settings: { i, j, batch, filled } }) {
  const signal = { x: 40 + (3 - batch) * 48, width: 48, ...LOW };
  const a = { x: 196, width: 60, y: ROWS.y + (3 - batch) * ROWS.height, height: ROWS.height };
  const gradient = { x: 196, width: 60, ...LOW };
  const chosen = (k, l) => k === i - 1 && l === j - 1;
  const shown = (k, l) => chosen(k, l) || 4 * k + l < filled;
  const entries = cells(n.gradient).map((line, k) => line.map((x, l) => (shown(k, l) ? x : "·")));
  const name = batch > 1 ? "the mean of δ_z aᵀ over the batch" : "δ_z aᵀ";
  return svg("g", {}, [
    text(12, 218, `back: δ_W is ${name}`, { class: "strong" }),
    matrix(cells(transposed(n.signals)), signal, () => ({ kind: "signal", ink: "signal-text" })),
    matrix(cells(n.a), a, () => ({ kind: "value", ink: "value-text" })),
    matrix(entries, gradient, (k, l) => ({
      sets: { i: k + 1, j: l + 1 },
      kind: shown(k, l) ? "signal" : "paper area", ink: shown(k, l) ? "signal-text" : "muted",
    })),
    text(signal.x + 24 * batch, LOW.y - 8, "δ_z", { class: "muted", "text-anchor": "middle", size: 13 }),
    text(a.x - 8, a.y + batch * 13 + 4.5, "aᵀ", { class: "muted", "text-anchor": "end", size: 13 }),
    frame(signal, i - 1, 0, 1, batch), frame(a, 0, j - 1, batch), frame(gradient, i - 1, j - 1),
    text(12, 436, sum(n, i, j, batch), { class: "mono", size: 13 }),
  ]);
}

/** How δ_W_ij comes about, in numbers. */
function sum(n, i, j, batch) {
  const factor = (x) => (x < 0 ? `(${format(x)})` : format(x));
  const terms = n.a.map((x, k) => `${factor(n.signals[k][i - 1])}·${factor(x[j - 1])}`).join(" + ");
  const mean = batch > 1 ? `(${terms}) / ${batch}` : terms;
  return `δ_W${sub(i, j)} = ${mean} = ${format(n.entry)}`;
}

function wrong({ numbers: n, settings: { i, j, batch } }) {
  const slope = { x: 466 + (3 - batch) * 17, width: 34, ...LOW };
  const gradient = { x: 582, width: 56, ...LOW };
  const over = (place, middle, words) =>
    text(place.x + middle, LOW.y - 12, words, { class: "muted", "text-anchor": "middle", size: 13 });
  return svg("g", {}, [
    text(466, 218, "wrong: every z depends on all of W", { class: "strong bad" }),
    text(466, 242, `then dz / dW${sub(i, j)} would have no 0,`, { class: "muted", size: 13 }),
    text(466, 262, "and all rows of δ_W would be alike", { class: "muted", size: 13 }),
    over(slope, 17 * batch, `dz / dW${sub(i, j)}`), over(gradient, 112, "δ_W"),
    matrix(cells(transposed(n.wrong_slopes)), slope),
    matrix(cells(n.wrong_gradient), gradient),
    svg("rect", { class: "bad curve dashed", x: slope.x, y: LOW.y, width: 34 * batch, height: 90 }),
    svg("rect", { class: "bad curve dashed", x: gradient.x, y: LOW.y, width: 224, height: 90 }),
  ]);
}

function words({ numbers: n, settings: { i, j, nudge, batch, filled } }) {
  const [weight, others] = [`W${sub(i, j)}`, [1, 2, 3].filter((k) => k !== i).map((k) => `z${sub(k)}`)];
  const still = `${others.join(" and ")} do not change at all`;
  const moved = n.change.map((line) => withSign(line[i - 1]));
  const each = batch > 1 ? ` (item by item: ${moved.join(", ")})` : ` by ${moved[0]}`;
  const meets = batch > 1 ? `meets a${sub(j)}` : `meets a${sub(j)} = ${format(n.a[0][j - 1])}`;
  const inert = n.a.every((x) => x[j - 1] === 0);
  const first =
    inert ? `${weight} meets a${sub(j)} = 0: however you nudge it, no z moves, and its gradient is 0. `
    : nudge === 0 ? `Nudge ${weight} and watch z: it meets a${sub(j)} and flows into z${sub(i)} alone. `
    : `A nudge of ${withSign(nudge)} in ${weight} ${meets} and moves z${sub(i)}${each}; ${still}. `;
  const mean = batch > 1 ? ", the mean over the batch" : "";
  const entry = inert ? "" : `So δ_${weight} is δ_z${sub(i)} times a${sub(j)}${mean}: ${format(n.entry)}. `;
  const full = "With all twelve entries filled you have the outer product of δ_z and a.";
  return first + entry + (filled === 12 && batch === 1 ? full : "");
}

/** Filling goes along with looking: the last entry filled is the one that is chosen. */
function changed(name, view) {
  const last = view.settings.filled - 1;
  if (name === "filled" && last >= 0) view.set({ i: Math.floor(last / 4) + 1, j: (last % 4) + 1 });
}

export default figure({ size: [820, 448], numbers, draw, words, changed });
