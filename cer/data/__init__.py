"""Kaldi's data directories: archives, recordings, the time axis, normalisation by speaker."""
