"""Random networks shaped like constructions: carried values, repeated rows, steps, long words."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random

import strategies

from memcert.kernel.certificate import Number
from memcert.kernel.network import Network

Draw = Callable[[Random], Number]


def case(seed: int) -> tuple[Network, list[tuple[Number, ...]]]:
    """Return a network and up to 150 points, the same for the same seed."""
    random = Random(seed)  # noqa: S311 - reproducible, nothing secret
    dimension, reach = random.randint(1, 4), random.choice([2, 5, 50, 1000, 2**40, 2**63])
    size = random.choice([1, 5, 30, 60, 150])
    points = [tuple(_coordinate(random, reach) for _ in range(dimension)) for _ in range(size)]
    sizes = [dimension, *(random.randint(1, random.choice([3, 8, 24])) for _ in range(random.randint(1, 6)))]
    draws = [_small, _halves, _edges, _words(random.getrandbits(200) | 1)]
    common = random.choice(draws)
    parts = []
    for before, after in pairwise(sizes):
        draw, density = random.choice([common, _small]), random.choice([0.2, 0.5, 1])
        rows = [_row(random, draw, before, density) for _ in range(after)]
        repeated = [rows[i - 1] if i and random.random() < 0.1 else row for i, row in enumerate(rows)]
        bias = [random.choice([0, 1, -1, random.randint(-reach, reach), draw(random)]) for _ in range(after)]
        parts.append((repeated, bias))
    made = strategies.network(*parts)
    if random.random() < 0.2:
        flags = [random.random() < 0.7 for _ in made.layers]
        layers = [replace(part, relu=flag) for part, flag in zip(made.layers, flags, strict=True)]
        made = Network(dimension, tuple(layers))
    return made, points


def _coordinate(random: Random, reach: int) -> Number:
    value = random.randrange(-reach, reach)
    if random.random() < 0.1:
        return strategies.number(Fraction(value, random.choice([2, 3, 7, 8])))
    return value


def _row(random: Random, draw: Draw, size: int, density: float) -> list[Number]:
    if random.random() < 0.2:
        carried = random.randrange(size)
        return [int(j == carried) for j in range(size)]
    return [draw(random) if random.random() < density else 0 for _ in range(size)]


def _small(random: Random) -> Number:
    return random.randint(-3, 3)


def _halves(random: Random) -> Number:
    choices: list[Number] = [0, 1, -1, 2, -2, Fraction(1, 2), Fraction(1, 3), Fraction(-5, 6)]
    return random.choice(choices)


def _edges(random: Random) -> Number:
    size = 1 << random.randint(1, 90)
    choices: list[Number] = [1, -1, size, -size, 3 * size - 1, 2**62, 2**63 - 1, Fraction(1, size)]
    return random.choice(choices)


def _words(word: int) -> Draw:
    return lambda random: random.choice([0, 0, 1, -1, 2, -2, 4, word])
