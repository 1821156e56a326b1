"""What the results on a page were made of: corpus, speakers, systems, commits, day."""

from cer.base.files import day_of, read_text
from cer.base.tables import read_table
from cer.base.words import counted, reach
from cer.data.corpora import corpora_of, is_made_up
from local.page import page
from local.results.systems import command_of_runs

SYNTHETIC = """<p class="banner"><strong>Made-up data.</strong> This corpus was generated: speech-like babble and
simulated raters, no human voice, no human annotation. It tests software and methods, and says nothing about real
emotion.</p>
"""


def banner(data):
    """Return the warning of a generated corpus, HTML; "" for another one."""
    return SYNTHETIC if is_made_up([corpus_of(data), *_corpora(data)]) else ""


def corpus_of(data):
    """Return what the corpus is, one line: as its preparation's report says it, or else its data directories."""
    path = data / "agreement.txt"
    if not path.exists():  # of directories that steps/select_time.sh or utils/combine_data.sh made
        return " and ".join(_corpora(data))
    return read_text(path, "run stage 0 again").partition("\n")[0].strip("# ")


def _corpora(data):
    """List the corpora that any data directory in a folder is of, each once."""
    return list(dict.fromkeys(line for one in sorted(data.glob("*/")) for line in corpora_of(one)))


def is_papers(data):
    """Whether the corpus is the paper's, so that its results can be compared with the paper's."""
    return corpus_of(data).startswith("RECOLA")


def speakers_of(data, records):
    """Read who speaks in each recording: set -> {recording: speaker}."""
    paths = {name: data / name / "utt2spk" for name in {r["set"] for r in records}}
    return {name: read_table(path) for name, path in paths.items() if path.exists()}


def made_of(exp, data, records):
    """List what the results are made of: corpus, systems, commits, day."""
    systems = {r["system"] for r in records}
    runs = {len(r["runs"]) for r in records}
    commits = sorted({commit for r in records if (commit := command_of(exp, r)[0]) != "–"})
    sets = {r["set"]: len(r["recordings"]) for r in records}
    facts = [corpus_of(data) and f"corpus: {corpus_of(data)}"]
    facts += [", ".join(f"{counted(count, 'recording')} in {name}" for name, count in sorted(sets.items()))]
    facts += [f"{counted(len(systems), 'system')} of {reach(runs)} run{'s' * (max(runs) != 1)}"]
    facts += [f"commit {', '.join(commits[:3])}" + (" …" if len(commits) > 3 else "") if commits else ""]
    return [*filter(None, facts), f"scored {day_of(exp / 'results.json')}"]


def command_of(exp, record):
    """Return (commit, command) that trained a record's runs; "–" and "" where no file tells."""
    path = command_of_runs(exp, record)
    lines = read_text(path).splitlines() if path.exists() else []
    commit = next((line.removeprefix("# commit ") for line in lines if line.startswith("# commit ")), "–")
    return commit, " ".join(line for line in lines if not line.startswith("#"))


def systems_table(exp, records):
    """Return the table of systems with command and commit; a post-processed system shows those of its runs."""
    rows = []
    first = {(r["system"], r["target"]): r for r in reversed(records)}
    for (system, target), record in sorted(first.items()):
        commit, command = command_of(exp, record)
        notes = f"<br>then {page.escape(record['postprocess'])}" if "postprocess" in record else ""
        code = f"<code>{page.escape(command)}</code>" if command else "–"
        rows.append([system, target, str(len(record["runs"])), commit, page.Html(code + notes)])
    return page.table("the systems and their commands", ["system", "target", "runs", "commit", "command"], rows)
