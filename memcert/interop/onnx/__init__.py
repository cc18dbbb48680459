"""ONNX: a file as a graph, and the exact walk over it, an operator at a time."""
