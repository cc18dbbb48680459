"""Certificates made to deceive the prover, and an oracle that decides without it whether a proof may stand.

`assembled` puts together a network from mechanisms, true and false ones, with labels that may be wrong;
`edited` changes several places at once of a true certificate. `contradiction` evaluates the network at
many rational points of every box that was claimed or reported, one `Fraction` at a time.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count, product
from math import prod
from random import Random
from typing import Any

from contract_samples import BIT, COMPARISON, GATE, SELECT
from naive_evaluator import holds, prepared, run
from proof_tools import cert, contract
from strategies import dataset, layer

from memcert.constructions.assemble import build
from memcert.contracts.mechanisms import carry, linear, neuron, ramp
from memcert.contracts.notation import case
from memcert.formats.certificates import to_json
from memcert.kernel.certificate import Block, Case, Certificate, Contract, Ensure, Number
from memcert.kernel.decode import decode
from memcert.kernel.network import Layer, Network
from memcert.kernel.rational import parse, spell
from memcert.kernel.verdict import Failure
from memcert.proofs.prove import prove
from memcert.proofs.result import ProofResult

Json = Any
Path = tuple[Any, ...]
Form = dict[int, Fraction]
FAR = 10**9


def found_by(certificate: Certificate, timeout: float = 2) -> ProofResult | Failure:
    """Return the result of a proof, or the failure that ended it; anything else escapes."""
    try:
        return prove(certificate, timeout=timeout)
    except Failure as failure:
        return failure


# The oracle


def contradiction(
    certificate: Certificate, result: ProofResult, random: Random, each: int = 12
) -> str | None:
    """Return why a certificate that was proved is false; None: no point was found that says so."""
    claim, samples = certificate.claim, certificate.dataset
    assert samples.points is not None and samples.labels is not None
    network = prepared(certificate.network)
    for row, (point, label) in enumerate(zip(samples.points, samples.labels, strict=True)):
        if row in claim.excepted:
            if holds(claim.rule, run(network, point)[-1], label, claim.tolerance):
                return f"row {row} is excepted, and holds"
            continue
        for radius in _radii(claim.box_radius, result, row):
            for x in _box(point, radius, random, each):
                outputs = run(network, x)[-1]
                if not holds(claim.rule, outputs, label, claim.tolerance):
                    return f"row {row}, radius {radius}: F{x} = {outputs}, not {claim.rule} {label}"
    return None


def _radii(claimed: Number | str | None, result: ProofResult, row: int) -> Iterator[Fraction]:
    yield Fraction(FAR if isinstance(claimed, str) else claimed or 0)
    reported = result.radii[row]
    if reported is None:
        return  # an excepted row: nothing is claimed around it
    left_out = Fraction(9999, 10000) if row in result.open_radii else Fraction(1)
    yield Fraction(FAR) if isinstance(reported, str) else reported * left_out


def _box(center: Sequence[Number], radius: Fraction, random: Random, each: int) -> Iterator[list[Fraction]]:
    if len(center) <= 3:
        for signs in product((-1, 0, 1), repeat=len(center)):
            yield [x + sign * radius for x, sign in zip(center, signs, strict=True)]
    for _ in range(each):
        yield [x + radius * random.choice([-1, 1]) for x in center]
        yield [x + radius * Fraction(random.randint(-16, 16), 16) for x in center]


# Networks assembled from mechanisms


def _mechanisms() -> list[tuple[Contract, Callable[[Random], dict[str, Fraction]]]]:
    def positive(*names: str) -> Callable[[Random], dict[str, Fraction]]:
        return lambda random: {name: abs(_number(random, zero=False)) for name in names}

    def window(random: Random) -> dict[str, Fraction]:
        a, width = _number(random), abs(_number(random))
        return {"a2": 2 * a, "b2": -2 * (a + width), "w": Fraction(random.choice([1, 2, 16]))}

    absolute = contract(
        "absolute",
        [["up = u", "down = -u"]],
        "u = up",
        "size = up + down",
        case("right", "u >= 0", "size = u"),
        case("left", "u <= 0", "size = -u"),
    )
    whole = contract(
        "whole",
        [["plus = v", "minus = -v"]],
        "v = plus",
        "value = plus - minus",
        case("always", "", "value = v"),
    )
    loose = contract(
        "loose",
        [["y = u + c"]],
        "u ~ y",
        "y",
        case("high", "u >= 0", "y >= u + c, y <= u + c + 1"),
        case("low", "", "y >= 0"),
        bound=[("c", "y", None)],
        assumes="c >= 0",
    )
    scaled = contract(
        "scaled",
        [["s = u", "t = u - m"], ["z = s - k*t"]],
        "u = s",
        "z",
        case("low", "u >= 0, u <= m", "z = u"),
        case("high", "u >= m", "z >= 0, z <= m"),
        case("off", "u <= 0", "z = 0"),
        bound=[("m", "t", None), ("k", "z", "t")],
        assumes="k >= 1, m > 0",
    )
    clipped = contract(
        "clipped",
        [["a = u", "b = u - m"]],
        "u = a",
        "low = a - b",
        case("under", "u <= 0", "low = 0"),
        case("inside", "u >= 0, u <= m", "low = u"),
        case("over", "u >= m", "low = m"),
        bound=[("m", "b", None)],
        assumes="m >= 0",
    )
    joined = contract(
        "joined",
        [["p = u", "q = v", "r = u + v - 1"]],
        "u = p, v = q",
        "p, q, both = r",
        case("both", "u >= 0, v >= 0, u + v >= 1", "p = u, q = v, both = u + v - 1"),
        case("few", "u >= 0, v >= 0, u + v <= 1", "p = u, q = v, both = 0"),
        case("none", "u <= 0, v <= 0", "p = 0, q = 0, both = 0"),
        case("anything", "", "p >= u, q >= 0, both >= u + v - 1"),
    )

    def none(_: Random) -> dict[str, Fraction]:
        return {}

    return [
        (carry(), none),
        (carry(2), none),
        (carry(3), none),
        *[(neuron(), none)] * 3,
        *[(ramp(), positive("w")), (absolute, none), (clipped, positive("m")), (joined, none)] * 2,
        (BIT, lambda random: {"k": Fraction(random.choice([1, 2, 8]))}),
        (SELECT, window),
        (GATE, lambda random: {"g": Fraction(random.choice([1, 2, 9]))}),
        (COMPARISON, none),
        (whole, none),
        (loose, positive("c")),
        (
            scaled,
            lambda random: {"m": abs(_number(random, zero=False)), "k": Fraction(random.choice([1, 1, 2]))},
        ),
    ]


def _number(random: Random, *, zero: bool = True) -> Fraction:
    if zero and random.random() < 0.15:
        return Fraction(0)
    scale = random.choice([1, 1, 1, 2, 3, 2**40]) if random.random() < 0.5 else 1
    value = random.choice([1, 1, 2, 3, 5, 8]) * random.choice([1] * 12 + [2**61, 2**63 - 1])
    return Fraction(random.choice([-1, 1]) * value, scale)


@dataclass(frozen=True, slots=True)
class _Value:
    """A number that is known at a cut: its form over the last layer's neurons (or the coordinates)."""

    form: Mapping[int, Fraction]


