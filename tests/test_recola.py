"""RECOLA's two layouts, made here on a tiny scale: what is read, and what is refused."""

import contextlib
import subprocess

import numpy as np
import pytest
from conftest import ROOT, write_wav
from corpus_programs import write
from test_wav import patched

from cer.base.errors import BadInput
from cer.base.tables import read_table
from cer.corpora import annotations, grid
from cer.corpora.partition import read_partition
from cer.corpora.preparation import method_of
from cer.data.datadir import Archive
from cer.scoring import gold_standard
from egs.recola import layouts, prepare

RATERS = ["FM1", "FM2", "FM3", "FF1", "FF2", "FF3"]
SECONDS, ROWS = 2, 51


def ratings(seed):
    return np.round(np.random.default_rng(seed).uniform(-0.9, 0.9, (6, ROWS)), 2)


def csv(values, header="time;FM1 ;FM2 ;FM3 ;FF1 ;FF2 ;FF3"):
    rows = "".join(f"{n * 0.04:.2f};" + ";".join(f"{v:.2f}" for v in row) + "\n" for n, row in enumerate(values.T))
    return f"{header}\n{rows}"


def arff(key, values):
    head = "@relation GOLDSTANDARD\n\n@attribute Instance_name string\n@attribute frameTime numeric\n"
    head += "@attribute GoldStandard numeric\n\n\n@data\n\n"
    return (head + "".join(f"{key},{n * 0.04:g},{v:.6f}\n" for n, v in enumerate(values))).replace("\n", "\r\n")


def make(corpus):
    """The original release with P1 for train, P2 for dev and P3 for test."""
    for n, key in enumerate(("P1", "P2", "P3")):
        (corpus / "RECOLA-Audio-recordings").mkdir(parents=True, exist_ok=True)
        write_wav(corpus / "RECOLA-Audio-recordings" / f"{key}.wav", np.arange(44100 * SECONDS) % 999, 44100)
        for m, target in enumerate(("arousal", "valence")):
            write(corpus / "RECOLA-Annotation/emotional_behaviour" / target / f"{key}.csv", csv(ratings(2 * n + m)))
    return corpus


@pytest.fixture
def original(tmp_path):
    """The original release and a partition file beside it."""
    write(tmp_path / "partition.txt", "train P1\ndev P2\n\ntest P3  # the last\n")
    return make(tmp_path / "RECOLA")


@pytest.fixture
def package(tmp_path):
    """The AVEC package: no labels of test."""
    corpus = tmp_path / "AVEC2016"
    for n, key in enumerate(("train_1", "train_2", "dev_1", "test_1")):
        (corpus / "recordings_audio").mkdir(parents=True, exist_ok=True)
        write_wav(corpus / "recordings_audio" / f"{key}.wav", np.arange(16000 * SECONDS) % 999)
        for target in ("arousal", "valence") if "test" not in key else ():
            seed = n + 20 * (target == "valence")
            write(corpus / "ratings_individual" / target / f"{key}.csv", csv(ratings(seed)))
            write(corpus / "ratings_gold_standard" / target / f"{key}.arff", arff(key, ratings(n + 50)[0]))
    return corpus


def run(corpus, *options):
    """Prepare into data/ beside the corpus; returns that folder. A failure raises SystemExit with the message."""
    partition = corpus.parent / "partition.txt"
    arguments = [f"--partition={partition}"] if partition.exists() else []
    prepare.main([*arguments, *options, str(corpus), str(corpus.parent / "data")])
    return corpus.parent / "data"


def fails(corpus, *options):
    with pytest.raises(SystemExit) as error:
        run(corpus, *options)
    assert str(error.value).startswith("ERROR (")
    return str(error.value)


def test_the_original_release_becomes_three_data_directories(original, capsys):
    data = run(original)
    assert read_table(data / "train" / "utt2spk") == {"P1": "P1"}
    assert read_table(data / "dev" / "wav.scp") == {"P2": str(original / "RECOLA-Audio-recordings/P2.wav")}
    assert read_table(data / "test" / "utt2dur") == {"P3": "2"}
    gold = gold_standard.avec(ratings(3))
    assert np.allclose(Archive(data / "dev" / "valence.scp")["P2"][:, 0], gold, atol=1e-6)
    assert "RECOLA, original release" in capsys.readouterr().out


