"""A small world of good inputs of every kind that the project reads; how to spoil it and to put it right again."""

import contextlib
import io
import json
import os
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from conftest import ROOT, make_data_dir, score_record, write_predictions, write_wav

from cer.base.options import defaults
from cer.bin import train as train_program
from cer.data import cmvn, datadir
from cer.features.fbank import Features as Fbank
from cer.models import build
from cer.training import claim

OPTIONS = {"num_layers": 2, "width": 4, "filter_width": 2, "dilation": 2, "activation": "relu"}
SET = {"utterances": 3, "rows": 150, "checksum": "00000000"}
ANNOTATION = "RECOLA/RECOLA-Annotation/emotional_behaviour"

MODULES = ("local", "egs.recola", "egs.synth", "cer.bin")  # packages of programs, which commands name without them


def started(name):
    """The words behind `python3` that start a program."""
    if (path := ROOT / "utils" / f"{name}.py").exists():
        return [str(path)]
    names = [f"{package}.{name.replace('/', '.')}" for package in MODULES]
    return ["-m", next(one for one in names if (ROOT / f"{one.replace('.', '/')}.py").exists())]


def make(world):
    """Fill a folder: data, models, predictions, experiments, a corpus, recordings and configurations."""
    for seed, name in enumerate(("train", "dev")):
        make_data_dir(world / "data" / name, rows=50, seed=seed)
    (world / "data/train/utt2dur").write_text("P00 2\nP01 2\nP02 2\n")
    (world / "data/train/utt2num_frames").write_text("P00 200\nP01 200\nP02 200\n")
    for run in ("run1", "run2"):
        model(world / "model" / run)
    model(world / "smooth/run1", sealed=True)
    steps = [{"step": "median", "value": 3}, {"step": "scale", "value": [1.5, 0.1]}, {"step": "shift", "value": -2}]
    fitted = {"method": "chain", "fitted_on": "train", "ccc_before": 0.1, "ccc_after": 0.2, "steps": steps}
    put_json(world / "smooth/postprocess.json", fitted)
    options = defaults(Fbank) | {"sample_frequency": 8000.0}
    statistics = cmvn.statistics([np.random.default_rng(1).normal(8, 2, (500, 23)).astype("f4")])
    told = {"features": {"name": "fbank", "options": options}, "global_cmvn": statistics.tolist()}
    model(world / "own/run1", feat_dim=23, **told)
    experiments(world)
    corpus(world / "RECOLA")
    wav(world / "talk.wav", 2.0)
    wav(world / "sounds/a.wav", 1.0)
    (world / "sounds.scp").write_text(f"a {world}/sounds/a.wav\n")
    (world / "talk.csv").write_text("time,arousal\n" + "".join(f"{n * 0.04:.2f},0.1\n" for n in range(50)))
    (world / "fbank.conf").write_text("--num-mel-bins=23\n--sample-frequency=8000  # Hz\n--dither=0\n")
    (world / "plan.conf").write_text("--learning-rate=0.001 0.003\n--width=4 8\n")
    (world / "net.conf").write_text("--width=4\n--num-layers=2\n")
    unfinished(world / "unfinished")
    (world / "ids").write_text("P00\nP01\n")
    (world / "lines").write_text("true\n")
    (world / "conf").mkdir()
    (world / "conf/slurm.conf").write_text("command sbatch --export=ALL\noption mem=* --mem $0\n")
    shutil.copytree(world / "data/train", world / "sounding", ignore=shutil.ignore_patterns("*.scp", "data", "utt2*n*"))
    (world / "sounding/wav.scp").write_text("".join(f"P0{n} {world}/talk.wav\n" for n in range(3)))
    (world / "sounding/utt2spk").write_text("P00 P00\nP01 P01\nP02 P02\n")


def model(folder, feat_dim=4, sealed=False, **told):
    """A run of a model folder whose network was never trained; sealed: with checksums, as models are but old ones."""
    torch.manual_seed(1)
    description = {
        "arch": "dilated", "target": "arousal", "options": OPTIONS, "train": SET, "dev": SET,
        "training": {"learning_rate": 0.001, "l2": 0.0, "max_epochs": 2, "patience": 15, "srand": 1},
        "labels": {"mean": 0.1, "deviation": 0.3, "delay": 1, "edges": "repeat"},
        "front_end": {"feat_dim": feat_dim, "frame_shift": 0.01, "frame_subsampling_factor": 4, "norm_means": True,
                      "norm_vars": True, "sample_frequency": 0.0},
        "result": {"best_epoch": 1, "epochs": 2, "dev_ccc": 0.2},
    } | told  # fmt: skip
    network = build("dilated", 4 * feat_dim, OPTIONS)
    claim.write_model(folder, network.state_dict(), description)
    if not sealed:
        for name in ("checksum", "weights"):
            field("model.json", name)(folder)


