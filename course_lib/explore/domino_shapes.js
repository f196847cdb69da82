// Dominoes: the eight ways to lay two Jacobians, which of them click, and which are right.

import { arrow, boxed, figure, format, pixels, svg, text } from "./base.js";
import { brackets, entries, product, shapeOf, transpose } from "./matrices.js";
import { glide } from "./motion.js";

const W = [[1, 2, -1, 2], [-1, 2, 2, 2], [-1, 1, 2, 1], [-1, 1, -1, 1]];
const V = [[-2, 2, 1, -2], [1, -1, -2, -2], [-2, -1, 1, 2], [3, -1, -1, 2]];
const ORDERS = ["∂u/∂x first", "∂g/∂u first"];
const SAME = 1e-6; // differences below it are rounding
const WAYS = ORDERS.flatMap((order) => [false, true].flatMap((turn_u) =>
  [false, true].map((turn_g) => ({ order, turn_u, turn_g }))));

/** ∂u/∂x and ∂g/∂u in denominator layout, at x = (1, 1, ...). */
function steps({ n, k, m }) {
  const weights = W.slice(0, k).map((row) => row.slice(0, n));
  const u = weights.map((row) => row.reduce((sum, value) => sum + value, 0));
  const scaled = V.slice(0, m).map((row) => {
    const inner = u.reduce((sum, value, i) => sum + row[i] * value, 0);
    return row.slice(0, k).map((value) => value * inner);
  });
  return [transpose(weights), transpose(scaled)];
}

/** The two tiles of a way: their names, what their ends count, their matrices. */
function lay([byX, byU], { order, turn_u, turn_g }) {
  const tile = (name, ends, matrix, turned, setting) => (turned
    ? { name: `(${name})ᵀ`, ends: [ends[1], ends[0]], matrix: transpose(matrix), set: { [setting]: false } }
    : { name, ends, matrix, set: { [setting]: true } });
  const tiles = [
    tile("∂u/∂x", ["x", "u"], byX, turn_u, "turn_u"), tile("∂g/∂u", ["u", "g"], byU, turn_g, "turn_g"),
  ];
  return order === ORDERS[0] ? tiles : tiles.reverse();
}

function clicks([left, right]) {
  return left.matrix[0].length === right.matrix.length;
}

function joined([left, right]) {
  return product(left.matrix, right.matrix);
}

/** The largest difference between two matrices; rounding counts as none. */
function difference(found, reference) {
  const off = Math.max(...found.flatMap((row, i) =>
    row.map((value, j) => Math.abs(value - reference[i][j]))));
  return off > SAME ? off : 0;
}

export function numbers(settings, { references }) {
  const { n, k, m, check } = settings;
  const reference = references[`${n},${k},${m}`];
  const factors = steps(settings);
  const laid = WAYS.map((way) => lay(factors, way));
  const whole = laid.filter(clicks).map(joined);
  const shaped = whole.filter((matrix) => shapeOf(matrix) === `${n} × ${m}`);
  const tiles = lay(factors, settings);
  const found = {
    ways: laid.map(nameOf),
    verdicts: laid.map((pair) => verdict(pair, reference, check)),
    clicks: whole.length,
    shaped: shaped.length,
    way: nameOf(tiles),
    tiles: tiles.map(({ matrix }) => shapeOf(matrix)),
  };
  if (check) {
    found.right = shaped.filter((matrix) => difference(matrix, reference) === 0).length;
    found.reference = reference;
  }
  if (clicks(tiles)) {
    found.product = joined(tiles);
    if (check && shapeOf(found.product) === `${n} × ${m}`) found.off = difference(found.product, reference);
  }
  return found;
}

function meetingOf([left, right]) {
  return `${left.ends[1]} meets ${right.ends[0]}`;
}

function nameOf(tiles) {
  return tiles.map(({ name }) => name).join(" · ");
}

function verdict(tiles, reference, check) {
  const [left, right] = tiles;
  if (!clicks(tiles)) return `${left.matrix[0].length} ≠ ${right.matrix.length}`;
  const whole = joined(tiles);
  if (!check || shapeOf(whole) !== shapeOf(reference)) return shapeOf(whole);
  const off = difference(whole, reference);
  return off ? `off by ${format(off)}` : "agrees";
}

function draw({ numbers: n, settings, cache }) {
  const factors = steps(settings);
  const together = n.product !== undefined;
  const moved = together !== (cache.together ?? together);
  cache.together = together;
  return [
    chain(settings), laying(n, settings, lay(factors, settings), moved), results(n, settings),
    text(18, 258, summary(n, settings), { class: "strong" }),
    WAYS.map((way, i) => chip(n, settings, way, lay(factors, way), i)),
  ];
}

