"""What is done to every coordinate before the network sees it: affine, exact.

UNTRUSTED.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from memcert.errors import UsageError
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown

_NUMBER = r"(-?[0-9]{1,40}(?:\.[0-9]{1,40})?)"
_STEPS = re.compile(rf"(?:\(x\s*([+-])\s*{_NUMBER}\)|x)\s*(?:([*/])\s*{_NUMBER})?\s*(?:([+-])\s*{_NUMBER})?")


@dataclass(frozen=True, slots=True)
class Affine:
    """x -> factor x + shift; `text` is how it was asked for."""

    factor: Number
    shift: Number
    text: str = "x"

    def __str__(self) -> str:
        return self.text


def affine(text: str) -> Affine:
    """Return what `x/255`, `(x - 0.5)/0.25`, `x*2 - 1` and the like mean, exactly.

    Raises:
        UsageError: it is spelled otherwise, or divides by zero.
    """
    found = _STEPS.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--preprocess: expected such as x/255 or (x - 0.5)/0.25, got {shown(text)}")
    inner = _signed(found[1], found[2])
    factor = Fraction(found[4] or 1)
    if found[3] == "/":
        if factor == 0:
            raise UsageError(f"--preprocess: expected a divisor that is not 0, got {shown(text)}")
        factor = 1 / factor
    return Affine(factor, inner * factor + _signed(found[5], found[6]), text.strip())


def _signed(sign: str | None, number: str | None) -> Fraction:
    value = Fraction(number or 0)
    return -value if sign == "-" else value
