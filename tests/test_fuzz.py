"""Parsers fuzzed: whatever a file holds, a result or a message comes out; no other exception, no hang, no flood.

Good inputs are cut, joined and changed byte by byte, word by word, and JSON value by value. The usual tests take some
hundred inputs a parser, `tests/run.sh --fuzz` 100000, and prints a line a parser (CER_FUZZ: another number).
"""

import copy
import json
import os
import random
import resource
import time

import pytest
from bad_world import make
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from launch.jobs import BadCommandLine, Jobs
from launch.launcher_config import Config
from test_captions import SRT, VTT
from test_intervals import RTTM
from test_semaine import xml
from test_textgrid import LONG, SHORT

from cer.base import csvs, facts, options, records, tables
from cer.base.errors import BadInput
from cer.bin import train
from cer.corpora import annotations, grid, traces
from cer.corpora.partition import read_listed, read_partition
from cer.data import archives, datadir, intervals, predictions
from cer.features.fbank import Features as Fbank
from cer.prediction import postprocess
from cer.scoring import scores
from cer.sound import audio, wav
from cer.system.network import read_model
from egs.semaine.prepare import read_session
from local.search import plan

COUNT = int(os.environ.get("CER_FUZZ", 200))  # inputs a parser
BATCH = 50  # inputs that hypothesis draws at once
SLOWEST = 5.0  # s of the processor's that one input may take
ROOM = 4 << 30  # bytes of address space beyond what is taken already
CLEAN = (BadInput, BadCommandLine)

TOKENS = [
    b"", b"\0", b"\n", b"\r\n", b" ", b"\t", b"=", b":", b";", b",", b"/", b"..", b"-", b"--", b"#", b"%", b"'", b'"',
    b"|",
    b"[", b"]", b"{", b"}", b"0", b"-1", b"1e400", b"nan", b"inf", b"-inf", b"NaN", b"9" * 30, b"9" * 5000, b"0x10",
    b"1_000", b"\xff\xfe", b"\xef\xbb\xbf", b"\xff", "\u2028".encode(), "\u0663".encode(), b"\x0b", b"null", b"true",
    b"@data", b"@attribute", b"JOB=1:3", b"$0", b"../x", b"[:]", b"[0:1]", b"[5:2]", b"\0BFM ", b"\0BCM ", b"PKL",
    b"RIFF", b"data", b"\x80\x02", b"A" * 1000, b"[" * 3000, b'{"a":' * 3000,
]  # fmt: skip
VALUES = [
    None, True, False, 0, -1, 1, 2**31, 10**30, 0.5, -0.5, 1e308, "", "x", "../x", "1", "\0", "nan", [], [0], [[]], {},
    {"x": 1}, float("nan"), float("inf"),
]  # fmt: skip


def mutated(draw, good):
    """A good input, bytes, made worse: 1 to 4 changes of a byte, a word, a line or a part."""
    data = bytearray(draw.choice(good))
    for _ in range(draw.randint(1, 4)):
        first = draw.randint(0, len(data))
        last = min(len(data), first + draw.choice([0, 1, 1, 4, 20, len(data)]))
        kind = draw.randint(0, 5)
        if kind == 0 and data:
            data[min(first, len(data) - 1)] ^= 1 << draw.randint(0, 7)
        elif kind == 1:
            data[first:last] = draw.choice(TOKENS)
        elif kind == 2:
            del data[first:last]
        elif kind == 3:
            data[first:first] = data[first:last] * draw.choice([1, 1, 2, 100])
        elif kind == 4:
            data[first:last] = bytes(draw.randrange(256) for _ in range(draw.randint(1, 8)))
        else:
            words = bytes(data).split(draw.choice([b" ", b"\n", b";", b",", b"="]))
            words[draw.randrange(len(words))] = draw.choice(TOKENS)
            data = bytearray(b" ".join(words)) if draw.random() < 0.2 else bytearray(b"\n".join(words))
        del data[1 << 15 :]
    return bytes(data)


def mutated_json(draw, good):
    """Good JSON with 1 or 2 values replaced, removed or put in; now and then its text is made worse."""
    if draw.random() < 0.3:
        return mutated(draw, good)
    whole = [json.loads(draw.choice(good))]
    for _ in range(draw.randint(1, 2)):
        places = [(whole, 0)]
        for inner, name in places:
            one = inner[name]
            if isinstance(one, dict):
                places += [(one, key) for key in one]
            elif isinstance(one, list):
                places += [(one, n) for n in range(min(len(one), 5))]
        inner, name = draw.choice(places)
        if draw.random() < 0.2 and inner is not whole:
            del inner[name]
        elif draw.random() < 0.2 and isinstance(inner, dict):
            inner[draw.choice(["x", "", "..", "ccc", "step"])] = copy.deepcopy(draw.choice(VALUES))
        else:
            inner[name] = copy.deepcopy(draw.choice(VALUES))
    return json.dumps(whole[0]).encode()


