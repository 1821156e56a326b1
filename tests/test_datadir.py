import os
import struct
import time
from dataclasses import replace

import kaldi_native_io
import numpy as np
import pytest
from conftest import GOLDEN, write_wav

from cer.base.errors import BadInput
from cer.data import corpus, datadir
from cer.data.corpus import Recording
from cer.data.datadir import Archive


def test_an_uncompressed_archive_is_kaldis_byte_for_byte(golden, tmp_path):
    features = Archive("fbank/fbank.scp")
    with datadir.writing_archive(tmp_path / "x") as write:
        for key in features:
            write(key, features[key])
    assert (tmp_path / "x.ark").read_bytes() == (GOLDEN / "fbank/fbank.ark").read_bytes()
    assert [line.rpartition(":")[2] for line in (tmp_path / "x.scp").read_text().split("\n")[:3]] == [
        "8",
        "159711",
        "322614",
    ]


@pytest.mark.parametrize("name", ["fbank_cm1", "fbank_cm2", "fbank_cm5"])
def test_kaldis_compressed_archives_are_read(golden, name):
    features = Archive("fbank/fbank.scp")
    for key, matrix in Archive(f"fbank/{name}.scp").items():
        assert np.abs(matrix - features[key]).max() < 0.3


def test_a_compressed_archive_of_ours_loses_no_more_than_kaldis(golden, tmp_path):
    features = Archive("fbank/fbank.scp")
    with datadir.writing_archive(tmp_path / "x", compress=True) as write:
        for key in features:
            write(key, features[key])
    for key, matrix in Archive(tmp_path / "x.scp").items():
        assert np.abs(matrix - features[key]).max() < 0.3
    assert (tmp_path / "x.ark").stat().st_size < 0.3 * (GOLDEN / "fbank/fbank.ark").stat().st_size


@pytest.mark.parametrize("compress, allowed", [(False, 0), (True, 1e-5)])
def test_kaldis_own_code_reads_what_we_write(golden, tmp_path, compress, allowed):
    features = Archive("fbank/fbank.scp")
    with datadir.writing_archive(tmp_path / "x", compress) as write:
        for key in features:
            write(key, features[key])
    with kaldi_native_io.SequentialFloatMatrixReader(f"scp:{tmp_path}/x.scp") as reader:
        read = {key: matrix.copy() for key, matrix in reader}
    assert list(read) == list(features)
    for key, matrix in Archive(tmp_path / "x.scp").items():
        assert np.abs(read[key] - matrix).max() <= allowed


def test_kaldis_own_code_reads_statistics_as_doubles(golden, tmp_path):
    stats = Archive("cmvn/cmvn.scp")
    with datadir.writing_archive(tmp_path / "x") as write:
        for key in stats:
            write(key, stats[key])
    with kaldi_native_io.SequentialDoubleMatrixReader(f"scp:{tmp_path}/x.scp") as reader:
        assert all(np.array_equal(matrix, stats[key]) for key, matrix in reader)


def test_what_is_read_may_be_worked_on_in_place(golden):
    matrix = Archive("fbank/fbank.scp")["P01-001"]
    matrix += 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda ark: ark.write_bytes(ark.read_bytes()[:-2]),
        lambda ark: ark.write_bytes(b"\0" * 20),
        lambda ark: ark.unlink(),
        lambda ark: ark.write_bytes(ark.read_bytes()[:-4] + struct.pack("<f", np.nan)),
    ],
)
def test_an_unreadable_archive_is_named_with_its_utterance(tmp_path, spoil):
    with datadir.writing_archive(tmp_path / "x") as write:
        write("P16", np.ones((3, 2), np.float32))
    spoil(tmp_path / "x.ark")
    with pytest.raises(BadInput, match=r"x.scp: P16: .*x.ark"):
        Archive(tmp_path / "x.scp")["P16"]


@pytest.mark.parametrize(
    "error, reason",
    [
        (FileNotFoundError(2, "No such file"), "No such file"),
        (ValueError("odd header"), "odd header"),
        (AssertionError(), "AssertionError()"),
    ],
)
def test_an_unreadable_matrix_comes_with_the_reason(tmp_path, monkeypatch, error, reason):
    (tmp_path / "x.scp").write_text("P16 x.ark:4\n")

    def load(where):
        raise error

    monkeypatch.setattr(datadir.archives, "load", load)
    with pytest.raises(BadInput) as found:
        Archive(tmp_path / "x.scp")["P16"]
    assert str(found.value) == f"{tmp_path}/x.scp: P16: cannot read x.ark:4: {reason}"


