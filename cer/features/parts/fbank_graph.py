"""The log mel filterbank as a torch module."""

import math

import torch
from torch import nn

EPSILON = float(torch.finfo(torch.float32).eps)  # Kaldi's floor for energies before the logarithm


class LogMel(nn.Module):
    """The features of cer/features/fbank.py without dither: samples (N,) -> (T, D)."""

    def __init__(self, fbank):
        """fbank: the Features of cer/features/fbank.py whose options to use."""
        super().__init__()
        self.options = fbank
        self.register_buffer("window", torch.from_numpy(fbank.window))
        self.register_buffer("mel", torch.from_numpy(fbank.mel))

    def forward(self, samples):
        """samples: (N,), long enough for one frame -> (T, D)."""
        o, x = self.options, self._frames(samples)
        if o.remove_dc_offset:
            x = x - x.mean(1, keepdim=True)
        energy = _log_energy(x) if o.raw_energy else None
        c = o.preemphasis_coefficient
        x = torch.cat([x[:, :1] * (1 - c), x[:, 1:] - c * x[:, :-1]], 1) * self.window
        energy = _log_energy(x) if energy is None else energy
        spectrum = torch.view_as_real(torch.fft.rfft(x, o.fft_length))[:, : o.fft_length // 2]
        power = spectrum.square().sum(2)
        mel = (power if o.use_power else power.sqrt()) @ self.mel
        if o.use_log_fbank:
            mel = mel.clamp_min(EPSILON).log()
        if not o.use_energy:
            return mel
        if o.energy_floor > 0:
            energy = energy.clamp_min(math.log(o.energy_floor))
        return torch.cat([mel, energy] if o.htk_compat else [energy, mel], 1)

    def _frames(self, samples):
        """samples (N,) -> windows (T, length)."""
        o, size = self.options, samples.shape[0]
        if o.snip_edges:
            num_frames = (size - o.length) // o.shift + 1
        else:  # mirrored at both ends, repeatedly if a window is longer than the recording
            num_frames = (size + o.shift // 2) // o.shift
            place = torch.arange((num_frames - 1) * o.shift + o.length) - (o.length // 2 - o.shift // 2)
            place = place % torch.full((1,), 2 * size)  # a tensor: the exporter does not support % with a number
            samples = samples[torch.minimum(place, 2 * size - 1 - place)]
        return samples[torch.arange(num_frames)[:, None] * o.shift + torch.arange(o.length)]


def _log_energy(x):
    return x.square().sum(1, keepdim=True).clamp_min(EPSILON).log()
