"""Forms over outputs and neurons as forms over the inputs, on one activation region; exact.

UNTRUSTED; what is found with them is judged again.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from memcert.kernel.network import Network
from memcert.witnesses.formula import Form
from memcert.witnesses.judging import Networks
from memcert.witnesses.specification import Specification

Active = Mapping[str, Sequence[Sequence[bool]]]
"""Of each network, for each layer, which neurons are active."""
CONSTANT = -1
"""Where a row keeps its constant."""
Row = dict[int, Fraction]
"""sum of row[v] * input v + row[CONSTANT]."""


def shifted(form: Mapping[int, Fraction], first: int) -> Row:
    """Return a row over inputs 0, 1, .. as one over variables from `first`. Raises: never."""
    return {(place if place == CONSTANT else first + place): value for place, value in form.items()}


def through(stated: Specification, networks: Networks, active: Active, form: Form) -> Row:
    """Return a form over all variables as one over the inputs.

    Cost: one multiplication of fractions a weight of an active neuron. Raises: never.
    """
    total: Row = {CONSTANT: Fraction(form.constant)}
    for signature in stated.networks:
        made, part = signature.output, signature.input
        outer = {
            variable - made.first: Fraction(factor)
            for variable, factor in form.terms.items()
            if made.first <= variable < made.first + made.count
        }
        inner = {
            variable: Fraction(factor)
            for variable, factor in form.terms.items()
            if part.first <= variable < part.first + part.count
        }
        network = networks[signature.name].network
        back = backward(network, active[signature.name], len(network.layers) - 1, outer)
        for place, value in (*shifted(back, part.first).items(), *inner.items()):
            total[place] = total.get(place, Fraction(0)) + value
    return total


def backward(
    network: Network, active: Sequence[Sequence[bool]], depth: int, outer: Mapping[int, Fraction]
) -> Row:
    """Return sum outer[i] * (neuron i of layer `depth`, before its ReLU) over the network's inputs.

    Raises:
        never.
    """
    current, constant = dict(outer), Fraction(0)
    for k in range(depth, -1, -1):
        layer = network.layers[k]
        before: Row = {}
        for place, factor in current.items():
            if k < depth and layer.relu and not active[k][place]:
                continue
            constant += factor * layer.bias[place]
            for source, weight in layer.row(place):
                before[source] = before.get(source, Fraction(0)) + factor * weight
        current = before
    return {**current, CONSTANT: constant}
