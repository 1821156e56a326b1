"""Bad input of every kind: what the message names, the exit status, and that nothing made before is touched.

A row: what spoils the small world of bad_world.py, the command line in it, and what must be said. The usual tests run
the Python programs in one process; the slow ones run every row as its command line.
"""

import re

import pytest
from bad_world import (
    ANNOTATION,
    TRAIN,
    archive,
    both,
    changed,
    cut,
    drop,
    edit,
    field,
    folder,
    from_the_command_line,
    in_process,
    link,
    make,
    nothing,
    put,
    restore,
    snapshot,
    tensors,
)

PREDICT = "predict data/dev model out"
SMOOTH = "predict data/dev smooth out"
OWN = "predict_recordings sounds.scp own out"
SCORE = "score --system=good --set=dev data/dev exp/good/arousal/predict_dev"
FIT = "fit_postprocess --method=chain data/dev exp/good/arousal/predict_dev new"
FEATURES = "compute_feats --config=fbank.conf sounding out/feats"
PREPARE = "prepare RECOLA prepared"
CHECK = "train --check --arch={} --target=arousal {} data/train data/dev out"
ABOUT = "exp/good/arousal/predict_dev/predictions.json"
GOOD = "exp/good/arousal/predict_dev/score.json"
AGAIN = "remove its folder and train again"

MANY = ("width", "num-layers", "factor", "filter-width")


def net(arch, options, *message):
    """A row: options of a network."""
    return nothing, CHECK.format(arch, options), *message


def words(command, *message):
    """A row: the command line alone is wrong."""
    return nothing, command, *message


MODEL_JSON = [
    (put("model/run1/model.json", "[]"), PREDICT, "model/run1/model.json: found [], expected an object; ", AGAIN),
    (put("model/run1/model.json", ""), PREDICT, "run1/model.json: is not JSON", AGAIN),
    (put("model/run1/model.json", "{}"), PREDICT, "model.json: found no arch, dev, front_end, labels", AGAIN),
    (put("model/run1/model.json", "[" * 5000), PREDICT, "run1/model.json: is not JSON", AGAIN),
    (put("model/run1/model.json", b"\xff\xfe{}"), PREDICT, "run1/model.json:1: found UTF-16"),
    (put("model/run1/model.json", b'{"arch": "\xe4"}'), PREDICT, "run1/model.json:1: found b'\\xe4'"),
    (folder("model/run1/model.json"), PREDICT, "run1/model.json: cannot be read (Is a directory)", AGAIN),
    (cut("model/run1/model.json"), PREDICT, "run1/model.json: is not JSON", AGAIN),
    (field("model/run1/model.json", "front_end"), PREDICT, "run1/model.json: found no front_end", AGAIN),
    (field("model/run1/model.json", "labels"), PREDICT, "run1/model.json: found no labels", AGAIN),
    (field("model/run1/model.json", "target"), PREDICT, "run1/model.json: found no target", AGAIN),
    (field("model/run1/model.json", "training"), PREDICT, "run1/model.json: found no training", AGAIN),
    (field("model/run1/model.json", "result"), PREDICT, "run1/model.json: found no result", AGAIN),
    (field("model/run1/model.json", "arch", "lstm"), PREDICT, "model.json: arch: found lstm, expected one of blstm"),
    (
        field("model/run1/model.json", "corpora", ["\ud800"]),
        PREDICT,
        "model.json: found '\\ud800', half of a character",
        AGAIN,
    ),
    (field("model/run1/model.json", "arch", 3), PREDICT, "model.json: arch: found 3, expected letters"),
    (field("model/run1/model.json", "target", "../x"), PREDICT, "model.json: target: found '../x', expected letters"),
    (field("model/run1/model.json", "target", None), PREDICT, "model.json: target: found None, expected letters"),
    (field("model/run1/model.json", "options", []), PREDICT, "model.json: options: found [], expected an object"),
    (field("model/run1/model.json", "options.depth", 3), PREDICT, "model.json: options: found 'depth', expected num_"),
    (
        field("model/run1/model.json", "options.width", "4"),
        PREDICT,
        "options.width: found '4', expected a whole number",
    ),
    (field("model/run1/model.json", "options.width", 0), PREDICT, "options.width: found 0, expected a whole number fr"),
    (field("model/run1/model.json", "options.width", 99999), PREDICT, "model.json: dilated for rows of 16 columns has"),
    (
        field("model/run1/model.json", "options.width", 10**9),
        PREDICT,
        "options.width: found 1000000000, expected a whol",
    ),
    (field("model/run1/model.json", "options.width", True), PREDICT, "options.width: found True, expected a whole"),
    (
        field("model/run1/model.json", "options.activation", "gelu"),
        PREDICT,
        "model.json: found activation 'gelu'",
        AGAIN,
    ),
    (field("model/run1/model.json", "arch", "os"), PREDICT, "model/run1/model.json: arch: found os, expected one of"),
    (
        field("model/run1/model.json", "features", {"name": "waveform", "options": {"foo": 1}}),
        PREDICT,
        "found 'foo', exp",
    ),
    (
        field("model/run1/model.json", "features", {"name": "egemaps", "options": {"x": 1}}),
        PREDICT,
        "expected no fields",
    ),
    (
        field("own/run1/model.json", "global_cmvn", [[0] * 24, [0] * 24]),
        OWN,
        "global_cmvn: found rows of",
        "count of 0",
    ),
    (put("fbank.conf", "--allow-pipes=true\n"), FEATURES, "fbank.conf:1: unknown option --allow-pipes; known are"),
    (
        put("fbank.conf", "--part=1/2\n"),
        FEATURES,
        "fbank.conf:1: unknown option --part; known are",
    ),
    (field("model/run1/model.json", "labels.mean", float("nan")), PREDICT, "model.json: is not JSON (found NaN"),
    (field("model/run1/model.json", "labels.mean", 10**400), PREDICT, "labels.mean: found 1000", "expected a finite"),
    (
        field("model/run1/model.json", "labels.deviation", 0),
        PREDICT,
        "labels.deviation: found 0, expected a finite num",
    ),
    (field("model/run1/model.json", "labels.delay", 1.5), PREDICT, "labels.delay: found 1.5, expected a whole number"),
    (field("model/run1/model.json", "labels.delay", -1), PREDICT, "labels.delay: found -1, expected a whole number fr"),
    (field("model/run1/model.json", "front_end.frame_shift", 0), PREDICT, "front_end.frame_shift: found 0, expected a"),
    (
        field("model/run1/model.json", "front_end.feat_dim", -4),
        PREDICT,
        "front_end.feat_dim: found -4, expected a whole",
    ),
    (field("model/run1/model.json", "front_end.frame_subsampling_factor", 1e9), PREDICT, "factor: found 1000000000.0"),
    (field("model/run1/model.json", "front_end.norm_vars", 1), PREDICT, "norm_vars: found 1, expected true or false"),
    (
        field("model/run1/model.json", "front_end.norm_means", False),
        PREDICT,
        "model/run1/model.json: front_end: found ",
        "expected norm_vars to be false where norm_means is",
        AGAIN,
    ),
    (
        field("model/run1/model.json", "labels.edges", "wrap"),
        PREDICT,
        "model.json: labels.edges: found 'wrap', expected repeat or mask",
        AGAIN,
    ),
    (
        field("model/run1/model.json", "label_range", [2, 1]),
        PREDICT,
        "model.json: label_range: found [2, 1], expected the lower number first",
        AGAIN,
    ),
    (field("model/run1/model.json", "front_end.colour", 1), PREDICT, "front_end: found 'colour', expected feat_dim"),
    (field("model/run1/model.json", "train.rows", "x"), PREDICT, "train.rows: found 'x', expected a whole number"),
    (field("model/run2/model.json", "target", "valence"), PREDICT, "run2: its target differ from those of", "run1"),
    (
        field("own/run1/model.json", "features.options.num_mel_bins", 10**9),
        OWN,
        "options.num_mel_bins: found 1000000000, expected",
    ),
    (
        field("own/run1/model.json", "features.options.frame_length", 1e9),
        OWN,
        "options.frame_length: found 1000000000.0, expected",
    ),
    (
        field("own/run1/model.json", "features.options.window_type", "square"),
        OWN,
        "--window-type=square, expected one of povey",
    ),
    (field("own/run1/model.json", "features.options.num_mel_bins", 24), OWN, "own/run1/model.json", "24 columns"),
    (
        field("own/run1/model.json", "features.name", "mfcc"),
        OWN,
        "own/run1/model.json: features.name: found mfcc, expected",
    ),
    (field("own/run1/model.json", "features"), OWN, "own", "does not say how its features are computed"),
    (
        field("own/run1/model.json", "global_cmvn.0.0", 1e300),
        OWN + " --cmvn=global",
        "a: failed: a: arousal: found outputs of own/run1 that are no finite numbers",
        "1 of 1 recordings failed: a",
    ),
    (
        field("own/run1/model.json", "target", "wav"),
        OWN,
        "model.json: target: found 'wav', expected none of wav, f",
    ),
    (field("own/run1/model.json", "global_cmvn", [[1, 2], [3, 4]]), OWN, "own/run1/model.json: global_cmvn"),
    (
        field("own/run1/model.json", "global_cmvn", [[1, 2], [3]]),
        OWN,
        "global_cmvn[1]: found [3], expected a list of 2",
    ),
    (field("own/run1/model.json", "global_cmvn.0.3", "x"), OWN, "global_cmvn[0][3]: found 'x', expected a finite numb"),
]

