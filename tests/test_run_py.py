"""utils/run.py: run.pl's command line, quoting, logs and exit statuses; and what a person sees while waiting."""

import fcntl
import itertools
import os
import pty
import re
import resource
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT

RUN = ROOT / "utils" / "run.py"

sys.path.insert(0, str(ROOT / "utils"))
from launch import owner as owner_module  # noqa: E402
from launch import progress as progress_module  # noqa: E402
from launch.guard import Guard  # noqa: E402
from launch.jobs import BadCommandLine, Jobs, quote  # noqa: E402
from launch.owner import Owner, ancestors, lives  # noqa: E402
from launch.progress import Progress, cut, span, tail  # noqa: E402
from launch.task import Task  # noqa: E402
from run import gpus, jobs_at_once  # noqa: E402


@pytest.fixture
def run(tmp_path):
    """Call run.py in a folder of its own."""

    def call(*words, status=0, **kwargs):
        done = subprocess.run([RUN, *words], cwd=tmp_path, capture_output=True, text=True, timeout=60, **kwargs)
        assert done.returncode == status, done.stderr
        assert done.stdout == ""
        return done.stderr

    return call


def output(log):
    """What a job printed: the log without its head of three lines and its end of two."""
    return "\n".join(log.read_text().splitlines()[3:-2])


# The command line


@pytest.mark.parametrize(
    "words",
    [
        ["--mem", "4G", "JOB=1:3", "JOB.log", "echo", "x"],
        ["JOB=1:3", "--mem", "4G", "JOB.log", "echo", "x"],
        ["-V", "--gpu", "0", "JOB=1:3", "-pe", "smp", "2", "--time", "1:00:00", "JOB.log", "echo", "x"],
    ],
)
def test_options_and_the_range_stand_in_any_order_before_the_log(words):
    jobs = Jobs(words)
    assert (jobs.name, list(jobs.numbers), jobs.log, jobs.command) == ("JOB", [1, 2, 3], "JOB.log", "echo x")


def test_words_after_the_log_belong_to_the_command():
    jobs = Jobs(["a.log", "echo", "--mem", "4G", "JOB=1:3"])
    assert jobs.command == "echo --mem 4G JOB=1:3" and not jobs.options and jobs.name is None


def test_any_name_and_any_first_number():
    assert list(Jobs(["LM_WT2=7:9", "LM_WT2.log", "true"]).numbers) == [7, 8, 9]
    assert list(Jobs(["JOB=3", "a.log", "true"]).numbers) == [3]


@pytest.mark.parametrize("word", ["JOB=0:2", "JOB=3:2", "JOB=0", "JOB=a:b", "JOB=1:", "JOB=-1:2"])
def test_a_wrong_range_is_refused_with_255(run, word):
    assert f"{word}" in run(word, "x.JOB.log", "true", status=255)


@pytest.mark.parametrize(
    "words, message",
    [
        (["JOB=1:4", "JOB=1:3", "x.JOB.log"], "found a second range, JOB=1:3 after JOB=1:4, expected one"),
        (["JOB=1:4", "--mem", "4G", "N=2", "x.JOB.log"], "found a second range, N=2 after JOB=1:4"),
        (["x.JOB.log", "JOB=1:3"], "found JOB=1:3 after the log file x.JOB.log, expected it before"),
        (["--mem", "JOB=1:3", "x.JOB.log"], "found --mem JOB=1:3, expected a value of --mem"),
        (["--mem=4G", "JOB=1:3", "x.JOB.log"], "found --mem=4G, expected options as in --mem 4G"),
        (["--", "JOB=1:3", "x.JOB.log"], "found --, expected options as in"),
        (["JOB=1:2000000", "x.JOB.log"], "expected at most 1000000 jobs"),
        (["JOB=1:99999999999999999999999", "x.JOB.log"], "expected a range of jobs such as JOB=1:4"),
        (["--max-jobs-run", "9" * 5000, "x.log"], "expected a whole number"),
    ],
)
def test_a_command_line_that_cannot_be_meant(run, tmp_path, words, message):
    assert message in run(*words, "true", status=255)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "words, message, status",
    [
        (["JOB=1:1000001", "x.JOB.log"], "expected at most 1000000 jobs", 255),
        (["JOB=2:1", "x.log"], "expected first:last with 1 <= first <= last", 255),
        (["JOB=1:2", "x.log"], "found x.log, expected JOB in it, e.g. x.JOB.log", 1),
        (["JOB=1:2", "x"], "found x, expected JOB in it, e.g. x.JOB.log", 1),
        (["x.log", "x=1"], "found x=1 after the log file x.log, expected it before", 255),
        (["-V", "--quiet"], "found .'true'. after the options, expected a log file and a command", 1),
    ],
)
def test_what_is_wrong_is_said_with_kaldis_status(words, message, status):
    with pytest.raises(BadCommandLine, match=message) as error:
        Jobs([*words, "true"])
    assert error.value.status == status


def test_what_is_unusual_but_right():
    assert len(Jobs(["JOB=1:1000000", "x.JOB.log", "true"]).numbers) == 10**6
    assert Jobs(["JOB=4:4", "x.log", "true"]).numbers == range(4, 5)
    assert Jobs(["y.log", "N=1"]).command == "N=1"  # a variable that is not part of the log's name
    assert Jobs(["a=b/x.log", "true"]).log == "a=b/x.log"
    jobs = Jobs(["-pe", "smp", "2", "--quiet", "-V", "--num-threads", "2", "--num_threads", "4", "x.log", "true"])
    assert jobs.options == {"-pe": ["smp", "2"], "--quiet": [], "-V": [], "--num-threads": ["2", "4"]}
    assert jobs.integers("--num-threads") == [2, 4] and jobs.integers("--mem") == []


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", "", "1" * 11])
def test_a_number_is_a_whole_one_above_0(value):
    with pytest.raises(BadCommandLine, match="--num-threads: found .*, expected a whole number of at least 1"):
        Jobs(["--num-threads", value, "x.log", "true"]).integers("--num-threads")


