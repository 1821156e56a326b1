"""cer/bin/list_recordings.py: a folder of recordings as a table."""

import os

import pytest

from cer.base.tables import read_table
from cer.bin import list_recordings


def listed(folder, tmp_path, capsys, *options):
    list_recordings.main([*options, str(folder)])
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


def test_lists_tables_and_csvs_name_files_relative_to_the_current_folder(tmp_path, capsys, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "my.txt").write_text("../x/b.wav\n\n../x/a b/c.mp3\r\n../x/b.wav\n")
    x, y = tmp_path / "x", tmp_path / "here/y"
    assert listed("../my.txt", tmp_path, capsys)[0] == {"a_b-c": f"{x}/a b/c.mp3", "b": f"{x}/b.wav"}
    (tmp_path / "my.scp").write_text("u2 y/b.wav\nu1 ../x/a b.wav\n")
    assert listed("../my.scp", tmp_path, capsys)[0] == {"u1": f"{x}/a b.wav", "u2": f"{y}/b.wav"}
    (tmp_path / "my.csv").write_text('id,file,path\nfirst,y/1.wav,"1,5.wav"\nsecond/b,y/2.wav,\n')
    found = listed("../my.csv", tmp_path, capsys, "--column=file")[0]
    assert found == {"first": f"{y}/1.wav", "second-b": f"{y}/2.wav"}
    (tmp_path / "my.csv").write_text("path,id2\ny/1/a.wav,x\ny/2/a.wav,x\n")
    assert [*listed("../my.csv", tmp_path, capsys)[0]] == ["1-a", "2-a"]
    (tmp_path / "one.lst").write_text("y/1/a.wav\n")
    assert [*listed("../one.lst", tmp_path, capsys)[0]] == ["a"]


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


def test_what_is_left_out_takes_no_name_from_another(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    for one in (BAD[0], b"caf_.wav"):
        (tmp_path / "in" / os.fsdecode(one)).touch()
    assert [*listed(tmp_path / "in", tmp_path, capsys)[0]] == ["caf_"]
    (tmp_path / "in.txt").write_bytes(b"b\0.wav\nb_.wav\n")  # no file can be called so
    assert [*listed(tmp_path / "in.txt", tmp_path, capsys)[0]] == ["b_"]


def test_a_link_that_leads_in_a_circle_does_not_keep_the_rest_from_being_listed(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.wav").touch()
    (tmp_path / "in/b.wav").symlink_to("b.wav")  # told when it is predicted, as any that cannot be read
    assert listed(tmp_path / "in", tmp_path, capsys)[0] == {"a": f"{tmp_path}/in/a.wav", "b": f"{tmp_path}/in/b.wav"}


def test_sound_that_is_left_out_of_a_folder_is_named(tmp_path, capsys):
    for name in ("in/a.wav", "in/x/film.MP4", "in/a.m4a", "in/notes.txt", "elsewhere/b.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "in" / "more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "c.wav").symlink_to(tmp_path / "elsewhere" / "b.wav")
    table, warnings = listed(tmp_path / "in", tmp_path, capsys)
    assert list(table) == ["a", "c"] and warnings.count("\n") == 2
    assert f"left out: {tmp_path}/in/x/film.MP4; convert such files: ffmpeg" in warnings
    assert f"left out: {tmp_path}/in/more, links to folders; give a list of all recordings instead" in warnings


def test_what_is_no_folder_must_be_a_file(tmp_path, capsys):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "a.wav").touch()
    assert listed(tmp_path / "a.wav", tmp_path, capsys)[0] == {"a": str(tmp_path / "a.wav")}
    for name, message in (("fifo", "is a pipe"), ("folder.wav", "found no audio file"), ("none", "No such file")):
        with pytest.raises(SystemExit, match=message):
            list_recordings.main([str(tmp_path / name)])