@dataclass(slots=True)
class _Making:
    """Rows of the layers so far, and the values at the present cut."""

    random: Random
    rows: list[list[tuple[dict[int, Fraction], Fraction]]]
    relus: list[bool]
    values: list[_Value]
    blocks: list[Block]
    used: dict[str, Contract]


def _read(making: _Making, *, constant: bool = True) -> tuple[dict[int, Fraction], Fraction]:
    """Return a random sum of one to three values of the cut."""
    random = making.random
    total: dict[int, Fraction] = {}
    for value in random.sample(making.values, min(len(making.values), random.choice([1, 1, 2, 3]))):
        factor = random.choice([Fraction(1), Fraction(1), _number(random, zero=False)])
        for neuron_index, weight in value.form.items():
            total[neuron_index] = total.get(neuron_index, Fraction(0)) + factor * weight
    return {k: w for k, w in total.items() if w}, _number(random) if constant else Fraction(0)


def _place(
    making: _Making, mechanism: Contract, parameters: dict[str, Fraction], name: str, first: int
) -> list[_Value]:
    """Write a mechanism's rows behind the cut; return its outputs as forms of its last layer."""
    sources = {u.name: _read(making, constant=not u.dropped) for u in mechanism.inputs}
    indices: list[tuple[int, ...]] = []
    before: dict[str, int] = {}
    for k, part in enumerate(mechanism.layers):
        rows = making.rows[first + k]
        here = []
        now = {}
        for neuron_name, term in part.neurons:
            weights: dict[int, Fraction] = {}
            bias = Fraction(0)
            for coefficient, names in term:
                factor = coefficient * prod(
                    [parameters[n] for n in names if n in parameters], start=Fraction(1)
                )
                variables = [n for n in names if n not in parameters]
                if not variables:
                    bias += factor
                elif k:
                    at = before[variables[0]]
                    weights[at] = weights.get(at, Fraction(0)) + factor
                else:
                    form, shift = sources[variables[0]]
                    bias += factor * shift
                    for at, weight in form.items():
                        weights[at] = weights.get(at, Fraction(0)) + factor * weight
            now[neuron_name] = len(rows)
            here.append(len(rows))
            rows.append((weights, bias))
        indices.append(tuple(here))
        before = now
    making.used[mechanism.id] = mechanism
    last = first + len(mechanism.layers) - 1
    # What a block says of its parameters counts only where its weights are not the pattern's.
    said = {n: _exact(v + making.random.choice([0, 0, 0, 1])) for n, v in parameters.items()}
    making.blocks.append(Block(name, "made", first, last, mechanism.id, tuple(indices), said))
    return [_Value({before[n[0]]: Fraction(c) for c, n in o.form}) for o in mechanism.outputs]


