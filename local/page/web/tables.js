"use strict";
// Sortable tables: a button in each column header; numbers sort by value, missing values come last.

// Returns the sort key of a cell: the number at its beginning, or its text; null for an empty cell.
function sortKey(cell) {
  const text = (cell?.textContent ?? "").trim();
  if (["", "–", "-"].includes(text)) return null;
  const number = text.replace("−", "-").match(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i);
  return number ? Number(number[0]) : text;
}

function compareKeys(a, b) {
  if (typeof a === typeof b) return typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
  return typeof a === "number" ? -1 : 1;
}

function sortBy(table, column, descending) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [sortKey(row.cells[column]), row]);
  const there = rows.filter(([key]) => key !== null).sort(([a], [b]) => compareKeys(a, b) * (descending ? -1 : 1));
  body.append(...[...there, ...rows.filter(([key]) => key === null)].map(([, row]) => row));
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    if (!button.textContent.trim()) button.setAttribute("aria-label", "name");
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((one) => one.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortBy(table, column, descending);
    });
  });
}
