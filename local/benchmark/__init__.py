"""Benchmarks of the front end and of training."""
