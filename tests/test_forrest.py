"""Studyforrest's layout, made here on a tiny scale: what is read, and what is refused."""

import re
import subprocess

import numpy as np
import pytest
from conftest import ROOT
from corpus_programs import check, ids, labels, prepare, refusal, write

from cer.data.datadir import Archive, frame_shift
from egs.forrest.prepare import STARTS

NOTES = "paper-f1000_gumpemotions/data/raw"
SOUND = "studyforrest-data-confoundsannotation/annotation/audio"
HEAD = "start,end,character,arousal,valence,direction,emotion,oncue,offcue\r\n"
ROWS = {
    "ao1o01": ["1.5,3.0,JENNY,HIGH,POS,SELF,,AUDIO,", "887.2,888.0,MAN,LOW,NEG,SELF,,AUDIO,"],
    "ao1o02": ["2.0,4.0,MAN,HIGH,NEG,SELF,,AUDIO,", "2.5,2.6,JENNY,LOW,NEG,SELF,,AUDIO,"],
    "av1o01": ["0.0,9.0,JENNY,LOW,NEG,SELF,,FACE,"],
}


def table(name, values):
    """A table of a feature, a row each 40 ms."""
    rows = "".join(f"{0.04 * n:.2f}\t0.04\t{value:.8f}\n" for n, value in enumerate(values))
    return f"onset\tduration\t{name}\n{rows}"


def make(folder):
    """Eight segments of 10 s, but the first of 890 s, of which the second one has the last 4; and three observers."""
    for name, rows in ROWS.items():
        write(folder / NOTES / f"{name}.csv", HEAD + "\r\n".join(rows) + "\r\n")
    for track, level in (("fg_ad", 0.1), ("fg_av_ger", 0.01)):
        for n in range(8):
            count = 22250 if n == 0 else 250
            loud = np.full(count, level)
            loud[3] = 0
            write(folder / SOUND / f"{track}_seg{n}_rms.tsv", table("rms", loud))
            write(folder / SOUND / f"{track}_seg{n}_lrdiff.tsv", table("lrdiff", np.full(count, n / 100)))
    return folder


@pytest.fixture
def corpus(tmp_path):
    return make(tmp_path / "forrest")


def test_the_labels_are_the_mean_of_what_each_observer_noted_in_each_second(corpus):
    data, printed = prepare("forrest", corpus)
    check(data)
    assert [len(ids(data, name)) for name in ("train", "dev", "test")] == [5, 1, 2]
    arousal, valence = (labels(data, "train", target) for target in ("arousal", "valence"))
    assert len(arousal["seg0"]) == 886 and len(arousal["seg1"]) == 10
    assert arousal["seg0"][:5].tolist() == [0, 0.5, 0.5, 0.5, 0]  # one saw high and low at 2 s: 0 of him
    assert valence["seg0"][:5].tolist() == [0, 0.5, 0, -0.5, 0] and not arousal["seg0"][5:].any()
    assert arousal["seg1"][:3].tolist() == [0, -0.5, 0]  # s of the film, from 886 s
    assert (data / "train/ratings/raters").read_text() == "ao1o01 ao1o02\n"
    assert "labels every 1 s" in printed and "gold standard: mean" in (data / "agreement.txt").read_text()


def test_the_features_are_loudness_and_left_right_difference_until_the_next_segment_begins(corpus):
    data, _ = prepare("forrest", corpus)
    found = dict(Archive(data / "train/feats.scp").items())
    assert frame_shift(data / "train") == 0.04 and found["seg0"].shape == (22150, 2) and found["seg1"].shape == (250, 2)
    film = np.array([[-20, n / 100] for n in range(8) for _ in range(22150 if n == 0 else 250)])
    film[[3, *range(22153, len(film), 250)], 0] = -100
    expected = (film - film.mean(axis=0)) / film.std(axis=0)
    assert np.allclose(found["seg1"][2:5], expected[22152:22155], rtol=1e-5)


def test_segments_begin_where_all_but_the_last_16_seconds_of_those_before_were_shown():
    """Hanke et al. 2014: so many scans of 2 s a run, of which neighbours share 16 s; cuts are at frames of 40 ms."""
    scans = [451, 441, 438, 488, 462, 439, 542]
    assert STARTS[0] == 0 and np.diff(STARTS) == pytest.approx([2 * n - 16 for n in scans], abs=0.09)


def test_the_audio_visual_observers_come_with_what_they_heard(corpus):
    data, _ = prepare("forrest", corpus, "--observers=av")
    assert labels(data, "train", "arousal")["seg0"][:10].tolist() == [-1] * 9 + [0]
    found = dict(Archive(data / "test/feats.scp").items())["seg7"]
    write(corpus / SOUND / "fg_av_ger_seg7_rms.tsv", table("rms", [*[0.02] * 3, 0, *[0.01] * 246]))
    changed = dict(Archive(prepare("forrest", corpus, "--observers=av")[0] / "test/feats.scp").items())["seg7"]
    assert len(found) == 250 and (changed[:3, 0] > found[:3, 0] + 0.1).all()
    assert np.allclose(changed[4:], found[4:], atol=0.1)


@pytest.mark.parametrize(
    "file, old, new, message",
    [
        (f"{NOTES}/ao1o01.csv", "HIGH", "MUCH", r"ao1o01\.csv:2: found '1.5,3.0,JENNY,MUCH.* expected .*HIGH or LOW"),
        (f"{NOTES}/ao1o02.csv", "2.5,2.6", "2.5,2.4", r"ao1o02\.csv:3: found .* expected a later end"),
        (f"{NOTES}/ao1o02.csv", "2.5,2.6", "2.5,x", r"ao1o02\.csv:3: found 'x', expected a finite number"),
        (f"{NOTES}/ao1o01.csv", "valence", "mood", r"ao1o01\.csv:1: found no column valence"),
        (
            f"{SOUND}/fg_ad_seg2_rms.tsv",
            "\n0.08\t",
            "\n0.18\t",
            r"seg2_rms\.tsv:4: found the onset 0.18, expected 0.08",
        ),
        (f"{SOUND}/fg_ad_seg2_rms.tsv", "\trms", "\tloud", r"seg2_rms\.tsv: found .* expected some of onset"),
        (
            f"{SOUND}/fg_ad_seg3_lrdiff.tsv",
            "9.96\t0.04\t0.03000000\n",
            "",
            r"lrdiff\.tsv: found 249 rows, expected 250",
        ),
    ],
    ids=["word", "times", "number", "column", "onset", "head", "length"],
)
def test_what_cannot_be_is_refused(corpus, file, old, new, message):
    text = (corpus / file).read_bytes().decode()
    assert old in text
    write(corpus / file, text.replace(old, new))
    assert re.search(message, refusal("forrest", corpus))


def test_a_clone_or_observers_that_are_not_there_are_named(corpus):
    assert "--targets: found joy" in refusal("forrest", corpus, "--targets=joy")
    assert "--gold-standard=given: this corpus, in this" in refusal("forrest", corpus, "--gold-standard=given")
    (corpus / NOTES / "av1o01.csv").unlink()
    assert "found no av*.csv" in refusal("forrest", corpus, "--observers=av")
    (corpus / SOUND).parents[1].rename(corpus / "other")
    assert "clone https://github.com/psychoinformatics-de/studyforrest-data-conf" in refusal("forrest", corpus)


def test_without_features_of_its_own_the_preparation_says_what_to_type(corpus):
    done = subprocess.run(["egs/forrest/prepare.sh", corpus, "data/forrest"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "--features loudness" in done.stderr
