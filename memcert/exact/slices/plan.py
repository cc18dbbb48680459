"""How a network's layers are multiplied: slices, places and bounds, all proved before any product.

UNTRUSTED.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from memcert.exact.slices.bounds import digit_bounds, place_bounds
from memcert.exact.slices.digits import Array, Digits, Dyadics, UnprovedError, count_of, spread
from memcert.exact.slices.grid import Grid, grid, widest
from memcert.exact.slices.matrices import DENSE, Blocks, Entries, Matrix, blocks, matrix
from memcert.exact.slices.scaled import Scaled, scaled
from memcert.kernel.network import Layer, Network

BASES = (24, 23, 22, 21, 20, 19, 18, 17, 16, 14, 12, 10, 8)
"""Bits of a digit, in the order in which they are tried."""
NEVER = 1 << 40
"""The lowest place of a neuron that is always 0."""
MAIN = 0.4
"""A slice belongs to the main ones if it has at least this share of the layer's weights."""


class Signals(NamedTuple):
    """What is known of a layer's values before they are computed.

    Args:
        exponent: place p stands for 2**(exponent + base * p).
        bounds: the largest |digit| at each place.
        lowest: of each neuron the lowest place that may not be 0; NEVER: it is always 0.
        thin: of the lowest places, where less than half of the neurons have a digit: which ones.
    """

    exponent: int
    bounds: tuple[int, ...]
    lowest: Array
    thin: tuple[Array, ...]


class Extra(NamedTuple):
    """A product beside the main ones: of the digits at one place of the inputs."""

    digit: int
    matrix: Matrix


class Stage(NamedTuple):
    """How one layer is computed. The sums at place p of the outputs add up digit i times slice p - i + shift.

    Args:
        width: outputs.
        before: of the inputs.
        after: of the outputs.
        shift: place 0 of the outputs is i + k = shift.
        dense: the main slices side by side, the highest first, (outputs, slices * inputs); or None.
        parts: the main slices as blocks; empty where they are `dense`.
        main: places of the main slices, ascending without a gap.
        extras: by place of the outputs.
        biases: by place of the outputs, a column, or None.
        carries: by place of the outputs, whether the sum may be more than a digit.
        relu: whether negative values become 0.
    """

    width: int
    before: Signals
    after: Signals
    shift: int
    dense: Array | None
    parts: tuple[Blocks, ...]
    main: range
    extras: tuple[tuple[Extra, ...], ...]
    biases: tuple[Array | None, ...]
    carries: tuple[bool, ...]
    relu: bool


class Plan(NamedTuple):
    """How a network is computed on rows of integers: F(x) = integer * 2**exponent / scale.

    Args:
        base: bits of a digit.
        inputs: the coordinates that are not 0 in every row; None: all.
        digits: of an input.
        stages: one a layer.
        exponent: of place 0 of the outputs.
        scale: odd and positive.
    """

    base: int
    inputs: Array | None
    digits: int
    stages: tuple[Stage, ...]
    exponent: int
    scale: int


def plan(network: Network, largest: Sequence[int], denominator: int) -> Plan:
    """Plan a network on points x_j = n_j / denominator.

    Args:
        network: any.
        largest: the largest |n_j| of each coordinate.
        denominator: positive.

    Cost: some operations on Python integers for each nonzero weight.

    Raises:
        UnprovedError: no size of digits makes all sums provably exact.
    """
    layers, twos = scaled_layers(network, denominator)
    failed = UnprovedError("no layer")
    for base in BASES:
        if any(_hopeless(layer, base) for layer in layers):
            continue
        try:
            return _planned(network, layers, largest, -twos, base)
        except UnprovedError as error:
            failed = error
    raise failed


def scaled_layers(network: Network, denominator: int) -> tuple[list[Scaled], int]:
    """Return the layers for inputs of that denominator, and how often 2 divides it.

    Raises:
        UnprovedError: as `scaled`.
    """
    twos = (denominator & -denominator).bit_length() - 1
    scale, layers = denominator >> twos, list[Scaled]()
    for layer in network.layers:
        layers.append(scaled(layer, scale))
        scale = layers[-1].scale
    return layers, twos


