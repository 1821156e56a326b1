"""Command-line programs: python3 -m cer.bin.<name>; --help lists the options."""
