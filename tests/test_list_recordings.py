"""cer/bin/list_recordings.py: a folder of recordings as a table."""

import os

import pytest

from cer.base.tables import read_table
from cer.bin import list_recordings


def listed(folder, tmp_path, capsys):
    list_recordings.main([str(folder)])
    found = capsys.readouterr()
    (tmp_path / "wav.scp").write_text(found.out)
    return read_table(tmp_path / "wav.scp"), found.err


def test_ids_are_paths_without_slashes_and_blanks(tmp_path, capsys):
    for name in ["b/2 é.wav", "a.WAV", "c\u2028\x07.flac", "notes.txt", "folder.wav/x.mp3"]:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()
    table, warnings = listed(tmp_path / "in", tmp_path, capsys)
    assert list(table) == ["a", "b-2_é", "c__", "folder.wav-x"] and not warnings
    assert table["c__"] == str(tmp_path / "in" / "c\u2028\x07.flac")


BAD = [b"caf\xe9.wav", b"two\nlines.wav", b"cr\rname.wav", b"..wav"]


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_no_table_can_name_is_left_out_and_the_rest_goes_on(tmp_path, capsys, name):
    (tmp_path / "in").mkdir()
    for one in (b"a.wav", name, b"z.wav"):
        (tmp_path / "in" / os.fsdecode(one)).touch()
    table, warnings = listed(tmp_path / "in", tmp_path, capsys)
    assert list(table) == ["a", "z"] and "WARNING" in warnings and "left out" in warnings
    for one in ("a.wav", "z.wav"):
        (tmp_path / "in" / one).unlink()
    with pytest.raises(SystemExit, match="found 1 audio files, expected names that a table can hold"):
        list_recordings.main([str(tmp_path / "in")])


def test_what_is_no_folder_must_be_a_file(tmp_path, capsys):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "a.wav").touch()
    assert listed(tmp_path / "a.wav", tmp_path, capsys)[0] == {"a": str(tmp_path / "a.wav")}
    for name, message in (("fifo", "is a pipe"), ("folder.wav", "found no audio file"), ("none", "No such file")):
        with pytest.raises(SystemExit, match=message):
            list_recordings.main([str(tmp_path / name)])