def assembled(random: Random) -> Certificate:
    """Return a network of one to three stages of mechanisms, some spoiled, and claims that may be false."""
    dimension = random.randint(1, 3)
    start = [_Value({k: Fraction(1)}) for k in range(dimension)]
    making = _Making(random, [], [], start, [], {})
    pool, names = _mechanisms(), count()
    for _ in range(random.randint(1, 3)):
        deep = random.choice(pool)[0]
        depth, first = len(deep.layers), len(making.rows)
        fitting = [one for one in pool if len(one[0].layers) == depth]
        making.rows += [[] for _ in range(depth)]
        making.relus += [True] * depth
        found: list[_Value] = []
        for _ in range(random.randint(1, 3)):
            mechanism, parameters = random.choice(fitting)
            found += _place(making, mechanism, parameters(random), f"b{next(names)}", first)
        making.values = found
    rule = random.choice(["within", "within", "sign", "argmax", "equal"])
    outputs = random.randint(2, 3) if rule == "argmax" else 1
    making.rows.append([])
    making.relus.append(False)
    for _ in range(outputs):
        _place(making, linear(), {}, f"b{next(names)}", len(making.rows) - 1)
    network = _network(dimension, making)
    points = [[_point(random) for _ in range(dimension)] for _ in range(random.randint(1, 6))]
    radii: list[Number | str] = [*[0] * 8, Fraction(1, 8), Fraction(1, 3), 1, "unbounded"]
    radius = random.choice(radii)
    labels, tolerance = _labelled(random, network, points, rule, radius)
    contracts = [_spoiled(random, one) if random.random() < 0.12 else one for one in making.used.values()]
    excepted = [k for k in range(len(points)) if random.random() < 0.04]
    made = cert(
        network,
        contracts,
        making.blocks,
        points,
        labels,
        rule=rule,
        radius=radius,
        excepted=excepted,
        tolerance=tolerance,
    )
    return _changed_weight(random, made) if random.random() < 0.15 else made


def _point(random: Random) -> Fraction:
    return Fraction(random.randint(-9, 9), random.choice([1, 1, 2, 7]))


def _exact(value: Number) -> Number:
    return value.numerator if value.denominator == 1 else value


