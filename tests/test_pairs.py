"""cer/corpora/pairs.py: the table of recordings and traces as it is written, edited and read."""

import pytest

from cer.base.errors import BadInput
from cer.corpora import pairs

LINE = pairs.Line("a/x.wav", "ann", "train", "t/x.csv", "0", "value", "joy", "R1", -1.0, 1.0, "-5", "s", None, 25.0)
BARE = pairs.Line("y.wav", "bob", "dev", "y.csv", "", "0", "joy", "R1", 0.0, 100.0, "", "", 49.979, 25.0)
HEAD = "recording,speaker,set,trace,time,column,target,rater,low,high,missing,unit,rate,label_rate\n"
FIRST = "a/x.wav,ann,train,t/x.csv,0,value,joy,R1,-1,1,-5,s,,25\n"
SECOND = "y.wav,bob,dev,y.csv,,0,joy,R1,0,100,,,49.979,25\n"


def test_a_table_comes_back_as_it_was_written_whatever_the_order_of_its_columns(tmp_path):
    path = tmp_path / "a:b.csv"
    pairs.write(path, [LINE, BARE])
    assert path.read_text() == HEAD + FIRST + SECOND and pairs.read(path) == [LINE, BARE]
    turned = [",".join(row.split(",")[::-1]) for row in (HEAD + FIRST + SECOND).splitlines()]
    path.write_text("\n".join(turned))
    assert pairs.read(path) == [LINE, BARE]
    pairs.append(path, [BARE])  # behind a last line without its end
    pairs.append(path, [LINE])
    assert pairs.read(path) == [LINE, BARE, BARE, LINE] and path.read_text().splitlines()[:3] == turned


@pytest.mark.parametrize("row, message", [
    (FIRST.replace("a/x.wav", "/a/x.wav"), "found the recording '/a/x.wav', expected a path below the corpus's folder"),
    (FIRST.replace("t/x.csv", "t/../../x.csv"), "found the trace 't/../../x.csv', expected a path below"),
    (FIRST.replace("t/x.csv", ""), "found the trace '', expected a path below"),
    (FIRST.replace("ann", "an n"), "found the speaker 'an n', expected "),
    (FIRST.replace("R1", "../R1"), "found the rater '../R1', expected "),
    (FIRST.replace("joy", "a/b"), "target: found 'a/b', expected "),
    (FIRST.replace("train", "exam"), "found the set 'exam', expected one of train, dev, test"),
    (FIRST.replace(",s,", ",min,"), "found the unit 'min', expected one of s, ms, nothing"),
    (FIRST.replace(",-1,1,", ",1,1,"), "found low 1 and high 1, expected low < high"),
    (FIRST.replace(",25\n", ",0\n"), "found the label_rate 0, expected more than 0"),
    (FIRST.replace(",25\n", ",x\n"), "found 'x', "),
    (SECOND.replace("49.979", "0"), "found the rate 0, expected more than 0"),
    (SECOND.replace("49.979", "nan"), "found 'nan', expected a finite number"),
    (SECOND.replace("49.979", ""), "found the unit '' and rate None, expected one of the two"),
    (FIRST.replace(",s,,", ",s,50,"), "found the unit 's' and rate 50.0, expected one of the two"),
])  # fmt: skip
def test_what_cannot_stand_in_a_line_is_named(tmp_path, row, message):
    (tmp_path / "a:b.csv").write_text(HEAD + SECOND.replace("y.wav", "z.wav") + row)
    with pytest.raises(BadInput) as error:
        pairs.read(tmp_path / "a:b.csv")
    assert str(error.value).startswith(f"{tmp_path}/a:b.csv:3: {message}")


def test_sets_may_be_called_as_others_do_and_columns_parted_by_tabs(tmp_path):
    text = (HEAD + FIRST + SECOND).replace("train", "Train").replace("dev", "Validation").replace(",", "\t")
    (tmp_path / "x.csv").write_text(text)
    assert pairs.read(tmp_path / "x.csv") == [LINE, BARE]
    (tmp_path / "x.csv").write_text((HEAD + FIRST).replace(",missing", "").replace(",-5,", ","))
    assert [one.missing for one in pairs.read(tmp_path / "x.csv")] == [""]


@pytest.mark.parametrize("text", ["", "hello\nworld\n", f"# mine\n{HEAD}{FIRST}", HEAD.title() + FIRST])
def test_what_is_no_table_is_told(tmp_path, text):
    (tmp_path / "x.csv").write_text(text)
    expected = "expected the head recording,speaker,set" if text else "is empty; remove it, and it is made anew"
    with pytest.raises(BadInput, match=f"x.csv.*{expected}"):
        pairs.read(tmp_path / "x.csv")


@pytest.mark.parametrize("old, new, message", [
    ("bob", "eve", ":4: found the speaker bob of y.wav, eve above"),
    (",dev,", ",test,", ":4: found the set dev of y.wav, "),
    (",25\n", ",10\n", ": found the label_rate 10, 25, expected one for all lines"),
    (HEAD, HEAD.replace("rater,", "who,"), ":1: found no column rater, expected recording,speaker,set,trace,"),
])  # fmt: skip
def test_lines_that_contradict_each_other_are_named(tmp_path, old, new, message):
    text = (HEAD + FIRST + SECOND).replace(old, new, 1) + SECOND
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(BadInput) as error:
        pairs.read(tmp_path / "x.csv")
    assert str(error.value).startswith(f"{tmp_path}/x.csv{message}")


def test_lines_are_counted_as_an_editor_does_it(tmp_path):
    for text, line in ((HEAD + "\n,,,,,,,,,,,,,\n" + FIRST.replace("train", "exam"), 4),
                       ("\n" + HEAD + FIRST + "\n" + FIRST.replace("train", "dev"), 5)):  # fmt: skip
        (tmp_path / "x.csv").write_text(text)
        with pytest.raises(BadInput, match=rf"x.csv:{line}: found the set"):
            pairs.read(tmp_path / "x.csv")


@pytest.mark.parametrize("text, name", [("an n/b.c", "an_n_b.c"), ("_.-", "x"), ("..a", "a"), ("é", "é")])
def test_a_text_becomes_a_name(text, name):
    assert pairs.name_of(text) == name


def test_an_id_begins_with_its_speaker():
    def ids(*recordings):
        return [*pairs.ids_of([pairs.Line(one, who, *[""] * 12) for one, who in recordings]).values()]

    assert ids(("a/ann_1.wav", "ann"), ("ann.wav", "ann"), ("b.wav", "ann")) == ["ann-1", "ann", "ann-b"]
    assert ids(("a/b.wav", "ann"), ("c/b.wav", "ann")) == ["ann-b-a_b", "ann-b-c_b"]


def test_what_a_table_holds_is_told_by_target():
    other = pairs.Line("z.wav", "bob", "dev", "z.csv", "", "0", "fear", "R2", 0.0, 100.0, "", "", 49.979, 25.0)
    assert [*pairs.summary([LINE, BARE, other, other])] == [
        "3 recordings: train 1 (1 speaker), dev 2 (1 speaker), test 0 (0 speakers); 25 labels a second",
        "fear: 1 recording, raters R2; scale of their values 0 to 100",
        "joy: 2 recordings, raters R1; scale of their values -1 to 1, 0 to 100; -5 means no value",
    ]
