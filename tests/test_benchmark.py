"""local/benchmark/: the products of a network are those that it computes, and the commands run on little input."""

import json
import shutil

import numpy as np
import pytest
import torch
from conftest import ROOT, make_data_dir, write_predictions

from cer.data.datadir import labels_of
from local.benchmark import corpora, epochs, features, ratios, recipe, single
from local.benchmark.measure import Row, Time, alternate, process
from local.results import sections


@pytest.fixture
def net(small):
    return epochs.Net("dilated", small, num_layers=2, width=3, filter_width=2)


def test_the_products_of_a_network_are_those_of_its_convolutions(net):
    three = 2 * 3  # taps, utterances
    both = 2 * three  # in training, and on dev
    assert net.products() == {
        ("forward", 200, 16, 3): both, ("grad weight", 200, 16, 3): three,  # the first input needs no gradient
        ("forward", 200, 3, 3): both, ("grad weight", 200, 3, 3): three, ("grad input", 200, 3, 3): three,
        ("forward", 200, 3, 1): 6, ("grad weight", 200, 3, 1): 3, ("grad input", 200, 3, 1): 3,
    }  # fmt: skip
    assert epochs.floor(net.products()).cpu > 0


def test_the_network_of_conv1d_computes_the_same(net):
    stock, x = epochs.Stock(net.model), torch.randn(50, 16)
    assert torch.allclose(stock(stock.prepare(x)), net.model(x), atol=1e-6)


def test_calls_take_turns_and_the_first_round_does_not_count():
    order, times = [], iter([9, 9, 3, 1, 1, 5, 2, 9])
    calls = {name: lambda name=name: order.append(name) or Time(next(times), 0.0) for name in "ab"}
    assert alternate(calls, 3) == {
        "a": [(3, 0, None), (1, 0, None), (2, 0, None)],
        "b": [(1, 0, None), (5, 0, None), (9, 0, None)],
    }
    assert order == [*"abababab"]


@pytest.mark.parametrize(
    "goal, value, met",
    [("<= 1.5", 1.5, True), ("<= 1.5", 1.6, False), (">= 8", 8, True), (">= 8", 7, False), ("", 1, None)],
)
def test_a_row_says_whether_its_goal_is_met(goal, value, met):
    assert Row("x", "x", goal, [Time(0, 2 * value)], [Time(0, 2)]).met() is met


def test_the_peak_memory_of_a_process_is_its_own():
    mine = np.ones(50_000_000)  # 400 MB
    assert process(["true"]).megabytes < 100 < mine.nbytes / 1e6


@pytest.fixture
def little(monkeypatch):
    monkeypatch.setattr(epochs, "SIZES", [(2, 50), (2, 50)])
    monkeypatch.setattr(features, "SIZES", [(2, 1.0), (2, 1.0)])
    monkeypatch.setattr(features, "LONG", (2.0, 2.0))
    monkeypatch.setattr(single, "LENGTHS", (50, 50))
    monkeypatch.setattr(single, "WIDTH", 8)


@pytest.mark.slow
def test_all_rows_are_in_the_table_and_in_the_file(little, tmp_path, capsys, monkeypatch):
    exp, data = tmp_path / "exp", make_data_dir(tmp_path / "data" / "dev")
    shutil.copytree(data, data.with_name("train"))
    predictions = exp / "system" / "arousal" / "predict_dev"
    write_predictions(predictions, "arousal", dict(labels_of(data, "arousal")), 0.1, 0.04)
    process([ROOT / "steps" / "score.sh", data, predictions])
    (exp / "results.json").write_text(f"[{(predictions / 'score.json').read_text()}]")
    monkeypatch.setattr(recipe, "RUN", "true")
    words = [
        "--quick",
        "--repeats=1",
        f"--data={data.parent}",
        f"--exp={exp}",
        f"--json={tmp_path}/r.json",
        "--section",
    ]
    ratios.main(words)
    text, record = capsys.readouterr().out, json.loads((tmp_path / "r.json").read_text())
    assert [row["name"] for row in record["rows"]] == ratios.NAMES
    assert (exp / "sections" / "80-efficiency.md").read_text() == text and sections.is_current(exp, "80-efficiency")
    with monkeypatch.context() as patch:
        patch.setattr(ratios, "MODULES", [])  # nothing is measured
        ratios.main([word for word in words if "json" not in word])
        assert capsys.readouterr().out == f"{exp}/sections/80-efficiency.md is up to date\n"
    (data / "utt2num_frames").write_text("other sizes\n")
    assert not sections.is_current(exp, "80-efficiency")
    assert text.startswith("## Efficiency\n") and "one thread; python 3" in text
    assert all(f"\n| {name} | " in text for name in ratios.NAMES)
    assert record["machine"]["cores"] and record["machine"]["versions"]["torch"] == torch.__version__


def test_rows_can_be_chosen_and_features_are_generated(little, capsys):
    ratios.main(["--quick", "--repeats=1", "conv1d", "busy"])
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()[-2:]] == ["conv1d", "busy"]


@pytest.mark.parametrize(
    "words, said",
    [
        (["stage0"], "stage0: expected --exp, the folder of systems of a finished ./run.sh"),
        (["single", "--exp=nowhere", "--section"], "found no folder nowhere, expected that of a finished ./run.sh"),
        (["run", "--exp=.", "--run-opts=it's"], r"--run-opts: found .* \(No closing quotation\), expected the options"),
        (["single", "--json=."], r"ERROR \(\w+\) \.: found a folder, expected the name of a file to write"),
        (["single", "--json=/dev/null/x"], "/dev/null: "),
    ],
)
def test_what_cannot_be_measured_or_written_is_told_before_the_work(words, said, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for module in ratios.MODULES:
        monkeypatch.setattr(module, "measure", lambda *_: pytest.fail("measured"))
    with pytest.raises(SystemExit, match=said):
        ratios.main(words)
    assert not [*tmp_path.iterdir()]


def test_generated_recordings_have_the_length_that_was_asked_for(tmp_path):
    corpora.recordings(tmp_path / "x", 2, 0.5, 16000)
    features.ours(tmp_path / "x", 16000)
    assert (tmp_path / "x" / "feats.utt2num_frames").read_text() == "x00000 50\nx00001 50\n"
