"""Programs as a command line starts them, many of them for one start of Python: faults/forks.py says how."""

import os
from pathlib import Path

from faults import forks

ROOT = Path(__file__).resolve().parent.parent
MODULES = ["cer.prediction.recognizer", "cer.training.train", "cer.scoring.scores", "cer.scoring.significance"]


class Programs:
    """programs(words, folder, environment) -> (status, output) of one program."""

    def __init__(self, folder):
        """folder: for what programs print."""
        self.output, name = Path(folder) / "output", f"programs.{os.getpid()}.{id(self)}"
        self.environment = os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "FAULTS_SERVER": name}
        self.server = forks.start(self.environment, forks.MODULES + MODULES)

    def __call__(self, words, folder, environment, stdin=os.devnull):
        """words: those after python3; folder: where to start it; environment: further variables; stdin: a file."""
        with Path(stdin).open("rb") as given, self.output.open("wb") as said:
            streams = [given.fileno(), said.fileno(), said.fileno()]
            status = forks.ask(words, self.environment | environment, streams, folder)
        return status, self.output.read_text(errors="surrogateescape")

    def close(self):
        """End the server."""
        self.server.communicate()
