"""MSP-Conversation's layout, made here on a tiny scale: what is read, and what is refused."""

import numpy as np
import pytest
from corpus_programs import check, edit, ids, labels, prepare, refusal, sound, write

HEAD = """Time of Rating,2019-04-03 10:11
Multimedia File,MSP-Conversation_0001_1.mp4
Lower Label,very, very calm
Upper Label,excited
Minimum Value,-100
Maximum Value,100
Number of Steps,9
Second,Rating
%%%%%%,%%%%%%
"""
START = 600.25  # s of the podcast at which each conversation begins
PARTS = {"1": (0, 2), "2": (2, 4)}


def trace(level, seconds=2.0, extra="", seed=1):
    """A CSV of one rater: irregular times from the part's start, at most 50 ms apart."""
    steps = np.random.default_rng(seed).uniform(0.01, 0.05, 400)
    times = np.append(0, np.cumsum(steps))
    return HEAD + "".join(f"{time:.4f},{level}{extra}\n" for time in times[times <= seconds])


def make(folder, conversations=3, seconds=4.5):
    """A corpus of conversations of two parts; raters 001 and 002 rated both, 003 the second one alone."""
    parts, sets = "", ""
    for n in range(1, conversations + 1):
        key = f"MSP-Conversation_{n:04d}"
        sound(folder / "Audio" / f"{key}.wav", seconds, 44100 if n == 1 else 16000, seed=n)
        for part, (start, end) in PARTS.items():
            parts += f"{key}_{part};{START + start};{START + end}\n"
            for m, target in enumerate(("Arousal", "Valence", "Dominance")):
                for rater, level in {"001": 10, "002": 30, **({"003": 80} if part == "2" else {})}.items():
                    write(folder / "Annotations" / target / f"{key}_{part}_{rater}.csv", trace(level - m, seed=n))
        sets += f"{key};{('Train', 'Validation', 'Test')[(n - 1) % 3]}\n"
    write(folder / "Time_Labels" / "conversation_parts.txt", parts)
    write(folder / "partitions.txt", sets)
    return folder


FIRST = "MSP-Conversation_0001"
FILE = f"Annotations/Arousal/{FIRST}_2_001.csv"


@pytest.fixture
def corpus(tmp_path):
    return make(tmp_path / "msp")


def test_parts_lie_where_they_were_in_the_conversation_and_raters_may_lack_some(corpus):
    data, printed = prepare("msp_conversation", corpus)
    check(data)
    assert ids(data, "train") == {FIRST: FIRST} and list(ids(data, "test")) == ["MSP-Conversation_0003"]
    for target, less in (("arousal", 0), ("valence", 0.01), ("dominance", 0.02)):
        found = labels(data, "train", target)[FIRST]
        assert len(found) == 113 and np.isnan(found[103:]).all()  # nobody rated after 4 s, but for rounding
        assert np.allclose(found[:47], 0.2 - less) and np.allclose(found[53:98], 0.4 - less)
    assert (data / "train/ratings/raters").read_text() == "001 002 003\n"
    assert "MSP-Conversation; gold standard: mean" in printed and "labels every 0.04 s" in printed


def test_times_count_from_the_conversations_start_where_the_corpus_says_it(corpus):
    write(corpus / "Time_Labels/conversations.txt", f"{FIRST};{START - 0.4};{START + 9}\n")
    found = labels(prepare("msp_conversation", corpus)[0], "train", "arousal")[FIRST]
    assert np.isnan(found[:10]).all() and np.allclose(found[10:57], 0.2)


def test_a_file_may_have_a_column_more_and_there_may_be_a_second_list_of_parts(corpus):
    write(corpus / FILE, trace(10, extra=",7"))
    listing = corpus / "Time_Labels/conversation_parts.txt"
    *rest, last = listing.read_text().splitlines(keepends=True)
    write(listing, "".join(rest))
    write(corpus / "Time_Labels/test2_conversation_parts.txt", last)
    (corpus / "partitions.txt").rename(corpus / "Time_Labels/partitions.txt")
    data, printed = prepare("msp_conversation", corpus, "--targets=arousal", "--label-shift=0.1")
    assert "found 1 columns that nobody asked for" in printed
    assert len(labels(data, "test", "arousal")["MSP-Conversation_0003"]) == 46


def test_what_a_rater_said_after_the_parts_end_does_not_count(corpus):
    for rater, level in (("001", -50), ("002", 90)):
        write(corpus / f"Annotations/Arousal/{FIRST}_1_{rater}.csv", trace(level, 3.5))
    found = labels(prepare("msp_conversation", corpus, "--targets=arousal")[0], "train", "arousal")[FIRST]
    assert np.allclose(found[:49], 0.2) and np.allclose(found[53:98], 0.4)


