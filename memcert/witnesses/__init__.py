"""The referee for counterexamples: VNN-LIB properties, witnesses of verifiers, judged and repaired exactly."""
