"""Hypothesis: certificates that the decoder accepts, true or not, with every field varied."""

from fractions import Fraction

import strategies as ours
from hypothesis import strategies as st

from memcert.kernel import certificate as c
from memcert.kernel.certificate import Number
from memcert.kernel.network import Network

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
naturals = st.integers(0, 2**53 - 1)
scalars = st.one_of(words, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none())
digests = st.one_of(st.none(), st.integers(0, 2**256 - 1).map(lambda n: f"sha256:{n:064x}"))


def _long() -> st.SearchStrategy[Number]:
    whole = st.integers(-(2**90), 2**90)
    shifted = st.builds(lambda n, k: n << k, st.integers(-9, 9), st.integers(50, 400))
    powers = st.builds(
        lambda n, k: ours.number(Fraction(n, 1 << k)), st.integers(-(2**60), 2**60), st.integers(0, 99)
    )
    fractions = st.builds(
        lambda p, q: ours.number(Fraction(p, q)), st.integers(-(2**60), 2**60), st.integers(1, 2**60)
    )
    return st.one_of(whole, shifted, powers, fractions)


numbers = st.one_of(ours.rationals(5), ours.wild_rationals(), _long())
terms = st.lists(st.tuples(numbers, st.lists(words, max_size=2).map(tuple)), max_size=3).map(tuple)


def _list(items: st.SearchStrategy, least: int = 0, most: int = 3) -> st.SearchStrategy:
    return st.lists(items, min_size=least, max_size=most).map(tuple)


atoms = _list(st.builds(c.Atom, st.sampled_from(["=", ">=", ">"]), terms))
ensures = _list(st.builds(c.Ensure, words, st.sampled_from(["=", ">=", "<="]), terms))
contracts = st.builds(
    c.Contract,
    id=words,
    parameters=_list(st.builds(c.Parameter, words, words, st.none() | words)),
    assumes=atoms,
    inputs=_list(st.builds(c.Input, words, terms, st.booleans())),
    layers=_list(st.builds(c.ContractLayer, st.booleans(), _list(st.tuples(words, terms)))),
    outputs=_list(st.builds(c.Output, words, terms)),
    cases=_list(st.builds(c.Case, words, atoms, ensures)),
)
spans = st.tuples(st.integers(0, 5), st.integers(1, 5)).map(lambda p: (p[0], p[0] + p[1]))
blocks = st.builds(
    c.Block,
    name=words,
    stage=words,
    first_layer=naturals,
    last_layer=naturals,
    contract=words,
    neurons=st.none() | _list(_list(st.integers(0, 9) | spans)),
    hints=st.dictionaries(words, numbers, max_size=2),
)
options = st.dictionaries(words, scalars, max_size=3)
makers = st.none() | st.builds(c.Construction, words, words, words, options)
files = st.builds(c.ModelFile, words, digests.filter(lambda d: d is not None))
models = st.none() | st.builds(c.Model, words, words, _list(files), naturals, options, _list(words))


def _size(x: c.Number) -> c.Number:
    # `abs` itself has a type that mypy solves in one order of its work and not in another.
    return x if x >= 0 else -x


@st.composite
def _samples(  # type: ignore[no-untyped-def]
    draw, rule: str, outputs: int, construction: c.Construction | None
) -> tuple[c.Samples, c.Digests]:
    """Samples whose labels suit the rule, and digests (the data's, where they are detached)."""
    size, dimension = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    named = rule == "argmax" and construction is None
    labels: list[Number] = draw(st.lists(numbers, min_size=size, max_size=size))
    classes = None
    if rule != "within" and draw(st.booleans()):
        indices = draw(
            st.lists(st.integers(0, outputs - 1 if rule == "argmax" else 1), min_size=size, max_size=size)
        )
        count = outputs if rule == "argmax" else len(set(indices))
        if not named and rule == "argmax" and len(set(indices)) < outputs:
            indices, size = list(range(outputs)), outputs
            count = outputs
        elif not named:
            indices = [sorted(set(indices)).index(i) for i in indices]
        kinds = st.one_of(
            st.lists(words, min_size=count, max_size=count, unique=True),
            st.lists(st.integers(-9, 9), min_size=count, max_size=count, unique=True),
        )
        chosen = draw(kinds)
        classes = tuple(chosen if named else sorted(chosen))
        labels = [(-1, 1)[i] if rule == "sign" else i for i in indices]
    elif rule == "sign":
        labels = draw(st.lists(st.sampled_from([-1, 1]), min_size=size, max_size=size))
    elif rule == "argmax":
        labels = draw(st.lists(st.integers(0, outputs - 1), min_size=size, max_size=size))
    columns = draw(st.none() | st.lists(words, min_size=dimension, max_size=dimension).map(tuple))
    points = tuple(draw(ours.points(size, dimension, numbers)))
    digest = c.Digests(draw(digests), draw(digests))
    data = c.Samples(draw(words), size, dimension, columns, classes, points, tuple(labels))
    if digest.dataset is not None and draw(st.booleans()):
        data = c.Samples(data.name, size, dimension, columns, classes, None, None)
    return data, digest


