#!/usr/bin/env python3
"""Runs a command unless its output is up to date; holds a lock meanwhile, and writes a stamp on success."""

import quiet_start  # noqa: F401

# isort: split
import os
import subprocess
import sys
from pathlib import Path

from cer.base import facts, locks
from cer.base.errors import BadInput, message_of, status_of
from cer.base.files import clear_abandoned, set_aside

USAGE = """\
Usage: once.py <stamp> [--in <file> ...] [--opt <word> ...] [--code <program> ...] [--out <file> ...]
               [--log <file>] -- <command> ...
       once.py --check <stamp> [--in ...] [--opt ...] [--code ...]
       once.py --stale [--stamps]
       once.py --begin <stamp> [--in ...] [--opt ...] [--code ...]
       once.py --commit <stamp> [--out <file> ...]
       once.py --alone <lock-file>
e.g.: once.py exp/x/.done --in data/x/feats.scp --opt rate=0.1 --code local/x.py --out exp/x/y -- \\
        python3 -m local.x --rate=0.1
Runs the command unless the stamp shows that it succeeded before with the same inputs, options and code, and that its
outputs are unchanged. It compares contents (checksums), not times. It reads the inputs before and after the command: if
they changed meanwhile, it writes no stamp and reports an error.
  --in     input files; a missing one is recorded as missing; for a .scp file, the files that it names count, too
  --opt    options of the command
  --code   programs; their code counts, and that of all modules of the recipe that they import
  --out    outputs of the command, files and folders; if one was damaged or edited since, the command runs again
  --log    file for what the command prints, on standard output and standard error; it is printed, too. The log of
           earlier work that was finished moves to .backup beside it
--check only says whether the work is up to date; with a stamp alone, it checks the inputs recorded in the stamp.
--stale reads commands of once.py from standard input, one per line, and prints those whose work is not up to date, or
  only their stamps.
--alone takes a lock on a file that the calling script has open. --alone, --begin and --commit are for utils/once.sh.
Exit status: that of the command; 0 if up to date (--begin: 3); --check: 0 up to date, 1 not; 2 an error."""

SECTIONS = ("--in", "--opt", "--code", "--out", "--log")
MADE_FROM = ("--in", "--opt", "--code")
UP_TO_DATE = 3


def parse(argv):
    """Parse the command line: the mode, the path of the stamp, the words of each section, and the command."""
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
            # An input of a folder named data/ is data//feats.scp, and the same file as data/feats.scp.
            sections[current].append(str(Path(word)) if current == "--in" else word)
    return mode, Path(words[0]), sections, command


def words_of(lines):
    """Split commands into words, as bash does; lines: list of commands, each as it would be run. Returns lists."""
    script = "each() { printf '%s\\0' $# \"$@\"; }\n" + "".join(f"each {line}\n" for line in lines)
    done = subprocess.run(["bash", "-s"], input=os.fsencode(script), stdout=subprocess.PIPE, check=True)
    words, found = [os.fsdecode(word) for word in done.stdout.split(b"\0")[:-1]], []
    while words:
        number = int(words[0])
        found.append(words[1 : number + 1])
        words = words[number + 1 :]
    return found


def arguments_of(lines):
    """Return the arguments of once.py in each command. Raises BadInput if a line is no command of once.py."""
    found = []
    for line, words in zip(lines, words_of(lines), strict=True):
        places = [number for number, word in enumerate(words[:2]) if Path(word).name == "once.py"]
        if not places:
            raise BadInput(f"found the line {line[:60]!r}, expected a command of once.py")
        found.append(words[places[0] + 1 :])
    return found


def outdated(lines):
    """List those of the lines, commands of once.py, whose work is not up to date: (line, path of its stamp) each."""
    found = []
    for line, words in zip(lines, arguments_of(lines), strict=True):
        _, path, sections, _ = parse(words)
        if stale(facts.Stamp(path), [sections[name] for name in MADE_FROM]):
            found.append((line, path))
    return found


def stale(stamp, words):
    """Why the work has to be done (again); words: those of --in, --opt and --code, which count only with a stamp."""
    return stamp.stale(stamp.take(*words) if any(words) and stamp.read() else None)


