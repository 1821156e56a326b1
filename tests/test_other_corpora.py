"""The commands of egs/folder/other_corpora.md, which turn other corpora into a folder that --corpus folder reads."""

import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT, write_wav
from test_folder import put, rows

from cer.corpora import finding
from egs.folder.prepare import read_trace

PAGE = (ROOT / "egs/folder/other_corpora.md").read_text()
SONG = "DEAM/annotations/annotations per each rater/dynamic (per second annotations)/{}/{}.csv"
TIMES = np.arange(100) / 25


def sound(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_wav(path, np.arange(64000) % 999)


def run(folder, after):
    """Run the Python after some words of the page in a folder; returns what --corpus folder finds in mine."""
    code = PAGE.partition(after)[2].partition("```python\n")[2].partition("```")[0]
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, env={"PYTHONPATH": str(ROOT)})
    return finding.find(folder / "mine")[0]


def values(folder, lines, recording, target):
    """Times, and rater -> values on the scale from -1 to 1, of a recording and target."""
    found = {
        line.rater: read_trace(folder / "mine", line)
        for line in lines
        if line.recording == recording and line.target == target
    }
    return next(iter(found.values())).times, {rater: trace.values[0] for rater, trace in found.items()}


def test_one_table_of_all_recordings(tmp_path):
    lines = [f"{name}.wav,{time},{level}\n" for name, level in (("ann", 0.5), ("bob", -0.5)) for time in TIMES]
    put(tmp_path / "all.csv", "file,time,valence\n" + "".join(lines))
    for name in ("ann", "bob"):
        sound(tmp_path / f"mine/{name}.wav")
    times, said = values(tmp_path, run(tmp_path, "**One table of all recordings**"), "bob.wav", "valence")
    assert np.allclose(times, TIMES) and set(said["1"]) == {-0.5}


@pytest.mark.parametrize("head", ["", "WorkerId,"])
def test_a_line_for_each_rater(tmp_path, head):
    for song in "234":
        sound(tmp_path / f"mine/{song}.wav")
        for target, sign in (("arousal", 1), ("valence", -1)):
            row = [f"{sign / 2}"] * 12
            lines = [",".join([f"{sign * rater / 9}", *row, "" if rater else "-0.9"]) for rater in range(3)]
            times = ",".join(f"sample_{time}ms" for time in range(1500, 3500, 150))
            text = "".join(f"{head and 'w9x,'}{line}\n" for line in lines)
            put(tmp_path / SONG.format(target, song), f"{head}{times}\n{text}")
    times, said = values(tmp_path, run(tmp_path, "**A line for each rater**"), "3.wav", "valence")
    assert np.allclose(times, np.arange(1.5, 3.5, 0.15)) and sorted(said) == ["1", "2", "3"]
    assert np.allclose(said["2"], [-1 / 9, *[-0.5] * 12, np.nan], equal_nan=True) and said["1"][-1] == -0.9


@pytest.mark.parametrize("whole", [False, True])
def test_a_line_for_each_time_and_rater(tmp_path, whole):
    for name in ("ann", "bob"):
        sound(tmp_path / f"mine/{name}.wav")
        lines = [f"{t},arousal,{np.sin(t)}\n{t},valence,{np.cos(t) * -1}\n" for t in TIMES[::-1]]
        text = "".join(lines[:-1]) + "0,valence,-1\n"
        if whole:
            with (tmp_path / "mine/../long.csv").open("a") as file:
                file.write(text.replace("\n", f",{name}.mp4\n"))
        else:
            put(tmp_path / f"long/{name}.csv", "time,rater,value\n" + text)
    if whole:
        put(tmp_path / "long/all.csv", "time,rater,value,recording\n" + (tmp_path / "long.csv").read_text())
    lines = run(tmp_path, "**A line for each time and rater**")
    for target, at, expected in (("arousal", TIMES[1:], np.sin(TIMES[1:])), ("valence", TIMES, -np.cos(TIMES))):
        times, said = values(tmp_path, lines, "bob.wav", target)
        assert np.allclose(times, at) and np.allclose(said["1"], expected, atol=1e-6)


def test_nova(tmp_path):
    info, scheme = '<info ftype="{}" size="100" />', '<scheme name="x" type="{}" sr="25.0" min="0.0" max="1.000000" />'
    for session in ("s1", "s2"):
        for role in ("expert", "novice"):
            sound(tmp_path / f"nova/{session}/{role}.audio.wav")
            for rater in ("ann", "bob"):
                for target in ("arousal", "valence", "words"):
                    kind = "DISCRETE" if target == "words" else "CONTINUOUS"
                    path = tmp_path / f"nova/{session}/{role}.{target}.{rater}.annotation"
                    binary = (role, rater, target) == ("novice", "ann", "valence")
                    head = info.format("BINARY" if binary else "ASCII") + scheme.format(kind)
                    put(path, f'<?xml version="1.0" ?>\n<annotation ssi-v="3">{head}</annotation>\n')
                    level = 0.3 if rater == "bob" else 0.5
                    said = ["-nan(ind);0" if t < 1 else f"{level + np.sin(t) / 4:.6f};0.9" for t in TIMES]
                    put(path.with_suffix(".annotation~"), "\r\n".join(said))
                    if binary:
                        pairs = [[float(number) for number in one.replace("(ind)", "").split(";")] for one in said]
                        np.array(pairs, "<f4").tofile(path.with_suffix(".annotation~"))
    lines = run(tmp_path, "**NOVA, SSI**")
    assert {line.target for line in lines} == {"arousal", "valence"} and len(lines) == 16
    times, said = values(tmp_path, lines, "s2_novice.wav", "valence")
    assert np.allclose(times, TIMES) and sorted(said) == ["ann", "bob"]
    for rater, level in (("bob", -0.4), ("ann", 0)):
        expected = np.where(TIMES < 1, np.nan, level + np.sin(TIMES) / 2)
        assert np.allclose(said[rater], expected, atol=1e-5, equal_nan=True)


def test_send(tmp_path):
    for word, name in (("Train", "111_1"), ("Train", "112_1"), ("Valid", "113_2"), ("Test", "114_1")):
        who, video = name.split("_")
        sound(tmp_path / f"mine/ID{who}_vid{video}.wav")
        for kind, scale in (("observer_EWE/results", 100), ("target/target", 1)):
            text = rows(TIMES[::10], TIMES[::10] / 8 * scale, head="time,evaluatorWeightedEstimate\n")
            put(tmp_path / f"SEND/ratings/{word}/{kind}_{name}.csv", text)
    command = PAGE.partition("| SEND | `")[2].partition("`,")[0].replace("\\|", "|")
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True)
    lines, _ = finding.find(tmp_path / "mine")
    assert {(line.recording, line.set, line.target, line.low, line.high) for line in lines} == {
        (f"ID{name}.wav", word, "valence", 0, 100)
        for name, word in (("111_vid1", "train"), ("112_vid1", "train"), ("113_vid2", "dev"), ("114_vid1", "test"))
    }
    assert np.allclose(read_trace(tmp_path / "mine", lines[0]).values[0], TIMES[::10] / 4 - 1, atol=1e-4)