WEIGHTS = [
    (
        put("model/run1/final.pt", b""),
        PREDICT,
        "model/run1/final.pt: cannot be read: its 0 bytes are no complete",
        AGAIN,
    ),
    (put("model/run1/final.pt", b"\x80" * 999), PREDICT, "model/run1/final.pt: cannot be read: its 999 bytes", AGAIN),
    (
        put("model/run1/final.pt", b"()"),
        PREDICT,
        "model/run1/final.pt: cannot be read: its 2 bytes are no complete",
        AGAIN,
    ),
    (cut("model/run1/final.pt"), PREDICT, "model/run1/final.pt: cannot be read", AGAIN),
    (folder("model/run1/final.pt"), PREDICT, "model/run1/final.pt: cannot be read (Is a directory)", AGAIN),
    (tensors("model/run1/final.pt", list), PREDICT, "run1/final.pt: found a list, expected tensors by their", AGAIN),
    (tensors("model/run1/final.pt", lambda w: {}), PREDICT, "run1/final.pt: 'layers.0.weight': found nothing", AGAIN),
    (tensors("model/run1/final.pt", lambda w: dict.fromkeys(w, 1)), PREDICT, "found a int that is no dense", AGAIN),
    (tensors("model/run1/final.pt", lambda w: w | {"x": w["output.bias"]}), PREDICT, "'x': found (1,)", "nothing as"),
    (
        tensors("model/run1/final.pt", lambda w: w | {"output.bias": w["output.bias"] * float("nan")}),
        PREDICT,
        "run1/final.pt: output.bias: found weights that are no finite numbers",
    ),
    (
        tensors("model/run1/final.pt", lambda w: w | {"output.bias": w["output.bias"].double()}),
        PREDICT,
        "'output.bias': found (1,) torch.float64, expected (1,) torch.float32 as model.json says",
    ),
    (
        field("model/run1/model.json", "options.width", 8),
        PREDICT,
        "'layers.0.weight': found (2, 16, 4) torch.float32, e",
    ),
    (
        field("model/run1/model.json", "options.num_layers", 3),
        PREDICT,
        "run1/final.pt: 'layers.2.weight': found nothing",
    ),
    (drop("model/run1/final.pt"), PREDICT, "model/run1: found no final.pt and model.json; run stage 3"),
    (drop("model/run1", "model/run2"), PREDICT, "model: found no trained run", "run stage 3"),
    (link("model/run1", "../x/run1"), PREDICT, "model/run1: links to ../x/run1, which is not there; copy its folder"),
    (both(drop("model/run1", "model/run2"), folder("model/run1x")), PREDICT, "model: found no trained run"),
    (both(drop("model/run1", "model/run2"), folder("model/run1.old")), PREDICT, "model: found no trained run"),
    (field("smooth/run1/model.json", "target", "valence"), SMOOTH, "smooth/run1/model.json", "checksum", "damaged or"),
    (field("smooth/run1/model.json", "labels.mean", 0.2), SMOOTH, "smooth/run1/model.json", "checksum", "damaged or"),
    (
        tensors("smooth/run1/final.pt", lambda w: w | {"output.bias": w["output.bias"] + 1}),
        SMOOTH,
        "smooth/run1/final.pt: has the checksum",
        "damaged or edited",
    ),
    (
        tensors("unfinished/checkpoint.pt", lambda s: s | {"model": {}}),
        TRAIN,
        "checkpoint.pt: 'layers.0.weight': found nothing",
    ),
    (
        tensors("unfinished/checkpoint.pt", lambda s: s | {"optimizer": {}}),
        TRAIN,
        "checkpoint.pt: its optimizer does not fit",
        "remove it to restart the training",
    ),
]

POSTPROCESS = [
    (
        put("smooth/postprocess.json", "{}"),
        SMOOTH,
        "smooth/postprocess.json: found no fitted_on, method, steps; fit it",
    ),
    (put("smooth/postprocess.json", "nonsense"), SMOOTH, "smooth/postprocess.json: is not JSON", "fit it again"),
    (
        field("smooth/postprocess.json", "steps", {}),
        SMOOTH,
        "postprocess.json: steps: found {}, expected a list; fit it",
    ),
    (
        field("smooth/postprocess.json", "steps.0.step", "blur"),
        SMOOTH,
        "steps[0]: found the step 'blur', expected one of",
    ),
    (field("smooth/postprocess.json", "steps.0"), SMOOTH.replace("dev", "none"), "data/none/feats.scp: cannot be read"),
    (field("smooth/postprocess.json", "steps.0.value", 0), SMOOTH, "steps[0].value: found 0, expected a whole number"),
    (field("smooth/postprocess.json", "steps.0.value", 2.5), SMOOTH, "steps[0].value: found 2.5, expected a whole"),
    (
        field("smooth/postprocess.json", "steps.0.value", 10**12),
        SMOOTH,
        "steps[0].value: found 1000000000000, expected",
    ),
    (field("smooth/postprocess.json", "steps.1.value", [1]), SMOOTH, "steps[1].value: found [1], expected a list of 2"),
    (
        field("smooth/postprocess.json", "steps.1.value.0", "x"),
        SMOOTH,
        "steps[1].value[0]: found 'x', expected a finite",
    ),
    (field("smooth/postprocess.json", "steps.2.value", None), SMOOTH, "steps[2].value: found None, expected a whole"),
    (field("smooth/postprocess.json", "steps.2.value"), SMOOTH, "steps[2]: found no value; fit it again"),
    (
        field("smooth/postprocess.json", "fitted_on", 1),
        SMOOTH,
        "postprocess.json: fitted_on: found 1, expected letters",
    ),
]

