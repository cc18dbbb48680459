"""Points that a file holds as one array, some rows at a time.

UNTRUSTED.
"""

from collections.abc import Iterator

from memcert.datasets.arrays import coordinates
from memcert.datasets.binary import StoredArray
from memcert.datasets.problems import Findings
from memcert.datasets.stream import Block, Stream

BLOCK = 1 << 18
"""Numbers that are read at once."""


def points_of(array: StoredArray, columns: tuple[str, ...] | None, findings: Findings) -> Stream:
    """Return the rows of an array, exactly, yet without labels.

    Args:
        array: shape (N, ..); what follows its first index is flattened.
        columns: names of the coordinates, or None.
        findings: takes NaN and infinities.

    Raises:
        DatasetError: while reading, damaged, or of another type than numbers.
        UndecidedError: while reading, numbers need too many bits.
    """
    stream = Stream(array.dimension, columns, None, text=False, blocks=iter(()), rows_ahead=array.size)
    stream.blocks = _blocks(array, stream, findings)
    return stream


def _blocks(array: StoredArray, stream: Stream, findings: Findings) -> Iterator[Block]:
    for block in array.blocks(BLOCK):
        first = stream.size
        stream.size += len(block)
        part = coordinates(block, findings, stream.columns, first)
        yield Block(part, (), range(first, stream.size))
