"""slurm.py and sge.py without an engine: the configuration, a task's script, and the core with a made-up engine."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, job_environment

sys.path.insert(0, str(ROOT / "utils"))
import sge
import slurm
from launch import engine as engine_module
from launch import watch
from launch.engine import State, Unreachable, numbers_as_ranges, numbers_of
from launch.engine_options import QSUB
from launch.job_folder import folders
from launch.job_script import job_script
from launch.jobs import BadCommandLine, Jobs
from launch.launcher_config import Config, engine_words
from launch.progress import tail
from sge import GridEngine
from slurm import Slurm, _state

# The configuration


@pytest.mark.parametrize("engine", [Slurm, GridEngine])
def test_the_file_that_we_ship_says_what_is_built_in(engine):
    shipped, built_in = Config((ROOT / engine.config).read_text(), "x"), Config(engine.default, "x")
    assert (shipped.command, shipped.options, shipped.defaults) == (
        built_in.command,
        built_in.options,
        built_in.defaults,
    )


@pytest.mark.parametrize("engine", [Slurm, GridEngine])
def test_kaldis_launchers_can_read_it_too(engine):
    lines = [line.partition("#")[0].split() for line in (ROOT / engine.config).read_text().splitlines()]
    kinds = [line[0] for line in lines if line]
    assert kinds.count("command") == 1
    seen = set()
    for kind, word in (line[:2] for line in lines if line):
        name = word.partition("=")[0]
        assert kind != "default" or name not in seen  # Kaldi's must read it before the options of its name
        seen.add(name)


CONFIG = """
command sub --name 'two words'   # how
option mem=* -m $0 -l "a=$0"
option mem=0
option time=*     # nothing
option gpu=* -g $0
option gpu=0 -p cpu
default gpu=0
"""


@pytest.mark.parametrize(
    "options, words",
    [
        ({}, ["-p", "cpu"]),
        ({"gpu": "2"}, ["-g", "2"]),
        ({"mem": "0"}, ["-p", "cpu"]),
        ({"time": "3"}, ["-p", "cpu"]),
        ({"mem": "4 G"}, ["-p", "cpu", "-m", "4 G", "-l", "a=4 G"]),
    ],
)
def test_options_become_the_engines(options, words):
    assert Config(CONFIG, "x").words(options, QSUB) == ["sub", "--name", "two words", *words]


@pytest.mark.parametrize(
    "line, message",
    [
        ("option mem=* -m", "x.conf:2: found 'option mem=* -m', expected $0"),
        ("command other", "x.conf:2: .*one line 'command"),
        ("nonsense", "x.conf:2: found 'nonsense', expected 'command"),
        ("default gpu", "x.conf:2: "),
        ("option mem=0 'x", "words as in a shell"),
    ],
)
def test_a_bad_line_is_named(line, message):
    with pytest.raises(BadCommandLine, match=message.replace("*", "[*]").replace("$", "[$]").replace(".[*]", ".*")):
        Config(f"command sub\n{line}\n", "x.conf")


def test_a_configuration_without_a_command():
    with pytest.raises(BadCommandLine, match="x.conf: found no line 'command"):
        Config("# nothing\n", "x.conf")


@pytest.mark.parametrize("program", ["slurm.py", "sge.py"])
def test_options_that_are_not_described_are_refused(tmp_path, program):
    def message(*words):
        done = subprocess.run([ROOT / "utils" / program, *words], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 255
        return done.stderr

    assert "found --partition long, which the built-in default does not describe" in message(
        "--partition", "long", "x.log", "true"
    )
    (tmp_path / "my.conf").write_text("command sub\n")
    assert "found --mem 4G, which my.conf does not" in message("--config", "my.conf", "--mem", "4G", "x.log", "true")
    assert "found -l, expected options with two dashes" in message("-l", "x", "x.log", "true")
    assert "--config: " in message("--config", "none.conf", "x.log", "true")
    assert "found the range JOB=2:1" in message("JOB=2:1", "x.JOB.log", "true")


def test_the_current_directorys_file_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "slurm.conf").write_text("command mine\noption num_threads=* -c $0\n")
    words = engine_words(Jobs(["--num-threads", "2", "-tc", "3", "JOB=1:4", "x.JOB.log", "true"]), Slurm())
    assert words == ["mine", "-c", "2"]


@pytest.mark.parametrize(
    "engine, words, said",
    [
        (Slurm, "-J mine", "the launcher names the array"),
        (Slurm, "-Jmine", "no '-J mine', because"),
        (Slurm, "--job-name=mine", "no '--job-name mine'"),
        (Slurm, "--job-n mine", "the launcher names the array"),
        (Slurm, "-HJ mine", "no '-J mine'"),
        (Slurm, "-a 1-3", "JOB=1:N"),
        (Slurm, "--array 1-3", "JOB=1:N"),
        (Slurm, "-o x.out", "the log is named"),
        (Slurm, "--error=x", "the log is named"),
        (Slurm, "--wrap=true", "the launcher writes the script"),
        (Slurm, "--exclusive -W", "waits for its jobs itself"),
        (Slurm, "--test-only", "waits for its jobs itself"),
        (Slurm, "-M other", "this machine's own cluster"),
        (Slurm, "-p long job.sh", "sbatch would take 'job.sh' for the script"),
        (Slurm, "--", "sbatch would take '--' for the script"),
        (GridEngine, "-N mine", "the launcher names the array"),
        (GridEngine, "-t 1-3", "JOB=1:N"),
        (GridEngine, "-o x.out", "the log is named"),
        (GridEngine, "-b y", "the launcher writes the script"),
        (GridEngine, "-b YES", "the launcher writes the script"),
        (GridEngine, "-S /bin/tcsh", "which is for bash"),
        (GridEngine, "-sync y", "waits for its jobs itself"),
        (GridEngine, "-w v", "waits for its jobs itself"),
        (GridEngine, "-@ more", "cannot be checked"),
        (GridEngine, "-pe smp 2 job.sh", "qsub would take 'job.sh' for the script"),
    ],
)
def test_what_would_undo_the_launchers_own_options_is_refused_with_its_line(tmp_path, monkeypatch, engine, words, said):
    monkeypatch.chdir(tmp_path)
    own = Path("my.conf")
    jobs = Jobs(["--config", "my.conf", "--mine", "x", "y.log", "true"])
    own.write_text(f"# mine\ncommand {engine.options.program} {words}\noption mine=x\n")
    with pytest.raises(BadCommandLine, match=rf"my\.conf:2: found '.*', expected .*{re.escape(said)}"):
        engine_words(jobs, engine())
    own.write_text(f"command {engine.options.program}\n\noption mine=x {words}\n")
    with pytest.raises(BadCommandLine, match=rf"my\.conf:3: found '.*', expected .*{re.escape(said)}"):
        engine_words(jobs, engine())
    own.write_text(f"command {engine.options.program}\noption mine=x {words}\noption mine=y\n")
    assert engine_words(Jobs(["--config", "my.conf", "--mine", "y", "y.log", "true"]), engine()) == [
        engine.options.program
    ]  # what is not asked for does no harm


def test_a_value_of_the_command_line_cannot_become_such_an_option(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my.conf").write_text("command sbatch\noption more=* $0\n")
    with pytest.raises(BadCommandLine, match=r"my\.conf:2: found '--job-name=x', expected no"):
        engine_words(Jobs(["--config", "my.conf", "--more", "--job-name=x", "y.log", "true"]), Slurm())


@pytest.mark.parametrize(
    "engine, command",
    [
        (Slurm, "sbatch --export=ALL -p long --exclusive -n 1 -H --wait-all-nodes 0 --no-requeue --nice=5 -A me"),
        (Slurm, "nice -n 5 /opt/slurm/bin/sbatch -x node1"),
        (GridEngine, "qsub -w e -v PATH -cwd -S /bin/bash -j y -l arch=*64* -q long.q -b n -pe smp 2 -r n -V -P me"),
        (GridEngine, "/opt/sge/qsub -S /usr/local/bin/bash -e errors -binding env linear:1 -now n -m a"),
    ],
)
def test_other_options_are_the_users_and_come_before_ours(tmp_path, monkeypatch, engine, command):
    monkeypatch.chdir(tmp_path)
    Path("my.conf").write_text(f"command {command}\n")
    jobs = Jobs(["--config", "my.conf", "y.log", "true"])
    words = engine_words(jobs, engine())
    assert words == command.split()
    folder, _ = folders(jobs, tmp_path)
    own = [word for word in engine().submission(words, jobs, folder) if word not in words]
    assert len(own) >= 6 and own[-1] == str(folder.script)


@pytest.mark.parametrize(
    "text, message",
    [
        (
            b"# mine\r\ncommand \xff\n",
            r"^conf/slurm\.conf:2: found bytes that are no UTF-8; save it as UTF-8",
        ),
        (b"\xff\xfec\0o\0", r"^conf/slurm\.conf:1: found bytes that are no UTF-8; save it as UTF-8"),
        (None, r"^conf/slurm\.conf cannot be read \(Is a directory\); expected a file as conf/slurm\.conf$"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_named(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    Path("conf").mkdir()
    Path("conf/slurm.conf").write_bytes(text) if text else Path("conf/slurm.conf").mkdir()
    with pytest.raises(BadCommandLine, match=message):
        engine_words(Jobs(["y.log", "true"]), Slurm())


def test_a_configuration_with_the_line_ends_of_windows_and_a_mark(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my.conf").write_bytes("\ufeffcommand sbatch -p long\r\n".encode())
    assert engine_words(Jobs(["--config", "my.conf", "y.log", "true"]), Slurm()) == ["sbatch", "-p", "long"]


def test_the_words_of_a_submission(tmp_path):
    jobs = Jobs(["-tc", "2", "--max-jobs-run", "3", "JOB=2:4", "l/x.JOB.log", "true"])
    folder, _ = folders(jobs, tmp_path)
    words = Slurm().submission(engine_words(jobs, Slurm()), jobs, folder)
    out = ["--parsable", "-o", str(tmp_path / "l/q/x.JOB.2-4/%a.out")]
    assert words[:4] == ["sbatch", "--requeue", "--open-mode=append", "--export=ALL"]
    assert words[4:] == [*out, "--array", "2-4%2", str(tmp_path / "l/q/x.JOB.2-4/script.sh")]
    words = GridEngine().submission(engine_words(jobs, GridEngine()), jobs, folder)
    assert words[0] == "qsub" and words[-4:-1] == ["y", "-t", "2-4"] and " -tc 2 -terse -b n -o " in " ".join(words)


@pytest.mark.parametrize("name", ["a&b", "a$USER", "a,b", "a:b", "50%j", "b\\c"])
def test_folders_that_an_engine_would_take_for_others(tmp_path, name):
    jobs = Jobs(["x.log", "true"])
    folder, _ = folders(jobs, tmp_path / name)
    words = Slurm().submission(["sbatch"], jobs, folder)
    plain = str(folder.path).replace("%", "%%")
    assert words[words.index("-o") + 1] == ("/dev/null" if "\\" in name else f"{plain}/%a.out")
    words = GridEngine().submission(["qsub"], jobs, folder)
    odd = any(sign in name for sign in "$,:")
    assert words[words.index("-o") + 1] == ("/dev/null" if odd else f"{folder.path}/$TASK_ID.out")
    assert words[-1] == str(folder.script) and ("-wd" in words) == odd


# Numbers


@pytest.mark.parametrize("reason", ["launch failed requeued held", "launch_failed_requeued_held", "PartitionTimeLimit"])
def test_a_reason_that_time_does_not_cure(reason):
    assert _state("PENDING", reason).kind == "stuck" and _state("PENDING", "Resources").kind == "waiting"


def test_numbers_as_people_and_engines_write_them():
    assert numbers_as_ranges([7, 1, 2, 3]) == "1-3,7"
    for text, numbers in [("1-3,7", [1, 2, 3, 7]), ("4-6%2", [4, 5, 6]), ("5-7:1", [5, 6, 7]), ("N/A", [])]:
        assert numbers_of(text) == numbers


# A task's script


class Bash:
    """As an engine that tells a task its number and its job's name by these variables."""

    program, controller = "made-up.py", "the controller"
    task_id, job_name = "$TASK", "$JOB"


