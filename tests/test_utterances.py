import shutil
import tracemalloc
import zlib

import numpy as np
import pytest
from conftest import make_data_dir, write_archive

from cer.base.errors import BadInput
from cer.base.facts import Stamp, take
from cer.data import cmvn, datadir, frames
from cer.features import waveform
from cer.system.rows import Rows
from cer.system.utterances import Computed, Memory, Utterances


def utterances_of(data, target=None, as_rows=None, memory=None, **normalise):
    """The utterances with a front end of the directory's own, or another's."""
    normalise = {"norm_means": True, "norm_vars": True} | normalise
    return Utterances(data, as_rows or Rows.of_features(data, **normalise), target, memory=memory)


def test_an_utterance_is_normalised_stacked_and_paired_with_its_labels(small):
    utterances = utterances_of(small / "train", "arousal")
    rows, labels = utterances[1]
    features, stats = (datadir.Archive(small / "train" / f"{name}.scp")["P01"] for name in ("feats", "cmvn"))
    assert np.array_equal(rows, frames.stack(cmvn.apply(features, stats), 4))
    assert np.array_equal(labels, datadir.Archive(small / "train" / "arousal.scp")["P01"][:200, 0])
    assert rows.dtype == labels.dtype == np.float32 and utterances.rows.input_dim == 16


def test_a_long_utterance_is_read_and_normalised_in_little_more_than_its_own_memory(tmp_path, small):
    make_data_dir(tmp_path / "long", utterances=1, rows=100_000, labels=False)
    utterances = utterances_of(tmp_path / "long", None, utterances_of(small / "train", "arousal").rows)
    tracemalloc.start()
    rows, _ = utterances[0]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.2 * rows.nbytes


def test_statistics_of_earlier_features_are_told(small, capsys):
    data = small / "train"
    made_from = take([data / "feats.scp"])
    Stamp(data / ".done.cmvn").commit([data / "cmvn.scp"], made_from)
    utterances_of(data)
    assert capsys.readouterr().err == ""
    make_data_dir(small / "new", seed=3)
    shutil.copy(small / "new" / "data" / "feats.ark", data / "data" / "feats.ark")
    utterances_of(data)
    said = f"{data}/cmvn.scp: found statistics of earlier features, not of those in feats.scp; run steps/compute_cmvn"
    assert said in capsys.readouterr().err
    shutil.copy(small / "new" / "data" / "cmvn.ark", data / "data" / "cmvn.ark")  # by another program, in its place
    utterances_of(data)
    assert capsys.readouterr().err == ""


def test_labels_are_not_needed_to_predict(tmp_path, small):
    make_data_dir(tmp_path / "new", labels=False)
    as_rows = utterances_of(small / "train", "arousal").rows
    rows, labels = utterances_of(tmp_path / "new", None, as_rows)[0]
    assert rows.shape == (200, 16) and labels is None


def test_beyond_the_memory_limit_utterances_are_read_again(small):
    memory = Memory(30000)  # for two of 200 x 17 x 4 bytes, in both sets together
    utterances, dev = (utterances_of(small / name, "arousal", memory=memory) for name in ("train", "dev"))
    first = [rows for rows, _ in [*utterances, *dev]][:3]
    assert memory.left == 30000 - 2 * 200 * 17 * 4 and not utterances.in_memory
    assert utterances[0][0] is first[0] and utterances[2][0] is not first[2]
    assert all(np.array_equal(rows, again[0]) for rows, again in zip(first, utterances, strict=True))


def test_the_checksum_tells_other_data(small):
    one = utterances_of(small / "train", "arousal").survey().checksum
    assert one == utterances_of(small / "train", "arousal").survey().checksum
    assert one != utterances_of(small / "train", "arousal", norm_vars=False).survey().checksum
    assert one != utterances_of(small / "dev", "arousal").survey().checksum


def test_other_features_than_the_models_are_refused(tmp_path, small):
    as_rows = utterances_of(small / "train", "arousal").rows
    make_data_dir(tmp_path / "wide", dim=5)
    with pytest.raises(BadInput, match=r"feats.scp: P00: found 800 frames of 5 columns, expected 4"):
        utterances_of(tmp_path / "wide", None, as_rows)[0]
    make_data_dir(tmp_path / "slow")
    (tmp_path / "slow" / "frame_shift").write_text("0.02\n")
    with pytest.raises(BadInput, match=r"slow/frame_shift: found 0.02, expected 0.01"):
        utterances_of(tmp_path / "slow", None, as_rows)
    make_data_dir(tmp_path / "rare")
    (tmp_path / "rare" / "label_shift").write_text("0.08\n")
    with pytest.raises(BadInput, match=r"rare/label_shift: found 0.08, expected 0.04"):
        utterances_of(tmp_path / "rare", "arousal", as_rows)


