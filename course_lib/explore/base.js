// What all figures share: SVG elements, scales, controls, words, the table of numbers.
//
// A figure is `figure({ size, numbers, draw, words })`. Its settings are what the controls say;
// `numbers(settings, data)` is its mathematics and touches no page, so that tests can compare it
// with Python's; `draw(view)` makes the picture of it, `words(view)` one sentence. What a figure is
// called, its controls and its data come from its Python module. figure.py puts this file in front
// of the figure's own, so names at the top level must differ.

const NAMESPACE = "http://www.w3.org/2000/svg";
const FAR = 1e4; // where a coordinate goes that is not finite: out of every picture

export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(NAMESPACE, tag), attributes, children);
}

export function html(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, typeof value === "number" ? pixels(value) : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null));
  return element;
}

/** A coordinate, to a hundredth; what is not finite lies out of the picture. */
export function pixels(x) {
  if (Number.isNaN(x)) return -FAR;
  return Math.round(Math.min(Math.max(x, -FAR), FAR) * 100) / 100;
}

/** The straight map of [a, b] to [c, d]; `.back` is its inverse. */
export function scale([a, b], [c, d]) {
  const map = (x) => c + ((x - a) / (b - a)) * (d - c);
  map.back = (y) => a + ((y - c) / (d - c)) * (b - a);
  map.domain = [a, b];
  map.range = [c, d];
  return map;
}

/** About `count` round numbers between low and high. */
export function ticks(low, high, count = 5) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    found.push(Number((k * step).toPrecision(12)));
  }
  return found;
}

/**
 * A number to `digits` significant digits, whole numbers below a million whole: the same text as
 * number() in drawing/labels.py. Twelve digits come first, then a half goes to the even digit.
 */