def unfinished(folder):
    """A training that was killed after its first epoch: what train.sh finds and goes on with."""
    real = claim.write_model
    try:
        claim.write_model = lambda *_, **__: None  # as if killed before the end
        with contextlib.redirect_stdout(io.StringIO()):
            train_program.main([*TRAIN.split()[1:-1], str(folder)])
    finally:
        claim.write_model = real


TRAIN = (
    "train --arch=dilated --target=arousal --config=net.conf --max-epochs=1 --srand=1 data/train data/dev unfinished"
)


def experiments(world):
    """exp/ with two systems: scores, results, a comparison, points of figure 1, a search, leaving one out."""
    labels = dict(datadir.Archive(world / "data/dev/arousal.scp"))
    records = []
    for number, system in enumerate(("good", "poor")):
        folder = world / "exp" / system / "arousal"
        write_predictions(folder / "predict_dev", "arousal", labels, 0.1 + number, 0.04)
        records.append(score_record(system, "arousal", "dev", 0.5 + number / 10, ("run1", "run2")))
        put_json(folder / "predict_dev/score.json", records[-1])
        shutil.copytree(world / "model/run1", folder / "run1")
        (folder / "run1/progress.csv").write_text("epoch,train_loss,dev_ccc\n1,0.9,0.1\n2,0.8,0.2\n")
        command = f"./run.sh --corpus synth --archs {system} --targets arousal --num-runs 2"
        (folder / "command").write_text(f"# commit abc\n{command}\n")
    put_json(world / "exp/results.json", records)
    record = {"systems": ["good", "poor"], "set": "dev", "targets": {"arousal": {"ensemble": {"ccc": [0.5, 0.6]}}}}
    put_json(world / "exp/compare/dev.json", {"made_from": {}, "code": "", "pairs": [record]})
    (world / "exp/sections").mkdir()
    (world / "exp/sections/30-compare_dev.md").write_text("## good against poor, set dev\n\ntext\n")
    (world / "exp/sections/40-figure1.md").write_text("## How far to look\n\n![F](../figure1.png)\n")
    point = {"target": "arousal", "label_shift": 0.04, "filter_width": 2, "runs": [{"dev_ccc": 0.1}]}
    point["settings"] = {"learning_rate": 0.01, "rate_times_width": 0.03}
    put_json(world / "exp/figure1/arousal.1.json", point)
    put_json(world / "exp/figure1.json", {"arousal": [point]})
    curves = {"label": "CCC", "x": "s", "y": "CCC", "curves": [{"name": "arousal", "x": [0.08], "y": [0.9]}]}
    put_json(world / "exp/figure1.curves.json", curves)
    (world / "search").mkdir()
    (world / "search/trials").write_text("width=4 --width=4\nwidth=8 --width=8\n")
    shutil.copytree(world / "exp/good/arousal/predict_dev", world / "leave/predict_all")


def corpus(folder):
    """RECOLA's original release, on a tiny scale, with its partition."""
    for key in ("P1", "P2", "P3"):
        wav(folder / f"RECOLA-Audio-recordings/{key}.wav", 1.0)
        for seed, target in enumerate(("arousal", "valence")):
            traces = np.random.default_rng(seed + ord(key[1])).uniform(-0.9, 0.9, (26, 2))
            rows = "".join(f"{n * 0.04:.2f};{a:.2f};{b:.2f}\n" for n, (a, b) in enumerate(traces))
            path = folder / f"RECOLA-Annotation/emotional_behaviour/{target}/{key}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"time;FM1 ;FF1 \n{rows}")
    (folder / "partition.txt").write_text("train P1\ndev P2\ntest P3\n")


def wav(path, seconds, rate=8000, channels=1):
    """A recording of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_wav(path, np.random.default_rng(7).normal(0, 1000, int(seconds * rate) * channels), rate, channels)


def put_json(path, value):
    """Write a JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


# What spoils: functions of the world's folder.


def put(name, content):
    """Write a file anew: text or bytes."""

    def spoil(world):
        path = world / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return spoil


def edit(name, old, new):
    """Replace a part of a text, which must be there."""

    def spoil(world):
        text = (world / name).read_bytes()
        old_bytes, new_bytes = (part if isinstance(part, bytes) else part.encode() for part in (old, new))
        assert old_bytes in text, f"{name}: no {old}"
        (world / name).write_bytes(text.replace(old_bytes, new_bytes, 1))

    return spoil


def drop(*names):
    """Remove files or folders."""

    def spoil(world):
        for name in names:
            path = world / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return spoil


def link(name, target):
    """Put a link in the place of a folder."""

    def spoil(world):
        shutil.rmtree(world / name)
        (world / name).symlink_to(target)

    return spoil


