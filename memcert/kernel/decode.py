"""From bytes to a `Certificate`: syntax, spelling, lengths and indices; nothing is evaluated.

TRUSTED. Whatever can be decided without evaluating a layer, a distance or a digest is decided
here, and fails as `Malformed`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from memcert.kernel import certificate as c
from memcert.kernel.network import Layer, Network
from memcert.kernel.rational import parse as number
from memcert.kernel.shapes import (
    array,
    boolean,
    mapping,
    natural,
    nullable,
    one_of,
    parse_json,
    record,
    scalar,
    sequence,
    string,
)
from memcert.kernel.verdict import Failure, Malformed, Unsupported, Words

FORMAT = "memcert/1"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def _digest(value: object) -> str:
    text = string(value)
    if _DIGEST.fullmatch(text) is None:
        raise Malformed("digest", "", "sha256: and 64 lowercase hexadecimal digits", text)
    return text


def _class(value: object) -> int | str:
    read = number(value) if type(value) is int else string(value)
    return read if isinstance(read, int | str) else 0


def _monomial(value: object) -> tuple[c.Number, tuple[str, ...]]:
    items = sequence(value)
    if not items:
        raise Malformed("monomial", "", "a coefficient and names", Words("an empty array"))
    return number(items[0]), tuple(string(item) for item in items[1:])


_term = array(_monomial)


def _form(value: object) -> c.Term:
    return ((1, (value,)),) if type(value) is str else _term(value)


def _atom(value: object) -> c.Atom:
    relation, term = _items(value, 2)
    return c.Atom(one_of("=", ">=", ">")(relation), _term(term))


def _ensure(value: object) -> c.Ensure:
    output, relation, term = _items(value, 3)
    return c.Ensure(string(output), one_of("=", ">=", "<=")(relation), _term(term))


def _parameter_place(value: object) -> tuple[str, str | None]:
    neuron, source = _items(value, 2)
    return string(neuron), nullable(string)(source)


def _neuron(value: object) -> tuple[str, c.Term]:
    name, term = _items(value, 2)
    return string(name), _term(term)


def _items(value: object, count: int) -> Sequence[object]:
    items = sequence(value)
    if len(items) != count:
        raise Malformed("length", "", f"an array of {count}", len(items))
    return items


def _input(value: object) -> c.Input:
    dropped = type(value) is dict and "constant" in value
    constant = {"constant": one_of("dropped")} if dropped else {}
    shape = record(lambda name, form, *_: c.Input(name, form, dropped), name=string, is_=_term, **constant)
    return shape(value)


def _index_or_range(value: object) -> int | tuple[int, int]:
    if type(value) is not list:
        return natural(value)
    start, stop = _items(value, 2)
    if natural(start) >= natural(stop):
        raise Malformed("range", "", "start < stop", (start, stop))
    return natural(start), natural(stop)


_contract = record(
    c.Contract,
    id=string,
    parameters=array(record(lambda name, at: c.Parameter(name, *at), name=string, at=_parameter_place)),
    assumes=array(_atom),
    inputs=array(_input),
    layers=array(record(c.ContractLayer, relu=boolean, neurons=array(_neuron))),
    outputs=array(record(c.Output, name=string, is_=_form)),
    cases=array(record(c.Case, name=string, requires=array(_atom), ensures=array(_ensure))),
)
_block = record(
    c.Block,
    name=string,
    stage=string,
    first_layer=natural,
    last_layer=natural,
    contract=string,
    neurons=nullable(array(array(_index_or_range))),
    with_=mapping(number),
)
_samples = record(
    c.Samples,
    name=string,
    size=natural,
    dimension=natural,
    columns=nullable(array(string)),
    classes=nullable(array(_class)),
    points=nullable(array(array(number))),
    labels=nullable(array(number)),
)
_layer = record(
    Layer,
    shape=lambda value: (natural(_items(value, 2)[0]), natural(_items(value, 2)[1])),
    indptr=array(natural),
    indices=array(natural),
    data=array(number),
    bias=array(number),
    relu=boolean,
)
_claim = record(
    c.Claim,
    rule=one_of("equal", "sign", "argmax", "within"),
    tolerance=nullable(number),
    except_=array(natural),
    separation_squared=nullable(number),
    separation_direction=nullable(array(number)),
    data_radius_squared=number,
    margin=nullable(number),
    box_radius=nullable(lambda value: value if value == "unbounded" else number(value)),
    promises=array(record(c.Promise, kind=string, values=mapping(number))),
    width=natural,
    depth=natural,
    parameters=natural,
    edges=natural,
    bit_complexity=natural,
)
_probe = record(
    c.Probe,
    name=string,
    after_layer=natural,
    neurons=array(natural),
    coefficients=array(number),
    partition=nullable(string),
    values=array(number),
)
_certificate = record(
    lambda _, maker, model, dataset, network, claim, contracts, blocks, witness, digests, notes: (
        c.Certificate(
            maker,
            model,
            dataset,
            network,
            claim,
            contracts,
            blocks,
            witness,
            digests[0],
            digests[1],
            notes,
        )
    ),
    format=string,
    construction=nullable(
        record(c.Construction, name=string, statement=string, source=string, options=mapping(scalar))
    ),
    model=nullable(
        record(
            c.Model,
            name=string,
            format=string,
            files=array(record(c.ModelFile, name=string, digest=_digest)),
            lowering=natural,
            options=mapping(scalar),
            notes=array(string),
        )
    ),
    dataset=_samples,
    network=record(Network, input_size=natural, layers=array(_layer)),
    claim=_claim,
    contracts=array(_contract),
    blocks=array(_block),
    witness=record(c.Witness, partitions=mapping(array(natural)), probes=array(_probe)),
    digests=record(lambda *both: both, dataset=nullable(_digest), network=nullable(_digest)),
    annotations=mapping(string),
)


def decode(content: bytes) -> c.Certificate:
    """Read a certificate.

    Raises:
        Malformed: the bytes are no certificate; the place is a path such as `network.layers[3].bias`.
        Unsupported: a certificate of another version.
        LimitReached: a number longer than memcert reads.
    """
    value = parse_json(content)
    version = value.get("format") if type(value) is dict else None
    if type(version) is str and version.startswith("memcert/") and version != FORMAT:
        raise Unsupported("version", "format", FORMAT, version)
    if type(value) is dict and version != FORMAT:
        raise Malformed("format", "format", FORMAT, version)
    try:
        read = _certificate(value)
    except Failure as failure:
        failure.at = failure.at.removeprefix(".") or "file"
        raise
    _check_network(read.network, read.dataset.dimension)
    _check_samples(read)
    _check_claim(read)
    _check_witness(read)
    return read


def _require(condition: bool, rule: str, at: str, expected: object, got: object) -> None:
    if not condition:
        raise Malformed(rule, at, expected, got)


def _increasing(items: Sequence[int]) -> bool:
    return all(a < b for a, b in pairwise(items))


def _check_network(network: Network, dimension: int) -> None:
    _require(bool(network.layers), "layers", "network.layers", "at least one", 0)
    _require(network.input_size == dimension, "shape", "network.input_size", dimension, network.input_size)
    before = dimension
    for k, layer in enumerate(network.layers):
        _check_layer(layer, before, f"network.layers[{k}]")
        before = layer.shape[0]


def _check_layer(layer: Layer, before: int, at: str) -> None:
    out, pointers, nonzeros = layer.shape[0], layer.indptr, len(layer.indices)
    _require(out > 0, "shape", f"{at}.shape", "at least one neuron", layer.shape)
    _require(layer.shape[1] == before, "shape", f"{at}.shape", f"{before} inputs", layer.shape)
    _require(len(layer.bias) == out, "length", f"{at}.bias", out, len(layer.bias))
    _require(len(pointers) == out + 1, "length", f"{at}.indptr", out + 1, len(pointers))
    _require(len(layer.data) == nonzeros, "length", f"{at}.data", nonzeros, len(layer.data))
    ends = (pointers[0], pointers[-1])
    _require(ends == (0, nonzeros), "indptr", f"{at}.indptr", f"from 0 to {nonzeros}", ends)
    for i in range(out):
        start, stop = pointers[i], pointers[i + 1]
        _require(start <= stop, "indptr", f"{at}.indptr[{i + 1}]", f"at least {start}", stop)
        row = layer.indices[start:stop]
        _require(_increasing(row), "indices", f"{at}, row {i}", "strictly increasing columns", row)
        _require(not row or row[-1] < before, "indices", f"{at}, row {i}", f"columns below {before}", row)
    _require(0 not in layer.data, "zero", f"{at}.data", "no stored zero", 0)


def _check_samples(read: c.Certificate) -> None:
    data, at = read.dataset, "dataset"
    _require(data.size > 0, "size", f"{at}.size", "at least one sample", data.size)
    _require(data.dimension > 0, "dimension", f"{at}.dimension", "at least one coordinate", data.dimension)
    if data.columns is not None:
        columns = len(data.columns)
        _require(columns == data.dimension, "length", f"{at}.columns", data.dimension, columns)
    if data.points is None or data.labels is None:
        _require(data.points is data.labels, "detached", at, "points and labels null together", Words("one"))
        _require(read.dataset_digest is not None, "detached", "digests.dataset", "a digest", None)
    else:
        _require(len(data.points) == data.size, "length", f"{at}.points", data.size, len(data.points))
        _require(len(data.labels) == data.size, "length", f"{at}.labels", data.size, len(data.labels))
        for i, point in enumerate(data.points):
            _require(len(point) == data.dimension, "length", f"{at}.points[{i}]", data.dimension, len(point))
    _check_labels(read)


def _check_labels(read: c.Certificate) -> None:
    rule, data, outputs = read.claim.rule, read.dataset, read.network.layers[-1].shape[0]
    if rule == "argmax":
        _require(outputs > 1, "outputs", "network", "two outputs or more for argmax", outputs)
    else:
        _require(outputs == 1, "outputs", "network", f"one output for {rule}", outputs)
    classes, at = data.classes, "dataset.classes"
    if classes is not None:
        _require(rule != "within", "classes", at, "null for within", classes)
        _require(bool(classes), "classes", at, "at least one class", 0)
        _require(len({type(x) for x in classes}) == 1, "classes", at, "all integers or all strings", classes)
        ordered = len(set(classes)) == len(classes) if _names_outputs(read) else _increasing(classes)  # type: ignore[arg-type]
        _require(ordered, "classes", at, "distinct and in order", classes)
        most = {"sign": 2, "argmax": outputs}.get(rule, len(classes))
        _require(len(classes) <= most, "classes", at, f"at most {most} classes", len(classes))
        exact = len(classes) == outputs or not _names_outputs(read)
        _require(exact, "classes", at, f"{outputs} output names", len(classes))
    for i, label in enumerate(data.labels or ()):
        allowed = _allowed(rule, label, outputs if classes is None else len(classes), classes is None)
        _require(allowed, "label", f"dataset.labels[{i}]", f"a label of rule {rule}", label)
    if classes is not None and data.labels is not None and not _names_outputs(read):
        used = len(set(data.labels))
        _require(used == len(classes), "classes", at, f"the {used} classes that are used", len(classes))


def _names_outputs(read: c.Certificate) -> bool:
    # Made elsewhere, `classes` are the names of the outputs in order, used or not.
    return read.claim.rule == "argmax" and read.construction is None


def _allowed(rule: str, label: c.Number, count: int, free: bool) -> bool:
    if rule == "sign":
        # The first class is -1; with only one class there is no +1.
        return label == -1 or (label == 1 and (free or count == 2))
    if rule == "within" or (rule == "equal" and free):
        return True
    return type(label) is int and 0 <= label < count


def _check_claim(read: c.Certificate) -> None:
    claim, size = read.claim, read.dataset.size
    given = claim.tolerance is not None and claim.tolerance >= 0
    fits = given if claim.rule == "within" else claim.tolerance is None
    _require(fits, "tolerance", "claim.tolerance", "a number >= 0 for within, else null", claim.tolerance)
    rows = claim.excepted
    _require(_increasing(rows), "except", "claim.except", "strictly increasing rows", rows)
    _require(not rows or rows[-1] < size, "except", "claim.except", f"rows below {size}", rows)
    if claim.separation_squared is not None:
        positive = claim.separation_squared > 0
        _require(positive, "separation", "claim.separation_squared", "more than 0", claim.separation_squared)
    direction, at = claim.separation_direction, "claim.separation_direction"
    if direction is not None:
        _require(
            claim.separation_squared is not None, "separation", at, "null without a separation", direction
        )
        _require(
            len(direction) == read.dataset.dimension, "length", at, read.dataset.dimension, len(direction)
        )
        _require(any(direction), "separation", at, "a nonzero direction", direction)
    if claim.margin is not None:
        measured = claim.rule != "equal" and len(rows) < size
        _require(measured, "margin", "claim.margin", "null: no row has a margin", claim.margin)
    radius = claim.box_radius
    if radius is not None and not isinstance(radius, str):
        _require(radius >= 0, "box_radius", "claim.box_radius", "a number >= 0", radius)


def _check_witness(read: c.Certificate) -> None:
    size = read.dataset.size
    counts: dict[str | None, int] = {None: size}
    widths = [read.network.input_size] + [layer.shape[0] for layer in read.network.layers]
    for name, classes in read.witness.partitions.items():
        at = f"witness.partitions.{name!a}"
        _require(len(classes) == size, "length", at, size, len(classes))
        counts[name] = max(classes) + 1
    for k, probe in enumerate(read.witness.probes):
        at = f"witness.probes[{k}]"
        _require(probe.partition in counts, "partition", at, "the name of a partition", probe.partition)
        _require(
            probe.after_layer < len(widths),
            "after_layer",
            at,
            f"at most {len(widths) - 1}",
            probe.after_layer,
        )
        width, neurons = widths[probe.after_layer], probe.neurons
        _require(_increasing(neurons), "neurons", at, "strictly increasing", neurons)
        _require(bool(neurons) and neurons[-1] < width, "neurons", at, f"indices below {width}", neurons)
        _require(len(probe.coefficients) == len(neurons), "length", at, len(neurons), len(probe.coefficients))
        count = counts[probe.partition]
        _require(len(probe.values) == count, "length", f"{at}.values", count, len(probe.values))