@pytest.mark.parametrize(
    "words, pattern",
    [(["JOB=2:2", "x.JOB.log"], "x.2.log"), (["JOB=2:3", "JOB/JOB.log"], "*/*.log"), (["x.log"], "x.log")],
)
def test_all_logs_in_one_name(words, pattern):
    assert Jobs([*words, "true"]).all_logs() == pattern


def test_options_of_other_launchers_may_look_like_ranges():
    jobs = Jobs(["-l", "h_rt=8:00", "JOB=1:2", "x.JOB.log", "env", "N=1:2", "true"])
    assert jobs.name == "JOB" and jobs.command == "env N=1:2 true"


def test_several_jobs_need_several_logs(run, tmp_path):
    message = run("JOB=1:2", "log/x.log", "true", status=1)
    assert "just one log file" in message and "x.JOB.log" in message
    assert not (tmp_path / "log").exists()
    run("JOB=2:2", "log/x.log", "true")


@pytest.mark.parametrize("words", [[], ["a.log"], ["--mem", "4G"], ["JOB=1:2", "a.JOB.log"]])
def test_without_a_log_and_a_command_nothing_runs(run, words):
    assert "expected a log file and a command" in run(*words, status=1)


def test_an_option_whose_value_was_forgotten_gives_a_warning(run):
    assert "WARNING: --mem has the value --gpu" in run("--mem", "--gpu", "a.log", "true")


def test_the_number_of_jobs_at_once_must_be_a_number(run):
    assert "--max-jobs-run: found 'all', expected a whole number" in run(
        "--max-jobs-run", "all", "a.log", "true", status=255
    )


def test_help_ends_well():
    done = subprocess.run([RUN, "--help"], capture_output=True, text=True, check=True)
    assert "e.g.: run.py JOB=1:4" in done.stdout


# What bash gets


@pytest.mark.parametrize(
    "word, quoted",
    [
        ("plain", "plain"),
        ("|", "|"),
        ("$x", "$x"),
        ("it's", "it's"),
        ("", '""'),
        ("two words", '"two words"'),
        ("it's two", '"it\'s two"'),
        ('say "a b"', "'say \"a b\"'"),
        ("a\nb", '"a\nb"'),
    ],
)
def test_quoting(word, quoted):
    assert quote(word) == quoted


def test_white_space_with_both_kinds_of_quotes_cannot_pass():
    with pytest.raises(BadCommandLine, match="both kinds of quotes"):
        quote('it\'s "a b"')


def test_words_reach_the_command(run, tmp_path):
    run("a.log", "printf", "'[%s]'", "two words", "", 'say "a"', "in $N here", env={**os.environ, "N": "5"})
    assert output(tmp_path / "a.log") == '[two words][][say "a"][in 5 here]'


def test_bare_operators_act_in_bash_without_pipefail(run, tmp_path):
    run("a.log", "echo", "x", "|", "tr", "x", "y", ">", "out", ";", "false", "|", "cat")
    assert (tmp_path / "out").read_text() == "y\n"
    run("a.log", "set", "-o", "pipefail", "&&", "false", "|", "cat", status=1)


def test_the_name_is_replaced_everywhere(run, tmp_path):
    run("JOB=2:4", "log.JOB/JOB.log", "echo", "JOB", "aJOBb/JOB", "job JOB")
    assert sorted(path.name for path in tmp_path.glob("log.*")) == ["log.2", "log.3", "log.4"]
    assert output(tmp_path / "log.3" / "3.log") == "3 a3b/3 job 3"


def test_a_job_reads_nothing_and_inherits_the_environment_and_the_folder(run, tmp_path):
    run("a.log", "cat", ";", "echo", "$KEPT", "$PWD", env={**os.environ, "KEPT": "yes"})
    assert output(tmp_path / "a.log") == f"yes {tmp_path}"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(tmp_path, closed):
    command = f'exec "$0" a.log cat ";" echo out ";" echo err ">&2" {closed}'
    subprocess.run(["bash", "-c", command, RUN], cwd=tmp_path, check=True, timeout=60)
    assert output(tmp_path / "a.log") == "out\nerr"


def test_a_parent_that_ignores_the_ends_of_its_children(run, tmp_path):
    run("a.log", "true", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))


def test_names_that_mean_something_to_a_shell_or_are_not_utf_8(run, tmp_path):
    name = 'a&b p(1) it\'s x;y $(touch z) \\ "q" * [a \udcff'
    run(f"d {name}/x {name}.log", "printf", b"\xfe")
    assert b"\n\xfe\n" in (tmp_path / f"d {name}" / f"x {name}.log").read_bytes()
    assert not [*tmp_path.rglob("z")]


def test_a_job_ends_quietly_when_its_reader_does(run, tmp_path):
    run("a.log", "yes", "|", "head", "-n", "1")  # yes is ended by SIGPIPE, which Python itself ignores
    assert output(tmp_path / "a.log") == "y"


# Logs and exit statuses


