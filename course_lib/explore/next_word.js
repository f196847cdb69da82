// The next word: what window models predict after a beginning, and the dart that draws a word.

import { figure, format, path, scale, svg, text } from "./base.js";

const BARS = 8;
const LONGEST = 200; // characters of the line
const HIDDEN_WORDS = ["<pad>", "<unk>"]; // are never drawn
const UNSEEN = { "fill-opacity": 0, "stroke-opacity": 0 }; // of a place for the mouse

export function numbers({ text: line, context: length, u }, data) {
  const { ids, nets, known } = prepared(data);
  const { words } = data;
  const tokens = tokensOf(line, ids);
  const unknown = tokens.filter((token) => !ids.has(token));
  const contexts = Array.from({ length: data.contexts + 1 }, (_, n) => contextOf(tokens, ids, n, data));
  const byContext = contexts.map((context) => {
    const key = context.join(" ");
    if (known.size > 50) known.clear();
    if (!known.has(key)) known.set(key, prediction(context, ids, nets, data));
    return known.get(key);
  });
  const [context, p] = [contexts[length], byContext[length]];
  const order = Array.from(p.keys()).sort((a, b) => p[b] - p[a] || a - b);
  const best = order.slice(0, BARS);
  const common = {
    tokens,
    context,
    reads: context.join(" ") || "none",
    unknown: [...new Set(unknown)].join(", ") || "none",
    top: best.map((k) => words[k]),
    p: best.map((k) => p[k]),
    rest: clean(1 - best.reduce((sum, k) => sum + p[k], 0)),
    hesitation: hesitation(p),
    hesitations: byContext.map(hesitation),
    u,
    drawn: drawn(order, p, u, words),
    next: thrown(1000 * tokens.length + Math.round(1000 * u)),
  };
  if (!data.losses) return common;
  const after = followers(context, data.text);
  return {
    ...common,
    observed: common.top.map((word) => after.filter((other) => other === word).length),
    losses: data.losses,
    floors: data.floors,
  };
}

const ready = new WeakMap(); // what has been unpacked of some data, and the last predictions

function prepared(data) {
  if (!ready.has(data)) {
    const ids = new Map(data.words.map((word, k) => [word, k]));
    const nets = data.losses ? data.nets.map((net) => net.map(floats)) : [data.nets.map(floats)];
    ready.set(data, { ids, nets, known: new Map() });
  }
  return ready.get(data);
}

/** A table as it came, or made of bytes and the scales of its rows. */
function floats({ shape, values, scales, bytes }) {
  if (values) return { shape, values: Float64Array.from(values) };
  const signed = Int8Array.from(atob(bytes), (character) => character.charCodeAt(0));
  const width = signed.length / scales.values.length;
  return { shape, values: Float64Array.from(signed, (x, i) => x * scales.values[Math.floor(i / width)]) };
}

// The rules of course_lib.text.tokenize.
const TOKEN = (() => {
  const [letter, mark, end] = ["[\\p{L}\\p{Nl}\\p{No}]", "['’]", "(?![\\p{L}\\p{N}_])"];
  const clitic = `(?:[sS]|[rR][eE]|[vV][eE]|[lL][lL]|[dD]|[mM])${end}`;
  const not = `[nN]${mark}[tT]${end}`;
  return new RegExp([
    "(?:Mr|Mrs|Ms|Dr|Prof|St|Capt|Gen|Sen|Gov|Rev|Sgt|Jr|Sr|vs)\\.",
    `(?:${letter}\\.){2,}`,
    "[A-HJ-Z]\\.(?=\\s+[A-Z])",
    "\\p{Nd}+(?:[.,:/–\\-]\\p{Nd}+)+[\\p{L}\\p{N}]*",
    `\\p{Nd}+(?:st|nd|rd|th|s|pm|am)?${end}(?![\\-‐]${letter})`,
    `${letter}+(?=${not})`,
    not,
    `(?<![\\p{L}\\p{N}_])${mark}(?=[\\p{L}\\p{N}_]${mark})`,
    `${mark}${clitic}`,
    `[\\p{L}\\p{N}]+(?:${mark}(?!${clitic})[\\p{L}\\p{N}]+|[\\-‐][\\p{L}\\p{N}]+)*`,
    "\\.\\.\\.",
    "\\S",
  ].join("|"), "gu");
})();

