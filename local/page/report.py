"""The HTML report: one self-contained page with scores, figures and recordings -> EXP/report.html.

It begins with what a reader wants first: how good, where it fails, what it was made of. Each recording of a set has its
sound, gold standard, raters and predictions on one time axis. The inputs are EXP/results.json, EXP/ceiling.json, the
predictions, the data directories, and the sections that experiments wrote in EXP; missing ones are left out.
"""

from pathlib import Path

from cer.base.errors import BadInput, program, warn
from cer.base.files import write_text
from cer.base.kinds import Name, NonNegative
from cer.base.options import Parser
from cer.base.words import counted
from cer.data.targets import ends
from cer.scoring.scores import read_results
from local.page import further, glance, heat, origin, page
from local.page.packed import line_style
from local.page.player import player
from local.page.recordings import GOLD as GOLD_STANDARD
from local.page.recordings import Set, choose_recordings
from local.page.scores import best, score_section
from local.results.systems import chosen

MEGABYTE = 1_000_000
RESERVE = 20_000  # bytes of notes
GOLD = {"name": GOLD_STANDARD, "colour": "var(--ink)", "dash": "", "width": 2.4, "visible": True}
RATER = {"colour": "var(--muted)", "dash": "", "width": 0.8, "visible": True, "rater": True}


def shown_systems(records):
    """Choose the systems that the player shows at first: the best of each target, and those of systems.chosen()."""
    names = [record["system"] for record in best(records).values()]
    return list(dict.fromkeys([*names, *chosen({r["system"] for r in records})]))


def setup(sets, recordings, shown):
    """Return the player's setup: its lines, those that a recording has, and its targets; shown: names of systems."""
    there = {trace["line"] for one in recordings for trace in one["traces"]}
    raters = sorted({rater for one in sets for rater in one.raters})
    systems = sorted(there & {system for one in sets for each in one.predictions.values() for system in each})
    lines = [RATER | {"name": rater} for rater in raters]
    lines += [line_style(s) | {"name": s, "width": 1.5, "visible": s in shown} for s in systems]
    targets = sorted({target for one in sets for target in one.targets})
    own = {target: words for one in sets for target, words in one.meanings.items()}
    titles = [{"name": target, "title": f"{target} ({ends(target, own)})"} for target in targets]
    return {"lines": [*lines, GOLD], "targets": titles}


def opener(places):
    """Return a function (set, recording, text) -> link to the player; places: (set, recording) -> number."""

    def link(set_name, key, text):
        if (set_name, key) not in places:
            return page.escape(text)
        number = places[set_name, key]
        return page.Html(f'<button type="button" class="open" data-recording="{number}">{page.escape(text)}</button>')

    return link


def said_of(records):
    """Return what the player says beside each recording: (set, recording) -> CCC of the systems of best()."""
    found, top = {}, best(records)
    for r in records:
        if top.get(r["target"], {}).get("system") == r["system"]:
            for key, one in r["recordings"].items():
                ccc = page.minus(f"{one['ccc']:z.3f}")
                found.setdefault((r["set"], key), []).append(f"{r['target']} {ccc} {r['system']}")
    return {place: "CCC " + " · ".join(words) for place, words in found.items()}


def report(data, exp, set_names, most):
    """Return (HTML of the report, its recordings, what was done to keep it small); most: bytes of the page."""
    records = read_results(exp / "results.json")
    if not records:
        raise BadInput(f"{exp}/results.json: holds no scores; run stages 3 to 5")
    if missing := [name for name in set_names or () if not (data / name).is_dir()]:
        raise BadInput(f"--sets: found {missing[0]}, expected data directories in {data}")
    known = {r["set"] for r in records}
    set_names = [*dict.fromkeys(set_names or ["dev"])]  # each once
    for name in [name for name in set_names if name not in known]:
        warn(f"set {name}: no system is scored on it (does it have labels?); its recordings are left out")
    sets = [Set(data, exp, name) for name in set_names if name in known]
    places = [(one.name, key) for one in sets for key in one.keys()]  # noqa: SIM118 (not a dict)
    speakers, raters = origin.speakers_of(data, records), glance.ceilings(exp / "ceiling.json")
    banner, facts = origin.banner(data), origin.made_of(exp, data, records)
    after = [score_section(records, origin.is_papers(data)), *further.curve_section(exp, records)]
    after += further.other_sections(exp)
    after.append(page.section("systems", "Systems and commands", origin.systems_table(exp, records)))
    shown = shown_systems(records)
    title = f"Continuous emotion recognition: {exp.name}"

    def listen(recordings, told):
        note = f'<p class="note">To keep this page small, {page.escape("; ".join(told))}.</p>\n' if told else ""
        return player(recordings, setup(sets, recordings, shown), note)

    def whole(players, count):
        link = opener({place: n for n, place in enumerate(places[:count])})
        first = glance.section(records, raters, speakers, link, facts)
        return page.page(title, banner, [first, *players, heat.section(records, speakers, link), *after])

    room = most - len(whole([listen([], [])], len(places)).encode()) - RESERVE
    recordings, told = choose_recordings(sets, room, said_of(records), shown, [*heat.worst_first(records)])
    return whole([listen(recordings, told)] if recordings else [], len(recordings)), recordings, told


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="folder of data directories, e.g. data/synth")
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    options.add_argument("--sets", type=Name, nargs="+", help="sets whose recordings to include (default: dev)")
    options.add_argument("--max-size", type=NonNegative, default=100.0, help="maximum MB of the page (default: 100)")
    options.add_argument("--out", help="output file (default: EXP/report.html)")
    values = options.parse(argv)
    exp = Path(values.exp)
    out = Path(values.out or exp / "report.html")
    text, recordings, told = report(Path(values.data), exp, values.sets, values.max_size * MEGABYTE)
    for one in told:
        warn(f"to stay below --max-size={values.max_size:g} MB, {one}")
    write_text(out, text)
    print(f"{out}: {out.stat().st_size / MEGABYTE:.1f} MB, {counted(len(recordings), 'recording')}")


if __name__ == "__main__":
    main()
