// What tests ask about a deck, in one question a slide.

const slack = 2;
const axes = [
    ["left", "right", "overflowX", "scrollLeft"],
    ["top", "bottom", "overflowY", "scrollTop"],
];

/**
 * Whether an element cannot be seen. What is out of view counts as seen if scrolling brings it into
 * view; what a box cuts off, or what lies before the point where scrolling begins, does not.
 */
function isLost(element) {
    const lies = element.getBoundingClientRect(), box = {...lies.toJSON()};
    for (let around = element.parentElement; around; around = around.parentElement) {
        const style = getComputedStyle(around), frame = around.getBoundingClientRect();
        for (const [start, end, overflow, scrolled] of axes) {
            if (style[overflow] === "visible") continue;
            const scrolls = style[overflow] !== "hidden" && style[overflow] !== "clip";
            const before = box[start] < frame[start] - slack - (scrolls ? around[scrolled] : 0);
            if (before || (!scrolls && box[end] > frame[end] + slack)) return true;
            if (scrolls) [box[start], box[end]] = [frame[start], frame[end]];
        }
        if (style.position === "fixed") break; // no box further out cuts it
    }
    return box.left < -slack || box.top < -slack ||
        box.right > innerWidth + slack || box.bottom > innerHeight + slack;
}

window.isThere = element => {
    return element.getClientRects().length > 0 && !element.closest(".unseen, mjx-assistive-mml") &&
        getComputedStyle(element).visibility === "visible";
};

const cells = () => [...document.querySelectorAll(".jp-Deck .jp-Cell")];
window.active = () => cells().findIndex(cell => cell.matches(".jp-mod-active"));
window.visible = () =>
    cells().flatMap((cell, k) => cell.matches(".jp-deck-mod-visible") ? [k] : []);

window.slide = () => {
    const seen = cells().filter(cell => cell.matches(".jp-deck-mod-visible"));
    const those = selector =>
        seen.flatMap(cell => [...cell.querySelectorAll(selector)]).filter(isThere);
    const size = element => parseFloat(getComputedStyle(element).fontSize) * element.currentCSSZoom;
    const parts = those("h1, h2, h3, p, li, pre, td, th, img, svg, mjx-container, .cm-line, " +
        "button, input, select, summary, label, .words, .caption");
    return {
        active: active(),
        visible: visible(),
        text: Math.min(...those(".jp-MarkdownOutput :is(p, li, td), .words").map(size)),
        code: Math.min(...those(".cm-line, .jp-OutputArea-output > pre").map(size)),
        figure: seen.some(cell => cell.matches(".jp-mod-active:has(.course-figure)")),
        parts: parts.length,
        lost: parts.filter(isLost).map(part => `${part.tagName} ${part.textContent.slice(0, 40)}`),
    };
};

// The slide as soon as the cell `stop` has joined it; after five seconds as it is.
window.slideAt = async stop => {
    const begin = performance.now();
    while (visible().at(-1) !== stop && performance.now() - begin < 5000) {
        await new Promise(requestAnimationFrame);
    }
    return slide();
};