function chain({ n, k, m }) {
  const above = (x, content) => text(x, 20, content, { class: "muted", "text-anchor": "middle", size: 13 });
  return svg("g", {}, [
    boxed("value", 50, 28, `x: ${n}`), boxed("value", 230, 28, `u: ${k}`), boxed("value", 410, 28, `g: ${m}`),
    arrow([80, 28], [200, 28]), arrow([260, 28], [380, 28]),
    above(138, `∂u/∂x: ${n} × ${k}`), above(318, `∂g/∂u: ${k} × ${m}`),
    text(802, 33, `wanted: ∂g/∂x, ${n} × ${m}: inputs down the side`, {
      class: "strong", "text-anchor": "end",
    }),
  ]);
}

/** The outline of a tile: notches on its left, as many as it has rows; knobs on its right. */
function outline(x, y, width, height, rows, columns) {
  const radius = height / 12;
  const along = (count) => Array.from({ length: count }, (_, i) => y + ((i + 0.5) * height) / count);
  const arc = (sweep, at, end) => `A${pixels(radius)} ${pixels(radius)} 0 0 ${sweep} ${at} ${pixels(end)}`;
  const knobs = along(columns).map((c) => `V${pixels(c - radius)}${arc(1, x + width, c + radius)}`);
  const notches = along(rows).reverse().map((c) => `V${pixels(c + radius)}${arc(0, x, c - radius)}`);
  return `M${x} ${y}H${x + width}${knobs.join("")}V${y + height}H${x}${notches.join("")}Z`;
}

/** A tile with its sizes; `ends` says what they count. */
function tile(x, y, [width, height], matrix, { ends = null, style = "value" } = {}) {
  const size = height / 3.6;
  const middle = y + height / 2 + size * 0.36;
  const half = (at, count, end) => [
    text(at, ends ? middle - height / 12 : middle, count, {
      class: "strong", "text-anchor": "middle", size: Math.max(13, size),
    }),
    ends ? text(at, y + height - 14, end, { class: "muted", "text-anchor": "middle" }) : [],
  ];
  return [
    svg("path", { class: style, d: outline(x, y, width, height, matrix.length, matrix[0].length) }),
    svg("path", { class: "axis dotted", d: `M${x + width / 2} ${y + 5}V${y + height - 5}` }),
    half(x + width * 0.28, matrix.length, ends?.[0]), half(x + width * 0.75, matrix[0].length, ends?.[1]),
  ];
}

const TILE = [124, 100];
const GAP = 40; // between tiles that do not fit

/** A tile under its name; a click turns it round. */
function placed({ name, ends, matrix, set }, x, y) {
  return svg("g", { "data-set": JSON.stringify(set) }, [
    text(x + TILE[0] / 2, y - 12, name, { class: "strong", "text-anchor": "middle", size: 16 }),
    tile(x, y, TILE, matrix, { ends }),
  ]);
}

/** The way that is chosen: two tiles, and the one that they make. */
function laying(n, settings, tiles, moved) {
  const [left, top] = [20, 92];
  const together = n.product !== undefined;
  const next = left + TILE[0] + (together ? 0 : GAP);
  const second = placed(tiles[1], next, top);
  const middle = { class: "strong", "text-anchor": "middle" };
  return svg("g", {}, [
    placed(tiles[0], left, top), moved ? glide(second, [[together ? GAP : -GAP, 0]], 300) : second,
    together ? [
      text(left + 2 * TILE[0] + 28, top + 58, "=", { ...middle, size: 22 }),
      tile(left + 2 * TILE[0] + 48, top, TILE, n.product, {
        ends: [tiles[0].ends[0], tiles[1].ends[1]], style: "paper area",
      }),
      text(left + 2.5 * TILE[0] + 48, top - 12, "together", middle),
    ] : [
      text(left + TILE[0] + 24, top + 58, "✗", { class: "bad strong", "text-anchor": "middle", size: 22 }),
      text(left + 2 * TILE[0] + 62, top + 46, verdict(tiles), { class: "bad strong", size: 20 }),
      text(left + 2 * TILE[0] + 62, top + 68, "no product", { class: "bad" }),
    ],
    together && settings.check ? text(next, top + TILE[1] + 24, meetingOf(tiles), {
      class: tiles[0].ends[1] === tiles[1].ends[0] ? "good strong" : "bad strong", "text-anchor": "middle",
    }) : text(left, top + TILE[1] + 24, "click a tile to turn it round", { class: "muted", size: 13 }),
  ]);
}

/** The product in numbers, and what central differences say. */
function results(n, settings) {
  const [cell, top] = [[36, 25], 92];
  const side = (x, title, matrix, note) => svg("g", {}, [
    text(x, top - 12, title, { class: "strong", size: 13 }),
    matrix ? [
      brackets(x, top, matrix[0].length * cell[0], matrix.length * cell[1]),
      entries(x, top, matrix, cell, { size: 13 }),
    ] : text(x, top + 22, note, { class: "muted", size: 13 }),
  ]);
  const agrees = n.off === 0;
  const mark = n.off === undefined ? [] : text(
    488, 216, agrees ? "✓ agrees" : `✗ off by up to ${format(n.off)}`,
    { class: agrees ? "good strong" : "bad strong" },
  );
  return svg("g", {}, [
    side(488, "product", n.product, "none"),
    side(652, "central differences", n.reference, "switch the check on"),
    mark,
    n.reference && n.product && n.off === undefined
      ? text(488, 216, `✗ not ${settings.n} × ${settings.m}`, { class: "bad strong" }) : [],
  ]);
}

