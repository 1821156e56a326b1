"""cer/data/predictions.py: predictions as people open them."""

import csv
import json

import numpy as np
import pytest
from conftest import write_archive

from cer.base.errors import BadInput
from cer.data import predictions
from cer.data.datadir import Archive


@pytest.mark.parametrize(
    "asked, number, each", [("auto", 100, True), ("auto", 101, False), ("true", 10_000, True), ("false", 1, False)]
)
def test_each_utterance_has_its_csv_if_they_are_few_or_it_was_asked_for(asked, number, each):
    assert predictions.each_has_csv(asked, number) is each


def test_a_csv_has_the_time_and_each_target(tmp_path):
    columns = {"arousal": np.float32([0.1, -2]), "valence": np.float32([1 / 3, 0])}
    predictions.write_csv(tmp_path / "x.csv", 0.04, {"x": columns})
    assert (tmp_path / "x.csv").read_text() == "time,arousal,valence\n0,0.100000,0.333333\n0.04,-2.000000,0.000000\n"


def test_a_table_begins_with_the_id_whatever_it_is(tmp_path):
    each = {key: {"arousal": np.float32([1])} for key in ("a%d", 'say "a", b', "c")}
    predictions.write_csv(tmp_path / "x.csv", 0.04, each, ids=True)
    with (tmp_path / "x.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["id", "time", "arousal"], *([key, "0", "1.000000"] for key in each)]


@pytest.mark.parametrize("csvs, names", [
    ("false", []), ("table", ["output.2.csv"]), ("true", ["c.csv", "d.csv"]),
])  # fmt: skip
def test_a_job_leaves_an_archive_and_the_csvs_that_were_asked_for(tmp_path, csvs, names):
    with predictions.writing_predictions(tmp_path, 2, "joy", 0.5, csvs) as write:
        write("d", np.array([0.25, -1]))
        write("c", np.array([0.5]))
    found = Archive(tmp_path / "output.2.scp")
    assert {key: found[key].tolist() for key in found} == {"d": [[0.25], [-1]], "c": [[0.5]]}
    assert sorted(path.name for path in tmp_path.glob("csv/*")) == names
    texts = [(tmp_path / "csv" / name).read_text() for name in names]
    assert texts == {
        "false": [], "table": ["id,time,joy\nd,0,0.250000\nd,0.5,-1.000000\nc,0,0.500000\n"],
        "true": ["time,joy\n0,0.500000\n", "time,joy\n0,0.250000\n0.5,-1.000000\n"],
    }[csvs]  # fmt: skip


def test_no_csv_is_made_unless_asked_for(tmp_path):
    with predictions.writing_predictions(tmp_path, 1, "joy", 0.5) as write:
        write("c", np.array([0.5]))
    assert not (tmp_path / "csv").exists()


def test_a_folder_holds_predictions_of_a_system_or_of_recordings(tmp_path):
    with pytest.raises(BadInput, match="found no predictions, expected a folder of steps/predict.sh or predict_record"):
        predictions.read_folder(tmp_path)
    for name in ("joy", "fear", "feats"):
        write_archive(tmp_path, name, {"P1": np.ones((2, 1), np.float32)})
    (tmp_path / "label_shift").write_text("0.1\n")
    found, shift = predictions.read_folder(tmp_path)
    assert [*found] == ["fear", "joy"] and [*found["joy"]] == ["P1"] and shift == 0.1
    write_archive(tmp_path, "output", {"P2": np.ones((2, 1), np.float32)})
    about = {"target": "anger", "shift": 0.25, "runs": ["run1"]}
    (tmp_path / "predictions.json").write_text(json.dumps(about))
    found, shift = predictions.read_folder(str(tmp_path))
    assert [*found] == ["anger"] and [*found["anger"]] == ["P2"] and shift == 0.25
    for wrong, message in (({"runs": []}, "runs: found"), ({"shift": 0}, "shift: found 0"), ({"failed": 3}, "failed:")):
        (tmp_path / "predictions.json").write_text(json.dumps(about | wrong))
        with pytest.raises(BadInput, match=f"predictions.json: {message}.*; run stage 4 .steps/predict.sh."):
            predictions.read_folder(tmp_path)


def test_columns_of_different_lengths_are_no_csv(tmp_path):
    with pytest.raises(ValueError, match="shorter"):
        predictions.write_csv(tmp_path / "x.csv", 0.04, {"x": {"joy": np.zeros(2), "fear": np.zeros(1)}})
    assert not [*tmp_path.iterdir()]
