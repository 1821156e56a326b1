"""Training curves for TensorBoard, if the user has installed it (python3 -m pip install tensorboard).

tensorboard --logdir exp/synth    shows the loss and dev CCC of all runs during training
"""

import shutil
from pathlib import Path

FOLDER = "tensorboard"


class Scalars:
    """Writes loss and dev CCC of each epoch to `folder`/tensorboard; without TensorBoard it does nothing."""

    def __init__(self, folder, history):
        """history: list of (loss, dev CCC), the epochs so far.

        Replaces the files in the folder: those of a killed training may have more or fewer epochs than its checkpoint.
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
        """Write one epoch and flush."""
        if self._writer:
            self._writer.add_scalar("loss/train", loss, epoch)
            self._writer.add_scalar("ccc/dev", dev_ccc, epoch)
            self._writer.flush()

    def close(self):
        """Close the file."""
        if self._writer:
            self._writer.close()
