"""Low-level descriptors of eGeMAPS, every 10 ms, computed by openSMILE.

Eyben et al. [8] define them; Valstar et al. [2] and Povolny et al. [7] use them. openSMILE is not part of the recipe.
Its licence (free for research and private use) binds whoever installs it: python3 -m pip install opensmile.
"""

import numpy as np

from cer.base.errors import MissingPackage
from cer.features import FrontEnd
from cer.sound.pcm import FULL_SCALE


class Features(FrontEnd):
    """The 25 low-level descriptors of eGeMAPSv02: features(samples, rate) -> (T, 25) float32.

    Raises BadInput when openSMILE is not installed.
    """

    frame_seconds, dim = 0.01, 25

    def __init__(self):
        try:
            import opensmile
        except ImportError:
            raise MissingPackage(
                "the Python package opensmile is not installed; if its licence suits you: python3 -m pip install"
                " opensmile (with the recipe's Python, . ./path.sh)"
            ) from None
        self._smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)

    def __call__(self, samples, rate, key=""):
        """samples: (N,) in the range of 16-bit integers; rate: Hz -> float32 (T, 25)."""
        table = self._smile.process_signal(samples / FULL_SCALE, int(rate)).to_numpy(np.float32)
        return np.nan_to_num(table)  # descriptors undefined in silence become 0, as in openSMILE's own output files
