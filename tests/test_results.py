"""local/results: where systems lie, and the rows of the tables, on made-up records."""

import json

import pytest
from conftest import score_record

from cer.base.errors import BadInput
from cer.base.facts import Stamp, take
from local.results import systems, tables


def record(system, target="arousal", set_name="dev", ccc=0.5, **more):
    return score_record(system, target, set_name, ccc) | more


def scored_by(exp, system, target="arousal", set_name="dev", scores=None):
    """The folder of predictions and scores that are up to date; scores: a record."""
    folder = exp / system / target / f"predict_{set_name}"
    folder.mkdir(parents=True)
    (folder / "score.json").write_text(json.dumps(scores or {}))
    (folder / "input").write_text("1\n")
    for name in (".done", ".done.score"):
        Stamp(folder / name).commit([folder / "score.json"], take([folder / "input"]))
    return folder


@pytest.fixture
def results(monkeypatch):
    """Say which records results.json has."""
    return lambda *records: monkeypatch.setattr(systems, "read_results", lambda path: list(records))


# Where systems lie


@pytest.mark.parametrize("stamp", [".done", ".done.score"])
def test_scores_whose_input_has_changed_are_left_out_with_a_warning(tmp_path, capsys, stamp):
    folder = scored_by(tmp_path, "net")
    assert systems.is_present(folder) is True and capsys.readouterr().err == ""
    (folder / "other").write_text("1\n")
    Stamp(folder / stamp).commit([folder / "score.json"], take([folder / "other"]))
    (folder / "other").write_text("2\n")
    assert systems.is_present(folder) is False
    assert f"{folder}: is left out: made from something else (" in capsys.readouterr().err


def test_all_scores_are_listed_in_order_without_those_that_are_out_of_date(tmp_path):
    with pytest.raises(BadInput, match="found no .*/score.json; stage 5"):
        systems.score_files(tmp_path)
    folders = [scored_by(tmp_path, *where) for where in (("b", "joy"), ("a", "joy", "test"), ("a", "joy", "dev"))]
    assert systems.score_files(tmp_path) == [folders[n] / "score.json" for n in (2, 1, 0)]
    (folders[1] / "input").write_text("2\n")
    assert systems.score_files(tmp_path) == [folders[n] / "score.json" for n in (2, 0)]


def test_scores_of_other_folders_than_their_own_are_no_systems(tmp_path, capsys):
    """Those of leave-one-out, without a word, as they belong to its own report; those of a copied folder aloud."""
    own, alone = record("net", "joy"), record("net", "joy", "leave_one_out")
    folder = scored_by(tmp_path, "net", "joy", scores=own)
    scored_by(tmp_path, "net_copy", "joy", scores=own)
    scored_by(tmp_path, "leave_one_out", "net_joy", "all", scores=alone)
    scored_by(tmp_path, "leave_one_out", "net_delay_joy", "all", scores=alone)
    assert systems.records(tmp_path) == [own]
    text = capsys.readouterr().err
    assert f"{tmp_path}/net_copy/joy/predict_dev/score.json: is left out: it has the scores of {folder}" in text
    assert "leave_one_out" not in text


def test_systems_scored_on_a_set_are_sorted_by_target_and_name(tmp_path, results):
    where = [("b", "joy"), ("a", "joy"), ("a", "anger"), ("a", "fear", "test")]
    results(*(record(*one) for one in where))
    folders = {one: scored_by(tmp_path, *one) for one in where}
    found = systems.scored(tmp_path, "dev")
    assert list(found) == ["anger", "joy"] and list(found["joy"]) == ["a", "b"]
    assert found == {"anger": {"a": folders[where[2]]}, "joy": {"a": folders[where[1]], "b": folders[where[0]]}}
    assert systems.scored(tmp_path, "test") == {"fear": {"a": folders[where[3]]}}
    (folders[where[2]] / "input").write_text("2\n")
    assert list(systems.scored(tmp_path, "dev")) == ["joy"]
    with pytest.raises(BadInput, match="found no system scored on eval; run stage 5"):
        systems.scored(tmp_path, "eval")


