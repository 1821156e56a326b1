"""The training loop: when it ends, and what it yields."""

import types

import numpy as np
import pytest

from cer.training.epochs import epochs


def run(scores, **options):
    """The numbers of the epochs that are made when these are the scores, the highest the best."""
    made, best = [], [0, -np.inf]

    def evaluate():
        return scores[made[-1] - 1]

    for epoch in epochs(lambda number: made.append(number) or 2 * number, evaluate, lambda: best[0], **options):
        assert epoch.number == made[-1] and epoch.loss == 2 * epoch.number and epoch.seconds >= 0
        if epoch.score > best[1]:
            best[:] = epoch.number, epoch.score
    return made


@pytest.mark.parametrize(
    "scores, made", [([1, 2, 3, 4, 5], 5), ([5, 1, 1, 1, 1], 3), ([1, 5, 1, 1, 1], 4), ([1, 1, 1, 1, 2], 3)]
)
def test_it_ends_when_nothing_has_improved_for_the_patience_or_at_the_end(scores, made):
    assert run(scores, max_epochs=5, patience=2) == [*range(1, made + 1)]


def test_a_resumed_training_goes_on_with_its_next_epoch():
    assert run([1, 2, 3, 4, 5], max_epochs=5, patience=5, first=4) == [4, 5]


def test_of_runs_side_by_side_the_most_patient_decides():
    best = np.array([1, 3])
    found = [e.number for e in epochs(lambda n: 0.0, lambda: 0.0, lambda: best, max_epochs=9, patience=2)]
    assert found == [1, 2, 3, 4, 5]


def test_an_epochs_time_is_the_mean_since_the_training_went_on(monkeypatch):
    clock = iter([100.0, 102.0, 106.0, 107.0])
    monkeypatch.setattr("cer.training.epochs.time", types.SimpleNamespace(monotonic=lambda: next(clock)))
    found = epochs(lambda n: 0.0, lambda: 0.0, lambda: 9, max_epochs=6, patience=1, first=4)
    assert [(epoch.number, epoch.seconds) for epoch in found] == [(4, 2.0), (5, 3.0), (6, 7 / 3)]