def test_the_report_tells_every_files_agreement(original):
    lines = (run(original) / "agreement.txt").read_text().splitlines()
    assert "raters FM1, FM2, FM3, FF1, FF2, FF3" in lines[0] and len(lines) == 2 + 6
    words = lines[2].split()
    each = gold_standard.pairwise(ratings(0), gold_standard.ccc)
    assert words[:3] == ["train", "P1", "arousal"] and float(words[3]) == pytest.approx(each.mean(), abs=1e-3)
    pairs = [np.corrcoef(ratings(0)[[i, j]])[0, 1] for i in range(6) for j in range(i)]
    assert float(words[4]) == pytest.approx(np.mean(pairs), abs=1e-3)
    assert words[5] == f"FM1={each[0]:.3f}"


def test_the_raters_traces_are_kept_and_the_data_directory_is_one_still(original):
    data = run(original)
    assert (data / "dev" / "ratings" / "raters").read_text() == "FM1 FM2 FM3 FF1 FF2 FF3\n"
    for n, target in enumerate(("arousal", "valence")):
        traces = Archive(data / "dev" / "ratings" / f"{target}.scp")
        assert list(traces) == ["P2"] and np.array_equal(traces["P2"], ratings(2 + n).T.astype(np.float32))
    for command in (["validate_data_dir.sh", "--no-text", "--no-feats"], ["fix_data_dir.sh"], ["split_data.sh"]):
        number = ["1"] if command == ["split_data.sh"] else []
        subprocess.run([ROOT / "utils" / command[0], *command[1:], data / "dev", *number], cwd=ROOT, check=True)
    assert list(read_table(data / "dev" / "split1" / "1" / "arousal.scp")) == ["P2"]


def test_the_raters_kept_are_those_that_are_taken(package):
    data = run(package, "--annotators=FF1,FM2", "--targets=arousal")
    assert (data / "train" / "ratings" / "raters").read_text() == "FF1 FM2\n"
    traces = Archive(data / "train" / "ratings" / "arousal.scp")
    assert np.array_equal(traces["train_2"], ratings(1)[[3, 1]].T.astype(np.float32))
    assert not (data / "test" / "ratings").exists()


def test_the_package_has_its_own_sets_and_gold_standard_and_no_test_labels(package):
    data = run(package)
    assert list(read_table(data / "train" / "utt2spk")) == ["train_1", "train_2"]
    assert np.allclose(Archive(data / "dev" / "arousal.scp")["dev_1"][:, 0], ratings(52)[0], atol=1e-6)
    assert (data / "test" / "wav.scp").exists() and not (data / "test" / "arousal.scp").exists()


def test_a_package_without_individual_ratings_is_enough(package):
    assert (run(package) / "dev" / "ratings").exists()
    for path in (package / "ratings_individual").glob("*/*.csv"):
        path.unlink()
    data = run(package)
    assert "train train_1 arousal - -" in (data / "agreement.txt").read_text()
    assert not (data / "dev" / "ratings").exists() and (data / "dev" / ".backup" / "ratings.1" / "raters").exists()


@pytest.mark.parametrize("method", ["avec", "mean", "ewe"])
def test_the_gold_standard_and_the_raters_can_be_chosen(package, method):
    data = run(package, f"--gold-standard={method}", "--annotators=FF1,FM2")
    expected = gold_standard.METHODS[method](ratings(2)[[3, 1]])
    assert np.allclose(Archive(data / "dev" / "arousal.scp")["dev_1"][:, 0], expected, atol=1e-6)
    assert "raters FF1, FM2" in (data / "agreement.txt").read_text()


def test_an_arff_may_have_quotes_capitals_and_columns_in_another_order(package):
    rows = "".join(f"{v:.6f},'dev_1',{n * 0.04:g}\n" for n, v in enumerate(ratings(9)[0]))
    head = "@RELATION x\n@ATTRIBUTE 'GoldStandard' NUMERIC\n"
    head += "@attribute Instance_name string\n@attribute frameTime numeric\n"
    write(package / "ratings_gold_standard/arousal/dev_1.arff", f"% a comment\n{head}@DATA\n{rows}")
    assert np.allclose(Archive(run(package) / "dev" / "arousal.scp")["dev_1"][:, 0], ratings(9)[0], atol=1e-6)