/** Tokens as written or, where that is unknown, in small letters; since the last end of a sentence. */
function tokensOf(line, ids) {
  const tokens = line.split(/(<\/s>|<unk>)/)
    .flatMap((part) => (part === "</s>" || part === "<unk>" ? [part] : part.match(TOKEN) ?? []))
    .map((token) => (ids.has(token) ? token : token.toLowerCase()));
  return ids.has("</s>") ? tokens.slice(tokens.lastIndexOf("</s>") + 1) : tokens;
}

function contextOf(tokens, ids, n, { losses }) {
  const start = Math.max(0, tokens.length - n);
  if (!losses) return tokens.slice(start).map((token) => (ids.has(token) ? token : "<unk>"));
  const since = tokens.findLastIndex((token) => !ids.has(token)) + 1;
  return tokens.slice(Math.max(start, since));
}

function prediction(context, ids, nets, data) {
  const read = context.map((token) => ids.get(token));
  if (!data.losses) {
    return softmaxed(logits([...Array(data.contexts - read.length).fill(0), ...read], nets[0]));
  }
  if (read.length) return softmaxed(logits(read, nets[read.length - 1]));
  return data.words.map((word) => data.text.filter((other) => other === word).length / data.text.length);
}

function logits(read, [E, W1, b1, W2, b2]) {
  const size = E.shape[1];
  const x = new Float64Array(read.length * size);
  read.forEach((id, slot) => x.set(E.values.subarray(id * size, (id + 1) * size), slot * size));
  return linear(W2, b2, linear(W1, b1, x).map(Math.tanh));
}

function linear({ shape: [rows, columns], values }, b, x) {
  const z = new Float64Array(rows);
  for (let i = 0, place = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += values[place++] * x[j];
    z[i] = sum + b.values[i];
  }
  return z;
}

function softmaxed(z) {
  const top = z.reduce((a, b) => Math.max(a, b));
  const powers = z.map((value) => Math.exp(value - top));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((value) => value / sum);
}

/** The word that the dart hits on a strip of the words, the most probable first. */
function drawn(order, p, u, words) {
  const drawable = order.filter((k) => !HIDDEN_WORDS.includes(words[k]));
  const whole = drawable.reduce((sum, k) => sum + p[k], 0);
  let reached = 0;
  return words[drawable.find((k) => (reached += p[k]) > u * whole)];
}

