"use strict";
// The traces of a recording over one time axis: its sound as waveform and spectrogram, and a panel a target.

const WAVE = 40; // pixels of height
const SPECTRUM = 56;
const RAW = 0.7; // opacity of single raters

class Traces {
  // box: element to draw in; setup: {lines: [{name, colour, dash, width, visible, rater?}], targets: [{name, title}]}.
  constructor(box, legendBox, setup) {
    Object.assign(this, { box, setup, panels: [], lines: [], from: 0, to: 1 });
    const raters = setup.lines.filter((line) => line.rater);
    this.each = raters.length > 1 ? EACH : ONE;
    const single = raters.map((line) => ({ ...line, name: this.each }));
    const systems = setup.lines.filter((line) => !line.rater);
    this.looks = new Map([...setup.lines, { ...single[0], name: BAND, area: true, width: 1 }].map((one) => [one.name, one]));
    const groups = [...systems, ...(single.length > 1 ? [this.looks.get(BAND)] : []), ...single.slice(0, 1)];
    this.hidden = new Set([...systems.filter((line) => !line.visible).map(({ name }) => name), EACH]); // one rater is shown
    this.legend = new Legend(groups, this.hidden, () => this.refresh());
    legendBox.append(this.legend.box);
    this.sound = shape("svg", { class: "panel sound", role: "img" });
    this.overlay = element("div", { className: "overlay" });
    this.parts = Object.fromEntries(["region", "hair", "cursor"].map((name) => [name, element("div", { className: name })]));
    this.overlay.append(...Object.values(this.parts));
    new ResizeObserver(() => this.draw()).observe(box);
  }

  // Shows a recording; traces: as local/page/packed.py writes them; picture: of its sound, or null.
  show(name, seconds, traces, picture) {
    this.seconds = seconds;
    this.picture = picture && { ...picture, peaks: bytes(picture.peaks) };
    this.sound.setAttribute("aria-label", `waveform and spectrogram of ${name}`);
    this.targets = this.setup.targets.filter((one) => traces.some((trace) => trace.target === one.name));
    this.lines = this.targets.map((one) => this.linesOf(traces.filter((trace) => trace.target === one.name)));
    this.panels = [];
    this.box.replaceChildren(...(this.picture ? [this.sound] : []), this.overlay);
    for (const [n, target] of this.targets.entries()) {
      const said = element("span", { className: "said" });
      this.box.insertBefore(element("div", { className: "head" }, element("b", {}, target.title), said), this.overlay);
      const holder = element("div");
      this.box.insertBefore(holder, this.overlay);
      const last = n === this.targets.length - 1;
      const panel = new Panel(holder, `${target.title}, traces of ${name}`);
      this.panels.push(Object.assign(panel, { said, last }));
    }
    this.refresh();
  }

  linesOf(traces) {
    const lines = traces.map((trace) => ({
      ...this.looks.get(trace.line), name: trace.line, x0: trace.start, dx: trace.shift, y: numbers(trace),
    }));
    const raters = lines.filter((line) => line.rater);
    raters.forEach((line) => Object.assign(line, { group: this.each, opacity: RAW }));
    const rest = lines.filter((line) => !line.rater).map((line) => ({ ...line, group: line.name }));
    return raters.length > 1 ? [bandOf(raters, this.looks.get(BAND)), ...raters, ...rest] : [...raters, ...rest];
  }

  shown(n) {
    return this.lines[n].filter((line) => !this.hidden.has(line.group));
  }

  refresh() {
    this.ranges = this.targets.map((_, n) => rangeOf(this.shown(n), 4, this.setup.range));
    this.draw();
  }

  // Shows the time from `from` to `to`, seconds.
  look(from, to) {
    Object.assign(this, { from, to });
    this.draw();
  }

  draw() {
    if (!this.panels.length) return;
    const width = Math.max(this.box.clientWidth, 200);
    const most = Math.max(2, Math.floor(width / 90));
    const long = this.seconds >= 60;
    const found = (long ? timeTicks : ticks)(this.from, this.to, most);
    const x = { low: this.from, high: this.to, ticks: long ? found : found.map(([at, text]) => [at, `${text} s`]) };
    const height = printed() ? 125 : innerWidth < 640 ? 130 : 180;
    this.panels.forEach((panel, n) => {
      panel.draw(height + (panel.last ? MARGIN.bottom : 6), x, this.ranges[n], this.shown(n), panel.last);
    });
    if (this.picture) this.drawSound(width);
    this.overlay.style.cssText = `left:${MARGIN.left}px;width:${width - MARGIN.left - MARGIN.right}px`;
    this.place();
  }

