"""Rank the trials of a hyper-parameter search: FOLDER/trials and */run* -> FOLDER/search.tsv, best.conf, a section.

Trials are ranked by the mean dev CCC of their runs. A trial with a diverged or failed run ranks last and cannot win.
The exit status, after the tables are written, is 1 if a training failed for a reason other than divergence.
"""

import re
import statistics
from pathlib import Path

from cer.base import markdown
from cer.base.errors import BadInput, program
from cer.base.facts import Stamp, inputs_of
from cer.base.files import read_text, write_text
from cer.base.kinds import Count
from cer.base.options import Parser
from cer.base.words import counted
from cer.bin import train
from cer.system.model_folder import read_description
from local.results import sections
from local.search.plan import read_plan

FIGURES = ["mean dev CCC", "deviation", "runs", "epochs", "best epoch", "seconds", "state"]


def read_trials(path):
    """Read the trials: trial name -> {option: value}, all strings. Raises BadInput for none, and for another line."""
    trials = {}
    for number, line in enumerate(read_text(path, "run local/search.sh, which writes it").splitlines(), 1):
        name, *words = line.split(" ")
        if not words or not all(re.fullmatch("--[^=]+=.+", word) for word in words):
            raise BadInput(
                f"{path}:{number}: found {line!r}, expected a trial and its --name=value; run local/search.sh"
            )
        trials[name] = dict(word.removeprefix("--").split("=", 1) for word in words)
    if not trials:
        raise BadInput(f"{path}: is empty, expected a trial a line; run local/search.sh, which writes it")
    return trials


def failure(log):
    """Describe a run without a model from its log: "failed: <last line>"."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return f"failed: {lines[-1] if lines else 'not started'}"


def seconds_of(log):
    """Compute the seconds of a training from its log: number of epochs times seconds per epoch; None without a log."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    found = re.findall(r": epoch (\d+) of .*; ([\d.]+) s an epoch", text)
    return int(found[-1][0]) * float(found[-1][1]) if found else None


def outcome(trial, run, failed):
    """Return (the result of a run, as model.json has it, and "") or, if it has no score, (None, why).

    trial: its folder; run: number; failed: stamps of runs that should have been trained again.
    """
    stamp, description = trial / f".done.run{run}", read_description(trial / f"run{run}")
    if description is None or Stamp(stamp).read() is None:
        return None, failure(log_of(trial, run))
    if stamp in failed:
        return None, "failed: the run here is an earlier one, made from something else"
    if description["result"].get("diverged"):
        return None, "diverged"
    return description["result"], ""


def log_of(trial, run):
    """Return the path of a run's log; trial: its folder; run: number."""
    return trial / "log" / f"train.{run}.log"


def trial_row(folder, name, options, num_runs, failed=()):
    """Return a trial's figures: dict of strings and numbers, None if unknown; "mean" is over the successful runs.

    failed: stamps of runs, of this trial and others, that should have been trained again.
    """
    trial = folder / name
    outcomes = {run: outcome(trial, run, failed) for run in range(1, num_runs + 1)}
    done = [result for result, _ in outcomes.values() if result]
    states = [why for _, why in outcomes.values() if why]
    spent = [seconds_of(log_of(trial, run)) for run, (result, _) in outcomes.items() if result]
    seconds = [one for one in spent if one is not None]
    scores = [result["dev_ccc"] for result in done]
    return {
        "options": options,
        "mean": statistics.fmean(scores) if scores else None,
        "deviation": statistics.stdev(scores) if len(scores) > 1 else None,
        "runs": len(done),
        "epochs": statistics.fmean(result["epochs"] for result in done) if done else None,
        "best_epoch": statistics.fmean(result["best_epoch"] for result in done) if done else None,
        "seconds": statistics.fmean(seconds) if seconds else None,
        "states": states,
    }


def ranked(rows):
    """Sort the rows, best first; those with failed runs come last."""
    return sorted(rows, key=lambda row: (bool(row["states"]), -(row["mean"] if row["mean"] is not None else -2)))


