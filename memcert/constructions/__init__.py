"""Memorizing networks of the literature: one folder a paper, one file a stage."""
