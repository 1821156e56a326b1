"""How each Python program starts: Ctrl-C meanwhile, no path.sh, no packages, help cut short, refusals of the system."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

from cer import base

LISTED = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "cer/bin", "local", "egs", "utils/*.py"]
PROGRAMS = [
    name
    for name in subprocess.run(LISTED, cwd=ROOT, capture_output=True, text=True).stdout.split()
    if name.endswith(".py") and '\nif __name__ == "__main__":' in (ROOT / name).read_text()
]
HELP = {"utils/data_dir.py": ["fix_data_dir.sh", "--help"]}

# sitecustomize.py: at the first import after SIGINT got its default action Python ends well, and before it at an import
# of anything else than what that needs.
WATCH = """
import os, sys, _signal
FIRST, BY_PATH = {first}, {by_path}
started = BY_PATH
def hook(event, arguments):
    global started
    if event != "import":
        return
    if _signal.getsignal(_signal.SIGINT) == _signal.SIG_DFL:
        os._exit(0)
    started |= arguments[0] in ("cer", "local", "egs")
    if started and arguments[0] not in FIRST:
        print(arguments[0], "is imported first", flush=True)
        os._exit(9)
sys.addaudithook(hook)
"""
NEEDED = [sys.executable, "-S", "-c", "import __future__, signal, sys; print(*sys.modules)"]
FIRST = {"usercustomize", "quiet_start", "local", "egs", "cer", "cer.base", "cer.base.errors", "cer.bin"}


@pytest.fixture(scope="module")
def first():
    """What may be imported before Ctrl-C is looked after."""
    return FIRST | {*subprocess.run(NEEDED, capture_output=True, text=True).stdout.split()}


def words(name, by_path=False):
    """The words that start a program."""
    if by_path or name.startswith("utils/"):
        return [sys.executable, name]
    return [sys.executable, "-m", name[:-3].replace("/", ".")]


def without_path_sh(**more):
    """The environment of a user who did not source path.sh."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more


def test_all_programs_are_known():
    assert {"cer/bin/train.py", "local/results/compare.py", "egs/recola/prepare.py", "utils/once.py"} < {*PROGRAMS}
    executable = {name for name in PROGRAMS if os.access(ROOT / name, os.X_OK)}
    assert executable == {name for name in PROGRAMS if name.startswith("utils/")}


