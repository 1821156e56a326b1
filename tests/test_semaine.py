"""SEMAINE, as AVEC 2012's package and as the database, made here on a tiny scale: what is read, and what is refused."""

import numpy as np
import pytest
from corpus_programs import check, ids, labels, prepare, refusal, sound, write

from cer.data import datadir

RATE, ROWS = 49.979, 151
TARGETS = ("arousal", "expectancy", "power", "valence")


def values(seed, rows=ROWS):
    return np.round(np.random.default_rng(seed).uniform(-0.9, 0.9, rows), 5)


def make(folder):
    """AVEC 2012's package: 48 kHz, a recording a set, test without labels and under another name."""
    for n, name in enumerate(("train", "devel", "test")):
        word = "tests" if name == "test" else name
        sound(folder / "audio" / name / f"{word}_audio_{n + 1:03d}.wav", 3.01, 48000, seed=n)
        for m, target in enumerate(TARGETS):
            path = (
                folder / "emotion labels" / name / f"FC_{name}_labels" / f"labels_continuous_{n + 1:03d}_{target}.dat"
            )
            if name != "test":
                write(path, "".join(f"{value}\r\n" for value in values(10 * n + m)))
        write(folder / "transcripts/original" / name / f"{word}_{n + 1:03d}.txt", "0 300 HELLO\n")
    return folder


SPEAKERS = {"2": ("2", "11"), "3": ("3",), "14": ("20",)}  # speaker -> sessions


def xml(session, speaker, files):
    rows = "".join(f'<annotation type="FeelTrace" filename="{name}"/>\n' for name in files)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<session sessionId="{session}" character="Poppy">\n'
        f'<subject role="Operator" id="1"/>\n<subject role="User" id="{speaker}"/>\n'
        f'<track type="AV" filename="x.avi">\n{rows}</track>\n</session>\n'
    )


def make_database(folder):
    """The database: two raters of the user, one of them in arousal alone, one of the operator; other dimensions."""
    for speaker, sessions in SPEAKERS.items():
        for session in sessions:
            place = folder / "Sessions" / session
            raters = {f"R{n}S1T{who}CPoD{letter}.txt": n for who in "UO" for letter in "AV" for n in (1, 5)}
            del raters["R5S1TUCPoDV.txt"], raters["R5S1TOCPoDV.txt"]
            for name, n in raters.items():
                level = n / 10 + (0.4 if "TO" in name else 0)
                write(place / name, "".join(f"{k * 0.0201:.4f} {level + k / 10000:.4f}\n" for k in range(150)))
            for who in ("User", "Operator"):
                sound(place / f"2008.12.05.16.03.15_{who} HeadMounted_Poppy.wav", 3.0, seed=int(session))
            sound(place / "2008.12.05.16.03.15_User Room_Poppy.wav", 3.0)
            write(place / "session.xml", xml(session, speaker, [*raters, "R5S1TUCPoDFr.txt", "R5S1TUCPoDI.txt"]))
    write(folder / "Sessions/99/session.xml", xml("99", "9", []))
    write(folder.parent / "sets", "train 2\ndev 3\ntest 14\n")
    return folder


@pytest.fixture
def package(tmp_path):
    return make(tmp_path / "semaine")


@pytest.fixture
def database(tmp_path):
    return make_database(tmp_path / "semaine")


def test_the_package_has_a_number_a_line_at_a_rate_of_its_own(package):
    data, printed = prepare("semaine", package)
    check(data)
    assert ids(data, "dev") == {"dev_002": "dev_002"} and [*ids(data, "test")] == ["test_003"]
    assert datadir.label_shift(data / "train") == 1 / RATE and not (data / "test/arousal.scp").exists()
    for m, target in enumerate(TARGETS):
        assert np.allclose(labels(data, "dev", target)["dev_002"], values(10 + m), atol=1e-6)
    assert "WARNING" not in printed and "AVEC 2012; gold standard: given" in printed


def test_a_scale_is_the_users_and_labels_may_end_early(package):
    for path in package.glob("emotion labels/*/*/*_expectancy.dat"):
        write(path, "".join(f"{value}\n" for value in range(80)))
    data, printed = prepare("semaine", package, "--targets=expectancy,arousal", "--scale=expectancy=0:100")
    found = labels(data, "train", "expectancy")["train_001"]
    assert np.allclose(found[:80], np.arange(80) / 50 - 1, atol=1e-6) and np.isnan(found[80:]).all()
    assert "001_expectancy.dat: found times from 0 to 1.58066 s, " in printed


def partition(corpus):
    return f"--partition={corpus.parent}/sets"


def test_the_database_has_raters_and_the_user_divides_its_speakers(database):
    data, printed = prepare("semaine", database, partition(database))
    check(data)
    assert ids(data, "train") == {"002_002": "002", "002_011": "002"} and ids(data, "test") == {"014_020": "014"}
    found = labels(data, "train", "arousal")["002_011"]
    assert len(found) == 76 and np.allclose(found[:75], 0.3 + np.arange(75) * 0.04 / 201, atol=2e-4)
    assert np.allclose(labels(data, "dev", "valence")["003_003"][:75], 0.1, atol=0.016)
    assert (data / "dev/ratings/raters").read_text() == "R1 R5\n" and not (data / "dev/power.scp").exists()
    assert "sessions 099 left out: no traces of arousal, valence, power, expectancy of the user" in printed