def _hopeless(layer: Scaled, base: int) -> bool:
    # A row of so many full digits times digits exceeds 2**53 where digits are as large on average
    # as chance makes them; only sparse or special slices could still do.
    longest = int(np.bincount(layer.rows, minlength=1).max()) if len(layer.rows) else 0
    return longest << (2 * base - 4) > 1 << 54


def _planned(
    network: Network, layers: Sequence[Scaled], largest: Sequence[int], exponent: int, base: int
) -> Plan:
    used = [j for j, bound in enumerate(largest) if bound]
    most = max(largest, default=0)
    digits = count_of(most, base)
    bounds = (*[1 << (base - 1)] * (digits - 1), most if digits == 1 else 1 << (base - 1))
    lowest = np.zeros(len(used), dtype=np.int64)
    signals = Signals(exponent, bounds, lowest, ())
    inputs = None if len(used) == len(largest) else np.array(used, dtype=np.intp)
    stages: list[Stage] = []
    for number, (layer, own) in enumerate(zip(layers, network.layers, strict=True)):
        if number == 0 and inputs is not None:
            layer = _restricted(layer, inputs)  # noqa: PLW2901 - the same layer on fewer inputs
        stages.append(_stage(layer, own, signals, base))
        signals = stages[-1].after
    return Plan(base, inputs, digits, tuple(stages), signals.exponent, layers[-1].scale)


def _restricted(layer: Scaled, inputs: Array) -> Scaled:
    places = np.full(layer.shape[1], -1, dtype=np.int64)
    places[inputs] = np.arange(len(inputs))
    return _chosen(layer, places[layer.columns] >= 0)._replace(
        shape=(layer.shape[0], len(inputs)), columns=places[layer.columns][places[layer.columns] >= 0]
    )


def _chosen(layer: Scaled, kept: Array) -> Scaled:
    weights = Dyadics(layer.weights.odd[kept], layer.weights.power[kept])
    return layer._replace(rows=layer.rows[kept], columns=layer.columns[kept], weights=weights)


def _stage(layer: Scaled, own: Layer, before: Signals, base: int) -> Stage:
    layer = _chosen(layer, before.lowest[layer.columns] < NEVER)
    if not len(layer.rows):
        return _sliced(layer, own, before, base, Grid(0, 0))
    cells = layer.shape[0] * layer.shape[1]
    cells = cells if len(layer.rows) * DENSE > cells else len(layer.rows)
    unit = widest(layer, max(before.bounds))
    failed = UnprovedError("no grid")
    # The guess of the widest slice may be a few bits off.
    for more in (0, 1, 2, 4, base):
        try:
            chosen = grid(layer, unit + more, base, len(before.bounds), cells)
            return _sliced(layer, own, before, base, chosen)
        except UnprovedError as error:
            failed = error
    raise failed


def _sliced(layer: Scaled, own: Layer, before: Signals, base: int, chosen: Grid) -> Stage:
    exponent = before.exponent + chosen.low
    slices = {
        k: Entries(layer.rows[part.entries], layer.columns[part.entries], part.values)
        for k, part in spread(layer.weights, chosen.low, base, chosen.top).items()
    }
    biases = _bias_digits(layer, exponent, base)
    sums = place_bounds(
        dict(enumerate(before.bounds)),
        {k: _norm(entries) for k, entries in slices.items()},
        {m: int(np.abs(part.values).max()) for m, part in biases.items()},
        base,
    )
    lowest = np.full(layer.shape[0], NEVER, dtype=np.int64)
    for k, entries in slices.items():
        np.minimum.at(lowest, entries.rows, k + before.lowest[entries.columns])
    for m, part in biases.items():
        rows = layer.bias_rows[part.entries]
        lowest[rows] = np.minimum(lowest[rows], m)
    alive = lowest < NEVER
    shift = int(lowest.min()) if alive.any() else min(sums)
    lowest[alive] -= shift
    bounds = [bound for m, bound in sums.items() if m >= shift]
    after = Signals(exponent + base * shift, digit_bounds(bounds, base), lowest, _thin(lowest, len(bounds)))
    main = _main(slices, len(layer.rows))
    full = len(layer.rows) * DENSE > layer.shape[0] * layer.shape[1]
    chosen_slices = [slices.get(k, _NOTHING) for k in main]
    return Stage(
        layer.shape[0],
        before,
        after,
        shift,
        _side_by_side(chosen_slices, layer.shape) if full and main else None,
        () if full or not main else blocks(Entries(layer.rows, layer.columns, layer.columns), chosen_slices),
        main,
        tuple(_extras(slices, before, after, shift, place, main) for place in range(len(bounds))),
        tuple(
            _bias_column(layer, biases.get(place + shift), after, place) for place in range(len(bounds))
        ),
        tuple(bound >= 1 << (base - 1) for bound in bounds),
        own.relu,
    )


