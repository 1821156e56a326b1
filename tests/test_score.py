"""cer/bin/score.py: many systems in one call, each once."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from conftest import ROOT

from cer.base.tables import write_table
from cer.bin import score
from cer.data import datadir

KEYS = [f"P{n}-{m}" for n in range(3) for m in range(2)]
RANDOM = np.random.default_rng(0)


def archive(stem, noise):
    with datadir.writing_archive(stem) as write:
        for n, key in enumerate(KEYS):
            write(key, (np.sin(np.arange(50 + n) / 9) + RANDOM.normal(0, noise, 50 + n))[:, None].astype(np.float32))


@pytest.fixture
def pairs(tmp_path):
    """The words of a call: data directory, predictions of system a, data directory, predictions of system b."""
    archive(tmp_path / "dev/joy", 0)
    write_table(tmp_path / "dev/utt2spk", {key: key[:2] for key in KEYS})
    folders = [tmp_path / system / "joy/predict_dev" for system in "ab"]
    for folder in folders:
        for name in ("", "run1", "run2"):
            archive(folder / name / "output", 0.1)
        (folder / "predictions.json").write_text('{"target": "joy", "shift": 0.04, "runs": ["run1", "run2"]}')
    return [str(word) for folder in folders for word in (tmp_path / "dev", folder)]


def test_each_matrix_is_read_once_and_labels_once_for_all(pairs, monkeypatch):
    read, load = [], datadir.archives.load
    monkeypatch.setattr(datadir.archives, "load", lambda where: read.append(where) or load(where))
    score.main(pairs)
    assert len(read) == len(set(read)) == len(KEYS) * (1 + 2 * 3)


def test_many_are_scored_as_one_is_and_only_what_changed_again(pairs, tmp_path, capsys):
    score.main(pairs)
    many = [path.read_bytes() for path in sorted(tmp_path.rglob("score.*"))]
    record = json.loads((tmp_path / "b/joy/predict_dev/score.json").read_text())
    assert (record["system"], record["set"], record["target"]) == ("b", "dev", "joy")
    for path in tmp_path.rglob(".done.score"):
        path.unlink()
    for words in (pairs[:2], pairs[2:]):
        score.main(words)
    assert [path.read_bytes() for path in sorted(tmp_path.rglob("score.*"))] == many and len(many) == 4
    capsys.readouterr()
    archive(tmp_path / "a/joy/predict_dev/run2/output", 0.2)
    score.main(pairs)
    out = capsys.readouterr().out
    assert "dev: CCC" in out and f"{pairs[3]}/score.txt is up to date" in out and out.count("\n") == 2
    (tmp_path / "b/joy/predict_dev/score.txt").write_text("")
    score.main(pairs)
    said = capsys.readouterr()
    assert (
        "score.txt: was" in said.err
        and "making it again" in said.err
        and "a/joy/predict_dev/score.txt is up to" in said.out
    )
    score.main(["--system=c", "--set=x", *pairs[:2]])
    assert "system c, target joy, set x" in (tmp_path / "a/joy/predict_dev/score.txt").read_text()


def test_a_folder_without_its_predictions_is_no_pair(pairs):
    with pytest.raises(SystemExit, match="found 3 folders, expected pairs"):
        score.main(pairs[:3])


def test_a_hundred_at_a_time_are_scored_side_by_side_and_one_that_fails_is_told(pairs, tmp_path):
    words = [*pairs]
    for n in range(100):
        words += [pairs[0], str(tmp_path / f"c{n}/joy/predict_dev")]
        shutil.copytree(pairs[1], words[-1])
    call = [ROOT / "steps/score.sh", "--nj", "2", *words]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.count("dev: CCC") == 102 == len([*tmp_path.rglob("score.json")])
    (tmp_path / "c99/joy/predict_dev/predictions.json").write_text("{")
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "c99/joy/predict_dev/predictions.json: is not JSON" in done.stderr
    assert done.stdout.count("is up to date") == 101
