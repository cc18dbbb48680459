"""Lemma G.5: one interval told from both sides of it by two neurons, at any scale.

Source: Lemma G.5, F = relu(x - l) - k relu(x - r) - c with l = (x_m + a)/2, r = (x_1 + b)/2 and
c = (a - x_m)/4.
Departure: k = 4 (x_1 - l)/(x_1 - b) in place of 8/(x_1 - b), which needs data in [0, 1].
UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from memcert.blocks.part import Part, Row, block, neuron
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Contract, Number

HAT = Contract(
    id="hat",
    parameters=parameters(("w", "high", None), ("p", "y", "low"), ("q", "y", "high"), ("e", "y", None)),
    assumes=atoms("w >= 0"),
    inputs=inputs("u = low"),
    layers=(layer("low = u", "high = u - w"), layer("y = p*low + q*high + e", relu=False)),
    outputs=outputs("y"),
    cases=(
        case("left", "u <= 0", "y = e"),
        case("inside", "u >= 0, u <= w", "y = p*u + e"),
        case("right", "u >= w", "y = p*u + q*u - q*w + e"),
    ),
)
"""y is e, then climbs with slope p from u = 0, then has slope p + q from u = w."""


@dataclass(frozen=True, slots=True)
class Hat:
    """One sign on [first, last], the other from `before` down and from `after` up.

    Args:
        before, first, last, after: ascending; the two inner ones may be equal.
        sign: of F on [first, last], -1 or +1.
    """

    before: Fraction
    first: Fraction
    last: Fraction
    after: Fraction
    sign: int = 1

    @property
    def low(self) -> Fraction:
        """l, where F starts to climb. Raises: never."""
        return (self.before + self.first) / 2

    @property
    def high(self) -> Fraction:
        """r, where F starts to fall. Raises: never."""
        return (self.after + self.last) / 2

    @property
    def level(self) -> Fraction:
        """c, which is |F| from l down and the smallest |F| outside the gaps. Raises: never."""
        return (self.first - self.before) / 4

    @property
    def slope(self) -> Fraction:
        """k, above 4. Raises: never."""
        return 4 * (self.after - self.low) / (self.after - self.last)

    @property
    def room(self) -> Fraction:
        """How far x may be off [.. before], [first, last], [after ..] with the sign kept: below this.

        Inside, F may fall by c at the left end. From `after` to the zero of F left of it are
        (after - l + c)/(k - 1), more than (after - last)/4 and less than (after - last)/2, the way
        from `after` to r. Raises: never.
        """
        zero = (self.after - self.low + self.level) / (self.slope - 1)
        return min(self.level, zero)

    @property
    def weights(self) -> tuple[Number, Number, Number]:
        """Of the output: p, q and its bias. Raises: never."""
        p, q, e = self.sign, -self.sign * self.slope, -self.sign * self.level
        return p, _number(q), _number(e)

    @property
    def biases(self) -> tuple[Number, Number]:
        """-l and -r. Raises: never."""
        return _number(-self.low), _number(-self.high)


def hat(stage: Hat, name: str, row: Row) -> Part:
    """Build x -> F(x), two neurons and the output.

    Args:
        stage: the numbers.
        name: of the block.
        row: how x is read.

    Returns:
        2 layers, width 2: 4 edges beside those of a row of one entry, up to 3 biases.

    Raises: never.
    """
    p, q, e = stage.weights
    names = ("low", "high")
    bends = [neuron(n, row, bias) for n, bias in zip(names, stage.biases, strict=True)]
    out: Mapping[str, Number] = {"low": p, "high": q}
    return block(name, "interval", HAT.id, [bends, [neuron("out", out, e)]])


def _number(value: Fraction) -> Number:
    return exact(value.numerator, value.denominator)
