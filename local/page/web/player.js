"use strict";
// The player: sound and traces of one recording at a time, with a common clock.

const STEP = 5; // seconds that an arrow key seeks
const CLICK = 5; // maximum pixels of pointer movement in a click

class Player {
  constructor(box) {
    this.setup = data("setup");
    this.recordings = this.setup.recordings;
    for (const part of box.querySelectorAll("[id]")) this[part.id.replace("-", "_")] = part;
    this.figure = new Figure(this.traces);
    this.position = 0; // seconds; the position if there is no sound
    this.cursor = document.createElement("div");
    this.cursor.className = "cursor";
    this.fillSelector();
    this.listen(box);
    this.select(0);
  }

  fillSelector() {
    const groups = new Map();
    this.recordings.forEach((one, n) => {
      const parent = one.set ? groups.get(one.set) ?? document.createElement("optgroup") : this.recording;
      if (one.set && !groups.has(one.set)) groups.set(one.set, Object.assign(parent, { label: `set ${one.set}` }));
      parent.append(new Option(one.name, n));
    });
    this.recording.append(...groups.values());
  }

  listen(box) {
    this.recording.addEventListener("change", () => this.select(Number(this.recording.value)));
    this.previous.addEventListener("click", () => this.select(this.number - 1));
    this.next.addEventListener("click", () => this.select(this.number + 1));
    this.play.addEventListener("click", () => this.toggle());
    this.seek.addEventListener("input", () => this.go(Number(this.seek.value)));
    this.speed.addEventListener("change", () => (this.audio.playbackRate = Number(this.speed.value)));
    this.zoom_in.addEventListener("click", () => this.zoom(0.5));
    this.zoom_out.addEventListener("click", () => this.zoom(2));
    this.whole.addEventListener("click", () => this.look(0, this.seconds));
    box.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.showState());
    this.audio.addEventListener("timeupdate", () => this.showTime());
    this.audio.addEventListener("seeked", () => this.showTime());
    // Plotly's own click event fires only on a line, so handle pointer events.
    this.traces.addEventListener("pointerdown", (event) => {
      const onPlot = event.target.closest(".plot") && !event.target.closest(".modebar");
      this.pressed = onPlot ? [event.clientX, event.clientY] : null;
    }, true);
    window.addEventListener("pointerup", (event) => this.released(event), true);
  }

  async select(number) {
    if (!this.recordings[number]) return;
    this.number = number;
    this.recording.value = number;
    this.previous.disabled = number === 0;
    this.next.disabled = number === this.recordings.length - 1;
    this.seconds = this.recordings[number].seconds;
    this.seek.max = this.seconds;
    this.position = 0;
    this.load(data(`audio-${number}`), this.recordings[number].silent);
    this.range = [0, this.seconds];
    await this.figure.show([this.plot(data(`traces-${number}`))]);
    const area = this.figure.areas[0];
    if (!area.contains(this.cursor)) {
      area.append(this.cursor);
      area.on("plotly_relayout", () => this.showTime());
    }
    this.showState();
  }

  // Loads the sound from a Blob, because browsers cannot seek in a data: address.
  load(audio, silent) {
    this.audio.pause();
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = audio && URL.createObjectURL(new Blob([bytes(audio)], { type: "audio/mpeg" }));
    if (audio) this.audio.src = this.address;
    else this.audio.removeAttribute("src");
    this.audio.playbackRate = this.audio.defaultPlaybackRate = Number(this.speed.value);
    this.play.disabled = !audio;
    this.silent.textContent = silent;
  }

  plot(traces) {
    const lines = new Map(this.setup.lines.map((line) => [line.name, line]));
    const targets = this.setup.targets.filter((one) => traces.some((trace) => trace.target === one.name));
    const layout = {
      height: 70 + 250 * targets.length, hovermode: "x unified", hoversubplots: "axis",
      xaxis: { title: { text: "time (s)" }, range: [0, this.seconds], anchor: `y${targets.length}` },
    };
    targets.forEach(({ title }, n) => {
      const top = 1 - n / targets.length;
      layout[`yaxis${n ? n + 1 : ""}`] = { // Plotly draws a yaxis1 but does not recolour it
        title: { text: title }, fixedrange: true, domain: [top - 1 / targets.length + (n + 1 < targets.length ? 0.04 : 0), top],
      };
    });
    const drawn = traces.map((trace) => {
      const { colour, dash, width, visible, hover, group, opacity } = lines.get(trace.line);
      return {
        type: "scatter", mode: "lines", name: trace.line, legendgroup: group ?? trace.line, visible,
        x0: trace.start, dx: trace.shift, y: numbers(trace), yaxis: `y${1 + targets.findIndex((one) => one.name === trace.target)}`,
        line: { color: colour, dash, width }, opacity: opacity ?? 1, ...(hover ? { hovertemplate: "%{y:.3f}" } : { hoverinfo: "skip" }),
      };
    });
    return { label: `traces of ${this.recordings[this.number].name}`, traces: drawn, layout };
  }

  get time() {
    return this.play.disabled ? this.position : this.audio.currentTime;
  }

  get axis() {
    return this.figure.areas[0].layout.xaxis;
  }

  toggle() {
    if (this.play.disabled) return;
    if (this.audio.paused) this.audio.play();
    else this.audio.pause();
  }

  go(time) {
    this.position = Math.min(Math.max(time, 0), this.seconds);
    if (!this.play.disabled) this.audio.currentTime = this.position;
    this.showTime();
  }

  // Shows the traces from `from` to `to`, seconds.
  look(from, to) {
    return Plotly.relayout(this.figure.areas[0], { "xaxis.range": [Math.max(from, 0), Math.min(to, this.seconds)] });
  }

  zoom(factor) {
    const [from, to] = this.axis.range;
    const middle = this.time >= from && this.time <= to ? this.time : (from + to) / 2;
    const width = Math.min(Math.max((to - from) * factor, 1), this.seconds);
    const start = Math.min(Math.max(middle - width / 2, 0), this.seconds - width);
    return this.look(start, start + width);
  }

  // Converts a position on the page to seconds; null outside the plots. The margins are fixed, so this is linear.
  timeAt(x) {
    const area = this.figure.areas[0].getBoundingClientRect();
    const { l, r } = this.figure.areas[0].layout.margin;
    const share = (x - area.left - l) / (area.width - l - r);
    const [from, to] = this.axis.range;
    return share >= 0 && share <= 1 ? from + share * (to - from) : null;
  }

  released(event) {
    if (!this.pressed) return;
    const [x, y] = this.pressed;
    this.pressed = null;
    const time = this.timeAt(x);
    if (time !== null && Math.hypot(event.clientX - x, event.clientY - y) <= CLICK) this.go(time);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
    const own = event.target.matches("button, input"); // they handle space and arrow keys themselves
    const step = event.shiftKey ? 1 : STEP;
    const acts = {
      n: () => this.select(this.number + 1), p: () => this.select(this.number - 1),
      "+": () => this.zoom(0.5), "-": () => this.zoom(2), 0: () => this.look(0, this.seconds),
      ...(own ? {} : { " ": () => this.toggle(), ArrowLeft: () => this.go(this.time - step), ArrowRight: () => this.go(this.time + step) }),
    };
    const act = acts[event.key] ?? acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  showState() {
    this.play.textContent = this.audio.paused ? "▶ Play" : "⏸ Pause";
    this.showTime();
    if (!this.audio.paused && !this.moving) {
      this.moving = true;
      requestAnimationFrame(() => this.move());
    }
  }

  // During playback: moves the cursor at every frame, or only at timeupdate events if the user prefers reduced motion.
  move() {
    this.moving = !this.audio.paused;
    if (!this.moving) return;
    const [from, to] = this.axis.range;
    if (this.time > to && to < this.seconds) this.look(this.time, this.time + to - from); // turn the page
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.showTime();
    requestAnimationFrame(() => this.move());
  }

  showTime() {
    if (!this.figure.drawn) return;
    const [from, to] = this.axis.range;
    const { l, r } = this.figure.areas[0].layout.margin;
    const share = (this.time - from) / (to - from);
    this.cursor.hidden = share < 0 || share > 1;
    this.cursor.style.transform = `translateX(${l + share * (this.figure.areas[0].clientWidth - l - r) - 1}px)`;
    this.seek.value = this.time;
    this.clock.textContent = `${clockText(this.time)} / ${clockText(this.seconds)}`;
    this.seek.setAttribute("aria-valuetext", `${this.time.toFixed(1)} of ${this.seconds.toFixed(1)} seconds`);
  }
}

function clockText(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function numbers({ values, low, step }) {
  return Float32Array.from(new Uint16Array(bytes(values).buffer), (number) => low + step * number);
}
