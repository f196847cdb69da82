// The layout switch: two factors and their product in either layout, in either order.

import { arrow, boxed, figure, format, svg, text } from "./base.js";
import { brackets, entries, product, shapeOf, transpose } from "./matrices.js";
import { glide } from "./motion.js";

const WEIGHTS = [[1, 2, 0], [3, -1, 4]];
const LENGTHS = { x: 3, u: 2, z: 4 };
const HUES = { x: "one", u: "two", z: "three" };
const CELL = [46, 28];
const MIDDLE = 190; // the height at which the matrices are centered
const SHAPES = 272; // the height at which their shapes stand
const DIGITS = "₁₂₃₄";
const SWAPPED = "of the other layout";

/** The two factors as they stand: what is down the side, what along the top, the numbers. */
function factorsOf({ layout, order }, [u1, u2]) {
  const steps = [
    { above: "u", below: "x", side: "x", top: "u", matrix: transpose(WEIGHTS) },
    { above: "z", below: "u", side: "u", top: "z", matrix: [[u2, 2 * u1, 0, 1], [u1, 0, 2 * u2, 1]] },
  ];
  const turned = layout === "denominator" ? steps : steps.reverse().map(({ matrix, side, top, ...step }) =>
    ({ ...step, side: top, top: side, matrix: transpose(matrix) }));
  return order === SWAPPED ? turned.reverse() : turned;
}

export function numbers(settings) {
  const x = [settings.x1, settings.x2, settings.x3];
  const u = WEIGHTS.map((row) => row.reduce((sum, weight, i) => sum + weight * x[i], 0));
  const factors = factorsOf(settings, u);
  const [left, right] = factors.map(({ matrix }) => matrix);
  const [inner, outer] = [left[0].length, right.length];
  const found = {
    u,
    z: [u[0] * u[1], u[0] ** 2, u[1] ** 2, u[0] + u[1]],
    factors: factors.map(({ above, below, matrix }) => `∂${above}/∂${below}, ${shapeOf(matrix)}`),
    left,
    right,
    meeting: `${factors[0].top} meets ${factors[1].side}: ${inner} ${inner === outer ? "=" : "≠"} ${outer}`,
  };
  if (inner !== outer) return found;
  const [i, j] = placeOf(settings);
  const terms = left[i].map((value, k) => value * right[k][j]);
  const whole = product(left, right);
  return { ...found, product: whole, terms, entry: whole[i][j] };
}

/** Row and column of the entry that is followed. */
function placeOf(settings) {
  const [i, j] = followed(settings);
  return settings.layout === "denominator" ? [i, j] : [j, i];
}

/** Which input and which output it belongs to. */
function followed({ follow }) {
  return [Math.floor((follow - 1) / LENGTHS.z), (follow - 1) % LENGTHS.z];
}

function draw(view) {
  const { numbers: n, settings } = view;
  const flipped = settings.layout !== view.cache.layout || settings.order !== view.cache.order;
  const before = (flipped && view.cache.places) || {};
  Object.assign(view.cache, { layout: settings.layout, order: settings.order, places: {} });
  const move = glider(before, view.cache.places);
  return [chain(n, settings), equation(n, settings, move), layouts(settings)];
}

/** A function that lets what has a name glide to its place from where it stood before. */
function glider(before, places) {
  return (name, x, y, element) => {
    places[name] = [x, y];
    if (!before[name]) return element;
    const [dx, dy] = [before[name][0] - x, before[name][1] - y];
    const aside = [dx / 2, dy / 2 + dx / 4]; // so that two that change places do not collide
    return glide(element, [[dx, dy], aside], 800);
  };
}

function chain(n, { x1, x2, x3 }) {
  const list = (name, values) => `${name} = (${values.map((value) => format(value)).join(", ")})`;
  const contents = [list("x", [x1, x2, x3]), list("u", n.u), list("z", n.z)];
  const [x, u, z] = [100, 330, 640];
  const reach = contents.map((content) => content.length * 4.34 + 12); // of the boxes, with some air
  const above = (at, content) => text(at, 62, content, { class: "muted", "text-anchor": "middle", size: 13 });
  return svg("g", {}, [
    arrow([x + reach[0], 32], [u - reach[1], 32]), arrow([u + reach[1], 32], [z - reach[2], 32]),
    [x, u, z].map((at, k) => boxed("value", at, 32, contents[k])),
    above(x, "3 inputs"), above(u, "u = Wx"), above(z, "z = (u₁u₂, u₁², u₂², u₁ + u₂)"),
  ]);
}