def prepared(tmp_path, *words, job="5"):
    jobs = Jobs(words)
    folder, _ = folders(jobs, tmp_path)
    folder.lock()
    folder.prepare(job_script(jobs, Bash, ["submit", "it"], folder, tmp_path))
    folder.record(job)
    for number in jobs.numbers:
        (tmp_path / jobs.with_number(jobs.log, number)).parent.mkdir(parents=True, exist_ok=True)
    return jobs, folder


def start(folder, number, job="5"):
    environment = {**job_environment(), "TASK": str(number), "JOB": job}
    return subprocess.Popen(["bash", folder.script], cwd="/", env=environment, start_new_session=True)


def run(folder, number, job="5"):
    return start(folder, number, job).wait(60)


def test_the_log_and_the_status(tmp_path):
    jobs, folder = prepared(
        tmp_path, "--num-threads", "3", "JOB=1:2", "l/x.JOB.log", "printf", "%s", "it's JOB", "&&", "pwd", "-P"
    )
    (tmp_path / "l" / "x.2.log").write_text("of last time\n" * 100)
    assert run(folder, 2) == 0
    date = r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \S+ \d{4}"
    text = (tmp_path / "l" / "x.2.log").read_text()
    assert re.fullmatch(
        rf"# Running on \S+\n# Started at {date}\n# printf %s \"it's 2\" && pwd -P\nit's 2{tmp_path}\n"
        rf"# Accounting: time=\d+ threads=3\n# Finished at {date} with status 0\n",
        text,
    )
    assert tail(tmp_path / "l" / "x.2.log", 9) == [f"it's 2{tmp_path}"]
    assert list(folder.statuses(jobs.numbers)) == [2] and folder.statuses([2])[2][::2] == (0, "command")