PREDICTIONS = [
    (put(ABOUT, "[]"), SCORE, "predictions.json: found [], expected an object; run stage 4"),
    (put(ABOUT, "{"), SCORE, "predictions.json: is not JSON", "run stage 4"),
    (drop(ABOUT), SCORE, "predictions.json: cannot be read (No such file or directory); run stage 4"),
    (put(ABOUT, "{}"), SCORE, "predictions.json: found no runs, shift, target; run stage 4"),
    (field(ABOUT, "runs", []), SCORE, "predictions.json: runs: found [], expected a list of 1 or more; run stage 4"),
    (field(ABOUT, "runs", ["run1", "run1"]), SCORE, "json: runs: found ['run1', 'run1'], expected each run once; run"),
    (field(ABOUT, "runs.0", "../run1"), SCORE, "predictions.json: runs[0]: found '../run1', expected letters"),
    (field(ABOUT, "runs.0", "run7"), SCORE, "predict_dev/run7/output.scp: cannot be read", "run stage 4"),
    (field(ABOUT, "target", ["arousal"]), SCORE, "predictions.json: target: found ['arousal'], expected letters"),
    (field(ABOUT, "target", "joy"), SCORE, "data/dev/joy.scp: cannot be read", "no labels to score against"),
    words(FIT.replace("data/dev", "'data/my dev'"), "my dev: found the set 'my dev', expected letters", "rename the"),
    (field(ABOUT, "shift", "fast"), FIT, "predictions.json: shift: found 'fast', expected a finite number"),
    (field(ABOUT, "shift", 0), FIT, "predictions.json: shift: found 0, expected a finite number above 0"),
    (field(ABOUT, "shift", 1e300), FIT, "predictions.json: shift: found 1e+300, expected a finite number above 0 to"),
    words(FIT.replace("chain", "magic"), "--method=magic: expected one of chain, gaussian"),
    words(SCORE.replace("=good", "="), "--system: found '', expected letters"),
    words("score data/dev 'a b/joy/predict_dev'", "predict_dev: found the system 'a b', from", "--system NAME"),
    words("score data/dev 'a/joy/my dev'", "my dev: found the set 'my dev', from .../SYSTEM/", "--set NAME"),
    words("score data/dev /", "/: found the system '', from .../SYSTEM/TARGET/predict_SET, expected letters"),
    words(SCORE.replace("--set=dev", "--set=a/b"), "--set: found 'a/b', expected letters"),
    words(SCORE.replace("data/dev", "''"), "argument folders: found '', expected"),
]

RESULTS = [
    (put("exp/results.json", "{"), "results/report exp", "exp/results.json: is not JSON", "stage 5 makes it"),
    (
        put("exp/results.json", "{}"),
        "results/report exp",
        "exp/results.json: found {}, expected a list; stage 5 makes it",
    ),
    (put("exp/results.json", "[1]"), "page/report data exp", "exp/results.json: [0]: found 1, expected an object"),
    (
        drop("exp/results.json"),
        "results/report exp",
        "exp/results.json: cannot be read (No such file",
        "stage 5 makes it",
    ),
    (field("exp/results.json", "0.ccc"), "results/report exp", "exp/results.json: [0]: found no ccc; stage 5 makes it"),
    (
        field("exp/results.json", "0.ccc", "0.5"),
        "results/report exp",
        "results.json: [0].ccc: found '0.5', expected a finite",
    ),
    (
        field("exp/results.json", "1.ccc", float("nan")),
        "results/report exp",
        "exp/results.json: is not JSON (found NaN",
    ),
    (field("exp/results.json", "1.ccc", 5), "results/report exp", "[1].ccc: found 5, expected a finite number from -1"),
    (field("exp/results.json", "1.rmse", -1), "results/report exp", "[1].rmse: found -1, expected a finite number fr"),
    (
        field("exp/results.json", "1.system", "good"),
        "results/report exp",
        "exp/results.json: found",
        "expected each system, target and set once; stage 5 makes it",
    ),
    (
        field("exp/results.json", "1.system", "../a"),
        "results/compare data exp",
        "results.json: [1].system: found '../a', exp",
    ),
    (
        field("exp/results.json", "1.set", ""),
        "paper/smoothness data exp",
        "results.json: [1].set: found '', expected letters",
    ),
    (
        field("exp/results.json", "1.runs", []),
        "paper/corpora exp",
        "results.json: [1].runs: found [], expected a list of 1",
    ),
    (
        field("exp/results.json", "1.interval", [1]),
        "results/report exp",
        "[1].interval: found [1], expected a list of 2 or null",
    ),
    (
        field("exp/results.json", "1.recordings", 3),
        "page/report data exp",
        "[1].recordings: found 3, expected an object",
    ),
    (
        put("exp/results.json", "[]"),
        "paper/figure5 data exp",
        "exp/results.json: found no system scored on dev; run stage 5",
    ),
    (
        put(GOOD, "{"),
        "results/collect_results exp",
        "good/arousal/predict_dev/score.json: is not JSON",
        "run stage 5 again",
    ),
    (
        put(GOOD, "[]"),
        "results/collect_results exp",
        "predict_dev/score.json: found [], expected an object; run stage 5 again",
    ),
    (field(GOOD, "runs.0.run", 1), "results/collect_results exp", "score.json: runs[0].run: found 1, expected letters"),
    (field(GOOD, "pcc"), "results/collect_results exp", "predict_dev/score.json: found no pcc; run stage 5 again"),
    (
        put("leave/predict_all/score.json", "[]"),
        "leave_one_out/table --num-dev=1 data/dev leave",
        "leave/predict_all/score.json: found [], expected an object",
    ),
    (put(GOOD, "{"), f"export --score={GOOD} own out", "predict_dev/score.json: is not JSON"),
    (
        put("exp/figure1/arousal.1.json", "[]"),
        "paper/figure1 exp",
        "arousal.1.json: found [], expected an object; run local/f",
    ),
    (field("exp/figure1/arousal.1.json", "runs.0", 1), "paper/figure1 exp", "runs[0]: found 1, expected an object"),
    (put("exp/figure1.curves.json", "{"), "page/report data exp", "/figure1.curves.json: is not JSON", "make it again"),
    (put("exp/figure1.curves.json", "[]"), "page/report data exp", "figure1.curves.json: found [], expected an object"),
    (
        put("exp/good/arousal/command", "make\n"),
        "results/report exp",
        "good/arousal/command: found 'make\\n', expected ./run.sh",
    ),
    (put("exp/good/arousal/command", b"\xff"), "results/report exp", "good/arousal/command:1: found b'\\xff'"),
    (
        put("exp/good/arousal/run1/progress.csv", "epoch\n1\n"),
        "page/report data exp",
        "run1/progress.csv:1: found the header 'epoch', expected epoch",
    ),
    (
        edit("exp/good/arousal/run1/progress.csv", "0.9", "low"),
        "page/report data exp",
        "run1/progress.csv:2: found 'low', expected a finite number",
    ),
    (
        put("talk.csv", "arousal\n1\n"),
        "page/recording talk.wav talk.csv",
        "talk.csv:1: found the header 'arousal', expected time",
    ),
    (
        put("talk.csv", "time,arousal\n0,nan\n0.04,1\n"),
        "page/recording talk.wav talk.csv",
        "talk.csv:2: found 'nan', expected a",
    ),
    (
        put("talk.csv", "time,arousal\n0,1\n0.04\n"),
        "page/recording talk.wav talk.csv",
        "talk.csv:3: found 1 columns in",
    ),
    (
        put("talk.csv", "time,arousal\n0,1\n"),
        "page/recording talk.wav talk.csv",
        "talk.csv: found 1 rows of predictions",
    ),
    (put("talk.csv", "time,arousal\n0,1\n0,1\n"), "page/recording talk.wav talk.csv", "talk.csv:2: found the time 0"),
    (put("talk.csv", b"time,arousal\n\xff,1\n"), "page/recording talk.wav talk.csv", "talk.csv:2: found b'\\xff'"),
    (put("own/wav.scp", ""), "page/draw_recordings own", "own/wav.scp: is empty"),
]

