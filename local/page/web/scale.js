"use strict";
// Numbers to positions: ticks of axes, times as text, and lines thinned to what a screen can show.

const data = (id) => JSON.parse(document.getElementById(id).textContent);
const GAP = 65535; // in a trace: no value
const SECONDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200]; // between ticks of time

// Whether the page is being printed: page.js sets it.
const printed = () => "printing" in document.documentElement.dataset;

// Makes an SVG element; its text is text, never markup.
function shape(name, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== "") made.textContent = text;
  return made;
}

function element(name, properties = {}, ...content) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...content);
  return made;
}

// Returns the round numbers from `low` to `high`, at most so many: [[number, text]].
function ticks(low, high, most, whole = false) {
  const least = Math.max((high - low) / most, whole ? 1 : 0);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= least * 0.999);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return steps(low, high, step).map((value) => [value, value.toFixed(digits).replace("-", "−")]);
}

// Writes a value with three digits after the point; what rounds to zero has no sign.
function valueText(value) {
  const text = value.toFixed(3);
  return Number(text) < 0 ? text.replace("-", "−") : text.replace("-", "");
}

function timeTicks(low, high, most) {
  const step = SECONDS.find((one) => one >= (high - low) / most) ?? 14400;
  return steps(low, high, step).map((value) => [value, clockText(value, step < 1 ? 1 : 0)]);
}

function steps(low, high, step) {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => (first + n) * step);
}

// Writes seconds as m:ss, or h:mm:ss.
function clockText(seconds, digits = 0) {
  const units = Math.floor(seconds * 10 ** digits + 1e-6) / 10 ** digits;
  const [hours, minutes] = [Math.floor(units / 3600), Math.floor((units % 3600) / 60)];
  const rest = (units % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

// Returns a line {x: positions, or x0 and dx; y} in a view {x, y: functions value -> pixel; from, to, width} as pieces
// between its gaps: lists of "x,y". Where more than two points share a pixel, they are their lowest and highest.
function piecesOf(line, view) {
  const count = line.y.length;
  const at = line.x ? (n) => line.x[n] : (n) => line.x0 + line.dx * n;
  const [first, last] = line.x ? [0, count - 1] : [
    Math.max(0, Math.floor((view.from - line.x0) / line.dx)), Math.min(count - 1, Math.ceil((view.to - line.x0) / line.dx))];
  const group = line.x ? 1 : Math.max(1, Math.floor((last - first) / (2 * view.width)));
  const pieces = [[]];
  for (let start = first - (first % group); start <= last; start += group) {
    const places = group === 1 ? [start] : extremes(line.y, start, Math.min(start + group, count));
    for (const n of places) {
      if (!Number.isNaN(line.y[n])) pieces.at(-1).push(`${view.x(at(n)).toFixed(1)},${view.y(line.y[n]).toFixed(1)}`);
      else if (pieces.at(-1).length) pieces.push([]);
    }
  }
  return pieces.filter((piece) => piece.length);
}

// Returns a line in a view as a path; a point alone between gaps is a dash of two pixels.
function pathOf(line, view) {
  return piecesOf(line, view).map((piece) => `M${piece.join("L")}${piece.length > 1 ? "" : "m-1,0h2"}`).join("");
}

// Returns the places of the lowest and the highest of some values, in their order; a gap's, where all are gaps.
function extremes(values, from, to) {
  let [low, high] = [from, from];
  for (let n = from + 1; n < to; n++) {
    if (values[n] < values[low] || Number.isNaN(values[low])) low = n;
    if (values[n] > values[high] || Number.isNaN(values[high])) high = n;
  }
  return low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
}

// Decodes Base64.
function bytes(base64) {
  const text = atob(base64);
  const found = new Uint8Array(text.length);
  for (let n = 0; n < text.length; n++) found[n] = text.charCodeAt(n);
  return found;
}

function numbers({ values, low, step }) {
  return Float32Array.from(new Uint16Array(bytes(values).buffer), (number) => (number === GAP ? NaN : low + step * number));
}
