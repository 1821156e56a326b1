"""Reading a corpus never acts: whatever stands in its recordings, traces, tables and lists, in files that say who
speaks when, or in a name. Ways in, payloads and programs are as in test_reading_never_acts.py.
"""

import csv
import io

import numpy as np
import pytest
import test_avec2012
import test_folder
import test_forrest
import test_msp_conversation
import test_muse
import test_semaine
import test_sewa
from corpus_programs import sound
from programs import Programs
from test_reading_never_acts import (
    CODE,
    DATA,
    PATHS,
    PLAIN,
    RUN,
    SECONDS,
    WORDS,
    Place,
    content,
    edit,
    file_name,
    line,
    rows,
    word,
)

from cer.corpora import finding, pairs
from cer.data import corpus, datadir

PROGRAMS = {
    "folder": "-m egs.folder.prepare folder out",
    "folder of a table": "-m egs.folder.prepare --pairs=pairs.csv folder out",
    "folder with more": "-m egs.folder.prepare --find --add=true --pairs=out/less.csv folder out",
    "folder of sets": "-m egs.folder.prepare --partition=sets.txt folder out",
    "sewa": "-m egs.sewa.prepare sewa out",
    "muse": "-m egs.muse.prepare muse out",
    "muse of segments": "-m egs.muse.prepare --task=c1_muse_wild muse_2020 out",
    "avec2012": "-m egs.avec2012.prepare avec2012 out",
    "semaine": "-m egs.semaine.prepare semaine out",
    "msp": "-m egs.msp_conversation.prepare msp out",
    "forrest": "-m egs.forrest.prepare forrest out",
    "select": f"-m cer.bin.select_time talks {DATA} out",
    "summarise": "-m cer.bin.summarise_intervals talks predictions out/summary",
}
GRID = 'File type = "ooTextFile"\nObject class = "TextGrid"\n0\n6\n<exists>\n1\n'
GRID += '"IntervalTier"\n"ann"\n0\n6\n1\n0\n6\n"hm"\n'


KNOWN = {name: (words, "out") for name, words in PROGRAMS.items()}


class Corpora(Place):
    """A place with a corpus of each layout, and with talks."""

    known = KNOWN


def write_talks(work):
    """A data directory, predictions, and who speaks when, of one recording in each kind of file."""
    labels, names = np.zeros(round(SECONDS / 0.04) + 1), ["grid", "one", "srt", "vtt"]
    found = [corpus.Recording(f"{n}", f"{n}", sound(work / f"wav/{n}.wav", SECONDS, 8000), {"arousal": labels})
             for n in names]  # fmt: skip
    corpus.write_recordings(work / DATA, found, 0.04, [])
    with datadir.writing_archive(work / "predictions/arousal") as put:
        for name in names:
            put(name, labels[:, None].astype(np.float32))
    (work / "predictions/label_shift").write_text("0.04\n")
    (work / "talks").mkdir()
    (work / "talks/all.rttm").write_text("SPEAKER one 1 0.5 3.0 <NA> <NA> ann <NA> <NA>\n")
    (work / "talks/grid.TextGrid").write_text(GRID)
    (work / "talks/srt.srt").write_text("1\n00:00:00,500 --> 00:00:04,000\nAnn: Well.\n")
    (work / "talks/vtt.vtt").write_text("WEBVTT\n\n00:00.500 --> 00:04.000\n<v Ann>Well.\n")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    server = Programs(tmp_path_factory.mktemp("output"))
    place = Corpora(tmp_path_factory.mktemp("acts") / "a/b/top", server)
    (place.top / "outside").mkdir(parents=True)
    for name in ("keep", "keep.csv", "keep.ark", "keep.scp", "keep.wav"):
        (place.top / "outside" / name).write_text("keep\n")
    work = place.work
    test_folder.make(work / "folder")
    test_sewa.make(work / "sewa")
    test_muse.make(work / "muse")
    test_muse.make_2020(work / "muse_2020")
    test_avec2012.make(work / "avec2012")
    test_semaine.make(work / "semaine")
    test_msp_conversation.make(work / "msp")
    test_forrest.make(work / "forrest")
    write_talks(work)
    (work / "sets.txt").write_text("train ann\ndev bob\ntest cleo\n")
    (work / "folder/targets.txt").write_text("arousal calm excited\n")
    lines = finding.find(work / "folder")[0]
    pairs.write(work / "pairs.csv", lines)
    pairs.write(work / "out/less.csv", [one for one in lines if one.speaker != "ann"])
    yield place
    server.close()


@pytest.fixture
def place(whole, tmp_path):
    return whole.copy(tmp_path / "a/b/top")


