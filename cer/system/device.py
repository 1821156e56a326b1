"""Where a network is trained: on the CPU, or on the card that a job was given."""

import os

import torch

from cer.base.errors import BadInput


def choose(use_gpu):
    """The device of a training. use_gpu: whether the user asked for a card; then BadInput is raised without one.

    Of several cards that the job may see the first is taken: a cluster gives a job its own.
    """
    if not use_gpu:
        return torch.device("cpu")
    if not torch.cuda.is_available():
        visible = os.environ.get("CUDA_VISIBLE_DEVICES", "not set")
        raise BadInput(
            f"--use-gpu=true: found no card that torch {torch.__version__} can use (CUDA_VISIBLE_DEVICES: {visible});"
            " ask the cluster for one (--gpu 1), install a build of torch for cards, or leave --use-gpu"
        )
    return torch.device("cuda", 0)


def on_cpu(state):
    """Nested dicts and lists with their tensors on the CPU, so that any machine can read what is written."""
    if isinstance(state, torch.Tensor):
        return state.cpu()
    if isinstance(state, dict):
        return {key: on_cpu(value) for key, value in state.items()}
    if isinstance(state, list | tuple):
        return type(state)(map(on_cpu, state))
    return state
