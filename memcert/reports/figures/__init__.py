"""Figures of a certificate, by matplotlib: an SVG that is a function of what it shows, or a PNG.

UNTRUSTED. Positions and colours are floats; a picture decides nothing, and exact numbers stand beside it.
"""
