// The boundary movie: regions of a small classifier, its hidden units' lines, and what each says.

import { axes, figure, format, path, pixels, scale, svg, text } from "./base.js";

const COLORS = ["one", "two", "three", "four", "bad"]; // of classes; each has a marker of its own
const [LEFT, TOP, CELL, ACROSS, DOWN] = [52, 58, 6, 66, 54]; // the map, in cells of 6 pixels
const [RIGHT, BOTTOM] = [LEFT + CELL * ACROSS, TOP + CELL * DOWN];
const STRIPS = [508, 806]; // left and right of the units' rows
const NO_SPREAD = 1e-9;

const squash = {
  tanh: Math.tanh,
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  relu: (z) => Math.max(z, 0),
};
const saturated = {
  tanh: (a) => Math.abs(a) > 0.999,
  sigmoid: (a) => Math.abs(2 * a - 1) > 0.999,
  relu: (a) => a === 0,
};

export function numbers(settings, data) {
  const film = filmOf(settings, data);
  const frame = film.frames[settings.frame];
  const { targets, training, classes, activation } = data;
  const answers = film.inputs.map((x) => hidden(frame, x, activation));
  const logits = answers.map((a) => output(frame, a));
  const said = logits.map(largest);
  const right = (from, to) => count(said.slice(from, to), (k, i) => k === targets[from + i]);
  const seen = answers.slice(0, training);
  const spread = frame.b1.map((_, j) => {
    const a = seen.map((answer) => answer[j]);
    const width = Math.max(...a) - Math.min(...a);
    return width < NO_SPREAD ? 0 : width;
  });
  const found = {
    step: film.steps[settings.frame],
    loss: mean(logits.slice(0, training).map((z, i) => loss(z, targets[i]))),
    train: [right(0, training), training],
    said: classes.map((_, k) => count(said, (answer) => answer === k)),
    saturated: mean(seen.flat().map((a) => Number(saturated[activation](a)))),
    spread,
    lines: frame.W1.map((w, j) => [...w, frame.b1[j]]),
    hidden: answers,
    answers: said,
  };
  const truth = targets.slice(0, training);
  const shares = classes.map((_, k) => count(truth, (target) => target === k) / training);
  found.entropy = -shares.reduce((sum, share) => sum + (share && share * Math.log(share)), 0);
  const mistake = commonest(targets, said, classes);
  if (mistake) found.mistake = mistake;
  if (training < targets.length) found.test = [right(training), targets.length - training];
  return found;
}

/** Which class is most often taken for which other one, and how often. */
function commonest(targets, said, classes) {
  let found = ["", "", 0];
  classes.forEach((name, k) => classes.forEach((other, l) => {
    const times = count(said, (answer, i) => k !== l && targets[i] === k && answer === l);
    if (times > found[2]) found = [name, other, times];
  }));
  return found[2] ? found : null;
}

function filmOf({ unit }, { films }) {
  return films[unit ?? "yours"];
}

function hidden({ W1, b1 }, [x, y], activation) {
  return W1.map(([u, v], j) => squash[activation](u * x + v * y + b1[j]));
}

/** The logits; of a single one, those of "no", which is 0, and of "yes". */
function output({ W2, b2 }, a) {
  const z = W2.map((row, k) => row.reduce((sum, w, j) => sum + w * a[j], 0) + b2[k]);
  return z.length === 1 ? [0, z[0]] : z;
}

function largest(z) {
  return z.indexOf(Math.max(...z));
}

