"""Code for this task: the paper's experiments, their results, and HTML pages that show them.

After `. ./path.sh`, python3 -m local.<folder>.<name> runs a program. A program imports only its own folder and
local.results, which all folders share.
"""

import cer.base  # noqa: F401  looks after Ctrl-C
