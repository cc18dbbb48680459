"""A property's networks in floating point: which way outputs grow, and where a violation may lie.

UNTRUSTED. All of this is guessed: whatever comes out is judged over the rationals, or thrown away.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

from memcert.kernel.certificate import Number
from memcert.witnesses.boxes import Box
from memcert.witnesses.formula import Atom
from memcert.witnesses.judging import Networks
from memcert.witnesses.prepared import Array
from memcert.witnesses.specification import Specification

STEPS = 40
"""Steps of the descent inside the box."""
SAMPLES = 200
"""Places of a segment at which floats look."""
BISECTIONS = 25
"""Halvings of the part of a segment in which floats see a change."""
_Result = TypeVar("_Result")
_SIGNS = {">=": (1,), ">": (1,), "=": (1, -1), "!=": ()}


def guessed(act: Callable[[], _Result]) -> _Result | None:
    """Return what `act` returns, or None where floats cannot hold the numbers. Raises: as `act`."""
    try:
        with np.errstate(all="ignore"):
            return act()
    except OverflowError:
        return None


class Guesser:
    """The property's networks in floats. Cost of a run: a product with the weights."""

    def __init__(self, stated: Specification, networks: Networks) -> None:
        """Keep the layers. Raises: OverflowError, a weight is beyond the floats."""
        self.stated = stated
        self.layers = {signature.name: networks[signature.name].floats for signature in stated.networks}

    def values(self, inputs: Mapping[int, Number]) -> Array:
        """Return an array of all variables, outputs 0. Raises: OverflowError."""
        found = np.zeros(self.stated.size)
        for variable, value in inputs.items():
            found[variable] = float(value)
        return found

    def run(self, values: Array) -> tuple[Array, dict[str, list[Array]]]:
        """Return all variables, the outputs filled in, and the sums before each ReLU. Raises: never."""
        full, before = values.copy(), {}
        for signature in self.stated.networks:
            part, made = signature.input, signature.output
            current, sums = full[part.first : part.first + part.count], []
            for layer in self.layers[signature.name]:
                sums.append(layer.forward(current))
                current = np.maximum(sums[-1], 0) if layer.relu else sums[-1]
            full[made.first : made.first + made.count] = current
            before[signature.name] = sums
        return full, before

    def gradient(self, row: Array, before: Mapping[str, list[Array]]) -> Array:
        """Return the gradient, by the inputs, of a form over all variables. Raises: never."""
        total = row.copy()
        for signature in self.stated.networks:
            part, made = signature.input, signature.output
            gradient = row[made.first : made.first + made.count]
            total[made.first : made.first + made.count] = 0
            for layer, sums in zip(
                reversed(self.layers[signature.name]), reversed(before[signature.name]), strict=True
            ):
                gradient = layer.backward(np.where(sums > 0, gradient, 0) if layer.relu else gradient)
            total[part.first : part.first + part.count] += gradient
        return total

    def rows(self, atoms: Sequence[Atom]) -> tuple[Array, Array]:
        """Return each atom as row . values + constant >= 0; an equation twice. Raises: OverflowError."""
        signed = [(sign, atom) for atom in atoms for sign in _SIGNS[atom.relation]]
        rows = np.zeros((len(signed), self.stated.size))
        for place, (sign, atom) in enumerate(signed):
            for variable, factor in atom.form.terms.items():
                rows[place, variable] = sign * float(factor)
        return rows, np.array([sign * float(atom.form.constant) for sign, atom in signed])

    def ends(self, box: Box) -> tuple[Array, Array]:
        """Return low and high of every variable, infinite where there is none. Raises: OverflowError."""
        low, high = np.full(self.stated.size, -np.inf), np.full(self.stated.size, np.inf)
        for variable, interval in box.items():
            low[variable] = -np.inf if interval.low is None else float(interval.low)
            high[variable] = np.inf if interval.high is None else float(interval.high)
        return low, high

    def uphill(self, atoms: Sequence[Atom], inputs: Mapping[int, Number]) -> dict[int, int]:
        """Return the signs in which to move the inputs for the atom that is missed most.

        Raises:
            OverflowError: as `values`.
        """
        full, before = self.run(self.values(inputs))
        rows, constants = self.rows(atoms)
        if not len(rows):
            return dict.fromkeys(inputs, 0)
        gradient = self.gradient(rows[int(np.argmin(rows @ full + constants))], before)
        return {variable: _sign(gradient[variable]) for variable in inputs}

    def bracket(
        self, atoms: Sequence[Atom], start: Mapping[int, Number], end: Mapping[int, Number]
    ) -> Fraction | None:
        """Return a place of a segment, from 0 to 1, just before which the atoms do not hold yet.

        Cost: SAMPLES runs. None: they seem to hold nowhere. Raises: OverflowError, as `values`.
        """
        wanted = [atom for atom in atoms if atom.relation != "!="]
        rows, constants = self.rows([replace(atom, relation=">=") for atom in wanted])
        equal = np.array([atom.relation == "=" for atom in wanted], dtype=bool)
        low, high = self.values(start), self.values(end)

        def told(t: float) -> Array:
            sums: Array = rows @ self.run(low + t * (high - low))[0] + constants
            return sums

        before, after, last = 0.0, None, told(0.0)
        for k in range(1, SAMPLES + 1):
            found = told(k / SAMPLES)
            if _met(last, found, equal):
                after = k / SAMPLES
                break
            before, last = k / SAMPLES, found
        if after is None:
            return None
        for _ in range(BISECTIONS):
            middle = (before + after) / 2
            found = told(middle)
            if _met(last, found, equal):
                after = middle
            else:
                before, last = middle, found
        return Fraction(before)

    def descended(
        self, atoms: Sequence[Atom], box: Box, inputs: Mapping[int, Number]
    ) -> dict[int, Number] | None:
        """Return the best point of a descent by signs inside a bounded box; None: it is not bounded.

        Raises:
            OverflowError: as `values`.
        """
        rows, constants = self.rows(atoms)
        low, high = self.ends(box)
        places = list(inputs)
        if not len(rows) or not np.isfinite(np.concatenate((low[places], high[places]))).all():
            return None
        current = self.values(inputs)
        best, best_slack = current, -np.inf
        for step in range(STEPS):
            full, before = self.run(current)
            slacks = rows @ full + constants
            if slacks.min() > best_slack:
                best, best_slack = current, slacks.min()
            gradient = self.gradient(rows[int(np.argmin(slacks))], before)
            moved = current.copy()
            moved[places] += 0.5 * 0.85**step * (high - low)[places] * np.sign(gradient[places])
            moved[places] = np.clip(moved[places], low[places], high[places])
            current = moved
        return exactly(best, places)


def _met(before: Array, after: Array, equal: Array) -> bool:
    # Inequalities hold at one of the two ends, and every equation changes its sign between them.
    holds = (before[~equal] >= 0).all() or (after[~equal] >= 0).all()
    return bool(holds and (before[equal] * after[equal] <= 0).all())


def _sign(value: Any) -> int:
    return int(value > 0) - int(value < 0)


def exactly(values: Array, places: Sequence[int]) -> dict[int, Number] | None:
    """Return the floats of some variables as the dyadic numbers that they are; None: not finite.

    Raises:
        never.
    """
    if not np.isfinite(values[list(places)]).all():
        return None
    return {variable: Fraction(float(values[variable])) for variable in places}
