"""utils/sge.py on a real Grid Engine."""

import pytest
from engines import GridEngine
from launcher_faults import *  # noqa: F403

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def engine():
    """Grid Engine as long as this file's tests run."""
    engine = GridEngine()
    yield engine
    engine.stop()