@pytest.mark.parametrize("command, code", [("exit 3", 3), ("exit 100", 100), ("kill -9 $$", 137), ("nothing", 127)])
def test_a_failed_task_ends_with_1_and_its_status_is_noted(tmp_path, command, code):
    _, folder = prepared(tmp_path, "x.log", *command.split())
    assert run(folder, 1) == 1  # 99 and 100 would mean something to Grid Engine
    assert " threads=1\n" in (tmp_path / "x.log").read_text()  # unless told
    assert folder.statuses([1])[1].code == code
    text = (tmp_path / "x.log").read_text()
    assert f"with status {code}\n" in text and re.search(r"^# Accounting: time=\d+ threads=1$", text, re.M)


@pytest.mark.parametrize("end, code", [("exit 0", 1), ("exit 4", 4), ("set -e; false", 1)])
def test_a_path_sh_that_exits(tmp_path, end, code):
    _, folder = prepared(tmp_path, "x.log", "touch", "ran")
    (tmp_path / "path.sh").write_text(f"echo in path.sh; {end}\n")
    assert run(folder, 1) == 1 and not (tmp_path / "ran").exists()
    assert folder.statuses([1])[1][::2] == (code, "path.sh")
    assert "in path.sh\n# Accounting" in (tmp_path / "x.log").read_text()


def test_path_sh_may_use_any_plain_name(tmp_path):
    _, folder = prepared(tmp_path, "x.log", "echo", "$HERE", "$PWD", "[$#]")
    (tmp_path / "path.sh").write_text("stage=7 log=no number=9 folder=/ command=false; export HERE=yes\n")
    assert run(folder, 1) == 0 and f"yes {tmp_path} [0]\n" in (tmp_path / "x.log").read_text()