OPTIONS = [
    net("downup", "--width=0", "--width: found '0', expected a whole number from 1 to 100000"),
    net("downup", "--width=-3", "--width: found '-3', expected a whole number from 1"),
    net("downup", "--width=100000000", "--width: found '100000000', expected a whole number from 1 to 100000"),
    net("downup", "--width=99999", "downup for rows of 16 columns has more than 1e+08 weights; expected a smaller"),
    net("downup", "--width=many", "--width: found 'many', expected a whole number"),
    net("downup", "--width=", "--width: found '', expected a whole number"),
    net("downup", "--num-layers=20", "downup for rows of 16 columns has a period of 3486784401 rows"),
    net("downup", "--widht=3", "unrecognized arguments: --widht=3"),
    net("downup", "--activation=gelu", "found activation 'gelu', expected one of relu, tanh"),
    net(
        "downup", "--upsampling-filter-width=7", "found an upsampling filter of 7, expected a multiple of the factor 3"
    ),
    net("dilated", "--num-layers=0", "--num-layers: found '0', expected a whole number from 1 to 64"),
    net("dilated", "--num-layers=40", "dilated for rows of 16 columns has a receptive field of 1099511627775 rows"),
    net("dilated", "--num-layers=65", "--num-layers: found '65', expected a whole number from 1 to 64"),
    net("blstm", "--memory=2", "found a memory of 2 rows, expected 3 or more, or 0"),
    net("blstm", "--width=50000", "blstm for rows of 16 columns has more than 1e+08 weights"),
    net("dnn", "--dropout=1.5", "--dropout: found '1.5', expected a finite number from 0 to 1"),
    net("svr", "--cost=0", "--cost: found '0', expected a finite number above 0"),
    net("svr", "--window=0", "--window: found '0', expected a whole number from 1"),
    net("linear_stacking", "--context=9999", "has 319985 weights+ to be solved for".replace("weights+", "weights")),
    net("single", "--filter-width=100000 --num-filters=9999", "single for rows of 16 columns has more than 1e+08"),
    net("end_to_end", "--segment=0", "--segment: found '0', expected a whole number from 1"),
    net("sparse_coding", "--frames=3", "found rows of 16 columns, expected a multiple of 3 frames"),
    net("downup", "--learning-rate=nan", "--learning-rate: found 'nan', expected a finite number above 0"),
    net("downup", "--learning-rate=-1", "--learning-rate: found '-1', expected a finite number above 0"),
    net("downup", "--learning-rate=inf", "--learning-rate: found 'inf', expected a finite number above 0"),
    net("downup", "--l2=-5", "--l2: found '-5', expected a finite number from 0 on"),
    net("downup", "--max-epochs=0", "--max-epochs: found '0', expected a whole number from 1"),
    net("downup", "--patience=-1", "--patience: found '-1', expected a whole number from 1"),
    net("downup", "--patience=0", "--patience: found '0', expected a whole number from 1"),
    net("downup", "--srand=-1", "--srand: found '-1', expected a whole number from 0"),
    net("downup", "--norm-vars=maybe", "--norm-vars: found 'maybe', expected true or false"),
    net("lstm", "", "--arch=lstm: no such architecture; there are"),
    net("downup", "--target=", "--target: found '', expected letters"),
    net("downup", "--target=../arousal", "--target: found '../arousal', expected letters"),
    net("downup", "--use-gpu=maybe", "--use-gpu: invalid choice: 'maybe'"),
    net("downup", "--config=none.conf", "none.conf: cannot be read (No such file or directory); check the path"),
    (put("net.conf", "width 4\n"), TRAIN, "net.conf:1: found 'width 4', expected --name=value"),
    (put("net.conf", "--widht=4\n"), TRAIN, "net.conf:1: unknown option --widht; known are"),
    (put("net.conf", "# wide\n--width=wide\n"), TRAIN, "net.conf:2: argument --width: found 'wide', expected a whole"),
    (put("net.conf", "--width=4\n--width=5\n"), TRAIN, "net.conf:2: --width stands here for the second time, after li"),
    (put("net.conf", "--config=other.conf\n"), TRAIN, "net.conf:1: unknown option --config"),
    (put("net.conf", "--use-gpu=maybe\n"), TRAIN, "net.conf:1: unknown option --use-gpu"),
    (put("net.conf", b"--width=\xff\n"), TRAIN, "net.conf:1: found b'\\xff'"),
    (put("net.conf", b"\xff\xfe-\x00"), TRAIN, "net.conf:1: found UTF-16"),
    (folder("net.conf"), TRAIN, "net.conf: cannot be read (Is a directory)"),
    net("dilated", "--label-delay=soon", "--label-delay: found 'soon', expected none, search, or seconds from 0 on"),
    net("dilated", "--label-delay=nan", "--label-delay: found 'nan', expected none, search, or seconds from 0 on"),
    net("dilated", "--label-delay=-1", "--label-delay: found '-1', expected none, search, or seconds from 0 on"),
    words(TRAIN.replace("max-epochs=1", "delay-edges=cut"), "--delay-edges: found 'cut', expected repeat or mask"),
    words(TRAIN.replace("max-epochs=1", "norm-means=false"), "--norm-vars=true needs --norm-means=true"),
    words("train --arch=downup data/train", "the following arguments are required: --target"),
    words(PREDICT + " --num-runs=0", "--num-runs: found '0', expected a whole number from 1"),
    words(PREDICT + " --num-runs=-1", "--num-runs: found '-1', expected a whole number from 1"),
    words(PREDICT + " --part=3/2", "--part=3/2: expected J/N with 1 <= J <= N"),
    words(PREDICT + " --part=", "--part=: expected J/N with 1 <= J <= N"),
    words(OWN + " --channel=-1", "--channel: found '-1', expected a whole number from 0"),
    words(OWN + " --cmvn=none", "--cmvn: invalid choice: 'none'"),
    words("predict_live --step=nan own < talk.wav", "--step: found 'nan', expected a finite number above 0"),
    words("predict_live --step=-1 own < talk.wav", "--step: found '-1', expected a finite number above 0"),
    words("predict_live --step=0 own < talk.wav", "--step: found '0', expected a finite number above 0"),
    words("predict_live --channel=1 own < talk.wav", "standard input: channel 1 asked for, the file has 1"),
    words("predict_live own < talk.csv", "standard input: begins with b'time,arousal", "expected a wav file"),
    words("predict_live own", "standard input: empty (0 bytes); expected a wav file"),
    words("export --input=notes own out", "--input: invalid choice: 'notes' (choose from"),
    words("export --num-runs=0 own out", "--num-runs: found '0', expected a whole number from 1"),
    words("results/compare data exp --resamples 0", "--resamples: found '0', expected a whole number from 1"),
    words(
        "results/compare data exp --resamples 1000000000", "--resamples: found '1000000000', expected a whole number"
    ),
    words("results/compare data exp --srand -1", "--srand: found '-1', expected a whole number from 0"),
    words("results/compare data exp --targets=", "--targets: found '', expected names parted by commas"),
    words(
        "results/compare data exp --targets=arousal,arousal",
        "--targets: found 'arousal,arousal', expected names parted",
    ),
    words("results/compare data exp --systems good best", "--systems: found best, not scored on this set"),
    words("results/compare data exp --pairs good", "--pairs: found 'good', expected two names parted by ':'"),
    words("results/compare data exp --set test", "exp/results.json: found no system scored on test"),
    words("paper/figure5 data exp --start=nan", "--start: found 'nan', expected a finite number from 0"),
    words("paper/figure5 data exp --duration=-1", "--duration: found '-1', expected a finite number above 0"),
    words("paper/figure5 data exp --recording=P77", "--recording=P77: not in data/dev/arousal.scp"),
    words("paper/corpora exp --pairs a:b", "--pairs: found 'a:b', expected a:b of good, poor"),
    words("paper/corpora exp --sets=", "--sets: found '', expected names parted by commas"),
    words("page/report data exp --max-size=nan", "--max-size: found 'nan', expected a finite number from 0"),
    words("page/recording --channel=-1 talk.wav talk.csv", "--channel: found '-1', expected a whole number from 0"),
    words("page/recording --channel=1 talk.wav talk.csv", "talk.wav: channel 1 asked for, the file has 1"),
    words(
        "paper/figure1_train --target=arousal --job=0 data/train data/dev p",
        "--job: found '0', expected a whole number",
    ),
    words("paper/figure1_train --target=arousal --job=20 data/train data/dev p", "--job=20: found a filter of 0 rows"),
    words("paper/figure1_train --target=arousal --job=1 --num-runs=0 data/train data/dev p", "--num-runs: found '0'"),
    words("leave_one_out/folds --num-dev=0 data/dev out", "--num-dev: found '0', expected a whole number from 1"),
    words("leave_one_out/folds --num-dev=3 data/dev out", "found 3 labelled speakers and --num-dev=3, expected"),
    words("benchmark/ratios dilate", "found the row dilate, expected some of dilated"),
    words("benchmark/ratios --repeats=0", "--repeats: found '0', expected a whole number from 1"),
    words("benchmark/ratios --section", "--section: expected --exp"),
]