def field(name, place, *value):
    """Set a field of a JSON file, `a.b.0`; without a value remove it."""

    def spoil(world):
        whole = json.loads((world / name).read_text())
        *way, last = [int(part) if part.isdigit() else part for part in place.split(".")]
        inner = whole
        for part in way:
            inner = inner[part]
        if value:
            inner[last] = value[0]
        else:
            del inner[last]
        (world / name).write_text(json.dumps(whole))

    return spoil


def tensors(name, change):
    """Write a file of tensors anew; change: of what it holds."""

    def spoil(world):
        path = world / name
        torch.save(change(torch.load(path, weights_only=True)), path)

    return spoil


def cut(name, share=0.5):
    """Keep only the first part of a file."""

    def spoil(world):
        content = (world / name).read_bytes()
        (world / name).write_bytes(content[: int(len(content) * share)])

    return spoil


def archive(name, matrices):
    """Write the archive behind `name`.scp anew; matrices: utterance -> array, or a function of what is there."""

    def spoil(world):
        scp = world / f"{name}.scp"
        there = {key: matrix.copy() for key, matrix in datadir.Archive(scp).items()}
        found = matrices(there) if callable(matrices) else matrices
        with datadir.writing_archive(world / "spoilt") as write:
            for key, matrix in found.items():
                write(key, matrix)
        shutil.copy(world / "spoilt.scp", scp)

    return spoil


def folder(name):
    """Make a folder, in the place of a file if there is one."""

    def spoil(world):
        (world / name).unlink(missing_ok=True)
        (world / name).mkdir(parents=True)

    return spoil


def nothing(world):
    """The command line alone is wrong."""


def both(*spoilers):
    """One after the other."""

    def spoil(world):
        for each in spoilers:
            each(world)

    return spoil


# The world before and after.


def snapshot(world):
    """What every file holds: path -> bytes; of a link where it points, of a folder nothing."""
    found = {}
    for path in world.rglob("*"):
        found[path] = str(path.readlink()) if path.is_symlink() else None if path.is_dir() else path.read_bytes()
    return found


def restore(world, before):
    """Put every file back as it was, and remove what came."""
    for path, content in sorted(snapshot(world).items(), reverse=True):
        if path not in before:
            path.rmdir() if content is None else path.unlink()
        elif content is None and before[path] is not None:
            shutil.rmtree(path)
        elif isinstance(content, str) and before[path] is None:
            path.unlink()
        elif isinstance(content, bytes) and content != before[path]:
            path.write_bytes(before[path]) if before[path] is not None else path.unlink()
    for path, content in sorted(before.items()):
        if content is None:
            path.mkdir(exist_ok=True)
        elif not path.exists() and isinstance(content, bytes):
            path.write_bytes(content)


def changed(before, after):
    """Paths of what was there before and is not any more, or not as it was; logs and locks may change."""
    before = {path: content for path, content in before.items() if "log" not in path.parts and path.suffix != ".lock"}
    return [str(path) for path, content in before.items() if after.get(path, "gone") != content]


# Ways to run a command line.


def words_of(command):
    """The words of a command line, and the file that is its standard input."""
    command, _, source = command.partition(" < ")
    return shlex.split(command), source


def in_process(world, command):
    """Run a Python program as its command line does, but in this process; returns (exit status, what it printed)."""
    (name, *argv), source = words_of(command)
    printed, saved = io.StringIO(), (sys.argv, sys.stdin, Path.cwd(), torch.get_num_threads())
    words = started(name)
    sys.argv = [words[-1], *argv]
    sys.stdin = io.TextIOWrapper(io.BytesIO((world / source).read_bytes() if source else b""))
    os.chdir(world)
    status = 0
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            if words[0] == "-m":
                runpy.run_module(words[1], run_name="__main__", alter_sys=True)
            else:
                runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        printed.write(f"{end.code}\n" if isinstance(end.code, str) else "")
    finally:
        sys.argv, sys.stdin = saved[:2]
        os.chdir(saved[2])
        torch.set_num_threads(saved[3])
    return status, printed.getvalue()


def from_the_command_line(world, command):
    """Run a command line in a process of its own; returns (exit status, what it printed)."""
    (name, *argv), source = words_of(command)
    if name.endswith(".sh"):
        line, where = [str(ROOT / name), *argv], world
        if name.startswith(("local/", "egs/")) or name == "run.sh":
            line, where = [f"./{name}", *argv], ROOT
    else:
        line, where = [sys.executable, *started(name), *argv], world
    with (world / source).open("rb") if source else open(os.devnull, "rb") as stdin:  # noqa: PTH123
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            line, cwd=where, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, timeout=120
        )
    return done.returncode, done.stdout.decode(errors="replace")
