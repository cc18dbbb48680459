from fractions import Fraction

import pytest

from memcert.blocks.assembly import coordinates, network, outline
from memcert.blocks.part import block, carry, neuron, parallel, serial
from memcert.kernel.network import Layer


def test_rows_become_sorted_columns_and_only_the_last_layer_is_linear() -> None:
    part = serial(
        [
            block("a", "s", "c", [[neuron("p", {"in2": 3, "in0": Fraction(1, 2)}, -1), neuron("q", {})]]),
            block("b", "s", "c", [[neuron("out", {"q": 2, "p": 1})]]),
        ]
    )
    built = network(part, 3)
    assert built.input_size == 3
    assert built.layers == (
        Layer((2, 3), (0, 2, 2), (0, 2), (Fraction(1, 2), 3), (-1, 0), relu=True),
        Layer((1, 2), (0, 2), (0, 1), (1, 2), (0,), relu=False),
    )


def test_a_row_that_reads_a_missing_neuron_is_refused() -> None:
    with pytest.raises(ValueError, match="'out' reads 'in5'"):
        network(block("b", "s", "c", [[neuron("out", {"in5": 1})]]), 2)


def test_two_blocks_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="one name"):
        outline(serial([carry("a", "s", "x"), carry("a", "s", "x")]))


def test_runs_of_three_neurons_become_a_range_and_the_order_is_kept() -> None:
    names = [neuron(name, {}) for name in "abcd"]
    part = parallel(block("b", "s", "c", [names]), carry("x", "s", "x"))
    assert [(b.name, b.neurons) for b in outline(part)] == [("b", (((0, 4),),)), ("x", ((4,),))]
    pair = block("b", "s", "c", [names[:2]])
    assert outline(pair)[0].neurons == ((0, 1),)


def test_blocks_come_in_the_order_of_their_first_layers_with_an_inclusive_last() -> None:
    late = serial([carry("first", "s", "x"), carry("second", "s", "x", depth=2)])
    both = parallel(late, carry("long", "s", "y", depth=3))
    assert [(b.name, b.first_layer, b.last_layer) for b in outline(both)] == [
        ("first", 0, 0),
        ("long", 0, 2),
        ("second", 1, 2),
    ]


def test_coordinates_are_numbered_from_zero() -> None:
    assert coordinates(3) == ("in0", "in1", "in2")
