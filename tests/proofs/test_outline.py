from dataclasses import replace
from fractions import Fraction

import pytest
from proof_tools import block, by_neurons, cert, contract, net, proved, refutation

from memcert.contracts.mechanisms import carry, linear, neuron
from memcert.contracts.notation import case
from memcert.kernel.certificate import Block, Certificate
from memcert.kernel.verdict import Malformed, Unsupported
from memcert.proofs.outline import outline_of
from memcert.proofs.prove import prove

TWO = net(1, ["x0 + 1", "x0 + 2"], ["x0 - x1 + 5"])
"""F(x) = 4 for x >= -1."""


def two(*blocks: Block, radius: int | None = None) -> Certificate:
    contracts = (carry(), carry(2), linear(), neuron())
    return cert(TWO, contracts, blocks, [[0], [3]], [4, 4], radius=radius)


LAST = block("out", "linear", 1)


def test_blocks_that_cover_every_neuron_once_are_an_outline() -> None:
    proved(two(block("a", "carry", 0, neurons=[[0]]), block("b", "carry", 0, neurons=[[(1, 2)]]), LAST))


def test_ranges_and_indices_stand_in_the_order_of_the_contract() -> None:
    pair = contract(
        "pair",
        [["low = u + 1", "high = u"]],
        "u = high",
        "low, high",
        case("on", "u >= 0", "low = u + 1, high = u"),
    )
    # The contract's first neuron is the network's second one.
    made = cert(TWO, [pair, linear()], [block("p", "pair", 0, neurons=[[1, (0, 1)]]), LAST], [[0]], [4])
    assert outline_of(made).by_index[0].neurons == ((1, 0),)
    proved(made)
    swapped = replace(made, blocks=(block("p", "pair", 0), LAST))
    assert refutation(swapped).rule == "ensures"


def test_no_outline_is_unsupported_and_never_proved() -> None:
    with pytest.raises(Unsupported) as caught:
        prove(two())
    assert caught.value.status == 5
    assert caught.value.rule == "outline"


def test_no_sample_is_refused() -> None:
    made = two(block("a", "carry", 0, neurons=[[0]]), block("b", "carry", 0, neurons=[[1]]), LAST)
    empty = replace(made, dataset=replace(made.dataset, size=0, points=(), labels=()))
    with pytest.raises(Malformed, match="at least one sample"):
        prove(empty)


@pytest.mark.parametrize(
    ("blocks", "place"),
    [
        ((block("a", "carry", 0, neurons=[[0]]), LAST), "network.layers[0], neuron 1"),
        (
            (block("a", "carry", 0, neurons=[[0]]), block("b", "carry", 0, neurons=[[1]])),
            "network.layers[1], neuron 0",
        ),
        ((LAST,), "network.layers[0], neuron 0"),
    ],
)
def test_a_neuron_in_no_block_is_refused(blocks: tuple[Block, ...], place: str) -> None:
    with pytest.raises(Malformed) as caught:
        prove(two(*blocks))
    assert (caught.value.rule, caught.value.at) == ("coverage", place)


@pytest.mark.parametrize(
    ("blocks", "place"),
    [
        (
            (
                block("a", "carry", 0, neurons=[[0]]),
                block("b", "carry", 0, neurons=[[1]]),
                block("c", "carry", 0, neurons=[[0]]),
                LAST,
            ),
            "blocks[2].neurons[0]",
        ),
        ((block("a", "carry", 0, neurons=[[0]]), block("b", "carry2", 0, 1, [[1], [0]]), LAST), "blocks[2]"),
    ],
)
def test_a_neuron_in_two_blocks_is_refused(blocks: tuple[Block, ...], place: str) -> None:
    with pytest.raises(Malformed) as caught:
        prove(two(*blocks))
    assert caught.value.rule == "coverage"
    assert caught.value.at.startswith(place)


