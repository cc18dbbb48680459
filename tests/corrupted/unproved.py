"""Attacks on the outline of a true network: promises that are not what they seem. `prove` refuses them."""

from collections.abc import Mapping
from copy import deepcopy

from attacks import Attack
from bases import NEURON, Json, sign, tent


def _case(name: str, requires: Json, ensures: Json) -> Json:
    return {"name": name, "requires": requires, "ensures": ensures}


ON = _case("on", [[">=", [[1, "u"]]]], [["y", "=", [[1, "u"]]]])
OFF = _case("off", [[">=", [[-1, "u"]]]], [["y", "=", []]])
CASES = "contracts.0.cases"


def _lie(
    name: str, refusal: tuple[int, str, str], put: Mapping[str, Json], base: str = "tent", *, note: str = ""
) -> Attack:
    status, rule, at = refusal
    return Attack(name, rule, at, put, base=base, status=status, command="prove", note=note)


def _blocks() -> list[Attack]:
    blocks = tent()["blocks"]
    both = deepcopy(blocks)
    both[0]["neurons"] = [[0, 1]]
    return [
        _lie("outline_none", (5, "outline", "blocks"), {"blocks": []}),
        _lie(
            "neuron_in_no_block",
            (3, "coverage", "network.layers[0], neuron 1"),
            {"blocks": [blocks[0], *blocks[2:]]},
        ),
        _lie(
            "last_layer_in_no_block", (3, "coverage", "network.layers[2], neuron 0"), {"blocks": blocks[:3]}
        ),
        _lie(
            "middle_layer_in_no_block",
            (3, "coverage", "network.layers[1], neuron 0"),
            {"blocks": [*blocks[:2], blocks[3]]},
        ),
        _lie("neuron_in_two_blocks", (3, "coverage", "blocks[1].neurons[0]"), {"blocks.1.neurons": [[0]]}),
        _lie(
            "neuron_twice_in_a_block", (3, "neurons", "blocks[0].neurons[0]"), {"blocks.0.neurons": [[0, 0]]}
        ),
        _lie(
            "neurons_more_than_the_contract",
            (3, "neurons", "blocks[0].neurons[0]"),
            {"blocks": [both[0], *blocks[2:]]},
        ),
        _lie("neuron_beyond_the_layer", (3, "neurons", "blocks[0].neurons[0]"), {"blocks.0.neurons": [[7]]}),
        _lie(
            "range_of_2_to_the_52",
            (3, "neurons", "blocks[0].neurons[0]"),
            {"blocks.0.neurons": [[[0, 2**52]]]},
        ),
        _lie("layers_reversed", (3, "layers", "blocks[0]"), {"blocks.0.first_layer": 1}),
        _lie(
            "layer_beyond_the_last",
            (3, "layers", "blocks[3]"),
            {"blocks.3.first_layer": 3, "blocks.3.last_layer": 3},
        ),
        _lie("layers_more_than_the_contract", (3, "layers", "blocks[0]"), {"blocks.0.last_layer": 1}),
        _lie("block_of_no_contract", (3, "contract", "blocks[0].contract"), {"blocks.0.contract": "none"}),
        _lie("block_name_twice", (3, "distinct", "blocks[1].name"), {"blocks.1.name": "right"}),
        _lie(
            "block_name_with_line_feed", (3, "name", "blocks[0].name"), {"blocks.0.name": "a\n(assert false)"}
        ),
        _lie("block_name_is_a_path", (3, "name", "blocks[0].name"), {"blocks.0.name": "../../x"}),
    ]


