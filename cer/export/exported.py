"""A model folder as a self-contained ONNX graph, compared with the recipe's own predictions before it is written.

The graph accepts recordings of any length from two feature frames on.
"""

import itertools
import logging
import warnings

import numpy as np
import torch

from cer.base.errors import BadInput
from cer.data import cmvn, frames
from cer.export.graph import INPUTS, Whole
from cer.prediction.ensemble import Ensemble
from cer.system.front_end import computed_by, of_system
from cer.system.model_folder import MODEL

TOLERANCE = {"samples": 1e-4, "features": 1e-5, "normalised": 1e-5}  # largest accepted difference
EXAMPLE = 1000.23  # length of the trace's input, s: long enough that no layer has length 1, a special case
SECONDS = (0.2, 1.23, 7.7777, 61.73, 150.31)  # lengths to compare: different remainders, the longest receptive field


class Exported:
    """An ensemble to export, and the kind of input that its graph takes."""

    def __init__(self, folder, kind, num_runs=None):
        """folder: a model folder; kind: one of INPUTS; num_runs: use only the first num_runs runs.

        Raises BadInput when the graph cannot take this kind of input.
        """
        if kind not in INPUTS:
            raise BadInput(f"--input={kind}: expected one of {', '.join(INPUTS)}")
        self.folder, self.kind, self.ensemble = folder, kind, Ensemble(folder, num_runs)
        self.description, self.rows, self.front_end = self.ensemble.description, self.ensemble.rows, None
        self.computed = computed_by(self.description) is not None
        if self.computed and kind != "samples":
            raise BadInput(f"--input={kind}: {folder} takes samples, not features; expected --input=samples")
        if not self.rows.whole:
            raise BadInput(
                f"{folder}: it predicts every {self.rows.label_shift:.6g} s, which is no whole number of its"
                f" features' frames of {self.rows.frame_shift:g} s: a graph cannot interpolate them. Train on"
                " features whose frame shift divides the label shift, or predict with the recipe"
            )
        if kind == "samples":
            self.front_end = self._front_end()

    def _front_end(self):
        """Return the front end of the training features. Raises BadInput if a graph cannot contain it."""
        run = self.ensemble.folders[0]
        if "features" not in self.description:
            raise BadInput(
                f"{run}/{MODEL}: does not tell how the features were made (an earlier version, or a training directory"
                " without the front end's configuration); train again, or use --input features"
            )
        found = of_system(run, self.description, self.rows)
        if found.graph is None or found.rate is None:
            raise BadInput(
                f"{run}: a graph cannot hold the front end {self.description['features']['name']}; use --input features"
            )
        return found

    @property
    def rate(self):
        """Sampling rate of the input, Hz, or its frame rate, frames per second."""
        return self.front_end.rate if self.front_end else 1 / self.rows.frame_shift

    @property
    def shortest(self):
        """Shortest input, in samples or frames: two frames, because a single frame has no variance for CMVN."""
        if self.front_end is None or self.computed:
            return 2
        return next(n for n in itertools.count() if self.front_end.num_frames(n) > 1)

    @property
    def lengths(self):
        """Lengths of the inputs to compare, in samples or frames, a list."""
        return [self.shortest, *(round(seconds * self.rate) for seconds in SECONDS)]

    @property
    def shape(self):
        """Shape of the input: a name for the variable length, then the number of columns."""
        return ("samples",) if self.kind == "samples" else ("frames", self.rows.feat_dim)

    def recipe(self, x):
        """Predict an input of the graph with the recipe's own code: (T,)."""
        front_end, rows = self.front_end, self.rows
        features = front_end(x, front_end.rate) if front_end else x
        if self.computed:
            return self.ensemble(front_end.stack(front_end.alone(features), rows.frame_subsampling_factor))[1]
        if self.kind != "normalised":
            stats = cmvn.statistics([features])
            features = cmvn.apply(features, stats, norm_means=rows.norm_means, norm_vars=rows.norm_vars)
        return self.ensemble(frames.stack(features, rows.frame_subsampling_factor))[1]

    def noise(self, size, seed=0):
        """Return a test input of `size` samples or frames: noise with varying loudness."""
        random = np.random.default_rng(seed)
        loudness = np.exp(np.cumsum(random.standard_normal(size)) / np.sqrt(self.rate))
        if self.kind == "samples":
            return np.round(random.normal(0, 500, size) * loudness).clip(-32768, 32767).astype(np.float32)
        offset, spread = (12, 3) if self.kind == "features" else (0, 1)
        return random.normal(offset, spread, (size, *self.shape[1:])).astype(np.float32)

    def to_onnx(self, about):
        """Return the serialised graph; about: dict of strings to store in it. Raises BadInput if the export fails."""
        import onnx_ir  # optional packages: utils/setup.sh export

        logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # hide its list of missing optional packages
        module = Whole(self.ensemble, self.kind, self.front_end, self.computed).eval()
        example = torch.zeros(round(EXAMPLE * self.rate), *self.shape[1:])
        try:
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                program = torch.export.export(module, (example,), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
                program = torch.onnx.export(
                    program, input_names=[self.kind], output_names=["predictions"], verbose=False
                )
        except Exception as error:  # torch's tracer and translator raise many types
            reason = " ".join(str(error).split())[:300]
            raise BadInput(
                f"{self.folder}: the architecture {self.description['arch']} cannot be exported to ONNX ({reason})"
            ) from error
        graph = program.model.graph
        graph.inputs[0].shape, graph.outputs[0].shape = onnx_ir.Shape(self.shape), onnx_ir.Shape(["rows"])
        program.model.metadata_props.update(about)
        return program.model_proto.SerializeToString()

    def check(self, graph):
        """Compare a serialised graph with the recipe on several lengths; returns the largest absolute difference.

        Raises BadInput when the difference is above TOLERANCE, when shapes differ, or when the graph does not run.
        """
        import onnxruntime

        session = onnxruntime.InferenceSession(graph)
        worst = 0.0
        for size in self.lengths:
            x = self.noise(size, seed=size)
            try:
                [found], expected = session.run(None, {self.kind: x}), self.recipe(x)
            except Exception as error:  # onnxruntime's exceptions have no common class
                raise BadInput(f"{self.folder}: the graph cannot be run on {x.shape} {self.kind} ({error})") from error
            if found.shape != expected.shape:
                raise BadInput(f"{self.folder}: the graph has {found.shape} predictions, the recipe {expected.shape}")
            worst = float(np.maximum(worst, np.abs(found - expected).max()))  # NaN stays NaN
        if not worst <= TOLERANCE[self.kind]:
            raise BadInput(
                f"{self.folder}: the graph's predictions differ from the recipe's by {worst:.1e}, expected at most"
                f" {TOLERANCE[self.kind]:g}; the architecture {self.description['arch']} cannot be exported to ONNX"
            )
        return worst
