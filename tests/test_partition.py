"""cer/corpora/partition.py: which recordings are train, dev and test."""

from collections import Counter
from unicodedata import normalize

import pytest

from cer.base.errors import BadInput
from cer.corpora import finding, pairs, partition
from cer.corpora.partition import choose, padded, read_listed, read_partition, set_of, split


@pytest.mark.parametrize("word, name", [
    ("Train", "train"), ("DEVEL", "dev"), ("dev", "dev"), ("Validation", "dev"), ("development", "dev"),
    ("Test2", "test"), ("Test", "test"), ("train01", "train"), ("exam", None), ("", None), ("1", None),
])  # fmt: skip
def test_corpora_have_words_of_their_own_for_sets(word, name):
    assert set_of(word) == name


def test_numbers_of_any_length_come_in_the_order_of_texts():
    names = ["7", "0007", "000", "1234", "1" * 5000, "7b", "", "\u0667"]
    assert [padded(name, 3) for name in names] == ["007", "007", "000", "1234", "1" * 5000, "7b", "", "\u0667"]


def read(path, text, reader, *options):
    path.write_text(text)
    return reader(path, *options)


def test_a_list_of_a_corpus_may_have_a_head_of_one_line(tmp_path):
    path, sets = tmp_path / "x", {"train": ["a", "d"], "dev": ["b"], "test": ["c"]}
    text = "a;3;Train\nb;4;Devel\n\nc;5;Test1\nd;;train\n"
    assert read(path, text, read_listed, ";") == sets == read(path, text, read_listed, ";", True)
    assert read(path, f"id;age;set\n{text}", read_listed, ";", True) == sets
    for wrong, head, line in (
        (f"id;age;set\n{text}", False, "1: found 'id;age;set'"), (f"id;set\nid;set\n{text}", True, "2: found 'id;set'"),
        (f"{text}e;exam\n", True, "6: found 'e;exam'"), (f"{text}train\n", False, "6: found 'train'"),
        (f"{text};train\n", False, "6: found ';train'"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=f"x:{line}, expected an id, ';' and train, devel or test"):
            read(path, wrong, read_listed, ";", head)
    with pytest.raises(BadInput, match=r"x:6: a stands here in dev, and in line 1 \(train\) already"):
        read(path, f"{text}a;dev\n", read_listed, ";")


def test_a_partition_of_the_users_has_a_set_and_an_id_a_line(tmp_path):
    text = "# mine\ntrain a # the first\n\n  dev   b\ntrain c"
    assert read(tmp_path / "x", text, read_partition) == {"train": ["a", "c"], "dev": ["b"], "test": []}
    for wrong in ("train a b", "devel a", "train", "a train"):
        with pytest.raises(BadInput, match=f"x:2: found '{wrong}', expected train, dev or test, a blank and an id"):
            read(tmp_path / "x", f"dev x\n{wrong}\n", read_partition)
    with pytest.raises(BadInput, match=r"x:3: a stands here in dev, and in line 1 \(train\) already"):
        read(tmp_path / "x", "train a\n\ndev a\n", read_partition)


def test_the_recordings_that_are_there_are_chosen_and_others_told(capsys):
    sets = {"train": ["a", "b"], "dev": ["c"], "test": ["d", "e"]}
    assert choose("here", "edcba", sets, True) == sets and capsys.readouterr().err == ""
    assert choose("here", "abcd", sets, False) == sets | {"test": ["d"]}  # test is seldom public
    assert choose("here", "abcdezy", sets, True) == sets
    assert capsys.readouterr().err.endswith("here: y, z left out: in no set of the partition\n")
    for there, given, message in (
        ("acde", False, "train needs b, which is not there; found a, c, d, e; to divide"),
        ("abde", False, "dev needs c, which is not there"), ("abcd", True, "test needs e, which is not there"),
        ("", False, "train needs a, b, which are not there; found none; to divide them otherwise pass --part"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=f"^here: {message}"):
            choose("here", there, sets, given)
    for name, found in (("train", "0 recordings for train and 1 for dev"), ("dev", "2 recordings for train and 0 for")):
        with pytest.raises(BadInput, match=f"^here: found {found}"):
            choose("here", "abcde", sets | {name: []}, True)


def test_a_message_shows_twenty_ids_and_counts_the_others(capsys):
    sets = {"train": ["a"], "dev": ["b"], "test": []}
    choose("here", [*"ab", *(f"x{n:02d}" for n in range(21))], sets, True)
    assert ", x18, x19 and 1 more left out: " in capsys.readouterr().err


@pytest.mark.parametrize("speakers, sizes", [
    (2, (1, 1, 0)), (3, (1, 1, 1)), (4, (2, 1, 1)), (5, (3, 1, 1)), (6, (2, 2, 2)), (10, (6, 2, 2)), (11, (5, 3, 3)),
])  # fmt: skip
def test_dev_and_test_get_a_fifth_each_or_the_next_more(speakers, sizes):
    counts = Counter(split({f"s{n}": 2 for n in range(speakers)}, 1).values())
    assert tuple(counts[name] for name in partition.SETS) == sizes


def test_no_speaker_is_in_two_sets_of_a_split():
    counts = {f"s{n}": n % 3 + 1 for n in range(10)}
    found = split(counts, seed=1)
    shares = {name: sum(counts[s] for s, where in found.items() if where == name) for name in ("train", "dev", "test")}
    assert sum(shares.values()) == 19 and shares["dev"] >= 4 and shares["test"] >= 4 and shares["train"] >= 9
    assert found == split(dict(reversed(counts.items())), seed=1) != split(counts, seed=2)
    assert sorted(split({"a": 1, "b": 1}, 1).values()) == ["dev", "train"]
    assert sorted(split({"a": 1, "b": 9, "c": 1}, 1).values()) == ["dev", "test", "train"]
    with pytest.raises(BadInput, match=r"found 1 speakers \(a\), expected two or more"):
        split({"a": 5}, 1)


@pytest.mark.parametrize("theirs, ours", [("NFC", "NFD"), ("NFD", "NFC")])
def test_ids_are_the_same_however_their_letters_are_composed(tmp_path, theirs, ours):
    zoe, names = normalize(ours, "zoë_1"), ("train zoë_1", "dev bob_1")
    (tmp_path / "p").write_text(normalize(theirs, "\n".join(names)))
    own = partition.read_partition(tmp_path / "p")
    assert partition.choose("here", [zoe, "bob_1"], own, given=True) == {"train": [zoe], "dev": ["bob_1"], "test": []}
    speakers = {f"{zoe}.wav": zoe, "bob_1.wav": "bob"}
    assert finding.given(tmp_path / "p", speakers) == {f"{zoe}.wav": "train", "bob_1.wav": "dev"}
    assert pairs.name_of(zoe) == "zoë_1"
