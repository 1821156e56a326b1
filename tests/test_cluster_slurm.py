"""utils/slurm.py on a real Slurm."""

import pytest
from engines import Slurm
from launcher_faults import *  # noqa: F403

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def engine():
    """Slurm as long as this file's tests run."""
    engine = Slurm()
    yield engine
    engine.stop()