def test_a_folder_that_is_away_for_a_moment_when_a_task_starts_and_when_it_ends(tmp_path):
    _, folder = prepared(tmp_path, "l/x.log", "mv", "l", "away;", "touch", "ran")
    (tmp_path / "l").rename(tmp_path / "away")
    task = subprocess.Popen(
        ["bash", tmp_path / "away" / "q" / "x.1-1" / "script.sh"], env={**job_environment(), "TASK": "1", "JOB": "5"}
    )
    time.sleep(0.5)
    (tmp_path / "away").rename(tmp_path / "l")
    wait_for((tmp_path / "ran").exists)
    time.sleep(0.5)
    (tmp_path / "away").rename(tmp_path / "l")
    assert task.wait(60) == 0 and folder.statuses([1])[1].code == 0


def test_a_task_does_not_inherit_the_owner(tmp_path):
    _, folder = prepared(tmp_path, "x.log", "echo", "[$CER_OWNER]")
    environment = {**job_environment(), "TASK": "1", "JOB": "5", "CER_OWNER": "1"}
    assert subprocess.run(["bash", folder.script], env=environment, timeout=60).returncode == 0
    assert "\n[]\n" in (tmp_path / "x.log").read_text()


def test_a_signal_is_written_down_when_the_command_has_ended(tmp_path):
    _, folder = prepared(tmp_path, "x.log", "touch", "begun;", "sleep", "60")
    task = start(folder, 1)
    wait_for((tmp_path / "begun").exists)
    os.killpg(task.pid, signal.SIGTERM)
    assert task.wait(60) == 1 and folder.statuses([1])[1].code == 128 + signal.SIGTERM


def test_a_second_attempt_begins_anew_and_the_first_one_does_not_count(tmp_path):
    command = "echo >> starts; n=$(wc -l < starts); echo begun; until [ -e go.$n ]; do sleep 0.1; done; exit 3"
    _, folder = prepared(tmp_path, "x.log", *command.split())
    first = start(folder, 1)
    wait_for((tmp_path / "starts").exists)
    second = start(folder, 1)
    wait_for(lambda: (tmp_path / "starts").read_text() == "\n\n")
    (tmp_path / "go.1").touch()
    assert first.wait(60) == 1
    assert folder.statuses([1]) == {}  # the first attempt ended; the second still runs
    (tmp_path / "go.2").touch()
    assert second.wait(60) == 1 and folder.statuses([1])[1].code == 3
    assert (tmp_path / "x.log").read_text().count("\nbegun") == 1


def test_the_status_of_an_earlier_job_does_not_count(tmp_path):
    _, folder = prepared(tmp_path, "x.log", "true")
    run(folder, 1)
    folder.record("6", "7")
    assert folder.statuses([1]) == {}
    assert run(folder, 1) == 0 and (folder.path / "1.start").read_text().startswith("5 ")  # nor may it start again


def test_a_task_that_starts_after_the_report_does_nothing(tmp_path):
    _, folder = prepared(tmp_path, "x.log", "touch", "ran")
    (folder.path / "1.123.tmp").touch()  # of a task that was killed
    folder.forget()
    assert not [*folder.path.glob("*.tmp")]
    assert run(folder, 1) == 0 and not (tmp_path / "ran").exists() and not (tmp_path / "x.log").exists()


def test_earlier_arrays_that_share_tasks_are_found(tmp_path):
    prepared(tmp_path, "JOB=1:4", "l.JOB/x.JOB.log", "true")
    prepared(tmp_path, "JOB=1:4", "l.JOB/y.JOB.log", "true")
    assert folders(Jobs(["JOB=1:4", "l.JOB/x.JOB.log", "false"]), tmp_path)[1] == []  # it is its own
    found = folders(Jobs(["JOB=4:6", "l.JOB/x.JOB.log", "true"]), tmp_path)[1]
    assert [folder.path.name for folder in found] == ["l.JOB_x.JOB.1-4"]
    assert folders(Jobs(["JOB=5:6", "l.JOB/x.JOB.log", "true"]), tmp_path)[1] == []


# The core with a made-up engine


def wait_for(what, seconds=60):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Said:
    """In place of Progress: what was said."""

    def __init__(self):
        self.lines, self.at_once = [], 1

    def say(self, line):
        self.lines.append(line)

    def ended(self, *_):
        pass

    def show(self, *_):
        pass


class MadeUp(Bash):
    """An engine that says what a test put into it: a list of answers, the last of which stays."""

    def __init__(self, *answers, words=None):
        self.answers, self.words, self.cancelled, self.gone = list(answers), words or {}, [], True

    def poll(self, _):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def explain(self, _job, said):
        return {number: words.replace("SAID", said(number)) for number, words in self.words.items()}

    def is_gone(self, _):
        return self.gone

    def cancel(self, _, numbers=None):
        self.cancelled.append(numbers)
        return True


@pytest.fixture
def quick(monkeypatch):
    """Seconds become tenths of a second."""
    for name, value in {
        "PAUSE": (0.02, 0.02),
        "ASK": 0.02,
        "PERSISTS": 0.2,
        "SOON": 0.3,
        "SETTLED": 0.1,
        "LATE": 0.6,
    }.items():
        monkeypatch.setattr(watch, name, value)
    monkeypatch.setattr(watch, "HOPELESS", {"stuck": 0.2, "running": 0.5})
    monkeypatch.setattr(engine_module, "FORGOTTEN", 1)


