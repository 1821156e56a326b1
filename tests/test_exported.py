"""What an export takes, and what is compared before it is given out."""

import json
import re

import numpy as np
import onnxruntime
import pytest
import torch
from test_export import FBANK, STEPS, make_model, paste
from torch import nn

from cer import load_model
from cer.base.errors import BadInput
from cer.bin import export as program
from cer.data import cmvn
from cer.export import readme
from cer.export.exported import Exported
from cer.export.graph import Lstm
from cer.features.fbank import Features as Fbank
from cer.models import architecture
from cer.system import model_folder


@pytest.fixture
def model(tmp_path):
    return make_model(tmp_path / "model", "linear_stacking", 1)


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    """The graph of a system as `model` makes it, on features."""
    folder = make_model(tmp_path_factory.mktemp("graph"), "linear_stacking", 1)
    return Exported(folder, "features").to_onnx({"target": "arousal", "rate": "100"})


@pytest.mark.parametrize(
    "arch, kind, fbank, shortest, rate, shape",
    [
        ("dnn", "samples", {"snip_edges": False}, 240, 16000, ("samples",)),  # frames begin at -120 and 40
        ("dnn", "samples", {"snip_edges": True}, 560, 16000, ("samples",)),  # the windows of two frames
        ("dnn", "samples", {"sample_frequency": 8000.0}, 120, 8000, ("samples",)),
        ("dnn", "features", {}, 2, 100, ("frames", 8)),
        ("dnn", "normalised", {"use_energy": True}, 2, 100, ("frames", 9)),
        ("end_to_end", "samples", {}, 2, 16000, ("samples",)),
    ],
)
def test_the_shortest_input_has_two_frames(tmp_path, arch, kind, fbank, shortest, rate, shape):
    exported = Exported(make_model(tmp_path, arch, 1, fbank=FBANK | fbank), kind)
    assert (exported.shortest, exported.rate, exported.shape) == (shortest, rate, shape)


def test_the_lengths_to_compare_have_all_remainders_and_span_every_receptive_field(model):
    exported = Exported(model, "features")
    assert exported.lengths[0] == exported.shortest and len(exported.lengths) == len(set(exported.lengths))
    assert {length % 4 for length in exported.lengths} == {0, 1, 2, 3}  # four frames make a row
    before, after = architecture("dilated")(32).receptive_field()
    assert max(exported.lengths) > 4 * (before + after + 1)


@pytest.mark.parametrize("front_end", ["fbank", "waveform"])
def test_predictions_to_compare_with_are_those_from_recordings(tmp_path, front_end):
    folder = make_model(tmp_path, "dilated" if front_end == "fbank" else "end_to_end", 1, steps=STEPS)
    description = model_folder.read_description(folder / "run1")
    if front_end == "fbank":
        description["global_cmvn"] = [[0.0] * 8 + [1.0], [1.0] * 8 + [0.0]]  # must be there, is not used
    model_folder.write_description(folder / "run1", description)
    exported = Exported(folder, "samples")
    samples = exported.noise(33 * 16000)  # shorter ones are normalised by the training set
    expected = load_model(folder).predict(samples.astype(np.int16), 16000)
    np.testing.assert_allclose(exported.recipe(samples), expected, atol=1e-6)


def test_features_are_normalised_unless_the_input_is(tmp_path):
    folder = make_model(tmp_path, "dilated")
    samples, end = Exported(folder, "samples"), Exported(folder, "features")
    x = samples.noise(31000)
    features = samples.front_end(x, 16000)
    normalised = ((features - features.mean(0)) / features.std(0)).astype(np.float32)
    np.testing.assert_allclose(end.recipe(features), samples.recipe(x), atol=1e-6)
    np.testing.assert_allclose(Exported(folder, "normalised").recipe(normalised), samples.recipe(x), atol=1e-4)
    means = Exported(make_model(tmp_path / "means", "dilated", norm_vars=False), "features")
    expected = Exported(tmp_path / "means", "normalised").recipe(features - features.mean(0))
    np.testing.assert_allclose(means.recipe(features), expected, atol=1e-4)
    stats = cmvn.statistics([features])
    assert np.abs(cmvn.apply(features, stats) - normalised).max() < 1e-4


