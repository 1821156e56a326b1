"""cer/data/selection.py, steps/select_time.sh: training, prediction and scores on the time of some speakers.

What a network sees across the border of an interval: with select_time the whole recording, with Kaldi's segments the
segment alone, filled up as at the ends of a recording.
"""

import shutil
import subprocess

import numpy as np
import pytest
from bad_world import model
from conftest import ROOT, make_data_dir, write_archive, write_wav
from test_recordings import RATE
from test_train import train

from cer.base.tables import read_table, write_table
from cer.bin import compute_cmvn_stats, compute_feats, select_time
from cer.bin import predict as predict_program
from cer.data import cmvn
from cer.data.datadir import Archive, labels_of
from cer.data.intervals import Interval
from cer.data.selection import Selection
from cer.prediction.ensemble import Ensemble
from cer.scoring import scores
from cer.scoring.metrics import ccc
from cer.system.rows import Rows
from cer.system.utterances import Utterances

ANN_AND_BOB = [("P00", "ann", 0, 2), ("P00", "bob", 1, 4), ("P01", "ann", 0.02, 0.5), ("P01", "ann", 7, 8.04)]


def rttm(path, intervals):
    lines = (f"SPEAKER {key} 1 {start} {end - start:.6f} <NA> <NA> {who} <NA>\n" for key, who, start, end in intervals)
    path.write_text("".join(lines))
    return path


def select(*words):
    return subprocess.run([ROOT / "steps/select_time.sh", *map(str, words)], cwd=ROOT, capture_output=True, text=True)


def labelled(data, key="P00", target="arousal"):
    """The rows whose label is there."""
    return np.flatnonzero(np.isfinite(labels_of(data, target)[key][:, 0])).tolist()


@pytest.fixture
def talk(tmp_path):
    """A data directory of three recordings, 201 labels each, and its RTTM, in which ann and bob speak."""
    data = make_data_dir(tmp_path / "train")
    ratings = {key: np.repeat(labels, 2, axis=1) for key, labels in labels_of(data, "arousal").items()}
    (data / "ratings").mkdir()
    write_archive(data, "valence", {"P00": np.ones((201, 1), np.float32)})
    write_archive(data / "ratings", "arousal", ratings)
    (data / "ratings/raters").write_text("r1 r2\n")
    return data, rttm(tmp_path / "talk.rttm", ANN_AND_BOB)


@pytest.mark.parametrize(
    "options, rows, others",
    [
        (["--speakers", "ann"], [*range(50)], [*range(1, 13), *range(175, 201)]),
        (["--speakers", "ann", "--alone", "true"], [*range(25)], [*range(1, 13), *range(175, 201)]),
        (["--speakers", "bob ann"], [*range(100)], [*range(1, 13), *range(175, 201)]),
        ([], [*range(100)], [*range(1, 13), *range(175, 201)]),
        (["--speakers", "bob"], [*range(25, 100)], None),
    ],
)
def test_labels_count_in_the_speakers_intervals_alone(talk, tmp_path, options, rows, others):
    data, intervals = talk
    done = select(*options, intervals, data, tmp_path / "new")
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert f"arousal: {0.04 * (len(rows) + len(others or [])):.1f} of 24.1 s, in {1 + bool(others)} utte" in done.stdout
    new = tmp_path / "new"
    assert labelled(new) == rows == labelled(new, target="valence")
    assert list(read_table(new / "utt2spk")) == ["P00", "P01"][: 1 + bool(others)]
    if others:
        assert labelled(new, "P01") == others
    before, after = labels_of(data, "arousal")["P00"], labels_of(new, "arousal")["P00"]
    assert np.array_equal(before[rows], after[rows])
    ratings = Archive(new / "ratings/arousal.scp", gaps=True)["P00"]
    assert np.array_equal(ratings, np.repeat(after, 2, axis=1), equal_nan=True)
    for name in ("feats.scp", "cmvn.scp"):
        assert read_table(new / name).items() <= read_table(data / name).items()
    assert {path.name for path in new.iterdir() if path.name[0] != "."} == {path.name for path in data.iterdir()} - {
        "data"
    } | {"selected"}


