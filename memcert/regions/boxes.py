"""Whether the rule holds on the whole box around a row: proved, refuted by a point, or undecided.

UNTRUSTED. A proof is a row of a box file, which `memcert.boxes` replays exactly; a counterexample is a
rational point of the box at which the network was evaluated exactly.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from itertools import islice
from time import monotonic
from typing import Any

import numpy as np

from memcert.boxes.bounding import box_of
from memcert.boxes.check import corners, margin_at
from memcert.boxes.covering import Corners, cut
from memcert.boxes.document import Boxes, BoxRow, Cut, Leaf, Part, Target
from memcert.boxes.integers import IntegerLayer, integer_layers
from memcert.boxes.replay import ROOT, Replay, replay_of
from memcert.boxes.statements import Statement, statements
from memcert.errors import UndecidedError, UnsupportedError
from memcert.exact.slices.threads import alone
from memcert.kernel.certificate import Number
from memcert.kernel.check import holds
from memcert.kernel.network import Network
from memcert.kernel.rational import quotient
from memcert.kernel.verdict import LimitReached
from memcert.regions.blocks import layouts
from memcert.regions.branching import Problem, branched, roots
from memcert.regions.descent import FloatBox, float_box
from memcert.regions.matrices import FloatLayer, float_layers, nearest
from memcert.regions.points import Points
from memcert.regions.relaxations import WHY_TIME, Stated, stated
from memcert.regions.search import descent, gradient, rational, run

Array = np.ndarray[Any, Any]
TRIED = 4
"""Points of a search that are looked at."""
FEW_INPUTS = 12
"""Boxes of at most so many coordinates are cut where there are many open neurons."""
MANY_OPEN = 24
FEW_LEAVES = 40
"""Leaves for which branching is tried on a box that could be cut."""
NEAR = 1e-9
"""A point whose margin floats find larger than this, against its outputs, is not evaluated exactly."""
WHY = {
    "time": WHY_TIME,
    "leaves": "the leaves of the row ran out",
    "refuted": "a point of the box refutes the rule",
    "precision": "the least margin on the box is too near 0 for what floats found",
}


Task = tuple[int, Sequence[Number], Number, Number]
"""A row: its index, the point, its label, the margin there."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a row may take: seconds, and leaves of all its statements together."""

    seconds: float = 60.0
    leaves: int = 2000


@dataclass(frozen=True, slots=True)
class Decided:
    """A row of the box file, the exact margin at a counterexample, and why a row is undecided."""

    row: BoxRow
    margin: Number | None = None
    why: str = ""
    seconds: float = 0.0

    @property
    def index(self) -> int:
        """The number of the row, from 0. Raises: never."""
        return self.row.index

    @property
    def verdict(self) -> str:
        """One of `proved`, `refuted` and `undecided`. Raises: never."""
        return self.row.verdict

    @property
    def point(self) -> tuple[Number, ...] | None:
        """Where the rule fails; None unless refuted. Raises: never."""
        return self.row.point


