"""Training: from two data directories to a system's folder."""