SEARCH = [
    (put("plan.conf", "--width=4 wide\n"), "search/plan --arch=downup plan.conf", "plan.conf:1", "found 'wide', expe"),
    (put("plan.conf", "--widht=4\n"), "search/plan --arch=downup plan.conf", "plan.conf:1: found --widht, which ca"),
    (put("plan.conf", "--srand=1 2\n"), "search/plan --arch=downup plan.conf", "plan.conf:1: found --srand, which"),
    (put("plan.conf", "--width=\n"), "search/plan --arch=downup plan.conf", "plan.conf:1: found the values ''"),
    (put("plan.conf", "--width=4\n--width=8\n"), "search/plan --arch=downup plan.conf", "plan.conf:2: --width stands"),
    (put("plan.conf", "--learning-rate=nan\n"), "search/plan --arch=downup plan.conf", "plan.conf:1", "found 'nan'"),
    (put("plan.conf", "# none\n"), "search/plan --arch=downup plan.conf", "plan.conf: is empty, expected lines such"),
    (put("plan.conf", b"--width=\xff\n"), "search/plan --arch=downup plan.conf", "plan.conf:1: found b'\\xff'"),
    (
        put("plan.conf", "".join(f"--{n}={' '.join(map(str, range(1, 101)))}\n" for n in ("width", "srand", "factor"))),
        "search/plan --arch=downup plan.conf",
        "plan.conf:2: found --srand",
    ),
    (
        put("plan.conf", "".join(f"--{n}={' '.join(map(str, range(1, 65)))}\n" for n in MANY)),
        "search/plan --arch=downup --num-samples=40 plan.conf",
        "plan.conf: has 16777216 points", "of 1000000 points at most",
    ),
    (put("plan.conf", "--factor=2\n"), "search/plan --arch=downup plan.conf", "point factor=2 cannot be: found an up"),
    words("search/plan --arch=downup --num-samples=-1 plan.conf", "--num-samples: found '-1', expected a whole number"),
    words("search/plan --arch=lstm plan.conf", "--arch=lstm: no such architecture"),
    (put("search/trials", ""), "search/table --arch=downup --num-runs=1 search plan.conf", "search/trials: is empty"),
    (put("search/trials", "x y\n"), "search/table --arch=downup --num-runs=1 search plan.conf", "trials:1: found"),
    words("search/table --arch=downup --num-runs=0 search plan.conf", "--num-runs: found '0', expected a whole number"),
]  # fmt: skip

FRONT_END = [
    (
        put("fbank.conf", "--frame-length=1e9\n"),
        FEATURES,
        "fbank.conf:1: argument --frame-length: found '1e9', expected",
    ),
    (put("fbank.conf", "--frame-length=99999\n"), FEATURES, "fbank options: a window of 1599984 samples every 160"),
    (put("fbank.conf", "--num-mel-bins=1000000000\n"), FEATURES, "fbank.conf:1: argument --num-mel-bins: found '10000"),
    (put("fbank.conf", "--num-mel-bins=0\n"), FEATURES, "fbank.conf:1: argument --num-mel-bins: found '0', expected a"),
    (
        put("fbank.conf", "--sample-frequency=8000\n--num-mel-bins=190\n"),
        FEATURES,
        "fbank options: 190 mel bins leave some without a point",
    ),
    (
        put("fbank.conf", "--frame-shift=0\n"),
        FEATURES,
        "fbank.conf:1: argument --frame-shift: found '0', expected a fini",
    ),
    (put("fbank.conf", "--frame-shift=0.001\n"), FEATURES, "fbank options: a window of 400 samples every 0"),
    (put("fbank.conf", "--sample-frequency=nan\n"), FEATURES, "fbank.conf:1: argument --sample-frequency: found 'nan'"),
    (
        put("fbank.conf", "--sample-frequency=0\n"),
        FEATURES,
        "fbank.conf:1: argument --sample-frequency: found '0', exp",
    ),
    (
        put("fbank.conf", "--low-freq=9000\n"),
        FEATURES,
        "fbank options: filters from 9000.0 to 8000.0 Hz within 0 to 8000",
    ),
    (put("fbank.conf", "--high-freq=-9000\n"), FEATURES, "fbank options: filters from 20.0 to -1000.0 Hz"),
    (
        put("fbank.conf", "--dither=-1\n"),
        FEATURES,
        "fbank.conf:1: argument --dither: found '-1', expected a finite numb",
    ),
    (put("fbank.conf", "--window-type=square\n"), FEATURES, "found --window-type=square, expected one of povey"),
    (
        put("fbank.conf", "--use-energy=yes\n"),
        FEATURES,
        "fbank.conf:1: argument --use-energy: found 'yes', expected true",
    ),
    (put("fbank.conf", "--vtln-low=100\n"), FEATURES, "fbank.conf:1: unknown option --vtln-low; known are"),
    (put("fbank.conf", "num-mel-bins 40\n"), FEATURES, "fbank.conf:1: found 'num-mel-bins 40', expected --name=value"),
    (put("fbank.conf", "--sample-frequency=16000\n"), FEATURES, "P00: found 8000 Hz, expected 16000 Hz", "--allow-ups"),
    words(FEATURES + " --channel=-2", "--channel: found '-2', expected a whole number from -1"),
    words(FEATURES + " --channel=3", "channel 3 asked for"),
    words(FEATURES + " --compress=some", "--compress: invalid choice: 'some'"),
    words(FEATURES + " --part=0/1", "--part=0/1: expected J/N with 1 <= J <= N"),
    (put("sounding/wav.scp", "P00 none.wav\n"), FEATURES, "none.wav", "No such file"),
    (put("sounding/wav.scp", "P00 sox talk.wav -t wav - |\n"), FEATURES, "sounding/wav.scp:1: P00: found the pipe"),
    (put("sounding/segments", "P00 P00 0 inf\n"), FEATURES, "sounding/segments:1: P00", "inf"),
    (put("sounding/segments", "P00 P00 nan 1\n"), FEATURES, "sounding/segments:1: P00", "nan"),
    (put("sounding/segments", "P00 P00 1 0.5\n"), FEATURES, "sounding/segments:1: P00", "expected"),
    (put("sounding/segments", "P00 P77 0 1\n"), FEATURES, "segments:1: P00: its recording P77 is not in"),
    (put("sounding/segments", "P00 P00 0 9\n"), FEATURES, "P00: found 0 to 9 s of a recording of 2 s"),
    (put("sounding/reco2file_and_channel", "P00 talk C\n"), FEATURES, "reco2file_and_channel:1: P00: found 'talk C'"),
]