def words_of(data):
    """Words of a command line: what the kernel can hand over, no NUL."""
    return data.replace(b"\0", b"").decode("utf-8", "surrogateescape").split(" ")


def parse(parser, words):
    """A command line; argparse ends with status 2 and a message."""
    try:
        parser.parse([word for word in words if word not in ("-h", "--help")])
    except SystemExit as end:
        assert end.code == 2, end


def network(path):
    """The options of a network from a configuration, and the network: its size is looked at first."""
    NET.parse([f"--config={path}", "--arch=dilated", "--target=a", "t", "d", "f"])


def refuse(message):
    raise BadInput(message)


def front_end(path):
    """A front end from a configuration."""
    Fbank(**FRONT_END.keywords(FRONT_END.parse([f"--config={path}"]), Fbank))


def model(folder):
    """A model folder, up to its network."""
    read_model(folder)


def pieces(path):
    """All samples of a recording."""
    return [len(piece) for piece in audio.Recording(path).pieces()]


PLAN, NET, FRONT_END = train.parser("downup"), train.parser("dilated"), options.Parser("")
FRONT_END.add_keywords(Fbank)
NET.error = FRONT_END.error = refuse
# Parser -> the good inputs (names in bad_world's world, or texts), the file that is spoilt, and what reads it.
PARSERS = {
    "table": (["data/train/utt2spk", "data/train/feats.scp", "sounding/wav.scp"], "feats.scp", tables.read_table),
    "archive": (["data/dev/data/arousal.ark", "text.ark"], "x.ark", lambda path: archives.load(f"{path}:4")),
    "scp": (["data/dev/arousal.scp"], "x.scp", lambda path: [*datadir.Archive(path).values()]),
    "wav": (["talk.wav"], "x.wav", wav.read),
    "recording": (["talk.wav"], "x.wav", pieces),
    "wav stream": (["talk.wav"], "x.wav", lambda path: stream(path)),
    "fbank.conf": (["fbank.conf"], "fbank.conf", front_end),
    "net.conf": (["net.conf"], "net.conf", network),
    "options": ([b"--arch=dilated --target=a --width=4 --l2 0.1 --srand=3 t d f"], "x", lambda path: options_of(path)),
    "partition": (["RECOLA/partition.txt"], "partition.txt", read_partition),
    "list of sets": ([b"MSP_1;Train\nMSP_2;Validation\n", b"7;0;test\n"], "x.txt", lambda path: read_listed(path, ";")),
    "session.xml": ([xml("3", "2", ["R1S1TUCPoDA.txt"]).encode()], "x.xml", lambda path: read_session(path, "User")),
    "ratings": (["ratings.csv"], "P1.csv", annotations.read_ratings),
    "trace": ([b"Name,x\nMinimum Value,-1\nSecond,Rating\n%%%,%%%\n0.03,0\n0.07,.5\n1,-1\n", b"0 0,5\n1 0\n"], "x.csv",
              lambda path: grid.onto(traces.read(path, missing=["", "nan"]), 0.1, 5, gap=1)),
    "wide trace": ([b"id, a_500ms, a_1000ms\nx, 0.1, \ny, 1, 0\n"], "x.csv", traces.read_rows),
    "ARFF": (["gold.arff"], "P1.arff", annotations.read_gold_standard),
    "predictions CSV": (["talk.csv"], "x.csv", csvs.read_predictions),
    "RTTM": ([RTTM.encode()], "x.rttm", intervals.read),
    "TextGrid": ([LONG.encode(), SHORT.encode(), LONG.encode("utf-16")], "x.TextGrid", intervals.read),
    "captions": ([SRT.encode(), VTT.encode()], "x.vtt", intervals.read),
    "progress.csv": (["exp/good/arousal/run1/progress.csv"], "x.csv", lambda path: csvs.read(path, first="epoch")),
    "search plan": (["plan.conf"], "plan.conf", lambda path: plan.read_plan(path, PLAN)),
    "launcher config": (["conf/slurm.conf"], "slurm.conf", lambda path: Config(path.read_text(errors="replace"), path)),
    "launcher line": ([b"--mem 4G JOB=1:4 x.JOB.log echo JOB", b"-tc 3 a.log ls"], "x", lambda path: jobs_of(path)),
    "stamp": (["stamp"], ".done", lambda path: facts.Stamp(path).stale()),
    "model.json": (["model/run1/model.json", "own/run1/model.json"], "run/model.json", lambda path: model(path.parent)),
    "final.pt": (["model/run1/final.pt"], "run/final.pt", lambda path: model(path.parent)),
    "postprocess.json": (["smooth/postprocess.json"], "x.json", postprocess.read),
    "predictions.json": (["exp/good/arousal/predict_dev/predictions.json"], "predictions.json",
                         lambda path: predictions.read_about(path.parent)),
    "results.json": (["exp/results.json"], "x.json", scores.read_results),
    "score.json": (["exp/good/arousal/predict_dev/score.json"], "x.json", scores.read_score),
    "any JSON": (["exp/figure1.json"], "x.json", lambda path: records.read(path, {...: (None, int)}, "cure")),
}  # fmt: skip


