"""Every block of an outline made sure of: by its contract's pattern, else by its actual weights.

A block that differs from the pattern is put to the solver as it is (P4), so that a refutation can
show an input at which the promise breaks, and a harmless change survives.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from memcert.kernel.certificate import Number
from memcert.kernel.network import Network
from memcert.kernel.verdict import LimitReached
from memcert.proofs.concrete import (
    ConcreteBlock,
    ConcreteLayer,
    examine,
    missing_parameters,
)
from memcert.proofs.links import Linked, linked
from memcert.proofs.matching import (
    Difference,
    Matched,
    Unmatched,
    actual,
    gathered,
    matched,
    outside_edge,
    told,
)
from memcert.proofs.obligations import MAX_OBLIGATIONS
from memcert.proofs.outline import Outline, PlacedBlock
from memcert.proofs.result import Open, Refutation

MAX_CONCRETE = 1_000
"""Most blocks of one certificate that are put to a solver with their actual weights."""
MAX_CONDITIONS = 10_000_000
"""Most conditions of cases that all blocks together may have to be examined for, each for every sample."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Which solver is asked, with what limits."""

    solver: str
    timeout: float
    jobs: int


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """The blocks, linked, in layer order; how many rest on their actual weights, by how many questions."""

    linked: tuple[Linked, ...]
    concrete: int
    obligations: int
    refutation: Refutation | None = None
    open: tuple[Open, ...] = ()


def made_sure(
    network: Network, outline: Outline, asking: Asking, report: Callable[[int, int], None] | None = None
) -> Blocks:
    """Match and link every block; stop at the first that is refuted or undecided.

    Cost: linear in the weights, and a solver's work for each block that does not match.

    Raises:
        LimitReached: more than MAX_CONCRETE blocks do not match, or one is too long to print; the blocks
            have more than MAX_CONDITIONS conditions, or their questions are more than MAX_OBLIGATIONS.
    """
    _refuse_endless(outline)
    found: list[Linked] = []
    concrete = asked = 0
    for done, placed in enumerate(outline.blocks, start=1):
        made = matched(network, placed)
        if isinstance(made, Unmatched):
            concrete += 1
            if concrete > MAX_CONCRETE:
                raise LimitReached("concrete", str(placed), f"at most {MAX_CONCRETE} such blocks", concrete)
            more = asked + len(placed.pattern.cases)
            if more > MAX_OBLIGATIONS:
                expected = f"at most {MAX_OBLIGATIONS} questions about actual weights"
                raise LimitReached("concrete", str(placed), expected, more)
            judged = _asked(network, placed, made, asking)
            asked += judged.obligations
            if isinstance(judged.end, Matched):
                made = judged.end
            else:
                return Blocks(tuple(found), concrete, asked, *judged.end)
        link = linked(outline, made)
        if isinstance(link, Difference):
            return Blocks(tuple(found), concrete, asked, refuted(placed, "outline", link))
        found.append(link)
        if report is not None:
            report(done, len(outline.blocks))
    return Blocks(tuple(found), concrete, asked)


def _refuse_endless(outline: Outline) -> None:
    """Refuse, before anything is compared, more work than a day's."""
    conditions = {
        name: sum(1 + len(case.requires) for case in pattern.cases)
        for name, pattern in outline.patterns.items()
    }
    total = sum(conditions[placed.block.contract] for placed in outline.blocks)
    if total > MAX_CONDITIONS:
        expected = f"at most {MAX_CONDITIONS} conditions of cases, block by block"
        raise LimitReached("conditions", "blocks", expected, total)


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """After how many questions, and how, a block with its actual weights ended."""

    obligations: int
    end: Matched | tuple[Refutation | None, tuple[Open, ...]]


def as_it_is(network: Network, placed: PlacedBlock, bound: Mapping[str, Number]) -> ConcreteBlock:
    """Return a block with its actual weights, whose later rows read nothing outside of it.

    Args:
        network: whose weights they are.
        placed: the block.
        bound: parameters as bound from the weights; those of `with` count before them.

    Cost: linear in the block's weights. Raises: KeyError, for an edge from outside.
    """
    block = placed.block
    return ConcreteBlock(
        at=f"blocks[{placed.index}]",
        name=block.name,
        stage=block.stage,
        first_layer=block.first_layer,
        layers=tuple(_layer(network, placed, k) for k in range(len(placed.neurons))),
        parameters={**bound, **block.hints},
    )


def _asked(network: Network, placed: PlacedBlock, found: Unmatched, asking: Asking) -> _Judged:
    """Ask the contract of the actual weights, at the parameters of `with`, else those bound."""
    contract = placed.pattern.contract
    outside = outside_edge(network, placed)
    if outside is not None:
        return _Judged(0, (refuted(placed, "outline", outside), ()))
    concrete = as_it_is(network, placed, found.parameters)
    if missing_parameters(contract, concrete):
        return _Judged(0, (refuted(placed, "match", found.difference), ()))
    answer = examine(contract, concrete, solver=asking.solver, timeout=asking.timeout, jobs=asking.jobs)
    if answer.status != "proved":
        return _Judged(answer.obligations, (_told(answer.refutation, found.difference), answer.open))
    wanted = {p.name: concrete.parameters[p.name] for p in contract.parameters}
    rows = [actual(network.layers[placed.block.first_layer], neuron) for neuron in placed.neurons[0]]
    return _Judged(answer.obligations, Matched(placed, wanted, gathered(placed.pattern, rows)))


def _layer(network: Network, placed: PlacedBlock, k: int) -> ConcreteLayer:
    layer = network.layers[placed.block.first_layer + k]
    place = {neuron: i for i, neuron in enumerate(placed.neurons[k - 1])} if k else None
    rows = []
    for neuron in placed.neurons[k]:
        weights, bias = actual(layer, neuron)
        rows.append((bias, tuple((s if place is None else place[s], w) for s, w in weights.items())))
    return ConcreteLayer(layer.relu, placed.neurons[k], tuple(rows))


def _told(refutation: Refutation | None, difference: Difference) -> Refutation | None:
    """Add the weight that differs from the pattern, where no other is told."""
    if refutation is None or refutation.weights:
        return refutation
    return replace(refutation, weights=(str(difference),))


def refuted(placed: PlacedBlock, rule: str, difference: Difference) -> Refutation:
    """Return a block's first difference from what its contract asks, as a refutation. Raises: never."""
    block = placed.block
    return Refutation(
        rule=rule,
        at=difference.at,
        expected=told(difference.expected),
        got=told(difference.got),
        block=block.name,
        stage=block.stage,
        contract=block.contract,
        weights=(str(difference),),
    )
