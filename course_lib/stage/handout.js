// A handout is ready to be printed when its formulas are set and none is wider than the page.

/** No line begins with the comma after a formula, or ends with the bracket before it. */
function keepTogether(formula) {
  const before = formula.previousSibling, after = formula.nextSibling;
  const opening = /[([“"]+$/.exec(before?.data ?? ""), closing = /^[^\s\w([]+/.exec(after?.data ?? "");
  if (!opening && !closing) return;
  const whole = document.createElement("span");
  whole.className = "together";
  formula.before(whole);
  if (opening) whole.append(before.splitText(opening.index));
  whole.append(formula);
  if (closing) {
    after.splitText(closing[0].length);
    whole.append(after);
  }
}

async function start() {
  await Promise.allSettled([...document.images].map((image) => image.decode()));
  if (window.MathJax) { // otherwise the formulas are set
    await MathJax.startup.promise;
    await MathJax.typesetPromise();
  }
  for (const formula of document.querySelectorAll("mjx-container[display], math[display=block]")) {
    const share = formula.clientWidth / formula.scrollWidth;
    if (share < 1) formula.style.fontSize = `${Math.floor(100 * share)}%`;
  }
  document.querySelectorAll("mjx-container:not([display]), math:not([display=block])").forEach(keepTogether);
  document.documentElement.dataset.handout = "ready";
  printNow();
}

start();
