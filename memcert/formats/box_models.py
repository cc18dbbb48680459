"""The box format memcert-boxes/1 as pydantic models, from which its JSON Schema is generated.

UNTRUSTED: `memcert.boxes` never sees these models. They accept whatever it decodes;
schemas/boxes-1.md has the rest.
"""

from typing import Annotated, Literal

from pydantic import Field

from memcert.formats.schema_types import Digest, Natural, NonNegative, Number, Record


class BoxesModel(Record):
    """What all rows share."""

    network: Digest
    """Of the certificate's network."""
    dataset: Digest
    """Of the canonical text of the data."""
    rule: Literal["equal", "sign", "argmax", "within"]
    tolerance: NonNegative | None
    """Of the rule within."""
    epsilon: NonNegative
    """Half the side of a box, in the data's own coordinates."""
    domain: tuple[tuple[Number, Number], ...] | None
    """To which boxes are cut: [low, high] a coordinate, or one for all."""


class NeuronsModel(Record):
    """One layer of the network on a part of the box."""

    signs: Annotated[str, Field(pattern=r"^[+*-]*$")]
    """A sign a neuron: + at least 0, - at most 0, * between two bounds; none for a layer without ReLU."""
    bounds: tuple[tuple[Number, Number], ...]
    """[low, high] for each *, low < 0 < high."""


class LeafModel(Record):
    """One case of the branching on signs."""

    path: tuple[tuple[Natural, Natural, bool], ...]
    """[layer, neuron, at least 0] for each neuron that is fixed."""
    empty: bool
    """Whether the box has no point with these signs; else the statement holds in this case."""
    slopes: tuple[Number, ...] | None
    """Of the lines below, from 0 to 1, one for each *; null: 1 where low + high >= 0, else 0."""
    multipliers: tuple[Number, ...]
    """One for each step of the path, at least 0."""


class TargetModel(Record):
    """One statement of the rule, by cases."""

    against: Natural
    """For argmax the other output; else the number of the statement."""
    leaves: tuple[LeafModel, ...]


class PartModel(Record):
    """A part of the box on which every statement is shown."""

    cuts: tuple[tuple[Natural, Number, bool], ...]
    """[coordinate, at, at least that] for each cut, one after another."""
    neurons: tuple[NeuronsModel, ...]
    """One for each layer of the network."""
    targets: tuple[TargetModel, ...]


class BoxRowModel(Record):
    """One row of the data."""

    index: Natural
    verdict: Literal["proved", "refuted", "undecided"]
    point: tuple[Number, ...] | None
    """Of the box, where the rule fails; null unless refuted."""
    parts: tuple[PartModel, ...]
    """That cover the box; none unless proved."""


class BoxFileModel(Record):
    """Why a rule holds on the whole box around rows, or a point where it fails."""

    format: Literal["memcert-boxes/1"]
    boxes: BoxesModel
    rows: Annotated[tuple[BoxRowModel, ...], Field(min_length=1)]
    annotations: dict[str, str]
    """Never examined."""