def run(stamp, found, sections, command, runner):
    """Run the command while holding the lock; returns its exit status.

    sections: words of each section; runner: function (command, lock, log) -> exit status, such as child.
    """
    with locks.alone(lock_of(stamp), stamp.path) as lock:
        if not stamp.stale(found):  # another process did it meanwhile
            return 0
        tell_damage(stamp)
        clear_abandoned(stamp.path.parent)
        log = next(iter(sections["--log"]), None)
        if log and Path(log).exists() and stamp.read():
            set_aside(log)  # of the finished work, which may well outlast this one
        status = runner(command, lock, log)
        return status or commit(stamp, sections["--out"], found)


def child(command, lock, log):
    """Run a command as a process that holds the lock, too; returns its exit status as a shell reports it.

    lock: file descriptor; log: path of a file for what it prints, which is printed as well, or None.
    """
    if log is None:
        status = subprocess.run(command, pass_fds=[lock]).returncode
    else:
        with (
            log_file(log, "wb") as file,
            subprocess.Popen(command, pass_fds=[lock], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process,
        ):
            while block := process.stdout.read1():
                try:
                    file.write(block)
                except OSError as error:  # it names no file
                    raise OSError(error.errno, error.strerror, str(log)) from None
                sys.stdout.buffer.write(block)
                sys.stdout.flush()
            status = process.wait()
    return status if status >= 0 else 128 - status


def log_file(path, mode):
    """Open a log for writing, without a buffer between it and its reader; makes its folder."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return open(path, mode, buffering=0 if "b" in mode else 1)  # noqa: PTH123


def begin(stamp, found):
    """Take the lock on the file that the calling script has open, and record the facts at the start of its work."""
    locks.hold(int(os.environ["CER_LOCK"]), lock_of(stamp), stamp.path, os.getppid())
    if not stamp.stale(found):
        return UP_TO_DATE
    tell_damage(stamp)
    clear_abandoned(stamp.path.parent)
    stamp.begin(found)
    return 0


def lock_of(stamp):
    """Return the path of the lock file that a process holds while it does the work."""
    return stamp.path.with_name(f"{stamp.path.name}.lock")


def tell_damage(stamp):
    """Warn about outputs that changed since the earlier work; they are made again."""
    for text in stamp.damaged():
        print(f"once.py: WARNING: {text}: damaged or edited since it was made; making it again", file=sys.stderr)


def files_of(path):
    """List a file, or all files in and below a folder."""
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def commit(stamp, outputs, found=None):
    """Write the stamp; returns 0, or 1 if the inputs have changed since the work began."""
    changed = stamp.commit([file for path in outputs for file in files_of(Path(path))], found)
    for text in changed:
        print(f"once.py: {stamp.path}: changed while the work was done: {text}", file=sys.stderr)
    if changed:
        print(f"once.py: {stamp.path}: not stamped as done; call it again", file=sys.stderr)
    return 1 if changed else 0


def main(argv, runner=child):
    """Run the program; returns the exit status. runner: see run()."""
    if argv[:1] in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if argv in (["--stale"], ["--stale", "--stamps"]):
        found = outdated(sys.stdin.read().splitlines())
        print("".join(f"{one[len(argv) - 1]}\n" for one in found), end="")
        return 0
    mode, path, sections, command = parse(argv)
    stamp = facts.Stamp(path)
    if mode == "--alone":
        locks.hold(int(os.environ["CER_LOCK"]), path, path, os.getppid())
        return 0
    if mode == "--commit":
        return commit(stamp, sections["--out"])
    words = [sections[name] for name in MADE_FROM]
    if mode == "--check":
        why = stale(stamp, words)
        print("".join(f"{path}: {text}\n" for text in why), end="")
        return 1 if why else 0
    found = stamp.take(*words)
    if not stamp.stale(found):
        return UP_TO_DATE if mode else 0
    return begin(stamp, found) if mode else run(stamp, found, sections, command, runner)


if __name__ == "__main__":
    try:
        sys.exit(status_of(main, sys.argv[1:]))
    except (BadInput, OSError) as error:
        print(f"once.py: {message_of(error)}", file=sys.stderr)
        sys.exit(2)
