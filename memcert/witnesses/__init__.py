"""The referee for counterexamples: properties of VNN-LIB, witnesses of verifiers, judged exactly."""
