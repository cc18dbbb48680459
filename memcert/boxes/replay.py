"""Replay one row of a box file: its bounds, layer by layer, then every leaf of every statement.

Nothing in the file is believed: each bound is at most what is computed from the bounds before it, the
leaves cover all cases, and in each the least value is computed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import NamedTuple

from memcert.boxes.bounding import (
    Box,
    Form,
    Reach,
    Relaxation,
    Relaxed,
    box_of,
    reach_after,
    reach_of,
    relaxed,
)
from memcert.boxes.covering import Corners, check_cover, cut
from memcert.boxes.document import BOTH, OFF, ON, BoxRow, Leaf, Neurons, Part
from memcert.boxes.integers import IntegerLayer
from memcert.boxes.lines import DROPPED, KEPT, lines_of
from memcert.boxes.statements import Statement
from memcert.kernel.certificate import Number
from memcert.kernel.decode import need
from memcert.kernel.network import Network, stages
from memcert.kernel.verdict import Rejected, shown


class Bounded(NamedTuple):
    """Of one sign of a layer's neurons: a number that sense * z is never below."""

    neuron: int
    sense: int


class Least:
    """What the replay asks of a network, one by one, in Python's integers.

    That is least values of forms on a box, and outputs at points. Any other way must find the same numbers.
    """

    def of_neurons(
        self, before: Relaxation, layer: IntegerLayer, asked: Sequence[Bounded]
    ) -> Iterator[Fraction]:
        """Yield for each of some neurons what sense * z is never below.

        Args:
            before: the layers before.
            layer: the neurons'.
            asked: which.

        Raises:
            LimitReached: numbers grow too long.
        """
        reach = before.reaches[len(before.layers)]
        return (before.least(_neuron(layer, neuron, sense, reach)) for neuron, sense in asked)

    def of_forms(self, whole: Relaxation, forms: Sequence[Form]) -> Iterator[Fraction]:
        """Yield for each form of the outputs what it is never below. Raises: LimitReached."""
        return (whole.least(form) for form in forms)

    def outputs(self, network: Network, point: Sequence[Number]) -> tuple[Fraction, ...]:
        """Return the network's outputs at a point, exactly. Raises: LimitReached."""
        *_, last = stages(network, [point])
        return tuple(Fraction(column[0], last.denominator) for column in last.columns)


PLAIN = Least()
ROOT = Leaf((), False, None, ())
"""The case in which no neuron is fixed, with lines as the bounds give them."""


def replay(
    layers: Sequence[IntegerLayer],
    box: Corners,
    row: BoxRow,
    asked: Sequence[Statement],
    at: str,
    *,
    least: Least,
) -> None:
    """Establish that the statements hold at every point of the box.

    Args:
        layers: of the network.
        box: around the row.
        row: what the file says of it.
        asked: the statements that the rule makes of the row's label.
        at: where the row stands in the file.
        least: how least values are found.

    Cost: for each part `least` twice for each neuron between bounds, once for each other neuron with a
    ReLU, and once for each leaf.

    Raises:
        Malformed: what is said does not fit the network.
        Rejected: a bound, a leaf, a cut or the covering is false.
        LimitReached: numbers grow too long.
    """
    for p, part in enumerate(row.parts):
        check_shape(layers, part, f"{at}.parts[{p}]")
    check_cover([part.cuts for part in row.parts], f"{at}.parts")
    for p, part in enumerate(row.parts):
        where = f"{at}.parts[{p}]"
        low, high = cut(box, part.cuts, where)
        _replay_part(replay_of(layers, box_of(low, high), part.neurons, least), part, asked, where)


def _replay_part(replayed: "Replay", part: Part, asked: Sequence[Statement], at: str) -> None:
    replayed.bound_neurons(f"{at}.neurons")
    against = [target.against for target in part.targets]
    expected = [statement.target for statement in asked]
    if against != expected:
        raise Rejected("targets", f"{at}.targets", f"one against each of {expected}", tuple(against))
    plain = [
        statement for target, statement in zip(part.targets, asked, strict=True) if target.leaves == (ROOT,)
    ]
    shown = replayed.least_of_all(ROOT, plain)
    for t, (target, statement) in enumerate(zip(part.targets, asked, strict=True)):
        where = f"{at}.targets[{t}]"
        check_cover([leaf.path for leaf in target.leaves], where)
        if target.leaves == (ROOT,):
            _confirm(ROOT, statement, next(shown), f"{where}.leaves[0]")
            continue
        for m, leaf in enumerate(target.leaves):
            replayed.decide(leaf, statement, f"{where}.leaves[{m}]")


