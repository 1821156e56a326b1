"""cer/corpora/heads.py: heads of files of traces that are refused."""

import numpy as np
import pytest
from test_folder import TIMES, guessed, rows

from cer.base.errors import BadInput


@pytest.mark.parametrize("heads, message", [
    ("time,Arousal,,valence,\n,A1,A2,V1,V2\n", ":1: found the targets arousal, valence above another line of"),
    ("mine\n,Arousal,Arousal,Valenz,Valenz\ntime,a,b,c,d\n", ":2: found the targets arousal, valence"),
    ("Second,Valence,Arousal,B,C\n%%%%%%,%%%%%%,%%%%%%,%%%%%%,%%%%%%\n", ""),
    ("time,Arousal,,valence,\ntime,arousal_1,x,y,z\n", ""), ("about,Arousal,,,\ntime,a,b,c,d\n", ""),
])  # fmt: skip
def test_targets_in_a_line_above_the_names_are_refused(tmp_path, heads, message):
    text = heads + rows(TIMES, *[np.sin(TIMES)] * 4)
    if not message:
        count = {"t": 1, "S": 2}.get(heads[0], 4)
        assert len(guessed(tmp_path, text).columns) == count
        return
    with pytest.raises(BadInput) as error:
        guessed(tmp_path, text)
    assert f"{tmp_path}/x.csv{message}" in str(error.value) and "expected one line of names, such as" in str(
        error.value
    )


def test_times_of_day_in_the_columns_of_elan_are_told_as_such(tmp_path):
    head = "Begin Time - hh:mm:ss.ms\tEnd Time - hh:mm:ss.ms\tArousal\n"
    with pytest.raises(BadInput, match="x.csv:2: found the time '00:00:00.000', expected times in s or ms"):
        guessed(tmp_path, head + "".join(f"00:00:{t:06.3f}\t00:00:{t + 1:06.3f}\t{t / 9:.2f}\n" for t in TIMES))
