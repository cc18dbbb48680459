"""Whether the rule holds on the whole box around a row: proved, refuted by a point, or undecided.

UNTRUSTED. A proof is a row of a box file, which `memcert.boxes` replays exactly; a counterexample is a
rational point of the box at which the network was evaluated exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import numpy as np

from memcert.boxes.bounding import box_of
from memcert.boxes.check import corners, margin_at
from memcert.boxes.document import Boxes, BoxRow, Leaf, Target
from memcert.boxes.integers import IntegerLayer, integer_layers
from memcert.boxes.replay import Replay
from memcert.boxes.statements import Statement, statements
from memcert.errors import UndecidedError, UnsupportedError
from memcert.kernel.certificate import Number
from memcert.kernel.check import holds
from memcert.kernel.network import Network
from memcert.kernel.verdict import LimitReached
from memcert.regions.branching import ROOT, Problem, branched, roots
from memcert.regions.descent import FloatBox, float_box
from memcert.regions.enclosures import FloatLayer, float_layers, nearest
from memcert.regions.relaxations import relaxation
from memcert.regions.search import descent, rational, run

Array = np.ndarray[Any, Any]
TRIED = 4
"""Points of a search that are looked at."""
NEAR = 1e-9
"""A point whose margin floats find larger than this, against its outputs, is not evaluated exactly."""
WHY = {
    "time": "the time of the row ran out",
    "leaves": "the leaves of the row ran out",
    "precision": "the least margin on the box is too near 0 for what floats found",
}


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


class Decider:
    """Decides boxes of one network and rule."""

    def __init__(self, network: Network, boxes: Boxes, budget: Budget) -> None:
        """Prepare the layers, once."""
        self.network, self.boxes, self.budget = network, boxes, budget
        self.floats: tuple[FloatLayer, ...] = float_layers(network)
        self.integers: tuple[IntegerLayer, ...] = integer_layers(network)

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
        case = _Case(self, index, label, (low, high), started + self.budget.seconds)
        try:
            with np.errstate(all="ignore"):  # what leaves the range of floats is not shown by them
                found = case.run()
        except (UndecidedError, UnsupportedError, LimitReached) as limit:
            found = case.undecided(str(limit))
        return replace(found, seconds=monotonic() - started)


def _refuted(index: int, point: Sequence[Number]) -> BoxRow:
    return BoxRow(index, "refuted", tuple(point), (), ())


class _Case:
    """One box on its way to a verdict."""

    def __init__(
        self,
        decider: Decider,
        index: int,
        label: Number,
        corner: tuple[Sequence[Number], Sequence[Number]],
        end: float,
    ) -> None:
        """Keep what is decided."""
        self.decider, self.index, self.label, self.end = decider, index, label, end
        self.low, self.high = corner
        self.box: FloatBox = float_box(nearest(self.low), nearest(self.high))
        self.counterexample: tuple[BoxRow, Number] | None = None

    def run(self) -> Decided:
        """Try DeepPoly, then a search for a counterexample, then branch and bound."""
        decider, boxes = self.decider, self.decider.boxes
        outputs = decider.network.layers[-1].shape[0]
        asked = statements(boxes.rule, self.label, outputs, boxes.tolerance)
        relaxed = relaxation(decider.floats, self.box)
        replay = Replay(decider.integers, box_of(self.low, self.high), relaxed.neurons)
        problem = Problem(decider.floats, self.box, relaxed, replay.least_of, lambda: self.end - monotonic())
        shown = roots(problem, asked)
        targets: dict[int, tuple[Leaf, ...]] = {
            s.target: (ROOT,) for s, holds_at_root in zip(asked, shown, strict=True) if holds_at_root
        }
        missing = [s for s, holds_at_root in zip(asked, shown, strict=True) if not holds_at_root]
        if missing and self._found(missing):
            return self._refuted()
        left = decider.budget.leaves
        for statement in missing:
            ended = branched(problem, statement, left, self._fails)
            if ended.leaves is None:
                return self._refuted() if self.counterexample else self.undecided(WHY[ended.why])
            targets[statement.target] = ended.leaves
            left -= len(ended.leaves)
        made = tuple(Target(statement.target, targets[statement.target]) for statement in asked)
        return Decided(BoxRow(self.index, "proved", None, relaxed.neurons, made))

    def undecided(self, why: str) -> Decided:
        """Return that nothing is known."""
        return Decided(BoxRow(self.index, "undecided", None, (), ()), None, why)

    def _refuted(self) -> Decided:
        if self.counterexample is None:
            return self.undecided(WHY["precision"])
        return Decided(*self.counterexample)

    def _found(self, missing: Sequence[Statement]) -> bool:
        """Search for a counterexample."""
        forms = np.array([statement.form for statement in missing], dtype=np.float64)
        constants = nearest([statement.constant for statement in missing])
        points = descent(self.decider.floats, self.box, forms, constants, self.index)
        return any(self._fails(point) for point in points[:TRIED])

    def _fails(self, guess: Array) -> bool:
        """Whether the rule fails at a point of the box, exactly; floats say whether it is worth a look."""
        outputs, _ = run(self.decider.floats, guess[None])
        boxes = self.decider.boxes
        asked = statements(boxes.rule, self.label, outputs.shape[1], boxes.tolerance)
        reach = float(np.abs(outputs).max(initial=1.0))
        values = [np.dot(s.form, outputs[0]) + nearest([s.constant])[0] for s in asked]
        if min(values) > NEAR * reach:
            return False
        point = rational(guess, self.box, self.low, self.high)
        margin = margin_at(self.decider.network, boxes, self.label, point)
        if holds(boxes.rule, margin):
            return False
        self.counterexample = _refuted(self.index, point), margin
        return True
