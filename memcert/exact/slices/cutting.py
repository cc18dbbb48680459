"""A layer cut into slices, with bounds that are proved before any product, and laid out for them.

UNTRUSTED.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from memcert.exact.slices.bounds import digit_bounds, place_bounds
from memcert.exact.slices.digits import Array, Dyadics, UnprovedError, spread
from memcert.exact.slices.grid import Grid, grid, widest
from memcert.exact.slices.matrices import DENSE, NOTHING, Entries, blocks, matrix
from memcert.exact.slices.scaled import Scaled
from memcert.exact.slices.stage import NEVER, Cut, Extra, Signals, Stage

MAX_PAIRS = 1 << 12
"""Pairs of a digit and a slice in a layer; more are left to another engine."""
MAIN = 2, 5
"""A slice belongs to the main ones if it has at least this share of the layer's weights."""
LARGE, SAMPLE = 1 << 14, 16
"""Weights of a layer from which a guess pays, and how many of its rows are looked at."""
NO_ROWS = np.zeros(0, dtype=np.int64)
NO_BIASES = Dyadics(NO_ROWS, NO_ROWS)


def with_weights(layer: Scaled, kept: Array) -> Scaled:
    """Return the layer with some of its weights only. Raises: never."""
    if kept.all():
        return layer
    weights = Dyadics(layer.weights.odd[kept], layer.weights.power[kept])
    return layer._replace(rows=layer.rows[kept], columns=layer.columns[kept], weights=weights)


def stage_of(layer: Scaled, before: Signals, base: int, *, relu: bool) -> Stage:
    """Plan one layer.

    Args:
        layer: in integers.
        before: what is known of its inputs.
        base: bits of a digit.
        relu: whether negative values become 0.

    Raises:
        UnprovedError: no grid of the weights has provably exact sums, or there are too many products.
    """
    layer = with_weights(layer, before.lowest[layer.columns] < NEVER)
    cut, sums, exponent = _bounded(layer, before.exponent, before.bounds, base)
    if len(cut.slices) * len(before.bounds) > MAX_PAIRS:
        raise UnprovedError(f"more than {MAX_PAIRS} products of digits")
    lowest = _lowest(cut, before)
    shift = int(lowest.min()) if (lowest < NEVER).any() else min(sums)
    lowest[lowest < NEVER] -= shift
    # Below the lowest digit of all neurons there are only zeros, and no carry.
    bounds = [bound for m, bound in sums.items() if m >= shift]
    after = Signals(exponent + base * shift, digit_bounds(bounds, base), lowest, _thin(lowest, len(bounds)))
    return _assembled(cut, before, after, shift, tuple([bound >= 1 << (base - 1) for bound in bounds]), relu)