def test_the_log(run, tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "a.log").write_text("of last time\n" * 100)
    run("--num-threads", "3", "log/a.log", "echo", "out", ";", "echo", "err", ">&2")
    date = r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \S+ \d{4}"
    assert re.fullmatch(
        rf"# echo out ; echo err >&2\n# Started at {date}\n#\nout\nerr\n"
        rf"# Accounting: time=\d+ threads=3\n# Ended \(code 0\) at {date}, elapsed time \d+ seconds\n",
        (tmp_path / "log" / "a.log").read_text(),
    )


def test_one_thread_unless_told(run, tmp_path):
    run("a.log", "true")
    assert re.search(r"^# Accounting: time=\d+ threads=1$", (tmp_path / "a.log").read_text(), re.M)


def test_a_failed_job_says_why(run, tmp_path):
    message = run("a.log", "seq", "7", ";", "exit", "3", status=1)
    assert message == (
        "run.py: job failed, log is in a.log\n"
        "run.py: a.log ended with code 3, after these lines:\n  3\n  4\n  5\n  6\n  7\n"
    )
    assert "# Ended (code 3) at" in (tmp_path / "a.log").read_text()


def test_a_killed_job(run, tmp_path):
    assert "a.log ended with code 0; signal 9 and printed nothing" in run("a.log", "kill", "-9", "$$", status=1)
    assert "# Ended (code 0; signal 9) at" in (tmp_path / "a.log").read_text()


def test_one_failing_job_does_not_stop_the_others(run, tmp_path):
    message = run(
        "JOB=1:5",
        "d/x.JOB.log",
        "echo",
        "JOB",
        "[",
        "JOB",
        "-ne",
        "2",
        "];",
        "[",
        "$((JOB%2))",
        "=",
        "1",
        "]",
        status=1,
    )
    assert (
        "run.py: 2 / 5 failed, log is in d/x.*.log\nrun.py: failed: JOB = 2 4\nrun.py: d/x.2.log ended with code 1"
        in message
    )
    assert len(list(tmp_path.glob("d/x.*.log"))) == 5


def test_a_log_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").write_text("")
    assert "file" in run("file/a.log", "true", status=1)


def test_it_runs_through_path_and_through_a_link(tmp_path):
    (tmp_path / "link").symlink_to(RUN)
    environment = {"PATH": f"{RUN.parent}:{os.environ['PATH']}"}
    for program in ("run.py", "./link"):
        subprocess.run([program, "a.log", "true"], cwd=tmp_path, env=environment, check=True)


def test_a_job_that_takes_its_log_away_stops_no_other(run, tmp_path):
    run("-tc", "1", "JOB=1:2", "x.JOB.log", "rm", "x.JOB.log")
    assert "# Ended (code 0)" in (tmp_path / "x.2.log").read_text()


def test_a_log_whose_folder_is_away_for_a_moment_when_its_job_ends(run, tmp_path):
    run("d/x.log", "mv", "d", "away;", "(", "sleep", "1;", "mv", "away", "d", ")", "&")
    assert "# Ended (code 0)" in (tmp_path / "d" / "x.log").read_text()


def test_a_log_whose_folder_does_not_come_back_is_a_failure_of_its_job_alone(tmp_path):
    program = "import sys, run; run.PATIENCE = 0; sys.exit(run.main(sys.argv[1:]))"
    words = [
        "-tc",
        "2",
        "JOB=1:2",
        "d.JOB/x.JOB.log",
        "[",
        "JOB",
        "=",
        "2",
        "]",
        "||",
        "rm",
        "-r",
        "d.1;",
        "sleep",
        "JOB",
    ]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": f"{RUN.parent}:{ROOT}"}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and "failed: JOB = 1\n" in done.stderr
    assert "d.1/x.1.log ended with status 0, but the end of its log cannot be written (No such file" in done.stderr
    assert "# Ended (code 0)" in (tmp_path / "d.2" / "x.2.log").read_text()


def test_when_one_log_cannot_be_written_the_running_jobs_end(run, tmp_path):
    (tmp_path / "x.2.log").mkdir()
    assert "x.2.log" in run(
        "-tc", "2", "JOB=1:2", "x.JOB.log", "echo", "$$", ">", "pid;", "exec", "sleep", "60", status=1
    )
    until(lambda: not (tmp_path / "pid").exists() or not is_alive(int((tmp_path / "pid").read_text())))


# How many at once


def most_at_once(folder):
    """The most jobs that overlapped, each of which had written its begin and end."""
    events = [
        (float(t), step)
        for path in folder.glob("*.time")
        for t, step in zip(path.read_text().split(), (1, -1), strict=True)
    ]
    running = [sum(step for _, step in sorted(events)[: n + 1]) for n in range(len(events))]
    return max(running)


# The first two jobs wait for each other.
CLOCK = "date +%s.%N > JOB.time; until [ -s 2.time ]; do sleep 0.1; done; sleep 0.2; date +%s.%N >> JOB.time".split()


@pytest.mark.parametrize("options", [["--max-jobs-run", "2"], ["-tc", "2"], ["-tc", "9", "--max-jobs-run", "2"]])
def test_max_jobs_run(run, tmp_path, options):
    run(*options, "JOB=1:4", "x.JOB.log", *CLOCK)
    assert most_at_once(tmp_path) == 2


@pytest.mark.parametrize("number, most", [(1, 4), (5, 5), (6, 4), (99, 4)])
def test_as_many_as_processors_or_a_few_more_to_save_a_round(monkeypatch, number, most):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    assert jobs_at_once(Jobs([f"JOB=1:{number}", "x.JOB.log", "true"]))[0] == most


