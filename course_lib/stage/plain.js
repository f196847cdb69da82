// What deck.js asks of reveal.js, for a deck that is made without it: slides and their steps, keys,
// addresses, printing and the speaker's window, under reveal.js's names.

class Reveal {
  #listeners = { slidechanged: [], fragmentshown: [], fragmenthidden: [] };
  #actions = new Map(); // by the name of a key
  #keys = []; // [names, description], to be listed
  #index = 0; // of the slide that is shown
  #steps = 0; // how many of its fragments are

  constructor(element, config) {
    Object.assign(this, { element, config });
    const bind = (key, description, action) => this.addKeyBinding({ key, description }, action);
    bind("→ ↓ PageDown Space N L J", "Next step", () => this.next());
    bind("← ↑ PageUp P H K", "Step back", () => this.prev());
    bind("Home", "First slide", () => this.#show(0, 0));
    bind("End", "Last slide", () => this.#show(this.getTotalSlides() - 1, 0));
    bind("F", "Full screen", () => document.documentElement.requestFullscreen());
    bind("B . V", "Black screen", () => element.classList.toggle("paused"));
    bind("?", "These keys", () => this.#help.togglePopover());
  }

  async initialize() {
    this.element.insertAdjacentHTML("beforeend", `<div class="progress"><span></span></div>
      <div class="slide-number"></div><table class="help" popover></table>`);
    for (const plugin of this.config.plugins) plugin().init(this);
    for (const names of this.#keys) {
      const row = this.#help.insertRow();
      for (const words of names) row.insertCell().textContent = words;
    }
    addEventListener("keydown", (event) => this.press(event));
    addEventListener("resize", () => this.#scale());
    addEventListener("hashchange", () => this.#goToAddress());
    addEventListener("beforeprint", () => {
      for (const slide of this.getSlides()) this.#reveal(slide, Infinity);
    });
    addEventListener("afterprint", () => this.#show(this.#index, this.#steps));
    this.#followFingers();
    this.#scale();
    this.#goToAddress();
  }

  getSlides() { return [...this.element.querySelectorAll(".slides > section > section")]; }
  getTotalSlides() { return this.getSlides().length; }
  getCurrentSlide() { return this.getSlides()[this.#index]; }
  on(event, listener) { this.#listeners[event].push(listener); }

  /** Where a slide stands: section h, slide v in it, and of the one shown the newest fragment f. */
  getIndices(slide = this.getCurrentSlide()) {
    const place = (element) => [...element.parentElement.children].indexOf(element);
    const f = slide === this.getCurrentSlide() ? this.#steps - 1 : undefined;
    return { h: place(slide.parentElement), v: place(slide), f };
  }

  next() {
    const slide = this.getCurrentSlide();
    if (this.#steps < fragments(slide).length) this.#show(this.#index, this.#steps + 1);
    else if (this.#index + 1 < this.getTotalSlides()) this.#show(this.#index + 1, 0);
  }

  prev() {
    if (this.#steps > 0) this.#show(this.#index, this.#steps - 1);
    else if (this.#index > 0) this.#show(this.#index - 1, Infinity);
  }

  slide(h, v = 0, f = -1) {
    const found = this.getSlides().findIndex((slide) => {
      const place = this.getIndices(slide);
      return place.h === h && place.v === v;
    });
    this.#show(Math.max(found, 0), f + 1);
  }

  /** Lets keys, named with spaces between them, do something; the names are those on the keyboard. */
  addKeyBinding({ key, description }, action) {
    const names = { "→": "ArrowRight", "←": "ArrowLeft", "↑": "ArrowUp", "↓": "ArrowDown", Space: " " };
    for (const name of key.split(" ")) this.#actions.set((names[name] ?? name).toLowerCase(), action);
    this.#keys.push([key, description]);
  }

  press(event) {
    const action = this.#actions.get(event.key.toLowerCase());
    if (!action || event.altKey || event.ctrlKey || event.metaKey) return;
    if (this.config.keyboardCondition && !this.config.keyboardCondition(event)) return;
    event.preventDefault();
    if (event.key === " " && event.shiftKey) this.prev();
    else action();
  }

  get #help() { return this.element.querySelector(".help"); }

  #emit(event, data) {
    for (const listener of this.#listeners[event]) listener(data);
  }

  /** Shows a slide with its first steps. */
  #show(index, steps) {
    const slides = this.getSlides();
    const current = slides[index];
    this.#index = index;
    this.#steps = Math.min(steps, fragments(current).length);
    for (const slide of slides) {
      slide.classList.toggle("present", slide === current);
      slide.parentElement.classList.toggle("present", slide.parentElement === current.parentElement);
      this.#reveal(slide, slide === current ? this.#steps : 0);
    }
    const { h, v, f } = this.getIndices();
    history.replaceState(null, "", `#/${h}/${v}${f < 0 ? "" : `/${f}`}`);
    const done = slides.length > 1 ? index / (slides.length - 1) : 1;
    this.element.querySelector(".progress span").style.transform = `scaleX(${done})`;
    this.element.querySelector(".slide-number").textContent = `${index + 1} / ${slides.length}`;
    this.#emit("slidechanged", { currentSlide: current });
  }

  #reveal(slide, count) {
    for (const [place, fragment] of fragments(slide).entries()) {
      const shown = place < count;
      if (fragment.classList.contains("visible") === shown) continue;
      fragment.classList.toggle("visible", shown);
      this.#emit(shown ? "fragmentshown" : "fragmenthidden", { fragments: [fragment] });
    }
  }

  #goToAddress() {
    const [h, v, f] = location.hash.split("/").slice(1).map(Number);
    this.slide(h || 0, v || 0, Number.isInteger(f) ? f : -1);
  }

  #scale() {
    const { width, height } = this.config;
    const factor = Math.min(innerWidth / width, innerHeight / height);
    this.element.style.setProperty("--scale", factor);
  }

  #followFingers() {
    let start = 0;
    addEventListener("touchstart", ({ touches }) => { start = touches[0].clientX; });
    addEventListener("touchend", ({ changedTouches }) => {
      const way = changedTouches[0].clientX - start;
      if (Math.abs(way) > 60) (way < 0 ? this.next() : this.prev());
    });
  }
}

function fragments(slide) {
  return [...slide.querySelectorAll(".fragment")];
}

/** The speaker's window: the time, what is to be said to this slide, and the slide that follows. */
function RevealNotes() {
  let view = null;
  const began = Date.now();
  const part = (name) => view.document.querySelector(name);
  const tick = () => {
    if (!view || view.closed) return;
    const minutes = Math.floor((Date.now() - began) / 60_000);
    part(".clock").textContent = `${new Date().toLocaleTimeString()}, minute ${minutes}`;
  };
  const tell = (deck) => {
    if (!view || view.closed) return;
    const slides = deck.getSlides();
    const here = slides.indexOf(deck.getCurrentSlide());
    const following = slides[here + 1];
    part(".count").textContent = `${here + 1} / ${slides.length}`;
    part(".said").innerHTML = slides[here].querySelector("aside.notes")?.innerHTML ?? "";
    part(".slides").innerHTML = following ? `<section>${following.outerHTML}</section>` : "The end.";
    view.scrollTo(0, 0);
  };
  const open = (deck) => {
    view = window.open("", "notes", "width=1000,height=760");
    if (!view) return alert("The browser keeps the speaker's window closed: allow it to open windows.");
    const styles = [...document.querySelectorAll("style")].map((style) => style.outerHTML).join("");
    view.document.body.outerHTML = `<body class="speaker">
      <header><span class="clock"></span><span class="count"></span></header>
      <main class="reveal said"></main><p>What follows:</p>
      <div class="reveal follows"><div class="slides"></div></div></body>`;
    view.document.head.innerHTML = `<meta charset="utf-8"><title>Speaker's notes</title>${styles}`;
    view.document.body.dataset.jpThemeLight = document.body.dataset.jpThemeLight;
    view.onkeydown = (event) => deck.press(event);
    tick();
    return tell(deck);
  };
  const init = (deck) => {
    deck.addKeyBinding({ key: "S", description: "The speaker's window" }, () => open(deck));
    deck.on("slidechanged", () => tell(deck));
    setInterval(tick, 1000);
  };
  return { id: "notes", init };
}
