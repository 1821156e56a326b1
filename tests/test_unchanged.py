"""utils/unchanged.py: whether finished work must be done again."""

import os
import subprocess

import pytest
from conftest import ROOT


@pytest.fixture
def unchanged(tmp_path):
    """Call the program in a folder of its own; returns the finished process."""

    def call(*words, status=None):
        program = [ROOT / "utils" / "unchanged.py", *words]
        done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True)
        assert status is None or done.returncode == status, done.stdout + done.stderr
        return done

    (tmp_path / "a.txt").write_text("one\n")
    return call


def explanation(unchanged, *words):
    return unchanged("--explain", "stamp", *words, status=1).stdout


def test_work_without_a_stamp_is_to_be_done(unchanged):
    done = unchanged("stamp", "a.txt", "--", status=1)
    assert done.stdout == done.stderr == ""
    assert "no such stamp" in explanation(unchanged, "a.txt", "--")


def test_the_same_inputs_and_options_are_recognised(unchanged):
    unchanged("--write", "exp/stamp", "a.txt", "none.txt", "--", "rate=1", "", status=0)
    done = unchanged("exp/stamp", "a.txt", "none.txt", "--", "rate=1", "", status=0)
    assert done.stdout == done.stderr == ""


def test_only_the_content_of_a_small_file_counts(unchanged, tmp_path):
    unchanged("--write", "stamp", "a.txt", "--")
    os.utime(tmp_path / "a.txt", (1, 1))
    unchanged("stamp", "a.txt", "--", status=0)
    (tmp_path / "a.txt").write_text("two\n")
    assert explanation(unchanged, "a.txt", "--").startswith("input a.txt: was sha256 ")


def test_of_a_large_file_size_and_time_count(unchanged, tmp_path):
    (tmp_path / "a.ark").write_bytes(bytes(2**20 + 1))
    unchanged("--write", "stamp", "a.ark", "--")
    unchanged("stamp", "a.ark", "--", status=0)
    os.utime(tmp_path / "a.ark", (1, 1))
    assert "is 1048577 bytes, changed at 1000000000 ns" in explanation(unchanged, "a.ark", "--")


def test_a_file_that_appears_or_goes_is_a_change(unchanged, tmp_path):
    unchanged("--write", "stamp", "b.txt", "--")
    (tmp_path / "b.txt").write_text("")
    assert "input b.txt: was missing, is sha256" in explanation(unchanged, "b.txt", "--")


@pytest.mark.parametrize("options", [["x=1"], ["x=2", "y"], ["y", "x=1"], [], ["x=1 y"], ["x=1", "y", ""]])
def test_other_options_are_a_change(unchanged, options):
    unchanged("--write", "stamp", "a.txt", "--", "x=1", "y")
    unchanged("stamp", "a.txt", "--", *options, status=1)


def test_options_of_any_characters(unchanged):
    options = ["a\nb", "--", "ü\t", "--write"]
    unchanged("--write", "stamp", "a.txt", "--", *options)
    unchanged("stamp", "a.txt", "--", *options, status=0)
    unchanged("stamp", "a.txt", "--", "a", "b", *options[1:], status=1)


@pytest.mark.parametrize(
    "line", ["P1 data.ark:17", "P1 data.ark:17[0:9]", "P1 data.ark:17[0:9,0:3]", "P1 data.ark", "P1\tdata.ark "]
)
def test_the_files_that_an_scp_names_count(unchanged, tmp_path, line):
    (tmp_path / "data.ark").write_text("1")
    (tmp_path / "feats.scp").write_text(f"{line}\nP2 none.ark:3\nP3 cat data.wav |\n")
    (tmp_path / "data.wav").write_text("1")
    unchanged("--write", "stamp", "feats.scp", "--")
    (tmp_path / "data.wav").write_text("12")  # read by a pipe: only the pipe's text counts
    unchanged("stamp", "feats.scp", "--", status=0)
    (tmp_path / "data.ark").write_text("12")
    assert "named in feats.scp: data.ark: was 1 bytes" in explanation(unchanged, "feats.scp", "--")
    unchanged("--write", "stamp", "feats.scp", "--")
    (tmp_path / "none.ark").write_text("")
    unchanged("stamp", "feats.scp", "--", status=1)


def test_explain_gives_the_first_three_differences(unchanged):
    unchanged("--write", "stamp", "--", *"abcde")
    lines = explanation(unchanged, "--", *"ABCDe").splitlines()
    assert lines == [
        "option 1: was 'a', is 'A'",
        "option 2: was 'b', is 'B'",
        "option 3: was 'c', is 'C'",
        "and 1 more",
    ]
    assert unchanged("--explain", "stamp", "--", *"abcde", status=0).stdout == ""


def test_the_stamp_can_be_read_and_has_no_leftovers(unchanged, tmp_path):
    unchanged("--write", "exp/stamp", "a.txt", "--", "x=1")
    assert [path.name for path in (tmp_path / "exp").iterdir()] == ["stamp"]
    assert [line.split("\t")[0] for line in (tmp_path / "exp/stamp").read_text().splitlines()[1:]] == [
        "input a.txt",
        "option 1",
    ]


def test_a_damaged_stamp_is_none(unchanged, tmp_path):
    (tmp_path / "stamp").write_bytes(b"\xff\n")
    unchanged("stamp", "--", status=1)
    (tmp_path / "stamp").write_text("")
    unchanged("stamp", "--", status=1)


@pytest.mark.parametrize("words", [["stamp", "."], ["stamp", "a.txt"], [], ["--"], ["--rewrite", "stamp", "--"]])
def test_a_directory_or_a_wrong_command_line_is_an_error(unchanged, words):
    words = [*words, "--"] if "." in words else words
    done = unchanged(*words, status=2)
    assert "expected" in done.stderr and done.stdout == ""
