"""local/results/tables.py: our systems and the paper's in one table a target."""

import pytest
from conftest import score_record

from cer.base import records
from cer.base.errors import BadInput
from cer.data import corpora
from cer.scoring import significance
from local.paper import figure4
from local.results import pairs, tables


def record(system, set_name="dev", ccc=0.5, target="arousal", **more):
    return score_record(system, target, set_name, ccc) | more


def rows(*records):
    return [dict(zip(tables.HEAD, row, strict=True)) for row in tables.our_rows(records, "arousal")]


def test_a_system_has_a_row_with_what_was_scored_of_it():
    full = record("b", ccc=0.25, ccc_mean=0.125, ccc_std=0.0625, interval=[0.0, 0.5], rmse=0.5, pcc=0.75)
    found = rows(full, record("b", "test", 1), record("a", "test", 0.75), record("c", target="joy"))
    assert [[*row.values()] for row in found] == [
        ["a", "–", "–", "–", "–", "–", "–", "–", "0.750", "0.100"],
        ["b", "0.250", "0.000 to 0.500", "0.125 ± 0.062", "1", "0.250", "0.500", "0.750", "1.000", "0.100"],
    ]
    [row] = rows(record("a"))
    assert (row["95 % interval"], row["single runs"], row["runs"]) == ("–", "0.500", "1")
    [row] = rows(record("a", interval=None, runs=[{}] * 3))
    assert (row["95 % interval"], row["runs"], row["test CCC"]) == ("–", "3", "–")


def test_the_first_record_of_a_system_and_set_counts():
    [row] = rows(record("a", ccc=0.25), record("a", ccc=0.75))
    assert row["dev CCC"] == "0.250"


@pytest.mark.parametrize("dev, name", [
    ({}, "a"), ({"postprocess": "chain"}, "a"), ({"postprocess": "x, fitted on dev"}, "a (fitted on dev: optimistic)"),
    ({"failed": {"run2": "x", "run5": "y"}}, "a (failed: run2, run5)"),
    ({"failed": {"run2": "x"}, "postprocess": "fitted on dev"}, "a (fitted on dev: optimistic; failed: run2)"),
    ({"undecided": ["run1", "run2"]}, "a (too few epochs: run1, run2)"),
])  # fmt: skip
def test_a_name_tells_what_makes_the_figures_others(dev, name):
    assert tables.name_of("a", dev) == name


def test_the_papers_rows_stand_below_ours_in_the_same_columns():
    found = {row[0]: dict(zip(tables.HEAD, row, strict=True)) for row in tables.paper_rows("arousal")}
    assert len(found) == 6 and len(tables.paper_rows("valence")) == 6 and tables.paper_rows("joy") == []
    brady = found["*paper, RECOLA: Brady et al. 2016*"]
    assert (brady["dev CCC"], brady["dev RMSE"], brady["test CCC"], brady["single runs"]) == (".846", ".107", "–", "")
    povolny = found["*paper, RECOLA: Povolny et al. 2016*"]
    assert (povolny["dev CCC"], povolny["test CCC"], povolny["test RMSE"], povolny["dev PCC"]) == (
        ".832",
        ".682",
        ".141",
        "",
    )
    text = tables.tables([record("a"), record("b", target="joy")])
    assert [*text] == ["arousal", "joy"] and "| b |" in text["joy"] and "RECOLA" not in text["joy"]
    assert text["arousal"].index("| a |") < text["arousal"].index("Brady") and "| b |" not in text["arousal"]


def test_the_notes_mention_the_papers_rows_only_where_there_are_any():
    assert "The paper's rows" in tables.notes(["arousal", "joy"])
    assert "The paper's rows" not in tables.notes(["joy"])


@pytest.mark.parametrize("lines, there", [
    (["RECOLA"], True), (["SYNTHETIC corpus (seed 1)"], True), ([], True),
    (["MuSe, c1_muse_wild"], False), (["RECOLA", "SEWA"], False), (["recordings of RECOLA"], False),
])  # fmt: skip
def test_of_another_corpus_no_figure_of_the_papers_is_shown(tmp_path, lines, there):
    (tmp_path / "dev").mkdir()
    if lines:
        corpora.write_corpora(tmp_path / "dev", *lines)
    where = [tmp_path / "dev"]
    assert bool(tables.paper_rows("arousal", where)) == there == ("paper" in tables.notes(["arousal"], where))
    assert ("paper" in tables.tables([record("a")], where)["arousal"]) == there
    one = {"recordings": 1, "share_below_hz": {"1": 0.5}, "ccc": {str(factor): 1.0 for factor in figure4.FACTORS}}
    assert ("paper" in figure4.markdown({"arousal": one}, 0.04, where)) == there


# Pairs of systems, local/results/pairs.py


@pytest.mark.parametrize("speakers, swaps", [(13, "all 64 swaps"), (14, "64 swaps drawn by chance")])
def test_the_section_of_a_pair_tells_its_figures_and_how_they_were_found(speakers, swaps):
    assert significance.EXACT == 13
    one = {"ccc": [0.5, 0.25], "intervals": [[0.25, 0.75], None], "difference": 0.25, "interval": [-0.125, 0.5],
           "p": 0.015, "swaps": 64, "least": 0.01}  # fmt: skip
    kinds = {"ensemble": one, "runs": one | {"number": [5, 4], "interval": None}}
    found = {"systems": ["a", "b"], "set": "dev", "speakers": speakers, "targets": {"joy": kinds}}
    text = pairs.markdown([found, found | {"systems": ["a", "c"]}], {"c": "c (fitted on dev: optimistic)"})
    assert f"speaker by speaker ({swaps})" in text and f"over the speakers ({speakers})" in text
    figures = "0.500 [0.250, 0.750] | 0.250 | +0.250"
    assert (
        f"| a | b | dev | joy | ensembles | {figures} [-0.125, +0.500] | 0.015 | 2 | 0.03 | a |" in text
        and "| a | c (fitted on dev: optimistic) |" in text
    )
    assert f"| a | b | dev | joy | 5 and 4 runs | {figures} | 0.015 | 2 | 0.03 | not shown: one speaker only |" in text


@pytest.mark.parametrize("field, good, bad", [
    ("ccc", [[0.5, 0.25]], [[0.5], [0.5, 0.25, 0.1], None]), ("p", [0, 1], [-0.1, 1.1]), ("swaps", [0, 9], [-1, 0.5]),
    ("intervals", [[None, None]], [[None], [None] * 3, [[0.1], None]]), ("interval", [None, [0, 1]], [[0], [0, 1, 2]]),
    ("least", [0.5], [2]), ("difference", [-0.5], [None]),
])  # fmt: skip
def test_figures_of_a_pair_that_cannot_be_are_refused(field, good, bad):
    one = {"ccc": [0.5, 0.25], "intervals": [[0.25, 0.75], None], "difference": 0.25, "interval": None,
           "p": 0.5, "swaps": 64, "least": 0.25}  # fmt: skip

    def check(value):
        kinds = {"ensemble": one | {field: value}, "runs": one | {"number": [5, 4]}}
        found = {"systems": ["a", "b"], "set": "dev", "speakers": 9, "targets": {"joy": kinds}}
        records.check(found, pairs.RECORD, "x.json", pairs.CURE)

    for value in good:
        check(value)
    for value in bad:
        with pytest.raises(BadInput, match=rf"x.json: targets.joy.ensemble.{field}.*; compare these systems again"):
            check(value)