/** −log softmax(z) at the target. */
function loss(z, target) {
  const top = Math.max(...z);
  return Math.log(z.reduce((sum, value) => sum + Math.exp(value - top), 0)) + top - z[target];
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function count(values, holds) {
  return values.filter(holds).length;
}

function draw(view) {
  const { settings, data, numbers: n, cache } = view;
  const film = filmOf(settings, data);
  const place = (cache[settings.unit ?? "yours"] ??= ground(film, data));
  const frame = film.frames[settings.frame];
  return [legend(data), map(place, frame, film, data, n), losses(n, settings, data), units(frame, data, n)];
}

/** What stays while the film runs: the scales of the map, its axes' ticks, the markers. */
function ground({ inputs }, { targets, training, classes }) {
  const range = (values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = 0.07 * (high - low) || 1;
    return [low - room, high + room];
  };
  const x = scale(range(inputs.map((point) => point[0])), [LEFT, RIGHT]);
  const y = scale(range(inputs.map((point) => point[1])), [BOTTOM, TOP]);
  const places = inputs.map((point) => [x(point[0]), y(point[1])]);
  const markers = classes.map(() => ["", ""]); // of training and of test
  places.forEach(([px, py], i) => {
    markers[targets[i]][i < training ? 0 : 1] += marker(targets[i], px, py);
  });
  const taken = new Uint8Array(ACROSS * DOWN);
  for (const [px, py] of places) takeAround(taken, px, py, 1);
  return { x, y, places, markers, taken };
}

/** The outline of the marker of class k: a circle, a triangle, a square, a diamond, a pentagon. */
function marker(k, x, y, r = 4.2) {
  const [sides, turn] = [[0, 0], [3, -90], [4, 45], [4, 0], [5, -90]][k];
  const at = (px, py) => `${Math.round(10 * px) / 10} ${Math.round(10 * py) / 10}`;
  if (!sides) return `M${at(x - r, y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
  const corners = Array.from({ length: sides }, (_, i) => {
    const angle = ((turn + (360 * i) / sides) * Math.PI) / 180;
    return [1.25 * r * Math.cos(angle), 1.25 * r * Math.sin(angle)];
  });
  const steps = corners.slice(1).map(([px, py], i) => at(px - corners[i][0], py - corners[i][1]));
  return `M${at(x + corners[0][0], y + corners[0][1])}l${steps.join("l")}Z`;
}

function legend({ classes }) {
  let x = LEFT + 6;
  return classes.map((name, k) => {
    const shown = short(name);
    const entry = svg("g", {},
      svg("path", { class: `${COLORS[k]} area`, d: marker(k, x, 19, 5.5) }),
      text(x + 12, 24, shown, { class: COLORS[k] }));
    x += 36 + 8 * shown.length;
    return entry;
  });
}

function short(name) {
  return name.length > 14 ? `${name.slice(0, 13)}…` : name;
}

function map({ x, y, places, markers, taken }, frame, film, data, n) {
  const field = margins(frame, x, y, data);
  const [filled, crossed] = [taken.slice(), taken.slice()]; // cells where no name of a region should stand
  const cuts = frame.W1.map((w, j) => cut(w, frame.b1[j], x, y));
  const tags = tagged(cuts);
  for (const segment of cuts) if (segment) takeAlong(crossed, segment);
  for (const tag of tags) {
    if (!tag) continue;
    takeAround(filled, ...tag, 2);
    takeAround(crossed, ...tag, 2);
  }
  const classes = data.classes.map((_, k) => k);
  const regions = classes.map((k) => region(field, k));
  const wrong = places.filter((_, i) => n.answers[i] !== data.targets[i]);
  return svg("g", {}, [
    regions.map(({ fill }, k) =>
      svg("path", { class: `${COLORS[k]} area faint`, d: fill, "shape-rendering": "crispEdges" })),
    svg("path", { class: "wire curve", d: regions.slice(0, -1).map(({ edge }) => edge).join("") }),
    axes(x, y, { xlabel: film.features[0], ylabel: film.features[1] }),
    cuts.map((segment) => segment && cutMarks(segment)).filter(Boolean),
    markers.map(([training, test], k) => [
      svg("path", { class: `${COLORS[k]} area`, d: training }),
      svg("path", { class: `${COLORS[k]} curve`, d: test, style: "stroke-width: 1.7" }),
    ]),
    svg("path", { class: "bad curve", d: wrong.map(([px, py]) =>
      path([[px - 6, py - 6], [px + 6, py + 6]]) + path([[px - 6, py + 6], [px + 6, py - 6]])).join("") }),
    classes.map((k) => regionName(field, k, [crossed, filled], data)).filter(Boolean),
    tags.map((tag, j) => tag && [
      svg("circle", { class: "paper area", cx: tag[0], cy: tag[1], r: 10 }),
      text(tag[0], tag[1] + 4.7, j + 1, { class: "four strong", "text-anchor": "middle", size: 13 }),
    ]).filter(Boolean),
  ]);
}

/** At the corners of cells: the answer, and by how much each logit leads, or trails, the best other. */
function margins(frame, x, y, { activation, classes }) {
  const [weights, into] = [Float64Array.from(frame.W1.flat()), Float64Array.from(frame.W2.flat())];
  const { b1, b2 } = frame;
  const [width, K, H] = [ACROSS + 1, classes.length, b1.length];
  const skipped = K - b2.length; // a single logit is that of the second class; the first one's is 0
  const act = squash[activation];
  const lead = classes.map(() => new Float64Array(width * (DOWN + 1)));
  const said = new Uint8Array(width * (DOWN + 1));
  const [a, z] = [new Float64Array(H), new Float64Array(K)];
  const columns = Float64Array.from({ length: width }, (_, i) => x.back(LEFT + CELL * i));
  for (let j = 0; j <= DOWN; j++) {
    const v = y.back(TOP + CELL * j);
    for (let i = 0; i < width; i++) {
      const u = columns[i];
      for (let h = 0; h < H; h++) a[h] = act(weights[2 * h] * u + weights[2 * h + 1] * v + b1[h]);
      for (let k = skipped; k < K; k++) {
        let sum = b2[k - skipped];
        const row = (k - skipped) * H;
        for (let h = 0; h < H; h++) sum += into[row + h] * a[h];
        z[k] = sum;
      }
      let first = -Infinity;
      let second = -Infinity;
      let best = 0;
      for (let k = 0; k < K; k++) {
        if (z[k] > first) {
          second = first;
          first = z[k];
          best = k;
        } else if (z[k] > second) second = z[k];
      }
      said[j * width + i] = best;
      for (let k = 0; k < K; k++) lead[k][j * width + i] = k === best ? first - second : z[k] - first;
    }
  }
  return { lead, said };
}

/** The region of class k as one path, whole cells in runs, and its edge. */
function region({ lead, said }, k) {
  const width = ACROSS + 1;
  let [fill, edge] = ["", ""];
  for (let j = 0; j < DOWN; j++) {
    let from = -1; // where a run of whole cells began
    for (let i = 0; i <= ACROSS; i++) {
      const at = j * width + i;
      const own = i === ACROSS ? 0
        : (said[at] === k) + (said[at + 1] === k) + (said[at + width] === k) + (said[at + width + 1] === k);
      if (own === 4) {
        if (from < 0) from = i;
        continue;
      }
      if (from >= 0) {
        const left = LEFT + CELL * from;
        fill += `M${left} ${TOP + CELL * j}h${CELL * (i - from)}v${CELL}H${left}Z`;
        from = -1;
      }
      if (own) {
        const { outline, crossings } = cornerCut(said, lead[k], k, i, j);
        fill += `M${outline.join("L")}Z`;
        for (let c = 0; c < crossings.length; c += 2) edge += `M${crossings[c]}L${crossings[c + 1]}`;
      }
    }
  }
  return { fill, edge };
}

/** The part of a cell that belongs to class k, and where the edge of the region enters and leaves. */
function cornerCut(said, d, k, i, j) {
  const width = ACROSS + 1;
  const at = j * width + i;
  const nodes = [at, at + 1, at + 1 + width, at + width];
  const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
  const [outline, crossings] = [[], []];
  for (let c = 0; c < 4; c++) {
    const e = (c + 1) % 4;
    const inside = said[nodes[c]] === k;
    if (inside) outline.push(onMap(corners[c]));
    if (inside === (said[nodes[e]] === k)) continue;
    const gap = d[nodes[c]] - d[nodes[e]];
    const point = onMap(between(corners[c], corners[e], gap ? d[nodes[c]] / gap : 0.5));
    outline.push(point);
    crossings.push(point);
  }
  return { outline, crossings };
}

function onMap([i, j]) {
  return `${Math.round(10 * (LEFT + CELL * i)) / 10} ${Math.round(10 * (TOP + CELL * j)) / 10}`;
}

/**
 * The name of class k on its region: in the place nearest to the region's middle that is free of
 * markers, and of lines if there is one; none where nothing is free.
 */
function regionName({ said }, k, obstacles, { classes }) {
  const name = short(classes[k]);
  const [wide, high] = [Math.ceil((8 * name.length + 6) / CELL), 4];
  const width = ACROSS + 1;
  const own = new Uint8Array(ACROSS * DOWN);
  let [middleX, middleY, total] = [0, 0, 0];
  for (let j = 0; j < DOWN; j++) {
    for (let i = 0; i < ACROSS; i++) {
      const at = j * width + i;
      const below = at + width;
      if (said[at] !== k || said[at + 1] !== k || said[below] !== k || said[below + 1] !== k) continue;
      own[j * ACROSS + i] = 1;
      middleX += i;
      middleY += j;
      total += 1;
    }
  }
  for (const taken of obstacles) {
    const sums = new Int32Array(width * (DOWN + 1)); // of blocked cells above and to the left
    for (let j = 0; j < DOWN; j++) {
      for (let i = 0; i < ACROSS; i++) {
        const [at, cell] = [j * width + i, j * ACROSS + i];
        const blocked = own[cell] && !taken[cell] ? 0 : 1;
        sums[at + width + 1] = sums[at + 1] + sums[at + width] - sums[at] + blocked;
      }
    }
    let [best, nearest] = [null, Infinity];
    for (let j = 0; j + high <= DOWN; j++) {
      for (let i = 0; i + wide <= ACROSS; i++) {
        const [above, below] = [j * width + i, (j + high) * width + i];
        if (sums[below + wide] - sums[above + wide] - sums[below] + sums[above]) continue;
        const far = (i + wide / 2 - middleX / total) ** 2 + (j + high / 2 - middleY / total) ** 2;
        if (far < nearest) [best, nearest] = [[i + wide / 2, j + high / 2], far];
      }
    }
    if (best) {
      return text(LEFT + CELL * best[0], TOP + CELL * best[1] + 5, name, {
        class: `${COLORS[k]} strong`, "text-anchor": "middle",
      });
    }
  }
  return null;
}

function takeAround(taken, px, py, reach) {
  const [i, j] = [Math.floor((px - LEFT) / CELL), Math.floor((py - TOP) / CELL)];
  for (let v = Math.max(0, j - reach); v <= Math.min(DOWN - 1, j + reach); v++) {
    for (let u = Math.max(0, i - reach); u <= Math.min(ACROSS - 1, i + reach); u++) taken[v * ACROSS + u] = 1;
  }
}

function takeAlong(taken, { from, to }) {
  const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / CELL) + 1;
  for (let s = 0; s <= steps; s++) takeAround(taken, ...between(from, to, s / steps), 0);
}

function between(from, to, t) {
  return [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])];
}

/** Where the line w·x + b = 0 crosses the map, and the direction in which z grows; null if nowhere. */
function cut([u, v], b, x, y) {
  const z = (px, py) => u * x.back(px) + v * y.back(py) + b;
  const corners = [[LEFT, TOP], [RIGHT, TOP], [RIGHT, BOTTOM], [LEFT, BOTTOM]];
  const signs = corners.map((corner) => z(...corner));
  const ends = [];
  corners.forEach((corner, c) => {
    const e = (c + 1) % 4;
    if (signs[c] > 0 === signs[e] > 0) return;
    ends.push(between(corner, corners[e], signs[c] / (signs[c] - signs[e])));
  });
  if (ends.length < 2) return null;
  const [gx, gy] = [signs[1] - signs[0], ((signs[3] - signs[0]) * (RIGHT - LEFT)) / (BOTTOM - TOP)];
  const length = Math.hypot(gx, gy);
  return { from: ends[0], to: ends[1], up: [gx / length, gy / length] };
}

function cutMarks({ from, to, up }) {
  const ticks = [0.3, 0.7].map((t) => {
    const [px, py] = between(from, to, t);
    return path([[px, py], [px + 9 * up[0], py + 9 * up[1]]]);
  });
  return [
    svg("path", { class: "four curve dashed", d: path([from, to]) }),
    svg("path", { class: "four curve", d: ticks.join("") }),
  ];
}

/** A place on each line for its number, clear of the numbers before. */
function tagged(cuts) {
  const found = [];
  for (const segment of cuts) {
    const options = [0.04, 0.96, 0.12, 0.88, 0.2, 0.8, 0.4, 0.6, 0.5].map((t) => {
      const [px, py] = segment ? between(segment.from, segment.to, t) : [0, 0];
      return [Math.min(Math.max(px, LEFT + 12), RIGHT - 12), Math.min(Math.max(py, TOP + 12), BOTTOM - 12)];
    });
    const clear = ([px, py]) => found.every((tag) => !tag || Math.hypot(tag[0] - px, tag[1] - py) > 22);
    found.push(segment ? options.find(clear) ?? options[0] : null);
  }
  return found;
}

function losses(n, settings, { films }) {
  const active = settings.unit ?? "yours";
  const [low, high] = [0, Math.max(...Object.values(films).flatMap((film) => film.curve[1]))];
  const last = Math.max(...Object.values(films).map((film) => film.steps.at(-1)));
  const at = scale([0, Math.log10(last + 1)], [STRIPS[0] + 4, 708]);
  const x = (step) => at(Math.log10(step + 1));
  const y = scale([low, 1.08 * high || 1], [176, TOP]);
  const decades = [0, 1, 10, 100, 1000, 10000].filter((step) => step <= last);
  const names = Object.keys(films);
  const ends = apart(names.map((name) => y(films[name].curve[1].at(-1))), 15);
  const here = [x(n.step), y(n.loss)];
  return svg("g", {}, [
    axes(Object.assign((step) => x(step), { domain: [0, last], range: at.range }), y, {
      ylabel: "training loss, step by step", xticks: decades.map((step) => [step, step.toLocaleString("en")]),
    }),
    names.map((name) => {
      const [steps, values] = films[name].curve;
      const lit = name === active;
      const points = values.map((value, i) => [x(steps[i]), y(value)]);
      return svg("path", { class: lit ? "one curve" : "wire curve dotted", d: path(points) });
    }),
    names.length > 1 ? names.map((name, i) => text(722, ends[i] + 4.5, name, {
      class: name === active ? "one strong" : "muted", size: 13,
    })) : [],
    svg("path", { class: "axis dashed", d: path([[here[0], 176], here]) }),
    svg("circle", { class: "one area", cx: here[0], cy: here[1], r: 5 }),
    text(STRIPS[1], TOP - 12, `loss ${format(n.loss)}`, {
      class: "one strong", "text-anchor": "end", size: 15,
    }),
  ]);
}

/** The same heights, moved so that neighbors are at least `gap` apart. */
function apart(heights, gap) {
  const order = heights.map((_, i) => i).sort((a, b) => heights[b] - heights[a]);
  const found = [...heights];
  order.forEach((i, rank) => { if (rank) found[i] = Math.min(found[i], found[order[rank - 1]] - gap); });
  return found;
}

/** A row for each hidden unit with a tick for each training example, in a lane for each class. */
function units(frame, { activation, targets, training, classes, things }, n) {
  const answers = n.hidden;
  const H = frame.b1.length;
  const columns = H > 8 ? 2 : 1;
  const perColumn = Math.ceil(H / columns);
  const high = Math.min(34, 136 / perColumn);
  const most = activation === "relu" ? Math.max(1e-9, ...answers.slice(0, training).flat()) : 1;
  const domain = { tanh: [-1, 1], sigmoid: [0, 1], relu: [0, most] }[activation];
  const wide = (STRIPS[1] - STRIPS[0] - 20 * (columns - 1)) / columns;
  const rows = frame.b1.map((_, j) => {
    const left = STRIPS[0] + Math.floor(j / perColumn) * (wide + 20);
    const top = 256 + (j % perColumn) * high;
    const a = scale(domain, [left + 28, left + wide - 6]);
    const lane = (0.8 * high) / classes.length;
    const places = classes.map(() => new Uint8Array(2 * STRIPS[1])); // half pixels that have a tick
    for (let i = 0; i < training; i++) places[targets[i]][Math.round(2 * a(answers[i][j]))] = 1;
    const ticks = places.map((ticked, k) => {
      const rest = ` ${pixels(top + 2 + lane * k)}v${pixels(0.85 * lane)}`;
      let d = "";
      for (let px = 2 * STRIPS[0]; px < ticked.length; px++) if (ticked[px]) d += `M${px / 2}${rest}`;
      return d;
    });
    return [
      svg("rect", { class: "panel area", x: left + 22, y: top, width: wide - 22, height: 0.9 * high }),
      text(left + 14, top + 0.45 * high + 4.7, j + 1, {
        class: "four strong", "text-anchor": "end", size: 13,
      }),
      ticks.map((d, k) => svg("path", { class: `${COLORS[k]} curve`, d, style: "stroke-width: 1.6" })),
    ];
  });
  const ends = Array.from({ length: columns }, (_, c) => {
    const left = STRIPS[0] + c * (wide + 20);
    const y = 256 + perColumn * high + 14;
    const tick = (value, px, anchor) =>
      text(px, y, format(value, 3), { class: "muted", size: 13, "text-anchor": anchor });
    return [
      tick(domain[0], left + 24, "start"), tick((domain[0] + domain[1]) / 2, left + 11 + wide / 2, "middle"),
      tick(domain[1], left + wide - 2, "end"),
    ];
  });
  const [right, total] = n.test ?? n.train;
  return svg("g", {}, [
    text(STRIPS[0], 222, `${n.test ? "test: " : ""}${right} of ${total} right`, {
      class: "strong", size: 15,
    }),
    text(STRIPS[1], 222, `${percent(n.saturated)} ${activation === "relu" ? "off" : "saturated"}`, {
      "text-anchor": "end",
    }),
    text(STRIPS[0], 246, `each unit's answers a to the training ${things}`, { class: "muted", size: 13 }),
    rows, ends,
  ]);
}