@pytest.mark.parametrize("kind, mean, deviation", [("features", 12, 3), ("normalised", 0, 1)])
def test_features_to_compare_on_have_the_scale_of_log_energies_or_of_normalised_ones(model, kind, mean, deviation):
    found = Exported(model, kind).noise(5000)
    assert found.shape == (5000, 8) and found.dtype == np.float32
    np.testing.assert_allclose([found.mean(), found.std()], [mean, deviation], atol=0.1)


def test_samples_to_compare_on_are_16_bit_integers_whose_loudness_varies(model):
    exported = Exported(model, "samples")
    found = exported.noise(960_000, seed=5)  # a minute: long enough to get too loud for 16 bits
    assert found.dtype == np.float32 and (found == found.astype(np.int16)).all()
    loud = found.reshape(60, -1).std(1)
    assert loud.max() > 10 * loud.min() and abs(found).max() > 32000
    assert (found == exported.noise(960_000, seed=5)).all() and (found != exported.noise(960_000, seed=6)).any()
    assert (exported.noise(99) == exported.noise(99, seed=0)).all()


@pytest.mark.parametrize("lacks", ["graph", "rate"])
def test_a_front_end_without_a_graph_or_a_rate_cannot_be_exported(model, monkeypatch, lacks):
    monkeypatch.setattr(Fbank, lacks, None)
    with pytest.raises(BadInput, match="run1: a graph cannot hold the front end fbank; use --input features"):
        Exported(model, "samples")


def test_a_graph_names_its_input_its_output_and_what_it_is_told(graph):
    session = onnxruntime.InferenceSession(graph)
    [x], [y] = session.get_inputs(), session.get_outputs()
    assert (x.name, x.shape, y.name, y.shape) == ("features", ["frames", 8], "predictions", ["rows"])
    told = session.get_modelmeta().custom_metadata_map
    assert told == {"target": "arousal", "rate": "100"}


def test_a_graph_is_given_out_if_it_predicts_what_the_recipe_does(model, graph):
    assert Exported(model, "features").check(graph) <= 1e-5