DATA = [
    (drop("data/dev/feats.scp"), PREDICT, "data/dev/feats.scp: cannot be read (No such file", "run stage 1"),
    (put("data/dev/feats.scp", ""), PREDICT, "data/dev/feats.scp: is empty; run stage 1"),
    (put("data/dev/feats.scp", "P00\n"), PREDICT, "data/dev/feats.scp:1: found 'P00', expected an id, a blank and"),
    (put("data/dev/feats.scp", b"P00 \xff:4\n"), PREDICT, "data/dev/feats.scp:1: found b'\\xff'"),
    (put("data/dev/feats.scp", "P00 none.ark:4\n"), PREDICT, "data/dev/feats.scp: P00: cannot read none.ark:4"),
    (put("data/dev/feats.scp", "P00 cat x |\n"), PREDICT, "data/dev/feats.scp: P00", "command"),
    (edit("data/dev/feats.scp", "P01", "P00"), PREDICT, "data/dev/feats.scp:2: P00 stands here for the second time"),
    (edit("data/dev/feats.scp", "P01", "../P01"), PREDICT, "data/dev/feats.scp:2: found the id '../P01'"),
    (cut("data/dev/data/feats.ark", 0.1), PREDICT, "data/dev/feats.scp: P0", "cannot read", "feats.ark"),
    (put("data/dev/data/feats.ark", b""), PREDICT, "data/dev/feats.scp: P00: cannot read"),
    (archive("data/dev/feats", lambda m: {k: x[:, :3] for k, x in m.items()}), PREDICT, "P00: found 200 frames of 3"),
    (archive("data/dev/feats", lambda m: {k: x[:0] for k, x in m.items()}), PREDICT, "data/dev/feats.scp: P00"),
    (
        archive("data/dev/feats", lambda m: {k: x + float("inf") for k, x in m.items()}),
        PREDICT,
        "data/dev/feats.scp: P00",
        "finite",
    ),
    (drop("data/dev/cmvn.scp"), PREDICT, "data/dev/cmvn.scp: cannot be read", "run stage 2"),
    (edit("data/dev/cmvn.scp", "P01", "P09"), PREDICT, "data/dev/cmvn.scp: P01 is missing; run utils/fix_data_dir.sh"),
    (
        archive("data/dev/cmvn", lambda m: {k: x[:, :3] for k, x in m.items()}),
        PREDICT,
        "cmvn.scp: P00",
        "found shape (2",
    ),
    (
        archive("data/dev/cmvn", lambda m: {k: x * 0 for k, x in m.items()}),
        PREDICT,
        "cmvn.scp: P00",
        "at least 1 frame",
    ),
    (drop("data/dev/utt2spk"), PREDICT, "data/dev/utt2spk: cannot be read", "run stage 0"),
    (edit("data/dev/utt2spk", "P01 P01\n", ""), PREDICT, "data/dev/utt2spk: P01 is missing; run utils/fix_data_dir.sh"),
    (
        put("data/dev/frame_shift", "inf\n"),
        PREDICT,
        "data/dev/frame_shift: found 'inf', expected a finite number above 0",
    ),
    (put("data/dev/frame_shift", "-0.01\n"), PREDICT, "data/dev/frame_shift: found '-0.01', expected a finite number"),
    (put("data/dev/frame_shift", "0.02\n"), PREDICT, "data/dev/frame_shift: found 0.02, expected 0.01 as in the"),
    (put("data/dev/frame_shift", b"\xff\n"), PREDICT, "data/dev/frame_shift:1: found b'\\xff'"),
    (put("data/train/label_shift", "inf\n"), TRAIN, "data/train/label_shift: found 'inf', expected a finite number"),
    (
        put("data/train/label_shift", "1e300\n"),
        TRAIN,
        "data/train/label_shift: found '1e300', expected a finite number",
    ),
    (put("data/train/label_shift", "3600\n"), TRAIN, "labels every 3600 s and features every 0.01 s: expected 10000"),
    (put("data/train/label_shift", "fast\n"), TRAIN, "data/train/label_shift: found 'fast', expected a finite number"),
    (put("data/train/label_shift", ""), TRAIN, "data/train/label_shift: found '', expected a finite number"),
    (drop("data/train/label_shift"), TRAIN, "data/train/label_shift: cannot be read (No such file"),
    (put("data/train/frame_shift", "60\n"), TRAIN, "labels every 0.04 s and features every 60 s"),
    (both(drop("data/train/frame_shift"), put("data/train/utt2dur", "P00 x\n")), TRAIN, "data/train/utt2dur", "'x'"),
    (both(drop("data/train/frame_shift"), put("data/train/utt2num_frames", "P00 0\n")), TRAIN, "utt2num_frames", "'0'"),
    (
        both(drop("data/train/frame_shift"), put("data/train/utt2dur", "P00 inf\n")),
        TRAIN,
        "data/train/utt2dur",
        "'inf'",
    ),
    (drop("data/train/arousal.scp"), TRAIN, "data/train/arousal.scp: cannot be read", "run stage 0"),
    (archive("data/train/arousal", lambda m: {k: x[:-10] for k, x in m.items()}), TRAIN, "data/train", "P00: found 50"),
    (
        archive("data/train/arousal", lambda m: {k: x * 0 + 1 for k, x in m.items()}),
        TRAIN,
        "data/train: all labels are 1",
    ),
    (
        archive("data/train/arousal", lambda m: {k: x.repeat(2, 1) for k, x in m.items()}),
        TRAIN,
        "P00: found shape (51, 2",
    ),
    (archive("data/train/arousal", lambda m: {k: x * float("nan") for k, x in m.items()}), TRAIN, "arousal.scp", "P00"),
    (
        edit("data/train/arousal.scp", "P00", "Q00"),
        TRAIN.replace("arousal --c", "valence --c"),
        "valence.scp: cannot be",
    ),
    (put("ids", "P77\n"), "compute_cmvn_stats ids data/dev/feats.scp out/c", "ids:1: found 'P77', expected an id"),
    (put("ids", "P00 P77\n"), "compute_cmvn_stats ids data/dev/feats.scp out/c", "feats.scp: P77 of P00 missing"),
    (
        both(archive("data/dev/feats", lambda m: m | {"P01": m["P01"][:, :3]}), put("ids", "P00 P00 P01\n")),
        "compute_cmvn_stats ids data/dev/feats.scp out/c",
        "feats.scp: P01: found 200 frames of 3 columns, expected 4 columns as in P00; make its features again",
    ),
    (
        both(archive("data/dev/feats", lambda m: m | {"P00": m["P00"][:0, :0]}), put("ids", "P00 P00\n")),
        "compute_cmvn_stats ids data/dev/feats.scp out/c",
        "feats.scp: P00: found 0 frames of 0 columns, expected a frame or more",
    ),
    (archive("exp/good/arousal/predict_dev/output", {}), SCORE, "output.scp: is empty; run stage 4"),
    (
        archive("exp/good/arousal/predict_dev/output", lambda m: {k: x[:-10] for k, x in m.items()}),
        SCORE,
        "P00: found 40 rows",
    ),
    (edit("exp/good/arousal/predict_dev/output.scp", "P01", "P09"), SCORE, "output.scp: no prediction for P01"),
    (
        put("sounds.scp", "a none.wav\n"),
        OWN,
        "a: failed: none.wav: cannot be read (No such file",
        "1 of 1 recordings failed: a",
    ),
    (
        put("sounds.scp", "a /dev/zero\n"),
        OWN,
        "a: failed: /dev/zero: found a pipe or device, expected a file",
        "1 of 1",
    ),
    (put("sounds/a.wav", b""), OWN, "sounds/a.wav", "1 of 1 recordings failed: a"),
    (put("sounds/a.wav", "<!DOCTYPE html><html>404</html>"), OWN, "sounds/a.wav", "1 of 1 recordings failed: a"),
    (cut("sounds/a.wav"), OWN, "sounds/a.wav", "8000", "1 of 1 recordings failed: a"),
    (put("sounds.scp", "a\n"), OWN, "sounds.scp:1: found 'a', expected an id, a blank and a value"),
    (put("sounds.scp", "../a sounds/a.wav\n"), OWN, "sounds.scp:1: found the id '../a'"),
    words("list_recordings none", "none: cannot be read (No such file or directory)"),
    words("list_recordings data", "data: found no audio file"),
    (put("my.txt", b"a.wav\n\xff\n"), "list_recordings my.txt", "my.txt:2: found b'\\xff', which is not UTF-8"),
    (put("my.txt", "\n"), "list_recordings my.txt", "my.txt: is empty"),
    (put("my.txt", "x/a.wav\nx/a.mp3\n"), "list_recordings my.txt", "both would be called a; rename one of them"),
    (
        put("my.scp", "a touch x |\n"),
        "list_recordings my.scp",
        "my.scp:1: found the command 'touch x |', which is not run",
    ),
    (
        put("my.csv", "id,file\na,b\n"),
        "list_recordings my.csv",
        "my.csv: found the columns id, file, expected one that is called path; --column names another",
    ),
    (put("my.csv", "path,x\na.wav\n"), "list_recordings my.csv", "my.csv:2: found 'a.wav', expected 2 columns"),
    (put("my.csv", "path,x\n,y\n"), "list_recordings my.csv", "my.csv:2: found ',y', expected 2 columns with a path"),
    (put("my.csv", 'path\n"a.wav\n'), "list_recordings my.csv", "my.csv:2: is no CSV (unexpected end of data)"),
    (put("my.csv", "path\n"), "list_recordings my.csv", "my.csv: found no rows below the names of the columns"),
]

