"""Results of the generalization experiment as data: integers and exact fractions.

UNTRUSTED.
"""

from collections.abc import Sequence
from typing import Any

from memcert.experiments.generalization import PAPER, Cells, Tested
from memcert.experiments.images import Images
from memcert.kernel.rational import text

EVALUATED = "Theorem 7.3 by the batch formula; 100 F of pixels 0..255, exactly"


def record(found: Tested) -> dict[str, Any]:
    """Return one pair's counts, and the accuracy as a fraction. Raises: never."""
    return {
        "pair": list(found.pair),
        "trained": found.trained,
        "tested": found.tested,
        "right": found.right,
        "zero": found.zero,
        "negative": found.negative,
        "smaller": found.smaller,
        "accuracy": text(found.accuracy),
    }


def table(train: Images, count: int, results: Sequence[Cells]) -> dict[str, Any]:
    """Return Table 1 or 2: Theorem 7.3 on every pair. Raises: never."""
    return {
        "images": train.name,
        "trained_a_label": count,
        "evaluated": EVALUATED,
        "pairs": [record(found.result) for found in results],
    }


def chosen(
    cells: Sequence[Cells], rows: Sequence[tuple[str, str, Sequence[Tested]]]
) -> dict[str, dict[str, Any]]:
    """Return Table 4, each row with the paper's per cent; the first with every image that it misses.

    Args:
        cells: M1, a result a pair.
        rows: the other rows: name, construction, a result a pair.

    Raises:
        KeyError: the paper has no such row.
    """
    first = {
        "construction": "yu-gao-zhang-miao-cells",
        "paper_per_cent": list(PAPER["M1"]),
        "pairs": [
            record(found.result) | {"missed": [[m.row, m.label, m.score] for m in found.missed]}
            for found in cells
        ],
    }
    return {"M1": first} | {
        name: {
            "construction": construction,
            "paper_per_cent": list(PAPER[name]),
            "pairs": [record(found) for found in results],
        }
        for name, construction, results in rows
    }
