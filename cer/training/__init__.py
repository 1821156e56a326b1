"""Training: from a training and a dev directory to a model folder."""
