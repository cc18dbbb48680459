"""What `memcert verify` adds to the verdicts of the rows: a section for each further question.

UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memcert.endings import HOLDS


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
