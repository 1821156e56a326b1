"""The power fails, again and again: what was cut goes on, and leaves the same bytes as if nothing had happened.

tests/faults/machine.py says what a failing power does to files here. The long form, `tests/run.sh --faults [N]`, cuts
the whole recipe; the usual one some steps of it.
"""

import itertools
import os
import shutil

import numpy as np
import pytest
from conftest import GOLDEN, write_archive
from faults import forks, machine, trial
from faults.machine import Cut
from test_recipe import copy_of_the_project

from cer.base.tables import write_table
from cer.sound import wav

pytestmark = pytest.mark.skipif(bool(machine.lacks()), reason=machine.lacks())


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    return machine.build(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def bare(shim, tmp_path):
    """A machine with nothing on its disk."""
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "exp").mkdir()
    with machine.Machine(shim, project, ()) as box:
        yield box


# The machine itself

PYTHON = """
import os, pathlib
with open("data/x.tmp", "w") as file:
    file.write("0123456789")
    if {fsync}:
        file.flush()
        os.fsync(file.fileno())
os.replace("data/x.tmp", "data/x")
"""


@pytest.mark.parametrize(
    "fsync, cut, names, held",
    [
        (0, Cut(2, "before", "kill"), ["x.tmp"], ""),
        (0, Cut(2, "half of", "kill"), ["x.tmp"], "01234"),
        (0, Cut(2, "after", "kill"), ["x.tmp"], "0123456789"),
        (0, Cut(3, "after", "kill"), ["x"], "0123456789"),
        (0, Cut(3, "after", "power"), ["x"], ""),
        (1, Cut(4, "after", "power"), ["x"], "0123456789"),
        (1, Cut(3, "before", "power"), ["x.tmp"], ""),
        (1, Cut(3, "after", "power"), ["x.tmp"], "0123456789"),
    ],
)
def test_the_disk_holds_what_was_fsynced(bare, fsync, cut, names, held):
    done = bare.run(["python3", "-c", PYTHON.format(fsync=fsync)], cut)
    assert done.status is None and [path.name for path in bare.files()] == names, done
    assert bare.files()[0].read_text() == held


def test_all_processes_stop_at_once_whatever_group_they_are_in(bare):
    script = "setsid sh -c 'while :; do echo x >> data/beats; sleep 0.01; done' & sleep 0.3; mkdir data/y; sleep 60"
    done = bare.run(["sh", "-c", script], Cut(10, "after", "kill"))
    assert done.where.path.endswith("beats") and not bare._living()
    done = bare.run(["sh", "-c", "rm data/beats; echo x > data/z; mv data/z data/w; ln -s w data/v; rmdir data/none"])
    assert [one.what for one in done.operations] == ["unlink", "open", "write", "rename", "symlink"]
    assert done.status == 1 and [one.number for one in done.operations] == [1, 2, 3, 4, 5]


# Some steps: the usual form

MODEL = "exp/small/downup/arousal"
STEPS = {  # in their order: the cuts that are made of each, in parts of its operations, and the command
    "fbank": ([0.7, 0.3, 0.6], ["steps/make_fbank.sh", "--nj", "2", "--compress", "false", "data/small"]),
    "cmvn": ([0.8, 0.4], ["steps/compute_cmvn_stats.sh", "data/small"]),
    "train": ([0.5, 0.6, 0.4], ["steps/train.sh", "--num-runs", "1", "--check", "false", "--opts",
                                "--max-epochs=2 --width=8", "downup", "arousal", "data/small", "data/small", MODEL]),
    "predict": ([0.8, 0.4], ["steps/predict.sh", "--nj", "1", "data/small", MODEL, f"{MODEL}/predict_small"]),
    "recordings": ([0.7, 0.4], ["steps/predict_recordings.sh", "--nj", "1", "wavs", MODEL, "exp/own"]),
}  # fmt: skip
FORMS = [("after", "power"), ("half of", "kill"), ("before", "some"), ("after", "kill"), ("before", "power")]


def recordings(project):
    """Three recordings of 10 s in its folder wavs/; returns their ids."""
    shutil.copytree(GOLDEN / "wav", project / "wavs")
    (project / "wavs" / "P02-441.wav").unlink()
    return sorted(path.stem for path in (project / "wavs").iterdir())


