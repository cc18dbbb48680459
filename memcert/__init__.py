"""Make and check exact certificates of memorization by ReLU networks."""

__version__ = "0.1.0"