CORPUS = [
    words("prepare none prepared", "none: found neither RECOLA-Audio-recordings"),
    words("prepare --targets= RECOLA prepared", "--targets: found '', expected names parted by commas, each once"),
    words("prepare --targets=arousal,arousal RECOLA prepared", "--targets: found 'arousal,arousal', expected names"),
    words("prepare --targets=joy RECOLA prepared", "joy/P1.csv: no such file"),
    words("prepare --gold-standard=median RECOLA prepared", "--gold-standard=median: expected one of"),
    words("prepare --annotators=FM1,FM1 RECOLA prepared", "--annotators: found 'FM1,FM1', expected names"),
    words("prepare --annotators=XY RECOLA prepared", "found no rater XY; there are FM1, FF1"),
    words("prepare --partition=none RECOLA prepared", "none: cannot be read (No such file", "--partition"),
    (put("RECOLA/partition.txt", "train P1\nvalid P2\n"), PREPARE, "partition.txt:2: found 'valid P2', expected train"),
    (put("RECOLA/partition.txt", "train P1\ndev P1\n"), PREPARE, "partition.txt:2: P1 stands here in dev"),
    (put("RECOLA/partition.txt", b"train \xff\n"), PREPARE, "partition.txt:1: found b'\\xff'"),
    (put("RECOLA/partition.txt", "train P1\ndev P7\n"), PREPARE, "dev needs P7, which is not there"),
    (put(f"{ANNOTATION}/arousal/P1.csv", ""), PREPARE, "arousal/P1.csv: is empty"),
    (put(f"{ANNOTATION}/arousal/P1.csv", "a,b\n1,2\n"), PREPARE, "arousal/P1.csv:1: found the header 'a,b'"),
    (edit(f"{ANNOTATION}/arousal/P1.csv", "0.08;", "0.08;x"), PREPARE, "arousal/P1.csv:4: found 'x"),
    (edit(f"{ANNOTATION}/arousal/P1.csv", "0.08;", "0.08;7;"), PREPARE, "arousal/P1.csv:4: found 4 columns"),
    (edit(f"{ANNOTATION}/arousal/P1.csv", "0.08;", "0.06;"), PREPARE, "P1.csv:4: found the time 0.06, expected 0.08"),
    (put(f"{ANNOTATION}/arousal/P1.csv", b"time;\xff\n0;1\n"), PREPARE, "arousal/P1.csv", "\\xff"),
    (cut(f"{ANNOTATION}/arousal/P1.csv"), PREPARE, "arousal/P1.csv"),
    (cut("RECOLA/RECOLA-Audio-recordings/P1.wav"), PREPARE, "P1.wav", "truncated"),
    (put("RECOLA/RECOLA-Audio-recordings/P1.wav", b"RIFF"), PREPARE, "P1.wav"),
    words("generate --duration=1 new", "--duration: found '1', expected a whole number from 5 on"),
    words("generate --num-speakers=0 new", "--num-speakers: found '0', expected a whole number from 1 to 9"),
    words("generate --seed=x new", "--seed: found 'x', expected a whole number"),
    words("generate --job=3 --num-jobs=2 new", "--job: found 3, expected 1 to 2"),
    words("generate --num-speakers=1 --duration=5 RECOLA", "RECOLA"),
]

UTILS = [
    words("run", "run.py: found nothing after the options, expected a log file and a command"),
    words("run JOB=4:1 x.JOB.log true", "run.py: found the range JOB=4:1, expected first:last with 1 <= first <= last"),
    words("run JOB=1:3 x.log true", "run.py: you are putting the output into just one log file"),
    words("run JOB=0:3 x.JOB.log true", "run.py: found the range JOB=0:3"),
    words(
        "run --max-jobs-run 0 x.log true", "run.py: --max-jobs-run: found '0', expected a whole number of at least 1"
    ),
    words("slurm --colour blue x.log true", "slurm.py: found --colour blue, which conf/slurm.conf does not describe"),
    words("slurm --config none x.log true", "slurm.py: --config", "none"),
    (put("conf/slurm.conf", "command\n"), "slurm x.log true", "slurm.py: conf/slurm.conf: found no line"),
    (put("conf/slurm.conf", "comand sbatch\n"), "slurm x.log true", "slurm.conf:1: found 'comand sbatch', expected"),
    (put("conf/slurm.conf", "command 'sbatch\n"), "slurm x.log true", "slurm.conf:1: found", "words as in a shell"),
    (put("conf/slurm.conf", "command sbatch\noption mem=* --mem\n"), "slurm x.log true", "slurm.conf:2: found", "$0"),
    words("data_dir validate none", "none"),
    (
        put("data/dev/utt2spk", "P01 P01\nP00 P00\n"),
        "data_dir validate --no-text data/dev",
        "utt2spk:2: found P00 after",
    ),
    (put("data/dev/utt2spk", "P00\n"), "data_dir validate --no-text data/dev", "utt2spk:1: found"),
    words("data_dir fix none", "none"),
    words("data_dir split data/dev 0", "0"),
    words("data_dir split data/dev 9", "9"),
    words("data_dir subset --utt-list none data/dev few", "none"),
    (
        put("talk.rttm", "SPEAKER P00\n"),
        "select_time talk.rttm data/dev new",
        "talk.rttm:1: found 'SPEAKER P00', expec",
    ),
    (put("talk.srt", "1\n0:0:1 -> 2\n"), "select_time talk.srt data/dev new", "talk.srt:2: found '0:0:1 -> 2', expec"),
    words("summarise_intervals --segments=none ids exp new", "no such file none; --segments names the table"),
    (put("talk.TextGrid", "a"), "summarise_intervals talk.TextGrid exp new", "talk.TextGrid:1: found 'a', expected"),
    (put("ids", "P77\n"), "data_dir subset --utt-list ids data/dev few", "ids: none of its 1 ids"),
    words("page/report data exp --sets none", "--sets: found none, expected data directories in data"),
    words("generate --duration=long corpus", "--duration: found 'long', expected a whole number"),
    words("in_one_process none 1 1", "none: No such file or directory; expected a file of commands"),
    words("data_dir none", "found none, expected the name of a script: fix_data_dir.sh"),
    words("data_dir combine data/dev data/dev data/train", "data/dev: is read and would be written over"),
]

