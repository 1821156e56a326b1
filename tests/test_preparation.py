"""What all preparations share: recordings with traces become data directories, whoever rated them, at any rate."""

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, write_wav

from cer.base.errors import BadInput
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.corpora import grid, preparation
from cer.corpora.preparation import Item, Rated
from cer.data import datadir, targets
from cer.data.datadir import Archive
from cer.scoring.gold_standard import METHODS, pairwise
from cer.scoring.metrics import ccc

NAN = math.nan
SECONDS = 4


@pytest.fixture
def wav(tmp_path):
    return write_wav(tmp_path / "x.wav", np.arange(16000 * SECONDS) % 999)


def traces(names, *values, shift=1.0):
    return Rated(grid.rated("x.csv", shift, names, np.array(values, float)))


FIVE = [0, 0.1, -0.2, 0.3, 0.4]


def items(wav, rated, sets=("train", "dev")):
    return (Item(name, f"{name}1", f"{name}1", wav, {"joy": rated}) for name in sets)


def prepare(data, found, **options):
    preparation.prepare(data, "a corpus", found, **{"method": "mean"} | options)
    return data


def test_a_rater_of_whom_a_recording_has_no_trace_is_a_gap_there(tmp_path, wav, capsys):
    one, two, still = traces("AB", FIVE, FIVE[::-1]), traces("CB", FIVE, FIVE), traces("DA", [NAN] * 5, FIVE)
    found = [Item("train", f"t{n}", f"t{n}", wav, {"joy": rated}) for n, rated in enumerate((one, two, still))]
    data = prepare(tmp_path / "data", iter([*found, *items(wav, traces("B", FIVE), ["dev"])]))
    assert (data / "train/ratings/raters").read_text() == "A B C\n"
    assert (data / "dev/ratings/raters").read_text() == "B\n"
    kept = Archive(data / "train/ratings/joy.scp", gaps=True)
    nothing = [NAN] * 5
    for key, columns in (
        ("t0", [FIVE, FIVE[::-1], nothing]),
        ("t1", [nothing, FIVE, FIVE]),
        ("t2", [FIVE, nothing, nothing]),
    ):
        assert np.array_equal(kept[key], np.float32(columns).T, equal_nan=True)
    lines = (data / "agreement.txt").read_text().splitlines()
    assert "raters A, B, C" in lines[0] and lines[3] == "train t1 joy 1.000 1.000 C=1.000 B=1.000"
    assert lines[4] == "train t2 joy nan nan A=nan"
    assert f"{data}/train: 3 recordings, 3 with labels every 1 s" in capsys.readouterr().out


@pytest.mark.parametrize("method", METHODS)
def test_the_gold_standard_takes_the_raters_that_are_there(tmp_path, wav, method):
    rated = traces("ABC", [NAN, NAN, 0.2, 0.2, 0.6], [NAN] * 5, [NAN, 0.1, 0.3, 0.2, NAN])
    data = prepare(tmp_path / "data", items(wav, rated), method=method)
    expected = METHODS[method](rated.raters.values[[0, 2]])
    found = Archive(data / "train/joy.scp", gaps=True)["train1"][:, 0]
    assert np.allclose(found, expected, equal_nan=True) and np.isnan(found).tolist() == [True] + [False] * 4


@pytest.mark.parametrize("rate", [1, 2, 4, 10, 25, 49.979, 50, 60, 30000 / 1001])
def test_labels_come_at_any_rate(tmp_path, wav, rate):
    count = math.floor(SECONDS * rate) + 1
    data = prepare(tmp_path / "data", items(wav, traces("A", np.linspace(-1, 1, count), shift=1 / rate)))
    assert datadir.label_shift(data / "train") == 1 / rate
    assert len(Archive(data / "dev/joy.scp")["dev1"]) == count


def test_a_shift_that_is_measured_may_differ_by_its_rounding(tmp_path, wav):
    def found(other):
        yield from items(wav, traces("A", np.zeros(81), shift=0.05), ["train"])
        yield from items(wav, traces("A", np.zeros(81), shift=other), ["dev"])

    prepare(tmp_path / "data", found(0.05 + 1e-5))
    with pytest.raises(BadInput, match=r"x.csv: labels every 0.0502 s, every 0.05 s in x.csv"):
        prepare(tmp_path / "data", found(0.0502))