def small_project(folder):
    """A project with three recordings and labels that are noise."""
    project = copy_of_the_project(folder / "cer")
    data, ids, random = project / "data" / "small", recordings(project), np.random.default_rng(1)
    write_table(data / "wav.scp", {key: project / "wavs" / f"{key}.wav" for key in ids})
    write_table(data / "utt2spk", {key: key for key in ids})
    write_table(data / "spk2utt", {key: key for key in ids})
    lengths = {key: len(wav.read(project / "wavs" / f"{key}.wav")[0]) // 640 for key in ids}
    labels = {key: random.standard_normal((rows, 1)).astype(np.float32) for key, rows in lengths.items()}
    write_archive(data, "arousal", labels)
    (data / "label_shift").write_text("0.04\n")
    (project / "exp").mkdir()
    return project


def check(rows):
    """All went on well and left the same bytes; otherwise the table tells."""
    wrong = [row for row in rows if row[-1] != "same"]
    assert not wrong, f"{len(wrong)} of {len(rows)} cuts:\n" + "\n".join(trial.table(wrong))


@pytest.mark.parametrize("most", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_steps_go_on_after_every_cut(tmp_path, shim, most):
    """Cuts of each step, each followed by the next attempt at once; the disk at its end is the next step's start."""
    rows, forms = [], itertools.cycle(FORMS)
    with machine.Machine(shim, small_project(tmp_path)) as box:
        for name, (parts, command) in STEPS.items():
            work = trial.Trial(box, name, command, tmp_path / name)
            rows += work.make(Cut(round(part * len(work.operations)), *next(forms)) for part in parts[:most])
    assert len(rows) == (5 if most == 1 else 12)
    check(rows)


# The recipe: the long form

NUMBER = int(os.environ.get("CER_CUTS", "200"))
SHARES = {0: 0.08, 1: 0.12, 2: 0.06, 3: 0.14, 4: 0.16, 5: 0.08, 6: 0.08, "whole": 0.12, "own": 0.08, "slurm": 0.08}
OPTIONS = [
    "--corpus-opts", "--num-speakers=2 --duration=20", "--train-opts", "--max-epochs=3 --width=8", "--num-runs", "1",
    "--nj", "2", "--targets", "arousal",
]  # fmt: skip
BOTH = [*OPTIONS, "--archs", "downup dilated", "--postprocess", "chain gaussian"]


@pytest.fixture(scope="module")
def recipe(shim, tmp_path_factory):
    """A machine with the whole project and an empty disk."""
    project = copy_of_the_project(tmp_path_factory.mktemp("recipe") / "cer")
    recordings(project)
    for name in ("sbatch", "squeue", "scancel", "scontrol"):
        shutil.copy(machine.HERE / "slurm", project.parent / name)
    with machine.Machine(shim, project, forks.MODULES) as box:
        yield box


@pytest.fixture
def cut_up(recipe, record_property, tmp_path):
    """Make the share of the cuts that a piece of work has; each is a row of the table at the end."""

    def make(name, share, *command):
        work = trial.Trial(recipe, name, command, tmp_path / name)
        number, seed = max(2, round(NUMBER * SHARES[share])), list(SHARES).index(share)
        rows = work.make(trial.cuts(len(work.operations), number, seed), seed)
        print("\n".join(trial.table(rows)), flush=True)
        for row in rows:
            record_property("cut", row)
        return rows

    return make


@pytest.mark.faults
@pytest.mark.xdist_group("stages")
def test_every_stage_goes_on_after_every_cut(cut_up, recipe):
    """Both nets and their post-processing; what a stage leaves is what the next one starts from."""
    recipe.restore()
    rows = []
    for stage in range(7):
        rows += cut_up(f"stage {stage}", stage, "./run.sh", *BOTH, "--stage", f"{stage}", "--stop-stage", f"{stage}")
    check(rows)


@pytest.mark.faults
@pytest.mark.xdist_group("whole")
def test_the_whole_recipe_and_own_recordings_go_on_after_every_cut(cut_up, recipe):
    recipe.restore()
    rows = cut_up("./run.sh", "whole", "./run.sh", *BOTH)
    models = [f"exp/synth/{net}/arousal" for net in ("downup", "dilated_chain")]
    own = ["steps/predict_recordings.sh", "--nj", "2", "--plot", "true", "--page", "true"]
    check(rows + cut_up("recordings", "own", *own, "wavs", *models, "exp/own"))


@pytest.mark.faults
@pytest.mark.xdist_group("whole")
def test_the_recipe_on_a_cluster_goes_on_after_every_cut(cut_up, recipe):
    """Slurm's programs are made up: tests/run.sh --cluster has real ones."""
    recipe.restore()
    check(cut_up("slurm.py", "slurm", "./run.sh", *OPTIONS, "--stop-stage", "5", "--cmd", "slurm.py"))
