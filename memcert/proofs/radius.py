"""The largest radius at which the chosen cases still hold, sample by sample, exactly.

Every chosen guard that depends on the radius r says s_i - r n >= 0; the proved radius of sample i
is the least s_i / n of its guards. For guards with one direction D the greatest threshold on
either side of D(x_i) is enough, an int64 comparison a sample; others are compared as fractions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from memcert.proofs.columns import Space
from memcert.proofs.guards import Edge, Slack
from memcert.proofs.integers import SAFE, Array, largest
from memcert.proofs.masks import Mask, Masks
from memcert.proofs.partitions import Partition

_NEVER = -SAFE


@dataclass(slots=True, eq=False)
class _Side:
    """The greatest thresholds so far, times `scale`, of sign * D; _NEVER: none."""

    scale: int
    thresholds: Array


class Radius:
    """Collects the chosen guards of every sample."""

    def __init__(self, space: Space, masks: Masks) -> None:
        """Start without limits."""
        self._space, self._masks = space, masks
        self._sides: dict[tuple[int, int], _Side] = {}
        size = space.points.size
        self._known = np.zeros(size, dtype=np.bool_)
        self._open = np.zeros(size, dtype=np.bool_)
        self._slack: Array = np.zeros(size, dtype=object)
        self._norm: Array = np.ones(size, dtype=object)

    def note(self, limit: Edge | Slack, chosen: Mask) -> None:
        """Take in that the samples of `chosen` rest on a guard. Cost: linear in N. Raises: never."""
        if isinstance(limit, Slack):
            self._note_slack(limit, np.flatnonzero(self._masks.lifted(chosen)))
            return
        for sign in (1, -1):
            classes = limit.sign == sign
            if classes.any():
                self._note_side(limit, sign, classes, chosen)

    def limits(self) -> tuple[tuple[Fraction | None, bool], ...]:
        """Return (radius, whether that radius itself is left out) a sample; None: no limit.

        Cost: linear in the samples, a fraction each. Raises: never.
        """
        for (number, sign), side in self._sides.items():
            direction = self._space.directions[number]
            known = side.thresholds != _NEVER
            slack = sign * side.scale * direction.values.wide() - side.thresholds.astype(object)
            norm = np.full(len(slack), direction.norm * side.scale, dtype=object)
            at = np.flatnonzero(known)
            self._lower(at, slack[at], norm[at], strict=False)
        self._sides.clear()
        unit = self._space.points.denominator
        return tuple(
            (Fraction(int(s), int(n) * unit), bool(o)) if k else (None, False)
            for k, o, s, n in zip(self._known, self._open, self._slack, self._norm, strict=True)
        )

    def _note_slack(self, limit: Slack, at: Array) -> None:
        slack, upper = limit.slack.wide()[at], limit.norms.upper.wide()[limit.partition.classes[at]]
        if limit.norms.sharp:
            self._lower(at, slack, upper, limit.strict)
            return
        # The norm is at most `upper`: only where even that would lower the radius is it needed.
        lower = slack * self._norm[at] <= self._slack[at] * upper
        needed = ~self._known[at] | lower.astype(np.bool_)
        at, slack = at[needed], slack[needed]
        classes, place = np.unique(limit.partition.classes[at], return_inverse=True)
        self._lower(at, slack, limit.norms.exact(classes)[place.reshape(-1)], limit.strict)

    def _note_side(self, edge: Edge, sign: int, classes: Array, chosen: Mask) -> None:
        side = self._sides.get((edge.direction, sign))
        if side is None:
            never = np.full(self._space.points.size, _NEVER, dtype=np.int64)
            side = self._sides[edge.direction, sign] = _Side(1, never)
        common = np.gcd(edge.numerator[classes], edge.denominator[classes])
        numerators, denominators = edge.numerator[classes] // common, edge.denominator[classes] // common
        scale = _common(side.scale, set(denominators.tolist()))
        selected = self._selected(edge.partition, classes, chosen)
        if scale is None:
            self._note_wide(edge, sign, selected)
            return
        scaled = numerators * (scale // denominators)
        if largest(scaled) >= SAFE or not self._rescaled(side, scale):
            self._note_wide(edge, sign, selected)
            return
        if edge.partition.count == 1:
            limit: Array | np.int64 = np.int64(scaled[0])
        else:
            by_class = np.zeros(edge.partition.count, dtype=np.int64)
            by_class[classes] = scaled
            limit = by_class[edge.partition.classes]
        if selected is None:
            np.maximum(side.thresholds, limit, out=side.thresholds)
        else:
            np.maximum(side.thresholds, limit, out=side.thresholds, where=selected)

    def _selected(self, partition: Partition, classes: Array, chosen: Mask) -> Array | None:
        """Return the samples concerned, None for all of them."""
        if classes.all():
            return None if chosen is self._masks.full else self._masks.lifted(chosen)
        return self._masks.lifted(chosen) & classes[partition.classes]

    def _rescaled(self, side: _Side, scale: int) -> bool:
        if scale == side.scale:
            return True
        factor = scale // side.scale
        known = side.thresholds != _NEVER
        if largest(side.thresholds[known]) * factor >= SAFE or factor >= SAFE:
            return False
        side.thresholds[known] *= np.int64(factor)
        side.scale = scale
        return True

    def _note_wide(self, edge: Edge, sign: int, selected: Array | None) -> None:
        direction = self._space.directions[edge.direction]
        at = edge.partition.classes
        slack = sign * direction.values.wide() * edge.denominator[at] - edge.numerator[at]
        norm = edge.denominator[at] * direction.norm
        chosen = np.arange(len(slack)) if selected is None else np.flatnonzero(selected)
        self._lower(chosen, slack[chosen], norm[chosen], strict=False)

    def _lower(self, at: Array, slack: Array, norm: Array, strict: bool) -> None:
        """Take in slack / norm, norm >= 0, for the samples `at`, each once."""
        moving = (norm > 0).astype(np.bool_)
        at, slack, norm = at[moving], slack[moving], norm[moving]
        new, old = slack * self._norm[at], self._slack[at] * norm
        less = ~self._known[at] | (new < old).astype(np.bool_)
        equal = self._known[at] & (new == old).astype(np.bool_)
        self._open[at[equal]] |= strict
        at, slack, norm = at[less], slack[less], norm[less]
        self._known[at] = True
        self._slack[at], self._norm[at], self._open[at] = slack, norm, strict


def _common(scale: int, denominators: Iterable[int]) -> int | None:
    """Return the least common multiple of all, None where it is too long for machine integers."""
    for denominator in denominators:
        scale = lcm(scale, denominator)
        if scale >= SAFE:
            return None
    return scale
