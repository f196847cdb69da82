// Stop now: two curves unfold, and whoever stops them sees what came next.

import { axes, figure, format, path, scale, svg, text } from "./base.js";

const PATIENCE = 5;
const x = scale([1, 4.01], [56, 566]);
const y = scale([0, 2], [336, 40]);
const SIDE = [594, 808]; // left and right of the column of numbers

export function numbers({ frame, sample, penalty, revealed }, data) {
  const { steps, samples, penalties } = data;
  const [row, column] = [samples.indexOf(sample), penalties.indexOf(penalty)];
  const [training, validation] = [data.training[row][column], data.validation[row][column]];
  const seen = validation.slice(0, frame + 1);
  const smallest = seen.indexOf(Math.min(...seen));
  const last = steps.length - 1;
  const found = {
    over: Boolean(revealed) || frame === last,
    step: steps[frame],
    training: training[frame],
    validation: validation[frame],
    smallest: [validation[smallest], steps[smallest]],
    since: frame - smallest,
  };
  if (!found.over) return found;
  const least = Math.min(...validation);
  const [ended, restored] = earlyStopping(validation);
  return {
    ...found,
    best: [least, steps[validation.indexOf(least)]],
    regret: validation[frame] - least,
    patience: [steps[ended], steps[restored]],
    waited: ended - restored,
    cost: validation[restored] - least,
    end: [training[last], validation[last]],
    ends: data.validation[row].map((curve) => curve[last]),
  };
}

/** The record at which patience ends, or the last one, and the record that it goes back to. */
function earlyStopping(validation) {
  let restored = 0;
  for (let k = 0; k < validation.length; k++) {
    if (validation[k] < validation[restored]) restored = k;
    if (k - restored === PATIENCE) return [k, restored];
  }
  return [validation.length - 1, restored];
}

function place(step) {
  return x(Math.log10(step + 10)); // so that step 0 has a place too
}

function draw({ numbers: n, settings, data }) {
  return [frameOf(), legend(), curves(n, settings, data), n.over ? verdict(n) : hidden(n),
    n.over ? afterwards(n, data) : meanwhile(n)];
}

function frameOf() {
  const steps = [0, 10, 100, 1000, 10000];
  return axes(x, y, {
    xlabel: "training step", ylabel: "",
    xticks: steps.map((step) => [Math.log10(step + 10), step.toLocaleString("en-US")]),
  });
}

function legend() {
  const sample = (left, name, color, dash, mark) => [
    svg("path", { class: `${color} curve${dash}`, d: path([[left, 18], [left + 34, 18]]) }),
    mark(left + 17, 18),
    text(left + 42, 23, name, { class: color }),
  ];
  return svg("g", {},
    text(12, 23, "NLL", {}), sample(56, "training, 30 points", "one", " dashed", square),
    sample(246, "validation, 500 points", "two", "", disk));
}

function square(cx, cy) {
  return svg("rect", { class: "one area", x: cx - 5, y: cy - 5, width: 10, height: 10 });
}

function disk(cx, cy) {
  return svg("circle", { class: "two area", cx, cy, r: 5.5 });
}

/** What is known: up to the stop in full, and once the game is over the rest, thinner. */
function curves(n, { frame, sample, penalty }, { steps, samples, penalties, training, validation }) {
  const [row, column] = [samples.indexOf(sample), penalties.indexOf(penalty)];
  const line = (values, from, to, attributes) => svg("path", {
    ...attributes,
    d: path(steps.slice(from, to).map((step, i) => [place(step), y(values[from + i])])),
  });
  const [learned, tested] = [training[row][column], validation[row][column]];
  const rest = n.over && [
    line(learned, frame, steps.length, { class: "one curve dashed", style: "stroke-width: 1.3" }),
    line(tested, frame, steps.length, { class: "two curve", style: "stroke-width: 1.3" }),
  ];
  return svg("g", {},
    rest || [],
    line(learned, 0, frame + 1, { class: "one curve dashed" }),
    line(tested, 0, frame + 1, { class: "two curve" }),
    square(place(n.step), y(n.training)), disk(place(n.step), y(n.validation)));
}

