"""utils/once.py, once.sh, as_one.sh, put_in_place.py: work that is done once, alone, and as one thing."""

import gc
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, called

from cer.base import facts
from cer.base.errors import BadInput

sys.path.insert(0, str(ROOT / "utils"))
import in_one_process as lines_program
import once as once_program
import put_in_place

ENVIRONMENT = {**os.environ, "PATH": f"{ROOT}/utils:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


@pytest.fixture
def once(tmp_path):
    """Call the program in a folder of its own; returns the finished process."""

    def call(*words, status=0):
        program = [ROOT / "utils" / "once.py", *words]
        done = subprocess.run(program, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
        return done

    (tmp_path / "a").write_text("one\n")
    return call


WORK = (".done", "--in", "a", "--opt", "rate=1", "--out", "b", "--", "bash", "-c", "echo made; cat a >> b")


def test_a_command_is_run_once_and_again_when_something_changed(once, tmp_path):
    assert once(*WORK).stdout == "made\n"
    assert once(*WORK).stdout == ""
    (tmp_path / "a").write_text("two\n")
    assert once(*WORK).stdout == "made\n"
    assert (tmp_path / "b").read_text() == "one\ntwo\n"


def test_an_input_is_the_same_however_its_path_is_spelt(once, tmp_path):
    once(*WORK)
    for name in (".//a", "./a"):
        assert once(*[name if word == "a" else word for word in WORK]).stdout == ""
        assert once("--check", ".done", "--in", name, "--opt", "rate=1").stdout == ""
    assert "input .a" in once("--check", ".done", "--in", ".a", "--opt", "rate=1", status=1).stdout


def test_a_failing_command_is_not_done_and_gives_its_status(once):
    once(".done", "--in", "a", "--", "bash", "-c", "exit 7", status=7)
    once(".done", "--in", "a", "--", "bash", "-c", "kill -KILL $$", status=137)
    assert "it was not finished yet" in once("--check", ".done", "--in", "a", status=1).stdout


def test_a_text_that_cannot_be_written_leaves_the_old_one_and_is_named(tmp_path):
    (tmp_path / "x").write_text("old")
    script = f". {ROOT}/utils/once.sh; ulimit -f 0; replace x <<< new"
    done = subprocess.run(["bash", "-ec", script], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 1 and "x: cannot be written; is the disk full?" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["x"] and (tmp_path / "x").read_text() == "old"


def test_a_folder_in_the_place_of_a_text_is_told(tmp_path):
    (tmp_path / "x").mkdir()
    script = f". {ROOT}/utils/once.sh; replace x <<< new"
    done = subprocess.run(["bash", "-ec", script], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 1 and "x: found a folder, expected a file" in done.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["x"]


def test_joined_predictions_that_cannot_be_written_are_named(tmp_path):
    (tmp_path / ".new").mkdir()
    (tmp_path / ".new" / "output.1.scp").write_text("a b\n")
    script = f"root={ROOT}; . {ROOT}/steps/common.sh; ulimit -f 0; put_predictions_in_place . 1"
    done = subprocess.run(["bash", "-ec", script], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 1 and "./.new/output.scp: cannot be written; is the disk full?" in done.stderr


def test_an_output_that_was_damaged_is_named_and_made_again(once, tmp_path):
    once(*WORK)
    (tmp_path / "b").write_text("onf\n")
    assert "output b: was sha256" in once("--check", ".done", status=1).stdout
    done = once(*WORK)
    assert "WARNING: output b" in done.stderr and "damaged or edited" in done.stderr and done.stdout == "made\n"


def test_inputs_that_change_meanwhile_are_an_error_and_no_stamp(once, tmp_path):
    done = once(".done", "--in", "a", "--", "bash", "-c", "echo two > a", status=1)
    assert "input a: was sha256" in done.stderr and "not stamped as done; call it again" in done.stderr
    assert not (tmp_path / ".done").exists()


def test_one_owner_until_it_and_its_jobs_have_ended(once, tmp_path):
    first = subprocess.Popen(
        [ROOT / "utils" / "once.py", ".done", "--in", "a", "--", "bash", "-c", "echo x; sleep 60"],
        cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    first.stdout.readline()
    assert "is at work on it" in once(".done", "--in", "a", "--", "true", status=2).stderr
    first.kill()  # the command that it started goes on: the work is still owned
    first.wait()
    assert "is at work on it" in once(".done", "--in", "a", "--", "true", status=2).stderr
    os.killpg(first.pid, signal.SIGKILL)
    again = [ROOT / "utils" / "once.py", ".done", "--in", "a", "--", "true"]
    deadline = time.monotonic() + 30
    while subprocess.run(again, cwd=tmp_path, env=ENVIRONMENT, capture_output=True).returncode:
        assert time.monotonic() < deadline
    first.stdout.close()


@pytest.mark.parametrize("words", [[], ["--check"], [".done"], [".done", "a", "--", "true"], ["--", "true"]])
def test_a_wrong_command_line_is_told(once, words):
    assert "expected" in once(*words, status=2).stderr


SCRIPT = """\
. "$(dirname "$0")/utils/as_one.sh"
. "$(dirname "$0")/utils/once.sh"
if begin .done --in a; then
  echo working >&2
  read -r -p '' word
  cat a > b
  commit --out b
else
  echo "up to date"
fi
"""


@pytest.fixture
def script(tmp_path):
    """Start a script that works once, in a folder with links to utils/; returns the process."""
    (tmp_path / "utils").symlink_to(ROOT / "utils")
    (tmp_path / "x.sh").write_text(SCRIPT)
    (tmp_path / "a").write_text("one\n")
    started = []

    def start(text=SCRIPT):
        (tmp_path / "x.sh").write_text(text)
        started.append(
            subprocess.Popen(["bash", "./x.sh"], cwd=tmp_path, env=ENVIRONMENT, text=True, start_new_session=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        )  # fmt: skip
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_script_begins_and_commits_alone(script):
    first = script()
    assert "working" in first.stderr.readline()
    second = script()
    assert "is at work on it" in second.communicate()[1] and second.returncode == 1
    first.communicate("go\n")
    assert first.returncode == 0
    assert script().communicate()[0] == "up to date\n"


def test_finished_work_is_finished_in_a_folder_that_cannot_be_written_to_and_other_work_is_not(script, tmp_path):
    alone = ["unshare", "-rm"]
    if not shutil.which(alone[0]) or subprocess.run([*alone, "mount", "--bind", tmp_path, tmp_path]).returncode:
        pytest.skip("needs namespaces")
    locked = (
        f"mount --bind {tmp_path} {tmp_path} && mount -o remount,ro,bind {tmp_path} && cd {tmp_path} && bash ./x.sh"
    )
    for text, status, said in ((SCRIPT, 0, "up to date"), (SCRIPT.replace("--in a", "--in b"), 1, "can be written to")):
        first = script()
        first.communicate("go\n")
        (tmp_path / "x.sh").write_text(text)
        done = subprocess.run([*alone, "bash", "-c", locked], env=ENVIRONMENT, capture_output=True, text=True)
        assert done.returncode == status and said in done.stdout + done.stderr, done.stderr


def test_a_script_that_dies_holds_nothing_and_is_not_done(script):
    first = script()
    first.stderr.readline()
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    again = script()
    assert "working" in again.communicate("go\n")[1] and again.returncode == 0


def test_a_script_may_be_edited_while_it_runs(script, tmp_path):
    first = script()
    first.stderr.readline()
    (tmp_path / "x.sh").write_text("#" * 20 + "\necho edited; exit 9\n" * 20)
    assert first.communicate("go\n")[0] == "" and first.returncode == 0


def gone(pid, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            if file.read().rpartition(")")[2].split()[0] == "Z":
                return True
        time.sleep(0.05)
    return False


@pytest.fixture(params=["ps", "no ps"])
def ps(request, tmp_path, monkeypatch):
    """Scripts run with ps and without it, as in small containers."""
    if request.param == "no ps":
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "ps").write_text("#!/bin/sh\nexit 127\n")
        (tmp_path / "bin" / "ps").chmod(0o755)
        monkeypatch.setitem(ENVIRONMENT, "PATH", f"{tmp_path}/bin:{ENVIRONMENT['PATH']}")


@pytest.mark.usefixtures("ps")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_ending_a_script_ends_all_that_it_started(script, number):
    text = '. utils/as_one.sh\nsetsid sleep 600 &\necho $!\nbash -c "sleep 600 & echo \\$!; wait"\necho went on\n'
    process = script(text)
    children = [int(process.stdout.readline()) for _ in range(2)]
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number and "went on" not in output and "ended by SIG" in errors
    assert all(map(gone, children))


def test_ctrl_c_reaches_the_script_itself(script):
    process = script('. utils/as_one.sh\ntrap "echo got it; exit 3" INT\necho ready\nwhile :; do sleep 0.1; done\n')
    process.stdout.readline()
    time.sleep(0.5)  # until the outer bash waits for the inner one, which is ready before that on a busy machine
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "got it\n" and process.returncode == 3


@pytest.mark.parametrize("end", ["echo sleep 600 | run_lines.sh - x.JOB.log || exit $?", "sleep 600"])
def test_a_script_that_ctrl_c_stops_ends_by_this_signal_as_a_loop_around_it_expects(script, tmp_path, end):
    (tmp_path / "inner.sh").write_text(f'. "${{0%/*}}/utils/as_one.sh"\nset -e\necho ready\n{end}\necho went on\n')
    process = script('. utils/as_one.sh\nset -e\nbash "${0%/*}/inner.sh"\necho went on\n')
    assert process.stdout.readline() == "ready\n"
    while "run_lines" in end and not (tmp_path / "x.1.log").exists():
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "" and process.returncode == -signal.SIGINT


@pytest.mark.usefixtures("ps")
def test_a_script_starts_while_its_owner_lives(script, monkeypatch):
    monkeypatch.setitem(ENVIRONMENT, "CER_OWNER", str(os.getpid()))
    assert script("#\n. utils/as_one.sh\necho x\n").communicate() == ("x\n", "")


@pytest.mark.usefixtures("ps")
def test_a_script_does_not_start_when_its_owner_was_killed(script, monkeypatch):
    dead = subprocess.Popen(["true"])
    dead.wait()
    monkeypatch.setitem(ENVIRONMENT, "CER_OWNER", str(dead.pid))
    process = script("#\n. utils/as_one.sh\necho x\n")
    output, errors = process.communicate()
    assert process.returncode == 1 and output == "" and "was killed" in errors


def test_finished_work_is_put_in_place_and_named_there(tmp_path):
    old = tmp_path / "[x] a&b\u2028\x0bc"
    new = old / ".new"
    new.mkdir(parents=True)
    (old / "csv" / "P").mkdir(parents=True)
    for name in ("output.1.ark", "output.2.ark", "csv/P1.csv", "csv/P/2.csv", "keep.txt", "keep/output.3"):
        (old / name).parent.mkdir(exist_ok=True)
        (old / name).write_text("old")
    (new / "output.1.ark").write_text("new")
    (new / "output.scp").write_text(f"P1 {new}/output.1.ark:3\nP2 /else/{new.name}/output.1.ark:3\n")
    (new / "a" / "b").mkdir(parents=True)
    (new / "a" / "b" / "c").write_text("new")
    assert called(put_in_place.main, new, old, "output.*", "csv/*").returncode == 0 and (old / "csv/P/2.csv").exists()
    assert (old / "a" / "b" / "c").read_text() == "new"
    assert (old / "output.1.ark").read_text() == "new"
    assert (old / "output.scp").read_text() == f"P1 {old}/output.1.ark:3\nP2 /else/.new/output.1.ark:3\n"
    assert not new.exists() and not (old / "output.2.ark").exists() and not (old / "csv" / "P1.csv").exists()
    assert (old / "keep.txt").exists() and (old / "keep/output.3").exists()
    new.mkdir()
    subprocess.run([ROOT / "utils/put_in_place.py", new, old, "csv/**"], env=ENVIRONMENT, check=True)  # as a program
    assert not (old / "csv/P/2.csv").exists()
    assert not new.exists() and (old / "output.scp").exists()


def test_what_an_scp_names_is_there_before_it(tmp_path, monkeypatch):
    for name in ("new/0.ark", "new/b/c.ark", "new/z.ark", "new/a.scp", "new/b/d.scp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    there = []

    def note(path, text):
        there.append(sorted(str(one.relative_to(tmp_path / "old")) for one in (tmp_path / "old").rglob("*.*")))

    monkeypatch.setattr(put_in_place, "write_text", note)
    assert called(put_in_place.main, tmp_path / "new", tmp_path / "old").returncode == 0
    assert there == [["0.ark", "b/c.ark", "z.ark"]] * 2


@pytest.mark.parametrize("words", [[], ["x"], ["none", "y"], ["none", str(ROOT)]])
def test_put_in_place_refuses_a_wrong_command_line(words):
    done = called(put_in_place.main, *words)
    assert done.returncode == 1 and f"found {' '.join(words) or 'nothing'}, expected\nUsage: put_in" in done.stderr


def test_without_patterns_nothing_old_is_removed_and_programs_have_help(tmp_path):
    for name in ("new/a", "old/b"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(name)
    done = called(put_in_place.main, tmp_path / "new", tmp_path / "old")
    assert (done.returncode, done.stdout) == (0, "")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b", "old"]
    for main in (put_in_place.main, once_program.main, lines_program.main):
        for word in ("-h", "--help"):
            done = called(main, word)
            assert done.returncode == 0 and "e.g.:" in done.stdout and done.stderr == ""


# The command line


@pytest.mark.parametrize(
    "words, mode, stamp, sections, command",
    [
        ("s -- a --in b", "", "s", {}, ["a", "--in", "b"]),
        ("s --in x y --opt z=1 --in w --log l -- a -- b", "", "s", {"--in": ["x", "y", "w"], "--opt": ["z=1"],
         "--log": ["l"]}, ["a", "--", "b"]),
        ("--check s", "--check", "s", {}, None),
        ("--begin s --code c --out o", "--begin", "s", {"--code": ["c"], "--out": ["o"]}, None),
        ("--commit s", "--commit", "s", {}, None),
        ("--alone s", "--alone", "s", {}, None),
    ],
)  # fmt: skip
def test_the_words_of_once(words, mode, stamp, sections, command):
    found = once_program.parse(words.split())
    every = {"--in": [], "--opt": [], "--code": [], "--out": [], "--log": []} | sections
    assert found == (mode, Path(stamp), every, command)


@pytest.mark.parametrize("words", ["", "s", "s --", "--in x -- a", "--check s -- a", "--other s", "-- a"])
def test_words_that_once_refuses(words):
    with pytest.raises(BadInput, match=f"^found {words or 'nothing'}, expected\nUsage"):
        once_program.parse(words.split())


def test_a_word_before_the_first_section_is_refused():
    with pytest.raises(BadInput, match="found 'x' after the stamp, expected one of --in --opt --code --out --log"):
        once_program.parse(["s", "x", "--in", "y", "--", "a"])


def in_process(*words):
    """Call once.py's main() on a command that notes that it ran."""
    ran = []
    done = called(
        lambda argv: once_program.main(argv, lambda command, lock, log: ran.append((command, log)) or 0), *words
    )
    return done.returncode, ran, done.stdout, done.stderr


def test_what_is_checked_is_what_was_done(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        Path(name).write_text("one\n")
    words = [".done", "--in", "a", "--opt", "rate=1"]
    assert in_process("--check", *words)[::2] == (1, ".done: it was not finished yet\n")
    assert in_process(*words, "--out", "b", "--log", "l", "--", "x", "y") == (0, [(["x", "y"], "l")], "", "")
    assert in_process(*words, "--out", "b", "--", "x") == (0, [], "", "")
    assert in_process("--check", *words) == in_process("--check", ".done") == (0, [], "", "")
    assert in_process("--check", ".done", "--in", "a", "--opt", "rate=2")[0] == 1
    Path("b").write_text("two\n")
    status, ran, _, errors = in_process(*words, "--out", "b", "--", "x")
    assert status == 0 and len(ran) == 1 and "once.py: WARNING: output b: was" in errors
    Path("a").write_text("two\n")
    assert in_process("--check", ".done")[0] == 1
    assert Path(".done.lock").exists() and once_program.UP_TO_DATE == 3


def test_work_that_another_process_did_in_the_meantime_is_not_done_again(tmp_path, monkeypatch):
    """Between the first look at the stamp and the lock."""
    monkeypatch.chdir(tmp_path)
    stamp = facts.Stamp(Path(".done"))
    found = stamp.take([], ["rate=1"], [])
    assert in_process(".done", "--opt", "rate=1", "--", "x")[1] == [(["x"], None)]
    assert once_program.run(stamp, found, {"--log": [], "--out": []}, ["x"], None) == 0
    with open(".lock", "a") as lock:  # noqa: PTH123
        monkeypatch.setenv("CER_LOCK", str(lock.fileno()))
        assert once_program.begin(stamp, found) == once_program.UP_TO_DATE
        assert once_program.begin(stamp, stamp.take([], ["rate=2"], [])) == 0


@pytest.mark.parametrize("mode", ["", "--begin"])
def test_what_a_killed_process_left_is_removed_and_a_damaged_output_is_named(tmp_path, monkeypatch, mode):
    monkeypatch.chdir(tmp_path)
    Path("b").write_text("one\n")
    assert in_process("x/.done", "--out", "b", "--", "x")[0] == 0
    Path("b").write_text("two\n")
    Path("x/.y.tmp~").touch()
    with open("lock", "a") as lock:  # noqa: PTH123
        monkeypatch.setenv("CER_LOCK", str(lock.fileno()))
        words = ["--begin", "x/.done"] if mode else ["x/.done", "--out", "b", "--", "x"]
        status, ran, _, errors = in_process(*words)
    assert (status, len(ran)) == (0, 0 if mode else 1) and "once.py: WARNING: output b: was" in errors
    assert not Path("x/.y.tmp~").exists()


def test_a_folder_stands_for_all_files_in_and_below_it(tmp_path):
    for name in ("o/b", "o/c/d", "o/a"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert once_program.files_of(tmp_path / "o") == [tmp_path / "o" / name for name in ("a", "b", "c/d")]
    assert once_program.files_of(tmp_path / "o/a") == [tmp_path / "o/a"]


def test_the_status_of_a_child_is_that_of_a_shell(tmp_path, capfdbinary):
    read, write = os.pipe()
    words = ["bash", "-c", f"echo one; echo two >&2; : <&{read}; exit 3"]  # it has the lock, too
    assert once_program.child(words, read, None) == 3
    assert capfdbinary.readouterr() == (b"one\n", b"two\n")
    assert once_program.child(["bash", "-c", "kill -TERM $$"], read, str(tmp_path / "d" / "e" / "log")) == 143
    os.close(read), os.close(write)
    assert (tmp_path / "d" / "e" / "log").read_text() == ""


# --log, in_one_process.py


@pytest.mark.parametrize(
    "words", [[], ["x", "1"], ["x", "0", "1"], ["x", "1", "0"], ["x", "a", "1"], ["x", "1", "1", "1"]]
)
def test_in_one_process_refuses_a_wrong_command_line(words):
    done = called(lines_program.main, *words)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.startswith("Usage: in_one_process.py <file>")


@pytest.mark.parametrize(
    "code, status, errors",
    [
        ("pass", 0, ""),
        ("import sys; sys.exit()", 0, ""),
        ("import sys; sys.exit(0)", 0, ""),
        ("raise SystemExit(5)", 5, ""),
        ("raise SystemExit('no')", 1, "no\n"),
        ("raise SystemExit(2.5)", 1, ""),
        ("1 / 0", 1, "ZeroDivisionError"),
        ("import sys; assert sys.argv == [__file__, 'x', 'y'] and __name__ == '__main__'", 0, ""),
    ],
)
@pytest.mark.parametrize("module", [True, False])
def test_the_status_of_a_program_is_that_of_python(tmp_path, monkeypatch, code, status, errors, module):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "one_program.py").write_text(f"{code}\n")
    before = sys.argv
    words = ["-m", "one_program"] if module else [str(tmp_path / "one_program.py")]
    done = called(lines_program.call, *words, "x", "y")
    assert (
        done.returncode == status and errors in done.stderr and bool(errors) == bool(done.stderr) and sys.argv is before
    )


def test_the_words_of_a_line_are_those_of_bash():
    lines = ["/x/python.sh /y/once.py .done --opt 'a  b' $'c\\nd' \"\" -- x", "once.py .done"]
    assert once_program.arguments_of(lines) == [[".done", "--opt", "a  b", "c\nd", "", "--", "x"], [".done"]]
    assert once_program.arguments_of([]) == []
    for line in ("", "python3 x once.py .done", "echo no"):
        with pytest.raises(BadInput, match="expected a command of once.py"):
            once_program.arguments_of([*lines, line])


def test_the_lines_that_are_not_up_to_date(once, tmp_path):
    lines = [" ".join([ENTRY.format(name), "--", "bash", "-c", "'cat a > b'"]) for name in ("x", "y", "'z z'")]
    once(*shlex.split(lines[1]))
    program = [ROOT / "utils" / "once.py", "--stale"]
    text = "".join(f"{ROOT}/utils/once.py {line}\n" for line in lines)

    def stale(*more):
        words = [*program, *more]
        done = subprocess.run(words, input=text, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert stale() == "".join(text.splitlines(keepends=True)[::2]) and stale("--stamps") == ".done.x\n.done.z z\n"
    (tmp_path / "b").write_text("damaged")
    assert stale() == text


ENTRY = ".done.{} --in a --opt r=1 --out b"


def test_what_a_command_prints_is_in_its_log_too(once, tmp_path):
    words = [".done", "--log", "log/x.log", "--", "bash", "-c", "echo one; echo two >&2; exit 3"]
    assert once(*words, status=3).stdout == (tmp_path / "log" / "x.log").read_text() == "one\ntwo\n"


def test_the_log_of_finished_work_outlasts_work_that_fails(once, tmp_path):
    for number, end in enumerate((1, 0, 1, 1)):
        words = ["--opt", str(number), "--log", "x.log", "--", "bash", "-c", f"echo {number}; exit {end}"]
        once(".done", *words, status=end)
    assert [path.read_text() for path in sorted((tmp_path / ".backup").iterdir())] == ["1\n", "2\n"]
    assert (tmp_path / "x.log").read_text() == "3\n"


@pytest.mark.parametrize("mode, line", [("w", "a line\n"), ("wb", b"a line\n")])
def test_a_log_can_be_read_while_it_is_written(tmp_path, mode, line):
    with once_program.log_file(tmp_path / "log", mode) as file:
        file.write(line)
        assert (tmp_path / "log").read_text() == "a line\n"


def test_what_a_command_prints_is_seen_before_it_ends(tmp_path):
    words = [
        ROOT / "utils" / "once.py",
        ".done",
        "--log",
        "log",
        "--",
        "bash",
        "-c",
        "echo one; read -t 20 word; echo $word",
    ]
    plain = {name: value for name, value in ENVIRONMENT.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(words, cwd=tmp_path, env=plain, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout.readline() == (tmp_path / "log").read_text() == "one\n"
        assert process.communicate("two\n", timeout=60)[0] == "two\n"


def test_a_stream_of_several_tells_what_it_wrote_and_flushes_all(tmp_path):
    with open(tmp_path / "a", "w") as one, open(tmp_path / "b", "w") as two:  # noqa: PTH123
        both = lines_program.Tee(one, two)
        assert both.write("word") == 4
        both.flush()
        assert [(tmp_path / name).read_text() for name in "ab"] == ["word"] * 2


def test_the_memory_of_a_program_is_free_for_the_next_one(tmp_path):
    """What refers to itself, too: Python would keep it until it happens to look."""
    (tmp_path / "one_program.py").write_text(
        "import pathlib, weakref\n\nclass Node: pass\n\nnode = Node()\nnode.itself = node\n"
        f"weakref.finalize(node, pathlib.Path({str(tmp_path / 'free')!r}).touch)\n"
    )
    gc.disable()
    try:
        assert lines_program.call([str(tmp_path / "one_program.py")]) == 0
    finally:
        gc.enable()
    assert (tmp_path / "free").exists()


@pytest.fixture
def in_one_process(tmp_path):
    """Call the program on lines, the commands of once.py; returns the finished process."""

    def call(*lines, number=1, step=1, status=0):
        (tmp_path / "lines").write_text(
            "".join(f"{ROOT}/utils/python.sh {ROOT}/utils/once.py {one}\n" for one in lines)
        )
        words = [ROOT / "utils" / "in_one_process.py", "lines", str(number), str(step)]
        done = subprocess.run(words, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
        return done

    (tmp_path / "program.py").write_text(
        "import os, sys\nprint(os.getppid(), *sys.argv[1:])\nsys.exit(sys.argv[2] if len(sys.argv) > 2 else None)\n"
    )
    return call


LINE = ".done{0} --log log/{0} -- python3 program.py {0}"


def test_programs_run_in_one_process_each_with_its_log_and_its_stamp(in_one_process, tmp_path):
    done = in_one_process(*(LINE.format(name) for name in ("a", r"$'b\303\251'", "c")), number=1, step=2)
    parents = {(tmp_path / "log" / name).read_text().split()[0] for name in ("a", "c")}
    assert len(parents) == 1 and parents == {str(os.getpid())}  # the parent of the one process
    assert not (tmp_path / "log" / "bé").exists() and "# line 3, 2 of 2 of this process" in done.stdout
    assert sorted(path.name for path in tmp_path.glob("*.ok")) == ["lines.1.ok", "lines.3.ok"]
    assert "a\n" not in in_one_process(LINE.format("a")).stdout.replace("program.py a\n", "")  # up to date
    in_one_process(LINE.format(r"$'b\303\251'"))
    assert (tmp_path / "log" / "bé").read_text().endswith(" bé\n")


def test_a_program_that_fails_stops_no_other(in_one_process, tmp_path):
    lines = [
        LINE.format("a") + " 'no such thing'",
        LINE.format("b") + " 7",
        LINE.format("c"),
        ".d -- bash -c 'kill -9 $$'",
    ]
    (tmp_path / "lines.2.ok").touch()  # of an earlier call
    done = in_one_process(*lines, status=1)
    assert (tmp_path / "log" / "a").read_text().endswith("no such thing\n") and "3 of 4 lines failed" in done.stderr
    assert [path.name for path in tmp_path.glob("*.ok")] == ["lines.3.ok"]
    assert {path.name for path in tmp_path.glob(".done?")} == {".donec"}


def test_a_program_without_a_log_prints_where_the_process_does_and_has_no_owner(in_one_process, tmp_path, monkeypatch):
    (tmp_path / "owner.py").write_text("import os\nprint('owner', os.environ.get('CER_OWNER'))\n")
    monkeypatch.setitem(ENVIRONMENT, "CER_OWNER", str(os.getpid()))
    assert "\nowner None\n" in in_one_process(".d -- python3 owner.py").stdout
    assert "\nowner None\n" in in_one_process(".d --opt 2 -- bash -c 'python3 owner.py'").stdout


def test_a_line_that_is_no_command_of_once_is_named(in_one_process, tmp_path):
    (tmp_path / "x").write_text("echo no\n")
    program = [ROOT / "utils" / "in_one_process.py", "x", "1", "1"]
    done = subprocess.run(program, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 1 and "line 1: found the line 'echo no', expected a command of once.py" in done.stderr
