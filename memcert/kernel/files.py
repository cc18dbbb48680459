"""Read whole files safely: regular files only, bounded, gzip by its first bytes.

TRUSTED. Opening never blocks on a pipe; a bomb is stopped while it unpacks.
"""

import os
import stat
import zlib

from memcert.kernel.verdict import LimitReached, Malformed, Words

MAX_BYTES = 1 << 28
"""Largest certificate that is read, packed or unpacked, in bytes."""
CHUNK = 1 << 20
"""Bytes that are unpacked at a time."""


def open_regular(path: str) -> int:
    """Open a regular file for reading and return its descriptor.

    Raises:
        OSError: it cannot be opened, or is a folder, a pipe or a device.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "not a regular file", path)
    return descriptor


def read_bytes(path: str) -> bytes:
    """Return the bytes of a file, unpacked if it is one whole gzip member.

    Raises:
        OSError: as `open_regular`.
        LimitReached: more than MAX_BYTES.
        Malformed: damaged gzip, or something after its first member.
    """
    with os.fdopen(open_regular(path), "rb") as file:
        packed = file.read(MAX_BYTES + 1)
    if len(packed) > MAX_BYTES:
        raise LimitReached("bytes", "file", f"at most {MAX_BYTES}", Words("more"))
    if packed[:2] != b"\x1f\x8b":
        return packed
    unpacker, size, rest = zlib.decompressobj(31), 0, packed
    try:
        while not unpacker.eof:  # a bomb is counted before any of it is kept
            chunk = unpacker.decompress(rest, CHUNK)
            size, rest = size + len(chunk), unpacker.unconsumed_tail
            if size > MAX_BYTES:
                raise LimitReached("bytes", "file", f"at most {MAX_BYTES}", Words("more"))
            if not chunk and not rest:
                break  # it was cut
    except zlib.error as error:
        raise Malformed("gzip", "file", "an undamaged gzip member", str(error)) from None
    if not unpacker.eof or unpacker.unused_data:
        raise Malformed("gzip", "file", "one whole gzip member", Words("a cut or second one"))
    return zlib.decompress(packed, 31, size)