def test_an_archive_whose_writing_fails_leaves_the_old_one(tmp_path):
    with datadir.writing_archive(tmp_path / "x") as write:
        write("old", np.ones((3, 2), np.float32))
    with pytest.raises(KeyboardInterrupt), datadir.writing_archive(tmp_path / "x") as write:
        write("new", np.ones((3, 2), np.float32))
        raise KeyboardInterrupt
    assert list(Archive(tmp_path / "x.scp")) == ["old"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.ark", "x.scp"]


@pytest.mark.parametrize("jobs", [1, 2, 3, 7])
def test_the_parts_of_a_table_are_contiguous_and_make_it_whole(jobs):
    table = {n: n for n in range(7)}
    parts = [list(datadir.part(table, f"{job}/{jobs}")) for job in range(1, jobs + 1)]
    assert [key for one in parts for key in one] == list(table)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    for share in ("0/3", "4/3", "0/0", "1", "1/3x", "a/b"):
        with pytest.raises(BadInput, match=f"--part={share}: expected J/N with 1 <= J <= N"):
            datadir.part(table, share)


@pytest.mark.parametrize(
    "folder, key", [("two\nlines", "a"), (os.fsdecode(b"caf\xe9"), "a"), ("x", "a b"), ("x", "../a")]
)
def test_an_archive_that_no_table_can_name_is_not_written(tmp_path, folder, key):
    with (
        pytest.raises(BadInput, match="cannot be a line of a table"),
        datadir.writing_archive(tmp_path / folder / "x") as write,
    ):
        write(key, np.ones((3, 2), np.float32))
    assert not list(tmp_path.rglob("x.*"))


@pytest.mark.parametrize("text", [b"inf", b"nan", b"0", b"-1", b"0.04 s", b"", b"0.04\xe9", b"1e999"])
def test_a_shift_that_is_no_number_of_seconds_is_named(tmp_path, text):
    (tmp_path / "label_shift").write_bytes(text)
    with pytest.raises(BadInput, match="label_shift:?1?: found"):
        datadir.label_shift(tmp_path)


def test_a_shift_may_come_from_windows(tmp_path):
    (tmp_path / "label_shift").write_bytes("\ufeff0.04\r\n".encode())
    assert datadir.label_shift(tmp_path) == 0.04
    (tmp_path / "label_shift").unlink()
    for folder, cure in ((tmp_path, "write the seconds"), (tmp_path / "none", "is the folder's name right")):
        with pytest.raises(BadInput, match=f"{folder}/label_shift: cannot be read .*; {cure}"):
            datadir.label_shift(folder)


def test_ids_and_targets_that_leave_their_folder_are_not_written(tmp_path):
    wav = write_wav(tmp_path / "2.wav", range(16000))
    for key, speaker, target in [("../a", "../a", "x"), ("a/../b", "a", "x"), ("a", "", "x"), ("a", "a", "../x"),
                                 ("a", "a", "feats"), ("a b", "a", "x")]:  # fmt: skip
        with pytest.raises(BadInput, match="2.wav: found the id|a: target: found"):
            corpus.write_recordings(tmp_path / "set", [Recording(key, speaker, wav, {target: np.zeros(26)})], 0.04)
        assert [path.name for path in tmp_path.iterdir()] == ["2.wav"]


def test_recordings_become_a_data_directory_with_labels(tmp_path):
    recordings = [
        Recording(f"P{n}", f"P{n}", write_wav(tmp_path / f"{n}.wav", range(16000)), {"arousal": np.arange(26.0)})
        for n in (2, 10)
    ]
    corpus.write_recordings(tmp_path / "set", recordings, 0.04)
    read = {path.name: path.read_text() for path in (tmp_path / "set").iterdir() if path.is_file()}
    assert read["utt2spk"] == "P10 P10\nP2 P2\n" == read["spk2utt"]
    assert read["utt2dur"] == "P10 1\nP2 1\n" == read["reco2dur"]
    assert read["wav.scp"].startswith(f"P10 {tmp_path}/10.wav\n")
    assert (tmp_path / "set" / "label_shift").read_text() == "0.04\n"
    assert Archive(tmp_path / "set" / "arousal.scp")["P2"].tolist() == [[n] for n in range(26)]


def test_labels_at_a_rate_that_no_six_digits_tell_do_not_drift(tmp_path):
    one = Recording("P2", "P2", write_wav(tmp_path / "2.wav", range(16000)), {"arousal": np.arange(61.0)})
    corpus.write_recordings(tmp_path / "set", [one], 1 / 60)
    assert datadir.label_shift(tmp_path / "set") == 1 / 60


def test_recordings_that_cannot_be_are_refused_and_nothing_is_written(tmp_path):
    one = Recording("P2", "P2", write_wav(tmp_path / "2.wav", range(16000)), {"arousal": np.zeros(26)})
    nan = Recording("P3", "P3", one.wav, {"arousal": np.full(26, np.nan)})
    for recordings, message in [
        ([], "no recordings"),
        ([one, one], "unique ids"),
        ([Recording("P2", "Q", one.wav)], "begin with the speaker's"),
        ([nan], "P3: arousal: found nan in row 0, expected finite numbers"),
        ([replace(one, labels={"joy": np.array([0, 1, np.inf])})], "P2: joy: found inf in row 2"),
        (
            [replace(one, labels={"joy": np.zeros((26, 1))})],
            r"P2: joy: found labels of shape \(26, 1\), expected \(T,\)",
        ),
        ([replace(one, labels={"joy": np.zeros(0)})], r"P2: joy: found labels of shape \(0,\), .* at least one"),
        ([replace(one, ratings={"joy": np.zeros(26)})], r"P2: joy: found ratings of shape \(26,\), expected \(2, T\)"),
        ([replace(one, ratings={"arousal": np.zeros((3, 26))})], r"P2: arousal: .* \(3, 26\), expected \(2, T\)"),
        ([replace(one, ratings={"arousal": np.full((2, 26), np.nan)})], "P2: arousal: found ratings"),
    ]:
        with pytest.raises(BadInput, match=message):
            corpus.write_recordings(tmp_path / "set", recordings, 0.04, ["A", "B"])
        assert not (tmp_path / "set").exists()


def test_labels_that_are_not_given_again_do_not_stay(tmp_path):
    one = Recording(
        "P2", "P2", write_wav(tmp_path / "2.wav", range(16000)), {"arousal": np.zeros(26), "joy": np.ones(26)}
    )
    corpus.write_recordings(tmp_path / "set", [one], 0.04)
    del one.labels["joy"]
    corpus.write_recordings(tmp_path / "set", [one], 0.04)
    assert (tmp_path / "set" / "arousal.scp").exists() and not (tmp_path / "set" / "joy.scp").exists()
    assert (tmp_path / "set" / ".backup" / "joy.scp.1").exists()


def test_ratings_that_are_not_given_again_do_not_stay(tmp_path):
    one = Recording("P2", "P2", write_wav(tmp_path / "2.wav", range(16000)))
    one.ratings = {"joy": np.zeros((2, 26)), "arousal": np.ones((2, 26))}
    corpus.write_recordings(tmp_path / "set", [one], 0.04, ["A", "B"])
    del one.ratings["joy"]
    corpus.write_recordings(tmp_path / "set", [one], 0.04, ["A", "B"])
    ratings = tmp_path / "set" / "ratings"
    assert sorted(path.name for path in ratings.iterdir()) == ["arousal.ark", "arousal.scp", "raters"]
    assert Archive(ratings / "arousal.scp")["P2"].shape == (26, 2) and (ratings / "raters").read_text() == "A B\n"
    assert (tmp_path / "set" / ".backup" / "ratings.1" / "joy.scp").exists()


def test_recordings_may_lack_the_labels_and_ratings_that_others_have(tmp_path):
    wav = write_wav(tmp_path / "2.wav", range(16000))
    first = Recording("P1", "P1", wav, {"joy": np.zeros(5), "fear": np.ones(4)}, {"joy": np.zeros((1, 5))})
    second = Recording("P2", "P2", wav, {"fear": np.ones(3)}, {"fear": np.ones((1, 3))})
    corpus.write_recordings(tmp_path / "set", [second, first], 0.04, ["A"])
    found = {
        str(scp.relative_to(tmp_path / "set")): {key: matrix.shape for key, matrix in Archive(scp).items()}
        for scp in (tmp_path / "set").rglob("*.scp")
        if scp.name != "wav.scp" and scp.parent.name != "labels"
    }
    assert found == {
        "joy.scp": {"P1": (5, 1)}, "fear.scp": {"P1": (4, 1), "P2": (3, 1)},
        "ratings/joy.scp": {"P1": (5, 1)}, "ratings/fear.scp": {"P2": (3, 1)},
    }  # fmt: skip


def test_labels_are_a_column_and_their_target_a_name(tmp_path):
    with datadir.writing_archive(tmp_path / "joy") as write:
        write("P1", np.arange(3, dtype=np.float32))
    assert datadir.labels_of(tmp_path, "joy")["P1"].tolist() == [[0], [1], [2]]
    with pytest.raises(BadInput, match="fear.scp: .*; run stage 0"):
        datadir.labels_of(tmp_path, "fear")
    with pytest.raises(BadInput, match="target"):
        datadir.labels_of(tmp_path, "../joy")


def test_the_frame_shift_is_read_or_follows_from_durations_as_in_kaldi(golden, tmp_path):
    assert datadir.frame_shift("data/g16") == 0.01
    (tmp_path / "frame_shift").write_text("0.0125\n")
    assert datadir.frame_shift(tmp_path) == 0.0125
    (tmp_path / "frame_shift").unlink()
    (tmp_path / "utt2dur").write_text("a 30\nb 20\n")
    for frames, shift in [(4960, 0.01), (2499, 0.02), (2501, 0.02), (623, 50 / 623), (4000, 0.0125)]:
        (tmp_path / "utt2num_frames").write_text(f"a {frames - 100}\nb 100\n")
        assert datadir.frame_shift(tmp_path) == shift
    (tmp_path / "utt2dur").write_text("a 30\nb 20\nwithout-features 100\n")
    assert datadir.frame_shift(tmp_path) == 0.0125
    (tmp_path / "utt2dur").write_text("c 30\n")
    with pytest.raises(BadInput, match=f"no utterance that both have; write the seconds .* into {tmp_path}/frame"):
        datadir.frame_shift(tmp_path)
    (tmp_path / "utt2dur").write_text("a 30\nb long\n")
    with pytest.raises(
        BadInput, match=f"utt2num_frames: found 'long'.*; write the seconds .* into {tmp_path}/frame_sh"
    ):
        datadir.frame_shift(tmp_path)
    (tmp_path / "frame_shift").write_text("fast\n")
    with pytest.raises(BadInput, match="frame_shift: found 'fast', expected a finite number above 0"):
        datadir.frame_shift(tmp_path)


@pytest.mark.parametrize(
    "seconds, shift", [(10.2, 0.01), (10.21, 0.01021), (9.8, 0.01), (9.79, 0.00979), (0.1, 0.0001)]
)
def test_a_quotient_within_a_fifth_of_a_millisecond_of_a_whole_one_is_that(tmp_path, seconds, shift):
    (tmp_path / "utt2dur").write_text(f"a {seconds}\n")
    (tmp_path / "utt2num_frames").write_text("a 1000\n")
    assert datadir.frame_shift(tmp_path) == pytest.approx(shift, rel=1e-12)


def test_an_archive_counts_its_matrices_and_makes_columns_of_vectors_where_asked(tmp_path):
    matrices = {"a": np.eye(2, dtype=np.float32), "b": np.arange(3, dtype=np.float32)}
    with datadir.writing_archive(tmp_path / "x") as write:
        for key, matrix in matrices.items():
            write(key, matrix)
    plain, columns = (datadir.Archive(tmp_path / "x.scp", vectors=vectors) for vectors in (False, True))
    assert len(plain) == 2 and list(plain) == ["a", "b"]
    assert np.array_equal(columns["a"], matrices["a"]) and columns["b"].tolist() == [[0], [1], [2]]
    with pytest.raises(BadInput, match=r"x.scp: b: found shape \(3,\)"):
        plain["b"]


def test_to_ask_for_a_matrix_is_not_to_read_it(tmp_path, monkeypatch):
    with datadir.writing_archive(tmp_path / "x") as write:
        for key in "ab":
            write(key, np.ones((4, 1), np.float32))
    read, load = [], datadir.archives.load
    monkeypatch.setattr(datadir.archives, "load", lambda where: read.append(where) or load(where))
    kept = datadir.Kept(Archive(tmp_path / "x.scp"), room=16)
    assert "a" in kept and "c" not in kept and len(kept) == 2 and read == []
    assert [kept[key].sum() for key in "aabb"] == [4] * 4
    assert len(read) == 3  # the second has no room


def test_many_recordings_are_checked_in_a_moment():
    many = [Recording(f"S{n}", f"S{n}", "x.wav") for n in range(20_000)]
    begun = time.process_time()
    corpus.check_ids("x", many)
    assert time.process_time() - begun < 2  # two at a time they would take ten times that
