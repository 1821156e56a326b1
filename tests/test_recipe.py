"""The recipe as its user runs it, on a tiny corpus: all stages, resuming, and what goes wrong.

Every test works in a copy of the project, so that the user's own data/ and exp/ are never touched.
"""

import functools
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import kaldi_native_io
import numpy as np
import pytest
from conftest import GOLDEN, ROOT
from engines import until
from faults import forks
from kept import Kept

from cer.base.facts import take
from cer.base.tables import read_table
from local.results import sections

OPTIONS = [
    "--corpus-opts", "--num-speakers=2 --duration=20",
    "--train-opts", "--max-epochs=3 --width=8",
    "--num-runs", "2", "--nj", "2",
]  # fmt: skip


def copy_of_the_project(folder):
    """A copy of everything but what the recipe makes; the Python is the one that runs the tests."""
    made = {".git", ".venv", ".python", "__pycache__", ".pytest_cache"}
    return Path(
        shutil.copytree(ROOT, folder, ignore=lambda f, _: made | ({"data", "exp"} if f == str(ROOT) else set()))
    )


@functools.cache
def server():
    """The variable that names the server of this process's programs (faults/forks.py), and the server."""
    name = {"FAULTS_SERVER": f"recipe.{os.getpid()}"}
    return name, forks.start(os.environ | name)


def run(project, *options, script="./run.sh", cold=False):
    """Run a script of a project; cold: with python3 itself, not with one that has imported torch and the like."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(project), "CER_PYTHON": shutil.which("python3")}
    if not cold:
        environment |= {"CER_PYTHON": str(forks.python3(project.parent))} | server()[0]
    done = subprocess.run(
        [script, *options], cwd=project, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A project after `./run.sh` with both architectures, a copy of it to go back to, and what it printed."""
    project = copy_of_the_project(tmp_path_factory.mktemp("recipe") / "cer")
    status, text = run(project, *OPTIONS, "--archs", "downup dilated")
    assert status == 0, text
    return project, Kept(project, project.parent / "saved"), text


@pytest.fixture
def project(first_run):
    """The finished project, to be spoilt: always at the same path, for archives are named by their absolute paths."""
    path, kept, _ = first_run
    kept.put_back()
    return path


def snapshot(project):
    """Every result with its time: what changes when work is done again."""
    files = [path for folder in ("data", "exp") for path in (project / folder).rglob("*") if path.is_file()]
    return {path: path.stat().st_mtime_ns for path in files if path.suffix in (".ark", ".pt", ".csv", ".scp", ".wav")}


def test_all_stages_leave_what_they_promise(project, first_run):
    text = first_run[2]
    for stage in range(7):
        assert f"stage {stage}: " in text
    for set_name in ("train", "dev", "test"):
        names = {path.name for path in (project / "data" / "synth" / set_name).iterdir()}
        assert {"wav.scp", "utt2spk", "spk2utt", "utt2dur", "reco2dur", "feats.scp", "cmvn.scp", "utt2num_frames",
                "frame_shift", "label_shift", "arousal.scp", "valence.scp"} <= names  # fmt: skip
    exp = project / "exp" / "synth"
    assert {"results.json", "RESULTS.md", "report.html", "smoothness", "compare", "figure4.png", "figure4.pdf",
            "figure5.png", "figure5.pdf"} <= {path.name for path in exp.iterdir()}  # fmt: skip
    assert (exp / "compare" / "dev.json").exists()
    run1 = exp / "downup" / "valence" / "run1"
    assert json.loads((run1 / "model.json").read_text())["options"]["width"] == 8
    lines = (exp / "dilated" / "arousal" / "predict_dev" / "csv" / "P19.csv").read_text().splitlines()
    assert lines[0] == "time,arousal" and len(lines) == 1 + 500


DOUBT = r" \(too few epochs: run\d(, run\d)?\)"  # three are