def test_missing_files_name_the_stage_that_makes_them(small):
    for name, stage in [("arousal.scp", "stage 0"), ("cmvn.scp", "stage 2"), ("feats.scp", "stage 1")]:
        (small / "train" / name).unlink()
        with pytest.raises(BadInput, match=rf"{name}: cannot be read.*{stage}"):
            utterances_of(small / "train", "arousal")


def test_labels_of_another_length_and_missing_statistics_are_named(tmp_path):
    make_data_dir(tmp_path / "long", extra_labels=5)
    with pytest.raises(BadInput, match="P00: found 200 rows of features or predictions and 205 labels"):
        utterances_of(tmp_path / "long", "arousal")[0]
    make_data_dir(tmp_path / "less")
    stats = datadir.Archive(tmp_path / "less" / "cmvn.scp")
    write_archive(tmp_path / "less", "cmvn", {"P00": stats["P00"]})
    with pytest.raises(BadInput, match=r"cmvn.scp: P01 is missing"):
        utterances_of(tmp_path / "less", "arousal")[1]


def test_recordings_of_a_network_on_the_waveform_are_counted_and_listed(small):
    from test_train import add_recordings

    add_recordings(small / "train")
    waveforms = Computed(small / "train", waveform.Features())
    assert len(waveforms) == 3 and list(waveforms) == ["P00", "P01", "P02"]
    rows = Rows.of_recordings(small / "train", waveform.Features())
    utterances = Utterances(small / "train", rows, "arousal", waveform.Features())
    x, labels = utterances[1]
    assert np.array_equal(x, waveforms["P01"].astype("f").reshape(200, 640)) and len(labels) == 200
    assert x.mean() == pytest.approx(0, abs=1e-4) and x.std() == pytest.approx(1, abs=1e-3)


def test_whether_there_is_a_recording_is_known_without_its_frames(small):
    from test_train import add_recordings

    add_recordings(small / "train")
    waveforms = Computed(small / "train", None)  # which could not compute any
    assert "P00" in waveforms and "P09" not in waveforms


def rows_of_samples(x):
    """Rows of two samples."""
    front_end = waveform.Features()
    return front_end.stack(front_end.alone(front_end(x, 16000)), 2)


@pytest.mark.parametrize("samples, rows", [(6, [[-1, 1], [-1, 1], [-1, 1]]), (5, None)])
def test_samples_are_levelled_into_rows_of_mean_0_and_variance_1(samples, rows):
    x = 7 + 3 * np.array([-1.0, 1, -1, 1, -1, 1])[:samples]
    found = rows_of_samples(x)
    assert found.shape == (3, 2) and found.dtype == np.float32
    if rows:
        assert found.tolist() == rows
    else:  # the mean is that of the samples, then a zero fills the last row
        assert found.ravel().tolist() == pytest.approx([*((x - x.mean()) / x.std()), 0])
    assert rows_of_samples(np.full(4, 5.0)).tolist() == [[0, 0], [0, 0]]


def test_without_labels_or_features_in_common_there_is_nothing_to_read(small):
    archive = datadir.Archive(small / "train" / "arousal.scp")
    write_archive(small / "train", "arousal", {"other": archive["P00"]})
    with pytest.raises(BadInput, match="no utterance is in both feats.scp and arousal.scp"):
        utterances_of(small / "train", "arousal")
    write_archive(small / "dev", "arousal", {"P01": datadir.Archive(small / "dev" / "arousal.scp")["P01"]})
    assert utterances_of(small / "dev", "arousal").ids == ["P01"]


def test_memory_is_taken_as_long_as_there_is_enough():
    memory = Memory(10)
    assert [memory.take(size) for size in (4, 7, 6, 1, 0)] == [True, False, True, False, True] and memory.left == 0
    assert not Memory().take(1)


def test_a_set_is_surveyed_once_and_again_after_utterances_are_left_out(small, monkeypatch, capsys):
    utterances, read = utterances_of(small / "train", "arousal"), []
    one = Utterances._read
    monkeypatch.setattr(Utterances, "_read", lambda self, key: read.append(key) or one(self, key))
    parts = [one(utterances, key) for key in ("P00", "P01", "P02")]
    found = utterances.survey()
    assert utterances.survey() is found and read == ["P00", "P01", "P02"] and found.rows == 600
    assert all(np.array_equal(a, b) for a, (_, b) in zip(found.labels, parts, strict=True))
    assert found.checksum == f"{zlib.crc32(b''.join(part.tobytes() for pair in parts for part in pair)):08x}"
    utterances.leave_out([], "are fine")
    assert utterances.survey() is found and capsys.readouterr().err == ""
    utterances.leave_out(["P01"], "too short")
    said = capsys.readouterr().err
    assert f"{small}/train: left out: 1 utterance too short: P01\n" in said
    assert utterances.survey().rows == 400 and utterances.ids == ["P00", "P02"] and len(utterances) == 2
    with pytest.raises(BadInput, match="train: no utterance is left: all are too short"):
        utterances.leave_out(["P00", "P02"], "too short")


