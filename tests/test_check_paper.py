"""What of a copy of RECOLA is unlike the paper's corpus, in both layouts, on the tiny corpora of test_recola.py."""

import contextlib

import pytest
from conftest import called, write_wav
from corpus_programs import write
from test_recola import arff, csv, original, package, ratings  # noqa: F401 (fixtures)

from cer.scoring import gold_standard
from egs.recola import check_paper

PAPERS = {name: getattr(check_paper, name) for name in ("RECORDINGS", "SPEAKERS", "SECONDS", "ROWS", "SHIFT", "ALIKE")}


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """The paper's corpus in small: a recording of 2 s a set."""
    for name, value in {"SPEAKERS": 1, "SECONDS": 2, "ROWS": 51}.items():
        monkeypatch.setattr(check_paper, name, value)
    monkeypatch.setattr(check_paper, "RECORDINGS", {"original release": (3,), "AVEC 2015/2016 package": (3, 4)})


@pytest.fixture
def copy(request, tmp_path, monkeypatch):
    """A whole copy in the layout that the test's parameter names, and the partition that AVEC 2016 would have."""
    corpus = request.getfixturevalue(request.param)
    if request.param == "original":
        monkeypatch.setattr(check_paper, "AVEC_PARTITION", tmp_path / "partition.txt")
    else:
        for path in corpus.rglob("train_2.*"):
            path.unlink()
        for path in corpus.glob("ratings_gold_standard/*/*.arff"):
            seed = ["train_1", "", "dev_1"].index(path.stem) + 20 * (path.parent.name == "valence")
            write(path, arff(path.stem, gold_standard.avec(ratings(seed))))
    return corpus


both = pytest.mark.parametrize("copy", ["original", "package"], indirect=True)
release = pytest.mark.parametrize("copy", ["original"], indirect=True)
avec = pytest.mark.parametrize("copy", ["package"], indirect=True)


def lines(corpus, *options, fails=False):
    """The lines of a check that are not as expected, each without its state; it writes nothing."""
    partition = corpus.parent / "partition.txt"
    options = [*([f"--partition={partition}"] if partition.exists() else []), *options]
    there = sorted(corpus.parent.rglob("*"))
    try:
        done = called(check_paper.main, *options, corpus, corpus.parent / "data")
        out = done.stdout
        assert not fails
    except SystemExit as error:
        assert fails, error
        return str(error)
    assert sorted(corpus.parent.rglob("*")) == there
    *found, last = out.splitlines()
    assert float(last.removeprefix("hours of sound: ")) == pytest.approx(3 * 2 / 3600, rel=1e-3)
    return [line.split(maxsplit=1)[1] for line in found[1:] if not line.startswith("  as expected ")]


@release
def test_a_whole_original_release_is_as_expected(copy):
    assert lines(copy) == []


@avec
def test_a_whole_package_lacks_the_labels_of_test_only_and_that_is_said(copy):
    for line, target in zip(lines(copy), ("arousal", "valence"), strict=True):
        path = copy / "ratings_gold_standard" / target / "test_1.arff"
        found = f"labels of 0 of 1; none of test_1 (no such file {path})"
        assert line.startswith(f"{target} of test: {found}. That means: no test figures")


@both
def test_a_generated_corpus_is_not_taken_for_recola(copy):
    write(copy / "SYNTHETIC", "seed=1\n")
    assert lines(copy)[0].startswith("corpus: SYNTHETIC corpus (seed=1); expected RECOLA")


@release
def test_a_label_file_of_test_that_is_not_there_is_named_with_its_meaning(copy):
    (path := copy / "RECOLA-Annotation/emotional_behaviour/valence/P3.csv").unlink()
    assert lines(copy) == [
        f"valence of test: labels of 0 of 1; none of P3 (no such file {path}). That means: no test figures; predictions"
        " are made, to be sent to who has the labels"
    ]


@release
def test_a_test_set_with_labels_of_some_recordings_has_figures_of_those(copy):
    write_wav(copy / "RECOLA-Audio-recordings/P4.wav", [n % 999 for n in range(44100 * 2)], 44100)
    write(copy.parent / "partition.txt", "train P1\ndev P2\ntest P3\ntest P4\n")
    done = called(check_paper.main, f"--partition={copy.parent}/partition.txt", copy, "data").stdout
    path = copy / "RECOLA-Annotation/emotional_behaviour/arousal/P4.csv"
    said = f"arousal of test: labels of 1 of 2; none of P4 (no such file {path}). That means: test figures are of the"
    assert f"  DIFFERS      {said} recordings with labels; the paper's are of nine\n" in done