def test_the_last_lines_are_a_summary_and_stage_6_prints_no_markdown(first_run):
    lines = first_run[2].split("stage 6: ")[1].splitlines()
    assert not [line for line in lines if line.startswith(("#", "|", "!["))]
    [begin] = [n for n, line in enumerate(lines) if line.startswith("./run.sh: done: ")]
    done, one, other, page, how, models = lines[begin : begin + 6]  # what was printed on standard error follows
    names = "prepare fbank cmvn train predict score compare".split()
    assert re.fullmatch(", ".join(rf"{name} \d+ s" for name in names), done.removeprefix("./run.sh: done: "))
    score = rf"-?\d\.\d{{3}} \[-?\d\.\d{{3}}, -?\d\.\d{{3}}\]({DOUBT})?"
    for line, system in ((one, "downup"), (other, "dilated")):
        assert re.fullmatch(f"dev CCC of {system}: arousal {score}, valence {score}", line)
    assert page == "open in a browser: exp/synth/report.html (in brackets: 95 % intervals)"
    lines = [re.sub(f"{DOUBT}|-", "", line) for line in (one, other, page, how, models)]
    assert all(len(line) <= 80 for line in lines) and how.startswith("predict a recording:")
    assert re.fullmatch(r"  exp/synth/\w+/arousal exp/synth/\w+/valence predictions", models)


def test_kaldis_own_code_reads_all_that_the_recipe_leaves_and_its_rules_are_kept(project):
    data = project / "data" / "synth"
    for name in ("train", "dev", "test"):
        status, text = run(project, "--no-text", f"data/synth/{name}", script="utils/validate_data_dir.sh")
        assert status == 0, text
        columns = {"feats": 40, "arousal": 1, "valence": 1, "ratings/arousal": 6, "ratings/valence": 6}
        for table, number in columns.items():
            with kaldi_native_io.SequentialFloatMatrixReader(f"scp:{data}/{name}/{table}.scp") as reader:
                shapes = {key: matrix.shape for key, matrix in reader}
            assert list(shapes) == list(read_table(data / name / "utt2spk")), table
            assert {shape[1] for shape in shapes.values()} == {number} and min(s[0] for s in shapes.values()) >= 500
    predictions = project / "exp" / "synth" / "downup" / "arousal" / "predict_dev"
    for scp in (predictions / "output.scp", predictions / "run1" / "output.scp"):
        with kaldi_native_io.SequentialFloatMatrixReader(f"scp:{scp}") as reader:
            assert {matrix.shape for _, matrix in reader} == {(500, 1)}


def test_results_are_one_record_a_system_target_and_set(project):
    records = json.loads((project / "exp" / "synth" / "results.json").read_text())
    keys = {(r["system"], r["target"], r["set"]) for r in records}
    systems, targets, sets = ("downup", "dilated"), ("arousal", "valence"), ("train", "dev", "test")
    assert keys == {(s, t, d) for s in systems for t in targets for d in sets} and len(records) == 12
    for r in records:
        assert len(r["runs"]) == 2 and r["ccc_mean"] == pytest.approx(np.mean([run["ccc"] for run in r["runs"]]))
        assert -1 <= r["ccc"] <= 1 and r["ccc_std"] >= 0 and r["rmse"] > 0


def test_the_table_holds_our_figures_and_the_papers_marked_as_such(project):
    exp = project / "exp" / "synth"
    text = (exp / "RESULTS.md").read_text()
    dev = next(r for r in json.loads((exp / "results.json").read_text())
               if (r["system"], r["target"], r["set"]) == ("downup", "arousal", "dev"))  # fmt: skip
    assert (
        f"| downup (too few epochs: run1, run2) | {dev['ccc']:.3f} |" in text
        and "| *paper, RECOLA: Down/Up* | .867 |" in text
    )
    assert "\n./run.sh --corpus synth --archs 'dilated downup' --targets 'arousal valence' --num-runs 2 " in text


