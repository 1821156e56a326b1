"""Programs: parse, call, write. Run as `python3 -m cer.bin.<name>`; --help tells the options."""
