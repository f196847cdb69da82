// The nudge machine: what a nudge of x carries along two paths, and the V of step sizes, which
// grows from its right end to the step that is set.

import { arrow, axes, boxed, figure, format, path, scale, svg, text, withSign } from "./base.js";

export function numbers({ x, dx, power }, { steps, errors }) {
  const g = (at) => at ** 2 * Math.sin(at);
  const [u1, u2] = [x ** 2, Math.sin(x)];
  const along = [u2 * 2 * x, u1 * Math.cos(x)];
  const slope = along[0] + along[1];
  return {
    u: [u1, u2],
    g: u1 * u2,
    along,
    slope,
    carried: along.map((path) => path * dx),
    promised: slope * dx,
    actual: g(x + dx) - g(x),
    h: steps[power + steps.length],
    error: errors[power + steps.length],
  };
}

function draw({ numbers: n, settings: { x, dx }, data }) {
  return [machine(n, x, dx), bars(n), vee(n, data)];
}

function machine(n, x, dx) {
  const [X, U1, U2, G] = [[52, 120], [200, 52], [200, 184], [352, 120]];
  const wire = (from, to, color) =>
    arrow([from[0] + 44, from[1]], [to[0] - 58, to[1]], { class: `arrow ${color}` });
  const slope = (at, symbol, value, color) =>
    text(at[0], at[1], `${symbol} = ${format(value)}`, { class: color, "text-anchor": "middle", size: 13 });
  return svg("g", {}, [
    wire(X, U1, "one"), wire(X, U2, "two"), wire(U1, G, "one"), wire(U2, G, "two"),
    boxed("value", ...X, `x = ${format(x)}`),
    boxed("value", ...U1, `u₁ = ${format(n.u[0])}`),
    boxed("value", ...U2, `u₂ = ${format(n.u[1])}`),
    boxed("value", ...G, `g = ${format(n.g)}`),
    text(52, 154, `Δx = ${withSign(dx)}`, { "text-anchor": "middle", class: "strong" }),
    slope([88, 66], "2x", 2 * x, "one"), slope([76, 206], "cos x", Math.cos(x), "two"),
    slope([322, 66], "u₂", n.u[1], "one"), slope([322, 206], "u₁", n.u[0], "two"),
  ]);
}

function bars(n) {
  const entries = [
    ["by u₁", n.carried[0], "one"], ["by u₂", n.carried[1], "two"],
    ["sum", n.promised, "three"], ["g itself", n.actual, "four"],
  ];
  const most = Math.max(0.05, ...entries.map(([, value]) => Math.abs(value)));
  const x = scale([-most, most], [90, 340]);
  return svg("g", {}, [
    text(12, 240, "what the nudge carries", { class: "muted", size: 13 }),
    svg("path", { class: "axis", d: path([[x(0), 248], [x(0), 376]]) }),
    entries.map(([name, value, color], i) => {
      const y = 262 + 32 * i;
      return [
        text(12, y + 5, name, { class: color }),
        svg("rect", {
          class: `${color} area`, x: Math.min(x(0), x(value)), y: y - 9,
          width: Math.abs(x(value) - x(0)), height: 18,
        }),
        text(416, y + 5, withSign(value), { class: "mono", "text-anchor": "end" }),
      ];
    }),
  ]);
}

function vee(n, { steps, errors }) {
  const log = (value) => Math.log10(Math.max(value, 1e-17));
  const x = scale([-13.3, -0.7], [508, 804]);
  const y = scale([-13, 0], [330, 52]);
  const points = steps.map((h, i) => [x(log(h)), y(Math.max(log(errors[i]), -13))]);
  const tried = points.slice(steps.indexOf(n.h));
  const here = tried[0];
  const bottom = here[1] > 240;
  const side = here[0] > 650 ? -10 : 10; // of the point, inside the V
  const error = format(n.error, 2);
  const power = (k) => [k, `1e${k}`.replace("-", "−")];
  return svg("g", {}, [
    axes(x, y, {
      xlabel: "step h", ylabel: "error of the slope of exp(sin x) at 1.2",
      xticks: [-13, -9, -5, -1].map(power), yticks: [-12, -8, -4, 0].map(power),
    }),
    svg("path", { class: "one curve", d: path(tried) }),
    tried.map(([cx, cy]) => svg("circle", { class: "one area", cx, cy, r: 3.5 })),
    svg("circle", { class: "two curve", cx: here[0], cy: here[1], r: 9 }),
    bottom
      ? text(here[0], here[1] + 28, error, { class: "two strong", "text-anchor": "middle" })
      : text(here[0] + side, here[1] - 10, error, {
        class: "two strong", "text-anchor": side < 0 ? "end" : "start",
      }),
  ]);
}

function words({ numbers: n, settings: { dx } }) {
  const [first, second] = n.carried.map(withSign);
  return `A nudge of ${withSign(dx)} sends ${first} by way of u₁ and ${second} by way of u₂: ` +
    `together ${withSign(n.promised)}, and g itself changes by ${withSign(n.actual)}. ` +
    `With h = ${format(n.h)} the central difference is off by ${format(n.error, 2)}.`;
}

export default figure({ size: [820, 392], numbers, draw, words });
