// Matrices as arrays of rows: their product and transpose, and how they stand in a picture.

import { format, svg, text } from "./base.js";

export function product(a, b) {
  return a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
}

export function transpose(a) {
  return a[0].map((_, j) => a.map((row) => row[j]));
}

export function shapeOf(a) {
  return `${a.length} × ${a[0].length}`;
}

/** The brackets round a matrix of these cells, its corner at (left, top). */
export function brackets(left, top, width, height) {
  const side = (x, inwards) => `M${x + inwards} ${top}H${x}V${top + height}H${x + inwards}`;
  return svg("path", { class: "axis", d: side(left, 6) + side(left + width, -6) });
}

/** The entries of a matrix, each in the middle of its cell. */
export function entries(left, top, matrix, [width, height], attributes = {}) {
  return matrix.map((row, i) => row.map((value, j) =>
    text(left + (j + 0.5) * width, top + (i + 0.5) * height + 5, format(value), {
      class: "mono", "text-anchor": "middle", ...attributes,
    })));
}
