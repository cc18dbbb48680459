"""The text of a box file, in canonical form: one spelling, a line a row; rows may be a stream."""

import json
from collections.abc import Iterable, Iterator, Mapping

from memcert.boxes.document import FORMAT, Boxes, BoxRow, Leaf, Part, Target
from memcert.kernel.certificate import Number
from memcert.kernel.rational import spell


def chunks(boxes: Boxes, rows: Iterable[BoxRow], annotations: Mapping[str, str]) -> Iterator[str]:
    """Yield the text; `decode` of it gives the file again. Memory: one row. Raises: never."""
    head = {
        "network": boxes.network,
        "dataset": boxes.dataset,
        "rule": boxes.rule,
        "tolerance": None if boxes.tolerance is None else spell(boxes.tolerance),
        "epsilon": spell(boxes.epsilon),
        "domain": None if boxes.domain is None else [_spelled(pair) for pair in boxes.domain],
    }
    yield f'{{\n"format": {json.dumps(FORMAT)},\n"boxes": {json.dumps(head)},\n"rows": ['
    separator = "\n"
    for row in rows:
        yield separator + row_text(row)
        separator = ",\n"
    yield f'\n],\n"annotations": {json.dumps(dict(annotations))}\n}}\n'


def row_text(row: BoxRow) -> str:
    """Return the text of one row. Raises: never."""
    return json.dumps(
        {
            "index": row.index,
            "verdict": row.verdict,
            "point": None if row.point is None else _spelled(row.point),
            "parts": [_part(part) for part in row.parts],
        }
    )


def _part(part: Part) -> dict[str, object]:
    return {
        "cuts": [[cut.coordinate, spell(cut.at), cut.above] for cut in part.cuts],
        "neurons": [
            {"signs": layer.signs, "bounds": [_spelled(pair) for pair in layer.bounds]}
            for layer in part.neurons
        ],
        "targets": [_target(target) for target in part.targets],
    }


def _target(target: Target) -> dict[str, object]:
    return {"against": target.against, "leaves": [_leaf(leaf) for leaf in target.leaves]}


def _leaf(leaf: Leaf) -> dict[str, object]:
    return {
        "path": [list(step) for step in leaf.path],
        "empty": leaf.empty,
        "slopes": None if leaf.slopes is None else _spelled(leaf.slopes),
        "multipliers": _spelled(leaf.multipliers),
    }


def _spelled(numbers: Iterable[Number]) -> list[int | str]:
    return [spell(number) for number in numbers]
