"""Exact numbers as text for people, and as positions on paper.

UNTRUSTED. A float made here places a mark or prints three digits beside the exact number.
"""

from decimal import MAX_EMAX, MIN_EMIN, Context
from fractions import Fraction
from math import log10

from memcert.kernel.certificate import Number
from memcert.kernel.rational import text

MOST_DIGITS = 4000
"""CPython turns longer integers into decimal text only on request; they are shown in hexadecimal."""
LARGEST = 1e300
_ROUGH = Context(prec=3, Emax=MAX_EMAX, Emin=MIN_EMIN)
_RAISED = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")


def exact_text(number: Number) -> str:
    """Return the number in full, in decimal if its parts have at most MOST_DIGITS digits. Raises: never."""
    parts = [number.numerator] + ([number.denominator] if number.denominator != 1 else [])
    if all(part.bit_length() < 3 * MOST_DIGITS for part in parts):
        return "/".join(map(str, parts)).replace("-", "\u2212")
    return text(number)


def rough(number: Number) -> str:
    """Return three digits of the number, such as 0.0285 or 2.85 x 10^-7 in signs. Raises: never."""
    value = _ROUGH.divide(number.numerator, number.denominator)
    exponent = value.adjusted()
    sign = "\u2212" if value < 0 else ""
    digits = abs(value)
    if not digits:
        return "0"
    if -4 <= exponent <= 5:
        return sign + f"{digits.normalize(_ROUGH):f}"
    mantissa = digits.scaleb(-exponent, _ROUGH).normalize(_ROUGH)
    factor = "" if mantissa == 1 else f"{mantissa:f}\u00b7"
    return f"{sign}{factor}{power_of_ten(exponent)}"


def power_of_ten(exponent: int) -> str:
    """Return 10 with the raised exponent. Raises: never."""
    return "10" + str(exponent).translate(_RAISED)


def position(number: Number) -> float:
    """Return the nearest float, those beyond LARGEST brought there. Raises: never."""
    try:
        value = number.numerator / number.denominator
    except OverflowError:
        return LARGEST if number > 0 else -LARGEST
    return min(max(value, -LARGEST), LARGEST)


def decades(number: Number) -> float:
    """Return the common logarithm of a number above 0, however long or small it is. Raises: ValueError."""
    return log10(number.numerator) - log10(number.denominator)


def percent(part: int, whole: int) -> str:
    """Return a share in percent with two decimals, rounded down. Raises: ZeroDivisionError."""
    hundredths = part * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def share(value: Fraction) -> str:
    """Return a share of 1 in percent, rounded down. Raises: never."""
    return percent(value.numerator, value.denominator)
