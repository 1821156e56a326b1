#!/usr/bin/env python3
"""The HTML report: one self-contained page with tables, figures and recordings -> EXP/report.html.

Each recording of a set has its sound, gold standard, raters and predictions on one time axis. The inputs are
EXP/results.json, the predictions, the data directories, and the sections that experiments wrote in EXP; missing ones
are left out.
"""

import re
from functools import partial
from pathlib import Path

from cer.base.errors import BadInput, program, warn
from cer.base.files import read_text, write_text
from cer.base.kinds import Name, NonNegative
from cer.base.options import Parser
from cer.data.targets import ends
from cer.scoring.scores import read_results
from local.page import figures
from local.page import page as html
from local.page.packed import line_style
from local.page.recordings import GOLD as GOLD_STANDARD
from local.page.recordings import Set, choose_recordings
from local.results import sections
from local.results.systems import chosen, command_of_runs
from local.results.tables import notes, tables

MEGABYTE = 1_000_000
COLUMNS, CELLS = 10, 20_000  # of a table: browsers are slow to lay out more
RESERVE = 20_000  # bytes of notes
GOLD = {"name": GOLD_STANDARD, "colour": "ink", "dash": "solid", "width": 2.6, "visible": True, "hover": True}
RATER = {"colour": "muted", "dash": "solid", "width": 0.8, "visible": True, "hover": False}
RATERS = {"group": "raters", "opacity": 0.7}

SYNTHETIC = """<p class="banner"><strong>Made-up data.</strong> This corpus was generated: speech-like babble from a
synthesiser, and ratings from a statistical model of raters. No human voice and no human annotation is in it. It tests
software and methods, and says nothing about real emotion.</p>
"""


def about(data):
    """Describe the corpus, from the file that its preparation wrote; HTML."""
    path = data / "agreement.txt"
    line = read_text(path, "run stage 0 again").partition("\n")[0].strip("# ") if path.exists() else ""
    return (SYNTHETIC if "SYNTHETIC" in line else "") + (f"<p>Corpus: {html.escape(line)}.</p>\n" if line else "")


def setup(sets, styles):
    """Return the player's setup: its lines and targets."""
    raters = sorted({rater for one in sets for rater in one.raters})
    systems = sorted({system for one in sets for each in one.predictions.values() for system in each})
    shown = chosen(set(systems))
    lines = [RATER | RATERS | {"name": rater} for rater in raters]
    lines += [styles[s] | {"name": s, "width": 1.5, "visible": s in shown, "hover": True} for s in systems]
    targets = sorted({target for one in sets for target in one.targets})
    titles = [f"{target} ({ends(target)})" for target in targets]
    return {
        "lines": [*lines, GOLD],
        "targets": [{"name": t, "title": title} for t, title in zip(targets, titles, strict=True)],
    }