def named(name, *patterns):
    """A name that several files or folders have: each pattern's {} stands for it."""

    def put(place, value):
        for pattern in patterns:
            file_name(pattern.format(name), pattern)(place, value)

    return put


def in_table(column):
    """A field of the first line of the table of pairs."""

    def put(place, value):
        path = place.work / "pairs.csv"
        names, *lines = csv.reader(io.StringIO(path.read_text()))
        lines[0][names.index(column)] = value
        text = io.StringIO()
        csv.writer(text).writerows([names, *lines])
        edit(path, lambda _: text.getvalue())

    return put


def talked(place, value):
    """A recording's id, in the intervals and in the predictions."""
    word("talks/all.rttm", " one ")(place, f" {value} ")
    edit(place.work / "predictions/arousal.scp", lambda text: text.replace("one ", f"{value} "))


XML = {
    "a file's entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file://{outside}/keep">]><session sessionId="2">&e;</session>',
    "a network's DTD": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><session sessionId="2"/>',
    "many entities": "<!DOCTYPE x [<!ENTITY a 'aaaaaaaa'>" + "".join(
        f"<!ENTITY {b} '{8 * f'&{a};'}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + "]><x>&i;</x>",
    "an XInclude": '<session xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{outside}/keep"/></session>',
    "a style": '<?xml-stylesheet href="{outside}/keep"?><session sessionId="2"/>',
}  # fmt: skip
FIRST = "MSP-Conversation_0001"
SESSION = "semaine/Sessions/2/session.xml"
WAYS = {
    "own recording's name": named("bob_2", "folder/audio/{}.wav", "folder/{}_arousal.csv"),
    "own folder's name": named("R1", "folder/arousal/{}"),
    "own target's name": named("arousal", "folder/{}"),
    "own trace's head": word("folder/bob_1_arousal.csv", "x 1"),
    "own trace": content("folder/bob_1_arousal.csv"),
    "own recording": content("folder/audio/bob_2.wav"),
    "own targets": content("folder/targets.txt"),
    "own sets": line("sets.txt"),
    **{f"table's {column}": in_table(column) for column in pairs.COLUMNS},
    "sewa's name": named("Train_DE_01", "sewa/audio/{}.wav", "sewa/labels/{}.csv"),
    "sewa's labels": content("sewa/labels/Train_DE_01.csv"),
    "sewa's first column": word("sewa/labels/Train_DE_01.csv", "Train_DE_01"),
    "muse's list": word("muse/metadata/partition.csv", "11,"),
    "muse's segment": word("muse_2020/c1_muse_wild/label_segments/arousal/1.csv", ",2\n"),
    "muse's target": named("arousal", "muse/label_segments/{}"),
    "muse's labels": content("muse/label_segments/arousal/1.csv"),
    "avec2012's folder": named("train", "avec2012/audio/{}"),
    "avec2012's labels": content("avec2012/emotion labels/train/FC_train_labels/labels_continuous_001_arousal.dat"),
    "session": content(SESSION),
    "session's id": word(SESSION, 'sessionId="2"'),
    "session's speaker": word(SESSION, 'id="2"'),
    "session's file": word(SESSION, "R1S1TUCPoDA.txt"),
    "session's trace": content("semaine/Sessions/2/R1S1TUCPoDA.txt"),
    "msp's sets": word("msp/partitions.txt", f"{FIRST};"),
    "msp's parts": word("msp/Time_Labels/conversation_parts.txt", f"{FIRST}_2;"),
    "msp's rater": file_name(f"msp/{test_msp_conversation.FILE}", f"msp/Annotations/Arousal/{FIRST}_2_{{}}.csv"),
    "msp's trace": content(f"msp/{test_msp_conversation.FILE}"),
    "forrest's observer": named("ao1o01", f"forrest/{test_forrest.NOTES}/{{}}.csv"),
    "forrest's notes": content(f"forrest/{test_forrest.NOTES}/ao1o01.csv"),
    "forrest's emotion": word(f"forrest/{test_forrest.NOTES}/ao1o01.csv", "HIGH"),
    "forrest's loudness": content(f"forrest/{test_forrest.SOUND}/fg_ad_seg1_rms.tsv"),
    "talk": talked,
    "talk's speaker": word("talks/all.rttm", " ann "),
    "RTTM": content("talks/all.rttm"),
    "TextGrid": content("talks/grid.TextGrid"),
    "tier": word("talks/grid.TextGrid", "ann"),
    "SRT": content("talks/srt.srt"),
    "voice of SRT": word("talks/srt.srt", "Ann"),
    "VTT": content("talks/vtt.vtt"),
    "voice of VTT": word("talks/vtt.vtt", "Ann"),
    "file of talks": file_name("talks/vtt.vtt", "talks/{}.vtt"),
}  # fmt: skip
QUOTED = {name: value.replace('"', "&quot;") for name, value in (PATHS | WORDS).items()}  # in XML
IDS = {name: f'sessionId="{value.replace("<", "&lt;")}"' for name, value in QUOTED.items()}
SPEAKERS = {name: f'id="{value.replace("<", "&lt;")}"' for name, value in QUOTED.items()}
FILES = {name: value.replace("<", "&lt;") for name, value in QUOTED.items()}
TEXTS = CODE | {"markup": f"<v $({RUN})><img src=x onerror='{RUN}'>", "format": "%s {0.__class__} {up}"}
TABLE = [
    ("own recording's name", PLAIN, "folder", 5),
    ("own folder's name", PLAIN, "folder", 99),
    ("own target's name", PLAIN, "folder", 99),
    ("own trace's head", PATHS | WORDS, "folder", 9),
    ("own trace", CODE, "folder", 99),
    ("own recording", CODE | {"playlist": "#EXTM3U\n{outside}/keep\n"}, "folder", 99),
    ("own targets", CODE | {n: f"{v} calm x\n" for n, v in (PATHS | WORDS).items()}, "folder", 0),
    ("own sets", {n: f"train {v}" for n, v in (PATHS | WORDS).items()}, "folder of sets;", 99),
    *((f"table's {one}", PATHS | WORDS, "folder of a table;", 99 * (one in ("recording", "trace", "speaker",
      "target"))) for one in pairs.COLUMNS),
    ("own folder's name", PLAIN, "folder with more;", 99),
    ("sewa's name", PLAIN, "sewa", 99),
    ("sewa's labels", CODE, "sewa", 0),
    ("sewa's first column", PATHS | WORDS, "sewa", 0),
    ("muse's list", {n: f"{v}," for n, v in (PATHS | WORDS).items()}, "muse", 9),
    ("muse's segment", {n: f",{v}\n" for n, v in (PATHS | WORDS).items()}, "muse of segments;", 99),
    ("muse's target", PLAIN, "muse", 0),
    ("muse's labels", CODE, "muse", 0),
    ("avec2012's folder", PLAIN, "avec2012", 0),
    ("avec2012's labels", CODE, "avec2012", 99),
    ("session", XML | CODE, "semaine", 2),
    ("session's id", IDS, "semaine", 9),
    ("session's speaker", SPEAKERS, "semaine", 99),
    ("session's file", FILES, "semaine", 9),
    ("session's trace", CODE, "semaine", 0),
    ("msp's sets", {n: f"{v};" for n, v in (PATHS | WORDS).items()}, "msp", 9),
    ("msp's parts", {n: f"{v};" for n, v in (PATHS | WORDS).items()}, "msp", 0),
    ("msp's rater", PLAIN, "msp", 99),
    ("msp's trace", CODE, "msp", 0),
    ("forrest's observer", {n: f"ao{v}" for n, v in PLAIN.items()}, "forrest", 0),
    ("forrest's notes", CODE, "forrest", 0),
    ("forrest's emotion", PATHS | WORDS, "forrest", 0),
    ("forrest's loudness", CODE, "forrest", 0),
    ("talk", PATHS | WORDS, "summarise select", 5),
    ("talk's speaker", {n: f" {v} " for n, v in (PATHS | WORDS).items()}, "summarise select", 9),
    ("RTTM", TEXTS, "summarise select", 99),
    ("TextGrid", TEXTS, "summarise select", 0),
    ("tier", PATHS | WORDS, "summarise select", 9),
    ("SRT", TEXTS, "summarise select", 0),
    ("voice of SRT", PATHS | WORDS, "summarise select", 99),
    ("VTT", TEXTS, "summarise select", 0),
    ("voice of VTT", PATHS | WORDS, "summarise select", 99),
    ("file of talks", PLAIN, "summarise select", 99),
]  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_program_reads_what_is_well(place, name):
    before = place.outside(["out"])
    status, text = place.run(name)
    assert status == 0 and place.outside(["out"]) == before, text


@pytest.mark.parametrize("way, payload, name", [*rows(TABLE)])
def test_nothing_of_a_corpus_is_run_and_nothing_written_elsewhere(place, way, payload, name):
    untouched = place.outside([])
    WAYS[way](place, place.filled(payload))
    before = place.outside(["out"])
    assert {*untouched.items()} != {*place.outside([]).items()}
    _, text = place.run(name)
    assert not (place.top / "canary").exists() and place.outside(["out"]) == before, text
