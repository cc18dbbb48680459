"""From bytes to a `Certificate`: syntax, spelling, lengths and indices; nothing is evaluated.

TRUSTED. Whatever can be decided without evaluating a layer, a distance or a digest is decided
here, and fails as `Malformed`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from memcert.kernel.certificate import Certificate, Claim, Number, Samples, Witness
from memcert.kernel.network import Layer, Network
from memcert.kernel.reading import parse_json, reader
from memcert.kernel.verdict import Failure, Malformed, Unsupported

FORMAT = "memcert/1"


def decode(content: bytes) -> Certificate:
    """Read a certificate.

    Raises:
        Malformed: the bytes are no certificate; the place is a path such as `network.layers[3].bias`.
        Unsupported: a certificate of another version.
        LimitReached: a number longer than memcert reads.
    """
    value = parse_json(content)
    version = value.pop("format", None) if type(value) is dict else FORMAT
    if version != FORMAT:
        later = type(version) is str and version.startswith("memcert/")
        raise (Unsupported if later else Malformed)("format", "format", FORMAT, version)
    try:
        read: Certificate = reader(Certificate)(value)
    except Failure as failure:
        failure.at = failure.at.removeprefix(".") or "file"
        raise
    digests = {"digests.dataset": read.digests.dataset, "digests.network": read.digests.network}
    if read.model:
        digests |= {f"model.files[{i}].digest": file.digest for i, file in enumerate(read.model.files)}
    for at, digest in digests.items():
        spelled = digest is None or re.fullmatch("sha256:[0-9a-f]{64}", digest)
        need(bool(spelled), "digest", at, "sha256: and 64 lowercase hexadecimal digits", digest)
    _check_network(read.network, read.dataset.dimension)
    _check_samples(read.dataset, bound=read.digests.dataset is not None)
    _check_labels(read)
    _check_claim(read.claim, read.dataset)
    _check_witness(read.witness, read.network, read.dataset.size)
    return read


def need(holds: bool, rule: str, at: str, expected: object, got: object) -> None:
    """Raise Malformed unless the rule holds."""
    if not holds:
        raise Malformed(rule, at, expected, got)


def _lengths(at: str, expected: int, **parts: Sequence[object] | None) -> None:
    for name, part in parts.items():
        need(part is None or len(part) == expected, "length", f"{at}.{name}", expected, len(part or ()))


def _increasing(items: Sequence[int | str]) -> bool:
    return all(a < b for a, b in pairwise(items))  # type: ignore[operator]


def _indices(items: Sequence[int], below: int, rule: str, at: str) -> None:
    rising = _increasing(items) and (not items or items[-1] < below)
    need(rising, rule, at, f"strictly increasing, below {below}", items)


def _check_network(network: Network, dimension: int) -> None:
    need(len(network.layers) > 0, "layers", "network.layers", "at least one", 0)
    need(network.input_size == dimension, "shape", "network.input_size", dimension, network.input_size)
    before = dimension
    for k, layer in enumerate(network.layers):
        _check_layer(layer, before, f"network.layers[{k}]")
        before = layer.shape[0]


def _check_layer(layer: Layer, before: int, at: str) -> None:
    out, nonzeros, pointers = layer.shape[0], len(layer.indices), layer.indptr
    need(out > 0 and layer.shape[1] == before, "shape", at, f"neurons with {before} inputs", layer.shape)
    _lengths(at, out, bias=layer.bias)
    _lengths(at, out + 1, indptr=pointers)
    _lengths(at, nonzeros, data=layer.data)
    ends = (pointers[0], pointers[-1])
    need(ends == (0, nonzeros), "indptr", at, f"from 0 to {nonzeros}", ends)
    for i, (start, stop) in enumerate(pairwise(pointers)):
        need(start <= stop, "indptr", f"{at}.indptr[{i + 1}]", f"at least {start}", stop)
        _indices(layer.indices[start:stop], before, "indices", f"{at}, row {i}")
    need(0 not in layer.data, "zero", f"{at}.data", "no stored zero", 0)


def _check_samples(data: Samples, *, bound: bool) -> None:
    need(data.size > 0 and data.dimension > 0, "size", "dataset", "N, d >= 1", (data.size, data.dimension))
    both = data.points is not None and data.labels is not None
    neither = data.points is None and data.labels is None
    need(
        both or (neither and bound), "detached", "dataset", "points and labels, or neither but a digest", None
    )
    _lengths("dataset", data.dimension, columns=data.columns)
    _lengths("dataset", data.size, points=data.points, labels=data.labels)
    for i, point in enumerate(data.points or ()):
        need(len(point) == data.dimension, "length", f"dataset.points[{i}]", data.dimension, len(point))


def _check_labels(read: Certificate) -> None:
    rule, classes, outputs = read.claim.rule, read.dataset.classes, read.network.layers[-1].shape[0]
    several = rule == "argmax"
    need((outputs > 1) == several, "outputs", "network", "one output; two or more for argmax", outputs)
    if classes is not None:
        count = len(classes)
        fits = {"sign": 1 <= count <= 2, "argmax": count == outputs, "within": False}.get(rule, count > 0)
        alike = len({type(x) for x in classes}) == 1
        ordered = alike and (len(set(classes)) == count if names_outputs(read) else _increasing(classes))
        expected = f"as {rule} needs them, distinct, sorted"
        need(fits and ordered, "classes", "dataset.classes", expected, classes)
    for i, label in enumerate(read.dataset.labels or ()):
        need(label_fits(read, label), "label", f"dataset.labels[{i}]", f"a label of rule {rule}", label)
    if classes is not None and read.dataset.labels is not None:
        used = len(set(read.dataset.labels))
        whole = used == len(classes) or names_outputs(read)
        need(whole, "classes", "dataset.classes", f"the {used} classes that are used", len(classes))


def names_outputs(read: Certificate) -> bool:
    """Whether `classes` name the outputs in order, used or not: made elsewhere. Raises: never."""
    return read.claim.rule == "argmax" and read.construction is None


def label_fits(read: Certificate, label: Number) -> bool:
    """Whether the rule and the classes allow this (numbered) label. Raises: never."""
    rule, classes = read.claim.rule, read.dataset.classes
    if rule == "sign":
        # The first class is -1; with only one class there is no +1.
        return label == -1 or (label == 1 and (classes is None or len(classes) == 2))
    if rule == "within" or (rule == "equal" and classes is None):
        return True
    count = read.network.layers[-1].shape[0] if classes is None else len(classes)
    return type(label) is int and 0 <= label < count


def _check_claim(claim: Claim, data: Samples) -> None:
    q, direction, distance = claim.tolerance, claim.separation_direction, claim.separation_squared
    fits = q is not None and q >= 0 if claim.rule == "within" else q is None
    need(fits, "tolerance", "claim.tolerance", "a number >= 0 for within, else null", q)
    _indices(claim.excepted, data.size, "except", "claim.except")
    at = "claim.separation_squared"
    need(distance is None or distance > 0, "separation", at, "null or more than 0", distance)
    along = direction is None or (
        distance is not None and len(direction) == data.dimension and any(direction)
    )
    at, expected = "claim.separation_direction", f"null or {data.dimension} numbers, not all 0"
    need(along, "separation", at, expected, direction)
    measured = claim.margin is None or (claim.rule != "equal" and len(claim.excepted) < data.size)
    need(measured, "margin", "claim.margin", "null: no row has a margin", claim.margin)
    inside = claim.box_radius is None or isinstance(claim.box_radius, str) or claim.box_radius >= 0
    need(inside, "box_radius", "claim.box_radius", "a number >= 0", claim.box_radius)


def _check_witness(witness: Witness, network: Network, size: int) -> None:
    counts: dict[str | None, int] = {None: size}
    widths = [network.input_size] + [layer.shape[0] for layer in network.layers]
    for name, classes in witness.partitions.items():
        need(len(classes) == size, "length", f"witness.partitions.{name!a}", size, len(classes))
        counts[name] = max(classes) + 1
    for k, probe in enumerate(witness.probes):
        at, layer = f"witness.probes[{k}]", probe.after_layer
        need(probe.partition in counts, "partition", at, "the name of a partition", probe.partition)
        need(layer < len(widths), "after_layer", at, f"at most {len(widths) - 1}", layer)
        need(len(probe.neurons) > 0, "neurons", at, "at least one", 0)
        _indices(probe.neurons, widths[layer], "neurons", at)
        _lengths(at, len(probe.neurons), coefficients=probe.coefficients)
        _lengths(at, counts[probe.partition], values=probe.values)
