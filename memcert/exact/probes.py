"""The witness on columns: each probe's linear form of neurons against its listed values.

UNTRUSTED. A form is compared once for each class of the probe's partition and value that meet.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from memcert.exact.columns import Column, Dyadic, dyadic
from memcert.exact.engine import Engine
from memcert.exact.partitions import Partition
from memcert.exact.samples import listed
from memcert.kernel.certificate import Number, Probe, Witness

NOTHING = Dyadic(0, 0, 1)
PLUS, MINUS = dyadic(1), dyadic(-1)


class Miss(NamedTuple):
    """A probe that has not its listed value at a sample."""

    probe: int
    row: int
    expected: Number
    got: Number


class Probes:
    """The probes of a witness, examined layer by layer; `first` is the first that fails.

    Args:
        witness: partitions and probes of all samples.
        rows: the samples that are evaluated, ascending.
        engine: where sums are made.
    """

    def __init__(self, witness: Witness, rows: Sequence[int], engine: Engine) -> None:
        """Sort the probes by layer."""
        self.first: Miss | None = None
        self._witness, self._rows, self._engine = witness, rows, engine
        self._partitions: dict[str | None, Partition] = {None: Partition(len(rows), None)}
        self._met: dict[str, list[int]] = {}
        self._layers: dict[int, list[int]] = {}
        for k, probe in enumerate(witness.probes):
            self._layers.setdefault(probe.after_layer, []).append(k)

    def examine(self, layer: int, columns: Sequence[Column]) -> None:
        """Examine the probes after that many layers, where these are the columns.

        Raises:
            LimitReached: a form grew beyond the bound on bits.
        """
        for k in self._layers.get(layer, ()):
            # Of several failures the one of the smallest number is reported, whatever its layer.
            if self.first is None or k < self.first.probe:
                self.first = self._miss(k, columns) or self.first

    def _miss(self, k: int, columns: Sequence[Column]) -> Miss | None:
        probe = self._witness.probes[k]
        weighted = zip(probe.coefficients, probe.neurons, strict=True)
        terms = [(dyadic(weight), columns[j]) for weight, j in weighted if weight]
        form = self._engine.combine(terms, NOTHING, relu=False)
        wrong = self._engine.combine([(PLUS, form), (MINUS, self._expected(probe))], NOTHING, relu=False)
        place = _first_nonzero(wrong)
        if place is None:
            return None
        row = self._rows[place]
        at = row if probe.partition is None else self._witness.partitions[probe.partition][row]
        return Miss(k, row, probe.values[at], form.at(form.partition.class_of(place)))

    def _expected(self, probe: Probe) -> Column:
        name = probe.partition
        if name is None:
            return listed([probe.values[row] for row in self._rows], self._partitions[None])
        if name not in self._partitions:
            classes = np.array(self._witness.partitions[name], dtype=np.int64)
            met, index = np.unique(classes[np.asarray(self._rows, dtype=np.int64)], return_inverse=True)
            # Class numbers that no examined sample has are left out, for classes to be dense.
            self._partitions[name] = Partition(len(met), index.astype(np.int32))
            self._met[name] = met.tolist()
        return listed([probe.values[c] for c in self._met[name]], self._partitions[name])


def _first_nonzero(part: Column) -> int | None:
    values = part.values
    nonzero = np.array([value != 0 for value in values]) if isinstance(values, list) else values != 0
    if not nonzero.any():
        return None
    return 0 if part.partition.count == 1 else int(part.partition.of_samples(nonzero).argmax())
