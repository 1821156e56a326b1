"""Measure how smooth the predictions are (the paper's Section 6.2) -> EXP/smoothness/<set>/smoothness.json, a section.

For the gold standard, and for each system's ensemble and the mean over its single runs: the share of power above 1 Hz
after subtracting each recording's mean; the standard deviation around these means; and the standard deviation of the
first difference.
"""

import json
import statistics
from pathlib import Path

from cer.base.errors import program
from cer.base.files import write_text
from cer.base.kinds import Name
from cer.base.markdown import table
from cer.base.options import Parser
from cer.data import frames
from cer.data.datadir import Archive, label_shift, labels_of
from cer.scoring.spectrum import deviation, share_below, step
from local.results import sections
from local.results.systems import outputs, scored
from local.results.tables import paper_rows

LIMIT = 1.0  # Hz, as in Section 5.2
MEASURES = ["share_above_1_hz", "deviation", "step"]

TEXT = """## How smooth the predictions are{paper}, set {set}

*Above 1 Hz*: share of the power above 1 Hz, each recording without its mean. *Deviation*: standard deviation around
the recordings' means. *Step*: standard deviation of the difference of one value and the next, {shift:g} s later. Both
are in the labels' units. Of several runs: the ensemble / the mean of the single runs.

{table}
"""


def measure(recordings, shift):
    """Measure the smoothness of recordings, a list of (T,), None where constants have none; shift: s between values."""
    below = share_below(recordings, shift, LIMIT)
    figures = [None if below is None else 1 - below, deviation(recordings), step(recordings)]
    return dict(zip(MEASURES, figures, strict=True))


def predictions(scp, labels):
    """Read the predictions of an scp file, cut to the length of their labels (utterance -> (T, 1)): list of (T,)."""
    archive = Archive(scp, "run stage 4 (steps/predict.sh)")
    return [frames.pair(archive[key], labels[key], f"{scp}: {key}")[0][:, 0] for key in labels]


def system(folder, labels, shift):
    """Return {"ensemble": result of measure(), "runs": its mean over the single runs, "number": number of runs}."""
    ensemble, runs = outputs(folder)
    each = [measure(predictions(scp, labels), shift) for scp in runs]
    mean = {name: _mean([one[name] for one in each]) for name in MEASURES} if each else None
    return {"ensemble": measure(predictions(ensemble, labels), shift), "runs": mean, "number": len(each)}


def _mean(values):
    return None if None in values else statistics.fmean(values)


def markdown(record, directories=()):
    """Return the section for the reports; directories: data directories whose labels they are."""
    targets = record["targets"]
    heads = ("above 1 Hz, %", "deviation", "step")
    rows = [["system", "runs", *(f"{target}: {what}" for target in targets for what in heads)]]
    rows.append(["gold standard", "", *(cell for one in targets.values() for cell in _cells(one["gold"]))])
    for name in sorted({name for one in targets.values() for name in one["systems"]}):
        found = [one["systems"].get(name) for one in targets.values()]
        runs = max(one["number"] for one in found if one)
        rows.append([name, runs, *(cell for one in found for cell in _system_cells(one))])
    paper = " (the paper's Section 6.2)" if any(paper_rows(target, directories) for target in targets) else ""
    return TEXT.format(paper=paper, set=record["set"], shift=record["label_shift"], table=table(rows))


def _system_cells(found):
    """The three cells of a result of system(), of its ensemble and, if it has several, of its runs; None: no result."""
    if not found:
        return ["–"] * len(MEASURES)
    return _cells(found["ensemble"], found["runs"]) if found["number"] > 1 else _cells(found["ensemble"])


def _cells(*each):
    """The three cells of results of measure()."""
    shares, deviations, steps = ([one[name] for one in each] for name in MEASURES)
    kinds = ([None if share is None else 100 * share for share in shares], 3), (deviations, 3), (steps, 4)
    return [" / ".join("–" if x is None else f"{x:.{digits}f}" for x in some) for some, digits in kinds]


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="folder of data directories, e.g. data/synth")
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    options.add_argument("--set", type=Name, default="dev", help="set (default: dev)")
    values = options.parse(argv)
    data, exp = Path(values.data) / values.set, Path(values.exp)
    shift, record = label_shift(data), {"set": values.set, "targets": {}}
    record["label_shift"] = shift
    for target, systems in scored(exp, values.set).items():
        labels = dict(labels_of(data, target))
        gold = measure([part for matrix in labels.values() for part in frames.stretches(matrix[:, 0])], shift)
        each = {name: system(folder, labels, shift) for name, folder in systems.items()}
        record["targets"][target] = {"gold": gold, "systems": each}
    folder = exp / "smoothness" / values.set
    write_text(folder / "smoothness.json", json.dumps(record, indent=1) + "\n")
    sections.write(folder, "60-smoothness", markdown(record, [data]))
    print(f"{folder}/smoothness.json: {', '.join(record['targets'])}")


if __name__ == "__main__":
    main()
