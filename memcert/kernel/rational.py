"""Exact rationals as text: one spelling for each number, everything else refused.

TRUSTED. An integer below 2^53 in absolute value is a JSON integer. A longer one is
`[-]0x<hex>`, or, if even, its odd part and power, `[-]0x<hex>p+<k>`. Another p/q in lowest terms
is `[-]p/q` in decimal if |p| and q are below 2^53; else `[-]0x<hex>p-<k>` if q = 2^k; else
`[-]0x<hex>/0x<hex>`.
"""

import re
from fractions import Fraction
from functools import lru_cache

from memcert.kernel.verdict import LimitReached, Malformed

MAX_NUMBER_BITS = 1 << 20
"""Longest number that is read, in bits."""
MAX_QUOTIENT = 1 << 15
"""Longest `0x<hex>/0x<hex>`, in characters: bringing it to lowest terms takes quadratic time."""
SMALL = 1 << 53
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,15}")
_DECIMAL = re.compile(r"(-?[0-9]{1,16})/([0-9]{1,16})")
_HEX = re.compile(r"(-?0x[0-9a-f]+)(?:p([+-])([0-9]+)|/0x([0-9a-f]+))?")


def parse(value: object) -> int | Fraction:
    """Read a number from its decoded JSON value (an int or a str).

    Raises:
        Malformed: it is no number, or not spelled the one way.
        LimitReached: it has more than MAX_NUMBER_BITS bits.
    """
    if type(value) is int and -SMALL < value < SMALL:
        return value
    if type(value) is not str:
        raise Malformed("number", "", "an integer below 2^53 or a number in a string", value)
    longest = MAX_QUOTIENT if "/" in value else MAX_NUMBER_BITS // 4
    if len(value) > longest:
        raise LimitReached("number_length", "", f"at most {longest} characters", len(value))
    number = _decimal(value) if "x" not in value else _hexadecimal(value)
    if number is None or spell(number) != value:
        raise Malformed("number", "", "a number in its one spelling", value)
    return number


def parse_text(text: str) -> int | Fraction:
    """Read a number from bare text, as data files spell it. Raises: as `parse`."""
    if _INTEGER.fullmatch(text):
        return parse(int(text))
    return parse(text)


@lru_cache(1 << 12)  # a convolution's few weights stand thousands of times each
def _decimal(text: str) -> int | Fraction | None:
    found = _DECIMAL.fullmatch(text)
    if found is None or int(found[2]) == 0:
        return None
    return Fraction(int(found[1]), int(found[2]))


def _hexadecimal(text: str) -> int | Fraction | None:
    found = _HEX.fullmatch(text)
    if found is None:
        return None
    numerator = int(found[1], 16)
    if found[4] is not None:
        divisor = int(found[4], 16)
        return quotient(numerator, divisor) if divisor else None
    if found[3] is None:
        return numerator
    # Bounded before anything is shifted: the exponent is a few bytes, the number is not.
    if len(found[3]) > 8 or int(found[3]) + numerator.bit_length() > MAX_NUMBER_BITS:
        raise LimitReached("number_bits", "", f"at most {MAX_NUMBER_BITS}", text)
    power = int(found[3])
    return numerator << power if found[2] == "+" else quotient(numerator, 1 << power)


def quotient(p: int | Fraction, q: int | Fraction) -> int | Fraction:
    """Return p / q, as an int where it is one. Raises: ZeroDivisionError."""
    value = Fraction(p) / q
    return value.numerator if value.denominator == 1 else value


def spell(number: int | Fraction) -> int | str:
    """Return the JSON value that spells the number. Raises: never."""
    p, q = number.numerator, number.denominator
    if -SMALL < p < SMALL and q < SMALL:
        return p if q == 1 else f"{p}/{q}"
    if q == 1:
        power = (p & -p).bit_length() - 1
        return f"{p >> power:#x}p+{power}" if power else f"{p:#x}"
    if q & (q - 1) == 0:
        return f"{p:#x}p-{q.bit_length() - 1}"
    return f"{p:#x}/{q:#x}"


def text(number: int | Fraction) -> str:
    """Return the spelling as bare text. Raises: never."""
    return str(spell(number))
