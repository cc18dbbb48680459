from dataclasses import replace

import pytest
from contract_samples import BIT, COMPARISON, GATE, SELECT, SIMPLE

from memcert.contracts.mechanisms import carry, linear, neuron, ramp
from memcert.contracts.notation import atoms, case, inputs, layer, outputs, parameters, term
from memcert.contracts.validation import check_name, pivots, validate, validate_all
from memcert.kernel.certificate import Atom, Case, Contract, Ensure, Input, Output, Parameter
from memcert.kernel.verdict import Malformed

STANDARD = (carry(), carry(3), linear(), neuron(), ramp(), BIT, SELECT, COMPARISON, GATE, SIMPLE)


def refused(contract: Contract) -> tuple[str, str]:
    with pytest.raises(Malformed) as caught:
        validate(contract, "contracts[2]")
    assert caught.value.status == 3
    return caught.value.rule, caught.value.at.removeprefix("contracts[2]")


def test_standard_contracts_are_contracts() -> None:
    validate_all(STANDARD)


@pytest.mark.parametrize(
    "name",
    ["", "X", "1a", "_a", "a b", "a-b", "x) (assert false", "a\n", "\na", "é", "a" * 33, "../../x", "a|b"],
)
def test_names_that_are_not_plain_are_refused(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        check_name(name, "blocks[0].name")
    assert (caught.value.rule, caught.value.at) == ("name", "blocks[0].name")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a", "a_1", "a" * 32])
def test_plain_names_are_names(name: str) -> None:
    check_name(name, "id")


HOSTILE = "x) (assert false"


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        (replace(SIMPLE, id=HOSTILE), ".id"),
        (replace(SIMPLE, parameters=parameters((HOSTILE, "y", None))), ".parameters[0].name"),
        (replace(SIMPLE, inputs=(Input(HOSTILE, term("y"), True),)), ".inputs[0].name"),
        (
            replace(SIMPLE, layers=(replace(SIMPLE.layers[0], neurons=((HOSTILE, term("u")),)),)),
            ".layers[0].neurons[0]",
        ),
        (replace(SIMPLE, outputs=(Output(HOSTILE, term("y")),)), ".outputs[0].name"),
        (replace(SIMPLE, cases=(replace(SIMPLE.cases[0], name="on\n(check-sat)"),)), ".cases[0].name"),
    ],
)
def test_every_name_of_a_contract_must_be_plain(changed: Contract, at: str) -> None:
    assert refused(changed) == ("name", at)


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        (replace(SIMPLE, inputs=inputs("w ~ y")), ".inputs[0].name"),
        (replace(SIMPLE, parameters=parameters(("w", "y", None), ("w", "y", None))), ".parameters[1].name"),
        (replace(SIMPLE, parameters=parameters(("y", "y", None))), ".layers[0].neurons[0]"),
        (replace(SIMPLE, layers=(layer("u = u + w"),)), ".layers[0].neurons[0]"),
        (replace(SIMPLE, layers=(layer("y = u + w", "y = u"),)), ".layers[0].neurons[1]"),
        (replace(SIMPLE, layers=(*SIMPLE.layers, layer("y = y"))), ".layers[1].neurons[0]"),
        (replace(SIMPLE, outputs=outputs("u = y")), ".outputs[0].name"),
        (replace(SIMPLE, outputs=outputs("y = 2y")), ".outputs[0].name"),
        (replace(SIMPLE, outputs=outputs("y, y")), ".outputs[1].name"),
        (replace(SIMPLE, cases=(SIMPLE.cases[0], SIMPLE.cases[0])), ".cases[1].name"),
    ],
)
def test_a_name_that_occurs_twice_is_refused_at_the_second_place(changed: Contract, at: str) -> None:
    assert refused(changed) == ("distinct", at)


def test_two_contracts_of_one_id_are_refused() -> None:
    with pytest.raises(Malformed) as caught:
        validate_all([neuron(), linear(), replace(ramp(), id="neuron")])
    assert (caught.value.rule, caught.value.at) == ("distinct", "contracts[2].id")


