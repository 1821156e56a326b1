"""cer/training/data.py: the two sets of a training, read once; cer/training/description.py: what identifies them."""

import numpy as np
import pytest
from conftest import make_data_dir, write_archive
from test_train import add_recordings

from cer.base.errors import BadInput
from cer.base.facts import Stamp
from cer.base.options import defaults
from cer.data.datadir import Archive
from cer.features import fbank, waveform
from cer.models import architecture
from cer.system.rows import Rows
from cer.training import data, description

DNN, ROWS = architecture("dnn"), Rows(4, 0.01, 4, True, True)


def read(small, target="arousal", megabytes=1, dev="dev", **delay):
    return data.read(small / "train", small / dev, target, ROWS, DNN, megabytes, delay)


def test_only_an_architecture_of_its_own_front_end_has_one(tmp_path):
    assert data.front_end_of(DNN) is None and isinstance(
        data.front_end_of(architecture("end_to_end")), waveform.Features
    )
    make_data_dir(tmp_path)
    normalise = {"norm_means": True, "norm_vars": False}
    assert data.rows_of(tmp_path, None, normalise) == Rows(4, 0.01, 4, True, False)
    assert data.rows_of(tmp_path, waveform.Features(), normalise) == Rows(1, 1 / 16000, 640, False, False)


def test_both_sets_share_their_memory_and_the_training_set_makes_the_labels(small):
    sets, labels = read(small)
    assert [one.data.name for one in sets] == ["train", "dev"] and all(one.rows == ROWS for one in sets)
    assert sets[0].memory is sets[1].memory
    sets[1].survey()
    assert sets[0].memory.left == 10**6 - 6 * 200 * (16 + 1) * 4  # three utterances each
    gold = np.concatenate(sets[0].survey().labels)
    assert (labels.mean, labels.deviation, labels.delay) == pytest.approx((gold.mean(), gold.std(), 0), rel=1e-5)


def test_the_same_data_are_read_once(small):
    first = read(small, label_delay="0.4", delay_edges="mask")
    assert read(small, delay_edges="mask", label_delay="0.4") is first
    assert first[1].delay == 10 and first[1].edges == "mask"
    assert read(small, label_delay="0.8", delay_edges="mask")[1].delay == 20


@pytest.mark.parametrize("name", ["arousal", "feats"])
@pytest.mark.parametrize("folder", ["train", "dev"])
def test_data_that_changed_are_read_again(small, folder, name):
    sets = read(small)[0]
    before = [one.survey().checksum for one in sets]
    matrices = {key: matrix + 1 for key, matrix in Archive(small / folder / f"{name}.scp").items()}
    (small / folder / "data" / f"{name}.ark").unlink()
    scp = (small / folder / f"{name}.scp").stat()
    write_archive(small / folder, name, {key: matrix * 2 for key, matrix in matrices.items()})
    assert (small / folder / f"{name}.scp").stat().st_size == scp.st_size
    after = [one.survey().checksum for one in read(small)[0]]
    assert [a != b for a, b in zip(before, after, strict=True)] == [folder == "train", folder == "dev"]


def test_a_change_of_an_archive_alone_is_seen(small):
    first = read(small)
    assert read(small) is first
    (small / "train" / "data" / "feats.ark").touch()
    assert read(small) is not first


def test_speakers_of_both_sets_are_named(small, capsys):
    read(small)
    said = capsys.readouterr().err
    assert f"in both {small}/train and {small}/dev: 3 speakers: P00, P01, P02; the dev CCC says little" in said
    (small / "dev" / "utt2spk").write_text("P00 A\nP01 P01\nP02 C\n")
    stats = Archive(small / "dev" / "cmvn.scp")
    write_archive(small / "dev", "cmvn", {"A": stats["P00"], "P01": stats["P01"], "C": stats["P02"]})
    read(small)
    assert f"in both {small}/train and {small}/dev: 1 speaker: P01; " in capsys.readouterr().err
    (small / "dev" / "utt2spk").write_text("P00 A\nP01 C\nP02 C\n")
    read(small)
    assert "speakers are in both" not in capsys.readouterr().err


def with_conf(folder, text):
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf" / "fbank.conf").write_text(text)


