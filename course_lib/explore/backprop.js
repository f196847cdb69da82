// Backprop, step by step: visits computed in Python are replayed up to a step, and shown on the graph.

import { figure, format, svg, text } from "./base.js";

const [WIDTH, TALL, BAR] = [820, 480, 13]; // of the picture; of the graph at most; type size
const COLUMN = 7.85; // width of a character of the monospaced font at that size
const LINE = 16;
const READABLE = 0.75; // scale below which boxes have no text

function walkOf({ overwrite, dive }, { walks }) {
  const walk = walks[overwrite ? (dive ? "dive and overwrite" : "overwrite") : dive ? "dive" : "add"];
  return walk.same ? walks[walk.same] : walk;
}

export function numbers(settings, data) {
  const { nodes, edges, operations, leaves, listed, seed } = data;
  const { visits } = walkOf(settings, data);
  const count = operations.length;
  const step = Math.min(settings.step, count + 1 + visits.length);
  const back = step - count;
  const none = "none";
  const found = { position: "the start", incoming: none, share: none, before: none, after: none };
  if (step > 0 && back <= 0) found.position = `forward, ${step} of ${count}`;
  if (back > 0) found.position = `backward, ${back} of ${visits.length + 1}`;
  const held = nodes.map(() => []);
  const shares = edges.map(() => []);
  if (back > 0) held[held.length - 1] = seed;
  for (let k = 0; k < back - 1; k++) {
    const [number, ...share] = visits[k];
    const { node, parent, local } = edges[number];
    const before = held[parent];
    const first = settings.overwrite || !before.length;
    const sum = (x, i) => (nodes[parent].single ? Math.fround(before[i] + x) : before[i] + x);
    const after = first ? share : share.map(sum);
    if (k === back - 2) {
      const all = local ? local.flat() : [];
      if (all.length === 1) found.local = all[0];
      found.incoming = held[node];
      found.share = share;
      found.before = before.length ? before : none;
      found.after = after;
    }
    held[parent] = after;
    shares[number] = share;
  }
  leaves.slice(0, listed).forEach((leaf, k) => {
    found[`leaf${k}`] = held[leaf].length ? held[leaf] : none;
    found[`right${k}`] = nodes[leaf].right;
  });
  return Object.assign(found, { held, shares });
}

/** Where a walk is: the step, its operation, its visit; and whether it has come to its end. */
function place(settings, data) {
  const { visits, cut } = walkOf(settings, data);
  const count = data.operations.length;
  const last = count + 1 + visits.length;
  const step = Math.min(settings.step, last);
  const back = Math.max(step - count, 0);
  const edge = back > 1 ? data.edges[visits[back - 2][0]] : null;
  const wrong = settings.overwrite || settings.dive;
  let node = null;
  if (step > 0) node = back ? (edge ? edge.node : data.nodes.length - 1) : data.operations[step - 1].node;
  return { step, back, count, last, edge, number: edge ? visits[back - 2][0] : null, node, wrong, cut,
    visits, end: step === last };
}

/** Entries as lines of text, as in pictures of graphs. */
function spelled(entries, { shape, place: one }) {
  const texts = entries.map((x) => format(x));
  if (!shape.length || one) return texts;
  if (shape.length > 2 || shape.includes(0)) return [`(${shape.join(", ")}${shape.length === 1 ? "," : ""})`];
  const across = shape.length === 2 ? shape[1] : texts.length > 3 ? 3 : texts.length;
  const rows = [];
  for (let i = 0; i < texts.length; i += across) rows.push(texts.slice(i, i + across));
  const widths = rows[0].map((_, j) => Math.max(...rows.map((row) => row[j]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, j) => cell.padStart(widths[j])).join(", "));
  if (shape.length === 2) {
    return lines.map((line, i) => `${i ? " [" : "[["}${line}${i < lines.length - 1 ? "]," : "]]"}`);
  }
  return lines.map((line, i) => `${i ? " " : "["}${line}${i < lines.length - 1 ? "," : "]"}`);
}