def with_nvidia_smi(tmp_path, lines, **more):
    """An environment whose nvidia-smi prints these lines, or fails if there are none."""
    smi = tmp_path / "bin" / "nvidia-smi"
    smi.parent.mkdir()
    smi.write_text("#!/bin/sh\n" + "".join(f"echo {line}\n" for line in lines) + ("" if lines else "exit 9\n"))
    smi.chmod(0o755)
    rest = {key: value for key, value in os.environ.items() if key != "CUDA_VISIBLE_DEVICES"}
    return {**rest, "PATH": f"{smi.parent}:{os.environ['PATH']}", **more}


def test_each_job_has_a_gpu_of_its_own_and_waits_for_it(run, tmp_path):
    environment = with_nvidia_smi(tmp_path, ["GPU 0: A", "GPU 1: B"])
    run("--gpu", "1", "JOB=1:4", "x.JOB.log", *CLOCK, ";", "echo", "$CUDA_VISIBLE_DEVICES", env=environment)
    assert most_at_once(tmp_path) == 2
    cards = [output(tmp_path / f"x.{job}.log") for job in (1, 2, 3, 4)]
    assert sorted(cards[:2]) == ["0", "1"] and set(cards) == {"0", "1"}


@pytest.mark.parametrize(
    "allowed, gpu, seen", [("5,7", "1", {"5", "7"}), ("GPU-a,GPU-b", "2", {"GPU-a,GPU-b"}), ("3,-1,4", "1", {"3"})]
)
def test_the_users_choice_of_gpus_is_kept(run, tmp_path, allowed, gpu, seen):
    environment = with_nvidia_smi(tmp_path, ["GPU 0: A"], CUDA_VISIBLE_DEVICES=allowed)
    run("--gpu", gpu, "JOB=1:2", "x.JOB.log", "sleep", "0.2;", "echo", "$CUDA_VISIBLE_DEVICES", env=environment)
    assert {output(tmp_path / f"x.{job}.log") for job in (1, 2)} == seen


@pytest.mark.parametrize(
    "lines, more", [([], {}), (["No devices were found"], {}), (["GPU 0: A"], {"CUDA_VISIBLE_DEVICES": ""})]
)
def test_no_job_believes_that_it_has_a_gpu_where_there_is_none(run, tmp_path, lines, more):
    message = run("--gpu", "1", "x.log", "true", status=1, env=with_nvidia_smi(tmp_path, lines, **more))
    assert "--gpu 1: found 0 GPUs here" in message and not (tmp_path / "x.log").exists()


def test_the_number_of_gpus_must_be_a_number(run):
    assert "--gpu: found 'yes', expected a whole number" in run("--gpu", "yes", "x.log", "true", status=255)


def test_without_gpu_the_environment_is_left_alone(run, tmp_path):
    run("--gpu", "0", "x.log", "echo", "$CUDA_VISIBLE_DEVICES", env={**os.environ, "CUDA_VISIBLE_DEVICES": "5"})
    assert output(tmp_path / "x.log") == "5"


# While waiting


def test_a_line_whenever_one_of_several_jobs_ends(run):
    lines = run("-tc", "1", "JOB=1:3", "d/x.JOB.log", "[", "JOB", "-ne", "2", "]", status=1).splitlines()
    assert lines[0] == "run.py: log is in d/x.*.log" and lines[1].startswith("run.py: 1 of 3 done, 1 running, ")
    assert lines[2].startswith("run.py: 2 of 3 done, 1 failed, 1 running, ")
    assert re.fullmatch(r"run.py: 3 of 3 done, 1 failed, \d+ s", lines[3])


def test_a_single_job_that_ends_well_says_nothing(run):
    assert run("a.log", "true") == ""


def test_quiet_says_nothing_but_failures(run):
    assert run("--quiet", "JOB=1:3", "JOB.log", "true") == ""
    text = run("JOB=1:3", "--quiet", "JOB.log", "exit", "$((JOB==2))", status=1)
    assert "1 / 3 failed" in text and "done" not in text


def seconds_left(total, at_once, durations, ages):
    progress = Progress("run.py", total, at_once, "x.*.log")
    progress.durations = durations
    return progress.seconds_left(ages)


@pytest.mark.parametrize(
    "total, at_once, durations, ages, seconds",
    [
        (5, 2, [10, 20], [5], (10 + 2 * 15) / 2),  # one has run 5 of 15 s, two wait, two run at once
        (5, 2, [10] * 4, [4], 6),
        (4, 4, [10, 10], [1, 8], 9),  # the one that will run longest, and not (9 + 2) / 2
        (3, 9, [10], [8], (2 + 10) / 2),  # only two are left to run at once
        (4, 1, [10, 40], [12], 28 + 25),  # it will last as long as the one that lasted longer
    ],
)
def test_the_time_left(total, at_once, durations, ages, seconds):
    assert seconds_left(total, at_once, durations, ages) == (seconds, True)


def test_before_a_job_ended_and_after_all_of_them_there_is_no_time_left():
    assert seconds_left(5, 2, [], [])[0] == seconds_left(5, 2, [10] * 5, [])[0] == 0


def test_nothing_says_how_long_the_longest_job_will_run():
    assert seconds_left(4, 4, [10, 10], [20, 30]) == (0, False)
    assert seconds_left(4, 1, [10, 10], [40]) == (
        20,
        False,
    )  # the mean of 10, 10 and at least 40, for the one that waits


def test_the_time_left_is_not_closer_than_the_jobs_are_to_each_other():
    assert seconds_left(3, 1, [30, 40], [31])[0] == 0 and seconds_left(3, 1, [30, 40], [29])[0] == 0
    assert seconds_left(3, 1, [30, 40], [20]) == (15, True)


