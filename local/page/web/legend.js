"use strict";
// A legend: a button a line, which shows and hides it. Of many lines it has those shown, and a list of the others.

const BUTTONS = 12; // more lines than these are in the list

class Legend {
  // groups: [{name, colour, dash, width, area?}]; hidden: Set of names, which this changes; changed: called then.
  constructor(groups, hidden, changed) {
    Object.assign(this, { groups, hidden, changed });
    this.box = element("div", { className: "legend" });
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", "lines shown");
    this.draw();
  }

  draw() {
    const focused = [...this.box.children].indexOf(document.activeElement);
    const many = this.groups.length > BUTTONS;
    const listed = many ? this.groups.filter(({ name }) => !this.hidden.has(name)) : this.groups;
    const parts = listed.slice(0, many ? 3 * BUTTONS : undefined).map((group) => this.button(group));
    if (many) parts.push(this.list());
    this.box.replaceChildren(...parts);
    this.box.children[focused]?.focus();
  }

  button(group) {
    const button = element("button", { type: "button" }, swatch(group), group.name);
    button.setAttribute("aria-pressed", !this.hidden.has(group.name));
    button.addEventListener("click", () => this.set([group.name], this.hidden.has(group.name)));
    return button;
  }

  list() {
    const others = this.groups.filter(({ name }) => this.hidden.has(name));
    const list = element("select", {}, new Option(others.length ? `show one of ${others.length} more …` : "hide all …", ""));
    list.setAttribute("aria-label", "show further lines");
    list.append(...others.map(({ name }) => new Option(name)), new Option("all", "+"), new Option("none", "-"));
    list.addEventListener("change", () => {
      const names = "+-".includes(list.value) ? this.groups.map(({ name }) => name) : [list.value];
      this.set(names, list.value !== "-");
    });
    return list;
  }

  set(names, on) {
    names.forEach((name) => (on ? this.hidden.delete(name) : this.hidden.add(name)));
    this.draw();
    this.changed();
  }
}

function swatch({ colour, dash, width, area }) {
  const picture = shape("svg", { width: 30, height: 12, "aria-hidden": "true" });
  const line = { x1: 0, x2: 30, y1: 6, y2: 6, "stroke-dasharray": dash, style: `stroke:${colour};stroke-width:${width}` };
  const band = { width: 30, height: 12, style: `fill:${colour};opacity:0.3` };
  picture.append(area ? shape("rect", band) : shape("line", line));
  return picture;
}

// Returns the groups of some lines, each once.
function groupsOf(lines) {
  return [...new Map(lines.map((line) => [line.group, { ...line, name: line.group, area: Boolean(line.top) }])).values()];
}
