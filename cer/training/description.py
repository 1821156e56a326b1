"""The entries of model.json about a training's data, front end and code."""

import inspect
import math
from pathlib import Path

from cer.base.errors import warn
from cer.base.facts import summary, take
from cer.base.options import defaults, read_config
from cer.data.corpora import corpora_of
from cer.data.datadir import Archive
from cer.data.targets import meanings
from cer.system.front_end import config_of, told_by
from cer.system.model_folder import MODEL


def of_data(train_set, dev_set, computed_by):
    """Return the entries of model.json that identify the training data, a dict."""
    config = None if computed_by else config_of(train_set.data)
    lines = config and [config.stem, *(option for _, option in read_config(config))]
    return {"features_conf": lines, "train": _of_set(train_set), "dev": _of_set(dev_set)}


def _of_set(utterances):
    survey = utterances.survey()
    return {"utterances": len(utterances), "rows": survey.rows, "checksum": survey.checksum}


def features_of(data, computed_by):
    """Return the entries of model.json that say how to compute features from recordings, a dict.

    features: the front end's name and all its options, if the directory has its configuration, no other program has
    replaced its features, and cer/features/ has all these options; global_cmvn: CMVN statistics (2, D + 1) of all
    speakers together, unless `computed_by` is given.
    """
    if computed_by:
        name = type(computed_by).__module__.rpartition(".")[2]
        return {"features": {"name": name, "options": defaults(type(computed_by))}}
    found = {"global_cmvn": sum(Archive(Path(data) / "cmvn.scp").values()).tolist()}
    told, unknown = told_by(data, f"{MODEL} will not say how to compute features")
    if unknown:
        warn(f"{config_of(data)}: {unknown} is no option of ours; {MODEL} will not say how to compute features")
    return found | {"features": told} if told else found


def origin_of(target, *directories):
    """Return the entries of model.json that name the data's corpora, and the ends of a target of their own, a dict.

    They do not identify a training.
    """
    own = [words[target] for words in map(meanings, directories) if target in words]
    corpora = list(dict.fromkeys(line for directory in directories for line in corpora_of(directory)))
    return {"corpora": corpora} | ({"ends": list(own[0])} if own else {})


def code_of(Model, program):
    """Return a checksum of the code that trains a model, so that a training is not resumed with changed code.

    Model: the architecture's class; program: path of the training program; it covers all their imports in the recipe.
    """
    return summary(take(code=[program, inspect.getfile(Model)]))


def introduce(arch, target, model, shift, longest, of_layers=None):
    """Print the model's size and receptive field; shift: seconds between rows; longest: rows of an utterance.

    A warning tells of a field twice as long as that, with the number of layers that fits; of_layers: makes the model
    with another number of layers, if the architecture has this option.
    """
    before, after = model.receptive_field()
    size = sum(parameter.numel() for parameter in model.parameters())
    field = f"{before + 1 + after} rows ({(before + 1 + after) * shift:.2f} s, {after * shift:.2f} s of them ahead)"
    field = field if math.isfinite(before + after) else "the whole utterance"
    print(f"{arch} for {target}: {size} parameters, receptive field {field}", flush=True)
    if longest <= (before + after) // 2 < math.inf:
        layers = 1
        while of_layers and sum(of_layers(layers + 1).receptive_field()) < longest:
            layers += 1
        fewer = f"fewer layers, --num-layers={layers} (of run.sh: --train-opts --num-layers={layers})"
        warn(
            f"{arch} for {target}: the receptive field is {field}, the longest utterance {longest} rows"
            f" ({longest * shift:.2f} s): the outer filters see nothing of it, and the network may not learn; take"
            f" {fewer if of_layers else 'shorter filters'}"
        )
