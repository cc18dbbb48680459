"""A planned network on chunks of rows: products, carries, signs, and integers at the outputs.

UNTRUSTED. Every float here is an integer that the plan's bounds keep within 2**53.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from memcert.exact.slices.digits import Array, input_digits, integers
from memcert.exact.slices.plan import Plan
from memcert.exact.slices.stage import Stage

CHUNK_NUMBERS = 1 << 17
"""Values of a layer that are computed together, so that they stay in the cache."""
HELD_NUMBERS = 1 << 26
"""Digits of all layers that are kept in buffers: 512 MB, which only very large layers come near."""
LEAST_CHUNK, MOST_CHUNK = 64, 1024
"""Rows that are computed together."""


class Places(NamedTuple):
    """Digits of a layer: those of the thin places, then (places, neurons, rows) of the others."""

    thin: tuple[Array, ...]
    full: Array

    def at(self, place: int) -> Array | None:
        """Return the digits at a place; None: they are all 0. Raises: never."""
        if place < len(self.thin):
            return self.thin[place]
        place -= len(self.thin)
        return self.full[place] if place < len(self.full) else None


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
        values = Places((), full)
        for number, stage in enumerate(plan.stages):
            sums = self._sums(number, stage, values)
            self._carry(stage, sums)
            if self.watch is not None:
                self.watch(number, stage, values, sums)
            values = self._rectified(stage, sums) if stage.relu else sums
        return _all_places(plan.stages[-1], values, rows)

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
        if stage.dense is None:
            full.fill(0)
            _add_blocks(stage, values, full)
        else:
            _multiply(stage, stage.dense, values, full)
        sums = Places(thin, full)
        for place, extras in enumerate(stage.extras):
            total = sums.at(place)
            for extra in extras:
                digits = values.at(extra.digit)
                if digits is not None and total is not None:
                    extra.matrix.add_to(total, digits)
        return sums

    def _carry(self, stage: Stage, sums: Places) -> None:
        # Each place keeps an integer of at most half a unit of the next, which takes the rest.
        unit = float(1 << self.plan.base)
        carry, before = None, None
        rows = sums.full.shape[2]
        for place, bias in enumerate(stage.biases):
            total = sums.at(place)
            members = stage.after.thin[place] if place < len(sums.thin) else None
            if total is None:
                break
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

    def _rectified(self, stage: Stage, sums: Places) -> Places:
        # |digit| <= half a unit of the next place: the highest one that is not 0 has the sign.
        full = sums.full
        while len(full) > 1 and not full[-1].any():
            full = full[:-1]
        positive = self._positive(stage, Places(sums.thin, full))
        for digits in full:
            np.multiply(digits, positive, out=digits)
        for members, digits in zip(stage.after.thin, sums.thin, strict=True):
            np.multiply(digits, positive[members], out=digits)
        return Places(sums.thin, full)

    def _positive(self, stage: Stage, sums: Places) -> Array:
        full, rows = sums.full, sums.full.shape[2]
        leading = full[-1]
        rest = len(full) - 1
        if rest:
            # Two digits together are an integer below 2**53.
            leading = self._buffer("part", leading.shape)
            np.multiply(full[-1], float(1 << self.plan.base), out=leading)
            np.add(leading, full[-2], out=leading)
            rest -= 1
        positive: Array = leading > 0
        open_ = np.flatnonzero(leading == 0) if rest or sums.thin else np.zeros(0, dtype=np.intp)
        flat = positive.ravel()
        for place in range(rest - 1, -1, -1):
            if not len(open_):
                return positive
            digits = full[place].ravel()[open_]
            flat[open_] = digits > 0
            open_ = open_[digits == 0]
        for members, thin in zip(reversed(stage.after.thin), reversed(sums.thin), strict=True):
            if not len(open_):
                return positive
            neurons, places = np.divmod(open_, rows)
            at = np.searchsorted(members, neurons)
            at[at == len(members)] = 0
            digits = np.where(members[at] == neurons, thin[at, places], 0)
            flat[open_] = digits > 0
            open_ = open_[digits == 0]
        return positive


def _multiply(stage: Stage, dense: Array, values: Places, full: Array) -> None:
    # All pairs of one place in one product: digits ascend where slices descend, and both lie side by side.
    width, rows = values.full.shape[1:]
    stacked = values.full.reshape(-1, rows)
    first_digit, digits = len(values.thin), len(values.full)
    first, last = stage.main[0], stage.main[-1]
    for place in range(len(full)):
        total = place + len(stage.after.thin) + stage.shift
        low = max(total - last, first_digit)
        high = min(total - first, first_digit + digits - 1)
        if low > high:
            full[place].fill(0)
            continue
        # Digit i meets slice total - i, which stands at column block last - (total - i).
        start = low + last - total
        slices = dense[:, start * width : (start + high - low + 1) * width]
        own = stacked[(low - first_digit) * width : (high - first_digit + 1) * width]
        np.matmul(slices, own, out=full[place])


def _add_blocks(stage: Stage, values: Places, full: Array) -> None:
    offset = len(stage.after.thin) + stage.shift
    for digit, digits in enumerate(values.full, len(values.thin)):
        for part in stage.parts:
            for rows, products in part.products(digits):
                each = products.reshape(len(rows), len(stage.main), rows.shape[1], -1)
                for number, slice_ in enumerate(stage.main):
                    place = digit + slice_ - offset
                    if 0 <= place < len(full):
                        full[place][rows.ravel()] += each[:, number].reshape(-1, each.shape[3])


def _move(carry: Array, before: Array | None, total: Array, members: Array | None) -> None:
    if before is None or (members is not None and len(before) == len(members)):
        total += carry
    elif members is None:
        total[before] += carry
    else:
        total[np.searchsorted(members, before)] += carry


def _all_places(stage: Stage, values: Places, rows: int) -> Array:
    if not values.thin:
        return values.full
    spread = np.zeros((len(values.thin), stage.width, rows))
    for place, (members, digits) in enumerate(zip(stage.after.thin, values.thin, strict=True)):
        spread[place][members] = digits
    return np.concatenate([spread, values.full])
