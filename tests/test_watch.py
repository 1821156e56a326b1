"""launch/watch.py: how a task ended, from its status, the engine's word and the time; the time is made up."""

import sys
from types import SimpleNamespace

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "utils"))
from launch import watch
from launch.engine import State, Unreachable
from launch.job_folder import Status
from launch.jobs import Jobs
from launch.watch import Watch, describe

RUNNING, ENDED, WAITING = State("running"), State("ended"), State("waiting")
STUCK, LOST = State("stuck", "is held"), State("running", "its node may be lost")
GOOD, BAD = Status(0, 7, "command"), Status(3, 8, "command")


class Folder:
    """As the folder of an array: the statuses that a test puts there."""

    path = "q/x"

    def __init__(self):
        self.found, self.started, self.words = {}, set(), ""

    def statuses(self, numbers):
        if isinstance(self.found, OSError):
            raise self.found
        return {number: self.found[number] for number in numbers if number in self.found}

    def said(self, _):
        return self.words


class Engine:
    """An engine that knows these states, and says these words about ends."""

    controller = "the controller"

    def __init__(self):
        self.states, self.words, self.cancelled, self.asked = {}, {}, [], 0

    def poll(self, _):
        self.asked += 1
        if isinstance(self.states, Exception):
            raise self.states
        return self.states

    def is_gone(self, _):
        return True

    def explain(self, _job, _said):
        return self.words

    def cancel(self, _, numbers):
        self.cancelled.append(numbers)


