"""Networks as files for other tools: ONNX with binary floats, SMT-LIB 2 with the exact rationals."""
