"""What the scripts for data directories do; data_dir.py runs a module for a script."""
