"""What the tests of corpora share: the preparation of a corpus, called here, and what it leaves."""

import contextlib
import importlib
import io
import subprocess

import numpy as np
from conftest import ROOT, write_wav

from cer.base.tables import read_table
from cer.data.datadir import Archive


def sound(path, seconds, rate=16000, seed=0):
    """A wav file of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_wav(path, np.random.default_rng(seed).integers(-9000, 9000, round(seconds * rate)), rate)


def write(path, text):
    """A text file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def edit(name, old, new):
    """What replaces a text in a file of a corpus."""

    def spoil(corpus):
        text = (corpus / name).read_text()
        assert old in text
        write(corpus / name, text.replace(old, new, 1))

    return spoil


def called(name, *words):
    """Call egs/<name>/prepare.py. Returns (None or the sentence with which it ends, what it printed)."""
    module, printed = importlib.import_module(f"egs.{name}.prepare"), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            module.main([str(word) for word in words])
        except SystemExit as end:
            return end.code, printed.getvalue()
    return None, printed.getvalue()


def prepare(name, corpus, *options):
    """Prepare a corpus into data/ beside it. Returns (data, what was printed)."""
    error, printed = called(name, *options, corpus, corpus.parent / "data")
    assert error is None, f"{error}\n{printed}"
    return corpus.parent / "data", printed


def refusal(name, corpus, *options):
    """The one sentence with which the preparation ends; nothing may have been made."""
    error, _ = called(name, *options, corpus, corpus.parent / "none")
    assert str(error).startswith("ERROR (") and "\n" not in error
    assert not list((corpus.parent / "none").glob("*"))
    return error


def shell(name, corpus, data, *options):
    """Run egs/<name>/prepare.sh. Returns its status and what it printed."""
    command = [f"egs/{name}/prepare.sh", "--opts", " ".join(options), str(corpus), str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def labels(data, name, target):
    """The labels of a set: id -> (T,), NaN in gaps."""
    return {key: matrix[:, 0] for key, matrix in Archive(data / name / f"{target}.scp", gaps=True).items()}


def ids(data, name):
    """The utterances of a set and their speakers."""
    return read_table(data / name / "utt2spk")


def check(data):
    """Kaldi's rules for data directories hold in all sets."""
    for directory in sorted(data.glob("*/wav.scp")):
        command = ["utils/validate_data_dir.sh", "--no-text", "--no-feats", directory.parent]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
