"""Rows on the recipe itself: ./run.sh with nothing to do, stage by stage, and the scores of one system.

All need a finished run. The first call of ./run.sh is not measured: it makes what is not up to date.
"""

import functools
import shutil
import tempfile
from pathlib import Path

from local.benchmark.measure import ROOT, Row, alternate, process
from local.results.systems import scored

STAGES = {f"stage{n}": ["--stage", str(n), "--stop-stage", str(n)] for n in range(7)}
RUN = ROOT / "run.sh"
ROWS = [*STAGES, "run", "score"]


def measure(names, settings):
    """Return the Rows of these names; none without a finished run."""
    if not settings.exp:
        return
    chosen = {name: words for name, words in (STAGES | {"run": []}).items() if name in names}
    run = [RUN, *settings.run_opts]
    if chosen:
        process(run)
        calls = {name: functools.partial(process, [*run, *words]) for name, words in chosen.items()}
        for name, used in alternate(calls, settings.repeats).items():
            what = f"./run.sh {' '.join(chosen[name])}".strip() + " with nothing to do"
            yield Row(name, what, "<= 4 s" if name == "run" else "<= 1 s", used, counts="wall")
    if "score" in names:
        yield _score(settings)


def _score(settings):
    """Time the scoring of a copy of the first system's predictions of dev."""
    systems = next(iter(scored(settings.exp, "dev").values()))
    data = settings.data or ROOT / "data" / settings.exp.name
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "predictions"
        shutil.copytree(next(iter(systems.values())), copy, symlinks=True)
        script = [ROOT / "steps" / "score.sh", "--system", "any", "--set", "dev", data / "dev", copy]

        def score():
            (copy / ".done.score").unlink(missing_ok=True)
            return process(script)

        used = alternate({"score": score}, settings.repeats)["score"]
    return Row("score", "scores of one system", "<= 0.5 s", used, counts="wall")
