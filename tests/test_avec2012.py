"""SEMAINE as AVEC 2012 gave it out, made here on a tiny scale: what is read, and what is refused."""

import numpy as np
import pytest
from corpus_programs import check, ids, labels, prepare, refusal, sound, write

from cer.data import datadir

RATE, ROWS = 49.979, 151
TARGETS = ("arousal", "expectancy", "power", "valence")


def values(seed, rows=ROWS):
    return np.round(np.random.default_rng(seed).uniform(-0.9, 0.9, rows), 5)


def make(folder):
    """AVEC 2012's package: 48 kHz, a recording a set, test without labels and under another name."""
    for n, name in enumerate(("train", "devel", "test")):
        word = "tests" if name == "test" else name
        sound(folder / "audio" / name / f"{word}_audio_{n + 1:03d}.wav", 3.01, 48000, seed=n)
        for m, target in enumerate(TARGETS):
            path = (
                folder / "emotion labels" / name / f"FC_{name}_labels" / f"labels_continuous_{n + 1:03d}_{target}.dat"
            )
            if name != "test":
                write(path, "".join(f"{value}\r\n" for value in values(10 * n + m)))
        write(folder / "transcripts/original" / name / f"{word}_{n + 1:03d}.txt", "0 300 HELLO\n")
    return folder


@pytest.fixture
def package(tmp_path):
    return make(tmp_path / "avec2012")


def test_the_package_has_a_number_a_line_at_a_rate_of_its_own(package):
    data, printed = prepare("avec2012", package)
    check(data)
    assert ids(data, "dev") == {"dev_002": "dev_002"} and [*ids(data, "test")] == ["test_003"]
    assert datadir.label_shift(data / "train") == 1 / RATE and not (data / "test/arousal.scp").exists()
    for m, target in enumerate(TARGETS):
        assert np.allclose(labels(data, "dev", target)["dev_002"], values(10 + m), atol=1e-6)
    assert "WARNING" not in printed and "AVEC 2012; its own gold standard" in printed


def test_a_scale_is_the_users_and_labels_may_end_early(package):
    for path in package.glob("emotion labels/*/*/*_expectancy.dat"):
        write(path, "".join(f"{value}\n" for value in range(80)))
    data, printed = prepare("avec2012", package, "--targets=expectancy,arousal", "--scale=expectancy=0:100")
    found = labels(data, "train", "expectancy")["train_001"]
    assert np.allclose(found[:80], np.arange(80) / 50 - 1, atol=1e-6) and np.isnan(found[80:]).all()
    assert "001_expectancy.dat: found times from 0 to 1.58066 s, " in printed


DAT = "emotion labels/devel/FC_devel_labels/labels_continuous_002_power.dat"


@pytest.mark.parametrize("spoil, options, message", [
    (lambda corpus: write(corpus / DAT, "0.1\nx\n"), [], "002_power.dat:2: found 'x', expected a finite number"),
    (lambda corpus: write(corpus / DAT, "0.1\n7\n"), [], "002_power.dat:2: power: found 7, expected -1 to 1"),
    (lambda corpus: write(corpus / DAT, "0 0.1\n0 0.1\n"), [], "002_power.dat: found 2 columns of values"),
    (lambda corpus: (corpus / DAT).unlink(), [], "found no labels of power for "),
    (lambda corpus: (corpus / DAT).rename(corpus / "emotion labels/devel/power.dat"), [], "power.dat: found this name"),
    (lambda corpus: sound(corpus / "devel_002.wav", 1), [], "found another recording 002 of dev"),
    (lambda corpus: (corpus / "audio/train/train_audio_001.wav").unlink(), [], "found labels, and no wav file of"),
    (lambda corpus: (corpus / "emotion labels").rename(corpus / "labels"), [], "labels: found no .dat files, expected"),
])  # fmt: skip
def test_what_cannot_be_in_the_package_is_named(package, spoil, options, message):
    spoil(package)
    assert message in refusal("avec2012", package, *options)