def test_a_fault_of_a_later_contract_is_placed_there() -> None:
    with pytest.raises(Malformed) as caught:
        validate_all([neuron(), replace(ramp(), cases=())])
    assert (caught.value.rule, caught.value.at) == ("empty", "contracts[1].cases")


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        (replace(SIMPLE, layers=()), ".layers"),
        (replace(SIMPLE, layers=(replace(SIMPLE.layers[0], neurons=()),)), ".layers[0].neurons"),
        (replace(SIMPLE, outputs=()), ".outputs"),
        (replace(SIMPLE, cases=()), ".cases"),
    ],
)
def test_a_contract_of_nothing_is_refused(changed: Contract, at: str) -> None:
    assert refused(changed) == ("empty", at)


def with_requires(words: str) -> Contract:
    return replace(SIMPLE, cases=(case("on", words, "y = u + w"),))


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        (replace(SIMPLE, assumes=atoms("u > 0")), ".assumes[0]"),
        (replace(SIMPLE, assumes=atoms("w > 0, z > 0")), ".assumes[1]"),
        (with_requires("u >= 0, y >= 0"), ".cases[0].requires[1]"),
        (replace(SIMPLE, cases=(case("on", "u >= 0", "y = y"),)), ".cases[0].ensures[0]"),
        (replace(SIMPLE, cases=(case("on", "u >= 0", "y = z"),)), ".cases[0].ensures[0]"),
        (replace(SIMPLE, cases=(case("on", "u >= 0", "z = u"),)), ".cases[0].ensures[0]"),
        (replace(SIMPLE, layers=(layer("y = u + w + z"),)), ".layers[0].neurons[0]"),
        (replace(SIMPLE, layers=(*SIMPLE.layers, layer("z = u"))), ".layers[1].neurons[0]"),
        (
            replace(SIMPLE, layers=(layer("y = u + w"), layer("z = y"), layer("t = y"))),
            ".layers[2].neurons[0]",
        ),
        (replace(SIMPLE, layers=(layer("y = u + w", "z = y"),)), ".layers[0].neurons[1]"),
        (replace(SIMPLE, inputs=inputs("u ~ u")), ".inputs[0].is"),
        (replace(SIMPLE, inputs=inputs("u ~ w*y")), ".inputs[0].is"),
        (replace(carry(2), inputs=inputs("u = c2")), ".inputs[0].is"),
        (replace(carry(2), outputs=outputs("s = c1")), ".outputs[0].is"),
        (replace(SIMPLE, outputs=outputs("s = w*y")), ".outputs[0].is"),
    ],
)
def test_terms_read_only_what_they_may(changed: Contract, at: str) -> None:
    assert refused(changed) == ("undeclared", at)


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        (with_requires("u*u >= 0"), ".cases[0].requires[0]"),
        (with_requires("w*u*u >= 0"), ".cases[0].requires[0]"),
        (replace(SIMPLE, cases=(case("on", "u >= 0", "y = u*u"),)), ".cases[0].ensures[0]"),
        (replace(SIMPLE, layers=(layer("y = u*u + w"),)), ".layers[0].neurons[0]"),
        (replace(carry(2), layers=(layer("c1 = u"), layer("c2 = c1*c1"))), ".layers[1].neurons[0]"),
    ],
)
def test_products_of_variables_are_refused(changed: Contract, at: str) -> None:
    assert refused(changed) == ("monomial", at)


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        (replace(SIMPLE, inputs=(Input("u", term("y + 1"), True),)), ".inputs[0].is"),
        (replace(SIMPLE, inputs=(Input("u", (), True),)), ".inputs[0].is"),
        (replace(SIMPLE, inputs=(Input("u", ((1, ("y",)), (-1, ("y",))), True),)), ".inputs[0].is"),
        (replace(SIMPLE, outputs=(Output("s", term("y + 1")),)), ".outputs[0].is"),
        (replace(SIMPLE, outputs=(Output("s", ()),)), ".outputs[0].is"),
    ],
)
def test_inputs_and_outputs_are_nonzero_forms_without_constant(changed: Contract, at: str) -> None:
    assert refused(changed) == ("form", at)