def _network(dimension: int, making: _Making) -> Network:
    parts: list[Layer] = []
    width = dimension
    for rows, relu in zip(making.rows, making.relus, strict=True):
        dense = [[weights.get(k, Fraction(0)) for k in range(width)] for weights, _ in rows]
        parts.append(layer(dense, [bias for _, bias in rows], relu))
        width = len(rows)
    return Network(dimension, tuple(parts))


def _labelled(
    random: Random, network: Network, points: Sequence[Sequence[Fraction]], rule: str, radius: Number | str
) -> tuple[list[Fraction], Number | None]:
    """Return the labels that the network gives, now and then a wrong one, and a tolerance hard to meet."""
    weights = prepared(network)
    outputs = [run(weights, point)[-1] for point in points]
    if rule == "argmax":
        labels = [Fraction(max(range(len(out)), key=out.__getitem__)) for out in outputs]
    elif rule == "sign":
        labels = [Fraction(1 if out[0] >= 0 else -1) for out in outputs]
    else:
        labels = [out[0] for out in outputs]
    wrong = random.randrange(len(labels))
    if random.random() < 0.15:
        labels[wrong] = {
            "argmax": Fraction(random.randrange(len(outputs[0]))),
            "sign": -labels[wrong],
        }.get(rule, labels[wrong] + Fraction(1, 2**30))
    if rule != "within":
        return labels, None
    size = Fraction(1000) if isinstance(radius, str) else Fraction(radius)
    if size == 0:
        size = random.choice([Fraction(0), Fraction(1, 4)])
    most = max(
        abs(run(weights, x)[-1][0] - label)
        for point, label in zip(points, labels, strict=True)
        for x in _box(point, size, random, 4)
    )
    # Exactly what was seen, a little less (false), or more (true, but for points not seen).
    tolerance = most * random.choice([Fraction(1), Fraction(999_999, 1_000_000), Fraction(2), Fraction(1, 2)])
    return labels, _exact(tolerance)


def _spoiled(random: Random, one: Contract) -> Contract:
    """Return a contract that promises something else, or asks for less."""
    which = random.randrange(len(one.cases))
    cases = list(one.cases)
    old = cases[which]
    choice = random.randrange(6)
    if choice == 0 and old.requires:
        cut = random.randrange(len(old.requires))
        cases[which] = replace(old, requires=old.requires[:cut] + old.requires[cut + 1 :])
    elif choice == 1:
        cases[which] = Case(old.name, old.requires, tuple(_other(random, e) for e in old.ensures))
    elif choice == 2:
        random.shuffle(cases)
    elif choice == 3 and len(cases) > 1:
        other = cases[which - 1]
        cases[which] = replace(old, ensures=other.ensures)
    elif choice == 4:
        return replace(one, inputs=tuple(replace(u, dropped=not u.dropped) for u in one.inputs))
    elif choice == 5:
        return replace(one, assumes=())
    return replace(one, cases=tuple(cases))


def _other(random: Random, ensure: Ensure) -> Ensure:
    if random.random() < 0.5:
        return ensure
    if random.random() < 0.5:
        return Ensure(ensure.output, ensure.relation, (*ensure.term, (random.choice([1, -1]), ())))
    return Ensure(ensure.output, ensure.relation, ensure.term[1:])


def _changed_weight(random: Random, made: Certificate) -> Certificate:
    layers = list(made.network.layers)
    k = random.randrange(len(layers))
    one = layers[k]
    if one.data and random.random() < 0.7:
        at = random.randrange(len(one.data))
        value = random.choice([one.data[at] + 1, one.data[at] * 2, -one.data[at], Fraction(1, 3)]) or 7
        data = (*one.data[:at], value, *one.data[at + 1 :])
        layers[k] = replace(one, data=data)
    else:
        at = random.randrange(len(one.bias))
        layers[k] = replace(
            one, bias=(*one.bias[:at], one.bias[at] + random.choice([1, -1]), *one.bias[at + 1 :])
        )
    return replace(made, network=replace(made.network, layers=tuple(layers)))


