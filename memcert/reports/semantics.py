"""What floats make of the rows, for people and for machines, with what is not covered.

UNTRUSTED.
"""

from collections.abc import Iterator
from typing import Any

from memcert.semantics.every_order import FAILS, HOLDS, UNSURE
from memcert.semantics.judge import ANY, Told

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


def lines(told: Told, failing: set[int]) -> Iterator[str]:
    """Yield what a person is told of one semantics. Raises: never."""
    size, held = len(told.states), told.states.count(HOLDS)
    if not told.name.startswith(ANY):
        yield f"{told.name} ({SEQUENTIAL}): holds on {held:,} of {size:,} rows"
        yield from _named("  differs from the exact verdict on", _differing(told, failing))
        return
    yield (
        f"{told.name} ({BOUND}): holds for sure on {held:,} of {size:,} rows, fails for sure on "
        f"{told.states.count(FAILS):,}, may differ on {told.states.count(UNSURE):,} "
        f"({told.first_stage:,} before the second stage)"
    )
    yield from _named("  may differ on", told.rows(UNSURE))
    yield f"  {NOT_COVERED}"


def _named(words: str, rows: list[int]) -> Iterator[str]:
    if rows:
        more = "" if len(rows) <= SHOWN_ROWS else ", ..."
        yield f"{words} rows {', '.join(map(str, rows[:SHOWN_ROWS]))}{more}"


def _differing(told: Told, failing: set[int]) -> list[int]:
    return [row for row, state in enumerate(told.states) if (state == FAILS) != (row in failing)]


def as_data(told: Told, failing: set[int]) -> dict[str, Any]:
    """Return what a machine is told of one semantics. Raises: never."""
    found: dict[str, Any] = {"holds": told.states.count(HOLDS), "failing": told.rows(FAILS)}
    if told.name.startswith(ANY):
        return found | {
            "may_differ": told.rows(UNSURE),
            "unsure_before_second_stage": told.first_stage,
            "means": BOUND,
            "not_covered": NOT_COVERED,
        }
    return found | {"differs": _differing(told, failing), "means": SEQUENTIAL}
