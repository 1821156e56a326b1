"""Modules of run.py, slurm.py and sge.py: they start or submit jobs, watch them, and report how they ended."""