def test_the_operators_traces_go_with_the_operators_sound(database):
    write(database.parent / "sets", "dev 1\ntrain 1\n")
    assert "sets:2: 1 stands here in train" in refusal("semaine", database, partition(database), "--role=Operator")
    for path in database.rglob("session.xml"):
        write(path, path.read_text().replace('"Operator" id="1"', f'"Operator" id="{path.parent.name}"'))
    write(database.parent / "sets", "train 2\ndev 3\n")
    data, _ = prepare("semaine", database, partition(database), "--role=Operator", "--label-shift=0.1")
    assert np.allclose(labels(data, "dev", "arousal")["003_003"][:30], 0.7, atol=0.016)
    assert "Operator HeadMounted" in (data / "dev/wav.scp").read_text()


ONE = "Sessions/3/session.xml"
TRACE = "Sessions/3/R1S1TUCPoDA.txt"


def edit(name, old, new):
    def spoil(corpus):
        text = (corpus / name).read_text()
        assert old in text
        write(corpus / name, text.replace(old, new, 1))

    return spoil


@pytest.mark.parametrize("spoil, message", [
    (edit(ONE, "<session ", '<!DOCTYPE s [<!ENTITY a "b">]>\n<session '), "session.xml:2: found '<!DOCTYPE s"),
    (edit(ONE, "<session ", '<!DOCTYPE s SYSTEM "http://x.example/s.dtd">\n<session '), "session.xml:2: found '<!DOC"),
    (edit(ONE, "<subject", "&a;<subject"), "session.xml:3: is no XML (undefined entity"),
    (edit(ONE, "</session>", ""), "session.xml:16: is no XML (no element found"),
    (edit(ONE, "R1S1TUCPoDA", "../2/R1S1TUCPoDA"), "session.xml:6: found the file name '../2/R1S1TUCPoDA.txt', exp"),
    (edit(ONE, "R1S1TUCPoDA", "a&amp;b/R1S1TUCPoDA"), "session.xml:1: found the file name 'a&b/R1S1TUCPoDA.txt', exp"),
    (edit(ONE, "R1S1TUCPoDA", "R7S1TUCPoDA"), "R7S1TUCPoDA.txt: cannot be read"),
    (edit(ONE, "sessionId", "number"), "session.xml: found the session None, and 3, expected a sessionId and one"),
    (edit(ONE, 'role="User"', 'role="user2"'), "session.xml: found the session 3, and no ids, expected"),
    (edit(TRACE, "0.0201 0.1001", "0.0201 high"), "R1S1TUCPoDA.txt:2: found 'high', expected a finite number"),
    (edit(TRACE, "0.0201 0.1001", "0.0201 50"), "R1S1TUCPoDA.txt:2: R1: found 50, expected -1 to 1"),
    (edit(TRACE, "0.0201 0.1001", "9 0.1"), "R1S1TUCPoDA.txt:3: found the time 0.0402 after 9"),
    (lambda corpus: sound(corpus / "Sessions/3/User HeadMounted.wav", 3), "expected one with User and HeadMounted"),
    (lambda corpus: write(corpus.parent / "sets", "train 2\ndev 4\n"), "dev needs 004, which is not there; found 002,"),
    (lambda corpus: write(corpus.parent / "sets", "2 train\n"), "sets:1: found '2 train', expected train, dev or test"),
    (lambda corpus: [path.unlink() for path in corpus.rglob("*.xml")], "found neither `emotion labels` (AVEC 2012)"),
])  # fmt: skip
def test_what_cannot_be_in_the_database_is_named(database, spoil, message):
    spoil(database)
    assert message in refusal("semaine", database, partition(database))


def test_the_database_without_a_partition_is_divided_by_speaker_and_may_hold_links(database):
    (database / "Sessions/2").rename(database.parent / "elsewhere")
    (database / "Sessions/2").symlink_to(database.parent / "elsewhere")
    (database / "Sessions/2/again").symlink_to(database)
    data, printed = prepare("semaine", database)
    sets = {name: {*ids(data, name).values()} for name in ("train", "dev", "test")}
    assert sorted(map(len, sets.values())) == [1, 1, 1] and {"002", "003", "014"} == set().union(*sets.values())
    assert f"divided by speaker, --seed=1: train {', '.join(sets['train'])}; dev" in printed
    other = ids(prepare("semaine", database, "--seed=5")[0], "dev")
    assert {*other.values()} != sets["dev"]
    assert "found no session with traces of these" in refusal("semaine", database, partition(database), "--targets=joy")


def test_the_database_has_no_gold_standard_of_its_own(database):
    message = "--gold-standard=given: this corpus, in this layout, has none of its own"
    assert message in refusal("semaine", database, partition(database), "--gold-standard=given")


DAT = "emotion labels/devel/FC_devel_labels/labels_continuous_002_power.dat"


@pytest.mark.parametrize("spoil, options, message", [
    (lambda corpus: write(corpus / DAT, "0.1\nx\n"), [], "002_power.dat:2: found 'x', expected a finite number"),
    (lambda corpus: write(corpus / DAT, "0.1\n7\n"), [], "002_power.dat:2: power: found 7, expected -1 to 1"),
    (lambda corpus: write(corpus / DAT, "0 0.1\n0 0.1\n"), [], "002_power.dat: found 2 columns of values"),
    (lambda corpus: (corpus / DAT).unlink(), [], "found no labels of power for "),
    (lambda corpus: (corpus / DAT).rename(corpus / "emotion labels/devel/power.dat"), [], "power.dat: found this name"),
    (lambda corpus: sound(corpus / "devel_002.wav", 1), [], "found another recording 002 of dev"),
    (lambda corpus: (corpus / "audio/train/train_audio_001.wav").unlink(), [], "found labels, and no wav file of"),
    (lambda corpus: None, ["--gold-standard=mean"], "AVEC 2012's package has its own sets and gold standard"),
])  # fmt: skip
def test_what_cannot_be_in_the_package_is_named(package, spoil, options, message):
    spoil(package)
    assert message in refusal("semaine", package, *options)
