"""cer/base/words.py: words of messages."""

import pytest

from cer.base.words import counted


@pytest.mark.parametrize(("number", "said"), [(0, "0 recordings"), (1, "1 recording"), (2, "2 recordings")])
def test_one_thing_is_in_the_singular(number, said):
    assert counted(number, "recording") == said