const flatly = (lines) => lines.join("").replace(/ +/g, " ").replaceAll("[ ", "[");

/** A sum of two, with a minus in place of plus a negative. */
function plus(a, b) {
  const second = format(b);
  return second.startsWith("−") ? `${format(a)} − ${second.slice(1)}` : `${format(a)} + ${second}`;
}

/** Does a node hold what is right, but for what rounding leaves of the reports that came? */
function isRight(view, i) {
  const { right, single } = view.data.nodes[i];
  const held = view.numbers.held[i];
  const came = users(view, i).flatMap((e) => view.numbers.shares[e]).filter(Number.isFinite);
  const sizes = [...came, ...right.filter(Number.isFinite)].map(Math.abs);
  const least = (single ? 1e-5 : 1e-9) * Math.max(...sizes, 0);
  return held.length === right.length &&
    held.every((x, k) => Object.is(x, right[k]) || x === right[k] || Math.abs(x - right[k]) <= least);
}

/** What stands in the box of an error signal. */
function signalLines(view, at, i) {
  const { numbers: n, settings } = view;
  const node = view.data.nodes[i];
  const entries = n.held[i];
  const head = node.place ? [`at [${node.place.join(", ")}]`] : [];
  const one = entries.length === 1 && (node.place || !node.shape.length);
  if (at.end && at.wrong && node.leaf) {
    const mark = isRight(view, i) ? "✓" : "✗";
    const lines = entries.length ? spelled(entries, node) : ["nothing"];
    const judged = lines.map((line, k) => `${k ? " " : mark} ${line}`);
    if (mark === "✓") return [...head, ...judged];
    const right = spelled(node.right, node);
    return [...head, ...judged, ...(right.length > 1 || node.shape.length && !one
      ? ["right:", ...right.map((line) => `  ${line}`)] : [`right ${right[0]}`])];
  }
  if (!entries.length) return node.shape.includes(0) && at.back ? spelled([], node) : [];
  if (one && at.edge?.parent === i && Array.isArray(n.before)) {
    if (settings.overwrite) return [...head, `${format(n.before[0])} is lost`, `= ${format(entries[0])}`];
    return [...head, plus(n.before[0], n.share[0]), `= ${format(entries[0])}`];
  }
  return [...head, ...spelled(entries, node)];
}

// ---- the picture ----

function draw(view) {
  const { data, settings } = view;
  const at = place(settings, data);
  const rows = (view.cache.rows ??= panelRows(data));
  const top = rows * 19 + 14;
  const height = Math.min(data.size[1], TALL);
  view.picture.setAttribute("viewBox", `0 0 ${WIDTH} ${top + height}`);
  const lens = lensOf(view, at, height);
  return [
    svg("g", { transform: `translate(0 ${top})` },
      svg("g", { transform: `translate(${lens.x} ${lens.y}) scale(${lens.scale})` },
        lens.scale < READABLE ? overview(view, at, lens) : closely(view, at, lens)),
      lens.scale < READABLE ? callout(view, at, lens, height) : null),
    panel(view, at, rows), // covers what lies above the part that is seen
  ];
}

/** The slider reaches as far as this walk goes. */
function limits(settings, data) {
  return { step: place(settings, data).last };
}

