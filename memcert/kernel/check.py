"""Decide whether a certificate's network memorizes its samples, exactly.

TRUSTED. Of several failures the first in this order is reported, however the samples are read:
the user's data are other data; digests; sizes; the rule, by sample; probes, by probe and sample;
margin; data radius; separation.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import islice, pairwise

from memcert.kernel.certificate import Certificate, Claim, Number, Probe
from memcert.kernel.data import Row, Table, dataset_digest, hashed, inline_table, network_digest, numbering
from memcert.kernel.decode import label_fits, names_outputs
from memcert.kernel.network import Network, Values, common, stages, values_of
from memcert.kernel.rational import quotient
from memcert.kernel.verdict import Accepted, LimitReached, Malformed, Mismatch, Rejected, Words, shown

BATCH = 1 << 18
"""Values of a layer that are computed together; bounds memory, changes no answer."""
MAX_COMPARISONS = 1 << 31
"""Coordinates that are compared in the search for the smallest distance: some minutes."""


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
    size, classes = certificate.dataset.size, certificate.dataset.classes
    if select is not None and not (select and 0 <= min(select) <= max(select) < size):
        raise ValueError(f"rows to examine lie from 0 to {size - 1}")
    used = table or inline_table(certificate)
    if used is None:
        raise LimitReached("dataset", "dataset.points", "the detached data, given beside", Words("nothing"))
    found = Findings(certificate, range(size) if select is None else frozenset(select))
    digest = found.read(used)
    network = check_network(certificate, digest, used.columns, given=table is not None)
    found.conclude()
    return Accepted(
        rule=certificate.claim.rule,
        tolerance=certificate.claim.tolerance,
        samples=size,
        examined=len(found.select),
        excepted=sum(row in found.select for row in certificate.claim.excepted),
        classes=None if classes is None else len(classes),
        dataset_digest=digest,
        network_digest=network,
        not_examined=not_examined(certificate, whole=found.whole),
    )


def check_network(
    certificate: Certificate, digest: str, columns: tuple[str, ...] | None, *, given: bool
) -> str:
    """Compare digests and sizes with the claimed ones; return the network's digest.

    Args:
        certificate: whose claims are compared.
        digest: of the samples that were read.
        columns: their names.
        given: these are the user's; False: the certificate's own.

    Raises:
        Mismatch: the user's data have another digest.
        Rejected: a digest or size of the certificate is false.
    """
    own = inline_table(certificate) if given else None
    mine = dataset_digest(own) if own else str(certificate.digests.dataset) if given else digest
    if digest != mine:
        raise Mismatch("digest", "digests.dataset", mine, Words(digest))
    if columns != certificate.dataset.columns:  # only where the data are detached is this not the digest's
        raise Rejected("columns", "dataset.columns", columns, certificate.dataset.columns)
    network = network_digest(certificate.network)
    for name, found in {"dataset": mine, "network": network}.items():
        stated = getattr(certificate.digests, name)
        if stated not in (None, found):
            raise Rejected("digest", f"digests.{name}", str(stated), Words(found))
    _compare(certificate.claim, sizes(certificate.network))
    return network


def _compare(claim: Claim, measured: Mapping[str, Number | None]) -> None:
    for name, found in measured.items():
        stated = getattr(claim, name)
        if stated is not None and stated != found:
            raise Rejected(name, f"claim.{name}", found, stated)


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


class Findings:
    """What the samples read so far have shown; `conclude` compares it with the claim."""

    def __init__(self, certificate: Certificate, select: range | frozenset[int]) -> None:
        """Start with nothing read; `select` holds the rows that are examined."""
        self.certificate, self.select = certificate, select
        self.numbers, self.excepted = numbering(certificate), frozenset(certificate.claim.excepted)
        self.probes: dict[int, list[tuple[int, Probe]]] = {}
        for k, probe in enumerate(certificate.witness.probes):
            self.probes.setdefault(probe.after_layer, []).append((k, probe))
        self.failed: Rejected | None = None
        self.missed: tuple[int, int, Number, Number] | None = None
        self.margin: Number | None = None
        self.labels: set[Number] = set()
        self.radius_squared: Number = 0
        self.kept: list[tuple[Number, tuple[Number, ...]]] = []

    @property
    def whole(self) -> bool:
        """Whether every sample is examined. Raises: never."""
        return len(self.select) == self.certificate.dataset.size

    def read(self, table: Table) -> str:
        """Examine all rows of a table and return its digest.

        Raises:
            Mismatch: a size differs from the certificate's.
            Malformed: a row cannot be read, or there are too few or too many.
            LimitReached: a value grew beyond the bound.
        """
        size, dimension = self.certificate.dataset.size, self.certificate.dataset.dimension
        if (table.size, table.dimension) != (size, dimension):
            raise Mismatch("size", "dataset", f"{size} x {dimension}", (table.size, table.dimension))
        # The claimed width is not believed: it only says how many samples go together.
        count = max(1, min(1000, BATCH // max(self.certificate.claim.width, dimension)))
        digest, start = hashlib.sha256(), 0
        rows = hashed(table, digest)
        while batch := list(islice(rows, count)):
            if self.failed is None:  # else only the digest of the remaining rows still counts
                self._batch(start, batch)
            start += len(batch)
        if start != size:
            raise Malformed("data", "rows", f"{size} rows", start)
        return f"sha256:{digest.hexdigest()}"

    def _batch(self, start: int, batch: Sequence[Row]) -> None:
        if self.whole:
            self._keep([point for point, _ in batch])
        wrong, rows, points, labels = None, [], [], []
        for row, (point, label) in enumerate(batch, start):
            if row in self.select:
                number = label if self.numbers is None else self.numbers.get(label, "")
                if isinstance(number, str) or not label_fits(self.certificate, number):
                    wrong = Rejected("label", f"samples[{row}]", "a label of the rule and its classes", label)
                    break
                rows.append(row)
                points.append(point)
                labels.append(number)
        if rows:
            self._evaluate(rows, points, labels)
        self.failed = self.failed or wrong

    def _evaluate(self, rows: list[int], points: list[tuple[Number, ...]], labels: list[Number]) -> None:
        self.labels.update(labels)
        for layer, values in enumerate(stages(self.certificate.network, points)):
            for k, probe in self.probes.get(layer, ()):
                self._probe(k, probe, rows, values)
        for row, label, *outputs in zip(rows, labels, *values.columns, strict=True):
            if self.failed is None:
                self._rule(row, [quotient(x, values.denominator) for x in outputs], label)

    def _rule(self, row: int, outputs: Sequence[Number], label: Number) -> None:
        claim, excepted = self.certificate.claim, row in self.excepted
        margin = margin_of(claim.rule, outputs, label, claim.tolerance)
        if holds(claim.rule, margin) == excepted:
            rule = "except" if excepted else claim.rule
            expected = f"F to miss the label {shown(label)}" if excepted else label
            got = outputs[0] if len(outputs) == 1 else tuple(outputs)
            self.failed = Rejected(rule, f"samples[{row}]", expected, got)
        elif not excepted:
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
            if not right and (self.missed is None or (k, row) < self.missed[:2]):
                self.missed = (k, row, expected, quotient(got, values.denominator * scale))

    def _keep(self, points: Sequence[tuple[Number, ...]]) -> None:
        claim, values = self.certificate.claim, values_of(points, self.certificate.dataset.dimension)
        squares = (sum(x * x for x in point) for point in zip(*values.columns, strict=True))
        self.radius_squared = max(self.radius_squared, quotient(max(squares), values.denominator**2))
        if claim.separation_squared is not None:
            v = claim.separation_direction or (0,) * len(points[0])
            self.kept += ((sum(a * x for a, x in zip(v, p, strict=True)), p) for p in points)

    def conclude(self) -> None:
        """Compare what was found with the claim.

        Raises:
            Rejected: the first claim that is false.
        """
        claim, classes = self.certificate.claim, self.certificate.dataset.classes
        if self.failed is not None:
            raise self.failed
        if self.missed is not None:
            k, row, expected, got = self.missed
            raise Rejected("probe", f"witness.probes[{k}], samples[{row}]", expected, got)
        if not self.whole:
            return
        used = len(self.labels)
        if classes is not None and used != len(classes) and not names_outputs(self.certificate):
            raise Rejected("classes", "dataset.classes", f"the {used} classes that are used", len(classes))
        _compare(claim, {"margin": self.margin, "data_radius_squared": self.radius_squared})
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
        gap = min(b - a for (a, p), (b, q) in pairwise(sorted(self.kept)) if p != q)
        bound = quotient(gap * gap, sum(x * x for x in direction))
        if stated > bound:
            most = f"at most {shown(bound)}, by the gap {shown(gap)} along it"
            raise Rejected("separation", at, most, stated)


def smallest_distance_squared(points: Iterable[tuple[Number, ...]]) -> Number:
    """Return the smallest squared distance of two or more distinct points.

    A sweep along the widest coordinate: a pair whose gap there is too large ends the inner loop.
    Cost: at most N^2 d / 2 integer operations, far fewer where that coordinate tells points apart.
    Raises: LimitReached, beyond MAX_COMPARISONS.
    """
    listed = list(points)
    values = values_of(listed, len(listed[0]))
    widest = max(range(len(values.columns)), key=lambda j: max(values.columns[j]) - min(values.columns[j]))
    ordered = sorted(zip(*values.columns, strict=True), key=lambda p: p[widest])
    best = compared = 0
    for i, p in enumerate(ordered):
        if compared * len(p) > MAX_COMPARISONS:
            at = "claim.separation_squared"
            raise LimitReached("separation", at, "points easier to tell apart", Words("more work"))
        for q in islice(ordered, i + 1, None):
            if best and (q[widest] - p[widest]) ** 2 >= best:
                break
            compared += 1
            distance = sum([(a - b) * (a - b) for a, b in zip(p, q, strict=True)])
            best = min(best or distance, distance)
    return quotient(best, values.denominator**2)