def touch(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return list(paths)


def test_predictions_are_the_mean_and_those_of_the_runs(tmp_path):
    runs = touch(tmp_path / "run1" / "output.scp", tmp_path / "run2" / "output.scp")
    (tmp_path / "run3").mkdir()
    assert systems.outputs(tmp_path) == (tmp_path / "output.scp", runs)


def test_commands_are_listed_once_where_there_are_any(tmp_path):
    a, b = touch(tmp_path / "a" / "joy" / "command", tmp_path / "b" / "joy" / "command")
    records = [record("b", "joy"), record("a", "joy"), record("a", "joy", "test"), record("c", "joy")]
    assert systems.commands(tmp_path, records) == [a, b]


@pytest.fixture
def processed(tmp_path):
    """A system of two runs, and one that post-processes them through links; records of both."""
    for run in ("run1", "run2"):
        touch(tmp_path / "net" / "joy" / run / "progress.csv")
        (tmp_path / "post" / "joy").mkdir(parents=True, exist_ok=True)
        (tmp_path / "post" / "joy" / run).symlink_to(tmp_path / "net" / "joy" / run)
    runs = [{"run": "run2"}, {"run": "run1"}]
    return [record("post", "joy", runs=runs), record("net", "joy", runs=runs), record("net", "fear", runs=runs)]


def test_the_command_of_runs_is_that_of_the_system_which_trained_them(tmp_path, processed):
    for one in processed[:2]:
        assert systems.command_of_runs(tmp_path, one) == tmp_path / "net" / "joy" / "command"
    assert systems.command_of_runs(tmp_path, record("post", "joy", runs=[])) == tmp_path / "post" / "joy" / "command"


def test_epochs_belong_to_the_system_that_trained(tmp_path, processed):
    touch(tmp_path / "early" / "joy" / "run1" / "progress.csv")
    records = [*processed, record("early", "joy", runs=[{"run": "run1"}, {"run": "run9"}])]
    wanted = [("early", "run1"), ("net", "run1"), ("net", "run2")]
    assert list(systems.progress_files(tmp_path, records, "joy")) == [
        (system, tmp_path / system / "joy" / run / "progress.csv") for system, run in wanted
    ]


def test_systems_that_were_not_scored_are_named():
    found = {"joy": {"b": 1, "a": 1}, "fear": {"c": 1, "a": 1}}
    systems.check(["c", "a"], found, "--systems")
    with pytest.raises(BadInput, match=r"^--systems: found x y, not scored on this set; there are a b c$"):
        systems.check(["x", "a", "y"], found, "--systems")


# The tables


def test_a_row_has_the_figures_of_dev_and_of_test():
    dev = record(
        "net", ccc=0.5, interval=[0.41, 0.59], ccc_mean=0.45, ccc_std=0.02, ccc_per_recording=0.3, runs=[{}] * 3
    )
    dev |= {"rmse": 0.125, "pcc": 0.625}
    test = record("net", set_name="test", ccc=0.75, rmse=0.25)
    other = record("net", "joy", ccc=0.9)
    row = ["net", "0.500", "0.410 to 0.590", "0.450 ± 0.020", "3", "0.300", "0.125", "0.625", "0.750", "0.250"]
    assert tables.our_rows([other, test, dev], "arousal") == [row] and len(tables.HEAD) == len(row)
    dev |= {"interval": None, "ccc_std": None, "runs": [{}]}
    row[2:5], row[8:] = ["–", "0.450", "1"], ["–", "–"]
    assert tables.our_rows([dev], "arousal") == [row]
    assert tables.our_rows([test], "arousal") == [["net", *["–"] * 7, "0.750", "0.250"]]


def test_systems_stand_in_the_order_of_their_names():
    rows = tables.our_rows([record(name) for name in ("b", "a", "b", "c")], "arousal")
    assert [row[0] for row in rows] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "more, name",
    [
        ({}, "net"),
        ({"postprocess": "smooth, fitted on train"}, "net"),
        ({"postprocess": "scale, fitted on dev"}, "net (fitted on dev: optimistic)"),
        ({"failed": ["run2", "run3"]}, "net (failed: run2, run3)"),
        ({"postprocess": "fitted on dev", "failed": ["run2"]}, "net (fitted on dev: optimistic; failed: run2)"),
    ],
)
def test_what_makes_a_figure_doubtful_stands_beside_the_name(more, name):
    assert tables.our_rows([record("net", **more)], "arousal")[0][0] == name


def test_the_papers_rows_are_marked_and_stand_below_ours():
    found = tables.tables([record("net"), record("net", "joy")])
    assert list(found) == ["arousal", "joy"] and "paper" not in found["joy"]
    head, _, ours, *papers = found["arousal"].splitlines()
    assert head.startswith("| system | dev CCC | 95 % interval |") and ours.startswith("| net | 0.500 |")
    assert len(papers) == 6 and papers[0] == "| *paper, RECOLA: Valstar et al. 2016 (AVEC baseline)* | .796 |" + (
        "  |" * 4 + " – |  | .648 | – |"
    )
    assert papers[-1] == f"| *paper, RECOLA: Down/Up* | .867 |{'  |' * 4} .100 |  | .681 | .137 |"
