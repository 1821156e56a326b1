"""The README of an exported system: how to run the graph, what its values mean, and its licence."""

import string

from cer.base.markdown import table
from cer.base.words import counted
from cer.data import targets
from cer.data.corpora import is_made_up
from cer.export.exported import TOLERANCE
from cer.export.graph import INPUTS
from cer.prediction import postprocess
from cer.prediction.recognizer import SHORTEST
from cer.scoring.scores import CONVENTION

GRAPH = "model.onnx"
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
    """Return a Python program that runs the graph."""
    text = string.Template((SAMPLES if exported.kind == "samples" else FEATURES) + REST)
    return text.substitute(
        rate=f"{exported.rate:.0f}", columns=exported.rows.feat_dim, input=exported.kind, graph=GRAPH,
        shift=f"{exported.rows.label_shift:g}",
    )  # fmt: skip


def details(exported):
    """Describe the graph's processing, in sentences."""
    rows, fitted = exported.rows, exported.ensemble.postprocess
    text = [f"At {exported.rate:g} {'Hz' if exported.kind == 'samples' else 'frames a second'}, any length from"]
    text += [f"{exported.shortest} {exported.shape[0]} on; shorter input is an error or gives no sensible value."]
    if exported.front_end and not exported.computed:
        text += [f"The graph computes {exported.front_end.describe()}."]
    if exported.kind != "normalised" and rows.norm_means:
        statistics = "mean and variance" if rows.norm_vars else "mean"
        text += [f"What the network reads is normalised by the recording's own {statistics}:"]
        text += ["give whole recordings of one speaker, not pieces."]
        if exported.kind == "samples":
            text += [f"Of less than {SHORTEST:g} s the recipe takes the training set's {statistics},"]
            text += ["this graph does not."]
    if not exported.computed:
        factor = rows.frame_subsampling_factor
        text += [f"{factor} frames make a row." if factor > 1 else "Each frame is a row."]
    text += ["A prediction is the mean of all runs, with any delay of the labels undone."]
    if fitted:
        text += [f"Then {postprocess.describe(fitted, rows.label_shift)}."]
    seconds = exported.description["train"]["rows"] / exported.description["train"]["utterances"] * rows.label_shift
    text += [f"The training recordings last {seconds:.0f} s on average: predictions for far shorter ones may be flat."]
    return " ".join(text)


def training(exported, corpus):
    """Describe the training data and options, as a Markdown list."""
    found, shift = exported.description, exported.rows.label_shift
    sets = [
        f"{counted(found[name]['utterances'], 'recording')} of {found[name]['rows'] * shift / 60:.1f} minutes together"
        f" ({why}, checksum {found[name]['checksum']})"
        for name, why in (("train", "training"), ("dev", "early stopping"))
    ]
    chosen = {name: value for name, value in {**found["options"], **found["training"]}.items() if name != "srand"}
    options = ", ".join(f"{name} {value}" for name, value in chosen.items())
    return f"- corpus: {corpus or 'not told'}\n- " + "\n- ".join(sets) + f"\n- options: {options}"


def licence(corpus, is_open):
    """State the licences of the code and of the weights."""
    code = "The code that made it, and what of it stands in the graph, is under the Apache License 2.0 (see LICENSE)."
    if is_open:
        return f"{code} The corpus, {corpus}, is generated by that code and open; it says nothing about real emotion."
    return (
        f"{code} The weights were learnt from the corpus {corpus or '(not told)'}. **A model that was trained on"
        " licensed data, such as RECOLA, may fall under that corpus's licence: ask before you pass it on.**"
    )


def scores(records):
    """Return a Markdown table of the records of score.json files."""
    if not records:
        return "None were given (`steps/score.sh` makes them)."
    rows = [["set", "CCC, ensemble", "95 % interval", "CCC, single runs (number)", "RMSE", "PCC"]]
    for record in records:
        spread = f" ± {record['ccc_std']:.3f}" if record["ccc_std"] is not None else ""
        low_high = " to ".join(f"{value:z.3f}" for value in record.get("interval") or [])
        singles = f"{record['ccc_mean']:z.3f}{spread} ({len(record['runs'])})"
        figures = [f"{record[name]:z.3f}" for name in ("ccc", "rmse", "pcc")]
        rows.append([record["set"], figures[0], low_high, singles, *figures[1:]])
    return table(rows)


def readme(exported, corpus, is_open, records, difference, versions):
    """Return the text of the exported folder's README.

    corpus: name, "": what the model says; is_open: whether the corpus is freely licensed; records: contents of
    score.json files; difference: the largest between the graph's predictions and the recipe's; versions: text that
    lists packages and versions.
    """
    rows, kind, target = exported.rows, exported.kind, exported.ensemble.target
    number, labels = len(exported.ensemble.models), exported.ensemble.labels
    own = {target: exported.description["ends"]} if "ends" in exported.description else {}
    if not corpus and (told := exported.description.get("corpora")):
        corpus, is_open = " and ".join(told), is_open or all(is_made_up([one]) for one in told)
    before = f"With `recording.wav`, 16-bit, one channel, {exported.rate:.0f} Hz, beside `{GRAPH}`:"
    if kind != "samples":
        before = f"With `features.npy`, {kind if kind == 'normalised' else 'raw'} features of one recording, beside it:"
    return TEXT.substitute(
        target=target, arch=exported.description["arch"], runs=f"{number} runs" if number > 1 else "one run",
        graph=GRAPH, input=kind, takes=INPUTS[kind], shift=f"{rows.label_shift:g}", details=details(exported),
        before=before, example=example(exported), scale=targets.scale(target, own),
        mean=f"{labels.mean:z.3f}", deviation=f"{labels.deviation:.3f}", convention=CONVENTION,
        scores=scores(records), training=training(exported, corpus), lengths=len(exported.lengths),
        versions=versions, difference=f"{difference:.1e}", tolerance=f"{TOLERANCE[kind]:g}",
        licence=licence(corpus, is_open),
    )  # fmt: skip
