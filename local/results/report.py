#!/usr/bin/env python3
"""The report: Tables 1 and 2, our systems beside the paper's, and what else was found -> EXP/RESULTS.md.

The tables come from EXP/results.json, the rest from the sections that experiments left (local/results/sections.py).
"""

import re
import shlex
from pathlib import Path

from cer.base.errors import BadInput, program
from cer.base.files import read_text, write_text
from cer.base.kinds import shown
from cer.base.options import Parser
from cer.scoring.scores import read_results
from local.results import sections, systems
from local.results.tables import NOTES, tables

COMMAND = r"(.*? {option} )([^\s']+|'[^']*')(\s.*)"  # what is before the option's value, this, and what follows

TEXT = """# Results in {exp}

Made by

```
{commands}```

{notes}{tables}{sections}"""


def commands(exp, records):
    """The commands that made the systems, each after its commit; those of one commit and kind as one."""
    texts = [command(path) for path in systems.commands(exp, records)]
    return "".join(_together(_together(texts, "--targets"), "--archs"))


def command(path):
    """The text of a file `command`. Raises BadInput unless it holds one with --archs and --targets."""
    cure = "run stage 3 again, which writes it, or remove it"
    text = read_text(path, cure)
    if not all(re.search(COMMAND.format(option=option), text, re.DOTALL) for option in ("--archs", "--targets")):
        raise BadInput(f"{path}: found {shown(text)}, expected ./run.sh with --archs and --targets; {cure}")
    return text


def _together(texts, option):
    """Commands that differ in the value of this option alone become one with all the values."""
    kinds = {}
    for text in texts:
        before, value, after = re.fullmatch(COMMAND.format(option=option), text, re.DOTALL).groups()
        kinds.setdefault((before, after), []).append(value)
    return [f"{before}{shlex.quote(' '.join(values))}{after}" for (before, after), values in kinds.items()]


def report(exp, records):
    """The text of RESULTS.md."""
    text = "".join(f"\n## {target.capitalize()}\n\n{table}\n" for target, table in tables(records).items())
    parts = {
        "commands": commands(exp, records),
        "tables": text,
        "sections": "".join(f"\n{one}\n" for one in sections.read(exp)),
    }
    return TEXT.format(exp=exp, notes=NOTES, **parts)


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("exp", help="the corpus's folder of systems, e.g. exp/synth")
    exp = Path(options.parse(argv).exp)
    text = report(exp, read_results(exp / "results.json"))
    write_text(exp / "RESULTS.md", text)
    print(text, end="")


if __name__ == "__main__":
    main()
