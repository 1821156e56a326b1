"""Adam (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015), the optimizer of all networks.

PyTorch's own function does the step. Its class torch.optim.Adam is not used, because it imports PyTorch's compiler: as
much time again as the rest of a training's start.
"""

import torch
from torch.optim.adam import adam


class Adam:
    """Adam in one kernel a step ("fused"), with PyTorch's default moments; an L2 penalty is part of the gradient."""

    def __init__(self, parameters, *, learning_rate, l2=0.0):
        """parameters: those of a model, on the CPU or all on one GPU."""
        self.parameters, self.options = list(parameters), {"lr": learning_rate, "weight_decay": l2}
        self.state = {
            "step": [torch.zeros((), device=one.device) for one in self.parameters],
            "exp_avg": [torch.zeros_like(one) for one in self.parameters],
            "exp_avg_sq": [torch.zeros_like(one) for one in self.parameters],
        }

    @torch.no_grad()
    def step(self):
        """Do one step with the gradients of the parameters; parameters without a gradient stay."""
        used = [n for n, one in enumerate(self.parameters) if one.grad is not None]
        steps, means, squares = ([values[n] for n in used] for values in self.state.values())
        weights = [self.parameters[n] for n in used]
        adam(
            weights, [one.grad for one in weights], means, squares, [], steps, **self.options,
            beta1=0.9, beta2=0.999, eps=1e-8, fused=True, amsgrad=False, maximize=False,
        )  # fmt: skip

    @torch.no_grad()
    def load(self, state):
        """Copy the state of a checkpoint, from the CPU or a GPU. Raises ValueError when it is of other parameters."""
        for name, values in self.state.items():
            shapes = [value.shape for value in values]
            found = [getattr(value, "shape", None) for value in state.get(name) or []]
            if found != shapes:
                raise ValueError(f"found {name} of other sizes than the {len(shapes)} parameters")
            for value, saved in zip(values, state[name], strict=True):
                value.copy_(saved)
