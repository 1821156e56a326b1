"""Export a model folder: model.onnx, all runs in one graph with the front end, and README.md that explains it."""

import importlib.metadata
import string
from pathlib import Path

import torch

from cer import __version__
from cer.base.errors import program
from cer.base.files import replacing, write_text
from cer.base.kinds import Count
from cer.base.options import Parser
from cer.export.exported import TOLERANCE, Exported
from cer.export.graph import INPUTS
from cer.prediction import postprocess
from cer.scoring.scores import CONVENTION, read_score

GRAPH, README = "model.onnx", "README.md"
SCALES = {
    "arousal": "from calm (−1) to excited (+1)",
    "valence": "from negative (−1) to positive (+1)",
}  # what a target's sign and range mean

TEXT = string.Template("""\
# $target from speech: $arch, an ensemble of $runs

`$graph` takes `$input`: $takes.
It gives `predictions`, float32 (rows,): $target every $shift s, value n at n × $shift s.
$details

## Run it

$before `pip install onnxruntime numpy`, then

```python
$example
```

## What the numbers mean

$target runs $scale. Predictions are in the units of the training labels (mean $mean, deviation $deviation) and
are not cut off at the ends of that scale. CCC here is the $convention.

## Scores

$scores

## What it was trained on

$training

## Versions

Made with $versions.
On $lengths lengths of noise the graph's predictions differed by $difference at most from those of the recipe's own
code (accepted: $tolerance).

## Licence

$licence
""")

SAMPLES = """\
import wave

import numpy as np
import onnxruntime

with wave.open("recording.wav") as file:
    found = file.getframerate(), file.getsampwidth(), file.getnchannels()
    if found != ($rate, 2, 1):
        raise SystemExit(f"found {found}, expected $rate Hz, 2 bytes a sample and 1 channel; convert it, e.g. with sox")
    samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
"""
FEATURES = """\
import numpy as np
import onnxruntime

$input = np.load("features.npy").astype(np.float32)  # (frames, $columns)
"""
REST = """\
session = onnxruntime.InferenceSession("$graph")
[predictions] = session.run(["predictions"], {"$input": $input})
for row, value in enumerate(predictions):
    print(f"{row * $shift:.2f} {value:.4f}")"""


def example(exported):
    """A Python program that runs the graph."""
    text = string.Template((SAMPLES if exported.kind == "samples" else FEATURES) + REST)
    return text.substitute(
        rate=f"{exported.rate:.0f}", columns=exported.front_end.feat_dim, input=exported.kind, graph=GRAPH,
        shift=f"{exported.front_end.label_shift:g}",
    )  # fmt: skip


def details(exported):
    """What the graph does with its input, as sentences."""
    end, steps = exported.front_end, exported.ensemble.postprocess
    text = [f"At {exported.rate:g} {'Hz' if exported.kind == 'samples' else 'frames a second'}, any length from"]
    text += [f"{exported.shortest} {exported.shape[0]} on; shorter input is an error or gives no sensible value."]
    if exported.fbank:
        text += [
            f"In the graph: {end.feat_dim} log mel filterbank features every {end.frame_shift:g} s, without dither,"
        ]
        text += ["as Kaldi's compute-fbank-feats makes them;"]
    if exported.kind != "normalised" and end.norm_means:
        text += [f"normalised by the recording's own mean{' and variance' if end.norm_vars else ''}:"]
        text += ["give whole recordings of one speaker, not pieces;"]
    if not exported.waveform:
        text += [f"{end.frame_subsampling_factor} frames make a row;"]
    text += ["the mean of all runs, any delay of the labels undone."]
    seconds = exported.description["train"]["rows"] / exported.description["train"]["utterances"] * end.label_shift
    text += [f"Learnt from recordings of {seconds:.0f} s on average: what it says of far shorter ones may be flat."]
    if steps:
        text += [f"Then {postprocess.describe(steps, end.label_shift)}."]
    return " ".join(text)


def training(exported, corpus):
    """The data and the options, as a list."""
    found, shift = exported.description, exported.front_end.label_shift
    sets = [
        f"{found[name]['utterances']} recordings of {found[name]['rows'] * shift / 60:.1f} minutes together ({why},"
        f" checksum {found[name]['checksum']})"
        for name, why in (("train", "training"), ("dev", "early stopping"))
    ]
    chosen = {name: value for name, value in {**found["options"], **found["training"]}.items() if name != "srand"}
    options = ", ".join(f"{name} {value}" for name, value in chosen.items())
    return f"- corpus: {corpus or 'not told'}\n- " + "\n- ".join(sets) + f"\n- options: {options}"


