"""From a finished part to the kernel's network and proof outline: names become indices.

UNTRUSTED. The last layer has no ReLU, all others have one.
"""

from collections.abc import Sequence

from memcert.blocks.part import Neuron, Outline, Part, Row
from memcert.kernel.certificate import Block, Number, Probe
from memcert.kernel.network import Layer, Network


def coordinates(size: int) -> tuple[str, ...]:
    """Return the names by which a first layer reads the input, `in0`, `in1`, ... Raises: never."""
    return tuple(f"in{j}" for j in range(size))


def network(part: Part, input_size: int) -> Network:
    """Return the network of a part whose first rows read `coordinates(input_size)`.

    Cost: linear in neurons and nonzero weights.

    Raises:
        ValueError: a row names a neuron that the layer before does not have.
    """
    layers = []
    before: Sequence[str] = coordinates(input_size)
    for depth, neurons in enumerate(part.layers, start=1):
        layers.append(_layer(neurons, before, relu=depth < part.depth))
        before = [n.name for n in neurons]
    return Network(input_size, tuple(layers))


def outline(part: Part) -> tuple[Block, ...]:
    """Return the part's blocks in the kernel's form, in the order of their first layer.

    Raises:
        ValueError: two blocks have one name.
    """
    if len({o.name for o in part.outlines}) < len(part.outlines):
        raise ValueError("two blocks have one name")
    ordered = sorted(part.outlines, key=lambda o: o.first_layer)
    return tuple(_block(o) for o in ordered)


def probe(
    part: Part, at: tuple[str, int, Row], values: tuple[Number, ...], partition: str | None = None
) -> Probe:
    """Return the witness's statement that a form of neurons has these values.

    Args:
        part: the whole network.
        at: the probe's name, after how many layers, and the form by names of neurons.
        values: one a sample, or one a class of the partition.
        partition: the name of one in the witness; None: values are by sample.

    Raises:
        KeyError: the layer has no neuron of a name.
    """
    name, after, form = at
    indices = {n.name: i for i, n in enumerate(part.layers[after - 1])}
    places = sorted((indices[neuron], weight) for neuron, weight in form.items())
    return Probe(
        name=name,
        after_layer=after,
        neurons=tuple(i for i, _ in places),
        coefficients=tuple(weight for _, weight in places),
        partition=partition,
        values=values,
    )


def _layer(neurons: Sequence[Neuron], before: Sequence[str], relu: bool) -> Layer:
    index = {name: j for j, name in enumerate(before)}
    indptr, indices, data = [0], list[int](), list[Number]()
    for n in neurons:
        missing = [source for source, _ in n.row if source not in index]
        if missing:
            raise ValueError(
                f"neuron {n.name!r} reads {missing[0]!r}, the layer before has {list(before)[:12]}"
            )
        entries = sorted((index[source], weight) for source, weight in n.row)
        indices.extend(j for j, _ in entries)
        data.extend(weight for _, weight in entries)
        indptr.append(len(indices))
    return Layer(
        shape=(len(neurons), len(before)),
        indptr=tuple(indptr),
        indices=tuple(indices),
        data=tuple(data),
        bias=tuple(n.bias for n in neurons),
        relu=relu,
    )


def _block(o: Outline) -> Block:
    return Block(
        name=o.name,
        stage=o.stage,
        first_layer=o.first_layer,
        last_layer=o.first_layer + len(o.neurons) - 1,
        contract=o.contract,
        neurons=tuple(_ranges(layer) for layer in o.neurons),
        hints={},
    )


def _ranges(positions: Sequence[int]) -> tuple[int | tuple[int, int], ...]:
    # Runs of three or more are shorter as a range; the order is the contract's, never sorted.
    found: list[int | tuple[int, int]] = []
    start = 0
    while start < len(positions):
        stop = start + 1
        while stop < len(positions) and positions[stop] == positions[stop - 1] + 1:
            stop += 1
        if stop - start >= 3:
            found.append((positions[start], positions[stop - 1] + 1))
        else:
            found.extend(positions[start:stop])
        start = stop
    return tuple(found)
