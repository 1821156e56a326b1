"""slurm.py: what it asks Slurm, and what it makes of the answers (of a real one's: tests/run.sh --cluster)."""

import subprocess
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "utils"))
import slurm
from launch.engine import Refused, State, Unnumbered, Unreachable, Unreadable
from launch.jobs import Jobs
from slurm import Slurm


@pytest.fixture
def answer(monkeypatch):
    """Say what Slurm's programs answer: exit status, output, errors. Returns the list of what is asked."""
    asked = []

    def say(status=0, output="", errors=""):
        def ask(*words, timeout=60, late=Unreachable):
            asked.append(" ".join(words))
            return subprocess.CompletedProcess(words, status, output, errors)

        monkeypatch.setattr(slurm, "ask", ask)
        return asked

    return say


@pytest.mark.parametrize("output, job", [("5\n", "5"), ("sbatch: a note\n17;cluster\n", "17")])
def test_the_number_of_a_job_stands_alone_in_a_line(answer, output, job):
    assert answer(0, output) == [] and Slurm().submit(["sbatch", "x"]) == job


@pytest.mark.parametrize(
    "status, output, errors, kind, message",
    [
        (1, "", "\nsbatch: error: Unable to contact slurm controller\n", Unreachable, "^sbatch says: sbatch: error"),
        (1, "", "sbatch: error: Socket timed out on send/recv operation", Unreachable, "timed out"),
        (0, "", "", Unnumbered, "^sbatch gave no number of a job$"),
        (0, "Submitted batch job 5", "", Unnumbered, "no number"),
        (1, "", "error: no such partition", Refused, "^sbatch says: error: no such .*n; was asked: sbatch -p 'a b'$"),
        (1, "no such partition", "", Refused, "^sbatch says: no such partition; "),
    ],
)  # fmt: skip
def test_a_submission_that_failed(answer, status, output, errors, kind, message):
    answer(status, output, errors)
    with pytest.raises(kind, match=message) as error:
        Slurm().submit(["sbatch", "-p", "a b"])
    assert type(error.value) is kind


@pytest.mark.parametrize(
    "config, last, limit",
    [
        ("MaxArraySize            = 1001\n", 1000, None),
        ("MaxJobCount = 1\nMaxArraySize            = 1001\n", 1001, (1000, "MaxArraySize 1001")),
        ("", 5000, None),
    ],
)
def test_numbers_of_tasks_stay_below_the_size_of_an_array(answer, config, last, limit):
    answer(0, config)
    assert Slurm().limit(Jobs([f"JOB=1:{last}", "x.JOB.log", "true"])) == limit


@pytest.mark.parametrize("output, job", [("5\n7\n", "5"), ("", ""), ("Welcome!\n 17 \n", "17")])
def test_a_job_is_found_by_its_name(answer, output, job):
    asked = answer(0, output)
    assert Slurm().find("mine") == job and asked == ["squeue -h --me --name mine -o %F"]


def test_a_job_that_slurm_has_forgotten_has_no_tasks(answer):
    answer(1, "", "slurm_load_jobs error: Invalid job id specified")
    assert Slurm().poll("5") == {} and Slurm().is_gone("5")


def test_the_states_of_tasks(answer):
    lines = [" 1|RUNNING|None", "2|COMPLETED|None", "3|PENDING|Priority", "[4-5,7%2]|PENDING|JobArrayTaskLimit"]
    asked = answer(0, "\n".join([*lines, "8|COMPLETING|None", "9|PENDING|BadConstraints", "no line of a task"]))
    wait, never = State("waiting", "Slurm says Priority"), State("stuck", "can never start, Slurm says BadConstraints")
    several = dict.fromkeys((4, 5, 7), State("waiting"))
    running = dict.fromkeys((1, 8), State("running"))
    assert Slurm().poll("5") == running | {2: State("ended"), 3: wait, 9: never} | several
    assert asked == ["squeue -h -r -t all -j 5 -o %K|%T|%r"]


@pytest.mark.parametrize("state", ["CONFIGURING", "REQUEUED", "SUSPENDED", "SPECIAL_EXIT"])
def test_a_task_that_is_queued_again_or_held_up_waits(state):
    assert slurm._state(state, "None") == State("waiting")


def test_a_controller_that_does_not_answer_is_named_with_its_words(answer):
    answer(1, "", "\nslurm_load_jobs error: Unable to contact slurm controller\n")
    with pytest.raises(Unreachable, match="^squeue says: slurm_load_jobs error: Unable"):
        Slurm().poll("5")


@pytest.mark.parametrize("output", ["<html>\n<p>Sign in</p>\n", "slurm_load_jobs: Zeitlimit\n", "1|RUNNI"])
def test_what_is_no_answer_of_squeue_says_nothing_about_jobs(answer, output):
    answer(0, output)
    for ask in (Slurm().poll, Slurm().find):
        with pytest.raises(Unreadable, match="^squeue gave what cannot be read [(]'"):
            ask("5")


TASK = "JobId=9 ArrayJobId=5 ArrayTaskId={} JobState={} Reason=x ExitCode={} TimeLimit=00:01:00 MinMemoryCPU=1G"


@pytest.mark.parametrize(
    "state, code, said, words",
    [
        ("COMPLETED", "0:0", "", ""),
        ("FAILED", "3:0", "", ""),
        ("FAILED", "0:9", "", "was killed by signal 9"),
        ("FAILED", "0:9", "slurmstepd: error: Exceeded job memory limit", "ran out of memory (1G)"),
        ("FAILED", "1:0", "Exceeded job memory limit", ""),  # it printed this, and failed
        ("OUT_OF_MEMORY", "0:125", "", "ran out of memory (1G)"),
        ("CANCELLED", "0:15", "", "was cancelled"),
        ("TIMEOUT", "0:1", "", "reached its time limit (00:01:00)"),
        ("NODE_FAIL", "0:0", "", "lost its node, and was not queued again (n1)"),
    ],
)
def test_how_a_task_ended(answer, state, code, said, words):
    asked = answer(0, f"{TASK.format(2, state, code)} NodeList=n1 Features=(null)\n")
    assert Slurm().explain("5", lambda number: said if number == 2 else "") == {2: words}
    assert asked == ["scontrol -o show job 5"]


def test_tasks_that_have_not_ended_and_limits_that_were_not_set_are_not_mentioned(answer):
    lines = [TASK.format("1-2", "RUNNING", "0:0"), "JobId=1 JobState=FAILED", "", "slurm note",
             TASK.format("3,5", "TIMEOUT", "0:1").replace("00:01:00", "(null)")]  # fmt: skip
    answer(0, "\n".join(lines))
    assert Slurm().explain("5", lambda _: "") == dict.fromkeys((3, 5), "reached its time limit")


@pytest.mark.parametrize("numbers, words", [(None, "scancel 5"), ([3, 1, 2], "scancel 5_[1-3]")])
def test_a_job_or_some_of_its_tasks_are_cancelled(answer, numbers, words):
    asked = answer(0, "", "")
    assert Slurm().cancel("5", numbers) is True and asked == [words]
    answer(1, "", "scancel: error: Invalid job id 5")  # it has ended meanwhile
    assert Slurm().cancel("5", numbers) is True
    answer(0, "", "connection to the node failed")
    assert Slurm().cancel("5", numbers) is True
    answer(1, "", "scancel: error: Unable to contact slurm controller")
    with pytest.raises(Unreachable, match="^scancel says: scancel: error: Unable"):
        Slurm().cancel("5", numbers)
