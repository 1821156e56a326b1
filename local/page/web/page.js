"use strict";
// Events of the whole page: links to recordings, change of colours, printing.

const theme = document.getElementById("theme");

function setTheme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
}

theme.addEventListener("change", () => setTheme(theme.value));
Figure.watch();

const playerBox = document.getElementById("player");
const player = playerBox && new Player(playerBox);

for (const button of document.querySelectorAll("button.open")) {
  button.addEventListener("click", () => {
    player.select(Number(button.dataset.recording));
    playerBox.scrollIntoView();
    player.traces.focus({ preventScroll: true });
  });
}

// For printing: unfold and draw everything, in light colours and the size of the paper.
function drawAll() {
  Figure.all.forEach((figure) => figure.draw());
  player?.view.draw();
}
window.addEventListener("beforeprint", () => {
  document.documentElement.dataset.printing = "";
  for (const folded of document.querySelectorAll("details:not([open])")) {
    folded.open = true;
    folded.dataset.wasFolded = "";
  }
  [...Figure.waiting.keys()].forEach(Figure.drawWaiting);
  setTheme("light");
  drawAll();
});
window.addEventListener("afterprint", () => {
  for (const folded of document.querySelectorAll("[data-was-folded]")) {
    folded.open = false;
    delete folded.dataset.wasFolded;
  }
  delete document.documentElement.dataset.printing;
  setTheme(theme.value);
  drawAll();
});
