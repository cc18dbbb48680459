"""Theorems 5.1 and 6.2: a copy of stages II and III for each subset of the samples.

A copy answers 0 on the samples of the others, which stand outside all its intervals: its words are
then 0, its fields empty. So the sum of all answers is the answer of the one copy that knows.

Source: Theorem 5.1 (copies side by side) and Theorem 6.2 (one after another, at width 12).
Departure: subsets are contiguous along the projection; side by side, the last hidden neuron adds
all answers; one after another, the layer that adds an answer is also the next copy's first.
UNTRUSTED.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from memcert.blocks.part import Part, carry, neuron, parallel, serial
from memcert.constructions.vardi_yehudai_shamir.lookup import STAGE as LOOKUP
from memcert.constructions.vardi_yehudai_shamir.lookup import Fields, answers
from memcert.constructions.vardi_yehudai_shamir.projection import Projection, fan_out, line
from memcert.constructions.vardi_yehudai_shamir.subset_selection import STAGE as SELECTION
from memcert.constructions.vardi_yehudai_shamir.subset_selection import subset_selection
from memcert.constructions.vardi_yehudai_shamir.tables import Interval

Copies = Sequence[Sequence[Interval]]
"""The intervals of each subset."""


def side_by_side(stage: Projection, copies: Copies, fields: Fields) -> Part:
    """Build X -> y with K copies side by side; a copy of fewer intervals waits for the others.

    Returns:
        3 m + n (3 max(rho, c) + 3) + 4 layers, m the largest number of intervals of a copy; width
        12 K, or 10 K if rho or c is 1.

    Raises:
        ValueError: a copy has no interval.
    """
    depth = max(map(len, copies))
    parts = [
        marked(
            serial([fan_out("t", stage.scale), _waiting(intervals, depth), answers(fields)]),
            mark(k),
            shared={"t"},
        )
        for k, intervals in enumerate(copies)
    ]
    row = {f"{name}{mark(k)}": 1 for k in range(len(copies)) for name in ("y", "gate")}
    return serial([line(stage), parallel(*parts), carry("total", LOOKUP, "y", row=row)])


def one_after_another(stage: Projection, copies: Copies, fields: Fields) -> Part:
    """Build X -> y with K copies in series, y being carried past each.

    Returns:
        sum of 3 m_k + K (n (3 max(rho, c) + 3) + 2) + 2 layers of width at most 12.

    Raises:
        ValueError: a copy has no interval.
    """
    parts = [line(stage), fan_out("t", stage.scale), subset_selection(copies[0]), answers(fields)]
    for k, intervals in enumerate(copies[1:], start=1):
        between = parallel(fan_out("x", 1), _total())
        kept = serial(carry(f"select_y_{j}", SELECTION, "y", depth=3) for j in range(len(intervals)))
        selected = parallel(subset_selection(intervals), kept)
        parts.append(named(serial([between, selected, answers(fields, {"y": 1})]), mark(k)))
    return serial([*parts, _total()])


def mark(copy: int) -> str:
    """Return what distinguishes the names of a copy. Raises: never."""
    return f"_copy{copy}"


def marked(part: Part, suffix: str, shared: Collection[str]) -> Part:
    """Return the part with its neurons and blocks renamed; of `shared` it reads what there is once.

    Raises:
        ValueError: never.
    """
    layers = tuple(
        tuple(
            neuron(n.name + suffix, {s if s in shared else s + suffix: w for s, w in n.row}, n.bias)
            for n in layer
        )
        for layer in part.layers
    )
    return named(Part(layers, part.outlines), suffix)


def named(part: Part, suffix: str) -> Part:
    """Return the part with its blocks renamed. Raises: never."""
    return Part(part.layers, tuple(replace(o, name=o.name + suffix) for o in part.outlines))


def _total() -> Part:
    return carry("total", LOOKUP, "y", row={"y": 1, "gate": 1})


def _waiting(intervals: Sequence[Interval], depth: int) -> Part:
    idle = (
        parallel(*(carry(f"idle_{name}_{j}", SELECTION, name, depth=3) for name in ("x", "yu", "yw")))
        for j in range(len(intervals), depth)
    )
    return serial([subset_selection(intervals), *idle])
