"""The recipe on a cluster: the same results as on this machine, and trainings that go on after each kind of fault."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from engines import GridEngine, Launched, Slurm, lives, until
from test_recipe import OPTIONS, copy_of_the_project

TRAIN = ["--targets", "arousal", "--stage", "3", "--stop-stage", "3"]


pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module", params=[Slurm, GridEngine], ids=["slurm.py", "sge.py"])
def engine(request):
    """Each engine as long as its tests run."""
    engine = request.param()
    yield engine
    engine.stop()


@pytest.fixture(scope="module")
def project(engine, tmp_path_factory):
    """A copy of the project that the tests of an engine share, in their order."""
    return copy_of_the_project(tmp_path_factory.mktemp("recipe") / "cer")


@pytest.fixture
def recipe(engine, record_property, project):
    """Call ./run.sh in it. Returns the Launched."""

    def call(*options, cmd=engine.launcher):
        command = ["./run.sh", *OPTIONS, *options, "--cmd", cmd]
        return Launched(engine, record_property, project, *command, CER_PYTHON=shutil.which("python3"))

    return call


def test_all_stages_and_the_same_bytes_as_on_this_machine(engine, recipe, project):
    recipe("--targets", "arousal").end("none, all stages of ./run.sh", 0, within=150)
    here = recipe(*TRAIN, "--affix", "here", cmd="run.py")
    assert here.process.wait(100) == 0, here.text()
    for run in ("run1", "run2"):
        ours, theirs = (project / "exp/synth" / f / "arousal" / run / "final.pt" for f in ("downup", "downup_here"))
        assert ours.read_bytes() == theirs.read_bytes()
    assert "up to date" in recipe("--targets", "arousal").end("none, ./run.sh again", 0, within=60)
    assert not engine.queue()


def trainings(project, run):
    """The Python processes that train this run of the project."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_text().split("\0")
            here = (
                f"--srand={run}" in words and words[1:3] == ["-m", "cer.bin.train"] and (path / "cwd").samefile(project)
            )
        except OSError:
            continue  # it has ended
        if here and lives(path.name):
            yield int(path.name)


def kill_training(launched, pid):
    os.kill(pid, signal.SIGKILL)


def cancel(launched, _):
    engine = launched.engine
    engine.cancel(engine.wait_for_job(), "2")  # the second line of the array: run 4


def interrupt(launched, _):
    launched.kill(signal.SIGINT)


def kill_launcher(launched, pid):
    launched.kill()
    os.kill(pid, signal.SIGCONT)


def tasks_after(engine, job, expected):
    """How many tasks the engine was given after this job: those expected, or more."""
    later = []

    def count():
        later[:] = [task for task in engine.tasks() if int(task.split(".")[0]) > int(job)]
        return not engine.queue() and len(later) >= expected

    until(count, 10, f"{expected} new tasks")
    return len(later)


@pytest.mark.parametrize(
    "what, fault, status, words, new_tasks",
    [
        ("killed", kill_training, 1, "train.2.log.*(SIGKILL|signal 9)", 1),
        ("cancelled", cancel, 1, "train.2.log.*cancel", 1),
        ("interrupted", interrupt, (1, 2, 130, -signal.SIGINT), "signal 2", 1),
        ("and launcher killed", kill_launcher, -signal.SIGKILL, "", 1),  # a list of one run less is another array
    ],
)
def test_a_training_goes_on_and_what_ran_is_not_submitted_again(
    recipe, engine, project, what, fault, status, words, new_tasks
):
    folder = project / "exp" / "synth" / "downup" / "arousal"
    for run in ("run3", "run4"):
        shutil.rmtree(folder / run, ignore_errors=True)
        (folder / f".done.{run}").unlink(missing_ok=True)
    first = recipe(*TRAIN, "--num-runs", "4")
    pid = until(lambda: next(trainings(project, 4), 0), 30, "training of run 4")
    os.kill(pid, signal.SIGSTOP)  # until the other has ended
    job = engine.wait_for_job()
    until((folder / ".done.run3").exists, 60, "end of run 3")
    first.now()
    fault(first, pid)
    first.end(f"training {what}", status, words, within=20)
    assert not (folder / ".done.run4").exists()
    text = recipe(*TRAIN, "--num-runs", "4").end(f"training {what}, ./run.sh again", 0, within=40)
    assert "3 of 4 runs are up to date" in text and (folder / ".done.run4").exists()
    assert tasks_after(engine, job, new_tasks) == new_tasks


def test_a_training_that_fails_is_the_only_one_submitted_again(recipe, engine, project):
    run5 = project / "exp" / "synth" / "downup" / "arousal" / "run5"
    run5.write_text("no folder")
    recipe(*TRAIN, "--num-runs", "5").end("training fails", 1, r"train\.1\.log", within=40)
    until(lambda: not engine.queue(), 10, "empty queue")
    job = max(int(task.split(".")[0]) for task in engine.tasks())
    run5.unlink()
    recipe(*TRAIN, "--num-runs", "5").end("training fails, ./run.sh again", 0, within=40)
    assert (run5.parent / ".done.run5").exists() and tasks_after(engine, job, 1) == 1
