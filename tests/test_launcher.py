"""launch/launcher.py, step by step: submitting, taking over, cancelling and reporting; time and engine are made up."""

import os
import re
import signal
import sys
from types import SimpleNamespace

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "utils"))
from launch import engine as engine_module
from launch import launcher as module
from launch.engine import Refused, State, Unnumbered, Unreachable
from launch.engine_options import QSUB
from launch.jobs import Jobs
from launch.launcher import Interrupted, Launcher, main

AWAY, RUNNING = Unreachable("no answer"), State("running")


class Engine:
    """An engine whose answers are lists, the last of which stays; what it is asked to do is noted."""

    program, controller, config = "made-up.py", "the controller", "conf/none.conf"
    default = "command true\noption mem=* -m $0"
    task_id, job_name, naming, options, limits_arrays = "$TASK", "$JOB", "-N", QSUB, False

    def __init__(self):
        self.submits, self.finds, self.polls, self.cancels = ["5"], [""], [{}], [True]
        self.submitted, self.cancelled, self.most = [], [], None

    def _next(self, answers):
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def submission(self, words, jobs, folder):
        return [*words, str(folder.script)]

    def submit(self, words):
        self.submitted.append(words)
        return self._next(self.submits)

    def find(self, name):
        return self._next(self.finds)

    def poll(self, job):
        return self._next(self.polls)

    def is_gone(self, job):
        return True

    def limit(self, jobs):
        return self.most

    def cancel(self, job):
        self.cancelled.append(job)
        return self._next(self.cancels)

    def cancelling(self, job):
        return ["delete", job]


