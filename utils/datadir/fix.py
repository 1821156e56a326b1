"""Sorts the files of a Kaldi data directory and makes their ids agree, by the rules of Kaldi's fix_data_dir.sh."""

import shutil
import sys
from itertools import pairwise

from cer.base.errors import BadInput
from cer.base.files import replacing, set_aside
from cer.base.tables import Table, as_text, fields, inverse, write_if_changed

from .data_files import BY_RECORDING, BY_SPEAKER, BY_UTTERANCE, checked_speakers, existing, further_scps
from .data_rules import RESTRICTING, RESTRICTING_SPEAKERS, format_fault
from .validate import SHOWN, DataDir
from .words import check, directories

USAGE = """\
Usage: utils/fix_data_dir.sh [--utt-extra-files "<file> ..."] [--spk-extra-files "<file> ..."] <data-dir>
e.g.: utils/fix_data_dir.sh data/train
Keeps the utterances that are in all existing files of utt2spk, feats.scp, text, segments, wav.scp, utt2lang, utt2dur
and utt2num_frames; sorts all files; makes spk2utt; saves the original files to <data-dir>/.backup, where those that an
earlier call saved move to a .backup of their own. Removes byte order marks, Windows line ends, white space at the start
of lines, and empty lines. Prints what is left out, and lists all of it in <data-dir>/.backup/left_out. Exit status: 1
if there are faults that it cannot fix.
  --utt-extra-files, --spk-extra-files   further files to fix, with utterance ids or speaker ids; .scp files with
                                         utterance ids (labels, ratings/) are always fixed"""

TOLD = 5  # ids to print for each reason; the list has all


class Fixing:
    """The fixed content of a data directory: `texts`, name -> text; `left_out`, list of (kind, id, reason)."""

    def __init__(self, directory, utterance_files, speaker_files):
        """Read all files and compute their fixed content; writes nothing. Raises BadInput for what it cannot fix."""
        self.directory, self.left_out = directory, []
        if not existing(directory, ["utt2spk"]):
            raise BadInput(f"{directory}/utt2spk: no such file; expected a data directory, which has utt2spk")
        self.tables = {"utt2spk": Table(directory / "utt2spk")}
        self.before = checked_speakers(directory / "utt2spk", self._dict("utt2spk"))
        groups = [
            [*BY_UTTERANCE, *further_scps(directory, self.before.keys()), *utterance_files],
            [*BY_SPEAKER, *speaker_files],
            BY_RECORDING,
        ]
        groups = [existing(directory, dict.fromkeys(group)) for group in groups]
        self.tables |= {name: Table(directory / name) for group in groups for name in group}
        self._check_lines()
        self.utt2spk = self._agreed()
        if not self.utt2spk:
            first = "; ".join(f"{key}: {reason}" for _, key, reason in self.left_out[:TOLD])
            raise BadInput(
                f"{directory}: no utterance is in all files ({first}); nothing was changed; compare their ids"
            )
        check_speaker_order(directory, self.utt2spk)
        self._note_others(groups)
        kept = [set(self.utt2spk), set(self.utt2spk.values()), set(self._recordings(self.utt2spk).values())]
        self.texts = {"utt2spk": as_text(self.utt2spk), "spk2utt": as_text(inverse(self.utt2spk))}
        for names, ids in zip(groups, kept, strict=True):
            self.texts |= {n: as_text({k: v for k, v in self._dict(n).items() if k in ids}) for n in names}

    def _dict(self, name):
        return dict(sorted(self.tables[name].as_dict().items()))

    def _check_lines(self):
        wrong = [
            f"{table.path}:{problem.number}: {problem.text}"
            for table in self.tables.values()
            for problem in table.problems
            if not problem.mended
        ]
        if wrong:
            more = [f"and {len(wrong) - TOLD} lines more"] if len(wrong) > TOLD else []
            raise BadInput("\n  ".join(["nothing was changed; mend these yourself:", *wrong[:TOLD], *more]))

    def _recordings(self, utterances):
        """Return the recording of each utterance; None for an invalid line in segments."""
        if "segments" not in self.tables:
            return {utterance: utterance for utterance in utterances}
        segments = self.tables["segments"].as_dict()
        return {utterance: next(iter(fields(segments.get(utterance, ""))), None) for utterance in utterances}

    def _agreed(self):
        """Return utt2spk of the utterances in all restricting files; adds the others to left_out, with the reason."""
        if "segments" in self.tables and "wav.scp" not in self.tables:
            raise BadInput(f"{self.directory}/wav.scp: no such file, expected one: segments are parts of recordings")
        kept, recordings = dict(sorted(self.before.items())), self._recordings(self.before)
        for name in [name for name in [*RESTRICTING, *RESTRICTING_SPEAKERS] if name in self.tables]:
            table, ids = self.tables[name].as_dict(), {key: key for key in kept}
            if name == "wav.scp":
                ids = recordings
            elif name in RESTRICTING_SPEAKERS:
                ids = self.before
            for utterance in list(kept):
                key = ids[utterance]
                fault = f"not in {name}" if key not in table else self._line_fault(name, table[key])
                if fault:
                    self.left_out.append(("utterances", utterance, fault))
                    del kept[utterance]
        return kept

    def _line_fault(self, name, value):
        expected = format_fault(name, value) if name in RESTRICTING else None
        return f"{name} has {value!r}, expected {expected}" if expected else None

    def _note_others(self, groups):
        """Add to left_out lines with ids that are not in utt2spk, and repeated lines of an id."""
        known = [set(self.before), set(self.before.values()), set(self._recordings(self.before).values())]
        for names, ids in [(["utt2spk"], known[0]), *zip(groups, known, strict=True)]:
            for name in names:
                first, seen = self.tables[name].as_dict(), set()
                for _, key, value in self.tables[name].rows:
                    if key not in ids:
                        self.left_out.append((f"lines of {name}", key, "of no utterance of utt2spk"))
                    elif key in seen and value != first[key]:
                        self.left_out.append((f"lines of {name}", f"{key} {value}", "for the second time"))
                    seen.add(key)
        if existing(self.directory, ["spk2utt"]):
            there = {key for row in Table(self.directory / "spk2utt").rows for key in fields(row.value)}
            self.left_out += [
                ("words of spk2utt", key, "of no utterance of utt2spk") for key in sorted(there - known[0])
            ]