def test_windows_line_ends_and_one_target_alone_are_fine(original):
    path = original / "RECOLA-Annotation/emotional_behaviour/arousal/P1.csv"
    write(path, path.read_text().replace("\n", "\r\n"))
    data = run(original, "--targets=arousal")
    assert (data / "train" / "arousal.scp").exists() and not (data / "train" / "valence.scp").exists()


@pytest.mark.parametrize("mark", [b"", "\ufeff".encode()])
@pytest.mark.parametrize("layout", ["original", "package"])
def test_files_from_windows_are_read_whatever_the_case_of_their_suffixes(request, layout, mark):
    corpus = request.getfixturevalue(layout)
    for path in [*corpus.rglob("*.wav"), *corpus.rglob("*.csv"), *corpus.rglob("*.arff")]:
        path.rename(path.with_suffix(path.suffix.title() if "1" in path.name else path.suffix.upper()))
    for path in [*corpus.rglob("*.C*"), *corpus.rglob("*.A*"), *corpus.parent.glob("partition.txt")]:
        path.write_bytes(mark + path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    data = run(corpus)
    for name in ("train", "dev"):
        wavs, labels = read_table(data / name / "wav.scp"), dict(Archive(data / name / "arousal.scp"))
        assert wavs.keys() == labels.keys() and all(path.lower().endswith(".wav") for path in wavs.values())


@pytest.mark.parametrize("suffix", [".csv", ".arff", "partition.txt"])
@pytest.mark.parametrize("content, found", [(b"time;caf\xe9;b\n", "not UTF-8"), (b"\xff\xfet\0", "UTF-16")])
def test_a_file_that_is_not_utf8_is_named(package, suffix, content, found):
    write(package.parent / "partition.txt", "train train_1\ndev dev_1\n")
    path = next(path for path in sorted(package.parent.rglob("*")) if path.name.endswith(suffix))
    path.write_bytes(content)
    assert f"{path.name}:1: found " in (message := fails(package)) and found in message


def test_the_avec_partition_is_used_for_the_original_release_and_never_guessed(original):
    (original.parent / "partition.txt").unlink()
    assert "train needs P16, P21" in fails(original)
    lines = (ROOT / "egs/recola/partition.txt").read_text().splitlines()[1:]
    assert len(lines) == 27 == len({line.split()[1] for line in lines})


def test_a_recording_in_no_set_is_left_out_with_a_warning(original, capsys):
    assert (run(original) / "test").exists()
    write(original.parent / "partition.txt", "train P1\ndev P2\n")
    data = run(original)
    assert "P3 left out" in capsys.readouterr().err
    assert not (data / "test").exists() and (data / ".backup" / "test.1" / "wav.scp").exists()


def test_a_corpus_may_have_no_test_set_from_the_start(original):
    write(original.parent / "partition.txt", "train P1\ndev P2\n")
    assert sorted(path.name for path in run(original).iterdir()) == ["agreement.txt", "dev", "train"]


def test_a_generated_corpus_is_called_synthetic(original, capsys):
    write(original / "SYNTHETIC", "seed=1\n")
    data = run(original)
    assert "SYNTHETIC corpus (seed=1)" in (data / "agreement.txt").read_text()
    assert (data / "dev" / "corpora").read_text() == "SYNTHETIC corpus (seed=1)\n"


def test_another_rate_of_labels_is_read_from_the_files(original):
    for path in original.glob("RECOLA-Annotation/*/*/*.csv"):
        rows = "".join(f"{n / 10:.1f};{n / 100};{n / 50}\n" for n in range(21))
        write(path, "time;A;B\n" + rows)
    assert (run(original) / "dev" / "label_shift").read_text() == "0.1\n"


@pytest.mark.parametrize("digits", [3, 4, 6, 12])
@pytest.mark.parametrize("shift", [1 / 60, 1 / 30, 1 / 24, 1001 / 30000, 0.04, 0.0125, 0.007, 1.0, 2.5])
def test_no_rate_of_labels_drifts_however_their_times_are_rounded(shift, digits):
    times = np.round(np.arange(18000) * shift, digits)
    found = grid.shift_of(times)
    assert abs(found - shift) * 18000 < 1e-6 + 10.0**-digits and (shift == 1001 / 30000 or found == shift)
    times = np.delete(times, 700)  # one left out, which the reader refuses: by the step of the others
    assert grid.shift_of(times) == pytest.approx(shift, rel=1e-6 + 10.0**-digits)
    assert grid.shift_of(np.round(np.arange(18000) * 0.035, 2)) == 0.035  # whole milliseconds


def trace(folder, text):
    write(folder / "x.csv", text)
    return annotations.read_ratings(folder / "x.csv")


def test_two_rows_from_one_end_of_the_scale_to_the_other_are_ratings(tmp_path):
    found = trace(tmp_path, "time;FM 1 ;FF1\n0;-1;0.5\n0.04;1;-0.25\n")
    assert found.names == ["FM_1", "FF1"] and found.values.tolist() == [[-1, 1], [0.5, -0.25]] and found.shift == 0.04


@pytest.mark.parametrize(
    "text, message",
    [
        ("time;a b;a_b\n0;0;0\n1;0;0\n", "x.csv:1: found the raters a_b, a_b, expected different names"),
        ("time;a\n0;0\n", "x.csv:2: found 1 rows of labels, expected one every few hundredths of a second"),
        ("time;a\n0;0\n0;0\n0;0\n1;0\n", "x.csv:3: found the time 0 after 0, expected a later one"),
        ("time;a\n2;0\n1;0\n0;0\n", "x.csv:3: found the time 1 after 2, expected a later one"),
        ("time;a\n0;0\n1;0\n2;0\n-3;0\n", "x.csv:5: found the time -3 after 2, expected a later one"),
        ("time;a\n1;0\n2;0\n3;0\n", "x.csv:2: found the time 1, expected 0: times from 0 in steps of 1 s, none twice"),
        ("time;a\n0;0\n1;0\n3;0\n4;0\n5;0\n", "x.csv:4: found the time 3, expected 2: times from 0 in steps of 1 s"),
        ("time;a;b\n0;0;0\n1;0;-1.01\n", "x.csv:3: b: found -1.01, expected -1 to 1"),
    ],
)
def test_ratings_that_cannot_be_are_named_by_their_line(tmp_path, text, message):
    with pytest.raises(BadInput, match=message.replace("(", "[(]")):
        trace(tmp_path, text)


@pytest.mark.parametrize("late, right", [(0.24, True), (0.26, False)])
def test_a_time_may_be_off_by_a_quarter_of_a_step(tmp_path, late, right):
    rows = [*(f"{n};0\n" for n in range(9)), f"{9 + late};0\n", *(f"{n};0\n" for n in range(10, 2000))]
    with contextlib.nullcontext() if right else pytest.raises(BadInput, match="x.csv:11: found the time 9.26, exp"):
        trace(tmp_path, "time;a\n" + "".join(rows))


# Which files, and which sets


def test_a_file_has_its_own_name_in_whatever_case_its_suffix_is(tmp_path):
    for name in ("P1.a.wav", "P1.CSV", "P1.WAV", "P2.wav", "P2.Wav", "P3.txt"):
        (tmp_path / name).touch()
    found = [layouts.in_any_case(tmp_path / f"P{n}.wav").name for n in (1, 2, 3)]
    assert found == ["P1.WAV", "P2.wav", "P3.wav"] and layouts.stems(tmp_path, ".wav") == ["P1", "P1.a", "P2"]


@pytest.fixture
def chosen(package):
    """Choose the sets of the package or of the same files in the original layout, by a partition."""

    def choose(partition, given, sets=True):
        layout = layouts.find(package)
        layout.sets = layout.sets if sets else None
        write(package / "partition", partition)
        return layouts.choose(layout, read_partition(package / "partition"), given)

    return choose


OTHER = "train dev_1 # one\n\ndev train_2\n"


@pytest.mark.parametrize("given, sets, train", [(False, True, ["train_1", "train_2"]), (True, True, ["dev_1"]),
                                                (False, False, ["dev_1"])])  # fmt: skip
def test_a_partition_that_is_given_comes_before_the_layouts_and_that_before_avecs(chosen, capsys, given, sets, train):
    assert chosen(OTHER, given, sets)["train"] == train
    left_out = "test_1, train_1 left out: in no set of the partition"
    assert (left_out in capsys.readouterr().err) is (train == ["dev_1"])


def test_test_may_lack_recordings_unless_its_partition_is_given(chosen):
    assert chosen(OTHER + "test P9\ntest test_1\n", False, sets=False)["test"] == ["test_1"]
    with pytest.raises(BadInput, match="test needs P9, which is not there; found dev_1, test_1, train_1, train_2;"):
        chosen(OTHER + "test P9\ntest test_1\n", True)


@pytest.mark.parametrize("partition", ["train test_1 # x\n", "dev test_1 dev_1\n", "dev\n", "exam test_1\n"])
def test_a_line_of_a_partition_is_a_set_and_an_id(chosen, partition):
    found = "0 for dev" if "#" in partition else f"partition:1: found '{partition[:-1]}', expected train, dev or test"
    with pytest.raises(BadInput, match=found):
        chosen(partition, True)
    with pytest.raises(BadInput, match="found 0 recordings for train and 1 for dev"):
        chosen("dev dev_1\n", True)


@pytest.mark.parametrize("method, annotators, found", [("auto", "", "given"), ("auto", "FM1", "avec"),
                                                       ("given", "", "given"), ("ewe", "FM1", "ewe")])  # fmt: skip
def test_the_gold_standard_of_a_package(package, method, annotators, found):
    layout = layouts.find(package)
    assert method_of(layout.gold, gold_standard=method, annotators=annotators) == found
    with pytest.raises(BadInput, match="takes no --annotators"):
        method_of(layout.gold, gold_standard="given", annotators="FM1")
    assert method_of(None) == "avec"


def test_a_corpus_with_a_partition_of_its_own_is_divided_by_it(original, capsys):
    (original.parent / "partition.txt").rename(original / "partition.txt")
    data = run(original)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"{original}: RECOLA, original release; gold standard: avec"
    assert printed[2] == f"{data}/dev: 1 recording, 1 with labels every 0.04 s"
    write(original.parent / "other", "train P2\ndev P1\n")
    data = run(original, f"--partition={original.parent}/other")
    assert list(read_table(data / "train" / "utt2spk")) == ["P2"]
    printed = capsys.readouterr().out.splitlines()
    assert printed[-2] == f"{data}/test: not made: the corpus holds no recordings of it"
    assert printed[-1] == f"{data}/test: the one that was there moved to {data}/.backup/test.1"


def test_the_options_can_be_checked_before_there_is_a_corpus(tmp_path):
    run(tmp_path / "none", "--check-options")
    assert "has none of its own" in fails(tmp_path / "none", "--check-options", "--gold-standard=given")
    write(tmp_path / "partition.txt", "train\n")
    assert "partition.txt:1: found 'train'" in fails(tmp_path / "none", "--check-options")
    assert [path.name for path in tmp_path.iterdir()] == ["partition.txt"]


def test_labels_may_be_two_more_or_less_than_the_sound_has_room_for(original):
    path = original / "RECOLA-Annotation/emotional_behaviour/arousal/P2.csv"
    for rows in (ROWS - 2, ROWS + 2):
        write(path, csv(np.zeros((6, rows))))
        assert len(Archive(run(original) / "dev" / "arousal.scp")["P2"]) == rows
    for rows in (ROWS - 3, ROWS + 3):
        write(path, csv(np.zeros((6, rows))))
        assert f"P2.csv: found {rows} rows of labels, expected 51 (or up to 2 more or less)" in fails(original)


def test_all_labels_of_a_corpus_have_one_rate(original):
    write(original / P2, "time;A;B\n" + "".join(f"{n / 10:.1f};0;0\n" for n in range(21)))
    assert "P2.csv: labels every 0.1 s, every 0.04 s in " in (message := fails(original)) and "P1.csv" in message


P2 = "RECOLA-Annotation/emotional_behaviour/arousal/P2.csv"
WAV = "RECOLA-Audio-recordings/P2.wav"


def edit(change):
    """Change the text of one raters' file."""
    return lambda corpus: write(corpus / P2, change((corpus / P2).read_text()))


def row(text):
    """Put another row in the place of the one at 0.08 s, line 4."""
    return edit(lambda old: "\n".join([*old.split("\n")[:3], text, *old.split("\n")[4:]]))


def divide(text):
    """Write another partition."""
    return lambda corpus: write(corpus.parent / "partition.txt", text)


THREE_MORE = "".join(f"{2 + n * 0.04:.2f};0;0;0;0;0;0\n" for n in (1, 2, 3))


@pytest.mark.parametrize(
    "spoil, message",
    [
        (lambda c: (c / WAV).write_bytes((c / WAV).read_bytes()[:-100]), "P2.wav: truncated"),
        (lambda c: write_wav(c / WAV, []), "P2.wav: holds no samples"),
        (lambda c: patched(c / WAV, 24, "<I", 7), "P2.wav: its header cannot be right: 7 Hz"),
        (lambda c: (c / WAV).unlink(), "dev needs P2, which is not there"),
        (edit(lambda t: "".join(t.splitlines(True)[:-4])), "P2.csv: found 47 rows of labels, expected 51"),
        (edit(lambda t: t + THREE_MORE), "P2.csv: found 54 rows"),
        (row("0.08;0;0;0;0;0;0;0"), "P2.csv:4: found 8 columns"),
        (row("0.08;nan;0;0;0;0;0"), "P2.csv:4: found 'nan'"),
        (row("0.08;high;0;0;0;0;0"), "P2.csv:4: found 'high'"),
        (row("0.08;;0;0;0;0;0"), "P2.csv:4: found ''"),
        (row("0.08;1.5;0;0;0;0;0"), "P2.csv:4: FM1: found 1.5, expected -1 to 1"),
        (row("0.04;0;0;0;0;0;0"), "P2.csv:4: found the time 0.04, expected 0.08"),
        (edit(lambda t: t.replace("FF3", "FM1")), "P2.csv:1: found the header"),
        (edit(lambda t: t.replace("FF3", "XY9")), "P2.csv: found the raters FM1, FM2, FM3, FF1, FF2, XY9"),
        (edit(lambda t: ""), "P2.csv: is empty"),
        (lambda c: (c / P2).unlink(), "arousal/P2.csv: no such file"),
        (divide("train P1\ndev P2\ntest P1\n"), "partition.txt:3: P1 stands here in test, and in line 1 (train)"),
        (divide("train P1\ntrain P1\ndev P2\n"), "partition.txt:2: P1 stands here in train"),
        (divide("train P1\nvalidation P2\n"), "partition.txt:2: found 'validation P2'"),
        (divide("train P1\n"), "0 for dev"),
        (lambda c: (c / "RECOLA-Audio-recordings").rename(c / "audio"), "found neither RECOLA-Audio-recordings"),
    ],
)
def test_bad_input_is_named_and_nothing_that_was_there_is_touched(original, spoil, message):
    data = run(original)
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    spoil(original)
    assert message in fails(original)
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "options, message",
    [
        (["--annotators=FM1,FM1"], "--annotators: found 'FM1,FM1', expected names parted by commas, each once"),
        (["--annotators=FM1,FX9"], "found no rater FX9; there are FM1, FM2"),
        (["--gold-standard=median"], "--gold-standard=median: expected one of auto, given, avec, mean, ewe"),
        (["--gold-standard=given"], "--gold-standard=given: this corpus, in this layout, has none of its own"),
        (["--targets=joy"], "joy/P1.csv: no such file"),
    ],
)
def test_a_bad_choice_is_refused(original, options, message):
    assert message in fails(original, *options)


