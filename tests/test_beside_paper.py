"""The paper's figures beside ours: every one of them, with the deviation, and which interval contains it."""

import json

import pytest
from conftest import score_record

from cer.base.errors import BadInput
from cer.base.facts import take
from cer.base.files import write_text
from local.paper import beside_paper
from local.results import sections, tables


def record(system, target="arousal", set_name="dev", ccc=0.5, **more):
    return score_record(system, target, set_name, ccc) | more


def rows(*found, target="arousal"):
    """The table's rows as dicts."""
    return [dict(zip(beside_paper.HEAD, row, strict=True)) for row in beside_paper.rows(found, target)]


def test_every_ccc_of_the_papers_tables_has_a_row():
    each = [*rows(), *rows(target="valence")]
    assert len(each) == 2 * (6 + 5)
    found = [(row["paper's row"], row["set"], row["CCC, paper"]) for row in each]
    assert found[-2:] == [("Down/Up", "dev", ".592"), ("Down/Up", "test", ".502")]
    assert {row["CCC, ours"] for row in each} == {"–"} and not rows(target="joy")


@pytest.mark.parametrize("row", tables.paper(), ids=lambda row: f"{row['system'].split()[0]}-{row['target']}")
def test_our_system_of_a_row_is_one_that_there_is(row):
    assert (beside_paper.Path(__file__).parent.parent / "conf" / f"{row['ours']}.conf").exists()


def test_ours_stands_beside_the_paper_with_its_deviation():
    dev = record("dilated", ccc=0.8, interval=[0.7, 0.9], ccc_mean=0.78, ccc_std=0.01, rmse=0.11)
    [row] = [row for row in rows(dev) if row["our system"] == "dilated" and row["set"] == "dev"]
    assert [*row.values()][5:] == [
        "0.800", "0.700 to 0.900", "-0.057", "inside", "0.780 ± 0.010", ".102", "0.110", "+0.008"
    ]  # fmt: skip
    [row] = [row for row in rows(record("svr", rmse=0.2)) if row["our system"] == "svr" and row["set"] == "dev"]
    assert [*row.values()][-3:] == ["–", "0.200", "–"]  # the paper reports no RMSE


@pytest.mark.parametrize(
    "low, high, said",
    [
        (0.857, 0.9, "inside"), (0.8574, 0.9, "inside"), (0.858, 0.9, "**below**"),
        (0.8, 0.857, "inside"), (0.8, 0.8566, "inside"), (0.8, 0.856, "**above**"),
        (None, None, "no interval"),
    ],
)  # fmt: skip
def test_an_interval_contains_a_figure_to_three_decimals(low, high, said):
    assert beside_paper.verdict(0.857, low, high) == said


def statements(exp, **files):
    for name, content in files.items():
        write_text(exp / ("smoothness/dev" if name == "smoothness" else "") / f"{name}.json", json.dumps(content))
    return [line[1:] for line in beside_paper.statements(exp)]


def points(**ccc):
    return [{"filter_width": int(n[1:]), "runs": [{"dev_ccc": c - 0.1}, {"dev_ccc": c + 0.1}]} for n, c in ccc.items()]


