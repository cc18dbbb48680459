"""The trusted base: decoder, network, exact evaluation, the one function that accepts.

TRUSTED. Standard library only, no floats, no options, no `assert`; it imports nothing of memcert
outside this folder. To believe a verdict, read these files.
"""
