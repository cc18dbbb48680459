"""Contracts that several stages share: carrying a value, and reading it off.

UNTRUSTED: a contract is proved before anything rests on it.
"""

from memcert.contracts.notation import case, inputs, layer, outputs
from memcert.kernel.certificate import Contract

CARRY = Contract(
    id="carry",
    parameters=(),
    assumes=(),
    inputs=inputs("u = v"),
    layers=(layer("v = u"),),
    outputs=outputs("v"),
    cases=(case("on", "u >= 0", "v = u"),),
)
"""relu(u) = u for u >= 0, u being whatever the neuron reads."""

CARRY_THREE = Contract(
    id="carry3",
    parameters=(),
    assumes=(),
    inputs=inputs("u = v1"),
    layers=(layer("v1 = u"), layer("v2 = v1"), layer("v3 = v2")),
    outputs=outputs("v3"),
    cases=(case("on", "u >= 0", "v3 = u"),),
)
"""The same through three layers, as many as a step of the other streams takes."""

LINEAR = Contract(
    id="linear",
    parameters=(),
    assumes=(),
    inputs=inputs("u = v"),
    layers=(layer("v = u", relu=False),),
    outputs=outputs("v"),
    cases=(case("all", "", "v = u"),),
)
"""The last layer, without ReLU: the output is what the row reads."""
