"""Measure what the recipe's speed is judged by, and print one table: what was measured, its goal, and the ratio.

Within a row A and B take turns, and medians count, so that a busy machine slows both equally; one thread. "Counts" says
which clock a ratio is of: processor time where one process computes, wall-clock time where waiting matters.
"""

import json
import shlex
from pathlib import Path
from statistics import median

from cer.base.errors import BadInput, program  # first: it says so if a package is missing

# isort: split
import torch

from cer.base.facts import take
from cer.base.files import write_text
from cer.base.kinds import Count
from cer.base.markdown import table
from cer.base.options import Parser
from local.benchmark import epochs, features, recipe, single
from local.benchmark.measure import ROOT, Settings, check_output, described, machine
from local.results import sections

MODULES = [epochs, features, single, recipe]
NAMES = [name for module in MODULES for name in module.ROWS]
# Files of DATA that say how much there is to compute, and from what.
INPUTS = [f"{name}/{file}" for name in ("train", "dev") for file in ("utt2num_frames", "cmvn.scp")]
CONFIGS = [ROOT / "conf" / f"{arch}.conf" for arch in epochs.ARCHS]
CODE = [__file__, *(ROOT / "cer" / "models" / f"{arch}.py" for arch in epochs.ARCHS)]
SECTION = "80-efficiency"
UNITS = {"cpu": "s", "wall": "s", "megabytes": "MB"}
HEAD = ["row", "what", "goal", "measured", "met", "counts", "A", "B", "best", "by the other clock"]
LEGEND = """{machine}; data: {data}.

Medians of {repeats}, in turn, after one to warm up. A and B in seconds of the clock that counts (cpu: processor time;
wall: wall-clock time) or MB; a ratio is A / B, without B the figure is A itself. "Best" takes the least A and the least
B, which other processes disturb least."""


def markdown(rows, about):
    """Return the section for the reports; rows: list of Row; about: what the record says of the run, a dict."""
    lines = [HEAD]
    for row in rows:
        shown = [
            f"{median(getattr(one, row.counts) for one in times):.4g}" if times else "–" for times in (row.a, row.b)
        ]
        unit = "" if row.b else f" {UNITS[row.counts]}"
        other = {"cpu": "wall", "wall": "cpu"}.get(row.counts)
        met = {True: "yes", False: "no", None: "–"}[row.met()]
        lines.append([row.name, row.what, row.goal or "–", f"{row.value():.3g}{unit}", met, row.counts, *shown])
        lines[-1] += [f"{row.value(of=min):.3g}{unit}", f"{row.value(other):.3g}{unit}" if other else "–"]
    legend = LEGEND.format(repeats=about["repeats"], machine=described(about["machine"]), data=about["data"])
    return f"## Efficiency\n\n{legend}\n\n{table(lines)}\n"


def words_of(text):
    """The words of --run-opts, as a shell would split them. Raises BadInput."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise BadInput(f"--run-opts: found {text!r} ({error}), expected the options of ./run.sh as typed") from None


def parse(argv):
    """Parse the command line. Raises BadInput for rows that do not exist, and a folder that is needed or not there."""
    options = Parser(__doc__)
    options.add_argument("names", nargs="*", help=f"rows to measure: {' '.join(NAMES)} (default: all)")
    options.add_argument("--quick", action="store_true", help="small data and three repeats: under a minute, rough")
    options.add_argument("--data", help="folder with the data directories train and dev (default: generated features)")
    options.add_argument("--exp", help="folder of systems of a finished ./run.sh, for the rows stage0 to score")
    options.add_argument("--run-opts", default="", help="options of that ./run.sh (default: none)")
    options.add_argument(
        "--repeats", type=Count, help="measurements per row, whose median counts (default: 5, with --quick 3)"
    )
    options.add_argument("--json", help="file to write all figures to")
    options.add_argument(
        "--section",
        action="store_true",
        help="add the table to the reports of EXP; without --json, a table that is up to date is not measured again",
    )
    values = options.parse(argv)
    if unknown := [name for name in values.names if name not in NAMES]:
        raise BadInput(f"found the row {unknown[0]}, expected some of {' '.join(NAMES)}")
    if values.section and not values.exp:
        raise BadInput("--section: expected --exp, the folder whose reports show the table")
    if (needy := [name for name in values.names if name in recipe.ROWS]) and not values.exp:
        raise BadInput(f"{needy[0]}: expected --exp, the folder of systems of a finished ./run.sh")
    if values.exp and not Path(values.exp).is_dir():
        raise BadInput(f"--exp: found no folder {values.exp}, expected that of a finished ./run.sh, as exp/synth")
    if values.json:
        check_output(values.json)
    return values


@program
def main(argv=None):
    """Run the program."""
    values = parse(argv)
    torch.set_num_threads(1)
    data, exp = (one and Path(one).resolve() for one in (values.data, values.exp))
    repeats = values.repeats or (3 if values.quick else 5)
    inputs = [f"{data}/{name}" for name in INPUTS] if data else []
    words = [*values.names, str(repeats), str(values.quick), values.run_opts]
    made_from = take([*inputs, *CONFIGS], words, CODE)
    if values.section and not values.json and sections.is_up_to_date(values.exp, SECTION, made_from):
        print(f"{values.exp}/sections/{SECTION}.md is up to date")
        return
    settings = Settings(data, exp, words_of(values.run_opts), repeats, values.quick)
    about, rows = {"machine": machine(), "repeats": repeats, "data": values.data or "generated"}, []
    for module in MODULES:
        chosen = [name for name in module.ROWS if not values.names or name in values.names]
        rows += module.measure(chosen, settings) if chosen else []
    text = markdown(rows, about)
    print(text, end="")
    if values.json:
        write_text(values.json, json.dumps(about | {"rows": [row.record() for row in rows]}, indent=1) + "\n")
    if values.section:
        sections.write(values.exp, SECTION, text, made_from)


if __name__ == "__main__":
    main()
