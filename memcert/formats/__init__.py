"""Data sets in; certificates and results in and out."""