def cells(row, names):
    """Format a row for both tables: list of strings."""
    states = [f"{row['states'].count(state)} x {state}" for state in dict.fromkeys(row["states"])]
    shown = [("mean", ".4f"), ("deviation", ".4f"), ("runs", "d"), ("epochs", ".1f"), ("best_epoch", ".1f"),
             ("seconds", ".0f")]  # fmt: skip
    figures = ["–" if row[key] is None else format(row[key], form) for key, form in shown]
    return [row["options"].get(name, "–") for name in names] + figures + ["; ".join(states) or "done"]


def edge(value, values):
    """Whether a value is the smallest or largest of several numbers and the plan could go beyond it.

    It cannot go below 0, or below 1 for integers.
    """
    try:
        numbers = sorted({float(one) for one in values})
    except ValueError:
        return False
    if len(numbers) < 2:
        return False
    is_end = float(value) == 0 or value == "1"
    return float(value) == numbers[-1] or (float(value) == numbers[0] and not is_end)


def best_text(name, rows, plan):
    """Return the winner as a configuration file; rows: ranked, the first complete; plan: option -> its values."""
    best, others = rows[0], [row for row in rows[1:] if not row["states"]]
    lines = [f"# Search {name}: best of {len(rows)} trials, {_figure(best)} on dev"]
    equal = [row for row in others if row["mean"] == best["mean"]]
    if equal:
        lines.append(f"# {len(equal)} other trials have the same figure: the first one of the plan is taken")
    if others:
        options = " ".join(f"--{option}={value}" for option, value in others[0]["options"].items())
        lines.append(f"# runner-up: {_figure(others[0])} with {options}")
    for option, value in best["options"].items():
        note = f"  # edge of the plan: extend it ({' '.join(plan[option])})" if edge(value, plan[option]) else ""
        lines.append(f"--{option}={value}{note}")
    return "\n".join(lines) + "\n"


def _figure(row):
    spread = "" if row["deviation"] is None else f" +- {row['deviation']:.4f}"
    return f"mean CCC {row['mean']:.4f}{spread} of {counted(row['runs'], 'run')}"


def section(name, rows, best):
    """Return the section for the reports; rows: lists of strings, the first is the header; best: best.conf or None."""
    winner = f"```\n{best}```\n" if best else "No trial has all its runs: there is no winner.\n"
    legend = "CCC on dev: mean and sample deviation over the runs; epochs and seconds are means over the runs."
    return "\n".join([f"## Search {name}", "", legend, "", markdown.table(rows), "", winner])


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("folder", help="folder of the search")
    options.add_argument("plan", help="plan file")
    options.add_argument("failed", nargs="*", help="stamps of runs that should have been trained again")
    options.add_argument("--arch", required=True, help="architecture that has these options")
    options.add_argument("--name", default="", help="name of the search, for the heading")
    options.add_argument("--num-runs", type=Count, required=True, help="runs per trial")
    values = options.parse(argv)
    folder = Path(values.folder)
    trials = read_trials(folder / "trials")
    failed = {Path(one) for one in values.failed}
    rows = ranked([trial_row(folder, name, one, values.num_runs, failed) for name, one in trials.items()])
    plan = read_plan(values.plan, train.parser(values.arch))
    names = list(plan)
    table = [[*names, *FIGURES], *(cells(row, names) for row in rows)]
    best = None if rows[0]["states"] else best_text(values.name, rows, plan)
    write_text(folder / "search.tsv", "".join("\t".join(row) + "\n" for row in table))
    text = section(values.name, table, best)
    stamps = [folder / name / f".done.run{run + 1}" for name in trials for run in range(values.num_runs)]
    sections.write(folder, "90-search", text, inputs_of(one for one in stamps if one not in failed))
    if best:
        write_text(folder / "best.conf", best)
    else:
        (folder / "best.conf").unlink(missing_ok=True)
    print(text, end="")
    failed = sum(state != "diverged" for row in rows for state in row["states"])
    if failed:
        raise BadInput(f"{folder}: {failed} trainings failed, the reasons are in their log/; run it again")


if __name__ == "__main__":
    main()
