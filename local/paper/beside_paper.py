"""Set each figure of the paper beside ours, with the deviation -> EXP/sections/05-beside_paper.md.

Which of our intervals contains the paper's figure is marked. Only for systems trained on RECOLA, the paper's corpus.
"""

from pathlib import Path

from cer.base import records
from cer.base.errors import BadInput, program
from cer.base.kinds import Count
from cer.base.markdown import table
from cer.base.options import Parser
from cer.scoring.scores import read_results
from local.results import sections, systems
from local.results.tables import RECOLA, by_system, interval_of, mean_of_runs, paper

TEXT = """## Beside the paper

The paper's figures and ours on RECOLA, of systems of the same kind. *Ours*: the ensemble, the mean prediction of all
runs, as the paper's test figures are; the paper does not say whether its dev figures are of ensembles or means of
runs, so *single runs* has ours, mean ± sample deviation. *Deviation*: ours − paper's. *The paper's is*: inside the 95
% interval of our CCC over the set's speakers, or outside it, **above** or **below**. With nine speakers, intervals
are wide: *inside* shows no difference, not equality. Valstar's, Brady's and Povolny's are other authors' systems with
features of their own; ours imitate them.

{table}
{statements}"""
STATEMENTS = """
What the paper says in words and figures, and the same measured here:

{table}
"""
HEAD = [
    "target", "set", "paper's row", "CCC, paper", "our system", "CCC, ours", "95 % interval", "deviation",
    "paper's is", "single runs", "RMSE, paper", "RMSE, ours", "RMSE, deviation",
]  # fmt: skip
CURE = "run stage 6 again"
FIGURE1 = {...: records.Listed({"filter_width": Count, "runs": records.Listed({"dev_ccc": float}, 1)}, 1)}
SHARE = None, float  # of the power; constants have none
FIGURE4 = {"targets": {...: {"share_below_hz": {"1": SHARE}, "ccc": {"64": float}}}}
SMOOTHNESS = {"targets": {...: {"systems": {...: {"ensemble": {"share_above_1_hz": SHARE}}}}}}


def rows(found, target):
    """List the table's rows of a target: each figure of the paper with ours; found: records of results.json."""
    ours = by_system(found, target)
    for row in paper():
        if row["target"] != target:
            continue
        for name in ("dev", "test"):
            theirs = {measure: row[f"{name}_{measure}"] for measure in ("ccc", "rmse")}
            if theirs["ccc"] != "-":
                cells = _beside(theirs, ours.get((row["ours"], name)))
                yield [target, name, row["system"], theirs["ccc"], row["ours"], *cells]


def _beside(theirs, record):
    """Return the cells of our record beside the paper's figures, which are texts; record: None where there is none."""
    if record is None:
        return ["–", "–", "–", "no figure of ours", "–", theirs["rmse"].replace("-", "–"), "–", "–"]
    low, high = record.get("interval") or (None, None)
    cells = [f"{record['ccc']:z.3f}", interval_of(record), f"{record['ccc'] - float(theirs['ccc']):+.3f}"]
    cells += [verdict(float(theirs["ccc"]), low, high), mean_of_runs(record)]
    if theirs["rmse"] == "-":
        return [*cells, "–", f"{record['rmse']:.3f}", "–"]
    return [*cells, theirs["rmse"], f"{record['rmse']:.3f}", f"{record['rmse'] - float(theirs['rmse']):+.3f}"]


def verdict(figure, low, high):
    """Say where the paper's figure lies, to the three decimals of both: inside an interval, above it or below it."""
    if low is None:
        return "no interval"
    if figure < round(low, 3):
        return "**below**"
    return "**above**" if figure > round(high, 3) else "inside"


def statements(exp):
    """List the rows of what the paper says elsewhere, as far as it was measured here."""
    lines = []
    if (path := exp / "figure4.json").exists():
        targets = records.read(path, FIGURE4, CURE)["targets"]
        shares = {name: one["share_below_hz"]["1"] for name, one in targets.items()}
        power = {name: 100 * share for name, share in shares.items() if share is not None}
        loss = {name: 100 * (1 - one["ccc"]["64"]) for name, one in targets.items()}
        lines += [_line("Section 5.2: labels' power below 1 Hz", "> 95 %", power, "{:.2f} %", lambda x: x > 95)]
        lines += [_line("Figure 4: CCC lost with one label in 64", "< 5 %", loss, "{:.2f} %", lambda x: x < 5)]
    if (path := exp / "figure1.json").exists() and sections.is_current(exp, "40-figure1"):
        targets = records.read(path, FIGURE1, "run local/figure1.sh again")
        points = {name: _means(each) for name, each in targets.items()}
        gain = {name: each[512] - each[128] for name, each in points.items() if {128, 512} <= each.keys()}
        more = {name: each[2048] - each[512] for name, each in points.items() if {512, 2048} <= each.keys()}
        lines += [_line("Figure 1: dev CCC of 512 rows minus 128", "> 0", gain, "{:+.3f}", _above)]
        lines += [_line("Figure 1: dev CCC of 2048 rows minus 512", "about 0", more, "{:+.3f}", None)]
    if (path := exp / "smoothness" / "dev" / "smoothness.json").exists():
        targets = {name: one["systems"] for name, one in records.read(path, SMOOTHNESS, CURE)["targets"].items()}
        found = {name: _less_rough(each) for name, each in targets.items() if {"dilated", "downup"} <= each.keys()}
        less = {name: percent for name, percent in found.items() if percent is not None}
        lines += [_line("Section 6.2: power above 1 Hz, Dilated minus Down/Up", "> 0", less, "{:+.3f} %", _above)]
    return [line for line in lines if line]


def _above(value):
    return value > 0


def _less_rough(systems):
    rough = [systems[name]["ensemble"]["share_above_1_hz"] for name in ("dilated", "downup")]
    return None if None in rough else 100 * (rough[0] - rough[1])


def _means(points):
    return {p["filter_width"]: sum(run["dev_ccc"] for run in p["runs"]) / len(p["runs"]) for p in points}


def _line(what, theirs, values, form, holds):
    said = ", ".join(f"{name} {form.format(value)}" for name, value in values.items())
    verdict = "" if holds is None else "holds" if all(map(holds, values.values())) else "**does not hold**"
    return [what, theirs, said, verdict] if values else None


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("exp", help="folder of systems, e.g. exp/recola")
    exp = Path(options.parse(argv).exp)
    found = read_results(exp / "results.json")
    for record in found:
        corpora = systems.corpora_of_runs(exp, record)
        if corpora and RECOLA not in corpora:
            raise BadInput(
                f"{exp}/{record['system']}/{record['target']}: trained on {', '.join(corpora)}, expected {RECOLA}: the"
                " paper's figures are of no other corpus"
            )
    lines = [row for target in sorted({record["target"] for record in found}) for row in rows(found, target)]
    if not lines:
        raise BadInput(f"{exp}/results.json: found no target of the paper's, expected arousal or valence")
    more = statements(exp)
    more = STATEMENTS.format(table=table([["what", "paper", "here", ""], *more])) if more else ""
    sections.write(exp, "05-beside_paper", TEXT.format(table=table([HEAD, *lines]), statements=more))
    print(f"{exp}/sections/05-beside_paper.md: {len(lines)} figures of the paper")


if __name__ == "__main__":
    main()
