"""cer/system/front_end.py: how the front end of a system is told, compared with a data directory's, and made again."""

import pytest
from conftest import make_data_dir

from cer.base.errors import BadInput, MissingPackage
from cer.base.facts import Stamp
from cer.base.options import defaults
from cer.features import fbank, waveform
from cer.system import front_end
from cer.system.rows import Rows

OPTIONS = defaults(fbank.Features) | {"num_mel_bins": 4}
TOLD = {"name": "fbank", "options": OPTIONS}
ROWS = Rows(4, 0.01, 4, True, True)


def with_conf(folder, text="--num-mel-bins=4\n", name="fbank"):
    """A data directory whose features say how they were made."""
    (folder / "conf").mkdir(parents=True, exist_ok=True)
    (folder / "conf" / f"{name}.conf").write_text(text)
    return folder


def test_only_front_ends_without_an_archive_compute_each_time():
    assert front_end.computed_by({}) is None and front_end.computed_by({"features": TOLD}) is None
    found = front_end.computed_by({"features": {"name": "waveform", "options": {"sample_frequency": 8000.0}}})
    assert isinstance(found, waveform.Features) and found.rate == 8000


def test_a_data_directory_tells_its_front_end_by_the_only_configuration_in_it(tmp_path):
    assert front_end.config_of(tmp_path) is None and front_end.told_by(tmp_path) == (None, None)
    data = with_conf(tmp_path)
    (data / "conf" / "other.conf").write_text("--x=1\n")
    assert front_end.config_of(data) == data / "conf" / "fbank.conf"
    assert front_end.told_by(data) == (TOLD, None)
    with_conf(data, "--num-mel-bins=4\n--vtln-low=60\n--vtln-high=7000\n")
    assert front_end.told_by(data) == (None, "--vtln-low=60")
    with_conf(data, "", "egemaps")
    with pytest.raises(BadInput, match="conf: found egemaps.conf and fbank.conf, expected only the configuration"):
        front_end.config_of(data)


def made_by_stage_1(folder):
    """A data directory as stage 1 leaves it."""
    data = with_conf(make_data_dir(folder))
    Stamp(data / ".done.fbank").commit([data / "feats.scp", data / "conf" / "fbank.conf"], {})
    return data


def test_features_that_another_program_has_replaced_are_not_those_of_the_configuration(tmp_path, capsys):
    data = made_by_stage_1(tmp_path / "train")
    rows = (data / "feats.scp").read_text().splitlines(keepends=True)
    (data / "feats.scp").write_text("".join(rows[1:]))  # of fewer utterances
    data = data.rename(tmp_path / "moved")
    table = (data / "feats.scp").read_text()
    (data / "feats.scp").write_text(table.replace("/train/", "/moved/"))
    assert front_end.told_by(data) == (TOLD, None)
    make_data_dir(data, seed=1)  # archives of the same names and sizes
    assert front_end.told_by(data) == (None, None)
    front_end.expect_same(data, TOLD | {"options": OPTIONS | {"low_freq": 60.0}})
    assert "did not make, beside" in capsys.readouterr().err
    front_end.expect_same(data, None)
    assert not capsys.readouterr().err
    with_conf(data, "--num-mel-bins=5\n")  # another program, such as Kaldi's, wrote this, too
    assert front_end.told_by(data)[0]["options"]["num_mel_bins"] == 5


@pytest.mark.parametrize("text", ["", "--dither=0\n", "--allow-upsample=true\n--allow-downsample=true\n"])
def test_features_may_differ_in_noise_and_in_what_is_permitted(tmp_path, text):
    front_end.expect_same(with_conf(tmp_path, "--num-mel-bins=4\n" + text), TOLD)
    front_end.expect_same(tmp_path, TOLD | {"options": OPTIONS | {"dither": 0.5}})


def test_what_is_not_told_is_not_compared(tmp_path):
    front_end.expect_same(tmp_path, TOLD)
    front_end.expect_same(with_conf(tmp_path, "--num-mel-bins=5\n"), None)
    front_end.expect_same(with_conf(tmp_path, "--vtln-low=60\n"), TOLD)


@pytest.mark.parametrize(
    "name, text, differs",
    [
        ("fbank", "--num-mel-bins=5\n", "num_mel_bins=5, expected num_mel_bins=4"),
        ("fbank", "--num-mel-bins=4\n--low-freq=60\n", "low_freq=60.0, expected low_freq=20.0"),
        ("egemaps", "", "features=egemaps, expected features=fbank"),
    ],
)
def test_features_that_were_made_otherwise_are_refused(tmp_path, name, text, differs):
    found = f"conf/{name}.conf: found features made with {differs} as in the training data; make them with the same"
    with pytest.raises(BadInput, match=found):
        front_end.expect_same(with_conf(tmp_path, text, name), TOLD)


def of_system(folder, rows=ROWS, options=OPTIONS, **more):
    return front_end.of_system(folder, {"features": {"name": "fbank", "options": options}} | more, rows)


def test_a_systems_front_end_has_its_options_and_no_noise(tmp_path):
    found = of_system(tmp_path, options=OPTIONS | {"dither": 1.0, "low_freq": 60.0})
    assert (found.num_mel_bins, found.dim, found.frame_seconds) == (4, 4, 0.01)
    samples = [of_system(tmp_path, options=OPTIONS | {"dither": noise}) for noise in (1.0, 0.0)]
    x = [one(fbank.np.sin(fbank.np.arange(1600.0)) * 1000, 16000) for one in samples]
    assert (x[0] == x[1]).all()
    of_system(tmp_path, global_cmvn=[[0.0] * 4 + [1.0], [0.0] * 5])  # one frame is enough
    of_system(tmp_path, Rows(4, 0.01 + 1e-7, 4, True, True))


@pytest.mark.parametrize(
    "given, message",
    [
        ({"rows": Rows(5, 0.01, 4, True, True)}, "makes 4 columns every 0.01 s, the features had 5 every 0.01 s"),
        ({"rows": Rows(4, 0.02, 4, True, True)}, "makes 4 columns every 0.01 s, the features had 4 every 0.02 s"),
        ({"global_cmvn": [[1.0] * 5, [1.0] * 4]}, "found rows of 5 and 4 numbers and a frame count of 1, expected 5"),
        ({"global_cmvn": [[1.0] * 4, [1.0] * 4]}, "found rows of 4 and 4 numbers and a frame count of 1, expected 5"),
        ({"global_cmvn": [[1.0] * 4 + [0.5], [1.0] * 5]}, "a frame count of 0.5, expected 5 numbers each and 1 or"),
        ({"options": OPTIONS | {"low_freq": 9000.0, "high_freq": 8000.0}}, "9000"),
    ],
)
def test_what_does_not_fit_the_network_is_refused(tmp_path, given, message):
    with pytest.raises(BadInput, match=f"model.json: .*{message}.*; remove its folder and train again"):
        of_system(tmp_path, **given)


def test_a_package_that_is_missing_is_no_fault_of_the_folder(tmp_path, monkeypatch):
    def missing(**_):
        raise MissingPackage("install it")

    monkeypatch.setattr(fbank.Features, "__init__", lambda self, **_: missing())
    with pytest.raises(MissingPackage, match="^install it$"):
        of_system(tmp_path)


def test_noise_that_a_system_learnt_with_is_listed():
    assert front_end.noisy({"features": TOLD | {"options": {"dither": 0.5}}}) == ["dither"]
    assert front_end.noisy({"features": TOLD | {"options": {"dither": 0.0}}}) == []
    assert front_end.noisy({"features": TOLD | {"options": {}}}) == []
