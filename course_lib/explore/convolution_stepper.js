// The convolution stepper: a window slides over X; what it does forward, error signals undo backward.

import { figure, format, path, svg, text } from "./base.js";

const [FORWARD, FILTER] = ["forward", "gradient of the filter"];
const NOT_YET = "·";
const [MIDDLE, TALL] = [160, 210]; // of the tables

export function numbers(settings, data) {
  const { X, F, delta: signals } = data[settings.size];
  const { stride, padding, mode, mistake } = settings;
  const geometry = { stride, padding, rows: X.length, columns: X[0].length, kh: F.length, kw: F[0].length };
  const O = slide(X, F, geometry);
  const [oh, ow] = [O.length, O[0].length];
  const step = Math.min(settings.step, oh * ow) - 1;
  const pixel = Math.min(settings.pixel, X.length * X[0].length) - 1;
  const [i, j] = [Math.floor(step / ow), step % ow];
  const [row, column] = [Math.floor(pixel / X[0].length), pixel % X[0].length];
  const delta = grid(oh, ow, (a, b) => signals[a][b]);
  const done = (value, a, b) => (a * ow + b <= step ? value : 0);
  const [top, left] = [i * stride - padding, j * stride - padding];
  const patch = grid(F.length, F[0].length, (k, l) => at(X, top + k, left + l));
  const weights = grid(oh, ow, (a, b) =>
    F[row + padding - a * stride]?.[column + padding - b * stride] ?? NOT_YET);
  const found = {
    X, F, patch, weights,
    window: [i + 1, j + 1],
    pixel: [row + 1, column + 1, X[row][column]],
    outputs: weights.flat().filter((weight) => weight !== NOT_YET).length,
  };
  let wrong;
  if (mode === FORWARD) {
    const soFar = (all) => grid(oh, ow, (a, b) => (a * ow + b <= step ? all[a][b] : NOT_YET));
    found.O = soFar(O);
    wrong = soFar(slide(X, turned(F), geometry));
  } else if (mode === FILTER) {
    found.delta = delta;
    found.share = patch.map((line) => line.map((x) => delta[i][j] * x));
    found.grad_F = toFilter(X, mapped(delta, done), geometry);
    wrong = toFilter(X, mapped(turned(delta), done), geometry);
  } else {
    found.delta = delta;
    found.laid = F.map((line) => line.map((weight) => delta[i][j] * weight));
    found.grad_X = toInput(F, mapped(delta, done), geometry);
    found.arrived = found.grad_X[row][column];
    wrong = toInput(turned(F), mapped(delta, done), geometry);
  }
  return mistake ? { ...found, wrong } : found;
}

function grid(rows, columns, entry) {
  return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => entry(i, j)));
}

function mapped(array, change) {
  return array.map((line, i) => line.map((value, j) => change(value, i, j)));
}

/** An entry, or the 0 of the padding. */
function at(array, i, j) {
  return array[i]?.[j] ?? 0;
}

function turned(array) {
  return [...array].reverse().map((line) => [...line].reverse());
}

function slide(X, F, { stride, padding, rows, columns, kh, kw }) {
  const [oh, ow] = [rows, columns].map((n, axis) =>
    Math.floor((n + 2 * padding - (axis ? kw : kh)) / stride) + 1);
  return grid(oh, ow, (i, j) => {
    let sum = 0;
    F.forEach((line, k) => line.forEach((weight, l) => {
      sum += weight * at(X, i * stride + k - padding, j * stride + l - padding);
    }));
    return sum;
  });
}

function toFilter(X, delta, { stride, padding, kh, kw }) {
  return grid(kh, kw, (k, l) => {
    let sum = 0;
    delta.forEach((line, i) => line.forEach((signal, j) => {
      sum += signal * at(X, i * stride + k - padding, j * stride + l - padding);
    }));
    return sum;
  });
}

function toInput(F, delta, { stride, padding, rows, columns }) {
  return grid(rows, columns, (row, column) => {
    let sum = 0;
    delta.forEach((line, i) => line.forEach((signal, j) => {
      sum += signal * at(F, row + padding - i * stride, column + padding - j * stride);
    }));
    return sum;
  });
}

/** Sliders end where the windows and the pixels do. */
function limits(settings, data) {
  const { weights, X } = numbers(settings, data);
  return { step: weights.flat().length, pixel: X.flat().length };
}

