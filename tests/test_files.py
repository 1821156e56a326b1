"""cer/base/files.py: files are whole or not there, and texts are read with their faults named."""

import errno
import fcntl
import os
import resource
import threading
from pathlib import Path

import pytest

from cer.base import files
from cer.base.errors import BadInput


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("mode, content", [("w", "ä\n"), ("wb", b"\xff\0")])
def test_a_file_appears_when_it_is_whole(tmp_path, monkeypatch, mode, content):
    synced, path = [], tmp_path / "new" / "er" / "a.txt"
    monkeypatch.setattr(files.os, "fsync", lambda descriptor: synced.append(names(tmp_path / "new" / "er")))
    with files.replacing(path, mode) as file:
        file.write(content)
        assert names(tmp_path / "new" / "er") == [".a.txt.tmp~"]
    assert names(tmp_path / "new" / "er") == ["a.txt"] and synced == [[".a.txt.tmp~"]]
    assert path.read_bytes() == (content if mode == "wb" else content.encode())


def test_what_fails_leaves_what_was_there(tmp_path):
    files.write_text(tmp_path / "a", "old")
    for error in (ValueError("no"), KeyboardInterrupt()):
        with pytest.raises(type(error)), files.replacing(tmp_path / "a") as file:
            file.write("new")
            raise error
    assert names(tmp_path) == ["a"] and (tmp_path / "a").read_text() == "old"