export function format(x, digits = 4) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "−inf";
  const exact = Number(x.toPrecision(12));
  if (Number.isInteger(exact) && Math.abs(exact) < 1e6) return signed(String(exact + 0));
  const [mantissa, exponent] = Math.abs(exact).toExponential(11).split("e");
  const all = mantissa.replace(".", "");
  const rest = all.slice(digits).padEnd(12, "0");
  const half = "5".padEnd(12, "0");
  let kept = Number(all.slice(0, digits));
  if (rest > half || (rest === half && kept % 2 === 1)) kept += 1;
  const value = Number(`${kept}e${Number(exponent) - digits + 1}`);
  const power = Math.floor(Number(value.toExponential().split("e")[1]));
  let text = String(Number(value.toPrecision(digits)));
  if (power < -4 || power >= digits) {
    const sign = power < 0 ? "-" : "+";
    const [short] = value.toExponential().split("e");
    text = `${short}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  return signed(exact < 0 ? `-${text}` : text);
}

function signed(text) {
  return text.replaceAll("-", "−");
}

/** A number with its sign, as in a sum. */
export function withSign(x) {
  const text = format(x);
  return text.startsWith("−") || text === "nan" ? text : `+${text}`;
}

/** The path through points [x, y]; it breaks where one is not finite. */
export function path(points) {
  let pen = "M";
  let text = "";
  for (const [x, y] of points) {
    if (Number.isFinite(x) && Number.isFinite(y)) {
      text += `${pen}${pixels(x)} ${pixels(y)}`;
      pen = "L";
    } else {
      pen = "M";
    }
  }
  return text;
}

/** Text at a place; attributes as in SVG, `size` in pixels. */
export function text(x, y, content, { size = 14, ...attributes } = {}) {
  return svg("text", { x, y, "font-size": size, ...attributes }, String(content));
}

/** A straight arrow. */
export function arrow([x1, y1], [x2, y2], attributes = {}) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const tip = Math.min(9, length);
  const [bx, by] = [x2 - tip * ux, y2 - tip * uy];
  const head = `M${pixels(x2)} ${pixels(y2)}L${pixels(bx - uy * tip * 0.45)} ${pixels(by + ux * tip * 0.45)}L${pixels(bx + uy * tip * 0.45)} ${pixels(by - ux * tip * 0.45)}Z`;
  return svg("g", { class: "arrow", ...attributes }, [
    svg("path", { class: "shaft", d: path([[x1, y1], [bx, by]]) }),
    svg("path", { class: "head", d: head }),
  ]);
}

/** Axes with ticks and labels for two scales whose ranges are pixels. */
export function axes(x, y, { xlabel = "", ylabel = "", xticks = null, yticks = null } = {}) {
  const [left, right] = x.range;
  const [bottom, top] = y.range;
  const at = (spec, map, count) =>
    spec ?? ticks(map.domain[0], map.domain[1], count).map((value) => [value, format(value)]);
  const marks = [
    svg("path", { class: "axis", d: path([[left, top], [left, bottom], [right, bottom]]) }),
  ];
  for (const [value, name] of at(xticks, x, 6)) {
    marks.push(svg("path", { class: "grid", d: path([[x(value), bottom], [x(value), top]]) }));
    marks.push(text(x(value), bottom + 18, name, { class: "muted", "text-anchor": "middle", size: 13 }));
  }
  for (const [value, name] of at(yticks, y, 5)) {
    marks.push(svg("path", { class: "grid", d: path([[left, y(value)], [right, y(value)]]) }));
    marks.push(text(left - 7, y(value) + 4.5, name, { class: "muted", "text-anchor": "end", size: 13 }));
  }
  marks.push(text((left + right) / 2, bottom + 38, xlabel, { "text-anchor": "middle" }));
  marks.push(text(left - 7, top - 12, ylabel, { "text-anchor": "start" }));
  return svg("g", { class: "axes" }, marks);
}

/** A value in its solid blue box, or an error signal in its dashed orange one, centered at (x, y). */
export function boxed(kind, x, y, content, { size = 14 } = {}) {
  const width = [...content].length * size * 0.62 + 12;
  const height = size + 9;
  return svg("g", {}, [
    svg("rect", { class: kind, x: x - width / 2, y: y - height / 2, width, height, rx: 3 }),
    text(x, y + size * 0.36, content, { class: `${kind}-text mono`, "text-anchor": "middle", size }),
  ]);
}

/** Data from Python: numbers that JSON lacks, and arrays of 16-bit floats ({shape, values}). */
export function revive(data) {
  if (Array.isArray(data)) return data.map(revive);
  if (data === "NaN" || data === "Infinity" || data === "-Infinity") return Number(data);
  if (data === null || typeof data !== "object") return data;
  if ("half" in data) return { shape: data.shape, values: halves(data.half) };
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, revive(value)]));
}

function halves(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: bytes.length / 2 }, (_, i) => {
    const bits = view.getUint16(2 * i, true);
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    const size =
      exponent === 0 ? fraction * 2 ** -24
      : exponent === 31 ? (fraction ? NaN : Infinity)
      : (1 + fraction / 1024) * 2 ** (exponent - 15);
    return bits >> 15 ? -size : size;
  });
}

/** The numbers as rows of texts, [label, cell, cell ...]: the table, and what tests compare. */
export function rows(numbers, labels) {
  const found = [];
  for (const [key, label] of Object.entries(labels)) {
    const value = numbers[key];
    if (value === undefined) continue;
    const lines = Array.isArray(value) && Array.isArray(value[0]) ? value : [[value].flat()];
    lines.forEach((line, i) => {
      const name = lines.length > 1 ? `${label}, row ${i + 1}` : label;
      found.push([name, ...line.map((x) => (typeof x === "number" ? format(x) : String(x)))]);
    });
  }
  return found;
}

// JupyterLab takes keys for itself unless the element that has the focus says that it wants them.
const KEYS = { "data-lm-suppress-shortcuts": "true" };

/**
 * A figure for anywidget.
 *
 * size: width and height of the picture's coordinates.
 * numbers(settings, data): what is computed; names to numbers, texts, arrays.
 * draw(view): the children of the picture. A view has settings, numbers, data, set(patch),
 *   ask(question) -> Promise of Python's answer, replace(data), cache (an object of the figure's own).
 * words(view): what there is to see, in a sentence or two.
 * actions: for a Button called name, actions[name](view) returns the settings to change.
 * drag(name, x, y, view): the settings to change when an element with data-drag=name is dragged.
 * limits(settings, data): where sliders end for now, if that changes; names to numbers.
 * changed(name, view): called when a control has moved, before the picture is made.
 *
 * An element of the picture with data-set='{"name": value}' changes settings when clicked.
 */
export function figure(definition) {
  return { render: (context) => new Shown(definition, context).start() };
}

class Shown {
  constructor(definition, { model, el }) {
    // Each copy of a figure on a page is a module of its own: only chance keeps their ids apart.
    const id = `course-figure-${Math.random().toString(36).slice(2)}`;
    Object.assign(this, { definition, model, el, id });
    this.spec = model.get("spec");
    this.settings = { ...model.get("settings") };
    this.data = revive(model.get("data"));
    this.cache = {};
    this.life = new AbortController();
    this.updates = []; // of each control: what it shows when settings change
  }

  start() {
    const { title, caption, controls } = this.spec;
    const [width, height] = this.definition.size;
    this.picture = svg("svg", {
      viewBox: `0 0 ${width} ${height}`, role: "img", "aria-labelledby": `${this.id}-title`,
      "aria-describedby": `${this.id}-words`,
    });
    this.sentence = html("p", { class: "words", id: `${this.id}-words` });
    this.status = html("div", { class: "unseen", role: "status" });
    this.table = html("tbody");
    this.details = html("details", {},
      html("summary", KEYS, "The numbers"),
      html("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "The numbers", ...KEYS },
        html("table", {},
          html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "quantity"),
            html("th", { scope: "col" }, "value"))),
          this.table)));
    this.element = html("div", {
      class: "course-figure", role: "group", "aria-labelledby": `${this.id}-title`,
    },
      html("div", { class: "title", id: `${this.id}-title` }, title),
      this.picture, this.sentence,
      html("div", { class: "controls" }, controls.map((control) => this.control(control))),
      html("p", { class: "caption" }, caption), this.details, this.status);
    this.listen();
    this.el.replaceChildren(this.element);
    this.refresh();
    clearTimeout(this.speaking); // a page of many figures is not read out when it opens
    let hidden = null; // the still, once this element is on the page
    const laidOut = new ResizeObserver(() => {
      hidden ??= still(this.el);
      if (hidden) hidden.style.display = "none";
    });
    laidOut.observe(this.element);
    return () => {
      this.life.abort();
      laidOut.disconnect();
      clearInterval(this.playing);
      clearTimeout(this.speaking);
      if (hidden) hidden.style.display = "";
      this.el.replaceChildren();
      for (const name of Object.keys(this)) this[name] = null; // JupyterLab may hold us for long
    };
  }

  listen() {
    const signal = this.life.signal;
    this.details.addEventListener("toggle", () => this.fill(), { signal });
    let dragged = null;
    const move = (event) => {
      const point = new DOMPoint(event.clientX, event.clientY);
      const { x, y } = point.matrixTransform(this.picture.getScreenCTM().inverse());
      this.set(this.definition.drag(dragged, x, y, this) ?? {});
    };
    this.picture.addEventListener("pointerdown", (event) => {
      const handle = event.target.closest("[data-drag]");
      if (!handle) return;
      dragged = handle.dataset.drag;
      this.picture.setPointerCapture(event.pointerId);
      event.preventDefault();
    }, { signal });
    // A finger that drags must not scroll the page; CSS touch-action cannot say so inside an SVG.
    this.picture.addEventListener("touchstart", (event) => {
      if (event.target.closest("[data-drag]")) event.preventDefault();
    }, { signal, passive: false });
    this.picture.addEventListener("pointermove", (event) => dragged && move(event), { signal });
    for (const end of ["pointerup", "pointercancel"]) {
      this.picture.addEventListener(end, () => { dragged = null; }, { signal });
    }
    this.picture.addEventListener("click", (event) => {
      const place = event.target.closest("[data-set]");
      if (place) this.set(JSON.parse(place.dataset.set));
    }, { signal });
  }

  /** Change settings, and show what follows. */
  set(patch, from = null) {
    Object.assign(this.settings, patch);
    this.model.set("settings", { ...this.settings }); // another view of this figure begins here
    for (const name of Object.keys(patch)) this.definition.changed?.(name, this);
    this.refresh(from);
  }

  /** Put other data in place of the old. */
  replace(data) {
    this.data = revive(data);
    this.cache = {};
    this.refresh();
  }

  refresh(from = null) {
    this.limits = this.definition.limits?.(this.settings, this.data) ?? {};
    for (const [name, high] of Object.entries(this.limits)) {
      this.settings[name] = Math.min(this.settings[name], high);
    }
    this.numbers = this.definition.numbers(this.settings, this.data);
    this.element.dataset.settings = JSON.stringify(this.settings);
    this.picture.replaceChildren(...[this.definition.draw(this)].flat(Infinity));
    for (const update of this.updates) if (update !== from) update();
    const sentence = this.definition.words(this);
    if (sentence !== this.sentence.textContent) {
      this.sentence.textContent = sentence;
      clearTimeout(this.speaking); // a screen reader hears where a burst of keys has led, no more
      this.speaking = setTimeout(() => { this.status.textContent = sentence; }, 400);
    }
    if (this.details.open) this.fill();
  }

  fill() {
    const lines = rows(this.numbers, this.spec.labels);
    const widest = Math.max(1, ...lines.map((line) => line.length - 1));
    this.details.querySelector("th + th").setAttribute("colspan", widest);
    this.table.replaceChildren(...lines.map(([label, ...cells]) =>
      html("tr", {}, html("th", { scope: "row" }, label), cells.map((cell) => html("td", {}, cell)))));
  }

  /** Ask the figure's Python; the answer never comes where no kernel runs. */
  ask(question, patience = 3000) {
    const number = (this.asked = (this.asked ?? 0) + 1);
    const tag = `${this.id}/${number}`;
    return new Promise((resolve, reject) => {
      const done = () => { this.model.off("msg:custom", hear); clearTimeout(timer); };
      const hear = (message) => {
        if (message.tag !== tag) return;
        done();
        resolve(message.answer);
      };
      const timer = setTimeout(() => { done(); reject(new Error("no kernel answers")); }, patience);
      this.life.signal.addEventListener("abort", done, { once: true });
      this.model.on("msg:custom", hear);
      this.model.send({ tag, question });
    });
  }

  control(control) {
    return { slider, choice, switch: toggle, button, entry }[control.kind](this, control);
  }
}

/** The nearest still before the figure: what was there while no figure could be. */
function still(el) {
  for (let here = el, up = 0; here && up < 12; here = here.parentElement, up++) {
    for (let before = here.previousElementSibling; before; before = before.previousElementSibling) {
      const found = before.querySelector(".course-still");
      if (found) return found;
      if (before.querySelector(".course-figure")) return null;
    }
  }
  return null;
}

function slider(shown, { name, label, low, high, step, texts, play }) {
  const id = `${shown.id}-${name}`;
  const input = html("input", {
    type: "range", id, min: String(low), max: String(high), step: String(step), ...KEYS,
  });
  const end = () => shown.limits[name] ?? high;
  const output = html("span", { class: "reading mono", "aria-hidden": "true" });
  const update = () => {
    const value = shown.settings[name];
    const shownText = texts.length ? texts[Math.round((value - low) / step)] : format(value);
    input.max = String(end());
    if (Number(input.value) !== value) input.value = String(value);
    output.textContent = shownText;
    input.setAttribute("aria-valuetext", shownText);
  };
  shown.updates.push(update);
  const move = (value) => shown.set({ [name]: value });
  input.addEventListener("input", () => { stop(); move(Number(input.value)); });
  const row = html("div", { class: "slider" }, html("label", { for: id }, label), input, output);
  const button = (content, act) => {
    const made = html("button", { type: "button", ...KEYS }, content);
    made.addEventListener("click", act);
    return made;
  };
  const at = () => shown.settings[name];
  const go = (by) => {
    stop();
    move(Math.min(Math.max(at() + by * step, low), end()));
  };
  const stop = () => {
    clearInterval(shown.playing);
    shown.playing = null;
    if (play) starter.textContent = "Play";
  };
  const starter = play ? button("Play", () => {
    if (shown.playing) return stop();
    if (at() >= end()) move(low);
    starter.textContent = "Pause";
    // Whoever asked for less motion gets few and slow steps.
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const stride = calm ? Math.max(step, Math.ceil((end() - low) / step / 20) * step) : step;
    shown.playing = setInterval(() => {
      move(Math.min(at() + stride, end()));
      if (at() >= end()) stop();
    }, calm ? Math.max(play, 1500) : play);
  }) : null;
  if (!play) return row;
  const player = html("div", { class: "player", role: "group", "aria-label": label },
    button("Back", () => go(-1)), starter, button("Next", () => go(+1)), row);
  player.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && event.target.tagName === "BUTTON") {
      event.preventDefault();
      go(by);
    }
  });
  return player;
}

function choice(shown, { name, label, options }) {
  if (options.length > 5) {
    const id = `${shown.id}-${name}`;
    const select = html("select", { id, ...KEYS }, options.map((value) => html("option", { value }, value)));
    select.addEventListener("change", () => shown.set({ [name]: select.value }));
    shown.updates.push(() => { select.value = shown.settings[name]; });
    return html("div", { class: "choice" }, html("label", { for: id }, label), select);
  }
  const inputs = options.map((value) =>
    html("input", { type: "radio", name: `${shown.id}-${name}`, value, ...KEYS }));
  shown.updates.push(() => {
    for (const input of inputs) input.checked = input.value === shown.settings[name];
  });
  for (const input of inputs) {
    input.addEventListener("change", () => shown.set({ [name]: input.value }));
  }
  return html("fieldset", { class: "choice" }, html("legend", {}, label),
    inputs.map((input) => html("label", {}, input, input.value)));
}

function toggle(shown, { name, label }) {
  const input = html("input", { type: "checkbox", role: "switch", ...KEYS });
  input.addEventListener("change", () => shown.set({ [name]: input.checked }));
  shown.updates.push(() => { input.checked = shown.settings[name]; });
  return html("label", { class: "switch" }, input, label);
}

function button(shown, { name, label }) {
  const made = html("button", { type: "button", ...KEYS }, label);
  made.addEventListener("click", () => shown.set(shown.definition.actions[name](shown) ?? {}));
  return made;
}

function entry(shown, { name, label, longest }) {
  const id = `${shown.id}-${name}`;
  const input = html("input", {
    type: "text", id, maxlength: String(longest), spellcheck: "false", autocomplete: "off", ...KEYS,
  });
  const update = () => { if (input.value !== shown.settings[name]) input.value = shown.settings[name]; };
  input.addEventListener("input", () => shown.set({ [name]: input.value }, update));
  shown.updates.push(update);
  return html("div", { class: "entry" }, html("label", { for: id }, label), input);
}
