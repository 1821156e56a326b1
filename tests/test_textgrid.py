"""cer/data/textgrid.py: tiers as Praat writes them; praatio, another reader, is the second opinion."""

import pytest
from praatio import textgrid as praatio

from cer.base.errors import BadInput
from cer.data import textgrid

LONG = '''File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 3
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "ann"
        xmin = 0
        xmax = 3
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1.5
            text = "she said ""no"""
        intervals [2]:
            xmin = 1.5
            xmax = 2
            text = ""
        intervals [3]:
            xmin = 2
            xmax = 3
            text = "item [2]: intervals [1]: xmin = 7"
    item [2]:
        class = "TextTier"
        name = "clicks"
        xmin = 0
        xmax = 3
        points: size = 1
        points [1]:
            number = 1
            mark = "click"
'''
SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
3
<exists>
1
"IntervalTier"
"ann"
0 3 2 ! start, end, number
0 1.5 "a
b"
1.5 3 ""
"""
INTERVALS = [(16, "ann", 0, 1.5, 'she said "no"'), (24, "ann", 2, 3, "item [2]: intervals [1]: xmin = 7")]


def put(folder, content, encoding="utf-8"):
    path = folder / "talk.TextGrid"
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_long_file_is_read_with_the_lines_of_its_intervals(tmp_path, encoding, ends):
    assert textgrid.read(put(tmp_path, LONG.replace("\n", ends), encoding)) == INTERVALS


def test_a_short_file_is_read_too(tmp_path):
    assert textgrid.read(put(tmp_path, SHORT)) == [(11, "ann", 0, 1.5, "a\nb")]
    assert textgrid.read(put(tmp_path, SHORT.replace("<exists>\n1", "<absent>"))) == []


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("xmax = 1.5", "xmax = abc", r"TextGrid:17: found 'abc', expected the end of an interval"),
        ("xmax = 1.5", "xmax = nan", r"TextGrid:17: found 'nan', expected the end of an interval"),
        ("xmax = 1.5\n", "\n", "TextGrid:18: found 'she said \"no\"', expected the end of an interval"),
        ('text = ""\n', "text = 3\n", "TextGrid:22: found '3', expected the \"text\" of an interval"),
        ('"TextTier"', '"Tier"', 'TextGrid:28: found "Tier", expected "IntervalTier"'),
        ("ooTextFile", "ooBinaryFile", 'TextGrid:1: found "ooBinaryFile", expected "ooTextFile"; save it in Praat'),
        ('"TextGrid"', '"Pitch"', 'TextGrid:2: found "Pitch", expected "TextGrid"'),
        ("intervals: size = 3", "intervals: size = 4", 'TextGrid:28: found .TextTier., expected the start of an inter'),
        ("size = 2\n", "size = two\n", "TextGrid:7: found 'two', expected the number of tiers"),
        ('mark = "click"\n', "", "TextGrid:35: found the end of the file, expected the \"text\""),
        (LONG, "", "TextGrid:1: found the end of the file"),
        (LONG, "hello", "TextGrid:1: found 'hello', expected \"ooTextFile\""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(tmp_path, old, new, message):
    with pytest.raises(BadInput, match=message):
        textgrid.read(put(tmp_path, LONG.replace(old, new)))


def test_a_file_cut_within_a_character_is_named(tmp_path):
    path = put(tmp_path, LONG, "utf-16")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadInput, match="TextGrid: is cut off within its UTF-16"):
        textgrid.read(path)


def test_what_is_written_is_read_back_here_and_by_praatio(tmp_path):
    tiers = [("ann", [(0.5, 1.0, 'so "what"'), (1.0, 1.25, "x")]), ("bob", []), ("cleo", [(0.0, 2.0, "all")])]
    path = put(tmp_path, textgrid.text(tiers, 2.0))
    numbered = [line.strip() for line in path.read_text().splitlines() if "[" in line]
    assert numbered[:5] == ["item []:", "item [1]:", "intervals [1]:", "intervals [2]:", "intervals [3]:"]
    assert [row[1:] for row in textgrid.read(path)] == [(who, *one) for who, each in tiers for one in each]
    other = praatio.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")
    assert other.tierNames == ("ann", "bob", "cleo") and (other.minTimestamp, other.maxTimestamp) == (0, 2)
    assert [tuple(one) for one in other.getTier("ann").entries] == [
        (0, 0.5, ""), (0.5, 1, 'so "what"'), (1, 1.25, "x"), (1.25, 2, "")
    ]  # fmt: skip
    assert [tuple(one) for one in other.getTier("bob").entries] == [(0, 2, "")]


@pytest.mark.parametrize("form", ["short_textgrid", "long_textgrid"])
def test_what_praatio_writes_is_read(tmp_path, form):
    grid = praatio.Textgrid(0, 4)
    grid.addTier(praatio.IntervalTier("ann", [(0.25, 1, "one"), (2, 3.5, 'tw"o')], 0, 4))
    grid.addTier(praatio.PointTier("clicks", [(0.5, "x")], 0, 4))
    path = tmp_path / "talk.TextGrid"
    grid.save(str(path), format=form, includeBlankSpaces=True)
    assert [row[1:] for row in textgrid.read(path)] == [("ann", 0.25, 1, "one"), ("ann", 2, 3.5, 'tw"o')]
