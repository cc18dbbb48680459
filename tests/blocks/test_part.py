from fractions import Fraction

import pytest

from memcert.blocks.part import block, carry, neuron, parallel, position, serial


def test_a_neuron_stores_no_zero_weight() -> None:
    assert neuron("a", {"x": 0, "y": 2}, 1).row == (("y", 2),)


def test_a_block_without_layers_or_with_an_empty_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one neuron"):
        block("b", "stage", "c", [])
    with pytest.raises(ValueError, match="at least one neuron"):
        block("b", "stage", "c", [[neuron("a", {})], []])


def test_a_layer_with_one_name_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        block("b", "stage", "c", [[neuron("a", {}), neuron("a", {})]])
    with pytest.raises(ValueError, match="twice"):
        parallel(carry("one", "stage", "a"), carry("two", "stage", "a"))


def test_a_carry_reads_its_own_stream_after_the_first_layer() -> None:
    part = carry("y_0", "stage", "y", depth=3, row={"y": 1, "gate": 2}, bias=5)
    first, second, third = (layer[0] for layer in part.layers)
    assert (first.row, first.bias) == ((("y", 1), ("gate", 2)), 5)
    assert (second.row, second.bias) == (third.row, third.bias) == ((("y", 1),), 0)
    assert part.outlines[0].contract == "carry3"
    assert carry("y_1", "stage", "y").outlines[0].contract == "carry"


def test_a_carry_past_no_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        carry("y", "stage", "y", depth=0)


def test_parallel_parts_keep_their_neurons_apart_in_every_layer() -> None:
    wide = block("w", "s", "c", [[neuron("a", {}), neuron("b", {})], [neuron("a", {"a": 1, "b": 1})]])
    both = parallel(carry("left", "s", "x", depth=2), wide, carry("right", "s", "z", depth=2))
    assert [[n.name for n in layer] for layer in both.layers] == [["x", "a", "b", "z"], ["x", "a", "z"]]
    assert {o.name: o.neurons for o in both.outlines} == {
        "left": ((0,), (0,)),
        "w": ((1, 2), (1,)),
        "right": ((3,), (2,)),
    }


def test_parallel_parts_of_different_depth_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\[1, 2\]"):
        parallel(carry("a", "s", "a"), carry("b", "s", "b", depth=2))
    with pytest.raises(ValueError, match="expected one depth"):
        parallel()


def test_blocks_in_series_move_by_the_layers_before_them() -> None:
    line = serial([carry("a", "s", "x", depth=2), carry("b", "s", "x"), carry("c", "s", "x", depth=3)])
    assert [(o.name, o.first_layer) for o in line.outlines] == [("a", 0), ("b", 2), ("c", 3)]
    assert line.depth == 6


def test_a_block_that_starts_late_in_a_parallel_part_moves_by_that_layers_width() -> None:
    late = serial([carry("first", "s", "x"), carry("second", "s", "x")])
    wide = block("w", "s", "c", [[neuron("a", {}), neuron("b", {})], [neuron("a", {"a": 1})]])
    both = parallel(wide, late)
    assert {o.name: (o.first_layer, o.neurons) for o in both.outlines} == {
        "w": (0, ((0, 1), (0,))),
        "first": (0, ((2,),)),
        "second": (1, ((1,),)),
    }


def test_a_series_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one part"):
        serial([])


def test_a_position_is_found_by_name_and_a_missing_name_is_told() -> None:
    part = block("b", "s", "c", [[neuron("a", {}), neuron("b", {"x": Fraction(1, 2)})]])
    assert position(part, 0, "b") == 1
    with pytest.raises(ValueError, match="no neuron 'z'"):
        position(part, 0, "z")
