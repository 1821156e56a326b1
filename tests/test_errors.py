"""cer/base/errors.py: how a program ends on what goes wrong."""

import errno
import os
import signal
import subprocess
import sys

import pytest
from conftest import ROOT

from cer.base.errors import BadInput, listed, program, warn


@pytest.mark.parametrize(
    "error, message",
    [
        (BadInput("x.scp:3: found b"), "x.scp:3: found b"),
        (UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "no"), "'utf-8' codec can't decode byte 0xe9"),
        (OSError(errno.ENOSPC, "No space left on device", "exp/a"), "exp/a: No space left on device"),
        (OSError(errno.EIO, "Input/output error"), "standard input or output: Input/output error"),
        (OSError("odd"), "odd"),
        (MemoryError("8 GiB"), "not enough memory (8 GiB)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_goes_wrong_is_one_line_with_the_programs_name(monkeypatch, error, message):
    monkeypatch.setattr(sys, "argv", ["/a/b/train.py"])

    @program
    def main(argument):
        """Do nothing."""
        raise error

    with pytest.raises(SystemExit) as end:
        main("x")
    assert str(end.value).startswith(f"ERROR (train) {message}") and main.__doc__ == "Do nothing."


def test_what_goes_well_ends_well_and_other_errors_are_ours():
    assert program(lambda *words: None)("a", "b") is None
    with pytest.raises(ZeroDivisionError):
        program(lambda: 1 / 0)()


@pytest.mark.parametrize(
    ("word", "name"), [("cer/bin/score.py", "score"), ("-", "cer"), ("-c", "cer"), ("", "cer"), ("run-1.py", "run-1")]
)
def test_a_warning_names_the_program(monkeypatch, capsys, word, name):
    monkeypatch.setattr(sys, "argv", [word])
    warn("P16: short")
    assert capsys.readouterr() == ("", f"WARNING ({name}) P16: short\n")


@pytest.mark.parametrize(
    "names, most, text",
    [
        ([], 5, ""),
        ("abcde", 5, "a, b, c, d, e"),
        ("abcdefg", 5, "a, b, c, d, e and 2 more"),
        ([1, 2], 1, "1 and 1 more"),
    ],
)
def test_the_first_names_are_listed_and_the_others_counted(names, most, text):
    assert listed(names, most) == text
    assert most != 5 or listed(names) == text


@pytest.mark.parametrize(
    "before, within", [(signal.SIG_DFL, signal.default_int_handler), (signal.SIG_IGN, signal.SIG_IGN)]
)
def test_a_program_can_be_interrupted_unless_it_was_told_to_ignore_it(before, within):
    handler = signal.signal(signal.SIGINT, before)
    try:
        found = []
        program(lambda: found.append(signal.getsignal(signal.SIGINT)))()
    finally:
        signal.signal(signal.SIGINT, handler)
    assert found == [within]


@pytest.mark.parametrize(
    "act, status, said",
    [
        ("raise KeyboardInterrupt", -signal.SIGINT, "ERROR (cer) stopped by Ctrl-C\n"),
        ("raise BrokenPipeError", 128 + signal.SIGPIPE, ""),
        ("raise BadInput('a: b')", 1, "ERROR (cer) a: b\n"),
    ],
)
def test_signals_and_closed_pipes_end_as_a_shell_expects(act, status, said):
    code = f"from cer.base.errors import BadInput, program\n@program\ndef main():\n    {act}\nmain()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (status, said)


def test_output_that_nobody_reads_any_more_ends_quietly():
    code = "from cer.base.errors import program\n@program\ndef main():\n    input()\n    print('x' * 10)\nmain()"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, text=True, env=os.environ | {"PYTHONUNBUFFERED": ""},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as job:  # fmt: skip
        job.stdout.close()
        job.stdin.write("now\n")
        job.stdin.close()
        assert job.stderr.read() == "" and job.wait(60) == 128 + signal.SIGPIPE


def test_ctrl_c_while_a_program_is_loaded_leaves_no_traceback(tmp_path):
    (tmp_path / "torch.py").write_text("import time\nprint('loading', flush=True)\ntime.sleep(60)\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    with subprocess.Popen(
        [sys.executable, "-m", "cer.bin.predict"], cwd=ROOT, text=True, env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as job:  # fmt: skip
        assert job.stdout.readline() == "loading\n"
        job.send_signal(signal.SIGINT)
        assert job.stderr.read() == "" and job.wait(60) == -signal.SIGINT


HELPFUL = "utils/run.py utils/slurm.py utils/sge.py utils/once.py utils/put_in_place.py utils/in_one_process.py"
HELPFUL += " steps/export.sh ./run.sh"


@pytest.mark.parametrize("program_of", HELPFUL.split())
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_help_that_nobody_reads_to_its_end_ends_quietly(program_of, unbuffered):
    read, write = os.pipe()
    os.close(read)  # as `| head -0` does
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered, "PYTHONPATH": str(ROOT)}
    words = [program_of, "--help"] if program_of.endswith(".sh") else [sys.executable, program_of, "--help"]
    done = subprocess.run(words, cwd=ROOT, env=environment, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert done.stderr == ""


@pytest.mark.parametrize("launcher", ["run.py", "slurm.py", "sge.py"])
def test_ctrl_c_while_a_launcher_is_loaded_leaves_no_traceback(tmp_path, launcher):
    (tmp_path / "unicodedata.py").write_text("import time\nprint('loading', flush=True)\ntime.sleep(60)\n")
    for path in (ROOT / "utils").glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "launch").symlink_to(ROOT / "utils" / "launch")
    with subprocess.Popen(
        [sys.executable, "-S", tmp_path / launcher], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as job:
        assert job.stdout.readline() == "loading\n"
        job.send_signal(signal.SIGINT)
        assert job.stderr.read() == "" and job.wait(60) == -signal.SIGINT
