"""General mechanisms as contracts: carry, linear, neuron, ramp.

UNTRUSTED. None belongs to a construction. What each says is proved by a solver before it counts.
"""

from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.kernel.certificate import Contract


def carry(layers: int = 1) -> Contract:
    """Return: a value u >= 0 passes `layers` ReLU layers unchanged.

    One neuron a layer, `c1`, `c2`, ...; u is the first row, with its constant; the output is `c`
    with the last number. Where the row of a neuron is >= 0 on every sample, this is the whole of
    a computing neuron, too: relu(row) = row. The id is `carry`, `carry2`, `carry3`, ...

    Raises:
        ValueError: layers < 1.
    """
    if layers < 1:
        raise ValueError(f"expected at least one layer, got {layers}")
    rows = ["c1 = u", *(f"c{k} = c{k - 1}" for k in range(2, layers + 1))]
    return Contract(
        id="carry" if layers == 1 else f"carry{layers}",
        parameters=(),
        assumes=(),
        inputs=inputs("u = c1"),
        layers=tuple(map(layer, rows)),
        outputs=outputs(f"c{layers}"),
        cases=(case("nonnegative", "u >= 0", f"c{layers} = u"),),
    )


def linear() -> Contract:
    """Return: a neuron without ReLU is its row u, always. The output is `y`. Raises: never."""
    return Contract(
        id="linear",
        parameters=(),
        assumes=(),
        inputs=inputs("u = y"),
        layers=(layer("y = u", relu=False),),
        outputs=outputs("y"),
        cases=(case("always", "", "y = u"),),
    )


def neuron() -> Contract:
    """Return: one ReLU neuron is its row u where u >= 0 (on), and 0 where u <= 0 (off).

    With `linear` it outlines every network (`neuron_outline`). The output is `y`. Raises: never.
    """
    return Contract(
        id="neuron",
        parameters=(),
        assumes=(),
        inputs=inputs("u = y"),
        layers=(layer("y = u"),),
        outputs=outputs("y"),
        cases=(case("on", "u >= 0", "y = u"), case("off", "u <= 0", "y = 0")),
    )


def ramp() -> Contract:
    """Return: relu(u + w) - relu(u) climbs from 0 at u = -w to w at u = 0, and stays there.

    The neurons are `low` = relu(u + w) and `high` = relu(u); the output is the form `step`. The
    row that reads it takes `low` and `high` with opposite coefficients. Raises: never.
    """
    return Contract(
        id="ramp",
        parameters=parameters(("w", "low", None)),
        assumes=atoms("w > 0"),
        inputs=inputs("u = high"),
        layers=(layer("low = u + w", "high = u"),),
        outputs=outputs("step = low - high"),
        cases=(
            case("below", "u <= -w", "step = 0"),
            case("above", "u >= 0", "step = w"),
            case("climbing", "u >= -w, u <= 0", "step = u + w"),
            case("anywhere", "", "step >= 0, step <= w"),
        ),
    )
