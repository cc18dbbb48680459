"""The hidden layer of hinges in ramps, teeth and single hinges, behind one projection neuron or none.

Source: Zhang et al. 2017, Theorem 1.
Departure: the projection a.x is one shared neuron (depth 3) unless two layers are asked for
literally; the paper's count 2 N + d leaves out the N weights that share it.
UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from memcert.blocks.assembly import coordinates
from memcert.blocks.part import Part, block, neuron, parallel, serial
from memcert.constructions.line import Line
from memcert.constructions.two_layer.hinges import Hinges
from memcert.contracts import mechanisms
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.contracts.terms import exact
from memcert.kernel.certificate import Contract, Number

PROJECTION, STAGE = "projection", "hinges"

TOOTH = Contract(
    id="tooth",
    parameters=parameters(("a", "low", None), ("b", "middle", None)),
    assumes=atoms("a >= b, b >= 0"),
    inputs=inputs("u = high"),
    layers=(layer("low = u + a", "middle = u + b", "high = u"),),
    outputs=outputs("step = low - 2middle + high"),
    cases=(
        case("below", "u <= -a", "step = 0"),
        case("above", "u >= 0", "step = a - 2b"),
        case("rising", "u >= -a, u <= -b", "step = u + a"),
        case("falling", "u >= -b, u <= 0", "step = a - 2b - u"),
    ),
)
"""Three hinges with changes 1, -2, 1: up from -a to -b, down to 0, level on both sides."""
CONTRACTS = {1: mechanisms.neuron(), 2: mechanisms.ramp(), 3: TOOTH}
"""By the number of hinges in a block; a single hinge says no more than one neuron can."""


@dataclass(frozen=True, slots=True)
class HingeLayer:
    """What the layer is made of: the line, its hinges, and whether they share the projection."""

    line: Line
    hinges: Hinges
    shared: bool

    @property
    def biases(self) -> list[Number]:
        """The biases of the hinge neurons, in the order of the layer. Raises: never."""
        offset = 0 if self.shared else self.line.offset
        return [exact(offset - place) for place, _ in self.hinges.turns]

    @property
    def row(self) -> Mapping[str, Number]:
        """What every hinge neuron reads. Raises: never."""
        if self.shared:
            return {"t": 1}
        return dict(zip(coordinates(len(self.line.vector)), self.line.weights, strict=True))

    @property
    def changes(self) -> dict[str, Number]:
        """The code less its start, as a form of the hinge neurons. Raises: never."""
        return {f"h{j}": change for j, (_, change) in enumerate(self.hinges.turns)}


def hinge_layer(made: HingeLayer) -> Part:
    """Build X -> hinges. Returns: one layer, or two where the projection is shared. Raises: never."""
    row, biases = made.row, made.biases
    parts = []
    first = 0
    for turns in made.hinges.blocks:
        kind = CONTRACTS[len(turns)]
        rows = [neuron(f"h{j}", row, biases[j]) for j in range(first, first + len(turns))]
        parts.append(block(f"{kind.id}_{first}", STAGE, kind.id, [rows]))
        first += len(turns)
    hinges = parallel(*parts)
    return serial([made.line.part(PROJECTION, "t"), hinges]) if made.shared else hinges
