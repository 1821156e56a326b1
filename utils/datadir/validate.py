"""Checks a Kaldi data directory by the rules of Kaldi's validate_data_dir.sh, and reports all faults together."""

import sys
from itertools import pairwise
from pathlib import Path

from cer.base.tables import Table, fields, inverse

from .data_files import BY_RECORDING, BY_SPEAKER, BY_UTTERANCE, existing, further_scps
from .data_rules import RESTRICTING, RESTRICTING_SPEAKERS, check_table
from .words import check, directories

USAGE = """\
Usage: validate_data_dir.sh [--no-feats] [--no-text] [--no-wav] [--no-spk-sort] [--non-print] [--ignore=LIST] <data-dir>
e.g.: utils/validate_data_dir.sh --no-text data/train
  --no-feats, --no-wav   feats.scp, wav.scp may be missing; existing ones are checked
  --no-text              text may be missing, and is not checked
  --no-spk-sort          utt2spk need not be sorted by speaker
  --non-print            text may contain unprintable characters
  --ignore=LIST          these files, with commas between them, are not checked, e.g. because they will be made anew"""

OPTIONAL = {
    "wav.scp": "--no-wav",
    "feats.scp": "--no-feats",
    "text": "--no-text",
}  # file -> what makes it optional
OPTIONS = (*OPTIONAL.values(), "--no-spk-sort", "--non-print")
IGNORE = "--ignore="
SHOWN = 100  # problems to print; the rest is counted


class DataDir:
    """A data directory to check: its tables, and the problems and warnings found so far."""

    def __init__(self, directory, ignored=()):
        """Read all tables of the directory but those in `ignored`, names of files."""
        self.directory = Path(directory)
        names = existing(directory, ["utt2spk", "spk2utt", *BY_UTTERANCE, *BY_SPEAKER, *BY_RECORDING])
        self.tables = {name: Table(self.directory / name) for name in names if name not in ignored}
        self.utterances = set(self.keys("utt2spk"))
        self.further = further_scps(directory, self.utterances)
        self.tables |= {name: Table(self.directory / name) for name in self.further}
        self.fix = f"run utils/fix_data_dir.sh {directory}"
        self.problems, self.warnings = [], []

    def keys(self, name):
        """Return the ids of a file; none if the file does not exist."""
        return self.tables[name].keys() if name in self.tables else []

    def check(self, required, speaker_order=True, any_character=False):
        """Apply all rules. required: names of files that must exist."""
        for name in required:
            if name not in self.tables or not self.tables[name].rows:
                state = "is empty" if name in self.tables else "no such file"
                self.problems.append(f"{self.directory}/{name}: {state}, expected one{cure_of_missing(name, self.fix)}")
        if "segments" in self.tables and "wav.scp" not in {*self.tables, *required}:  # required even with --no-wav
            self.problems.append(
                f"{self.directory}/wav.scp: no such file, expected one: segments are parts of its recordings"
            )
        for table in self.tables.values():
            check_table(table, any_character, self.warnings)
        self.check_speakers(speaker_order)
        self.check_ids()
        self.problems += [line for table in self.tables.values() for line in table.messages(self.fix)]
        return self.problems

    def check_speakers(self, speaker_order):
        """Check that utt2spk is sorted by speaker, too, and that spk2utt is its inverse."""
        if "utt2spk" not in self.tables:
            return
        table = self.tables["utt2spk"]
        speakers = set(table.as_dict().values())
        if len(speakers) == 1:
            self.warnings.append(f"{table.path}: only one speaker: no intervals over speakers, no split between them")
        for before, row in pairwise(table.rows if speaker_order else []):
            if row.value < before.value and row.key > before.key:
                table.note(
                    row.number,
                    f"speaker {row.value} after {before.value}",
                    "the speakers to be sorted when the utterances are; begin each utterance's id with its speaker's"
                    " and a '-' (not '_', which sorts after digits)",
                )
                break
        if "spk2utt" in self.tables:
            self.check_inverse(self.tables["spk2utt"], inverse(table.as_dict()))

    def check_inverse(self, table, expected):
        """Check that spk2utt lists the same utterances for each speaker as utt2spk."""
        self.compare(table, expected, "speakers of utt2spk")
        for row in table.rows:
            if row.key in expected and fields(row.value) != expected[row.key].split(" "):
                found = f"{row.key} with {row.value!r}"
                table.note(row.number, found, f"{expected[row.key]!r} as in utt2spk", mended=True)

    def check_ids(self):
        """Check that the ids of each file are the utterances, speakers or recordings of the directory."""
        speakers = set(self.tables["utt2spk"].as_dict().values()) if "utt2spk" in self.tables else set()
        recordings, whose = self.utterances, "utterances of utt2spk"
        if "segments" in self.tables:
            recordings = {fields(row.value)[0] for row in self.tables["segments"].rows if row.value}
            whose = "recordings of segments"
        groups = [(BY_UTTERANCE, self.utterances, "utterances of utt2spk"), (BY_RECORDING, recordings, whose)]
        for names, ids, what in [*groups, (BY_SPEAKER, speakers, "speakers of utt2spk")]:
            for name in names:
                if name in self.tables:
                    self.compare(self.tables[name], ids, what)
        for name in self.further:  # these need not have all utterances
            self.compare(self.tables[name], self.utterances, "utterances of utt2spk", some=True)

    def compare(self, table, ids, what, some=False):
        """Note ids of the table that are not in `ids`; and, unless `some` is true, ids that the table lacks."""
        for row in [row for row in table.rows if row.key not in ids]:
            table.note(row.number, f"{row.key}, which is none of the {what}", "only such ids", mended=True)
        lacking = [] if some else sorted(set(ids) - set(table.keys()))
        if lacking:
            names = ", ".join(lacking[:3]) + (" ..." if len(lacking) > 3 else "")
            found = f"{len(set(ids)) - len(lacking)} of the {len(set(ids))} {what}"
            mended = table.path.name in ("spk2utt", *RESTRICTING, *RESTRICTING_SPEAKERS)
            cure = "or leave them out" if mended else "or remove the file"
            cure = "" if table.path.name == "spk2utt" else f"; make them, {cure}"
            table.note(0, found, f"all; without: {names}{cure}", mended=mended)


