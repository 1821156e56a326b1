"""The waveform front end as a torch module, for export."""

from torch import nn
from torch.nn import functional


class Level(nn.Module):
    """Samples (N,) -> rows (T, size), normalised to mean 0 and variance 1; zeros pad the last row."""

    def __init__(self, size):
        """size: samples per row."""
        super().__init__()
        self.size = size

    def forward(self, samples):
        """samples: (N,) -> (T, size)."""
        x = samples.double()
        x = x - x.mean()
        x = (x / x.square().mean().sqrt().clamp_min(1e-9)).float()
        return functional.pad(x, (0, -x.shape[0] % self.size)).reshape(-1, self.size)