def test_a_selection_is_made_again_over_itself_and_never_over_other_files(talk, tmp_path):
    data, intervals = talk
    assert select("--speakers", "carl", intervals, data, tmp_path / "new").returncode == 1  # leaves nothing in the way
    for who, rows in (("ann", 50), ("bob", 75)):
        assert select("--speakers", who, intervals, data, tmp_path / "new").returncode == 0
        assert len(labelled(tmp_path / "new")) == rows
    assert len(labelled(data)) == 201
    other = make_data_dir(tmp_path / "other")
    for destination in (other, data):
        done = select(intervals, data, destination)
        assert done.returncode == 1 and f"{destination}: found other files in it, expected a new folder" in done.stderr
    done = select(intervals, tmp_path / "new", tmp_path / "new")
    assert done.returncode == 1 and "found other files in it" in done.stderr
    assert len(labelled(other)) == len(labelled(data)) == 201


def test_a_selection_that_fails_leaves_the_earlier_one_or_none_but_no_mixture(talk, tmp_path):
    data, intervals, new = *talk, tmp_path / "new"
    assert select("--speakers", "ann", intervals, data, new).returncode == 0
    (data / "text").write_text("\n")
    assert select("--speakers", "bob", intervals, data, new).returncode == 1
    assert len(labelled(new)) == 50 and list(read_table(new / "utt2spk")) == ["P00", "P01"]
    (data / "text").unlink()
    (new / "valence.scp").unlink()
    (new / "valence.scp").mkdir()
    assert select("--speakers", "bob", intervals, data, new).returncode == 1
    assert not (new / "utt2spk").exists()
    (new / "valence.scp").rmdir()
    assert select("--speakers", "bob", intervals, data, new).returncode == 0
    assert len(labelled(new)) == 75 and list(read_table(new / "utt2spk")) == ["P00"]
    assert not [path for path in new.iterdir() if path.name in (".selected", ".stage")]


@pytest.mark.parametrize(
    "intervals, speakers, message",
    [
        (ANN_AND_BOB, "bob carl", "talk.rttm: found no interval of carl, expected speakers of it: ann, bob"),
        ([("P00", "ann", 8.1, 9)], "ann", "arousal.scp: found no label in the intervals of ann, expected some"),
        ([("P77", "ann", 0, 1)], "ann", "talk.rttm:1: found intervals of P77, expected recordings that are in"),
    ],
)
def test_what_selects_nothing_is_told(talk, tmp_path, intervals, speakers, message):
    data, path = talk
    with pytest.raises(SystemExit, match=message):
        select_time.main([str(rttm(path, intervals)), str(data), str(tmp_path / "out"), f"--speakers={speakers}"])
    assert not (tmp_path / "out").exists()


def test_intervals_without_a_row_are_counted(talk, tmp_path, capsys):
    data, path = talk
    rttm(path, [("P00", "ann", 0, 1), ("P00", "ann", 2.01, 2.03), ("P00", "ann", 9, 10), ("P00", "bob", 9, 10)])
    select_time.main([str(path), str(data), str(tmp_path / "out"), "--speakers=ann"])
    told = f"found no label in 2 intervals, outside the labels or between two of them: {path}:2, {path}:3\n"
    assert capsys.readouterr().err.endswith(told)


def test_intervals_that_go_on_after_the_labels_are_counted(talk, tmp_path, capsys):
    data, path = talk
    rttm(path, [("P00", "ann", 7, 99), ("P00", "ann", 8, 8.08), ("P00", "bob", 7, 99), ("P01", "ann", 7, 8.1)])
    select_time.main([str(path), str(data), str(tmp_path / "out"), "--speakers=ann"])
    told = f"cut at the end of the labels: 2 intervals: {path}:1 (to 99 s), {path}:4 (to 8.1 s)\n"
    assert capsys.readouterr().err.endswith(told)


