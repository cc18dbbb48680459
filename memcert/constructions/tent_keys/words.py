"""What the network stores: blocks of points, each with the one number whose orbit passes their keys.

A word p in (0, 1) is made by going back through the tent map: its branch z/2 rises, 1 - z/2 falls.
With rho steps back along the digits of a key, T^rho(p) is where the next slot starts, and 2^rho p
lies in (key, key + 1). One step back for a label bit chooses the branch that the bit names.

UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Word:
    """One block: its number p, and what its orbit shows.

    Args:
        number: p.
        keys: by slot, 2^rho p where the key is compared: strictly between the key and key + 1.
        labels: by slot.
    """

    number: Fraction
    keys: tuple[Fraction, ...]
    labels: tuple[int, ...]


def word(keys: Sequence[int], labels: Sequence[int], key_bits: int, label_bits: int) -> Word:
    """Return the word with the number whose orbit passes labels and keys, the first slot first.

    Args:
        keys: each below 2^key_bits.
        labels: one a key, each below 2^label_bits, its leading bit passed first.
        key_bits: rho >= 1.
        label_bits: c >= 0.

    Returns:
        Its number is strictly between 0 and 1, with denominator 2^(n (rho + c) + 1).

    Raises:
        ValueError: a key or a label is too long.
    """
    numerator, places = 1, 1
    passed: list[Fraction] = []
    for key, label in zip(reversed(keys), reversed(labels), strict=True):
        if not 0 <= key < 1 << key_bits or not 0 <= label < 1 << label_bits:
            raise ValueError(f"expected a key of {key_bits} and a label of {label_bits} bits")
        # T^rho falls on the cells of odd number, rises on those of even.
        odd = key % 2
        numerator = ((key + 1) << places) - numerator if odd else (key << places) + numerator
        passed.append(Fraction(numerator, 1 << places))
        places += key_bits
        for place in range(label_bits):
            places += 1
            if label >> place & 1:
                numerator = (1 << places) - numerator
    return Word(Fraction(numerator, 1 << places), tuple(reversed(passed)), tuple(labels))
