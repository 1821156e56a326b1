"""sge.py: what it asks Grid Engine, what it makes of the answers (of a real one's: tests/run.sh --cluster)."""

import subprocess
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "utils"))
import sge
from launch.engine import Refused, State, Unnumbered, Unreachable
from launch.jobs import Jobs
from sge import GridEngine

WHY = "error reason    7:          can't chdir to /x\n"
FREE = "no free slot that has what was asked for"


@pytest.fixture
def answer(monkeypatch):
    """Say what Grid Engine's programs answer: name=(status, output, errors). Returns the list of what is asked."""
    asked, given = [], {}

    def ask(*words, timeout=60, late=Unreachable):
        asked.append(" ".join(words))
        name = "qstat_j" if words[:2] == ("qstat", "-j") else words[0]
        return subprocess.CompletedProcess(words, *given.get(name, (0, "", "")))

    monkeypatch.setattr(sge, "ask", ask)

    def say(**answers):
        given.update(answers)
        return asked

    return say


@pytest.mark.parametrize("output, job", [("5.1-4:1\n", "5"), ("warning: slow\n17\n", "17")])
def test_the_number_of_a_job_stands_alone_in_a_line(answer, output, job):
    answer(qsub=(0, output, ""))
    assert GridEngine().submit(["qsub", "x"]) == job


@pytest.mark.parametrize(
    "status, output, errors, kind, message",
    [
        (1, "", "error: commlib error: got select error\n", Unreachable, "^qsub says: error: commlib error"),
        (1, "Unable to contact qmaster\n", "", Unreachable, "Unable to contact"),
        (0, "", "", Unnumbered, "^qsub gave no number of a job$"),
        (1, "", "unknown queue", Refused, "^qsub says: unknown queue; was asked: qsub -q 'a b'$"),
        (1, "unknown queue", "", Refused, "^qsub says: unknown queue; "),
    ],
)
def test_a_submission_that_failed(answer, status, output, errors, kind, message):
    answer(qsub=(status, output, errors))
    with pytest.raises(kind, match=message) as error:
        GridEngine().submit(["qsub", "-q", "a b"])
    assert type(error.value) is kind


@pytest.mark.parametrize("most, limit", [(3, None), (2, (2, "max_aj_tasks 2")), (1, (1, "max_aj_tasks 1")), (0, None)])
def test_an_array_has_at_most_so_many_tasks_whatever_their_numbers(answer, most, limit):
    asked = answer(qconf=(0, f"max_aj_instances 9\nmax_aj_tasks      {most}\n", ""))
    assert GridEngine().limit(Jobs(["JOB=8:10", "x.JOB.log", "true"])) == limit and asked == ["qconf -sconf"]


def test_where_no_limit_is_said_there_is_none(answer):
    answer()
    assert GridEngine().limit(Jobs(["JOB=8:10", "x.JOB.log", "true"])) is None


def job(number, state, tasks, name="mine"):
    fields = {"JB_job_number": number, "JB_name": name, "JB_owner": "me", "state": state, "tasks": tasks}
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in fields.items() if value)
    return f"<job_list>{inner}</job_list>"


def queue(name, state, *jobs):
    state = f"<state>{state}</state>" if state else ""
    return f"<Queue-List><name>{name}</name>{state}{''.join(jobs)}</Queue-List>"


def qstat(*queues, waiting=()):
    return (
        0,
        f"<job_info><queue_info>{''.join(queues)}</queue_info><job_info>{''.join(waiting)}</job_info></job_info>",
        "",
    )


def test_a_job_is_found_by_its_name(answer):
    asked = answer(
        qstat=qstat(queue("a", "", job("4", "r", "1", "other"), job("5", "r", "1")), waiting=[job("6", "qw", "2")])
    )
    engine = GridEngine()
    assert engine.find("mine") == "5" and engine.find("other") == "4" and engine.find("none") == ""
    assert asked[0] == f"qstat -f -ne -g d -xml -u {engine.user}"


def test_the_states_of_tasks(answer):
    there = queue("all.q@n1", "", job("5", "r", "1"), job("6", "r", "9"), job("5", "dr", "8"))
    lost = queue("all.q@n2", "au", job("5", "r", "2"))
    waiting = [job("5", "qw", "3-4:1"), job("5", "hqw", "6"), job("5", "Eqw", "7")]
    asked = answer(qstat=qstat(there, lost, waiting=waiting), qstat_j=(0, f"job_number: 5\n{WHY}", ""))
    engine = GridEngine()
    assert engine.poll("5") == {
        1: State("running"),
        2: State("running", "all.q@n2 does not answer, its node may be lost"),
        **dict.fromkeys((3, 4), State("waiting", FREE)),
        6: State("waiting", "it is held"),
        7: State("stuck", "is in state Eqw: can't chdir to /x"),
        8: State("running"),
    }
    assert engine.deleted == {8} and asked[1:] == ["qstat -j 5"]