def test_a_neuron_twice_in_one_block_is_refused() -> None:
    pair = contract("pair", [["a = u", "b = u"]], "u = a", "a, b", case("on", "u >= 0", "a = u, b = u"))
    with pytest.raises(Malformed) as caught:
        prove(cert(TWO, [pair, linear()], [block("p", "pair", 0, neurons=[[0, 0]]), LAST], [[0]], [4]))
    assert (caught.value.rule, caught.value.at) == ("coverage", "blocks[0].neurons[0]")


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (block("a", "carry", 1, 0, [[0]]), "layers"),
        (block("a", "carry", 2, 2, [[0]]), "layers"),
        (block("a", "carry2", 0, 0, [[0]]), "layers"),
        (block("a", "carry2", 0, 1, [[0]]), "neurons"),
        (block("a", "carry", 0, 0, [[2]]), "neurons"),
        (block("a", "carry", 0, 0, [[0, 1]]), "neurons"),
        (block("a", "carry", 0, 0, [[]]), "neurons"),
        (block("a", "carry", 0, 0, [[(0, 10**15)]]), "neurons"),
        (block("a", "carry", 0), "neurons"),
        (block("a", "nothing", 0, 0, [[0]]), "contract"),
    ],
)
def test_a_span_or_list_that_is_no_part_of_the_network_is_refused(wrong: Block, rule: str) -> None:
    with pytest.raises(Malformed) as caught:
        prove(two(wrong, block("b", "carry", 0, neurons=[[1]]), LAST))
    assert caught.value.rule == rule
    assert caught.value.at.startswith("blocks[0]")
    assert caught.value.status == 3


@pytest.mark.parametrize("name", ["", "A", "1a", "a b", "x) (assert false", "a\nb", "../../x", "a" * 33, "é"])
@pytest.mark.parametrize("field", ["name", "stage"])
def test_names_of_blocks_are_plain(name: str, field: str) -> None:
    plain = block("a", "carry", 0, neurons=[[0]])
    first = replace(plain, name=name) if field == "name" else replace(plain, stage=name)
    with pytest.raises(Malformed) as caught:
        prove(two(first, block("b", "carry", 0, neurons=[[1]]), LAST))
    assert (caught.value.rule, caught.value.at) == ("name", f"blocks[0].{field}")


def test_names_of_blocks_are_distinct() -> None:
    with pytest.raises(Malformed) as caught:
        prove(two(block("a", "carry", 0, neurons=[[0]]), block("a", "carry", 0, neurons=[[1]]), LAST))
    assert (caught.value.rule, caught.value.at) == ("distinct", "blocks[1].name")


def test_ids_of_contracts_are_distinct() -> None:
    made = by_neurons(TWO, [[0]], [4])
    with pytest.raises(Malformed) as caught:
        prove(replace(made, contracts=(*made.contracts, made.contracts[0])))
    assert caught.value.rule == "distinct"


def test_a_later_row_that_reads_outside_of_its_block_is_refused() -> None:
    network = net(1, ["x0", "x0"], ["x0", "x1"], ["x0 - x1"])
    blocks = [
        block("a", "carry2", 0, 1, [[0], [0]]),
        block("b", "carry2", 0, 1, [[1], [1]]),
        block("out", "linear", 2),
    ]
    good = cert(network, [carry(2), linear()], blocks, [[1]], [0])
    proved(good)
    # The second layer's first neuron reads the other block's first layer instead of its own.
    crossed = replace(good, network=net(1, ["x0", "x0"], ["x1", "x1"], ["x0 - x1"]))
    found = refutation(crossed)
    assert found.rule == "outline"
    assert found.block == "a"
    assert "weight of input 1" in found.at


