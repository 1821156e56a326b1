"""Linear regressors without gradient training: each sets the weight and the bias of an nn.Linear with one output."""

import importlib
import warnings

import numpy as np
import torch

from cer.base.errors import MissingPackage

MOST = 50_000  # rows that support vector regression is solved on: some hundred MB, some minutes


def ridge(output, examples, penalty):
    """Ridge regression: least squares plus `penalty` times the squared weights of the standardised features.

    output: nn.Linear with one output; examples: iterable of (features (T, D), targets (T,)); penalty: relative to the
    variance of a feature. The Gram matrix is summed over the utterances; no matrix of all rows is in memory.
    """
    gram, count, offset = 0, 0, None
    for features, targets in map(_labelled, examples):
        offset = features.mean(0) if offset is None else offset  # close to the mean, so that float32 suffices
        table = torch.cat([features - offset, targets[:, None]], 1)
        ones = torch.ones(len(table), 1, dtype=table.dtype)
        gram = gram + (torch.cat([ones, table], 1).T @ table).double()
        count += len(table)
    mean, second = gram[0] / count, gram[1:] / count
    covariance = second - torch.outer(mean, mean)
    scale = covariance.diagonal().clamp_min(1e-12).sqrt()
    correlation = covariance / torch.outer(scale, scale)
    penalised = correlation[:-1, :-1] + penalty * torch.eye(len(mean) - 1, dtype=torch.float64)
    weight = torch.linalg.solve(penalised, correlation[:-1, -1]) * scale[-1] / scale[:-1]
    _fill(output, weight, mean[-1] - weight @ (mean[:-1] + offset.double()))


def scikit_learn(module):
    """A module of scikit-learn, which takes a second to import, when it is needed. Raises MissingPackage."""
    try:
        return importlib.import_module(f"sklearn.{module}")
    except ImportError:
        raise MissingPackage(
            "the Python package scikit-learn is not installed; it trains svr and sparse_coding: python3 -m pip install"
            " scikit-learn"
        ) from None


def support_vector(output, examples, *, cost, epsilon, every):
    """Linear support vector regression on standardised features (scikit-learn's LinearSVR, liblinear).

    output: nn.Linear with one output; examples: iterable of (features (T, D), targets (T,)); cost, epsilon: liblinear's
    C and p; every: train on every n-th row, since adjacent rows are nearly equal; doubled until there are at most MOST.
    """
    svm, exceptions = scikit_learn("svm"), scikit_learn("exceptions")
    parts = []
    for features, targets in map(_labelled, examples):
        parts.append((features[::every].clone(), targets[::every].clone()))  # a slice would keep all rows in memory
        while sum(len(kept) for _, kept in parts) > max(MOST, len(parts)):
            every, parts = 2 * every, [(features[::2].clone(), targets[::2].clone()) for features, targets in parts]
    features, targets = (torch.cat(each).double() for each in zip(*parts, strict=True))
    parts.clear()  # the solver makes a copy of its own, twice as large as features
    mean, scale = features.mean(0), features.std(0).clamp_min(1e-6)
    svr = svm.LinearSVR(C=cost, epsilon=epsilon, max_iter=2000, random_state=torch.initial_seed() % 2**32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", exceptions.ConvergenceWarning)  # the print below reports it
        svr.fit(features.sub_(mean).div_(scale).numpy(), targets.numpy())
    print(
        f"support vector regression: {svr.n_iter_} of at most 2000 iterations, {len(features)} rows, every {every}th",
        flush=True,
    )
    weight = torch.from_numpy(np.asarray(svr.coef_).ravel()) / scale
    _fill(output, weight, float(np.ravel(svr.intercept_)[0]) - weight @ mean)


def _labelled(example):
    """The rows of an example (features (T, D), targets (T,)) that have a target: in a gap it is NaN."""
    features, targets = example
    gaps = targets.isnan()
    return (features[~gaps], targets[~gaps]) if gaps.any() else example


def _fill(output, weight, bias):
    output.weight.data = weight[None].to(output.weight.dtype)
    output.bias.data = torch.as_tensor(bias).reshape(1).to(output.bias.dtype)