@release
def test_labels_at_another_rate_are_told(copy, monkeypatch):
    monkeypatch.setattr(check_paper, "SHIFT", 0.0401)
    found = [line for line in lines(copy) if "rows" in line]
    assert len(found) == 6
    assert (
        found[0]
        == "arousal of train, rows: P1 51 every 0.04 s; expected 51 every 0.0401 s. That means: is the copy whole?"
    )


@pytest.mark.parametrize("key, name, why", [
    ("P1", "train", "training needs them"), ("P2", "dev", "the choice of the best epoch needs them"),
])  # fmt: skip
@release
def test_labels_without_which_training_cannot_begin_stop_it(copy, key, name, why, capsys):
    (path := copy / f"RECOLA-Annotation/emotional_behaviour/arousal/{key}.csv").unlink()
    words = [f"--partition={copy.parent}/partition.txt", str(copy), "data"]
    with pytest.raises(SystemExit, match=f"arousal of {name}: see MISSING above; nothing was begun"):
        check_paper.main(words)
    said = (
        f"  MISSING      arousal of {name}: labels of 0 of 1; none of {key} (no such file {path}). That means: {why}\n"
    )
    assert said in capsys.readouterr().out


def test_the_papers_corpus_is_three_sets_of_nine_recordings_of_five_minutes():
    assert PAPERS["SPEAKERS"] == 9 and PAPERS["SECONDS"] == 5 * 60 and PAPERS["SHIFT"] == 0.04
    assert PAPERS["ROWS"] == round(PAPERS["SECONDS"] / PAPERS["SHIFT"]) + 1 and PAPERS["ALIKE"] == 0.999
    assert PAPERS["RECORDINGS"] == {"original release": (46, 3 * 9), "AVEC 2015/2016 package": (3 * 9,)}


@pytest.mark.parametrize("samples, told", [(4400, False), (4420, True), (-4400, False), (-4420, True)])
@release
def test_a_recording_may_be_a_tenth_of_a_second_longer_or_shorter(copy, samples, told, capsys):
    sound = [n % 999 for n in range(44100 * 2 + samples)]
    write_wav(copy / "RECOLA-Audio-recordings/P1.wav", sound, 44100)
    with contextlib.suppress(SystemExit):  # where its labels do not fit any more
        check_paper.main([f"--partition={copy.parent}/partition.txt", str(copy), "data"])
    assert ("lengths: 44100 Hz; not 2 s: P1 " in capsys.readouterr().out) == told


@release
def test_recordings_that_are_more_than_the_corpus_has_are_told_with_what_it_means(copy, monkeypatch):
    monkeypatch.setattr(check_paper, "RECORDINGS", {"original release": (4, 5)})
    [line] = lines(copy)
    assert line == "recordings: 3; expected 4 or 5. That means: nothing as long as the sets below are whole"
    monkeypatch.setattr(check_paper, "SPEAKERS", 2)
    assert lines(copy)[0].endswith("That means: some sets are not whole")


@release
def test_another_gold_standard_than_avecs_is_told(copy):
    for line, target in zip(lines(copy, "--gold-standard=ewe"), ("arousal", "valence"), strict=True):
        said = f"{target}, gold standard: of the raters, --gold-standard=ewe; expected AVEC 2016's method, avec."
        assert line == f"{said} That means: the paper's labels are AVEC 2016's"