class Progress:
    """What was said, and what ended: (seconds, failed, number of running jobs)."""

    def __init__(self):
        self.lines, self.ends, self.at_once = [], [], 1

    def say(self, line):
        self.lines.append(line)

    def ended(self, seconds, failed, ages):
        self.ends.append((seconds, failed, len(ages)))


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(watch, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.fixture
def one(clock):
    """A Watch of three tasks."""
    return Watch(Engine(), Jobs(["JOB=1:3", "l/x.JOB.log", "true"]), Folder(), "5", Progress())


@pytest.mark.parametrize(
    "state, away, end",
    [(RUNNING, None, ""), (ENDED, None, ""), (STUCK, None, ""), (WAITING, None, None), (WAITING, 90, "")],
)
def test_a_task_that_ended_well_is_done_unless_it_is_queued_again(one, state, away, end):
    one.away = away
    assert one.judge(1, state, GOOD) == end


@pytest.mark.parametrize("state, seconds", [(STUCK, 5), (LOST, 600)])
def test_a_task_with_a_problem_is_given_up_after_a_while(one, clock, state, seconds):
    assert one.judge(1, state, None) is None
    clock.now += seconds
    assert one.judge(1, state, None) is None
    clock.now += 0.1
    assert one.judge(1, state, None) == f"{state.reason}: cancelled" and one.judge(2, state, None) is None


def test_a_running_task_without_a_problem_may_run_for_ever(one, clock):
    for clock.now in (100, 99999):
        assert one.judge(1, RUNNING, None) is None
    assert one.running == {1: 100} and one.ages() == [99899]


def test_while_the_controller_is_away_only_statuses_count(one, clock):
    one.away = 90
    for clock.now in (100, 900):
        assert one.judge(1, ENDED, None) is None and one.judge(2, STUCK, None) is None
    assert one.judge(3, RUNNING, BAD) is None
    clock.now += 5.1
    assert one.judge(3, RUNNING, BAD) == "ended with exit status 3"


def test_a_status_of_failure_waits_a_little_for_the_engines_word(one, clock):
    assert one.judge(1, RUNNING, BAD) is None
    clock.now += 5
    assert one.judge(1, RUNNING, BAD) is None
    clock.now += 0.1
    assert one.judge(1, RUNNING, BAD) == "ended with exit status 3"
    one.words = {2: "", 3: "was cancelled"}
    assert one.judge(2, ENDED, BAD) == "ended with exit status 3"
    assert one.judge(3, ENDED, BAD) == "was cancelled; exit status 3"


def test_the_engines_word_waits_a_little_for_a_status(one, clock):
    one.words = {1: "was cancelled"}
    assert one.judge(1, ENDED, None) is None
    clock.now += 1
    assert one.judge(1, ENDED, None) is None
    clock.now += 0.1
    assert one.judge(1, ENDED, None) == "was cancelled"


@pytest.mark.parametrize(
    "started, words, seconds, end",
    [
        (False, None, 5, "left the queue without having started: cancelled?"),
        (True, None, 20, "was lost: it left no status, and the engine knows it no more"),
        (True, "", 20, "ended, but left no status in q/x: is it seen from all machines, is the disk full?"),
        (False, "", 20, "ended, but left no status in q/x: is it seen from all machines, is the disk full?"),
    ],
)
def test_a_task_without_a_status_and_a_word_is_lost_in_the_end(one, clock, started, words, seconds, end):
    one.folder.started = {1} if started else set()
    one.words = {} if words is None else {1: words}
    assert one.judge(1, ENDED, None) is None
    clock.now += seconds
    assert one.judge(1, ENDED, None) is None
    clock.now += 0.1
    assert one.judge(1, ENDED, None) == end


def test_what_the_engine_printed_tells_why_there_is_no_status(one, clock):
    one.words, one.folder.words = {1: ""}, "\nslurmstepd: no such folder\n"
    one.judge(1, ENDED, None)
    clock.now += 21
    assert one.judge(1, ENDED, None).endswith("no status in q/x: slurmstepd: no such folder")


@pytest.mark.parametrize("again", [WAITING, RUNNING])
def test_a_task_that_runs_again_has_not_ended(one, clock, again):
    one.words = {1: "was cancelled"}
    one.judge(1, ENDED, None)
    clock.now += 100
    assert one.judge(1, again, None) is None and one.words == {} and (1 in one.running) is (again is RUNNING)
    assert one.judge(1, ENDED, None) is None and one.running == {}


@pytest.mark.parametrize(
    "code, stage, words, said",
    [
        (3, "command", None, "ended with exit status 3"),
        (128, "command", "", "ended with exit status 128"),
        (129, "command", None, "was killed by SIGHUP (exit status 129)"),
        (137, "command", None, "was killed by SIGKILL (exit status 137)"),
        (160, "command", None, "ended with exit status 160"),  # there is no signal 32
        (255, "command", None, "ended with exit status 255"),
        (137, "command", "ran out of memory", "ran out of memory; SIGKILL (exit status 137)"),
        (1, "folder", None, "ended in entering the working directory, before its command, with exit status 1"),
        (2, "path.sh", "", "ended in path.sh, before its command, with exit status 2"),
    ],
)
def test_ends_in_words(code, stage, words, said):
    assert describe(Status(code, 1, stage), words) == said


def test_what_has_ended_is_counted_with_its_seconds_and_told_once(one, clock):
    one.engine.states = dict.fromkeys((1, 2, 3), RUNNING)
    one.look()
    assert (one.progress.ends, one.progress.at_once, one.unfinished) == ([], 3, [1, 2, 3])
    clock.now += 10
    one.engine.states, one.engine.words = {1: ENDED, 2: ENDED, 3: RUNNING}, {2: "was cancelled"}
    one.folder.found = {1: GOOD}
    one.look()
    assert one.progress.ends == [([7], 0, 1)] and one.unfinished == [2, 3]
    clock.now += 2
    one.look()  # now it has the word
    clock.now += 2
    one.look()
    assert one.failures == {2: "was cancelled"} and one.progress.lines == ["JOB=2 was cancelled; log: l/x.2.log"]
    assert one.progress.ends[1:] == [([0], 1, 1)] and one.unfinished == [3] and one.engine.cancelled == []


def test_tasks_that_can_never_start_are_cancelled_together(one, clock):
    one.engine.states = {1: STUCK, 2: STUCK, 3: RUNNING}
    for clock.now in (100, 106):
        one.look()
    assert one.engine.cancelled == [[1, 2]] and one.unfinished == [3]
    assert one.progress.lines == ["JOB=1-2 is held: cancelled; log: l/x.*.log"]


def test_the_engine_is_not_asked_all_the_time_and_a_slow_one_less(one, clock):
    one.engine.states = {1: RUNNING}
    one.look()
    clock.now += 0.4
    one.look()
    assert one.engine.asked == 1
    clock.now += 0.1
    one.look()
    assert one.engine.asked == 2
    poll = one.engine.poll

    def slow(job):
        clock.now += 3
        return poll(job)

    one.engine.poll = slow
    clock.now += 1
    one.look()
    clock.now += 2.9
    one.look()
    assert one.engine.asked == 3 and one.took == 3
    clock.now += 0.1
    one.look()
    assert one.engine.asked == 4


def test_a_status_of_a_task_that_waits_makes_it_ask_at_once(one):
    one.engine.states, one.folder.found = {1: WAITING}, {1: GOOD}
    one.ask()
    one.engine.states = {1: ENDED}  # a quick task
    one.look()
    assert one.unfinished == [2, 3] and one.failures == {}


def test_absences_are_told_with_their_length(one, clock):
    one.engine.states = Unreachable("squeue says: no")
    one.ask()
    clock.now += 10
    one.ask()
    one.engine.states = {1: RUNNING}
    clock.now += 32
    one.ask()
    assert one.progress.lines == [
        "squeue says: no; the jobs may well go on: waiting until it is back",
        "the controller is back after 42 s",
    ]


def test_a_folder_that_stays_away_is_an_error_after_ten_minutes(one, clock):
    one.folder.found, one.ended = OSError("no q/x"), {1: 90}
    for clock.now in (100, 700):
        assert one.statuses() is None
    assert one.progress.lines == ["no q/x; the jobs may well go on: waiting up to 10 min until it is back"]
    clock.now = 700.1
    with pytest.raises(OSError, match="no q/x"):
        one.statuses()
    one.folder.found = {}
    assert one.statuses() == {} and one.ended == {} and one.progress.lines[1:] == ["q/x is back after 600 s"]
    assert one.statuses() == {} and len(one.progress.lines) == 2


def test_why_tasks_wait_is_told_when_it_lasts_and_problems_at_once(one, clock):
    held = State("waiting", "it is held")
    one.tell_changes({1: held, 2: held, 3: LOST})
    assert one.progress.lines == ["1 running: its node may be lost"]
    clock.now += 10
    one.tell_changes({1: held, 2: held})
    assert len(one.progress.lines) == 1
    clock.now += 0.1
    one.tell_changes({1: held, 2: held})
    one.tell_changes({1: held, 2: held})
    assert one.progress.lines[1:] == ["2 waiting: it is held"]


def test_waiting_without_a_reason_is_not_told(one, clock):
    for clock.now in (100, 200):
        one.tell_changes({1: WAITING, 2: WAITING})
    assert one.progress.lines == []


def test_a_problem_that_went_away_and_came_back_is_timed_anew(one, clock):
    one.engine.states = {1: STUCK, 2: RUNNING, 3: RUNNING}
    one.look()
    one.engine.states = {1: WAITING, 2: RUNNING, 3: RUNNING}
    clock.now += 4
    one.look()
    one.engine.states = {1: STUCK, 2: RUNNING, 3: RUNNING}
    clock.now += 4
    one.look()
    assert one.unfinished == [1, 2, 3] and one.engine.cancelled == []


def test_tasks_that_are_queued_again_are_named(one):
    one.engine.states = dict.fromkeys((1, 2, 3), RUNNING)
    one.look()
    one.tell_changes({1: WAITING, 2: RUNNING, 3: WAITING})
    assert one.progress.lines == ["JOB=1,3 is back in the queue: a lost node, preemption, or an operator"]
    assert list(one.running) == [2]


def test_a_single_job_has_no_number_and_its_failure_is_left_to_the_report(clock):
    one = Watch(Engine(), Jobs(["x.log", "true"]), Folder(), "5", Progress())
    assert one.which([1]) == "the job"
    one.tell_failure("was cancelled", [1])
    assert one.progress.lines == []


def test_the_last_words_of_the_engine_and_of_the_task(one, tmp_path):
    one.jobs = Jobs(["JOB=1:3", f"{tmp_path}/x.JOB.log", "true"])
    one.folder.words = "a" * 3000
    (tmp_path / "x.2.log").write_text("".join(f"{n}\n" for n in range(9)))
    assert one.said(1) == "a" * 2000 and one.said(2) == "a" * 2000 + "\n4\n5\n6\n7\n8"
