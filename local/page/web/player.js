"use strict";
// The player: sound and traces of one recording at a time, with a common clock. Its keys work once it was clicked.

const STEP = 5; // seconds that an arrow key seeks
const CLICK = 5; // maximum pixels of pointer movement in a click

class Player {
  constructor(box) {
    this.setup = data("setup");
    this.recordings = this.setup.recordings;
    for (const part of box.querySelectorAll("[id]")) this[part.id.replace("-", "_")] = part;
    Object.assign(this, { box, position: 0, region: null, active: false }); // position: seconds, where there is no sound
    this.view = new Traces(this.traces, this.legend, this.setup);
    this.fillSelector();
    this.listen();
    for (const part of [this.previous, this.recording, this.next]) part.hidden = this.recordings.length === 1;
    this.select(0);
  }

  fillSelector() {
    const groups = new Map();
    this.recordings.forEach((one, n) => {
      if (one.set && !groups.has(one.set)) groups.set(one.set, element("optgroup", { label: `set ${one.set}` }));
      (groups.get(one.set) ?? this.recording).append(new Option(one.name, n));
    });
    this.recording.append(...groups.values());
  }

  listen() {
    this.recording.addEventListener("change", () => this.select(Number(this.recording.value)));
    this.previous.addEventListener("click", () => this.select(this.number - 1));
    this.next.addEventListener("click", () => this.select(this.number + 1));
    this.play.addEventListener("click", () => this.toggle());
    this.speed.addEventListener("change", () => (this.audio.playbackRate = Number(this.speed.value)));
    this.zoom_in.addEventListener("click", () => this.zoom(0.5));
    this.zoom_out.addEventListener("click", () => this.zoom(2));
    this.whole.addEventListener("click", () => this.look(0, this.seconds));
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.showState());
    for (const name of ["timeupdate", "seeked"]) this.audio.addEventListener(name, () => this.showTime());
    this.audio.addEventListener("error", () => this.audio.src && this.mute(this.setup.missing));
    this.traces.addEventListener("pointerdown", (event) => this.press(event));
    this.traces.addEventListener("pointermove", (event) => this.point(event));
    this.traces.addEventListener("pointerleave", () => this.view.say(null));
    this.traces.addEventListener("wheel", (event) => this.pan(event), { passive: false });
    addEventListener("pointerup", (event) => this.release(event));
    addEventListener("pointercancel", () => (this.pressed = null));
    // A click anywhere on the player gives it the keys; one on its buttons does, too: the next space plays.
    addEventListener("pointerdown", (event) => (this.active = this.box.contains(event.target)), true);
    this.box.addEventListener("click", (event) => {
      if (event.detail && !event.target.closest("select")) this.traces.focus({ preventScroll: true });
    });
    addEventListener("focusin", (event) => (this.active = this.box.contains(event.target)));
    addEventListener("keydown", (event) => this.active && this.key(event));
  }

  select(number) {
    const one = this.recordings[number];
    if (!one) return;
    this.number = number;
    this.recording.value = number;
    this.previous.disabled = number === 0;
    this.next.disabled = number === this.recordings.length - 1;
    Object.assign(this, { seconds: one.seconds, position: 0, region: null });
    this.ccc.textContent = one.ccc;
    this.ccc.title = one.ccc;
    this.view.show(one.name, one.seconds, data(`traces-${number}`), data(`picture-${number}`));
    this.load(number, one);
    this.look(0, one.seconds);
    this.showState();
  }

  // Loads the sound: linked, or after the traces are drawn from a Blob, because browsers cannot seek in a data: address.
  load(number, { silent, link }) {
    this.audio.pause();
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = null;
    this.audio.removeAttribute("src");
    this.play.disabled = Boolean(silent);
    this.silent.textContent = silent;
    this.audio.preload = link ? "metadata" : "auto";
    if (link) this.audio.src = link;
    else if (!silent) setTimeout(() => this.unpack(number), 0);
    this.audio.playbackRate = this.audio.defaultPlaybackRate = Number(this.speed.value);
  }

  unpack(number) {
    if (number !== this.number || this.address) return;
    this.address = URL.createObjectURL(new Blob([bytes(data(`audio-${number}`))], { type: "audio/mpeg" }));
    this.audio.src = this.address;
    this.audio.currentTime = this.position;
  }

  mute(why) {
    this.play.disabled = true;
    this.silent.textContent = why;
  }

  get time() {
    return this.play.disabled || !this.audio.readyState ? this.position : this.audio.currentTime;
  }

  toggle() {
    if (this.play.disabled) return;
    if (!this.audio.paused) this.audio.pause();
    else {
      if (this.region && (this.time < this.region[0] || this.time >= this.region[1])) this.go(this.region[0]);
      this.audio.play().catch(() => {}); // paused before it began; what cannot be played is an "error" event
    }
  }

  go(time) {
    this.position = Math.min(Math.max(time, 0), this.seconds);
    if (!this.play.disabled) this.audio.currentTime = this.position;
    if (this.position < this.view.from || this.position > this.view.to) this.turn(this.position);
    this.showTime();
  }

  // Shows the traces from `from` to `to`, seconds.
  look(from, to) {
    this.view.look(Math.max(from, 0), Math.min(to, this.seconds));
    this.showTime();
  }

  turn(start) {
    const width = this.view.to - this.view.from;
    const first = Math.min(Math.max(start, 0), this.seconds - width);
    this.look(first, first + width);
  }

  // Zooms around the cursor; in, where a region is selected: to it.
  zoom(factor) {
    const { from, to } = this.view;
    if (factor < 1 && this.region && (from < this.region[0] || to > this.region[1])) return this.look(...this.region);
    const middle = this.time >= from && this.time <= to ? this.time : (from + to) / 2;
    const width = Math.min(Math.max((to - from) * factor, 1), this.seconds);
    const start = Math.min(Math.max(middle - width / 2, 0), this.seconds - width);
    return this.look(start, start + width);
  }

  pan(event) {
    const step = event.deltaX || (event.shiftKey ? event.deltaY : 0);
    if (!step) return;
    event.preventDefault();
    this.turn(this.view.from + (step / this.traces.clientWidth) * (this.view.to - this.view.from));
  }

  press(event) {
    const time = event.button === 0 ? this.view.timeAt(event.clientX) : null;
    this.pressed = time === null ? null : { time, x: event.clientX };
  }

  point(event) {
    const time = this.view.timeAt(event.clientX);
    if (event.pointerType !== "touch") this.view.say(time, event.clientY);
    if (!this.pressed || time === null || Math.abs(event.clientX - this.pressed.x) <= CLICK) return;
    this.choose([Math.min(time, this.pressed.time), Math.max(time, this.pressed.time)]);
  }

  // Ends a click, which seeks, or a drag, whose region loops.
  release(event) {
    if (!this.pressed) return;
    const dragged = Math.abs(event.clientX - this.pressed.x) > CLICK;
    const { time } = this.pressed;
    this.pressed = null;
    if (!dragged) this.choose(null);
    this.go(dragged && this.region ? this.region[0] : time);
  }

  choose(region) {
    this.region = region;
    this.showTime();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, input")) return;
    const step = event.shiftKey ? 1 : STEP;
    const acts = {
      n: () => this.select(this.number + 1), p: () => this.select(this.number - 1),
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), 0: () => this.look(0, this.seconds),
      escape: () => this.choose(null), " ": () => this.toggle(),
      arrowleft: () => this.go(this.time - step), arrowright: () => this.go(this.time + step),
    };
    const act = acts[event.key.toLowerCase()];
    if (!act || (event.key === " " && event.target.matches("button"))) return; // a button that has the keyboard's focus
    event.preventDefault();
    act();
  }

  showState() {
    const playing = !this.audio.paused;
    this.play.textContent = playing ? "⏸ Pause" : "▶ Play";
    this.showTime();
    if (playing && !this.moving) {
      this.moving = true;
      requestAnimationFrame(() => this.move());
    }
  }

  // During playback: moves the cursor at every frame, or only at timeupdate events if the user prefers reduced motion.
  move() {
    this.moving = !this.audio.paused;
    if (!this.moving) return;
    if (this.region && this.time >= this.region[1]) this.audio.currentTime = this.region[0];
    else if (this.time > this.view.to && this.view.to < this.seconds) this.turn(this.time);
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.showTime();
    requestAnimationFrame(() => this.move());
  }

  showTime() {
    this.view.place(this.time, this.region);
    const looped = this.region ? `, loop ${this.region.map((at) => clockText(at, 1)).join(" to ")}` : "";
    this.clock.textContent = `${clockText(this.time)} / ${clockText(this.seconds)}`;
    this.loop.textContent = looped && `loops ${looped.slice(7)}`;
    this.traces.setAttribute("aria-valuemax", this.seconds.toFixed(1));
    this.traces.setAttribute("aria-valuenow", this.time.toFixed(1));
    this.traces.setAttribute("aria-valuetext", `${this.time.toFixed(1)} of ${this.seconds.toFixed(1)} seconds${looped}`);
  }
}