def test_nothing_is_replaced_before_all_recordings_were_read(tmp_path, wav):
    data = prepare(tmp_path / "data", items(wav, traces("A", FIVE)))
    before = {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}

    def broken():
        yield from items(wav, traces("A", np.zeros(5)), ["train", "dev", "test"])
        raise BadInput("the last one")

    wrong = [(broken(), "the last one"), (items(wav, traces("A", FIVE * 2)), "found 10 rows of labels, expected 5"),
             (items(wav, traces("A", FIVE), ["train", "dev", "dev"]), "expected unique ids"),
             (items(wav, traces("A", FIVE), ["train"]), "dev: there are no recordings for it"),
             (items(wav, traces("A", [NAN] * 5)), "train: found no labels of its 1 recordings"),
             (items(wav, traces("A", [0, 0, math.inf, 0, 0])), "joy: found inf in row 2"), ]  # fmt: skip
    for found, message in wrong:
        with pytest.raises(BadInput, match=message):
            prepare(data, found)
        assert before == {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}


def test_recordings_are_not_held_in_memory(tmp_path, wav):
    alive, most = 0, 0

    class Counted(np.ndarray):
        def __del__(self):
            nonlocal alive
            alive -= self.base is None

    def found():
        nonlocal alive, most
        for n in range(50):
            values = Counted((2, 5))
            values[:] = FIVE
            alive += 1
            most = max(most, alive)
            yield Item(
                ("train", "dev")[n % 2], f"t{n}", f"t{n}", wav, {"joy": Rated(grid.rated("x", 1.0, "AB", values))}
            )
            del values

    open_before = len([*Path("/proc/self/fd").iterdir()])
    prepare(tmp_path / "data", found())
    assert most <= 3 and len([*Path("/proc/self/fd").iterdir()]) == open_before


def test_the_raters_can_be_chosen_where_they_are_there(tmp_path, wav):
    found = [*items(wav, traces("AB", FIVE, FIVE), ["train"]), *items(wav, traces("BC", FIVE, FIVE), ["dev"])]
    data = prepare(tmp_path / "data", iter(found), annotators="C,B")
    assert (data / "dev/ratings/raters").read_text() == "C B\n" and (data / "train/ratings/raters").read_text() == "B\n"
    with pytest.raises(BadInput, match="--annotators: found no rater X in any file"):
        prepare(data, iter(found), annotators="B,X")
    with pytest.raises(BadInput, match="x.csv: found the raters B, C, A, B in x.csv"):
        prepare(data, iter(found), same_raters=True)
    with pytest.raises(BadInput, match="x.csv: found no rater C; there are A, B"):
        prepare(data, iter(found), same_raters=True, annotators="C,B")


def test_a_gold_standard_of_the_corpus_comes_before_raters(tmp_path, wav):
    rated = traces("A", FIVE)
    rated.gold = grid.rated("g.csv", 1.0, ["gold"], np.array([[1, 0, NAN, 0, 1]]))
    data = prepare(tmp_path / "data", items(wav, rated), method="given")
    assert np.array_equal(Archive(data / "dev/joy.scp", gaps=True)["dev1"][:, 0], [1, 0, NAN, 0, 1], equal_nan=True)
    assert (data / "dev/ratings/joy.scp").exists()


def test_the_options_of_all_corpora_are_declared_once(tmp_path, wav):
    options = Parser("")
    preparation.add_options(options, ["joy"])
    values = options.parse(["--gold-standard=ewe", "--smooth=2"])
    assert values.targets == ["joy"]
    prepare(tmp_path / "data", items(wav, traces("AB", FIVE, FIVE)), **preparation.chosen(options, values, given=False))
    assert abs(np.diff(Archive(tmp_path / "data/dev/joy.scp")["dev1"][:, 0])).max() < 0.2  # 0.5 unsmoothed


def test_the_report_tells_the_agreement_before_and_after_refinement(tmp_path, wav):
    rated = traces("AB", FIVE, [2 * x + 0.1 for x in FIVE])
    before = pairwise(rated.raters.values, ccc)[0]
    data = prepare(tmp_path / "data", items(wav, rated), refinement={"standardise": True, "smooth": 0.0})
    assert "gold standard: mean after --standardise=true; raters A, B" in (data / "agreement.txt").read_text()
    line = (data / "agreement.txt").read_text().splitlines()[-1]
    assert line == f"dev dev1 joy {before:.3f} 1.000 A={before:.3f} B={before:.3f} | 1.000 1.000 A=1.000 B=1.000"
    kept = Archive(data / "dev/ratings/joy.scp")["dev1"]
    assert np.allclose(kept.T, rated.raters.values, atol=1e-6)  # the raters' own


