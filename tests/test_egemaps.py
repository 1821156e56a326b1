"""The optional front end, with openSMILE missing and with a stand-in for it: the real one is the user's to install."""

import sys
import types

import numpy as np
import pytest
from test_train import add_recordings, make_data_dir

from cer.bin import compute_feats
from cer.data.datadir import Archive
from cer.features import front_end


def test_without_opensmile_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "opensmile", None)
    with pytest.raises(SystemExit, match="opensmile is not installed.*pip install opensmile"):
        compute_feats.main(["--features=egemaps", str(tmp_path / "wav.scp"), str(tmp_path / "feats")])
    assert not list(tmp_path.iterdir())


def test_descriptors_become_features_every_10_ms_and_nan_is_0(tmp_path, monkeypatch):
    class Smile:
        def __init__(self, feature_set, level):
            assert (feature_set, level) == ("eGeMAPSv02", "LowLevelDescriptors")

        def process_signal(self, samples, rate):
            assert rate == 16000 and np.abs(samples).max() < 1
            return types.SimpleNamespace(to_numpy=lambda kind: np.full((len(samples) // 160, 25), np.nan, kind))

    names = types.SimpleNamespace(eGeMAPSv02="eGeMAPSv02", LowLevelDescriptors="LowLevelDescriptors")
    monkeypatch.setitem(
        sys.modules, "opensmile", types.SimpleNamespace(Smile=Smile, FeatureSet=names, FeatureLevel=names)
    )
    assert front_end("egemaps").dim == 25
    add_recordings(make_data_dir(tmp_path))
    compute_feats.main(["--features=egemaps", str(tmp_path), str(tmp_path / "raw"), "--part=1/1"])
    features = Archive(tmp_path / "raw.scp")
    assert list(features) == ["P00", "P01", "P02"] and features["P00"].shape == (800, 25) and not features["P00"].any()
    assert (tmp_path / "raw.frame_shift").read_text() == "0.01\n"
    assert "P00 800" in (tmp_path / "raw.utt2num_frames").read_text()