/** The future, behind a veil. */
function hidden(n) {
  const [left, right, top, bottom] = [place(n.step) + 8, x.range[1], y.range[1], y.range[0]];
  if (right - left < 12) return null;
  const middle = (left + right) / 2;
  return svg("g", {},
    svg("rect", { class: "panel area", x: left, y: top, width: right - left, height: bottom - top - 1 }),
    right - left > 40 && text(middle, 190, "?", { class: "muted", size: 54, "text-anchor": "middle" }),
    right - left > 190 && text(middle, 222, "what comes next is hidden", {
      class: "muted", "text-anchor": "middle",
    }));
}

/** Where the best was, where you stopped, where patience would have. */
function verdict(n) {
  const flags = [
    [n.step, `you: ${comma(n.step)}`, "four", "", 54],
    [n.best[1], `best: ${comma(n.best[1])}`, "good", " dashed", 73],
    [n.patience[0], `patience: ${comma(n.patience[0])}`, "three", " dotted", 92],
  ];
  const [stop, low, high] = [place(n.step), y(n.best[0]), y(n.validation)];
  return svg("g", {},
    svg("path", { class: "good curve dashed", style: "stroke-width: 1.2",
      d: path([[x.range[0], low], [x.range[1], low]]) }),
    flags.map(([step, , color, dash, top]) => svg("path", {
      class: `${color} curve${dash}`, style: "stroke-width: 1.6",
      d: path([[place(step), top - 12], [place(step), y.range[0]]]),
    })),
    flags.map(([step, name, color, , top]) => flag(place(step), top, name, color)),
    svg("path", { class: "bad curve", style: "stroke-width: 7", d: path([[stop, low], [stop, high]]) }),
    star(place(n.best[1]), low));
}

/** A name beside its line, on paper of its own where it crosses another. */
function flag(left, top, name, color) {
  const end = left > 430;
  return text(left + (end ? -6 : 6), top, name, {
    class: `${color} strong`, size: 13, "text-anchor": end ? "end" : "start",
    style: "paint-order: stroke; stroke: var(--paper); stroke-width: 5px",
  });
}

function star(cx, cy) {
  const points = Array.from({ length: 10 }, (_, i) => {
    const [angle, r] = [(i * Math.PI) / 5 - Math.PI / 2, i % 2 ? 4 : 9];
    return [cx + r * Math.cos(angle), cy + r * Math.sin(angle)];
  });
  return svg("path", { class: "good area", d: `${path(points)}Z` });
}

function meanwhile(n) {
  const [left] = SIDE;
  const change = n.validation - n.smallest[0];
  return svg("g", {},
    lines([
      ["step", comma(n.step), ""], ["training", format(n.training), "one"],
      ["validation", format(n.validation), "two"],
    ], 58),
    text(left, 158, "smallest validation so far", { class: "muted" }),
    text(left, 180, `${format(n.smallest[0])} at step ${comma(n.smallest[1])}`, { class: "mono" }),
    text(left, 218, "above the smallest", { class: "muted" }),
    text(left, 240, change ? `+${format(change)}` : "0: it is the smallest", { class: "mono" }),
    text(left, 278, "records since the smallest", { class: "muted" }),
    pips(n.since), text(left + 134, 303, String(n.since), { class: "mono" }),
    text(left, 330, `a patience of ${PATIENCE} waits for ${PATIENCE}`, { class: "muted", size: 13 }));
}

function pips(since) {
  return Array.from({ length: PATIENCE }, (_, i) => svg("circle", {
    class: i < since ? "three area" : "paper area", cx: SIDE[0] + 9 + 24 * i, cy: 298, r: 8,
  }));
}

function lines(entries, top) {
  return entries.map(([name, value, color], i) => [
    text(SIDE[0], top + 26 * i, name, { class: color }),
    text(SIDE[1], top + 26 * i, value, { class: `mono ${color}`, "text-anchor": "end" }),
  ]);
}