@pytest.mark.parametrize("name", PROGRAMS)
def test_ctrl_c_ends_a_program_before_it_imports_what_takes_time(name, tmp_path, first):
    (tmp_path / "sitecustomize.py").write_text(WATCH.format(first=first, by_path=name.startswith("utils/")))
    environment = without_path_sh(PYTHONPATH=str(tmp_path))
    done = subprocess.run(words(name), cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_ctrl_c_ends_the_installed_program_before_it_imports_what_takes_time(tmp_path, first):
    (tmp_path / "sitecustomize.py").write_text(WATCH.format(first=first, by_path=False))
    (tmp_path / "cer-predict").write_text("from cer.bin.predict_files import main\n")
    environment = without_path_sh(PYTHONPATH=f"{tmp_path}:{ROOT}")
    done = subprocess.run([sys.executable, tmp_path / "cer-predict"], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("by_path", [False, True])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_without_its_packages_says_what_to_do(name, by_path):
    line = words(name, by_path)
    line = [line[0], "-S", *line[1:], *HELP.get(name, ["--help"])]
    done = subprocess.run(line, cwd=ROOT, env=without_path_sh(), capture_output=True, text=True)
    said = rf"ERROR \({(ROOT / name).stem}\) found no Python package \w+: .*`\. \./path\.sh`.*\n"
    assert (done.returncode == 0 and not done.stderr) or re.fullmatch(said, done.stderr)


@pytest.mark.parametrize(
    "line, said",
    [
        ("steps/predict_recordings.sh none.wav none nowhere", "no such folder none"),
        ("steps/score.sh data none nowhere", "found nowhere as the last argument"),
    ],
)
def test_scripts_take_their_last_argument_also_where_bash_is_told_to_follow_posix(line, said):
    environment = os.environ | {"POSIXLY_CORRECT": "1"}
    done = subprocess.run(line.split(), cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and said in done.stderr


@pytest.mark.parametrize("name", ["figure1", "leave_one_out", "paper", "search", "worlds"])
def test_a_script_whose_paths_begin_in_the_recipe_says_so_elsewhere(name, tmp_path):
    done = subprocess.run([ROOT / f"local/{name}.sh", "a", "b"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1
    assert f"found the folder {tmp_path}, expected that of the recipe" in done.stderr and not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["local/results/collect_results.py", "cer/bin/score.py", "egs/sewa/prepare.py"])
def test_a_program_runs_by_its_path_from_anywhere(name, tmp_path):
    for module in (tmp_path / "results.py", tmp_path / "cer.py"):
        module.write_text("raise SystemExit('not of the recipe')\n")
    line = [sys.executable, ROOT / name, "nowhere", "nowhere"][: 3 if name.startswith("local") else 4]
    done = subprocess.run(line, cwd=tmp_path, env=without_path_sh(), capture_output=True, text=True)
    assert done.returncode == 1 and re.match(rf"ERROR \({(ROOT / name).stem}\) .*nowhere", done.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("by_path", [False, True])
@pytest.mark.parametrize("name", PROGRAMS)
def test_help_is_printed_without_path_sh_and_ends_quietly_when_nobody_reads_it(name, by_path):
    line = [*words(name, by_path), *HELP.get(name, ["--help"])]
    done = subprocess.run(line, cwd=ROOT, env=without_path_sh(), capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr and len(done.stdout) > 100
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(line, cwd=ROOT, env=without_path_sh(), stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert not done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
@pytest.mark.parametrize(
    "line", ["-m cer.bin.score --help", "utils/data_dir.py fix_data_dir.sh --help", "utils/run.py x.log true"]
)
def test_a_closed_stream_is_as_good_as_none(line, closed, tmp_path):
    line = line.replace("x.log", f"{tmp_path}/x.log")
    done = subprocess.run(f"{sys.executable} {line} {closed}", shell=True, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr


def test_what_is_said_to_a_closed_stream_does_not_come_out_of_another(tmp_path):
    for name in ("a.wav", "b.mp4"):  # the second one is left out, with a warning
        (tmp_path / name).touch()
    line = f"{sys.executable} -m cer.bin.list_recordings {tmp_path} 2>&-"
    done = subprocess.run(line, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"a {tmp_path}/a.wav\n")


LOOKED_AFTER = [f"{folder}/__init__.py" for folder in ("cer", "cer/base", "local", "egs")] + ["utils/quiet_start.py"]


def of_python_itself(text):
    """Whether a traceback is of Python's own start, or of a program's first import, before Ctrl-C is looked after."""
    found = re.findall(rf'File "{ROOT}/(?!.venv)([^"]*)"', text)
    return not found or found[-1] in LOOKED_AFTER or "    import quiet_start" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_ctrl_c_at_any_moment_leaves_no_traceback(name):
    for delay in (0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2):
        job = subprocess.Popen(
            [*words(name), *HELP.get(name, ["--help"])], cwd=ROOT, env=without_path_sh(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        time.sleep(delay)
        job.send_signal(signal.SIGINT)
        said = job.communicate()[1]
        if "Traceback" in said or "Fatal" in said:
            assert of_python_itself(said), f"{delay} s: {said}"
        else:
            assert job.returncode in (0, -signal.SIGINT), f"{delay} s: {said}"


@pytest.mark.parametrize("name", ["run.py", "slurm.py", "sge.py"])
def test_help_that_cannot_be_written_is_told(name):
    done = subprocess.run(f"utils/{name} --help > /dev/full", shell=True, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, f"{name}: standard input or output: No space left on device\n")


def test_a_lock_or_a_log_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "log").symlink_to("/dev/full")
    line = ["utils/once.py", tmp_path / ".done", "--log", tmp_path / "log", "--", "echo", "hello"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, f"once.py: {tmp_path}/log: No space left on device\n")
    (tmp_path / ".done.lock").unlink()
    (tmp_path / ".done.lock").symlink_to("/dev/full")
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith(f"once.py: {tmp_path}/.done.lock: ")


@pytest.mark.parametrize("command", ["run.py /dev/null/x.log true", "once.py /dev/null/x/.done -- true"])
def test_what_the_system_refuses_is_told_with_the_file_and_without_a_number(command):
    done = subprocess.run(f"utils/{command}", shell=True, cwd=ROOT, capture_output=True, text=True)
    program = command.split()[0]
    assert re.match(rf"{program}: /dev/null(/x)?: (Not a directory|File exists)", done.stderr) and done.returncode
    assert "Errno" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "folder, name", [("steps", "./score.sh"), ("utils", "run_lines.sh"), ("cer/bin", "../../steps/score.sh")]
)
def test_a_script_may_be_called_in_its_own_folder_or_in_another(folder, name):
    done = subprocess.run(["bash", name, "--help"], cwd=ROOT / folder, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr and done.stdout.startswith("Usage: ")


def test_a_script_says_that_it_needs_bash():
    done = subprocess.run(["sh", "./run.sh", "--help"], cwd=ROOT, capture_output=True, text=True)
    if "bash" not in os.path.realpath("/bin/sh"):
        assert (done.returncode, done.stderr) == (1, "./run.sh: found sh, expected bash: bash ./run.sh\n")


def test_a_program_is_of_the_recipe_also_where_a_link_leads_to_it(tmp_path):
    (tmp_path / "cer").symlink_to(ROOT)  # in a Kaldi recipe (egs/README.md): its Python may have no packages
    assert base._is_of_the_recipe(str(tmp_path / "cer/local/results/compare.py"))
    assert not base._is_of_the_recipe(str(tmp_path / "local/results/compare.py"))