def test_what_the_paper_says_is_measured_as_far_as_it_was_made(tmp_path):
    assert statements(tmp_path) == []
    labels = {"share_below_hz": {"1": 0.96}, "ccc": {"64": 0.94}}
    assert statements(tmp_path, figure4={"targets": {"arousal": labels}}) == [
        ["> 95 %", "arousal 96.00 %", "holds"], ["< 5 %", "arousal 6.00 %", "**does not hold**"]
    ]  # fmt: skip
    labels = {"share_below_hz": {"1": 0.95}, "ccc": {"64": 0.9375}}  # 95 % is not more than 95 %
    assert statements(tmp_path, figure4={"targets": {"joy": labels}}) == [
        ["> 95 %", "joy 95.00 %", "**does not hold**"], ["< 5 %", "joy 6.25 %", "**does not hold**"]
    ]  # fmt: skip
    labels["ccc"]["64"] = 0.96875
    assert statements(tmp_path, figure4={"targets": {"joy": labels}})[1] == ["< 5 %", "joy 3.12 %", "holds"]
    curve = {"arousal": points(w128=0.5, w512=0.75, w2048=0.625), "valence": points(w128=0.5, w512=0.25)}
    assert statements(tmp_path, figure1=curve)[2:] == [
        ["> 0", "arousal +0.250, valence -0.250", "**does not hold**"], ["about 0", "arousal -0.125", ""]
    ]  # fmt: skip
    curve = {"arousal": points(w128=0.5, w512=0.5)}  # a tie is no gain; 2048 rows were not made
    assert statements(tmp_path, figure1=curve)[2:] == [["> 0", "arousal +0.000", "**does not hold**"]]
    curve = {"arousal": points(w512=0.5, w2048=0.75)}
    assert statements(tmp_path, figure1=curve)[2:] == [["about 0", "arousal +0.250", ""]]
    one = {"filter_width": 512, "runs": [{"dev_ccc": 0.5}]}
    assert statements(tmp_path, figure1={"joy": [one]})[2:] == []  # nothing to compare it with
    (tmp_path / "labels").write_text("")
    sections.write(tmp_path, "40-figure1", "## A\n", take([tmp_path / "labels"]))
    (tmp_path / "labels").write_text("others")
    assert statements(tmp_path, figure1=curve)[2:] == []  # made from other labels
    (tmp_path / "sections" / ".done.40-figure1").unlink()
    for wrong in ([], [one | {"runs": []}], [one | {"filter_width": 0}]):
        with pytest.raises(BadInput, match="figure1.json: joy.*; run local/figure1.sh again"):
            statements(tmp_path, figure1={"joy": wrong})
    (tmp_path / "figure1.json").write_text(json.dumps({}))
    rough = {"dilated": {"ensemble": {"share_above_1_hz": 0.03}}, "downup": {"ensemble": {"share_above_1_hz": 0.01}}}
    assert statements(tmp_path, smoothness={"targets": {"arousal": {"systems": rough}}})[2:] == [
        ["> 0", "arousal +2.000 %", "holds"]
    ]
    with pytest.raises(BadInput, match="figure4.json.*run stage 6 again"):
        statements(tmp_path, figure4={"targets": {"arousal": {}}})


def test_the_section_says_what_its_columns_are(tmp_path):
    (tmp_path / "results.json").write_text(json.dumps([record("downup", interval=[0.1, 0.8])]))
    beside_paper.main([str(tmp_path)])
    text = (tmp_path / "sections" / "05-beside_paper.md").read_text()
    assert text.startswith("## Beside the paper\n") and "| 0.500 | 0.100 to 0.800 | -0.367 | **above** |" in text
    (tmp_path / "results.json").write_text(json.dumps([record("downup", "joy")]))
    with pytest.raises(SystemExit, match="found no target of the paper's, expected arousal or valence"):
        beside_paper.main([str(tmp_path)])


def test_systems_of_another_corpus_are_not_set_beside_the_paper(tmp_path):
    (tmp_path / "results.json").write_text(json.dumps([record("downup")]))
    (run := tmp_path / "downup" / "arousal" / "run1").mkdir(parents=True)
    (run / "model.json").write_text(json.dumps({"corpora": ["SYNTHETIC corpus (seed=1)"]}))
    with pytest.raises(SystemExit, match=r"downup/arousal: trained on SYNTHETIC corpus \(seed=1\), expected RECOLA"):
        beside_paper.main([str(tmp_path)])
    assert not (tmp_path / "sections").exists()
    (run / "model.json").write_text(json.dumps({"corpora": ["RECOLA"]}))
    beside_paper.main([str(tmp_path)])
