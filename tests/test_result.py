"""cer/prediction/result.py: predictions are used as NumPy's arrays are, and know their times and targets."""

import copy
import pickle

import numpy as np
import pytest

from cer.prediction.result import Prediction


def example():
    return Prediction({"arousal": np.float32([1, 2, 4]), "valence": np.float32([0, -1, 1])}, 0.04)


def test_a_prediction_knows_its_times_and_targets():
    found = example()
    assert found.times.tolist() == [0, 0.04, 0.08] and found.targets == ("arousal", "valence")
    assert found.values.tolist() == [[1, 0], [2, -1], [4, 1]] and found["valence"].tolist() == [0, -1, 1]
    assert repr(found) == "<Prediction of arousal, valence: 3 rows, 0 to 0.08 s>"
    with pytest.raises(KeyError, match="found the target 'joy', expected one of arousal, valence"):
        found["joy"]
    one = Prediction({"arousal": np.float32([1, 2])}, 0.04)
    assert one.values.shape == (2,) and one["arousal"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "use",
    [
        np.asarray, lambda x: np.asarray(x, np.float64), np.array, len, list, lambda x: x[1], lambda x: x[1:, 0],
        lambda x: x[x > 1], lambda x: 2 * x + 1, lambda x: 1 - x, lambda x: x**2, lambda x: -x, lambda x: x > 1,
        lambda x: x == x[0], lambda x: x + x, np.exp, lambda x: np.maximum(x, 1), np.mean, lambda x: np.mean(x, axis=0),
        lambda x: np.concatenate([x, x]), lambda x: x.shape, lambda x: x.std(), lambda x: x.T, lambda x: x.tolist(),
        lambda x: np.add.reduce(x), lambda x: np.add(x, 1, out=np.zeros((3, 2))), lambda x: x @ [1, 2],
    ],
)  # fmt: skip
def test_a_prediction_is_used_as_numpys_arrays_are(use):
    found, expected = use(example()), use(example().values)
    assert type(found) is type(expected) and np.array_equal(found, expected)
    assert getattr(found, "dtype", None) == getattr(expected, "dtype", None)


def test_a_prediction_is_changed_in_place_as_numpys_arrays_are():
    found, values = example(), example().values
    same = found
    found += 1
    found[0] = 7
    values += 1
    values[0] = 7
    assert same is found and found.targets == ("arousal", "valence") and np.array_equal(found, values)


def test_a_prediction_can_be_copied_and_pickled():
    for found in (copy.deepcopy(example()), pickle.loads(pickle.dumps(example()))):
        assert np.array_equal(found, example()) and found.targets == example().targets
    with pytest.raises(AttributeError, match="has no attribute 'tims'"):
        example().tims  # noqa: B018


def test_a_prediction_is_read_row_by_row_and_changed_by_its_places():
    found, one = example(), Prediction({"joy": np.float32([])}, 0.04)
    assert len(found) == 3 and [row.tolist() for row in found] == [[1, 0], [2, -1], [4, 1]]
    found[1, 0] = 9
    assert found["arousal"].tolist() == [1, 9, 4] and found[1].tolist() == [9, -1]
    assert len(one) == 0 and repr(one) == "<Prediction of joy: 0 rows, no values>" and one["joy"].shape == (0,)
    assert found.times.dtype == np.float64 and found.values.dtype == np.float32


def test_arithmetic_may_write_into_a_prediction():
    found, more = example(), example()
    assert np.add(found, 1, out=found) is found and found.values[0].tolist() == [2, 1]
    quotient, rest = np.divmod(found, 2, out=(more, example()))
    assert (
        quotient.tolist() == more.tolist() == (found.values // 2).tolist()
        and rest.tolist() == (found.values % 2).tolist()
    )
