"""The error of an output as a sum over all roundings, each by how far it moves the output: a sharp bound.

UNTRUSTED. Where every choice is sure, the program is affine, and computed - exact = sum over instructions of
J_l delta_l: J_l the derivative of the outputs by value l, |delta_l| at most what that instruction alone adds.
A choice that is not sure has a slope between those of its two branches; the middle of them is taken for it,
and half their difference, times the error of what it reads, is added to delta_l. J is computed backwards in
float64, with a radius that holds its own errors.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from memcert.semantics.any_order import AnyOrder
from memcert.semantics.bounds import TINIEST, UP, Bound, Kept
from memcert.semantics.elementwise import ratio
from memcert.semantics.precision import Array
from memcert.semantics.program import (
    Absolute,
    Add,
    Divide,
    Dot,
    Fold,
    Gather,
    Instruction,
    Larger,
    Multiply,
    Negate,
    Normalize,
    Slope,
    sources,
)

TINY = 2.0**-50
"""More than one operation may lose, relative to its result."""


class Slopes(NamedTuple):
    """Rows of a Jacobian, one a target: within `radius` of `center`."""

    center: Array
    radius: Array

    @property
    def size(self) -> Array:
        """At least |J|. Raises: never."""
        return np.asarray((np.abs(self.center) + self.radius) * UP)


def all_finite(kept: list[Kept | None]) -> bool:
    """Whether the bounds of one row are finite, all of them. Raises: never."""
    return all(one is None or bool(np.isfinite(one.bound.reach).all()) for one in kept)


def target_errors(engine: AnyOrder, kept: list[Kept | None], targets: Array) -> Array:
    """Return at least how far linear forms of the outputs of one row may be off.

    Args:
        engine: that kept them.
        kept: what it kept of the row, all of it finite.
        targets: forms by outputs; small integers.

    Raises:
        never.
    """
    program = engine.program
    slopes: list[Slopes | None] = [None] * len(program.instructions)
    slopes[program.output] = Slopes(targets, np.zeros_like(targets))
    varies = program.varying()
    total = np.zeros(len(targets))
    with np.errstate(all="ignore"):
        for place in range(len(program.instructions) - 1, -1, -1):
            slope, one = slopes[place], kept[place]
            if slope is None or one is None:
                continue
            local = _own(program.instructions[place], one, kept) if varies[place] else one.bound.error
            if local is not None:
                added = (slope.size @ np.broadcast_to(local, one.bound.center.shape)[0]) * _sum(slope)
                total = (total + added + _least(slope)) * UP
            for source, part in _back(engine, place, slope, kept) if varies[place] else ():
                before = slopes[source]
                slopes[source] = part if before is None else _plus(before, part)
            slopes[place] = None
    return np.asarray(np.where(np.isnan(total), np.inf, total))


def _own(instruction: Instruction, one: Kept, kept: list[Kept | None]) -> Array | None:
    """Return at least what an instruction adds to the error, a choice that is not sure included."""
    if one.choice is None:
        return one.local
    read = [state.bound for source in sources(instruction) if (state := kept[source]) is not None]
    if isinstance(instruction, Larger):
        doubt = (read[0].error + read[1].error) * 0.5
    elif isinstance(instruction, Slope):
        doubt = (1 + read[1].size) * read[0].error * 0.5
    else:
        doubt = read[0].error
    doubt = np.where(one.choice == 0, (doubt + 4 * TINIEST) * UP, 0.0)
    return np.asarray(doubt if one.local is None else (doubt + one.local) * UP)


def _least(slope: Slopes) -> float:
    return int(slope.center.shape[1]) * TINIEST


def _sum(slope: Slopes) -> float:
    return 1.0 + (int(slope.center.shape[1]) + 4) * 2.0**-52


def _back(
    engine: AnyOrder, place: int, slope: Slopes, kept: list[Kept | None]
) -> Iterator[tuple[int, Slopes]]:
    """Yield, for each value that an instruction reads, its part of the slopes."""
    instruction, one = engine.program.instructions[place], kept[place]
    read = sources(instruction)
    if isinstance(instruction, Dot):
        yield read[0], _through_dot(engine, place, slope)
    elif isinstance(instruction, Gather):
        sizes = [engine.program.sizes[source] for source in read]
        yield from zip(read, _through_gather(instruction, slope, sizes), strict=True)
    elif one is not None and read:
        bounds = [state.bound for source in read if (state := kept[source]) is not None]
        choice = np.ones(1) if one.choice is None else one.choice
        yield from zip(read, THROUGH[type(instruction)](instruction, slope, choice, bounds), strict=False)


def _plus(a: Slopes, b: Slopes) -> Slopes:
    center = a.center + b.center
    return Slopes(center, (a.radius + b.radius + np.abs(center) * TINY) * UP)


def _through_dot(engine: AnyOrder, place: int, slope: Slopes) -> Slopes:
    weights = engine.weights[place][0]
    outer = weights.matrix.shape[1]
    count = len(slope.center)
    center, radius = (part.reshape(-1, outer) for part in slope)
    back = weights.matrix.T
    size = np.abs(back)
    off = np.abs(center) @ size * ((outer + 8) * 2.0**-52) + radius @ size * (1.0 + (outer + 8) * 2.0**-52)
    if weights.off is not None:
        off = off + (np.abs(center) + radius) @ weights.off.T * (1.0 + (outer + 8) * 2.0**-52)
    off = (off + (outer + 4) * 4 * TINIEST) * UP
    return Slopes((center @ back).reshape(count, -1), off.reshape(count, -1))


def _through_gather(one: Gather, slope: Slopes, sizes: list[int]) -> list[Slopes]:
    wide = sum(sizes)
    counts = np.bincount(one.places, minlength=wide)
    parts = []
    for values in (slope.center, slope.radius, np.abs(slope.center)):
        spread = np.zeros((wide, len(values)))
        np.add.at(spread, one.places, values.T)
        parts.append(spread.T)
    center, radius = parts[0], (parts[1] + parts[2] * (counts + 8) * 2.0**-52) * UP
    ends = np.cumsum(sizes)[:-1]
    return [Slopes(c, r) for c, r in zip(np.split(center, ends, 1), np.split(radius, ends, 1), strict=True)]


def _fold(one: Fold, slope: Slopes, _: Array, __: list[Bound]) -> list[Slopes]:
    parts = [np.repeat(part, one.width, axis=1) for part in slope]
    return [Slopes(*(part if one.left_out is None else np.where(one.left_out, 0.0, part) for part in parts))]


def _sloped(_: Slope, slope: Slopes, choice: Array, read: list[Bound]) -> list[Slopes]:
    steep = _times(slope, read[1])
    middle = _plus(_shared(slope, np.full(1, 0.5)), _shared(steep, np.full(1, 0.5)))
    parts = zip(steep, slope, middle, strict=True)
    return [Slopes(*(np.where(choice < 0, a, np.where(choice > 0, b, c)) for a, b, c in parts))]


def _shared(slope: Slopes, share: Array) -> Slopes:
    # 0, a half or 1: exact, but below the normal numbers.
    return Slopes(slope.center * share, np.where(share > 0, slope.radius * share + TINIEST, 0.0))


def _times(slope: Slopes, w: Bound) -> Slopes:
    center = slope.center * w.center
    radius = slope.radius * w.size + np.abs(slope.center) * w.radius + np.abs(center) * TINY
    return Slopes(center, (radius + 4 * TINIEST) * UP)


def _inverse(w: Bound) -> Bound:
    least = np.maximum((np.abs(w.center) - w.radius) / UP, 0.0)
    center = 1.0 / w.center
    radius = (w.radius / np.abs(w.center) / least + np.abs(center) * TINY + 4 * TINIEST) * UP
    return Bound(center, radius, np.zeros_like(center))


THROUGH: dict[type, Callable[[Any, Slopes, Array, list[Bound]], list[Slopes]]] = {
    Fold: _fold,
    Add: lambda one, slope, _, __: [slope, Slopes(one.sign * slope.center, slope.radius)],
    Multiply: lambda _, slope, __, read: [_times(slope, read[1])],
    Divide: lambda _, slope, __, read: [_times(slope, _inverse(read[1]))],
    Larger: lambda _, slope, choice, __: [_shared(slope, (1 + choice) / 2), _shared(slope, (1 - choice) / 2)],
    Absolute: lambda _, slope, choice, __: [Slopes(slope.center * choice, slope.radius)],
    Negate: lambda _, slope, __, ___: [Slopes(-slope.center, slope.radius)],
    Normalize: lambda _, slope, __, read: [_times(slope, ratio(read[1], *read[4:]))],
    Slope: _sloped,
}
"""How slopes pass an instruction, towards the values that depend on the row."""
