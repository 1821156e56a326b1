import numpy as np
import pytest
from conftest import make_data_dir, write_archive
from test_train import train

from cer import batches, datadir
from cer.batches import FrontEnd
from cer.errors import BadInput
from cer.labels import Labels, later


def utterances(data):
    return batches.Utterances(data, FrontEnd.of(data, norm_means=True, norm_vars=True), "arousal")


def make_late(directory, seed=0):
    """A data directory of slow labels, a feature's mean over 2 s, whose annotators are 50 rows (2 s) late."""
    make_data_dir(directory, utterances=8, rows=1500, seed=seed)
    features = datadir.Archive(directory / "feats.scp")
    slow = {key: np.convolve(x[:, 0], np.ones(200) / 10, "same")[::4] for key, x in features.items()}
    write_archive(directory, "arousal", {key: later(y, 50)[:, None].astype("f") for key, y in slow.items()})
    return directory


def test_targets_are_the_labels_of_later_and_the_delay_is_undone():
    labels, y = Labels(1.0, 2.0, delay=2), np.array([1.0, 3.0, 5.0, 7.0, 9.0])
    assert labels.targets(y).tolist() == [2, 3, 4, 4, 4] and labels.targets(y).dtype == np.float32
    assert Labels(1.0, 2.0, 2, "mask").targets(y).tolist() == [2, 3, 4]
    assert labels.predictions(labels.targets(y)).tolist() == [5, 5, 5, 7, 9]
    assert Labels(1.0, 2.0).predictions(Labels(1.0, 2.0).targets(y)).tolist() == y.tolist()
    assert Labels(0.0, 1.0, 9).targets(y).tolist() == 5 * [9]


def test_moving_in_time_repeats_the_ends_and_never_makes_zeros():
    y = np.array([1.0, 2.0, 3.0])
    assert later(y, 1).tolist() == [1, 1, 2] and later(y, -1).tolist() == [2, 3, 3]
    assert (
        later(y, 0).tolist() == [1, 2, 3] and later(y, 7).tolist() == [1, 1, 1] and later(y, -7).tolist() == [3, 3, 3]
    )


def test_the_delay_is_found_on_the_training_set(tmp_path, capsys):
    found = Labels.of(utterances(make_late(tmp_path / "late")), label_delay="search")
    assert abs(found.delay * 0.04 - 2.0) <= 0.4
    assert "on left-out utterances" in capsys.readouterr().out


def test_scale_and_delay_of_a_training_set(small):
    data = utterances(small / "train")
    labels = np.concatenate([y for _, y in data])
    found = Labels.of(data, label_delay="1.2", delay_edges="mask")
    assert (found.delay, found.edges) == (30, "mask")
    assert (found.mean, found.deviation) == pytest.approx((labels.mean(), labels.std()), rel=1e-5)
    assert Labels.of(data).delay == 0


@pytest.mark.parametrize("option", ["soon", "-1", "nan", "8"])
def test_a_delay_that_cannot_be_is_refused(small, option):
    with pytest.raises(
        BadInput, match=rf"--label-delay={option}: expected none, search, or seconds from 0 to less than 8"
    ):
        Labels.of(utterances(small / "train"), label_delay=option)
    with pytest.raises(BadInput, match="--delay-edges=zero: expected repeat or mask"):
        Labels.of(utterances(small / "train"), delay_edges="zero")


def test_constant_labels_and_a_search_on_one_utterance_are_refused(tmp_path):
    data = make_data_dir(tmp_path / "one", utterances=1)
    with pytest.raises(BadInput, match="needs 2 utterances or more"):
        Labels.of(utterances(data), label_delay="search")
    write_archive(data, "arousal", {"P00": np.ones((200, 1), "f")})
    with pytest.raises(BadInput, match="all labels are 1; there is nothing to learn"):
        Labels.of(utterances(data))


def test_a_short_window_learns_late_labels_when_told_of_the_delay(tmp_path):
    for n, name in enumerate(("train", "dev")):
        make_late(tmp_path / name, n)
    options = ["--arch=linear_statistics", "--window=50"]
    plain = train(tmp_path, tmp_path / "plain", *options)
    for edges in ("repeat", "mask"):
        told = train(tmp_path, tmp_path / edges, *options, "--label-delay=2", f"--delay-edges={edges}")
        assert told["result"]["dev_ccc"] > plain["result"]["dev_ccc"] + 0.3 and told["labels"]["delay"] == 50
