// An expression as a graph: its values, the error signals on their way back, and broken gates.

import { boxed, figure, format, svg, text } from "./base.js";

const logistic = (x) => {
  const small = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : small) / (1 + small);
};

// Of each operation: its value, and the slope by each operand times what comes in.
const GATES = {
  "+": [(a, b) => a + b, (d) => [d, d]],
  "-": [(a, b) => a - b, (d) => [d, -d]],
  "*": [(a, b) => a * b, (d, z, a, b) => [d * b, d * a]],
  "/": [(a, b) => a / b, (d, z, a, b) => [d / b, (-d * z) / b]],
  "**": [(a, n) => a ** n, (d, z, a, n) => [d * (n ? n * a ** (n - 1) : 0), 0]],
  neg: [(a) => -a, (d) => [-d]],
  exp: [Math.exp, (d, z) => [d * z]],
  log: [Math.log, (d, z, a) => [d / a]],
  sqrt: [Math.sqrt, (d, z) => [(d * 0.5) / z]],
  tanh: [Math.tanh, (d, z) => [d * (1 - z * z)]],
  sigmoid: [logistic, (d, z) => [d * (z * (1 - z))]],
  relu: [(a) => Math.max(a, 0), (d, z, a) => [a > 0 ? d : 0 * d]],
  softplus: [(a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))), (d, z, a) => [d * logistic(a)]],
};
const BROKEN = { "× does not swap": "*", "+ scales like ×": "+" };
const AGREES = "agrees";
const FORGOTTEN = "incoming δ forgotten";
const WIRE = 92; // the length of a wire, which carries two numbers
const READING = "Python is reading the expression";
const COMPUTING = "Python is computing, for an operation of your own";
const ALONE = "no kernel runs here that could read a new expression: choose one of the examples";
const UNKNOWN = "no kernel runs here that could compute an operation of your own: choose another example";
const WAITING = [READING, COMPUTING];
const ABSENT = "–"; // stands for an error signal that has not arrived

export function numbers(settings, data) {
  const graph = data.graphs[settings.text];
  if (graph) return computed(graph, settings, data);
  const problem = data.problems[settings.text] ?? (data.alone === settings.text ? ALONE : READING);
  const before = data.graphs[data.last];
  return { ...computed(before, { ...settings, text: data.last }, data), problem };
}

/** In a graph with operations of the learner's own Python walks, and only the steps are made here. */
function asked(graph, settings, data) {
  const found = walked(settings, data);
  if (!found) {
    const problem = data.alone === key(settings) ? UNKNOWN : COMPUTING;
    return { problem, values: graph.operations.map(() => NaN) };
  }
  if (!found.right) return found;
  const { values, right, broken, doubt } = found;
  return { ...stepped(graph, values, right, broken, settings.step), doubt };
}

/** What Python has found: for these settings or, while it is at them, for those before. */
function walked(settings, data) {
  const wanted = key(settings);
  return data.walks?.[wanted] ?? (data.alone === wanted ? null : data.recent?.[settings.text]);
}

function key({ text: typed, x, y, z, w, broken }) {
  return `${x} ${y} ${z} ${w} ${broken} ${typed}`;
}

function computed(graph, settings, data) {
  if (graph.own) return asked(graph, settings, data);
  const { operations, names } = graph;
  const values = [];
  for (const [k, { op, operands }] of operations.entries()) {
    const found = inputs(operands, values);
    values.push(op === "variable" ? settings[names[k]] : GATES[op][0](...found));
    if (!Number.isFinite(values[k])) {
      return unfinished(graph, values, k, `${spelled(op, found)} has no finite value`);
    }
  }
  const right = walk(graph, values, "none");
  for (let k = operations.length - 1; k >= 0; k--) {
    if (right.sent[k].every(Number.isFinite)) continue;
    const { op, operands } = operations[k];
    const what = spelled(op, inputs(operands, values));
    return unfinished(graph, values, k, `${what} has no finite slope`);
  }
  return stepped(graph, values, right, walk(graph, values, settings.broken), settings.step);
}

function inputs(operands, values) {
  return operands.map((operand) => operand.at === undefined ? operand : values[operand.at]);
}

/** A gate without a finite value or slope: what comes before it is all that can be known. */
function unfinished({ operations }, values, failed, problem) {
  return { problem, values: operations.map((_, k) => (k < failed ? values[k] : NaN)), failed };
}

const WORDS = { "+": "+", "-": "−", "*": "×", "/": "÷" };

function spelled(op, operands) {
  const [a, b] = operands.map((x) => format(x));
  if (op === "**") return `${a} to the power ${b}`;
  if (op === "neg") return `minus of ${a}`;
  return b === undefined ? `${op} of ${a}` : `${a} ${WORDS[op]} ${b}`;
}

