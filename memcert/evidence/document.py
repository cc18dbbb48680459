"""A decoded evidence file, as frozen data: nothing here is believed yet.

Field names are those of the format (schemas/evidence-1.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from memcert.errors import NoNetworkError
from memcert.kernel.certificate import Construction, Number

FORMAT = "memcert-evidence/1"
SEPARABLE = "not-separable"
ALTERNATING = "alternating"
STATEMENTS: Mapping[str, str] = {
    SEPARABLE: (
        "no affine function is positive at every quoted row labelled +1 and negative at every one labelled "
        "-1; hence no ReLU network of width 1, of whatever depth, has the sign of every label"
    ),
    ALTERNATING: (
        "the labels of four quoted points of the line alternate; hence no ReLU network of depth 2 and width "
        "at most 2 has the sign of every label"
    ),
}
"""What a valid file of each kind establishes of every data set that contains the quoted rows."""


@dataclass(frozen=True, slots=True)
class Data:
    """The data set that the rows are quoted from.

    `classes` are the two original labels, sorted: -1 stands for the first, +1 for the second.
    """

    name: str
    size: int
    dimension: int
    columns: tuple[str, ...] | None
    classes: tuple[int | str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class QuotedRow:
    """Row `index` of the data, counted from 0: its point and its label, -1 or +1."""

    index: int
    point: tuple[Number, ...]
    label: Number


@dataclass(frozen=True, slots=True)
class Document:
    """A whole evidence file."""

    kind: Annotated[str, "not-separable", "alternating"]
    construction: Construction
    dataset: Data
    rows: tuple[QuotedRow, ...]
    multipliers: tuple[Number, ...]
    annotations: Mapping[str, str]


class EvidenceError(NoNetworkError):
    """There is no network of the class asked for, and `document` shows why (exit status 1)."""

    def __init__(self, document: Document) -> None:
        """Keep the evidence; the message says what it establishes. Raises: never."""
        super().__init__(STATEMENTS[document.kind])
        self.document = document