def test_two_forms_without_a_neuron_of_their_own_are_refused() -> None:
    sums = replace(
        ramp(),
        outputs=outputs("step = low - high, total = low + high"),
        cases=(case("all", "", "step >= 0, total >= 0"),),
    )
    assert refused(sums) == ("pivot", ".outputs[0].is")
    repeated = replace(SIMPLE, outputs=outputs("y, s = y"), cases=(case("all", "", "y >= 0, s >= 0"),))
    assert refused(repeated) == ("pivot", ".outputs[0].is")


def test_the_pivot_is_a_neuron_that_no_other_output_has() -> None:
    assert pivots(outputs("low, step = low - high")) == (None, "high")
    cancelled = (
        Output("s", ((1, ("a",)), (1, ("b",)))),
        Output("t", ((1, ("a",)), (-1, ("a",)), (1, ("c",)))),
    )
    assert pivots(cancelled) == ("a", "c")


@pytest.mark.parametrize(
    ("places", "row"),
    [
        (parameters(("w", "z", None)), "y = u + w"),
        (parameters(("w", "y", "y")), "y = u + w"),
        (parameters(("w", "y", "w")), "y = u + w"),
        (parameters(("w", "y", "u")), "y = u + w"),
        (parameters(("w", "y", None)), "y = w*u"),
        (parameters(("w", "y", None)), "y = u + w*w"),
        (parameters(("w", "y", None)), "y = u + w - w"),
        (parameters(("w", "y", None), ("v", "y", "u")), "y = u + w + v"),
        (parameters(("w", "y", None), ("v", "y", "u")), "y = w*v*u + w*v"),
    ],
    ids=["neuron", "self", "itself", "elsewhere", "other", "square", "cancelled", "later", "each_other"],
)
def test_a_parameter_must_be_given_by_its_weight_and_earlier_ones(
    places: tuple[Parameter, ...], row: str
) -> None:
    changed = replace(
        SIMPLE, parameters=places, assumes=(), layers=(layer(row),), cases=(case("all", "", "y >= 0"),)
    )
    assert refused(changed) == ("parameter", ".parameters[0]")


def test_a_parameter_may_use_earlier_ones() -> None:
    places = parameters(("w", "y", None), ("v", "y", "u"))
    validate(replace(SIMPLE, parameters=places, layers=(layer("y = w*w*v*u + u + w"),)))


def test_a_quoted_name_in_a_message_is_escaped() -> None:
    changed = replace(SIMPLE, assumes=(Atom(">", ((1, ("\x1b[31m\n",)),)),))
    with pytest.raises(Malformed) as caught:
        validate(changed)
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        (replace(SIMPLE, assumes=(Atom("<", term("w")),)), ".assumes[0]"),
        (
            replace(SIMPLE, cases=(Case("on", (Atom(">", term("u")),), (Ensure("y", "=", ()),)),)),
            ".cases[0].requires[0]",
        ),
        (replace(SIMPLE, cases=(Case("on", (), (Ensure("y", ">", ()),)),)), ".cases[0].ensures[0]"),
    ],
)
def test_relations_that_the_format_has_not_are_refused(changed: Contract, at: str) -> None:
    assert refused(changed) == ("relation", at)


@pytest.mark.parametrize(
    "ensures", ["", "y = 0, y = 0", "y = 0, y >= 0", "y >= 0, y >= 0", "y >= 0, y <= 1, y <= 2"]
)
def test_an_output_that_a_case_determines_never_or_twice_is_refused(ensures: str) -> None:
    changed = replace(SIMPLE, cases=(SIMPLE.cases[0], case("more", "", ensures)))
    assert refused(changed) == ("determination", ".cases[1].ensures")


def test_an_output_left_out_of_one_case_is_refused() -> None:
    cases = (BIT.cases[0], replace(BIT.cases[1], ensures=BIT.cases[1].ensures[:2]))
    assert refused(replace(BIT, cases=cases)) == ("determination", ".cases[1].ensures")


def test_one_sided_promises_are_promises() -> None:
    for ensures in ("y >= 0", "y <= u", "y >= 0, y <= u"):
        validate(replace(SIMPLE, cases=(case("some", "u >= 0", ensures),)))