/** Each node's error signal, its shares, and what each gate sends to its operands that are nodes. */
function walk({ operations }, values, broken) {
  const shares = operations.map(() => []);
  const deltas = operations.map(() => 0);
  const sent = operations.map(() => []);
  for (let k = operations.length - 1; k >= 0; k--) {
    const { op, operands } = operations[k];
    deltas[k] = k === operations.length - 1 ? 1 : shares[k].reduce((sum, share) => sum + share);
    if (op === "variable") continue;
    const found = inputs(operands, values);
    const all = op === BROKEN[broken] ? found.map((x) => deltas[k] * x)
      : GATES[op][1](broken === FORGOTTEN ? 1 : deltas[k], values[k], ...found);
    operands.forEach((operand, side) => {
      if (operand.at === undefined) return;
      sent[k].push(all[side]);
      shares[operand.at].push(all[side]);
    });
  }
  return { sent, deltas: deltas.map((delta, k) => (shares[k].length ? total(shares[k]) : delta)) };
}

/** A sum; rounding noise of terms that cancel is 0. */
function total(terms) {
  return settled(terms.reduce((sum, term) => sum + term, 0), terms);
}

function settled(sum, terms) {
  return Math.abs(sum) < 1e-12 * Math.max(...terms.map(Math.abs)) ? 0 : sum;
}

function stepped(graph, computedValues, right, broken, step) {
  const { operations, names, formulas } = graph;
  const inner = gates(graph);
  const done = [...inner].reverse().slice(0, step);
  const arrived = operations.map((_, k) => (k === operations.length - 1 ? [1] : []));
  for (const k of done) {
    const targets = operations[k].operands.filter((operand) => operand.at !== undefined);
    targets.forEach(({ at }, side) => arrived[at].push(broken.sent[k][side]));
  }
  const values = computedValues.map((value, k) => {
    const { op, operands } = operations[k];
    return op === "+" || op === "-" ? settled(value, inputs(operands, computedValues)) : value;
  });
  const deltas = arrived.map((shares) => (shares.length ? total(shares) : ABSENT));
  const leaves = [...operations.keys()].filter((k) => operations[k].op === "variable");
  return {
    f: values.at(-1),
    gradient: leaves.map((k) => [names[k], values[k], right.deltas[k], broken.deltas[k]]),
    gates: inner.map((k) => [names[k], formulas[k], values[k], deltas[k]]),
    sent: done.length ? broken.sent[done.at(-1)] : [],
    values,
    deltas,
    right: right.deltas,
    full: broken.deltas,
  };
}

function shown({ settings, data }) {
  return data.graphs[settings.text] ?? data.graphs[data.last];
}

/** The places of the operations that are no variables. */
function gates({ operations }) {
  return [...operations.keys()].filter((k) => operations[k].op !== "variable");
}

function draw(view) {
  const graph = shown(view);
  if (!view.data.graphs[view.settings.text]) request(view);
  else if (graph.own) requestWalk(view);
  const [width, height] = graph.size;
  const [left, top] = [12 + Math.max(0, (796 - width) / 2), 62];
  const bottom = top + Math.max(height, 110);
  const box = `0 0 820 ${Math.round(bottom + 124)}`;
  if (view.picture.getAttribute("viewBox") !== box) view.picture.setAttribute("viewBox", box);
  const unread = !view.data.graphs[view.settings.text] && view.numbers.problem !== READING;
  const middle = top + (Math.max(height, 110) - height) / 2;
  return [
    heading(view),
    svg("g", { transform: `translate(${left} ${middle})`, class: unread ? "faint" : "" }, [
      wires(graph), graph.operations.map((_, k) => node(view, graph, k)),
    ]),
    "gradient" in view.numbers ? svg("g", { class: unread ? "faint" : "" }, table(view, bottom + 24)) : null,
  ].filter((part) => part !== null);
}

function heading({ numbers: n, settings }) {
  if (n.problem) {
    const color = WAITING.includes(n.problem) ? "muted" : "bad strong";
    return folded(n.problem).map((line, k) => text(12, 22 + 22 * k, line, { class: color }));
  }
  return [
    text(12, 22, `f = ${settings.text}`, { class: "strong mono" }),
    svg("rect", { class: "value", x: 12, y: 35, width: 30, height: 16, rx: 3 }),
    text(50, 48, "values, below the wires", { class: "muted", size: 13 }),
    svg("rect", { class: "signal", x: 232, y: 35, width: 30, height: 16, rx: 3 }),
    text(270, 48, "error signals δ = df/d·, above", { class: "muted", size: 13 }),
  ];
}

/** A message in two lines at most. */
function folded(message) {
  if (message.length < 96) return [message];
  const cut = message.lastIndexOf(" ", 96);
  return [message.slice(0, cut), message.slice(cut + 1)];
}