def watched(tmp_path, engine, number=1, command="true"):
    jobs, folder = prepared(tmp_path, f"JOB=1:{number}", str(tmp_path / "x.JOB.log"), *command.split())
    return watch.Watch(engine, jobs, folder, "5", Said()), folder


RUNNING, WAITING, ENDED = State("running"), State("waiting"), State("ended")


def test_success_is_what_the_status_says_not_the_log(tmp_path, quick):
    one, folder = watched(
        tmp_path,
        MadeUp({1: RUNNING, 2: RUNNING}, {}),
        2,
        "[ JOB = 1 ] || { echo with status 0; false; }",
    )
    run(folder, 1), run(folder, 2)
    one.wait()
    assert one.failures == {2: "ended with exit status 1"}
    assert one.progress.lines == [f"JOB=2 ended with exit status 1; log: {tmp_path}/x.2.log"]


def test_the_engines_word_counts_where_there_is_no_status(tmp_path, quick):
    engine = MadeUp({1: RUNNING, 2: RUNNING, 3: WAITING}, {1: ENDED, 2: ENDED, 3: ENDED}, words={1: "was cancelled"})
    one, folder = watched(tmp_path, engine, 3)
    (folder.path / "2.start").write_text("5 x\n")
    one.wait()
    assert one.failures == {
        1: "was cancelled",
        2: "was lost: it left no status, and the engine knows it no more",
        3: "left the queue without having started: cancelled?",
    }


def test_a_task_that_the_engine_calls_by_another_name_says_so(tmp_path, quick):
    one, folder = watched(tmp_path, MadeUp({1: ENDED}, words={1: ""}), 1)
    with (folder.path / "1.out").open("w") as out:
        environment = {**job_environment(), "TASK": "1", "JOB": "mine"}
        assert subprocess.run(["bash", folder.script], env=environment, stdout=out, timeout=60).returncode == 0
    one.wait()
    ended = f"ended, but left no status in {folder.path}: "
    assert one.failures == {1: f"{ended}it is called mine, {folder.path} expects 5"}


def test_what_killed_a_task_stands_beside_its_status(tmp_path, quick):
    one, folder = watched(tmp_path, MadeUp({1: ENDED}, words={1: "ran out of memory"}), 1, "kill -9 $$")
    run(folder, 1)
    one.wait()
    assert one.failures == {1: "ran out of memory; SIGKILL (exit status 137)"}


def test_a_controller_that_is_away_tells_nothing_about_the_tasks(tmp_path, quick):
    away = Unreachable("squeue says: no")
    engine = MadeUp({1: RUNNING}, *[away] * 60, {1: RUNNING}, {1: RUNNING}, {})
    one, folder = watched(tmp_path, engine, 1)
    while len(engine.answers) > 2:
        one.look()
        time.sleep(0.02)
    assert one.unfinished == [1] and run(folder, 1) == 0
    one.wait()
    assert one.failures == {}
    assert one.progress.lines[0] == "squeue says: no; the jobs may well go on: waiting until it is back"
    assert len(one.progress.lines) == 2 and one.progress.lines[1].startswith("the controller is back after ")


