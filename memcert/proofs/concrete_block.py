"""A block's actual weights, and what they compute, as definitions over what the block reads.

UNTRUSTED. For blocks that are not their contract's pattern (concrete.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memcert.contracts.smtlib import Definition
from memcert.contracts.terms import exact
from memcert.kernel.certificate import Contract, Number, Term


@dataclass(frozen=True, slots=True)
class ConcreteLayer:
    """The block's part of one layer, neurons in the contract's order.

    Args:
        relu: the layer's actual flag.
        neurons: their indices in the network's layer, for messages.
        rows: (bias, ((source, weight), ...)) of each; in the block's first layer a source is the
            index of a neuron of the layer before (or a coordinate), in later ones the position
            in the block's own previous layer.
    """

    relu: bool
    neurons: tuple[int, ...]
    rows: tuple[tuple[Number, tuple[tuple[int, Number], ...]], ...]


@dataclass(frozen=True, slots=True)
class ConcreteBlock:
    """A block's actual weights; as many layers and neurons a layer as its contract has.

    How to fill it: with P1 checked, `layers[0].rows[i]` is the actual row of the block's i-th
    first neuron as the network has it, `layers[k].rows[i]` the same with each source replaced by
    its position in `layers[k - 1]`. A later row that reads a neuron outside of the block does not
    come here: it is refused. `parameters` are the block's `with`.

    Args:
        at: its place, such as `blocks[3]`.
        name: its name; `stage`: its stage.
        first_layer: index in the network.
        layers: at least one.
        parameters: a number for each parameter of the contract; others are not looked at.
    """

    at: str
    name: str
    stage: str
    first_layer: int
    layers: tuple[ConcreteLayer, ...]
    parameters: Mapping[str, Number]


def missing_parameters(contract: Contract, block: ConcreteBlock) -> tuple[str, ...]:
    """Return the contract's parameters for which the block has no number. Raises: never."""
    return tuple(p.name for p in contract.parameters if p.name not in block.parameters)


def fits(contract: Contract, block: ConcreteBlock) -> None:
    """Refuse a block that lacks a parameter or has other layers than the contract.

    Raises:
        ValueError: it does.
    """
    if missing := missing_parameters(contract, block):
        raise ValueError(f"expected a number for each parameter, got none for {missing[0]}")
    expected = [len(layer.neurons) for layer in contract.layers]
    got = [len(layer.rows) for layer in block.layers]
    if expected != got:
        raise ValueError(f"expected layers of {expected} neurons, got {got}")


def parameters_of(contract: Contract, block: ConcreteBlock) -> dict[str, Number]:
    """Return the contract's parameters with the block's numbers. Raises: KeyError, one has none."""
    return {p.name: block.parameters[p.name] for p in contract.parameters}


# Names of a contract have no colon, so that these are no names of a contract.
def source_name(index: int) -> str:
    """Return what the number at that source is called in `definitions`. Raises: never."""
    return f"source:{index}"


def _row(index: int) -> str:
    return f"row:{index}"


def _neuron(layer: int, index: int) -> str:
    return f"neuron:{layer}:{index}"


def sources_of(block: ConcreteBlock) -> list[int]:
    """Return the sources that the block's first rows read, in order. Raises: never."""
    return sorted({source for _, row in block.layers[0].rows for source, _ in row})


def _term(bias: Number, row: Sequence[tuple[str, Number]]) -> Term:
    return ((bias, ()), *((weight, (name,)) for name, weight in row))


def definitions(contract: Contract, block: ConcreteBlock) -> list[Definition]:
    """Define, from the sources: first rows, the contract's inputs, every layer, the outputs.

    Inputs have their names, an output NAME is `output:NAME`. Cost: linear. Raises: never.
    """
    first = block.layers[0]
    rows = [_term(bias, [(source_name(s), w) for s, w in row]) for bias, row in first.rows]
    steps = [Definition(_row(i), row) for i, row in enumerate(rows)]
    position = {name: i for i, (name, _) in enumerate(contract.layers[0].neurons)}
    for entry in contract.inputs:
        parts = [(c, position[name]) for c, names in entry.form for name in names]
        constant = -sum((c * first.rows[i][0] for c, i in parts), 0) if entry.dropped else 0
        form = _term(exact(constant), [(_row(i), c) for c, i in parts])
        steps.append(Definition(entry.name, form))
    steps += [Definition(_neuron(0, i), _term(0, [(_row(i), 1)]), first.relu) for i in range(len(rows))]
    for k, layer in enumerate(block.layers[1:], start=1):
        for i, (bias, row) in enumerate(layer.rows):
            before = [(_neuron(k - 1, s), w) for s, w in row]
            steps.append(Definition(_neuron(k, i), _term(bias, before), layer.relu))
    last = len(block.layers) - 1
    renamed = {name: _neuron(last, i) for i, (name, _) in enumerate(contract.layers[-1].neurons)}
    for output in contract.outputs:
        form = tuple((c, tuple(renamed[name] for name in names)) for c, names in output.form)
        steps.append(Definition(f"output:{output.name}", form))
    return steps
