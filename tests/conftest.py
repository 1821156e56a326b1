"""What several tests share: Kaldi's golden files, and small data directories made on the spot."""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from cer.base.tables import write_table
from cer.data import cmvn, datadir

pytest.register_assert_rewrite("engines", "launcher_faults")

# nohup, `&` in a script and others start this process with signals ignored, and so would be all that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGCHLD):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN or "PYTEST_XDIST_WORKER" in os.environ:
    signal.signal(signal.SIGHUP, lambda *_: None)  # the tests themselves go on after the terminal's end

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"
sys.path.append(str(ROOT / "utils"))


@pytest.fixture
def golden(monkeypatch):
    """Work in the folder of golden files, to which their scp files are relative."""
    monkeypatch.chdir(GOLDEN)
    return GOLDEN


def make_data_dir(directory, utterances=3, rows=200, dim=4, labels=True, seed=0, extra_labels=1):
    """A data directory with features, CMVN and labels that can be learnt: a smoothed feature, one speaker each."""
    directory, random = Path(directory), np.random.default_rng(seed)
    ids = [f"P{n:02d}" for n in range(utterances)]
    features = {key: random.standard_normal((4 * rows, dim)).astype(np.float32) for key in ids}
    write_table(directory / "utt2spk", {key: key for key in ids})
    write_table(directory / "spk2utt", {key: key for key in ids})
    write_archive(directory, "feats", features)
    write_archive(directory, "cmvn", {key: cmvn.statistics([one]) for key, one in features.items()})
    (directory / "frame_shift").write_text("0.01\n")
    if labels:
        smooth = {key: np.convolve(one[:, 0], np.ones(40) / 6, "same")[::4] for key, one in features.items()}
        padded = {key: np.pad(one, (0, extra_labels), "edge")[:, None] for key, one in smooth.items()}
        write_archive(directory, "arousal", {key: one.astype(np.float32) for key, one in padded.items()})
        (directory / "label_shift").write_text("0.04\n")
    return directory


def write_archive(directory, name, matrices):
    """An archive in the directory's data/ and its scp file in the directory itself."""
    with datadir.writing_archive(directory / "data" / name) as write:
        for key, matrix in matrices.items():
            write(key, matrix)
    shutil.copy(directory / "data" / f"{name}.scp", directory / f"{name}.scp")


def write_wav(path, samples, rate=16000, channels=1):
    """A wav file of 16 bits; samples: those of all channels in turn."""
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(np.asarray(samples, "<i2").tobytes())
    return path


def write_predictions(folder, target, labels, noise, shift, runs=2):
    """What stage 4 leaves: predictions of runs and their mean, the labels with noise, a row fewer."""
    random = np.random.default_rng(5)
    outputs = [
        {key: y[:-1] + random.normal(0, noise, (len(y) - 1, 1)).astype(np.float32) for key, y in labels.items()}
        for _ in range(runs)
    ]
    mean = {key: np.mean([one[key] for one in outputs], axis=0) for key in labels}
    for name, one in [(".", mean), *((f"run{n + 1}", one) for n, one in enumerate(outputs))]:
        (folder / name).mkdir(parents=True, exist_ok=True)
        write_archive(folder / name, "output", one)
    about = {"target": target, "shift": shift, "runs": [f"run{n + 1}" for n in range(runs)]}
    (folder / "predictions.json").write_text(json.dumps(about))


def score_record(system, target, set_name, ccc, runs=("run1",)):
    """A record of score.json and results.json: every CCC the same, of one recording."""
    measures = {"ccc": ccc, "rmse": 0.1, "pcc": 0.5}
    record = measures | {"system": system, "target": target, "set": set_name, "ccc_mean": ccc, "ccc_std": None}
    record |= {"ccc_per_recording": ccc, "recordings": {"P1": measures}}
    return record | {"runs": [measures | {"run": name} for name in runs]}


@pytest.fixture
def small(tmp_path):
    """Data directories train and dev of three utterances of 8 s."""
    make_data_dir(tmp_path / "train", seed=1)
    make_data_dir(tmp_path / "dev", seed=2)
    return tmp_path


def called(main, *words):
    """Call a program's main() in this process. Returns a CompletedProcess with its status and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([str(word) for word in words])
    return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())


def job_environment():
    """The environment of a job on a cluster: PATH and nothing else."""
    return {"PATH": os.environ["PATH"]}


# Tests on real engines (tests/run.sh --cluster): the faults they made, and the engines that could not be had.


def _rows(config, kind):
    """What tests recorded as rows of this kind of table."""
    stats = config.pluginmanager.get_plugin("terminalreporter").stats
    reports = [report for name in ("passed", "failed") for report in stats.get(name, []) if report.when == "call"]
    return [value for report in reports for name, value in report.user_properties if name == kind]


def _cluster_reports(config):
    """The faults that were made, as rows of a table; why engines could not be had."""
    stats, faults = config.pluginmanager.get_plugin("terminalreporter").stats, _rows(config, "fault")
    skipped = {report.longrepr[2] for report in stats.get("skipped", []) if isinstance(report.longrepr, tuple)}
    return faults, sorted(reason for reason in skipped if "cannot be had here" in reason)


# Begun first, the longest first: what is left ends on both processors at about the same time.
LONGEST = [
    f"test_{name}.py"
    for name in "recipe faults kaldi train finished synth reading_never_acts recognizer ensemble fuzz".split()
]


def pytest_collection_modifyitems(items):
    """Order the files so that two processors end at about the same time."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def pytest_sessionfinish(session, exitstatus):
    """End with 77 when engines could not be had: their tests were not made, which is no pass."""
    if not hasattr(session.config, "workerinput") and exitstatus == 0 and _cluster_reports(session.config)[1]:
        session.exitstatus = 77


def pytest_terminal_summary(terminalreporter, config):
    """Print the table of faults, also into the file $CER_FAULTS; the engines that could not be had; that of cuts."""
    faults, missing = _cluster_reports(config)
    if faults:
        from engines import table  # here, because it imports this file

        lines = table(sorted(faults, key=lambda row: row[0]))
        terminalreporter.write("\n" + "\n".join(lines) + "\n")
        if name := os.environ.get("CER_FAULTS"):
            Path(name).write_text("\n".join(lines) + "\n")
    if cuts := _rows(config, "cut"):
        from faults import trial

        terminalreporter.write("\n" + "\n".join(trial.table(cuts)) + "\n")
    for reason in missing:
        terminalreporter.write_line(
            f"NOT TESTED, which is no pass (exit status 77): {reason.removeprefix('Skipped: ')}"
        )
