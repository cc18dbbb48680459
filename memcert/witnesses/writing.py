"""A witness as a file again: in the layout it was read in, inputs exactly, outputs rounded beside them.

UNTRUSTED. The file is read and judged again before it gets its name.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from memcert.formats.atomic import atomic_write
from memcert.kernel.certificate import Number
from memcert.witnesses.boxes import is_decimal, rounded
from memcert.witnesses.judging import Judgement, Networks, judge
from memcert.witnesses.refusals import WitnessError
from memcert.witnesses.specification import Specification
from memcert.witnesses.witness_files import Witness, read_witness

OUTPUT_DIGITS = 17
"""Significant digits of the outputs; the exact ones may have hundreds, and nobody needs them."""


def write_witness(
    path: Path, stated: Specification, networks: Networks, witness: Witness, judgement: Judgement
) -> None:
    """Write a counterexample; the file appears only if it is one when it is read again.

    Args:
        path: where to; packed if it ends in `.gz`.
        stated: the property.
        networks: of its names.
        witness: its inputs are written, exactly.
        judgement: of it; its outputs are written, rounded.

    Raises:
        UsageError: the file cannot be written.
        OSError: writing failed.
        WitnessError: what was written is no counterexample.
    """

    def verify(temporary: Path) -> None:
        again = read_witness(str(temporary), stated)
        if again.inputs != witness.inputs or not judge(stated, networks, again).exact:
            raise WitnessError("the file that was written is not the counterexample that was found")

    with atomic_write(path, verify=verify) as file:
        file.writelines(text(stated, witness, judgement.values))


def text(stated: Specification, witness: Witness, values: Sequence[Number]) -> Iterator[str]:
    """Yield the text of a witness, in its layout.

    Args:
        stated: the property.
        witness: gives the layout.
        values: of all variables.

    Raises:
        never.
    """
    yield "sat\n"
    lines = []
    flat = {part.name: letter for letter in "XY" if (part := stated.only(letter)) is not None}
    for signature in stated.networks:
        for part in signature.declared:
            if witness.layout == "blocks":
                shape = part.shape or (part.count,)
                lines.append(f"{part.name} {part.type} [{','.join(map(str, shape))}]")
            for place in range(part.count):
                value = values[part.first + place]
                spelled = spelling(value if part in signature.inputs else rounded(value, OUTPUT_DIGITS))
                if witness.layout == "pairs":
                    name = f"{flat[part.name]}_{place}" if part.name in flat else part.label(place)
                    lines.append(f"({name} {spelled})")
                else:
                    lines.append(f"{part.label(place)}={spelled}" if witness.layout == "lines" else spelled)
    if witness.layout == "pairs":
        lines[0], lines[-1] = f"({lines[0]}", f"{lines[-1]})"
    yield from (f"{line}\n" for line in lines)


def spelling(value: Number) -> str:
    """Return a number as a decimal if it has a finite one, without exponent; else as p/q. Raises: never."""
    if not is_decimal(value):
        return f"{_digits(value.numerator)}/{_digits(value.denominator)}"
    number = Fraction(value)
    places = max(_power(number.denominator, 2), _power(number.denominator, 5))
    digits = _digits(abs(number.numerator) * 10**places // number.denominator)
    sign = "-" if number < 0 else ""
    if not places:
        return f"{sign}{digits}.0"
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _power(number: int, prime: int) -> int:
    count = 0
    while number % prime == 0:
        number //= prime
        count += 1
    return count


def _digits(number: int) -> str:
    # CPython bounds the length of decimal text, so that long integers are written in parts.
    if number < 0:
        return f"-{_digits(-number)}"
    parts = []
    while number >= 10**1000:
        number, part = divmod(number, 10**1000)
        parts.append(f"{part:01000d}")
    return "".join([str(number), *reversed(parts)])