@pytest.fixture
def progress(monkeypatch):
    """Progress of four jobs that began 130 s ago."""
    clock = SimpleNamespace(now=1000)
    monkeypatch.setattr(progress_module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    progress = Progress("run.py", 4, 2, "x.*.log")
    clock.now += 130
    return progress


def test_the_progress_in_one_line(progress, capfd):
    assert progress.summary([5, 6]) == "0 of 4 done, 2 running, 2 min"
    progress.ended([30, 50], 1, [10])
    done = "run.py: 2 of 4 done, 1 failed, 1 running, 2 min, about 35 s left\n"
    assert capfd.readouterr().err == f"run.py: log is in x.*.log\n{done}"
    assert progress.summary([60]) == "2 of 4 done, 1 failed, 1 running, 2 min, more than 23 s left"
    progress.ended([40], 1, [38])
    assert capfd.readouterr().err == "run.py: 3 of 4 done, 2 failed, 1 running, 2 min\n"
    progress.ended([40], 0, [])
    assert capfd.readouterr().err == "run.py: 4 of 4 done, 2 failed, 2 min\n"


def test_a_line_of_progress_fits_a_terminal_of_80_columns(monkeypatch, capfd):
    monkeypatch.setattr(progress_module, "time", SimpleNamespace(monotonic=iter([0, 7000]).__next__))
    progress = Progress("run.py", 400, 64, f"{'exp/' * 11}x.*.log")
    progress.ended([3000] * 150, 100, [3001] * 64)
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2 and all(len(line) <= 80 for line in lines) and lines[1].endswith(" left")


def test_one_job_and_quiet_ones_have_no_line(progress, capfd):
    progress.quiet = True
    progress.ended([30], 0, [])
    progress.quiet, progress.total = False, 1
    progress.ended([30], 0, [])
    assert capfd.readouterr().err == "" and len(progress.durations) == 2


def test_the_status_line_has_the_newest_log_and_fits_the_terminal(progress, capfd, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "get_terminal_size", lambda _: SimpleNamespace(columns=100))
    for name, age in (("a", 20), ("b", 10), ("c", 30)):
        (tmp_path / name).write_text(f"of {name}\n")
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    progress.show([1], [tmp_path / name for name in "abc"])
    assert capfd.readouterr().err == ""  # no terminal
    progress.live = True
    progress.show([1], [tmp_path / name for name in "abc"])
    line = "\r\033[Krun.py: 0 of 4 done, 1 running, 2 min"
    assert capfd.readouterr().err == f"{line} | of b"
    progress.show([1], [])
    assert capfd.readouterr().err == line
    (tmp_path / "b").write_text("x" * 200)
    progress.show([1], [tmp_path / "b"])
    assert len(capfd.readouterr().err) == len("\r\033[K") + 99
    progress.say("hello")
    assert capfd.readouterr().err == "\r\033[Krun.py: hello\n"


def test_the_status_line_leaves_out_the_command_at_the_top_of_a_log(progress, capfd, tmp_path):
    progress.live = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "get_terminal_size", lambda _: SimpleNamespace(columns=80))
        for printed in ("", "one\n"):
            (tmp_path / "a").write_text(f"# cmd\n# Started at x\n#\n# utils/python.sh -m train\n{printed}")
            progress.show([1], [tmp_path / "a"])
    line = "\r\033[Krun.py: 0 of 4 done, 1 running, 2 min"
    assert capfd.readouterr().err == f"{line}{line} | one"


@pytest.mark.parametrize("text, shown", [("abcdef", "abcd"), ("漢字a", "漢字"), ("a漢字", "a漢"), ("éabcd", "éabc")])
def test_what_is_cut_fills_no_more_columns_than_there_are(text, shown):
    assert cut(text, 4) == shown


def test_spans():
    assert [span(s) for s in (0.4, 119, 120, 7199, 7200)] == ["0 s", "119 s", "2 min", "120 min", "2.0 h"]


def test_the_tail_of_a_log_is_what_the_job_printed(tmp_path):
    log = tmp_path / "a.log"
    log.write_text(
        "# cmd\n# Started at x\n#\none\n\n 10%\r 99%\r\ntwo\x1b[0m\n# mine\n"
        "# Accounting: time=0 threads=1\n# Ended (code 1) at x\n"
    )
    assert tail(log, 2) == ["two[0m", "# mine"] and tail(log, 9)[:2] == ["one", " 99%"]


