"""cer/prediction/within.py: stamps of folders that may move."""

import pytest

from cer.base import facts
from cer.base.files import write_text
from cer.prediction.within import Stamp


@pytest.mark.parametrize("name", ["there", "a: b\t", "\udce4"])
def test_outputs_are_named_from_the_folder_on_and_inputs_by_their_whole_paths(tmp_path, name):
    folder, source = tmp_path / name, tmp_path / "in.wav"
    write_text(source, "sound")
    write_text(folder / "a" / "x.ark", "1")
    write_text(folder / "a" / "x.scp", "u1 other.ark\n")
    if name == "there":  # a table can hold it
        write_text(folder / "a" / "x.scp", f"u1 {folder}/a/x.ark:3\n")
    outputs = [folder / "a" / "x.scp", folder / "a" / "x.ark", source]
    assert Stamp(folder / ".done", folder).commit(outputs, facts.take([source], ["one"])) == []
    lines = (folder / ".done").read_text().split("\n")
    found = [line.split("\t")[0] for line in lines if line.startswith(("output ", "named ", "input ", "option "))]
    named = ["named in a/x.scp: a/x.ark"] if name == "there" else []
    assert found == [f"input {source}", "option 1", "output a/x.scp", *named, "output a/x.ark", f"output {source}"]
    moved = folder.rename(tmp_path / "moved")
    stamp = Stamp(moved / ".done", moved)
    assert (
        stamp.stale() == [] and f"output {moved}/a/x.ark" in stamp.read()[1] and len(stamp.read()[1]) == len(found) - 2
    )
    write_text(moved / "a" / "x.ark", "2")
    assert len(stamp.stale()) == len(stamp.damaged()) == 1 + len(named)
    (moved / ".done").unlink()
    assert stamp.read() is None and stamp.stale() == ["it was not finished yet"]


def test_what_is_remembered_of_large_outputs_is_kept(tmp_path, monkeypatch):
    (tmp_path / "large.ark").write_bytes(bytes(2 << 20))
    monkeypatch.setattr(facts.contents, "SETTLED", -1)
    Stamp(tmp_path / ".done", tmp_path).commit([tmp_path / "large.ark"], {})
    text = (tmp_path / ".done").read_text()
    assert f"\nseen {tmp_path}/large.ark\t" in text and Stamp(tmp_path / ".done", tmp_path).stale({}) == []
    assert (tmp_path / ".done").read_text() == text