_NOTHING = Entries(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


def _bias_digits(layer: Scaled, exponent: int, base: int) -> dict[int, Digits]:
    # The grid of the products, continued downwards where a bias is finer.
    finest = int(layer.biases.power.min()) if len(layer.bias_rows) else exponent
    down = max(0, -((finest - exponent) // base))
    return {m - down: part for m, part in spread(layer.biases, exponent - base * down, base).items()}


def _norm(entries: Entries) -> int:
    # A row of n digits below 2**53 is summed exactly in int64 for any n < 2**10; else in Python.
    if int(np.abs(entries.values).max()) * len(entries.values) < 1 << 62:
        return int(np.bincount(entries.rows, minlength=1).max()) and _largest_sum(entries)
    sums: dict[int, int] = {}
    for row, value in zip(entries.rows.tolist(), np.abs(entries.values).tolist(), strict=True):
        sums[row] = sums.get(row, 0) + value
    return max(sums.values())


def _largest_sum(entries: Entries) -> int:
    sums = np.zeros(int(entries.rows.max()) + 1, dtype=np.int64)
    np.add.at(sums, entries.rows, np.abs(entries.values))
    return int(sums.max())


def _thin(lowest: Array, places: int) -> tuple[Array, ...]:
    alive = int((lowest < NEVER).sum())
    found = []
    for place in range(places):
        members = np.flatnonzero(lowest <= place)
        if 2 * len(members) >= alive:
            break
        found.append(members)
    return tuple(found)


def _main(slices: Mapping[int, Entries], weights: int) -> range:
    large = [k for k, entries in slices.items() if len(entries.values) >= MAIN * weights]
    return range(min(large), max(large) + 1) if large else range(0)


def _side_by_side(slices: Sequence[Entries], shape: tuple[int, int]) -> Array:
    dense = np.zeros((shape[0], len(slices), shape[1]))
    for place, entries in enumerate(reversed(slices)):
        dense[entries.rows, place, entries.columns] = entries.values
    return dense.reshape(shape[0], len(slices) * shape[1])


def _extras(
    slices: Mapping[int, Entries], before: Signals, after: Signals, shift: int, place: int, main: range
) -> tuple[Extra, ...]:
    found = []
    thin = len(before.thin)
    for digit, (k, entries) in product(range(len(before.bounds)), slices.items()):
        if digit + k - shift != place:
            continue
        if place >= len(after.thin) and digit >= thin and k in main:
            continue
        rows = after.thin[place] if place < len(after.thin) else None
        columns = before.thin[digit] if digit < thin else None
        height = len(after.lowest) if rows is None else len(rows)
        width = len(before.lowest) if columns is None else len(columns)
        part = _places(_places(entries, rows, 0), columns, 1)
        made = matrix(part, (height, width))
        if made is not None:
            found.append(Extra(digit, made))
    return tuple(found)


def _places(entries: Entries, members: Array | None, axis: int) -> Entries:
    # The entries in the rows (axis 0) or columns (axis 1) that are members, counted among these.
    if members is None:
        return entries
    places = np.searchsorted(members, entries[axis])
    kept = (
        members[np.minimum(places, len(members) - 1)] == entries[axis]
        if len(members)
        else np.zeros(len(places), bool)
    )
    parts = [entries.rows[kept], entries.columns[kept], entries.values[kept]]
    parts[axis] = places[kept]
    return Entries(*parts)


def _bias_column(layer: Scaled, part: Digits | None, after: Signals, place: int) -> Array | None:
    if part is None:
        return None
    column = np.zeros(layer.shape[0])
    column[layer.bias_rows[part.entries]] = part.values
    if place < len(after.thin):
        column = column[after.thin[place]]
    return column[:, None]
