"""cer/data/archives.py: what a line of an scp file may name, and that nothing is run and no memory lost over it."""

import math
import pickle
import struct
import tracemalloc

import kaldiio
import numpy as np
import pytest
from conftest import GOLDEN

from cer.base.errors import BadInput
from cer.base.tables import read_table
from cer.data import archives
from cer.data.datadir import Archive, labels_of

MATRIX = np.arange(12, dtype=np.float32).reshape(4, 3)


def binary(matrix=MATRIX, kind=b"FM"):
    dims = b"".join(struct.pack("<bi", 4, size) for size in matrix.shape)
    return b"\0B" + kind + b" " + dims + matrix.tobytes()


@pytest.fixture
def ark(tmp_path):
    """Write an archive of one matrix and give its place back."""

    def write(content, name="a.ark"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"key " + content)
        return f"{tmp_path / name}:4"

    return write


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(200_000, 10), (2_000_000,)])
def test_a_matrix_or_vector_is_read_into_its_own_array_without_a_copy(tmp_path, dtype, shape):
    values = np.arange(2_000_000, dtype=dtype).reshape(shape)
    kaldiio.save_ark(str(tmp_path / "a.ark"), {"key": values})
    tracemalloc.start()
    found = archives.load(f"{tmp_path / 'a.ark'}:4")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.dtype == dtype and np.array_equal(found, values) and peak < 1.2 * values.nbytes


@pytest.mark.parametrize("scp", sorted(GOLDEN.glob("[fc]*/*.scp")), ids=lambda path: path.stem)
def test_every_archive_of_kaldis_is_read_as_kaldiio_reads_it(golden, scp):
    for where in read_table(scp).values():
        expected, found = kaldiio.load_mat(where), archives.load(where)
        assert found.dtype == expected.dtype and np.array_equal(found, expected)
        found += 1  # may be worked on in place


def test_row_ranges_and_doubles_are_read(golden, tmp_path):
    (tmp_path / "x.scp").write_text("a fbank/fbank.ark:8[10:19]\n")
    assert np.array_equal(Archive(tmp_path / "x.scp")["a"], Archive("fbank/fbank.scp")["P01-001"][10:20])
    assert Archive("cmvn/cmvn.scp")["P01"].dtype == np.float64


@pytest.mark.parametrize("name", ["fbank", "fbank_cm1", "fbank_cm2"])
@pytest.mark.parametrize(
    "limits, rows, columns",
    [
        ("[5:14]", slice(5, 15), slice(None)),
        ("[5:14,2:3]", slice(5, 15), slice(2, 4)),
        ("[:,0:9]", slice(None), slice(0, 10)),
        ("[0:5,:]", slice(0, 6), slice(None)),
        ("[,2:3]", slice(None), slice(2, 4)),
        ("[979:982]", slice(979, 980), slice(None)),  # ends up to 3 past the last row are cut
        ("[:]", slice(None), slice(None)),
    ],
)
def test_ranges_are_kaldis(golden, name, limits, rows, columns):
    place = read_table(f"fbank/{name}.scp")["P02-001"]
    whole = archives.load(place)
    assert len(whole) == 980 and np.array_equal(archives.load(place + limits), whole[rows, columns])


@pytest.mark.parametrize(
    "limits, message",
    [
        ("[0:983]", "range 0:983 of 980 rows, expected first:last in 0:979"),
        ("[5:2]", "range 5:2 of 980 rows"),
        ("[980:980]", "range 980:980 of 980 rows"),
        ("[0:5,38:40]", "range 38:40 of 40 columns"),
        ("[0:5,3:2]", "range 3:2 of 40 columns"),
        ("[7]", "range 7 of"),
        ("[-1:2]", "range -1:2 of"),
        ("[0:1:2]", "range 0:1:2 of"),
        ("[x]", "range x of"),
        ("[]", "range .. of 2 dimensions, expected"),
        ("[0:1,0:1,0:1]", "of 2 dimensions"),
        (f"[0:{'9' * 5000}]", "the range"),
    ],
)  # fmt: skip
def test_a_range_that_kaldi_refuses_is_refused(golden, limits, message):
    with pytest.raises(BadInput, match=message):
        archives.load(read_table("fbank/fbank.scp")["P02-001"] + limits)


