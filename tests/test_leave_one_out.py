"""local/leave_one_out.sh: every speaker is predicted by models trained without them."""

import json
import subprocess

import numpy as np
import pytest
from conftest import ROOT, make_data_dir, write_archive, write_predictions

from cer.base.errors import BadInput
from cer.base.locks import alone
from cer.base.tables import read_table, write_table
from cer.bin import score
from cer.data.datadir import Archive
from cer.scoring.metrics import ccc
from local.leave_one_out import folds as folds_program
from local.leave_one_out import join, table
from local.leave_one_out.folds import folds
from local.results import compare, sections


def test_each_speaker_is_tested_once_and_dev_is_the_next_in_the_circle():
    speakers = list("ABCDE")
    made = folds(speakers, 2)
    assert list(made) == speakers and made["D"] == {"test": ["D"], "dev": ["E", "A"], "train": ["B", "C"]}
    assert all(sorted(sets["test"] + sets["dev"] + sets["train"]) == speakers for sets in made.values())


@pytest.mark.parametrize("num_dev", [0, 4])
def test_too_few_speakers_are_refused(num_dev):
    with pytest.raises(BadInput, match=f"5 labelled speakers and --num-dev={num_dev}"):
        folds(list("ABCDE"), num_dev)


def test_as_many_speakers_as_there_are_sets_are_enough():
    assert folds(["A", "B", "C"], 1)["C"] == {"test": ["C"], "dev": ["A"], "train": ["B"]}


def test_the_lists_of_a_fold_are_those_of_its_sets(tmp_path, capsys):
    write_table(tmp_path / "spk2utt", {name: f"{name}-1 {name}-2" for name in "FEDCBA"})
    folds_program.main([str(tmp_path), str(tmp_path / "out")])  # four speakers for dev
    assert capsys.readouterr().out.split() == list("ABCDEF")
    lists = [(tmp_path / "out" / "C" / f"{name}.list").read_text() for name in ("train", "dev", "test")]
    assert lists == ["B\n", "D\nE\nF\nA\n", "C\n"]
    folds_program.main([str(tmp_path), str(tmp_path / "out"), "--num-dev=1"])
    assert (tmp_path / "out" / "F" / "train.list").read_text() == "B\nC\nD\nE\n"


