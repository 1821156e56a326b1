"""Training curves for TensorBoard, where the user has installed it (python3 -m pip install tensorboard); else nothing.

tensorboard --logdir exp/synth    shows loss and dev CCC of every run while they train
"""

import shutil
from pathlib import Path

FOLDER = "tensorboard"


class Scalars:
    """Loss and dev CCC of each epoch in `folder`/tensorboard."""

    def __init__(self, folder, history):
        """history: a list of (loss, dev CCC), the epochs so far.

        They are written again, and what was there is removed: a killed training may have left more or fewer.
        """
        folder = Path(folder) / FOLDER
        shutil.rmtree(folder, ignore_errors=True)
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            self._writer = None
            return
        self._writer = SummaryWriter(str(folder))
        for epoch, (loss, dev_ccc) in enumerate(history, 1):
            self.add(epoch, loss, dev_ccc)

    def add(self, epoch, loss, dev_ccc):
        """Write one epoch, at once."""
        if self._writer:
            self._writer.add_scalar("loss/train", loss, epoch)
            self._writer.add_scalar("ccc/dev", dev_ccc, epoch)
            self._writer.flush()

    def close(self):
        """End the file."""
        if self._writer:
            self._writer.close()
