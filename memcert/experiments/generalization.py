"""How well memorizers do on images that they have not seen: Tables 1, 2 and 4 of Yu, Gao, Zhang, Miao.

Two labels at a time; the smaller is -1. The sign of F decides, and F(x) = 0 counts as wrong. Every
figure is a quotient of two integers, and F is computed exactly.

UNTRUSTED.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from memcert.constructions.assemble import build
from memcert.errors import DatasetError
from memcert.exact.check import fast_check
from memcert.exact.engine import outputs
from memcert.experiments.cell_function import CellFunction
from memcert.experiments.images import CLASSES, Images

Array = np.ndarray[Any, Any]
Pair = tuple[int, int]
Progress = Callable[[str, int, int], None]

PAIRS: tuple[Pair, ...] = tuple(combinations(range(CLASSES), 2))
CHOSEN: tuple[Pair, ...] = ((1, 7), (2, 3), (4, 9), (5, 6), (8, 9))
"""The pairs of Table 4."""
MEMORIZERS = (("M2", "park-lee-yun-shin"), ("M3", "vardi-yehudai-shamir"))
"""Its rows beside M1, which is Theorem 7.3, and the constructions that stand in them."""
PAPER = {
    "M1": ("98", "96", "91", "96", "96"),
    "M2": ("51", "50", "45", "59", "41"),
    "M3": ("46", "51", "46", "47", "48"),
}
"""Per cent printed in Table 4, pair by pair."""


@dataclass(frozen=True, slots=True)
class Tested:
    """What a memorizer of two labels does on their test images.

    Args:
        pair: the labels, the smaller first.
        trained: images that it memorizes.
        tested: images on which it was evaluated.
        right: of these, those with y F(x) > 0.
        zero: those with F(x) = 0, counted as wrong.
        negative: those with F(x) < 0, told as the smaller label.
        smaller: those that have the smaller label.
    """

    pair: Pair
    trained: int
    tested: int
    right: int
    zero: int
    negative: int
    smaller: int

    @property
    def accuracy(self) -> Fraction:
        """The share of test images that are right. Raises: never."""
        return Fraction(self.right, self.tested)


@dataclass(frozen=True, slots=True)
class Missed:
    """A test image on which Theorem 7.3 errs: its row, its label, and 100 F exactly (pixels 0..255)."""

    row: int
    label: int
    score: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Theorem 7.3 on one pair, with the images that it misses."""

    result: Tested
    missed: tuple[Missed, ...]


def quiet(_step: str, _done: int, _total: int) -> None:
    """Tell nobody. Raises: never."""


def cells(train: Images, test: Images, pair: Pair, count: int, seed: int | None = None) -> Cells:
    """Evaluate Theorem 7.3 on all test images of two labels.

    Args:
        train: where `count` images of each label are taken, the first ones.
        test: all images of both labels are used.
        pair: the labels, the smaller first.
        count: training images a label.
        seed: None: the first; else a random draw.

    Cost: as `CellFunction.scores`; about a second for 500 images of MNIST.

    Raises:
        UsageError: there are too few training images.
        DatasetError: no test image has either label.
        UndecidedError: sums do not fit into machine integers.
    """
    rows = np.concatenate([train.rows(label, count, seed) for label in pair])
    function = CellFunction(train.pixels[rows], train.labels[rows] == pair[1])
    chosen = _test_rows(test, pair)
    scores = function.scores(test.pixels[chosen])
    result, right = _counted(pair, len(rows), test.labels[chosen], np.sign(scores))
    missed = tuple(
        Missed(int(chosen[i]), int(test.labels[chosen[i]]), int(scores[i])) for i in np.flatnonzero(~right)
    )
    return Cells(result, missed)


def memorized(train: Images, test: Images, pair: Pair, count: int, construction: str) -> Tested:
    """Build a construction on the first images of two labels, check it, and evaluate it on the test images.

    Args:
        train: where `count` images of each label are taken.
        test: all images of both labels are used.
        pair: the labels, the smaller first.
        count: training images a label.
        construction: its name; it must meet the rule `sign`.

    Raises:
        UsageError: no such construction, or too few training images.
        BuildError: the construction refuses these images.
        Rejected: the network is not what its certificate claims, a fault of memcert.
    """
    rows = np.sort(np.concatenate([train.rows(label, count) for label in pair]))
    made = build(train.dataset(rows), construction, rule="sign", separation="direction")
    fast_check(made)
    chosen = _test_rows(test, pair)
    (column,) = outputs(made.network, test.dataset(chosen))
    # Values are over a positive denominator, which a sign does not need.
    signs = np.array([int(v > 0) - int(v < 0) for v in column.values], dtype=np.int64)
    found = (
        np.full(len(chosen), signs[0]) if column.partition.count == 1 else column.partition.of_samples(signs)
    )
    return _counted(pair, len(rows), test.labels[chosen], found)[0]


def pairs_table(
    train: Images, test: Images, count: int, progress: Progress = quiet, seed: int | None = None
) -> Iterator[Cells]:
    """Yield Theorem 7.3's result on each of the 45 pairs, as Tables 1 and 2 list them. Raises: as `cells`."""
    for done, pair in enumerate(PAIRS):
        progress(f"{train.name}, pairs", done, len(PAIRS))
        yield cells(train, test, pair, count, seed)


def memorizers_table(
    train: Images, test: Images, count: int, progress: Progress = quiet
) -> Iterator[tuple[str, str, tuple[Tested, ...]]]:
    """Yield Table 4's rows below the first: M2 and M3, each a name, a construction, a result a pair.

    Raises: as `memorized`.
    """
    for row, (name, construction) in enumerate(MEMORIZERS):
        found = []
        for done, pair in enumerate(CHOSEN):
            progress("Table 4, networks", row * len(CHOSEN) + done, len(MEMORIZERS) * len(CHOSEN))
            found.append(memorized(train, test, pair, count, construction))
        yield name, construction, tuple(found)


def _test_rows(test: Images, pair: Pair) -> Array:
    rows = np.flatnonzero(np.isin(test.labels, pair))
    if not len(rows):
        raise DatasetError(f"{test.name}: expected images of the labels {pair[0]} and {pair[1]}, got none")
    return rows


def _counted(pair: Pair, trained: int, labels: Array, signs: Array) -> tuple[Tested, Array]:
    right = signs == np.where(labels == pair[1], 1, -1)
    counts: Sequence[int] = [int(x.sum()) for x in (right, signs == 0, signs < 0, labels == pair[0])]
    return Tested(pair, trained, len(labels), *counts), right
