"""Which points a lookup has to store: those whose code is not 0, all others being read as 0.

UNTRUSTED.
"""

from collections.abc import Callable
from dataclasses import replace

from memcert.blocks.part import Part, block, neuron, parallel
from memcert.constructions.coding import Coding
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
