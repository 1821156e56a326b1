"""Report leave-one-speaker-out scores, over all speakers and per speaker: DIR/predict_all -> a section, score.json.

DIR/score.json is DIR/predict_all/score.json with other "speakers": speaker -> "ccc", "rmse" and "pcc" of the
ensemble, over the concatenated recordings, and "runs", the CCC of each run.
"""

import json
import statistics
import textwrap
from pathlib import Path

from cer.base.errors import program
from cer.base.facts import inputs_of
from cer.base.files import write_text
from cer.base.kinds import Count
from cer.base.markdown import table
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.base.words import counted
from cer.data.datadir import Archive, labels_of
from cer.data.predictions import ABOUT, read_about
from cer.scoring import scores
from local.results import sections
from local.results.tables import mean_of_runs

WHOLE = ["", "CCC", "single runs", "per recording", "RMSE", "PCC"]

TEXT = """## Leave one speaker out: {system}, {target}

Each speaker was predicted by models trained without that speaker: {speakers} folds, dev sets of {dev}.

{whole}

First line: {convention}, of the ensemble (the mean prediction of {num_runs}), and
the mean of the *single runs*. Second line: means over the speakers' own figures. ±: sample deviation.
{doubts}
{each}
"""


def speaker_scores(data, folder, target, runs):
    """Score each speaker: speaker -> {"ccc": number, "rmse": number, "pcc": number, "runs": [CCC of each run]}."""
    labels = labels_of(data, target)
    outputs = [Archive(folder / name / "output.scp", "run local/leave_one_out.sh") for name in [".", *runs]]
    found = {}
    for speaker, utterances in read_table(data / "spk2utt").items():
        mine = {key: labels[key] for key in utterances.split()}
        ensemble, *singles = (scores.score(mine, output, output.scp) for output in outputs)
        found[speaker] = {name: ensemble[name] for name in ("ccc", "rmse", "pcc")}
        found[speaker]["runs"] = [one["ccc"] for one in singles]
    return found


def report(record, num_dev, folds=None):
    """Return the section for the reports; record: content of DIR/score.json; num_dev: speakers per dev set.

    folds: speaker -> content of predictions.json, where they are known.
    """
    speakers, folds = record["speakers"], folds or {}
    few, many = (end([len(record["runs"]), *(len(one["runs"]) for one in folds.values())]) for end in (min, max))
    doubts = [f"- {speaker}: {line}\n" for speaker, one in folds.items() for line in scores.doubts(one)]
    if few < many:
        doubts.append(f"- Single runs are therefore {few}, the fewest that a fold has.\n")
    pooled = [f"{record['ccc']:z.3f}", mean_of_runs(record)]
    pooled += [f"{record[name]:z.3f}" for name in ("ccc_per_recording", "rmse", "pcc")]
    figures = {name: [one[name] for one in speakers.values()] for name in ("ccc", "rmse", "pcc")}
    runs = [statistics.fmean(one["runs"]) for one in speakers.values()]
    mean = [f"{statistics.fmean(figures['ccc']):z.3f} ± {statistics.stdev(figures['ccc']):.3f}"]
    rmse, pcc = (f"{statistics.fmean(figures[name]):z.3f}" for name in ("rmse", "pcc"))
    mean += [f"{statistics.fmean(runs):z.3f}", "", rmse, pcc]
    each = ", ".join(f"{name} {one['ccc']:z.3f}" for name, one in speakers.items())
    return TEXT.format(
        system=record["system"], target=record["target"], speakers=len(speakers),
        dev=counted(num_dev, "speaker"),
        whole=table([WHOLE, ["all speakers as one", *pooled], ["mean over speakers", *mean]]),
        num_runs=counted(many, "run"), doubts="".join(["\n", *doubts] if doubts else []),
        convention=scores.CONVENTION, each=textwrap.fill(f"CCC of each speaker: {each}.", 120, break_on_hyphens=False),
    )  # fmt: skip


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="data directory of all labelled utterances")
    options.add_argument("folder", help="the folder of the folds, with predict_all/score.json")
    options.add_argument("--num-dev", type=Count, required=True, help="speakers of each fold's dev set")
    values = options.parse(argv)
    folder = Path(values.folder)
    record = scores.read_score(folder / "predict_all" / "score.json")
    runs = [run["run"] for run in record["runs"]]
    record["speakers"] = speaker_scores(Path(values.data), folder / "predict_all", record["target"], runs)
    about = {speaker: folder / speaker / "predict" for speaker in record["speakers"]}
    about = {speaker: read_about(one) for speaker, one in about.items() if (one / ABOUT).exists()}
    text = report(record, values.num_dev, about)
    write_text(folder / "score.json", json.dumps(record, indent=1) + "\n")
    stamps = [folder / "predict_all" / ".done.score"]  # of all labels, and below, of all features
    stamps += [folder / speaker / "predict" / ".done" for speaker in record["speakers"]]
    sections.write(folder, "85-leave_one_out", text, inputs_of(stamps))
    print(text, end="")


if __name__ == "__main__":
    main()
