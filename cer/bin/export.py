"""Export a model folder: model.onnx, one graph with all runs and the front end, and a README.md that explains it."""

import importlib.metadata
from pathlib import Path

from cer.base.errors import program, warn  # first: it says so if a package is missing

# isort: split
import torch

from cer import __version__
from cer.base.contents import digest
from cer.base.facts import Name, Stamp
from cer.base.files import replacing
from cer.base.kinds import Count
from cer.base.options import Parser
from cer.export.exported import Exported
from cer.export.graph import INPUTS
from cer.export.readme import GRAPH, readme
from cer.prediction import postprocess
from cer.scoring.scores import read_score
from cer.system.model_folder import FINAL, name_of, run_folders

README = "README.md"


def tell(text):
    """Print what is done now."""
    print(text, flush=True)


def is_of(score, record, model, num_runs, names):
    """Whether a score.json is of these runs of a model as they are now, as far as it and stamps tell; warns if not.

    Contents decide, so that folders may have moved. record: what it holds; num_runs: None for all; names: of the runs
    whose mean the graph predicts.
    """
    folder = Path(score).parent
    predicted, _ = Stamp(folder / ".done").read() or (None, None)
    scored, _ = Stamp(folder / ".done.score").read() or (None, None)
    weights = [digest(run / FINAL) for run in run_folders(model)[:num_runs]]
    now = sorted([*weights, digest(Path(model) / postprocess.FILE)])
    then = [(Path(Name.of(name).path).name, value) for name, value in (predicted or {}).items()]
    of_runs = sorted(value for name, value in then if name in (FINAL, postprocess.FILE))
    same_runs = {*names} == {run["run"] for run in record["runs"]} and (predicted is None or now == of_runs)
    same_values = scored is None or digest(folder / "output.scp") in scored.values()
    if not (same_runs and same_values):
        warn(f"{score}: is left out: it is of other runs, or earlier ones; run stages 4 and 5 again, with as many runs")
    return same_runs and same_values


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)
    options = Parser(__doc__)
    options.add_argument("model", help="model folder with run1, run2 ..., or the folder of one run")
    options.add_argument("folder", help=f"output folder for {GRAPH} and {README}")
    options.add_argument("--input", choices=INPUTS, default="samples", help="input of the graph (default: samples)")
    options.add_argument("--num-runs", type=Count, help="use only the first NUM_RUNS runs (default: all)")
    options.add_argument(
        "--corpus", default="", help="name of the training corpus, for the README (default: as the model says)"
    )
    options.add_argument("--otherwise", default="", metavar="CORPUS", help="its name if the model does not say either")
    options.add_argument("--open", action="store_true", help="the corpus of --corpus or --otherwise is freely licensed")
    options.add_argument("--score", action="append", default=[], metavar="FILE", help="score.json for the README")
    values = options.parse(argv)
    found = {path: read_score(path) for path in values.score}
    tell("1 of 3: reading the networks")
    exported, folder = Exported(values.model, values.input, values.num_runs), Path(values.folder)
    names = [*map(name_of, exported.ensemble.folders)]
    records = [one for path, one in found.items() if is_of(path, one, values.model, values.num_runs, names)]
    packages = ("torch", "onnx", "onnxscript", "onnxruntime")
    versions = ", ".join(["cer " + __version__, *(f"{name} {importlib.metadata.version(name)}" for name in packages)])
    about = {"target": exported.ensemble.target, "rate": f"{exported.rate:g}", "made_with": versions}
    tell("2 of 3: translating them into a graph, which takes most of the time")
    graph = exported.to_onnx(about | {"label_shift": f"{exported.rows.label_shift:g}"})
    tell(f"3 of 3: comparing its predictions with the recipe's on {len(exported.lengths)} lengths")
    difference = exported.check(graph)
    corpus = values.corpus or ("" if exported.description.get("corpora") else values.otherwise)
    text = readme(exported, corpus, values.open and bool(corpus), records, difference, versions)
    with replacing(folder / README) as page, replacing(folder / GRAPH, "wb") as file:  # if the disk is full, neither
        page.write(text)
        file.write(graph)
        page.flush()
        file.flush()
        (folder / README).unlink(missing_ok=True)  # where a call is killed, no README of another graph stays
    print(f"{folder}: {GRAPH} of {len(graph) / 1e6:.1f} MB, at most {difference:.1e} from the recipe's own predictions")


if __name__ == "__main__":
    main()
