"use strict";
// Events of the whole page: figures that become visible, change of colours, printing.

const theme = document.getElementById("theme");
const dark = matchMedia("(prefers-color-scheme: dark)");

function recolour() {
  Figure.all.forEach((figure) => figure.recolour());
}

function setTheme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  recolour();
}

theme.addEventListener("change", () => setTheme(theme.value));
dark.addEventListener("change", recolour);

const waiting = new Map(); // boxes of figures that have not been visible yet
const watcher = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => drawWaiting(entry.target)),
  { rootMargin: "300px" },
);

function drawWaiting(box) {
  const name = waiting.get(box);
  waiting.delete(box);
  watcher.unobserve(box);
  return name && new Figure(box).show(data(`figure-${name}`));
}

for (const box of document.querySelectorAll("[data-figure]:not(#traces)")) {
  waiting.set(box, box.dataset.figure);
  watcher.observe(box);
}

const playerBox = document.getElementById("player");
const player = playerBox && new Player(playerBox);

for (const button of document.querySelectorAll("button.open")) {
  button.addEventListener("click", () => {
    player.select(Number(button.dataset.recording));
    playerBox.scrollIntoView();
    player.traces.focus({ preventScroll: true });
  });
}

// For printing: unfold and draw everything, in light colours, at the width of the paper.
window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details:not([open])")) {
    folded.open = true;
    folded.dataset.wasFolded = "";
  }
  [...waiting.keys()].forEach(drawWaiting);
  setTheme("light");
});
window.addEventListener("afterprint", () => {
  for (const folded of document.querySelectorAll("[data-was-folded]")) {
    folded.open = false;
    delete folded.dataset.wasFolded;
  }
  setTheme(theme.value);
});
