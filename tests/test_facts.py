"""cer.base.facts, cer.base.contents: what work was made from and what it left, by content."""

import hashlib
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
    monkeypatch.setattr(contents, "parsed", {})
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
    return stamp.stale(take(INPUTS, options, ["main.py"]))


def test_work_without_a_stamp_is_to_be_done(here):
    assert stale(Stamp(here / ".done")) == ["it was not finished yet"]


def test_the_same_inputs_options_and_code_are_recognised(here):
    assert stale(stamped(here)) == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.txt", "two\n", "input a.txt: was sha256 "),
        ("a.txt", "one # 1\n", "input a.txt: was sha256 "),
        ("none.txt", "", "input none.txt: was missing, is sha256 "),
        ("x.ark", "Features", "x.ark: was sha256 "),
        ("x.conf", "--rate=2\n", "input x.conf: was"),
        ("main.py", "import part\nprint(part.ONE + 1)\n", "main.py: was"),
        ("part.py", "ONE = 2\n", "part.py: was"),
        ("part.py", "", "part.py: was"),
    ],
)
def test_another_content_is_a_change_whatever_the_times(here, name, text, told):
    stamp = stamped(here)
    before = (here / name).stat() if (here / name).exists() else None
    (here / name).write_text(text)
    if before:
        os.utime(here / name, ns=(before.st_atime_ns, before.st_mtime_ns))
    [found] = stale(stamp)
    assert told in found and stamp.stale() == [found]


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
    called = [
        do(".done", lambda: calls.append((here / "b").write_text("b")), inputs=["a.txt"], outputs=["b"]) for _ in "12"
    ]
    assert called == [True, False] and len(calls) == 1


def test_work_may_end_in_another_process_than_it_began_in(here):
    Stamp(".done").begin(take(["a.txt"]))
    assert Stamp(".done").commit(["x.ark"]) == []
    assert Stamp(".done").stale(take(["a.txt"])) == [] and not (here / ".done.begun").exists()
    with pytest.raises(BadInput, match=".done.begun: no such file; expected the work to have begun"):
        Stamp(".done").commit(["x.ark"])


def test_facts_are_numbered_options_files_and_code(here):
    text = (here / "a.txt").read_bytes()
    facts = take(["a.txt", "none"], ["x", ""], ["part.py"])
    assert facts.pop(f"code {os.path.relpath(here / 'part.py', ROOT)}").startswith("sha256 ")
    assert facts == {
        "input a.txt": f"sha256 {hashlib.sha256(text).hexdigest()}", "input none": "missing",
        "option 1": "'x'", "option 2": "''",
    }  # fmt: skip


@pytest.mark.parametrize("number, more", [(2, []), (3, []), (4, ["and 1 more"]), (6, ["and 3 more"])])
def test_three_differences_are_told_and_the_others_counted(number, more):
    new = {f"input {n}": "b" for n in range(number)}
    told = [f"input {n}: was not there, is b" for n in range(min(number, 3))]
    assert facts.differences({"option 1": "x"}, new | {"option 1": "x"}) == told + more
    assert facts.differences({"input 9": "a", "input 8": "a"}, {"input 9": "b"}) == [
        "input 9: was a, is b",
        "input 8: was a, is not there",
    ]


def test_work_is_outdated_by_its_inputs_and_outputs_and_not_by_code(here):
    assert Stamp(".done").outdated() == []  # nothing is known
    (here / ".done").write_text("torn")
    assert Stamp(".done").outdated() == ["it was not finished yet"]
    assert Stamp(".done").commit(["x.ark"], take(["a.txt"], ["x"], ["part.py"])) == []
    (here / "part.py").write_text("ONE = 3\n")
    assert Stamp(".done").outdated() == []
    for name in ("a.txt", "x.ark"):
        (here / name).write_text("other")
    assert [text.partition(": was ")[0] for text in Stamp(".done").outdated()] == ["input a.txt", "output x.ark"]


