"""cer/base/tables.py: the rules of Kaldi's text tables, which are the same for every program."""

import re
import time

import pytest

from cer.base import tables
from cer.base.errors import BadInput
from cer.base.tables import read_table, write_table

MARK = "\ufeff".encode()


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content, table",
    [
        ("a 1 2\nb\t3 4\n", {"a": "1 2", "b": "3 4"}),
        ("a \t 1\t2 \nb 2\t\n", {"a": "1\t2", "b": "2"}),
        ("b 1\na 2", {"b": "1", "a": "2"}),  # the file's order; the last line's end may lack
        ("a 1\r\nb 2\r\n", {"a": "1", "b": "2"}),
        (MARK + b"a 1\n" + MARK + b"b 2\n", {"a": "1", "b": "2"}),
        # What other readers take for ends of lines or for blanks belongs to the value.
        ("a x\u2028y\x0bz\x0c\x85\x1c\nb  \u00a01\n", {"a": "x\u2028y\x0bz\x0c\x85\x1c", "b": "\u00a01"}),
        ("s/a-1 x\na..b y\n~c [z]\n-d |\nü x\n", {"s/a-1": "x", "a..b": "y", "~c": "[z]", "-d": "|", "ü": "x"}),
        (f"{'ü' * 120}/{'b' * 240} x\n", {f"{'ü' * 120}/{'b' * 240}": "x"}),
    ],
)
def test_a_table_is_read(tmp_path, content, table):
    found = read_table(written(tmp_path / "wav.scp", content))
    assert found == table and list(found) == list(table)


WRONG = [
    ("a 1\na 2\n", ":2: a stands here for the second time"),
    ("a 1\n\nb 2\n", ":2: found an empty line, expected none.*fix_data_dir.sh"),
    ("a 1\n  \n", ":2: found an empty line"),
    ("a 1\n b 2\n", ":2: found white space at the start of the line.*fix_data_dir.sh"),
    ("a 1\nb\n", ":2: found 'b', expected an id, a blank and a value"),
    ("a 1\nb \t\n", ":2: found 'b', expected an id"),
    (b"a 1\nb caf\xe9\n", r":2: found b'\\xe9', which is not UTF-8, expected UTF-8; convert it"),
    (b"caf\xe9 1\n", ":1: found b'.xe9', which is not UTF-8"),
    ("a 1\n".encode("utf-16"), ":1: found UTF-16, expected UTF-8"),
    (b"a 1\nb x\0y\n", r":2: found 'b x\\x00y', expected no NUL"),
    ("a 1\rb 2\r", ":1: found 'a 1.rb 2', expected .* no carriage return"),
    ("a\x0b1\n", r":1: found the id 'a\\x0b1', expected an id of printable"),
    ("a\u20281 x\n", r":1: found the id 'a\\u20281'"),
    ("a\u00a0b x\n", ":1: found the id"),
    ("a\x1b[31m x\n", ":1: found the id"),
    *((f"{key} x\n", ":1: found the id .* expected an id that stays in its folder")
      for key in ["/a", "../a", "a/../../b", "a/..", "..", ".", "./a", "a/./b", "a//b", "a/", "/"]),
    ("a 1\n" + "ü" * 121 + " x\n", ":2: found the id .* expected an id that can be a file's name: up to 240 bytes"),
    ("", "is empty; run stage 0"),
]  # fmt: skip


@pytest.mark.parametrize("content, message", WRONG, ids=[repr(content)[:20] for content, _ in WRONG])
def test_a_fault_is_named_with_its_file_and_line(tmp_path, content, message):
    path = written(tmp_path / "wav.scp", content)
    with pytest.raises(BadInput, match=f"^{path}.*{message}"):
        read_table(path, "run stage 0")


@pytest.mark.parametrize("name, line", [("utt2spk", "a ../a"), ("spk2utt", "a a-1 /a-2"), ("utt2spk", "a b\u00a0c")])
def test_values_that_are_ids_are_no_paths_either(tmp_path, name, line):
    with pytest.raises(BadInput, match=f"{name}:1: found the id .* expected an id"):
        read_table(written(tmp_path / name, f"{line}\n"))
    assert read_table(written(tmp_path / "wav.scp", f"{line}\n"))  # there the value is a path


def test_what_is_read_over_is_told_with_what_mends_it(tmp_path):
    table = tables.Table(written(tmp_path / "t", MARK + b"a 1\r\nb 2\r\nc\x07 3"))
    table.note(0, "too little", "more")
    assert list(table.messages("run it")) == [
        f"{tmp_path}/t:3: found a last line without a line end, expected one: Kaldi's tools may drop the line; run it",
        f"{tmp_path}/t:1: found 2 line ends of Windows (CR LF), expected LF only; run it",
        f"{tmp_path}/t:1: found a byte order mark in 1 lines (saved by a program of Windows?), expected plain UTF-8;"
        " run it",
        rf"{tmp_path}/t:3: found the id 'c\x07', expected an id of printable characters without white space;"
        " rename it in every file",
        f"{tmp_path}/t: found too little, expected more",
    ]