def check_speaker_order(directory, utt2spk):
    """Raise BadInput if sorted utterances do not have sorted speakers: only new ids can fix this."""
    for (before, one), (after, other) in pairwise(utt2spk.items()):
        if other < one:
            raise BadInput(
                f"{directory}/utt2spk: found {after} of speaker {other} after {before} of {one}, expected the speakers"
                " to be sorted when the utterances are; fix this yourself: begin each utterance's id with its"
                " speaker's and a '-' (not '_', which sorts after digits); nothing was changed"
            )


def tell(left_out, path):
    """Write the list of what is left out to `path`, and print the first ids for each reason."""
    text = "".join(f"{what}: {key}: {reason}\n" for what, key, reason in left_out)
    keep_earlier(path, text.encode())
    write_if_changed(path, text)
    reasons = {}
    for what, key, reason in left_out:
        reasons.setdefault((what, reason), []).append(key)
    for (what, reason), keys in reasons.items():
        few = ", ".join(keys[:TOLD]) + (f" ... (all {len(keys)} in {path})" if len(keys) > TOLD else "")
        print(f"fix_data_dir.sh: WARNING: {what} left out, {reason}: {few}", file=sys.stderr)


def keep_earlier(path, content):
    """Move the file of an earlier call aside if it is about to be replaced by other content."""
    if path.is_file() and path.read_bytes() != content:
        set_aside(path)


def fix(directory, utterance_files=(), speaker_files=()):
    """Fix the directory, and print what was done; returns the exit status."""
    for name in [*utterance_files, *speaker_files]:
        if not (directory / name).is_file():
            print(f"fix_data_dir.sh: WARNING: {directory}/{name}: no such file", file=sys.stderr)
    fixing = Fixing(directory, utterance_files, speaker_files)
    for name, text in fixing.texts.items():
        old, backup = directory / name, directory / ".backup" / name
        if old.is_file() and old.read_bytes() != text.encode():
            keep_earlier(backup, old.read_bytes())
            with replacing(backup, "wb") as file:  # on the disk before its successor is
                file.write(old.read_bytes())
            shutil.copystat(old, backup)
        write_if_changed(old, text)
    if fixing.left_out:
        tell(fixing.left_out, directory / ".backup" / "left_out")
    before, after = len(fixing.before), len(fixing.utt2spk)
    kept = f"kept all {after} utterances" if after == before else f"kept {after} utterances out of {before}"
    print(f"fix_data_dir.sh: {kept}; files as they were are in {directory}/.backup")
    left = DataDir(directory).check(["utt2spk", "spk2utt"], any_character=True)
    for line in left[:SHOWN]:
        print(f"fix_data_dir.sh: left for you to mend: {line}", file=sys.stderr)
    return 1 if left else 0


def parse(argv):
    """Parse the command line: returns the directory and the two lists of extra files."""
    words, extra = list(argv), {"--utt-extra-files": [], "--spk-extra-files": []}
    while len(words) > 1 and words[0].replace("_", "-") in extra:
        option = words.pop(0).replace("_", "-")
        extra[option] = words.pop(0).split()
    check(words, USAGE)
    return *directories(words), *extra.values()


def work(argv):
    """Fix the directory; argv: command-line arguments; returns the exit status. Raises BadInput."""
    return fix(*parse(argv))
