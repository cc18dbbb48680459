"""Which weights of a block are not those of its contract's pattern, in words.

UNTRUSTED: it explains a refutation and decides nothing.
"""

from collections.abc import Mapping

from memcert.contracts.terms import add, by_variable, evaluate, exact, scale, substitute
from memcert.kernel.certificate import Contract, Number, Term
from memcert.kernel.verdict import shown
from memcert.proofs.concrete_block import (
    ConcreteBlock,
    definitions,
    fits,
    parameters_of,
    source_name,
    sources_of,
)

MOST_SHOWN = 12
"""So many weights are told of one block."""


def deviations(contract: Contract, block: ConcreteBlock) -> tuple[str, ...]:
    """Return the weights that are not those of the pattern at these parameters, in words.

    At most MOST_SHOWN, the first layer's last: where a row defines an input, all others seem to differ.

    Raises:
        ValueError: as `concrete_obligations`.
    """
    fits(contract, block)
    found = [words for k in [*range(1, len(block.layers)), 0] for words in _differing(contract, block, k)]
    return tuple(found[:MOST_SHOWN])


def _differing(contract: Contract, block: ConcreteBlock, k: int) -> list[str]:
    layer, pattern = block.layers[k], contract.layers[k]
    at = f"layer {block.first_layer + k}"
    found = []
    if layer.relu != pattern.relu:
        found.append(f"{at}: {'a' if layer.relu else 'no'} ReLU, not {'one' if pattern.relu else 'a ReLU'}")
    expected = _expected(contract, block, k)
    for i, (bias, row) in enumerate(layer.rows):
        actual: dict[int | None, Number] = {None: bias, **dict(row)}
        for source in sorted(expected[i].keys() | actual.keys(), key=lambda s: -1 if s is None else s):
            wanted, got = expected[i].get(source, 0), actual.get(source, 0)
            if wanted != got:
                # Later sources are positions in the block; people count in the network.
                index = source if k == 0 or source is None else block.layers[k - 1].neurons[source]
                place = "bias" if source is None else f"weight of {index}"
                found.append(f"{at}, neuron {layer.neurons[i]}, {place}: {shown(got)}, not {shown(wanted)}")
    return found


def _expected(contract: Contract, block: ConcreteBlock, k: int) -> list[dict[int | None, Number]]:
    """Return the rows of the pattern at the parameters, by source (None: the bias)."""
    values = parameters_of(contract, block)
    terms = [substitute(term, values) for _, term in contract.layers[k].neurons]
    if k == 0:
        forms = {d.name: d.term for d in definitions(contract, block)}
        # Inputs are forms of rows, rows are forms of sources: put one into the other, twice.
        terms = [_unfolded(_unfolded(term, forms), forms) for term in terms]
        index = {source_name(s): s for s in sources_of(block)}
    else:
        index = {name: i for i, (name, _) in enumerate(contract.layers[k - 1].neurons)}
    return [
        {
            None if name is None else index[name]: exact(evaluate(part, {}))
            for name, part in by_variable(t, ()).items()
        }
        for t in terms
    ]


def _unfolded(term: Term, forms: Mapping[str, Term]) -> Term:
    return add(*(scale(forms[names[0]], c) if names else ((c, ()),) for c, names in term))
