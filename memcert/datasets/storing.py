"""A table that is read block by block, laid aside on disk, and what is true of all its rows.

UNTRUSTED.
"""

from math import lcm

import numpy as np

from memcert.datasets.numbers import is_integer_label
from memcert.datasets.packing import PackedIntegers, pack, pack_labels
from memcert.datasets.problems import Findings
from memcert.datasets.spool import Spool
from memcert.datasets.stored import Blocks, Piece, StoredDataset
from memcert.datasets.stream import Block, Stream
from memcert.datasets.tables import Part, common_denominator, joined, refuse_surrogates
from memcert.formats.files import base_name


def stored(stream: Stream, findings: Findings) -> StoredDataset:
    """Read a table to its end, block by block, and lay it aside.

    Args:
        stream: yet to be read.
        findings: what is wrong with rows, which refuses them all.

    Raises:
        DatasetError: a row with a problem, or no rows.
        UndecidedError: a limit was reached, or the disk is full.
    """
    refuse_surrogates(stream.columns or (), "column", findings)
    writer = _Writer(stream, findings)
    for block in stream.blocks:
        # Rows beside one with a problem are looked at, but not kept.
        if not findings.count:
            writer.take(block)
        findings.begin_block()
    findings.settle()
    if not writer.pieces:
        raise findings.error("expected rows of data, got none")
    table = Blocks(writer.spool, tuple(writer.pieces), stream.text, writer.integers)
    return StoredDataset(
        base_name(findings.file), stream.columns, writer.denominator, tuple(writer.bounds), table
    )


class _Writer:
    """Lays blocks aside, and learns what is true of them all."""

    def __init__(self, stream: Stream, findings: Findings) -> None:
        self.stream, self.findings = stream, findings
        self.spool, self.pieces, self.size = Spool(), list[Piece](), 0
        self.denominator, self.bounds, self.integers = 1, [0] * stream.dimension, True

    def take(self, block: Block) -> None:
        """Write a block. Raises: DatasetError, UndecidedError."""
        part, labels = joined([block.part], self.stream.dimension, self.findings), block.labels
        texts = {label for label in labels if isinstance(label, str)}
        refuse_surrogates(texts, "label", self.findings)
        self.integers = self.integers and all(map(is_integer_label, texts))
        lines = block.lines if block.lines is None or isinstance(block.lines, range) else self._listed(block)
        self.pieces.append(
            Piece(
                self.size,
                len(labels),
                pack(part.numerators, self.spool),
                part.denominator,
                pack_labels(labels, self.spool, text=self.stream.text),
                lines,
            )
        )
        self.size += len(labels)
        self._widen(part)

    def _listed(self, block: Block) -> PackedIntegers:
        return pack(np.array(block.lines, dtype=np.int64), self.spool)

    def _widen(self, part: Part) -> None:
        denominator = lcm(self.denominator, part.denominator)
        common_denominator({denominator}, part.numerators.size, self.findings)
        mine, its = denominator // self.denominator, denominator // part.denominator
        low, high = part.numerators.min(axis=0).tolist(), part.numerators.max(axis=0).tolist()
        found = [max(-a, b) for a, b in zip(low, high, strict=True)]
        self.bounds = [max(a * mine, b * its) for a, b in zip(self.bounds, found, strict=True)]
        self.denominator = denominator
