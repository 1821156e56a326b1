"""cer/system/rows.py: how frames become the rows of a network."""

import pytest
from conftest import make_data_dir

from cer.base import records
from cer.base.errors import BadInput
from cer.features import waveform
from cer.system.rows import Rows


@pytest.mark.parametrize(
    "factor, columns, shift, whole", [(4, 12, 0.04, True), (1.5, 6, 0.015, False), (1, 3, 0.01, True)]
)
def test_a_row_holds_the_frames_of_its_label(factor, columns, shift, whole):
    rows = Rows(3, 0.01, factor, True, True)
    assert rows.input_dim == columns and rows.label_shift == pytest.approx(shift) and rows.whole is whole


def test_rows_of_features_have_their_size_and_the_ratio_of_the_shifts(tmp_path):
    data = make_data_dir(tmp_path, dim=5)
    assert Rows.of_features(str(data), norm_means=True, norm_vars=False) == Rows(5, 0.01, 4, True, False)
    (data / "label_shift").write_text("0.025\n")
    assert Rows.of_features(data, norm_means=False, norm_vars=False) == Rows(5, 0.01, 2.5, False, False)
    (data / "feats.scp").unlink()
    with pytest.raises(BadInput, match=r"feats.scp: .*; run stage 1 \(steps/make_feats.sh\)"):
        Rows.of_features(data, norm_means=True, norm_vars=False)


@pytest.mark.parametrize("shift, samples", [("0.04", 640), ("0.1", 1600), ("0.0625", 1000), ("0.04000000001", 640)])
def test_rows_of_recordings_are_whole_samples_without_normalisation(tmp_path, shift, samples):
    (tmp_path / "label_shift").write_text(f"{shift}\n")
    assert Rows.of_recordings(tmp_path, waveform.Features()) == Rows(1, 1 / 16000, samples, False, False)


@pytest.mark.parametrize("shift", ["0.04003", "0.04000001"])
def test_labels_between_two_samples_are_refused(tmp_path, shift):
    (tmp_path / "label_shift").write_text(f"{shift}\n")
    with pytest.raises(BadInput, match=f"label_shift: found {shift} s, expected whole samples at 16000 Hz"):
        Rows.of_recordings(tmp_path, waveform.Features())


@pytest.mark.parametrize("name, good, bad", [
    ("feat_dim", [1, 100_000], [0, 1.5]), ("frame_shift", [1e-6, 3600], [0, 3600.5]),
    ("frame_subsampling_factor", [0.01, 1.6, 1_000_000], [0.0099, 1_000_001]), ("norm_vars", [True], [1]),
])  # fmt: skip
def test_rows_that_are_read_are_of_possible_sizes(name, good, bad):
    rows = dict(zip(records.of(Rows), (4, 0.01, 4, True, True), strict=True))
    for value in good:
        records.check(rows | {name: value}, records.of(Rows), "a.json", "make it again")
    for value in bad:
        with pytest.raises(BadInput, match=f"a.json: {name}: found {value}, expected .*; make it again"):
            records.check(rows | {name: value}, records.of(Rows), "a.json", "make it again")
