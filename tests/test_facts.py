"""cer.base.facts, cer.base.contents: what work was made from and what it left, by content."""

import os
import time

import pytest
from conftest import ROOT

from cer.base import contents, facts
from cer.base.errors import BadInput
from cer.base.facts import Stamp, do, take


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with an input, a table that names a file, and a program that imports another."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(contents, "seen", {})
    (tmp_path / "a.txt").write_text("one\n")
    (tmp_path / "x.ark").write_text("features")
    (tmp_path / "x.scp").write_text(f"P16 {tmp_path}/x.ark:4[0:9]\nP17 rm -rf x |\n")
    (tmp_path / "x.conf").write_text("--rate=1 # slow\n")
    (tmp_path / "main.py").write_text('"""Main."""\nimport part\nprint(part.ONE)\n')
    (tmp_path / "part.py").write_text("ONE = 1\n")
    return tmp_path


INPUTS = ["a.txt", "x.scp", "x.conf", "none.txt"]


def stamped(here, outputs=()):
    stamp = Stamp(here / "exp" / ".done")
    assert stamp.commit(outputs, take(INPUTS, ["rate=1", ""], ["main.py"])) == []
    return stamp


def stale(stamp, options=("rate=1", "")):
    contents.of_code.cache_clear()
    contents._tree.cache_clear()
    return stamp.stale(take(INPUTS, options, ["main.py"]))


def test_work_without_a_stamp_is_to_be_done(here):
    assert stale(Stamp(here / ".done")) == ["it was not finished yet"]


def test_the_same_inputs_options_and_code_are_recognised(here):
    assert stale(stamped(here)) == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.txt", "two\n", "input a.txt: was sha256 "),
        ("none.txt", "", "input none.txt: was missing, is sha256 "),
        ("x.ark", "Features", "x.ark: was sha256 "),
        ("x.conf", "--rate=2\n", "input x.conf: was"),
        ("main.py", "import part\nprint(part.ONE + 1)\n", "main.py: was"),
        ("part.py", "ONE = 2\n", "part.py: was"),
    ],
)
def test_another_content_is_a_change_whatever_the_times(here, name, text, told):
    stamp = stamped(here)
    before = (here / name).stat() if (here / name).exists() else None
    (here / name).write_text(text)
    if before:
        os.utime(here / name, ns=(before.st_atime_ns, before.st_mtime_ns))
    [found] = stale(stamp)
    assert told in found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "one\n"),
        ("x.conf", "# how fast\n\n--rate=1\n"),
        ("main.py", '"""Another docstring."""\n\nimport part  # what is one\n\n\nprint(part.ONE)\n'),
    ],
)
def test_times_comments_and_docstrings_are_no_change(here, name, text):
    stamp = stamped(here)
    (here / name).write_text(text)
    os.utime(here / name, (1, 1))
    assert stale(stamp) == []


@pytest.mark.parametrize("options", [("rate=2", ""), ("rate=1",), ("", "rate=1"), ("rate=1", "", "x")])
def test_other_options_are_a_change(here, options):
    assert stale(stamped(here), options)


@pytest.mark.parametrize("flipped", ["one byte", "gone"])
def test_an_output_that_is_not_as_it_was_left_is_named(here, flipped):
    (here / "out.pt").write_bytes(b"weights")
    stamp = stamped(here, ["out.pt"])
    assert stale(stamp) == stamp.damaged() == []
    (here / "out.pt").write_bytes(b"weighus") if flipped == "one byte" else (here / "out.pt").unlink()
    assert "output out.pt: was sha256" in stale(stamp)[0]
    assert stale(stamp) == stamp.damaged() == stamp.stale()


def test_what_an_output_names_counts_as_an_output(here):
    stamp = stamped(here, ["x.scp"])
    (here / "x.ark").write_text("other")
    assert any("x.ark" in text for text in stamp.damaged())


def test_a_stamp_alone_tells_whether_what_it_was_made_from_still_is(here):
    stamp = stamped(here)
    assert stamp.stale() == []
    (here / "a.txt").write_text("two\n")
    assert "input a.txt" in stamp.stale()[0]


def test_inputs_that_change_while_the_work_is_done_leave_no_stamp(here):
    stamp, before = Stamp(here / ".done"), take(["a.txt"])
    (here / "a.txt").write_text("two\n")
    assert "input a.txt" in stamp.commit([], before)[0]
    assert not stamp.path.exists()
    with pytest.raises(BadInput, match="a.txt.*changed while"):
        do(".done", lambda: (here / "a.txt").write_text("three\n"), inputs=["a.txt"])


