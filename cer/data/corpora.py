"""The corpora that a data directory is of: its file `corpora`, a line each, which their preparations write."""

from pathlib import Path

from cer.base.files import read_text, write_text

FILE = "corpora"
MADE_UP = "SYNTHETIC"  # how the line of a generated corpus begins


def write_corpora(directory, *lines):
    """Write what corpora a data directory is of."""
    write_text(Path(directory) / FILE, "".join(f"{line}\n" for line in lines))


def corpora_of(directory):
    """List the corpora that a data directory is of; an empty list if it does not say."""
    path = Path(directory) / FILE
    return read_text(path, "run stage 0 again").splitlines() if path.exists() else []


def is_made_up(corpora):
    """Whether one of these corpora is generated."""
    return any(line.startswith(MADE_UP) for line in corpora)