def shell(corpus, *options):
    """Run prepare.sh into data/ beside the corpus, as run.sh does; returns what it printed."""
    options = f"--partition={corpus.parent}/partition.txt {' '.join(options)}"
    command = ["egs/recola/prepare.sh", "--opts", options, str(corpus), str(corpus.parent / "data")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_change_in_a_corpus_behind_a_link_is_seen(original):
    link = original.parent / "link"
    link.symlink_to(original)
    assert "up to date" not in shell(link) and "up to date" in shell(link)
    row("0.08;0;0;0;0;0;0")(original)
    assert "up to date" not in shell(link)


def test_ratings_that_are_gone_or_changed_are_made_again(original):
    shell(original)
    for name in ("raters", "valence.scp", "valence.ark"):
        assert "up to date" in shell(original)
        (original.parent / "data" / "dev" / "ratings" / name).unlink()
        assert "up to date" not in shell(original)
        assert (original.parent / "data" / "dev" / "ratings" / name).exists()


def test_ratings_beside_a_given_gold_standard_must_fit_the_recording(package):
    write(package / "ratings_individual/arousal/dev_1.csv", csv(ratings(2)[:, :20]))
    assert "ratings_individual/arousal/dev_1.csv: found 20 rows of labels, expected 51" in fails(package)


def test_an_arff_without_the_needed_columns_or_with_text_is_named(package):
    path = package / "ratings_gold_standard/arousal/dev_1.arff"
    good = path.read_text()
    write(path, good.replace("GoldStandard numeric", "Gold numeric"))
    assert "expected frameTime and GoldStandard" in fails(package)
    write(path, good.replace("dev_1,0.04,", "dev_1,0.04,?"))
    assert "dev_1.arff:" in fails(package)


HEAD = "@relation x\n@attribute frameTime numeric\n@attribute GoldStandard numeric\n"


@pytest.mark.parametrize(
    "text, message",
    [
        (HEAD + "@attribute\n@data\n0,0\n", ":4: found '@attribute', expected @attribute NAME TYPE"),
        (HEAD + "@attribute ''\n@data\n0,0\n", ":4: found \"@attribute ''\", expected @attribute NAME TYPE"),
        (HEAD + "@attribute 'a numeric\n@data\n0,0\n", ':4: found "@attribute \'a numeric", expected @attribute NAME'),
        (
            HEAD + "@attribute frametime numeric\n@data\n0,0,0\n",
            ":4: found the attribute frametime, expected a new name",
        ),
        (HEAD + "@atribute x numeric\n@data\n0,0,0\n", ":4: found '@atribute x numeric', expected"),
        (HEAD + "0,0\n", ":4: found '0,0', expected @relation, @attribute or @data"),
        ("0,0\n0.04,0\n", ":1: found '0,0', expected @relation, @attribute or @data"),
        ("@data\n0,0\n", ":1: found the attributes none, expected frameTime and GoldStandard"),
        (HEAD + "@data\n0,0,0\n", ":5: found 3 columns in '0,0,0', expected 2"),
        (HEAD + "@data\n@attribute x numeric\n0,0\n", ":5: found 1 columns in '@attribute x numeric', expected 2"),
        (HEAD + "@data\n{0 0}\n", ":5: found 1 columns"),
        (HEAD + "@data\n0,0\n", ":5: found 1 rows of labels, expected"),
        (HEAD, ":3: found 0 rows of labels, expected"),
        ("% nothing else\n", ":1: found 0 rows of labels, expected"),
    ],
)
def test_a_malformed_arff_is_named_by_file_and_line(package, text, message):
    write(package / "ratings_gold_standard/arousal/dev_1.arff", text)
    assert f"arousal/dev_1.arff{message}" in fails(package)


def test_names_in_an_arff_may_hold_blanks(package):
    head = HEAD + "@attribute 'Instance name' string\n@attribute 'Instance age' numeric\n@data\n"
    rows = "".join(f"{n * 0.04:g},{v:.6f},dev_1,30\n" for n, v in enumerate(ratings(9)[0]))
    write(package / "ratings_gold_standard/arousal/dev_1.arff", head + rows)
    assert np.allclose(Archive(run(package) / "dev" / "arousal.scp")["dev_1"][:, 0], ratings(9)[0], atol=1e-6)
