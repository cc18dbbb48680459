"""A planned network on chunks of rows: products, carries, signs, and integers at the outputs.

UNTRUSTED. Every float here is an integer that the plan's bounds keep within 2**53.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from memcert.exact.slices.digits import Array, input_digits, integers
from memcert.exact.slices.places import NONE, Places, Sums, all_places, looked_at, whole
from memcert.exact.slices.plan import Plan
from memcert.exact.slices.products import add_at, add_blocks, multiply
from memcert.exact.slices.stage import Stage

CHUNK_NUMBERS = 1 << 17
"""Values of a layer that are computed together, so that they stay in the cache."""
HELD_NUMBERS = 1 << 26
"""Digits of all layers that are kept in buffers: 512 MB, which only very large layers come near."""
LEAST_CHUNK, MOST_CHUNK = 64, 1024
"""Rows that are computed together."""


Watch = Callable[[int, Stage, Places, Places], None]
"""Told of each layer: its number, its stage, its inputs, and its sums before ReLU."""


class Runner:
    """Evaluates a plan; keeps its buffers. Not shared between threads."""

    def __init__(self, plan: Plan, watch: Watch | None = None) -> None:
        """Reserve nothing yet; `watch` is told of every layer of every chunk."""
        self.plan = plan
        self.watch = watch
        widest = max(stage.width for stage in plan.stages)
        held = sum(stage.width * len(stage.after.bounds) for stage in plan.stages)
        fitting = max(LEAST_CHUNK, min(MOST_CHUNK, CHUNK_NUMBERS // widest))
        self.chunk = max(1, min(fitting, HELD_NUMBERS // held))
        self._buffers: dict[Any, Array] = {}

    def outputs(self, numerators: Array) -> list[list[int]]:
        """Return for each output its integers, one a row: F(x) = integer * 2**exponent / scale.

        Args:
            numerators: (rows, inputs) of integers within the bounds of the plan.

        Raises:
            never, but what `watch` raises.
        """
        found: list[list[int]] = [[] for _ in range(self.plan.stages[-1].width)]
        for start in range(0, len(numerators), self.chunk):
            for column, numbers in zip(
                found, self._outputs(numerators[start : start + self.chunk]), strict=True
            ):
                column.extend(numbers)
        return found

    def _outputs(self, numerators: Array) -> list[list[int]]:
        digits = self._network(numerators)
        rows = digits.shape[2]
        numbers = integers(digits.reshape(len(digits), -1), self.plan.base)
        return [numbers[start : start + rows] for start in range(0, len(numbers), rows)]

    def _network(self, numerators: Array) -> Array:
        # Digits of the outputs: (places, outputs, rows).
        rows, plan = len(numerators), self.plan
        chosen = numerators if plan.inputs is None else numerators[:, plan.inputs]
        full = self._buffer("inputs", (plan.digits, chosen.shape[1], rows))
        input_digits(chosen.T, plan.digits, plan.base, full)
        values = whole(full)
        for number, stage in enumerate(plan.stages):
            sums = self._carried(stage, self._sums(number, stage, values))
            if self.watch is not None:
                self.watch(number, stage, values, sums)
            values = self._rectified(stage, sums) if stage.relu else looked_at(sums)
        return all_places(plan.stages[-1], values, rows)

    def _buffer(self, key: object, shape: tuple[int, ...]) -> Array:
        size = int(np.prod(shape))
        known = self._buffers.get(key)
        if known is None or len(known) < size:
            known = self._buffers[key] = np.empty(size)
        return known[:size].reshape(shape)

    def _sums(self, number: int, stage: Stage, values: Places) -> Places:
        rows = values.full.shape[2]
        thin = tuple([np.zeros((len(members), rows)) for members in stage.after.thin])
        places = len(stage.after.bounds) - len(thin)
        full = self._buffer(number, (places, stage.width, rows))
        sums = Sums(thin, full)
        if stage.dense is not None:
            multiply(stage, stage.dense, values, sums)
        else:
            add_blocks(stage, values, sums)
        for place, extras in enumerate(stage.extras):
            for extra in extras:
                digits = values.at(extra.digit)
                if digits is not None:
                    add_at(extra.matrix.add_to, sums.opened(place), digits, values.rows_at(extra.digit))
        return sums.places()

    def _carried(self, stage: Stage, sums: Places) -> Places:
        # Each place keeps an integer of at most half a unit of the next, which takes the rest.
        unit = float(1 << self.plan.base)
        opened = Sums(sums.thin, sums.full, sums.live)
        carry, before = None, None
        rows = sums.full.shape[2]
        for place, bias in enumerate(stage.biases):
            if bias is None and carry is None and opened.untouched(place):
                continue
            total = opened.opened(place)
            members = stage.after.thin[place] if place < len(sums.thin) else None
            if bias is not None:
                total += bias
            if carry is not None:
                _move(carry, before, total, members)
            carry = None
            if stage.carries[place]:
                carry = self._buffer("carry", (len(total), rows))
                part = self._buffer("part", (len(total), rows))
                np.multiply(total, 1 / unit, out=carry)
                np.rint(carry, out=carry)
                np.multiply(carry, unit, out=part)
                np.subtract(total, part, out=total)
                before = members
        return opened.places()

    def _rectified(self, stage: Stage, sums: Places) -> Places:
        # |digit| <= half a unit of the next place: the highest one that is not 0 has the sign.
        positive = self._positive(stage, sums)
        for digits, rows in zip(sums.full, sums.live, strict=True):
            if rows is not NONE:
                np.multiply(digits, positive, out=digits)
        for members, digits in zip(stage.after.thin, sums.thin, strict=True):
            np.multiply(digits, positive[members], out=digits)
        return looked_at(sums)

    def _positive(self, stage: Stage, sums: Places) -> Array:
        rows, width = sums.full.shape[2], sums.full.shape[1]
        places = [place for place, live in enumerate(sums.live) if live is not NONE]
        if not places:
            positive = np.zeros((width, rows), dtype=bool)
            open_ = np.arange(width * rows)
        else:
            leading = sums.full[places.pop()]
            if places:
                # Two digits together are an integer below 2**53, or the upper one decides alone.
                pair = self._buffer("part", leading.shape)
                np.multiply(leading, float(1 << self.plan.base), out=pair)
                leading = np.add(pair, sums.full[places.pop()], out=pair)
            positive = leading > 0
            open_ = np.flatnonzero(leading == 0) if places or sums.thin else NONE
        flat = positive.ravel()
        for place in reversed(places):
            if not len(open_):
                return positive
            digits = sums.full[place].ravel()[open_]
            flat[open_] = digits > 0
            open_ = open_[digits == 0]
        for members, thin in zip(reversed(stage.after.thin), reversed(sums.thin), strict=True):
            if not len(open_):
                return positive
            neurons, at_rows = np.divmod(open_, rows)
            at = np.searchsorted(members, neurons)
            at[at == len(members)] = 0
            digits = np.where(members[at] == neurons, thin[at, at_rows], 0)
            flat[open_] = digits > 0
            open_ = open_[digits == 0]
        return positive


def _move(carry: Array, before: Array | None, total: Array, members: Array | None) -> None:
    if before is None or (members is not None and len(before) == len(members)):
        total += carry
    elif members is None:
        total[before] += carry
    else:
        total[np.searchsorted(members, before)] += carry
