"""Exact dense and sparse layers as float64 products of integer digits, each below a proven bound."""
