"""local/paper.sh: what it says before it begins, and all of it on tiny corpora in both of RECOLA's layouts."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from conftest import ROOT, called
from test_recipe import copy_of_the_project, run
from test_recola import arff, original, package  # noqa: F401 (fixtures)

from cer.base.errors import BadInput
from cer.base.tables import read_table
from cer.data.datadir import Archive
from local.paper import estimate

# The estimate


@pytest.fixture
def estimated(monkeypatch):
    """Estimate commands: (status, output)."""

    def call(text, *options):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return called(estimate.main, *options).stdout

    monkeypatch.setattr(
        estimate, "costs", lambda: ({"downup": (100, 10), "svr": (50, 1), "data": (20, 60), "report": (7, 1)}, 2.0)
    )
    return call


@pytest.mark.parametrize(
    "command, seconds, megabytes",
    [
        ("./run.sh --archs downup --num-runs 3 --stop-stage 5", 320, 90),
        ("./run.sh --archs 'downup svr' --num-runs 1 --stage 3 --stop-stage 5", 150, 11),
        ("./run.sh --num-runs 2 --stage 3 --stop-stage 5 --affix delay", 200, 20),
        ("./run.sh --stage 6", 7, 1),
        ("python3 -m local.paper.report --x", 7, 1),
        ("local/leave_one_out.sh --cmd run.py svr arousal data exp", 675, 13.5),
    ],
)
def test_a_command_takes_what_its_parts_took(estimated, command, seconds, megabytes):
    assert estimate.estimate(command, estimate.costs()[0], 1) == (seconds, megabytes)
    assert estimate.estimate(command, estimate.costs()[0], 2) == (2 * seconds, 2 * megabytes)


@pytest.mark.parametrize("command, work", [
    ("./run.sh", [("data", 1), ("downup", 5), ("report", 1)]),
    ("./run.sh --stop-stage 3", [("data", 1), ("downup", 5)]),
    ("./run.sh --stage 1 --stop-stage 2", []), ("./run.sh --stage 3 --stop-stage 3 --num-runs 2", [("downup", 2)]),
    ("./run.sh --stage 4", [("report", 1)]), ("./run.sh --stage 4 --stop-stage 5", []),
    ("./run.sh --stage 3 --stop-stage 5 --archs 'svr dnn' --affix delay", [("svr_delay", 5), ("dnn_delay", 5)]),
    ("./run.sh --stage 4 --stop-stage 5 --postprocess chain --archs 'svr dnn' --num-runs 3", [("postprocess", 6)]),
    ("python3 -m local.paper.figure1 --x 1 data exp", [("figure1", 1)]),
    ("local/leave_one_out.sh svr arousal data exp", [("svr", 13.5)]),
    ("local/compare.sh data exp", [("report", 1)]),
    ("python3 -m local.results.compare data exp --pairs a:b c:d", [("compare", 1)]),
])  # fmt: skip
def test_a_command_is_made_of_what_its_stages_do(command, work):
    assert estimate.pieces(command) == work


def test_what_was_measured_is_read_with_its_line(tmp_path):
    (tmp_path / "x.tsv").write_text("# work\nhours\t2.5\t0\nsvr\t50\t1.5\n")
    assert estimate.costs(tmp_path / "x.tsv") == ({"svr": (50, 1.5)}, 2.5)
    (tmp_path / "x.tsv").write_text("# work\nhours\t2.5\n")
    with pytest.raises(BadInput, match="x.tsv:2: found 2 columns in .*, expected 3"):
        estimate.costs(tmp_path / "x.tsv")


def test_a_delay_takes_what_its_system_takes_and_other_work_is_unknown():
    measured = {"svr": (50, 1), "dnn_delay": (7, 2), "dnn": (9, 9)}
    call = "./run.sh --stage 3 --stop-stage 5 --num-runs 2 --affix delay --archs "
    assert estimate.estimate(f"{call} svr", measured, 1) == (100, 2)
    assert estimate.estimate(f"{call} dnn", measured, 1) == (14, 4)
    assert estimate.estimate(f"{call} blstm", measured, 1) is None
    assert estimate.estimate("./run.sh --stage 1 --stop-stage 2", measured, 1) == (0, 0)


def test_an_estimate_grows_with_the_hours_and_shrinks_with_the_processors(estimated):
    text = "./run.sh --archs svr --num-runs 1\nlocal/other.sh\n"
    first, one, other, total, *rest = estimated(text, "--hours=4", "--processors=2").splitlines()
    assert first == "2 commands; estimated time with 2 processors, and disk:"
    assert one.split()[:4] == ["77", "s", "124", "MB"] and other.split()[:2] == ["unknown", "unknown"]
    assert total.split() == "77 s 124 MB in all, and what is unknown".split()
    assert "measured on the open corpus, 2 hours of sound; scaled to 4 hours" in rest[0] and "Free here" in rest[1]


def test_too_little_room_is_said(estimated, monkeypatch):
    monkeypatch.setattr(estimate.shutil, "disk_usage", lambda path: SimpleNamespace(free=5e6))
    assert "Free here: 5 MB, LESS than that" in estimated("./run.sh --num-runs 1\n")


@pytest.mark.parametrize("seconds, said", [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h")])
def test_times_are_told_in_units_that_people_use(seconds, said):
    assert estimate.duration(seconds) == said


def test_every_command_of_the_plan_was_measured():
    done = subprocess.run(["local/paper.sh", "--dry-run", "true"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and "unknown" not in done.stdout, done.stdout + done.stderr
    measured, hours = estimate.costs()
    assert hours == 2.25 and all(seconds > 0 and megabytes >= 0 for seconds, megabytes in measured.values())


# What is said before it begins


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A copy of the project in which nothing was made."""
    return copy_of_the_project(tmp_path_factory.mktemp("paper") / "cer")