function equation(n, settings, move) {
  const factors = factorsOf(settings, n.u);
  const denominator = settings.layout === "denominator";
  const whole = { above: "z", below: "x", side: denominator ? "x" : "z", top: denominator ? "z" : "x" };
  whole.matrix = n.product ?? Array.from({ length: LENGTHS[whole.side] }, () => Array(LENGTHS[whole.top]));
  const [i, j] = placeOf(settings);
  const lit = n.product ? [[i, j], [i, null], [null, j]] : [[], [], []];
  const gap = n.product ? 52 : 84;
  const widths = [whole, ...factors].map(({ matrix }) => 28 + matrix[0].length * CELL[0]);
  let left = 410 - (widths[0] + widths[1] + widths[2] + 52 + gap) / 2;
  const centers = [];
  const parts = [whole, ...factors].map((part, k) => {
    const made = table(part, left + 28, lit[k], move, settings);
    centers.push(left + 28 + (widths[k] - 28) / 2);
    left += widths[k] + (k === 1 ? gap : 52);
    return made;
  });
  const between = [(edge(centers[0], whole, 1) + edge(centers[1], factors[0], -1)) / 2 - 12,
    (edge(centers[1], factors[0], 1) + edge(centers[2], factors[1], -1)) / 2 - 12];
  return svg("g", {}, [
    parts,
    text(between[0], MIDDLE + 8, "=", { class: "strong", "text-anchor": "middle", size: 22 }),
    text(between[1], MIDDLE + 8, n.product ? "·" : "✗", {
      class: n.product ? "strong" : "bad strong", "text-anchor": "middle", size: n.product ? 26 : 22,
    }),
    meeting(n, centers[1], centers[2]),
    n.product ? sum(n, settings, centers[0]) : text(centers[0], SHAPES + 50, "no product", {
      class: "bad strong", "text-anchor": "middle",
    }),
  ]);
}

function edge(center, { matrix }, side) {
  return center + side * matrix[0].length * CELL[0] / 2;
}

/** A derivative: its name, a row for each entry of `side`, a column for each of `top`, its shape. */
function table({ above, below, side, top, matrix }, left, [row, column], move, settings) {
  const [width, height] = [matrix[0].length * CELL[0], matrix.length * CELL[1]];
  const y = MIDDLE - height / 2;
  const denominator = settings.layout === "denominator";
  const cells = matrix[0][0] === undefined ? [] : entries(left, y, matrix, CELL);
  const named = (i, j) => (denominator ? `${above}${below}${i}${j}` : `${above}${below}${j}${i}`);
  const where = (i, j) => [left + (j + 0.5) * CELL[0], y + (i + 0.5) * CELL[1]];
  const label = (name, i, x, at, anchor) => move(`${above}${below}${name}${i}`, x, at, text(x, at,
    `${name}${DIGITS[i]}`, { class: HUES[name], "text-anchor": anchor, size: 13 }));
  const whole = above === "z" && below === "x";
  return svg("g", {}, [
    move(`${above}${below}`, left + width / 2, y - 30, text(left + width / 2, y - 30, `∂${above}/∂${below}`, {
      class: "strong", "text-anchor": "middle", size: 16,
    })),
    light(left, y, matrix, row, column),
    cells.length ? brackets(left, y, width, height) : missing(left, y, width, height),
    matrix.map((_, i) => label(side, i, left - 7, y + (i + 0.5) * CELL[1] + 5, "end")),
    [...matrix[0]].map((_, j) => label(top, j, left + (j + 0.5) * CELL[0], y - 8, "middle")),
    cells.map((line, i) => line.map((cell, j) => move(named(i, j), ...where(i, j), cell))),
    whole ? cells.map((line, i) => line.map((_, j) => picker(where(i, j), i, j, denominator))) : [],
    shape(left + width / 2, { side, top }),
  ]);
}

/** Where a product would stand. */
function missing(x, y, width, height) {
  return svg("g", {}, [
    svg("rect", { class: "axis dashed", x, y, width, height, rx: 3 }),
    text(x + width / 2, y + height / 2 + 9, "?", { class: "muted", "text-anchor": "middle", size: 26 }),
  ]);
}

/** A click on an entry of the product follows it. */
function picker([x, y], i, j, denominator) {
  const follow = 1 + (denominator ? i * LENGTHS.z + j : j * LENGTHS.z + i);
  return svg("rect", {
    x: x - CELL[0] / 2, y: y - CELL[1] / 2, width: CELL[0], height: CELL[1], "fill-opacity": "0",
    "data-set": JSON.stringify({ follow }),
  });
}