SHELL = [
    words("steps/predict.sh data/none model out", "no such file data/none/feats.scp; stage 1 makes it"),
    words("steps/predict.sh data/dev none out", "none"),
    words("steps/predict.sh --nj", "expected a value after it"),
    words("steps/predict.sh --num-runs 5 data/dev model out", "found 2 trained runs in model, expected 5"),
    words("steps/predict.sh --colour blue data/dev model out", "--colour, which is no option of this script"),
    words("steps/score.sh data/dev none", "none; stage 4 (steps/predict.sh) makes it"),
    words("steps/make_fbank.sh none", "none/wav.scp"),
    words("steps/compute_cmvn_stats.sh none", "none/feats.scp", "stage 1"),
    words("steps/train.sh --list maybe downup arousal data/train data/dev m", "--list 'maybe', expected true or false"),
    words("steps/train.sh --opts --srand=3 downup arousal data/train data/dev m", "found --srand in --opts"),
    words("steps/train.sh downup joy data/train data/dev m", "data/train/joy.scp; stage 0 makes it"),
    words("steps/postprocess.sh data/dev none new", "none/predict_dev/output.scp", "stage 4 makes it"),
    words("steps/export.sh --num-runs 5 model out", "found 2 trained runs in model, expected 5"),
    words("steps/export.sh model ids", "ids: found no folder that can be written to, expected one"),
    words("steps/export.sh none out", "no such folder none, expected that of a trained system"),
    words("steps/export.sh data out", "data: found no trained run in it (run1/final.pt); stage 3"),
    (
        both(drop("model/run2"), link("model/run1", "../x/run1")),
        "steps/export.sh model out",
        "model/run1: links to ../x/run1, which is not there; copy its folder with cp -rL",
    ),
    words("steps/predict.sh data/dev none out", "no such folder none, expected that of a trained system"),
    words("steps/predict.sh data/dev data out", "data: found no trained run in it"),
    words("steps/predict.sh data/dev . out", ".: found a system, expected one of its targets, such as ./model"),
    words("steps/predict.sh data/dev model data/dev/feats.scp", "found a file, expected an empty or new output folder"),
    words("steps/predict_recordings.sh --sound loud data model out", "--sound: found 'loud', expected one of: auto"),
    words("steps/predict_recordings.sh --cmvn globl data model out", "--cmvn: found 'globl', expected one of: own"),
    words("steps/predict_recordings.sh --channel x data model out", "found 'x' for --channel, expected a whole"),
    words("steps/predict_recordings.sh data none out", "no such folder none, expected that of a trained system"),
    words("steps/predict_recordings.sh data data/dev/wav.scp out", "of several recordings, give the folder or a list"),
    words("steps/select_time.sh none data/dev new", "none: cannot be read (No such file or directory)"),
    words(
        "steps/select_time.sh ids data/dev new", "ids: found another kind of file, expected a name that ends in rttm"
    ),
    words("steps/select_time.sh ids data/none new", "no such file data/none/utt2spk; stage 0 makes it"),
    words("steps/summarise_intervals.sh none exp/good/arousal/predict_dev new", "none: cannot be read (No such file"),
    words("steps/summarise_intervals.sh --segments none ids exp new", "no such file none; --segments names the table"),
    words("utils/run_line.sh lines 7", "lines has no line 7"),
    words("utils/run_line.sh lines x", "found 'x', expected the number of a line"),
    words("utils/run_lines.sh lines x.log", "x.log, expected JOB in its name"),
    words("run.sh --stage 9", "--stage and --stop-stage: found 9 and 6"),
    words("run.sh --stage x", "found --stage 'x', expected a whole number from 0 on"),
    words("steps/make_feats.sh --nj 0 data/dev", "found --nj '0', expected a whole number from 1 on"),
    words(
        "steps/predict.sh --num-runs 2.5 data/dev model out", "found --num-runs '2.5', expected a whole number from 1"
    ),
    words("steps/train.sh --num-runs x downup arousal data/train data/dev m", "found --num-runs 'x', expected a whole"),
    words(
        "steps/train.sh downup arousal data/none data/dev m",
        "data/none/feats.scp; stage 1 makes it (data/none holds: n",
    ),
    words(
        "steps/train.sh --conf-dirs ids downup arousal data/train data/dev m", "found no downup.conf in 'ids', expected"
    ),
    words("steps/train.sh downup arousal data/train data/dev data/dev", "data/dev: found a data directory, expected"),
    words("steps/train_systems.sh '' arousal data exp", "found '' for <archs>, expected something"),
    words(
        "steps/predict_systems.sh model exp downup/arousal", "model: found no data directory in it, expected train, dev"
    ),
    words("utils/setup.sh none", "found the group none, expected some of export, recipe, test"),
    words("local/figure1.sh --train-config none data exp", "--train-config: no such file none, expected options of"),
    words("local/compare.sh local conf none", "no such folder conf/none, expected that of a system"),
    words("local/compare.sh data/none exp", "no such folder data/none, expected <data> and <exp-dir>"),
    words("utils/run_lines.sh --cmd none.pl lines x.JOB.log", "--cmd: found no program 'none.pl' in PATH"),
    words("run.sh --num-runs 0", "found --num-runs '0', expected a whole number from 1 on"),
    words("run.sh --corpus none", "--corpus: found 'none', there are"),
    words("run.sh --archs lstm", "lstm needs cer/models/lstm.py and conf/lstm.conf; there are: blstm dilated"),
    words("run.sh --targets=", "found '--targets=', expected '--targets ': a blank instead of the ="),
    words("run.sh --affix ../x", "--affix: found '../x', expected letters"),
    words("run.sh --quiet maybe", "found --quiet 'maybe', expected true or false"),
    words("run.sh --cmd none.pl --stage 6", "--cmd: found no program 'none.pl'"),
    words("run.sh --csv some", "--csv: found 'some', expected one of: auto true runs table false"),
    words("run.sh --postprocess magic", "--postprocess: found 'magic', expected chain or gaussian"),
    words("run.sh --corpus-opts seed=2", "--corpus-opts: found 'seed=2', expected --name=value"),
    words("run.sh now", "found the argument 'now', expected options only"),
    words("local/search.sh none downup", "found the arguments none downup, missing: <target> <train-data-dir>"),
    words("local/leave_one_out.sh lstm arousal none none", "no such file cer/models/lstm.py"),
    words("egs/recola/prepare.sh none out", "no such folder none. RECOLA is licensed"),
]

PYTHON = [
    *MODEL_JSON, *WEIGHTS, *POSTPROCESS, *PREDICTIONS, *RESULTS, *OPTIONS, *SEARCH, *FRONT_END, *DATA, *CORPUS, *UTILS,
]  # fmt: skip
STATUSES = (1, 2, 255)  # bad input, a bad command line, a launcher's bad command line
FOREIGN = (  # words of Python and its libraries, which tell a user nothing
    "Traceback|Errno|NoneType|has no attribute|list index|weights_only|unpickl|KeyError|not subscriptable|RuntimeError"
    "|unexpected keyword|object is not|Expecting value: line 1 column 1 \\(char 0\\); $"
)


pytestmark = pytest.mark.filterwarnings("ignore:.*found in sys.modules after import:RuntimeWarning")  # of runpy


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        make(folder)
    return folder, snapshot(folder)


def fails(world, row, run):
    """Spoil, run, look and put right again."""
    (folder, good), (spoil, command, *message) = world, row
    try:
        spoil(folder)
        before = snapshot(folder)
        status, text = run(folder, command)
        after = snapshot(folder)
    finally:
        restore(folder, good)
    shown = f"{command}\nstatus {status}\n{text[-3000:]}"
    assert status in STATUSES, shown
    assert not re.search(FOREIGN, text), shown
    assert all(part in text for part in message), f"{shown}\nwanted: {message}"
    assert not changed(before, after), f"{shown}\nchanged: {changed(before, after)}"
    assert not [path for path in after if ".tmp" in path.name and path not in before], shown


def named(rows):
    return [pytest.param(row, id=f"{row[1].split()[0]}-{re.sub('[^a-zA-Z0-9]+', '_', row[2])[:60]}") for row in rows]


@pytest.mark.parametrize("row", named(PYTHON))
def test_bad_input_ends_with_a_message_that_names_it(world, row):
    fails(world, row, in_process)


@pytest.mark.parametrize("row", named(SHELL[::3]))
def test_a_script_says_what_is_wrong(world, row):
    fails(world, row, from_the_command_line)


@pytest.mark.long
@pytest.mark.parametrize("row", named(PYTHON + SHELL))
def test_bad_input_ends_with_a_message_on_the_command_line(world, row):
    fails(world, row, from_the_command_line)


def test_there_are_many_rows():
    rows = PYTHON + SHELL
    assert len(rows) >= 220 and len({row[1:3] for row in rows}) > 200
