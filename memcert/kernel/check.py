"""Decide whether a certificate's network memorizes its samples, exactly.

TRUSTED. Of several failures the first in this order is reported, however the samples are read:
the user's data are other data; digests; sizes; the rule, by sample; probes, by probe and sample;
margin; data radius; separation.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import islice, pairwise

from memcert.kernel.certificate import Certificate, Number, Probe
from memcert.kernel.data import (
    Row,
    Table,
    data_header,
    data_line,
    dataset_digest,
    inline_table,
    network_digest,
    numbering,
)
from memcert.kernel.decode import label_fits, names_outputs
from memcert.kernel.network import Network, Values, common, stages, values_of
from memcert.kernel.verdict import Accepted, LimitReached, Malformed, Mismatch, Rejected, Words, shown

BATCH = 1 << 20
"""Values of a layer that are computed together; bounds memory, changes no answer."""


def check(
    certificate: Certificate, table: Table | None = None, select: Sequence[int] | None = None
) -> Accepted:
    """Establish that F(x_i) stands in the claimed rule to y_i, over Q, for every i.

    Except for the rows in `claim.except`, for which the rule must fail; and that every size,
    margin, separation, data radius and probe that the certificate claims is true.

    Args:
        certificate: decoded, not yet believed.
        table: the user's own samples; None: the certificate's.
        select: rows, if only these are to be examined; the verdict then is not whole.

    Returns:
        What was established. No other code makes an `Accepted`.

    Raises:
        ValueError: `select` is empty or names a row that is not there.
        Rejected: a claim is false; with its place and both exact values.
        Mismatch: the table is not the data set that the certificate speaks of.
        LimitReached: a value grew beyond the bound, or the data are detached and not given.
    """
    size = certificate.dataset.size
    if select is not None and not (select and 0 <= min(select) <= max(select) < size):
        raise ValueError(f"rows to examine lie from 0 to {size - 1}")
    found = Findings(certificate, None if select is None else frozenset(select))
    own = inline_table(certificate)
    used = table or own
    if used is None:
        raise LimitReached("dataset", "dataset.points", "the detached data, given beside", Words("nothing"))
    digest = found.read(used)
    network = check_network(certificate, digest, used, own if table else None)
    found.conclude()
    return Accepted(
        rule=certificate.claim.rule,
        tolerance=certificate.claim.tolerance,
        samples=size,
        examined=size if found.select is None else len(found.select),
        excepted=sum(found.examines(row) for row in found.excepted),
        classes=None if certificate.dataset.classes is None else len(certificate.dataset.classes),
        dataset_digest=digest,
        network_digest=network,
        not_examined=not_examined(certificate, whole=found.whole),
    )


def check_network(certificate: Certificate, digest: str, used: Table, own: Table | None) -> str:
    """Compare digests and sizes with the claimed ones; return the network's digest.

    Args:
        certificate: whose claims are compared.
        digest: of the samples that were read.
        used: those samples.
        own: the certificate's samples, where `used` are the user's instead.

    Raises:
        Mismatch: the user's data have another digest.
        Rejected: a digest or size of the certificate is false.
    """
    user = used is not own and (own is not None or certificate.dataset.points is None)
    stated = certificate.digests.dataset
    if own is not None:
        mine = dataset_digest(own)
        if stated not in (None, mine):
            raise Rejected("digest", "digests.dataset", str(stated), Words(mine))
        stated = mine
    if stated not in (None, digest):
        failure = Mismatch if user else Rejected
        raise failure("digest", "digests.dataset", str(stated), Words(digest))
    network = network_digest(certificate.network)
    if certificate.digests.network not in (None, network):
        raise Rejected("digest", "digests.network", str(certificate.digests.network), Words(network))
    for name, size in sizes(certificate.network).items():
        if getattr(certificate.claim, name) != size:
            raise Rejected(name, f"claim.{name}", size, getattr(certificate.claim, name))
    return network


def not_examined(certificate: Certificate, *, whole: bool) -> tuple[str, ...]:
    """List the claims that a check leaves to a proof, or to a whole check. Raises: never."""
    claim = certificate.claim
    left = [] if whole else ["separation", "data_radius_squared", "margin", "except"]
    left += ["box_radius"] if claim.box_radius is not None else []
    left += ["promises"] if claim.promises else []
    left += ["contracts", "blocks"] if certificate.blocks or certificate.contracts else []
    return tuple(left)


def sizes(network: Network) -> dict[str, int]:
    """Return width, depth, parameters, edges and bit complexity by their definitions. Raises: never."""
    edges = sum(len(layer.data) for layer in network.layers)
    numbers = [x for layer in network.layers for x in (*layer.data, *layer.bias)]
    return {
        # The papers' width leaves input and output out: d inputs would force width >= d.
        "width": max((layer.shape[0] for layer in network.layers[:-1]), default=0),
        "depth": len(network.layers),
        "parameters": edges + sum(b != 0 for layer in network.layers for b in layer.bias),
        "edges": edges,
        # ceil(log2(n + 1)) is the bit length of n.
        "bit_complexity": max(x.numerator.bit_length() + x.denominator.bit_length() for x in numbers),
    }


def margin_of(rule: str, outputs: Sequence[Number], label: Number, tolerance: Number | None) -> Number:
    """Return how far the rule is from failing; it holds iff this is positive (equal, within: >= 0).

    For `equal` and `within` the distance that is allowed, 0 or the tolerance, less |F - y|; for
    `sign` F y; for `argmax` the label's output less the largest other. Raises: never.
    """
    if rule == "sign":
        return outputs[0] * label
    if rule == "argmax":
        return outputs[int(label)] - max(Fraction(x) for k, x in enumerate(outputs) if k != label)
    return Fraction(tolerance or 0) - abs(Fraction(outputs[0]) - label)


def holds(rule: str, margin: Number) -> bool:
    """Return whether a rule with this margin holds. Raises: never."""
    return margin > 0 if rule in ("sign", "argmax") else margin >= 0


@dataclass
class Findings:
    """What the samples read so far have shown; `conclude` compares it with the claim."""

    certificate: Certificate
    select: frozenset[int] | None
    failed: Rejected | None = None
    probe: tuple[int, int, Number, Number] | None = None
    margin: Number | None = None
    labels: set[Number] = field(default_factory=set)
    radius_squared: Number = 0
    kept: list[tuple[Number, tuple[Number, ...]]] = field(default_factory=list)

    @cached_property
    def excepted(self) -> frozenset[int]:
        """The rows for which the rule must fail. Raises: never."""
        return frozenset(self.certificate.claim.excepted)

    @property
    def whole(self) -> bool:
        """Whether every sample is examined. Raises: never."""
        return self.select is None or len(self.select) == self.certificate.dataset.size

    def examines(self, row: int) -> bool:
        """Whether this sample is examined. Raises: never."""
        return self.select is None or row in self.select

    def read(self, table: Table) -> str:
        """Examine all rows of a table and return its digest.

        Raises:
            Mismatch: a size differs from the certificate's.
            Malformed: a row cannot be read, or there are too few or too many.
            LimitReached: a value grew beyond the bound.
        """
        data = self.certificate.dataset
        header, mine = data_header(table.size, table.dimension, table.columns), (data.size, data.dimension)
        if (table.size, table.dimension) != mine:
            raise Mismatch("size", "dataset", f"{mine[0]} x {mine[1]}", (table.size, table.dimension))
        digest, rows, start = hashlib.sha256(header.encode()), iter(table.rows), 0
        widest = max(self.certificate.claim.width, data.dimension)  # a hint: memory only
        while batch := list(islice(rows, max(1, min(1000, BATCH // widest)))):
            for point, label in batch:
                digest.update(data_line(point, label).encode())
            self._batch(start, batch)
            start += len(batch)
        if start != table.size:
            raise Malformed("data", "rows", f"{table.size} rows", start)
        return f"sha256:{digest.hexdigest()}"

    def _batch(self, start: int, batch: Sequence[Row]) -> None:
        if self.failed is not None:
            return  # only the digest of the remaining rows still counts
        if self.whole:
            self._keep([point for point, _ in batch])
        rows = [(start + i, *row) for i, row in enumerate(batch) if self.examines(start + i)]
        numbers, known, wrong = numbering(self.certificate), [], None
        for row, point, label in rows:
            number = label if numbers is None else numbers.get(label)
            if isinstance(number, str) or number is None or not label_fits(self.certificate, number):
                wrong = Rejected("label", f"samples[{row}]", "a label of the rule and its classes", label)
                break
            known.append((row, point, number))
        if known:
            self._evaluate(*zip(*known, strict=True))
        self.failed = self.failed or wrong

    def _evaluate(
        self, rows: Sequence[int], points: Sequence[tuple[Number, ...]], labels: Sequence[Number]
    ) -> None:
        probes: dict[int, list[tuple[int, Probe]]] = {}
        for k, probe in enumerate(self.certificate.witness.probes):
            probes.setdefault(probe.after_layer, []).append((k, probe))
        last = values_of((), 0)
        for layer, values in enumerate(stages(self.certificate.network, points)):
            for k, probe in probes.get(layer, ()):
                self._probe(k, probe, rows, values)
            last = values
        for i, row in enumerate(rows):
            outputs = [_exact(column[i], last.denominator) for column in last.columns]
            self.labels.add(labels[i])
            if self.failed is None:
                self._rule(row, outputs, labels[i])

    def _rule(self, row: int, outputs: Sequence[Number], label: Number) -> None:
        claim = self.certificate.claim
        margin = margin_of(claim.rule, outputs, label, claim.tolerance)
        got = outputs[0] if len(outputs) == 1 else tuple(outputs)
        if holds(claim.rule, margin) == (row in self.excepted):
            if row in self.excepted:
                self.failed = Rejected(
                    "except", f"samples[{row}]", f"F to miss the label {shown(label)}", got
                )
            else:
                self.failed = Rejected(claim.rule, f"samples[{row}]", label, got)
        elif row not in self.excepted:
            self.margin = margin if self.margin is None else min(self.margin, margin)

    def _probe(self, k: int, probe: Probe, rows: Sequence[int], values: Values) -> None:
        partitions = self.certificate.witness.partitions
        classes = None if probe.partition is None else partitions[probe.partition]
        scale = common(probe.coefficients)
        form = [int(x * scale) for x in probe.coefficients]
        columns = [values.columns[j] for j in probe.neurons]
        for row, *found in zip(rows, *columns, strict=True):
            got = sum(a * x for a, x in zip(form, found, strict=True))
            expected = probe.values[row if classes is None else classes[row]]
            right = expected.numerator * values.denominator * scale == got * expected.denominator
            if not right and (self.probe is None or (k, row) < self.probe[:2]):
                self.probe = (k, row, expected, _exact(got, values.denominator * scale))

    def _keep(self, points: Sequence[tuple[Number, ...]]) -> None:
        claim, values = self.certificate.claim, values_of(points, self.certificate.dataset.dimension)
        squares = (sum(x * x for x in point) for point in zip(*values.columns, strict=True))
        self.radius_squared = max(self.radius_squared, _exact(max(squares), values.denominator**2))
        if claim.separation_squared is not None:
            v = claim.separation_direction or ()
            self.kept += ((sum(a * x for a, x in zip(v, p, strict=False)), p) for p in points)

    def conclude(self) -> None:
        """Compare what was found with the claim.

        Raises:
            Rejected: the first claim that is false.
        """
        claim = self.certificate.claim
        if self.failed is not None:
            raise self.failed
        if self.probe is not None:
            k, row, expected, got = self.probe
            raise Rejected("probe", f"witness.probes[{k}], samples[{row}]", expected, got)
        if not self.whole:
            return
        classes, used = self.certificate.dataset.classes, len(self.labels)
        if classes is not None and not names_outputs(self.certificate) and used != len(classes):
            raise Rejected("classes", "dataset.classes", f"the {used} classes that are used", len(classes))
        if claim.margin is not None and claim.margin != self.margin:
            raise Rejected("margin", "claim.margin", self.margin, claim.margin)
        if claim.data_radius_squared != self.radius_squared:
            at = "claim.data_radius_squared"
            raise Rejected("data_radius_squared", at, self.radius_squared, claim.data_radius_squared)
        if claim.separation_squared is not None:
            self._separation(claim.separation_squared, claim.separation_direction)

    def _separation(self, stated: Number, direction: tuple[Number, ...] | None) -> None:
        at, points = "claim.separation_squared", {point for _, point in self.kept}
        if len(points) == 1:
            raise Rejected("separation", at, "null: there is one distinct point", stated)
        if direction is None:
            found = smallest_distance_squared(points)
            if stated != found:
                raise Rejected("separation", at, found, stated)
            return
        gap = min(_gaps(self.kept))
        bound = _exact_quotient(gap * gap, sum(x * x for x in direction))
        if stated > bound:
            raise Rejected(
                "separation", at, f"at most {shown(bound)}, by the gap {shown(gap)} along it", stated
            )


def _gaps(kept: Iterable[tuple[Number, tuple[Number, ...]]]) -> Iterator[Number]:
    ordered = sorted(kept)
    for (a, p), (b, q) in pairwise(ordered):
        if p != q:
            yield b - a


def smallest_distance_squared(points: Iterable[tuple[Number, ...]]) -> Number:
    """Return the smallest squared distance of at least two distinct points.

    A sweep along the widest coordinate: a pair whose gap there is too large ends the inner loop.
    Cost: at most N^2 d / 2 integer operations, far fewer where that coordinate tells points apart.
    Raises: ValueError for fewer than two points.
    """
    listed = list(points)
    values = values_of(listed, len(listed[0]))
    widest = max(range(len(values.columns)), key=lambda j: max(values.columns[j]) - min(values.columns[j]))
    ordered = sorted(zip(*values.columns, strict=True), key=lambda p: p[widest])
    best: int | None = None
    for i, p in enumerate(ordered):
        for q in islice(ordered, i + 1, None):
            if best is not None and (q[widest] - p[widest]) ** 2 >= best:
                break
            distance = sum([(a - b) * (a - b) for a, b in zip(p, q, strict=True)])
            best = distance if best is None else min(best, distance)
    if best is None:
        raise ValueError("at least two points are needed")
    return _exact(best, values.denominator**2)


def _exact(numerator: int, denominator: int) -> Number:
    return _exact_quotient(numerator, denominator)


def _exact_quotient(p: Number, q: Number) -> Number:
    value = Fraction(p) / q
    return value.numerator if value.denominator == 1 else value
