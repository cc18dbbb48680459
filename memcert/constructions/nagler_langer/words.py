"""What the network stores: blocks of points, each one word of base-3 digits 0 and 1.

Such words leave gaps: behind n digits of value v stand less than half a unit of the last, so that
v is told by ramps of slope 2 3^n.

Source: the codes of Proposition 3.4's proof.
UNTRUSTED.
"""

from collections.abc import Sequence
from fractions import Fraction

CHUNK = 1000


def word(keys: Sequence[int], labels: Sequence[int], key_digits: int, label_digits: int) -> Fraction:
    """Return the sum of theta_i 3^-i over the bits of the first key, its label, the next key, ...

    Args:
        keys: each below 2^key_digits.
        labels: one a key, each below 2^label_digits.
        key_digits: of every key.
        label_digits: of every label.

    Raises:
        ValueError: a key or a label is too long.
    """
    fields = []
    for key, label in zip(keys, labels, strict=True):
        fields += [format(key, f"0{key_digits}b"), format(label, f"0{label_digits}b")]
        if len(fields[-2]) != key_digits or len(fields[-1]) != label_digits or key < 0 or label < 0:
            raise ValueError(f"expected a key of {key_digits} and a label of {label_digits} bits")
    text = "".join(fields)
    # Python refuses to read very long numbers in bases that are no power of two.
    total = 0
    for start in range(0, len(text), CHUNK):
        chunk = text[start : start + CHUNK]
        total = total * 3 ** len(chunk) + int(chunk, 3)
    return Fraction(total, 3 ** len(text))


def codes(digits: int) -> tuple[int, ...]:
    """Return, for v = 0, ..., 2^digits - 1, the bits of v read in base 3. Raises: never."""
    return tuple(int(format(v, "b"), 3) for v in range(1 << digits))
