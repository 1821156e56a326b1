#!/usr/bin/env python3
"""Does work once: tells whether it is up to date, does it alone, stamps it when it ended well (cer/base/facts.py)."""

import os
import subprocess
import sys
from pathlib import Path

from cer.base import facts
from cer.base.errors import BadInput
from cer.base.files import clear_abandoned

USAGE = """\
Usage: once.py <stamp> [--in <file> ...] [--opt <word> ...] [--code <program> ...] [--out <file> ...] -- <command> ...
       once.py --check <stamp> [--in ...] [--opt ...] [--code ...]
       once.py --begin <stamp> [--in ...] [--opt ...] [--code ...]
       once.py --commit <stamp> [--out <file> ...]
       once.py --alone <lock-file>
e.g.: once.py exp/x/.done --in data/x/feats.scp --opt rate=0.1 --code local/x.py --out exp/x/y -- local/x.py --rate=0.1
Runs the command unless the stamp says that it ended well with the same inputs, options and code, by content, and left
what is there now. Inputs are looked at when the work begins, and again when it has ended: if they have changed by then,
there is no stamp, and an error.
  --in     inputs; one may be missing: that, too, is recorded; with a .scp file, the files that it names count as well
  --opt    options
  --code   programs: changes of what they do count, and of what they import of the recipe
  --out    what the command leaves, files and whole folders; a file that was damaged or edited since is made again
--check tells only whether there is something to do; with a stamp alone, of what the stamp was made from.
--alone takes a lock, which the calling script has open. It, --begin and --commit are for scripts: see utils/once.sh.
Exit status: that of the command; 0 if there is nothing to do (--begin: 3); --check: 0 up to date, 1 not; 2 an error."""

SECTIONS = ("--in", "--opt", "--code", "--out")
UP_TO_DATE = 3


def parse(argv):
    """The mode, the stamp's path, the words of each section, and the command."""
    words = list(argv)
    mode = words.pop(0) if words and words[0] in ("--check", "--begin", "--commit", "--alone") else ""
    command = None
    if "--" in words:
        words, command = words[: words.index("--")], words[words.index("--") + 1 :]
    if not words or words[0].startswith("--") or bool(command) == bool(mode):
        raise BadInput(f"found {' '.join(argv) or 'nothing'}, expected\n{USAGE}")
    sections, current = {name: [] for name in SECTIONS}, None
    for word in words[1:]:
        if word in SECTIONS:
            current = word
        elif current is None:
            raise BadInput(f"found {word!r} after the stamp, expected one of {' '.join(SECTIONS)}")
        else:
            sections[current].append(word)
    return mode, Path(words[0]), sections, command


def run(stamp, found, outputs, command):
    """Do the work, alone; returns its exit status."""
    with facts.alone(lock_of(stamp), stamp.path) as lock:
        if not stamp.stale(found):  # another process did it meanwhile
            return 0
        tell_damage(stamp)
        clear_abandoned(stamp.path.parent)
        status = subprocess.run(command, pass_fds=[lock]).returncode
        if status:
            return status if status > 0 else 128 - status  # of a signal, as a shell tells it
        return commit(stamp, outputs, found)


def begin(stamp, found):
    """Take the lock, which the calling script has open, for the script, and note what it begins with."""
    facts.hold(int(os.environ["CER_LOCK"]), lock_of(stamp), stamp.path, os.getppid())
    if not stamp.stale(found):
        return UP_TO_DATE
    tell_damage(stamp)
    clear_abandoned(stamp.path.parent)
    stamp.begin(found)
    return 0


def lock_of(stamp):
    """The file whose lock means that somebody does the work."""
    return stamp.path.with_name(f"{stamp.path.name}.lock")


def tell_damage(stamp):
    """Name what is not as earlier work left it, and will be made again."""
    for text in stamp.damaged():
        print(f"once.py: WARNING: {text}: not as it was left, damaged or edited; making it again", file=sys.stderr)


def files_of(path):
    """A file, or the files of a folder and those below it."""
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def commit(stamp, outputs, found=None):
    """Write the stamp; returns 0, or 1 when the inputs have changed meanwhile."""
    changed = stamp.commit([file for path in outputs for file in files_of(Path(path))], found)
    for text in changed:
        print(f"once.py: {stamp.path}: changed while the work was done: {text}", file=sys.stderr)
    if changed:
        print(f"once.py: {stamp.path}: not stamped as done; call it again", file=sys.stderr)
    return 1 if changed else 0


def main(argv):
    """Do what the command line says, and return the exit status."""
    if argv[:1] in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    mode, path, sections, command = parse(argv)
    stamp = facts.Stamp(path)
    if mode == "--alone":
        facts.hold(int(os.environ["CER_LOCK"]), path, path, os.getppid())
        return 0
    if mode == "--commit":
        return commit(stamp, sections["--out"])
    words = [sections[name] for name in SECTIONS[:3]]
    if mode == "--check":
        stale = stamp.stale(facts.take(*words) if any(words) else None)
        print("".join(f"{path}: {text}\n" for text in stale), end="")
        return 1 if stale else 0
    found = facts.take(*words)
    if not stamp.stale(found):
        return UP_TO_DATE if mode else 0
    return begin(stamp, found) if mode else run(stamp, found, sections["--out"], command)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (BadInput, OSError) as error:
        print(f"once.py: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
