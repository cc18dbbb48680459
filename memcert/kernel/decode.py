"""From bytes to a `Certificate`: syntax, spelling, lengths and indices; nothing is evaluated.

TRUSTED. Whatever can be decided without evaluating a layer, a distance or a digest is decided
here, and fails as `Malformed`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from memcert.kernel.certificate import Certificate, Claim, Number, Witness
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
    digests = {"dataset": read.digests.dataset, "network": read.digests.network}
    files = read.model.files if read.model else ()
    digests |= {f"model.files[{i}]": file.digest for i, file in enumerate(files)}
    for at, digest in digests.items():
        spelled = digest is None or re.fullmatch("sha256:[0-9a-f]{64}", digest)
        need(bool(spelled), "digest", f"digests.{at}", "sha256: and 64 lowercase hexadecimal digits", digest)
    _check_network(read.network, read.dataset.dimension)
    _check_samples(read)
    _check_labels(read)
    _check_claim(read.claim, read.dataset.size, read.dataset.dimension)
    _check_witness(read.witness, read.network, read.dataset.size)
    return read


def need(holds: bool, rule: str, at: str, expected: object, got: object) -> None:
    """Raise Malformed unless the rule holds."""
    if not holds:
        raise Malformed(rule, at, expected, got)


def _increasing(items: Sequence[int | str]) -> bool:
    return all(a < b for a, b in pairwise(items))  # type: ignore[operator]


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
    for name, length in {"bias": out, "indptr": out + 1, "data": nonzeros}.items():
        found = len(getattr(layer, name))
        need(found == length, "length", f"{at}.{name}", length, found)
    ends = (pointers[0], pointers[-1])
    need(ends == (0, nonzeros), "indptr", at, f"from 0 to {nonzeros}", ends)
    for i, (start, stop) in enumerate(pairwise(pointers)):
        need(start <= stop, "indptr", f"{at}.indptr[{i + 1}]", f"at least {start}", stop)
        row = layer.indices[start:stop]
        rising = _increasing(row) and (not row or row[-1] < before)
        need(rising, "indices", f"{at}, row {i}", f"strictly increasing columns below {before}", row)
    need(0 not in layer.data, "zero", f"{at}.data", "no stored zero", 0)


def _check_samples(read: Certificate) -> None:
    data = read.dataset
    need(data.size > 0 and data.dimension > 0, "size", "dataset", "N, d >= 1", (data.size, data.dimension))
    columns = data.dimension if data.columns is None else len(data.columns)
    need(columns == data.dimension, "length", "dataset.columns", data.dimension, columns)
    both = (data.points is None) == (data.labels is None)
    bound = data.points is not None or read.digests.dataset is not None
    need(both and bound, "detached", "dataset", "points and labels, or neither but a digest", None)
    for name, rows in {"points": data.points, "labels": data.labels}.items():
        found = data.size if rows is None else len(rows)
        need(found == data.size, "length", f"dataset.{name}", data.size, found)
    for i, point in enumerate(data.points or ()):
        need(len(point) == data.dimension, "length", f"dataset.points[{i}]", data.dimension, len(point))


def _check_labels(read: Certificate) -> None:
    rule, classes, outputs = read.claim.rule, read.dataset.classes, read.network.layers[-1].shape[0]
    several = rule == "argmax"
    need((outputs > 1) == several, "outputs", "network", "one output; two or more for argmax", outputs)
    names = names_outputs(read)
    if classes is not None:
        count = len(classes)
        fits = {"sign": 1 <= count <= 2, "argmax": count == outputs, "within": False}.get(rule, count > 0)
        alike = len({type(x) for x in classes}) == 1
        ordered = alike and (len(set(classes)) == count if names else _increasing(classes))
        need(
            fits and ordered, "classes", "dataset.classes", f"as {rule} needs them, distinct, sorted", classes
        )
    for i, label in enumerate(read.dataset.labels or ()):
        need(label_fits(read, label), "label", f"dataset.labels[{i}]", f"a label of rule {rule}", label)
    if classes is not None and read.dataset.labels is not None and not names:
        used = len(set(read.dataset.labels))
        found = len(classes)
        need(used == found, "classes", "dataset.classes", f"the {used} classes that are used", found)


def names_outputs(read: Certificate) -> bool:
    """Whether `classes` name the outputs in order, used or not: made elsewhere. Raises: never."""
    return read.claim.rule == "argmax" and read.construction is None


def label_fits(read: Certificate, label: Number) -> bool:
    """Whether the rule and the classes allow this (numbered) label. Raises: never."""
    rule, classes = read.claim.rule, read.dataset.classes
    free, count = classes is None, read.network.layers[-1].shape[0] if classes is None else len(classes)
    if rule == "sign":
        # The first class is -1; with only one class there is no +1.
        return label == -1 or (label == 1 and (free or count == 2))
    return rule == "within" or (rule == "equal" and free) or (type(label) is int and 0 <= label < count)


def _check_claim(claim: Claim, size: int, dimension: int) -> None:
    q, rows, direction, distance = (
        claim.tolerance,
        claim.excepted,
        claim.separation_direction,
        claim.separation_squared,
    )
    fits = q is not None and q >= 0 if claim.rule == "within" else q is None
    need(fits, "tolerance", "claim.tolerance", "a number >= 0 for within, else null", q)
    rising = _increasing(rows) and (not rows or rows[-1] < size)
    need(rising, "except", "claim.except", f"strictly increasing rows below {size}", rows)
    at = "claim.separation_squared"
    need(distance is None or distance > 0, "separation", at, "null or more than 0", distance)
    along = direction is None or (distance is not None and len(direction) == dimension and any(direction))
    need(
        along,
        "separation",
        "claim.separation_direction",
        f"null or {dimension} numbers, not all 0",
        direction,
    )
    measured = claim.margin is None or (claim.rule != "equal" and len(rows) < size)
    need(measured, "margin", "claim.margin", "null: no row has a margin", claim.margin)
    radius = claim.box_radius
    inside = radius is None or isinstance(radius, str) or radius >= 0
    need(inside, "box_radius", "claim.box_radius", "a number >= 0", radius)


def _check_witness(witness: Witness, network: Network, size: int) -> None:
    counts: dict[str | None, int] = {None: size}
    widths = [network.input_size] + [layer.shape[0] for layer in network.layers]
    for name, classes in witness.partitions.items():
        need(len(classes) == size, "length", f"witness.partitions.{name!a}", size, len(classes))
        counts[name] = max(classes) + 1
    for k, probe in enumerate(witness.probes):
        at, neurons, layer = f"witness.probes[{k}]", probe.neurons, probe.after_layer
        need(probe.partition in counts, "partition", at, "the name of a partition", probe.partition)
        need(layer < len(widths), "after_layer", at, f"at most {len(widths) - 1}", layer)
        rising = len(neurons) > 0 and _increasing(neurons) and neurons[-1] < widths[layer]
        need(rising, "neurons", at, f"strictly increasing indices below {widths[layer]}", neurons)
        need(len(probe.coefficients) == len(neurons), "length", at, len(neurons), len(probe.coefficients))
        count = counts[probe.partition]
        need(len(probe.values) == count, "length", f"{at}.values", count, len(probe.values))
