"""The figures of egs/synth/RESULTS.md, made again: tests/run.sh --results trains every system once and compares."""

import json
import re

import pytest
from conftest import ROOT
from test_recipe import copy_of_the_project, run

from cer.models import architectures

SURE = 0.99  # a run as good as the stored ones is within the margin that often
ROUNDED = 0.001  # the stored figures have three decimals, and another processor rounds otherwise


def stored(text):
    """Read Tables 1 and 2: (system, target) -> dev CCC of single runs: mean, sample deviation (None: one run), runs."""
    found = {}
    for target in ("arousal", "valence"):
        table = text.partition(f"\n### {target.capitalize()}\n")[2].partition("\n#")[0]
        head, _, *rows = [re.split(r" *\| *", line.strip("| ")) for line in table.splitlines() if line.startswith("|")]
        for row in rows:
            cells = dict(zip(head, row, strict=False))
            if not cells["system"].startswith("*paper"):
                mean, *deviation = map(float, cells["single runs"].split(" ± "))
                found[cells["system"], target] = mean, deviation[0] if deviation else None, int(cells["runs"])
    return found


def margin(deviation, runs):
    """How far one more run may be from the mean of `runs` runs with this sample deviation: Student's t."""
    from scipy.stats import t

    if deviation is None:  # solved, not trained: each run is the same
        return ROUNDED
    return ROUNDED + float(t.ppf((1 + SURE) / 2, runs - 1)) * deviation * (1 + 1 / runs) ** 0.5


def judge(found, mean, deviation, runs):
    """Whether a CCC is within the margin of the stored ones, and a line that says so."""
    allowed, off = margin(deviation, runs), found - mean
    spread = "" if deviation is None else f" ± {deviation:.3f}"
    within = abs(off) <= allowed
    words = f"dev CCC {found:.3f}, stored {mean:.3f}{spread} ({runs} runs): {off:+.3f}"
    return within, f"{words}, {'within' if within else 'NOT within'} {allowed:.3f}"


STORED = stored((ROOT / "egs" / "synth" / "RESULTS.md").read_text())
TRAINED = sorted({system for system, _ in STORED if not re.search("_(chain|gaussian)$", system)})


def test_every_architecture_has_stored_figures_of_both_targets():
    assert {system.removesuffix("_delay") for system in TRAINED} == {*architectures()}
    assert {(system, target) for system in TRAINED for target in ("arousal", "valence")} <= STORED.keys()
    assert all(-1 <= mean <= 1 and (runs > 1) == (deviation is not None) for mean, deviation, runs in STORED.values())


@pytest.mark.parametrize("deviation, runs, expected", [(None, 1, 0.001), (0.01, 5, 0.0514), (0.01, 1000, 0.0268)])
def test_the_margin_is_that_of_one_more_run(deviation, runs, expected):
    assert margin(deviation, runs) == pytest.approx(expected, abs=1e-4)


def test_a_figure_is_judged_by_its_distance_from_the_stored_one():
    assert judge(0.75, 0.70, 0.01, 5) == (True, "dev CCC 0.750, stored 0.700 ± 0.010 (5 runs): +0.050, within 0.051")
    assert judge(0.6, 0.70, 0.01, 5)[0] is False and judge(0.702, 0.7, None, 1)[0] is False


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project, in which the open corpus is generated once."""
    return copy_of_the_project(tmp_path_factory.mktemp("stored") / "cer")


@pytest.mark.results
@pytest.mark.parametrize("system", TRAINED)
def test_a_run_of_the_system_scores_as_the_stored_ones_did(project, system):
    arch = system.removesuffix("_delay")
    delay = ["--affix", "delay", "--train-opts", "--config=conf/delay.conf"] if arch != system else []
    status, text = run(project, "--archs", arch, *delay, "--num-runs", "1", "--stop-stage", "5", "--quiet", "true")
    assert status == 0, text
    records = json.loads((project / "exp" / "synth" / "results.json").read_text())
    dev = {r["target"]: r["ccc_mean"] for r in records if (r["system"], r["set"]) == (system, "dev")}
    judged = {target: judge(dev[target], *STORED[system, target]) for target in ("arousal", "valence")}
    for target, (_, words) in judged.items():
        print(f"{system}, {target}: {words}", flush=True)
    assert all(within for within, _ in judged.values()), judged