def look_for(one, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        one.look()
        time.sleep(0.02)


def test_an_answer_without_any_task_needs_to_be_confirmed(tmp_path, quick, monkeypatch):
    monkeypatch.setattr(engine_module, "FORGOTTEN", 100)
    engine = MadeUp({1: RUNNING, 2: WAITING}, {})
    engine.gone = False
    one, folder = watched(tmp_path, engine, 2)
    (folder.path / "1.start").write_text("5 x\n")
    look_for(one, 0.9)  # longer than it takes to call a task lost
    assert one.unfinished == [1, 2]
    assert one.progress.lines == [
        "the controller names no task of job 5 any more, which nothing confirms; it is believed after 100 s; the jobs"
        " may well go on: waiting until it is back"
    ]
    engine.answers = [{1: RUNNING, 2: RUNNING}]
    one.look()
    run(folder, 1), run(folder, 2)
    engine.answers = [{}]  # a status needs no confirmation
    one.wait()
    assert one.failures == {}


@pytest.mark.parametrize("confirmed", [True, False])
def test_tasks_that_the_engine_does_not_know_any_more_are_lost(tmp_path, quick, confirmed):
    engine = MadeUp({1: RUNNING}, {})
    engine.gone = confirmed  # otherwise it is believed after a while
    one, folder = watched(tmp_path, engine, 1)
    (folder.path / "1.start").write_text("5 x\n")
    one.wait()
    assert list(one.failures) == [1] and "was lost" in one.failures[1]


@pytest.mark.parametrize(
    "engine, answer, gone",
    [
        (Slurm, ("", "slurm_load_jobs error: Invalid job id specified"), True),
        (Slurm, ("JobId=5 ArrayJobId=5 JobState=RUNNING", ""), False),
        (Slurm, ("", ""), False),
        (GridEngine, ("Following jobs do not exist: \n5", ""), True),
        (GridEngine, ("job_number: 5", ""), False),
        (GridEngine, ("", ""), False),
    ],
)
def test_what_confirms_that_a_job_is_gone(monkeypatch, engine, answer, gone):
    done = subprocess.CompletedProcess([], 0, *answer)
    monkeypatch.setattr(sys.modules[engine.__module__], "ask", lambda *_: done)
    assert engine().is_gone("5") is gone


def test_an_answer_of_squeue_that_cannot_be_read_is_left_out(monkeypatch):
    text = "CLUSTER: x\n1|RUNNING|None\n[2-3%1]|PENDING|Resources\nslurm: 5\n|\n"
    monkeypatch.setattr(slurm, "ask", lambda *_: subprocess.CompletedProcess([], 0, text, ""))
    assert Slurm().poll("5") == {1: RUNNING, **dict.fromkeys((2, 3), State("waiting", "Slurm says Resources"))}


def test_the_users_settings_of_the_engines_programs_do_not_count(monkeypatch):
    for name in ("SQUEUE_PARTITION", "SCANCEL_INTERACTIVE", "SBATCH_WAIT", "SBATCH_ACCOUNT"):
        monkeypatch.setenv(name, "1")
    names = {line.partition("=")[0] for line in engine_module.ask("env").stdout.splitlines()}
    assert {name for name in names if name.startswith("S") and "_" in name} >= {"SBATCH_ACCOUNT"}
    assert not names & {"SQUEUE_PARTITION", "SCANCEL_INTERACTIVE", "SBATCH_WAIT"}


def test_a_folder_of_logs_that_is_away_tells_nothing_about_the_tasks(tmp_path, quick):
    jobs, folder = prepared(tmp_path, "JOB=1:1", str(tmp_path / "l" / "x.JOB.log"), "true")
    one = watch.Watch(MadeUp({1: RUNNING}, {}), jobs, folder, "5", Said())
    one.look()
    run(folder, 1)
    (tmp_path / "l").rename(tmp_path / "away")
    look_for(one, 0.8)  # longer than it takes to call a task lost
    (tmp_path / "l" / "q" / "x.JOB.1-1").mkdir(parents=True)  # a folder that is empty is away, too
    look_for(one, 0.2)
    shutil.rmtree(tmp_path / "l")
    (tmp_path / "away").rename(tmp_path / "l")
    one.wait()
    assert one.failures == {} and len(one.progress.lines) == 2
    assert "x.JOB.1-1" in one.progress.lines[0] and "waiting up to 10 min until it is back" in one.progress.lines[0]
    assert "is back after" in one.progress.lines[1]


def test_the_status_of_an_attempt_that_is_queued_again_does_not_count(tmp_path, quick):
    one, folder = watched(tmp_path, MadeUp({1: RUNNING}), 1, "[ -e again ]")
    run(folder, 1)  # it was killed, as it were
    one.engine.answers = [{1: RUNNING}, {1: WAITING}]
    for _ in range(30):
        one.look()
        time.sleep(0.02)
    assert one.unfinished == [1] and "JOB=1 is back in the queue" in one.progress.lines[0]
    (tmp_path / "again").touch()
    run(folder, 1)
    one.look()
    assert one.unfinished == [1]  # not even that it ended well, as long as it is to run again
    one.engine.answers = [{1: RUNNING}]
    one.wait()
    assert one.failures == {}


def test_why_tasks_wait_is_told_once_and_what_can_never_start_is_cancelled(tmp_path, quick):
    why, never = State("waiting", "Resources"), State("stuck", "can never start")
    engine = MadeUp({1: why, 2: why, 3: never})
    one, folder = watched(tmp_path, engine, 3)
    for _ in range(40):
        one.look()
        time.sleep(0.02)
    assert one.progress.lines.count("2 waiting: Resources") == 1
    assert one.failures == {3: "can never start: cancelled"} and engine.cancelled == [[3]]
    engine.answers = [{}]
    run(folder, 1), run(folder, 2)
    one.wait()
    assert list(one.failures) == [3]


# The whole launcher, with programs that stand in for Slurm's and run a task after the other

SBATCH = r"""#!/bin/bash
[ ! -e limit ] || { echo "sbatch: error: Batch job submission failed: Invalid job array specification" >&2; exit 1; }
[ ! -e refuse ] || { echo "sbatch: error: no such partition" >&2; exit 1; }
[ ! -e away ] || { rm away; echo "Unable to contact slurm controller (connect failure)" >&2; exit 1; }
job=$(($(cat jobs 2> /dev/null || echo 0) + 1)); echo $job > jobs
while [ $# -gt 1 ]; do
  case $1 in --array) range=$2 ;; -J) echo "$2" > name.$job ;; esac
  shift
done
for n in $(seq ${range%-*} ${range#*-}); do
  SLURM_JOB_NAME=$(cat name.$job) SLURM_ARRAY_TASK_ID=$n setsid bash "$1" < /dev/null > /dev/null 2>&1 &
  echo $! > pid.$job.$n
done
sleep ${SLOW:-0}
[ -e silent ] || echo $job
"""
SQUEUE = r"""#!/bin/bash
shopt -s nullglob
for f in pid.*; do
  IFS=. read -r _ job n <<< "$f"
  kill -0 -- -$(cat $f) 2> /dev/null && state=RUNNING || state=COMPLETED
  case "$*" in
    *"-j $job "*) echo "$n|$state|None" ;;
    *--name*) case "$*" in *"$(cat name.$job)"*) if [ $state = RUNNING ]; then echo $job; fi ;; esac ;;
  esac
done
"""
SCONTROL = """#!/bin/sh
echo "MaxJobCount             = 10000"
echo "MaxArraySize            = 1001"
"""
SCANCEL = r"""#!/bin/bash
for f in pid.$1.*; do kill -TERM -- -$(cat $f) 2> /dev/null; done; echo "$1" >> cancelled; true
"""


@pytest.fixture
def cluster(tmp_path):
    """Start slurm.py in a folder where such a Slurm is."""
    for name, text in {"sbatch": SBATCH, "squeue": SQUEUE, "scancel": SCANCEL, "scontrol": SCONTROL}.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)

    def call(*words, program=(ROOT / "utils" / "slurm.py",), **environment):
        everything = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", **environment}
        return subprocess.Popen([*program, *words], cwd=tmp_path, env=everything, stderr=subprocess.PIPE, text=True)

    yield call
    for path in tmp_path.glob("pid.*"):
        subprocess.run(["bash", "-c", f"kill -9 -- -{path.read_text()}"], stderr=subprocess.DEVNULL)


