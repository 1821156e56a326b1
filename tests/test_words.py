"""cer/base/words.py: words of messages."""

import pytest

from cer.base.words import counted, reach


@pytest.mark.parametrize(("number", "said"), [(0, "0 recordings"), (1, "1 recording"), (2, "2 recordings")])
def test_one_thing_is_in_the_singular(number, said):
    assert counted(number, "recording") == said


@pytest.mark.parametrize(("numbers", "said"), [([5], "5"), ({3, 1, 5}, "1 to 5"), ([2, 2], "2")])
def test_numbers_are_told_by_their_ends(numbers, said):
    assert reach(numbers) == said
