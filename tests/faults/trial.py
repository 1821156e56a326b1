"""Trials: a command is cut again and again, goes on each time where it was, and must end as if nothing had happened."""

import hashlib
import random
import re
import time

from faults.machine import Cut

from cer.base import markdown

# Not compared: logs, which tell of times, and records of what is finished, which tell of files' ages.
ASIDE = re.compile(r"(^|/)(log/|\.done|\.models$)|\.(done|lock|log)$")
TEMPORARY = re.compile(r"(^|/)\.?[^/]*\.tmp[^/]*$")


def results(machine):
    """What counts on the machine's disk: path -> checksum, or where a link leads; and the temporary files on it."""
    found, temporary = {}, []
    for folder in machine.disk:
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(machine.project))
            if TEMPORARY.search(name):
                temporary.append(name)
            elif path.is_symlink():
                found[name] = f"link to {path.readlink()}"
            elif path.is_file() and not ASIDE.search(name):
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found, temporary


def differences(machine, expected):
    """What is wrong with the disk, as words: missing, other, left-over and temporary files."""
    found, temporary = results(machine)
    kinds = {
        "missing": expected.keys() - found.keys(),
        "other bytes": {name for name in expected.keys() & found.keys() if expected[name] != found[name]},
        "left over": (found.keys() - expected.keys()) | set(temporary),
    }
    return [
        f"{kind}: {' '.join(sorted(names)[:4])}{' ...' * (len(names) > 4)}" for kind, names in kinds.items() if names
    ]


def cuts(total, number, seed):
    """So many Cuts of a run of `total` operations that goes on after each.

    The first operation, then the last; then distances from the start of a run, alternately even and drawn, short enough
    that several are met before the work is done.
    """
    draw, each = random.Random(seed), max(total // 5, 2)
    for n in range(number):
        at = [1, total][n] if n < 2 else each if n % 2 else draw.randint(1, 2 * each)
        yield Cut(at, ("before", "after", "half of")[n % 3], ("power", "kill", "some", "power")[n % 4])


class Trial:
    """One piece of work: a command, the disk that it starts from, and what it leaves when nothing happens."""

    def __init__(self, machine, name, command, folder):
        """folder: a new one for copies of the disk. Runs the command once, undisturbed."""
        self.machine, self.name, self.command = machine, name, command
        self.start, self.end = folder / "start", folder / "end"
        machine.save(self.start)
        done = machine.run(command)
        assert done.status == 0, done.text
        self.operations = [one for one in done.operations if one.number]
        self.expected, temporary = results(machine)
        assert not temporary, temporary
        machine.save(self.end)

    def make(self, cuts, seed=1):
        """Make these cuts. Returns their rows for the table ("same" is good). Leaves the end's disk."""
        rows, walk = [], []
        self.machine.restore(self.start)
        for cut in cuts:
            done = self.machine.run(self.command, cut, seed)
            if done.where is None:  # it ended before
                self._judge(walk, done)
                walk = []
                self.machine.restore(self.start)
                done = self.machine.run(self.command, cut._replace(at=min(cut.at, len(self.operations))), seed)
            if done.where is None:
                continue
            path = done.where.path.removeprefix(f"{self.machine.project}/")
            lost = f"{len(done.lost)} files" if done.lost else "-"
            what = f"{cut.when} {done.where.what} {path}"
            rows.append([self.name, f"{cut.at}", what, cut.words(), lost, "", ""])
            walk.append(rows[-1])
        began = time.monotonic()
        self._judge(walk, self.machine.run(self.command))
        if rows:
            rows[-1][-2] += f" ({time.monotonic() - began:.0f} s)"
        self.machine.restore(self.end)
        return rows

    def _judge(self, walk, done):
        """Note of the cuts since the last fresh start what came of them."""
        wrong = differences(self.machine, self.expected) if done.status == 0 else done.text.splitlines()[-3:]
        for row in walk:
            row[-2:] = [f"{done.status}", "; ".join(wrong) or "same"]


def table(rows):
    """Rows of all trials, in Markdown."""
    head = ["work", "operation", "cut", "kind", "lost", "status then", "bytes then"]
    return markdown.table([head, *rows]).splitlines()
