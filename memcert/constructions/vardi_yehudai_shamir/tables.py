"""What the network stores: samples cut into intervals, keys and labels packed into two words each.

Source: Theorem A.1's u_j and w_j.
Departure: a short last interval is padded with key 0 and label 0, which add nothing.
UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from memcert.constructions.vardi_yehudai_shamir.sizes import Split


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval [a, b] of values and the n fields that belong to it.

    Args:
        ends: (2a, 2b).
        keys, labels: n fields each, padded with 0.
        key_word, label_word: the fields as one binary number each, the first field leading.
    """

    ends: tuple[int, int]
    keys: tuple[int, ...]
    labels: tuple[int, ...]
    key_word: int
    label_word: int


def intervals(
    keys: Sequence[int], labels: Sequence[int], split: Split, widths: tuple[int, int], wide: bool
) -> tuple[Interval, ...]:
    """Cut ascending keys into intervals of `split.slots` and pack each.

    Args:
        keys: integer parts of the values, ascending, N of them.
        labels: one a key, in the same order.
        split: m and n with m = ceil(N / n).
        widths: (rho, c), bits of a key and of a label.
        wide: whether windows reach 1/2 beyond [key, key + 1].

    Returns:
        m intervals: a = first key (- 1/2), b = last key + 1 (+ 1/2). Cost: linear in N rho.

    Raises:
        ValueError: a key or a label needs more bits than its field has.
    """
    found = []
    for start in range(0, len(keys), split.slots):
        own, values = keys[start : start + split.slots], labels[start : start + split.slots]
        padding = (0,) * (split.slots - len(own))
        fields = (*own, *padding), (*values, *padding)
        found.append(
            Interval(
                ends=(2 * own[0] - wide, 2 * own[-1] + 2 + wide),
                keys=fields[0],
                labels=fields[1],
                key_word=packed(fields[0], widths[0]),
                label_word=packed(fields[1], widths[1]),
            )
        )
    return tuple(found)


def packed(fields: Sequence[int], width: int) -> int:
    """Return the fields as one number in base 2^width, the first field leading.

    Raises:
        ValueError: a field is not in [0, 2^width).
    """
    if not all(0 <= field < 1 << width for field in fields):
        raise ValueError(f"expected fields of {width} bits, got {max(fields, key=int.bit_length):#x}")
    # One conversion of a bit string is linear in its length; shifting a growing number is not.
    return int("".join(format(field, f"0{width}b") for field in fields), 2)
