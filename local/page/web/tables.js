"use strict";
// Tables: a button in each column header sorts; long ones have a filter; wide ones show that they go on.

const LONG = 15; // rows of a table with a filter

// Returns the sort key of a cell: the seconds of a time such as 1:05, the number that is its first word, or its text, as of
// a name that begins with digits; null for an empty cell.
function sortKey(cell) {
  const text = (cell?.textContent ?? "").trim();
  if (["", "–", "-"].includes(text)) return null;
  const time = text.match(/^(\d+):(\d\d)$/);
  if (time) return 60 * time[1] + Number(time[2]);
  const number = text.replace("−", "-").match(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?(?=\s|$)/i);
  return number ? Number(number[0]) : text;
}

function compareKeys(a, b) {
  if (typeof a === typeof b) return typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
  return typeof a === "number" ? -1 : 1;
}

// Sorts the rows of each body of a table, below the row that is its title.
function sortBy(table, column, descending) {
  for (const body of table.tBodies) {
    const found = [...body.rows].filter((row) => !row.matches(".title")).map((row) => [sortKey(row.cells[column]), row]);
    const there = found.filter(([key]) => key !== null).sort(([a], [b]) => compareKeys(a, b) * (descending ? -1 : 1));
    body.append(...[...there, ...found.filter(([key]) => key === null)].map(([, row]) => row));
  }
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = element("button", { type: "button" }, ...head.childNodes);
    if (!button.textContent.trim()) button.setAttribute("aria-label", "name");
    head.append(button);
    if (!head.hasAttribute("aria-sort")) head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((one) => one.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortBy(table, column, descending);
    });
  });
}

function addFilter(table, box) {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => !row.matches(".title"));
  if (rows.length <= LONG) return;
  const count = element("output");
  const field = element("input", { type: "search", className: "filter", placeholder: "part of a name" });
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/);
    for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    const left = rows.filter((row) => !row.hidden).length;
    count.textContent = field.value ? `${left} of ${rows.length}` : "";
  });
  box.before(element("label", { className: "filtering" }, "filter ", field, " ", count));
}

// Marks a box whose table goes on to the right.
function showCue(box) {
  const scrolled = box.firstElementChild;
  const mark = () => box.classList.toggle("more", scrolled.scrollLeft + scrolled.clientWidth < scrolled.scrollWidth - 2);
  scrolled.addEventListener("scroll", mark, { passive: true });
  new ResizeObserver(mark).observe(scrolled);
}

for (const table of document.querySelectorAll("table.sortable")) {
  const box = table.closest(".box");
  makeSortable(table);
  addFilter(table, box);
  showCue(box);
}