def stream(path):
    """A stream of a wav file."""
    with path.open("rb") as file:
        return [len(piece) for piece in audio.WavStream(file).pieces()]


def options_of(path):
    """A command line of the training."""
    parse(NET, words_of(path.read_bytes()))


def jobs_of(path):
    """A command line of a launcher."""
    jobs = Jobs(words_of(path.read_bytes()))
    jobs.integers("--max-jobs-run")
    return jobs.warn_of_options("run.py"), jobs.all_logs()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        make(folder)
        rows = "".join(f"{n * 0.04:.2f};{n / 20:.2f};-0.1\n" for n in range(12))
        (folder / "ratings.csv").write_text(f"time;FM1 ;FF1 \n{rows}")
        head = "@relation x\n@attribute frameTime numeric\n@attribute GoldStandard numeric\n@data\n"
        (folder / "gold.arff").write_text(head + "".join(f"{n * 0.04:.2f},0.1\n" for n in range(12)))
        (folder / "text.ark").write_text("P00  [\n  0.1 0.2\n  0.3 0.4 ]\n")
        stamp = facts.Stamp(folder / "stamp")
        stamp.begin(facts.take([folder / "ids"], ["a"]))
        stamp.commit([folder / "lines"])
        (folder / "run").mkdir()
        for name in ("model.json", "final.pt"):
            (folder / "run" / name).write_bytes((folder / "model/run1" / name).read_bytes())
    return folder


@pytest.fixture
def little_memory():
    """No more address space than ROOM beyond what is taken already."""
    taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()  # noqa: SIM115, PTH123
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_gives_a_result_or_says_what_is_wrong(world, name, little_memory, monkeypatch, capsys):
    monkeypatch.chdir(world)
    good, spoilt, read = PARSERS[name]
    good = [one if isinstance(one, bytes) else (world / one).read_bytes() for one in good]
    path = world / "spoilt" / spoilt
    if path.parent.name == "run":
        path = world / spoilt
    path.parent.mkdir(exist_ok=True)
    kind = mutated_json if name.endswith("JSON") or name.endswith(".json") else mutated
    found = {"inputs": 0, "results": 0, "slowest": 0.0}

    @settings(max_examples=max(1, COUNT // BATCH), deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck), derandomize=COUNT < 1000)  # fmt: skip
    @given(st.integers(0, 2**64 - 1))
    def fuzz(seed):
        draw = random.Random(seed)
        for _ in range(BATCH):
            content = kind(draw, good)
            path.write_bytes(content)
            begun = time.process_time()
            try:
                read(path)
                found["results"] += 1
            except CLEAN as error:
                assert str(error) and "Errno" not in str(error), content
            except Exception as error:
                raise AssertionError(f"{name}: {type(error).__name__}: {error}: {content[:2000]!r}") from error
            spent = time.process_time() - begun
            found["inputs"], found["slowest"] = found["inputs"] + 1, max(found["slowest"], spent)
            assert spent < SLOWEST, content[:2000]

    before, begun = path.read_bytes() if path.exists() else None, time.monotonic()
    try:
        fuzz()
    finally:
        if before is not None:
            path.write_bytes(before)
        seconds = time.monotonic() - begun
        with capsys.disabled():
            if "CER_FUZZ" in os.environ:
                print(
                    f"\n{name}: {found['inputs']} inputs, {seconds:.0f} s, {found['results']} taken, slowest"
                    f" {found['slowest']:.2f} s"
                )