def test_raters_are_moved_by_one_lag_each_found_in_all_recordings(tmp_path):
    sound = write_wav(tmp_path / "long.wav", np.arange(16000 * 60) % 999)
    hidden = np.cumsum(np.random.default_rng(2).standard_normal((3, 360)), axis=1) / 40
    found, names, lags = [], ["AB", "BC", "CA"], {"A": 4, "B": 0, "C": -4}
    for n, (walk, raters) in enumerate(zip(hidden, names, strict=True)):
        rated = traces(raters, *[walk[20 - lags[r] : 321 - lags[r]] for r in raters], shift=0.2)
        found.append(Item("train" if n else "dev", f"t{n}", f"t{n}", sound, {"joy": rated}))
    refinement = {"smooth": 0.0, "standardise": False, "align": "lag"}
    data = prepare(tmp_path / "data", iter(found), refinement=refinement)
    labels = dict(Archive(data / "train/joy.scp")) | dict(Archive(data / "dev/joy.scp"))
    for n, walk in enumerate(hidden):
        assert np.allclose(labels[f"t{n}"][4:-4, 0], walk[24:317], atol=1e-6)
    head, _, *lines = (data / "agreement.txt").read_text().splitlines()
    assert "mean after --align=lag" in head and all(" | 0.99" in line or " | 1.0" in line for line in lines), lines
    assert np.allclose(Archive(data / "dev/ratings/joy.scp")["t0"].T, found[0].rated["joy"].raters.values, atol=1e-6)


@pytest.mark.parametrize("refinement", ["--align=lag", "--align=delay", "--standardise=true", "--smooth=1"])
def test_a_corpus_s_own_gold_standard_is_not_refined(refinement):
    options = Parser("")
    preparation.add_options(options, ["joy"])
    with pytest.raises(BadInput, match="--align refine raters' traces, .* choose --gold-standard=avec, mean, ewe"):
        preparation.chosen(options, options.parse([refinement]), given=True)
    assert (
        preparation.chosen(options, options.parse(["--gold-standard=ewe", refinement]), given=True)["method"] == "ewe"
    )


def test_a_corpus_says_what_its_targets_mean(tmp_path, wav):
    data = prepare(tmp_path / "data", items(wav, traces("A", FIVE)), meanings={"joy": ("sad", "full of joy")})
    assert read_table(data / "dev/targets") == {"joy": "sad full_of_joy"}
    assert (
        targets.ends("joy", targets.meanings(data / "dev")) == "sad to full of joy"
        and targets.ends("stress") == "relaxed to stressed"
    )
    assert targets.scale("joy", targets.meanings(data / "dev")) == "from sad (−1) to full of joy (+1)"
    prepare(data, items(wav, traces("A", FIVE)))
    assert targets.meanings(data / "dev") == {} and not (data / "dev/targets").exists()
    (data / "dev/targets").write_text("joy sad\n")
    with pytest.raises(BadInput, match="dev/targets: joy: found 1 words, expected two"):
        targets.meanings(data / "dev")


