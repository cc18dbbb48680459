"""A decoded box file, as frozen data: nothing here is believed yet.

Field names are those of the format (schemas/boxes-1.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from memcert.kernel.certificate import Number

FORMAT = "memcert-boxes/1"
ON, OFF, BOTH = "+", "-", "*"
"""Signs of a neuron before its ReLU on the box: at least 0, at most 0, or between two bounds."""


class Cut(NamedTuple):
    """A part of the box: where the coordinate is at least `at` (`above`), or at most."""

    coordinate: int
    at: Number
    above: bool


class Fixed(NamedTuple):
    """A case: the neuron before its ReLU is at least 0 (`on`), or at most 0."""

    layer: int
    neuron: int
    on: bool


@dataclass(frozen=True, slots=True)
class Neurons:
    """One layer: a sign a neuron (none for a layer without ReLU), and [L, U] for each `*`."""

    signs: str
    bounds: tuple[tuple[Number, Number], ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One case of the branching, and multipliers that decide it.

    Args:
        path: which neurons are fixed, from the root.
        empty: no point of the box has these signs; else the statement holds in this case.
        slopes: of the lower lines, one for each `*` of the row, in order; None: by their bounds.
        multipliers: one for each step of the path, at least 0.
    """

    path: tuple[Fixed, ...]
    empty: bool
    slopes: tuple[Number, ...] | None
    multipliers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A statement about the outputs, with leaves that cover all cases."""

    against: int
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a row's box, on which every statement of the rule is shown.

    Args:
        cuts: that make it out of the box, one after another; none: the whole box.
        neurons: one a layer of the network.
        targets: one for each statement of the rule.
    """

    cuts: tuple[Cut, ...]
    neurons: tuple[Neurons, ...]
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class BoxRow:
    """Row `index` of the data, and what became of its box.

    Args:
        index: from 0.
        verdict: proved, refuted or undecided.
        point: in the box, where the rule fails; None unless refuted.
        parts: that cover the box; none unless proved.
    """

    index: int
    verdict: Annotated[str, "proved", "refuted", "undecided"]
    point: tuple[Number, ...] | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Boxes:
    """What all rows share.

    Args:
        network: digest of the network.
        dataset: digest of the data.
        rule: equal, sign, argmax or within.
        tolerance: of the rule within.
        epsilon: half the side of a box, at least 0, in the data's own coordinates.
        domain: to which the boxes are cut: [low, high] a coordinate, or one for all; None: not cut.
    """

    network: str
    dataset: str
    rule: Annotated[str, "equal", "sign", "argmax", "within"]
    tolerance: Number | None
    epsilon: Number
    domain: tuple[tuple[Number, Number], ...] | None


@dataclass(frozen=True, slots=True)
class BoxFile:
    """A whole box file."""

    boxes: Boxes
    rows: tuple[BoxRow, ...]
    annotations: Mapping[str, str]