@pytest.fixture(autouse=True)
def clock(monkeypatch, tmp_path):
    """A time that passes while the launcher sleeps, in a folder of its own."""
    clock = SimpleNamespace(now=100.0)

    def sleep(seconds):
        clock.now += seconds

    for one in (module, engine_module):
        monkeypatch.setattr(one, "time", SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PWD", str(tmp_path))
    return clock


def launcher(*words, engine=None, options=("true", "-x")):
    return Launcher(engine or Engine(), Jobs(words or ["JOB=1:2", "l.JOB/x.log", "echo", "JOB"]), list(options))


def said(capfd):
    return capfd.readouterr().err.replace("made-up.py: ", "").splitlines()


# Submitting


def test_a_submission_makes_the_folders_of_all_logs_and_notes_the_job(tmp_path):
    one = launcher()
    one.folder.lock()
    one.submit()
    name, job = one.folder.recorded()
    assert one.job == job == "5" and one.interruptible
    assert one.engine.submitted == [["true", "-x", "-N", name, str(one.folder.script)]]
    assert (tmp_path / "l.1").is_dir() and (tmp_path / "l.2").is_dir() and one.folder.is_same(one.script)


def test_the_name_is_noted_before_the_submission_and_no_signal_comes_between():
    """A launcher that is killed meanwhile finds its array by it."""
    one, noted = launcher(), []
    one.folder.lock()

    def submit(words):
        noted.append((one.folder.recorded(), one.interruptible))
        return "5"

    one.engine.submit = submit
    one.submit()
    assert noted == [((one.folder.recorded()[0], ""), False)] and noted[0][0][0]


def test_a_second_signal_sends_the_cancellation_and_ends_at_once(monkeypatch):
    one, done = launcher(), []
    one.job, one.cancelling = "5", True
    monkeypatch.setattr(
        module.subprocess, "Popen", lambda words, start_new_session: done.append((words, start_new_session))
    )
    monkeypatch.setattr(module.os, "_exit", done.append)
    one.interruptible = False
    one.interrupt(signal.SIGINT, None)
    assert done == [(["delete", "5"], True), 2]


def test_a_signal_during_a_submission_cancels_when_the_number_is_known():
    one = launcher()
    one.folder.lock()

    def submit(words):
        one.interrupt(signal.SIGTERM, None)
        return "5"

    one.engine.submit = submit
    with pytest.raises(Interrupted):
        one.submit()
    assert (one.signalled, one.job) == (signal.SIGTERM, "5")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_any_time_from_the_first_handler_on_ends_it_with_2(monkeypatch, capfd, number):
    one = launcher()
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(signal, "setitimer", lambda *_: one.interrupt(number, None))
    left = one.folder
    left.path.mkdir(parents=True)
    left.record("mine", "5")
    assert one.run() == 2 and left.recorded() == ("mine", "5")  # which the next call takes over
    assert said(capfd) == [f"stopped by signal {number}, nothing was submitted, log is in l.*/x.log"]


def test_a_submission_is_tried_again_after_a_look_whether_it_succeeded(capfd):
    engine = Engine()
    engine.submits, engine.finds = [AWAY, AWAY, "6"], [AWAY, ""]
    assert launcher(engine=engine).try_to_submit("x") == "6" and len(engine.submitted) == 3
    assert said(capfd) == ["no answer; trying to submit for 120 s"]
    engine.submits, engine.finds = [AWAY], ["", "7"]  # the job exists, only the answer was lost
    assert launcher(engine=engine).try_to_submit("x") == "7" and len(engine.submitted) == 5


def test_it_gives_up_after_two_minutes(clock):
    engine = Engine()
    engine.submits = [AWAY]
    with pytest.raises(Refused, match="^no answer; gave up after 120 s, nothing was submitted$"):
        launcher(engine=engine).try_to_submit("x")
    assert clock.now == 222 and len(engine.submitted) == 62  # every two seconds


def test_a_job_without_a_number_is_never_submitted_twice():
    engine = Engine()
    engine.submits = [Unnumbered("no number")]
    with pytest.raises(Refused, match="^no number; gave up after 120 s, it may run under the name x$"):
        launcher(engine=engine).try_to_submit("x")
    assert len(engine.submitted) == 1
    engine.finds = ["", "", "8"]
    assert launcher(engine=engine).try_to_submit("x") == "8" and len(engine.submitted) == 2


@pytest.mark.parametrize(
    "submits, finds, job, unknown",
    [
        (AWAY, ["9"], "", "nothing was submitted"),
        (Unnumbered("sbatch did not answer within 120 s"), ["9"], "9", "it may run under the name x"),
        (Unnumbered("sbatch did not answer within 120 s"), [""], "", "it may run under the name x"),
    ],
)
def test_a_signal_ends_the_tries_after_a_look_for_a_job_whose_number_was_lost(submits, finds, job, unknown):
    engine = Engine()
    engine.submits, engine.finds = [submits], finds
    one = launcher(engine=engine)
    one.signalled = signal.SIGINT
    assert one.try_to_submit("x") == job and len(engine.submitted) == 1 and one.unknown == unknown


def test_a_submission_that_hung_for_two_minutes_is_looked_for_afterwards(clock):
    def submit(words):
        clock.now += 121
        raise Unnumbered("sbatch did not answer within 120 s")

    engine = Engine()
    engine.submit, engine.finds = submit, ["", "", "8"]
    assert launcher(engine=engine).try_to_submit("x") == "8"


def test_a_refusal_is_final_and_names_a_limit_that_is_exceeded(clock):
    engine = Engine()
    engine.submits, engine.most = [Refused("bad array")], (1, "max 1")
    with pytest.raises(Refused, match=r"^2 jobs \(JOB=1:2\), the cluster takes up to 1 \(max 1\); --nj 1; bad array$"):
        launcher(engine=engine).try_to_submit("x")
    assert clock.now == 100
    with pytest.raises(Refused, match="found no program no-such-sbatch, expected the engine's programs in PATH"):
        (one := launcher(options=["no-such-sbatch"])).submit()
    assert one.folder.recorded() == ("", "")  # so that no later call looks for it


# What an earlier launcher left


def left(job="5", script=None, words=("JOB=1:2", "l.JOB/x.log", "echo", "JOB")):
    """The record of an array whose launcher was killed."""
    one = launcher(*words)
    one.folder.lock()
    one.folder.prepare(script or one.script)
    one.folder.record("mine", job)
    os.close(one.folder._lock)
    return one.folder


def test_where_nothing_was_left_there_is_nothing_to_take_over(capfd):
    one = launcher()
    assert one.take_over() is False and one.job == "" and said(capfd) == []


@pytest.mark.parametrize("job, finds", [("5", ["no"]), ("", ["5"])])
def test_the_same_array_is_taken_over(capfd, job, finds):
    left(job)
    engine = Engine()
    engine.polls, engine.finds = [{1: RUNNING}], finds
    one = launcher(engine=engine)
    assert one.take_over() is True and one.job == "5" and one.folder.recorded() == ("mine", "5")
    assert said(capfd) == ["job 5 of an earlier call is the same and still there: waiting for it"]


def test_an_array_that_has_ended_or_was_never_submitted_is_forgotten():
    left()
    one = launcher()
    assert one.take_over() is False and one.folder.recorded() == ("", "")
    os.close(one.folder._lock)
    left("")
    one = launcher()
    assert one.take_over() is False and one.job == "" and one.engine.cancelled == []


def test_another_array_is_cancelled_first(capfd):
    folder = left(script="another")
    engine = Engine()
    engine.polls = [{1: RUNNING}] * 3 + [{}]
    assert launcher(engine=engine).take_over() is False
    assert engine.cancelled == ["5"] and folder.recorded() == ("", "")
    assert said(capfd) == ["job 5 of an earlier, different call still writes these logs: cancelling it"]


def test_one_that_does_not_end_within_a_minute_stops_everything(clock):
    left(script="another")
    engine = Engine()
    engine.polls = [{1: RUNNING}]
    with pytest.raises(Refused, match="^job 5 does not end; nothing was submitted beside it$"):
        launcher(engine=engine).take_over()
    assert 160 <= clock.now < 161


def test_an_array_that_shares_some_logs_is_cancelled_too():
    left(words=["JOB=2:3", "l.JOB/x.log", "echo", "JOB"])
    engine = Engine()
    engine.polls = [{1: RUNNING}, {}]
    assert launcher(engine=engine).take_over() is False and engine.cancelled == ["5"]


def test_it_waits_for_an_engine_that_is_away(capfd, clock):
    left()
    engine = Engine()
    engine.polls = [AWAY] * 200 + [{1: RUNNING}]
    assert launcher(engine=engine).take_over() is True and clock.now == 300
    told, taken_over = said(capfd)
    assert told == "no answer; an earlier job may still run: waiting" and taken_over.startswith("job 5 of an earlier")


def test_patience_has_an_end(clock, capfd):
    def fails():
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        launcher().patiently(fails, fault=OSError, seconds=3, meanwhile="noting it")
    assert clock.now == 104 and said(capfd) == ["full; noting it: waiting"]


# Cancelling


@pytest.mark.parametrize(
    "polls, seconds, ended", [([{}], 10, True), ([{1: RUNNING}, {}], 10, True), ([{1: RUNNING}], 10, False)]
)
def test_a_cancelled_job_has_ended_when_the_engine_says_so(clock, polls, seconds, ended):
    engine = Engine()
    engine.polls = polls
    assert launcher(engine=engine).cancel("5", seconds) is ended and engine.cancelled == ["5"]
    assert (clock.now >= 100 + seconds) is not ended


def test_a_cancellation_is_sent_again_until_it_arrives():
    engine = Engine()
    engine.cancels, engine.polls = [AWAY, AWAY, True], [AWAY, {1: RUNNING}, {}]
    assert launcher(engine=engine).cancel("5", 10) is True and engine.cancelled == ["5"] * 3


@pytest.mark.parametrize(
    "job, polls, what, kept",
    [
        ("", [{}], "nothing was submitted", True),  # an earlier launcher's array
        ("5", [{}], "job 5 was cancelled", False),
        ("5", [{1: RUNNING}], "job 5 may still run (delete 5 ends it)", True),
    ],
)
def test_what_became_of_the_jobs_is_said(capfd, job, polls, what, kept):
    one = launcher()
    one.folder.lock()
    one.folder.record("mine", job)
    one.job, one.engine.polls = job, polls
    assert one.stop("stopped by signal 2") == 2 and (one.folder.recorded() == ("mine", job)) is kept
    assert said(capfd) == [f"stopped by signal 2, {what}, log is in l.*/x.log"] and one.cancelling is bool(job)


def test_the_first_signal_interrupts_and_is_the_one_that_is_named():
    one = launcher()
    with pytest.raises(Interrupted):
        one.interrupt(signal.SIGINT, None)
    one.interrupt(signal.SIGTERM, None)  # while it is already ending
    assert one.signalled == signal.SIGINT and not one.interruptible


@pytest.mark.parametrize("gone, signalled, ends", [(True, 0, True), (False, 0, False), (True, 2, False)])
def test_it_ends_when_its_owner_is_gone(capfd, gone, signalled, ends):
    one = launcher()
    one.owner, one.signalled, one.interruptible = (
        SimpleNamespace(is_gone=lambda: gone, words="it is gone"),
        signalled,
        False,
    )
    one.look_for_owner()
    assert (said(capfd) == ["it is gone: ending"]) is ends and one.signalled == (signal.SIGTERM if ends else signalled)


# From begin to end


@pytest.fixture
def whole(monkeypatch):
    """Run a launcher whose jobs end as `wait` says: a dict of failures, or an exception; returns it and its status."""
    handlers = {}

    def run(wait, engine=None, ignored=()):
        class Watch:
            def __init__(self, _engine, _jobs, _folder, job, _progress):
                assert job == "5"

            def wait(self):
                if isinstance(wait, signal.Signals):
                    handlers[wait](wait, None)
                if isinstance(wait, Exception):
                    raise wait
                self.failures = wait

        numbers = {name: getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIG_IGN")}
        calls = {"getsignal": lambda n: signal.SIG_IGN if n in ignored else None, "signal": handlers.__setitem__}
        made_up = SimpleNamespace(**numbers, **calls, ITIMER_REAL=0, setitimer=lambda *_: None)
        monkeypatch.setattr(module, "signal", made_up)
        monkeypatch.setattr(module, "Watch", Watch)
        one = launcher(engine=engine)
        one.handlers = handlers
        return one, one.run()

    return run


def test_an_array_that_ends_well(whole, capfd):
    one, status = whole({}, ignored=[signal.SIGHUP])
    assert status == 0 and one.folder.recorded() == ("", "") and one.engine.cancelled == [] and said(capfd) == []
    assert set(one.handlers) == {signal.SIGINT, signal.SIGTERM, signal.SIGALRM}  # nohup ignores SIGHUP
    one.interrupt(signal.SIGINT, None)  # nothing is left to interrupt


def test_an_array_with_failures(whole, capfd):
    one, status = whole({2: "was lost"})
    assert status == 1 and one.folder.recorded() == ("", "") and "failed: JOB = 2" in said(capfd)


def test_a_signal_while_it_waits(whole, capfd):
    one, status = whole(signal.SIGTERM)
    assert status == 2 and said(capfd) == ["stopped by signal 15, job 5 was cancelled, log is in l.*/x.log"]
    assert one.engine.cancelled == ["5"] and one.folder.recorded() == ("", "")


def test_an_error_leaves_no_array_without_a_launcher(whole, capfd):
    one, status = whole(OSError("no q/x"))
    assert status == 1 and said(capfd) == ["gave up: no q/x, job 5 was cancelled, log is in l.*/x.log"]
    assert one.engine.cancelled == ["5"] and not one.interruptible


def test_an_error_before_there_is_a_job_is_the_callers(whole):
    engine = Engine()
    engine.submits = [Refused("no such queue")]
    with pytest.raises(Refused, match="no such queue"):
        whole({}, engine)
    assert engine.cancelled == [] and launcher().folder.recorded() == ("", "")  # the next call asks nothing


# The report


def test_success_is_silent(capfd):
    assert launcher().report({}) == 0 and said(capfd) == []


@pytest.mark.parametrize(
    "log, started, lines",
    [
        ("a\nb\nc\nd\ne\nf\n", True, ["l.1/x.log was lost, after these lines:", *map("  {}".format, "bcdef")]),
        ("", True, ["l.1/x.log was lost and printed nothing"]),
        ("of an earlier call\n", False, ["l.1/x.log was lost"]),
        (None, True, ["l.1/x.log was lost"]),
    ],
)  # fmt: skip
def test_failures_are_listed_and_the_first_log_is_shown(tmp_path, capfd, log, started, lines):
    one = launcher("JOB=1:3", "l.JOB/x.log", "true")
    if log is not None:
        (tmp_path / "l.1").mkdir()
        (tmp_path / "l.1" / "x.log").write_text(log)
    one.folder.started = {1, 2} if started else {2}
    assert one.report({2: "was cancelled", 1: "was lost"}) == 1
    assert said(capfd) == ["2 / 3 failed, log is in l.*/x.log", "failed: JOB = 1 2", *lines]


def test_a_single_job_has_no_list(capfd):
    assert launcher("x.log", "true").report({1: "was lost"}) == 1
    assert said(capfd) == ["job failed, log is in x.log", "x.log was lost"]


def test_a_record_that_cannot_be_removed_is_only_a_warning(capfd):
    one = launcher()

    def fails():
        raise OSError("read only")

    one.folder.forget = fails
    one.forget()
    assert said(capfd) == ["WARNING: read only; the array's end could not be noted there"]


# The program


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help(capsys, word):
    assert main(Engine(), "Usage: x", [word]) == 0 and capsys.readouterr().out == "Usage: x\n"


@pytest.mark.parametrize(
    "words, status, message",
    [
        (["x.log"], 1, r"found \['x.log'\] after the options, .*; see made-up.py --help"),
        (["JOB=0:1", "x.log", "true"], 255, "found the range JOB=0:1, .*; see made-up.py --help"),
        (["--mem", "--gpu", "x/q", "true"], 1, "WARNING: --mem has the value --gpu; was its own value forgotten?"),
        (["x/q", "true"], 1, r".*Not a directory.*; expected a log file that can be written"),
    ],
)  # fmt: skip
def test_a_wrong_command_line(tmp_path, capfd, words, status, message):
    (tmp_path / "x").write_text("")
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)]
    try:
        assert main(Engine(), "", words) == status and signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    finally:
        for n, handler in zip((signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM), before, strict=True):
            signal.signal(n, handler)
    assert re.match(f"made-up.py: {message}", capfd.readouterr().err)


def test_what_the_engine_refuses_ends_with_1(capfd, monkeypatch):
    monkeypatch.setattr(Launcher, "run", lambda _: (_ for _ in ()).throw(Refused("no such queue")))
    assert main(Engine(), "", ["x.log", "true"]) == 1 and said(capfd) == ["no such queue"]
