#!/usr/bin/env python3
"""The report: Tables 1 and 2, with our systems beside the paper's, and further results -> EXP/RESULTS.md.

The tables come from EXP/results.json, the rest from the sections of the experiments (local/results/sections.py).
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
from local.results.tables import notes, tables

COMMAND = r"(.*? {option} )([^\s']+|'[^']*')(\s.*)"  # groups: text before the option's value, the value, text after it

TEXT = """# Results in {exp}

Made by

```
{commands}```

{notes}{tables}{sections}"""


def commands(exp, records):
    """List the commands that made the systems, each after its commit; similar commands of one commit are merged."""
    texts = [command(path) for path in systems.commands(exp, records)]
    return "".join(_together(_together(texts, "--targets"), "--archs"))


def command(path):
    """Read a file `command`. Raises BadInput unless it contains ./run.sh with --archs and --targets."""
    cure = "run stage 3 again, which writes it, or remove it"
    text = read_text(path, cure)
    if not all(re.search(COMMAND.format(option=option), text, re.DOTALL) for option in ("--archs", "--targets")):
        raise BadInput(f"{path}: found {shown(text)}, expected ./run.sh with --archs and --targets; {cure}")
    return text


def _together(texts, option):
    """Merge commands that differ only in the value of this option: one command with all values."""
    kinds = {}
    for text in texts:
        before, value, after = re.fullmatch(COMMAND.format(option=option), text, re.DOTALL).groups()
        kinds.setdefault((before, after), []).append(value)
    return [f"{before}{shlex.quote(' '.join(values))}{after}" for (before, after), values in kinds.items()]


def report(exp, records):
    """Return the text of RESULTS.md."""
    found = tables(records)
    text = "".join(f"\n## {target.capitalize()}\n\n{table}\n" for target, table in found.items())
    parts = {
        "commands": commands(exp, records),
        "tables": text,
        "sections": "".join(f"\n{one}\n" for one in sections.read(exp)),
    }
    return TEXT.format(exp=exp, notes=notes(found), **parts)


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    exp = Path(options.parse(argv).exp)
    text = report(exp, read_results(exp / "results.json"))
    write_text(exp / "RESULTS.md", text)
    print(text, end="")


if __name__ == "__main__":
    main()
