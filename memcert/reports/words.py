"""Foreign strings made harmless: what is not a plain word is quoted and escaped.

UNTRUSTED.
"""

import re
from decimal import Context
from fractions import Fraction

from memcert.kernel.verdict import shown

_ROUGH = Context(prec=3)
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}", re.ASCII)


def word(name: str) -> str:
    """Return a plain word as it is, and anything else quoted, escaped and bounded. Raises: never."""
    return name if _WORD.fullmatch(name) else shown(name)


def printable(text: str) -> str:
    """Return the text with everything but printable characters and line feeds escaped. Raises: never."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def rough(number: int | Fraction) -> str:
    """Return the exact number, with its size in decimals beside it where nobody sees it. Raises: never."""
    if number.denominator < 1000:
        return shown(number)
    return f"{shown(number)} (about {_ROUGH.divide(number.numerator, number.denominator)})"
