#!/usr/bin/env python3
"""Tells whether finished work must be done again: whether its inputs and options are those that a stamp records."""

import hashlib
import os
import re
import sys
from pathlib import Path

USAGE = """\
Usage: unchanged.py [--write | --explain] <stamp-file> [<input-file> ...] -- [<option> ...]
e.g.: if unchanged.py exp/x/.done data/x/feats.scp -- rate=0.1; then exit 0; fi
      make_it --rate=0.1 data/x/feats.scp exp/x
      unchanged.py --write exp/x/.done data/x/feats.scp -- rate=0.1
Exit status: 0 when the stamp records these options and the inputs as they are now, 1 when it does not, 2 on an error.
  --write     record them in the stamp
  --explain   also print what changed
An input may be missing: that, too, is recorded. With a .scp file, the files that it names count as well."""

SMALL = 2**20  # bytes up to which a file's content is compared; of a larger one, size and time of change
HEAD = "# What this was made from: written and read by unchanged.py"


class BadUse(Exception):
    """What is wrong with the command line."""


def facts(inputs, options):
    """What is recorded, as a dict: name of an input or option -> what it is; both fit on a line."""
    found = {}
    for path in map(Path, inputs):
        found[f"input {printable(str(path))}"] = fingerprint(path)
        if path.suffix == ".scp" and path.exists():
            found |= {f"named in {printable(str(path))}: {printable(n)}": size_and_time(n) for n in named_files(path)}
    return found | {f"option {number}": repr(option) for number, option in enumerate(options, 1)}


def printable(text):
    """The text, with line ends and the like spelt out."""
    return text if text.isprintable() else repr(text)


def fingerprint(path):
    """A line that changes when the file does."""
    if path.is_dir():
        raise BadUse(f"{path}: found a directory, expected a file; name the files in it that matter")
    if not path.exists():
        return "missing"
    if path.stat().st_size > SMALL:
        return size_and_time(path)
    return f"sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"


def size_and_time(path):
    """Size and time of change of a file, for files too large to read again."""
    status = Path(path).stat()
    return f"{status.st_size} bytes, changed at {status.st_mtime_ns} ns"


def named_files(scp):
    """The existing files that an scp file names, each once: without `:offset` and `[range]`; pipes are no files."""
    lines = scp.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    values = {line.split(None, 1)[1].strip() for line in lines if len(line.split(None, 1)) == 2}
    paths = {re.sub(r"(:\d+)?(\[[^][]*\])?$", "", value) for value in values if not value.endswith("|")}
    return sorted(path for path in paths if Path(path).is_file())


def read(stamp):
    """The facts of a stamp, or None if it is not there or no stamp."""
    try:
        head, *lines = stamp.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    return dict(line.partition("\t")[::2] for line in lines) if head == HEAD else None


def write(stamp, found):
    """Write the stamp, one fact a line, to a temporary name first so that it is never half there."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    temporary = stamp.with_name(f"{stamp.name}.tmp{os.getpid()}")
    temporary.write_text("".join(f"{line}\n" for line in [HEAD, *map("\t".join, found.items())]), encoding="utf-8")
    temporary.replace(stamp)


def explain(stamp, before, now):
    """Print the first three differences."""
    if before is None:
        print(f"{stamp}: no such stamp: the work was not finished yet")
        return
    names = [name for name in [*now, *sorted(before.keys() - now.keys())] if before.get(name) != now.get(name)]
    for name in names[:3]:
        print(f"{name}: was {before.get(name, 'not there')}, is {now.get(name, 'not there')}")
    if len(names) > 3:
        print(f"and {len(names) - 3} more")


def main(argv):
    """Do what the command line says, and return the exit status."""
    if argv[:1] in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    mode = argv[0] if argv[:1] in (["--write"], ["--explain"]) else ""
    argv = argv[1:] if mode else argv
    if "--" not in argv[1:] or argv[0].startswith("--"):
        raise BadUse(f"found {' '.join(argv) or 'nothing'}, expected <stamp-file> <input-file> ... -- <option> ...")
    end = argv.index("--")
    stamp, now = Path(argv[0]), facts(argv[1:end], argv[end + 1 :])
    if mode == "--write":
        write(stamp, now)
        return 0
    before = read(stamp)
    if mode == "--explain":
        explain(stamp, before, now)
    return 0 if before == now else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (BadUse, OSError) as error:
        print(f"unchanged.py: {error}; see unchanged.py --help", file=sys.stderr)
        sys.exit(2)