def test_intervals_are_times_of_the_recording_where_utterances_are_its_segments(talk, tmp_path):
    data, path = talk
    (data / "segments").write_text("P00 talk 0 8\nP01 talk 10 18\nP02 talk 20 28\n")
    rttm(path, [("talk", "ann", 7, 11)])
    select_time.main([str(path), str(data), str(tmp_path / "out")])
    found = Archive(tmp_path / "out/arousal.scp", gaps=True)
    assert list(found) == ["P00", "P01"]
    rows = [np.flatnonzero(np.isfinite(found[key][:, 0])).tolist() for key in found]
    assert rows == [[*range(175, 201)], [*range(25)]]
    write_table(data / "utt2spk", {"P00": "ann", "P01": "bob", "P02": "bob"})
    rttm(path, [("talk", "ann", 7, 11), ("talk", "bob", 11, 99)])  # bob's utterance counts in bob's intervals
    select_time.main([str(path), str(data), str(tmp_path / "out")])
    found = Archive(tmp_path / "out/arousal.scp", gaps=True)
    assert {key: np.isfinite(found[key]).sum() for key in found} == {"P00": 26, "P01": 176, "P02": 201}


def test_training_prediction_and_scores_on_the_time_of_a_speaker(small, tmp_path):
    intervals = [(key, who, start, end) for key in ("P00", "P01", "P02")
                 for who, start, end in (("ann", 0, 3), ("bob", 3, 5), ("ann", 5, 6.5), ("bob", 6.5, 9))]  # fmt: skip
    path = rttm(tmp_path / "talk.rttm", intervals)
    for name in ("train", "dev"):
        assert select("--speakers", "ann", path, small / name, tmp_path / "ann" / name).returncode == 0
    told = train(tmp_path / "ann", tmp_path / "run1", "--learning-rate=0.01", "--max-epochs=15")
    there = np.r_[0:75, 125:163]
    labels = labels_of(small / "dev", "arousal")
    for data in (tmp_path / "ann/dev", small / "dev"):
        predict_program.main([str(data), str(tmp_path / "run1"), str(tmp_path / data.parent.name)])
    whole = dict(Archive(tmp_path / small.name / "output.1.scp"))
    for key, values in Archive(tmp_path / "ann/output.1.scp").items():
        assert np.array_equal(values, whole[key])  # the network sees the whole recording, whoever is selected
    y, p = (np.concatenate([one[key][there, 0] for key in whole]).astype(float) for one in (labels, whole))
    expected = ccc(y, p)
    assert told["result"]["dev_ccc"] == pytest.approx(expected, abs=1e-5) and expected > 0.1
    assert scores.score(labels_of(tmp_path / "ann/dev", "arousal"), whole)["ccc"] == pytest.approx(expected)


def test_a_segment_is_seen_alone_and_a_selection_with_what_is_around_it(tmp_path):
    data, run = make_data_dir(tmp_path / "data"), tmp_path / "model/run1"
    model(run)
    cut = tmp_path / "cut"
    shutil.copytree(data, cut)
    where = read_table(data / "feats.scp")["P00"]
    write_table(cut / "feats.scp", {"P00-1": f"{where}[0:399]", "P00-2": f"{where}[400:799]"})
    write_table(cut / "utt2spk", {"P00-1": "P00", "P00-2": "P00"})
    write_table(cut / "spk2utt", {"P00": "P00-1 P00-2"})
    for each in (data, cut):
        predict_program.main([str(each), str(run), str(tmp_path / f"of_{each.name}")])
    whole = Archive(tmp_path / "of_data/output.1.scp")["P00"][:, 0]
    parts = Archive(tmp_path / "of_cut/output.1.scp")
    found = np.concatenate([parts["P00-1"], parts["P00-2"]])[:, 0]
    before, after = Ensemble(tmp_path / "model").models[0].receptive_field()
    other = np.flatnonzero(~np.isclose(found, whole, atol=1e-6))
    delay = 1  # of bad_world's model: its prediction of row n is the output for row n + 1
    assert before + after > 0 and 100 - after - delay <= other.min() and other.max() < 100 + before + delay
    assert len(other) > 0
    # Normalised alike, the segments still give what their rows alone give.
    rows = Rows(4, 0.01, 4, True, True)
    assert np.array_equal(Utterances(cut, rows)[0][0], Utterances(data, rows)[0][0][:100])


