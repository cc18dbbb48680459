"""Parts that cover a box, and cases that cover all signs: binary trees, told by their leaves.

A path is what tells a leaf apart, split by split from the root; the last item of a step is its side.
"""

from collections.abc import Sequence
from typing import Any

from memcert.boxes.document import Cut, Fixed
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import Rejected, Words, shown

Corners = tuple[Sequence[Number], Sequence[Number]]
"""The lowest and the highest corner of a box."""


def cut(box: Corners, cuts: Sequence[Cut], at: str) -> Corners:
    """Return the part of a box that cuts make, one after another.

    Raises:
        Rejected: a cut does not go through what is left.
    """
    low, high = list(box[0]), list(box[1])
    for k, (j, threshold, above) in enumerate(cuts):
        if not low[j] < threshold < high[j]:
            inside = f"between {shown(low[j])} and {shown(high[j])}"
            raise Rejected("cut", f"{at}.cuts[{k}]", inside, threshold)
        if above:
            low[j] = threshold
        else:
            high[j] = threshold
    return low, high


def check_cover(paths: Sequence[Sequence[Fixed] | Sequence[Cut]], at: str) -> None:
    """Establish that the paths are those of a binary tree, from its root to each leaf.

    Where they part, both sides of one split are there: both signs of a neuron, or both sides of a cut.
    Then every point of the box, with the signs that it has, is in the case of at least one leaf.

    Raises:
        Rejected: a case is missing, or is there twice.
    """
    ahead: list[tuple[int, Sequence[Sequence[tuple[Any, ...]]]]] = [(0, paths)]
    while ahead:
        depth, group = ahead.pop()
        if not group:
            raise Rejected("cover", at, "leaves that cover every case", Words("none"))
        if any(len(path) == depth for path in group):
            if len(group) > 1:
                raise Rejected("cover", at, "one leaf a case", _told(group[0][:depth]))
            continue
        *split, _ = group[0][depth]
        for path in group:
            if path[depth][:-1] != tuple(split):
                raise Rejected("cover", at, f"{_told([group[0][depth]])}, or the other side", _told(path))
        for side in (True, False):
            part = [path for path in group if path[depth][-1] == side]
            if not part:
                missing = [*group[0][:depth], (*split, side)]
                raise Rejected("cover", at, f"a leaf for the case {_told(missing)}", Words("none"))
            ahead.append((depth + 1, part))


def _told(path: Sequence[tuple[Any, ...]]) -> Words:
    return Words(", ".join(shown(tuple(step)) for step in path) or "no split at all")
