// The convolution stepper: a window slides over X; what it does forward, error signals undo backward.

import { figure, format, path, svg, text } from "./base.js";

const [FORWARD, FILTER] = ["forward", "gradient of the filter"];
const NOT_YET = "·";
const GRIDS = 62; // where grids begin, below their titles

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
  const patch = grid(F.length, F[0].length, (k, l) => at(X, i * stride + k - padding, j * stride + l - padding));
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
function changed(name, view) {
  const { X, O } = sizes(view);
  view.settings.step = Math.min(view.settings.step, O);
  view.settings.pixel = Math.min(view.settings.pixel, X);
}

function sizes({ settings, data }) {
  const { weights, X } = numbers(settings, data);
  return { O: weights.flat().length, X: X.flat().length };
}

function endSlider(view, name, high) {
  if (view.spec.controls.find((control) => control.name === name).high === high) return;
  const controls = view.spec.controls.map((control) => (control.name === name ? { ...control, high } : control));
  view.spec = { ...view.spec, controls }; // a copy: another view of this figure has settings of its own
  view.element.querySelector(`#${view.id}-${name}`).max = String(high);
}

function draw(view) {
  const { numbers: n, settings } = view;
  endSlider(view, "step", n.weights.flat().length);
  endSlider(view, "pixel", n.X.flat().length);
  const parts = blocks(n, settings);
  const across = parts.reduce((sum, { rows, ring = 0 }) => sum + rows[0].length + 2 * ring, 0);
  const room = 796 - parts.reduce((sum, { gap }) => sum + gap, 0);
  const cell = Math.min(44, Math.floor(room / across));
  const tall = cell * Math.max(...parts.map(({ rows, ring = 0 }) => rows.length + 2 * ring));
  const whole = across * cell + 796 - room;
  let left = 12 + Math.max(0, (796 - whole) / 2);
  const drawn = parts.map((part) => {
    left += part.gap;
    const width = cell * (part.rows[0].length + 2 * (part.ring ?? 0));
    const height = cell * (part.rows.length + 2 * (part.ring ?? 0));
    const top = GRIDS + (tall - height) / 2;
    const made = [
      part.sign && text(left - part.gap / 2, GRIDS + tall / 2 + 7, part.sign, {
        "text-anchor": "middle", class: "strong", size: 20,
      }),
      table(part, left, top, cell),
    ].filter(Boolean);
    left += width;
    return made;
  });
  return [drawn, sentences(n, settings).map((line, k) =>
    text(410, 300 + 26 * k, line.words, { class: line.color, "text-anchor": "middle", size: line.size ?? 15 }))];
}

/** What stands side by side: titles, entries, frames. */
function blocks(n, { mode, stride, padding, mistake }) {
  const [i, j] = n.window.map((place) => place - 1);
  const [row, column] = n.pixel.map((place) => place - 1);
  const window = { row: i * stride, column: j * stride, high: n.F.length, wide: n.F[0].length };
  const output = { row: i, column: j, high: 1, wide: 1 };
  const touched = (a, b) => n.weights[a][b] !== NOT_YET;
  const own = (a, b) => a === row && b === column;
  const X = { title: "input X", kind: "value", rows: n.X, ring: padding, frame: window, pixel: own };
  const F = { title: "filter F", kind: "value", rows: n.F, gap: 0 };
  const weights = { title: "pixel's weights", kind: "paper", rows: n.weights, gap: 58, lit: touched };
  const wrong = (title, right) => mistake ? [{
    title, kind: "paper", rows: n.wrong, gap: 58, differs: (a, b) => n.wrong[a][b] !== right[a][b],
  }] : [];
  if (mode === FORWARD) {
    return [
      F, { ...X, gap: 34, sign: "⋆" },
      { title: "output O", kind: "value", rows: n.O, gap: 34, sign: "=", frame: output, lit: touched },
      weights, ...wrong("✗ F turned", n.O),
    ];
  }
  const delta = { title: "δ of O", kind: "signal", rows: n.delta, frame: output, lit: touched };
  if (mode === FILTER) {
    return [
      { ...delta, gap: 0 }, { ...X, gap: 34, sign: "·" },
      { title: "share", kind: "signal", rows: n.share, gap: 34, sign: "=" },
      { title: "δ of F so far", kind: "signal", rows: n.grad_F, gap: 58, sign: "→" },
      ...wrong("✗ δ turned", n.grad_F),
    ];
  }
  return [
    { ...delta, gap: 0 }, { ...F, gap: 34, sign: "·" },
    { title: "δ of X so far", kind: "signal", rows: n.grad_X, ring: padding, gap: 46, sign: "→", frame: window, pixel: own },
    weights, ...wrong("✗ F unturned", n.grad_X),
  ];
}