def test_the_table_has_the_scores_over_all_speakers_and_of_each(tmp_path, capsys):
    random = np.random.default_rng(0)
    labels = {f"{s}-{n}": random.normal(size=(50, 1)).astype(np.float32) for s in "ABC" for n in (1, 2)}
    write_archive(tmp_path / "all", "arousal", labels)
    (tmp_path / "all" / "label_shift").write_text("0.04\n")
    write_table(tmp_path / "all" / "utt2spk", {key: key[0] for key in labels})
    write_table(tmp_path / "all" / "spk2utt", {s: f"{s}-1 {s}-2" for s in "ABC"})
    out = tmp_path / "predict_all"
    write_predictions(out, "arousal", labels, 0.5, 0.04, runs=3)
    score.main(["--system=net", "--set=all", str(tmp_path / "all"), str(out)])
    capsys.readouterr()
    table.main([str(tmp_path / "all"), str(tmp_path), "--num-dev=1"])
    outputs = [dict(Archive(out / name / "output.scp")) for name in (".", "run1", "run2", "run3")]

    def pairs(speaker, output):
        keys = [key for key in labels if key[0] == speaker]
        return np.concatenate([labels[key][:-1, 0] for key in keys]), np.concatenate(
            [output[key][:, 0] for key in keys]
        )

    record = json.loads((tmp_path / "score.json").read_text())
    assert record["ccc"] == json.loads((out / "score.json").read_text())["ccc"] and list(record["speakers"]) == [*"ABC"]
    told, figures = [], []
    for speaker, found in record["speakers"].items():
        each = [ccc(*pairs(speaker, output)) for output in outputs]
        y, p = pairs(speaker, outputs[0])
        rmse, pcc = np.sqrt(np.mean((y - p) ** 2)), np.corrcoef(y, p)[0, 1]
        assert [found["ccc"], *found["runs"]] == pytest.approx(each, abs=1e-6)
        assert (found["rmse"], found["pcc"]) == pytest.approx((rmse, pcc), abs=1e-6)
        figures.append((each[0], np.mean(each[1:]), rmse, pcc))
        told.append(f"{speaker} {figures[-1][0]:.3f}")
    text = (tmp_path / "sections" / "85-leave_one_out.md").read_text()
    assert text == capsys.readouterr().out and text.endswith(f"\n\nCCC of each speaker: {', '.join(told)}.\n")
    assert text.startswith("## Leave one speaker out: net, arousal\n\nEach speaker was")
    assert "without that speaker: 3 folds, dev sets of 1 speaker." in text and "mean prediction of 3 runs)," in text
    labels = tmp_path / "all" / "data" / "arousal.ark"
    assert sections.is_current(tmp_path, "85-leave_one_out")
    labels.write_bytes(labels.read_bytes() + b"?")
    assert not sections.is_current(tmp_path, "85-leave_one_out")
    mean, spread = np.mean(figures, axis=0), np.std([one[0] for one in figures], ddof=1)
    assert (
        f"| mean over speakers | {mean[0]:.3f} ± {spread:.3f} | {mean[1]:.3f} |  | {mean[2]:.3f} | {mean[3]:.3f} |"
        in text
    )
    whole = " | ".join(f"{record[name]:.3f}" for name in ("ccc_per_recording", "rmse", "pcc"))
    assert (
        f"| all speakers as one | {record['ccc']:.3f} | {record['ccc_mean']:.3f} ± {record['ccc_std']:.3f} | {whole} |"
        in text
    )


def test_the_number_of_dev_speakers_is_required(tmp_path, capsys):
    with pytest.raises(SystemExit) as error:
        table.main([str(tmp_path), str(tmp_path)])
    assert error.value.code == 2 and "required: --num-dev" in capsys.readouterr().err


def test_one_run_has_no_deviation(tmp_path):
    one = {"ccc": 0.5, "rmse": 0.1, "pcc": 0.6}
    record = one | {"system": "net", "target": "joy", "ccc_mean": 0.4, "ccc_std": None, "ccc_per_recording": 0.3}
    record |= {"runs": [{}], "speakers": {name: one | {"runs": [0.4]} for name in "AB"}}
    text = table.report(record, 2)
    assert "| all speakers as one | 0.500 | 0.400 | 0.300 | 0.100 | 0.600 |" in text
    assert "mean prediction of 1 run)," in text and "2 folds, dev sets of 2 speakers" in text


def predicted(folder, about):
    """The predictions of a fold: a table of the mean and of each run."""
    for name in [".", *about["runs"]]:
        write_table(folder / name / "output.scp", {folder.parent.name: f"{folder.parent.name}/{name}.ark:3"})
    (folder / "predictions.json").write_text(json.dumps({"target": "joy", "shift": 0.04} | about))


