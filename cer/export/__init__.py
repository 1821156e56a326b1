"""Export of a system as a self-contained ONNX graph."""
