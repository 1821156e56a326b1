"""Every corpus but RECOLA end to end, on a tiny one in its layout: `./run.sh --corpus X`."""

import json

import pytest
import test_avec2012
import test_folder
import test_msp_conversation
import test_muse
import test_semaine
import test_sewa
from test_recipe import copy_of_the_project, run

from cer.base.tables import read_table

CORPORA = {  # corpus and layout -> what makes it, targets (none: all), options of the preparation
    "msp_conversation": (test_msp_conversation.make, "arousal valence dominance", ""),
    "sewa": (test_sewa.make, "arousal liking", "--cultures=DE"),
    "muse": (test_muse.make, "arousal", ""),
    "muse of 2020": (test_muse.make_2020, "", "--task=c1_muse_wild"),
    "avec2012": (test_avec2012.make, "power", "--targets=power,arousal"),
    "semaine": (test_semaine.make, "", ""),
    "folder": (test_folder.make, "arousal", "--seed=3"),
}
OPTIONS = "--num-runs 1 --nj 1 --archs downup --train-opts".split()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copy_of_the_project(tmp_path_factory.mktemp("corpora") / "cer")


def words(name, corpus):
    _, targets, opts = CORPORA[name]
    affix = name.partition(" ")[2].replace(" ", "_")
    options = {"corpus-affix": affix, "targets": targets, "corpus-opts": opts}
    more = [word for option, value in options.items() if value for word in (f"--{option}", value)]
    return ["--corpus", name.partition(" ")[0], "--corpus-dir", str(corpus), *more]


@pytest.mark.parametrize("name", [*CORPORA][:1])  # one stands for all: they share steps/prepare_corpus.sh
def test_stage_0_is_done_once_and_again_after_a_change(project, tmp_path, name):
    corpus = CORPORA[name][0](tmp_path / "a corpus")
    status, text = run(project, *words(name, corpus), "--stop-stage", "0")
    assert status == 0 and "up to date" not in text, text
    again = run(project, *words(name, corpus), "--stop-stage", "0")
    assert again[0] == 0 and "are up to date" in again[1]
    report = project / "data" / name / "agreement.txt"
    report.unlink()
    assert run(project, *words(name, corpus), "--stop-stage", "0")[0] == 0 and report.exists()
    next(path for path in sorted(corpus.rglob("*.wav"))).unlink()
    assert "up to date" not in run(project, *words(name, corpus), "--stop-stage", "0")[1]
    status, text = run(project, "--corpus", name, "--corpus-dir", str(tmp_path / "none"))
    assert status == 1 and "no such folder" in text and "is licensed: " in text


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPORA)
def test_all_stages(project, tmp_path, name):
    corpus = CORPORA[name][0](tmp_path / "corpus")
    status, text = run(project, *words(name, corpus), *OPTIONS, "--max-epochs=2 --width=4")
    assert status == 0, text
    folder = name.replace(" ", "_")
    exp, targets = project / "exp" / folder, CORPORA[name][1] or "arousal valence"
    records = json.loads((exp / "results.json").read_text())
    assert {record["target"] for record in records} == {*targets.split()}
    report = (exp / "report.html").read_text()
    assert all(key in report for key in read_table(project / "data" / folder / "dev" / "utt2spk"))
