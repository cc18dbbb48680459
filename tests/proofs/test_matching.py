from dataclasses import replace
from fractions import Fraction

import pytest
from proof_tools import block, cert, contract, net, proved, refutation, values_of, with_weight

from memcert.contracts.mechanisms import carry, linear, neuron
from memcert.contracts.notation import case
from memcert.kernel.certificate import Certificate, Contract, Number
from memcert.kernel.network import Network
from memcert.kernel.verdict import Malformed
from memcert.proofs.matching import Unmatched, matched
from memcert.proofs.outline import outline_of
from memcert.proofs.prove import prove

SELECT = contract(
    "select",
    [
        ["x1 = x", "y1 = y", "l1 = a2 - 2x", "r1 = 2x + b2"],
        ["x2 = x1", "y2 = y1", "l2 = 1 - l1", "r2 = 1 - r1"],
        ["x3 = x2", "y3 = y2 + w*l2 + w*r2 - w"],
    ],
    "x = x1, y = y1",
    "x3, y3",
    case("inside", "x >= 0, y >= 0, 2x >= a2, 2x <= -b2", "x3 = x, y3 = y + w"),
    case("below", "x >= 0, y >= 0, 2x <= a2 - 1", "x3 = x, y3 = y"),
    case("above", "x >= 0, y >= 0, 2x >= 1 - b2", "x3 = x, y3 = y"),
    bound=[("a2", "l1", None), ("b2", "r1", None), ("w", "y3", "l2")],
    assumes="a2 + b2 <= 0, w >= 0",
)
NETWORK = net(
    2,
    ["x0", "x1", "6 - 2*x0", "2*x0 - 10"],
    ["x0", "x1", "1 - x2", "1 - x3"],
    ["x0", "x1 + 7*x2 + 7*x3 - 7"],
    ["x1"],
)
"""F(x, y) = y + 7 where 3 <= x <= 5, y where x <= 5/2 or x >= 11/2."""
OUT = block("out", "linear", 1)
BLOCKS = [block("s", "select", 0, 2, a2=6, b2=-10, w=7), block("out", "linear", 3)]


def select(network: Network = NETWORK, selected: Contract = SELECT, **hints: Number) -> Certificate:
    blocks = [replace(BLOCKS[0], hints=hints), BLOCKS[1]] if hints else BLOCKS
    half = Fraction(1, 2)
    points, labels = [[4, 1], [1, 2], [6, 3]], [8, 2, 3]
    return cert(
        network, [selected, linear()], blocks, points, labels, rule="within", tolerance=half, radius=half
    )


def test_parameters_are_bound_from_the_weights() -> None:
    certificate = select()
    found = matched(NETWORK, outline_of(certificate).by_index[0])
    assert not isinstance(found, Unmatched)
    assert found.parameters == {"a2": 6, "b2": -10, "w": 7}
    assert proved(certificate).concrete_blocks == 0


def test_values_in_with_do_not_matter_where_the_weights_match() -> None:
    assert proved(select(a2=0, b2=0, w=100)).concrete_blocks == 0


WEIGHTS = [
    (at, row, column)
    for at, layer in enumerate(NETWORK.layers[:3])
    for row in range(layer.shape[0])
    for column in [None, *range(layer.shape[1])]
]


@pytest.mark.parametrize(("at", "row", "column"), WEIGHTS)
def test_every_weight_of_a_block_is_compared_zeros_and_biases_included(
    at: int, row: int, column: int | None
) -> None:
    old = NETWORK.layers[at].bias[row] if column is None else dict(NETWORK.layers[at].row(row)).get(column, 0)
    network = with_weight(NETWORK, at, row, column, old + Fraction(1, 3))
    placed = outline_of(select(network)).by_index[0]
    found = matched(network, placed)
    if not isinstance(found, Unmatched):
        # Only what the pattern leaves free may differ: the inputs themselves, and the parameters.
        free = at == 0 and row in (0, 1)
        assert free or (at, row, column) in [(0, 2, None), (0, 3, None)]
    certificate = select(network)
    if prove(certificate).verdict == "proved":
        # A bias of x moves the whole window with it; the samples stay where they are, inside or out.
        assert (at, row, column) in [(0, 0, None), (0, 2, None), (0, 3, None)]


def test_a_difference_names_block_stage_weight_and_both_values() -> None:
    found = refutation(select(with_weight(NETWORK, 1, 2, 2, 2)))
    assert (found.block, found.stage, found.contract, found.rule) == ("s", "hand", "select", "ensures")
    assert any("2, not -1" in weight and "neuron 2" in weight for weight in found.weights)


def relu(x: Number) -> Number:
    return x if x > 0 else 0


def test_a_refutation_shows_a_rational_input_that_breaks_the_promise() -> None:
    # The left ramp is twice as wide: between 5/2 and 3 nothing changes, below 5/2 it still climbs.
    found = refutation(select(with_weight(NETWORK, 1, 2, 2, Fraction(-1, 2))))
    assert found.case == "below"
    values = values_of(found)
    x, y = values["x"], values["y"]
    left = relu(1 - Fraction(1, 2) * relu(6 - 2 * x))
    right = relu(1 - relu(2 * x - 10))
    assert 2 * x <= 5
    assert values["y3"] == relu(y + 7 * left + 7 * right - 7) != y


