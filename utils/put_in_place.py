#!/usr/bin/env python3
"""Moves complete output of jobs from a temporary folder to its final folder."""

import quiet_start  # noqa: F401

# isort: split
import re
import shutil
import sys
from pathlib import Path

from cer.base.errors import message_of, status_of
from cer.base.files import write_text

USAGE = """\
Usage: put_in_place.py <from-dir> <to-dir> [<pattern> ...]
e.g.: put_in_place.py exp/predict_dev/.new exp/predict_dev 'output.*' 'run*/output.*'
Moves archives first, then the scp files, with the new paths of the archives. Then removes the files of <to-dir> that
match a pattern (* matches any characters except /, ** any) and are not new. If the call is killed, the work has no
stamp yet, and runs again."""


def put_in_place(source, target, patterns):
    """Move all files of `source` to `target`, and remove earlier files there that match the patterns."""
    new = sorted((p.relative_to(source) for p in source.rglob("*") if p.is_file()), key=lambda p: p.suffix == ".scp")
    before, after = f"{source.resolve()}/", f"{target.resolve()}/"
    for name in new:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if name.suffix == ".scp":
            lines = (source / name).read_text(encoding="utf-8").split("\n")
            write_text(target / name, "\n".join(line.replace(f" {before}", f" {after}", 1) for line in lines))
        else:
            (source / name).replace(target / name)
    shutil.rmtree(source)
    stars = [re.compile(re.escape(p).replace(r"\*\*", ".*").replace(r"\*", "[^/]*"), re.DOTALL) for p in patterns]
    for path in sorted({path for path in target.rglob("*") if path.is_file()} - {target / name for name in new}):
        if any(star.fullmatch(str(path.relative_to(target))) for star in stars):
            path.unlink()


def main(argv):
    """Run the program; returns the exit status."""
    if argv[:1] in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if len(argv) < 2 or not Path(argv[0]).is_dir():
        print(f"put_in_place.py: found {' '.join(argv) or 'nothing'}, expected\n{USAGE}", file=sys.stderr)
        return 1
    put_in_place(Path(argv[0]), Path(argv[1]), argv[2:])
    return 0


if __name__ == "__main__":
    try:
        sys.exit(status_of(main, sys.argv[1:]))
    except OSError as error:
        print(f"put_in_place.py: {message_of(error)}", file=sys.stderr)
        sys.exit(1)
