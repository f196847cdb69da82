// Heat on a window: forward and backward of a small network that tags a word by its neighbors.

import { figure, format, path, scale, svg, text } from "./base.js";

const BARS = 6; // tags that are shown, the most probable ones and the true one
const PLACES = 12; // of one row that are listed

export function numbers(settings, data) {
  const place = settings.place - 1;
  const { words, tags, truth, rows: entries } = data;
  const reach = settings.window ?? data.reach;
  const slots = slotsOf(data.lengths, reach);
  const found = data.nets ? signals(data, slots, reach, data.stages.indexOf(settings.stage)) : data;
  const best = found.yhat.map((p) => p.indexOf(Math.max(...p)));
  const own = found.yhat.map((p, i) => -Math.log(p[truth[i]]));
  const order = tags.map((_, k) => k).sort((a, b) => found.yhat[place][b] - found.yhat[place][a] || a - b);
  let kept = order.slice(0, BARS);
  if (!kept.includes(truth[place])) kept = [...order.slice(0, BARS - 1), truth[place]];
  kept.sort((a, b) => a - b);
  const others = entries.flatMap((row, i) => (row === entries[place] && i !== place ? [i] : []));
  const same = [place, ...others].slice(0, PLACES).sort((a, b) => a - b);
  const all = {
    word: [words[place], tags[truth[place]], tags[best[place]]],
    words: slots[place].map((i) => (i ? words[i - 1] : "<pad>")),
    heat: found.heat[place],
    tags: kept.map((k) => tags[k]),
    yhat: kept.map((k) => found.yhat[place][k]),
    own: own[place],
    uses: 1 + others.length,
    places: same.map((i) => i + 1),
    shares: same.map((i) => found.shares[i]),
    row: found.sums[place],
    right: best.filter((k, i) => k === truth[i]).length,
    count: truth.length,
    loss: own.reduce((a, b) => a + b) / own.length,
    wrong: best.flatMap((k, i) => (k === truth[i] ? [] : [i + 1])),
    slots: slots[place],
  };
  if (!data.nets) return all;
  const vectors = same.map((i) => found.vectors[i]);
  return { ...all, vectors, sum: total(vectors), floor: data.floors[reach] };
}

/** The places in the window of each word, 1, 2, 3 ..., and 0 for the padding. */
function slotsOf(lengths, reach) {
  const found = [];
  let before = 0;
  for (const length of lengths) {
    for (let i = 0; i < length; i++) {
      const window = [];
      for (let k = i - reach; k <= i + reach; k++) window.push(k < 0 || k >= length ? 0 : before + k + 1);
      found.push(window);
    }
    before += length;
  }
  return found;
}

/** What comes back to every word from the loss of each window, and its sums by place and by row. */
function signals({ nets, rows: entries, truth }, slots, reach, stage) {
  const { E, W1, b1, W2, b2 } = nets[reach][stage];
  const shares = [[0, 0, 0, 0], ...entries.map(() => [0, 0, 0, 0])];
  const [yhat, heat] = [[], []];
  slots.forEach((window, i) => {
    const x = window.flatMap((place) => E[place ? entries[place - 1] : 0]);
    const h = W1.map((row, j) => Math.tanh(dot(row, x) + b1[j]));
    const p = probabilities(W2.map((row, k) => dot(row, h) + b2[k]));
    const deltaZ = p.map((value, k) => value - (k === truth[i] ? 1 : 0));
    const deltaH = back(W2, deltaZ).map((value, j) => (1 - h[j] * h[j]) * value);
    const delta = back(W1, deltaH);
    yhat.push(p);
    heat.push(window.map((_, s) => Math.hypot(...delta.slice(4 * s, 4 * s + 4))));
    window.forEach((place, s) => {
      for (let j = 0; j < 4; j++) shares[place][j] += delta[4 * s + j];
    });
  });
  const vectors = shares.slice(1);
  const sums = entries.map((row) => Math.hypot(...total(vectors.filter((_, i) => entries[i] === row))));
  return { yhat, heat, vectors, shares: vectors.map((share) => Math.hypot(...share)), sums };
}

function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/** W transposed times δ. */
function back(W, delta) {
  return W[0].map((_, j) => W.reduce((sum, row, k) => sum + row[j] * delta[k], 0));
}

function total(vectors) {
  return vectors[0].map((_, j) => vectors.reduce((sum, vector) => sum + vector[j], 0));
}

function probabilities(z) {
  const top = Math.max(...z);
  const powers = z.map((value) => Math.exp(value - top));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((value) => value / sum);
}

function draw({ numbers: n, settings, data }) {
  const most = Math.max(data.nets ? data.most[settings.window] : data.most, 1e-12);
  return [
    sentences(n, settings, data, most), heatPanel(n, settings, most), tagPanel(n), rowPanel(n, data, most),
    foot(n),
  ];
}