function table({ title, kind, rows, ring = 0, frame, pixel, lit, differs }, left, top, cell) {
  const [high, wide] = [rows.length, rows[0].length];
  const size = cell < 30 ? 13 : 15;
  const [x, y] = [(column) => left + cell * (column + ring), (row) => top + cell * (row + ring)];
  const cells = mapped(rows, (value, a, b) => {
    const marked = pixel?.(a, b) || lit?.(a, b);
    const wrong = differs?.(a, b);
    return svg("g", pixel ? { "data-set": JSON.stringify({ pixel: a * wide + b + 1 }) } : {}, [
      svg("rect", { class: kind === "paper" ? "paper area" : kind, x: x(b), y: y(a), width: cell, height: cell }),
      marked && svg("rect", { class: "lit area", x: x(b) + 2, y: y(a) + 2, width: cell - 4, height: cell - 4 }),
      pixel?.(a, b) && svg("rect", {
        class: "four curve dotted", x: x(b) + 3, y: y(a) + 3, width: cell - 6, height: cell - 6,
      }),
      text(x(b) + cell / 2, y(a) + cell / 2 + 0.36 * size, typeof value === "number" ? format(value) : value, {
        class: `mono ${wrong ? "bad strong" : kind === "paper" || marked ? "" : `${kind}-text`}`,
        "text-anchor": "middle", size,
      }),
    ].filter(Boolean));
  });
  const zeros = ring ? svg("path", { class: "grid dashed", d: ringLines(left, top, cell, high, wide) }) : null;
  return svg("g", {}, [
    text(left + (cell * (wide + 2 * ring)) / 2, top - 12, title, { "text-anchor": "middle", size: 14 }),
    zeros, cells,
    frame && svg("rect", {
      class: "one curve", style: "stroke-width: 3.4",
      x: left + cell * (frame.column + (frame.high > 1 ? 0 : ring)), y: top + cell * (frame.row + (frame.high > 1 ? 0 : ring)),
      width: cell * frame.wide, height: cell * frame.high,
    }),
  ].flat(Infinity).filter(Boolean));
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

/** The arithmetic of this step, spelled out, and the pixel's sum. */
function sentences(n, { mode }) {
  const [i, j] = n.window;
  const [row, column] = n.pixel;
  if (mode === FORWARD) {
    const terms = n.patch.flatMap((line, k) => line.map((x, l) => product(x, n.F[k][l])));
    return [{ words: `O(${i}, ${j}) = ${terms.join(" + ")} = ${format(n.O[i - 1][j - 1])}`, color: "mono value-text" }];
  }
  const signal = format(n.delta[i - 1][j - 1]);
  if (mode === FILTER) {
    return [{ words: `δ of F += ${signal} · (the patch in the window)`, color: "mono signal-text" }];
  }
  const width = n.delta[0].length;
  const terms = n.weights.flatMap((line, a) => line.flatMap((weight, b) =>
    weight !== NOT_YET && a * width + b <= (i - 1) * width + j - 1 ? [product(n.delta[a][b], weight)] : []));
  const sum = terms.length ? `${terms.join(" + ")}${terms.length > 1 || true ? ` = ${format(n.arrived)}` : ""}` : "0";
  return [
    { words: `δ of X += ${signal} · F, laid over the window`, color: "mono signal-text" },
    { words: `δ of X(${row}, ${column}) so far: ${sum}`, color: "mono signal-text", size: terms.length > 7 ? 13 : 15 },
  ];
}

function product(a, b) {
  return `${format(a)}·${b < 0 ? `(${format(b)})` : format(b)}`;
}

function words(view) {
  const { numbers: n, settings: { mode, mistake, stride } } = view;
  const [row, column] = n.pixel;
  const last = n.weights.flat().length;
  const step = (n.window[0] - 1) * n.weights[0].length + n.window[1];
  const pixel = `Pixel (${row}, ${column})`;
  const outputs = n.outputs === 1 ? "1 output" : `${n.outputs} outputs`;
  if (mistake) return wrongWords(n, mode, step === last);
  if (mode === FORWARD) {
    const fork = n.outputs ? `${pixel} lies under ${n.outputs === 1 ? "1 window" : `${n.outputs} windows`}: it is a ` +
      `fork into ${outputs}.` : `${pixel} lies under no window: whatever it shows, the output stays the same.`;
    return `Window ${step} of ${last}: what lies under F is multiplied with it, entry by entry, and the sum goes to ` +
      `its place in O. ${fork}`;
  }
  if (mode === FILTER) {
    return `All ${last} outputs were made with the same F, so F is a fork: each window sends its patch times its δ, ` +
      `and the shares add up. ${step} of ${last} have arrived.`;
  }
  if (!n.outputs) return `${pixel} lies under no window, so no error signal comes back to it: its gradient is 0.`;
  const whole = n.outputs === n.F.flat().length && stride === 1;
  const seen = whole ? "Its weights, laid out like O, are F turned by 180°: later outputs touched it with earlier " +
    "entries of F. Nobody turned anything." : `It touched ${outputs}; its weights are ${stride > 1 ? "some entries" : "a part"} of F, in ` +
    "reverse order.";
  return `Each output lays its δ times F over its own window, and what arrives at a pixel adds up: ${pixel.toLowerCase()} ` +
    `has ${format(n.arrived)} after ${step} of ${last}. ${seen}`;
}

function wrongWords(n, mode, finished) {
  const right = (mode === FORWARD ? n.O : mode === FILTER ? n.grad_F : n.grad_X).flat();
  const off = n.wrong.flat().filter((value, k) => value !== right[k]).length;
  const count = `${off} of ${right.length} entries ${off === 1 ? "is" : "are"} wrong${finished ? "" : " so far"}`;
  if (mode === FORWARD) {
    return "Turned by 180° before it slides, F makes the convolution of mathematics; this course, like the whole " +
      `field, slides F as it is. Beside the output, ${count}.`;
  }
  if (mode === FILTER) {
    return "Here δ was turned by 180° before it met the patches, as if every gradient of a convolution needed a turn. " +
      `Each δ belongs to its own window: ${count}.`;
  }
  return "The rule says to slide F turned by 180° over δ. Here it slid unturned, so that each output hands its δ to the " +
    `wrong pixels of its window: ${count}.`;
}

export default figure({ size: [820, 352], numbers, draw, words, changed });
