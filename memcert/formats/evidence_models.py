"""The evidence format memcert-evidence/1 as pydantic models, from which its JSON Schema is generated.

UNTRUSTED: `memcert.evidence` never sees these models. They accept whatever it decodes;
schemas/evidence-1.md has the rest.
"""

from typing import Annotated, Literal

from pydantic import Field

from memcert.formats.models import AtLeastOne, ConstructionModel
from memcert.formats.schema_types import Digest, Natural, Number, Record, SmallInteger


class QuotedDataModel(Record):
    """The data set that the rows are quoted from."""

    name: str
    size: AtLeastOne
    """N, the number of its rows."""
    dimension: AtLeastOne
    """d, the number of coordinates of a point."""
    columns: Annotated[tuple[str, ...], Field(min_length=1)] | None
    classes: tuple[SmallInteger, SmallInteger] | tuple[str, str]
    """The original labels that -1 and +1 stand for, sorted."""
    digest: Digest
    """Of the canonical text of the whole data set."""


class QuotedRowModel(Record):
    """One row of the data."""

    index: Natural
    """From 0."""
    point: Annotated[tuple[Number, ...], Field(min_length=1)]
    label: Literal[-1, 1]


class EvidenceModel(Record):
    """Rows of a data set that show that it has no network of a class."""

    format: Literal["memcert-evidence/1"]
    kind: Literal["not-separable", "alternating"]
    construction: ConstructionModel
    """Which construction was asked for the network, by its word."""
    dataset: QuotedDataModel
    rows: Annotated[tuple[QuotedRowModel, ...], Field(min_length=1)]
    multipliers: tuple[Number, ...]
    """One a row if the kind is not-separable, else none."""
    annotations: dict[str, str]
    """Never examined."""
