"""Reading never acts: whatever stands in a data directory, an archive, a model folder, a recording, the files that a
page is made of, or in a name: nothing of it is run, and nothing is written but in the folders that a program writes.

A row is a way in, a payload, and the programs that read it, started as from a command line. Each payload that is a
command makes the file $CANARY; each that is a path leads to where it must not write.
"""

import io
import json
import os
import pickle
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, write_wav
from programs import Programs

from cer.base.tables import write_table
from cer.data import corpus, datadir

RATE, SECONDS, IDS = 8000, 6, ["P00", "P01", "P02"]
RUN = "touch $CANARY"
UP = "../../../../outside"  # of what stands in work/out/csv

# Name -> the words after python3, and what it may write to. All start in a folder that holds data/dev, exp and so on.
DATA, NET, DEV = "data/dev", "exp/net/arousal", "exp/net/arousal/predict_dev"
PROGRAMS = {
    "fbank": (f"-m cer.bin.compute_feats --config={DATA}/conf/fbank.conf {DATA} out/fbank", "out"),
    "cmvn": (f"-m cer.bin.compute_cmvn_stats {DATA}/spk2utt {DATA}/feats.scp out/cmvn", "out"),
    "train": (
        "-m cer.bin.train --arch=single --target=arousal --filter-width=4 --max-epochs=3 --learning-rate=0.01"
        f" {DATA} {DATA} out/run1",
        "out",
    ),
    "predict": (f"-m cer.bin.predict {DATA} {NET} out", "out"),
    "score": (f"-m cer.bin.score --system=net --set=dev {DATA} {DEV}", DEV),
    "fit": (f"-m cer.bin.fit_postprocess --method=chain {DATA} {DEV} out", "out"),
    "recordings": (f"-m cer.bin.predict_recordings {DATA}/wav.scp {NET} out", "out"),
    "list": ("-m cer.bin.list_recordings sound", "out"),
    "list of a list": ("-m cer.bin.list_recordings list.txt", "out"),
    "list of a table": ("-m cer.bin.list_recordings list.scp", "out"),
    "list of a CSV": ("-m cer.bin.list_recordings list.csv", "out"),
    "collect recordings": (f"-m cer.bin.collect_recordings {DATA}/wav.scp out", "out"),
    "live": (f"-m cer.bin.predict_live {NET}", "out"),
    "collect": ("-m local.results.collect_results exp", "exp"),
    "report": ("-m local.results.report exp", "exp"),
    "html": ("-m local.page.report data exp", "exp"),
    "page": ("-m local.page.recording --out out/page.html sound/talk.wav predictions/csv/talk.csv", "out"),
    "plot": ("-m local.page.draw_recordings predictions", "predictions"),
    "plot of recordings": ("-m local.page.draw_recordings --page=true out", "out"),
    "compare": ("-m local.results.compare data exp --resamples 20", "exp"),
    "smoothness": ("-m local.paper.smoothness data exp", "exp"),
    "figure1": ("-m local.paper.figure1 exp", "exp"),
    "figure4": ("-m local.paper.figure4 data exp", "exp"),
    "figure5": ("-m local.paper.figure5 data exp", "exp"),
    "ceiling": ("-m local.paper.ceiling data exp", "exp"),
    "corpora": ("-m local.paper.corpora exp exp", "exp"),
    "folds": (f"-m local.leave_one_out.folds --num-dev=1 {DATA} out", "out"),
    "fold table": (f"-m local.leave_one_out.table --num-dev=1 {DATA} loo", "loo"),
    "plan": ("-m local.search.plan --arch=single --base=base.conf plan.conf", "out"),
    "validate": (f"utils/data_dir.py validate --no-text {DATA}", "out"),
    "fix": (f"utils/data_dir.py fix {DATA}", DATA),
    "split": (f"utils/data_dir.py split --per-utt {DATA} 2", DATA),
    "subset": (f"utils/data_dir.py subset --utt-list list {DATA} out/subset", "out"),
    "subset by speaker": (f"utils/data_dir.py subset --spk-list list {DATA} out/subset", "out"),
    "combine": (f"utils/data_dir.py combine out/all {DATA} {DATA}", "out"),
    "recola": ("-m egs.recola.prepare corpus out", "out"),
}


