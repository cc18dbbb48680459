from dataclasses import replace

from strategies import layer, network

from memcert.contracts.mechanisms import carry, linear, neuron, ramp
from memcert.contracts.neurons import neuron_outline, region_execution
from memcert.contracts.validation import validate_all
from memcert.kernel.network import Network


def test_every_neuron_of_every_layer_is_in_one_block() -> None:
    net = network(([[1, 2], [3, 4], [5, 6]], [0, 1, 2]), ([[1, 0, 1], [0, 1, 1]], [0, 0]), ([[1, -1]], [3]))
    contracts, blocks = neuron_outline(net)
    validate_all(contracts)
    placed = [(b.first_layer, b.neurons, b.contract) for b in blocks]
    assert placed == [
        (0, ((0,),), "neuron"),
        (0, ((1,),), "neuron"),
        (0, ((2,),), "neuron"),
        (1, ((0,),), "neuron"),
        (1, ((1,),), "neuron"),
        (2, ((0,),), "linear"),
    ]
    assert all(b.first_layer == b.last_layer and not b.hints for b in blocks)
    assert len({b.name for b in blocks}) == 6
    assert [contract.id for contract in contracts] == ["neuron", "linear"]


def test_contracts_that_no_neuron_needs_are_left_out() -> None:
    relu_only = Network(1, (layer([[1]], [0], relu=True),))
    linear_only = Network(1, (layer([[1]], [0], relu=False),))
    assert neuron_outline(relu_only)[0] == (neuron(),)
    assert neuron_outline(linear_only)[0] == (linear(),)


def test_a_layer_without_relu_in_the_middle_is_linear() -> None:
    net = Network(1, (layer([[1]], [0], relu=False), layer([[1]], [0], relu=True)))
    assert [b.contract for b in neuron_outline(net)[1]] == ["linear", "neuron"]


def test_region_execution_is_recognized_whatever_the_contracts_are_called() -> None:
    assert region_execution((replace(neuron(), id="plate"), linear(), carry(3)))
    assert not region_execution((neuron(), ramp()))
