"""Whether work is finished: the contents of what it was made from and of what it left decide, and nothing else.

A fact is a name and a value. Facts are taken when the work begins and again when it ends. Only if they still hold is
the work done. Then a stamp file keeps them, with the facts of what the work left:

    input data/synth/train/feats.scp            sha256 9f86...
    named in data/synth/train/feats.scp: /...   sha256 60303...    files that a table names count, too
    option 1                                    'arousal'
    code cer/models/downup.py                   sha256 fd61...     without comments and docstrings
    output exp/synth/downup/arousal/run1/final.pt  sha256 e3b0...

Contents decide, never times: a file that was copied, touched or checked out again is the same file.
"""

import contextlib
from pathlib import Path
from typing import NamedTuple

from cer.base import contents
from cer.base.contents import ROOT, checksum, digest, digest_now, escaped, named_files, of_code, sources, unescaped
from cer.base.errors import BadInput
from cer.base.files import read_bytes, write_text

HEAD = "# What this was made from and what it left: written and read by cer/base/facts.py"
OF_FILES = ("input", "output", "named")  # kinds of facts
SHOWN = 3  # differences that are told


class Name(NamedTuple):
    """The parts of a fact's name: `<kind> <path>` or `named in <table>: <path>`. An option has its number as path."""

    kind: str
    path: str
    table: str = ""

    @classmethod
    def of(cls, text):
        """Take the name of a fact apart."""
        kind, _, path = text.partition(" ")
        table, _, path = path.removeprefix("in ").partition(": ") if kind == "named" else ("", "", path)
        return cls(kind, unescaped(path), unescaped(table))

    def __str__(self):
        place = f"in {escaped(self.table, colons=True)}: " if self.kind == "named" else ""
        return f"{self.kind} {place}{escaped(self.path)}"


def take(inputs=(), options=(), code=()):
    """The facts of work that is about to begin: dict of name -> value.

    inputs: files; that one is missing is a fact, too. options: words. code: programs, with what they import of the
    recipe. Raises BadInput for an input that is a folder, a pipe or a device, and for a program that is not there.
    """
    facts = {}
    for path in inputs:
        facts |= of_file("input", path)
    facts |= {f"option {number}": repr(word) for number, word in enumerate(options, 1)}
    return facts | {str(Name("code", name)): of_code(path) for name, path in sources(code).items()}


def of_file(kind, path):
    """The facts of a file, and of the files that it names if it is an scp file; kind: "input" or "output".

    Raises BadInput for a folder, a pipe and a device.
    """
    facts = {str(Name(kind, path)): digest(path)}
    if Path(path).suffix == ".scp" and Path(path).is_file():
        facts |= {str(Name("named", name, path)): digest(name) for name in named_files(path)}
    return facts


def again(facts):
    """The same facts with their values of now."""
    now = {}
    for text, value in facts.items():
        name = Name.of(text)
        if name.kind == "code":
            now[text] = of_code(ROOT / name.path)
        elif name.kind in OF_FILES:
            now[text] = digest_now(name.path)
        else:
            now[text] = value  # an option
    return now


def summary(facts):
    """One value for many facts."""
    return checksum(repr(sorted(facts.items())).encode())


