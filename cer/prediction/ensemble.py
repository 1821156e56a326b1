"""The ensemble of Section 6.1: predictions of all runs of a model folder, and their mean."""

import math
from pathlib import Path

import numpy as np

from cer.base.errors import BadInput, warn
from cer.base.stream import Chain, Each, Hold, Whole, Window
from cer.data.plausible import Range
from cer.prediction import postprocess
from cer.system import model_folder, network
from cer.system.labels import Labels, later


class Ensemble:
    """The runs of one model folder, which have the same target and front end."""

    def __init__(self, folder, num_runs=None, device="cpu"):
        """folder: one with run1, run2 ..., or the folder of a single run; num_runs: use only the first num_runs runs.

        device: where the networks compute, as torch names it.

        Leaves out runs that diverged or did not learn, with a warning. If none learnt, uses those that did not diverge,
        with a warning. Raises BadInput if all diverged, or if the runs do not belong to one system.
        """
        self.folders, self.failed = _usable(folder, model_folder.run_folders(folder)[:num_runs])
        models, rows, descriptions = zip(*map(network.read_model, self.folders), strict=True)
        self.models = [model.to(device) for model in models]
        self.rows, self.description = rows[0], descriptions[0]  # description: content of model.json
        self.target, self.labels = self.description["target"], Labels(**self.description["labels"])
        self.undecided = [
            model_folder.name_of(run)
            for run, description in zip(self.folders, descriptions, strict=True)
            if model_folder.is_undecided(description["result"])
        ]
        self.range = Range.of_model(self.description)
        path = Path(folder) / postprocess.FILE
        self.postprocess = postprocess.read(path) if path.exists() else None
        self.steps = self.postprocess["steps"] if self.postprocess else []
        expected = _identity(self.description)
        for run, description in zip(self.folders, descriptions, strict=True):
            if differ := [name for name, value in _identity(description).items() if value != expected[name]]:
                raise BadInput(
                    f"{run}: its {' and '.join(differ)} differ from those of {self.folders[0]} ({model_folder.MODEL});"
                    " runs of one folder must belong together: train all again (stage 3), or use fewer (--num-runs)"
                )

    def stage(self, chunk=None):
        """A stage of cer.base.stream: rows (T, D) -> predictions (T,), the post-processed mean of the runs.

        chunk: rows per network call; default: many more than the receptive field, so that the overlap costs little.
        """
        labels = self.labels
        scale = Each(lambda y: labels.mean + labels.deviation * y)
        mean = Each(lambda y: y.mean(axis=1))
        return Chain([self._networks(chunk, labels.delay), scale, mean, *postprocess.stages(self.steps)])

    def _networks(self, chunk, delay):
        """A stage: rows (T, D) -> outputs (T, number of runs), moved later by `delay` rows.

        This shortens the look-ahead by `delay` rows. The first `delay` outputs are copies of output 0, so they still
        wait for the network's full look-ahead.
        """
        before, after = self.models[0].receptive_field()

        def outputs(rows):
            return later(self._outputs(rows), delay)

        if math.isinf(before + after):
            return Whole(outputs)
        period, chunk = getattr(self.models[0], "period", 1), chunk or network.chunk(self.models[0])
        window = Window(outputs, before + delay, max(0, after - delay), period=period, chunk=chunk)
        return Chain([Hold(after), window]) if delay else window

    def look_ahead(self):
        """Rows after its own that a prediction needs, including post-processing; infinite if it needs all rows.

        Undoing the label delay moves outputs later and shortens the look-ahead by the delay, except at the start.
        """
        _, after = self.models[0].receptive_field()
        return max(0, after - self.labels.delay) + sum(
            getattr(stage, "after", 0) for stage in postprocess.stages(self.steps)
        )

    def check(self, name, *predictions):
        """Warn if some predictions (T,) are far outside the labels' range; name: the utterance or recording.

        Raises BadInput if some are no finite numbers.
        """
        if not all(np.isfinite(one).all() for one in predictions):
            raise BadInput(
                f"{name}: {self.target}: found outputs of {self.folders[0]} that are no finite numbers; are its rows,"
                f" {model_folder.MODEL} and the statistics that normalise it right?"
            )
        if complaint := next(filter(None, map(self.range.complaint, predictions)), None):
            warn(f"{name}: {self.target}: {complaint}; is it of the kind that {self.folders[0]} was trained on?")

    def _outputs(self, rows):
        """rows (T, D) -> the networks' outputs (T, number of runs)."""
        return np.stack([network.network_output(model, rows) for model in self.models], axis=1)

    def __call__(self, rows):
        """rows (T, D) of one utterance -> (predictions of each run (number of runs, T), prediction of the mean (T,)).

        In the labels' units. Post-processing is applied to each run, and to the mean of the unprocessed runs.
        """
        parts = network.exact_parts(self.models[0], len(rows))
        outputs = np.concatenate([self._outputs(rows[taken])[own] for taken, own in parts])
        runs = np.stack([self.labels.predictions(output) for output in outputs.T])
        mean = postprocess.apply(self.steps, [runs.mean(axis=0)])[0]
        return np.stack(postprocess.apply(self.steps, list(runs))), mean


def _usable(folder, runs):
    """Return the runs to use, and the reasons why the others failed: {run name: reason}. Raises BadInput for no run."""
    described = {run: model_folder.read_description(run) for run in runs}
    failed = {run: why for run, one in described.items() if one and (why := model_folder.failure(one["result"]))}
    if not failed:
        return runs, {}
    text = "; ".join(f"{run.name} {why}" for run, why in failed.items())
    learnt = [run for run in runs if run not in failed]
    taken = learnt or [run for run in runs if not described[run]["result"].get("diverged")]
    if not taken:
        raise BadInput(f"{folder}: no run can be used: {text}; train again with other options (stage 3)")
    said = "left out of the mean" if learnt else "no run learnt anything, so its predictions say nothing"
    warn(f"{folder}: {said}: {text}")
    return taken, {model_folder.name_of(run): why for run, why in failed.items()}


def _identity(description):
    """Return the entries of model.json that all runs of a system share: all except the seed and the result."""
    training = {name: value for name, value in description["training"].items() if name != "srand"}
    names = ("arch", "target", "options", "labels", "front_end", "train", "dev")
    return {name: description[name] for name in names} | {"training": training}