def test_a_single_job_has_task_1_and_an_error_may_have_no_reason(answer):
    answer(qstat=qstat(waiting=[job("5", "Eqw", "")]))
    assert GridEngine().poll("5") == {1: State("stuck", "is in state Eqw: Grid Engine does not say why")}
    answer(qstat=qstat(waiting=[job("5", "", "2")]))
    assert GridEngine().poll("5") == {2: State("running")}


@pytest.mark.parametrize(
    "found, message",
    [((1, "", "error: commlib error"), "^qstat says: error: commlib error"),
     ((1, "no qmaster", ""), "says: no qmaster"),
     ((0, "<job_info>", ""), "^qstat gave what cannot be read"),
     ((0, "<html><p>Sign in</p></html>", ""), "^qstat gave what cannot be read .found <html>")],
)  # fmt: skip
def test_a_qmaster_that_does_not_answer(answer, found, message):
    answer(qstat=found)
    with pytest.raises(Unreachable, match=message):
        GridEngine().poll("5")


ENFORCED = "37  : qmaster enforced h_rt, h_cpu, or h_vmem limit"
RECORD = """==============================================================
qname        all.q
taskid       {}
failed       {}
exit_status  {}
ru_wallclock {}
category     -l h_rt=20,h_vmem=100M,mem_total=100M -pe smp 2
"""


@pytest.mark.parametrize(
    "failed, status, wallclock, said, words",
    [
        ("0", "0", "1s", "", ""),
        ("0", "3", "1s", "", ""),
        ("0", "128", "1s", "", ""),
        ("0", "137", "1s", "", "was killed by signal 9"),
        ("100 : assumedly after job", "143", "1", "", "was killed by signal 15"),
        (ENFORCED, "137", "20s", "", "reached its time limit (h_rt=20 seconds)"),
        (ENFORCED, "137", "20.5", "", "reached its time limit (h_rt=20 seconds)"),
        (ENFORCED, "137", "19s", "", "ran out of memory (h_vmem=100M)"),
        (ENFORCED, "137", "20,5", "", "reached its time limit (h_rt=20 seconds)"),  # of another locale
        (ENFORCED, "137", "n/a", "", "ran out of memory (h_vmem=100M)"),
        ("0", "\u00b2", "1s", "", ""),
        ("0", "1", "25s", "x\nMemoryError", "ran out of memory (h_vmem=100M)"),
        ("26 : opening input/output file", "", "0s", "", "failed, Grid Engine says 26 : opening input/output file"),
    ],
)  # fmt: skip
def test_how_a_task_ended(answer, failed, status, wallclock, said, words):
    asked = answer(qacct=(0, RECORD.format(2, failed, status, wallclock), ""))
    assert GridEngine().explain("5", lambda number: said if number == 2 else "") == {2: words}
    assert asked == ["qacct -j 5"]


def test_without_limits_a_task_cannot_have_reached_them(answer):
    answer(qacct=(0, RECORD.format(2, "0", "1", "1s").replace("-l h_rt=20,h_vmem=100M,", "-l "), ""))
    assert GridEngine().explain("5", lambda _: "MemoryError") == {2: ""}


def test_attempts_that_were_queued_again_and_jobs_without_tasks_do_not_count(answer):
    records = [
        (1, "24 : migrating", 0),
        (1, "0", 137),
        (2, "25 : rescheduling", 0),
        ("undefined", "0", 1),
        (3, "0", 137),
    ]
    answer(qacct=(0, "".join(RECORD.format(*record, "1s") for record in records), ""))
    engine = GridEngine()
    engine.deleted = {3}
    assert engine.explain("5", lambda _: "") == {1: "was killed by signal 9", 3: "was cancelled"}


def test_a_job_or_some_of_its_tasks_are_cancelled(answer):
    asked = answer()
    assert GridEngine().cancel("5") is True and GridEngine().cancel("5", [7, 1, 2]) is True
    assert asked == ["qdel 5", "qdel 5 -t 1-2", "qdel 5 -t 7"]
    assert GridEngine().cancelling("5") == ["qdel", "5"]
    assert GridEngine().cancelling("5", [7, 1, 2]) == ["qdel", "5", "-t", "1-2,7"]


@pytest.mark.parametrize("found", [(1, "", "denied: job 5 does not exist"), (0, "commlib is slow", "")])
def test_a_job_that_has_ended_meanwhile_counts_as_cancelled(answer, found):
    answer(qdel=found)
    assert GridEngine().cancel("5") is True


@pytest.mark.parametrize("found", [(1, "", "error: commlib error\n"), (1, "unable to contact qmaster", "")])
def test_a_cancellation_that_does_not_reach_the_qmaster(answer, found):
    answer(qdel=found)
    with pytest.raises(Unreachable, match="^qdel says: (error: commlib error|unable to contact qmaster)"):
        GridEngine().cancel("5")
