"""A linear program over one activation region: the point that misses the constraints least. Needs scipy.

UNTRUSTED. A guess in floating point; the point is judged over the rationals, or solved for exactly.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memcert.kernel.certificate import Number
from memcert.witnesses.boxes import Box
from memcert.witnesses.formula import Atom
from memcert.witnesses.guesses import Guesser, exactly
from memcert.witnesses.prepared import Array

MOST_CELLS = 4_000_000
"""Most cells of the program's matrix."""
_TIGHT = 1e-7


@dataclass(frozen=True, slots=True)
class Neuron:
    """A neuron whose sum is 0: the border of the region."""

    network: str
    layer: int
    place: int


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """Where the program ended.

    Args:
        point: the inputs.
        slack: by how much every constraint holds there, negative if one does not; a float.
        atoms: constraints that are tight.
        neurons: borders that are tight.
        active: of each network, the neurons of each layer that are active in the region.
    """

    point: dict[int, Number]
    slack: float
    atoms: tuple[Atom, ...]
    neurons: tuple[Neuron, ...]
    active: Mapping[str, list[list[bool]]]


def solved(guesser: Guesser, atoms: Sequence[Atom], box: Box, inputs: Mapping[int, Number]) -> Solved | None:
    """Return the point of an activation region, inside a box, that misses the atoms least.

    Args:
        guesser: the networks.
        atoms: what is to hold; equations and inequalities.
        box: where the inputs lie.
        inputs: a point; the region is that of its activation pattern.

    Returns:
        None: there is nothing to miss, scipy is missing, the program is too large, or the solver gives up.

    Raises:
        OverflowError: a number is beyond the floats.
    """
    optimize, sparse = _scipy("optimize"), _scipy("sparse")
    if optimize is None or sparse is None:
        return None
    places = list(inputs)
    region = _region(guesser, places, inputs, sparse)
    if region is None:
        return None
    rows, constants = guesser.rows(atoms)
    if not len(rows):
        return None
    wanted = rows[:, places] + rows @ region.outputs
    offsets = rows @ region.constants + constants
    low, high = guesser.ends(box)
    # Maximize s with wanted x + offsets >= s, and every neuron on its side.
    matrix = np.vstack((np.hstack((-wanted, np.ones((len(rows), 1)))), _padded(-region.borders)))
    bounds = [_ends(low[place], high[place]) for place in places] + [(None, 1.0 + float(abs(offsets).max()))]
    cost = np.zeros(len(places) + 1)
    cost[-1] = -1
    found = optimize.linprog(
        cost, A_ub=matrix, b_ub=np.concatenate((offsets, region.offsets)), bounds=bounds, method="highs"
    )
    if found.status != 0:
        return None
    return _solved(guesser, atoms, region, found.x, places)


def available() -> bool:
    """Whether scipy is installed. Raises: never."""
    return _scipy("optimize") is not None


def _scipy(part: str) -> Any:
    try:
        return importlib.import_module(f"scipy.{part}")
    except ImportError:
        return None


def _ends(low: Any, high: Any) -> tuple[float | None, float | None]:
    return (float(low) if np.isfinite(low) else None, float(high) if np.isfinite(high) else None)


def _padded(matrix: Array) -> Array:
    return np.hstack((matrix, np.zeros((len(matrix), 1))))


@dataclass(frozen=True, slots=True, eq=False)
class _Region:
    """borders x + offsets >= 0; all variables are outputs x + constants, inputs left at 0."""

    borders: Array
    offsets: Array
    neurons: list[Neuron]
    outputs: Array
    constants: Array
    active: dict[str, list[list[bool]]]


def _region(guesser: Guesser, places: list[int], inputs: Mapping[int, Number], sparse: Any) -> _Region | None:
    width = len(places)
    neurons = sum(len(layer.bias) for layers in guesser.layers.values() for layer in layers)
    if neurons * width > MOST_CELLS or not width:
        return None
    _, before = guesser.run(guesser.values(inputs))
    outputs, constants = np.zeros((guesser.stated.size, width)), np.zeros(guesser.stated.size)
    borders, offsets, named = [np.zeros((0, width))], [np.zeros(0)], []
    active: dict[str, list[list[bool]]] = {}
    for signature in guesser.stated.networks:
        part = signature.input
        slopes = np.zeros((part.count, width))
        for place, variable in enumerate(places):
            if part.first <= variable < part.first + part.count:
                slopes[variable - part.first, place] = 1
        values, active[signature.name] = np.zeros(part.count), []
        for depth, layer in enumerate(guesser.layers[signature.name]):
            shape = (len(layer.bias), layer.inputs)
            weights = sparse.csr_matrix((layer.weights, (layer.rows, layer.columns)), shape=shape)
            slopes, values = weights @ slopes, weights @ values + layer.bias
            on = before[signature.name][depth] > 0 if layer.relu else np.ones(len(layer.bias), dtype=bool)
            active[signature.name].append(on.tolist())
            if layer.relu:
                side = np.where(on, 1.0, -1.0)
                borders.append(side[:, None] * slopes)
                offsets.append(side * values)
                named += [Neuron(signature.name, depth, place) for place in range(len(on))]
                slopes, values = slopes * on[:, None], values * on
        made = signature.output
        outputs[made.first : made.first + made.count] = slopes
        constants[made.first : made.first + made.count] = values
    return _Region(np.vstack(borders), np.concatenate(offsets), named, outputs, constants, active)


def _solved(
    guesser: Guesser, atoms: Sequence[Atom], region: _Region, x: Array, places: list[int]
) -> Solved | None:
    point = np.zeros(guesser.stated.size)
    point[places] = x[:-1]
    exact = exactly(point, places)
    if exact is None:
        return None
    sums = region.borders @ x[:-1] + region.offsets
    full = region.outputs @ x[:-1] + region.constants + point
    tight = []
    for atom in atoms:
        rows, constants = guesser.rows((atom,))
        if len(rows) and abs(float(rows[0] @ full + constants[0])) <= _TIGHT:
            tight.append(atom)
    borders = tuple(region.neurons[place] for place in np.flatnonzero(abs(sums) <= _TIGHT).tolist())
    return Solved(exact, float(x[-1]), tuple(tight), borders, region.active)
