"""A network's exact outputs, by the engine that suits it: slices on BLAS, else columns.

UNTRUSTED, and compared with the kernel in tests.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

import numpy as np

from memcert.datasets.dataset import Dataset
from memcert.datasets.stored import Rows
from memcert.exact import engine
from memcert.exact.columns import Column, column, dyadic
from memcert.exact.partitions import Partition
from memcert.exact.slices.digits import UnprovedError
from memcert.exact.slices.freivalds import Freivalds
from memcert.exact.slices.machine import require_exact_products
from memcert.exact.slices.plan import Plan, plan, scaled_layers
from memcert.exact.slices.threads import Crew
from memcert.kernel import network as kernel
from memcert.kernel.network import Network

MANY = 5
"""Terms of a neuron from which matrix products pay; half of the neurons must have so many."""
SLICES, COLUMNS, INTEGERS = "float64 slices", "columns", "integers"
"""What an evaluation rests on."""


class Outputs(NamedTuple):
    """Exact outputs: F(x)[k] = columns[k][row] * unit, unit > 0."""

    columns: list[list[int]]
    unit: Fraction


class Evaluator:
    """Evaluates one network on any rows of one data set, exactly. Not shared between threads.

    Args:
        network: any.
        dataset: whose rows bound what may come.
        paranoid: confirm every layer modulo a prime, in int64, or use no BLAS at all.

    Cost to make: some operations on Python integers for each nonzero weight.
    """

    def __init__(self, network: Network, dataset: Rows, *, paranoid: bool = False) -> None:
        """Choose the engine, and plan it."""
        self.network, self.paranoid, self._denominator = network, paranoid, dataset.denominator
        self.plan: Plan | None = None
        self._crew: Crew | None = None
        if pays(network):
            try:
                require_exact_products()
                self.plan = plan(network, dataset.bounds, dataset.denominator)
            except UnprovedError:
                self.plan = None  # numbers too long, or too wide a range of them

    def __getstate__(self) -> dict[str, Any]:
        """Leave the buffers behind, where the work goes to another process. Raises: never."""
        return {**self.__dict__, "_crew": None}

    @property
    def engine(self) -> str:
        """What the outputs rest on. Raises: never."""
        if self.plan is not None:
            return f"{SLICES}, confirmed modulo 2^31-1" if self.paranoid else SLICES
        return INTEGERS if self.paranoid else COLUMNS

    @property
    def batch(self) -> int:
        """How many rows are best evaluated at once. Raises: never."""
        return 1024 if self.plan is None else 8 * self._running(self.plan).chunk

    def __call__(self, rows: Dataset) -> Outputs:
        """Return F(x_i) for rows of the data set.

        Raises:
            LimitReached: a value may exceed MAX_VALUE_BITS bits.
            UndecidedError: if paranoid, the machine was found to multiply wrongly.
        """
        if self.plan is not None:
            unit = Fraction(2) ** self.plan.exponent / self.plan.scale
            return Outputs(self._running(self.plan).outputs(rows.numerators), unit)
        if self.paranoid:
            return _by_integers(self.network, rows)
        return _together(engine.outputs(self.network, rows), rows.size)

    def _running(self, plan: Plan) -> Crew:
        if self._crew is None:
            layers = scaled_layers(self.network, self._denominator)[0] if self.paranoid else []
            watch = Freivalds(plan, layers) if self.paranoid else None
            self._crew = Crew(plan, watch)
        return self._crew


def pays(network: Network) -> bool:
    """Whether half of the neurons have the terms from which matrix products pay. Raises: never."""
    terms = np.concatenate([np.diff(np.asarray(layer.indptr)) for layer in network.layers])
    return bool(2 * int((terms >= MANY).sum()) >= len(terms))


def output_columns(network: Network, dataset: Dataset, select: Sequence[int] | None = None) -> list[Column]:
    """Return the columns of the network's outputs, at all rows or those selected.

    Raises:
        LimitReached: a value may exceed MAX_VALUE_BITS bits.
    """
    rows = dataset if select is None else chosen(dataset, select)
    return columns_of(Evaluator(network, rows), rows)


def columns_of(evaluate: Evaluator, rows: Dataset) -> list[Column]:
    """Return the columns of a network's outputs at rows of the evaluator's data set.

    Raises:
        LimitReached: a value may exceed MAX_VALUE_BITS bits.
    """
    if evaluate.plan is None:
        return engine.outputs(evaluate.network, rows)
    found = evaluate(rows)
    scale = dyadic(1 / found.unit)
    partition = Partition(rows.size, None)
    return [_column(values, partition, scale) for values in found.columns]


def _column(values: list[int], partition: Partition, scale: Any) -> Column:
    low, high = min(values), max(values)
    # 1 / unit = odd * 2**power / divisor, and a column is values / (divisor * 2**power).
    numbers = values if scale.divisor == 1 else [value * scale.divisor for value in values]
    return column(partition, numbers, scale.power, scale.odd, low * scale.divisor, high * scale.divisor)


def chosen(dataset: Dataset, rows: Sequence[int] | slice) -> Dataset:
    """Return some rows of a data set; their labels too, but not their lines. Raises: IndexError."""
    if isinstance(rows, slice):
        numerators, labels = dataset.numerators[rows], dataset.labels[rows]
    else:
        numerators = dataset.numerators[np.asarray(rows, dtype=np.int64)]
        labels = tuple([dataset.labels[row] for row in rows])
    return Dataset(dataset.name, dataset.columns, numerators, dataset.denominator, labels)


def _together(columns: Sequence[Column], size: int) -> Outputs:
    # Python integers over one denominator.
    power = max(0, *(part.power for part in columns))
    divisor = lcm(*(part.divisor for part in columns))
    found = []
    for part in columns:
        factor = divisor // part.divisor << (power - part.power)
        values = [int(value) * factor for value in part.values]
        if part.partition.count == 1:
            values *= size
        elif part.partition.index is not None:
            values = [values[c] for c in part.partition.index.tolist()]
        found.append(values)
    return Outputs(found, Fraction(1, divisor << power))


def _by_integers(network: Network, rows: Dataset) -> Outputs:
    values = kernel.Values((), 1)
    for values in kernel.stages(network, [rows.point(row) for row in range(rows.size)]):  # noqa: B007 - the last
        pass
    return Outputs(list(values.columns), Fraction(1, values.denominator))