function afterwards(n, { penalties }) {
  const [left, right] = SIDE;
  const length = scale([0, 1.6], [0, 76]);
  return svg("g", {},
    lines([
      ["your stop", format(n.validation), "four"], ["the best", format(n.best[0]), "good"],
    ], 58),
    svg("path", { class: "axis", d: path([[left, 96], [right, 96]]) }),
    text(left, 118, "regret", { class: "bad strong" }),
    text(right, 118, format(n.regret), { class: "mono bad strong", "text-anchor": "end" }),
    text(left, 154, `patience of ${PATIENCE} goes back`, { class: "three" }),
    lines([[`to step ${comma(n.patience[1])}`, format(n.validation - n.regret + n.cost), "three"],
      ["regret", format(n.cost), "three"]], 178),
    text(left, 244, "validation at the end", { class: "muted" }),
    n.ends.map((value, i) => {
      const top = 268 + 26 * i;
      return [
        text(left, top, `λ = ${penalties[i]}`, {}),
        svg("rect", { class: "two area", x: left + 78, y: top - 12, width: length(value), height: 14 }),
        text(right, top, format(value), { class: "mono", "text-anchor": "end", size: 13 }),
      ];
    }));
}

function comma(step) {
  return step.toLocaleString("en-US");
}

function words({ numbers: n, settings }) {
  if (!n.over) return meantime(n);
  const restored = `step ${comma(n.patience[1])}`;
  const early = n.waited < PATIENCE
    ? `Early stopping with a patience of ${PATIENCE} records would have run to the end and kept ${restored}`
    : `Early stopping with a patience of ${PATIENCE} records ends at step ${comma(n.patience[0])} and ` +
      `goes back to ${restored}`;
  const judged = n.cost === 0 ? ", the best."
    : ` with a regret of ${format(n.cost)}: it took the first dip for the last.`;
  return `${yours(n)} ${early}${judged} ${lesson(n, settings)}`;
}

function meantime(n) {
  const now = `Step ${comma(n.step)}: training ${format(n.training)}, validation ${format(n.validation)}`;
  if (n.since === 0) {
    return `${now}, the smallest so far. Will it get better still? Play on, or press Stop now.`;
  }
  return `${now}: ${format(n.validation - n.smallest[0])} above the smallest so far, ` +
    `${n.since === 1 ? "1 record" : `${n.since} records`} ago at step ${comma(n.smallest[1])}. ` +
    "Was that the best, or is this a hill with a deeper valley behind it? Training does not tell you.";
}

function yours(n) {
  const stop = `You stopped at step ${comma(n.step)}: validation ${format(n.validation)}`;
  if (n.regret === 0) return `${stop}, the best of all. No regret.`;
  const when = n.best[1] < n.step ? "came" : "was still to come,";
  return `${stop}, ${format(n.regret)} above the best, which ${when} at step ${comma(n.best[1])}.`;
}

function lesson(n, { penalty }) {
  const late = n.end[1] - n.best[0];
  if (late === 0) return `With λ = ${penalty} the end is the best: nothing is won by stopping.`;
  if (late < 0.02) {
    return `With λ = ${penalty} the end is only ${format(late)} above the best: stopping wins little.`;
  }
  return `By the end training has come to ${format(n.end[0])} and validation to ${format(n.end[1])}.`;
}

/** End playing the way the slider itself does, so that its button says Play again. */
function pause({ element, settings }) {
  const input = element.querySelector(".player input");
  input.value = String(settings.frame);
  input.dispatchEvent(new Event("input"));
}

function changed(name, view) {
  if (name === "revealed") pause(view);
  if (name === "sample") view.set({ frame: 0, revealed: false });
}

const actions = {
  stop(view) {
    const { revealed } = view.settings;
    if (revealed && view.playing) pause(view); // the stop was on its way to another place
    else return { revealed: !revealed };
  },
  again: ({ settings, data: { samples } }) => ({
    sample: samples[(samples.indexOf(settings.sample) + 1) % samples.length],
  }),
};

export default figure({ size: [820, 390], numbers, draw, words, actions, changed });