def test_a_dev_set_of_other_features_is_refused(small):
    with_conf(small / "train", "--num-mel-bins=4\n")
    with_conf(small / "dev", "--num-mel-bins=4\n--low-freq=60\n")
    with pytest.raises(BadInput, match=r"dev/conf/fbank.conf: found .* low_freq=60.0, expected low_freq=20.0 as in"):
        read(small)


def test_features_that_a_network_on_the_waveform_does_not_read_may_differ(small):
    for name in ("train", "dev"):
        add_recordings(small / name)
        with_conf(small / name, f"--num-mel-bins={len(name)}\n")
    network = architecture("end_to_end")
    rows = data.rows_of(small / "train", data.front_end_of(network), {})
    sets, _ = data.read(small / "train", small / "dev", "arousal", rows, network, 1, {})
    assert [one[0][0].shape for one in sets] == [(200, 640)] * 2


def test_utterances_without_a_label_after_the_delay_are_left_out(small, capsys):
    for name, rows in (("feats", 80), ("arousal", 20)):
        matrices = dict(Archive(small / "train" / f"{name}.scp"))
        write_archive(small / "train", name, matrices | {"P01": matrices["P01"][:rows]})
    sets, labels = read(small, label_delay="0.8")
    assert labels.delay == 20 and sets[0].ids == ["P00", "P02"] and len(sets[1]) == 3
    said = capsys.readouterr().err
    assert "train: left out: 1 utterance no longer than the label delay of 0.80 s: P01" in said
    assert len(read(small, label_delay="0.76")[0][0]) == 3


def test_a_set_is_described_by_its_size_its_content_and_its_features(small):
    with_conf(small / "train", "--num-mel-bins=4\n# noise\n--dither=0\n")
    with_conf(small / "dev", "--num-mel-bins=4\n")
    sets, _ = read(small)
    found = description.of_data(*sets, None)
    assert found["features_conf"] == ["fbank", "--num-mel-bins=4", "--dither=0"]
    assert found["train"] == {"utterances": 3, "rows": 600, "checksum": sets[0].survey().checksum}
    assert found["dev"] == {"utterances": 3, "rows": 600, "checksum": sets[1].survey().checksum}
    assert found["train"]["checksum"] != found["dev"]["checksum"]
    assert description.of_data(*sets, waveform.Features())["features_conf"] is None
    (small / "train" / "conf" / "fbank.conf").unlink()
    assert description.of_data(*sets, None)["features_conf"] is None


def test_a_system_says_how_its_features_are_computed_where_that_is_known(small, capsys):
    own = description.features_of(small / "train", waveform.Features())
    assert own == {"features": {"name": "waveform", "options": {"sample_frequency": 16000.0}}}
    sums = sum(Archive(small / "train" / "cmvn.scp").values()).tolist()
    assert description.features_of(str(small / "train"), None) == {"global_cmvn": sums}
    with_conf(small / "train", "--num-mel-bins=4\n")
    options = defaults(fbank.Features) | {"num_mel_bins": 4}
    told = {"name": "fbank", "options": options}
    assert description.features_of(small / "train", None) == {"global_cmvn": sums, "features": told}
    assert capsys.readouterr().err == ""
    with_conf(small / "train", "--vtln-low=60\n")
    assert description.features_of(small / "train", None) == {"global_cmvn": sums}
    said = "fbank.conf: --vtln-low=60 is no option of ours; model.json will not say how to compute features"
    assert said in capsys.readouterr().err
    with_conf(small / "train", "--num-mel-bins=4\n")
    Stamp(small / "train" / ".done.fbank").commit([small / "train" / "conf" / "fbank.conf"], {})  # of other features
    assert description.features_of(small / "train", None) == {"global_cmvn": sums}
    assert "found archives that steps/make_feats.sh did not make" in capsys.readouterr().err


def test_the_code_of_a_training_is_that_of_its_architecture_and_program():
    programs = [description.__file__, data.__file__]
    codes = [description.code_of(architecture(arch), program) for arch in ("dnn", "svr") for program in programs]
    assert len({*codes}) == 4 and all(code.startswith("sha256 ") for code in codes)
    assert description.code_of(DNN, programs[0]) == codes[0]
