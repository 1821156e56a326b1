"""Prediction: from a system's folder to values for data directories, recordings and live sound."""
