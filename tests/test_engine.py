"""launch/engine.py: calls of an engine's programs, and when its word about a job counts."""

import sys
from types import SimpleNamespace

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "utils"))
from launch import engine
from launch.engine import (
    State,
    Tasks,
    Unnumbered,
    Unreachable,
    Unreadable,
    ask,
    first_line,
    numbers_as_ranges,
    numbers_of,
    too_many,
)
from launch.jobs import Jobs


class Queue:
    """As an engine that knows these tasks; gone: whether it says that the job does not exist."""

    controller = "the controller"

    def __init__(self, tasks, gone=False, most=None):
        self.tasks, self.gone, self.most = tasks, gone, most

    def poll(self, job):
        assert job == "5"
        if isinstance(self.tasks, Exception):
            raise self.tasks
        return self.tasks

    def is_gone(self, job):
        assert job == "5"
        return self.gone

    def limit(self, _):
        if isinstance(self.most, Exception):
            raise self.most
        return self.most


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when a test says so."""
    clock = SimpleNamespace(now=0.5)
    monkeypatch.setattr(engine, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_an_empty_answer_counts_when_it_is_confirmed_or_lasts(clock):
    queue = Queue({})
    tasks = Tasks(queue, "5")
    for clock.now in (10, 70, 130):  # 120 s later at most
        with pytest.raises(Unreachable, match="^the controller names no task of job 5 any more, .* after 120 s$"):
            tasks.poll()
    clock.now = 131
    assert tasks.poll() == {}
    queue.tasks = {1: State("running")}  # an answer: the next empty one begins anew
    assert tasks.poll() == queue.tasks
    queue.tasks, clock.now = {}, 200
    with pytest.raises(Unreachable):
        tasks.poll()
    queue.gone = True
    assert tasks.poll() == {}


def test_what_is_no_answer_counts_only_when_it_is_confirmed(clock):
    queue = Queue(Unreadable("a web page"))
    tasks = Tasks(queue, "5")
    for clock.now in (10, 9999):
        with pytest.raises(Unreadable, match="^a web page$"):
            tasks.are_live()
    queue.gone = True
    assert not tasks.are_live()


@pytest.mark.parametrize(
    "kinds, live",
    [(["running"], True), (["ended", "waiting"], True), (["stuck"], True), (["ended"] * 2, False), ([], False)],
)
def test_a_job_is_live_while_a_task_has_not_ended(kinds, live):
    assert Tasks(Queue({n: State(kind) for n, kind in enumerate(kinds)}, gone=True), "5").are_live() is live


def test_programs_that_are_slow_or_missing_are_named():
    with pytest.raises(Unnumbered, match=r"^bash did not answer within 0\.2 s$"):
        ask("bash", "-c", "sleep 4321; true", timeout=0.2, late=Unnumbered)
    assert "sleep 4321\n" not in ask("ps", "-eo", "args").stdout  # what a site's script started has ended, too
    with pytest.raises(
        Unreachable, match=r"^no-such-program cannot be run \((No such file or directory|Permission denied)\)$"
    ):
        ask("no-such-program", "x")


def test_a_program_has_no_input_and_its_bytes_are_read_whatever_they_are():
    done = ask("bash", "-c", r"cat; printf 'a\xff'; printf 'b\xc3\xa9' >&2; exit 3")
    assert (done.stdout, done.stderr, done.returncode) == ("a\ufffd", "bé", 3)


def test_ctrl_c_does_not_reach_a_program_of_the_engine():
    session, group = ask("bash", "-c", "ps -o sid=,pgid= -p $$").stdout.split()
    assert session == group != ask("bash", "-c", "ps -o sid= -p $PPID").stdout.strip()


@pytest.mark.parametrize(
    "most, said",
    [((2, "MaxArraySize 3"), "4 jobs (JOB=2:5), the cluster takes up to 2 (MaxArraySize 3); --nj 2; "), (None, ""),
     (Unreachable("no answer"), "")],
)  # fmt: skip
def test_an_array_above_the_limit_says_how_many_are_possible(most, said):
    assert too_many(Queue({}, most=most), Jobs(["JOB=2:5", "x.JOB.log", "true"])) == said


def test_the_first_line_that_says_something():
    assert first_line("\n  \n one \ntwo\n") == "one"
    assert first_line(" \n") == "no message" and first_line("", "nothing") == "nothing"


@pytest.mark.parametrize(
    "text, numbers",
    [
        ("3", [3]),
        ("1-3,7", [1, 2, 3, 7]),
        ("1-3:1", [1, 2, 3]),
        ("1-3%2,9%2", [1, 2, 3, 9]),
        ("[4-5]", [4, 5]),
        ("", []),
    ],
)
def test_ranges_are_read(text, numbers):
    assert numbers_of(text) == numbers


@pytest.mark.parametrize(
    "numbers, text", [([], ""), ([5], "5"), ([2, 1], "1-2"), ([1, 3, 5], "1,3,5"), ([9, 1, 2, 3, 8], "1-3,8-9")]
)
def test_ranges_are_written(numbers, text):
    assert numbers_as_ranges(numbers) == text