def test_a_whole_array(cluster, tmp_path):
    launcher = cluster("JOB=1:3", "d/x.JOB.log", "echo", "JOB;", "[", "JOB", "-ne", "2", "]")
    message = launcher.communicate(timeout=60)[1]
    assert launcher.returncode == 1
    assert "slurm.py: JOB=2 ended with exit status 1; log: d/x.2.log\n" in message
    assert message.endswith(
        "slurm.py: 1 / 3 failed, log is in d/x.*.log\nslurm.py: failed: JOB = 2\n"
        "slurm.py: d/x.2.log ended with exit status 1, after these lines:\n  2\n"
    )
    assert sorted(path.name for path in (tmp_path / "d" / "q" / "x.JOB.1-3").iterdir()) == ["lock", "script.sh"]


def test_a_submission_is_tried_again_while_the_controller_is_away(cluster, tmp_path):
    (tmp_path / "away").touch()
    launcher = cluster("x.log", "true")
    message = launcher.communicate(timeout=60)[1]
    assert launcher.returncode == 0 and "connect failure); trying to submit for 120 s" in message


def test_an_answer_without_a_number_is_no_reason_to_submit_again(cluster, tmp_path):
    (tmp_path / "silent").touch()
    launcher = cluster("x.log", "until", "[", "-e", "go", "];", "do", "sleep", "0.1;", "done")
    assert "sbatch gave no number of a job; looking for the job" in launcher.stderr.readline()
    wait_for(lambda: (tmp_path / "q" / "x.1-1" / "job").read_text().endswith("\n1\n"))
    (tmp_path / "go").touch()
    launcher.communicate(timeout=60)
    assert launcher.returncode == 0 and (tmp_path / "jobs").read_text() == "1\n"


def test_what_the_engine_refuses_is_an_error(cluster, tmp_path):
    (tmp_path / "refuse").touch()
    launcher = cluster("x.log", "true")
    message = launcher.communicate(timeout=60)[1]
    assert launcher.returncode == 1 and "sbatch says: sbatch: error: no such partition; was asked: sbatch" in message


def test_more_jobs_than_the_cluster_takes(cluster, tmp_path):
    (tmp_path / "limit").touch()
    launcher = cluster("JOB=1:2000", "x.JOB.log", "true")
    message = launcher.communicate(timeout=60)[1]
    assert launcher.returncode == 1
    assert (
        "2000 jobs (JOB=1:2000), the cluster takes up to 1000 (MaxArraySize 1001); --nj 1000; sbatch says:" in message
    )
    launcher = cluster("JOB=1:2", "x.JOB.log", "true")
    assert "slurm.py: sbatch says: sbatch: error: Batch job submission failed" in launcher.communicate(timeout=60)[1]


@pytest.mark.parametrize("most, limit", [("75", (75, "max_aj_tasks 75")), ("0", None), ("2000", None)])
def test_the_limit_of_grid_engine(monkeypatch, most, limit):
    conf = f"max_u_jobs   0\nmax_aj_tasks                 {most}\n"
    monkeypatch.setattr(sge, "ask", lambda *_: subprocess.CompletedProcess([], 0, conf, ""))
    assert GridEngine().limit(Jobs(["JOB=1:2000", "x.JOB.log", "true"])) == limit


def test_names_that_mean_something_to_a_shell(cluster, tmp_path):
    name = 'a&b p(1) it\'s x;y $(touch z) 50%j \\ "q" * [a'
    (tmp_path / name).mkdir()
    move = ["bash", "-c", 'cd "$1" && shift && exec "$@"', "x", name, ROOT / "utils" / "slurm.py"]
    launcher = cluster("JOB=1:2", f"d {name}/x {name}.JOB.log", "pwd", program=move)
    message = launcher.communicate(timeout=60)[1]
    assert launcher.returncode == 0, message
    assert f"\n{tmp_path / name}\n" in (tmp_path / name / f"d {name}" / f"x {name}.2.log").read_text()
    assert not [*tmp_path.rglob("z")]


