"""What floats make of the rows, for people and for machines, with what is not covered.

UNTRUSTED.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from memcert.semantics.told import Told

SHOWN_ROWS = 20
SEQUENTIAL = (
    "memcert's sequential order: ascending index, every operation rounded once, the bias last, nothing "
    "fused; no claim about any runtime"
)
BOUND = "every order of summation, fused or not, under gradual underflow"
NOT_COVERED = (
    "not covered: Winograd, FFT and Strassen products, TF32 and bfloat16 modes, flushed subnormals, a "
    "runtime that folds weights, or joins sums across a broadcast or a value that is read twice"
)


def lines(told: Told) -> Iterator[str]:
    """Yield what a person is told of one semantics. Raises: never."""
    if not told.bounds:
        yield f"{told.name} ({SEQUENTIAL}): holds on {told.holds:,} of {told.size:,} rows"
        yield from _named("  differs from the exact verdict on", told.named)
        yield f"  {told.conversion}"
        return
    yield (
        f"{told.name} ({BOUND}): holds for sure on {told.holds:,} of {told.size:,} rows, fails for sure on "
        f"{told.fails:,}, may differ on {told.unsure:,} ({told.first_stage:,} before the second stage)"
    )
    yield from _named("  may differ on", told.named)
    yield f"  {told.conversion}"
    yield f"  {NOT_COVERED}"


def _named(words: str, rows: Sequence[int]) -> Iterator[str]:
    if rows:
        more = "" if len(rows) <= SHOWN_ROWS else ", ..."
        yield f"{words} rows {', '.join(map(str, rows[:SHOWN_ROWS]))}{more}"


def as_data(told: Told, excepted: Iterable[int]) -> dict[str, Any]:
    """Return what a machine is told of one semantics, given the rows that fail exactly. Raises: never."""
    found: dict[str, Any] = {"holds": told.holds, "failing": told.failing(excepted)}
    found["conversion"] = told.conversion
    if told.bounds:
        return found | {
            "may_differ": told.named,
            "unsure_before_second_stage": told.first_stage,
            "means": BOUND,
            "not_covered": NOT_COVERED,
        }
    return found | {"differs": told.named, "means": SEQUENTIAL}