def test_the_tail_of_a_long_log_does_not_read_all_of_it(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("a" * 10000 + "\nlast\n")
    [cut, last] = tail(log, 5)
    assert last == "last" and cut == "a" * (8192 - len("\nlast\n"))


@pytest.mark.parametrize(
    "head, lines",
    [
        ("# cmd\n# Started at x\n#\n", ["one"]),  # run.py's
        ("# Running on n1\n# Started at x\n# cmd\n", ["one"]),  # slurm.py's and sge.py's
        ("# Started at x\n# cmd\n", ["# cmd", "one"]),
    ],
)
def test_the_head_of_a_log_is_not_what_the_job_printed(tmp_path, head, lines):
    (tmp_path / "a.log").write_text(head + "one\n# Finished at x with status 0\n")
    assert tail(tmp_path / "a.log", 5) == lines


def on_a_terminal(folder, *words):
    """What run.py draws on a terminal of 80 columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    job = subprocess.Popen([RUN, *words], cwd=folder, stderr=slave)
    job.wait(60)
    os.close(slave)
    try:
        return os.read(master, 4096).decode()
    except OSError:  # nothing was written
        return ""


def test_a_terminal_shows_the_newest_line_and_is_left_clean(tmp_path):
    shown = on_a_terminal(tmp_path, "a.log", "echo", "epoch", "7", ";", "sleep", "2")
    assert re.search("\r\033\\[Krun.py: 0 of 1 done, 1 running, [1-9] s \\| epoch 7", shown)
    assert shown.endswith("\r\033[K")


def test_a_terminal_of_80_columns_shows_the_progress_and_no_command(tmp_path):
    (tmp_path / "job.sh").write_text("echo '# utils/once.py'; sleep 1.2; printf '3 of 9: %0200d\\n' 0; sleep 1.2\n")
    drawn = on_a_terminal(tmp_path, "a.log", "bash", "job.sh").split("\r\033[K")[1:]
    assert drawn and all(len(line) <= 79 and "#" not in line for line in drawn)
    assert any(re.fullmatch(r"run.py: 0 of 1 done, 1 running, [1-9] s \| 3 of 9: 0+", line) for line in drawn)


def test_a_quiet_terminal_has_no_status_line(tmp_path):
    assert on_a_terminal(tmp_path, "--quiet", "a.log", "echo", "epoch", "7", ";", "sleep", "1.5") == ""


# Interruption


def start_sleepers(tmp_path, command, program=None):
    """Start run.py, or a Python program that calls it otherwise; returns it and its jobs' processes."""
    start = (
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(RUN.parent)!r}); {program}"] if program else [RUN]
    )
    words = [*start, "JOB=1:2", "-tc", "2", "x.JOB.log", *command]
    job = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 60
    while len([path for path in tmp_path.glob("*.pid") if path.read_text()]) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    return job, [int(path.read_text()) for path in tmp_path.glob("*.pid")]


def is_alive(pid):
    """A process that ended, but that nobody waited for, does not live."""
    status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return status != "" and not status.startswith("Z")


@pytest.mark.parametrize(
    ("number", "what"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "signal 15"), (signal.SIGHUP, "signal 1")]
)
def test_an_interruption_ends_all_jobs_and_marks_their_logs(tmp_path, number, what):
    job, pids = start_sleepers(tmp_path, ["sleep", "60", "&", "echo", "$!", ">", "JOB.pid", ";", "wait"])
    job.send_signal(number)
    message = job.communicate(timeout=60)[1]
    assert job.returncode == 2 and message == f"run.py: stopped by {what}, log is in x.*.log\n"
    assert len(pids) == 2 and not any(map(is_alive, pids))
    assert re.search(
        rf"# Stopped with run.py, which got signal {int(number)}\n# Acc.*\n# Ended ", (tmp_path / "x.1.log").read_text()
    )


def test_a_job_that_does_not_end_when_asked_is_killed(tmp_path):
    (tmp_path / "stubborn.sh").write_text("trap '' TERM; echo $$ > $1; while true; do sleep 0.1; done\n")
    command = ["bash", "stubborn.sh", "JOB.pid"]
    job, pids = start_sleepers(tmp_path, command)
    job.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert all(map(is_alive, pids)) and len(pids) == 2
    job.send_signal(signal.SIGINT)  # a second time: at once
    assert "stopped by signal 15" in job.communicate(timeout=60)[1]
    assert job.returncode == 2 and not any(map(is_alive, pids))
    assert "# Ended (code 0; signal 9)" in (tmp_path / "x.1.log").read_text()


def test_parts_of_a_pipe_that_outlive_the_jobs_bash_are_killed(tmp_path):
    (tmp_path / "stubborn.sh").write_text("trap '' TERM; echo $$ > $1; while true; do sleep 0.1; done\n")
    job, pids = start_sleepers(tmp_path, ["bash", "stubborn.sh", "JOB.pid", "|", "cat"])
    job.send_signal(signal.SIGTERM)
    assert job.wait(60) == 2 and len(pids) == 2 and not any(map(is_alive, pids))


SAVE = "trap 'sleep 1.2; echo saved > $1; exit' TERM; echo $$ > $1; while true; do sleep 0.1; done\n"


def test_a_job_has_some_seconds_to_end_when_asked_and_is_killed_then(tmp_path):
    (tmp_path / "save.sh").write_text(SAVE)
    (tmp_path / "stubborn.sh").write_text("trap '' TERM; echo $$ > $1; while true; do sleep 0.1; done\n")
    (tmp_path / "run.sh").write_text("[ $1 = 1 ] && . ./save.sh 1.pid\n. ./stubborn.sh 2.pid\n")
    program = "import run; run.GRACE = 1.5; run.main(sys.argv[1:])"
    job, pids = start_sleepers(tmp_path, ["bash", "run.sh", "JOB"], program)
    job.send_signal(signal.SIGTERM)
    job.communicate(timeout=60)
    assert (tmp_path / "1.pid").read_text() == "saved\n" and not any(map(is_alive, pids))
    assert "# Ended (code 0; signal 9)" in (tmp_path / "x.2.log").read_text()


def test_parts_of_a_pipe_have_some_seconds_too(tmp_path):
    (tmp_path / "save.sh").write_text(SAVE)
    job, _ = start_sleepers(tmp_path, ["bash", "save.sh", "JOB.pid", "|", "cat"])
    job.send_signal(signal.SIGTERM)
    assert job.wait(60) == 2 and [(tmp_path / f"{n}.pid").read_text() for n in (1, 2)] == ["saved\n"] * 2


