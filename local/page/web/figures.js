"use strict";
// Figures: Plotly draws them, in the page's colours, when they become visible. Their legends are buttons, for keyboard
// users. A figure has one or more plots and one legend; a plot is {label, traces, layout} as in Plotly, with the
// additional colours "ink" and "muted" of the page.

const data = (id) => JSON.parse(document.getElementById(id).textContent);
const touch = matchMedia("(pointer: coarse)"); // touch screens: dragging over a plot must scroll the page
const DASHES = { solid: "", dash: "6 4", dot: "2 3", dashdot: "6 3 2 3", longdash: "10 4", longdashdot: "10 3 2 3" };

function pageColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function paint(colour) {
  return ["ink", "muted"].includes(colour) ? pageColour(colour) : colour;
}

// The layout properties that depend on the page's colours, by Plotly's dotted names.
function colours(layout) {
  const [ink, paper, muted, grid] = ["ink", "paper", "muted", "grid"].map(pageColour);
  const found = {
    "font.color": ink, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    "hoverlabel.bgcolor": paper, "hoverlabel.font.color": ink,
    "modebar.bgcolor": paper, "modebar.color": muted, "modebar.activecolor": ink,
  };
  for (const axis of Object.keys(layout).filter((key) => /^[xy]axis/.test(key))) {
    for (const part of ["gridcolor", "zerolinecolor", "linecolor"]) found[`${axis}.${part}`] = grid;
  }
  return found;
}

// Applies these properties to a layout before it is drawn.
function withColours(layout) {
  for (const [name, value] of Object.entries(colours(layout))) {
    const path = name.split(".");
    const last = path.pop();
    path.reduce((part, key) => (part[key] ??= {}), layout)[last] = value;
  }
  return layout;
}

// Escapes text for Plotly, which interprets markup and links in names.
const plain = (text) => (typeof text === "string" ? text.replaceAll("&", "&amp;").replaceAll("<", "&lt;") : text);

// Returns a plot with escaped names, categories and titles.
function withPlainText({ traces, layout }) {
  for (const trace of traces) {
    trace.name = plain(trace.name);
    for (const axis of ["x", "y"]) if (Array.isArray(trace[axis])) trace[axis] = trace[axis].map(plain);
  }
  for (const part of [layout, ...Object.values(layout)]) if (part.title) part.title.text = plain(part.title.text);
}

class Figure {
  static all = [];

  constructor(box) {
    Object.assign(this, { box, plots: [], areas: [], hidden: new Set(), known: new Set(), drawn: false });
    this.legend = document.createElement("div");
    this.legend.className = "legend";
    this.legend.setAttribute("role", "group");
    this.legend.setAttribute("aria-label", "lines shown");
    Figure.all.push(this);
  }

  // Replaces the plots; hidden lines stay hidden.
  async show(plots) {
    this.plots = plots;
    plots.forEach(withPlainText);
    for (const trace of plots.flatMap((plot) => plot.traces)) {
      trace.meta = trace.line?.color ?? trace.marker?.color;
      if (trace.visible === false && !this.known.has(trace.legendgroup)) this.hidden.add(trace.legendgroup);
    }
    this.names().forEach((name) => this.known.add(name));
    while (this.areas.length < plots.length) this.areas.push(this.addArea());
    this.areas.splice(plots.length).forEach((area) => area.remove());
    this.drawLegend();
    const drawing = plots.map((plot, n) => this.drawPlot(this.areas[n], plot));
    this.drawn = true;
    await Promise.all(drawing);
  }

  addArea() {
    const area = document.createElement("div");
    area.className = "plot";
    this.box.append(area, this.legend);
    return area;
  }

  drawPlot(area, plot) {
    area.setAttribute("role", "group");
    area.setAttribute("aria-label", plot.label);
    for (const trace of plot.traces) {
      trace.visible = !this.hidden.has(trace.legendgroup);
      if (trace.line) trace.line.color = paint(trace.meta);
    }
    const layout = withColours({
      showlegend: false, autosize: true, dragmode: touch.matches ? false : "zoom",
      margin: { l: 55, r: 12, t: plot.layout.title ? 36 : 12, b: 42 }, ...plot.layout,
    });
    const bar = [["zoom2d", "pan2d", "resetScale2d", "toImage"]];
    const options = { responsive: true, displaylogo: false, displayModeBar: touch.matches ? false : "hover", modeBarButtons: bar };
    return Plotly.react(area, plot.traces, layout, options);
  }

  // Called after a change of the page's colours. Synchronous, because printing starts when the event listener returns.
  recolour() {
    if (!this.drawn) return;
    this.plots.forEach((plot, n) => {
      const lines = plot.traces.map((trace) => paint(trace.meta));
      Plotly.update(this.areas[n], { "line.color": lines }, colours(plot.layout));
    });
    this.drawLegend();
  }

  names() {
    return [...new Set(this.plots.flatMap((plot) => plot.traces.map((trace) => trace.legendgroup)))];
  }

  drawLegend() {
    const focused = [...this.legend.children].indexOf(document.activeElement);
    const buttons = this.names().map((name) => this.button(name, swatch(this.sample(name)), () => this.toggle([name])));
    if (buttons.length > 4) {
      buttons.push(this.button("show all", "", () => this.toggle(this.names(), true)));
      buttons.push(this.button("hide all", "", () => this.toggle(this.names(), false)));
    }
    this.legend.replaceChildren(...buttons);
    buttons[focused]?.focus();
  }

  button(name, picture, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.innerHTML = picture;
    button.append(name);
    if (picture) button.setAttribute("aria-pressed", !this.hidden.has(name));
    button.addEventListener("click", act);
    return button;
  }

  sample(name) {
    return this.plots.flatMap((plot) => plot.traces).find((trace) => trace.legendgroup === name);
  }

  async toggle(names, on = this.hidden.has(names[0])) {
    names.forEach((name) => (on ? this.hidden.delete(name) : this.hidden.add(name)));
    this.drawLegend();
    for (const [n, plot] of this.plots.entries()) {
      const found = plot.traces.flatMap((trace, at) => (names.includes(trace.legendgroup) ? [at] : []));
      if (found.length) await Plotly.restyle(this.areas[n], { visible: on }, found);
    }
  }
}

// Draws a trace's line or marker as a small picture for its legend button.
function swatch(trace) {
  const colour = paint(trace.meta);
  const line = `<line x1="0" x2="30" y1="6" y2="6" stroke="${colour}" stroke-width="2.5"
    stroke-dasharray="${DASHES[trace.line?.dash ?? "solid"]}"/>`;
  const open = trace.marker?.symbol?.endsWith("-open");
  const dot = `<circle cx="15" cy="6" r="4" fill="${open ? "none" : colour}" stroke="${colour}" stroke-width="2"/>`;
  return `<svg width="30" height="12" aria-hidden="true">${trace.mode.includes("lines") ? line : ""}${
    trace.marker ? dot : ""}</svg>`;
}