def differences(before, now):
    """How facts differ, a list of texts for messages; [] if they do not. before, now: dicts of name -> value."""
    names = [name for name in [*now, *sorted(before.keys() - now.keys())] if before.get(name) != now.get(name)]
    texts = [f"{name}: was {before.get(name, 'not there')}, is {now.get(name, 'not there')}" for name in names[:SHOWN]]
    return texts + ([f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else [])


class Stamp:
    """The file that says that work is done, and what it was made from."""

    def __init__(self, path):
        self.path, self._notes = Path(path), {}

    def read(self):
        """Two dicts of facts: what the work was made from, what it left. None if the stamp is missing or cut off."""
        try:
            head, *lines = read_bytes(self.path).decode().split("\n")
        except (BadInput, UnicodeDecodeError):
            return None
        facts = dict(line.partition("\t")[::2] for line in lines if line)
        if head != HEAD or facts.pop("end", None) != "":
            return None
        self._notes = {name: facts.pop(name) for name in [*facts] if name.startswith(contents.NOTES)}
        contents.remember(self._notes)
        outputs = {name: value for name, value in facts.items() if _is_output(Name.of(name), facts)}
        return {name: value for name, value in facts.items() if name not in outputs}, outputs

    def take(self, inputs=(), options=(), code=()):
        """As the function take; files that the stamp remembers are not read again."""
        self.read()
        return take(inputs, options, code)

    def stale(self, facts=None):
        """Why the work has to be done (again), a list of texts; [] if it is up to date.

        facts: what it would be made from now (default: the facts of the stamp, taken again).
        """
        found = self.read()
        if found is None:
            return ["it was not finished yet"]
        made_from, left = found
        changed = differences(made_from, again(made_from) if facts is None else facts)
        changed = changed or differences(left, again(left))
        if not changed and notes_of(made_from | left).keys() - self._notes.keys():
            with contextlib.suppress(OSError):  # where it may not be written, each call reads the files
                self._write(self.path, made_from | left)
        return changed

    def outdated(self):
        """Which inputs, options and outputs have changed since, whatever the code is: a list of texts.

        [] without a stamp: then nothing is known.
        """
        if not self.path.exists() or (found := self.read()) is None:
            return ["it was not finished yet"] if self.path.exists() else []
        facts = {name: value for each in found for name, value in each.items() if Name.of(name).kind != "code"}
        return differences(facts, again(facts))

    def damaged(self):
        """The outputs that are not what the work left, a list of texts."""
        found = self.read()
        return differences(found[1], again(found[1])) if found else []

    def begin(self, facts):
        """Keep the facts of work that begins, for commit() in another process."""
        self._write(self._begun, facts)

    def commit(self, outputs, facts=None):
        """End the work: write the stamp if the facts still hold; if not, write none and return the differences.

        outputs: files that the work left; facts: those of its beginning (default: those that begin() kept). Raises
        BadInput if begin() kept none.
        """
        if facts is None:
            begun = Stamp(self._begun).read()
            if begun is None:
                raise BadInput(f"{self._begun}: no such file; expected the work to have begun before it ends")
            facts = begun[0]
        changed = differences(facts, again(facts))
        if not changed:
            left = {}
            for path in outputs:
                left |= of_file("output", path)
            self._write(self.path, facts | left)
        self._begun.unlink(missing_ok=True)
        return changed

    @property
    def _begun(self):
        return self.path.with_name(f"{self.path.name}.begun")

    def _write(self, path, facts):
        lines = map("\t".join, (facts | notes_of(facts)).items())
        write_text(path, "".join(f"{line}\n" for line in [HEAD, *lines, "end\t"]))


def notes_of(facts):
    """What is remembered of the files that these facts are about."""
    names = [Name.of(name) for name in facts]
    paths = {name.path for name in names if name.kind in OF_FILES}
    return contents.notes(paths, [name.path for name in names if name.kind == "code"])


def _is_output(name, facts):
    return name.kind == "output" or (name.kind == "named" and str(Name("output", name.table)) in facts)


def inputs_of(stamps):
    """The facts of all inputs of several pieces of finished work together; stamps: their paths."""
    facts = [fact for stamp in stamps for fact in (Stamp(stamp).read() or ({}, {}))[0].items()]
    return {name: value for name, value in facts if Name.of(name).kind in ("input", "named")}


def others_made(stamp, scp, beside):
    """Whether another program has replaced an scp file since the work of a stamp, but not the file `beside` it.

    It has if the scp file names files that the work neither read nor wrote, and `beside` is as the work wrote it.
    Contents decide, not paths. False without a stamp: then nothing is known.
    """
    known = {value for each in Stamp(stamp).read() or () for value in each.values()}
    as_left = known and Path(scp).is_file() and {*of_file("output", beside).values()} <= known
    return bool(as_left) and any(digest(one) not in known for one in named_files(scp))


def do(stamp, work, *, inputs=(), options=(), code=(), outputs=()):
    """Call work() unless the stamp at this path says that it is done; returns whether it was called.

    inputs, options, code: as take's; outputs: files that it leaves. Raises BadInput when the inputs change meanwhile.
    """
    stamp = Stamp(stamp)
    facts = stamp.take(inputs, options, code)
    if not stamp.stale(facts):
        return False
    work()
    if changed := stamp.commit(outputs, facts):
        raise BadInput(f"{stamp.path}: {changed[0]}; it changed while it was worked on: run it again")
    return True
