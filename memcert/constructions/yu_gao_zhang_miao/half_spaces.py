"""Theorem 7.3, layer 1: on which side of two near hyperplanes x is, for one opposite pair.

S_ij(x) = (x_i - x_j).(x - (0.51 x_i + 0.49 x_j)) and S_ij + S_ji = -0.02 |x_i - x_j|^2 (P2), so
that the pair's neurons are relu(u) and relu(c - u) with u = -S_ij and c = 0.02 |x_i - x_j|^2.

Source: Theorem 7.3. The proof of P2 prints relu(-S_ij) where relu(-S_ji) is needed.
UNTRUSTED.
"""

from memcert.blocks.part import Part, Row, block, neuron
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract, Number

STAGE = "half_spaces"


def half_spaces(name: str, pair: tuple[str, str], row: Row, biases: tuple[Number, Number]) -> Part:
    """Build x -> (relu(-S_ij), relu(-S_ji)).

    Args:
        name: of the block.
        pair: the names of both neurons.
        row: x_j - x_i by coordinate.
        biases: of -S_ij and -S_ji; their sum is positive.

    Returns:
        One layer of width 2; 2 |row|_0 + 2 nonzero parameters, less one for each bias that is 0.

    Raises:
        ValueError: the sum of the biases is not positive.
    """
    if biases[0] + biases[1] <= 0:
        raise ValueError(f"expected biases of a positive sum, got {biases[0]} and {biases[1]}")
    opposite = {source: -weight for source, weight in row.items()}
    rows = [neuron(pair[0], row, biases[0]), neuron(pair[1], opposite, biases[1])]
    return block(name, STAGE, PAIR.id, [rows])


PAIR = Contract(
    id="pair",
    parameters=parameters(("c", "t", None)),
    assumes=atoms("c > 0"),
    inputs=inputs("u = s"),
    layers=(layer("s = u", "t = c - u"),),
    outputs=outputs("s, t"),
    cases=(
        case("first", "u <= 0", "s = 0, t = c - u"),
        case("second", "u >= c", "s = u, t = 0"),
        case("neither", "u >= 0, u <= c", "s = u, t = c - u"),
        case("not_second", "u <= c", "s >= 0, t = c - u"),
        case("not_first", "u >= 0", "s = u, t >= 0"),
        case("anywhere", "", "s >= 0, t >= 0"),
    ),
)
"""On the first point's side s is 0 and t at least c; on the second's, t is 0 and s at least c."""
