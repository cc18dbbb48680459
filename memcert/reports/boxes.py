"""What is told of boxes: by `memcert verify --box`, and by `memcert check --boxes` after the replay.

UNTRUSTED. All figures are exact.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memcert.boxes.check import Replayed, leaves_of
from memcert.boxes.document import Boxes
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


def decided_data(boxes: Boxes, found: "Sequence[Decided]") -> dict[str, Any]:
    """Return the facts of every row that was asked about. Raises: never."""
    return {
        "boxes": {
            **_asked(boxes.epsilon, boxes.domain),
            **_counts([one.row.verdict for one in found]),
            "rows": [_row(one) for one in found],
        }
    }


def _asked(epsilon: Number, domain: Sequence[tuple[Number, Number]] | None) -> dict[str, Any]:
    cut = None if domain is None else [[spell(low), spell(high)] for low, high in domain]
    return {"epsilon": spell(epsilon), "domain": cut}


def _counts(verdicts: Sequence[str]) -> dict[str, int]:
    return {word: sum(verdict == word for verdict in verdicts) for word in ("proved", "refuted", "undecided")}


def _row(one: "Decided") -> dict[str, Any]:
    row = one.row
    facts: dict[str, Any] = {"row": row.index, "verdict": row.verdict, "leaves": leaves_of([row])}
    if row.point is not None and one.margin is not None:
        facts |= {"point": [spell(x) for x in row.point], "margin": spell(one.margin)}
    if row.verdict == "undecided":
        facts["why"] = one.why
    return facts


def decided_lines(boxes: Boxes, found: "Sequence[Decided]") -> list[str]:
    """Return the facts for a person. Raises: never."""
    counts = _counts([one.row.verdict for one in found])
    report = [
        f"boxes of radius {rough(boxes.epsilon)}{_cut(boxes.domain)}: {counts['proved']:,} proved, "
        f"{counts['refuted']:,} refuted, {counts['undecided']:,} undecided, of {len(found):,} rows"
    ]
    refuted = [one for one in found if one.row.verdict == "refuted"]
    for one in refuted[:SHOWN_ROWS]:
        margin = "" if one.margin is None else f", margin {rough(one.margin)}"
        report.append(f"  row {one.row.index}: the rule fails at a point of its box{margin}")
    for one in [one for one in found if one.row.verdict == "undecided"][:SHOWN_ROWS]:
        report.append(f"  row {one.row.index}: undecided, {one.why}")
    return report


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
