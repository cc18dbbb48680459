"""The proof outline as a partition of the neurons into blocks (P1), by index lists alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from memcert.contracts.validation import check_distinct, check_name, validate_all
from memcert.kernel.certificate import Block, Certificate
from memcert.kernel.network import Network
from memcert.kernel.verdict import Malformed, Unsupported, Words
from memcert.proofs.integers import Array
from memcert.proofs.patterns import Pattern, compiled


@dataclass(frozen=True, slots=True, eq=False)
class PlacedBlock:
    """A block with its neurons written out, a tuple a layer, in the order of its contract."""

    index: int
    block: Block
    pattern: Pattern
    neurons: tuple[tuple[int, ...], ...]

    def __str__(self) -> str:
        return f"blocks[{self.index}] ({self.block.name}, {self.block.stage})"


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """All blocks, by first layer, and for every neuron its block and position there.

    owners[l][i] is the index in the certificate of the block of neuron i of layer l, and
    positions[l][i] its position among that block's neurons of the layer.
    """

    blocks: tuple[PlacedBlock, ...]
    patterns: Mapping[str, Pattern]
    by_index: Mapping[int, PlacedBlock]
    owners: tuple[tuple[int, ...], ...]
    positions: tuple[tuple[int, ...], ...]


def outline_of(certificate: Certificate) -> Outline:
    """Return the outline, every neuron being in exactly one block.

    Cost: linear in the neurons. Nothing is evaluated.

    Raises:
        Unsupported: there are no blocks.
        Malformed: names, spans or neurons are not those of an outline.
    """
    if not certificate.blocks:
        raise Unsupported("outline", "blocks", "at least one block: no outline, no proof", 0)
    validate_all(certificate.contracts)
    patterns = {contract.id: compiled(contract) for contract in certificate.contracts}
    check_distinct((block.name, f"blocks[{k}].name") for k, block in enumerate(certificate.blocks))
    widths = [layer.shape[0] for layer in certificate.network.layers]
    owners = [np.full(width, -1, dtype=np.int64) for width in widths]
    positions = [np.zeros(width, dtype=np.int64) for width in widths]
    placed = []
    for k, block in enumerate(certificate.blocks):
        _check_block(block, f"blocks[{k}]", patterns, certificate.network)
        lists = _neurons(block, patterns[block.contract], f"blocks[{k}]", widths)
        _claim(k, block.first_layer, lists, owners, positions)
        neurons = tuple(tuple(array.tolist()) for array in lists)
        placed.append(PlacedBlock(k, block, patterns[block.contract], neurons))
    _check_covered(owners)
    placed.sort(key=lambda b: b.block.first_layer)
    return Outline(
        tuple(placed),
        patterns,
        {b.index: b for b in placed},
        tuple(tuple(array.tolist()) for array in owners),
        tuple(tuple(array.tolist()) for array in positions),
    )


def _check_block(block: Block, at: str, patterns: Mapping[str, Pattern], network: Network) -> None:
    check_name(block.name, f"{at}.name")
    check_name(block.stage, f"{at}.stage")
    if block.contract not in patterns:
        raise Malformed("contract", f"{at}.contract", "the id of a contract", block.contract)
    first, last = block.first_layer, block.last_layer
    if not 0 <= first <= last < len(network.layers):
        expected = f"first_layer <= last_layer <= {len(network.layers) - 1}"
        raise Malformed("layers", at, expected, (first, last))
    depth = len(patterns[block.contract].rows)
    if last - first + 1 != depth:
        raise Malformed("layers", at, f"{depth} layers, as contract {block.contract} has", last - first + 1)
    if block.neurons is not None and len(block.neurons) != depth:
        raise Malformed("neurons", at, f"a list for each of {depth} layers", len(block.neurons))


def _neurons(block: Block, pattern: Pattern, at: str, widths: list[int]) -> list[Array]:
    lists = []
    for k, rows in enumerate(pattern.rows):
        width = widths[block.first_layer + k]
        items = ((0, width),) if block.neurons is None else block.neurons[k]
        spans = [item if isinstance(item, tuple) else (item, item + 1) for item in items]
        # Counted before anything is written out: a range may claim any length.
        count = sum(stop - start for start, stop in spans)
        if count != len(rows):
            expected = f"{len(rows)} neurons, as contract {block.contract} has"
            raise Malformed("neurons", f"{at}.neurons[{k}]", expected, count)
        for start, stop in spans:
            if not 0 <= start < stop <= width:
                raise Malformed("neurons", f"{at}.neurons[{k}]", f"indices below {width}", (start, stop))
        lists.append(np.concatenate([np.arange(start, stop) for start, stop in spans]))
    return lists


def _claim(index: int, first: int, lists: list[Array], owners: list[Array], positions: list[Array]) -> None:
    for k, neurons in enumerate(lists):
        taken = owners[first + k][neurons] >= 0
        if len(set(neurons.tolist())) < len(neurons) or taken.any():
            again = neurons[taken].tolist() or neurons.tolist()
            at = f"blocks[{index}].neurons[{k}]"
            raise Malformed("coverage", at, "neurons that are in no block before, each once", again)
        owners[first + k][neurons] = index
        positions[first + k][neurons] = np.arange(len(neurons))


def _check_covered(owners: list[Array]) -> None:
    for layer, owner in enumerate(owners):
        free = np.flatnonzero(owner < 0)
        if len(free):
            at = f"network.layers[{layer}], neuron {int(free[0])}"
            raise Malformed("coverage", at, "every neuron in a block", Words(f"{len(free)} in none"))
