"""What scaling.py measures: corpora that grow in one respect, and each step of the recipe on them.

Each function makes a corpus of one size in an empty folder, and yields (step, Time): of a process of its own.
"""

import shutil

from local.benchmark import corpora
from local.benchmark.measure import ROOT, process, program
from local.results import systems

SHORT, RATE, LONG = 5, 16000, 7500  # s of an utterance of many, Hz, rows of an utterance of hours of features
SETS, RECORDINGS, RUNS = ("dev", "test", "train"), 9, 5  # of the systems that are compared
# Bytes on the disk a second: of 16-bit sound; of 100 frames of 40 values; of labels, predictions and CSV files.
SOUND, FRAMES, REST = 2 * RATE, 100 * 40 * 4, 4000
ARCHIVES = 600  # of labels and predictions without CSV files, as of large sets
HOURS = corpora.DISTINCT * LONG * corpora.SHIFT / 3600  # of features on the disk: more are named several times
SIZES = {  # what grows -> its name for people; sizes with --quick, without and with --full; function of bytes needed
    "utterances": ("utterances of 5 s", [3, 10], [10, 100, 1000], [10, 100, 1000, 10000],
                   lambda n: SHORT * (min(n, corpora.DISTINCT) * SOUND + n * (FRAMES + REST))),
    "minutes": ("minutes of one recording", [0.2, 1], [1, 10, 60], [1, 10, 100, 600],
                lambda n: n * 60 * (SOUND + FRAMES + REST)),
    "hours": ("hours of features", [0.1, 0.2], [1, 9, 27], [9, 100, 1000],
              lambda n: 3600 * (min(n, HOURS) * (FRAMES + REST) + n * ARCHIVES)),
    "systems": ("systems", [2, 3], [2, 10, 30], [2, 10, 100],
                lambda n: n * 4.5 * LONG * RECORDINGS * (RUNS + 1) * len(SETS) * len(corpora.TARGETS)),
}  # fmt: skip


def utterances(folder, number):
    """Measure the steps with `number` short recordings; yields (step, Time)."""
    yield from _recordings(folder, number, SHORT)


def minutes(folder, number):
    """Measure the steps with one recording of `number` minutes; yields (step, Time)."""
    yield from _recordings(folder, 1, number * 60)


def hours(folder, number):
    """Measure training with `number` hours of features, without recordings; yields (step, Time)."""
    data = folder / "data" / "dev"
    corpora.features(data, max(1, round(number * 3600 / (LONG * corpora.SHIFT))), LONG)
    yield from _trained(data, folder / "exp")


def compared(folder, number):
    """Measure scores and reports of `number` systems, each with predictions of three sets and two targets."""
    data, exp, pairs = folder / "data", folder / "exp", []
    for name in SETS:
        ids = corpora.speakers(data / name, RECORDINGS)
        corpora.labels(data / name, ids, LONG)
        for system in range(number):
            for target in corpora.TARGETS:
                pairs += [data / name, systems.predictions(exp, f"system{system}", target, name)]
                corpora.predictions(pairs[-1], data / name, target, RUNS)
    yield "scoring", _script("score.sh", *pairs)
    yield from _reported(data, exp)


def _recordings(folder, number, seconds):
    data, exp = folder / "data" / "dev", folder / "exp"
    corpora.labels(data, corpora.recordings(data, number, seconds, RATE), round(seconds / corpora.SHIFT))
    yield "features", _script("make_feats.sh", "--nj", "1", data)
    yield from _trained(data, exp)
    own = systems.predictions(exp, "downup", "arousal", "dev")
    other = systems.predictions(exp, "other", "arousal", "dev")
    shutil.copytree(own, other, ignore=shutil.ignore_patterns(".done*"))
    _script("score.sh", data, other)
    yield from _reported(data.parent, exp)


def _trained(data, exp):
    """The steps from features to scores; the set is train and dev at once."""
    predictions = systems.predictions(exp, "downup", "arousal", "dev")
    yield "CMVN", _script("compute_cmvn_stats.sh", data)
    opts = "--max-epochs=1 --learning-rate=1e-6"  # on random features a higher rate would diverge
    train = ["--num-runs", "1", "--opts", opts, "downup", "arousal", data, data, predictions.parent]
    yield "training", _script("train.sh", *train)
    yield "prediction", _script("predict.sh", "--nj", "1", data, predictions.parent, predictions)
    yield "scoring", _script("score.sh", data, predictions)


def _reported(data, exp):
    yield "collection", _program("results.collect_results", exp)
    yield "statistics", _program("results.compare", data, exp)
    yield "report", _program("page.report", data, exp)


def _script(name, *arguments):
    return process([ROOT / "steps" / name, *arguments])


def _program(name, *arguments):
    return process(program(f"local.{name}", *arguments))


GROWING = {"utterances": utterances, "minutes": minutes, "hours": hours, "systems": compared}