def test_work_is_done_once(here):
    calls = []
    for _ in range(2):
        do(".done", lambda: calls.append((here / "b").write_text("b")), inputs=["a.txt"], outputs=["b"])
    assert len(calls) == 1


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_stamp_that_is_cut_off_is_none(here, cut):
    stamp = stamped(here)
    content = stamp.path.read_bytes()
    stamp.path.write_bytes(content[: len(content) * cut // 9])
    assert stamp.read() is None


def test_a_large_file_is_read_again_only_if_it_may_have_changed(here, monkeypatch):
    monkeypatch.setattr(contents, "SMALL", 4)
    monkeypatch.setattr(contents, "SETTLED", 0.0)
    (here / "large").write_bytes(b"large one")
    first = contents.digest("large")
    monkeypatch.setattr(contents.hashlib, "file_digest", lambda *_: pytest.fail("was read again"))
    time.sleep(0.01)
    assert contents.digest("large") == first
    monkeypatch.undo()
    monkeypatch.setattr(contents, "SMALL", 4)
    status = (here / "large").stat()
    (here / "large").write_bytes(b"large two")
    os.utime(here / "large", ns=(status.st_atime_ns, status.st_mtime_ns))  # as cp -p leaves it
    assert contents.digest("large") != first


def test_a_large_file_that_changed_just_now_is_read_again(here, monkeypatch):
    monkeypatch.setattr(contents, "SMALL", 4)
    (here / "large").write_bytes(b"large one")
    contents.digest("large")
    assert contents.seen == {}


def test_a_folder_is_no_input(here):
    with pytest.raises(BadInput, match="found a directory, expected a file"):
        take([here])


def test_the_code_of_a_training_is_all_that_it_imports_of_the_recipe():
    names = set(contents.sources([ROOT / "cer" / "bin" / "train.py", ROOT / "cer" / "models" / "downup.py"]))
    assert {
        "cer/bin/train.py",
        "cer/training/train.py",
        "cer/models/downup.py",
        "cer/models/layers/conv.py",
        "cer/data/cmvn.py",
    } < names
    assert "cer/models/dilated.py" not in names and "cer/prediction/recognizer.py" not in names
    assert {"local/paper/figure1_train.py", "cer/models/single.py"} < set(
        contents.sources([ROOT / "local" / "paper" / "figure1_train.py"])
    )
    assert {"utils/launch/__init__.py", "utils/launch/watch.py", "utils/launch/progress.py"} < set(
        contents.sources([ROOT / "utils" / "slurm.py"])
    )
    assert {"utils/datadir/validate.py", "utils/datadir/data_rules.py", "cer/base/tables.py"} < set(
        contents.sources([ROOT / "utils" / "datadir" / "fix.py"])
    )
    names = set(contents.sources([ROOT / "local" / "paper" / "figure5.py"]))
    assert {"local/results/style.py", "local/results/systems.py", "cer/base/facts.py"} < names
    assert not {name for name in names if name.startswith("local/page/")}
    assert "egs/synth/model/voice.py" in contents.sources([ROOT / "egs" / "synth" / "generate.py"])


def test_a_lock_has_one_owner_and_ends_with_it(here):
    refused = pytest.raises(BadInput, match=rf"run1: process {os.getpid()} on .* is at work on it")
    with facts.alone(here / ".lock", "run1"), refused, facts.alone(here / ".lock", "run1"):
        pass
    with facts.alone(here / ".lock", "run1"):
        pass


ODD = [
    "plain",
    "a: b",
    "9.41\u202fAM",
    "no\xa0break",
    "two\nlines",
    "tab\tbed",
    "back\\slash",
    "not\udcffutf8",
    r"\x3a",
    r"\n",
]


@pytest.mark.parametrize("name", ODD)
def test_work_in_folders_of_any_name_is_finished_once(tmp_path, monkeypatch, name):
    monkeypatch.setattr(contents, "seen", {})
    folder = tmp_path / name
    folder.mkdir()
    for file in ("in.wav", "in.ark", "out.ark"):
        (folder / file).write_text(file)
    if name.isprintable() and "\\" not in name:
        (folder / "in.scp").write_text(f"P16 {folder}/in.ark\n")
    inputs = [folder / "in.wav", folder / "in.scp"]
    stamp = Stamp(tmp_path / ".done")
    assert stamp.commit([folder / "out.ark"], take(inputs)) == []
    assert stamp.stale(take(inputs)) == [] == stamp.stale() and stamp.read() is not None
    (folder / "out.ark").write_text("other")
    assert "out.ark: was sha256" in stamp.damaged()[0]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("colons", [False, True])
def test_a_path_in_a_stamp_is_one_word_of_one_line_and_comes_back(name, colons):
    text = contents.escaped(name, colons)
    assert contents.unescaped(text) == name and not {*"\t\n\r"} & {*text} and not (colons and ":" in text)
    text.encode("utf-8")