def test_one_value_stands_for_many_facts_in_any_order():
    one = {"input a": "sha256 1", "option 1": "'x'"}
    assert facts.summary(one) == facts.summary(dict(reversed(one.items()))) != facts.summary(one | {"option 1": "'y'"})


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
    first = f"sha256 {hashlib.sha256(b'large one').hexdigest()}"
    assert contents.digest("large") == first
    with monkeypatch.context() as unread:
        unread.setattr(contents.hashlib, "file_digest", lambda *_: pytest.fail("was read again"))
        assert contents.digest("large") == first
    status = (here / "large").stat()
    time.sleep(0.02)
    (here / "large").write_bytes(b"large two")
    os.utime(here / "large", ns=(status.st_atime_ns, status.st_mtime_ns))  # as cp -p leaves it
    assert contents.digest("large") == f"sha256 {hashlib.sha256(b'large two').hexdigest()}"


@pytest.mark.parametrize("size, age, kept", [(2**20, 9, 0), (2**20 + 1, 1.9, 0), (2**20 + 1, 2.1, 1)])
def test_files_of_over_a_mebibyte_that_have_not_changed_for_two_seconds_are_remembered(
    here, monkeypatch, size, age, kept
):
    os.truncate(here / "a.txt", size)
    changed = (here / "a.txt").stat().st_ctime
    monkeypatch.setattr(contents.time, "time", lambda: changed + age)
    contents.digest("a.txt")
    assert len(contents.seen) == kept


def test_a_large_file_that_changes_while_it_is_read_is_read_again(here, monkeypatch):
    monkeypatch.setattr(contents, "SMALL", 2)
    monkeypatch.setattr(contents, "SETTLED", 0.0)

    def changed(*_):
        os.truncate("a.txt", 3)
        return hashlib.sha256(b"one\n")

    monkeypatch.setattr(contents.hashlib, "file_digest", changed)
    contents.digest("a.txt")
    assert contents.seen == {}


def test_what_is_known_of_large_files_stands_in_the_stamp(here, monkeypatch):
    monkeypatch.setattr(contents, "SMALL", 2)
    monkeypatch.setattr(contents, "SETTLED", 0.0)
    stamped(here)
    monkeypatch.setattr(contents, "seen", {})
    monkeypatch.setattr(contents.hashlib, "file_digest", lambda *_: pytest.fail("was read again"))
    assert Stamp(here / "exp" / ".done").stale() == []


@pytest.mark.parametrize(
    "path", ["none.py", "a.txt/none", "no\0name", pytest.param("long" * 99, id="a long name"), "self"]
)
def test_a_file_that_is_not_there_is_missing(here, path):
    (here / "self").symlink_to("self")
    assert contents.digest(path) == "missing" == contents.of_code(path)


def test_a_program_that_is_not_python_is_itself_alone_and_its_comments_count(here):
    (here / "x.sh").write_text("echo $1 # twice\n")
    assert list(contents.sources(["x.sh"]).values()) == [here / "x.sh"]
    assert contents.of_code("x.sh") == f"sha256 {hashlib.sha256((here / 'x.sh').read_bytes()).hexdigest()}"


def test_a_table_names_files_and_no_pipes_each_once(here):
    for name in ("b", "c", "cat b |", "| cat"):
        (here / name).write_text("x")
    (here / "y.scp").write_text("1 c:5\n2 b\n3 cat b |\n4 | cat\n5 c[0:3]\n6 none\n7 c:9\n")
    assert contents.named_files("y.scp") == ["b", "c"]


@pytest.mark.parametrize(
    "command",
    ["sph2pipe -f wav d/a.sph |", "cat<d/a.sph|sox - x |", "sox 'd/a.sph' x|", 'reverb --rir="sox d/a.sph x |" -|',
     "wav-copy scp:d/a.sph - |", "it's d/a.sph |", f"cat {'x' * 300} d d/a.sph |"],
)  # fmt: skip
def test_a_table_names_the_files_in_its_commands(here, command):
    (here / "d").mkdir()
    (here / "d" / "a.sph").write_text("x")
    (here / "y.scp").write_text(f"1 {command}\n")
    assert contents.named_files("y.scp") == ["d/a.sph"]
    (here / "y.scp").write_text("1 sox 'd/a b.sph' x |\n")
    (here / "d" / "a.sph").rename(here / "d" / "a b.sph")
    assert contents.named_files("y.scp") == ["d/a b.sph"]


