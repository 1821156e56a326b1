"""Sections of the reports: what an experiment leaves is what both reports show, and nothing else is edited for it."""

import json

import pytest
from conftest import score_record

from cer.base.errors import BadInput
from cer.base.facts import take
from local.page import page as html
from local.page import report as page
from local.results import report, sections


def texts(exp):
    return [text.splitlines()[0].removeprefix("## ") for text in sections.read(exp)]


def test_sections_stand_in_the_order_of_their_names_wherever_they_lie(tmp_path):
    for folder, name in (
        (".", "50-b"),
        ("search/rate", "60-c"),
        ("search/depth", "60-c"),
        (".", "9-d"),
        ("a/b", "05-a"),
    ):
        sections.write(tmp_path / folder, name, f"## {name} of {folder}\n")
    (tmp_path / "50-no.md").write_text("## no\n")
    (tmp_path / "sections" / "50-no.txt").write_text("## no\n")
    wanted = ["05-a of a/b", "50-b of .", "60-c of search/depth", "60-c of search/rate", "9-d of ."]
    assert texts(tmp_path) == wanted


def test_pictures_keep_their_places(tmp_path):
    text = "## A\n\n![one](one.png) and ![two](../two.png)\n\n[link](one.png)"
    sections.write(tmp_path, "1", text)
    sections.write(tmp_path / "search/rate", "2", "## B\n\n![three](plots/three.png)\n![four](../four.png)")
    first, second = sections.read(tmp_path)
    assert first == "## A\n\n![one](sections/one.png) and ![two](two.png)\n\n[link](one.png)"
    three, four = "search/rate/sections/plots/three.png", "search/rate/four.png"
    assert second == f"## B\n\n![three]({three})\n![four]({four})"


def test_sections_that_differ_in_the_rows_of_a_table_at_their_end_are_one(tmp_path):
    start = "## Pairs\n\n{}:\n\n| a | b |\n| --- | --- |\n"
    for n, (said, rows) in enumerate(
        [("CCC", "| 1 | 2 |"), ("CCC", "| 3 | 4 |\n| 5 | 6 |"), ("PCC", "| 7 | 8 |"), ("PCC", "| 9 | 0 |\n\nnote")]
    ):
        sections.write(tmp_path, f"30-{n}", f"{start.format(said)}{rows}\n")
    first, *others = sections.read(tmp_path)
    assert first == f"{start.format('CCC')}| 1 | 2 |\n| 3 | 4 |\n| 5 | 6 |"
    assert [text.rpartition("---")[2] for text in others] == [" |\n| 7 | 8 |", " |\n| 9 | 0 |\n\nnote"]


def test_experiments_with_folders_of_their_own_have_files_of_their_own(tmp_path):
    for folder in (".", "search/rate", "search/depth", "alone/all"):
        sections.write(tmp_path / folder, "50-x", f"## {folder}\n")
    found = {"": ["## ."], "alone": ["## alone/all"], "search": ["## search/depth", "## search/rate"]}
    assert sections.files(tmp_path) == found
    assert sections.files(tmp_path / "empty") == {"": []}


def test_a_section_of_what_has_changed_is_left_out(tmp_path, capsys):
    source = tmp_path / "scores"
    source.write_text("1\n")
    sections.write(tmp_path, "1", "## A\n", take([source]))
    sections.write(tmp_path, "2", "## B\n")
    assert texts(tmp_path) == ["A", "B"] and capsys.readouterr().err == ""
    source.write_text("2\n")
    assert texts(tmp_path) == ["B"] and "1.md: is left out: made from something else" in capsys.readouterr().err


