"""A system as an ONNX graph that needs nothing beside it."""
