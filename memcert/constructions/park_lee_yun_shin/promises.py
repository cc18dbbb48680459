"""What N^(2/3) promises, written out: halvings, rounds of pieces and a table, each at its worst.

Source: Theorem 1 with w = 2/3, Lemmas 5 to 7, in the layout of sizes.py. Of Lemma 6: among keys from
ceil(K/2) on, pieces of p = floor(K/(4 N)) keys on at most K/4 places have a free shift each, since
their keys collide with N others under at most K/4 of more than K/4 shifts; N/p + 3 such pieces are
enough.
UNTRUSTED.
"""

from collections.abc import Iterator, Mapping
from math import isqrt

from memcert.constructions.coding import coding
from memcert.constructions.park_lee_yun_shin import sizes
from memcert.constructions.park_lee_yun_shin.sizes import Shape
from memcert.constructions.promised import line_length, promised, separated, several_labels, withheld
from memcert.constructions.registry import Facts, OptionValue, Promised, Task

THEOREM = "Theorem 1, w = 2/3, in ReLUs"


def bounds(facts: Facts, task: Task, options: Mapping[str, OptionValue]) -> tuple[Promised, ...]:  # noqa: ARG001
    """Return the promised parameters, with the direction of Lemma 13. Raises: BuildError, as `build`."""
    coded = coding(task)
    told = (separated(facts), several_labels(facts))
    if coded.count == 1:
        return withheld(THEOREM, told)
    outputs = len(coded.readings)
    shapes = [
        Shape(
            halvings=halvings,
            pieces=pieces,
            words=-(-bound // labels),
            labels=labels,
            label_bits=coded.bits,
            line_edges=facts.dimension,
            read_edges=outputs,
            read_biases=outputs,
        )
        for halvings, pieces, bound in _ways(facts)
        for labels in _labels(bound, coded.bits)
    ]
    return promised(THEOREM, {"parameters": min(map(sizes.parameters, shapes))}, told)


def _ways(facts: Facts) -> Iterator[tuple[int, tuple[int, ...], int]]:
    """Yield (halvings, pieces a round, bound of the keys) for every number of rounds."""
    points = facts.points
    # Integer parts of values that start at 0 and were moved up by less than 1.
    pieces: list[int] = []
    bound, halvings = line_length(facts, 1) + 2, 0
    while bound > max(points**2 // 2, 8):
        bound = (bound + points**2 // 4) // 2 + 1
        halvings += 1
    yield halvings, (), bound
    while bound >= 4 * points:
        pieces.append(-(-points // (bound // (4 * points))) + 3)
        bound = -(-bound // 2)
        yield halvings, tuple(pieces), bound


def _labels(bound: int, label_bits: int) -> set[int]:
    # 8 K / B + (16 c + 6) B is smallest at B = sqrt(8 K / (16 c + 6)).
    middle = isqrt(8 * bound // (16 * label_bits + 6))
    return {min(bound, max(1, middle + step)) for step in (0, 1)}