/** The words in lines; of a long text the line of the chosen word and one beside it. */
function linesOf({ words, lengths, tags, truth }) {
  const lines = [];
  let place = 0;
  for (const length of lengths) {
    let x = 12;
    lines.push([]);
    for (let i = 0; i < length; i++, place++) {
      const shown = shorter(words[place], 18);
      const tag = tags[truth[place]].length + 2; // with its ✗
      const width = Math.max(48, 8.4 * [...shown].length + 14, 9 * tag + 10);
      if (x + width > 808) {
        lines.push([]);
        x = 12;
      }
      lines.at(-1).push({ place, shown, x, width });
      x += width;
    }
  }
  return lines;
}

function shorter(word, most) {
  const letters = [...word];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : word;
}

function sentences(n, settings, data, most) {
  const lines = linesOf(data);
  const chosen = settings.place - 1;
  const here = lines.findIndex((line) => line.some(({ place }) => place === chosen));
  const first = Math.max(0, Math.min(here, lines.length - 2));
  return lines.slice(first, first + 2).map((line, row) => line.map(({ place, shown, x, width }) => {
    const y = 8 + 58 * row;
    const slot = n.slots.indexOf(place + 1);
    const wrong = n.wrong.includes(place + 1);
    const middle = x + width / 2;
    return svg("g", { "data-set": JSON.stringify({ place: place + 1 }) }, [
      svg("rect", { class: "panel area", x: x + 1, y, width: width - 2, height: 50, rx: 4 }),
      slot >= 0 && svg("rect", {
        class: "two area", "fill-opacity": 0.4 * Math.sqrt(Math.min(1, n.heat[slot] / most)), x: x + 1, y,
        width: width - 2, height: 50, rx: 4,
      }),
      slot >= 0 && svg("rect", {
        class: place === chosen ? "one curve" : "wire curve dashed", x: x + 2, y: y + 1, width: width - 4,
        height: 48, rx: 4,
      }),
      text(middle, y + 21, shown, { "text-anchor": "middle", class: place === chosen ? "strong" : "" }),
      text(middle, y + 41, `${wrong ? "✗ " : ""}${data.tags[data.truth[place]]}`, {
        "text-anchor": "middle", size: 13, class: wrong ? "bad strong" : slot >= 0 ? "" : "muted",
      }),
    ].filter(Boolean));
  }));
}

const TOP = 152; // where the three panels begin

function panelTitle(x, first, second) {
  return [text(x, TOP, first, { class: "strong" }), text(x, TOP + 18, second, { class: "muted", size: 13 })];
}

function heatPanel(n, { window }, most) {
  const count = n.words.length;
  const middle = (count - 1) / 2;
  const from = Math.max(0, middle - 3); // seven words have room
  const width = scale([0, Math.max(most, ...n.heat)], [0, 88]);
  return svg("g", {}, [
    panelTitle(12, "heat on the window", "what comes back to each word"),
    n.words.slice(from, from + 7).map((word, i) => {
      const slot = from + i;
      const offset = slot - middle;
      const y = TOP + 42 + Math.min(30, 180 / Math.min(count, 7)) * i;
      const name = offset ? `${offset > 0 ? "+" : "−"}${Math.abs(offset)}` : "•";
      return [
        text(12, y + 5, name, { class: "muted mono", size: 13 }),
        text(36, y + 5, shorter(word, 10), { class: offset ? "" : "strong" }),
        svg("rect", { class: "signal", x: 124, y: y - 9, width: width(n.heat[slot]), height: 18 }),
        text(272, y + 5, format(n.heat[slot], 3), {
          class: "signal-text mono", "text-anchor": "end", size: 13,
        }),
      ];
    }),
    window === 0 ? text(12, TOP + 84, "the network sees no neighbor", { class: "muted", size: 13 }) : [],
  ]);
}

function tagPanel(n) {
  const [, truth] = n.word;
  return svg("g", {}, [
    panelTitle(300, "prediction ŷ", `★ the true tag; loss ${format(n.own, 3)}`),
    n.tags.map((tag, k) => {
      const y = TOP + 42 + 30 * k;
      const right = tag === truth;
      return [
        text(300, y + 5, right ? "★" : "", { class: "good", size: 13 }),
        text(318, y + 5, shorter(tag, 8), { class: right ? "good strong" : "" }),
        svg("rect", {
          class: right ? "good area" : "one area", x: 390, y: y - 9, width: 84 * n.yhat[k], height: 18,
        }),
        text(540, y + 5, format(n.yhat[k], 3), { class: "mono", "text-anchor": "end", size: 13 }),
      ];
    }),
  ]);
}