def test_an_experiment_of_ones_own_is_in_both_reports(tmp_path):
    (tmp_path / "results.json").write_text(json.dumps([score_record("net", "arousal", "test", 0.5)]))
    sections.write(tmp_path, "65-mine", "## What I found\n\n![its picture](mine.png)\n")
    (tmp_path / "sections" / "mine.png").write_bytes(b"\x89PNG")
    report.main([str(tmp_path)])
    text = (tmp_path / "RESULTS.md").read_text()  # without commands, as steps/train.sh alone leaves none
    assert text.endswith("## What I found\n\n![its picture](sections/mine.png)\n") and "Commands" not in text
    page.main([str(tmp_path), str(tmp_path)])
    text = (tmp_path / "report.html").read_text()
    assert "<h3>What I found</h3>" in text and 'alt="its picture" src="data:image/png;base64,iVBORw=="' in text
    curves = {"label": "mine", "x": "s", "y": "CCC", "curves": [{"name": "arousal", "x": [1, 2], "y": [0.1, 0.2]}]}
    (tmp_path / "sections" / "mine.curves.json").write_text(json.dumps(curves))
    page.main([str(tmp_path), str(tmp_path)])
    text = (tmp_path / "report.html").read_text()
    assert 'data-figure="sections/mine"' in text and 'alt="its picture"' not in text


def test_a_section_without_a_heading_is_refused(tmp_path):
    with pytest.raises(BadInput, match="1.md: found a section that begins with '# A', expected a heading: ## Title"):
        sections.write(tmp_path, "1", "# A")
    assert not (tmp_path / "sections").exists()


def test_a_section_whose_input_changes_meanwhile_is_no_result(tmp_path):
    source = tmp_path / "scores"
    source.write_text("1\n")
    facts = take([source])
    source.write_text("2\n")
    with pytest.raises(BadInput, match="1.md: input .*; the input changed during the work: run it again"):
        sections.write(tmp_path, "1", "## A\n", facts)
    assert not sections.is_intact(tmp_path, "1")


def test_a_section_is_intact_until_it_or_its_figures_change_whatever_its_input_does(tmp_path):
    source, figure = tmp_path / "scores", tmp_path / "figure.json"
    for path in (source, figure):
        path.write_text("1\n")
    assert not sections.is_intact(tmp_path, "1")
    sections.write(tmp_path, "1", "## A\n", take([source]), [figure])
    assert sections.is_intact(tmp_path, "1")
    for path in (figure, tmp_path / "sections" / "1.md"):
        before = path.read_text()
        path.write_text("2\n")
        assert not sections.is_intact(tmp_path, "1"), path
        path.write_text(before)
        assert sections.is_intact(tmp_path, "1")
    source.write_text("2\n")
    assert sections.is_intact(tmp_path, "1")


@pytest.mark.parametrize("name", ["mine", "mine.png"])
def test_curves_are_written_beside_their_picture(tmp_path, name):
    curve = {"name": "arousal", "x": [1, 2], "y": [0.1, 0.2]}
    content = {"label": "mine", "x": "s", "y": "CCC", "curves": [curve]}
    assert sections.curves(tmp_path / name) is None
    sections.write_curves(tmp_path / name, content)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.curves.json"]
    assert sections.curves(tmp_path / "mine.png") == content == json.loads((tmp_path / "mine.curves.json").read_text())


@pytest.mark.parametrize(
    "x, y, deviations, message",
    [
        ([1, 2], [0.1], [0, 0], "found .*, expected as many x as y and deviations"),
        ([1, 2], [0.1, 0.2], [0], "found .*, expected as many x as y and deviations"),
        ([], [], [], r"x: found \[\], expected a list of 1 or more"),
        ([0, 1], [0.1, 0.2], [0, 0], r"x\[0\]: found 0, expected a finite number above 0"),
    ],
)
def test_curves_are_checked(tmp_path, x, y, deviations, message):
    curve = {"name": "arousal", "x": x, "y": y, "deviations": deviations}
    sections.write_curves(tmp_path / "mine.png", {"label": "mine", "x": "s", "y": "CCC", "curves": [curve]})
    with pytest.raises(BadInput, match=rf"mine.curves.json: curves\[0\](: |\.){message}"):
        sections.curves(tmp_path / "mine.png")


def test_a_picture_with_an_impossible_name_is_not_there(tmp_path):
    assert sections.curves(tmp_path / f"{'x' * 250}.png") is None
    assert "is not there" in html.render(f"![mine]({'x' * 300}.png)", "mine", tmp_path)
