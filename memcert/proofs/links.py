"""What a block's inputs are made of: outputs of the blocks that end one layer before (P1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from memcert.contracts.terms import exact
from memcert.kernel.certificate import Number
from memcert.proofs.matching import Affine, Difference, Matched, Weights
from memcert.proofs.outline import Outline, PlacedBlock

Source = tuple[int, int]
"""(index of a block in the certificate, output); (-1, k) is coordinate k of the network's input."""


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """A matched block; each input is a sum of coefficient * source, plus a constant."""

    placed: PlacedBlock
    parameters: Mapping[str, Number]
    inputs: tuple[tuple[tuple[tuple[Source, Number], ...], Number], ...]


def linked(outline: Outline, found: Matched) -> Linked | Difference:
    """Write the inputs of a block as sums of outputs. Cost: linear in its first rows. Raises: never."""
    inputs = []
    for form in found.inputs:
        terms = sources(outline, found.placed.block.first_layer, form)
        if isinstance(terms, Difference):
            return Difference(f"{found.placed}, {terms.at}", terms.expected, terms.got)
        inputs.append((terms, form[1]))
    return Linked(found.placed, found.parameters, tuple(inputs))


def sources(outline: Outline, layer: int, form: Affine) -> tuple[tuple[Source, Number], ...] | Difference:
    """Write a form of what a layer reads as a sum of outputs.

    Every output's pivot tells how often the output is in the form; what remains must be 0.

    Args:
        outline: of the network.
        layer: whose rows the form was made of; 0 reads the input.
        form: coefficients by neuron of the layer before; the constant is left aside.

    Cost: linear in the form and the outputs concerned. Raises: never.
    """
    if layer == 0:
        return tuple(((-1, k), weight) for k, weight in sorted(form[0].items()))
    owners, positions = outline.owners[layer - 1], outline.positions[layer - 1]
    terms: list[tuple[Source, Number]] = []
    others: dict[int, Weights] = {}
    for neuron, weight in form[0].items():
        owner = outline.by_index[owners[neuron]]
        if owner.block.last_layer != layer - 1:
            return Difference(f"input {neuron}", "an output of a block that ends one layer before", weight)
        output = owner.pattern.plain.get(positions[neuron])
        if output is None:
            others.setdefault(owner.index, {})[positions[neuron]] = weight
        else:
            terms.append(((owner.index, output), weight))
    for index, weights in others.items():
        divided = _divided(outline.by_index[index], weights)
        if isinstance(divided, Difference):
            return divided
        terms += [((index, output), weight) for output, weight in divided]
    return tuple(terms)


def _divided(owner: PlacedBlock, weights: Weights) -> list[tuple[int, Number]] | Difference:
    left: dict[int, int | Fraction] = dict(weights)
    found = []
    for k, output in enumerate(owner.pattern.outputs):
        weight = left.get(output.pivot, 0)
        if weight:
            factor = exact(Fraction(weight) / output.at)
            found.append((k, factor))
            for position, coefficient in output.form:
                left[position] = left.get(position, 0) - factor * coefficient
    for position, weight in left.items():
        if weight:
            name = owner.pattern.rows[-1][position].name
            return Difference(f"what it reads of {owner}", f"outputs only, no rest of {name}", exact(weight))
    return found