def test_an_id_may_be_alone_where_values_may_lack(tmp_path):
    assert read_table(written(tmp_path / "text", "a\nb words\n"), bare=True) == {"a": "", "b": "words"}


@pytest.mark.parametrize("name", ["none", "folder", "nul\0name", "x" * 300])
def test_what_cannot_be_opened_is_named_with_the_cure(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match="(?s)cannot be read.*run stage 0"):
        read_table(tmp_path / name, "run stage 0")


def test_ten_thousand_lines_are_read_at_once(tmp_path):
    table = {f"P{n:05d}-1": f"/data/raw_fbank_train.1.ark:{n}" for n in range(10000)}
    write_table(tmp_path / "feats.scp", table)
    started = time.process_time()
    assert read_table(tmp_path / "feats.scp") == table
    assert time.process_time() - started < 1  # s; comparing each line with all others takes minutes


def test_tables_are_written_in_c_order(tmp_path):
    write_table(tmp_path / "t", {"P2": 1, "P10": 2, "P1_a": 3, "P1-a": 4, "ü": "a b"})
    assert (tmp_path / "t").read_text() == "P1-a 4\nP10 2\nP1_a 3\nP2 1\nü a b\n"


@pytest.mark.parametrize(
    "key, value",
    [
        *(("a", value) for value in ["x\ny", "x\ry", "x ", " x", "x\t", "x\0", "caf\udce9"]),
        *((key, "x") for key in ["a b", "a\nb", "", "../a", "\ufeffa"]),
    ],
)
def test_what_would_not_be_read_back_is_not_written(tmp_path, key, value):
    line, expected = f"{key} {value}", "an id" if value == "x" and key != "a" else "a value"
    with pytest.raises(BadInput, match=f"t: {re.escape(repr(line))} cannot be a line of a table; expected {expected}"):
        write_table(tmp_path / "t", {"good": "1", key: value})
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_the_same_already_is_not_written_again(tmp_path):
    assert tables.write_if_changed(tmp_path / "new/t", "ä 1\n") and not tables.write_if_changed(
        tmp_path / "new/t", "ä 1\n"
    )
    assert tables.write_if_changed(tmp_path / "new/t", "a 2\n") and (tmp_path / "new/t").read_text() == "a 2\n"


def test_spk2utt_is_the_inverse_of_utt2spk():
    assert tables.inverse({"b-2": "b", "a-1": "a", "b-1": "b"}) == {"a": "a-1", "b": "b-1 b-2"}


@pytest.mark.parametrize(
    "content, message, mended, harmless",
    [
        ("a 1\nb 2", ":2: found a last line without a line end", True, True),
        ("a 1\nb 2\r\nc 3\r\n", ":2: found 2 line ends of Windows (CR LF), expected LF only", True, True),
        ("a 1\n\ufeffb 2\n", ":2: found a byte order mark in 1 lines", True, True),
        ("a 1\n\n", ":2: found an empty line", True, False),
        ("a 1\n b 2\n", ":2: found white space at the start of the line", True, False),
        ("a 1\n../b 2\n", ":2: found the id '../b'", False, False),
        ("a 1\nb 2\0\n", ":2: found 'b 2", False, False),
    ],
)
def test_what_fix_data_dir_mends_and_what_readers_read_over(tmp_path, content, message, mended, harmless):
    table = tables.Table(written(tmp_path / "t", content))
    [problem] = table.problems
    assert (problem.number, problem.mended, problem.harmless) == (2, mended, harmless)
    [told] = table.messages("mend it")
    assert told.startswith(f"{tmp_path / 't'}{message}") and told.endswith("; mend it") == mended
    if harmless:
        assert table.checked() is table
    else:
        with pytest.raises(BadInput) as error:
            table.checked()
        assert ("utils/fix_data_dir.sh mends it" in str(error.value)) == mended


@pytest.mark.parametrize(
    "where, parts",
    [
        ("a.ark:12", ("a.ark", 12, None)),
        ("a.ark:12[0:3]", ("a.ark", 12, "0:3")),
        ("a.ark:12[x]", ("a.ark", 12, "x")),
        ("a [b]/c:4.ark:5[]", ("a [b]/c:4.ark", 5, "")),
        ("a.mat[:,0:9]", ("a.mat", 0, ":,0:9")),
        ("a [b]", ("a [b]", 0, None)),
        ("a[0:1]]", ("a[0:1]]", 0, None)),
        ("a]", ("a]", 0, None)),
        ("12", ("12", 0, None)),
        (":12", (":12", 0, None)),
        (f"a.ark:{'9' * 19}", (f"a.ark:{'9' * 19}", 0, None)),
    ],
)
def test_a_place_in_an_archive_is_taken_apart(where, parts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert tables.taken_apart(where) == parts


def test_a_file_whose_name_ends_in_brackets_is_itself(tmp_path):
    (tmp_path / "a[0:1]").touch()
    assert tables.taken_apart(f"{tmp_path}/a[0:1]") == (f"{tmp_path}/a[0:1]", 0, None)
