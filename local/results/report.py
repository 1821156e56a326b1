"""The report: Tables 1 and 2, with our systems beside the paper's, and further results -> EXP/RESULTS.md.

The tables come from EXP/results.json, the rest from the sections of the experiments (local/results/sections.py): those
of searches and the like go to files of their own, EXP/RESULTS-<experiment>.md.
"""

import re
import shlex
from pathlib import Path

from cer.base.errors import BadInput, program
from cer.base.files import read_text
from cer.base.kinds import shown
from cer.base.options import Parser
from cer.base.tables import write_if_changed
from cer.scoring.scores import read_results
from local.results import sections, systems
from local.results.tables import notes, tables

COMMAND = r"(.*? {option} )([^\s']+|'[^']*')(\s.*)"  # groups: text before the option's value, the value, text after it

TEXT = """# Results in {exp}

{notes}{tables}{sections}{links}{commands}"""

COMMANDS = """
## Commands

The systems of the tables were made by

```
{}```
"""


def commands(exp, records):
    """List the commands that made the systems by commit; similar commands of one commit are merged."""
    texts = [command(path) for path in systems.commands(exp, records)]
    by_commit = {}
    for text in _together(_together(texts, "--targets"), "--archs"):
        commit = re.match(r"(#.*\n)?", text)[0]
        by_commit.setdefault(commit, []).append(text.removeprefix(commit))
    return "".join(f"{commit}{''.join(lines)}" for commit, lines in by_commit.items())


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


def report(exp, records, directories=()):
    """Return the texts of the report: name of the file -> text; directories: data directories, for tables()."""
    found = tables(records, directories)
    text = "".join(f"\n## {target.capitalize()}\n\n{table}\n" for target, table in found.items())
    own, *others = sections.files(exp).items()
    texts = {f"RESULTS-{name}.md": f"# Results in {exp}: {name}\n\n{_joined(each)}" for name, each in others}
    links = "".join(f"- [{name}](RESULTS-{name}.md)\n" for name, _ in others)
    made = commands(exp, records)  # nothing of systems that steps/train.sh alone has made
    parts = {
        "commands": COMMANDS.format(made) if made else "",
        "tables": text,
        "sections": f"\n{_joined(own[1])}" if own[1] else "",
        "links": f"\n## Further results\n\n{links}" if links else "",
    }
    return {"RESULTS.md": TEXT.format(exp=exp, notes=notes(found, directories), **parts)} | texts


def _joined(texts):
    return "\n".join(f"{one}\n" for one in texts)


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    options.add_argument(
        "--data",
        help="folder of data directories; if they are of other real corpora than RECOLA, without the paper's rows",
    )
    values = options.parse(argv)
    exp, directories = Path(values.exp), sorted(Path(values.data).glob("*/")) if values.data else []
    for name, text in report(exp, read_results(exp / "results.json"), directories).items():
        if write_if_changed(exp / name, text):
            print(exp / name)


if __name__ == "__main__":
    main()