def cure_of_missing(name, fix):
    """Say what to do about a missing file."""
    if name in OPTIONAL:
        return f"; make it, or give {OPTIONAL[name]} if none is needed"
    return f"; {fix}" if name == "spk2utt" else ": a line an utterance, with its speaker"


def work(argv):
    """Check the directory; argv: command-line arguments; returns the exit status. Raises BadInput."""
    words = [word for word in argv if word not in OPTIONS and not word.startswith(IGNORE)]
    check(words, USAGE)
    (directory,) = directories(words)
    required = ["utt2spk", "spk2utt", *(name for name, option in OPTIONAL.items() if option not in argv)]
    ignored = [word.removeprefix(IGNORE) for word in argv if word.startswith(IGNORE)]
    ignored += ["text"] if "--no-text" in argv else []
    data = DataDir(directory, ",".join(ignored).split(","))
    problems = data.check(required, "--no-spk-sort" not in argv, "--non-print" in argv)
    report(problems, data.warnings)
    if not problems:
        print(f"validate_data_dir.sh: Successfully validated data-directory {words[0]}")
    return 1 if problems else 0


def report(problems, warnings):
    """Print problems and warnings on stderr."""
    for line in [f"WARNING: {line}" for line in warnings] + problems[:SHOWN]:
        print(f"validate_data_dir.sh: {line}", file=sys.stderr)
    if len(problems) > SHOWN:
        print(f"validate_data_dir.sh: and {len(problems) - SHOWN} problems more", file=sys.stderr)