def test_the_example_in_the_readme_is_a_whole_preparation(tmp_path, wav):
    text = (ROOT / "egs" / "README.md").read_text().partition("## Add a corpus")[2]
    (tmp_path / "prepare.py").write_text(text.partition("```python\n")[2].partition("```")[0])
    for name in ("ann-1", "ann-2", "bob-1", "cleo-1"):
        put = tmp_path / "mine/audio" / f"{name}.wav", tmp_path / "mine/traces/joy" / f"{name}_rater1.csv"
        for path in put:
            path.parent.mkdir(parents=True, exist_ok=True)
        put[0].write_bytes(wav.read_bytes())
        put[1].write_text("Second,Rating\n%%%,%%%\n0,-50\n1.9,0\n3.8,100\n")
    command = [sys.executable, "-m", "prepare", tmp_path / "mine", tmp_path / "data"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert f"{tmp_path}/data/train: 3 recordings, 3 with labels every 0.04 s" in done.stdout
    joy = Archive(tmp_path / "data/dev/joy.scp", gaps=True)["cleo-1"][:, 0]
    assert joy[0] == -0.5 and joy[95] == 1 and np.isnan(joy[96:]).all() and len(joy) == 101
    script = text.partition("```\n#!/usr")[2].partition("```")[0]
    (tmp_path / "prepare.sh").write_text(f"#!/usr{script}")
    done = subprocess.run(["bash", tmp_path / "prepare.sh", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and "e.g.:" in done.stdout


@pytest.mark.parametrize("given, options, method", [
    (True, {}, "given"), (False, {}, "avec"), (True, {"annotators": "A,B"}, "avec"),
    (False, {"annotators": "A"}, "avec"),
    (True, {"gold_standard": "given"}, "given"), (True, {"gold_standard": "mean"}, "mean"),
    (False, {"gold_standard": "ewe", "annotators": "A"}, "ewe"), (True, {"gold_standard": "ewe"}, "ewe"),
])  # fmt: skip
def test_a_gold_standard_of_the_corpus_is_taken_unless_another_is_chosen(given, options, method):
    assert preparation.method_of(given, **options) == method


@pytest.mark.parametrize("given, options, message", [
    (True, {"gold_standard": "median"}, "--gold-standard=median: expected one of auto, given, avec, mean, ewe"),
    (True, {"gold_standard": "given", "annotators": "A"}, "--gold-standard=given takes no --annotators"),
    (False, {"gold_standard": "given"}, "--gold-standard=given: this corpus, in this layout, has none of its own"),
])  # fmt: skip
def test_a_gold_standard_that_cannot_be_is_refused(given, options, message):
    with pytest.raises(BadInput, match=message):
        preparation.method_of(given, **options)


def test_a_gold_standard_of_another_length_is_refused_where_it_is_used(tmp_path, wav):
    rated = traces("A", FIVE)
    rated.gold = grid.rated("g.csv", 1.0, ["gold"], np.zeros((1, 20)))
    with pytest.raises(BadInput, match="g.csv: found 20 rows of labels, expected 5 .*: 0 to 4 s, .* every 1 s"):
        prepare(tmp_path / "data", items(wav, rated), method="given")
    assert len(Archive(prepare(tmp_path / "data", items(wav, rated)) / "dev/joy.scp")["dev1"]) == 5


@pytest.mark.parametrize("rows, fits", [(5, False), (6, True), (7, True), (8, True), (9, False)])
def test_labels_may_be_a_few_more_or_fewer_than_the_recording_holds(tmp_path, rows, fits, monkeypatch):
    monkeypatch.setattr(preparation.frames, "TOLERANCE", 1)
    sound = write_wav(tmp_path / "y.wav", np.zeros(6000, int), 1000)  # labels at 0, 1 ... 6 s: 7
    try:
        prepare(tmp_path / "data", items(sound, traces("A", np.zeros(rows))))
    except BadInput as error:
        assert not fits and f"found {rows} rows of labels, expected 7 (or up to 1 more or less)" in str(error)
    else:
        assert fits


@pytest.mark.parametrize("values, told", [
    (FIVE, "\n"), ([NAN, *FIVE[1:]], ", 20% of them missing\n"), ([NAN] * 4 + [0], ", 80% of them missing\n"),
])  # fmt: skip
def test_the_share_of_labels_that_are_gaps_is_told(tmp_path, wav, capsys, values, told):
    prepare(tmp_path / "data", items(wav, traces("A", values)))
    assert f"dev: 1 recording, 1 with labels every 1 s{told}" in capsys.readouterr().out


def test_what_traces_held_beyond_their_use_is_counted_over_all_recordings(tmp_path, wav, capsys):
    rated = traces("A", FIVE)
    rated.raters.repeated, rated.raters.ignored = 2, 1
    prepare(tmp_path / "data", items(wav, rated))
    told = capsys.readouterr().err
    assert "found 4 times that stand there twice, of which the last counts" in told
    assert "found 2 columns that nobody asked for" in told
    prepare(tmp_path / "data", items(wav, traces("A", FIVE)))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("rates, told", [
    ((8000, 16000), ["1 recording of 8000 Hz (train1), others of up to 16000 Hz; these have nothing above 4000 Hz"]),
    ((16000, 44100), []), ((8000, 8000), []),
])  # fmt: skip
def test_recordings_of_a_lower_rate_than_others_are_told(tmp_path, capsys, rates, told):
    sets = zip(("train", "dev"), rates, strict=True)
    wavs = [(name, write_wav(tmp_path / f"{name}.wav", np.arange(rate * SECONDS) % 99, rate)) for name, rate in sets]
    prepare(tmp_path / "data", (Item(name, f"{name}1", name, wav, {"joy": traces("A", FIVE)}) for name, wav in wavs))
    said = [line for line in capsys.readouterr().err.splitlines() if "Hz" in line]
    assert len(said) == len(told) and all(one in line for one, line in zip(told, said, strict=True))


def test_a_set_without_recordings_is_told_and_an_old_one_moved_aside(tmp_path, wav, capsys):
    data = prepare(tmp_path / "data", items(wav, traces("A", FIVE)))
    assert f"{data}/test: not made: the corpus holds no recordings of it\n" in capsys.readouterr().out
    prepare(data, items(wav, traces("A", FIVE), ["train", "dev", "test"]))
    prepare(data, items(wav, traces("A", FIVE)))
    told = capsys.readouterr().out
    assert f"{data}/test: the one that was there moved to " in told and not (data / "test").exists()
    moved = Path(told.partition("was there moved to ")[2].partition("\n")[0])
    assert (moved / "joy.scp").exists()
