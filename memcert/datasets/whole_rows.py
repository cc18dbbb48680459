"""Rows for models whose input has an integer type: whole numbers of a range, after the preprocessing.

UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from memcert.datasets.dataset import Dataset, exact
from memcert.datasets.stored import Rows
from memcert.errors import DatasetError
from memcert.kernel.verdict import shown

_WORD_BITS = 62


@dataclass(frozen=True, slots=True)
class WholeRows:
    """What a model of an integer type takes.

    Args:
        kind: the type's name.
        low: the least integer that it has.
        high: the largest one.
        moved: factor and shift of every coordinate, integers, which are applied first.
    """

    kind: str
    low: int
    high: int
    moved: Sequence[tuple[int, int]]

    def confirm(self, part: Dataset, rows: Rows, start: int) -> None:
        """Refuse rows that hold another number.

        Args:
            part: consecutive rows.
            rows: of which it is a part.
            start: the number of the first one.

        Raises:
            DatasetError: it names row, column and number.
        """
        values, bottom = part.numerators, part.denominator
        plain = all(pair == (1, 0) for pair in self.moved)
        if not plain or bottom.bit_length() > _WORD_BITS:
            factors, shifts = (np.array(column, dtype=object) for column in zip(*self.moved, strict=True))
            values = values.astype(object) * factors + shifts * bottom
        fit = (values % bottom == 0).astype(bool)
        whole = values // bottom
        # As Python's integers: a bound may have more bits than a word.
        if int(whole.min()) < self.low or int(whole.max()) > self.high:
            fit &= ((whole.astype(object) >= self.low) & (whole.astype(object) <= self.high)).astype(bool)
        if fit.all():
            return
        row, column = (int(place) for place in np.argwhere(~fit)[0])
        name = column if part.columns is None else part.columns[column]
        told = "" if plain else f", which --preprocess makes {shown(exact(int(values[row, column]), bottom))}"
        raise DatasetError(
            f"{shown(rows.name)}: {rows.place(start + row)}, column {shown(name)}: expected an integer from "
            f"{self.low} to {self.high}, as the model takes ({self.kind}), got "
            f"{shown(exact(int(part.numerators[row, column]), bottom))}{told}"
        )