def licence(corpus, is_open):
    """What may be done with the folder."""
    code = "The code that made it, and what of it stands in the graph, is under the Apache License 2.0 (see LICENSE)."
    if is_open:
        return f"{code} The corpus, {corpus}, is generated by that code and open; it says nothing about real emotion."
    return (
        f"{code} The weights were learnt from the corpus {corpus or '(not told)'}. **A model that was trained on"
        " licensed data, such as RECOLA, may fall under that corpus's licence: ask before you pass it on.**"
    )


def scores(records):
    """The table of the records of score.json files."""
    rows = []
    for record in records:
        spread = f" ± {record['ccc_std']:.3f}" if record["ccc_std"] is not None else ""
        low_high = "–".join(f"{value:.3f}" for value in record.get("interval") or [])
        rows.append(
            f"| {record['set']} | {record['ccc']:.3f} | {low_high} | {record['ccc_mean']:.3f}{spread}"
            f" ({len(record['runs'])}) | {record['rmse']:.3f} | {record['pcc']:.3f} |"
        )
    head = ["| set | CCC, ensemble | 95 % interval | CCC, single runs (number) | RMSE | PCC |", "| --- " * 6 + "|"]
    return "\n".join(head + rows) if rows else "None were given (`steps/score.sh` makes them)."


def readme(exported, values, records, difference, versions):
    """The text of the exported folder's README."""
    end, kind, target = exported.front_end, exported.kind, exported.ensemble.target
    number, labels = len(exported.ensemble.models), exported.ensemble.labels
    before = f"With `recording.wav`, 16-bit, one channel, {exported.rate:.0f} Hz, beside `{GRAPH}`:"
    if kind != "samples":
        before = f"With `features.npy`, {kind if kind == 'normalised' else 'raw'} features of one recording, beside it:"
    return TEXT.substitute(
        target=target, arch=exported.description["arch"], runs=f"{number} runs" if number > 1 else "one run",
        graph=GRAPH, input=kind, takes=INPUTS[kind], shift=f"{end.label_shift:g}", details=details(exported),
        before=before, example=example(exported), scale=SCALES.get(target, "as its labels do"),
        mean=f"{labels.mean:.3f}", deviation=f"{labels.deviation:.3f}", convention=CONVENTION,
        scores=scores(records), training=training(exported, values.corpus), lengths=len(exported.lengths),
        versions=versions, difference=f"{difference:.1e}", tolerance=f"{TOLERANCE[kind]:g}",
        licence=licence(values.corpus, values.open),
    )  # fmt: skip


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)
    options = Parser(__doc__)
    options.add_argument("model", help="model folder: run1, run2 ..., or one of them")
    options.add_argument("folder", help=f"the folder to write {GRAPH} and {README} into")
    options.add_argument("--input", default="samples", help=f"what the graph takes: {', '.join(INPUTS)}")
    options.add_argument("--num-runs", type=Count, help="use only the first so many runs (default: all)")
    options.add_argument("--corpus", default="", help="the corpus's name, for the README")
    options.add_argument("--open", action="store_true", help="that corpus is open")
    options.add_argument("--score", action="append", default=[], metavar="FILE", help="score.json, for the README")
    values = options.parse(argv)
    records = [read_score(path) for path in values.score]
    exported, folder = Exported(values.model, values.input, values.num_runs), Path(values.folder)
    names = ("torch", "onnx", "onnxscript", "onnxruntime")
    versions = ", ".join(["cer " + __version__, *(f"{name} {importlib.metadata.version(name)}" for name in names)])
    about = {"target": exported.ensemble.target, "rate": f"{exported.rate:g}", "made_with": versions}
    graph = exported.to_onnx(about | {"label_shift": f"{exported.front_end.label_shift:g}"})
    difference = exported.check(graph)
    with replacing(folder / GRAPH, "wb") as file:
        file.write(graph)
    write_text(folder / README, readme(exported, values, records, difference, versions))
    print(f"{folder}: {GRAPH} of {len(graph) / 1e6:.1f} MB, at most {difference:.1e} from the recipe's own predictions")


if __name__ == "__main__":
    main()