def test_that_the_samples_still_come_out_right_is_said() -> None:
    network = with_weight(NETWORK, 1, 2, 2, Fraction(-1, 2))
    assert refutation(select(network)).samples_wrong is False
    assert refutation(select(with_weight(NETWORK, 2, 1, 2, 8))).samples_wrong is True


def test_a_steeper_ramp_is_harmless_and_survives_by_its_actual_weights() -> None:
    result = proved(select(with_weight(NETWORK, 1, 3, 3, -3)))
    assert result.concrete_blocks == 1
    assert result.obligations == len(SELECT.cases) + 1 + len(SELECT.cases)


def test_hints_are_read_for_a_parameter_that_the_weights_do_not_give() -> None:
    # Without the weight from l2, `w` is 0, and the block is not the pattern.
    network = with_weight(NETWORK, 2, 1, 2, 0)
    found = refutation(select(network, a2=6, b2=-10, w=7))
    assert found.rule == "ensures"
    assert values_of(found)["w"] == 7


def test_a_side_condition_is_evaluated_exactly_at_the_bound_values() -> None:
    # a > b: no window at all. The contract is asked of the weights, and breaks.
    network = with_weight(NETWORK, 0, 2, None, Fraction(10**30 + 1, 10**29))
    found = refutation(select(network))
    assert found.block == "s"
    placed = outline_of(select(network)).by_index[0]
    unmatched = matched(network, placed)
    assert isinstance(unmatched, Unmatched)
    assert "side condition" in unmatched.difference.at
    assert unmatched.difference.got == Fraction(-1, 10**29)


def test_a_negative_weight_is_refused_by_the_side_condition() -> None:
    network = with_weight(with_weight(NETWORK, 2, 1, 2, -7), 2, 1, 3, -7)
    network = with_weight(network, 2, 1, None, 7)
    assert isinstance(matched(network, outline_of(select(network)).by_index[0]), Unmatched)
    assert refutation(select(network)).block == "s"


def test_a_layer_without_relu_is_not_the_pattern() -> None:
    layers = list(NETWORK.layers)
    layers[1] = replace(layers[1], relu=False)
    network = Network(2, tuple(layers))
    unmatched = matched(network, outline_of(select(network)).by_index[0])
    assert isinstance(unmatched, Unmatched)
    assert unmatched.difference.expected == "a layer with ReLU"
    assert refutation(select(network)).block == "s"


def test_an_edge_to_a_neuron_outside_of_the_block_always_refuses() -> None:
    network = net(2, ["x0", "x1"], ["x0", "x1"], ["x0 + x1"])
    blocks = [
        block("a", "carry2", 0, 1, [[0], [0]]),
        block("b", "carry2", 0, 1, [[1], [1]]),
        block("out", "linear", 2),
    ]
    good = cert(network, [carry(2), linear()], blocks, [[1, 0]], [1])
    proved(good)
    # 0 * anything is nothing, but 1/1000 is not: and even where it is harmless it is refused.
    bad = replace(good, network=with_weight(network, 1, 0, 1, Fraction(1, 1000)))
    found = refutation(bad)
    assert (found.rule, found.block, found.samples_wrong) == ("outline", "a", False)


def _scaled(*bound: tuple[str, str, str | None], row: str = "v = k*u") -> Contract:
    return contract(
        "scaled",
        [["t = u"], [row]],
        "u = t",
        "v",
        case("on", "u >= 0", "v >= 0"),
        bound=bound,
        assumes="",
    )


def _chain_of(made: Contract, weight: int) -> Certificate:
    network = net(1, ["x0"], [f"{weight}*x0"], ["x0"])
    return cert(
        network, [made, linear()], [block("s", "scaled", 0, 1), block("out", "linear", 2)], [[1]], [0]
    )


def test_a_parameter_is_not_bound_at_its_own_square() -> None:
    with pytest.raises(Malformed) as caught:
        prove(_chain_of(_scaled(("k", "v", "t"), row="v = k*k*t"), 4))
    assert caught.value.rule == "parameter"


def test_parameters_are_not_bound_through_each_other() -> None:
    made = _scaled(("k", "v", "t"), ("m", "v", None), row="v = k*m*t + m*k")
    with pytest.raises(Malformed) as caught:
        prove(_chain_of(made, 4))
    assert caught.value.rule == "parameter"


def test_parameters_of_the_first_rows_are_not_bound_through_each_other() -> None:
    made = contract(
        "first",
        [["t = u", "s = k*u + m*n*u", "r = n*u + m*k"]],
        "u = t",
        "t, s, r",
        case("on", "", "t >= 0, s >= 0, r >= 0"),
        bound=[("k", "s", "u"), ("m", "r", None), ("n", "r", "u")],
    )
    network = net(1, ["x0", "2*x0", "3*x0 + 1"], ["x0"])
    with pytest.raises(Malformed) as caught:
        prove(cert(network, [made, linear()], [block("f", "first", 0), OUT], [[1]], [1]))
    assert caught.value.rule == "parameter"


