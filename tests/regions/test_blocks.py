"""Blocks: they hold every weight once, and what is found with them is what a dense matrix gives."""

from fractions import Fraction
from math import prod

import naive_evaluator
import numpy as np
import pytest
from box_samples import decided, own_labels, table
from convolution_samples import convolution_layer, convolution_network
from region_oracle import naive_label_radius, naive_radius
from strategies import dataset, layer

from memcert.boxes.check import check
from memcert.kernel.network import Layer, Network
from memcert.kernel.verdict import LimitReached
from memcert.regions import blocks, distances
from memcert.regions.blocks import layouts
from memcert.regions.enclosures import Enclosure, product
from memcert.regions.matrices import float_layers
from memcert.regions.radii import Region, Rows, affine_maps, layers_of, regions
from memcert.verification.verdicts import verify


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let layers of a few hundred entries be held in blocks, several of them."""
    monkeypatch.setattr(blocks, "SMALL", 64)
    monkeypatch.setattr(blocks, "FILLED", 3)
    monkeypatch.setattr(blocks, "TINY", 16)
    monkeypatch.setattr(blocks, "MOST_ROWS", 24)


def dense_of(one: Layer) -> np.ndarray:
    found = np.zeros(one.shape)
    for i in range(one.shape[0]):
        for j, weight in one.row(i):
            found[i, j] = float(weight)
    return found


@pytest.mark.usefixtures("small_blocks")
def test_blocks_part_the_rows_and_hold_each_weight_once() -> None:
    made = convolution_layer(np.random.default_rng(1), (2, 3), 6)
    (layout,) = layouts(Network(72, (made,)))
    assert not layout.whole and len(layout.blocks) > 3
    rows = np.concatenate([block.rows for block in layout.blocks])
    assert sorted(rows.tolist()) == list(range(made.shape[0]))
    found = np.zeros(made.shape)
    for block in layout.blocks:
        assert len(block.rows) <= 24
        at, column, weights = layout.places(block)
        found[block.rows[at], block.columns[column]] = [float(made.data[k]) for k in weights]
    assert (found == dense_of(made)).all()


def test_rows_that_read_the_same_inputs_are_gathered_so_that_a_convolution_needs_few_entries() -> None:
    side, inputs, outputs = 16, 8, 12
    image = np.arange(inputs * side * side).reshape(inputs, side, side)
    columns, ends = [], [0]
    for _ in range(outputs):
        for y in range(side):
            for x in range(side):
                seen = image[:, max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].ravel().tolist()
                columns += seen
                ends.append(len(columns))
    shape = (outputs * side * side, inputs * side * side)
    made = Layer(shape, tuple(ends), tuple(columns), (1,) * len(columns), (0,) * shape[0], relu=True)
    (layout,) = layouts(Network(shape[1], (made,)))
    held = sum(len(block.rows) * len(block.columns) for block in layout.blocks)
    assert not layout.whole and held * 4 < prod(shape)
    assert len(layout.blocks) < 40


def test_a_layer_whose_rows_have_nothing_in_common_is_a_limit() -> None:
    size, each = 2**14, 64
    generator = np.random.default_rng(2)
    columns = [np.sort(generator.choice(size, each, replace=False)) for _ in range(64)]
    every = np.concatenate([columns[k % 64] for k in range(size)]).tolist()
    ends = tuple(range(0, size * each + 1, each))
    made = Layer((size, size), ends, tuple(every), (1,) * len(every), (0,) * size, relu=True)
    (layout,) = layouts(Network(size, (made,)))
    assert len(layout.blocks) == 32  # two kinds of 256 rows each
    with pytest.MonkeyPatch.context() as patch, pytest.raises(LimitReached) as raised:
        patch.setattr(blocks, "MAX_ENTRIES", 2**19)
        layouts(Network(size, (made,)))
    assert "layer_size at layer 0: expected at most 524288 entries in blocks" in str(raised.value)


@pytest.mark.usefixtures("small_blocks")
def test_products_with_blocks_are_those_of_the_matrix_and_a_part_of_the_rows_gives_a_part_of_them() -> None:
    made = convolution_layer(np.random.default_rng(3), (2, 2), 6)
    # A neuron without any weight is in no block.
    made = Layer(
        (73, 72), (*made.indptr, made.indptr[-1]), made.indices, made.data, (*made.bias, 1), relu=True
    )
    (floats,) = float_layers(Network(72, (made,)), layouts(Network(72, (made,))))
    dense, generator = dense_of(made), np.random.default_rng(4)
    left, right = generator.normal(size=(5, 73)), generator.normal(size=(5, 72))
    assert np.allclose(floats.back.times(left), left @ dense, rtol=1e-12)
    assert np.allclose(floats.forth.times(right), right @ dense.T, rtol=1e-12)
    assert np.allclose(floats.norms, np.abs(dense).sum(axis=1), rtol=1e-12)
    some = np.array([0, 7, 8, 40, 72])
    factor, inputs = floats.back_from(some)
    assert inputs is not None
    found = product(Enclosure(left[:, some], np.zeros((5, 5))), factor)
    expected = left[:, some] @ dense[some]
    assert (np.abs(found.middle - expected[:, inputs]) <= found.error).all()
    missing = np.setdiff1d(np.arange(72), inputs)
    assert len(missing) and not expected[:, missing].any()
    gathered = list(floats.gathered(5))
    assert sorted(np.concatenate([part.neurons for part in gathered]).tolist()) == list(range(73))
    for part in gathered:
        assert part.inputs is not None and (part.weights == dense[np.ix_(part.neurons, part.inputs)]).all()


def found_regions(net: Network, points: list[list[int]]) -> list[Region]:
    rows = dataset(points, [k % 3 for k in range(len(points))])
    made = verify(net, rows, "argmax", None)
    return list(regions(layers_of(net), Rows(rows, "argmax", made.labels, made.margins)))


@pytest.mark.parametrize(("channels", "side"), [((1, 3, 2), 6), ((2, 2, 2, 3), 5)])
def test_regions_with_blocks_are_those_with_dense_matrices(
    channels: tuple[int, ...], side: int, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = convolution_network(5, channels, side)
    points = np.random.default_rng(6).integers(0, 9, (7, net.input_size)).tolist()
    monkeypatch.setattr(distances, "FORWARD", 0)
    dense = found_regions(net, points)
    maps = list(affine_maps(layers_of(net), dataset(points[:2], [0, 1])))
    request.getfixturevalue("small_blocks")
    assert not all(layout.whole for layout in layouts(net))
    assert found_regions(net, points) == dense
    assert list(affine_maps(layers_of(net), dataset(points[:2], [0, 1]))) == maps


@pytest.mark.usefixtures("small_blocks")
def test_regions_of_convolutions_are_those_of_the_naive_oracle() -> None:
    net = convolution_network(11, (1, 2, 2), 6)
    assert not all(layout.whole for layout in layouts(net))
    points = np.random.default_rng(12).integers(-3, 4, (4, 36)).tolist()
    for k, (region, point) in enumerate(zip(found_regions(net, points), points, strict=True)):
        assert region.neuron is not None and region.neuron.radius == naive_radius(net, point)
        if region.holds:
            assert region.label is not None
            assert region.label.radius == naive_label_radius(net, point, "argmax", k % 3, None)


@pytest.mark.usefixtures("small_blocks")
def test_the_network_does_keep_its_label_at_points_of_a_proved_box_and_loses_it_where_one_is_refuted() -> (
    None
):
    pytest.importorskip("scipy")
    net = convolution_network(13, (1, 2, 2), 6)
    generator = np.random.default_rng(14)
    rows = own_labels(net, generator.integers(0, 5, (4, 36)).tolist())
    for radius in (Fraction(1, 8), Fraction(2)):
        for one in decided(net, rows, radius)[2]:
            label = int(rows.labels[one.row.index])
            if one.row.verdict == "refuted":
                assert one.row.point is not None
                outputs = naive_evaluator.evaluate(net, one.row.point)
                assert not naive_evaluator.holds("argmax", outputs, label, None)
            elif one.row.verdict == "proved":
                for _ in range(4):
                    moves = generator.integers(-8, 9, 36).tolist()
                    point = [
                        x + radius * Fraction(m, 8)
                        for x, m in zip(rows.point(one.row.index), moves, strict=True)
                    ]
                    outputs = naive_evaluator.evaluate(net, point)
                    assert naive_evaluator.holds("argmax", outputs, label, None)


@pytest.mark.parametrize("radius", [Fraction(1, 50), Fraction(1, 4)])
def test_boxes_with_blocks_are_decided_as_with_dense_matrices_and_replayed(
    radius: Fraction, request: pytest.FixtureRequest
) -> None:
    pytest.importorskip("scipy")
    net = convolution_network(7, (1, 3, 2), 5)
    rows = own_labels(net, np.random.default_rng(8).integers(0, 5, (3, 25)).tolist())
    _, _, dense, _ = decided(net, rows, radius)
    request.getfixturevalue("small_blocks")
    certificate, file, made, _ = decided(net, rows, radius)
    assert [one.row.verdict for one in made] == [one.row.verdict for one in dense]
    assert {one.row.verdict for one in made} != {"undecided"}
    signs = [[part.signs for part in p.neurons] for one in made for p in one.row.parts]
    assert signs == [[part.signs for part in p.neurons] for one in dense for p in one.row.parts]
    found = check(file, certificate, table(rows))
    assert len(found.proved) + len(found.refuted) + len(found.undecided) == 3


@pytest.mark.usefixtures("small_blocks")
def test_dead_neurons_and_black_images_are_sure_without_an_exact_evaluation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("evaluated exactly")

    net = convolution_network(9, (1, 2, 2), 5)
    plain = Network(
        net.input_size,
        tuple(Layer(o.shape, o.indptr, o.indices, o.data, (0,) * o.shape[0], o.relu) for o in net.layers),
    )
    plain = Network(25, (*plain.layers[:-1], layer([[1] * 50, [2] * 50], [0, 0], relu=False)))
    monkeypatch.setattr("memcert.regions.patterns._exact_values", never)
    (region,) = found_regions(plain, [[0] * 25])
    # Every neuron is exactly 0, and those with a gradient are walls at the row itself.
    assert region.neuron is not None and region.neuron.radius == 0 and region.neuron.layer == 0
