"""What no network can do with less: counting sign vectors, counting bits, reading the input.

Every bound but the last speaks of one wiring whose weights alone make it memorize every labelling
of these points; none speaks of one labelling, which a smaller network may happen to meet. N points,
C labels, W nonzero parameters, U hidden units, L layers, k_i units and W_i parameters up to layer i.

Source: Goldberg and Jerrum 1995; Bartlett, Harvey, Liaw, Mehrabian 2019 (Theorem 7 and its proof);
Vardi, Yehudai, Shamir 2021 (Lemma 4.1, Theorem 6.1), their counts written out with constants.
Departure: bounds that hold for some data sets of N points, such as those of robust memorization
(Kim, Moon, Yun 2025), are left out, for whether these data are such a set cannot be examined.
UNTRUSTED.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb
from typing import Any

from memcert.bounds.measured import Measured
from memcert.bounds.rigorous import ball, euler, least, log2, log2_binomial, possible
from memcert.constructions.registry import Hypothesis


@dataclass(frozen=True, slots=True)
class Lower:
    """`measure` is at least `value` (of `points`: at most); None: a hypothesis fails."""

    measure: str
    value: int | None
    theorem: str
    says: str
    hypotheses: tuple[Hypothesis, ...]


def lower_bounds(found: Measured) -> Iterator[Lower]:
    """Yield every bound, with None where its hypotheses do not hold. Raises: never."""
    common = (
        Hypothesis("all distinct points are memorized", not found.excepted, f"{found.excepted:,} excepted"),
        Hypothesis("at least two labels", found.labels_apart > 1, f"C = {found.labels_apart:,}"),
    )
    sound = all(h.holds for h in common)
    for measure, theorem, says, compute in _KINDS:
        yield Lower(measure, compute(found) if sound else None, theorem, says, common)
    yield _theorem7(found, common)
    read = Hypothesis("every coordinate is read", not found.unread, f"{found.unread:,} are not")
    value = found.facts.dimension if read.holds else None
    yield Lower("edges", value, "first layer", "a network that reads all coordinates", (read,))


def _goldberg_jerrum(found: Measured) -> int:
    """The least W with 2 W (W + 1 + log2(8 e W)) >= N, from U <= W and L <= W."""
    return two_labels(found.facts.points)


def two_labels(size: int) -> int:
    """Return the least W with 2 W (W + 1 + log2(8 e W)) >= N, N >= 1. Raises: never."""
    points, factor = ball(size), 8 * euler()

    def holds(w: int) -> bool:
        return possible(2 * ball(w) * (ball(w + 1) + log2(factor * w)), points)

    return least(holds)


def _sign_vectors(found: Measured) -> int:
    """The least W with W (W + log2(8 e (1 + T) N)) >= N log2 C.

    N points have at most (1 + T) 2^U polynomials each, of degree at most L, T of them tests of the
    output; W variables leave (8 e L s / W)^W sign vectors of s >= W polynomials; U, L <= W.
    """
    information = _information(found)
    constant = log2(8 * euler() * (1 + _tests(found)) * found.facts.points)
    return least(lambda w: possible(ball(w) * (ball(w) + constant), information))


def _capacity(found: Measured) -> int:
    """The largest N with N log2 C <= sum_i min(N k_i, 1 + W_i log2(2 e N k_i i / W_i)).

    Layer i has N k_i polynomials of degree i in W_i variables, hence at most
    2 (2 e N k_i i / W_i)^W_i sign vectors where W_i <= N k_i, and 2^(N k_i) in any case.
    """
    units = [*found.units[:-1], _tests(found)]
    layers = [
        (k, w, i) for i, (k, w) in enumerate(zip(units, found.reached, strict=True), start=1) if k and w
    ]
    labels = log2(found.labels_apart)
    constants = [log2(2 * euler() * k * i / ball(w)) for k, w, i in layers]

    def too_many(points: int) -> bool:
        logarithm, total = log2(points), ball(0)
        for (k, w, _), constant in zip(layers, constants, strict=True):
            total += points * k if points * k < w else _smaller(points * k, 1 + w * (constant + logarithm))
        return not possible(total, points * labels)

    return least(too_many) - 1


def _smaller(whole: int, other: Any) -> Any:
    return other if bool(other < ball(whole)) else ball(whole)


def _theorem7(found: Measured, common: tuple[Hypothesis, ...]) -> Lower:
    """N <= L + (sum_i W_i) log2(4 e R log2(2 e R)), R = sum_i i k_i, for two labels."""
    units = sum(found.units)
    told = (
        *common,
        Hypothesis("two labels", found.labels_apart == 2, f"C = {found.labels_apart:,}"),
        Hypothesis("more than two units", units > 2, f"{units:,}"),
    )
    value = None
    if all(h.holds for h in told):
        factor = euler() * sum(i * k for i, k in enumerate(found.units, start=1))
        bound = len(found.units) + sum(found.reached) * log2(4 * factor * log2(2 * factor))
        value = int(bound.upper().ceil().unique_fmpz())
    return Lower("points", value, "Bartlett et al., Theorem 7", "two labels, this wiring", told)


def _fixed_parameters(found: Measured) -> int:
    each, information = log2(_values(found.sizes["bits"])), _information(found)
    return least(lambda w: possible(w * each, information))


def _fixed_bits(found: Measured) -> int:
    w, information = found.sizes["parameters"], _information(found)
    return least(lambda b: possible(w * log2(_values(b)), information), start=2)


def _wired_parameters(found: Measured) -> int:
    each = log2(_values(found.sizes["bits"])) + log2(found.sizes["dense"])
    information = _information(found)
    return least(lambda w: possible(w * each, information))


def _wired_bits(found: Measured) -> int:
    w, information = found.sizes["parameters"], _information(found)
    places = log2(found.sizes["dense"])
    return least(lambda b: possible(w * (log2(_values(b)) + places), information), start=2)


def _total_bits(found: Measured) -> int:
    """The least T with 2^(T - W) binomial(T, 2 W) >= C^N: W nonzero p/q of T bits in all."""
    w, information = found.sizes["parameters"], _information(found)
    return least(lambda t: possible(t - w + log2_binomial(t, 2 * w), information), start=2 * w)


def _values(bits: int) -> int:
    """Return how many p/q have at most B >= 2 bits: at most (B - 2) 2^B + 3, zero among them."""
    return (bits - 2 << bits) + 3


def _information(found: Measured) -> Any:
    """N log2 C, the bits of one labelling."""
    return found.facts.points * log2(found.labels_apart)


def _tests(found: Measured) -> int:
    """Return how many polynomials of the outputs decide the label."""
    if found.facts.rule == "argmax":
        return comb(found.units[-1], 2)
    return found.labels_apart - 1


_KINDS = (
    ("parameters", "Goldberg, Jerrum", "two of the labels, any depth, real weights", _goldberg_jerrum),
    ("parameters", "Lemma 4.1, written out", "all labels, any depth, real weights", _sign_vectors),
    ("points", "Bartlett et al., proof of Theorem 7", "all labels, this wiring, real weights", _capacity),
    ("parameters", "Theorem 6.1, one wiring", "weights of so many bits as here", _fixed_parameters),
    ("bits", "Theorem 6.1, one wiring", "so many parameters as here", _fixed_bits),
    ("parameters", "Theorem 6.1, any wiring", "these layers, weights of so many bits", _wired_parameters),
    ("bits", "Theorem 6.1, any wiring", "these layers, so many parameters", _wired_bits),
    ("total_bits", "counting, one wiring", "so many parameters as here", _total_bits),
)
