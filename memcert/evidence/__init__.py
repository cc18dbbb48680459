"""Evidence files `memcert-evidence/1`: why a data set has no network of some class.

Standard library and the kernel's readers only, outside the kernel: it knows nothing of evidence.
"""