function percent(share) {
  return `${format(100 * share, 3)} %`;
}

function words({ numbers: n, settings, data }) {
  const { things, classes } = data;
  const film = filmOf(settings, data);
  const [right, total] = n.test ?? n.train;
  const when = n.step === 0 ? "Before the first step" : `After ${many(n.step, "step")}`;
  const part = `${n.test ? "test" : "training"} ${things}`;
  const score = `${when}: ${right} of ${total} ${part} right, loss ${format(n.loss)}.`;
  const called = classes.filter((_, k) => n.said[k]);
  const mute = n.spread.flatMap((width, j) => (width < 0.1 ? [j + 1] : []));
  if (called.length === 1 && mute.length === n.spread.length) return `${score} ${silence(n, called, data)}`;
  if (n.step === 0) return `${score} The lines lie where chance put them: press Play and watch them move.`;
  const alike = called.length === 1 ? ` All are called ${called}.` : "";
  if (mute.length) {
    const who = mute.length > 1 ? `Units ${list(mute)} say` : `Unit ${mute[0]} says`;
    const others = ["no unit tells", "only the other tells", "the others tell"];
    const rest = others[Math.min(n.spread.length - mute.length, 2)];
    return `${score}${alike} ${who} nearly the same about all ${things}; ${rest} some of them apart.`;
  }
  if (alike) return `${score}${alike} No boundary runs between the ${things}.`;
  if (settings.frame === film.steps.length - 1 && right / total > 0.9) {
    const although = n.saturated > 0.1 && data.activation !== "relu"
      ? `, although ${percent(n.saturated)} of the answers are saturated.` : ".";
    return `${score} Every unit says one thing of some ${things} and another of others, so each is of use` +
      although;
  }
  const [truth, answer, times] = n.mistake ?? [];
  const mistake = times
    ? `The commonest mistake among all ${things}: ${truth} called ${answer}, ${many(times, "time")}.`
    : `None of the ${things} is on the wrong side.`;
  return `${score} The boundary bends where it meets a numbered line. ${mistake}`;
}

/** What there is to see, and why it stays, where every unit says the same about everything. */
function silence(n, called, { things, activation }) {
  const seen = `No unit tells the ${things} apart: the ticks of a row are on one place, and all are ` +
    `called ${called}.`;
  if (activation === "relu") return `${seen} Where a = 0 the slope is 0 too, and nothing pulls a line back.`;
  const share = `${percent(n.saturated)} of the answers are saturated`;
  const flat = `${share}, where the slope of ${activation} is nearly 0`;
  if (n.step === 0) return `${seen} ${flat}. Can training mend that? Press Play.`;
  const floor = Math.abs(n.loss - n.entropy) < 0.005
    ? `, and ${format(n.entropy)} is the loss of anyone who knows only how frequent the classes are` : "";
  return `${seen} ${flat}: hardly anything pulls a line back${floor}.`;
}

function many(number, thing) {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

function list(items) {
  return items.length > 1 ? `${items.slice(0, -1).join(", ")} and ${items.at(-1)}` : String(items[0]);
}

export default figure({ size: [820, 432], numbers, draw, words });
