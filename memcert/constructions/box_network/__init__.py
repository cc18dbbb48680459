"""Boxes in the maximum norm: shared stages of the constructions that store a box a sample.

Glossary: S boxes of radius mu around stored points; lambda the smallest distance of points with
different labels, in the maximum norm; V(x) = sum_k relu(x_k - a_k) + relu(b_k - x_k), the
distance of x from a box, summed over coordinates; y the level, the code that is to be read.
UNTRUSTED.
"""