def check_shape(layers: Sequence[IntegerLayer], part: Part, at: str) -> None:
    """Refuse what does not fit the network. Raises: Malformed."""
    need(len(part.neurons) == len(layers), "length", f"{at}.neurons", len(layers), len(part.neurons))
    for depth, (layer, said) in enumerate(zip(layers, part.neurons, strict=True)):
        count = len(layer.rows) if layer.relu else 0
        need(len(said.signs) == count, "length", f"{at}.neurons[{depth}].signs", count, len(said.signs))
    for k, step in enumerate(part.cuts):
        inputs = layers[0].columns
        need(step.coordinate < inputs, "index", f"{at}.cuts[{k}]", f"below {inputs}", step.coordinate)
    for t, target in enumerate(part.targets):
        for m, leaf in enumerate(target.leaves):
            _check_leaf(part, leaf, f"{at}.targets[{t}].leaves[{m}]")


def _check_leaf(part: Part, leaf: Leaf, at: str) -> None:
    for k, (depth, neuron, _) in enumerate(leaf.path):
        known = depth < len(part.neurons) and part.neurons[depth].signs[neuron : neuron + 1] == BOTH
        need(known, "path", f"{at}.path[{k}]", f"a neuron marked {BOTH}", (depth, neuron))
    both = sum(len(layer.bounds) for layer in part.neurons)
    given = both if leaf.slopes is None else len(leaf.slopes)
    need(given == both, "length", f"{at}.slopes", both, given)


@dataclass(frozen=True)
class Replay:
    """A box with the neurons' signs and bounds, as they are stated.

    Args:
        layers: of the network.
        box: around the row.
        neurons: one a layer.
        reaches: of the inputs and of each layer, by the bounds that are stated.
        least: how least values are found.
    """

    layers: Sequence[IntegerLayer]
    box: Box
    neurons: Sequence[Neurons]
    reaches: Sequence[Reach]
    least: Least

    def bound_neurons(self, at: str) -> None:
        """Establish every sign and bound, each from the layers before it. Raises: Rejected, LimitReached."""
        relus: list[Relaxed | None] = []
        for depth, (layer, said) in enumerate(zip(self.layers, self.neurons, strict=True)):
            before = Relaxation(self.layers[:depth], relus, self.reaches, self.box)
            asked = [Bounded(k, 1) for k, sign in enumerate(said.signs) if sign != OFF]
            asked += [Bounded(k, -1) for k, sign in enumerate(said.signs) if sign != ON]
            # Neuron by neuron, of each first what it is not below: where a bound fails, the first is told.
            asked.sort(key=lambda one: (one.neuron, -one.sense))
            bounds = iter(said.bounds)
            found = self.least.of_neurons(before, layer, asked)
            for neuron, sign in enumerate(said.signs):
                low, high = next(bounds) if sign == BOTH else (0, 0)
                place = f"{at}[{depth}], neuron {neuron}"
                if sign != OFF and (least := next(found)) < low:
                    raise Rejected("bound", place, f"at least {shown(low)}, which is to be shown", least)
                if sign != ON and (most := -next(found)) > high:
                    raise Rejected("bound", place, f"at most {shown(high)}, which is to be shown", most)
            relus.append(self.lines[depth])

    @cached_property
    def lines(self) -> list[Relaxed | None]:
        """The ReLUs as lines where no neuron is fixed. Raises: LimitReached."""
        pairs = zip(self.layers, self.neurons, strict=True)
        return [relaxed(lines_of(said)) if layer.relu else None for layer, said in pairs]

    def decide(self, leaf: Leaf, statement: Statement, at: str) -> None:
        """Establish the statement in one case, or that there is none. Raises: Rejected, LimitReached."""
        _check_multipliers(leaf, at)
        _confirm(leaf, statement, self.least_of(leaf, statement), at)

    def least_of(self, leaf: Leaf, statement: Statement) -> Fraction:
        """Return a number that the statement is never below in the case. Raises: LimitReached."""
        return next(self.least_of_all(leaf, [statement]))

    def least_of_all(self, leaf: Leaf, asked: Sequence[Statement]) -> Iterator[Fraction]:
        """Yield for each statement a number that it is never below in the case. Raises: LimitReached."""
        forms = []
        for statement in asked:
            constant = Fraction(0 if leaf.empty else statement.constant)
            unit = constant.denominator
            form = [0 if leaf.empty else unit * part for part in statement.form]
            forms.append(Form(form, constant.numerator, unit))
        return self.least.of_forms(Relaxation(self.layers, self._case(leaf), self.reaches, self.box), forms)

    def _case(self, leaf: Leaf) -> list[Relaxed | None]:
        """Return the ReLUs as lines where some neurons are fixed."""
        if not leaf.path and leaf.slopes is None:
            return self.lines
        fixed: dict[tuple[int, int], tuple[bool, Number]] = {}
        for (depth, neuron, on), multiplier in zip(leaf.path, leaf.multipliers, strict=True):
            fixed[depth, neuron] = on, multiplier if on else -multiplier
        slopes = None if leaf.slopes is None else iter(leaf.slopes)
        found: list[Relaxed | None] = []
        for depth, (layer, said) in enumerate(zip(self.layers, self.neurons, strict=True)):
            own = None if slopes is None else [next(slopes) for _ in said.bounds]
            if not layer.relu:
                found.append(None)
                continue
            drawn = lines_of(said, own)
            here = [(neuron, case) for (level, neuron), case in fixed.items() if level == depth]
            for neuron, (on, _) in here:
                drawn[neuron] = KEPT if on else DROPPED
            found.append(relaxed(drawn, [(neuron, multiple) for neuron, (_, multiple) in here]))
        return found