@pytest.mark.parametrize("name", ["b [x]/a.ark", "b [0:1]/a.ark", "a:5/b c.ark", "x[0:1]", "[", "a]b", "é|b", "x]"])
def test_a_path_may_hold_brackets_colons_and_blanks(ark, name):
    place = ark(binary(), name)
    assert np.array_equal(archives.load(place), MATRIX) and np.array_equal(archives.load(place + "[1:2]"), MATRIX[1:3])


@pytest.mark.parametrize("name", ["one[0:1]", "one [x]", "one"])
def test_a_file_that_holds_nothing_else_needs_no_offset(tmp_path, name):
    (tmp_path / name).write_bytes(binary())
    assert np.array_equal(archives.load(f"{tmp_path / name}"), MATRIX)
    assert np.array_equal(archives.load(f"{tmp_path / name}[1:2]"), MATRIX[1:3])


@pytest.mark.parametrize(
    "text, values",
    [
        (" [\n  1 2.5\n  -3 4 ]\n", [[1, 2.5], [-3, 4]]),
        (" [ 1 2.5 3e2 ]\n", [1, 2.5, 300]),
        (" [\n 1.5 ]", [[1.5]]),
        ("[]", np.zeros((0, 0))),
        (" [\n" + "  1 2\n" * 50000 + "]\n", [[1, 2]] * 50000),
    ],
)
def test_text_is_read(ark, text, values):
    assert np.array_equal(archives.load(ark(text.encode() + b"next  [\n 7 ]\n")), np.array(values))


def test_text_in_which_only_python_sees_a_number_is_refused(ark):
    with pytest.raises(BadInput, match="found what is no number .b'-3_1'., expected numbers"):
        archives.load(ark(b" [\n  1 2\n  -3_1 4 ]\n"))


@pytest.mark.parametrize("kind, dtype", [(b"FV", np.float32), (b"DV", np.float64)])
def test_a_vector_stands_for_a_column_of_labels_and_for_nothing_else(ark, tmp_path, kind, dtype):
    place = ark(binary(np.array([1, 2, 3], dtype), kind))
    (tmp_path / "arousal.scp").write_text(f"a {place}\nb {place}[1:2]\n")
    assert labels_of(tmp_path, "arousal")["a"].tolist() == [[1], [2], [3]]
    assert labels_of(tmp_path, "arousal")["b"].tolist() == [[2], [3]]
    with pytest.raises(BadInput, match=r"arousal.scp: a: found shape \(3,\) .*expected rows x columns"):
        Archive(tmp_path / "arousal.scp")["a"]


class Payload:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


@pytest.mark.parametrize(
    "line", ["touch {} |", "| touch {}", "touch {} |[0:3]", "touch {} |:12", "touch {} |:12[0:3]", "|touch {}:0"]
)
def test_a_command_in_place_of_an_archive_is_not_run(tmp_path, line):
    (tmp_path / "x.scp").write_text(f"a {line.format(tmp_path / 'ran')}\n")
    with pytest.raises(BadInput, match="x.scp: a: .*a command, which is not run"):
        Archive(tmp_path / "x.scp")["a"]
    assert not (tmp_path / "ran").exists()


def test_a_pickle_in_place_of_a_matrix_is_not_unpacked(ark, tmp_path):
    with pytest.raises(BadInput, match=r"found b'PKL.*', expected .*\[, with which Kaldi's matrices begin"):
        archives.load(ark(b"PKL" + pickle.dumps(Payload(str(tmp_path / "ran")))))
    assert not (tmp_path / "ran").exists()


def compressed(kind, rows, columns, rest=b""):
    return b"\0B" + kind + b" " + struct.pack("<ffii", 0, 1, rows, columns) + rest


