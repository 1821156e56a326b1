"use strict";
// Figures: one or more panels with one legend, drawn when they become visible. Below the pointer: what the nearest line is.
// A plot is {label, title, x: {title, log?, ticks?}, lines}; a line as in panel.js, and `name`, for the pointer.

class Figure {
  static waiting = new Map(); // boxes of figures that are not drawn yet
  static all = [];

  constructor(box) {
    this.hidden = new Set();
    this.plots = data(`figure-${box.dataset.figure}`);
    this.legend = new Legend(groupsOf(this.plots.flatMap((plot) => plot.lines)), this.hidden, () => this.draw());
    this.panels = this.plots.map((plot) => this.panelOf(box, plot));
    box.append(this.legend.box);
    Figure.all.push(this);
    this.draw();
  }

  panelOf(box, plot) {
    const area = element("figure", { className: "plot" });
    area.append(element("figcaption", { textContent: plot.title }));
    const said = element("output", { className: "said" });
    box.append(area);
    const panel = new Panel(area, plot.label);
    area.append(said);
    area.addEventListener("pointermove", (event) => (said.textContent = this.nearest(panel, plot, event)));
    area.addEventListener("pointerleave", () => (said.textContent = ""));
    return panel;
  }

  draw() {
    this.plots.forEach((plot, n) => {
      const shown = plot.lines.filter((line) => !this.hidden.has(line.group));
      const places = (shown.length ? shown : plot.lines).flatMap((line) => line.x);
      const [low, high] = [places.reduce((a, b) => Math.min(a, b)), places.reduce((a, b) => Math.max(a, b))];
      const room = plot.x.log ? 1.06 : (high - low) * 0.03 || 0.5;
      const x = { ...plot.x, low: plot.x.log ? low / room : low - room, high: plot.x.log ? high * room : high + room };
      x.ticks = plot.x.log ? spread(plot.x.ticks ?? [...new Set(places)].map((at) => [at, at.toPrecision(3) / 1])) : ticks(low, high, 8, places.every(Number.isInteger));
      this.panels[n].draw(printed() ? 200 : 280, x, rangeOf(shown), shown);
    });
  }

  nearest(panel, plot, event) {
    const box = panel.svg.getBoundingClientRect();
    const [left, top] = [event.clientX - box.left, event.clientY - box.top];
    let best = { far: 60, text: "" };
    for (const line of plot.lines.filter(({ group }) => !this.hidden.has(group))) {
      line.y.forEach((value, n) => {
        const far = Math.hypot(panel.view.x(line.x[n]) - left, panel.view.y(value) - top);
        if (far < best.far) best = { far, text: `${line.name}: ${valueText(value)} at ${+line.x[n].toPrecision(3)}` };
      });
    }
    return best.text;
  }

  static drawWaiting(box) {
    if (!Figure.waiting.delete(box)) return;
    Figure.watcher.unobserve(box);
    new Figure(box);
  }

  static watch() {
    Figure.watcher = new IntersectionObserver(
      (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => Figure.drawWaiting(entry.target)),
      { rootMargin: "300px" },
    );
    for (const box of document.querySelectorAll("[data-figure]")) {
      Figure.waiting.set(box, true);
      Figure.watcher.observe(box);
    }
    addEventListener("resize", () => Figure.all.forEach((figure) => figure.draw()));
  }
}

// Leaves out ticks of a logarithmic axis that stand too near to the one before.
function spread(found) {
  const kept = [];
  for (const tick of [...found].sort(([a], [b]) => a - b)) {
    if (!kept.length || tick[0] / kept.at(-1)[0] > 1.3) kept.push(tick);
  }
  return kept;
}
