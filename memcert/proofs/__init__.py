"""Proofs of a certificate: matching, obligations, solvers, the chain, the result."""