function draw(view) {
  const { numbers: n, settings } = view;
  const parts = blocks(n, settings).map((part) => {
    const around = 2 * (part.ring ?? 0);
    return { ...part, wide: part.rows[0].length + around, high: part.rows.length + around };
  });
  const sum = (name) => parts.reduce((total, part) => total + part[name], 0);
  const highest = Math.max(...parts.map((part) => part.high));
  const cell = Math.floor(Math.min(60, (796 - sum("gap")) / sum("wide"), TALL / highest));
  let left = (820 - cell * sum("wide") - sum("gap")) / 2;
  const drawn = parts.map((part) => {
    left += part.gap;
    const sign = text(left - part.gap / 2, MIDDLE + 7, part.sign ?? "", {
      "text-anchor": "middle", class: "strong", size: 20,
    });
    const made = table(part, left, MIDDLE - (cell * part.high) / 2, cell);
    left += cell * part.wide;
    return [sign, made];
  });
  return [drawn, sentences(n, settings).map((line, k) => text(410, 310 + 26 * k, line, {
    class: `mono ${settings.mode === FORWARD ? "value" : "signal"}-text`, "text-anchor": "middle",
    size: line.length > 84 ? 13 : 15,
  }))];
}

/** What stands side by side: titles, entries, frames. */
function blocks(n, { mode, stride, padding, mistake }) {
  const [i, j] = n.window.map((place) => place - 1);
  const [row, column] = n.pixel.map((place) => place - 1);
  const window = { row: i * stride, column: j * stride, high: n.F.length, wide: n.F[0].length };
  const touched = (a, b) => n.weights[a][b] !== NOT_YET;
  const own = (a, b) => a === row && b === column;
  const outputs = { frame: { row: i, column: j, high: 1, wide: 1 }, lit: touched, steps: true };
  const X = { title: "input X", kind: "value", rows: n.X, ring: padding, frame: window, pixel: own, gap: 34 };
  const F = { title: "filter F", kind: "value", rows: n.F };
  const weights = { title: "pixel's weights", kind: "paper", rows: n.weights, gap: 58, lit: touched };
  const wrong = (title, right) => mistake ? [{
    title, kind: "paper", rows: n.wrong, gap: 58, differs: (a, b) => n.wrong[a][b] !== right[a][b],
  }] : [];
  if (mode === FORWARD) {
    return [
      { ...F, gap: 0 }, { ...X, sign: "⋆" },
      { ...outputs, title: "output O", kind: "value", rows: n.O, gap: 34, sign: "=" },
      weights, ...wrong("✗ F turned", n.O),
    ];
  }
  const delta = { ...outputs, title: "δ of O", kind: "signal", rows: n.delta, gap: 0 };
  if (mode === FILTER) {
    return [
      delta, { ...X, sign: "·" },
      { title: "share", kind: "signal", rows: n.share, gap: 34, sign: "=" },
      { title: "δ of F so far", kind: "signal", rows: n.grad_F, gap: 58, sign: "→" },
      ...wrong("✗ δ turned", n.grad_F),
    ];
  }
  return [
    delta, { ...F, gap: 34, sign: "·" },
    { ...X, title: "δ of X so far", kind: "signal", rows: n.grad_X, gap: 46, sign: "→" },
    weights, ...wrong("✗ F unturned", n.grad_X),
  ];
}

function table({ title, kind, rows, ring = 0, frame, pixel, lit, differs, steps }, left, top, cell) {
  const [high, wide] = [rows.length, rows[0].length];
  const size = cell < 30 ? 13 : cell < 44 ? 15 : 18;
  const square = (className, a, b, inset = 0) => svg("rect", {
    class: className, x: left + cell * (b + ring) + inset, y: top + cell * (a + ring) + inset,
    width: cell - 2 * inset, height: cell - 2 * inset,
  });
  const cells = mapped(rows, (value, a, b) => {
    const [mine, yellow] = [pixel?.(a, b), pixel?.(a, b) || lit?.(a, b)];
    const color = differs?.(a, b) ? "bad strong" : kind === "paper" || yellow ? "" : `${kind}-text`;
    const chosen = { [pixel ? "pixel" : "step"]: a * wide + b + 1 };
    return svg("g", { "data-set": (pixel || steps) && JSON.stringify(chosen) },
      square(kind === "paper" ? "paper area" : kind, a, b),
      yellow ? square("lit area", a, b, 2) : [],
      mine ? square("four curve dotted", a, b, 4) : [],
      text(left + cell * (b + ring + 0.5), top + cell * (a + ring + 0.5) + 0.36 * size,
        typeof value === "number" ? format(value) : value,
        { class: `mono ${color}`, "text-anchor": "middle", size }));
  });
  return svg("g", {},
    text(left + (cell * (wide + 2 * ring)) / 2, top - 12, title, { "text-anchor": "middle" }),
    ring ? svg("path", { class: "grid dashed", d: ringLines(left, top, cell, high, wide) }) : [],
    cells,
    frame ? svg("rect", {
      class: "one curve", style: "stroke-width: 3.4", "pointer-events": "none",
      x: left + cell * frame.column, y: top + cell * frame.row,
      width: cell * frame.wide, height: cell * frame.high,
    }) : []);
}