def seems_hopeless(layer: Scaled, base: int) -> bool:
    """Whether even some rows of a large layer have no grid, where inputs have two full digits or more.

    A guess, of what all rows would cost much more to find out; inputs may turn out to be smaller.

    Raises:
        never.
    """
    if len(layer.rows) < LARGE:
        return False
    some = with_weights(layer, layer.rows % -(-layer.shape[0] // SAMPLE) == 0)
    try:
        _bounded(some._replace(bias_rows=NO_ROWS, biases=NO_BIASES), 0, (1 << (base - 1),) * 2, base)
    except UnprovedError:
        return True
    return False


def _bounded(
    layer: Scaled, exponent: int, digits: Sequence[int], base: int
) -> tuple[Cut, dict[int, int], int]:
    # The layer cut where its sums are provably exact; their bounds by place, and the exponent of place 0.
    if not len(layer.rows):
        return _on_grid(layer, exponent, digits, base, Grid(0, 0))
    cells = layer.shape[0] * layer.shape[1] if _is_dense(len(layer.rows), layer.shape) else len(layer.rows)
    unit = widest(layer, max(digits))
    failed = UnprovedError("no grid")
    # The guess of the widest slice may be a few bits off.
    for more in (0, 1, 2, 4, base):
        try:
            found = grid(layer, unit + more, base, len(digits), cells)
            return _on_grid(layer, exponent, digits, base, found)
        except UnprovedError as error:
            failed = error
    raise failed


def _is_dense(weights: int, shape: tuple[int, int]) -> bool:
    return weights * DENSE > shape[0] * shape[1]


def _on_grid(
    layer: Scaled, before: int, digits: Sequence[int], base: int, found: Grid
) -> tuple[Cut, dict[int, int], int]:
    exponent = before + found.low
    cut = Cut(
        layer.shape,
        {
            k: Entries(layer.rows[part.entries], layer.columns[part.entries], part.values)
            for k, part in spread(layer.weights, found.low, base, found.top).items()
        },
        spread(layer.biases, exponent, base),  # a finer one stands at places below 0
        layer.bias_rows,
        len(layer.rows),
    )
    sums = place_bounds(
        dict(enumerate(digits)),
        {k: _norm(entries) for k, entries in cut.slices.items()},
        {m: int(np.abs(part.values).max()) for m, part in cut.biases.items()},
        base,
    )
    return cut, sums, exponent


def _assembled(  # noqa: PLR0917 - the parts of a stage
    cut: Cut, before: Signals, after: Signals, shift: int, carries: tuple[bool, ...], relu: bool
) -> Stage:
    main = _main(cut)
    slices = [cut.slices.get(k, NOTHING) for k in main]
    dense = _is_dense(cut.weights, cut.shape)
    extras: list[list[Extra]] = [[] for _ in carries]
    for place, extra in _extras(cut, before, after, shift, main):
        extras[place].append(extra)
    return Stage(
        width=cut.shape[0],
        before=before,
        after=after,
        shift=shift,
        dense=_side_by_side(slices, cut.shape) if dense and main else None,
        parts=() if dense or not main else blocks(slices),
        main=main,
        extras=tuple([tuple(listed) for listed in extras]),
        biases=tuple([_bias_column(cut, after, place, shift) for place in range(len(carries))]),
        carries=carries,
        relu=relu,
    )


def _norm(entries: Entries) -> int:
    # The largest sum of absolute values of a row, in int64 where that cannot overflow.
    sizes = np.abs(entries.values)
    kind = np.dtype(np.int64 if int(sizes.max()) * len(sizes) < 1 << 62 else object)
    sums = np.zeros(int(entries.rows.max()) + 1, dtype=kind)
    np.add.at(sums, entries.rows, sizes.astype(kind))
    return int(sums.max())


def _lowest(cut: Cut, before: Signals) -> Array:
    lowest = np.full(cut.shape[0], NEVER, dtype=np.int64)
    for k, entries in cut.slices.items():
        np.minimum.at(lowest, entries.rows, k + before.lowest[entries.columns])
    for m, part in cut.biases.items():
        np.minimum.at(lowest, cut.bias_rows[part.entries], m)
    return lowest


def _thin(lowest: Array, places: int) -> tuple[Array, ...]:
    alive = int((lowest < NEVER).sum())
    found = []
    for place in range(places):
        members = np.flatnonzero(lowest <= place)
        if 2 * len(members) >= alive:
            break
        found.append(members)
    return tuple(found)


def _main(cut: Cut) -> range:
    large = [k for k, part in cut.slices.items() if MAIN[1] * len(part.values) >= MAIN[0] * cut.weights]
    return range(min(large), max(large) + 1) if large else range(0)


def _side_by_side(slices: Sequence[Entries], shape: tuple[int, int]) -> Array:
    dense = np.zeros((shape[0], len(slices), shape[1]))
    for place, entries in enumerate(reversed(slices)):
        dense[entries.rows, place, entries.columns] = entries.values
    return dense.reshape(shape[0], len(slices) * shape[1])


def _extras(
    cut: Cut, before: Signals, after: Signals, shift: int, main: range
) -> Iterator[tuple[int, Extra]]:
    # All pairs of a digit and a slice but those that the main product has.
    for digit, (k, entries) in product(range(len(before.bounds)), cut.slices.items()):
        place = digit + k - shift
        thin_rows, thin_columns = place < len(after.thin), digit < len(before.thin)
        if place < 0 or (k in main and not thin_rows and not thin_columns):
            continue
        rows = after.thin[place] if thin_rows else np.arange(cut.shape[0])
        columns = before.thin[digit] if thin_columns else np.arange(cut.shape[1])
        part = _among(_among(entries, rows, 0), columns, 1)
        if len(part.values):
            yield place, Extra(digit, matrix(part, (len(rows), len(columns))))


def _among(entries: Entries, members: Array, axis: int) -> Entries:
    # The entries in the rows (axis 0) or columns (axis 1) that are members, counted among these.
    places = np.minimum(np.searchsorted(members, entries[axis]), len(members) - 1)
    kept = members[places] == entries[axis]
    parts = [part[kept] for part in entries]
    parts[axis] = places[kept]
    return Entries(*parts)


def _bias_column(cut: Cut, after: Signals, place: int, shift: int) -> Array | None:
    part = cut.biases.get(place + shift)
    if part is None:
        return None
    column = np.zeros(cut.shape[0])
    column[cut.bias_rows[part.entries]] = part.values
    return (column[after.thin[place]] if place < len(after.thin) else column)[:, None]