@pytest.mark.parametrize(
    "steps, rows, message",
    [
        (
            [{"step": "centre", "value": 0.1}],
            4,
            "differ from the recipe's by 1.0e-01, expected at most 1e-05; the arch",
        ),
        ([{"step": "centre", "value": 1e-4}], 4, "differ from the recipe's by 1.0e-04"),
        ([], 5, r"the graph has \(31,\) predictions, the recipe \(25,\)"),  # of 123 frames
    ],
)
def test_a_graph_that_differs_from_the_recipe_is_not_given_out(model, graph, steps, rows, message):
    exported = Exported(make_model(model, "linear_stacking", 1, steps=steps), "features")
    if rows != 4:
        exported.recipe = lambda x: np.zeros(-(-len(x) // rows), np.float32)
        exported.noise = lambda size, seed: np.zeros((123, 8), np.float32)
    with pytest.raises(BadInput, match=message):
        exported.check(graph)


def test_a_graph_that_gives_no_number_at_one_length_is_not_given_out(model, graph):
    exported = Exported(model, "features")
    recipe, length = exported.recipe, exported.lengths[2]
    exported.recipe = lambda x: recipe(x) * (np.nan if len(x) == length else 1)
    with pytest.raises(BadInput, match="differ from the recipe's by nan"):
        exported.check(graph)


def test_a_graph_that_does_not_run_is_not_given_out(tmp_path, graph):
    exported = Exported(make_model(tmp_path, "linear_stacking", 1, fbank=FBANK | {"use_energy": True}), "features")
    with pytest.raises(BadInput, match=r"the graph cannot be run on \(2, 9\) features .*dimension"):
        exported.check(graph)


def test_why_an_export_fails_is_told_in_300_letters_of_one_line(model, monkeypatch):
    seen = []

    def fail(module, inputs, **_):
        seen.extend(inputs)
        raise RuntimeError("no\n operator " + 999 * "x")

    monkeypatch.setattr(torch.export, "export", fail)
    with pytest.raises(BadInput, match=r"linear_stacking cannot be exported to ONNX \(no operator x{288}\)$"):
        Exported(model, "features").to_onnx({})
    assert seen[0].shape == (100_023, 8)  # so long that no layer has length 1, which torch takes for a special case


def test_the_readme_of_a_licensed_corpus_says_so_and_nothing_else_is_said(tmp_path, capfd, recwarn, caplog):
    model, out = make_model(tmp_path / "model", "linear_stacking", 1, told=False), tmp_path / "out"
    program.main(["--input=features", "--corpus=recola", str(model), str(out)])
    said, complaints = capfd.readouterr()
    *steps, last = said.splitlines()
    assert [step.partition(":")[0] for step in steps] == ["1 of 3", "2 of 3", "3 of 3"]
    assert re.fullmatch(r".*/out: model.onnx of \d.\d MB, at most \S+ from the recipe's own predictions", last)
    assert not complaints and not recwarn.list and not [one for one in caplog.records if one.levelno > 10]
    text = (out / "README.md").read_text()
    assert "may fall under that corpus's licence" in text and "corpus recola" in text
    exported = Exported(model, "features")
    np.save(out / "features.npy", exported.noise(345))
    assert np.abs(paste(out)[:, 1] - exported.recipe(exported.noise(345))).max() <= 1e-5 + 5e-5


@pytest.mark.parametrize(
    ("corpora", "words", "said"),
    [
        (["SYNTHETIC corpus (seed=1)", "RECOLA"], ["--otherwise=synth", "--open"], "and RECOLA. **A model"),
        (["recordings of mine"], ["--otherwise=folder"], "the corpus recordings of mine. **A model"),
        (["recordings of mine"], ["--corpus=mine", "--open"], "The corpus, mine, is generated by that code and open"),
        ([], ["--otherwise=synth", "--open"], "The corpus, synth, is generated by that code and open"),
    ],
)
def test_the_corpora_that_the_model_names_count_before_that_of_the_command(tmp_path, monkeypatch, corpora, words, said):
    model, out = make_model(tmp_path / "model", "linear_stacking", 1, told=False), tmp_path / "out"
    content = json.loads((model / "run1" / model_folder.MODEL).read_text())
    del content["checksum"]
    model_folder.write_description(model / "run1", content | {"corpora": corpora})
    monkeypatch.setattr(program.Exported, "to_onnx", lambda *_: b"graph")
    monkeypatch.setattr(program.Exported, "check", lambda *_: 0.0)
    program.main(["--input=features", *words, str(model), str(out)])
    assert said in (out / "README.md").read_text()


def test_the_readme_names_what_the_model_learnt_from_and_whether_it_is_open(tmp_path):
    exported = Exported(make_model(tmp_path / "model", "linear_stacking", 1, told=False), "features")
    made = "SYNTHETIC corpus (seed=1)"
    for corpora, said in [
        ([made], f"The corpus, {made}, is generated by that code and open"),
        (["RECOLA"], "learnt from the corpus RECOLA. **A model"),
        ([made, "RECOLA"], f"learnt from the corpus {made} and RECOLA. **A model"),
        ([], "learnt from the corpus (not told). **A model"),
    ]:
        exported.description["corpora"] = corpora
        text = readme.readme(exported, "", False, [], 0, "")
        assert said in text and f"- corpus: {' and '.join(corpora) or 'not told'}\n" in text


@pytest.mark.parametrize("layers, both, batch_first", [(2, True, False), (1, False, True)])
def test_an_lstm_in_a_graph_is_torchs_at_any_length(tmp_path, layers, both, batch_first):
    torch.manual_seed(0)
    lstm = nn.LSTM(3, 5, layers, bidirectional=both, batch_first=batch_first)
    shape = (2, 9, 3) if batch_first else (9, 3)
    longer = (4, 23, 3) if batch_first else (23, 3)
    program = torch.export.export(
        First(Lstm(lstm)),
        (torch.zeros(shape),),
        dynamic_shapes=(dict.fromkeys(range(len(shape) - 1), torch.export.Dim.DYNAMIC),),
    )
    torch.onnx.export(program, verbose=False).save(tmp_path / "lstm.onnx")
    session, x = onnxruntime.InferenceSession(tmp_path / "lstm.onnx"), torch.randn(longer)
    [found] = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    np.testing.assert_allclose(found, lstm(x)[0].detach().numpy(), atol=1e-5)


class First(nn.Module):
    """The first output of a layer alone."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]
