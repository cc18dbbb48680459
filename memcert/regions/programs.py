"""Linear programs of a case: the box, lines at open neurons, signs at fixed ones. Needs the extra `boxes`.

UNTRUSTED. HiGHS, through scipy, solves them in floats; its multipliers become slopes and multipliers of
a leaf, which are worth what exact arithmetic makes of them.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memcert.boxes.document import Fixed
from memcert.boxes.lines import DROPPED, KEPT, Lines
from memcert.errors import UndecidedError, UnsupportedError
from memcert.regions.descent import FloatBox
from memcert.regions.matrices import FloatLayer

Array = np.ndarray[Any, Any]
Place = tuple[int, int]
"""(layer, neuron)."""
MAX_ENTRIES = 1 << 26
"""Of a dense matrix: the values of a layer's neurons, or the constraints, as rows of coefficients."""


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A case as constraints on (x, values of the open neurons).

    Args:
        opened: the open neurons, in order of their variables.
        values: for each fixed and open neuron, z as a row of coefficients and a constant.
        outputs: the network's outputs, likewise.
        slopes: for each open neuron, the line above it.
        bounds: of every variable.
    """

    opened: tuple[Place, ...]
    values: Mapping[Place, tuple[Array, float]]
    outputs: tuple[Array, Array]
    slopes: Mapping[Place, Lines]
    bounds: Array


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """What a solver found.

    Args:
        value: the least value; None: no point meets the constraints, as it says.
        point: where.
        gaps: for each open neuron, how far its value is from its ReLU, times its weight.
        slopes: for each open neuron, the slope of the line below it.
        multipliers: for each fixed neuron.
    """

    value: float | None
    point: Array
    gaps: Mapping[Place, float]
    slopes: Mapping[Place, float]
    multipliers: Mapping[Place, float]


def solver() -> Any:
    """Return scipy's `optimize`. Raises: UnsupportedError, where it is not installed."""
    return _scipy("optimize")


def _scipy(name: str) -> Any:
    try:
        return importlib.import_module(f"scipy.{name}")
    except ImportError:
        raise UnsupportedError(
            "branch and bound needs the package scipy: pip install 'memcert[boxes]'"
        ) from None


def program(
    floats: Sequence[FloatLayer], lines: Sequence[Sequence[Lines]], box: FloatBox, path: Sequence[Fixed]
) -> Program:
    """Return the constraints of a case.

    Args:
        floats: the network.
        lines: of every layer with ReLU.
        box: of inputs.
        path: the neurons that are fixed.

    Cost: a float product a layer.

    Raises:
        UndecidedError: it would be too large.
        UnsupportedError: layers are sparse, and scipy is not installed.
    """
    fixed = {(step.layer, step.neuron): step.on for step in path}
    opened = [
        (depth, neuron)
        for depth, drawn in enumerate(lines)
        for neuron, line in enumerate(drawn)
        if line not in (KEPT, DROPPED) and (depth, neuron) not in fixed
    ]
    inputs = len(box.low)
    variables = {place: inputs + k for k, place in enumerate(opened)}
    size = inputs + len(opened)
    coefficients = _coefficients(floats, inputs, size, len(opened))
    rows, constants = coefficients.start(inputs), np.zeros(inputs)
    values: dict[Place, tuple[Array, float]] = {}
    slopes: dict[Place, Lines] = {}
    for depth, layer in enumerate(floats):
        rows = coefficients.through(layer, rows)
        constants = layer.forth.times(constants[None])[0] + layer.bias
        drawn = lines[depth]
        kept = np.array([line != DROPPED for line in drawn] or [True] * len(constants))
        at = [
            neuron for neuron in range(len(drawn)) if (depth, neuron) in fixed or (depth, neuron) in variables
        ]
        for neuron, row in zip(at, coefficients.dense(rows, at), strict=True):
            values[depth, neuron] = row, float(constants[neuron])
            kept[neuron] = fixed.get((depth, neuron), False)
        here = [neuron for neuron in at if (depth, neuron) in variables]
        slopes |= {(depth, neuron): drawn[neuron] for neuron in here}
        rows = coefficients.after(rows, kept, here, [variables[depth, neuron] for neuron in here])
        constants = constants * kept
    bounds = np.full((size, 2), [0.0, np.inf])
    bounds[:inputs, 0], bounds[:inputs, 1] = box.low, box.high
    outputs = coefficients.dense(rows, range(len(constants)))
    return Program(tuple(opened), values, (outputs, constants), slopes, bounds)


class _Dense:
    """Values of a layer's neurons as rows of coefficients, one a variable."""

    def __init__(self, size: int) -> None:
        """Keep the number of variables."""
        self.size = size

    def start(self, inputs: int) -> Any:
        return np.eye(inputs, self.size)

    def through(self, layer: FloatLayer, rows: Any) -> Any:
        return np.ascontiguousarray(layer.forth.times(rows.T).T)

    def dense(self, rows: Any, some: Sequence[int]) -> Array:
        return np.asarray(rows[list(some)])

    def after(self, rows: Any, kept: Array, opened: Sequence[int], variables: Sequence[int]) -> Any:
        found = rows * kept[:, None]
        found[opened, variables] = 1
        return found


