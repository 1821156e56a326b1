"""launch/job_folder.py: what lies in the folder of an array, and whose it is."""

import re
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "utils"))
from launch.engine import Refused
from launch.job_folder import JobFolder, Status, folders, working_directory
from launch.jobs import Jobs


@pytest.fixture
def folder(tmp_path):
    folder = JobFolder(tmp_path / "q" / "x.1-3")
    folder.lock()
    return folder


def put(folder, **files):
    """Files from their content; a name is written with its task's number last: status_2 is 2.status."""
    for name, text in files.items():
        kind, _, number = name.partition("_")
        (folder.path / f"{number}.{kind}").write_text(text)


def names(folder):
    return sorted(path.name for path in folder.path.iterdir())


def test_a_folder_has_one_launcher(folder):
    with pytest.raises(Refused, match=r"another launcher is waiting for the jobs of .*/q/x\.1-3; end that one first"):
        JobFolder(folder.path).lock()
    assert names(folder) == ["lock"]


def test_the_record_is_the_name_and_the_number_as_far_as_they_are_known(folder):
    assert folder.recorded() == ("", "")
    folder.record("mine")
    assert folder.recorded() == ("mine", "")
    folder.record("mine", "5")
    assert folder.recorded() == ("mine", "5") and (folder.path / "job").read_text() == "mine\n5\n"
    (folder.path / "job").write_text("")
    assert folder.recorded() == ("", "")


def test_every_submission_has_a_name_of_its_own_that_engines_take(tmp_path):
    folder = JobFolder(tmp_path / f"{'a' * 50}-b.c")
    first, second = folder.new_name(), folder.new_name()
    assert first != second and re.fullmatch(rf"j_{'a' * 36}_b_c_[0-9a-f]{{8}}", first)


def test_what_earlier_tasks_left_is_removed_before_a_submission_and_after_the_report(folder):
    put(folder, start_1="x", status_1="x", out_1="x", tmp_1="x", other_1="x")
    folder.record("mine", "5")
    folder.prepare("a script\n")
    assert names(folder) == ["1.other", "job", "lock", "script.sh"]
    assert folder.is_same("a script\n") and not folder.is_same("another\n")
    put(folder, start_1="x", status_1="x", out_1="x", tmp_1="x")
    folder.forget()
    assert names(folder) == ["1.other", "1.out", "lock", "script.sh"]
    assert not JobFolder(folder.path / "none").is_same("a script\n")


def test_statuses_are_those_of_the_last_attempts_of_this_job(folder):
    folder.record("mine", "5")
    good = "mine n1:7:99"
    put(folder, start_1=f"{good}\n", status_1=f"{good} 3 12 command\n")
    put(folder, start_2="mine n2:8:99\n", status_2=f"{good} 0 12 command\n")  # of an earlier attempt
    put(folder, start_3="other n1:7:99\n", status_3="other n1:7:99 0 12 command\n")  # of an earlier job
    put(folder, start_4=f"{good}\n", status_4="mine n1\n")  # cut off
    put(folder, status_5=f"{good} 0 12 command\n", start_6=f"{good}\n")
    put(folder, start_7=f"{good}\n", status_7="mine n1:7:99 0\n")
    assert folder.statuses(range(1, 9)) == {1: Status(3, 12, "command")} and folder.started == {1, 2, 3, 4, 6, 7}
    assert folder.statuses([2]) == {} and folder.started == {1, 2, 3, 4, 6, 7}


@pytest.mark.parametrize("text", [None, "", "\n5\n"])
def test_a_folder_without_a_record_is_not_there(folder, text):
    if text is not None:
        (folder.path / "job").write_text(text)
    with pytest.raises(FileNotFoundError, match=r"No such file or directory: '.*/q/x\.1-3/job'"):
        folder.statuses([1])


def test_what_the_engine_printed(folder):
    put(folder, out_1="killed\n")
    assert folder.said(1) == "killed\n" and folder.said(2) == ""


@pytest.mark.parametrize(
    "words, path",
    [
        (["JOB=1:3", "l/x.JOB.log"], "l/q/x.JOB.1-3"),
        (["x.log"], "q/x.1-1"),
        (["JOB=2:3", "a/l.JOB/m/x.log"], "a/l.JOB/m/q/x.2-3"),
        (["JOB=2:3", "a/l.JOB/JOB.d/x.txt"], "a/q/l.JOB_JOB.d_x.txt.2-3"),
    ],
)
def test_the_folder_lies_beside_the_logs(tmp_path, words, path):
    assert folders(Jobs([*words, "true"]), tmp_path)[0].path == tmp_path / path


@pytest.mark.parametrize(
    "numbers, found", [("1:1", False), ("1:2", True), ("3:3", True), ("4:9", True), ("5:9", False)]
)
def test_arrays_that_share_a_number_share_logs(tmp_path, numbers, found):
    for name in ("x.JOB.2-4", "x.JOB.old.2-4", "y.JOB.2-4", "x.JOB.none"):
        folder = JobFolder(tmp_path / "q" / name)
        folder.lock()
        folder.record("mine")
    _, others = folders(Jobs([f"JOB={numbers}", "x.JOB.log", "true"]), tmp_path)
    assert [folder.path.name for folder in others] == ["x.JOB.2-4"] * found


def test_the_working_directory_is_called_as_the_user_calls_it(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path / "real")
    for named, path in (("link", "link"), ("real", "real"), (".", "real")):
        monkeypatch.setenv("PWD", str(tmp_path / named))
        assert working_directory() == tmp_path / path
    for named in ("real", ""):
        monkeypatch.setenv("PWD", named)
        assert working_directory() == tmp_path / "real"
    monkeypatch.delenv("PWD")
    assert working_directory() == tmp_path / "real"
