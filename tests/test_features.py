"""Front ends are files: a new one is a file and a configuration, and everything works with it or says what cannot."""

import shutil
import sys

import numpy as np
import pytest
import soundfile
from conftest import ROOT, write_archive
from test_recognizer import live, speech, wav_bytes

import cer.features
from cer import load_model
from cer.base.errors import BadInput
from cer.base.tables import write_table
from cer.bin import compute_cmvn_stats, compute_feats, predict, predict_recordings, train
from cer.data.datadir import Archive
from cer.export.exported import Exported
from cer.features import FrontEnd, front_end, names, options_of

ENERGY = '''"""Log energy in bands of time, every 10 ms."""

import numpy as np

from cer.base.kinds import Count
from cer.features import FrontEnd


class Features(FrontEnd):
    """Log energies of the parts of a frame.

    Options:
        parts: of a frame
    """

    rate, frame_seconds = 8000, 0.01

    def __init__(self, *, parts: Count = 2):
        self.dim = self.parts = parts

    def __call__(self, samples, rate, key=""):
        """samples: (N,) -> (T, parts)."""
        size = 80 // self.parts
        frames = samples[: len(samples) // 80 * 80].reshape(-1, self.parts, size)
        return np.log(np.square(frames).mean(2) + 1).astype(np.float32)
'''
STREAM = '''
    look_ahead = 0.0

    def stream(self, rate, at_once=None):
        """Samples (N,) -> (T, parts)."""
        from cer.base.stream import Window

        return Window(lambda samples: self(samples, rate), 0, 0, period=80, out=1)
'''


@pytest.mark.parametrize("name", names())
def test_a_front_end_has_one_name_and_a_configuration(name):
    assert (ROOT / "conf" / f"{name}.conf").exists() and front_end(name).__doc__


def test_an_unknown_front_end_is_named_with_what_there_is():
    with pytest.raises(BadInput, match="--features=mfcc: no such front end; there are .*fbank"):
        front_end("mfcc")


def test_options_are_read_or_the_first_unknown_one_is_told(tmp_path):
    (tmp_path / "a.conf").write_text("--num-mel-bins=40  # the paper's\n")
    options, unknown = options_of("fbank", tmp_path / "a.conf")
    assert options["num_mel_bins"] == 40 and options["frame_shift"] == 10 and unknown is None
    (tmp_path / "a.conf").write_text("--num-mel-bins=40\n--width=4\n--depth=5\n")
    assert options_of("fbank", tmp_path / "a.conf") == (None, "--width=4")


class Rate(FrontEnd):
    dim, frame_seconds = 3, 0.01

    def __call__(self, samples, rate, key=""):
        return [(len(samples), rate, key)]


def test_a_front_end_streams_the_whole_recording_at_its_rate_or_at_any():
    end = Rate()
    assert end.describe() == "3 features every 0.01 s" and end.check_rate(5, "a") is None
    for rate in (None, 8000):
        end.rate = rate
        stage = end.stream(16000)
        assert stage.push(np.zeros(3)) is None and stage.push(np.zeros(2)) is None
        assert stage.finish() == [(5, rate or 16000, "the recording")]


def test_a_front_end_normalises_and_stacks_as_the_recipe_does():
    x = np.array([[1, 5], [3, 5], [5, 8]], np.float32)
    stats = np.array([[9, 18, 3], [35, 114, 0]], float)  # sums and frames; sums of squares
    deviations = [np.sqrt(8 / 3), np.sqrt(2)]
    for variances, scale in ((True, deviations), (False, [1, 1])):
        found = Rate().normalise(x, stats, True, variances)
        np.testing.assert_allclose(found, (x - [3, 6]) / scale, atol=1e-6)
    assert Rate().normalise(x, stats, False, False).tolist() == x.tolist()
    assert Rate().stack(x, 2).tolist() == [[1, 5, 3, 5], [5, 8, 5, 8]]  # the last frame again


