"""The device of a training: the CPU, or the GPU that a job was given."""

import os

import torch

from cer.base.errors import BadInput


def choose(use_gpu):
    """Return the device of a training. use_gpu: True for a GPU. Raises BadInput when torch finds none.

    Takes the first of several visible GPUs: a cluster makes only the job's own GPUs visible.
    """
    if not use_gpu:
        return torch.device("cpu")
    if not torch.cuda.is_available():
        visible = os.environ.get("CUDA_VISIBLE_DEVICES", "not set")
        raise BadInput(
            f"--use-gpu=true: found no GPU that torch {torch.__version__} can use (CUDA_VISIBLE_DEVICES: {visible});"
            " request one from the cluster (--gpu 1), install a build of torch for GPUs, or omit --use-gpu"
        )
    return torch.device("cuda", 0)


def on_cpu(state):
    """Copy nested dicts and lists with all tensors moved to the CPU, so that any machine can load the file."""
    if isinstance(state, torch.Tensor):
        return state.cpu()
    if isinstance(state, dict):
        return {key: on_cpu(value) for key, value in state.items()}
    if isinstance(state, list | tuple):
        return type(state)(map(on_cpu, state))
    return state