class _Sparse(_Dense):
    """The same of which few are not 0, as scipy keeps them."""

    def start(self, inputs: int) -> Any:
        return _scipy("sparse").eye_array(inputs, self.size, format="csr")

    def through(self, layer: FloatLayer, rows: Any) -> Any:
        return _scipy("sparse").csr_array(layer.compressed, shape=layer.shape) @ rows

    def dense(self, rows: Any, some: Sequence[int]) -> Array:
        return np.asarray(rows[list(some)].toarray())

    def after(self, rows: Any, kept: Array, opened: Sequence[int], variables: Sequence[int]) -> Any:
        sparse = _scipy("sparse")
        units = sparse.csr_array((np.ones(len(opened)), (opened, variables)), shape=rows.shape)
        return sparse.diags_array(kept.astype(np.float64), format="csr") @ rows + units


def _coefficients(floats: Sequence[FloatLayer], inputs: int, size: int, opened: int) -> _Dense:
    whole = all(layer.whole for layer in floats)
    widest = max(layer.shape[0] for layer in floats) if whole else 3 * opened
    if widest * size > MAX_ENTRIES:
        told = f"{widest} rows of {inputs} inputs and {opened} open neurons"
        raise UndecidedError(f"a linear program has at most {MAX_ENTRIES} entries: {told}")
    return _Dense(size) if whole else _Sparse(size)


def minimized(made: Program, path: Sequence[Fixed], form: Array, constant: float, seconds: float) -> Solved:
    """Minimize form . F + constant in a case.

    Raises:
        UnsupportedError: scipy is not installed.
    """
    rows, constants = made.outputs
    objective = form @ rows
    matrix, limits = _constraints(made, path)
    result = _run(objective, matrix, limits, made.bounds, seconds)
    if result.status == 2:
        return _nowhere(made)
    if result.status != 0:
        return Solved(-np.inf, _middle(made), {}, {}, {})
    count = len(made.opened)
    below, above = -result.ineqlin.marginals[:count], -result.ineqlin.marginals[count : 2 * count]
    ends = result.lower.marginals[len(made.bounds) - count :]
    value = result.fun + form @ constants + constant
    point = result.x[: len(made.bounds) - count]
    gaps, slopes = {}, {}
    for k, place in enumerate(made.opened):
        row, shift = made.values[place]
        off = result.x[len(point) + k] - max(float(row @ result.x) + shift, 0.0)
        gaps[place] = abs(off) * (abs(above[k]) + abs(below[k]) + abs(ends[k]) + 1e-12)
        whole = below[k] + ends[k]
        slopes[place] = float(np.clip(below[k] / whole, 0, 1)) if whole > 0 else 0.0
    fixed = -result.ineqlin.marginals[2 * count :]
    multipliers = {(s.layer, s.neuron): max(float(m), 0.0) for s, m in zip(path, fixed, strict=True)}
    return Solved(float(value), point, gaps, slopes, multipliers)


def _nowhere(made: Program) -> Solved:
    return Solved(None, _middle(made), {}, {}, {})


def _middle(made: Program) -> Array:
    inputs = len(made.bounds) - len(made.opened)
    return np.asarray(made.bounds[:inputs].mean(axis=1))


def emptied(made: Program, path: Sequence[Fixed], seconds: float) -> Solved:
    """Find multipliers that show that a case has no point: minimize by how much its signs are missed.

    Raises:
        UnsupportedError: scipy is not installed.
    """
    matrix, limits = _constraints(made, path)
    count, size = len(made.opened), len(made.bounds)
    slack = np.zeros((len(matrix), 1))
    slack[2 * count :] = -1
    objective = np.zeros(size + 1)
    objective[size] = 1
    bounds = np.vstack([made.bounds, [0, np.inf]])
    result = _run(objective, np.hstack([matrix, slack]), limits, bounds, seconds)
    if result.status != 0 or result.fun <= 0:
        return Solved(-np.inf, _middle(made), {}, {}, {})
    below = -result.ineqlin.marginals[:count]
    ends = result.lower.marginals[size - count : size]
    slopes = {
        place: float(np.clip(b / (b + e), 0, 1)) if b + e > 0 else 0.0
        for place, b, e in zip(made.opened, below, ends, strict=True)
    }
    fixed = -result.ineqlin.marginals[2 * count :]
    multipliers = {(s.layer, s.neuron): max(float(m), 0.0) for s, m in zip(path, fixed, strict=True)}
    return Solved(float(result.fun), _middle(made), {}, slopes, multipliers)


def _constraints(made: Program, path: Sequence[Fixed]) -> tuple[Array, Array]:
    """Return A, b with A v <= b: z <= h, h <= line above; at fixed neurons z >= 0 or z <= 0."""
    count, size = len(made.opened), len(made.bounds)
    matrix, limits = np.zeros((2 * count + len(path), size)), np.zeros(2 * count + len(path))
    for k, place in enumerate(made.opened):
        row, shift = made.values[place]
        line, variable = made.slopes[place], size - count + k
        matrix[k] = row
        matrix[k, variable] -= 1
        limits[k] = -shift
        slope = float(line.upper)
        matrix[count + k] = -slope * row
        matrix[count + k, variable] += 1
        limits[count + k] = float(line.intercept) + slope * shift
    for k, step in enumerate(path):
        row, shift = made.values[step.layer, step.neuron]
        sense = -1.0 if step.on else 1.0
        matrix[2 * count + k], limits[2 * count + k] = sense * row, -sense * shift
    return matrix, limits


def _run(objective: Array, matrix: Array, limits: Array, bounds: Array, seconds: float) -> Any:
    options = {"time_limit": max(seconds, 0.001)}
    given = {"A_ub": matrix, "b_ub": limits} if len(matrix) else {}
    return solver().linprog(objective, bounds=bounds, method="highs", options=options, **given)