class Decider:
    """Decides boxes of one network and rule."""

    def __init__(self, network: Network, boxes: Boxes, budget: Budget) -> None:
        """Prepare the layers, once."""
        self.network, self.boxes, self.budget = network, boxes, budget
        self.floats: tuple[FloatLayer, ...] = float_layers(network, layouts(network))
        self.integers: tuple[IntegerLayer, ...] = integer_layers(network)
        self.points = Points(network)

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as the network, whose blocks are many times larger, and be prepared there."""
        return _prepared, (self.network, self.boxes, self.budget)

    def decide_all(self, tasks: Sequence[Task]) -> tuple[Decided, ...]:
        """Decide several rows. Raises: as `decide`."""
        return tuple([self.decide(*task) for task in tasks])

    def decide(self, index: int, point: Sequence[Number], label: Number, margin: Number) -> Decided:
        """Decide the box around a row.

        Args:
            index: of the row.
            point: the row.
            label: what the rule compares.
            margin: of the rule at the row.

        Raises:
            Rejected: the row lies outside of the domain.
        """
        started = monotonic()
        low, high = corners(self.boxes, point, f"row {index}")
        if not holds(self.boxes.rule, margin):
            return Decided(_refuted(index, point), margin)
        case = _Case(self, index, label, started + self.budget.seconds)
        try:
            with alone(), np.errstate(all="ignore"):  # what leaves the range of floats is not shown by them
                found = case.run((low, high))
        except (UndecidedError, UnsupportedError, LimitReached) as limit:
            found = case.undecided(str(limit))
        return replace(found, seconds=monotonic() - started)


_READY: dict[tuple[Boxes, Budget], Decider] = {}


def _prepared(network: Network, boxes: Boxes, budget: Budget) -> Decider:
    """Return what was prepared last, if it is of this network, as its digest says, and these boxes."""
    if (boxes, budget) not in _READY:
        made = Decider(network, boxes, budget)
        _READY.clear()
        _READY[boxes, budget] = made
    return _READY[boxes, budget]


def _refuted(index: int, point: Sequence[Number]) -> BoxRow:
    return BoxRow(index, "refuted", tuple(point), ())


class _Case:
    """One row's box on its way to a verdict."""

    def __init__(self, decider: Decider, index: int, label: Number, end: float) -> None:
        """Keep what is asked."""
        self.decider, self.index, self.label, self.end = decider, index, label, end
        boxes, outputs = decider.boxes, decider.network.layers[-1].shape[0]
        self.asked = statements(boxes.rule, label, outputs, boxes.tolerance)
        self.counterexample: tuple[BoxRow, Number] | None = None
        self.left = decider.budget.leaves

    def run(self, box: Corners) -> Decided:
        """Show the statements on the box, or on parts of it, until all is covered or something fails."""
        parts: list[Part] = []
        ahead: list[tuple[Cut, ...]] = [()]
        while ahead:
            cuts = ahead.pop()
            ended = self._part(cuts, cut(box, cuts, ""))
            if isinstance(ended, Part):
                parts.append(ended)
                self.left -= sum(len(target.leaves) for target in ended.targets)
            elif self.counterexample is not None:
                return Decided(*self.counterexample)
            elif isinstance(ended, str):
                return self.undecided(ended)
            else:
                ahead += [(*cuts, ended._replace(above=above)) for above in (False, True)]
            if self.left < len(ahead):
                return self.undecided(WHY["leaves"])
        return Decided(BoxRow(self.index, "proved", None, tuple(parts)))

    def undecided(self, why: str) -> Decided:
        """Return that nothing is known."""
        return Decided(BoxRow(self.index, "undecided", None, ()), None, why)

    def _part(self, cuts: tuple[Cut, ...], corner: Corners) -> Part | Cut | str:
        """Return a part on which all is shown; or where to cut it; or why neither."""
        decider, (low, high) = self.decider, corner
        box = float_box(nearest(low), nearest(high))
        known = stated(decider.floats, box, self._seconds)

        @cache
        def replay() -> Replay:  # most boxes are decided without
            return replay_of(decider.integers, box_of(low, high), known.neurons)

        problem = Problem(known, lambda *case: replay().least_of(*case), self._seconds)
        shown = roots(problem, self.asked)
        targets: dict[int, tuple[Leaf, ...]] = {
            s.target: (ROOT,) for s, is_shown in zip(self.asked, shown, strict=True) if is_shown
        }
        missing = [s for s, is_shown in zip(self.asked, shown, strict=True) if not is_shown]
        fails = partial(self._fails, box, corner)
        if missing and self._found(box, missing, fails):
            return WHY["precision"]
        place = best_cut(decider.floats, box, corner, missing)
        if missing and place is not None and open_neurons(known) > MANY_OPEN:
            return place
        most = self.left if place is None else min(self.left, FEW_LEAVES)
        for statement in missing:
            ended = branched(problem, statement, most, fails)
            if ended.leaves is None:
                again = ended.why == "leaves" and place is not None
                return place if again and place is not None else WHY[ended.why]
            targets[statement.target] = ended.leaves
        made = tuple(Target(statement.target, targets[statement.target]) for statement in self.asked)
        return Part(cuts, known.neurons, made)

    def _seconds(self) -> float:
        return self.end - monotonic()

    def _found(self, box: FloatBox, missing: Sequence[Statement], fails: Callable[[Array], bool]) -> bool:
        """Search for a counterexample."""
        forms = np.array([statement.form for statement in missing], dtype=np.float64)
        constants = nearest([statement.constant for statement in missing])
        points = descent(self.decider.floats, box, forms, constants, self.index)
        return any(fails(point) for point in points[:TRIED])

    def _fails(self, box: FloatBox, corner: Corners, guess: Array) -> bool:
        """Whether the rule fails at a point of the box, exactly; floats say whether it is worth a look."""
        outputs, _ = run(self.decider.floats, guess[None])
        reach = float(np.abs(outputs).max(initial=1.0))
        values = [np.dot(s.form, outputs[0]) + nearest([s.constant])[0] for s in self.asked]
        if min(values) > NEAR * reach:
            return False
        boxes = self.decider.boxes
        point = rational(guess, box, *corner)
        margin = margin_at(boxes, self.label, self.decider.points.outputs(point))
        if holds(boxes.rule, margin):
            return False
        self.counterexample = _refuted(self.index, point), margin
        return True


def chunked(tasks: Iterable[Task], size: int) -> Iterator[tuple[list[Task]]]:
    """Yield lists of rows, each as the one argument of `Decider.decide_all`. Raises: never."""
    rest = iter(tasks)
    while part := list(islice(rest, size)):
        yield (part,)


def open_neurons(known: Stated) -> int:
    """Return how many neurons are between bounds. Raises: never."""
    return sum(len(said.bounds) for said in known.neurons)


def best_cut(
    floats: Sequence[FloatLayer], box: FloatBox, corner: Corners, missing: Sequence[Statement]
) -> Cut | None:
    """Return the middle of the coordinate that moves the statements most; None: there are too many.

    Raises:
        never.
    """
    width = box.high - box.low
    if not missing or not 0 < np.count_nonzero(width) <= FEW_INPUTS:
        return None
    forms = np.array([statement.form for statement in missing], dtype=np.float64)
    _, masks = run(floats, np.broadcast_to(box.low + width / 2, (len(forms), len(width))))
    moved = np.abs(gradient(floats, masks, forms)).sum(axis=0)
    # A coordinate that moves nothing at the middle may do so elsewhere.
    coordinate = int(np.argmax((moved + moved.max() / 16 + 1e-300) * width))
    low, high = corner[0][coordinate], corner[1][coordinate]
    return Cut(coordinate, quotient(Fraction(low) + high, 2), True)