def test_a_first_row_that_reads_the_middle_of_a_block_is_refused() -> None:
    network = net(1, ["x0", "x0"], ["x0", "x1"], ["x0 - x1"])
    blocks = [
        block("a", "carry2", 0, 1, [[0], [0]]),
        block("b", "carry", 0, neurons=[[1]]),
        block("c", "carry", 1, neurons=[[1]]),
        block("out", "linear", 2),
    ]
    good = cert(network, [carry(), carry(2), linear()], blocks, [[1]], [0])
    proved(good)
    reading = replace(good, network=net(1, ["x0", "x0"], ["x0", "x0"], ["x0 - x1"]))
    found = refutation(reading)
    assert (found.rule, found.block) == ("outline", "c")
    assert "ends one layer before" in found.expected


def test_an_output_that_is_left_out_cannot_be_read() -> None:
    pair = contract("pair", [["a = u", "b = u"]], "u = a", "a", case("on", "u >= 0", "a = u"))
    network = net(1, ["x0", "x0"], ["x0 + x1"])
    found = refutation(cert(network, [pair, linear()], [block("p", "pair", 0), LAST], [[1]], [2]))
    assert (found.rule, found.block) == ("outline", "out")
    assert "rest of b" in found.expected


STEP = contract(
    "step",
    [["low = u + 1", "high = u"]],
    "u = high",
    "jump = low - high",
    case("above", "u >= 0", "jump = 1"),
    case("below", "u <= -1", "jump = 0"),
)


def test_a_form_output_is_taken_out_of_a_row_by_its_own_neuron() -> None:
    network = net(1, ["x0 + 1", "x0"], ["3*x0 - 3*x1 + 1/2"])
    proved(
        cert(
            network,
            [STEP, linear()],
            [block("p", "step", 0), LAST],
            [[0], [-1]],
            [Fraction(7, 2), Fraction(1, 2)],
        )
    )


def test_a_form_output_with_a_remainder_is_refused() -> None:
    network = net(1, ["x0 + 1", "x0"], ["3*x0 - 2*x1"])
    found = refutation(cert(network, [STEP, linear()], [block("p", "step", 0), LAST], [[0]], [3]))
    assert (found.rule, found.block) == ("outline", "out")
    assert "no rest of" in found.expected
    assert found.got == "1"


def test_the_remainder_of_a_network_output_must_be_zero_too() -> None:
    network = net(1, ["x0 + 1", "x0"])
    forms = contract(
        "forms",
        [["a = u + 1", "b = u"]],
        "u = b",
        "jump = a - b",
        case("always", "", "jump = 1"),
        relus=[False],
    )
    found = refutation(cert(network, [forms], [block("p", "forms", 0)], [[0]], [0], rule="argmax"))
    assert (found.rule, found.at) == ("output", "network output 0")


def test_two_forms_without_a_neuron_of_their_own_are_refused() -> None:
    same = replace(STEP, outputs=(*STEP.outputs, replace(STEP.outputs[0], name="again")))
    with pytest.raises(Malformed) as caught:
        prove(cert(TWO, [same, linear()], [block("p", "step", 0), LAST], [[0]], [4]))
    assert caught.value.rule == "pivot"


def test_swapped_inputs_are_seen() -> None:
    # 2a + b is promised of (a, b); the block computes a + 2b.
    mix = contract(
        "mix",
        [["m = 2a + b", "n = b"]],
        "a = 1/2*m - 1/2*n, b = n",
        "m, n",
        case("on", "a >= 0, b >= 0", "m = 2a + b, n = b"),
    )
    good = cert(
        net(2, ["2*x0 + x1", "x1"], ["x0 - x1"]), [mix, linear()], [block("p", "mix", 0), LAST], [[1, 5]], [2]
    )
    proved(good)
    # With b read from the first row, `mix` is another statement: the remaining weights tell.
    swapped = replace(mix, inputs=(replace(mix.inputs[0], name="b"), replace(mix.inputs[1], name="a")))
    found = refutation(replace(good, contracts=(swapped, linear())))
    assert found.block == "p"


def test_a_first_row_may_read_nothing_at_all() -> None:
    proved(by_neurons(net(1, ["0", "x0"], ["x0 + x1"]), [[2]], [2]))