def contents(folder):
    """All files and folders but what Python compiles."""
    return {path for path in folder.rglob("*") if "__pycache__" not in path.parts}


@pytest.mark.parametrize("layout", ["original", "package"])
def test_a_dry_run_says_all_and_makes_nothing(request, fresh, layout):
    corpus = request.getfixturevalue(layout)
    options = ["--corpus", "recola", "--corpus-dir", str(corpus), "--dry-run", "true"]
    if layout == "original":
        options += ["--corpus-opts", f"--partition={corpus.parent}/partition.txt"]
    there = contents(fresh)
    status, text = run(fresh, *options, script="local/paper.sh")
    assert status == 0 and contents(fresh) == there, text
    assert f"{corpus}: {'original release' if layout == 'original' else 'AVEC 2015/2016 package'}, beside what" in text
    assert "DIFFERS      arousal of train, rows: " in text and "commands; estimated time with " in text
    commands = [line.split("  ")[-1] for line in text.splitlines() if f"--corpus-dir {corpus}" in line]
    assert len(commands) == 1 + 5 and "--archs dilated\\ downup\\ single\\ dnn --num-runs 5" in commands[1]
    assert "local/figure1.sh --cmd run.py data/recola exp/recola" in text and " MB  in all" in text


def test_a_corpus_with_other_targets_than_the_papers_is_run_with_its_own(fresh, tmp_path):
    """Figure 1 takes what train has labels for; here dev lacks them, which ends it."""
    (tmp_path / "train").mkdir()
    status, text = run(fresh, str(tmp_path), "exp/x", script="local/figure1.sh")
    assert status == 1 and f"{tmp_path}/train: found no labels (<target>.scp); stage 0 makes them" in text
    for name in ("joy", "feats", "wav", "cmvn"):
        (tmp_path / "train" / f"{name}.scp").write_text("")
    status, text = run(fresh, str(tmp_path), "exp/x", script="local/figure1.sh")
    assert status == 1 and f"no such file {tmp_path}/dev/joy.scp" in text
    words = ["--targets", "joy", "--leave-one-out", "svr dnn", "--dry-run", "true"]
    status, text = run(fresh, *words, script="local/paper.sh")
    assert status == 0 and "/svr_joy" in text and "arousal" not in text
    assert text.index("/dnn_joy") < text.index("--set leave_one_out --systems svr dnn") < text.index("local/compare.sh")
    alone = run(fresh, *words[:3], "svr", *words[4:], script="local/paper.sh")[1]
    assert "/svr_joy" in alone and "--set leave_one_out" not in alone
    assert all("--targets joy" in line for line in text.splitlines() if "./run.sh" in line or "figure1.sh" in line)


def test_what_is_missing_ends_it_before_anything_is_made(fresh, original):  # noqa: F811
    (original / "RECOLA-Annotation/emotional_behaviour/valence/P2.csv").unlink()
    options = ["--corpus-opts", f"--partition={original.parent}/partition.txt", "--corpus-dir", str(original)]
    call = ["-c", 'local/paper.sh "$@" 2>&1', "bash", "--corpus", "recola"]  # as a terminal shows it
    status, text = run(fresh, *call, *options, script="bash")
    assert status == 1 and "MISSING      valence of dev: labels of 0 of 1; none of P2" in text
    assert "nothing was begun" in text.splitlines()[-1] and not (fresh / "data").exists()


