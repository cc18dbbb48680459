"""How large a network of several copies is, exactly, and the number of slots that makes it smallest.

Beside what each copy has (sizes.py) it takes: side by side, 9 weights for every interval that a
copy lacks; one after another, the sum that is carried, 3 m_k + 1 weights for each later copy.

Source: the counts follow copies.py.
UNTRUSTED: `check` recounts every size.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from memcert.constructions.vardi_yehudai_shamir import sizes
from memcert.constructions.vardi_yehudai_shamir.sizes import Shape

IDLE = 9
"""Weights by which a copy waits for one interval of another: x and the two words, three layers."""
SUM = 3
"""Weights that carry the sum past one interval."""


def subsets(points: int, largest: int) -> tuple[int, ...]:
    """Return the sizes of the fewest subsets of at most `largest` points; they differ by at most 1.

    Raises:
        ZeroDivisionError: largest is 0.
    """
    count = -(-points // largest)
    size, more = divmod(points, count)
    return (size + 1,) * more + (size,) * (count - more)


def parameters(shapes: Sequence[Shape], series: bool) -> int:
    """Return the nonzero weights and biases of the network, exactly. Raises: never."""
    first = shapes[0]
    common = first.direction_nonzeros + 1 + first.read_edges + first.read_biases
    return common + sum(sizes.parameters(s) - common for s in shapes) + _beside(_intervals(shapes), series)


def edges(shapes: Sequence[Shape], series: bool) -> int:
    """Return the nonzero weights of the network, exactly. Raises: never."""
    common = shapes[0].direction_nonzeros + shapes[0].read_edges
    return common + sum(sizes.edges(s) - common for s in shapes) + _beside(_intervals(shapes), series)


def layer_widths(shapes: Sequence[Shape], series: bool) -> list[int]:
    """Return the input size and the number of neurons of every layer. Raises: never."""
    first = shapes[0]
    slots = sizes.slot_widths(first.key_bits, first.label_bits) * first.split.slots
    answers = [sizes.OPENING_WIDTH, *slots]
    middle: list[int] = []
    if series:
        for k, shape in enumerate(shapes):
            # Later copies carry the sum y beside what the first one has.
            interval = [width + (k > 0) for width in sizes.INTERVAL_WIDTHS]
            middle += [sizes.FAN_WIDTH + (k > 0), *interval * shape.split.intervals, *answers]
    else:
        counts = _intervals(shapes)
        middle.append(sizes.FAN_WIDTH * len(shapes))
        for j in range(max(counts)):
            active = sum(j < count for count in counts)
            middle += [width * active + 3 * (len(counts) - active) for width in sizes.INTERVAL_WIDTHS]
        middle += [width * len(shapes) for width in answers]
    return [first.dimension, 1, *middle, 1, first.outputs]


def dense(shapes: Sequence[Shape], series: bool) -> int:
    """Return the sum of n_l (n_{l-1} + 1) over the layers, exactly. Raises: never."""
    return sum(after * (before + 1) for before, after in pairwise(layer_widths(shapes, series)))


def best_slots(
    shares: Sequence[int],
    widths: tuple[int, int],
    *,
    series: bool,
    zero_words: Callable[[int], int] = lambda _: 0,
    most: int | None = None,
) -> int:
    """Return the number of slots with the fewest parameters, the smallest among equals.

    Args:
        shares: points of each copy.
        widths: (rho, c).
        series: whether copies stand one after another.
        zero_words: how many words are 0 if an interval has that many points.
        most: the largest number that is allowed, at least 1; None: any.

    Cost: as many trials as the answer, about twice over, each linear in the copies. Raises: never.
    """
    slot = sizes.slot_parameters(*widths, windows=True) * len(shares)
    best, chosen, slots = 0, 0, 1
    # With n slots a copy the cost is at least n * slot, so no larger n can win.
    while (not chosen or slots * slot < best) and (most is None or slots <= most):
        counts = [-(-share // slots) for share in shares]
        words = sizes.INTERVAL_PARAMETERS * sum(counts) - sizes.ZERO_WORD_PARAMETERS * zero_words(slots)
        cost = words + slot * slots + _beside(counts, series)
        if not chosen or cost < best:
            best, chosen = cost, slots
        slots += 1
    return chosen


def _intervals(shapes: Sequence[Shape]) -> list[int]:
    return [shape.split.intervals for shape in shapes]


def _beside(counts: Sequence[int], series: bool) -> int:
    if series:
        return sum(SUM * count + 1 for count in counts[1:])
    return IDLE * (max(counts) * len(counts) - sum(counts))
