"""The SEMAINE database, made here on a tiny scale: what is read, and what is refused."""

import numpy as np
import pytest
from corpus_programs import called, check, edit, ids, labels, prepare, refusal, sound, write

SPEAKERS = {"2": ("2", "11"), "3": ("3",), "14": ("20",)}  # speaker -> sessions


def xml(session, speaker, files):
    rows = "".join(f'<annotation type="FeelTrace" filename="{name}"/>\n' for name in files)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<session sessionId="{session}" character="Poppy">\n'
        f'<subject role="Operator" id="1"/>\n<subject role="User" id="{speaker}"/>\n'
        f'<track type="AV" filename="x.avi">\n{rows}</track>\n</session>\n'
    )


def make(folder):
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
def database(tmp_path):
    return make(tmp_path / "semaine")


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
    (lambda corpus: [path.unlink() for path in corpus.rglob("*.xml")], "found no session.xml, expected one a session"),
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


def test_who_passes_the_package_of_avec_2012_is_told_where_it_belongs(tmp_path):
    (tmp_path / "avec/emotion labels").mkdir(parents=True)
    assert "AVEC 2012's package: --corpus avec2012" in refusal("semaine", tmp_path / "avec")


def test_a_role_is_the_users_or_the_operators(database):
    status, printed = called("semaine", "--role=", database, database.parent / "none")
    assert status == 2 and "--role: found '', expected User or Operator" in printed, printed