def test_a_second_run_does_nothing_again_and_says_so(project):
    before = snapshot(project)
    status, text = run(project, *OPTIONS, "--archs", "downup dilated")
    assert status == 0, text
    assert snapshot(project) == before and text.count("up to date") == 2 + 3 + 3 + 4 + 1 + 12, text


def test_a_system_is_of_the_commit_at_which_its_last_training_began(project):
    def git(*words):
        who = ["-c", "user.name=a", "-c", "user.email=a@b.invalid"]
        return subprocess.run(["git", *who, *words], cwd=project, check=True, capture_output=True, text=True).stdout

    def train():
        one = ["--stage", "3", "--stop-stage", "3", "--targets", "arousal", "--cmd", str(launcher)]
        status, text = run(project, *OPTIONS, *one)
        assert status == 0, text
        return (project / "exp/synth/downup/arousal/command").read_text().splitlines()

    (project / ".gitignore").write_text("/data/\n/exp/\n__pycache__/\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    launcher = project.parent / "edits.sh"  # somebody works on the code while the training runs
    launcher.write_text('#!/bin/sh\necho "# an edit" >> cer/__init__.py\nexec run.py "$@"\n')
    launcher.chmod(0o755)
    earlier = (project / "exp/synth/downup/arousal/command").read_text().splitlines()
    os.utime(project / "exp/synth/downup/arousal/run1/final.pt", (4e9, 4e9))  # as files of a clock that is ahead
    assert train() == earlier  # nothing to train
    shutil.rmtree(project / "exp/synth/downup/arousal/run2")
    found = train()
    assert found == [f"# commit {git('describe', '--always', '--abbrev=12').strip()}", earlier[1]] != earlier
    assert git("status", "--porcelain")


@pytest.mark.slow
def test_changed_options_do_the_work_again_and_keep_what_was(project):
    weights = project / "exp" / "synth" / "downup" / "arousal" / "run1" / "final.pt"
    before = weights.read_bytes()
    status, text = run(
        project, *OPTIONS, "--stage", "3", "--train-opts", "--max-epochs=2 --width=4", "--targets", "arousal"
    )
    assert status == 0, text
    assert weights.read_bytes() != before
    assert (weights.parent.parent / ".backup" / "run1.1" / "final.pt").read_bytes() == before


@pytest.mark.slow
def test_fewer_runs_leave_none_of_another_configuration_in_the_ensemble(project):
    folder = project / "exp" / "synth" / "downup" / "arousal"
    options = [*OPTIONS, "--stage", "3", "--num-runs", "1", "--targets", "arousal", "--train-opts", "--max-epochs=2"]
    status, text = run(project, *options)
    assert status == 0, text
    record = json.loads((folder / "predict_dev" / "score.json").read_text())
    assert [r["run"] for r in record["runs"]] == ["run1"] and record["ccc_std"] is None
    assert not (folder / "predict_dev" / "run2").exists() and (folder / "run2" / "final.pt").exists()
    done = run(project, "data/synth/dev", str(folder), str(project / "out"), script="steps/predict.sh")
    assert done[0] != 0 and "differ from those of" in done[1]


def test_what_stage_6_made_is_made_again_with_the_same_bytes_when_it_is_gone_from_scores_that_stage_5_made(project):
    """By python3 itself, as the other stages are in test_kaldi.py and test_synth.py."""
    exp = project / "exp" / "synth"
    names = "RESULTS.md figure4.png figure5.pdf smoothness/dev/smoothness.json report.html"
    made = [exp / name for name in names.split()]
    before = [path.read_bytes() for path in made]
    for path in made:
        path.unlink()
    edited, results = json.loads((exp / "results.json").read_text()), exp / "results.json"
    edited[0]["ccc"] = 0.999
    results.write_text(json.dumps(edited))
    status, text = run(project, *OPTIONS, "--archs", "downup dilated", "--stage", "6", cold=True)
    assert status == 0 and [path.read_bytes() for path in made] == before, text
    page = exp / "RESULTS-smoothness.md"
    text = page.read_text()
    page.unlink()
    assert run(project, *OPTIONS, "--archs", "downup dilated", "--stage", "6")[0] == 0 and page.read_text() == text


def test_reports_leave_out_a_section_as_soon_as_what_it_was_made_from_changes_and_take_it_again(project):
    exp, table = project / "exp" / "synth", project / "table"
    table.write_text("1\n")
    sections.write(exp, "99-mine", "## What I found\n\nIt is one.\n", take([table]))
    for number, shown in (("1", True), ("2", False), ("1", True)):
        table.write_text(f"{number}\n")
        status, text = run(project, *OPTIONS, "--archs", "downup dilated", "--stage", "6")
        reports = [(exp / name).read_text() for name in ("RESULTS.md", "report.html")]
        assert status == 0 and ["It is one." in one for one in reports] == [shown] * 2, text


def test_finished_work_in_folders_that_cannot_be_written_to_is_finished_of_all_stages(project):
    """As those of another user are, or a medium's."""
    alone = ["unshare", "-rm"]
    if not shutil.which(alone[0]) or subprocess.run([*alone, "mount", "--bind", project, project]).returncode:
        pytest.skip("needs namespaces")
    locked = [f"mount --bind {name} {name} && mount -o remount,ro,bind {name}" for name in ("data", "exp")]
    work = " && ".join([*locked, "! touch data/x", shlex.join(["./run.sh", *OPTIONS, "--archs", "downup dilated"])])
    status, text = run(project, *alone[1:], "bash", "-c", work, script=alone[0])
    assert status == 0 and "./run.sh: done" in text, text


def test_more_runs_train_only_what_is_missing(project):
    folder = project / "exp" / "synth" / "downup" / "arousal"
    before = (folder / "run2" / "final.pt").stat().st_mtime_ns
    status, text = run(
        project, *OPTIONS, "--stage", "3", "--stop-stage", "3", "--num-runs", "3", "--targets", "arousal"
    )
    assert status == 0 and "2 of 3 runs are up to date" in text, text
    assert (folder / "run2" / "final.pt").stat().st_mtime_ns == before and (folder / "run3" / "final.pt").exists()


def test_the_reports_follow_what_the_corpus_says_of_itself(project):
    for set_name in ("train", "dev", "test"):
        folder = project / "data/synth" / set_name
        (folder / "targets").write_text("arousal drowsy awake\n")
        (folder / "corpora").write_text("mine\n")
    status, text = run(project, "--stage", "6")
    page, table = ((project / "exp/synth" / name).read_text() for name in ("report.html", "RESULTS.md"))
    assert status == 0 and "drowsy to awake" in page and "*paper, RECOLA" not in table, text


def test_a_name_that_is_given_twice_counts_once(project):
    words = ["--archs", "linear_statistics  linear_statistics", "--targets", "arousal arousal", "--affix", "twice"]
    status, text = run(project, *words, "--num-runs", "1", "--stage", "3", "--stop-stage", "3")
    assert status == 0 and text.count("of epoch 1") == 1 and "its features" not in text, text


def test_the_command_has_the_options_that_the_corpus_was_made_with(project):
    with (project / "conf" / "fbank.conf").open("a") as file:
        file.write("# changed\n")
    status, text = run(project, *OPTIONS, "--stage", "3", "--stop-stage", "3", "--corpus-opts", "--duration=99")
    assert status == 0 and "data/synth: its features were made before conf/fbank.conf changed; --stage 1" in text, text
    command = (project / "exp" / "synth" / "downup" / "arousal" / "command").read_text()
    assert " --corpus-opts '--num-speakers=2 --duration=20' " in command


@pytest.mark.slow
def test_an_affix_names_a_variation(project):
    status, text = run(project, *OPTIONS, "--stage", "3", "--affix", "small", "--targets", "arousal", "--num-runs", "1")
    assert status == 0, text
    records = json.loads((project / "exp" / "synth" / "results.json").read_text())
    assert {"downup", "downup_small", "dilated"} == {r["system"] for r in records}


@pytest.mark.slow
def test_post_processing_makes_systems_beside_the_plain_ones(project):
    before = snapshot(project)
    options = [*OPTIONS, "--stage", "4", "--stop-stage", "5", "--targets", "arousal", "--postprocess", "chain gaussian"]
    for more in ([], ["--fit-on", "dev"], []):
        status, text = run(project, *options, *more)
        assert status == 0, text
    assert "postprocess.json is up to date" in text and before.items() <= snapshot(project).items()
    exp = project / "exp" / "synth"
    records = json.loads((exp / "results.json").read_text())
    names = {r["system"] for r in records}
    assert names == {"downup", "dilated"} | {f"downup_{m}{on}" for m in ("chain", "gaussian") for on in ("", "_dev")}
    assert "optimistic" in (exp / "downup_chain_dev" / "arousal" / "predict_test" / "score.txt").read_text()
    score = next(r for r in records if (r["system"], r["set"]) == ("downup_chain_dev", "dev"))
    plain = next(r for r in records if (r["system"], r["target"], r["set"]) == ("downup", "arousal", "dev"))
    assert score["ccc"] >= plain["ccc"] and "fitted on dev" in score["postprocess"] and "postprocess" not in plain


def test_the_real_corpus_is_read_by_the_same_code(project):
    status, text = run(
        project, *OPTIONS[2:], "--corpus", "recola", "--corpus-dir", "data/synth/corpus", "--stop-stage", "2"
    )
    assert status == 0, text
    for name in ("utt2spk", "arousal.scp"):
        ours, theirs = ((project / "data" / c / "dev" / name).read_text() for c in ("synth", "recola"))
        assert ours.replace("data/synth/", "data/recola/") == theirs


@pytest.mark.parametrize(
    "spoil, options, message",
    [
        ("", ["--stage", "abc"], "found --stage 'abc', expected a whole number from 0 on"),
        ("", ["--stage", "9"], "the stages are 0 to 6"),
        ("", ["--stgae", "3"], "stgae"),
        ("", ["--num-runs"], "num"),
        ("", ["--features", "hubert"], "features of your own: then --stop-stage 0 makes data/synth_hubert first"),
        ("", ["--archs", "lstm"], "lstm needs cer/models/lstm.py and conf/lstm.conf"),
        ("", ["--cmd", "slurm.pl --mem 4G"], "no program 'slurm.pl' in PATH; there are run.py (this machine), slurm.p"),
        ("", ["--stage", "3", "--stop-stage", "2"], "the second no less than the first"),
        ("", ["--archs", ""], "--archs: expected at least one"),
        ("", ["--affix", "TRUNK"], "--affix: found 'TRUNK'"),
        ("", ["--corpus-opts", "--seed 2"], "--corpus-opts: found '--seed', expected --name=value"),
        ("", ["--stage", "3", "--train-opts", "--srand=7"], "found --srand in --opts"),
        ("", ["--corpus", "iemocap", "--stage", "1"], "--corpus: found 'iemocap', there are: "),
        ("egs/synth/prepare.sh", ["--stage", "0"], "--stage 1 takes any data directories in data/synth"),
        ("egs/synth/prepare.sh", ["--stage", "3", "--targets", "joy"], "--targets: found 'joy'; data/synth/train has"),
        ("", ["--corpus", "recola"], "licens"),
        ("", ["--stage", "3", "--train-opts", "--widht=3"], "unrecognized arguments: --widht=3"),
        ("data/synth/train/wav.scp", ["--stage", "1"], "stage 0 makes it"),
        ("data/synth/dev/feats.scp", ["--stage", "2"], "data/synth/dev/feats.scp; stage 1"),
        ("data/synth/dev/cmvn.scp", ["--stage", "3"], "data/synth/dev/cmvn.scp; stage 2"),
        ("data/synth/dev/arousal.scp", ["--stage", "3"], "data/synth/dev/arousal.scp; stage 0 makes it"),
        ("exp/synth/downup/arousal/run*/final.pt", ["--stage", "4"], "stage 3 (steps/train.sh) makes it"),
        ("exp/synth/downup/arousal/predict_*/output.scp", ["--stage", "5"], "stage 4 (steps/predict.sh) makes it"),
        ("data/synth/*/ratings/raters", ["--stage", "6"], "ratings/raters: cannot be read"),
    ],
)
def test_what_is_wrong_or_missing_stops_the_run_with_its_cure(project, spoil, options, message):
    for path in project.glob(spoil) if spoil else ():
        path.unlink()
    status, text = run(project, *options)
    assert status not in (0, None) and text.count(message) == 1


def test_a_corpus_is_found_from_the_folder_where_run_sh_was_called(tmp_path):
    (tmp_path / "cer" / "egs" / "mine").mkdir(parents=True)
    for name in ("run.sh", "cmd.sh", "path.sh", "pyproject.toml", "utils", "local", "cer", "conf"):
        (tmp_path / "cer" / name).symlink_to(ROOT / name)
    prepare = tmp_path / "cer" / "egs" / "mine" / "prepare.sh"
    prepare.write_text('#!/usr/bin/env bash\necho "prepare $5 $6 $7 $8"; exit 1\n')
    prepare.chmod(0o755)
    (tmp_path / "cer" / "conf2").mkdir()
    for folder, expected in (("mine", f"{tmp_path}/mine"), ("conf2", "conf2"), ("/none", "/none")):
        (tmp_path / "mine").mkdir(exist_ok=True)
        words = ["--corpus", "mine", "--corpus-dir", folder]
        text = run(tmp_path, *words, script="cer/run.sh", cold=True)[1]
        assert f"prepare --opts  {expected} data/mine\n" in text


def test_a_front_end_without_archives_is_refused_before_stage_0(tmp_path):
    for name in ("run.sh", "cmd.sh", "path.sh", "pyproject.toml", "utils", "local", "cer", "conf"):
        (tmp_path / name).symlink_to(ROOT / name)
    prepare = tmp_path / "egs" / "mine" / "prepare.sh"
    prepare.parent.mkdir(parents=True)
    prepare.write_text("#!/usr/bin/env bash\necho prepare; exit 1\n")
    prepare.chmod(0o755)
    status, text = run(tmp_path, "--corpus", "mine", "--features", "waveform", cold=True)
    assert status == 1 and "--features=waveform: found a front end whose frames are never" in text
    assert "stage 0" not in text and "leave it out" in text
    assert "prepare" in run(tmp_path, "--corpus", "mine", "--features", "egemaps", cold=True)[1].splitlines()


def test_a_corpus_whose_preparation_is_no_program_is_told_of(tmp_path):
    for name in ("run.sh", "cmd.sh", "utils", "local", "cer", "conf"):
        (tmp_path / name).symlink_to(ROOT / name)
    prepare = tmp_path / "egs" / "mine" / "prepare.sh"
    prepare.parent.mkdir(parents=True)
    prepare.write_text("#!/usr/bin/env bash\n")
    status, text = run(tmp_path, "--corpus", "mine")
    assert (status, text) == (1, "./run.sh: egs/mine/prepare.sh cannot be run; chmod +x it\n")


@pytest.mark.parametrize(
    "name, spoil, message",
    [
        ("data/feats_dev.ark", None, None),
        ("train/wav.scp", lambda text: text.replace("P16 ", "P16 /nowhere"), "P16"),
        ("train/wav.scp", lambda text: text.splitlines()[0] + "\n" + text, "train/wav.scp"),
        ("train/utt2spk", lambda text: text.replace("P16 P16", "P16"), "train/utt2spk"),
        ("train/spk2utt", lambda text: text.replace("P16 P16\n", ""), "spk2utt"),
        ("train/utt2dur", lambda text: text.replace("P16 20", "P16 long"), "train/utt2dur"),
    ][1:],
)
def test_a_spoilt_data_directory_is_refused_and_named(project, name, spoil, message):
    path = project / "data" / "synth" / name
    path.write_text(spoil(path.read_text()))
    (path.parent / ".done.fbank").unlink()
    status, text = run(project, "--stage", "1", "--stop-stage", "1")
    assert status != 0 and message in text


def test_an_unreadable_archive_of_features_is_named(project):
    ark = next((project / "data" / "synth" / "dev" / "data").glob("raw_fbank_dev.*.ark"))
    ark.write_bytes(ark.read_bytes()[:1000])
    status, text = run(project, *OPTIONS, "--stage", "2")
    assert status != 0 and ark.name in text


@pytest.mark.slow
def test_a_third_architecture_is_one_file_and_its_conf(project):
    (project / "cer" / "models" / "smooth.py").write_text('''"""A moving average of a linear map."""

from torch import nn

from cer.models.layers import Conv


class Model(nn.Module):
    """One filter.

    Options:
        filter_width: rows it sees
    """

    def __init__(self, input_dim, *, filter_width: int = 5):
        super().__init__()
        self.conv = Conv(input_dim, 1, filter_width)

    def forward(self, x):
        """x: (T, input_dim) -> (T,)."""
        return self.conv(x).squeeze(1)

    def receptive_field(self):
        """Rows before and after."""
        return self.conv.before, self.conv.after
''')
    (project / "conf" / "smooth.conf").write_text("--filter-width=25  # a second\n--max-epochs=40\n")
    status, text = run(project, "--stage", "3", "--archs", "smooth", "--num-runs", "1", "--targets", "arousal")
    assert status == 0, text
    assert "receptive field 25 rows" in (project / "exp/synth/smooth/arousal/log/train.1.log").read_text()
    assert "smooth" in {r["system"] for r in json.loads((project / "exp/synth/results.json").read_text())}


def test_a_step_runs_with_nothing_but_path_in_its_environment(project):
    shutil.rmtree(project / "exp/synth/downup/arousal/predict_dev")
    command = ["steps/predict.sh", "data/synth/dev", "exp/synth/downup/arousal", "exp/synth/downup/arousal/predict_dev"]
    done = subprocess.run(command, cwd=project, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


CLEAN_LAUNCHER = r"""#!/usr/bin/env bash
# Runs jobs as queue.pl does: a script each, in an environment of PATH alone, after `cd` and `. ./path.sh`.
while [[ $1 == -* ]]; do shift 2; done
range=$1 log=$2
shift 2
name=${range%%=*} numbers=${range#*=}
for n in $(seq ${numbers%:*} ${numbers#*:}); do
  mkdir -p "$(dirname "${log//$name/$n}")"
  command="$*"
  printf 'cd %s\n. ./path.sh\n%s\n' "$PWD" "${command//$name/$n}" > "${log//$name/$n}.sh"
  env -i PATH=/usr/bin:/bin bash "${log//$name/$n}.sh" > "${log//$name/$n}" 2>&1 < /dev/null || status=1
done
exit ${status-0}
"""


@pytest.mark.slow
def test_jobs_need_nothing_but_path_sh_whatever_launches_them(project):
    launcher = project / "utils" / "clean.sh"
    launcher.write_text(CLEAN_LAUNCHER)
    launcher.chmod(0o755)
    shutil.rmtree(project / "exp")
    (project / "data" / "synth" / "dev" / ".done.fbank").unlink()
    command = [*OPTIONS, "--stage", "1", "--cmd", "clean.sh --mem 1G", "--targets", "arousal", "--num-runs", "1"]
    status, text = run(project, *command)
    assert status == 0, text
    assert (project / "exp" / "synth" / "log" / "train.1.log.sh").exists()


def test_a_run_that_fails_does_not_spoil_the_others(project):
    folder = project / "exp" / "synth" / "downup" / "arousal"
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "run2").write_text("no folder")
    status, text = run(project, *OPTIONS, "--stage", "3", "--stop-stage", "3", "--targets", "arousal")
    assert status != 0 and "synth/downup/arousal/run2" in text
    assert (folder / ".done.run1").exists() and not (folder / ".done.run2").exists()
    (folder / "run2").unlink()
    status, text = run(project, *OPTIONS, "--stage", "3", "--stop-stage", "3", "--targets", "arousal")
    assert status == 0 and "1 of 2 runs are up to date" in text


def test_features_of_a_plain_kaldi_directory(project):
    data = project / "data" / "plain"
    data.mkdir()
    for name in ("utt2spk", "spk2utt"):
        shutil.copy(GOLDEN / "data" / "g16" / name, data)
    keys = ["P01-001", "P01-002", "P02-001"]
    (data / "wav.scp").write_text("".join(f"{key} {GOLDEN}/wav/{key}.wav\n" for key in keys))
    status, text = run(project, "--nj", "5", "data/plain", script="steps/make_fbank.sh")
    assert status == 0 and "using 3 jobs instead of 5" in text, text
    assert (data / "utt2dur").read_text() == "P01-001 10\nP01-002 10.2\nP02-001 9.82369\n"
    assert (data / "utt2num_frames").read_text() == "P01-001 1000\nP01-002 1020\nP02-001 982\n"
    assert (data / "frame_shift").read_text() == "0.01\n"
    assert run(project, "--no-text", "data/plain", script="utils/validate_data_dir.sh")[0] == 0


def test_a_launcher_that_ends_well_when_a_job_failed_is_not_believed(tmp_path):
    """Kaldi's retry.pl ends with exit(256), which is 0, when an array fails twice."""
    (tmp_path / "retry.pl").write_text('#!/bin/sh\n"$@"\nexit 0\n')
    (tmp_path / "retry.pl").chmod(0o755)
    (tmp_path / "lines").write_text("true\nfalse\n")
    command = ["utils/run_lines.sh", "--cmd", f"{tmp_path}/retry.pl run.py", tmp_path / "lines", tmp_path / "x.JOB.log"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "line 2 of" in done.stderr and "x.2.log" in done.stderr
    (tmp_path / "lines").write_text("true\ntrue\n")
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0
    command[2] = f" \t{command[2]}"
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0


def test_lines_of_an_array_that_a_killed_call_left_end_well_whenever_they_end(tmp_path):
    for name in ("sbatch", "squeue", "scancel", "scontrol"):
        shutil.copy(ROOT / "tests" / "faults" / "slurm", tmp_path / name)
    lines, log = "true\nuntil [ -e go ]; do sleep 0.1; done\n", tmp_path / "log"
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    def call():
        command = [ROOT / "utils" / "run_lines.sh", "--cmd", "slurm.py", "-", "log/x.JOB.log"]
        pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, start_new_session=True, **pipes)
        process.stdin.write(lines)
        process.stdin.close()
        return process

    with call() as killed:
        until(lambda: [*log.glob("lines.*.1.ok")] and (log / "x.2.log").exists(), 60, "the end of the first line")
        os.killpg(killed.pid, signal.SIGKILL)
    with call() as again:
        said = again.stderr.readline()
        (tmp_path / "go").touch()
        said += again.stderr.read()
    assert "still there: waiting for it" in said and again.returncode == 0, said
    assert not [*log.glob("*.ok")]
