"""egs/synth/model/layout.py: what of a generated corpus lies on disk, and where it is not written."""

import contextlib
import threading
import wave
from io import BytesIO

import numpy as np
import pytest
from test_synth import bytes_of

from cer.base.errors import BadInput
from egs.synth.model import layout

OWN = {"README", "SYNTHETIC", "partition.txt"}


def test_a_claimed_folder_says_what_it_is_and_may_be_claimed_again(tmp_path):
    out = tmp_path / "new" / "corpus"
    for _ in range(2):
        layout.claim(out, "seed=1", "train P1\n")
        assert {*bytes_of(out)} == OWN
        assert bytes_of(out)["SYNTHETIC"] == b"seed=1\n" and bytes_of(out)["partition.txt"] == b"train P1\n"
        readme = (out / "README").read_text()
        assert readme.startswith("THIS FOLDER IS SYNTHETIC.") and "\n    seed=1\n" in readme and "{" not in readme


def test_a_folder_of_other_options_is_left_as_it_is(tmp_path):
    layout.claim(tmp_path, "seed=1", "train P1\n")
    before = bytes_of(tmp_path)
    with pytest.raises(BadInput, match=f"{tmp_path} holds the corpus seed=1, expected seed=2; give its options"):
        layout.claim(tmp_path, "seed=2", "train P2\n")
    assert bytes_of(tmp_path) == before


@pytest.mark.parametrize("name, claimed", [
    ("a.txt", False), ("README", False), (".SYNTHETIC.tmp~", True), (".done.generate.1", True), (".hidden", False),
])  # fmt: skip
def test_only_what_a_job_itself_leaves_may_be_in_a_folder_without_a_marker(tmp_path, name, claimed):
    (tmp_path / name).write_text("mine")
    if claimed:
        layout.claim(tmp_path, "seed=1", "")
    else:
        with pytest.raises(BadInput, match=f"{tmp_path} holds {name} and is not synthetic .no file SYNTHETIC."):
            layout.claim(tmp_path, "seed=1", "")
        assert bytes_of(tmp_path) == {name: b"mine"}
    assert (tmp_path / "SYNTHETIC").exists() == claimed


def test_a_recording_is_a_wav_file_and_two_tables_of_six_raters(tmp_path):
    ratings = np.arange(24).reshape(2, 6, 2) / 100
    layout.write_recording(tmp_path, "P1", np.array([0, -1, 32767], np.int16), ratings)
    with wave.open(str(tmp_path / "RECOLA-Audio-recordings/P1.wav")) as sound:
        assert sound.getparams()[:4] == (1, 2, 16000, 3)
        assert np.frombuffer(sound.readframes(3), "<i2").tolist() == [0, -1, 32767]
    folder = tmp_path / "RECOLA-Annotation/emotional_behaviour"
    assert (folder / "arousal/P1.csv").read_text() == (
        "time;FM1 ;FM2 ;FM3 ;FF1 ;FF2 ;FF3\n0.00;0.00;0.02;0.04;0.06;0.08;0.10\n0.04;0.01;0.03;0.05;0.07;0.09;0.11\n"
    )
    assert (folder / "valence/P1.csv").read_text().splitlines()[1] == "0.00;0.12;0.14;0.16;0.18;0.20;0.22"
    assert len(bytes_of(tmp_path)) == 3
    with pytest.raises(ValueError, match="shorter"):
        layout.write_recording(tmp_path, "P2", np.zeros(1, np.int16), ratings[:1])


def test_folder_in_which_another_job_has_just_begun_is_shared(tmp_path):
    """Whatever another job has done by the time this one looks, between its first file and its last."""
    begun = [tmp_path / f"begun{n}" for n in range(3)]
    for n, out in enumerate(begun):
        with layout.replacing(out / "SYNTHETIC", "wb") as file:
            file.write(b"seed=1\n")
            beside = threading.Thread(target=layout.claim, args=(out, "seed=1", "train P16\n"))
            if n == 0:  # only the other's temporary file is there: this one waits for it
                beside.start()
                beside.join(timeout=0.2)
                assert beside.is_alive() and bytes_of(out) == {".SYNTHETIC.tmp~": b""}
        if n == 0:
            beside.join(timeout=30)
            assert not beside.is_alive()
        if n == 2:
            (out / "partition.txt").write_text("train P16\n")
        layout.claim(out, "seed=1", "train P16\n")
        assert set(bytes_of(out)) == {"README", "SYNTHETIC", "partition.txt"}


def test_marker_is_the_first_file_in_a_folder(tmp_path, monkeypatch):
    written = []

    @contextlib.contextmanager
    def note(path, mode):
        assert mode == "wb"
        written.append(path.name)
        yield BytesIO()

    monkeypatch.setattr(layout, "replacing", note)
    layout.claim(tmp_path / "new", "seed=1", "")
    assert written[0] == "SYNTHETIC"