def test_what_a_rater_said_at_the_parts_end_counts(corpus):
    for rater in ("001", "002", "003"):
        write(corpus / f"Annotations/Arousal/{FIRST}_2_{rater}.csv", HEAD + "0,10\n2,50\n")
    found = labels(prepare("msp_conversation", corpus, "--targets=arousal")[0], "train", "arousal")[FIRST]
    assert found[100] == 0.5 and np.isnan(found[101:]).all()  # at 4 s


def test_it_has_no_gold_standard_of_its_own(corpus):
    message = "--gold-standard=given: this corpus, in this layout, has none of its own"
    assert message in refusal("msp_conversation", corpus, "--gold-standard=given")


def test_gaps_are_as_wide_as_the_user_says(corpus):
    rows = HEAD + "0,10\n0.02,10\n1.5,30\n"
    for rater in ("001", "002", "003"):
        write(corpus / f"Annotations/Arousal/{FIRST}_2_{rater}.csv", rows)
    bridged = labels(prepare("msp_conversation", corpus, "--targets=arousal")[0], "train", "arousal")[FIRST]
    assert 0.1 < bridged[70] < 0.3
    options = ["--targets=arousal", "--gap=1", "--gold-standard=avec"]
    assert np.isnan(labels(prepare("msp_conversation", corpus, *options)[0], "train", "arousal")[FIRST][52:80]).all()


def test_the_user_divides_the_conversations_and_test_may_have_no_traces(corpus):
    for path in corpus.glob("Annotations/*/MSP-Conversation_0003_*"):
        path.unlink()
    data, _ = prepare("msp_conversation", corpus)
    assert not (data / "test/arousal.scp").exists()
    own = write(corpus.parent / "own", "train MSP-Conversation_0002\ndev MSP-Conversation_0001\n")
    data, printed = prepare("msp_conversation", corpus, f"--partition={own}")
    assert list(ids(data, "dev")) == [FIRST] and "MSP-Conversation_0003 left out" in printed


def remove(name):
    return lambda corpus: (corpus / name).unlink()


@pytest.mark.parametrize("spoil, message", [
    (edit(FILE, ",10\n", ",high\n"), f"{FIRST}_2_001.csv:10: found "),
    (edit(FILE, ",10\n", ",101\n"), f"{FIRST}_2_001.csv:10: 001: found 101, expected -100 to 100"),
    (lambda corpus: write(corpus / FILE, HEAD + "2.4,1\n3,2\n"), "csv:10: found the time 2.4 s, the part 2 lasts 2 s"),
    (edit("partitions.txt", "Train", "Exam"), "partitions.txt:1: found 'MSP-Conversation_0001;Exam', expected an id"),
    (edit("partitions.txt", "0002", "0001"), "partitions.txt:2: MSP-Conversation_0001 stands here in dev"),
    (edit("partitions.txt", "0002", "0009"), "dev needs MSP-Conversation_0009, which is not there"),
    (remove("partitions.txt"), "found no partitions.txt; to divide them otherwise pass --partition=FILE"),
    (remove(f"Audio/{FIRST}.wav"), "train needs MSP-Conversation_0001, which is not there"),
    (remove("Time_Labels/conversation_parts.txt"), "conversation_parts.txt: cannot be read"),
    (edit("Time_Labels/conversation_parts.txt", ";602.25\n", "\n"), "parts.txt:1: found 2 columns in"),
    (edit("Time_Labels/conversation_parts.txt", ";602.25\n", ";600.25\n"), "parts.txt:1: found 'MSP-Conversation"),
    (edit("Time_Labels/conversation_parts.txt", f"{FIRST}_2", f"{FIRST}_5"), "2_001.csv: found the part 2, Time_Lab"),
    (edit("Time_Labels/conversation_parts.txt", "602.25;604", "702.25;704"), "part 2 begins at 102 s of "),
    (lambda corpus: write(corpus / "Annotations/Arousal/x.csv", trace(1)), "x.csv: found this name, expected <conv"),
    (lambda corpus: [path.unlink() for path in corpus.glob("Annotations/Valence/*_0002_*")],
     "Annotations/Valence: found no trace of MSP-Conversation_0002, which dev needs"),
    (lambda corpus: [path.unlink() for path in corpus.glob("Annotations/Dominance/*")], "Dominance: found no .csv"),
    (lambda corpus: sound(corpus / "Audio/again" / f"{FIRST}.WAV", 1), "found another MSP-Conversation_0001 in"),
])  # fmt: skip
def test_what_cannot_be_is_named(corpus, spoil, message):
    spoil(corpus)
    assert message in refusal("msp_conversation", corpus)
