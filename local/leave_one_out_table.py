#!/usr/bin/env python3
"""Report leave-one-speaker-out: DIR/predict_all, scored as one, and each speaker alone -> leave_one_out.md, score.json.

DIR/score.json is the record of DIR/predict_all/score.json with "speakers": speaker -> the ensemble's "ccc", "rmse" and
"pcc", over the concatenated recordings, and "runs", the CCC of each run.
"""

import json
import statistics
from pathlib import Path

from cer.base.errors import program
from cer.base.files import write_text
from cer.base.kinds import Count
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.data.datadir import Archive, labels_of
from cer.scoring import scores

TEXT = """## Leave one speaker out: {system}, {target}

Every speaker was predicted by networks that never heard them: {speakers} folds, dev sets of {num_dev} speakers.

| | CCC | single runs | per recording | RMSE | PCC |
| --- | --- | --- | --- | --- | --- |
| all speakers as one | {ccc:.3f} | {runs} | {ccc_per_recording:.3f} | {rmse:.3f} | {pcc:.3f} |
| mean over speakers | {speaker_mean:.3f} ± {speaker_deviation:.3f} | {speaker_runs:.3f} | | {speaker_rmse:.3f} | {speaker_pcc:.3f} |

Convention of the first line: {convention}. CCC is of the ensemble, the mean prediction of {num_runs}; *single runs*:
mean and sample deviation over the runs. The second line: mean and sample deviation over the speakers' own figures.

| speaker | CCC | single runs | RMSE | PCC |
| --- | --- | --- | --- | --- |
{rows}
"""  # noqa: E501


def speaker_scores(data, folder, target, runs):
    """The scores of each speaker alone: speaker -> {"ccc": , "rmse": , "pcc": , "runs": [CCC of each run]}."""
    labels = labels_of(data, target)
    outputs = [Archive(folder / name / "output.scp", "run local/leave_one_out.sh") for name in [".", *runs]]
    found = {}
    for speaker, utterances in read_table(data / "spk2utt").items():
        mine = {key: labels[key] for key in utterances.split()}
        ensemble, *singles = (scores.score(mine, output, output.scp) for output in outputs)
        found[speaker] = {name: ensemble[name] for name in ("ccc", "rmse", "pcc")}
        found[speaker]["runs"] = [one["ccc"] for one in singles]
    return found


def report(record, num_dev):
    """The text of leave_one_out.md. record: that of DIR/score.json; num_dev: speakers of a dev set."""
    speakers = record["speakers"]
    means = {name: statistics.fmean(one[name] for one in speakers.values()) for name in ("ccc", "rmse", "pcc")}
    count = len(record["runs"])
    spread = "" if record["ccc_std"] is None else f" ± {record['ccc_std']:.3f}"
    rows = [
        f"| {name} | {one['ccc']:.3f} | {statistics.fmean(one['runs']):.3f} | {one['rmse']:.3f} | {one['pcc']:.3f} |"
        for name, one in speakers.items()
    ]
    figures = {name: record[name] for name in ("system", "target", "ccc", "ccc_per_recording", "rmse", "pcc")}
    return TEXT.format(
        **figures,
        speakers=len(speakers),
        num_dev=num_dev,
        runs=f"{record['ccc_mean']:.3f}{spread}",
        num_runs=f"{count} run{'s' if count > 1 else ''}",
        speaker_mean=means["ccc"],
        speaker_deviation=statistics.stdev(one["ccc"] for one in speakers.values()),
        speaker_runs=statistics.fmean(statistics.fmean(one["runs"]) for one in speakers.values()),
        speaker_rmse=means["rmse"],
        speaker_pcc=means["pcc"],
        convention=scores.CONVENTION,
        rows="\n".join(rows),
    )


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
    text = report(record, values.num_dev)
    write_text(folder / "score.json", json.dumps(record, indent=1) + "\n")
    write_text(folder / "leave_one_out.md", text)
    print(text, end="")


if __name__ == "__main__":
    main()
