"""What `memcert verify` adds to the verdicts of the rows: a section for each further question.

UNTRUSTED.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from memcert.cli.outcomes import (
    DOES_NOT_HOLD,
    HOLDS,
    INTERNAL,
    INTERRUPTED,
    MALFORMED,
    MISMATCH,
    UNDECIDED,
    UNSUPPORTED,
    USAGE,
)

SEVERITY = (
    INTERNAL,
    INTERRUPTED,
    USAGE,
    MALFORMED,
    MISMATCH,
    UNSUPPORTED,
    DOES_NOT_HOLD,
    UNDECIDED,
    HOLDS,
)
"""Of several, the first that occurs is the exit status."""


@dataclass(frozen=True, slots=True)
class Section:
    """An answer beside the rows' own verdicts.

    Args:
        status: the exit status that it asks for; HOLDS where it only tells.
        report: lines for a person.
        data: keys for the JSON object; no two sections share one.
    """

    status: int = HOLDS
    report: tuple[Any, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)


def worst(statuses: Sequence[int]) -> int:
    """Return the exit status of several answers together. Raises: ValueError (there is none)."""
    return min(statuses, key=SEVERITY.index)
