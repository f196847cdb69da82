// A deck comes to life: formulas, figures, then each slide as large as its page allows.

const SIZES = [30, 28, 26, 24, 22, 20, 18]; // of the text, in pixels on a page of 1280 by 720
const SMALLEST_BESIDE_A_PICTURE = 20;
const LARGEST_PICTURE = 2;
const FOLDED = "details:not(.course-figure details, aside details)";

const show = document.querySelector(".reveal");
const slides = () => [...document.querySelectorAll(".slides > section > section")];

/** Resolves when every figure that waits for its script is drawn, or on stage after ten seconds. */
function figuresDrawn() {
  const views = document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]');
  return new Promise((resolve) => {
    const began = Date.now();
    const look = () => {
      const drawn = document.querySelectorAll(".course-figure").length;
      if (drawn >= views.length || (!ON_PAPER && Date.now() - began > 10_000)) resolve();
      else setTimeout(look, 30);
    };
    look();
  });
}

/** Above a slide without a heading stands that of its section. */
function sayWhere(section) {
  let heading = "";
  for (const slide of section.querySelectorAll(":scope > section")) {
    const own = slide.querySelector("h1, h2");
    if (own) heading = own.textContent;
    else if (!slide.querySelector(".where")) slide.insertAdjacentHTML("afterbegin", `<p class="where"></p>`);
    if (!own) slide.querySelector(".where").textContent = heading;
  }
}

/** What is folded is opened by the next step, as if it were the next fragment. */
function openByStep(slide) {
  for (const folded of slide.querySelectorAll(FOLDED)) {
    const step = document.createElement("span");
    step.className = "fragment opens";
    folded.after(step);
  }
}

/** A picture that leaves no room for text, and a figure to touch, go on to a slide of their own. */
function giveRoom(slide) {
  for (const output of slide.querySelectorAll(".jp-OutputArea-child")) {
    const figure = output.querySelector(".course-figure");
    const picture = output.querySelector("img");
    if (output === slide.firstElementChild || (!figure && !picture)) continue;
    if (!figure && fit(slide) >= SMALLEST_BESIDE_A_PICTURE) continue;
    const next = document.createElement("section");
    const rest = document.createElement("div");
    const cell = output.closest(".jp-Cell");
    const block = cell.closest(".fragment") ?? cell;
    while (block.nextElementSibling && !block.nextElementSibling.matches("aside")) {
      rest.append(block.nextElementSibling);
    }
    if (picture && rest.children.length && isNarrow(picture)) next.className = "beside";
    next.append(output, rest);
    const notes = slide.querySelector("aside.notes");
    if (notes) next.append(notes.cloneNode(true));
    slide.after(next);
    if (figure) bringTask(slide, next);
    else giveRoom(next);
    return;
  }
}

/** What to do with a figure stands above it, if there is room; then nothing is left on its slide. */
function bringTask(slide, next) {
  const [task, code, ...others] = [...slide.querySelectorAll(".jp-Cell")].filter((cell) => !cell.closest("aside"));
  if (!code || others.length || !task.matches(".jp-MarkdownCell") || task.querySelector("h1, h2")) return;
  next.prepend(task);
  next.classList.add("with-task");
  if (fit(next)) slide.remove();
  else {
    slide.querySelector(".where").after(task);
    next.classList.remove("with-task");
  }
}

function isNarrow(picture) {
  return picture.naturalWidth < 1.5 * picture.naturalHeight;
}

function fits(slide) {
  return slide.scrollHeight <= slide.clientHeight && slide.scrollWidth <= slide.clientWidth
    && [...slide.querySelectorAll("pre, mjx-container, math[display=block], table")].every(
      (box) => box.scrollWidth <= box.clientWidth + 1 || getComputedStyle(box).display === "inline");
}