def test_runs_that_a_fold_lacks_are_lacking_in_all_and_are_named(tmp_path, capsys):
    why = {"run2": "did not learn (dev CCC .01)"}
    folds = {"A": {"runs": ["run1", "run3"], "failed": why}, "B": {"runs": ["run1", "run2", "run3"]}}
    folds["C"] = {"runs": ["run1", "run2"], "failed": why}  # no run learnt
    for speaker, about in folds.items():
        predicted(tmp_path / speaker / "predict", about)
    predicted(tmp_path / "predict_all", {"runs": ["run1", "run2", "run3"]})  # of an earlier call
    join.main([str(tmp_path / "predict_all"), *(str(tmp_path / speaker / "predict") for speaker in "CBA")])
    told = capsys.readouterr().err
    out = tmp_path / "predict_all"
    assert read_table(out / "output.scp") == {speaker: f"{speaker}/..ark:3" for speaker in "ABC"}
    assert read_table(out / "run2" / "output.scp") == {"A": "A/run3.ark:3", "B": "B/run2.ark:3", "C": "C/run2.ark:3"}
    assert json.loads((out / "predictions.json").read_text()) == {
        "target": "joy", "shift": 0.04, "runs": ["run1", "run2"]}  # fmt: skip
    assert [path.name for path in sorted(out.glob("run*"))] == ["run1", "run2"]
    lines = [
        "A: run2 did not learn (dev CCC .01): left out of the mean",
        "C: run2 did not learn (dev CCC .01): in the mean, since no run learnt",
    ]
    assert all(f"{tmp_path}/{line.replace(': ', '/predict: ', 1)}" in told for line in lines)
    one = {"ccc": 0.5, "rmse": 0.1, "pcc": 0.6}
    record = one | {"system": "net", "target": "joy", "ccc_mean": 0.4, "ccc_std": 0.1, "ccc_per_recording": 0.3}
    record |= {"runs": [{}, {}], "speakers": {name: one | {"runs": [0.4, 0.4]} for name in "ABC"}}
    text = table.report(record, 1, folds)
    assert "mean prediction of 3 runs)," in text and all(f"\n- {line}\n" in text for line in lines)
    assert "\n- Single runs are therefore 2, the fewest that a fold has.\n\nCCC of each" in text
    del folds["A"], folds["C"]
    folds["B"]["runs"].pop()
    assert "deviation.\n\nCCC of each speaker" in table.report(record, 1, folds)


def rename(directory, old, new):
    for path in directory.iterdir():
        if path.is_file():
            path.write_text("".join(line.replace(old, new) for line in path.open()))


@pytest.fixture
def corpus(tmp_path):
    """Sets train (P00, P01), dev (Q00, Q01) and test (no labels)."""
    make_data_dir(tmp_path / "train", utterances=2, seed=1)
    rename(make_data_dir(tmp_path / "dev", utterances=2, seed=2), "P0", "Q0")
    rename(make_data_dir(tmp_path / "test", utterances=2, seed=3, labels=False), "P0", "R0")
    return tmp_path