function wires({ paths, trunks, names, forks, origins, ends, halves, operations }) {
  const last = operations.length - 1;
  return [
    paths.map((d) => svg("path", { class: "wire curve", d })),
    trunks.map(([d, k, x, y]) => [
      svg("path", { class: "wire curve", d }),
      text(x + 2, y - 5, names[k], { class: "muted", size: 13 }),
    ]),
    origins.map(([x, y], k) => [
      svg("path", {
        class: "wire curve", d: `M${x + halves[k]} ${y}H${k === last ? x + halves[k] + WIRE : ends[k]}`,
      }),
      forks[k] ? svg("circle", { class: "wire curve", cx: ends[k], cy: y, r: 3 }) : null,
    ]),
  ];
}

function node({ numbers: n, settings }, graph, k) {
  const { labels, origins, halves, operations, names } = graph;
  const [x, y] = origins[k];
  const middle = x + halves[k] + WIRE / 2;
  const { op } = operations[k];
  const broken = op !== "variable" && (op === BROKEN[settings.broken] || settings.broken === FORGOTTEN);
  const current = gates(graph).at(-settings.step) === k && settings.step > 0;
  const delta = n.deltas?.[k] ?? ABSENT;
  const off = delta !== ABSENT && differs(n.full[k], n.right[k]);
  const box = { x: x - halves[k], y: y - 17, width: 2 * halves[k], height: 34, rx: 5 };
  return [
    op === "variable" ? null : svg("rect", { class: current ? "lit area" : "panel area", ...box }),
    op === "variable" ? null : svg("rect", {
      class: k === n.failed || broken ? "bad curve dashed" : "wire curve", ...box,
    }),
    text(x, y + 5, labels[k], {
      class: "mono strong", "text-anchor": "middle", size: op === "variable" ? 16 : 14,
    }),
    op === "variable" ? null : text(x, y - 21, names[k], {
      class: "muted", "text-anchor": "middle", size: 13,
    }),
    broken || k === n.failed ? text(x, y + 31, k === n.failed ? "?" : "✗", {
      class: "bad", "text-anchor": "middle", size: 13,
    }) : null,
    Number.isNaN(n.values[k]) ? null : boxed("value", middle, y + 17, brief(n.values[k]), { size: 13 }),
    delta === ABSENT ? null : boxed("signal", middle, y - 17, brief(delta) + (off ? " ✗" : ""), { size: 13 }),
  ];
}

/** A number in the width of a wire. */
function brief(x) {
  const full = format(x);
  return full.length > 8 ? format(x, 2) : full;
}

function differs(a, b) {
  return !(Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)));
}

/** The variables, their gradients and, with a broken gate, what comes out instead. */
function table({ numbers: n, settings }, y) {
  const at = (column) => 330 + 130 * column;
  const finished = settings.step >= n.gates.length;
  const line = (row, name, column, color = () => "") => [
    text(12, y + 25 * row, name, { class: row === 3 ? "bad" : "" }),
    n.gradient.map((variable, k) => text(at(k), y + 25 * row, column(variable), {
      class: `mono ${color(variable)}`, "text-anchor": "end",
    })),
  ];
  return [
    svg("path", { class: "grid", d: `M12 ${y - 20}H808` }),
    line(0, "variable", ([name]) => name, () => "strong"),
    line(1, "value", ([, value]) => format(value)),
    finished ? line(2, "gradient df/d·", ([, , right]) => format(right),
      () => (n.doubt && n.doubt !== AGREES ? "bad strong" : "good strong"))
      : text(12, y + 50, `gates to go before the gradient: ${n.gates.length - settings.step}`, {
        class: "muted",
      }),
    settings.broken === "none" || !finished ? [] : line(3, "with the broken gate",
      ([, , right, wrong]) => `${format(wrong)}${differs(right, wrong) ? " ✗" : " ✓"}`,
      ([, , right, wrong]) => (differs(right, wrong) ? "bad" : "good")),
  ];
}

function words(view) {
  const { numbers: n, settings, data } = view;
  if (!data.graphs[settings.text]) return `${sentence(n.problem)} The picture is still that of ${data.last}.`;
  if (n.problem === COMPUTING) return `${COMPUTING}.`;
  if (n.problem) return `${sentence(n.problem)} Move a slider, or change the expression.`;
  const graph = shown(view);
  const order = gates(graph).reverse();
  const step = Math.min(settings.step, order.length);
  if (!order.length) return `f is ${settings.text} itself: its slope is 1. Add a gate.`;
  if (step === 0) {
    return `All values are there: f = ${format(n.f)}. The way back begins with δ = df/df = 1: press Next.`;
  }
  const finished = step === order.length;
  const slopes = walked(settings, data)?.slopes;
  const last = gate(graph, n, order[step - 1], settings.broken, slopes);
  return `${last} ${ending(graph, n, settings.broken, finished)}`;
}

