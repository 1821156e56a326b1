"""Related work: sparse codes of shifted delta cepstra and a linear SVR, Brady et al. [6] without their prosody.

per frame   log mel energies -> MFCC -> shifted deltas -> sparse code a: min |x - a D|^2 / 2 + alpha |a|_1
per row     mean and maximum of |a| over a window -> linear SVR

MFCC need mean normalisation without variance normalisation: conf/sparse_coding.conf sets --norm-vars=false.
"""

import warnings

import torch
from torch import nn

from cer.base.errors import BadInput
from cer.base.kinds import Count, NonNegative, Positive, RowCount
from cer.models.layers import windows
from cer.models.layers.cepstra import mfcc, shifted_deltas
from cer.models.layers.regression import scikit_learn, support_vector

SAMPLE = 20000  # frames that dictionary learning uses
FRAMES = 2048  # that are coded at a time at most: their codes stay in the processor's cache


class Model(nn.Module):
    """MFCC, shifted deltas, a learnt dictionary, pooled codes and a linear SVR.

    Options:
        frames: feature frames per row (Section 3: 4)
        num_ceps: cepstral coefficients
        delta_window: frames on each side of a delta
        num_blocks: number of shifted deltas
        block_shift: frames between shifted deltas
        atoms: dictionary atoms
        alpha: weight of the L1 penalty on the codes
        iterations: FISTA iterations per code
        window: pooling window, rows
        cost: liblinear's C, the weight of errors relative to the L2 penalty
        epsilon: half the width of the SVR's insensitive zone, in standard deviations of the labels
        every: train on every n-th row only
    """

    def __init__(
        self,
        input_dim,
        *,
        frames: Count = 4,
        num_ceps: Count = 13,
        delta_window: Count = 1,
        num_blocks: Count = 7,
        block_shift: Count = 3,
        atoms: Count = 100,
        alpha: NonNegative = 1.0,
        iterations: Count = 20,
        window: RowCount = 100,
        cost: Positive = 0.0001,
        epsilon: NonNegative = 0.1,
        every: Count = 10,
    ):
        super().__init__()
        if input_dim % frames:
            raise BadInput(f"found rows of {input_dim} columns, expected a multiple of {frames} frames (--frames)")
        self.frames, self.window, self.alpha, self.iterations = frames, window, alpha, iterations
        self.num_ceps = min(num_ceps, input_dim // frames)
        self.deltas = {"window": delta_window, "num_blocks": num_blocks, "block_shift": block_shift}
        self.settings = {"cost": cost, "epsilon": epsilon, "every": every}
        dim = self.num_ceps * (1 + num_blocks)
        self.register_buffer("scale", torch.ones(2, dim))  # mean and deviation of the shifted deltas
        self.register_buffer("dictionary", torch.eye(atoms, dim))
        self.output = nn.Linear(2 * atoms, 1)

    def _cepstra(self, x):
        """x: rows (T, input_dim) -> shifted deltas (T frames, dim), one vector per feature frame."""
        frames = x.reshape(x.shape[0] * self.frames, -1)
        return shifted_deltas(mfcc(frames, self.num_ceps), **self.deltas)

    def _pooled(self, x):
        """x: rows (T, input_dim) -> (T, 2 atoms): mean and maximum of the codes over the window."""
        mean, deviation = self.scale
        codes = sparse_codes((self._cepstra(x) - mean) / deviation, self.dictionary, self.alpha, self.iterations)
        by_row = codes.abs().reshape(x.shape[0], self.frames, -1)
        average = windows.moments(by_row.mean(1), self.window).chunk(2, 1)[0]
        return torch.cat([average, windows.extremes(by_row.amax(1), self.window).chunk(2, 1)[1]], 1)

    def _sample(self, examples):
        """Set the scale from all frames of the examples; returns SAMPLE of their shifted deltas, (SAMPLE, dim)."""
        count, sums, squares = 0, 0.0, 0.0
        for x, _ in examples:
            cepstra = self._cepstra(x).double()
            count, sums, squares = count + len(cepstra), sums + cepstra.sum(0), squares + (cepstra**2).sum(0)
        mean = sums / count
        deviation = ((squares - count * mean**2).clamp_min(0) / (count - 1)).sqrt()
        self.scale = torch.stack([mean, deviation]).float()
        # A permutation of very many frames would take gigabytes; among so many, hardly any is drawn twice.
        drawn = torch.randperm(count)[:SAMPLE] if count <= 500 * SAMPLE else torch.randint(count, (SAMPLE,))
        sample, first = torch.empty(len(drawn), len(mean)), 0
        for x, _ in examples:
            cepstra = self._cepstra(x)
            here = (drawn >= first) & (drawn < first + len(cepstra))
            sample[here] = cepstra[drawn[here] - first]
            first += len(cepstra)
        return sample

    def fit(self, examples):
        """Learn the dictionary, then solve for the weights; examples: iterable of (rows (T, input_dim), targets)."""
        decomposition, exceptions = scikit_learn("decomposition"), scikit_learn("exceptions")
        sample = self._sample(examples)
        learner = decomposition.MiniBatchDictionaryLearning(
            len(self.dictionary), alpha=self.alpha, batch_size=256, max_iter=5, fit_algorithm="cd",
            transform_max_iter=200, random_state=torch.initial_seed() % 2**32,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", exceptions.ConvergenceWarning)  # approximate codes suffice in a mini-batch
            learner.fit(((sample - self.scale[0]) / self.scale[1]).double().numpy())
        self.dictionary = torch.from_numpy(learner.components_).float()
        pooled = ((self._pooled(x)[: len(y)], y) for x, y in examples)
        support_vector(self.output, pooled, **self.settings)

    def forward(self, x):
        """x: (T, input_dim) -> (T,)."""
        return self.output(self._pooled(x)).squeeze(1)

    def receptive_field(self):
        """Rows before and after its own that a prediction depends on."""
        before, after = windows.reach(self.window)
        deltas = (self.deltas["num_blocks"] - 1) * self.deltas["block_shift"] + self.deltas["window"]  # frames
        return before + -(-self.deltas["window"] // self.frames), after + -(-deltas // self.frames)


def sparse_codes(x, dictionary, alpha, iterations):
    """FISTA (Beck and Teboulle 2009) for min |x - a D|^2 / 2 + alpha |a|_1 over a: x (T, C), D (K, C) -> a (T, K)."""
    gram = dictionary @ dictionary.T
    step = 1 / torch.linalg.matrix_norm(gram, 2)
    parts = [x] if torch.compiler.is_exporting() else x.tensor_split(-(-len(x) // FRAMES))
    return torch.cat([_fista(part @ dictionary.T, gram, step, alpha, iterations) for part in parts])


def _fista(products, gram, step, alpha, iterations):
    codes = ahead = torch.zeros_like(products)
    momentum = 1.0
    for _ in range(iterations):
        last, codes = codes, _shrink(ahead - step * (ahead @ gram - products), step * alpha)
        last_momentum, momentum = momentum, (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        ahead = codes + (last_momentum - 1) / momentum * (codes - last)
    return codes


def _shrink(x, threshold):
    """Soft thresholding: move every value towards zero by the threshold, but not past it."""
    return x.sign() * (x.abs() - threshold).clamp_min(0)