/** What the places of one row of E send back, and their sum; of many places the chosen one first. */
function rowPanel(n, { words, tags, truth, entries }, most) {
  const at = n.slots[(n.slots.length - 1) / 2];
  const order = [at, ...n.places.filter((place) => place !== at)].slice(0, 4).sort((a, b) => a - b);
  const index = order.map((place) => n.places.indexOf(place));
  const shares = index.map((i) => n.shares[i]);
  const more = n.uses - order.length;
  const step = n.vectors ? 46 : 28; // four entries need more height than one length
  const largest = n.vectors ? Math.max(most / 4, ...[n.sum, ...n.vectors].flat().map(Math.abs))
    : Math.max(most, n.row, ...shares);
  const y = (i) => TOP + (n.vectors ? 52 : 42) + step * i;
  const line = (i, name, vector, value, kind, strong = "") => [
    text(568, y(i) + 5, name, { size: 13, class: strong }),
    vector ? entriesOf(vector, largest, y(i), kind)
    : svg("rect", { class: kind, x: 650, y: y(i) - 9, width: (95 * value) / largest, height: 18 }),
    text(808, y(i) + 5, format(value, 3), { class: "signal-text mono", "text-anchor": "end", size: 13 }),
  ];
  const last = order.length + (more ? 0.7 : 0);
  const border = y(last) - step / 2 - 1;
  const entry = shorter(entries ? entries[at - 1] : words[at - 1], 14);
  const places = `at ${n.uses === 1 ? "one place" : `${n.uses} places`}`;
  const adds = n.slots.length > 1 ? ", all windows: δ adds up" : n.uses > 1 ? ", a fork: δ adds up" : "";
  return svg("g", {}, [
    panelTitle(568, `the row of “${entry}” in E`, `${places}${adds}`),
    order.map((place, i) => line(i, `${place}, ${shorter(tags[truth[place - 1]], 6)}`, n.vectors?.[index[i]],
      shares[i], "signal", place === at ? "strong" : "")),
    more ? text(568, y(order.length - 0.1), `and ${more} more`, { size: 13, class: "muted" }) : [],
    svg("path", { class: "axis", d: path([[568, border], [808, border]]) }),
    line(last, "sum", n.sum, n.row, "three area", "strong"),
  ]);
}

/** The four entries of an error signal, upward or downward from the line at height y. */
function entriesOf(vector, largest, y, kind) {
  const height = scale([-largest, largest], [-19, 19]);
  return [
    svg("path", { class: "grid", d: path([[640, y], [736, y]]) }),
    vector.map((value, j) => svg("rect", {
      class: kind, x: 642 + 24 * j, y: y - Math.max(0, height(value)), width: 19,
      height: Math.abs(height(value)),
    })),
  ];
}

function foot(n) {
  const x = scale([0, 2.2], [390, 700]);
  const y = 386;
  return svg("g", {}, [
    text(12, y + 5, `${n.right} of ${n.count} words right`, { class: "strong" }),
    text(300, y + 5, "mean loss"),
    svg("rect", { class: "one area", x: 390, y: y - 9, width: Math.min(x(n.loss), 720) - 390, height: 18 }),
    n.floor === undefined ? [] : [
      svg("path", { class: "bad curve", d: path([[x(n.floor), y - 15], [x(n.floor), y + 15]]) }),
      text(390, y + 30, `floor ${format(n.floor)}: the least that this window allows`, {
        size: 13, class: "bad",
      }),
    ],
    text(808, y + 5, format(n.loss), { class: "mono", "text-anchor": "end" }),
  ]);
}

function words({ numbers: n, settings: { place: at, stage, window }, data }) {
  const [word, truth, best] = n.word;
  const other = n.places.find((place) => data.truth[place - 1] !== data.truth[at - 1]);
  const elsewhere = other && `${data.tags[data.truth[other - 1]]} as word ${other}`;
  if (data.nets && stage === "trained" && other) {
    if (window === 0) {
      const sent = n.shares.map((share) => format(share, 3)).join(" and ");
      return `“${word}” is ${truth} as word ${at} and ${elsewhere}, and with the word alone both look ` +
        `the same. The two places send ${sent} to one row of E, against each other: the sum is ` +
        `${format(n.row, 2)}, and training has stopped at the floor. Let the network see a neighbor.`;
    }
    return `With its neighbors “${word}” is clear: ${truth} here, ${elsewhere}. ${n.right} of ` +
      `${n.count} words are right, the loss is ${format(n.loss)}, and hardly any error signal comes back to E.`;
  }
  const said = best === truth
    ? `“${word}” is ${truth}, and the network gives that ${format(n.yhat[n.tags.indexOf(truth)], 3)}.`
    : `“${word}” is ${truth}, but the network says ${best}.`;
  const hottest = Math.max(...n.heat);
  const heat = n.heat.length === 1
    ? `All of the error signal, ${format(hottest, 3)}, comes back to its own vector.`
    : `Of its window “${n.words[n.heat.indexOf(hottest)]}” hears most of it, ${format(hottest, 3)}.`;
  const right = `Right: ${n.right} of ${n.count}${data.nets ? "" : " words of this list"}.`;
  const next = stage === "trained" && window === 0 ? " Now look at Paris and Hilton." : "";
  return `${said} ${heat} ${right}${next}`;
}

export default figure({ size: [820, 430], numbers, draw, words });
