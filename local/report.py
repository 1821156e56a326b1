#!/usr/bin/env python3
"""The report: Tables 1 and 2, our systems beside the paper's, and what else was found -> EXP/RESULTS.md.

The tables come from EXP/results.json, the other sections from the Markdown files that other scripts left in EXP.
"""

import csv
import re
import shlex
from pathlib import Path

from cer.base.errors import BadInput, program, warn
from cer.base.facts import Stamp
from cer.base.files import read_text, write_text
from cer.base.kinds import shown
from cer.base.options import Parser
from cer.scoring.scores import CONVENTION, read_results

HEAD = [
    "system", "dev CCC", "95 % interval", "single runs", "runs", "per recording", "dev RMSE", "dev PCC", "test CCC",
    "test RMSE",
]  # fmt: skip
# Sections of the report, each where its file is there: a Markdown text that begins with a heading of the second level.
SECTIONS = [
    "corpora.md", "compare/*.md", "figure1.md", "figure4.md", "smoothness.md", "ceiling.md", "efficiency.md",
    "leave_one_out/*/leave_one_out.md", "search/*/search.md",
]  # fmt: skip

COMMAND = r"(.*? {option} )([^\s']+|'[^']*')(\s.*)"  # what is before the option's value, this, and what follows

NOTES = f"""CCC, RMSE and PCC are of the ensemble, the mean prediction of all runs; convention: {CONVENTION}.
*95 % interval*: of the dev CCC, by resampling the set's speakers. *Single runs*: mean and sample deviation of the CCC
over the *runs*; *per recording*: mean of the recordings' own CCCs.
The paper's rows were measured on RECOLA's labels: they are no yardstick for another corpus.
"""

TEXT = """# Results in {exp}

Made by

```
{commands}```

{notes}{tables}{sections}"""

FIGURE5 = """## Trajectories (the paper's Figure 5)

![Predictions over the gold standard](figure5.png)
"""


def our_rows(records, target):
    """A table row a system that was scored on this target."""
    rows = []
    for system in sorted({r["system"] for r in records if r["target"] == target}):
        dev, test = (find(records, system, target, name) for name in ("dev", "test"))
        rows.append([_name(system, dev), *_figures(dev), *(_number(test, name) for name in ("ccc", "rmse"))])
    return rows


def _name(system, dev):
    """A system's name, marked when its post-processing was fitted on the set that the table shows, or runs failed."""
    marks = ["fitted on dev: optimistic"] if "fitted on dev" in dev.get("postprocess", "") else []
    marks += [f"failed: {', '.join(dev['failed'])}"] if "failed" in dev else []
    return f"{system} ({'; '.join(marks)})" if marks else system


def find(records, system, target, set_name):
    """The record of a system, target and set; an empty one where there is none."""
    wanted = {"system": system, "target": target, "set": set_name}
    return next((r for r in records if wanted.items() <= r.items()), {})


def _figures(dev):
    low, high = dev.get("interval") or (None, None)
    interval = "–" if low is None else f"{low:.3f} to {high:.3f}"
    spread = "" if dev.get("ccc_std") is None else f" ± {dev['ccc_std']:.3f}"
    runs = [f"{dev['ccc_mean']:.3f}{spread}", str(len(dev["runs"]))] if dev else ["–", "–"]
    return [
        _number(dev, "ccc"),
        interval,
        *runs,
        *(_number(dev, name) for name in ("ccc_per_recording", "rmse", "pcc")),
    ]


def _number(record, name):
    return f"{record[name]:.3f}" if name in record else "–"


def paper_rows(target):
    """The paper's rows for a target, marked as measured on RECOLA."""
    with (Path(__file__).parent / "paper_tables.tsv").open(encoding="utf-8") as file:
        lines = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        rows = [{name: value.replace("-", "–") if value == "-" else value for name, value in r.items()} for r in lines]
    return [
        [
            f"*paper, RECOLA: {r['system']}*",
            r["dev_ccc"],
            "",
            "",
            "",
            "",
            r["dev_rmse"],
            "",
            r["test_ccc"],
            r["test_rmse"],
        ]
        for r in rows
        if r["target"] == target
    ]


def markdown(rows):
    """A Markdown table: the first row is its head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def commands(exp, records):
    """The commands that made the systems, each after its commit; those of one commit and kind as one."""
    folders = sorted({exp / r["system"] / r["target"] for r in records})
    texts = [command(f / "command") for f in folders if (f / "command").exists()]
    return "".join(_together(_together(texts, "--targets"), "--archs"))


def command(path):
    """The text of a file `command`. Raises BadInput unless it holds one with --archs and --targets."""
    cure = "run stage 3 again, which writes it, or remove it"
    text = read_text(path, cure)
    if not all(re.search(COMMAND.format(option=option), text, re.DOTALL) for option in ("--archs", "--targets")):
        raise BadInput(f"{path}: found {shown(text)}, expected ./run.sh with --archs and --targets; {cure}")
    return text


def _together(texts, option):
    """Commands that differ in the value of this option alone become one with all the values."""
    kinds = {}
    for text in texts:
        before, value, after = re.fullmatch(COMMAND.format(option=option), text, re.DOTALL).groups()
        kinds.setdefault((before, after), []).append(value)
    return [f"{before}{shlex.quote(' '.join(values))}{after}" for (before, after), values in kinds.items()]


def sections(exp):
    """The other sections of the report, as far as they were made, of the predictions that are there now."""
    texts = [FIGURE5] if (exp / "figure5.png").exists() else []
    for path in (path for name in SECTIONS for path in sorted(exp.glob(name))):
        if changed := Stamp(path.with_name(f".done.{path.stem}")).outdated():
            warn(f"{path}: is left out: made from something else ({changed[0]}); make it again, or remove it")
        else:
            texts.append(read_text(path, "make it again, or remove it"))
    return "".join(f"\n{text.strip()}\n" for text in texts)


def tables(records):
    """Our systems and the paper's: target -> Markdown table."""
    targets = sorted({r["target"] for r in records})
    return {target: markdown([HEAD, *our_rows(records, target), *paper_rows(target)]) for target in targets}


def report(exp, records):
    """The text of RESULTS.md."""
    text = "".join(f"\n## {target.capitalize()}\n\n{table}\n" for target, table in tables(records).items())
    parts = {"commands": commands(exp, records), "tables": text, "sections": sections(exp)}
    return TEXT.format(exp=exp, notes=NOTES, **parts)


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("exp", help="the corpus's folder of systems, e.g. exp/synth")
    exp = Path(options.parse(argv).exp)
    text = report(exp, read_results(exp / "results.json"))
    write_text(exp / "RESULTS.md", text)
    print(text, end="")


if __name__ == "__main__":
    main()