def widened(certificate: Certificate, result: ProofResult, random: Random) -> Certificate | None:
    """Return the certificate that was proved with a radius about the smallest reported one."""
    least = result.smallest_radius
    if least is None or least == 0:
        return None
    factor = random.choice(
        [Fraction(1), Fraction(999, 1000), Fraction(1001, 1000), Fraction(2), Fraction(10)]
    )
    radius = "unbounded" if isinstance(least, str) else _exact(least * factor)
    return replace(certificate, claim=replace(certificate.claim, box_radius=radius))


# Several edits at once of a true certificate


def honest(random: Random) -> Json:
    """Return the JSON of a certificate of Theorem 3.1 of a few points, with a radius it can have."""
    size, dimension = random.randint(1, 6), random.randint(1, 2)
    rows = random.sample(range(40), size)
    points = [[(x * (7 + k)) % 41 for k in range(dimension)] for x in rows]
    labels = [random.choice("abc") for _ in range(size)]
    value = to_json(build(dataset(points, labels), construction="vardi-yehudai-shamir"))
    return value | {"digests": {"dataset": None, "network": None}}


def edited(value: Json, random: Random) -> Json:
    """Return the value with one to four places changed: weights, contracts, blocks, labels, radius, data."""
    made = deepcopy(value)
    for _ in range(random.randint(1, 4)):
        part = random.choice(PARTS)
        places = [path for path in _places(_at(made, part), part) if _lasting(path)]
        if places:
            _edit(made, random.choice(places), random)
    return made


PARTS: tuple[Path, ...] = (
    ("contracts",),
    ("contracts",),
    ("blocks",),
    ("network", "layers"),
    ("network", "layers"),
    ("dataset", "points"),
    ("dataset", "labels"),
    ("claim", "box_radius"),
    ("claim", "except"),
)
RELATIONS = ("=", ">=", "<=", ">")


def _lasting(path: Path) -> bool:
    """Whether an edit there is not at once refused by the decoder: lists of numbers keep their length."""
    if path[0] == "network":
        return len(path) > 4 and path[3] in ("data", "bias")
    return path[0] != "dataset" or len(path) == (4 if path[1] == "points" else 3)


def _at(value: Json, path: Path) -> Json:
    for step in path:
        value = value[step]
    return value


def _places(value: Json, path: Path) -> Iterator[Path]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _places(inner, (*path, key))


def _edit(made: Json, path: Path, random: Random) -> None:
    """Change the value at a place, in a way that often leaves a certificate."""
    parent, key = _at(made, path[:-1]), path[-1]
    old = parent[key]
    if isinstance(old, bool):
        parent[key] = not old
    elif isinstance(old, list):
        _edit_list(old, random)
    elif isinstance(old, str) and old in RELATIONS:
        parent[key] = random.choice(RELATIONS)
    elif isinstance(old, int | str) or old is None:
        parent[key] = _near(old, path, made, random)


def _edit_list(items: list[Any], random: Random) -> None:
    if not items:
        return
    i, j = random.randrange(len(items)), random.randrange(len(items))
    choice = random.randrange(4)
    if choice == 0:
        items[i], items[j] = items[j], items[i]
    elif choice == 1:
        del items[i]
    elif choice == 2:
        items.insert(j, deepcopy(items[i]))
    else:
        items[i] = deepcopy(items[j])


def _near(old: int | str | None, path: Path, made: Json, random: Random) -> Json:
    try:
        number = Fraction(parse(old if old is not None else 0))
    except Failure:
        # A name: another one from the same contract or block.
        names = [_at(made, p) for p in _places(_at(made, path[:2]), path[:2])]
        return random.choice([name for name in names if isinstance(name, str)])
    changed = random.choice(
        [
            number + 1,
            number - 1,
            -number,
            2 * number,
            number / 2,
            number + Fraction(1, 64),
            Fraction(0),
            Fraction(1),
        ]
    )
    return spell(changed.numerator if changed.denominator == 1 else changed)


def read(value: Json) -> Certificate | None:
    """Return the certificate, or None where the decoder lets it not pass."""
    try:
        return decode(json.dumps(value).encode())
    except Failure:
        return None