@dataclass
class Place:
    """A folder to work in, where `$CANARY` must not appear, beside a folder that nobody may change."""

    top: Path
    programs: Programs
    known = PROGRAMS

    @property
    def work(self):
        return self.top / "deep" / "work"

    def copy(self, top):
        """The same elsewhere; files are links, because nobody writes into a file that is there."""
        shutil.copytree(self.top, top, copy_function=os.link)
        return type(self)(top, self.programs)

    def run(self, name):
        """Start a program; returns its status and what it printed."""
        words = self.known[name][0].split()
        words = words if words[0] == "-m" else [str(ROOT / words[0]), *words[1:]]
        stdin = self.work / "sound/talk.wav"
        environment = {"CANARY": str(self.top / "canary")}
        return self.programs(words, self.work, environment, stdin if stdin.exists() else os.devnull)

    def filled(self, payload):
        """A payload with the paths of this place."""
        if isinstance(payload, dict):
            return {key: self.filled(value) for key, value in payload.items()}
        if isinstance(payload, list):
            return [self.filled(value) for value in payload]
        paths = {"up": UP, "outside": self.top / "outside", "work": self.work, "ark": self.work / "out/cmvn.ark"}
        for name, path in paths.items():
            payload = payload.replace(f"{{{name}}}", str(path)) if isinstance(payload, str) else payload
        return payload

    def outside(self, mine):
        """All but what programs may write: path -> time of change and content."""
        mine, found = [Path(os.path.normpath(self.work / name)) for name in mine], {}
        for path in self.top.parent.parent.rglob("*"):
            if not any(path == one or one in path.parents for one in mine):
                found[str(path)] = (path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        return found


def write_sound(path, loudness):
    """Noise that is as loud as the label says, a value a label."""
    samples = np.random.default_rng(1).normal(0, 1, RATE * SECONDS)
    samples *= np.interp(np.arange(len(samples)), np.linspace(0, len(samples), len(loudness)), 300 * np.exp(loudness))
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_wav(path, samples, RATE)


class Evil:
    """What makes the canary when it is unpickled."""

    def __reduce__(self):
        return os.system, (RUN,)


def write_files(work):
    """Everything that no program makes."""
    recordings, rows = [], round(SECONDS / 0.04) + 1
    for n, key in enumerate(IDS):
        label = 0.5 * np.sin(np.arange(rows) / (15 + n))
        ratings = label + np.random.default_rng(n).normal(0, 0.1, (3, rows))
        wav = write_sound(work / f"wav/{key}.wav", label)
        recordings.append(corpus.Recording(key, key, wav, {"arousal": label}, {"arousal": ratings}))
        folder = work / "corpus/RECOLA-Annotation/emotional_behaviour"
        for target in ("arousal", "valence"):
            (folder / target).mkdir(parents=True, exist_ok=True)
            lines = [f"{t * 0.04:g};{a:.6f};{b:.6f}\n" for t, (a, b) in enumerate(ratings[:2].T)]
            (folder / target / f"{key}.csv").write_text("time;FM1 ;FM2\n" + "".join(lines))
        write_sound(work / f"corpus/RECOLA-Audio-recordings/{key}.wav", label)
    (work / "corpus/partition.txt").write_text("train P00\ndev P01\n")
    corpus.write_recordings(work / DATA, recordings, 0.04, ["A", "B", "C"])
    (work / DATA / "conf").mkdir()
    (work / DATA / "conf/fbank.conf").write_text("--sample-frequency=8000\n--num-mel-bins=3\n--snip-edges=false\n")
    write_sound(work / "sound/talk.wav", label)
    (work / "predictions/csv").mkdir(parents=True)
    (work / "predictions/csv/talk.csv").write_text("time,arousal\n0,0.1\n0.04,0.2\n0.08,0.1\n")
    write_table(work / "predictions/wav.scp", {"talk": work / "sound/talk.wav"})
    (work / "predictions/label_shift").write_text("0.04\n")
    with datadir.writing_archive(work / "predictions/arousal") as put:
        put("talk", np.float32([[0.1], [0.2], [0.1]]))
    (work / "list.txt").write_text("sound/talk.wav\n")
    (work / "list.scp").write_text("talk sound/talk.wav\n")
    (work / "list.csv").write_text("id,path\ntalk,sound/talk.wav\n")
    (work / "plan.conf").write_text("--learning-rate=0.01 0.001\n")
    (work / "base.conf").write_text("--filter-width=4\n")
    (work / "list").write_text("P00\nP01\n")
    (work / "out").mkdir()
    (work / "payload").mkdir()
    (work / "exp/figure1").mkdir(parents=True)
    for width in (2, 4):
        point = {"target": "arousal", "label_shift": 0.04, "filter_width": width, "learning_rate": 0.01}
        point |= {"settings": {"rate_times_width": 0.03, "learning_rate": 0.01}, "runs": [{"dev_ccc": 0.1 * width}] * 2}
        (work / f"exp/figure1/arousal.{width}.json").write_text(json.dumps(point))
    archive = io.BytesIO()
    np.save(archive, np.array([Evil()], dtype=object))
    pickled = pickle.dumps(Evil())
    contents = {"PKL": b"PKL" + pickled, "NPY": b"NPY" + archive.getvalue(), "npy": archive.getvalue()}
    contents |= {"pickle": pickled, "text": f" [ $({RUN}) `{RUN}`\n __import__('os').system('{RUN}') ]\n".encode()}
    contents |= {"binary": b"\0BFM " + pickled, "binary-PKL": b"\0BPKL" + pickled, "gz": b"\x1f\x8b" + pickled}
    for name, content in contents.items():
        (work / f"payload/{name}").write_bytes(content)


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    server = Programs(tmp_path_factory.mktemp("output"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory, programs):
    """A place where all is well: data, a trained system, its predictions and scores, made by the programs."""
    place = Place(tmp_path_factory.mktemp("acts") / "a/b/top", programs)
    (place.top / "outside/deep").mkdir(parents=True)
    for name in ("keep", "keep.csv", "keep.ark", "keep.scp", "deep/train.list"):
        (place.top / "outside" / name).write_text("keep\n")
    place.work.mkdir(parents=True)
    write_files(place.work)

    def do(name, source=None, destination=None):
        status, text = place.run(name)
        assert status == 0, text
        if source:
            (place.work / destination).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(place.work / source, place.work / destination)

    (place.work / "payload/make.py").write_text(MAKE_TORCH)
    assert programs([str(place.work / "payload/make.py")], place.work, {})[0] == 0
    do("fbank")
    for name in ("scp", "utt2num_frames", "frame_shift"):
        shutil.copy(place.work / f"out/fbank.{name}", place.work / DATA / name.replace("scp", "feats.scp"))
    do("cmvn")
    shutil.copy(place.work / "out/cmvn.scp", place.work / DATA / "cmvn.scp")
    shutil.copytree(place.work / "out", place.work / "made")  # the archives, which the scp files name in out/
    for path in (place.work / DATA).glob("*s.scp"):
        path.write_text(path.read_text().replace("/out/", "/made/"))
    (place.work / DATA / "cmvn.scp").write_text((place.work / DATA / "cmvn.scp").read_text().replace("/out/", "/made/"))
    shutil.rmtree(place.work / "out")
    (place.work / "out").mkdir()
    do("train", "out/run1", f"{NET}/run1")
    do("predict", "out", DEV)
    for path in (place.work / DEV).rglob("output.1.scp"):
        path.with_name("output.scp").write_text(path.read_text().replace("/out/", f"/{DEV}/"))
    (place.work / "out").mkdir()
    do("score")
    for path in (place.work / DEV).glob(".done.score*"):  # a lock is written in place, and copies are links
        path.unlink()
    shutil.copytree(place.work / "exp/net", place.work / "exp/other")
    score = place.work / "exp/other/arousal/predict_dev/score.json"
    score.write_text(score.read_text().replace('"net"', '"other"'))
    do("collect")
    shutil.copytree(place.work / DEV, place.work / "loo/predict_all")
    before = place.outside([])
    yield place
    assert place.outside([]) == before


@pytest.fixture
def place(whole, tmp_path):
    """A copy of it, to put a payload in."""
    return whole.copy(tmp_path / "a/b/top")


# Ways in: name -> function (place, payload) that puts the payload there.


def edit(path, change):
    """Change a file's text."""
    write(path, change(path.read_text(errors="surrogateescape")).encode(errors="surrogateescape"))


def write(path, data):
    """Write a file anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def first_value(name):
    """The value of the first line of a table."""

    def put(place, value):
        edit(place.work / name, lambda text: f"{text.split()[0]} {value}\n" + text.partition("\n")[2])

    return put


def renamed(old, files):
    """An id, in every file that has it."""

    def put(place, new):
        for path in (place.work / DATA).rglob("*"):
            if path.name in files and path.is_file():
                edit(path, lambda text: "".join(f"{_with(line, old, new)}\n" for line in text.splitlines()))

    return put


def _with(line, old, new):
    return " ".join(new if word == old else word for word in line.split(" "))


def in_json(name, *keys):
    """A value in a JSON file."""

    def put(place, value):
        content = record = json.loads((place.work / name).read_text())
        for key in keys[:-1]:
            record = record[key]
        record[keys[-1]] = value
        write(place.work / name, json.dumps(content).encode())

    return put


def in_each(name, key):
    """A value in each record of a list in a JSON file."""

    def put(place, value):
        records = json.loads((place.work / name).read_text())
        write(place.work / name, json.dumps([record | {key: value} for record in records]).encode())

    return put


def content(name):
    """A whole file, text or bytes."""

    def put(place, value):
        write(place.work / name, value if isinstance(value, bytes) else value.encode())

    return put


def curves(place, value):
    """The numbers behind a picture that a section shows."""
    content("exp/sections/50-figure4.md")(place, "## F\n\n![F](../figure4.png)\n")
    content("exp/figure4.curves.json")(place, value)


def payload_file(name):
    """A whole file, from payload/."""
    return lambda place, value: content(name)(place, (place.work / "payload" / value).read_bytes())


def line(name):
    """A line more."""
    return lambda place, value: edit(place.work / name, lambda text: f"{text}{value}\n")


def word(name, old):
    """Another word in its place."""
    return lambda place, value: edit(place.work / name, lambda text: text.replace(old, value))


def file_name(old, pattern):
    """The name of a file or folder."""

    def put(place, value):
        new = place.work / pattern.format(value)
        new.parent.mkdir(parents=True, exist_ok=True)
        (place.work / old).rename(new)

    return put


TABLES = {
    "utt2spk",
    "spk2utt",
    "feats.scp",
    "wav.scp",
    "cmvn.scp",
    "arousal.scp",
    "utt2dur",
    "reco2dur",
    "utt2num_frames",
}
MODEL = f"{NET}/run1/model.json"
WAYS = {
    "feats.scp": first_value(f"{DATA}/feats.scp"),
    "cmvn.scp": first_value(f"{DATA}/cmvn.scp"),
    "labels": first_value(f"{DATA}/arousal.scp"),
    "ratings": first_value(f"{DATA}/ratings/arousal.scp"),
    "output.scp": first_value(f"{DEV}/output.scp"),
    "run's output.scp": first_value(f"{DEV}/run1/output.scp"),
    "wav.scp": first_value(f"{DATA}/wav.scp"),
    "segments": content(f"{DATA}/segments"),
    "reco2file_and_channel": content(f"{DATA}/reco2file_and_channel"),
    "utterance": renamed("P00", TABLES - {"cmvn.scp"}),
    "speaker": renamed("P00", {"utt2spk", "spk2utt", "cmvn.scp"}),
    "utterance and speaker": renamed("P00", TABLES),
    "text": lambda place, value: content(f"{DATA}/text")(place, "".join(f"{key} {value}\n" for key in IDS)),
    "list of ids": content("list"),
    "list of recordings": content("list.txt"),
    "table of recordings": line("list.scp"),
    "CSV of recordings": content("list.csv"),
    "predictions of recordings": first_value("predictions/arousal.scp"),
    "frame_shift": content(f"{DATA}/frame_shift"),
    "label_shift": content(f"{DATA}/label_shift"),
    "fbank.conf": line(f"{DATA}/conf/fbank.conf"),
    "raters": content(f"{DATA}/ratings/raters"),
    "agreement.txt": content("data/agreement.txt"),
    "model.json": content(MODEL),
    "arch": in_json(MODEL, "arch"),
    "target": in_json(MODEL, "target"),
    "options": in_json(MODEL, "options"),
    "front end": in_json(MODEL, "front_end"),
    "front end's filters": in_json(MODEL, "fbank"),
    "labels' scale": in_json(MODEL, "labels"),
    "final.pt": payload_file(f"{NET}/run1/final.pt"),
    "checkpoint.pt": payload_file("out/run1/checkpoint.pt"),
    "run's folder": file_name(f"{NET}/run1", NET + "/run1{}"),
    "postprocess.json": content(f"{NET}/postprocess.json"),
    "predictions.json": content(f"{DEV}/predictions.json"),
    "predictions' target": in_json(f"{DEV}/predictions.json", "target"),
    "predictions' runs": in_json(f"{DEV}/predictions.json", "runs"),
    "score's system": in_json(f"{DEV}/score.json", "system"),
    "score's target": in_json(f"{DEV}/score.json", "target"),
    "score's runs": in_json(f"{DEV}/score.json", "runs"),
    "fold's target": in_json("loo/predict_all/score.json", "target"),
    "fold's runs": in_json("loo/predict_all/score.json", "runs"),
    "results' system": in_json("exp/results.json", 0, "system"),
    "results' systems": in_each("exp/results.json", "system"),
    "results' target": in_each("exp/results.json", "target"),
    "results' set": in_each("exp/results.json", "set"),
    "results' run": in_json("exp/results.json", 0, "runs", 0, "run"),
    "system's folder": file_name("exp/net", "exp/{}"),
    "set's folder": file_name(DEV, NET + "/predict_{}"),
    "command": content(f"{NET}/command"),
    "progress.csv": content(f"{NET}/run1/progress.csv"),
    "section": content("exp/sections/70-ceiling.md"),
    "comparison": content("exp/sections/30-compare_dev.md"),
    "curves": curves,
    "point's target": in_json("exp/figure1/arousal.2.json", "target"),
    "plan": line("plan.conf"),
    "CSV of predictions": content("predictions/csv/talk.csv"),
    "recording's name": file_name("sound/talk.wav", "sound/{}.wav"),
    "recording's folder": file_name("sound/talk.wav", "sound/{}/talk.wav"),
    "recording": content("sound/talk.wav"),
    "partition": content("corpus/partition.txt"),
    "raters' CSV": word("corpus/RECOLA-Annotation/emotional_behaviour/arousal/P00.csv", "FM1"),
    "corpus's recording": file_name("corpus/RECOLA-Audio-recordings/P00.wav", "corpus/RECOLA-Audio-recordings/{}.wav"),
    "corpus's marker": content("corpus/SYNTHETIC"),
}

# Payloads: name -> what is put there; {ark} is a good archive, {up} and {outside} lead to where nobody may write.
COMMANDS = {
    "pipe": f"{RUN} |",
    "pipe, rows": f"{RUN} |[0:3]",
    "pipe, columns": f"{RUN} |[0:3,0:1]",
    "pipe, offset": f"{RUN} |:12",
    "pipe, offset, rows": f"{RUN} |:12[0:3]",
    "pipe, blank, rows": f"{RUN} | [0:3]",
    "pipe, blanks": f"{RUN} |  \t ",
    "pipe, no-break space": f"{RUN} |\u00a0",
    "pipe, carriage return": f"{RUN} |\r",
    "pipe, vertical tab": f"{RUN} |\x0b",
    "pipe, line separator": f"{RUN} |\u2028",
    "pipe first": f"| {RUN}",
    "pipe first, rows": f"| {RUN}[0:3]",
    "pipe first, offset": f"|{RUN}:12",
    "both": f"| {RUN} |",
    "rspecifier": f"ark:{RUN} |",
    "substitution": f"$({RUN})",
    "backquotes": f"`{RUN}`",
    "semicolon": f"{{ark}}:12;{RUN}",
    "ampersand": f"{{ark}}&{RUN}&",
    "standard input": "-",
    "standard input, rows": "-[0:3]",
}
ARCHIVES = {
    f"{name}{more}": f"{{work}}/payload/{name}{more}"
    for name in ("PKL", "NPY", "npy", "pickle", "text", "binary", "binary-PKL", "gz")
    for more in ("", ":0", "[0:3]")
}
PATHS = {
    "up": "{up}/keep",
    "one up": "../keep",
    "into a folder and up": "a/../{up}/keep",
    "absolute": "{outside}/keep",
    "two slashes": "/{outside}/keep",
    "folder above": "..",
    "this folder": ".",
    "above it": "{up}",
    "empty part": "a/{up}//keep",
    "this folder and up": "./{up}/keep",
}
WORDS = {
    "substitution": "$(touch${IFS}$CANARY)",
    "backquotes": "`touch${IFS}$CANARY`",
    "semicolon": "x;touch${IFS}$CANARY",
    "ampersand": "x&touch${IFS}$CANARY",
    "quote": "it's;touch${IFS}$CANARY;'",
    "quotes": '";touch${IFS}$CANARY;"',
    "pipe": "x|touch${IFS}$CANARY|",
    "option": "--config=x",
    "option of rm": "-rf",
    "pattern": "*",
    "format": "%s{0.__class__}{up}",
    "dollar": "$\\frac{x}$",
    "JOB": "JOB",
    "markup": "<img/src=x/onerror=x>",
}
CODE = {
    "command": f"$({RUN})",
    "backquotes": f"`{RUN}`",
    "semicolon": f"; {RUN} ;",
    "lines": f"x\n{RUN}\n$({RUN})\n",
    "Python": "__import__('os').system('touch $CANARY')",
    "YAML": "!!python/object/apply:os.system ['touch $CANARY']",
    "exec": f"--config=`{RUN}`\n--x=$({RUN})",
    "pickle": pickle.dumps(Evil()),
}
VALUES = {
    "pickled": {"__reduce__": ["os.system", RUN]},
    "class": {"__class__": "os.system", "py/object": "os.system", "args": [RUN]},
    "list": [f"$({RUN})"],
}
NAMES = {
    "dots": "os.path",
    "package": "cer.bin.train",
    "module beside": "layers.long_filter",
    "up": "../../outside/evil",
    "dots up": "...payload.evil",
    "absolute": "{outside}/evil",
    "dunder": "__init__",
    "list": ["single"],
    "Python": "single; import os; os.system('touch $CANARY')",
}
RUNS = {name: [path] for name, path in PATHS.items()} | {"command": [f"$({RUN})"], "record": [{"run": "{up}"}]}
SCORED_RUNS = {name: [{"run": path, "ccc": 0.1}] for name, path in PATHS.items()}


LINES = {"folder above": "a\n.. x", "path": "a\n../keep x", "pipe": "a\nb touch $CANARY |"}  # of a list of files
TORCH = {name: f"{name}.pt" for name in ("pickle", "protocol-0", "zip", "old", "TorchScript", "state")}
PLAIN = {name: text for name, text in WORDS.items() if "/" not in text and "{up}" not in text}  # can be files' names

# Makes the files of TORCH; what is in them makes the canary when it is unpickled, or when the module runs.
MAKE_TORCH = """
import os, pickle, torch
class Evil:
    def __reduce__(self):
        return os.system, ("touch $CANARY",)
pickle.dump(Evil(), open("payload/pickle.pt", "wb"))
pickle.dump(Evil(), open("payload/protocol-0.pt", "wb"), protocol=0)
torch.save({"factor": Evil()}, "payload/zip.pt")
torch.save({"factor": Evil()}, "payload/old.pt", _use_new_zipfile_serialization=False)
torch.save({"description": {"arch": Evil()}, "epoch": 1}, "payload/state.pt")
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 1)), "payload/TorchScript.pt")
"""


# A way in, its payloads, the programs that read it there, and which of the payloads are of the usual tests: every n-th
# (0: none), dealt to the programs in turn. The slow tests deal all, and put the first two before every program.
TABLE = [
    ("feats.scp", COMMANDS | ARCHIVES, "cmvn predict train", 3),
    ("cmvn.scp", COMMANDS | ARCHIVES, "predict train", 20),
    ("labels", COMMANDS | ARCHIVES, "score fit smoothness compare html train figure4 figure5", 12),
    ("ratings", COMMANDS | ARCHIVES, "ceiling html", 30),
    ("output.scp", COMMANDS | ARCHIVES, "score fit smoothness compare html figure5", 15),
    ("run's output.scp", COMMANDS | ARCHIVES, "score compare smoothness", 99),
    ("wav.scp", COMMANDS | ARCHIVES, "fbank recordings validate fix split subset combine html", 6),
    ("utterance", PATHS | WORDS, "predict fbank subset combine split fix validate score recordings train html", 3),
    ("speaker", PATHS | WORDS, "folds cmvn subset combine split fix validate score predict", 5),
    ("utterance and speaker", PATHS | WORDS, "fold table;recordings;predict;folds;cmvn", 8),
    ("list of ids", PATHS | WORDS | CODE, "subset;subset by speaker", 99),
    ("text", CODE | COMMANDS, "validate fix", 99),
    ("segments", {n: f"P00 P00 {v} 1\n" for n, v in (COMMANDS | WORDS).items()}, "fbank validate fix split", 99),
    ("reco2file_and_channel", {n: f"P00 {v} A\n" for n, v in (COMMANDS | WORDS).items()}, "fbank validate", 0),
    ("frame_shift", CODE, "predict train", 99),
    ("label_shift", CODE, "smoothness train html", 99),
    ("fbank.conf", CODE, "fbank train", 99),
    ("raters", CODE | {"paths": "{up}/a {outside}/b ../c"}, "ceiling html", 99),
    ("agreement.txt", CODE, "html", 0),
    ("model.json", CODE | {n: json.dumps(v) for n, v in VALUES.items()}, "predict recordings live", 99),
    ("arch", NAMES | VALUES, "predict recordings", 3),
    ("target", PATHS | WORDS | VALUES, "recordings predict live", 6),
    ("options", VALUES | {"path": {"filter_width": "{up}/keep"}}, "predict", 99),
    ("front end", VALUES | {"path": {"feat_dim": "{up}/keep"}}, "predict", 99),
    ("front end's filters", VALUES | {"path": {"window_type": "{up}/keep"}}, "recordings live", 0),
    ("labels' scale", VALUES | {"code": {"mean": CODE["Python"], "deviation": CODE["command"]}}, "predict", 99),
    ("final.pt", "torch", "predict recordings", 2),
    ("checkpoint.pt", "torch", "train", 0),
    ("run's folder", PLAIN, "predict", 99),
    ("postprocess.json", CODE | {"step": json.dumps({"steps": [{"step": "os.system", "value": RUN}]})}, "predict", 99),
    ("predictions.json", CODE, "score fit", 99),
    ("predictions' target", PATHS | WORDS, "score fit", 9),
    ("predictions' runs", RUNS, "score", 4),
    ("score's system", PATHS | WORDS | VALUES, "collect", 99),
    ("score's target", PATHS | WORDS | VALUES, "collect", 0),
    ("score's runs", SCORED_RUNS, "collect", 0),
    ("fold's target", PATHS | WORDS, "fold table;", 0),
    ("fold's runs", SCORED_RUNS, "fold table;", 99),
    ("results' system", PATHS | WORDS, "compare report smoothness corpora html figure5", 9),
    ("results' systems", PATHS | WORDS, "report corpora compare html", 99),
    ("results' target", PATHS | WORDS, "report compare smoothness corpora html figure5", 9),
    ("results' set", PATHS | WORDS, "report html corpora", 0),
    ("results' run", PATHS | WORDS, "html report", 99),
    ("system's folder", PLAIN, "collect and tables;collect and pages", 7),
    ("set's folder", PLAIN, "collect and tables;collect and pages", 0),
    ("command", CODE, "report html", 99),
    ("progress.csv", CODE, "html", 0),
    ("section", CODE | {"picture": "## A\n\n![a]({up}/keep.png)\n"}, "report html", 99),
    ("comparison", CODE, "report html", 0),
    ("curves", CODE, "html", 0),
    ("point's target", PATHS | WORDS, "figure1", 0),
    ("plan", {n: f"--l2={v}" for n, v in (WORDS | PATHS).items()} | CODE, "plan", 20),
    ("CSV of predictions", {n: f"time,{v}\n0,1\n0.04,2\n" for n, v in (PATHS | WORDS).items()}, "page", 99),
    ("predictions of recordings", COMMANDS | ARCHIVES, "plot", 99),
    ("recording's name", PLAIN, "list and recordings;list and page", 6),
    ("list of recordings", COMMANDS | PATHS | PLAIN, "list of a list, recordings;", 9),
    ("table of recordings", {n: f"{v} x.wav" for n, v in PATHS.items()}, "list of a table, recordings;", 9),
    ("CSV of recordings", {n: f"id,path\n{v},x" for n, v in (PATHS | WORDS).items()}, "list of a CSV, recordings;", 9),
    ("recording's folder", LINES, "list and recordings;", 1),
    ("recording", CODE | {"playlist": "#EXTM3U\n{outside}/keep\n"}, "page live", 99),
    ("partition", {n: f"train {v}\ndev P01\n" for n, v in (PATHS | WORDS).items()}, "recola", 20),
    ("raters' CSV", PATHS | WORDS, "recola", 0),
    ("corpus's recording", PLAIN, "recola", 0),
    ("corpus's marker", CODE, "recola", 0),
]
HEAVY = [
    "train",
    "html",
    "page",
    "plot",
    "plot of recordings",
    "figure1",
    "figure4",
    "figure5",
    "collect and pages",
    "list and page",
]
CHAINS = {
    "list and recordings": ["list", "recordings"],
    "list and page": ["list", "recordings", "collect recordings", "plot of recordings"],
    "list of a list, recordings": ["list of a list", "recordings"],
    "list of a table, recordings": ["list of a table", "recordings"],
    "list of a CSV, recordings": ["list of a CSV", "recordings"],
    "collect and tables": ["collect", "report", "compare", "smoothness", "corpora"],
    "collect and pages": ["collect", "html", "figure5"],
}


def rows(table):
    """A table's rows as pytest takes them."""
    for way, payloads, names, every in table:
        names = names.strip(";").split(";") if ";" in names else names.split()
        light = [name for name in names if name not in HEAVY] or names
        payloads = TORCH if payloads == "torch" else payloads
        for number, (what, payload) in enumerate(payloads.items()):
            usual = light[number // every % len(light)] if every and number % every == 0 else None
            for name in names if number < 2 else {usual or light[number % len(light)]}:
                marks = [] if name == usual else [pytest.mark.long]
                yield pytest.param(way, payload, name, marks=marks, id=f"{way}, {what}: {name}")


@pytest.mark.long
@pytest.mark.parametrize("name", PROGRAMS)
def test_each_program_of_the_table_reads_what_is_well(place, name):
    mine = PROGRAMS[name][1]
    before = place.outside([mine])
    if name == "plot of recordings":
        shutil.copytree(place.work / "predictions", place.work / "out", dirs_exist_ok=True)
    if name == "collect recordings":
        place.run("recordings")
    status, text = place.run(name)
    assert status == 0, text
    assert place.outside([mine]) == before


@pytest.mark.parametrize("way, payload, name", [*rows(TABLE)])
def test_nothing_is_run_and_nothing_written_elsewhere(place, way, payload, name):
    WAYS[way](place, place.filled(payload))
    programs = CHAINS.get(name, [name])
    mine = [PROGRAMS[one][1] for one in programs] + [DATA] * programs[0].startswith("list")
    before = place.outside(mine)
    for one in programs:
        status, text = place.run(one)
        if one.startswith("list") and status == 0:
            for folder in (DATA, "out"):
                write(place.work / f"{folder}/wav.scp", text.encode(errors="surrogateescape"))
    assert not (place.top / "canary").exists(), text
    assert place.outside(mine) == before, text


# Folders' names on command lines of steps, whose jobs are commands in a shell, and ids on those of local/.
MIXED = "it's a&b (1);touch${IFS}$CANARY;$(touch $CANARY)`touch $CANARY` *> <x #!~ \\"
FOLDERS = [MIXED, *PLAIN.values(), "p(1)", "it's", "a&b", "two  blanks", "#x", "~", "a[1]*?", "JOBS", "-x"]
STEPS = {
    "fbank": f"steps/make_fbank.sh --nj 2 --fbank-config {{}}/{DATA}/conf/fbank.conf {{}}/{DATA}",
    "cmvn": f"steps/compute_cmvn_stats.sh {{}}/{DATA}",
    "predict": f"steps/predict.sh --nj 2 {{}}/{DATA} {{}}/{NET} {{}}/new",
    "train": f"steps/train.sh --num-runs 2 --opts {{options}} single arousal {{}}/{DATA} {{}}/{DATA}"
    " {}/exp/one/arousal",
    "predict more": f"steps/predict.sh --nj 1 {{}}/{DATA} {{}}/exp/one/arousal {{}}/exp/one/arousal/predict_dev",
    "postprocess": f"steps/postprocess.sh --method gaussian {{}}/{DATA} {{}}/exp/one/arousal {{}}/exp/two/arousal",
    "score": f"steps/score.sh {{}}/{DATA} {{}}/exp/one/arousal/predict_dev",
    "recordings": f"steps/predict_recordings.sh --nj 1 --page true {{}}/sound {{}}/{NET} {{}}/own",
    "export": f"steps/export.sh --input features {{}}/{NET} {{}}/graph",
    "leave one out": "local/leave_one_out.sh --sets dev --num-runs 1 --num-dev 1 --opts {options} single arousal"
    " {}/data {}/loo",
    "search": f"local/search.sh --num-runs 1 --opts {{options}} {{}}/plan.conf single arousal {{}}/{DATA} {{}}/{DATA}"
    " {}/search",
    "prepare": "egs/synth/prepare.sh --nj 1 --opts {corpus} {}/new_corpus {}/new_data",
}
OPTIONS = {"options": "--filter-width=4 --max-epochs=2 --learning-rate=0.01", "corpus": "--num-speakers=4 --duration=5"}
USUAL_STEPS = ["fbank", "cmvn", "predict"]


def step(place, name, folder):
    """Run a step on a place; returns its status and what it printed. folder: the place's name to the step."""
    words = [word.replace("{}", folder).format(**OPTIONS) if word in ("{options}", "{corpus}") else
             word.replace("{}", folder) for word in STEPS[name].split()]  # fmt: skip
    where = place.top / "deep" if name in USUAL_STEPS else ROOT  # local/ and egs/ know the recipe's folder alone
    environment = os.environ | {"CANARY": str(place.top / "canary")}
    done = subprocess.run(
        [ROOT / words[0], *words[1:]],
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "folder, steps",
    [
        pytest.param(folder, steps, id=f"{folder}, {len(steps)} steps", marks=[pytest.mark.long] * slow)
        for folder, steps, slow in [
            (MIXED, USUAL_STEPS, False),
            *((folder, USUAL_STEPS, True) for folder in FOLDERS[1:]),
            (MIXED, list(STEPS), True),
        ]
    ],
)
def test_names_of_folders_reach_no_shell(place, folder, steps):
    (place.top / "deep/work").rename(place.top / "deep" / folder)
    before = place.outside([f"../{folder}"])
    for name in steps:
        here = f"./{folder}" if folder.startswith("-") else folder  # a user has to, as with any program
        full = here if name in USUAL_STEPS else str(place.top / "deep" / folder)
        status, text = step(place, name, full)
        assert not (place.top / "canary").exists(), text
        assert status == 0 or "JOB" in folder, text
    assert place.outside([f"../{folder}"]) == before


@pytest.mark.long
@pytest.mark.parametrize("speaker", [*PLAIN.values(), "~", "#x"])
def test_speakers_reach_no_shell(place, speaker):
    WAYS["utterance and speaker"](place, speaker)
    text = step(place, "leave one out", str(place.work))[1]
    assert not (place.top / "canary").exists(), text
    assert (place.work / "loo" / speaker).is_dir(), text