BIG = 2**31 - 1
BAD = [
    (b"NPY\x01\x80" + bytes(200), "expected .*begin"),
    (b"AUDIO\x01\x80" + bytes(200), "expected .*begin"),
    (b"RIFF" + bytes(200), "expected .*begin"),
    (b"fLaC" + bytes(200), "expected .*begin"),
    (b"1 2 3\n", "expected .*begin"),
    (b"", "found 4 bytes, expected a matrix after 4"),
    (b" " * 100000 + b"[ 1 ]", "expected .*begin"),
    (b"\0B", "found b''"),
    (b"\0B\4\3\0\0\0" + bytes(15), "found integers, expected one of FM"),
    (b"\0BXX " + bytes(40), "found b'XX', expected one of FM DM"),
    (b"\0BFM \4\3\0", "found the end of the file in the matrix's head"),
    (b"\0BCM \4\3\0", "found the end of the file in the matrix's head"),
    (binary()[:-1], "found 47 bytes behind a head of 4 x 3 values, expected 48"),
    (b"\0BFM \4" + struct.pack("<ibi", BIG, 4, BIG) + bytes(99), "found 99 bytes .* expected 18446744056529682436"),
    (b"\0BDV \4" + struct.pack("<i", BIG) + bytes(99), "found 99 bytes .* expected 17179869176"),
    (b"\0BFM \4" + struct.pack("<ibi", -4, 4, -3) + bytes(99), "head of -4 x -3"),
    (b"\0BFM \4" + struct.pack("<ibi", BIG, 4, 0) + bytes(99), "head of 2147483647 x 0"),
    (b"\0BFM \4" + struct.pack("<ibi", 2, 5, 2) + bytes(99), "head of 2 x 2"),
    (b"\0BFV \0" + struct.pack("<i", 2) + bytes(99), "head of 2"),
    (compressed(b"CM", BIG, BIG, bytes(99)), "found 99 bytes"),
    (compressed(b"CM", 3, 2, bytes(21)), "found 21 bytes .* expected 22"),
    (compressed(b"CM2", 3, 2, bytes(11)), "found 11 bytes .* expected 12"),
    (compressed(b"CM3", 3, 2, bytes(5)), "found 5 bytes .* expected 6"),
    (b" [ 1 2", "found no ]"),
    (b" [\n 1 2\n 3 ]", "found rows of 1 and 2 numbers"),
    (b" [ 1 x ]", "found what is no number"),
    (b" [ [ 1 ]", "found what is no number"),
]


@pytest.mark.parametrize("content, message", BAD, ids=[repr(content[:12]) for content, _ in BAD])
def test_what_is_no_matrix_is_refused_and_named(ark, tmp_path, content, message):
    (tmp_path / "x.scp").write_text(f"P16 {ark(content)}\n")
    with pytest.raises(BadInput, match=rf"x.scp: P16: cannot read .*a.ark:4: .*{message}"):
        Archive(tmp_path / "x.scp")["P16"]


@pytest.mark.parametrize("kind", [b"FM", b"CM", b"CM2", b"CM3"])
def test_an_empty_matrix_is_empty(ark, kind):
    content = binary(MATRIX[:0, :0]) if kind == b"FM" else compressed(kind, 0, 0)
    assert archives.load(ark(content)).shape == (0, 0)


@pytest.mark.parametrize(
    "place", ["{}", "{}:4", "/dev/zero:4", "none.ark:4", "{}/a.ark:99", "-", "a.ark:9999999999999999999"]
)
def test_a_place_that_holds_no_matrix_is_named(ark, tmp_path, place):
    ark(binary())
    with pytest.raises(BadInput, match="no plain file|no such file|expected a matrix after 99"):
        archives.load(place.format(tmp_path))


def test_numbers_that_are_none_are_refused(ark, tmp_path):
    (tmp_path / "x.scp").write_text(f"a {ark(binary(np.full((2, 2), math.nan, np.float32)))}\n")
    with pytest.raises(BadInput, match="x.scp: a: found nan or infinite numbers .* expected rows x columns of"):
        Archive(tmp_path / "x.scp")["a"]


@pytest.mark.parametrize("compress", [False, True])
def test_what_is_saved_is_read_at_the_offset_that_was_told(tmp_path, compress):
    matrices = {"P1": MATRIX, "é-2": MATRIX[:, ::-1].copy() / 3}
    with (tmp_path / "a.ark").open("wb") as file:
        offsets = {key: archives.save(file, key, matrix, compress) for key, matrix in matrices.items()}
    assert offsets["P1"] == 3
    for key, matrix in matrices.items():
        found = archives.load(f"{tmp_path / 'a.ark'}:{offsets[key]}")
        assert np.allclose(found, matrix, atol=0.1) if compress else np.array_equal(found, matrix)
