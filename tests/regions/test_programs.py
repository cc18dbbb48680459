"""Linear programs: sparse and dense coefficients are the same, and both are the network's."""

from collections.abc import Iterator
from fractions import Fraction

import naive_evaluator
import numpy as np
import pytest
from convolution_samples import convolution_network

from memcert.boxes.document import BOTH, Fixed
from memcert.errors import UndecidedError
from memcert.regions import blocks, programs
from memcert.regions.blocks import layouts
from memcert.regions.descent import float_box
from memcert.regions.matrices import FloatLayer, float_layers
from memcert.regions.programs import Program, program
from memcert.regions.relaxations import stated

pytest.importorskip("scipy")
NET = convolution_network(21, (1, 2, 2), 5)
LOW, HIGH = np.zeros(25), np.full(25, 0.25)


@pytest.fixture
def in_blocks() -> Iterator[tuple[FloatLayer, ...]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"SMALL": 64, "FILLED": 3, "TINY": 16, "MOST_ROWS": 24}.items():
            patch.setattr(blocks, name, value)
        yield float_layers(NET, layouts(NET))


def made(floats: tuple[FloatLayer, ...], *, fix: bool = True) -> Program:
    """Return the program of a box, with one open neuron fixed to either side."""
    box = float_box(LOW, HIGH)
    known = stated(floats, box, lambda: 1)
    places = [
        (depth, k)
        for depth, said in enumerate(known.neurons)
        for k, sign in enumerate(said.signs)
        if sign == BOTH
    ]
    path = (Fixed(*places[0], True), Fixed(*places[-1], False)) if fix else ()
    return program(floats, known.lines, box, path)


def test_weights_that_are_not_0_are_those_of_the_layer(in_blocks: tuple[FloatLayer, ...]) -> None:
    for floats, layer in zip(in_blocks, NET.layers, strict=True):
        weights, columns, starts = floats.compressed
        assert starts.tolist() == list(layer.indptr)
        for i in range(layer.shape[0]):
            part = slice(starts[i], starts[i + 1])
            found = dict(zip(columns[part].tolist(), weights[part].tolist(), strict=True))
            assert found == {j: float(w) for j, w in layer.row(i)}


def test_sparse_coefficients_are_the_dense_ones(in_blocks: tuple[FloatLayer, ...]) -> None:
    assert not all(layer.whole for layer in in_blocks)
    sparse = made(in_blocks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "SMALL", 1 << 20)
        dense = made(float_layers(NET, layouts(NET)))
    assert sparse.opened == dense.opened and len(sparse.opened) > 4
    assert sparse.values.keys() == dense.values.keys() and sparse.slopes.keys() == dense.slopes.keys()
    for place, (row, constant) in dense.values.items():
        assert np.allclose(sparse.values[place][0], row, atol=1e-12)
        assert np.isclose(sparse.values[place][1], constant, atol=1e-12)
    assert np.allclose(sparse.outputs[0], dense.outputs[0], atol=1e-12)
    assert np.allclose(sparse.outputs[1], dense.outputs[1], atol=1e-12)


def test_with_the_values_of_open_neurons_put_in_a_program_is_the_network(
    in_blocks: tuple[FloatLayer, ...],
) -> None:
    found = made(in_blocks, fix=False)
    rows, constants = found.outputs
    prepared = naive_evaluator.prepared(NET)
    for seed in range(5):
        point = [Fraction(int(x), 32) for x in np.random.default_rng(seed).integers(0, 9, 25)]
        after = naive_evaluator.run(prepared, point)
        values = [*point, *(after[depth + 1][neuron] for depth, neuron in found.opened)]
        expected = [float(x) for x in after[-1]]
        assert np.allclose(rows @ [float(x) for x in values] + constants, expected, atol=1e-9)


def test_constraints_beyond_the_limit_are_undecided(
    in_blocks: tuple[FloatLayer, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "MAX_ENTRIES", 100)
    with pytest.raises(
        UndecidedError, match=r"a linear program has at most 100 entries: \d+ rows of 25 inputs"
    ):
        made(in_blocks)