def _confirm(leaf: Leaf, statement: Statement, found: Fraction, at: str) -> None:
    strict = leaf.empty or statement.strict
    if found < 0 or (strict and found == 0):
        what = "no point with these signs" if leaf.empty else "the statement"
        relation = "more than 0" if strict else "at least 0"
        raise Rejected("leaf", at, f"{what}: a least value of {relation}", found)


def _check_multipliers(leaf: Leaf, at: str) -> None:
    for k, multiplier in enumerate(leaf.multipliers):
        if multiplier < 0:
            raise Rejected("multiplier", f"{at}.multipliers[{k}]", "at least 0", multiplier)
    for k, slope in enumerate(leaf.slopes or ()):
        if not 0 <= slope <= 1:
            raise Rejected("slope", f"{at}.slopes[{k}]", "from 0 to 1", slope)


def replay_of(
    layers: Sequence[IntegerLayer], box: Box, neurons: Sequence[Neurons], least: Least = PLAIN
) -> Replay:
    """Return a box with what is stated of its neurons. Cost: linear. Raises: never."""
    reaches = [reach_of(box)]
    for layer, said in zip(layers, neurons, strict=True):
        bounds = iter(said.bounds)
        known: list[Number | None] = [None] * len(layer.rows)
        for neuron, sign in enumerate(said.signs):
            if sign == BOTH:
                low, high = next(bounds)
                known[neuron] = max(-low, high)
            elif sign == OFF:
                known[neuron] = 0
        reaches.append(reach_after(layer, reaches[-1], known))
    return Replay(layers, box, neurons, reaches, least)


def _neuron(layer: IntegerLayer, neuron: int, sense: int, reach: Reach) -> Form:
    """Return sense * z, or if weights were shortened something below it, as a form of the layer before."""
    missed = ceil((reach.total + 1) / 2) if layer.shortened else 0
    constant = sense * layer.bias[neuron] - missed
    if layer.sparse:
        about = [column for column, _ in layer.rows[neuron]]
        return Form([sense * weight for _, weight in layer.rows[neuron]], constant, layer.denominator, about)
    form = [0] * layer.columns
    for column, weight in layer.rows[neuron]:
        form[column] = sense * weight
    return Form(form, constant, layer.denominator)
