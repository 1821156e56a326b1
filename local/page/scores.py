"""The scores of all systems on a page: which has the highest CCC, and a table a target with it on top."""

import html
import re

from local.page import bars, page
from local.page.packed import line_style
from local.results.systems import PAPERS
from local.results.tables import HEAD, by_system, notes, our_rows, paper_rows

FIRST = ["system", "dev CCC", "95 % interval", "test CCC"]  # columns, then all others of HEAD
ORDER = [HEAD.index(name) for name in [*FIRST, *(name for name in HEAD if name not in FIRST)]]
NETWORKS, OTHERS = "The paper's networks", "Baselines and other systems"


def main_set(records):
    """Return the set that systems are compared on: dev, or where no system is scored on it, the first."""
    names = sorted({r["set"] for r in records})
    return "dev" if "dev" in names or not names else names[0]


def ranked(records, target, set_name):
    """List the records of a target and a set, highest CCC first; those fitted on the set come last."""
    found = [r for (_, name), r in by_system(records, target).items() if name == set_name]
    return sorted(found, key=lambda r: (f"fitted on {set_name}" in r.get("postprocess", ""), -r["ccc"], r["system"]))


def best(records):
    """Find the system with the highest CCC of each target on main_set(), "best" in names alone: target -> record."""
    name = main_set(records)
    found = {target: ranked(records, target, name) for target in sorted({r["target"] for r in records})}
    return {target: each[0] for target, each in found.items() if each}


def score_section(records, is_papers):
    """Return the tables of all scores; is_papers: whether the corpus is the paper's, whose results are then shown."""
    targets = sorted({r["target"] for r in records})
    text = page.render(notes(targets if is_papers else []), "notes")
    for target in targets:
        text += f"<h3>{html.escape(target.capitalize())}</h3>\n" + _table(records, target)
        if is_papers and (rows := paper_rows(target)):
            rows = [[cell.strip("*") for cell in row] for row in rows]
            text += page.folded("The paper's results", page.table(f"the paper's results on {target}", HEAD, rows))
    return page.section("scores", "Scores", text)


def _table(records, target):
    name = main_set(records)
    found = ranked(records, target, name)
    names = [r["system"] for r in found]
    names += sorted({r["system"] for r in records if r["target"] == target} - {*names})
    highest, groups = [r["system"] for r in found if r["ccc"] == found[0]["ccc"]], {}
    for system in names:
        own = [r for r in records if r["system"] == system]
        group = NETWORKS if re.match(f"({'|'.join(PAPERS)})(_|$)", system) else OTHERS
        row = [our_rows(own, target)[0][n] for n in ORDER]
        if highest == [system] and len(names) > 1:
            row[0] = page.Html(f'{html.escape(row[0])} <span class="mark">★ highest CCC</span>')
        groups.setdefault(group, []).append([row[0], _bar(own, target), *row[1:]])
    rows = [row for group in groups for row in [group, *groups[group]] if len(groups) > 1 or row != group]
    marked = {row[0]: "best" for row in rows if isinstance(row[0], page.Html)}
    return page.table(f"scores on {target}", ["system", "0 to 1", *(HEAD[n] for n in ORDER[1:])], rows, marked)


def _bar(own, target):
    found, dots, words = by_system(own, target), [], []
    for (system, name), r in sorted(found.items()):
        if name in ("dev", "test"):
            dots.append((r["ccc"], r.get("interval"), line_style(system)["colour"], name == "test"))
            words.append(f"{name} CCC {r['ccc']:z.3f}")
    return page.Cell(f'<td class="bar">{bars.bar(dots, ", ".join(words), tall=False)}</td>')