def test_statistics_are_those_of_a_speaker_over_the_segments_of_all_recordings(tmp_path):
    random, data = np.random.default_rng(0), tmp_path / "data"
    data.mkdir()
    sounds = {key: random.normal(0, scale, 4 * RATE) for key, scale in (("R1", 300), ("R2", 3000))}
    paths = {key: write_wav(tmp_path / f"{key}.wav", sound.astype(int)) for key, sound in sounds.items()}
    write_table(data / "wav.scp", paths)
    (data / "segments").write_text("ann-1 R1 0 1.5\nann-2 R2 2 4\nbob-1 R1 1.5 4\nbob-2 R2 0 2\n")
    write_table(data / "utt2spk", {"ann-1": "ann", "ann-2": "ann", "bob-1": "bob", "bob-2": "bob"})
    write_table(data / "spk2utt", {"ann": "ann-1 ann-2", "bob": "bob-1 bob-2"})
    compute_feats.main([str(data), str(tmp_path / "feats"), "--dither=0"])
    compute_cmvn_stats.main([str(data / "spk2utt"), f"{tmp_path}/feats.scp", str(tmp_path / "cmvn")])
    features, stats = Archive(tmp_path / "feats.scp"), Archive(tmp_path / "cmvn.scp")
    assert list(stats) == ["ann", "bob"]
    for speaker in stats:
        parts = [features[f"{speaker}-{n}"] for n in (1, 2)]
        assert np.allclose(stats[speaker][0, :-1], np.concatenate(parts).sum(axis=0, dtype=np.float64))
        assert stats[speaker][0, -1] == sum(map(len, parts))
        normalised = np.concatenate([cmvn.apply(part, stats[speaker]) for part in parts])
        assert np.allclose(normalised.mean(axis=0), 0, atol=1e-4) and np.allclose(normalised.std(axis=0), 1, atol=1e-3)


def selected(data, table, speakers=("ann",)):
    table = [Interval(*words, "", f"talk:{n}") for n, words in enumerate(table, 1)]
    return Selection(data, table, set(speakers), alone=False)


def test_labels_of_an_utterance_that_the_data_directory_has_not_do_not_count(talk):
    data, _ = talk
    labels = labels_of(data, "arousal")
    write_archive(data, "arousal", {key: labels[key] for key in labels} | {"P09": labels["P00"]})
    assert selected(data, [("P00", "ann", 0, 2)]).left("arousal") == ["P00"]


def test_labels_may_be_vectors(talk):
    data, _ = talk
    write_archive(data, "arousal", {"P00": np.ones(100, np.float32)})
    selection = selected(data, [("P00", "ann", 0, 2)])
    assert np.flatnonzero(np.isfinite(selection.of("P00", selection.archive("arousal")["P00"]))).tolist() == [
        *range(50)
    ]


@pytest.mark.parametrize("segments, told", [(None, True), ("P00 P00 0 8.04\nP01 P01 0 8.04\nP02 P02 0 8.04\n", False)])
def test_an_interval_that_goes_on_after_the_labels_is_told_where_these_are_of_whole_recordings(
    talk, capsys, segments, told
):
    data, _ = talk
    if segments:
        (data / "segments").write_text(segments)
    selection = selected(data, [("P00", "ann", 0, 9), ("P01", "ann", 0, 8.08)])
    selection.left("arousal")
    selection.tell()
    assert ("cut at the end of the labels: 1 interval: talk:1 (to 9 s)" in capsys.readouterr().err) is told
