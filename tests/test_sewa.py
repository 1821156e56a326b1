"""SEWA's packages of 2017, 2018 and 2019, made here on a tiny scale: what is read, and what is refused."""

import numpy as np
import pytest
from corpus_programs import check, ids, labels, prepare, refusal, sound, write

NAMES = {
    2017: ["Train_01", "Train_02", "Devel_01", "Test_01"],
    2018: ["Train_DE_01", "Devel_DE_01", "Test_DE_01", "Test_HU_01"],
    2019: ["Train_DE_01", "Train_HU_01", "Devel_DE_01", "Devel_HU_01", "Test_DE_01", "Test_HU_01", "Test_CN_01"],
}
HEADS = {2017: "", 2018: "", 2019: '"name";"timestamp";"arousal";"valence";"liking"\n'}
ROWS = 41


def values(seed, rows=ROWS):
    return np.round(np.random.default_rng(seed).uniform(-0.9, 0.9, (3, rows)), 4)


def csv(key, year, seed, rows=ROWS):
    name = f'"{key}"' if year == 2019 else f"'{key}'"
    lines = [f"{name};{n / 10:.1f};{a};{v};{li}\n" for n, (a, v, li) in enumerate(values(seed, rows).T)]
    return HEADS[year] + "".join(lines)


def make(folder, year=2019):
    """A package of a year; test has no labels, and there are features of another's making."""
    for seed, key in enumerate(NAMES[year]):
        sound(folder / "audio" / f"{key}.wav", 4.0, 44100 if seed == 1 else 16000, seed)
        if not key.startswith("Test"):
            write(folder / "labels" / f"{key}.csv", csv(key, year, seed))
        write(folder / "audio_features_mfcc" / f"{key}.csv", "name;frameTime;mfcc\nno number;0;x\n")
    return folder


@pytest.mark.parametrize("year", NAMES)
def test_a_package_of_each_year_is_read(tmp_path, year):
    data, printed = prepare("sewa", make(tmp_path / "sewa", year))
    check(data)
    for word, name in (("Train", "train"), ("Devel", "dev"), ("Test", "test")):
        assert [*ids(data, name)] == sorted(key for key in NAMES[year] if key.startswith(word))
    assert (data / "dev/label_shift").read_text() == "0.1\n" and not [*(data / "test").glob("*arousal*")]
    for n, target in enumerate(("arousal", "valence", "liking")):
        found = labels(data, "train", target)
        assert np.allclose(found[NAMES[year][0]], values(0)[n], atol=1e-6)
    assert "WARNING" not in printed


def test_columns_are_found_by_their_names_in_any_order(tmp_path):
    corpus = make(tmp_path / "sewa")
    rows = "".join(f"0;x;7;{n / 50};-.5;{n / 10:.1f}\n" for n in range(ROWS))
    write(corpus / "labels/Train_DE_01.csv", f"liking;name;extra;'Valence';AROUSAL;timestamp\n{rows}")
    data, _ = prepare("sewa", corpus, "--targets=arousal,valence")
    assert np.allclose(labels(data, "train", "arousal")["Train_DE_01"], -0.5)
    assert np.allclose(labels(data, "train", "valence")["Train_DE_01"], np.arange(ROWS) / 50)


def test_cultures_can_be_chosen_and_the_user_can_divide(tmp_path):
    corpus = make(tmp_path / "sewa")
    data, _ = prepare("sewa", corpus, "--cultures=HU")
    assert [*ids(data, "train")] == ["Train_HU_01"] and [*ids(data, "test")] == ["Test_HU_01"]
    own = write(tmp_path / "own", "train Devel_DE_01\ndev Train_DE_01\n")
    data, printed = prepare("sewa", corpus, f"--partition={own}")
    assert [*ids(data, "dev")] == ["Train_DE_01"] and "Train_HU_01 left out" in printed


@pytest.mark.parametrize("more, told", [(-20, True), (-11, True), (-9, False), (9, False), (11, True), (20, True)])
def test_labels_may_be_shorter_or_longer_than_the_sound_and_by_more_than_a_second_it_is_told(tmp_path, more, told):
    rows, missing = ROWS + more, max(0, -more)
    corpus = make(tmp_path / "sewa", 2018)
    write(corpus / "labels/Train_DE_01.csv", csv("Train_DE_01", 2018, 5, rows))
    data, printed = prepare("sewa", corpus)
    found = labels(data, "train", "arousal")["Train_DE_01"]
    assert len(found) == ROWS and np.isnan(found).sum() == missing
    assert np.allclose(found[: ROWS - missing], values(5, rows)[0, : ROWS - missing], atol=1e-6)
    assert (f"found times from 0 to {(rows - 1) / 10:g} s" in printed) is told and printed.count("WARNING") == told


TRAIN = "labels/Train_DE_01.csv"


def line(number, text):
    def spoil(corpus):
        lines = (corpus / TRAIN).read_text().splitlines()
        write(corpus / TRAIN, "\n".join([*lines[: number - 1], text, *lines[number:]]) + "\n")

    return spoil


@pytest.mark.parametrize("spoil, options, message", [
    (line(3, "x;0.1;0;high;0"), [], "Train_DE_01.csv:3: found 'high', expected a finite number"),
    (line(3, "x;0.1;0;nan;0"), [], "Train_DE_01.csv:3: found 'nan', expected a finite number"),
    (line(3, "x;0.1;0;2;0"), [], "Train_DE_01.csv:3: valence: found 2, expected -1 to 1"),
    (line(3, "x;7;0;0;0"), [], "Train_DE_01.csv:4: found the time 0.2 after 7"),
    (line(3, "x;0.1;0"), [], "Train_DE_01.csv:3: found 3 columns in"),
    (line(1, "name;timestamp;arousal;liking;b"), [], "Train_DE_01.csv:1: found ['name', 'timestamp', 'arousal', 'l"),
    (lambda corpus: write(corpus / TRAIN, "x;0;0;0;0\n"), [], "Train_DE_01.csv:1: found 1 row of labels"),
    (lambda corpus: write(corpus / TRAIN, ""), [], "Train_DE_01.csv: is empty"),
    (lambda corpus: write(corpus / TRAIN, csv("x", 2018, 0)), ["--targets=joy"], "csv:1: found no head, thus name;"),
    (lambda corpus: (corpus / TRAIN).unlink(), [], "Train_DE_01.csv: no such file; train needs labels of Train_DE_01"),
    (lambda corpus: sound(corpus / "audio/talk.wav", 1), [], "talk.wav: found this name, expected Train, Devel"),
    (lambda corpus: [path.unlink() for path in corpus.glob("audio/*")], [], "audio: found no .wav files"),
    (lambda corpus: None, ["--cultures=HU", "--partition=x"], "--cultures: found --partition, too"),
    (lambda corpus: None, ["--cultures=FR"], "--cultures: found no recordings of FR, there are CN, DE, HU"),
    (lambda corpus: [path.unlink() for path in corpus.glob("audio/*_??_*")] + [sound(corpus / "audio/Train_01.wav", 1)],
     ["--cultures=DE"], "--cultures: found no recordings of DE, there are no names with cultures"),
    (lambda corpus: None, ["--cultures=CN"], "audio: found 0 recordings for train and 0 for dev"),
])  # fmt: skip
def test_what_cannot_be_is_named(tmp_path, spoil, options, message):
    corpus = make(tmp_path / "sewa")
    spoil(corpus)
    assert message in refusal("sewa", corpus, *options)
