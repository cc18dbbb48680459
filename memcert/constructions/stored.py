"""Which points a lookup has to store: those whose code is not 0, all others being read as 0.

UNTRUSTED.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from memcert.blocks.part import Part, block, neuron, parallel
from memcert.constructions.coding import Coding
from memcert.constructions.line import Line
from memcert.contracts import mechanisms

LINEAR = mechanisms.linear()


def rarer(coded: Coding) -> Coding:
    """Return the coding in which the rarer of two codes is 1; three or more codes stay as they are.

    The readings are those of 1 - y then. Raises: never.
    """
    if coded.count != 2 or 2 * sum(coded.codes) <= len(coded.codes):
        return coded
    return replace(
        coded,
        codes=tuple(1 - code for code in coded.codes),
        readings=tuple((-weight, bias + weight) for weight, bias in coded.readings),
    )


def read_out(coded: Coding, stage: str, stream: str = "y") -> Part:
    """Build the output layer, one `linear` block a reading of the code. Raises: never."""
    return parallel(
        *(
            block(f"read_{k}", stage, LINEAR.id, [[neuron(f"out{k}", {stream: weight}, bias)]])
            for k, (weight, bias) in enumerate(coded.readings)
        )
    )


def blocks_of(places: int, stored: Sequence[int], slots: int) -> list[int]:
    """Return the block of every place on a line: the last whose first stored place is at or below it.

    Args:
        places: how many there are.
        stored: those that are stored, ascending.
        slots: stored places a block.

    Raises: never.
    """
    firsts = set(stored[slots::slots])
    found, block = [], 0
    for place in range(places):
        block += place in firsts
        found.append(block)
    return found


def beside_ramps(line: Line, firsts: Sequence[int]) -> Fraction | None:
    """Return the least distance of a value to the ramps before some blocks; None without a ramp.

    A ramp climbs on [k - 3/2, k - 1/2], k being the integer part of the first value of its block.

    Args:
        line: the values.
        firsts: the places of those first values, each above 0.

    Raises: never.
    """
    unit, values = line.denominator, line.numerators
    found = []
    for place in firsts:
        whole = values[place] // unit
        found += [2 * values[place] - (2 * whole - 1) * unit, (2 * whole - 3) * unit - 2 * values[place - 1]]
    return Fraction(min(found), 2 * unit) if found else None


def balanced(points: int, cost: Callable[[int], int], least: int) -> int:
    """Return the slots a block that cost least, the fewest among equals.

    Args:
        points: stored, at least 1.
        cost: of so many slots a block, at least `least` times as many.
        least: what a slot costs at least, above 0.

    Cost: as many calls as the best cost / `least`. Raises: never.
    """
    best, chosen, slots = cost(1), 1, 2
    while slots * least < best and slots <= points:
        found = cost(slots)
        if found < best:
            best, chosen = found, slots
        slots += 1
    return chosen
