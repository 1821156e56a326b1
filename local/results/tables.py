"""Tables 1 and 2: our systems beside the paper's, one Markdown table per target."""

from pathlib import Path

from cer.base import csvs
from cer.base.markdown import table
from cer.data.corpora import MADE_UP, corpora_of
from cer.scoring.scores import CONVENTION

RECOLA = "RECOLA"  # the paper's corpus, as its data directories say it
HEAD = [
    "system", "dev CCC", "95 % interval", "single runs", "runs", "per recording", "dev RMSE", "dev PCC", "test CCC",
    "test RMSE",
]  # fmt: skip

NOTES = f"""CCC, RMSE and PCC are of the ensemble, the mean prediction of all runs; convention: {CONVENTION}.
*95 % interval*: of the dev CCC over the set's speakers, by the jackknife. *Single runs*: mean and sample deviation of
the CCC over the *runs*; *per recording*: mean of the recordings' own CCCs.
"""
OPTIMISTIC = "fitted on dev: optimistic"
OF_PAPER = "The paper's rows were measured on RECOLA's labels: do not compare them with results on another corpus.\n"


def notes(targets, directories=()):
    """Explain the tables' columns, and the paper's rows if a target has any; directories: as paper_rows takes them."""
    return NOTES + (OF_PAPER if any(paper_rows(target, directories) for target in targets) else "")


def our_rows(records, target):
    """Return the table rows of our systems, those scored on this target."""
    rows, found = [], by_system(records, target)
    for system in sorted({system for system, _ in found}):
        dev, test = (found.get((system, name), {}) for name in ("dev", "test"))
        rows.append([name_of(system, dev), *_figures(dev), *(_number(test, name) for name in ("ccc", "rmse"))])
    return rows


def name_of(system, dev):
    """Return a system's name, with the marks of its record of dev."""
    return system + marks_of(dev)


def marks_of(dev):
    """Return what makes a figure doubtful: post-processing fitted on dev, runs that failed or were too short; or ""."""
    marks = [OPTIMISTIC] if is_optimistic(dev) else []
    marks += [f"failed: {', '.join(dev['failed'])}"] if "failed" in dev else []
    marks += [f"too few epochs: {', '.join(dev['undecided'])}"] if "undecided" in dev else []
    return f" ({'; '.join(marks)})" if marks else ""


def names_of(records):
    """Return the names of all systems, with a mark where post-processing was fitted on dev: system -> name."""
    optimistic = {record["system"] for record in records if is_optimistic(record)}
    return {r["system"]: r["system"] + (f" ({OPTIMISTIC})" if r["system"] in optimistic else "") for r in records}


def is_optimistic(record):
    """Whether the post-processing of a system was fitted on dev."""
    return "fitted on dev" in record.get("postprocess", "")


def by_system(records, target):
    """Index the records of a target: (system, set) -> record."""
    return {(r["system"], r["set"]): r for r in reversed(records) if r["target"] == target}


def interval_of(record):
    """Return the interval of a record's CCC, or –."""
    return "{:z.3f} to {:z.3f}".format(*record["interval"]) if record.get("interval") else "–"


def mean_of_runs(record):
    """Return the mean CCC of a record's single runs, with their deviation if there are several."""
    spread = "" if record["ccc_std"] is None else f" ± {record['ccc_std']:.3f}"
    return f"{record['ccc_mean']:z.3f}{spread}"


def _figures(dev):
    runs = [mean_of_runs(dev), str(len(dev["runs"]))] if dev else ["–", "–"]
    more = (_number(dev, name) for name in ("ccc_per_recording", "rmse", "pcc"))
    return [_number(dev, "ccc"), interval_of(dev), *runs, *more]


def _number(record, name):
    return f"{record[name]:z.3f}" if name in record else "–"


def paper():
    """Read the paper's Tables 1 and 2: a list of rows, name of the column -> text, "-" where nothing was reported."""
    path = Path(__file__).parent / "paper_tables.tsv"
    lines = [(number, line) for number, line in csvs.lines(path) if not line.startswith("#")]
    names, *rows = (csvs.split(path, number, line, "\t") for number, line in lines)
    return [dict(zip(names, row, strict=True)) for row in rows]


def paper_rows(target, directories=()):
    """Return the paper's rows for a target, marked as measured on RECOLA.

    An empty list if one of the data directories is of a corpus that is neither the paper's nor made up in its place.
    """
    if not all(line.startswith((RECOLA, MADE_UP)) for one in directories for line in corpora_of(one)):
        return []
    figures = ["dev_ccc", "", "", "", "", "dev_rmse", "", "test_ccc", "test_rmse"]
    return [
        [f"*paper, RECOLA: {row['system']}*", *(row[name].replace("-", "–") if name else "" for name in figures)]
        for row in paper()
        if row["target"] == target
    ]


def tables(records, directories=()):
    """Return the tables with our systems and paper_rows(): target -> Markdown table."""
    targets = sorted({r["target"] for r in records})
    rows = {target: [*our_rows(records, target), *paper_rows(target, directories)] for target in targets}
    return {target: table([HEAD, *each]) for target, each in rows.items()}
