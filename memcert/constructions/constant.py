"""One class: one hidden neuron that is always 0, and the label as the bias of the output.

Source: none; every construction's formulas need two classes, and no layer may have width 0.
UNTRUSTED.
"""

from memcert.blocks.assembly import network, outline
from memcert.blocks.part import block, carry, neuron, parallel, serial
from memcert.constructions.coding import Coding
from memcert.constructions.directions import search
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import Built, Size, Task
from memcert.contracts import mechanisms
from memcert.kernel.certificate import Witness

STAGE = "read_out"
LINEAR = mechanisms.linear()
CANDIDATES = 8
"""Directions tried for the separation claim: the network itself needs none."""


def constant(task: Task, coded: Coding) -> Built:
    """Build the constant network of the one code there is.

    Returns:
        Depth 2, width 1; as many nonzero parameters as outputs whose constant is not 0.

    Raises:
        BuildError: two points are equal, which a task's are not.
    """
    reads = [
        block(f"read_{k}", STAGE, LINEAR.id, [[neuron(f"out{k}", {}, bias)]])
        for k, (_, bias) in enumerate(coded.readings)
    ]
    part = serial([carry("dead", STAGE, "dead", row={}), parallel(*reads)])
    several = len(task.distinct) > 1
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=(mechanisms.carry(), LINEAR),
        blocks=outline(part),
        witness=Witness({}, ()),
        box_radius="unbounded",
        # The separation of many points is claimed along a direction.
        direction=search(distinct_points(task), CANDIDATES, task.seed).vector if several else None,
        margin=coded.margin,
        notes={"sizing": "constant"},
    )


def constant_size(task: Task, coded: Coding) -> Size:
    """Return the size of `constant`. Raises: never."""
    biases = [bias for _, bias in coded.readings]
    nonzero = sum(bias != 0 for bias in biases)
    return Size(
        parameters=nonzero,
        edges=0,
        dense=task.dataset.dimension + 1 + 2 * len(biases),
        width=1,
        depth=2,
        bits=max(1, *(b.numerator.bit_length() + b.denominator.bit_length() for b in biases)),
    )