/** Which part of the graph is seen, and how large. */
function lensOf(view, at, height) {
  const [width, tall] = view.data.size;
  if (width <= WIDTH && tall <= TALL) return { scale: 1, x: (WIDTH - width) / 2, y: 0, seen: null };
  if (view.settings.view === "Whole graph") {
    const scale = Math.min(WIDTH / width, height / tall);
    return { scale, x: (WIDTH - scale * width) / 2, y: (height - scale * tall) / 2, seen: null };
  }
  const boxes = [at.node ?? view.data.operations[0].node];
  if (at.edge) boxes.push(at.edge.parent);
  const bounds = (ids) => ids.map((i) => view.data.nodes[i].extent).reduce(
    ([a, b, c, d], [e, f, g, h]) => [Math.min(a, e), Math.min(b, f), Math.max(c, g), Math.max(d, h)]);
  let focus = bounds(boxes);
  if (focus[2] - focus[0] > WIDTH - 20 || focus[3] - focus[1] > height - 20) focus = bounds([boxes[0]]);
  let [x, y] = view.cache.corner ?? [-1e9, -1e9];
  const inside = focus[0] >= x + 8 && focus[2] <= x + WIDTH - 8 && focus[1] >= y + 8 &&
    focus[3] <= y + height - 8;
  if (!inside) {
    x = Math.min(Math.max((focus[0] + focus[2] - WIDTH) / 2, 0), Math.max(width - WIDTH, 0));
    y = Math.min(Math.max((focus[1] + focus[3] - height) / 2, 0), Math.max(tall - height, 0));
    if (width < WIDTH) x = (width - WIDTH) / 2;
    if (tall < height) y = (tall - height) / 2;
    view.cache.corner = [x, y];
  }
  return { scale: 1, x: -x, y: -y, seen: [x, y, x + WIDTH, y + height] };
}

const touches = ([a, b, c, d], seen) =>
  !seen || (a <= seen[2] && c >= seen[0] && b <= seen[3] && d >= seen[1]);

