"""How far a coordinate is from [b, a]: V = relu(x - a) + relu(b - x).

Source: the box network of Yu, Gao, Zhang 2024, layer A.
UNTRUSTED.
"""

from memcert.blocks.part import Part, block, neuron
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract, Number

STAGE = "distance"


def vee(box: int, coordinate: int, source: str, ends: tuple[Number, Number]) -> Part:
    """Build x -> (relu(x - a), relu(b - x)) for one coordinate of one box.

    Args:
        box: its number.
        coordinate: k.
        source: the neuron that holds x.
        ends: (b, a), b <= a.

    Returns:
        One layer of width 2, `p<k>` and `q<k>`; 4 nonzero parameters, less one for each end at 0.

    Raises:
        ValueError: the interval is empty.
    """
    low, high = ends
    if low > high:
        raise ValueError(f"expected an interval, got [{low}, {high}]")
    rows = [
        neuron(f"p{coordinate}", {source: 1}, -high),
        neuron(f"q{coordinate}", {source: -1}, low),
    ]
    return block(f"distance_{box}_{coordinate}", STAGE, VEE.id, [rows])


VEE = Contract(
    id="vee",
    parameters=parameters(("a", "p", None), ("b", "q", None)),
    assumes=atoms("a >= b"),
    inputs=inputs("x ~ p"),
    layers=(layer("p = x - a", "q = b - x"),),
    outputs=outputs("v = p + q"),
    cases=(
        case("inside", "x >= b, x <= a", "v = 0"),
        case("above", "x >= a", "v = x - a"),
        case("below", "x <= b", "v = b - x"),
        case("anywhere", "", "v >= 0"),
    ),
)
"""0 inside, the distance outside; where a region crosses an end, only that it is not negative."""