/** A random number 0, 0.001 ... 0.999: mulberry32, whose integers are exact in any language. */
function thrown(seed) {
  const a = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(a ^ (a >>> 15), a | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return Math.floor((1000 * ((t ^ (t >>> 14)) >>> 0)) / 2 ** 32) / 1000;
}

/** The perplexity of a distribution: of how many equally probable words it makes one think. */
function hesitation(p) {
  return Math.exp(-p.reduce((sum, value) => (value > 0 ? sum + value * Math.log(value) : sum), 0));
}

function followers(context, all) {
  const n = context.length;
  return all.filter((_, i) => i >= n && context.every((word, k) => all[i - n + k] === word));
}

function clean(x) {
  return Math.abs(x) > 1e-9 ? x : 0;
}

function shortWord(word, most) {
  const letters = [...word];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : word;
}

function draw({ numbers: n, settings, data }) {
  return [lineOfWords(n, data), bars(n), data.losses ? losses(n) : hesitations(n, settings, data), strip(n)];
}

/** The end of the line: words that are read in boxes, unknown ones crossed out, and the next one. */
function lineOfWords(n, data) {
  const known = new Set(data.words);
  let right = 760;
  const shown = [];
  for (let i = n.tokens.length - 1; i >= 0; i--) {
    const word = shortWord(n.tokens[i], 16);
    const width = 8.7 * [...word].length + 16;
    if (right - width < 40) break;
    const read = i >= n.tokens.length - n.context.length;
    shown.push({ word, x: right - width, width, read, strange: !known.has(n.tokens[i]) });
    right -= width + 4;
  }
  const shift = 12 - right - (shown.length < n.tokens.length ? -24 : 4); // a short line stands at the left
  const end = 764 + shift;
  const stranger = shown.find(({ strange }) => strange); // the last one of the line
  return svg("g", {}, [
    shown.length < n.tokens.length ? text(12, 32, "…", { class: "muted" }) : [],
    shown.map(({ word, x, width, read, strange }) => [
      read ? svg("rect", { class: "value", x: x + shift, y: 12, width, height: 30, rx: 3 }) : [],
      text(x + shift + width / 2, 32, word, {
        "text-anchor": "middle", class: `mono ${strange ? "bad" : read ? "value-text" : "muted"}`,
      }),
      strange ? svg("path", {
        class: "bad curve", d: path([[x + shift + 5, 27], [x + shift + width - 5, 27]]),
      }) : [],
    ]),
    stranger ? text(Math.max(stranger.x + shift + stranger.width / 2, 40), 59, "unknown", {
      class: "bad", size: 13, "text-anchor": "middle",
    }) : [],
    svg("rect", { class: "wire curve dashed", x: end, y: 12, width: 34, height: 30, rx: 3 }),
    text(end + 17, 33, "?", { class: "strong", "text-anchor": "middle", size: 16 }),
  ]);
}

function bars(n) {
  const full = n.observed ? 1 : [0.1, 0.2, 0.5, 1].find((most) => n.p[0] <= most) ?? 1;
  const x = scale([0, full], [150, 390]);
  const total = n.observed?.reduce((a, b) => a + b, 0);
  const legend = n.observed === undefined ? text(470, 88, `a whole bar is ${full}`, {
    class: "muted", size: 13, "text-anchor": "end",
  }) : text(470, 88, total ? "▎what came next in the text" : "nothing came after this in the text",
    { class: "two", size: 13, "text-anchor": "end" });
  return svg("g", {}, [
    text(12, 88, "the next word, ŷ", { class: "strong" }), legend,
    n.top.map((word, i) => {
      const y = 112 + 27 * i;
      return [
        text(142, y + 5, shortWord(word, 14), {
          class: `mono${word === n.drawn ? " strong" : ""}`, "text-anchor": "end",
        }),
        svg("rect", { class: "one area", x: 150, y: y - 9, width: x(n.p[i]) - 150, height: 18 }),
        n.observed?.[i] ? upright("two", x(n.observed[i] / total), y) : [],
        text(470, y + 5, format(n.p[i], 3), { class: "mono", "text-anchor": "end", size: 13 }),
      ];
    }),
  ]);
}

function upright(color, x, y) {
  return svg("path", { class: `${color} curve`, d: path([[x, y - 13], [x, y + 13]]) });
}

function rowsByContext(title, second, rows, chosen, step) {
  return svg("g", {}, [
    text(510, 88, title, { class: "strong" }), text(510, 106, second, { class: "muted", size: 13 }),
    rows.map(({ fraction, mark, value, below }, k) => {
      const y = 122 + step * k;
      const here = k === chosen;
      return svg("g", { "data-set": JSON.stringify({ context: k }) }, [
        svg("rect", {
          class: "panel area", x: 504, y, width: 304, height: step - 5, rx: 4, ...(here ? {} : UNSEEN),
        }),
        text(514, y + 20, `${here ? "▸ " : ""}${k === 1 ? "1 word" : `${k} words`}`, {
          class: here ? "strong" : "",
        }),
        svg("rect", {
          class: here ? "one area" : "one area faint", x: 600, y: y + 6, width: 120 * fraction, height: 18,
        }),
        mark === undefined ? [] : upright("bad", 600 + 120 * mark, y + 15),
        text(800, y + 20, value, { class: "mono", size: 13, "text-anchor": "end" }),
        below ? text(600, y + 43, below, { class: "muted", size: 13 }) : [],
      ]);
    }),
  ]);
}

function losses(n) {
  const most = n.losses[0];
  return rowsByContext("loss on the text", "nats a word; red line: its floor", n.losses.map((loss, k) => ({
    fraction: loss / most, mark: n.floors[k] / most, value: format(loss),
    below: `floor ${format(n.floors[k])}`,
  })), n.context.length, 58);
}

function hesitations(n, settings, { words: { length } }) {
  return rowsByContext("how unsure it is here", "as between so many equally likely words",
    n.hesitations.map((value) => ({ fraction: Math.log(value) / Math.log(length), value: format(value, 3) })),
    settings.context, Math.min(38, 190 / n.hesitations.length));
}

const [LEFT, WIDE] = [12, 796]; // of the strip

/** The words side by side, each as wide as it is probable, and the dart. */
function strip(n) {
  const places = n.top.map((word, i) => [word, n.p[i]]).filter(([word]) => !HIDDEN_WORDS.includes(word));
  const hidden = n.top.reduce((sum, word, i) => sum + (HIDDEN_WORDS.includes(word) ? n.p[i] : 0), 0);
  const whole = 1 - hidden;
  let from = LEFT;
  const others = !n.top.includes(n.drawn);
  const pieces = [...places, ["others", n.rest]].filter(([, p]) => p > 0).map(([word, p]) => {
    const width = (WIDE * p) / whole;
    const piece = { word, x: from, width, lit: word === n.drawn || (others && word === "others") };
    from += width;
    return piece;
  });
  const x = LEFT + WIDE * n.u;
  const side = n.u > 0.5 ? "end" : "start";
  return svg("g", { "data-drag": "dart" }, [
    svg("rect", { class: "paper area", x: 0, y: 334, width: 820, height: 74, ...UNSEEN }),
    pieces.map(({ word, x: left, width, lit }) => [
      svg("rect", { class: lit ? "lit area" : "panel area", x: left, y: 362, width, height: 30 }),
      width > 8.6 * [...word].length + 6
        ? text(left + width / 2, 382, word, {
          class: lit ? "mono strong" : "mono muted", "text-anchor": "middle",
        })
        : [],
    ]),
    svg("rect", { class: "wire curve", x: LEFT, y: 362, width: WIDE, height: 30 }),
    svg("path", { class: "two area", d: `M${x} 362l-8 -15h16Z` }),
    svg("path", { class: "two curve", d: path([[x, 360], [x, 392]]) }),
    text(x + (side === "end" ? -14 : 14), 355, `u = ${format(n.u)} hits “${shortWord(n.drawn, 16)}”`, {
      class: "two strong", "text-anchor": side, size: 13,
    }),
  ]);
}

function quoted(list) {
  return `“${list.join(" ")}”`;
}

function words({ numbers: n, settings, data }) {
  const full = settings.text.length + n.drawn.length >= LONGEST;
  const end = full ? "The line is full: begin a New text."
    : n.drawn === "</s>" ? "The dart hits </s>, the end of the sentence." : `The dart hits “${n.drawn}”.`;
  return `${data.losses ? ofSmall(n, settings) : ofLearned(n, settings, data)} ${end}`;
}

function ofSmall(n, { context }) {
  const read = n.context.length;
  const lost = n.unknown.split(", ").length;
  const stranger = read === context || !n.tokens.length ? ""
    : n.unknown === "none" ? "No more words stand there, so the model of one word answers. "
    : `${lost > 1 ? "Some words" : `“${n.unknown}”`} never stood in the text: no model has a vector for ` +
      `${lost > 1 ? "them" : "it"}, and only what comes after ${lost > 1 ? "them" : "it"} is read. `;
  const loss = format(n.losses[read]);
  if (!read) {
    return `${stranger}Without a word to read, each word is as probable as it is frequent: ` +
      `the loss is ${loss}.`;
  }
  const total = n.observed.reduce((a, b) => a + b, 0);
  const came = n.top.filter((_, i) => n.observed[i]);
  if (!total) {
    return `${stranger}In the text nothing ever came after ${quoted(n.context)}: counts have no answer, ` +
      "the network gives one.";
  }
  if (came.length > 1) {
    const either = came.map((word) => `“${word}”`).join(" and with ");
    return `${stranger}After ${quoted(n.context)} the text went on with ${either}. Who reads that ` +
      `alone cannot know which, and so the loss stops at ${loss}, just above its floor ${format(n.floors[read])}.` +
      (read === context && n.tokens.length > 1 && n.unknown === "none" ? " Let it read two words." : "");
  }
  const given = format(n.p[n.top.indexOf(came[0])], 3);
  return `${stranger}After ${quoted(n.context)} the text always went on with “${came[0]}”, and the ` +
    `network gives it ${given}. ${read === 2 ? `With two words nothing is in doubt: the loss is ${loss}, its floor 0.`
      : `The loss on the whole text is ${loss}.`}`;
}

function ofLearned(n, { context }, data) {
  const stranger = n.unknown === "none" ? "" : `Not among its words, so it reads <unk>: ${n.unknown}. `;
  const reading = n.context.length ? `Reading ${quoted(n.context)}` : "At the beginning of a sentence";
  const less = context < data.contexts && n.tokens.length > context
    ? ` With ${data.contexts} words it would be ${format(n.hesitations.at(-1), 3)}.` : "";
  return `${stranger}${reading} it is as unsure as between ${format(n.hesitation, 3)} words; ` +
    `“${n.top[0]}” is the most probable, ${format(n.p[0], 3)}.${less}`;
}

const actions = {
  write({ numbers: { drawn: word, next }, settings: { text: line } }) {
    const longer = `${line.trimEnd()} ${word}`.trimStart();
    return longer.length > LONGEST ? {} : { text: longer, u: next };
  },
  erase({ numbers: { next } }) {
    return { text: "", u: next };
  },
};

function drag(_, x) {
  return { u: Math.min(999, Math.max(0, Math.floor((1000 * (x - LEFT)) / WIDE))) / 1000 };
}

export default figure({ size: [820, 408], numbers, draw, words, actions, drag });
