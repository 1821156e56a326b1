"""What `python3 local/results/compare.py` imports as `cer`: links to this file stand beside the programs.

Python looks first in the folder of the program that it was told to run. So this puts the recipe's folder there instead,
and the package cer in its own place: programs run by their path as they do by `python3 -m`, without path.sh.
"""

import sys
from pathlib import Path

if __name__ == "cer":
    sys.path[0] = next(str(folder) for folder in Path(__file__).absolute().parents if (folder / "cer/base").exists())
    del sys.modules["cer"]
    import cer  # noqa: F401