function light(left, y, matrix, row, column) {
  if (row === undefined) return [];
  const [width, height] = [matrix[0].length * CELL[0], matrix.length * CELL[1]];
  return svg("rect", {
    class: "lit area", rx: 3,
    x: column === null ? left : left + column * CELL[0], y: row === null ? y : y + row * CELL[1],
    width: column === null ? width : CELL[0], height: row === null ? height : CELL[1],
  });
}

/** The shape below a matrix, each size in the color of what it counts. */
function shape(x, { side, top }) {
  return svg("g", {}, [
    text(x - 12, SHAPES, LENGTHS[side], { class: `${HUES[side]} strong`, "text-anchor": "end", size: 16 }),
    text(x, SHAPES, "×", { class: "muted", "text-anchor": "middle", size: 16 }),
    text(x + 12, SHAPES, LENGTHS[top], { class: `${HUES[top]} strong`, size: 16 }),
  ]);
}

/** The arc from the inner size of the left factor to that of the right one. */
function meeting(n, left, right) {
  const [from, to, y] = [left + 17, right - 17, SHAPES + 6];
  const hue = n.product ? "good" : "bad";
  return svg("g", {}, [
    svg("path", { class: `${hue} curve dashed`, d: `M${from} ${y}Q${(from + to) / 2} ${y + 44} ${to} ${y}` }),
    text((from + to) / 2, y + 44, `${n.meeting} ${n.product ? "✓" : "✗"}`, {
      class: `${hue} strong`, "text-anchor": "middle",
    }),
  ]);
}

function sum(n, settings, x) {
  return text(x, SHAPES + 50, `${nameOf(settings)} = ${sumOf(n, settings)}`, { "text-anchor": "middle" });
}

function nameOf(settings) {
  const [i, j] = followed(settings);
  return `∂z${DIGITS[j]}/∂x${DIGITS[i]}`;
}

/** The entry that is followed, as the sum over u₁ and u₂ that it is. */
function sumOf(n, settings) {
  const [i, j] = placeOf(settings);
  const inside = (value) => (value < 0 ? `(${format(value)})` : format(value));
  const [first, second] = n.left[i];
  return `${format(first)} · ${inside(n.right[0][j])} + ${inside(second)} · ${inside(n.right[1][j])} = ` +
    format(n.entry);
}

/** Both layouts in a line each; a click on one shows it. */
function layouts({ layout }) {
  const lines = [
    ["denominator", "this course", "∂z/∂x = ∂u/∂x · ∂z/∂u", "3 × 4 = 3 × 2 · 2 × 4", "from x outwards"],
    ["numerator", "many books", "∂z/∂x = ∂z/∂u · ∂u/∂x", "4 × 3 = 4 × 2 · 2 × 3", "from z back to x"],
  ];
  return lines.map(([name, where, rule, shapes, way], k) => {
    const [y, shown] = [342 + 32 * k, name === layout];
    const style = { class: shown ? "strong" : "muted" };
    return svg("g", { "data-set": JSON.stringify({ layout: name }) }, [
      svg("rect", { class: shown ? "value" : "panel area", x: 20, y, width: 780, height: 28, rx: 4 }),
      text(34, y + 19, `${shown ? "▸ " : ""}${name} (${where})`, style),
      text(278, y + 19, rule, style), text(470, y + 19, shapes, style), text(656, y + 19, way, style),
    ]);
  });
}

function words({ numbers: n, settings }) {
  const [left, right] = n.factors.map((factor) => factor.slice(0, 5));
  const denominator = settings.layout === "denominator";
  if (!n.product) {
    const other = denominator ? "numerator" : "denominator";
    return `${left} · ${right} is the order of ${other} layout, but these matrices lie the ` +
      `${settings.layout} way: ${n.meeting}, so there is no product. Between the factors u has to meet u.`;
  }
  const shapes = n.factors.map((factor) => `(${factor.slice(7)})`).join("").replaceAll(" ", "\u00a0");
  const [i, j] = placeOf(settings);
  const value = `${nameOf(settings)} = ${sumOf(n, settings)}`;
  return denominator
    ? `Inputs down the side, and the product runs from x outwards: ${shapes} gives 3\u00a0×\u00a04. ` +
      `${value} stands in row x${DIGITS[i]}, column z${DIGITS[j]}: flip the layout and find it again.`
    : `Outputs down the side: each matrix is turned over, and the factors change places so that u still ` +
      `meets u: ${shapes}. ${value} is the same number, now in row z${DIGITS[i]}, column x${DIGITS[j]}.`;
}

export default figure({ size: [820, 412], numbers, draw, words });