def test_names_that_are_not_utf_8(cluster, tmp_path):
    launcher = cluster(b"d\xff/x.log", "printf", b"\xfe")
    assert launcher.wait(60) == 0 and b"\n\xfe\n" in Path(os.fsdecode(bytes(tmp_path) + b"/d\xff/x.log")).read_bytes()


IMPATIENT = """import sys, slurm
from launch import watch
watch.FOLDER = 1
sys.exit(slurm.main(slurm.Slurm(), "", sys.argv[1:]))"""


def test_an_array_whose_folder_does_not_come_back_is_cancelled(cluster, tmp_path):
    program = [sys.executable, "-c", IMPATIENT]
    launcher = cluster("d/x.log", "sleep", "60", program=program, PYTHONPATH=f"{ROOT}/utils:{ROOT}")
    wait_for((tmp_path / "d" / "x.log").exists)
    wait_for(lambda: (tmp_path / "d" / "q" / "x.1-1" / "job").read_text().endswith("\n1\n"))
    (tmp_path / "d").rename(tmp_path / "away")
    message = launcher.communicate(timeout=60)[1]
    assert launcher.returncode == 1 and "waiting up to 1 s until it is back" in message
    assert re.search("gave up: .*No such file.*, job 1 was cancelled, log is in d/x.log", message)
    assert (tmp_path / "cancelled").read_text() == "1\n"


def test_an_array_whose_owner_is_gone_is_cancelled(cluster, tmp_path):
    owner = ["bash", "-c", 'export CER_OWNER=$$; "$@" 2> said; true', "x", ROOT / "utils" / "slurm.py"]
    launcher = cluster("JOB=1:2", "x.JOB.log", "sleep", "60", program=owner)
    wait_for((tmp_path / "x.2.log").exists)
    time.sleep(0.5)
    launcher.kill()
    launcher.wait()
    wait_for(lambda: "job 1 was cancelled" in (tmp_path / "said").read_text())
    assert "the script that called it is gone" in (tmp_path / "said").read_text()
    assert (tmp_path / "cancelled").read_text() == "1\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cancels_the_array(cluster, tmp_path, number):
    launcher = cluster("JOB=1:2", "x.JOB.log", "sleep", "60")
    wait_for(lambda: (tmp_path / "x.2.log").exists())
    time.sleep(0.3)
    launcher.send_signal(number)
    assert f"stopped by signal {int(number)}, job 1 was cancelled" in launcher.communicate(timeout=60)[1]
    assert launcher.returncode == 2 and (tmp_path / "cancelled").read_text() == "1\n"


def test_a_signal_that_comes_before_the_jobs_number_cancels_it_too(cluster, tmp_path):
    launcher = cluster("x.log", "sleep", "60", SLOW="1")
    wait_for(lambda: (tmp_path / "pid.1.1").exists())
    launcher.send_signal(signal.SIGTERM)
    launcher.communicate(timeout=60)
    assert launcher.returncode == 2 and (tmp_path / "cancelled").read_text() == "1\n"


@pytest.mark.parametrize("slow", ["0", "2"])  # killed while it waits, or before it knew the job's number
def test_the_same_array_of_a_killed_launcher_is_taken_over(cluster, tmp_path, slow):
    task = "echo >> ran.JOB; until [ JOB = 1 ] || [ -e go ]; do sleep 0.1; done"
    command = ["JOB=1:2", "x.JOB.log", *task.split()]
    launcher = cluster(*command, SLOW=slow)
    wait_for(lambda: (tmp_path / "ran.2").exists())
    time.sleep(0.5)
    launcher.kill()
    launcher.communicate()
    launcher = cluster(*command)
    assert "job 1 of an earlier call is the same and still there" in launcher.stderr.readline()
    (tmp_path / "go").touch()
    launcher.communicate(timeout=60)
    assert launcher.returncode == 0
    assert (tmp_path / "jobs").read_text() == "1\n" and (tmp_path / "ran.1").read_text() == "\n"


def test_another_array_of_a_killed_launcher_is_cancelled_first(cluster, tmp_path):
    launcher = cluster("JOB=1:2", "x.JOB.log", "sleep", "60")
    wait_for(lambda: (tmp_path / "x.2.log").exists())
    time.sleep(0.3)
    launcher.kill()
    launcher.communicate()
    launcher = cluster("JOB=2:3", "x.JOB.log", "echo", "new")
    message = launcher.communicate(timeout=60)[1]
    assert launcher.returncode == 0 and "job 1 of an earlier, different call still writes these logs" in message
    assert (tmp_path / "cancelled").read_text() == "1\n" and "new" in (tmp_path / "x.2.log").read_text()


def test_two_launchers_never_wait_for_the_same_logs(cluster, tmp_path):
    command = ["x.log", *"until [ -e go ]; do sleep 0.1; done".split()]
    first = cluster(*command)
    wait_for(lambda: (tmp_path / "x.log").exists())
    second = cluster(*command)
    assert "another launcher is waiting for the jobs of" in second.communicate(timeout=60)[1] and second.returncode == 1
    (tmp_path / "go").touch()
    first.communicate(timeout=60)
    assert first.returncode == 0


def test_the_script_names_what_submitted_it(tmp_path):
    _, folder = prepared(tmp_path, "x.log", "true")
    assert shlex.split(folder.script.read_text().splitlines()[1])[-2:] == ["submit", "it"]