@pytest.mark.parametrize("given, told", [(None, "a"), ("other", "other")])
def test_a_full_disk_says_of_which_file(tmp_path, given, told):
    with pytest.raises(OSError) as error, files.replacing(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device", given)
    assert str(error.value.filename).endswith(told)


def test_a_disk_that_is_full_at_the_end_of_the_work_does_too(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(OSError) as error:
            files.write_text(tmp_path / "a", "more than ten bytes")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert error.value.filename == str(tmp_path / "a") and names(tmp_path) == []


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(IsADirectoryError) as error:
        files.write_text(tmp_path / "a", "x")
    assert error.value.filename == str(tmp_path / "a") and [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_a_killed_process_left_is_written_over_and_a_second_writer_waits(tmp_path):
    (tmp_path / ".a.tmp~").write_text("much more than what is written now")
    entered, done = threading.Event(), threading.Event()

    def second():
        entered.set()
        files.write_text(tmp_path / "a", "two")
        done.set()

    with files.replacing(tmp_path / "a") as file:
        file.write("one")
        thread = threading.Thread(target=second)
        thread.start()
        assert entered.wait(10) and not done.wait(0.05)
    thread.join(10)
    assert (tmp_path / "a").read_text() == "two" and names(tmp_path) == ["a"]


def test_a_writer_that_waited_for_another_takes_a_file_of_its_own(tmp_path, monkeypatch):
    lock, calls = fcntl.flock, []

    def waiting(descriptor, how):  # the first time another process has finished meanwhile
        lock(descriptor, how)
        if not calls:
            (tmp_path / ".a.tmp~").rename(tmp_path / "a")
            (tmp_path / ".a.tmp~").touch()
        calls.append(how)

    monkeypatch.setattr(files.fcntl, "flock", waiting)
    with files.replacing(tmp_path / "a") as file:
        file.write("two")
        assert (tmp_path / "a").read_text() == "" and len(calls) == 2
    assert (tmp_path / "a").read_text() == "two" and names(tmp_path) == ["a"]


def test_only_what_nobody_writes_any_more_is_cleared(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in (".a.tmp~", "sub/.b.txt.tmp~", ".live.tmp~", "c.tmp~", ".d", "sub/.mine.tmp"):
        (tmp_path / name).write_text("x")
    with (tmp_path / ".live.tmp~").open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        files.clear_abandoned(tmp_path)
    assert names(tmp_path) == [".d", ".live.tmp~", "c.tmp~", "sub"] and names(tmp_path / "sub") == [".mine.tmp"]


def test_what_is_set_aside_gets_the_next_number(tmp_path):
    for number in (1, 2, 3):
        (tmp_path / "a").write_text(str(number))
        assert files.set_aside(tmp_path / "a") == tmp_path / ".backup" / f"a.{number}"
    assert (tmp_path / ".backup" / "a.2").read_text() == "2" and not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "data, text",
    [
        (b"", ""), (b"a\r\nb\rc\n", "a\nb\nc\n"), (b"\xef\xbb\xbfa\n", "a\n"), ("ä\u2028\x0b".encode(), "ä\u2028\x0b"),
    ],
)  # fmt: skip
def test_texts_have_lines_of_lf_and_no_mark(tmp_path, data, text):
    (tmp_path / "t").write_bytes(data)
    assert files.read_text(tmp_path / "t") == text and files.read_bytes(tmp_path / "t") == data
    assert files.encoding_fault(data) is None


@pytest.mark.parametrize(
    "data, message",
    [
        (b"a\nb\ncaf\xe9\n", r":3: found b'\\xe9', which is not UTF-8, expected UTF-8; convert it"),
        (b"\xe9", ":1: found"),
        (b"\n\xe9", ":2: found"),
        ("ab".encode("utf-16-le"), None),
        (b"\xff\xfea\0", ":1: found UTF-16, expected UTF-8"),
        (b"\xfe\xff\0a", ":1: found UTF-16"),
    ],
)
def test_what_is_not_utf_8_is_named_with_its_line(tmp_path, data, message):
    (tmp_path / "t").write_bytes(data)
    if message is None:  # NULs are UTF-8
        assert files.read_text(tmp_path / "t") == "a\0b\0"
    else:
        with pytest.raises(BadInput, match=f"{tmp_path}/t{message}"):
            files.read_text(tmp_path / "t")


def test_what_cannot_be_opened_is_named_with_the_cure(tmp_path):
    with pytest.raises(BadInput, match="none: cannot be read .No such file or directory.; make it"):
        files.read_text(tmp_path / "none", "make it")
    with pytest.raises(BadInput, match="check the path"):
        files.read_bytes(tmp_path / "a\0b")


@pytest.fixture
def little_memory():
    """No more address space than 64 MiB beyond what is taken already."""
    before, taken = resource.getrlimit(resource.RLIMIT_AS), int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (taken * resource.getpagesize() + (64 << 20), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def test_a_pipe_into_which_nobody_may_ever_write_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "a")
    with pytest.raises(BadInput, match="a: cannot be read .it is a named pipe, into which nobody may .*; take another"):
        files.read_bytes(tmp_path / "a", "take another")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full"])
def test_a_device_that_never_ends_is_not_read(tmp_path, little_memory, device):
    (tmp_path / "a").symlink_to(device)
    with pytest.raises(BadInput, match="a: cannot be read .it is a device, which may never end.; take another"):
        files.read_bytes(tmp_path / "a", "take another")


def test_nothing_and_what_a_pipe_brings_are_read(tmp_path):
    (tmp_path / "a").symlink_to(os.devnull)
    assert files.read_bytes(os.devnull) == files.read_bytes(tmp_path / "a") == b""
    read, write = os.pipe()
    os.write(write, b"abc")
    os.close(write)
    assert files.read_bytes(f"/dev/fd/{read}") == b"abc"  # as bash names <(command)
    os.close(read)


def test_links_are_followed_as_far_as_they_lead(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c").symlink_to("c")  # in a circle
    found = [str(files.real(tmp_path / name)) for name in ("b/x/../y", "c", "c/x")]
    assert found == [f"{tmp_path}/a/y", f"{tmp_path}/c", f"{tmp_path}/c/x"]


def test_texts_are_brought_to_the_disk(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(files.os, "fsync", synced.append)
    files.write_text(tmp_path / "a", "x")
    assert len(synced) == 1


def test_an_empty_file_over_what_a_killed_process_left_is_empty_and_everybodys_to_read(tmp_path):
    (tmp_path / ".a.tmp~").write_text("left")
    files.write_text(tmp_path / "a", "")
    assert (tmp_path / "a").read_bytes() == b""
    files.write_text(tmp_path / "b", "")
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_temporary_file_that_is_away_hides_no_error(tmp_path):
    with pytest.raises(ValueError, match="first"), files.replacing(tmp_path / "a"):
        (tmp_path / ".a.tmp~").unlink()
        raise ValueError("first")