/** The ring of padding around a table. */
function ringLines(left, top, cell, high, wide) {
  const [right, bottom] = [left + cell * (wide + 2), top + cell * (high + 2)];
  const lines = [[[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]];
  for (let k = 1; k <= wide + 1; k++) {
    lines.push([[left + cell * k, top], [left + cell * k, bottom]]);
  }
  for (let k = 1; k <= high + 1; k++) lines.push([[left, top + cell * k], [right, top + cell * k]]);
  return lines.map(path).join("");
}

/** The arithmetic of this step, spelled out, and what has gathered. */
function sentences(n, { mode, stride, padding }) {
  const [i, j] = n.window.map((place) => place - 1);
  const [row, column] = n.pixel;
  if (mode === FORWARD) {
    const terms = n.patch.flatMap((line, k) => line.map((x, l) => product(x, n.F[k][l])));
    return [`O(${i + 1}, ${j + 1}) = ${terms.join(" + ")} = ${format(n.O[i][j])}`];
  }
  const signal = format(n.delta[i][j]);
  const width = n.delta[0].length;
  const arrived = (other) => n.delta.flatMap((line, a) => line.flatMap((delta, b) =>
    a * width + b <= i * width + j && other(a, b) !== NOT_YET ? [product(delta, other(a, b))] : []));
  if (mode === FILTER) {
    const terms = arrived((a, b) => at(n.X, a * stride - padding, b * stride - padding));
    return [
      `δ of F += ${signal} · (the patch in the window)`,
      `δ of F(1, 1) so far: ${total(terms, n.grad_F[0][0])}`,
    ];
  }
  return [
    `δ of X += ${signal} · F, laid over the window`,
    `δ of X(${row}, ${column}) so far: ${total(arrived((a, b) => n.weights[a][b]), n.arrived)}`,
  ];
}

function total(terms, sum) {
  if (!terms.length) return "nothing";
  return `${terms.length > 9 ? "… + " : ""}${terms.slice(-9).join(" + ")} = ${format(sum)}`;
}

function product(a, b) {
  return `${format(a)}·${b < 0 ? `(${format(b)})` : format(b)}`;
}

function words({ numbers: n, settings: { mode, mistake, stride } }) {
  const last = n.weights.flat().length;
  const step = (n.window[0] - 1) * n.weights[0].length + n.window[1];
  if (mistake) return wrongWords(n, mode, step === last);
  const [row, column] = n.pixel;
  const pixel = `Pixel (${row}, ${column})`;
  const windows = n.outputs === 1 ? "1 window" : `${n.outputs} windows`;
  if (mode === FORWARD) {
    const fork = n.outputs ? `lies under ${windows}: it is a fork into as many outputs.`
      : "lies under no window: whatever it is, O stays the same.";
    return `Window ${step} of ${last}: F is multiplied with what lies under it, entry by entry, and the ` +
      `sum goes to its place in O. ${pixel} ${fork}`;
  }
  if (mode === FILTER) {
    return `All ${last} outputs are made with the same F, so F is the fork: each window sends its patch ` +
      `times its δ, and the shares add up. ${step} of ${last} have come. ` +
      `${pixel} is in the patches of ${windows}.`;
  }
  if (!n.outputs) return `${pixel} lies under no window: no error signal comes back, its gradient is 0.`;
  return "Each output lays its δ times F over its window; what arrives at a pixel adds up: " +
    `${pixel.toLowerCase()} has ${format(n.arrived)} after ${step} of ${last}. ${turn(n, stride)}`;
}

/** How the weights of a pixel look beside F. */
function turn(n, stride) {
  if (n.outputs === n.F.flat().length) {
    return "Its weights, laid out like O, are F turned by 180°, and nobody turned it.";
  }
  const part = stride > 1 ? "those entries of F that met it" : "a part of F";
  return n.outputs > 1 ? `Its ${n.outputs} weights are ${part}, in reverse order.` : "One output touched it.";
}

function wrongWords(n, mode, finished) {
  const right = (n.O ?? n.grad_F ?? n.grad_X).flat();
  const off = n.wrong.flat().filter((value, k) => value !== right[k]).length;
  const all = right.filter((value) => value !== NOT_YET).length;
  const verdict = `${off} of ${all} ${all === 1 ? "entry" : "entries"} ${off === 1 ? "is" : "are"} ` +
    `wrong${finished ? "" : " so far"}.`;
  if (mode === FORWARD) {
    return "Turned by 180° before it slides, F makes the convolution of mathematics; this course, like its " +
      `field, slides F as it is. Measured by that, ${verdict}`;
  }
  if (mode === FILTER) {
    return "Here δ was turned by 180° before it met the patches, as if every gradient of a convolution " +
      `needed a turn. But each δ belongs to its own window: ${verdict}`;
  }
  return "The rule says: slide F, turned by 180°, over δ. Here F slid unturned, so every output handed its " +
    `δ to the wrong pixels of its window: ${verdict}`;
}

export default figure({ size: [820, 352], numbers, draw, words, limits });