def test_labels_of_many_hours_are_read_again_instead_of_kept(small, monkeypatch):
    monkeypatch.setattr(datadir, "Kept", lambda arrays, kept=datadir.Kept: kept(arrays, room=1000))  # of 804 bytes each
    utterances = utterances_of(small / "train", "arousal")
    labels, kept = utterances.survey().labels, [labels for _, labels in utterances]
    assert all(np.array_equal(a, b) for a, b in zip(labels, kept, strict=True))
    assert [np.shares_memory(labels[n], labels[n]) for n in range(3)] == [True, False, False]


def test_all_utterances_are_in_memory_once_all_were_read_and_kept(small):
    utterances = utterances_of(small / "train", memory=Memory(3 * 200 * 16 * 4))
    assert not utterances.in_memory
    kept = [rows for rows, _ in utterances]
    assert utterances.in_memory and all(utterances[n][0] is kept[n] for n in range(3)) and utterances.memory.left == 0


def test_shifts_may_differ_by_their_rounding(small):
    rows = Rows.of_features(small / "train", norm_means=True, norm_vars=True)
    for name, value in (("frame_shift", 0.01), ("label_shift", 0.04)):
        (small / "train" / name).write_text(f"{value + 9e-7}\n")
        Utterances(small / "train", rows, "arousal")
        (small / "train" / name).write_text(f"{value - 2e-6}\n")
        with pytest.raises(BadInput, match=f"train/{name}: found .*, expected {value} as in the training data"):
            Utterances(small / "train", rows, "arousal")
        (small / "train" / name).write_text(f"{value}\n")
    (small / "train" / "label_shift").write_text("7\n")
    Utterances(small / "train", rows)  # which has no labels


def without(path, key):
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if not line.startswith(key)))


def test_what_has_no_features_or_no_labels_is_named(small, capsys):
    as_rows = Rows.of_features(small / "train", norm_means=True, norm_vars=True)
    without(small / "train" / "feats.scp", "P00")
    without(small / "train" / "arousal.scp", "P02")
    assert utterances_of(small / "train", "arousal", as_rows).ids == ["P01"]
    cure = f"P00; make it again, or run utils/fix_data_dir.sh {small}/train"
    said = capsys.readouterr().err
    assert f"{small}/train: left out: 1 utterance with arousal and not in feats.scp: {cure}\n" in said
    assert f"{small}/train: left out: 1 utterance in feats.scp without arousal: P02\n" in said
    assert utterances_of(small / "train", None, as_rows).ids == ["P01", "P02"]
    said = capsys.readouterr().err
    assert (
        said.endswith(f"{small}/train: left out: 1 utterance in utt2spk and not in feats.scp: {cure}\n")
        and "arousal" not in said
    )


def test_an_utterance_without_a_speaker_is_named(small):
    utterances = utterances_of(small / "train")
    assert utterances.speakers == ["P00", "P01", "P02"]
    without(small / "train" / "utt2spk", "P01")
    utterances = utterances_of(small / "train")
    for ask in (lambda: utterances.speakers, lambda: utterances[1]):
        with pytest.raises(BadInput, match="utt2spk: P01 is missing; run utils/fix_data_dir.sh .*/train or make"):
            ask()


@pytest.mark.parametrize(
    "name, matrix, message",
    [
        ("feats", np.zeros((0, 0), "f"), "feats.scp: P02: found 0 frames of 0 columns, expected 4 columns as in"),
        ("cmvn", np.ones((2, 4)), r"train/cmvn.scp: P02: CMVN statistics: found shape \(2, 4\)"),
        ("arousal", np.ones((200, 2), "f"), r"arousal.scp: P02: found shape \(200, 2\), expected one column"),
    ],
)
def test_a_matrix_that_does_not_fit_is_named(small, name, matrix, message):
    matrices = dict(datadir.Archive(small / "train" / f"{name}.scp"))
    write_archive(small / "train", name, matrices | {"P02": matrix})
    utterances = utterances_of(small / "train", "arousal")
    assert len(utterances[1][0]) == 200
    with pytest.raises(BadInput, match=message):
        utterances[2]