@pytest.fixture(params=["whole", "stream"])
def energy(request, tmp_path, monkeypatch):
    """The new front end's file, with a stream or without."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "energy.py").write_text(ENERGY + (STREAM if request.param == "stream" else ""))
    monkeypatch.setattr(cer.features, "__path__", [*cer.features.__path__, str(tmp_path / "new")])
    yield request.param
    sys.modules.pop("cer.features.energy", None)


@pytest.fixture
def data(energy, tmp_path):
    """A data directory of three recordings at 8 kHz with labels, after stages 0 to 2."""
    data = tmp_path / "data"
    (data / "conf").mkdir(parents=True)
    ids = ["P0", "P1", "P2"]
    for key in ids:
        (tmp_path / f"{key}.wav").write_bytes(wav_bytes(speech(8, 8000), 8000))
    write_table(data / "wav.scp", {key: tmp_path / f"{key}.wav" for key in ids})
    write_table(data / "utt2spk", {key: key for key in ids})
    write_table(data / "spk2utt", {key: key for key in ids})
    random = np.random.default_rng(1)
    write_archive(data, "arousal", {key: random.standard_normal((200, 1)).astype(np.float32) for key in ids})
    (data / "label_shift").write_text("0.04\n")
    (data / "conf" / "energy.conf").write_text("--parts=4\n")
    compute_feats.main(["--features=energy", f"--config={data}/conf/energy.conf", str(data), str(data / "feats")])
    shutil.copy(data / "feats.frame_shift", data / "frame_shift")
    compute_cmvn_stats.main([str(data / "spk2utt"), str(data / "feats.scp"), str(data / "cmvn")])
    return data


def test_everything_works_with_a_new_front_end_or_says_what_cannot(data, energy, tmp_path, monkeypatch, capsys):
    model = tmp_path / "model"
    options = ["--arch=downup", "--target=arousal", "--width=4", "--max-epochs=2"]
    train.main([*options, str(data), str(data), str(model / "run1")])
    assert Archive(data / "feats.scp")["P0"].shape == (800, 4)
    predict.main([str(data), str(model), str(tmp_path / "out")])
    expected = Archive(tmp_path / "out" / "output.1.scp")["P0"][:, 0]

    write_table(tmp_path / "wav.scp", {"P0": tmp_path / "P0.wav"})
    predict_recordings.main([str(tmp_path / "wav.scp"), str(model), str(tmp_path / "own")])
    np.testing.assert_allclose(Archive(tmp_path / "own" / "arousal" / "P0.scp")["P0"][:, 0], expected, atol=1e-5)
    samples, _ = soundfile.read(tmp_path / "P0.wav", dtype="int16")
    np.testing.assert_allclose(load_model(model).predict(samples, 8000), expected, atol=1e-5)

    if energy == "stream":
        live(monkeypatch, capsys, wav_bytes(samples, 8000), model)
    else:
        with pytest.raises(SystemExit, match="the front end energy takes whole recordings and cannot run live"):
            live(monkeypatch, capsys, wav_bytes(samples, 8000), model)
    with pytest.raises(BadInput, match="a graph cannot hold the front end energy; use --input features"):
        Exported(model, "samples")
    assert Exported(model, "features").rows.input_dim == 16


@pytest.mark.parametrize(
    "text, message",
    [
        ("class Features:\n    pass\n", r"expected a class Features\(FrontEnd\)"),
        ("Feature = 1\n", r"expected a class Features\(FrontEnd\)"),
        (
            "from cer.features import FrontEnd\n\n\nclass Features(FrontEnd):\n    look_ahead = 0.0\n",
            "found look_ahead without a stream of its own",
        ),
    ],
)
def test_a_front_end_that_is_not_whole_is_named(tmp_path, monkeypatch, text, message):
    (tmp_path / "odd.py").write_text(text)
    monkeypatch.setattr(cer.features, "__path__", [*cer.features.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "cer.features.odd", raising=False)
    with pytest.raises(BadInput, match=f"odd.py: .*{message}|odd.py: {message}"):
        front_end("odd")
    monkeypatch.delitem(sys.modules, "cer.features.odd")


def test_a_front_end_that_is_never_archived_makes_no_archive(tmp_path):
    with pytest.raises(SystemExit, match="--features=waveform: found a front end whose frames are never archived"):
        compute_feats.main(["--features=waveform", str(tmp_path), str(tmp_path / "feats")])
    assert not list(tmp_path.iterdir())
