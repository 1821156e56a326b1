"use strict";
// A panel: lines over two axes, as SVG in the page's own colours and type, so that dark, print and zoom need no redrawing.

const MARGIN = { left: 52, right: 12, top: 8, bottom: 24 };

class Panel {
  // box: element to draw in; label: for screen readers.
  constructor(box, label) {
    this.svg = shape("svg", { class: "panel", role: "img", "aria-label": label });
    Object.assign(this, { box, id: `panel-${(Panel.count = (Panel.count ?? 0) + 1)}` });
    box.append(this.svg);
  }

  // height: pixels; x, y: {low, high, ticks: [[value, text]], title?, log?}; lines: {group, colour, dash, width, opacity, x or x0 and dx,
  // y, top?: upper edge of an area, marks?, deviations?}; axis: whether x has its ticks' texts.
  draw(height, x, y, lines, axis = true) {
    const [width, foot] = [Math.max(this.box.clientWidth, 200), (axis ? MARGIN.bottom : 6) + (x.title ? 18 : 0)];
    const [inner, deep] = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - foot];
    const map = x.log ? Math.log : (value) => value;
    const [low, high] = [map(x.low), map(x.high)];
    this.view = {
      from: x.low, to: x.high, width: inner,
      x: (value) => MARGIN.left + ((map(value) - low) / (high - low)) * inner,
      y: (value) => MARGIN.top + (1 - (value - y.low) / (y.high - y.low)) * deep,
    };
    const clip = shape("clipPath", { id: this.id });
    clip.append(shape("rect", { x: MARGIN.left, y: MARGIN.top - 2, width: inner, height: deep + 4 }));
    const inside = shape("g", { "clip-path": `url(#${this.id})` });
    lines.forEach((line) => inside.append(...this.shapes(line)));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.replaceChildren(clip, ...this.axes(x, y, width, deep, axis), inside);
  }

  axes(x, y, width, deep, axis) {
    const base = MARGIN.top + deep;
    const made = [];
    for (const [value, text] of x.ticks) {
      const at = this.view.x(value);
      made.push(shape("line", { class: "grid", x1: at, x2: at, y1: MARGIN.top, y2: base }));
      if (axis) made.push(shape("text", { x: at, y: base + 15, "text-anchor": "middle" }, text));
    }
    for (const [value, text] of y.ticks) {
      const at = this.view.y(value);
      made.push(shape("line", { class: value === 0 ? "zero" : "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: at, y2: at }));
      made.push(shape("text", { x: MARGIN.left - 6, y: at + 4, "text-anchor": "end" }, text));
    }
    if (x.title) made.push(shape("text", { x: (MARGIN.left + width) / 2, y: base + 34, "text-anchor": "middle" }, x.title));
    return made;
  }

  shapes(line) {
    const look = `stroke:${line.colour};stroke-width:${line.width};opacity:${line.opacity ?? 1}`;
    const about = { class: "line", "data-line": line.group, fill: "none", style: look, "stroke-dasharray": line.dash };
    if (line.top) {
      const tops = piecesOf({ ...line, y: line.top }, this.view);
      const area = piecesOf(line, this.view).map((piece, n) => `M${piece.join("L")}L${tops[n].reverse().join("L")}Z`).join("");
      return [shape("path", { ...about, d: area, style: `fill:${line.colour};stroke:none;opacity:${line.opacity}` })];
    }
    const made = [shape("path", { ...about, d: pathOf(line, this.view) })];
    line.deviations?.forEach((size, n) => {
      const [at, ends] = [this.view.x(line.x[n]), [line.y[n] - size, line.y[n] + size].map(this.view.y)];
      made.push(shape("line", { x1: at, x2: at, y1: ends[0], y2: ends[1], style: look }));
    });
    if (line.marks) {
      const fill = { r: 3.5, style: `fill:${line.colour}` };
      line.y.forEach((value, n) => made.push(shape("circle", { ...fill, cx: this.view.x(line.x[n]), cy: this.view.y(value) })));
    }
    return made;
  }
}

// Returns the y axis that shows all values of some lines, and at least those from least[0] to least[1].
function rangeOf(lines, most = 5, least = [Infinity, -Infinity]) {
  let [low, high] = least;
  const widen = (value) => { if (value < low) low = value; if (value > high) high = value; }; // not for NaN
  for (const line of lines) for (const values of [line.y, line.top ?? []]) values.forEach(widen);
  if (!(low < high)) [low, high] = Number.isFinite(low) ? [low - 0.5, low + 0.5] : [-1, 1];
  const room = 0.04 * (high - low);
  return { low: low - room, high: high + room, ticks: ticks(low - room, high + room, most) };
}