@st.composite
def _claims(draw, rule: str, size: int, dimension: int) -> c.Claim:  # type: ignore[no-untyped-def]
    positive = numbers.map(_size).filter(bool)
    excepted = tuple(sorted(draw(st.sets(st.integers(0, size - 1)))))
    separation = draw(st.none() | positive)
    direction = None
    if separation is not None and draw(st.booleans()):
        direction = tuple(draw(st.lists(numbers, min_size=dimension, max_size=dimension).filter(any)))
    promises = st.builds(c.Promise, words, st.dictionaries(words, numbers, max_size=2))
    return c.Claim(
        rule=rule,
        tolerance=draw(numbers.map(_size)) if rule == "within" else None,
        excepted=excepted,
        separation_squared=separation,
        separation_direction=direction,
        data_radius_squared=draw(numbers),
        margin=draw(st.none() | numbers) if rule != "equal" and len(excepted) < size else None,
        box_radius=draw(st.one_of(st.none(), st.just("unbounded"), numbers.map(_size))),
        promises=draw(_list(promises, most=2)),
        width=draw(naturals),
        depth=draw(naturals),
        parameters=draw(naturals),
        edges=draw(naturals),
        bit_complexity=draw(naturals),
    )


@st.composite
def _witnesses(draw, network: Network, size: int) -> c.Witness:  # type: ignore[no-untyped-def]
    classes = st.lists(st.integers(0, 2), min_size=size, max_size=size).map(tuple)
    partitions: dict[str, tuple[int, ...]] = draw(st.dictionaries(words, classes, max_size=2))
    widths = [network.input_size, *(layer.shape[0] for layer in network.layers)]
    probes = []
    for _ in range(draw(st.integers(0, 2))):
        layer = draw(st.integers(0, len(widths) - 1))
        neurons = tuple(sorted(draw(st.sets(st.integers(0, widths[layer] - 1), min_size=1))))
        partition = draw(st.sampled_from([None, *partitions]))
        count = size if partition is None else max(partitions[partition]) + 1
        coefficients = draw(_list(numbers, len(neurons), len(neurons)))
        probes.append(
            c.Probe(draw(words), layer, neurons, coefficients, partition, draw(_list(numbers, count, count)))
        )
    return c.Witness(partitions, tuple(probes))


@st.composite
def certificates(draw) -> c.Certificate:  # type: ignore[no-untyped-def]
    """A certificate that decodes; its claims are arbitrary."""
    rule = draw(st.sampled_from(["equal", "sign", "argmax", "within"]))
    construction = draw(makers)
    outputs = draw(st.integers(2, 3)) if rule == "argmax" else 1
    data, digest = draw(_samples(rule, outputs, construction))
    network = draw(ours.networks(data.dimension, outputs=outputs, weights=numbers))
    return c.Certificate(
        construction=construction,
        model=draw(models),
        dataset=data,
        network=network,
        claim=draw(_claims(rule, data.size, data.dimension)),
        contracts=draw(_list(contracts, most=2)),
        blocks=draw(_list(blocks, most=2)),
        witness=draw(_witnesses(network, data.size)),
        digests=digest,
        annotations=draw(st.dictionaries(words, words, max_size=2)),
    )