function reach(d) {
  const [xs, ys] = [[], []];
  d.match(/-?[\d.]+/g).forEach((x, i) => (i % 2 ? ys : xs).push(Number(x)));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function wires(view, seen, attributes = {}) {
  const { edges, trunks } = view.data;
  view.cache.reaches ??= [...edges, ...trunks].map(({ path }) => reach(path));
  const parts = [...edges, ...trunks].filter((_, k) => touches(view.cache.reaches[k], seen));
  return svg("path", { class: "wire curve", d: parts.map(({ path }) => path).join(""), ...attributes });
}

const circle = (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

const tipAt = ([x, y], half = 4) => `M${x} ${y}l${-2 * half} ${-half}v${2 * half}z`;

/** The tip of a share that arrives at a node from the right. */
const backTip = ({ x, y, width, leaf }) => `M${x + width + (leaf ? 4 : 2)} ${y}l10 -6v12z`;

/** The graph with all that is written on it, as far as it is seen. */
function closely(view, at, { seen }) {
  const { nodes, edges, trunks } = view.data;
  const visible = nodes.map((_, i) => i).filter((i) => touches(nodes[i].extent, seen));
  const own = visible.map((i) => nodes[i]);
  const stubs = own.map(({ x, y, width, end }) => `M${x + width} ${y}L${end} ${y}`).join("");
  const tips = edges.filter(({ node }) => touches(nodes[node].extent, seen)).map(({ tip }) => tipAt(tip));
  const constants = own.flatMap(({ x, constants }) =>
    constants.map(([content, y]) => [
      svg("path", { class: "wire curve", d: `M${x - 8} ${y}L${x} ${y}` }),
      text(x - 11, y + 4.5, content, { size: BAR, class: "mono muted", "text-anchor": "end" }),
    ]));
  const dots = own.filter(({ dot }) => dot).map(({ end, y }) => circle(end, y, 4.5));
  const turned = trunks.filter(({ dot }) => dot).map(({ at: [, y, end] }) => circle(end, y, 4.5));
  return [
    wires(view, seen),
    svg("path", { class: "wire curve", d: stubs }),
    svg("g", { class: "arrow" }, svg("path", { class: "head", d: [...tips, ...dots, ...turned].join("") })),
    lit(view, at),
    trunks.filter(({ name, at: [x, y] }) => name && touches([x, y, x + 200, y], seen)).map(tag),
    constants,
    visible.map((i) => box(view, at, i)),
    edges.map((edge, k) => branch(view, at, edge, k, seen)),
    visible.map((i) => labels(view, at, i)),
  ];
}

function tag({ name, at: [x, y] }) {
  return [
    svg("rect", { class: "panel area", x, y: y - 8, width: name.length * COLUMN + 10, height: 16 }),
    text(x + 5, y + 4.5, name, { size: BAR, class: "mono" }),
  ];
}

/** The wires that are in use, thick: the operands of an operation, or the way of a share. */
function lit(view, at) {
  const { edges, nodes } = view.data;
  if (at.node === null || (at.back && !at.edge)) return null;
  const used = at.edge ? [at.edge] : edges.filter(({ node }) => node === at.node);
  const stub = (i) => `M${nodes[i].x + nodes[i].width} ${nodes[i].y}L${nodes[i].end} ${nodes[i].y}`;
  const trunks = view.data.trunks.filter(({ node }) => used.some(({ parent }) => parent === node));
  const ways = [...used, ...trunks].map(({ path }) => path).concat(used.map(({ parent }) => stub(parent)));
  const color = at.back ? "two" : "one";
  const heads = at.edge ? [backTip(nodes[at.edge.parent])] : used.map(({ tip }) => tipAt(tip, 5));
  return svg("g", { class: `arrow ${color}` },
    svg("path", {
      class: `${color} curve${at.back ? " dashed" : ""}`, style: "stroke-width:4", d: ways.join(""),
    }),
    svg("path", { class: "head", d: heads.join("") }));
}

/** The box of an operation; a small circle for a variable. */
function box(view, at, i) {
  const node = view.data.nodes[i];
  if (node.leaf) return svg("circle", { class: "paper area", cx: node.x, cy: node.y, r: 4 });
  const now = at.node === i;
  const done = at.step >= stepOf(view, i);
  const place = { x: node.x, y: node.y - node.height / 2, width: node.width, height: node.height, rx: 5 };
  const big = node.symbol.length === 1 && node.symbol[0].length === 1;
  const top = node.y - (node.symbol.length * LINE) / 2;
  return svg("g", { "data-set": JSON.stringify({ op: options(view)[stepOf(view, i)] }) },
    svg("rect", { class: `${now ? "lit" : done ? "panel" : "paper"} area`, ...place }),
    svg("rect", {
      class: now ? `${at.back ? "two" : "one"} curve` : `wire curve${done ? "" : " dashed"}`, ...place,
      style: now ? "stroke-width:4" : "stroke-width:1.5",
    }),
    node.symbol.map((word, k) => text(node.x + node.width / 2, top + (k + 0.5) * LINE + (big ? 7 : 4.5), word,
      { size: big ? 20 : BAR, class: "mono", "text-anchor": "middle" })));
}

const options = (view) => view.spec.controls.find(({ name }) => name === "op").options;

function stepOf(view, i) {
  view.cache.steps ??= new Map(view.data.operations.map(({ node }, k) => [node, k + 1]));
  return view.cache.steps.get(i) ?? 0;
}

function lettered(kind, lines, x, top, attributes = {}) {
  if (!lines.length) return null;
  const width = Math.max(...lines.map((line) => line.length)) * COLUMN + 10;
  return [
    svg("rect", { class: kind, x, y: top, width, height: lines.length * LINE + 4, rx: 3, ...attributes }),
    lines.map((line, k) => mono(x + 5, top + 2 + k * LINE + LINE / 2 + 4.5, line,
      line.includes("✗") ? "bad strong" : `${kind}-text`)),
  ];
}

function mono(x, y, line, kind = "", size = BAR) {
  return text(x, y, line.replaceAll(" ", "\u00a0"), { size, class: `mono ${kind}` });
}

/** A value below the wire, an error signal above it. */
function labels(view, at, i) {
  const node = view.data.nodes[i];
  const known = node.leaf || at.step >= stepOf(view, i);
  const lines = signalLines(view, at, i);
  const arrives = at.edge ? at.edge.parent === i : at.back === 1 && at.node === i;
  return [
    known ? lettered("value", node.value, node.stem, node.y + 5)
      : mono(node.stem + 5, node.y + 19, node.name, "muted"),
    lettered("signal", lines, node.stem, node.y - 9 - lines.length * LINE,
      arrives ? { style: "stroke-width:3" } : {}),
  ];
}

/** At a fork: the share that came back along this branch. */
function branch(view, at, edge, k, seen) {
  const share = view.numbers.shares[k];
  if (!share.length || !touches(view.data.nodes[edge.node].extent, seen)) return null;
  if (users(view, edge.parent).length < 2) return null;
  const lines = spelled(share, view.data.nodes[edge.parent]);
  const width = Math.max(...lines.map((line) => line.length)) * COLUMN + 10;
  const [x, y] = edge.tip;
  return lettered("signal", lines, x - 9 - width, y - 9 - lines.length * LINE,
    at.number === k ? { style: "stroke-width:3" } : {});
}

/** The numbers of the edges along which reports come to a node. */
function users(view, i) {
  if (!view.cache.users) {
    view.cache.users = view.data.nodes.map(() => []);
    view.data.edges.forEach(({ parent }, k) => view.cache.users[parent].push(k));
  }
  return view.cache.users[i];
}

/** The whole of a large graph: boxes for values, diamonds for error signals, no texts. */
function overview(view, at, { scale }) {
  const { nodes } = view.data;
  const kinds = { "paper area": "", value: "", signal: "" };
  nodes.forEach(({ x, y, width, height, leaf }, i) => {
    const kind = view.numbers.held[i].length ? "signal"
      : leaf || at.step >= stepOf(view, i) ? "value" : "paper area";
    const [w, h] = [Math.max(width, 5 / scale), Math.max(height, 5 / scale)];
    const r = (0.7 * (w + h)) / 2;
    if (kind === "signal") kinds[kind] += `M${x + width / 2 - r} ${y}l${r} ${-r}l${r} ${r}l${-r} ${r}z`;
    else kinds[kind] += leaf ? circle(x, y, Math.max(8, 2.5 / scale)) : `M${x} ${y - h / 2}h${w}v${h}h${-w}z`;
  });
  const now = at.node === null ? null : nodes[at.node];
  const stroke = (pixels) => ({ style: `stroke-width:${pixels / scale};stroke-dasharray:none` });
  const wide = stroke(3);
  return [
    svg("g", { class: "faint" }, wires(view, null, stroke(0.8))),
    Object.entries(kinds).map(([kind, d]) => svg("path", { class: kind, d, ...stroke(1) })),
    at.edge ? svg("path", { class: "two curve", d: at.edge.path, ...wide }) : null,
    now ? [
      svg("path", { class: "lit area", d: circle(now.x + now.width / 2, now.y, Math.max(14 / scale, 20)) }),
      svg("path", { class: `${at.back ? "two" : "one"} curve`, ...wide,
        d: circle(now.x + now.width / 2, now.y, Math.max(14 / scale, 20)) }),
    ] : null,
  ];
}

/** Which operation is lit, in a type that can be read. */
function callout(view, at, { scale, x, y }, height) {
  if (at.node === null) return null;
  const node = view.data.nodes[at.node];
  const [cx, cy] = [x + scale * (node.x + node.width / 2), y + scale * node.y];
  const width = node.name.length * COLUMN + 10;
  const left = Math.min(Math.max(cx + 20 + width > WIDTH ? cx - 20 - width : cx + 20, 2), WIDTH - width - 2);
  return lettered(at.back ? "signal" : "value", [node.name], left,
    Math.min(Math.max(cy - 10, 2), height - 22));
}

// ---- the panel: what is computed at this step, with numbers ----

function panelRows({ edges }) {
  const locals = edges.map(({ local }) => local).filter((local) => local?.length > 1 || local?.[0].length);
  if (locals.some((local) => local.length > 2 && !Array.isArray(local[0]))) return 5;
  return locals.length ? 4 : 3;
}

function panel(view, at, rows) {
  const { title, lines, last } = account(view, at);
  const all = lines.flatMap((line) => folded(line, 100)).slice(0, last ? rows - 2 : rows - 1);
  if (last) all.push(folded(last, 100)[0]);
  return svg("g", {},
    svg("rect", { class: "paper area", style: "stroke:none", width: WIDTH, height: rows * 19 + 14 }),
    svg("rect", { class: "panel area", x: 1, y: 1, width: WIDTH - 2, height: rows * 19 + 12, rx: 5 }),
    text(12, 20, title.length > 92 ? `${title.slice(0, 91)}…` : title, { class: "strong" }),
    all.map((line, k) =>
      mono(12, 20 + 19 * (k + 1), line, at.back ? "signal-text" : "value-text")));
}

/** A line in pieces of so many characters, broken at spaces. */
function folded(line, most) {
  const found = [""];
  for (const word of line.split(/(?<=[^ ] )(?=[^ ])/)) {
    if (found.at(-1).length + word.length > most && found.at(-1)) found.push("   ");
    found[found.length - 1] += word;
  }
  return found.map((piece) => (piece.length > most ? `${piece.slice(0, most - 1)}…` : piece));
}

/** A title, the lines of the calculation, and last where its result goes. */
function account(view, at) {
  const { numbers: n, data } = view;
  const { nodes, operations } = data;
  if (!at.step) {
    const names = data.leaves.slice(0, 8).map((i) => nodes[i].name).join(", ");
    const more = data.leaves.length > 8 ? " …" : "";
    return { title: `Before the first step: ${names}${more} known`, lines: [] };
  }
  const name = nodes[at.node].name;
  const { call, filled, result } = operations[stepOf(view, at.node) - 1];
  if (!at.back) {
    const gives = result.startsWith("(") ? ` has shape ${result}` : ` = ${result}`;
    const line = `${call}${filled ? ` = ${filled}` : ""}${gives}`;
    return { title: `Forward, ${at.step} of ${at.count}`, lines: [line] };
  }
  const title = `Backward, ${at.back} of ${at.visits.length + 1}`;
  if (!at.edge) {
    return { title: `${title}: the walk begins at ${name}`,
      lines: [`δ_${name} = ${shown(n.held[at.node], nodes[at.node])}`] };
  }
  return { title: `${title}: ${call} reports to ${nodes[at.edge.parent].name}`, lines: product(view, at),
    last: gathered(view, at) };
}

/** Shown entries in one line: a number, an array, or one entry of a large array. */
function shown(entries, node) {
  if (!entries.length) return spelled(entries, { ...node, shape: node.shape.length ? node.shape : [0] })[0];
  const line = flatly(spelled(entries, node));
  return node.place ? `${line} at [${node.place.join(", ")}]` : line;
}

/** The local derivative times the error signal that came in. */
function product({ numbers: n, data }, { edge }) {
  const [node, parent] = [data.nodes[edge.node], data.nodes[edge.parent]];
  const which = edge.use ? ` (operand ${edge.use})` : "";
  const [local, delta] = [`∂${node.name}/∂${parent.name}${which}`, `δ_${node.name}`];
  const { incoming, share } = n;
  if (edge.local && multiplied(edge.local, incoming, share)) {
    const diagonal = !Array.isArray(edge.local[0]);
    if (diagonal && share.length === 1) {
      const by = bracketed(incoming[0]);
      return [`${local} × ${delta} = ${format(edge.local[0])} × ${by} = ${format(share[0])}`];
    }
    const column = !diagonal && incoming.length === 1; // each entry gets the same error signal
    if ((diagonal || column) && share.length === 2) {
      const pairs = share.map((_, i) =>
        `${format([edge.local[i]].flat()[0])} × ${bracketed(incoming[column ? 0 : i])}`);
      const results = share.map((x) => format(x)).join(" and ");
      return [`${local} × ${delta} entry by entry: ${pairs.join(" and ")} = ${results}`];
    }
    return diagonal ? byEntries(local, delta, edge.local, incoming, share)
      : [oneEntry(local, delta, edge.local, incoming, share, parent)];
  }
  const size = ({ shape }) => (shape.length ? ` (${shape.join(", ")}${shape.length === 1 ? "," : ""})` : "");
  return [`share${size(parent)} = prod(${local}, ${delta}${size(node)}), here ${shown(share, parent)}`];
}

function multiplied(local, incoming, share) {
  const close = (x, y) => Math.abs(x - y) <= 1e-5 * Math.max(Math.abs(x), Math.abs(y)) || Object.is(x, y);
  if (!Array.isArray(local[0])) return share.every((x, i) => close(x, local[i] * incoming[i]));
  return share.every((x, i) => {
    const terms = local[i].map((slope, j) => slope * incoming[j]);
    const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
    return Math.abs(x - terms.reduce((sum, term) => sum + term, 0)) <= 1e-5 * size;
  });
}

/** Entry by entry, the three factors of each below one another. */
function byEntries(local, delta, slopes, incoming, share) {
  const rows = [[local, slopes], [`× ${delta}`, incoming], ["= share", share]];
  const cells = rows.map(([, row]) => row.map((x) => format(x)));
  const widths = slopes.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const before = Math.max(...rows.map(([head]) => head.length));
  return cells.map((row, k) =>
    `${rows[k][0].padEnd(before)}  ${row.map((cell, i) => cell.padStart(widths[i])).join("   ")}`);
}

/** One entry of the share as a sum of products: the first to which most terms contribute. */
function oneEntry(local, delta, matrix, incoming, share, parent) {
  const used = matrix.map((row) => row.filter((slope) => slope !== 0).length);
  const i = used.indexOf(Math.max(...used));
  const terms = matrix[i].flatMap((slope, j) =>
    slope === 0 && used[i] ? [] : [`${format(slope)} × ${bracketed(incoming[j])}`]);
  const index = [];
  for (let rest = i, axis = parent.shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % parent.shape[axis]);
    rest = Math.floor(rest / parent.shape[axis]);
  }
  const entry = index.length ? `entry [${index.join(", ")}] of the ` : "";
  return `${entry}share = prod(${local}, ${delta}): ${terms.join(" + ")} = ${format(share[i])}`;
}

function bracketed(x) {
  const shownText = format(x);
  return shownText.startsWith("−") ? `(${shownText})` : shownText;
}

/** What the operand held before, and holds now. */
function gathered({ numbers: n, settings, data }, { edge }) {
  const node = data.nodes[edge.parent];
  const name = `δ_${node.name}`;
  if (!Array.isArray(n.before)) return `${name} = ${shown(n.after, node)}`;
  const [before, after] = [shown(n.before, node), shown(n.after, node)];
  if (settings.overwrite) return `${name} = ${after}, and ${before} is lost`;
  if (n.before.length === 1) return `${name} = ${plus(n.before[0], n.share[0])} = ${after}`;
  return `${name} = ${before} + ${shown(n.share, node)} = ${after}`;
}

// ---- words ----

function words(view) {
  const { settings, data, numbers: n } = view;
  const at = place(settings, data);
  const { nodes } = data;
  if (!at.step) {
    return "Only the variables have values. Press Next or Play: forward first, one operation after the " +
      "other, then backward, one report after the other.";
  }
  const name = nodes[at.node].name;
  const { call, result } = data.operations[stepOf(view, at.node) - 1];
  if (!at.back) {
    const gives = result.startsWith("(") ? `an array of shape ${result}` : result;
    const next = at.step === at.count ? " All values are known: now the way back." : "";
    return `Forward, step ${at.step} of ${at.count}: ${call} gives ${gives}.${next}`;
  }
  const where = `Backward, step ${at.back} of ${at.visits.length + 1}`;
  if (!at.edge) {
    const first = shown(n.held[at.node], nodes[at.node]);
    return `${where}: the walk begins at ${name} with the error signal ${first}.`;
  }
  if (at.end) return `${where}, the last. ${verdict(view, at)}`;
  const target = nodes[at.edge.parent];
  const product = "local" in n ? `${format(n.local)} × ${bracketed(n.incoming[0])} = ` : "";
  const sent = `${where}: ${call} sends ${product}${shown(n.share, target)} to ${target.name}.`;
  return `${sent} ${consequence(view, at, target)}`;
}

function consequence(view, at, target) {
  const { numbers: n, settings } = view;
  const { node, parent } = at.edge;
  const arrived = (i) => users(view, i).filter((e) => n.shares[e].length).length;
  const [from, all] = [view.data.nodes[node].name, users(view, parent).length];
  const now = shown(n.after, target);
  if (settings.dive && at.visits.slice(0, at.back - 2).some(([e]) => e === at.number)) {
    return `${from} has reported to ${target.name} before, and now it sends all that it holds once more: ` +
      `${target.name} holds ${now}.`;
  }
  const [here, due] = [arrived(node), users(view, node).length];
  if (settings.dive && here < due) {
    return `${from} does not wait: of ${due} reports to it, ${here} ${here === 1 ? "has" : "have"} arrived.`;
  }
  if (!Array.isArray(n.before)) {
    if (all === 1) return `${target.name} has no other user.`;
    return `It is the first of ${all} reports to ${target.name}.`;
  }
  const before = shown(n.before, target);
  if (settings.overwrite) return `What stood there, ${before}, is lost.`;
  const complete = !settings.dive && arrived(parent) === all ? " That was the last report." : "";
  return `${target.name} held ${before}; together ${now}.${complete}`;
}

/** What has come out at the variables, and whether it is right. */
function verdict(view, at) {
  const { nodes, leaves } = view.data;
  const held = view.numbers.held;
  const wrong = leaves.filter((i) => !isRight(view, i));
  const say = (i, entries) =>
    `δ_${nodes[i].name} = ${entries.length ? shown(entries, nodes[i]) : "nothing"}`;
  const list = (ids, entries) =>
    ids.slice(0, 4).map((i) => say(i, entries(i))).join(", ") + (ids.length > 4 ? " …" : "");
  if (!at.wrong) {
    const forks = view.data.nodes.some(({ dot }) => dot);
    return `${list(leaves, (i) => held[i])}.${forks ? " Now turn on a switch and see what goes wrong." : ""}`;
  }
  const stopped = at.cut
    ? `Stopped after ${at.visits.length.toLocaleString("en-US")} visits: this walk follows every path ` +
      "by itself, and there are too many. " : "";
  if (!wrong.length) {
    return `${stopped}The variables get what is right: ${list(leaves, (i) => held[i])}. ` +
      "In this graph the mistake does no harm.";
  }
  const turned = wrong.find((i) => held[i].length === 1 && held[i][0] * nodes[i].right[0] < 0);
  const uphill = turned === undefined ? ""
    : ` With δ_${nodes[turned].name} of the wrong sign, descent walks uphill.`;
  const [theirs, ours] = [list(wrong, (i) => held[i]), list(wrong, (i) => nodes[i].right)];
  return `${stopped}Wrong: ${theirs}. Right: ${ours}.${uphill}`;
}

// ---- from one step to another ----

/** Keep the step and the operation of the list together; a walk at its end stays at its end. */
function changed(name, view) {
  const { settings, data } = view;
  if (name === "op") settings.step = stepTo(view, options(view).indexOf(settings.op));
  const { last } = place(settings, data);
  if (name === "overwrite" || name === "dive") {
    settings.step = view.cache.ended ? last : Math.min(settings.step, last);
  }
  const at = place(settings, data);
  view.cache.ended = at.end;
  settings.op = options(view)[at.node === null ? 0 : stepOf(view, at.node)];
  view.model.set("settings", { ...settings });
}

/** Where the k-th operation is at work, in the pass in which the walk is now. */
function stepTo(view, k) {
  const { data, settings } = view;
  const { back, count, visits } = place(settings, data);
  if (!back || !k) return k;
  const node = data.operations[k - 1].node;
  const visit = visits.findIndex(([e]) => data.edges[e].node === node);
  return visit < 0 ? k : count + 2 + visit;
}

export default figure({ size: [WIDTH, 400], numbers, draw, words, limits, changed });
