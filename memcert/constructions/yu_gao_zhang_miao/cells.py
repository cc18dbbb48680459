"""Theorem 7.3: a cell around every sample, cut out by a hyperplane for each opposite one.

F = sum y_i relu(r - sum_j relu(-S_ij)) with r = 0.01 min |x_i - x_j|^2 over opposite labels: at a
sample its own cell gives r, other cells of its label at least 0, and those of the other label 0.

Source: Theorem 7.3 (efficient memorization that generalizes).
Departure: the parameters that are not 0 number O(N^2 d), as the theorem says; all of them, with
the zeros of the second layer, O(N^3).
UNTRUSTED.
"""

from collections.abc import Mapping
from itertools import pairwise

from memcert.blocks.assembly import network, outline
from memcert.blocks.part import Part, Row, block, neuron, parallel, serial
from memcert.constructions.coding import Coding, coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.yu_gao_zhang_miao.cell_tables import Cells
from memcert.constructions.yu_gao_zhang_miao.half_spaces import PAIR, half_spaces
from memcert.contracts import mechanisms
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters
from memcert.datasets.dataset import exact
from memcert.errors import BuildError
from memcert.kernel.certificate import Contract, Number, Probe, Promise, Witness
from memcert.kernel.rational import text

STAGE, READ_OUT = "cells", "read_out"
LARGEST = 2_500_000
"""Most parameters that are written: a certificate holds about three numbers each, 2^23 at most."""
LINEAR = mechanisms.linear()

CELL = Contract(
    id="cell",
    parameters=parameters(("r", "f", None)),
    assumes=atoms("r > 0"),
    inputs=inputs("w ~ f"),
    layers=(layer("f = r + w"),),
    outputs=outputs("f"),
    cases=(
        case("inside", "w = 0", "f = r"),
        case("shut", "r + w <= 0", "f = 0"),
        case("between", "w <= 0", "f >= 0, f <= r"),
    ),
)
"""-w is how far x is outside of the cell, summed over its hyperplanes."""
CONTRACTS = (PAIR, CELL, LINEAR)


def build(task: Task, _: Mapping[str, OptionValue]) -> Built:
    """Build the network of Theorem 7.3 for a task, with its outline and witness.

    Args:
        task: distinct points with labels -1 and +1.

    Returns:
        Depth 3, layers of 2 N+ N- and N neurons, and exactly the size that `predict` says. The
        margin is at least r, on the boxes too (promise `margin`). The claimed radius of the boxes
        is 0.49 min |x_i - x_j|_2^2 / |x_i - x_j|_1 over opposite labels.
        Cost: N^3 integer operations for the margin, N^2 d for the rest.

    Raises:
        BuildError: the first layer would be too large to write.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant(task, coded)
    tables = _tables(task, coded)
    _refuse_large(tables)
    part = compose(tables)
    scale = 100 * tables.denominator**2
    radius = tables.reach * 49 / 100
    r = exact(tables.closest, scale)
    return Built(
        network=network(part, task.dataset.dimension),
        contracts=CONTRACTS,
        blocks=outline(part),
        witness=_witness(task, tables),
        box_radius=exact(radius.numerator, radius.denominator),
        margin=exact(int(tables.sums.min()), scale),
        promises=(Promise("margin", {"margin": r}),),
        notes={"r": text(r), "first_layer": str(2 * tables.pairs)},
    )


def predict(task: Task, _: Mapping[str, OptionValue]) -> Size:
    """Return the size of the network, also where `build` would refuse to write it.

    Cost: N^2 d integer operations. Raises: never.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant_size(task, coded)
    tables = _tables(task, coded)
    pairs, size = tables.pairs, len(tables.points)
    edges = 2 * tables.nonzero_weights() + 2 * pairs + size
    widths = [task.dataset.dimension, 2 * pairs, size, 1]
    return Size(
        parameters=edges + 2 * pairs - tables.zero_biases() + size,
        edges=edges,
        dense=sum(after * (before + 1) for before, after in pairwise(widths)),
        width=max(widths[1:-1]),
        depth=3,
        bits=_bits(tables),
    )


def compose(tables: Cells) -> Part:
    """Put half-spaces, cells and the sum in series. Raises: ValueError, never for two labels."""
    zeros, ones = (side.tolist() for side in tables.sides)
    scale = 100 * tables.denominator**2
    pairs, outside = [], dict[int, dict[str, Number]]()
    for rows, products in tables.chunks():
        there = tables.biases(rows, tables.sides[1], products).tolist()
        back = tables.biases(tables.sides[1], rows, products.T).T.tolist()
        for i, own, opposite in zip(rows.tolist(), there, back, strict=True):
            for j, first, second in zip(ones, own, opposite, strict=True):
                names, biases = (f"s{i}_{j}", f"t{i}_{j}"), (exact(first, scale), exact(second, scale))
                pairs.append(half_spaces(f"pair_{i}_{j}", names, _row(tables, i, j), biases))
                outside.setdefault(i, {})[names[0]] = -1
                outside.setdefault(j, {})[names[1]] = -1
    r = exact(tables.closest, scale)
    order = sorted([*zeros, *ones])
    cells = [block(f"cell_{i}", STAGE, CELL.id, [[neuron(f"f{i}", outside[i], r)]]) for i in order]
    total = neuron("out0", {f"f{i}": 1 if tables.codes[i] else -1 for i in order})
    return serial([parallel(*pairs), parallel(*cells), block("sum", READ_OUT, LINEAR.id, [[total]])])


def _tables(task: Task, coded: Coding) -> Cells:
    return Cells(distinct_points(task), coded.codes, task.dataset.denominator)


def _refuse_large(tables: Cells) -> None:
    size = 2 * tables.pairs * (tables.points.shape[1] + 2) + 2 * len(tables.points)
    if size > LARGEST:
        left, right = (len(side) for side in tables.sides)
        raise BuildError(
            f"the first layer has 2 N+ N- = 2 * {right} * {left} = {2 * tables.pairs} neurons, the network "
            f"up to {size} parameters; at most {LARGEST} are written: take fewer rows"
        )


def _row(tables: Cells, i: int, j: int) -> Row:
    change = (tables.points[j] - tables.points[i]).tolist()
    return {f"in{k}": exact(x, tables.denominator) for k, x in enumerate(change) if x}


def _bits(tables: Cells) -> int:
    # A bias is at most 102 |x|^2 over 100, a weight at most 2 |x|.
    widest = 2 * max(abs(int(tables.points.max())), abs(int(tables.points.min())))
    bias = 102 * int(tables.squares.max())
    return max(
        widest.bit_length() + tables.denominator.bit_length(),
        bias.bit_length() + (100 * tables.denominator**2).bit_length(),
        2,
    )


def _witness(task: Task, tables: Cells) -> Witness:
    """Quote at every sample what the cells of either label give together."""
    scale = 100 * tables.denominator**2
    probes = []
    for code, name in enumerate(("negative_cells", "positive_cells")):
        sums = [
            total if own == code else 0 for total, own in zip(tables.sums.tolist(), tables.codes, strict=True)
        ]
        side = tuple(tables.sides[code].tolist())
        probes.append(
            Probe(
                name=name,
                after_layer=2,
                neurons=side,
                coefficients=(1,) * len(side),
                partition=None,
                values=tuple(exact(sums[group], scale) for group in task.groups),
            )
        )
    return Witness({}, tuple(probes))