/** Chooses the largest text with which the slide fits, then the largest picture; 0 if none fits. */
function fit(slide) {
  const folded = [...slide.querySelectorAll(FOLDED)];
  for (const one of folded) one.open = true;
  slide.classList.remove("tall");
  const pictures = [...slide.querySelectorAll("img")];
  const enlarge = (factor) => {
    for (const picture of pictures) {
      picture.style.setProperty("--enlarged", Math.max(factor, Number(picture.dataset.least)));
    }
  };
  for (const picture of pictures) picture.style.setProperty("--natural", picture.dataset.width);
  enlarge(0);
  for (const size of SIZES.slice(pictures.length ? 2 : 0)) { // a picture comes before large letters
    slide.style.setProperty("--size", `${size}px`);
    if (fits(slide)) break;
  }
  for (let factor = LARGEST_PICTURE; pictures.length && factor > 1; factor -= 0.05) {
    enlarge(factor);
    if (fits(slide)) break;
    enlarge(0);
  }
  slide.classList.toggle("tall", !fits(slide) && slide.querySelector(".course-figure") !== null);
  const found = fits(slide) ? Number.parseFloat(slide.style.getPropertyValue("--size")) : 0;
  for (const one of folded) one.open = false;
  return found;
}

/** Keys typed in a figure are the figure's, but a clicker always turns the page. */
function shareKeys(deck) {
  const turn = { PageDown: () => deck.next(), PageUp: () => deck.prev(), Escape: () => {} };
  document.addEventListener("keydown", (event) => {
    const inside = document.activeElement.closest(".course-figure");
    if (!inside || !turn[event.key]) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.activeElement.blur();
    turn[event.key]();
  }, { capture: true });
}

function setTheme(dark) {
  document.body.dataset.jpThemeLight = String(!dark);
}

function toggleTheme() {
  const dark = document.body.dataset.jpThemeLight === "true";
  setTheme(dark);
  try { localStorage.setItem("deck-theme", dark ? "dark" : "light"); } catch { /* not kept */ }
}

/** All slides in full, one below the other as they were measured: nothing is left to reveal.js. */
function layOut() {
  for (const folded of document.querySelectorAll("section details")) folded.open = true;
  // A link to another deck would name this machine's folders.
  for (const link of document.querySelectorAll('a:not([href^="http"])')) link.removeAttribute("href");
  document.documentElement.classList.add("on-paper");
}

async function setFormulas() {
  if (!window.MathJax) return; // then they are set
  await MathJax.startup.promise;
  await MathJax.typesetPromise();
  // The speaker's window has no style that hides the formulas' second, spoken form.
  for (const spoken of document.querySelectorAll("aside mjx-assistive-mml")) spoken.remove();
}

/** Gives each slide what it shows, and to this the size with which it fills its page. */
async function fillPages() {
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  await setFormulas();
  show.classList.add("measuring");
  await figuresDrawn();
  const sections = document.querySelectorAll(".slides > section");
  for (const section of sections) sayWhere(section); // which takes room
  for (const slide of slides()) giveRoom(slide);
  for (const section of sections) sayWhere(section); // on the slides that were added
  for (const slide of slides()) fit(slide);
}

async function present() {
  for (const folded of document.querySelectorAll("aside details")) folded.open = true; // notes have no steps
  for (const slide of slides()) openByStep(slide);
  show.classList.remove("measuring");
  const deck = new Reveal(show, {
    width: 1280, height: 720, margin: 0, center: false, hash: true, transition: "none",
    backgroundTransition: "none", navigationMode: "linear", controls: false, slideNumber: "c/t",
    plugins: [RevealNotes],
    keyboardCondition: () => !document.activeElement.closest(".course-figure"),
  });
  shareKeys(deck);
  deck.addKeyBinding({ keyCode: 84, key: "T", description: "Light or dark" }, toggleTheme);
  const fold = (open) => ({ fragments }) => {
    for (const step of fragments) if (step.matches(".opens")) step.previousElementSibling.open = open;
  };
  deck.on("fragmentshown", fold(true));
  deck.on("fragmenthidden", fold(false));
  await deck.initialize();
  window.deck = deck;
}

async function start() {
  try { setTheme(!ON_PAPER && localStorage.getItem("deck-theme") === "dark"); } catch { /* light */ }
  await fillPages();
  if (ON_PAPER) layOut();
  else await present();
  document.documentElement.dataset.deck = "ready";
  printNow();
}

start();
