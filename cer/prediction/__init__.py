"""Prediction with a trained system, for data directories, recordings and live audio."""