def leave_one_out(corpus, *options):
    opts = ["--opts", "--max-epochs=2 --width=4", "--num-runs", "2", "--num-dev", "1", *options]
    words = ["downup", "arousal", corpus, corpus / "downup_wide_arousal"]
    done = subprocess.run(["local/leave_one_out.sh", *opts, *words], cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_a_second_call_in_a_folder_changes_no_fold_of_the_first(corpus):
    out = corpus / "downup_wide_arousal"
    with alone(out / ".lock", "the folds"):
        status, text = leave_one_out(corpus)
    assert status == 1 and "is at work on it; wait until it has ended" in text
    assert [path.name for path in out.iterdir()] == [".lock"]


@pytest.mark.slow
def test_all_labelled_speakers_are_held_out_and_scored_as_one(corpus):
    status, text = leave_one_out(corpus)
    assert status == 0, text
    out = corpus / "downup_wide_arousal"
    speakers = ["P00", "P01", "Q00", "Q01"]
    assert list(read_table(out / "Q01" / "data" / "test" / "utt2spk")) == ["Q01"]
    assert list(read_table(out / "Q01" / "data" / "dev" / "utt2spk")) == ["P00"]
    assert list(read_table(out / "Q01" / "data" / "train" / "utt2spk")) == ["P01", "Q00"]
    record = json.loads((out / "score.json").read_text())
    assert list(record["recordings"]) == list(record["speakers"]) == speakers and len(record["runs"]) == 2
    for speaker in speakers:
        assert record["speakers"][speaker]["ccc"] == pytest.approx(record["recordings"][speaker]["ccc"])
        own = Archive(out / speaker / "predict" / "output.scp")[speaker]
        assert np.array_equal(Archive(out / "predict_all" / "output.scp")[speaker], own)
    report = (out / "sections" / "85-leave_one_out.md").read_text()
    assert report.startswith("## Leave one speaker out: downup_wide, arousal\n") and f"{record['ccc']:.3f}" in report

    weights = {path: path.stat().st_mtime_ns for path in out.glob("*/run*/final.pt")}
    (out / "P01" / ".done.run2").unlink()  # as after a kill
    status, text = leave_one_out(corpus)
    assert status == 0 and "P01: 1 of 2 runs are up to date" in text and text.count("2 of 2 runs") == 3, text
    assert {path: path.stat().st_mtime_ns for path in weights} == weights and len(weights) == 8


def test_without_labels_there_is_nothing_to_leave_out(corpus):
    status, text = leave_one_out(corpus, "--sets", "test")
    assert status == 1 and "no arousal.scp in any of" in text


def left_out(tmp_path, name, noise, seed=0):
    """A folder of local/leave_one_out.sh, without its folds: labels of three speakers, and predictions of them all."""
    random = np.random.default_rng(seed)
    labels = {f"{s}-{n}": random.normal(size=(50, 1)).astype(np.float32) for s in "ABC" for n in (1, 2)}
    write_archive(tmp_path / f"labels{seed}", "arousal", labels)
    folder = tmp_path / "exp" / "leave_one_out" / name
    (folder / "data" / "all").mkdir(parents=True)
    (folder / "data" / "all" / "label_shift").write_text("0.04\n")
    (folder / "data" / "all" / "arousal.scp").write_text((tmp_path / f"labels{seed}" / "arousal.scp").read_text())
    write_table(folder / "data" / "all" / "utt2spk", {key: key[0] for key in labels})
    write_predictions(folder / "predict_all", "arousal", labels, noise, 0.04, runs=1)
    words = ["--set=leave_one_out", str(folder / "data" / "all"), str(folder / "predict_all")]
    score.main([f"--system={name.removesuffix('_arousal')}", *words])
    return folder


def test_systems_are_compared_on_the_speakers_that_were_left_out(tmp_path, capsys):
    folders = [left_out(tmp_path, *one) for one in (("good_arousal", 0.1), ("poor_arousal", 0.9))]
    capsys.readouterr()
    words = [str(tmp_path / "data"), str(tmp_path / "exp"), "--set", "leave_one_out"]
    compare.main(words)
    out = tmp_path / "exp" / "compare" / "leave_one_out.json"
    assert capsys.readouterr().out == f"{out}: 1 pair compared, 0 as before\n"
    [found] = json.loads(out.read_text())["pairs"]
    assert (found["systems"], found["set"], found["speakers"]) == (["good", "poor"], "leave_one_out", 3)
    one = found["targets"]["arousal"]["ensemble"]
    scores = [json.loads((folder / "predict_all" / "score.json").read_text())["ccc"] for folder in folders]
    assert one["ccc"] == pytest.approx(scores, abs=1e-12) and scores[0] > scores[1] and one["p"] == 2 / 2**3
    text = (tmp_path / "exp" / "sections" / "30-compare_leave_one_out.md").read_text()
    assert "| good | poor | leave_one_out | arousal | ensembles |" in text
    compare.main(words)
    assert "0 pairs compared, 1 as before" in capsys.readouterr().out
    left_out(tmp_path, "other_arousal", 0.5, seed=1)
    with pytest.raises(SystemExit, match="good_arousal/data/all/arousal.scp and .*other_arousal/.* the same labels"):
        compare.main([*words, "--systems", "good", "other"])


def test_two_folders_of_one_system_are_no_systems_to_compare(tmp_path):
    left_out(tmp_path, "good_arousal", 0.1)
    again = left_out(tmp_path, "again", 0.1)
    words = ["--set=leave_one_out", str(again / "data" / "all"), str(again / "predict_all")]
    score.main(["--system=good", *words])
    with pytest.raises(SystemExit, match="has good, arousal, as .* expected one folder for each: <system>_<target>"):
        compare.main([str(tmp_path / "data"), str(tmp_path / "exp"), "--set", "leave_one_out"])