def test_imports_lead_from_file_to_file_but_not_out_of_a_packages_functions(here):
    texts = {
        "start.py": "import pkg.one\n", "pkg/__init__.py": "from . import five\n\ndef f():\n    from . import six\n",
        "pkg/one.py": "def f():\n    from . import two\n    from .sub.three import X\n",
        "pkg/two.py": "", "pkg/five.py": "", "pkg/sub/__init__.py": "", "pkg/sub/three.py": "from ..four import f\n",
        "pkg/four.py": "", "pkg/six.py": "",
    }  # fmt: skip
    for name, text in texts.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(text)
    found = [str(path.relative_to(here)) for path in contents.sources(["start.py"]).values()]
    assert found == sorted(texts.keys() - {"pkg/six.py"})


def test_a_program_that_is_not_there_is_named(here):
    (here / "circle.py").symlink_to("circle.py")
    with pytest.raises(BadInput, match=f"{here}/circle.py: no such program"):
        take(code=["circle.py"])
    with pytest.raises(BadInput, match=f"{here}/none.py: no such program"):
        contents.sources(["none.py"])


def test_a_folder_in_the_place_of_an_output_is_a_change(here):
    (here / "out").write_text("x")
    stamp = stamped(here, ["out"])
    (here / "out").unlink()
    (here / "out").mkdir()
    assert stale(stamp) == stamp.damaged() == [f"output out: was {contents.checksum(b'x')}, is no file"]
    (here / "a.txt").unlink()
    os.mkfifo(here / "a.txt")
    assert "input a.txt: was sha256" in stamp.outdated()[0]


@pytest.mark.parametrize("note", ["parsed x.py\t1 2 3", "parsed x.py", "seen x"])
def test_a_damaged_note_is_no_note(here, note):
    stamp = stamped(here)
    stamp.path.write_text(stamp.path.read_text().replace("\nend", f"\n{note}\nend"))
    contents.parsed.clear()
    assert stale(stamp) == [] and "x.py" not in contents.parsed


def test_a_folder_is_no_input(here):
    with pytest.raises(BadInput, match="found a directory, expected a file"):
        take([here])


def test_no_checksum_waits_for_a_pipe_or_reads_a_device_for_ever(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(BadInput, match=f"^{path}: found a pipe or device, expected a file"):
            contents.digest(path)
    assert contents.digest(os.devnull) == contents.checksum(b"")


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


@pytest.mark.parametrize(
    "path, text, colons",
    [
        ("a: b", "a: b", False), ("a: b", r"a\x3a b", True), ("tab\tbed", r"tab\tbed", False),
        ("two\nlines\r", r"two\nlines\r", False), ("back\\slash", r"back\\slash", False),
        ("not\udcffutf8", r"not\udcffutf8", False),
    ],
)  # fmt: skip
def test_a_stamp_spells_a_path_like_this(path, text, colons):
    assert contents.escaped(path, colons) == text and contents.unescaped(text) == path


@pytest.mark.parametrize("damaged", ["a\\lb", "end\\", r"\u12", r"\xff"])
def test_what_a_damaged_stamp_spells_otherwise_stays_as_it_is(damaged):
    assert contents.unescaped(damaged) == damaged


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


def test_a_stamp_remembers_code_so_that_it_is_not_parsed_again(here, monkeypatch):
    monkeypatch.setattr(contents, "SETTLED", -1.0)  # a moment ago is long enough
    stamp = stamped(here)
    contents.parsed.clear()
    assert stamp.read() is not None and len(contents.parsed) == 2
    with monkeypatch.context() as without:
        without.setattr(contents.ast, "parse", None)
        assert stale(stamp) == []
    (here / "part.py").write_text("ONE = 12\n")
    assert "part.py: was sha256" in stale(stamp)[0]


def test_a_stamp_learns_what_it_could_not_remember_when_it_was_written(here, monkeypatch):
    stamp = stamped(here)  # the files changed a moment ago
    assert not contents.parsed
    monkeypatch.setattr(contents, "SETTLED", -1.0)
    text = stamp.path.read_text()
    assert stale(stamp) == [] and stamp.path.read_text() != text
    contents.parsed.clear()
    assert stamp.read() is not None and len(contents.parsed) == 2
    text = stamp.path.read_text()
    (here / "a.txt").write_text("two")
    assert stale(stamp) != [] and stamp.path.read_text() == text
