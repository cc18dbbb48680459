"""Box files `memcert-boxes/1`: why the label is constant on the box around a row, and their replay.

Standard library and the kernel's readers only, outside the kernel; no solver and no float.
"""
