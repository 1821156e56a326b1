"""Worlds, the generator with other constants, and the table of claims x worlds (local/worlds.sh)."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import test_synth
from conftest import ROOT, write_archive, write_predictions
from test_recipe import copy_of_the_project, run

from cer.base.tables import write_table
from cer.data.datadir import labels_of
from egs.synth.model import parameters, raters, worlds
from egs.synth.model.recording import make
from local.paper import worlds as claims
from local.results import sections

SYSTEMS = {"downup": 0.1, "downup_delay": 0.1, "dilated": 0.3, "single": 0.3, "single_short": 0.5}
SYSTEMS |= {"linear_statistics": 0.9, "linear_statistics_delay": 0.6}  # name -> noise of its predictions


@pytest.fixture
def entered():
    """A function that enters a world; it is left again after the test."""
    groups = [vars(one) for one in (parameters.EXPRESSION, parameters.PERCEPTION, parameters.JUDGEMENT)]
    before = [(group, dict(group)) for group in (*groups, parameters.CUES)]
    yield worlds.enter
    for group, values in before:
        group.update(values)


@pytest.mark.parametrize("world", worlds.WORLDS)
def test_a_world_changes_constants_that_there_are(world):
    for constants, values in worlds.WORLDS[world]:
        assert values.keys() <= constants.keys() and constants | values != constants


@pytest.mark.parametrize("world", [world for world in worlds.WORLDS if world != "plain"])
def test_each_world_is_rated_otherwise_and_only_clear_valence_sounds_otherwise(world, entered):
    samples, ratings = make(1, "train_1", 0, 10)
    entered(world)
    others, other_ratings = make(1, "train_1", 0, 10)
    assert np.array_equal(samples, others) == (world != "clear_valence")
    assert not np.array_equal(ratings, other_ratings)


def test_without_lag_and_integration_ratings_follow_at_once(entered):
    entered("instant")
    step = np.repeat([[0.0, 2.0]], 2, axis=0).repeat(50, axis=1)
    rise = raters._trace(2 * raters._delayed(step[0], raters.draw_rater(1, 0, 0).lag) / 10)
    assert rise[49] == 0 and rise[52] == pytest.approx(0.38, abs=0.01)


def test_a_folder_names_its_world(tmp_path, entered):
    options = ["--duration=5", "--num-speakers=1", str(tmp_path)]
    test_synth.generate.main(["--world=no_lag", *options])
    assert (tmp_path / "SYNTHETIC").read_text() == "seed=1 duration=5 num_speakers=1 world=no_lag\n"
    with pytest.raises(SystemExit, match="world=no_lag, expected seed=1 duration=5 num_speakers=1;"):
        test_synth.generate.main(options)


@pytest.fixture
def world(tmp_path):
    """Labels of dev and predictions of all systems: name, folders of the data directories and of the systems."""
    data, exp, random = tmp_path / "data", tmp_path / "exp", np.random.default_rng(1)
    (data / "dev").mkdir(parents=True)
    (data / "dev" / "label_shift").write_text("0.04\n")
    for target in claims.TARGETS:
        labels = {f"P{n}": np.sin(np.arange(300) / 25 + n)[:, None].astype(np.float32) for n in range(4)}
        write_archive(data / "dev", target, labels)
        write_table(data / "dev" / "utt2spk", {key: key for key in labels})
        for system, noise in SYSTEMS.items():
            write_predictions(exp / system / target / "predict_dev", target, labels, random.normal(noise, 0.01), 0.04)
    return "instant", str(data), str(exp)


def test_each_claim_is_a_figure_of_dev_with_its_interval(world, tmp_path, capsys):
    claims.main([str(tmp_path / "out"), *world])
    found = {
        (claim, target): figures
        for claim, target, *figures in json.loads((tmp_path / "out/worlds.json").read_text())["instant"]
    }
    assert {target for _, target in found} == {"arousal", "valence", "both"}
    assert all(len(figures) == (1 if claim == claims.SPARSE else 3) for (claim, _), figures in found.items())
    for (claim, _), (value, *interval) in found.items():
        assert not interval or interval[0] < value < interval[1], claim
    text = (tmp_path / "out/sections/95-worlds.md").read_text()
    assert (
        text.startswith("## The paper's claims in other worlds") and "| down/up beats dilated | arousal | **+" in text
    )
    assert sections.is_current(tmp_path / "out", "95-worlds")
    labels = dict(labels_of(f"{world[1]}/dev", "valence"))
    write_predictions(Path(world[2], "single/valence/predict_dev"), "valence", labels, 0.5, 0.04)
    assert not sections.is_current(tmp_path / "out", "95-worlds")


def test_a_network_of_which_a_run_did_not_learn_has_fewer_runs_and_that_is_said(world, tmp_path):
    _, data, exp = world
    shutil.copytree(exp, tmp_path / "other")
    shutil.rmtree(tmp_path / "other" / "downup" / "arousal" / "predict_dev" / "run2")
    claims.main([str(tmp_path / "out"), *world, "other", data, str(tmp_path / "other")])
    text = (tmp_path / "out/sections/95-worlds.md").read_text()
    assert "over the 4 speakers" in text and "the runs (1 to 2 of each network)" in text
    claims.main([str(tmp_path / "out"), *world])
    assert "the runs (2 of each network)" in (tmp_path / "out/sections/95-worlds.md").read_text()


def test_worlds_of_other_numbers_of_speakers_are_refused(world, tmp_path):
    _, data, exp = world
    shutil.copytree(data, tmp_path / "fewer")
    write_table(tmp_path / "fewer" / "dev" / "utt2spk", {f"P{n}": f"S{n % 3}" for n in range(4)})
    with pytest.raises(SystemExit, match="found those of 3 and 4 speakers, expected as many in all"):
        claims.main([str(tmp_path / "out"), *world, "other", str(tmp_path / "fewer"), exp])


def test_recordings_without_power_above_1_hz_are_left_out_of_a_ratio():
    shares = np.array([0.2, 0.8, np.nan, 0.0])
    assert claims.ratio(shares, np.full(4, 0.1)) == claims.ratio(shares[:2], np.full(2, 0.1))
    assert claims.ratio(shares[1:], np.full(3, 0.1)) == [] and claims.shown(claims.SMOOTH, []) == "–"


def test_a_ratio_is_a_geometric_mean_that_is_as_sure_as_its_logarithms_agree():
    value, low, high = claims.ratio(np.array([2.0, 8.0]), np.array([1.0, 1.0]))
    assert value == pytest.approx(4) and low * high == pytest.approx(16) and low < 1
    assert claims.shown(claims.SMOOTH, [4, 1.2, 16]) == "**4.0 [1.2, 16.0]**"
    assert claims.shown(claims.SMOOTH, [4, 0.2, 16]) == "4.0 [0.2, 16.0]"


@pytest.mark.parametrize(
    "values, sure", [([0.1, 0.01, 0.2], True), ([0.1, -0.01, 0.2], False), ([-0.2, -0.3, -0.1], True)]
)
def test_a_difference_is_bold_when_its_interval_does_not_hold_0(values, sure):
    assert claims.shown(claims.EASIER, values).startswith("**") == sure
    assert not claims.shown(claims.LEVEL, values).startswith("**")


@pytest.mark.slow
def test_a_world_is_made_measured_and_not_made_again(tmp_path):
    project = copy_of_the_project(tmp_path / "cer")
    options = ["--worlds", "instant", "--corpus-opts", "--duration=20 --num-speakers=2"]
    options += ["--train-opts", "--max-epochs=1", "--affix", "_small", "exp/synth"]
    status, text = run(project, *options, script="local/worlds.sh")
    assert status == 0, text
    folder = project / "exp" / "synth" / "worlds" / "dev_small"
    assert {*json.loads((folder / "worlds.json").read_text())} == {"instant"}
    before = (folder / "sections" / "95-worlds.md").read_text()
    made = {path: path.stat().st_mtime_ns for path in project.glob("exp/synth_*/*/*/*/final.pt")}
    assert len(made) == 14 and not [*project.glob("exp/synth_*/*/*/predict_test")]
    assert run(project, *options, script="local/worlds.sh")[0] == 0
    assert (folder / "sections" / "95-worlds.md").read_text() == before
    assert made == {path: path.stat().st_mtime_ns for path in made}


def test_a_world_without_its_second_folder_is_named(world):
    with pytest.raises(SystemExit, match="found 2 words, expected three of each"):
        claims.main(["out", *world[:2]])


def test_the_stored_section_is_what_the_command_writes(world, tmp_path):
    stored = (ROOT / "egs/synth/RESULTS-worlds.md").read_text().partition("\n## The paper's claims")
    section = "".join(stored[1:])[1:]
    [names] = re.findall('^worlds="(.*)"', (ROOT / "local/worlds.sh").read_text(), re.MULTILINE)
    table = section[section.index("| claim") :].rstrip("\n")
    assert section == claims.TEXT.format(set="dev", runs=1, speakers=9, table=table)
    claims.main([str(tmp_path / "out"), *(word for name in names.split() for word in (name, *world[1:]))])
    written = (tmp_path / "out/sections/95-worlds.md").read_text().splitlines()
    kept = [
        [line.split(" | ")[:2] for line in lines if line.startswith("|")][2:] for lines in (written, table.splitlines())
    ]
    assert kept[0] == kept[1] and table.splitlines()[0] in written
