// Elements that arrive where they now stand instead of jumping there.

/** Let an element glide here by way of these shifts [x, y]; not for whoever asked for less motion. */
export function glide(element, shifts, duration) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return element;
  const frames = [...shifts, [0, 0]].map(([x, y]) => ({ transform: `translate(${x}px, ${y}px)` }));
  element.animate(frames, { duration, easing: "ease-in-out" });
  return element;
}