def test_a_signal_that_is_ignored_under_nohup_ends_nothing(tmp_path):
    words = [RUN, "x.log", "echo", "begun;", "sleep", "0.5"]
    ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    job = subprocess.Popen(words, cwd=tmp_path, preexec_fn=ignore)
    until(lambda: (tmp_path / "x.log").exists() and "begun" in output(tmp_path / "x.log"))
    job.send_signal(signal.SIGHUP)
    assert job.wait(60) == 0


def test_what_a_job_left_in_the_background_goes_on_after_it(run, tmp_path):
    run("x.log", "sleep", "60", "&", "echo", "$!", ">", "pid")
    pid = int((tmp_path / "pid").read_text())
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


def test_waiting_jobs_are_not_started_after_an_interruption(tmp_path):
    job = subprocess.Popen(
        [RUN, "JOB=1:3", "-tc", "1", "x.JOB.log", "sleep", "60"], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    while not (tmp_path / "x.1.log").exists():
        time.sleep(0.02)
    time.sleep(0.2)
    job.send_signal(signal.SIGINT)
    assert job.wait(60) == 2 and not (tmp_path / "x.2.log").exists()


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


SLEEPERS = ["sleep", "60", "&", "echo", "$!", ">", "JOB.pid", ";", "wait"]


@pytest.mark.parametrize("kill", [os.kill, os.killpg])
def test_the_jobs_of_a_run_py_that_is_killed_end(tmp_path, kill):
    """Alone, or with its whole process group, as timeout and schedulers do."""
    job, pids = start_sleepers(tmp_path, SLEEPERS)
    kill(job.pid, signal.SIGKILL)
    job.communicate(timeout=60)  # nothing else holds its stderr open
    assert len(pids) == 2
    until(lambda: not any(map(is_alive, pids)))


def test_the_jobs_end_when_the_script_that_called_it_is_killed(tmp_path):
    script = 'export CER_OWNER=$$; (: ; "$0" JOB=1:2 -tc 2 x.JOB.log "$@" 2> said); true'
    owner = subprocess.Popen(["bash", "-c", script, RUN, *SLEEPERS], cwd=tmp_path)
    until(lambda: len([path for path in tmp_path.glob("*.pid") if path.read_text()]) == 2)
    pids = [int(path.read_text()) for path in tmp_path.glob("*.pid")]
    assert all(map(is_alive, pids))
    owner.kill()
    until(lambda: not any(map(is_alive, pids)))  # even before somebody waits for the owner
    owner.wait()
    until(lambda: "# Ended" in (tmp_path / "x.1.log").read_text())
    assert "the script that called it is gone" in (tmp_path / "said").read_text()
    until(lambda: "stopped by signal 15" in (tmp_path / "said").read_text())


def ended_process():
    process = subprocess.Popen(["true"])
    process.wait()
    return str(process.pid)


def test_nothing_is_started_for_an_owner_that_is_gone(run, tmp_path):
    environment = {key: value for key, value in os.environ.items() if key not in ("SLURM_JOB_ID", "JOB_ID")}
    gone = {**environment, "CER_OWNER": ended_process()}
    assert "the script that called it is gone" in run("x.log", "touch", "ran", env=gone, status=2)
    assert not (tmp_path / "ran").exists()
    run("x.log", "touch", "ran", env={**gone, "SLURM_JOB_ID": "5"})  # a job: the owner is of another machine
    assert (tmp_path / "ran").exists()


def test_an_owner_is_a_process_that_we_descend_from():
    assert Owner({}).pid == Owner({"CER_OWNER": "x"}).pid == 0
    assert Owner({"CER_OWNER": str(os.getppid())}).pid == os.getppid()
    with subprocess.Popen(["sleep", "60"]) as other:
        assert Owner({"CER_OWNER": str(other.pid)}).pid == 0
        other.kill()


def test_ancestors_are_the_parents_parents():
    found = [int(word) for word in subprocess.check_output(
        [sys.executable, "-c", "from launch.owner import ancestors; print(*ancestors())"],
        env={**os.environ, "PYTHONPATH": str(RUN.parent)}, text=True,
    ).split()]  # fmt: skip
    listed = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid="], text=True).splitlines()
    parents, expected = {int(pid): int(parent) for pid, parent in map(str.split, listed)}, [os.getpid()]
    while parents.get(expected[-1]):  # the first process, 1, has the parent 0
        expected.append(parents[expected[-1]])
    assert found == expected and found[1:] == list(ancestors())


def test_where_there_is_no_proc_a_process_that_exists_lives_and_only_the_parent_is_known(monkeypatch, tmp_path):
    monkeypatch.setattr(owner_module, "Path", lambda _: tmp_path / "none")
    assert lives(os.getpid()) and list(itertools.islice(ancestors(), 9)) == [os.getppid()]


def test_a_process_lives_until_it_has_ended_even_if_nobody_waited():
    with subprocess.Popen(["sleep", "60"]) as process:
        assert lives(process.pid)
        process.kill()
        until(lambda: not lives(process.pid))
    assert not lives(process.pid) and lives(1)


@pytest.mark.parametrize("more, gone", [({}, True), ({"JOB_ID": "5"}, False), ({"SLURM_JOB_ID": "5"}, False)])
def test_an_owner_that_has_ended_is_gone_but_a_job_has_none(more, gone):
    pid = ended_process()
    owner = Owner({"CER_OWNER": pid, **more})
    assert owner.is_gone() is gone and owner.pid == (int(pid) if gone else 0)
    assert not Owner({"CER_OWNER": str(os.getppid()), **more}).is_gone()
    if gone:
        assert owner.words == f"the script that called it is gone (process {pid}, CER_OWNER)"


@pytest.mark.parametrize("status, code", [(0, "code 0"), (3, "code 3"), (-15, "code 0; signal 15")])
@pytest.mark.parametrize("stopped", [0, 2])
def test_the_end_of_a_log(tmp_path, status, code, stopped):
    task = Task(1, tmp_path / "d" / "e" / "x.log", "printf one", ["5", "7"])
    os.waitpid(task.pid, 0)
    assert task.kill(0) is False
    task.begun -= 90
    assert 90 <= task.age() < 99 and task.finish(status, 2, stopped) == code
    word = "# Stopped with run.py, which got signal 2\n" if stopped else ""
    date = r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \S+ \d{4}"
    assert re.fullmatch(
        rf"# printf one\n# Started at {date}\n#\none\n{word}# Accounting: time=9\d threads=2\n"
        rf"# Ended \({code}\) at {date}, elapsed time 9\d seconds\n",
        (tmp_path / "d" / "e" / "x.log").read_text(),
    )


@pytest.mark.parametrize("printed", ["", "one\n"])
def test_the_end_of_a_log_begins_a_line(tmp_path, printed):
    task = Task(1, tmp_path / "x.log", f"printf '{printed}'")
    os.waitpid(task.pid, 0)
    task.finish(0, 1, 0)
    lines = (tmp_path / "x.log").read_text().splitlines()
    assert "" not in lines and lines[-2] == "# Accounting: time=0 threads=1"


def test_the_guard_ends_the_jobs_that_have_not_ended_when_it_hears_no_more(tmp_path):
    """SIGTERM first; SIGKILL for those that ignore it, after the grace."""
    tasks = [Task(n, tmp_path / f"{n}.log", command) for n, command in enumerate(
        ["exec sleep 60", "trap '' TERM; echo ready; while :; do sleep 0.1; done", "exec sleep 60"]
    )]  # fmt: skip
    until(lambda: "\nready\n" in (tmp_path / "1.log").read_text())
    guard = Guard(0.5)
    for task in tasks:
        guard.begun(task.pid)
    guard.ended(tasks[2].pid)
    begun = time.monotonic()
    guard.end()
    assert 0.4 < time.monotonic() - begun < 30
    statuses = [os.waitstatus_to_exitcode(os.waitpid(task.pid, 0)[1]) for task in tasks[:2]]
    assert statuses == [-signal.SIGTERM, -signal.SIGKILL]
    assert tasks[2].kill(signal.SIGKILL) is True and os.waitpid(tasks[2].pid, 0)


def children():
    """The processes that this one has started."""
    with subprocess.Popen(["ps", "-A", "-o", "pid=,ppid="], stdout=subprocess.PIPE, text=True) as listing:
        pairs = [map(int, line.split()) for line in listing.stdout]
        return {pid for pid, parent in pairs if parent == os.getpid() and pid != listing.pid}


def open_files(pid="self"):
    return [path.name for path in Path(f"/proc/{pid}/fd").iterdir()]


def test_the_guard_is_in_nobodys_way_and_signals_do_not_end_it(tmp_path):
    """It holds no file of run.py's, is in a session of its own, and goes on until it hears no more."""
    before, files = children(), open_files()
    task, guard = Task(1, tmp_path / "x.log", "exec sleep 60"), Guard(0.5)
    guard.begun(task.pid)
    [pid] = children() - before - {task.pid}
    until(lambda: open_files(pid) == ["0"])
    assert os.getsid(pid) == pid
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(pid, number)
    assert task.kill(0) is True
    guard.end()
    assert os.waitstatus_to_exitcode(os.waitpid(task.pid, 0)[1]) == -signal.SIGTERM
    assert open_files() == files  # neither leaves a file open


def test_jobs_go_on_without_a_guard(tmp_path):
    before, guard = children(), Guard(0.5)
    [pid] = children() - before
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    guard.begun(pid)
    guard.ended(pid)
    guard.end()


def test_the_names_of_gpus(monkeypatch):
    for allowed, names in [("0,1", ["0", "1"]), (" 3 ,GPU-a", ["3", "GPU-a"]), ("1,-1,2", ["1"]), ("", []),
                           ("NoDevFiles", []), ("4,,5", ["4"])]:  # fmt: skip
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", allowed)
        assert gpus() == names


@pytest.mark.parametrize(
    "options, most, each",
    [([], 2, 1), (["--max-jobs-run", "3"], 2, 1), (["-tc", "1"], 1, 1), (["--gpu", "2"], 1, 2)],
)
def test_jobs_at_once_are_as_many_as_gpus_for_them(monkeypatch, options, most, each):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    jobs = Jobs(["--gpu", "1", *options, "JOB=1:9", "x.JOB.log", "true"])
    assert jobs_at_once(jobs) == (most, ["4", "7"], each)


def test_a_job_that_needs_more_gpus_than_there_are(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    with pytest.raises(BadCommandLine, match="--gpu 3: found 2 GPUs here .*; expected as many, or --gpu 0") as error:
        jobs_at_once(Jobs(["--gpu", "3", "x.log", "true"]))
    assert error.value.status == 1


@pytest.mark.parametrize("options, most", [(["-tc", "3", "--max-jobs-run", "2"], 2), (["-tc", "9"], 9)])
def test_a_limit_on_jobs_counts_whatever_the_processors(options, most):
    assert jobs_at_once(Jobs([*options, "JOB=1:20", "x.JOB.log", "true"])) == (most, [], 0)


def test_a_log_that_the_disk_has_no_room_for_is_named(run):
    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    assert "x.log: File too large; expected a log" in run("x.log", "true", status=1, preexec_fn=no_room)