def _names() -> list[Attack]:
    twice = [NEURON, {**NEURON, "id": "neuron"}, tent()["contracts"][1]]
    return [
        _lie("contract_id_injects", (3, "name", "contracts[0].id"), {"contracts.0.id": "x) (assert false"}),
        _lie("contract_id_twice", (3, "distinct", "contracts[1].id"), {"contracts": twice}),
        _lie(
            "input_name_injects",
            (3, "name", "contracts[0].inputs[0].name"),
            {"contracts.0.inputs.0.name": "u) (assert false"},
        ),
        _lie(
            "output_named_like_an_input",
            (3, "distinct", "contracts[0].outputs[0].name"),
            {"contracts.0.outputs.0.name": "u"},
        ),
        _lie("case_name_twice", (3, "distinct", "contracts[0].cases[1].name"), {f"{CASES}.1.name": "on"}),
        _lie(
            "ensures_of_an_undeclared_name",
            (3, "undeclared", "contracts[0].cases[0].ensures[0]"),
            {f"{CASES}.0.ensures.0.2": [[1, "z"]]},
        ),
        _lie(
            "ensures_of_an_unknown_output",
            (3, "undeclared", "contracts[0].cases[0].ensures[0]"),
            {f"{CASES}.0.ensures.0.0": "z"},
        ),
        _lie(
            "ensures_of_an_output",
            (3, "undeclared", "contracts[0].cases[0].ensures[0]"),
            {f"{CASES}.0.ensures.0.2": [[1, "y"]]},
        ),
        _lie(
            "requires_of_an_output",
            (3, "undeclared", "contracts[0].cases[0].requires[0]"),
            {f"{CASES}.0.requires.0.1": [[1, "y"]]},
        ),
        _lie(
            "output_left_out",
            (3, "determination", "contracts[0].cases[0].ensures"),
            {f"{CASES}.0.ensures": []},
        ),
        _lie(
            "output_twice_equal",
            (3, "determination", "contracts[0].cases[0].ensures"),
            {f"{CASES}.0.ensures": [["y", "=", [[1, "u"]]], ["y", "=", []]]},
        ),
        _lie("no_case", (3, "empty", "contracts[0].cases"), {CASES: []}),
    ]


def _promises() -> list[Attack]:
    never = [[">=", [[1, "u"], [-5]]], [">=", [[-1, "u"], [4]]]]
    return [
        _lie("ensures_false", (1, "equal", "samples[0]"), {f"{CASES}.1.ensures.0.2": [[1]]}),
        _lie(
            "ensures_false_only_off_the_samples",
            (1, "ensures", "contracts[0].cases[0]"),
            {f"{CASES}.0.requires": [[">=", [[1, "u"], ["1/100"]]]]},
            note="true at every sample, false at u = -1/100",
        ),
        _lie(
            "ensures_too_weak",
            (1, "requires", "blocks[2] (top, neurons), samples[0]"),
            {f"{CASES}.0.ensures": [["y", ">=", []]]},
        ),
        _lie(
            "requires_met_by_no_sample",
            (1, "requires", "blocks[0] (right, neurons), samples[3]"),
            {f"{CASES}.0.requires": [[">=", [[1, "u"], [-9]]]]},
        ),
        _lie(
            "requires_contradictory",
            (1, "requires", "blocks[0] (right, neurons), samples[3]"),
            {CASES: [_case("on", never, [["y", "=", [[7]]]]), OFF]},
        ),
        _lie(
            "requires_nothing",
            (1, "equal", "samples[0]"),
            {f"{CASES}.0.requires": []},
            note="relu(u) = u is false where u < 0",
        ),
        _lie(
            "relu_left_out_of_the_pattern",
            (1, "ensures", "contracts[0].cases[1]"),
            {"contracts.0.layers.0.relu": False},
        ),
        _lie(
            "relu_put_into_the_pattern",
            (1, "ensures", "contracts[1].cases[0]"),
            {"contracts.1.layers.0.relu": True},
        ),
        _lie(
            "pattern_of_another_weight",
            (1, "ensures", "contracts[1].cases[0]"),
            {"contracts.1.layers.0.neurons.0.1": [[2, "u"]]},
        ),
    ]


def _claims() -> list[Attack]:
    wrong = deepcopy(sign())
    wrong["dataset"]["labels"][2] = -1
    return [
        _lie(
            "radius_larger_than_proved",
            (1, "box_radius", "claim.box_radius"),
            {"claim.box_radius": "1/2"},
            "sign",
            note="F = 0 on the border",
        ),
        _lie("radius_much_larger", (1, "box_radius", "claim.box_radius"), {"claim.box_radius": 5}, "sign"),
        _lie(
            "radius_unbounded",
            (1, "box_radius", "claim.box_radius"),
            {"claim.box_radius": "unbounded"},
            "sign",
        ),
        _lie(
            "radius_of_equal",
            (1, "box_radius", "claim.box_radius"),
            {"claim.box_radius": "1/1000"},
            note="F is not constant around a sample",
        ),
        _lie(
            "radius_closed_at_a_tie",
            (1, "box_radius", "claim.box_radius"),
            {"claim.box_radius": "1/2"},
            "argmax",
        ),
        _lie(
            "radius_of_within_used_up",
            (1, "box_radius", "claim.box_radius"),
            {"claim.box_radius": "1/1000"},
            "within",
        ),
        _lie(
            "promise_unknown",
            (5, "promise", "claim.promises[0]"),
            {"claim.promises": [{"kind": "robust", "values": {}}]},
        ),
        _lie("label_changed_prove", (1, "sign", "samples[2]"), {"dataset.labels.2": -1}, "sign"),
        _lie("label_changed_equal", (1, "equal", "samples[0]"), {"dataset.labels.0": 1}),
        _lie("bias_changed_prove", (1, "equal", "samples[1]"), {"network.layers.1.bias.0": 1}),
        _lie("except_hides_a_row_that_holds", (1, "except", "samples[3]"), {"claim.except": [3]}),
        _lie(
            "digest_wrong_prove", (1, "digest", "digests.network"), {"digests.network": "sha256:" + "0" * 64}
        ),
    ]


