"""Decide by exact arithmetic whether a box file shows what it says of a certificate's network and data.

Standard library only. The network, the rule and the labels are the certificate's; the file is bound to
them by digests.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from memcert.boxes.document import Boxes, BoxFile, BoxRow
from memcert.boxes.integers import IntegerLayer, integer_layers
from memcert.boxes.replay import PLAIN, Least, replay
from memcert.boxes.statements import statements
from memcert.kernel.certificate import Certificate, Number
from memcert.kernel.check import holds, margin_of
from memcert.kernel.data import Row, Table, hashed, network_digest, numbering
from memcert.kernel.decode import need
from memcert.kernel.network import Network
from memcert.kernel.rational import quotient
from memcert.kernel.verdict import Mismatch, Rejected, Words, shown

Engine = Callable[[Network, Sequence[IntegerLayer]], Least]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a valid box file establishes: of each row's box one verdict; of `undecided`, nothing.

    Args:
        epsilon: half the side of the boxes.
        domain: to which they are cut.
        rule: that holds at every point of a proved box.
        proved: rows.
        refuted: rows; the file has a point of the box at which the rule fails.
        undecided: rows.
        leaves: cases that were decided.
    """

    epsilon: Number
    domain: tuple[tuple[Number, Number], ...] | None
    rule: str
    proved: tuple[int, ...]
    refuted: tuple[int, ...]
    undecided: tuple[int, ...]
    leaves: int


def check(file: BoxFile, certificate: Certificate, table: Table, engine: Engine | None = None) -> Replayed:
    """Establish what a box file says.

    Args:
        file: decoded, not yet believed.
        certificate: whose network, rule and classes are meant; its claims are not examined here.
        table: the samples: the certificate's, or the user's own.
        engine: how least values of the network's neurons are found; None: one by one, in Python's integers.

    Raises:
        Mismatch: the file speaks of another network or other data.
        Malformed: it does not fit the network.
        Rejected: a bound, a leaf, a covering or a counterexample is false.
        LimitReached: numbers grow too long.
    """
    boxes = file.boxes
    _bind("network", boxes.network, network_digest(certificate.network))
    last = file.rows[-1].index
    need(last < table.size, "index", "rows", f"below {table.size}", last)
    if (boxes.rule, boxes.tolerance) != (certificate.claim.rule, certificate.claim.tolerance):
        claimed = shown((certificate.claim.rule, certificate.claim.tolerance))
        raise Rejected("rule", "boxes.rule", f"the certificate's, {claimed}", (boxes.rule, boxes.tolerance))
    wanted = {row.index for row in file.rows}
    digest, found = hashlib.sha256(), dict[int, Row]()
    for index, sample in enumerate(hashed(table, digest)):
        if index in wanted:
            found[index] = sample
    _bind("dataset", boxes.dataset, f"sha256:{digest.hexdigest()}")
    layers = integer_layers(certificate.network)
    least = PLAIN if engine is None else engine(certificate.network, layers)
    examined = _Examined(certificate, boxes, layers, least)
    for k, row in enumerate(file.rows):
        examined.row(row, found[row.index], f"rows[{k}]")
    return Replayed(
        epsilon=boxes.epsilon,
        domain=boxes.domain,
        rule=boxes.rule,
        proved=_rows(file, "proved"),
        refuted=_rows(file, "refuted"),
        undecided=_rows(file, "undecided"),
        leaves=leaves_of(file.rows),
    )


def leaves_of(rows: Sequence[BoxRow]) -> int:
    """Return the number of cases in which a statement is shown. Raises: never."""
    return sum(len(target.leaves) for row in rows for part in row.parts for target in part.targets)


def _rows(file: BoxFile, verdict: str) -> tuple[int, ...]:
    return tuple(row.index for row in file.rows if row.verdict == verdict)


def _bind(name: str, stated: str, found: str) -> None:
    if stated != found:
        raise Mismatch("digest", f"boxes.{name}", stated, Words(found))


def corners(boxes: Boxes, point: Sequence[Number], at: str) -> tuple[tuple[Number, ...], tuple[Number, ...]]:
    """Return the lowest and the highest corner of a row's box.

    Raises:
        Malformed: the domain has another number of coordinates.
        Rejected: the row lies outside of the domain.
    """
    low, high = [x - boxes.epsilon for x in point], [x + boxes.epsilon for x in point]
    if boxes.domain is not None:
        count = len(boxes.domain)
        need(count in (1, len(point)), "length", "boxes.domain", f"1 or {len(point)}", count)
        domain = boxes.domain * len(point) if count == 1 else boxes.domain
        for j, (x, (least, most)) in enumerate(zip(point, domain, strict=True)):
            if not least <= x <= most:
                raise Rejected("domain", f"{at}, coordinate {j}", f"from {least} to {most}", x)
            low[j], high[j] = max(low[j], least), min(high[j], most)
    return tuple(map(_plain, low)), tuple(map(_plain, high))


def _plain(x: Number) -> Number:
    return quotient(x, 1)


@dataclass(frozen=True, slots=True)
class _Examined:
    certificate: Certificate
    boxes: Boxes
    layers: Sequence[IntegerLayer]
    least: Least

    def row(self, row: BoxRow, sample: Row, at: str) -> None:
        point, original = sample
        numbers = numbering(self.certificate)
        label = original if numbers is None else numbers.get(original)
        if label is None or isinstance(label, str):
            raise Rejected("label", at, "one that the certificate's rule knows", original)
        low, high = corners(self.boxes, point, at)
        if row.point is not None:
            self._counterexample(row.point, label, low, high, f"{at}.point")
        if row.verdict == "proved":
            rule, tolerance = self.boxes.rule, self.boxes.tolerance
            outputs = self.certificate.network.layers[-1].shape[0]
            asked = statements(rule, label, outputs, tolerance)
            replay(self.layers, (low, high), row, asked, at, least=self.least)

    def _counterexample(
        self, point: Sequence[Number], label: Number, low: Sequence[Number], high: Sequence[Number], at: str
    ) -> None:
        need(len(point) == len(low), "length", at, len(low), len(point))
        for j, (x, least, most) in enumerate(zip(point, low, high, strict=True)):
            if not least <= x <= most:
                raise Rejected("point", f"{at}[{j}]", f"in the box, from {least} to {most}", x)
        margin = margin_at(self.boxes, label, self.least.outputs(self.certificate.network, point))
        if holds(self.boxes.rule, margin):
            raise Rejected("counterexample", at, f"a point where {self.boxes.rule} fails", margin)


def margin_at(boxes: Boxes, label: Number, outputs: Sequence[Number]) -> Number:
    """Return the rule's margin at a point where the network has these outputs. Raises: never."""
    return _plain(margin_of(boxes.rule, outputs, label, boxes.tolerance))
