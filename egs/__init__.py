"""What differs between corpora; after `. ./path.sh`, python3 -m egs.<corpus>.prepare runs a program."""

import cer.base  # noqa: F401  looks after Ctrl-C