def _kept(name: str, assumed: Json) -> Json:
    """Return a contract that no block has: v = relu(u), w = relu(k u); where k u = 0, both are 0."""
    return {
        "id": name,
        "parameters": [{"name": "k", "neuron": "w", "input": "u"}],
        "assumes": [assumed],
        "inputs": [{"name": "u", "is": [[1, "v"]], "dropped": False}],
        "layers": [{"relu": True, "neurons": [["v", [[1, "u"]]], ["w", [[1, "k", "u"]]]]}],
        "outputs": [{"name": "v", "is": [[1, "v"]]}, {"name": "w", "is": [[1, "w"]]}],
        "cases": [_case("zero", [["=", [[1, "k", "u"]]]], [["v", "=", []], ["w", "=", []]])],
    }


def _alone() -> list[Attack]:
    """Return attacks that change one thing that a proof must look at, and leave a check nothing to reject."""
    contracts = tent()["contracts"]
    strict, weak = _kept("strict", [">", [[1, "k"]]]), _kept("weak", [">=", [[1, "k"]]])
    always = deepcopy(NEURON) | {"id": "always", "cases": [_case("on", [], [["y", "=", [[1, "u"]]]])]}
    printer = deepcopy(contracts[1]) | {"id": "printer"}
    printer["inputs"][0]["name"] = "v1"
    printer["layers"][0]["neurons"] = [["v0", [[1, "v1"]]]]
    printer["inputs"][0]["is"] = printer["outputs"][0]["is"] = [[1, "v0"]]
    printer["outputs"][0]["name"] = "v0"
    printer["cases"] = [_case("always", [], [["v0", "=", [[1, "v1"], [1]]]])]
    signed = sign()["contracts"][1]
    apart = [
        _case("low", [[">=", [[-1, "u"], [-1]]]], [["y", "=", [[1, "u"]]]]),
        _case("high", [[">=", [[1, "u"], [-1]]]], [["y", "=", [[1, "u"]]]]),
    ]
    bound = deepcopy(NEURON) | {
        "id": "scaled",
        "parameters": [{"name": "c", "neuron": "y", "input": None}],
        "inputs": [{"name": "u", "is": [[1, "y"]], "dropped": True}],
        "layers": [{"relu": True, "neurons": [["y", [[1, "u"], [1, "c"]]]]}],
    }
    bound["cases"] = [
        _case("on", [[">=", [[1, "u"], [1, "c"]]]], [["y", "=", [[1, "u"], [1, "c"]]]]),
        _case("off", [[">=", [[-1, "u"], [-1, "c"]]]], [["y", "=", []]]),
    ]
    lying = deepcopy(tent()["blocks"])
    lying[0] |= {"contract": "scaled", "with": {"c": 0}}
    bound["assumes"] = [[">=", [[1, "c"]]]]
    return [
        _lie(
            "names_of_the_printer",
            (1, "ensures", "contracts[2].cases[0]"),
            {"contracts": [*contracts, printer]},
            note="v0 and v1 are what a solver is asked with",
        ),
        _lie(
            "parameter_in_a_hint_only",
            (1, "ensures", "blocks[0]"),
            {"contracts": [*contracts, bound], "blocks": lying},
            note="the weights say c = -2, the hint c = 0",
        ),
        _lie(
            "contract_unused_and_false",
            (1, "ensures", "contracts[2].cases[0]"),
            {"contracts": [*contracts, always]},
            note="relu(u) = u is false where u < 0",
        ),
        _lie(
            "contracts_that_differ_in_strictness",
            (1, "ensures", "contracts[3].cases[0]"),
            {"contracts": [*contracts, strict, weak]},
            note="true for k > 0, and false for k = 0",
        ),
        _lie(
            "case_at_the_point_not_on_its_box",
            (1, "box_radius", "claim.box_radius"),
            {"contracts.1": signed | {"cases": apart}},
            "sign",
            note="u <= -1 or u >= 1 holds at each point",
        ),
    ]


UNPROVED = [*_blocks(), *_names(), *_promises(), *_claims(), *_alone()]
