"""cer/prediction/taken.py: predictions of another recording of the same name are not replaced without a word."""

import shutil

import numpy as np
import pytest

from cer.base.errors import BadInput
from cer.bin import list_recordings
from cer.prediction import shards, taken


@pytest.mark.parametrize("csv", ["true", "false"])
def test_predictions_of_another_recording_of_the_same_name_are_not_replaced(csv, tmp_path):
    for n in range(4):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"r{n}.wav").write_text(f"{n}")
    out = tmp_path / "out"

    def table(place, number=4):
        return {f"r{n}": tmp_path / place / f"r{n}.wav" for n in range(number)}

    def predict(place, resume):
        folder = shards.Folder(out, ["joy"], 0.04, {}, number=4, csv=csv, resume=resume)
        for one in shards.chunks(table(place), folder.size):
            assert not folder.finish(one, lambda *_: {"joy": np.zeros(2, np.float32)})

    taken.check(out, table("in"))
    predict("in", True)
    shutil.copytree(tmp_path / "in", tmp_path / "copy")
    taken.check(out, table("copy"))
    (tmp_path / "copy" / "r1.wav").write_text("10")
    first, second = tmp_path / "copy" / "r1.wav", tmp_path / "in" / "r1.wav"
    said = f"{first} and {second}: both are called r1, and {out} holds predictions of the second; name another folder"
    with pytest.raises(BadInput, match=said):
        taken.check(out, table("copy"))
    with pytest.raises(SystemExit, match=said):
        list_recordings.main([f"--into={out}", str(tmp_path / "copy")])
    (tmp_path / "my.scp").write_text(f"r1 {first}\n")
    list_recordings.main([f"--into={out}", str(tmp_path / "my.scp")])  # the user says which one it is
    taken.check(out, table("copy", 1))
    predict("copy", False)
    taken.check(out, table("copy"))
    first.unlink()
    taken.check(out, table("in"))
