// What a spectator would find wrong with the slide that a deck shows: lines of text, none if nothing.
(() => {
  const PAGE = { width: 1280, text: 18, code: 16 }; // pixels
  const HIDDEN = "aside, math, script, style, mjx-assistive-mml, .unseen, details:not([open]) > :not(summary)";
  const slide = deck.getCurrentSlide();
  const page = slide.getBoundingClientRect();
  const scale = page.width / PAGE.width;
  const found = [];
  const short = (text) => text.trim().replace(/\s+/g, " ").slice(0, 40);

  const outside = (box, frame) => box.width > 0 && (box.left < frame.left - 1
    || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);

  /** The box of text or of an element leaves the page, or a box that cuts off what leaves it. */
  function cut(box, element) {
    if (outside(box, page)) return true;
    for (let up = element; up && up !== slide; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== "visible" && outside(box, up.getBoundingClientRect())) return true;
    }
    return false;
  }

  function pixelsOf(element) {
    const size = Number.parseFloat(getComputedStyle(element).fontSize);
    const enlarged = element instanceof SVGElement ? element.getScreenCTM().a : scale;
    return (size * enlarged) / scale;
  }

  function luminance(color) {
    const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  const numbers = (color) => color.match(/[\d.]+/g).map(Number);

  function contrast(element) {
    let ground = [255, 255, 255];
    for (let up = element; up; up = up.parentElement) {
      const color = numbers(getComputedStyle(up).backgroundColor);
      if (color.length < 4 || color[3] > 0.5) { ground = color.slice(0, 3); break; }
    }
    const [a, b] = [luminance(numbers(getComputedStyle(element).color).slice(0, 3)), luminance(ground)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  if (Math.abs(page.width - innerWidth) > 1 || Math.abs(page.height - innerHeight) > 1) {
    found.push(`the page is ${page.width} by ${page.height}`);
  }
  const number = document.querySelector(".slide-number").getBoundingClientRect();
  let words = 0;
  const walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest(HIDDEN)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()];
    if (!boxes.length) continue;
    const text = short(node.textContent);
    const code = element.closest("pre, code, .mono");
    if (boxes.some((box) => cut(box, element))) found.push(`cut off: ${text}`);
    if (boxes.some((box) => box.right > number.left && box.bottom > number.top)) found.push(`under the page number: ${text}`);
    if (pixelsOf(element) < (code ? PAGE.code : PAGE.text) - 0.05) found.push(`${pixelsOf(element).toFixed(1)} pixels high: ${text}`);
    if (!code && !element.closest("svg") && /\$|\\[a-zA-Z]{2,}/.test(node.textContent)) found.push(`raw TeX: ${text}`);
    if (!element.closest("svg") && contrast(element) < 4.5) found.push(`contrast ${contrast(element).toFixed(1)}: ${text}`);
    if (element.closest(".jp-RenderedMarkdown") && !element.closest("table, details, pre, mjx-container")) {
      words += (node.textContent.match(/[\p{L}][\p{L}'’.-]*/gu) ?? []).length;
    }
  }
  if (words > 80) found.push(`${words} words of running text`);

  const formulas = [...slide.querySelectorAll("mjx-container")].filter((one) => !one.closest("aside"));
  for (const formula of formulas) {
    const drawn = formula.querySelector("svg")?.getBoundingClientRect();
    if (!drawn?.width || formula.querySelector("[data-mjx-error], [fill=red]")) found.push(`not typeset: ${short(formula.textContent)}`);
    else if (cut(drawn, formula)) found.push(`cut off: the formula ${short(formula.textContent)}`);
    if (pixelsOf(formula) < PAGE.text) found.push(`a formula of ${pixelsOf(formula)} pixels`);
  }

  const smallest = (image) => {
    const [, drawing] = image.src.match(/^data:image\/svg\+xml;base64,(.*)/) ?? [];
    const shown = image.getBoundingClientRect().width / scale;
    if (!drawing) return [(shown / (image.naturalWidth / 1.5)) * (11 / 72) * 96, PAGE.text]; // 144 dots an inch, 11 points
    const text = new DOMParser().parseFromString(atob(drawing), "image/svg+xml");
    const sizes = [...text.querySelectorAll("text[font-size]")].map((one) => Number(one.getAttribute("font-size")));
    return [(shown / text.documentElement.viewBox.baseVal.width) * Math.min(...sizes), PAGE.code];
  };
  const images = [...slide.querySelectorAll("img")].filter((image) => image.getClientRects().length);
  for (const image of images) {
    if (!image.naturalWidth) { found.push(`a picture is missing: ${image.alt}`); continue; }
    if (!image.alt.trim()) found.push("a picture without words");
    if (cut(image.getBoundingClientRect(), image)) found.push(`cut off: the picture ${short(image.alt)}`);
    const [size, least] = smallest(image);
    if (size < least - 0.05) found.push(`${size.toFixed(1)} pixels high: text of the picture ${short(image.alt)}`);
  }

  const figures = [...slide.querySelectorAll(".course-figure")];
  for (const figure of figures) {
    const picture = figure.querySelector("svg").getBoundingClientRect();
    if (picture.height < 100 * scale || cut(picture, figure)) found.push(`a figure is ${picture.height} high, or cut off`);
    for (const control of figure.querySelectorAll("input, button, select")) {
      if (cut(control.getBoundingClientRect(), control)) found.push("a control is cut off");
    }
  }
  return {
    found, formulas: formulas.length, figures: figures.length, images: images.map((image) => image.alt),
  };
})()