function sentence(problem) {
  return `${problem[0].toUpperCase()}${problem.slice(1)}.`;
}

/** What the gate k did last. */
function gate({ operations, names, formulas }, n, k, broken, own) {
  const { op, operands } = operations[k];
  const targets = operands.filter(({ at }) => at !== undefined).map(({ at }) => names[at]);
  const shares = targets.map((name, side) => `${format(n.sent[side])} to ${name}`).join(" and ");
  const incoming = n.deltas[k];
  const begin = `${names[k]} = ${formulas[k]} receives δ = ${format(incoming)}`;
  if (broken === FORGOTTEN) return `${begin}, forgets it and sends only its own slope: ${shares}.`;
  if (op === BROKEN[broken]) return `${begin} and, broken, sends δ times each operand itself: ${shares}.`;
  if (own?.[k] !== undefined && differs(own[k] * incoming, n.sent[0])) {
    return `${begin} and sends ${shares}, which is not its slope ${format(own[k])} times δ.`;
  }
  const slopes = own?.[k] !== undefined ? [own[k]]
    : GATES[op][1](1, n.values[k], ...inputs(operands, n.values));
  const variable = slopes.filter((_, side) => operands[side].at !== undefined);
  const products = targets.map((name, side) =>
    `${factor(variable[side])} · ${factor(incoming)} = ${format(n.sent[side])} to ${name}`);
  return `${begin} and sends slope · δ: ${products.join(" and ")}.`;
}

function factor(x) {
  return x < 0 ? `(${format(x)})` : format(x);
}

function ending(graph, n, broken, finished) {
  const list = (column) => {
    const found = n.gradient.map((variable) => format(variable[column])).join(", ");
    return n.gradient.length > 1 ? `(${found})` : found;
  };
  if (broken in BROKEN && !graph.operations.some(({ op }) => op === BROKEN[broken])) {
    return `There is no ${broken[0]} in this expression to break.`;
  }
  if (!finished) return "";
  if (n.doubt && n.doubt !== AGREES) return `Look at your operation, ${n.doubt}.`;
  if (broken === "none") return `Every gate has been passed: the gradient is ${list(2)}.`;
  const wrong = n.gradient.some(([, , right, found]) => differs(right, found));
  return wrong ? `The broken gate ends in ${list(3)}; the gradient is ${list(2)}.`
    : `Broken, and yet ${list(2)} comes out right: move a slider.`;
}

/** The stepper ends with the last gate. */
function limits(settings, data) {
  return { step: gates(shown({ settings, data })).length };
}

/** Ask for the graph of what is typed; an answer that comes too late is dropped. */
function request(view) {
  const typed = view.settings.text;
  if (view.data.asked === typed) return;
  view.data.asked = typed;
  view.ask(typed).then(({ graph, problem }) => {
    if (view.settings.text !== typed) return;
    const { graphs, problems } = view.data;
    if (graph) {
      view.replace({ ...view.data, graphs: { ...graphs, [typed]: graph } });
      known(view);
    } else {
      view.replace({ ...view.data, problems: { ...problems, [typed]: problem } });
    }
  }, () => {
    if (view.settings.text === typed) view.replace({ ...view.data, alone: typed });
  });
}

/** Ask for the walks at these settings; each move of a slider is another question. */
function requestWalk(view) {
  const wanted = key(view.settings);
  if (view.data.walks[wanted] || view.data.asked === wanted) return;
  view.data.asked = wanted;
  const { text: typed, x, y, z, w, broken } = view.settings;
  view.ask({ text: typed, x, y, z, w, broken }).then((found) => {
    const walks = { ...view.data.walks, [wanted]: found };
    view.replace({ ...view.data, walks, recent: { [typed]: found } });
  }, () => {
    if (key(view.settings) === wanted) view.replace({ ...view.data, alone: wanted });
  });
}

/** From here on the picture is of this expression, all gradients there. */
function known(view) {
  const { settings: { text: typed }, data } = view;
  data.last = typed;
  view.set({ step: gates(data.graphs[typed]).length });
}

function changed(name, view) {
  const { settings, data } = view;
  if (name === "example" && settings.example !== data.typed && settings.example !== settings.text) {
    view.set({ text: settings.example });
  }
  if (name !== "text") return;
  const example = view.spec.controls.find((control) => control.name === "example").options;
  settings.example = example.includes(settings.text) ? settings.text : data.typed;
  if (data.graphs[settings.text]) known(view);
}

export default figure({ size: [820, 420], numbers, draw, words, limits, changed });