@pytest.mark.parametrize(
    "options, message",
    [
        (["--corpus", "iemocap"], "--corpus: found 'iemocap', there are: "),
        (["--nets", ""], "--nets: expected at least one"),
        (["--corpus", "recola", "--corpus-dir", "/no/such"], "/no/such: no such folder; pass --corpus-dir"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(fresh, options, message):
    status, text = run(fresh, *options, script="local/paper.sh")
    assert status == 1 and message in text and not (fresh / "data").exists()


# All of it, in both layouts

TINY = ["--num-runs", "1", "--recurrent", "", "--train-opts", "--max-epochs=2 --width=8", "--efficiency", "false"]
PARTS = {  # what each layout makes: together, every kind of system
    "original": ["--nets", "downup", "--postprocess", "gaussian", "--solved", "", "--with-delay", "",
                 "--questions", "downup_gaussian:downup", "--figure1", "false"],
    "package": ["--nets", "dilated downup", "--postprocess", "", "--solved", "linear_statistics",
                "--with-delay", "linear_statistics", "--figure1-opts", "--num-points 2 --train-config tiny.conf"],
}  # fmt: skip


def as_package(corpus, folder):
    """The AVEC package of a prepared corpus in the original layout: its data directories, without labels of test."""
    for data in sorted(path.parent for path in corpus.parent.glob("*/utt2spk")):
        for number, (key, wav) in enumerate(read_table(data / "wav.scp").items(), 1):
            name = f"{data.name}_{number}"
            for target in ("arousal", "valence") if data.name != "test" else ():
                gold = folder / "ratings_gold_standard" / target / f"{name}.arff"
                csv = folder / "ratings_individual" / target / f"{name}.csv"
                for path in (gold, csv):
                    path.parent.mkdir(parents=True, exist_ok=True)
                gold.write_bytes(arff(name, Archive(data / f"{target}.scp")[key][:, 0]).encode())
                there = corpus / "RECOLA-Annotation/emotional_behaviour" / target / f"{key}.csv"
                csv.write_bytes(there.read_bytes())
            (folder / "recordings_audio").mkdir(exist_ok=True)
            (folder / "recordings_audio" / f"{name}.wav").hardlink_to(wav)
    return folder


@pytest.fixture(scope="module")
def generated(fresh):
    """The project, and a tiny open corpus in both layouts: layout -> folder."""
    status, text = run(fresh, "--corpus-opts", "--num-speakers=2 --duration=20", "--stop-stage", "0", "--nj", "1")
    assert status == 0, text
    (fresh / "tiny.conf").write_text("--num-runs=2\n--widest=16\n--max-epochs=2\n")
    corpus = fresh / "data/synth/corpus"
    (corpus / "RECOLA-Annotation/emotional_behaviour/valence/P20.csv").unlink()  # of test
    return fresh, {"original": corpus, "package": as_package(corpus, fresh / "package")}


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["original", "package"])
def test_one_command_makes_everything_and_goes_on_where_it_was_killed(generated, layout):
    project, corpora = generated
    words = ["--corpus", "recola", "--corpus-dir", str(corpora[layout]), "--corpus-affix", layout]
    words += [*TINY, *PARTS[layout]]
    exp = project / "exp" / f"recola_{layout}"
    environment = {"PATH": os.environ["PATH"], "HOME": str(project), "CER_PYTHON": sys.executable}
    first = subprocess.Popen(["local/paper.sh", *words], cwd=project, env=environment, start_new_session=True)
    while not (stamps := [*exp.glob("*/*/.done.run1")]) and first.poll() is None:
        time.sleep(0.2)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    made = [stamp.parent / "run1" / "final.pt" for stamp in stamps]
    before = {path: path.stat().st_mtime_ns for path in made}
    assert before

    status, text = run(project, *words, script="local/paper.sh")
    assert status == 0, text
    assert {path: path.stat().st_mtime_ns for path in made} == before
    results = (exp / "RESULTS.md").read_text()
    heads = ["# Results in", "## Arousal", "## Valence", "## Trajectories", "## Is one system",
             "## How slow the labels are", "## The ceiling", "## Commands"]  # fmt: skip
    assert [head for head in heads if head not in results] == [] and (exp / "report.html").exists()
    records = json.loads((exp / "results.json").read_text())
    tested = {(r["target"], len(r["recordings"])) for r in records if r["set"] == "test"}
    if layout == "original":  # it is marked as generated, and one file of test is lost
        assert "## Beside the paper" not in results and tested == {("arousal", 2), ("valence", 1)}
    else:  # without its mark, to see what RECOLA would get
        assert "## Beside the paper" in results and "## How far to look" in results and (exp / "figure1.pdf").exists()
        assert "| arousal | dev | Dilated | .857 | dilated | " in results
        assert not tested and "| arousal | test | Dilated | .684 | dilated | – | – | – | no figure of ours |" in results
        assert [*exp.glob("downup/arousal/predict_test/csv/test_*.csv")]
