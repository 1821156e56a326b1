"""A trained system: its folder, the inputs and the outputs of its networks."""