function summary(n, { n: inputs, m: outputs, check }) {
  const all = `Eight ways to lay them: ${n.clicks} click, ${n.shaped} of these ` +
    `${n.shaped === 1 ? "makes" : "make"} ${inputs} × ${outputs}`;
  return check ? `${all}, ${n.right} of these ${n.right === 1 ? "is" : "are"} right` : all;
}

/** One of the eight ways, small; a click chooses it. */
function chip(n, settings, way, tiles, i) {
  const [x, y] = [18 + (i % 4) * 198, 270 + Math.floor(i / 4) * 74];
  const chosen = n.ways[i] === n.way;
  const said = n.verdicts[i];
  const fits = clicks(tiles);
  const good = said === "agrees";
  const bad = !fits || said.startsWith("off") || shapeOf(joined(tiles)) !== `${settings.n} × ${settings.m}`;
  const frame = (style) => svg("rect", { class: style, x, y, width: 190, height: 66, rx: 5 });
  return svg("g", { "data-set": JSON.stringify(way) }, [
    frame(good ? "lit area" : "panel area"),
    chosen || good ? frame(`${chosen ? "one" : "good"} curve`) : [],
    text(x + 9, y + 20, n.ways[i], { class: chosen ? "strong" : "", size: 13 }),
    tile(x + 9, y + 30, [38, 27], tiles[0].matrix),
    tile(x + (fits ? 47 : 54), y + 30, [38, 27], tiles[1].matrix),
    text(x + (fits ? 95 : 106), y + 48, `${good ? "✓" : bad ? "✗" : "="} ${said}`, {
      class: good ? "good strong" : bad ? "bad" : "strong", size: 13,
    }),
  ]);
}

function words({ numbers: n, settings }) {
  const wanted = `${settings.n} × ${settings.m}`;
  const tiles = lay(steps(settings), settings);
  if (!n.product) return apart(n, verdict(tiles).split(" ≠ "));
  if (shapeOf(n.product) !== wanted) {
    const why = isNumerator(n) ? "These are the right numbers lying on their side: numerator layout."
      : "The outer ends have to be x on the left and g on the right.";
    return `${n.way} clicks and makes ${shapeOf(n.product)}, but inputs down the side ask for ${wanted}. ` +
      why;
  }
  if (!settings.check) return unchecked(n, wanted);
  if (n.off === 0) return checked(n, wanted);
  const why = isNumerator(n)
    ? "These are the right numbers lying on their side, numerator layout, and a square does not show it."
    : `Where the tiles join, ${meetingOf(tiles)}: as many numbers, but not the same ones.`;
  return `${n.way} clicks and makes ${wanted}, yet it is off by ${format(n.off)}. ${why}`;
}

function isNumerator({ way }) {
  return way === "(∂g/∂u)ᵀ · (∂u/∂x)ᵀ";
}

function apart({ way }, [columns, rows]) {
  const many = (count, one) => `${count} ${one}${count === "1" ? "" : "s"}`;
  return `${way} does not click: ${many(columns, "column")} cannot meet ${many(rows, "row")}. ` +
    `Turn a tile round, let the two change places, or choose other sizes.`;
}

function others(count) {
  return count === 1 ? "so does 1 other way" : `so do ${count} other ways`;
}

function unchecked(n, wanted) {
  if (n.shaped === 1) {
    return `${n.way} is the only way that makes ${wanted}: here shapes decide. ` +
      `Now make everything 3 × 3, and count again.`;
  }
  return `${n.way} clicks and makes ${wanted}, and ${others(n.shaped - 1)}: shapes cannot tell which ` +
    `is right. Choose one, then switch the numeric check on.`;
}

function checked(n, wanted) {
  if (n.right > 1) {
    return `${n.way} agrees with central differences, and ${others(n.right - 1)}: a 1 × 1 matrix is its ` +
      `own transpose, so turning it round changes nothing.`;
  }
  const rule = "from x outwards, and u meets u";
  return n.shaped > 1
    ? `Square matrices lie: ${n.shaped} ways make ${wanted}, and only ${n.way} agrees with central ` +
      `differences. It runs ${rule}.`
    : `${n.way} agrees with central differences: it runs ${rule}. Shapes alone decided it, as no other way ` +
      `makes ${wanted}.`;
}

// The check goes off: which of the eight is right should be guessed first.
const actions = { square: () => ({ n: 3, k: 3, m: 3, check: false }) };

export default figure({ size: [820, 420], numbers, draw, words, actions });