def recording_scores(records, recordings):
    """Return tables per set and target: CCC of each system by recording; a name opens its recording in the player.

    recordings: list of (set, name) in the player's order. A table has no more than CELLS cells or COLUMNS systems, the
    best ones.
    """
    places, groups, text = {place: n for n, place in enumerate(recordings)}, {}, ""
    for record in records:
        if record["set"] != "train":
            groups.setdefault((record["set"], record["target"]), []).append(record)
    for (set_name, target), every in sorted(groups.items()):
        keys = sorted({key for r in every for key in r["recordings"]})
        best = sorted(every, key=lambda r: (-r["ccc"], r["system"]))[: max(COLUMNS, CELLS // max(1, len(keys)))]
        found = sorted(best, key=lambda r: r["system"])
        rows = []
        for key in keys:
            figures = [r["recordings"].get(key, {}).get("ccc") for r in found]
            cells = ["–" if ccc is None else f"{ccc:.3f}" for ccc in figures]
            rows.append([_opener(key, places.get((set_name, key))), *cells])
        title = f"{target}, set {set_name}"
        head = ["recording", *(r["system"] for r in found)]
        text += f"<h3>{html.escape(title)}</h3>\n"
        if len(found) < len(every):
            text += f"<p>The {len(found)} systems of {len(every)} with the highest CCC.</p>\n"
        text += html.table(f"CCC of each recording, {title}", head, rows)
    return text


def _opener(key, number):
    if number is None:
        return key
    return html.Html(f'<button type="button" class="open" data-recording="{number}">{html.escape(key)}</button>')


def systems_table(exp, records):
    """Return the table of systems with command and commit; a post-processed system shows those of its runs."""
    rows = []
    first = {(r["system"], r["target"]): r for r in reversed(records)}
    for (system, target), record in sorted(first.items()):
        path = command_of_runs(exp, record)
        lines = read_text(path).splitlines() if path.exists() else []
        commit = next((line.removeprefix("# commit ") for line in lines if line.startswith("# commit ")), "–")
        command = " ".join(line for line in lines if not line.startswith("#"))
        notes = f"<br>then {html.escape(record['postprocess'])}" if "postprocess" in record else ""
        code = f"<code>{html.escape(command)}</code>" if command else "–"
        rows.append([system, target, len(record["runs"]), commit, html.Html(code + notes)])
    return html.table("the systems and their commands", ["system", "target", "runs", "commit", "command"], rows)


def score_section(records):
    """Return the figure and the tables of all scores."""
    found = tables(records)
    text = html.figure("scores", figures.scores(records)) + html.render(notes(found), "notes")
    for target, table in found.items():
        text += f"<h3>{html.escape(target.capitalize())}</h3>\n" + html.render(table, f"scores on {target}")
    return html.section("scores", "Scores", text)


def curve_section(exp, records, styles):
    """Return the learning curves: a list of one section, or an empty list if there are none."""
    plots, solved = figures.learning_curves(exp, records, styles)
    note = f"<p>Solved at once, without epochs: {html.escape(', '.join(solved))}.</p>\n" if solved else ""
    text = "<p>One line a run; a run ends when dev has not improved for so many epochs as its options say.</p>\n"
    return [html.section("curves", "Learning curves", text + note + html.figure("curves", plots))] if plots else []


def drawn(exp, picture):
    """Return the Plotly figure that replaces a picture in EXP; None if its numbers do not exist."""
    name, record = picture.relative_to(exp.resolve()).with_suffix(""), sections.curves(picture)
    return record and html.figure(name, figures.over_seconds(record))


def other_sections(exp):
    """Return the experiments' sections, each folded: a list of one section, or an empty list."""
    parts = re.split(r"(?m)^## +(.+)\n", "".join(f"\n{one}\n" for one in sections.read(exp)))[1:]
    folded = [
        html.folded(title, html.render(text, title, exp, partial(drawn, exp)))
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    ]
    return [html.section("further", "Further results", "".join(folded))] if folded else []


def report(data, exp, set_names, most):
    """Return (HTML of the report, its recordings, what was done to keep it small); most: bytes of the page."""
    records = read_results(exp / "results.json")
    if not records:
        raise BadInput(f"{exp}/results.json: holds no scores; run stages 3 to 5")
    known = {r["set"] for r in records}
    for name in [name for name in set_names if name not in known]:
        warn(f"set {name}: no system is scored on it (does it have labels?); its recordings are left out")
    styles = {system: line_style(n) for n, system in enumerate(sorted({r["system"] for r in records}))}
    sets = [Set(data, exp, name) for name in set_names if name in known]
    names = [(one.name, key) for one in sets for key in one.keys()]  # noqa: SIM118 (not a dict)
    before, after = [score_section(records)], [*curve_section(exp, records, styles), *other_sections(exp)]
    after.append(html.section("systems", "Systems and commands", systems_table(exp, records)))
    title = f"Continuous emotion recognition: {exp.name}"

    def player(recordings, told):
        banners = "".join(f"<p class='banner'>To keep this page small, {html.escape(one)}.</p>\n" for one in told)
        return html.player("listen", "Look and listen", recordings, setup(sets, styles), html.SCALES + banners)

    def whole(players, names):
        scores = html.section("recordings", "Scores of each recording", recording_scores(records, names))
        return html.page(title, about(data), [*before, *players, scores, *after])

    room = most - len(whole([player([], [])], names).encode()) - RESERVE
    recordings, told = choose_recordings(sets, room)
    return whole([player(recordings, told)] if recordings else [], names[: len(recordings)]), recordings, told


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="folder of data directories, e.g. data/synth")
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    options.add_argument(
        "--sets", type=Name, nargs="+", default=["dev"], help="sets whose recordings to include (default: dev)"
    )
    options.add_argument("--max-size", type=NonNegative, default=100.0, help="maximum MB of the page (default: 100)")
    options.add_argument("--out", help="output file (default: EXP/report.html)")
    values = options.parse(argv)
    exp = Path(values.exp)
    out = Path(values.out or exp / "report.html")
    text, recordings, told = report(Path(values.data), exp, values.sets, values.max_size * MEGABYTE)
    for one in told:
        warn(f"to stay below --max-size={values.max_size:g} MB, {one}")
    write_text(out, text)
    print(f"{out}: {out.stat().st_size / MEGABYTE:.1f} MB, {len(recordings)} recordings")


if __name__ == "__main__":
    main()
