"""What is told of boxes: by `memcert verify --box`, and by `memcert check --boxes` after the replay.

UNTRUSTED. All figures are exact.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memcert.boxes.check import Replayed, leaves_of
from memcert.boxes.document import Boxes
from memcert.datasets.spool import Records
from memcert.kernel.certificate import Number
from memcert.kernel.rational import spell
from memcert.kernel.verdict import shown
from memcert.reports.words import rough

if TYPE_CHECKING:
    from memcert.regions.boxes import Decided

SHOWN_ROWS = 20
"""Rows that a person is told; the JSON object has all."""
RESTS_ON = "exact arithmetic on the certificate's network (memcert.boxes), no solver"
FAST_RESTS_ON = (
    "exact arithmetic on the certificate's network (memcert.boxes, memcert.regions, numpy), no solver"
)


class Told:
    """What the rows so far have shown; what is told of each lies on disk where they are many.

    Args:
        boxes: what they share.
    """

    def __init__(self, boxes: Boxes) -> None:
        """Start with no rows."""
        self.boxes, self.rows = boxes, Records()
        self.counts = {"proved": 0, "refuted": 0, "undecided": 0}
        self.named: dict[str, list[str]] = {"refuted": [], "undecided": []}

    def take(self, one: "Decided") -> None:
        """Take a row in. Raises: UndecidedError (the disk is full)."""
        verdict = one.row.verdict
        self.counts[verdict] += 1
        self.rows.append(_row(one))
        if verdict in self.named and len(self.named[verdict]) < SHOWN_ROWS:
            self.named[verdict].append(_named_row(one))

    def data(self) -> dict[str, Any]:
        """Return the facts of every row that was asked about. Raises: never."""
        shared = _asked(self.boxes.epsilon, self.boxes.domain)
        return {"boxes": {**shared, **self.counts, "rows": self.rows}}

    def lines(self) -> list[str]:
        """Return the facts for a person. Raises: never."""
        counts = self.counts
        report = [
            f"boxes of radius {rough(self.boxes.epsilon)}{_cut(self.boxes.domain)}: {counts['proved']:,} "
            f"proved, {counts['refuted']:,} refuted, {counts['undecided']:,} undecided, of "
            f"{len(self.rows):,} rows"
        ]
        return report + self.named["refuted"] + self.named["undecided"]


def _named_row(one: "Decided") -> str:
    if one.row.verdict == "undecided":
        return f"  row {one.row.index}: undecided, {one.why}"
    margin = "" if one.margin is None else f", margin {rough(one.margin)}"
    return f"  row {one.row.index}: the rule fails at a point of its box{margin}"


def _asked(epsilon: Number, domain: Sequence[tuple[Number, Number]] | None) -> dict[str, Any]:
    cut = None if domain is None else [[spell(low), spell(high)] for low, high in domain]
    return {"epsilon": spell(epsilon), "domain": cut}


def _row(one: "Decided") -> dict[str, Any]:
    row = one.row
    facts: dict[str, Any] = {"row": row.index, "verdict": row.verdict, "leaves": leaves_of([row])}
    if row.point is not None and one.margin is not None:
        facts |= {"point": [spell(x) for x in row.point], "margin": spell(one.margin)}
    if row.verdict == "undecided":
        facts["why"] = one.why
    return facts


def _cut(domain: Sequence[tuple[Number, Number]] | None) -> str:
    if domain is None:
        return ""
    if len(domain) == 1:
        return f", cut to [{shown(domain[0][0])}, {shown(domain[0][1])}]"
    return ", cut to the domain of each coordinate"


def replayed_data(found: Replayed, *, fast: bool) -> dict[str, Any]:
    """Return what a replay established. Raises: never."""
    return {
        "boxes": {
            **_asked(found.epsilon, found.domain),
            "proved": list(found.proved),
            "refuted": list(found.refuted),
            "undecided": list(found.undecided),
            "leaves": found.leaves,
            "rests_on": FAST_RESTS_ON if fast else RESTS_ON,
        }
    }


def replayed_lines(found: Replayed, *, fast: bool) -> list[str]:
    """Return what a replay established, for a person. Raises: never."""
    total = len(found.proved) + len(found.refuted) + len(found.undecided)
    report = [
        f"boxes replayed: {found.rule} holds at every point of the box of radius {rough(found.epsilon)}"
        f"{_cut(found.domain)} around {len(found.proved):,} of {total:,} rows; {found.leaves:,} leaves",
    ]
    if found.refuted:
        report.append(f"  it fails at a point of the boxes around rows {_named(found.refuted)}")
    if found.undecided:
        report.append(f"  nothing is said of the boxes around rows {_named(found.undecided)}")
    return [*report, f"  rests on: {FAST_RESTS_ON if fast else RESTS_ON}"]


def _named(rows: Sequence[int]) -> str:
    more = "" if len(rows) <= SHOWN_ROWS else ", ..."
    return ", ".join(map(str, rows[:SHOWN_ROWS])) + more
