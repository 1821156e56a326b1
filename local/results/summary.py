"""The last lines of ./run.sh: dev CCC of its systems, the page to open, and how to predict a recording of one's own."""

from pathlib import Path

from cer.base.errors import program
from cer.base.options import Parser
from cer.base.records import read
from cer.scoring.scores import read_results
from cer.system.model_folder import AGAIN, MODEL, SHAPE
from local.results.tables import is_optimistic, marks_of

MOST = 4  # systems; the report has all


def summary(exp, records, names):
    """List a line per system: its dev CCC on each target. names: SYSTEM/TARGET; records: those of results.json."""
    dev = _dev(records, names)
    systems = list(dict.fromkeys(record["system"] for record in dev))
    shown = systems if len(systems) <= MOST else systems[: MOST - 1]
    lines = []
    for system in shown:
        own = [record for record in dev if record["system"] == system]
        lines.append(f"dev CCC of {system}: {', '.join(map(_score, own))}")
    if len(shown) < len(systems):
        lines.append(f"and {len(systems) - len(shown)} more systems: {exp}/RESULTS.md")
    return lines


def best(records, names):
    """List each target's best system on dev, SYSTEM/TARGET; what was fitted on dev does not count."""
    dev = [record for record in _dev(records, names) if not is_optimistic(record)]
    highest = {}
    for record in sorted(dev, key=lambda record: record["ccc"]):
        highest[record["target"]] = f"{record['system']}/{record['target']}"
    return [highest[target] for target in dict.fromkeys(record["target"] for record in dev)]


def hears(model):
    """Whether a model can predict recordings: not one that was trained on features made elsewhere."""
    return all("features" in read(path, SHAPE, AGAIN) for path in sorted(Path(model).glob(f"run*/{MODEL}"))[:1])


def _dev(records, names):
    """The dev records of these systems, in the order of their names."""
    dev = {f"{record['system']}/{record['target']}": record for record in records if record["set"] == "dev"}
    return [dev[name] for name in names if name in dev]


def _score(record):
    low, high = record.get("interval") or (None, None)
    interval = "" if low is None else f" [{low:z.3f}, {high:z.3f}]"
    return f"{record['target']} {record['ccc']:z.3f}{interval}{marks_of(record)}"


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    options.add_argument("names", nargs="+", metavar="SYSTEM/TARGET", help="systems of this call")
    values = options.parse(argv)
    exp = Path(values.exp)
    records = read_results(exp / "results.json")
    print(*summary(exp, records, values.names), sep="\n")
    print(f"open in a browser: {exp}/report.html (in brackets: 95 % intervals)")
    models = [f"{exp}/{name}" for name in best(records, values.names)]
    if models and all(map(hears, models)):
        print(f"predict a recording: steps/predict_recordings.sh your.wav \\\n  {' '.join(models)} predictions")


if __name__ == "__main__":
    main()