  drawSound(width) {
    const inner = width - MARGIN.left - MARGIN.right;
    const scale = inner / (this.to - this.from);
    const { peaks, image, seconds, top } = this.picture;
    const [first, every] = [-this.from * scale, (seconds / peaks.length) * scale];
    const heights = Array.from(peaks, (peak) => (peak / 255) * (WAVE / 2 - 1));
    const edge = (sign) => heights.map((high, n) => `${(first + (n + 0.5) * every).toFixed(1)},${(WAVE / 2 + sign * (high + 0.3)).toFixed(1)}`);
    const inside = shape("svg", { x: MARGIN.left, width: inner, height: WAVE + SPECTRUM });
    const place = { x: first, y: WAVE + 2, width: seconds * scale, height: SPECTRUM - 2, preserveAspectRatio: "none" };
    inside.append(shape("path", { class: "wave", d: `M${edge(-1).join("L")}L${edge(1).reverse().join("L")}Z` }));
    inside.append(shape("image", { class: "spectrum", href: `data:image/png;base64,${image}`, ...place }));
    this.sound.setAttribute("viewBox", `0 0 ${width} ${WAVE + SPECTRUM}`);
    const label = shape("text", { x: MARGIN.left - 6, y: WAVE + 12, "text-anchor": "end" }, `${Number((top / 1000).toFixed(1))} kHz`);
    this.sound.replaceChildren(label, inside);
  }

  // Moves the cursor to a time, and shades a region [from, to], or none.
  place(time = this.time, region = this.region) {
    Object.assign(this, { time, region });
    const share = (at) => (at - this.from) / (this.to - this.from);
    const within = share(time) >= 0 && share(time) <= 1;
    this.parts.cursor.style.cssText = within ? `left:${100 * share(time)}%` : "display:none";
    const [left, right] = region ? region.map((at) => Math.min(1, Math.max(0, share(at)))) : [0, 0];
    this.parts.region.style.cssText = right > left ? `left:${100 * left}%;width:${100 * (right - left)}%` : "display:none";
  }

  // Converts a position on the page to seconds; null beside the plots.
  timeAt(clientX) {
    const box = this.overlay.getBoundingClientRect();
    const share = (clientX - box.left) / box.width;
    return share >= 0 && share <= 1 ? this.from + share * (this.to - this.from) : null;
  }

  // Says above each panel what its lines are at a time, those nearest to the pointer first; null: no more.
  say(time, clientY) {
    this.parts.hair.style.cssText = time === null ? "display:none" : `left:${100 * ((time - this.from) / (this.to - this.from))}%`;
    this.panels.forEach((panel, n) => {
      if (time === null) return panel.said.replaceChildren();
      const at = clientY - panel.svg.getBoundingClientRect().top;
      const found = this.shown(n).filter((line) => !line.top && !line.rater).flatMap((line) => {
        const value = line.y[Math.round((time - line.x0) / line.dx)];
        return value === undefined || Number.isNaN(value) ? [] : [{ line, value, far: Math.abs(panel.view.y(value) - at) }];
      });
      const words = found.sort((a, b) => a.far - b.far).slice(0, NAMED).flatMap(({ line, value }) => [
        swatch({ ...line, area: false }), `${line.name} ${valueText(value)} `]);
      panel.said.replaceChildren(`${clockText(time, 1)}  `, ...words);
    });
  }
}

const [BAND, EACH, ONE, NAMED] = ["range of the raters", "each rater", "the rater", 5]; // NAMED: lines in words below the pointer

// Returns the area between the lowest and the highest of some lines.
function bandOf(lines, look) {
  const rows = Math.min(...lines.map((line) => line.y.length));
  const [low, high] = [lines[0].y.slice(0, rows), lines[0].y.slice(0, rows)];
  for (const { y } of lines) {
    for (let n = 0; n < rows; n++) {
      if (y[n] < low[n] || Number.isNaN(low[n])) low[n] = y[n];
      if (y[n] > high[n] || Number.isNaN(high[n])) high[n] = y[n];
    }
  }
  return { ...lines[0], ...look, rater: false, group: BAND, y: low, top: high, opacity: 0.22 };
}