@release
def test_other_lengths_rows_and_raters_are_told_at_once(copy, capsys):
    write_wav(copy / "RECOLA-Audio-recordings/P1.wav", [0] * (44100 * 2 + 8820), 44100)
    head, *rows = csv(ratings(0)).splitlines()
    folder = copy / "RECOLA-Annotation/emotional_behaviour"
    write(folder / "arousal/P2.csv", "\n".join([head, *rows[:-1]]))
    write(folder / "valence/P3.csv", csv(ratings(0)[:5], "time;FM1;FM2;FM3;FF1;FF2"))
    with pytest.raises(SystemExit, match="raters: see MISSING above; nothing was begun"):
        check_paper.main([f"--partition={copy.parent}/partition.txt", str(copy), "data"])
    told = capsys.readouterr().out.splitlines()
    found = [line for line in told if "DIFFERS" in line]
    assert len(found) == 3 and "lengths: 44100 Hz; not 2 s: P1 2.20 s. That means:" in found[0]
    assert "arousal of dev, rows: P2 50 every 0.04 s; expected 51 every 0.04 s. That means:" in found[1]
    assert "valence of test, raters: P3 (FM1, FM2, FM3, FF1, FF2); expected FM1, FM2" in found[2]
    *short, said = [line for line in told if "MISSING" in line]
    assert [f"of train: {folder}/{one}/P1.csv: found 51 rows of labels, expected 56 (or up to 2" in line
            for one, line in zip(("arousal", "valence"), short, strict=True)] == [True, True]  # fmt: skip
    assert f", FF3 in {folder}/arousal/P2.csv, FM1, FM2, FM3, FF1, FF2 in {folder}/valence/P3.csv; expected the" in said


@avec
def test_raters_of_fewer_rows_than_the_recording_stop_it_as_they_stop_the_preparation(copy):
    write(copy / "ratings_individual/valence/dev_1.csv", csv(ratings(22)[:, :-3]))
    assert "valence of dev: see MISSING above" in lines(copy, fails=True)


@release
def test_a_file_that_stands_in_the_place_of_another_is_told(copy):
    folder = copy / "RECOLA-Annotation/emotional_behaviour"
    write(folder / "valence/P2.csv", (folder / "arousal/P1.csv").read_text())
    said = f"valence of dev, copies: the same labels: P2 as {folder}/arousal/P1.csv. That means: a file stands"
    assert [line.startswith(said) for line in lines(copy)] == [True]


@release
def test_raters_in_another_order_stop_it_as_they_stop_the_preparation(copy):
    write(
        copy / "RECOLA-Annotation/emotional_behaviour/valence/P3.csv", csv(ratings(0), "time;FM2;FM1;FM3;FF1;FF2;FF3")
    )
    assert "raters: see MISSING above" in lines(copy, fails=True)
    assert not [line for line in lines(copy, "--annotators=FM1,FM2") if line.startswith("raters")]


@both
def test_files_that_cannot_be_read_are_all_named(copy, capsys):
    for path in [*copy.rglob("*1.wav"), *copy.rglob("valence/*1.csv")][:5]:
        path.write_bytes(b"not what it was")
    assert "sound" in (message := lines(copy, fails=True)) and "valence of train" in message


@release
def test_another_partition_is_said_not_to_be_comparable(copy, tmp_path):
    write(tmp_path / "mine", "train P2\ndev P1\ntest P3\n")
    [line] = lines(copy, f"--partition={tmp_path / 'mine'}")
    assert line.startswith("partition: the user's; expected AVEC 2016's. That means: dev and test are other people")


@avec
def test_a_gold_standard_unlike_that_of_its_raters_is_told_with_the_worst_recording(copy):
    write(copy / "ratings_gold_standard/arousal/dev_1.arff", arff("dev_1", ratings(7)[0]))
    [line] = [line for line in lines(copy) if "gold standard" in line]
    assert line.startswith("arousal, gold standard: the package's; CCC with AVEC 2016's method on its raters ")
    assert "(dev_1); expected 0.999 or more. That means: these labels are of other raters or of another" in line


@avec
def test_a_package_without_a_recording_or_without_raters_says_what_is_lost(copy):
    for path in [copy / "recordings_audio/test_1.wav", *copy.glob("ratings_individual/*/*.csv")]:
        path.unlink()
    done = called(check_paper.main, copy, copy.parent / "data").stdout
    assert "test set: 0 recordings; without test_1. That means: no test figures, and no predictions to submit" in done
    assert "train_1 (none); expected FM1" in done and "the section on the raters' ceiling is without these" in done


def test_no_folder_at_all_and_the_wrong_one_are_told_apart(tmp_path):
    (tmp_path / "RECOLA").mkdir()
    wrong = r"found neither .* package\), but RECOLA; pass the folder that holds one of them"
    for folder, message in ((tmp_path / "no", "no such folder; pass --corpus-dir"), (tmp_path, wrong)):
        with pytest.raises(SystemExit, match=message):
            check_paper.main([str(folder), str(tmp_path / "data")])