def test_a_parameter_whose_coefficient_is_zero_is_not_bound() -> None:
    made = contract(
        "products",
        [["t = u"], ["v = m*t", "w = m*k*t"]],
        "u = t",
        "v, w",
        case("on", "u >= 0", "v = m*u, w = m*k*u"),
        bound=[("m", "v", "t"), ("k", "w", "t")],
        assumes="m >= 0, m*k >= 0",
    )
    blocks = [block("p", "products", 0, 1), block("out", "linear", 2)]
    good = cert(net(1, ["x0"], ["2*x0", "6*x0"], ["x0 + x1"]), [made, linear()], blocks, [[1]], [8])
    proved(good)
    found = refutation(replace(good, network=net(1, ["x0"], ["0", "6*x0"], ["x0 + x1"])))
    assert (found.rule, found.block) == ("match", "p")
    assert "k with a coefficient that is not 0" in found.expected


def test_two_values_of_one_parameter_in_two_places_do_not_match() -> None:
    network = with_weight(NETWORK, 2, 1, 3, 8)  # w is 7 from l2 and 8 from r2
    unmatched = matched(network, outline_of(select(network)).by_index[0])
    assert isinstance(unmatched, Unmatched)
    assert (unmatched.difference.expected, unmatched.difference.got) == (7, 8)


def test_a_first_row_parameter_is_taken_from_its_weight_and_the_inputs_constants() -> None:
    # u has the constant 5; the second row is 3u + c with c = 2, so its bias is 17.
    made = contract(
        "shifted",
        [["s = u", "t = k*u + c"]],
        "u = s",
        "s, t",
        case("on", "u >= 0", "s = u, t = k*u + c"),
        bound=[("k", "t", "u"), ("c", "t", None)],
        assumes="k >= 0, c >= 0",
    )
    network = net(1, ["x0 + 5", "3*x0 + 17"], ["x1 - x0"])
    certificate = cert(network, [made, linear()], [block("f", "shifted", 0), OUT], [[1]], [14])
    found = matched(network, outline_of(certificate).by_index[0])
    assert not isinstance(found, Unmatched)
    assert found.parameters == {"k": 3, "c": 2}
    proved(certificate)


def test_an_input_whose_constant_is_dropped_leaves_it_to_the_rows() -> None:
    made = contract(
        "dropping",
        [["s = u + c"]],
        "u ~ s",
        "s",
        case("on", "u >= -c", "s = u + c"),
        bound=[("c", "s", None)],
    )
    network = net(1, ["2*x0 - 3"], ["x0"])
    certificate = cert(network, [made, linear()], [block("f", "dropping", 0), OUT], [[2]], [1])
    found = matched(network, outline_of(certificate).by_index[0])
    assert not isinstance(found, Unmatched)
    assert found.parameters == {"c": -3}
    assert found.inputs == (({0: 2}, 0),)
    proved(certificate)


def test_a_row_that_is_no_sum_of_the_inputs_does_not_match() -> None:
    network = net(2, ["x0", "x0 + x1"], ["x0 + x1"])
    same = contract("same", [["a = u", "b = u"]], "u = a", "a, b", case("on", "u >= 0", "a = u, b = u"))
    found = refutation(
        cert(network, [same, linear()], [block("p", "same", 0), block("out", "linear", 1)], [[1, 0]], [2])
    )
    assert found.block == "p"
    assert found.samples_wrong is False


def test_more_blocks_than_the_limit_with_their_actual_weights_are_undecided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from memcert.kernel.verdict import LimitReached
    from memcert.proofs import blocks

    monkeypatch.setattr(blocks, "MAX_CONCRETE", 0)
    with pytest.raises(LimitReached):
        prove(select(with_weight(NETWORK, 1, 3, 3, -3)))


@pytest.mark.parametrize(
    ("name", "place"), [("MAX_OBLIGATIONS", "concrete"), ("MAX_CONDITIONS", "conditions")]
)
def test_endless_work_is_undecided_before_it_begins(
    monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    from memcert.kernel.verdict import LimitReached
    from memcert.proofs import blocks

    certificate = select(with_weight(NETWORK, 1, 3, 3, -3))
    monkeypatch.setattr(blocks, name, 1)
    with pytest.raises(LimitReached) as caught:
        prove(certificate)
    assert caught.value.rule == place
    assert int(caught.value.got) > 1


def test_neuron_blocks_match_every_row() -> None:
    network = net(2, ["x0 - 2*x1 + 1/3", "0"], ["x1"])
    blocks = [*(block(f"n{k}", "neuron", 0, neurons=[[k]]) for k in range(2)), OUT]
    proved(cert(network, [neuron(), linear()], blocks, [[5, 7]], [0], radius=2))
