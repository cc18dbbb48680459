from dataclasses import replace
from fractions import Fraction

import pytest
from proof_tools import block, by_neurons, cert, contract, net, proved, refutation, values_of

from memcert.contracts.mechanisms import carry, linear, neuron, ramp
from memcert.contracts.notation import case
from memcert.kernel.certificate import Case, Certificate, Contract, Number
from memcert.kernel.network import Network
from memcert.proofs.prove import prove

HALF = Fraction(1, 2)
OUT = block("out", "linear", 1)


def one(made: Contract, *rows: str, out: str = "x0") -> tuple[Network, list[Contract]]:
    return net(1, list(rows), [out]), [made, linear()]


def unit(*cases: Case, rows: str = "v = u") -> Contract:
    return contract("unit", [[rows]], "u = v", "v", *cases)


def through(
    made: Contract,
    points: list[int | Fraction],
    labels: list[int | Fraction],
    *,
    radius: Number | str | None = None,
    row: str = "x0",
    out: str = "x0",
    rule: str = "equal",
    tolerance: Number | None = None,
) -> Certificate:
    network, contracts = one(made, row, out=out)
    return cert(
        network,
        contracts,
        [block("b", made.id, 0), OUT],
        [[x] for x in points],
        labels,
        radius=radius,
        rule=rule,
        tolerance=tolerance,
    )


def test_a_sample_takes_the_first_case_that_holds_not_the_one_with_most_slack() -> None:
    # Both hold at 10, the second with more slack; only the first says enough.
    made = unit(case("strong", "u >= 9", "v = u"), case("weak", "u >= 0", "v >= 0"))
    result = proved(through(made, [10], [10]))
    assert [(u.contract, u.case, u.possible) for u in result.unused] == [("unit", "weak", True)]


def test_cases_in_the_wrong_order_are_not_proved() -> None:
    made = unit(case("weak", "u >= 0", "v >= 0"), case("strong", "u >= 9", "v = u"))
    found = refutation(through(made, [10], [10]))
    assert (found.rule, found.sample, found.samples_wrong) == ("equal", 0, False)
    assert values_of(found) == {"least_F": 0}
    assert found.got == "F in [0, oo)"


def test_a_case_that_holds_at_the_sample_but_not_on_its_region_is_not_taken() -> None:
    made = unit(case("high", "u >= 9", "v = u"), case("low", "u <= 11, u >= 0", "v >= 0"))
    # Within 2 of 10 lies 8, where `high` does not hold; and 12, where `low` does not.
    found = refutation(through(made, [20, 10], [20, 10], radius=2, rule="within", tolerance=2))
    assert (found.rule, found.sample) == ("box_radius", 1)
    assert values_of(found) == {"largest_radius": 1}
    # The block that refused the larger region is told, too.
    assert found.cause is not None
    assert found.cause.startswith("requires at blocks[")
    assert "with u in [8, 12]" in found.cause
    assert found.cause.endswith(", at the radius 2")
    proved(through(made, [20, 10], [20, 10], radius=1, rule="within", tolerance=2))


def test_what_fails_at_the_radius_is_told_beside_what_fails_at_the_points() -> None:
    made = unit(case("high", "u >= 9", "v = u"), case("low", "u >= 0", "v >= 0"))
    # Sample 1 has no case within 2 of 1; sample 0 has the wrong label at any radius.
    found = refutation(through(made, [20, 1], [21, 1], radius=2, rule="within", tolerance=Fraction(1, 2)))
    assert (found.rule, found.sample) == ("within", 0)
    assert found.cause is not None
    assert "samples[1]" in found.cause


def test_a_broken_chain_names_block_contract_sample_and_both_ends() -> None:
    made = unit(case("high", "u >= 9", "v = u"), case("low", "u <= 5, u >= 0", "v = u"))
    found = refutation(through(made, [3, 7, Fraction(22, 3)], [3, 7, 22], radius=Fraction(1, 3)))
    assert (found.rule, found.block, found.contract, found.sample) == ("requires", "b", "unit", 1)
    # Already at the point: the region is not what is wrong.
    assert values_of(found) == {"least_u": 7, "largest_u": 7}
    assert found.samples_wrong is True
    assert "samples[1]" in found.at


def test_the_first_sample_without_a_case_is_named_with_the_ends_of_its_region() -> None:
    network = net(2, ["x0 - x1"], ["x0"])
    made = unit(case("tight", "u >= 1, u <= 2", "v >= 0, v <= 3"))
    certificate = cert(
        network,
        [made, linear()],
        [block("b", "unit", 0), OUT],
        [[4, 3], [9, 7]],
        [1, 2],
        rule="within",
        tolerance=9,
        radius=HALF,
    )
    found = refutation(certificate)
    assert (found.rule, found.sample) == ("box_radius", 0)
    assert "at most 0" in found.expected


def test_a_region_is_closed_and_its_corners_count() -> None:
    # |x0 - x1| on the box of radius r about (a, b) is a - b -+ 2r.
    network = net(2, ["x0 - x1"], ["x0"])
    made = unit(case("on", "u >= 1", "v >= 1"))

    def at(radius: Number) -> Certificate:
        return cert(
            network,
            [made, linear()],
            [block("b", "unit", 0), OUT],
            [[4, 2]],
            [1],
            rule="sign",
            radius=radius,
        )

    assert prove(at(HALF)).verdict == "proved"
    assert prove(at(HALF + Fraction(1, 10**9))).verdict == "refuted"


def test_an_equality_on_a_region_needs_a_form_that_does_not_move() -> None:
    made = unit(case("exactly", "u = 3", "v = 3"))
    assert proved(through(made, [3], [3])).radii == (0,)
    assert refutation(through(made, [3], [3], radius=Fraction(1, 100))).rule == "box_radius"


def test_a_region_without_bounds_proves_what_holds_for_every_input() -> None:
    network = net(1, ["x0 + 1", "x0"], ["x0 - x1"])
    step = replace(ramp(), cases=(ramp().cases[-1],))
    made = cert(
        network,
        [step, linear()],
        [block("b", "ramp", 0), OUT],
        [[5], [-7]],
        [1, 0],
        rule="within",
        tolerance=1,
        radius="unbounded",
    )
    assert proved(made).radii == ("unbounded", "unbounded")
    tighter = replace(made, claim=replace(made.claim, tolerance=Fraction(99, 100)))
    assert refutation(tighter).rule == "within"


def test_a_region_without_bounds_is_not_met_by_a_case_about_the_input() -> None:
    made = unit(case("on", "u >= 0", "v = u"))
    found = refutation(through(made, [5], [5], radius="unbounded"))
    assert (found.rule, found.got) == ("box_radius", "unbounded")


def test_a_radius_that_rests_on_a_bound_made_a_number_is_not_enlarged() -> None:
    # v >= u is a number at the claimed radius. At radius 0 it is v >= 1/2 exactly, and 1/2 - 0
    # leaves room that does not exist: the case `on` fails already 1/4 away.
    first = contract("first", [["v = 2u"]], "u = 1/2*v", "v", case("on", "u >= 1/4", "v >= u"))
    network = net(1, ["2*x0"], ["x0"], ["x0"])
    positive = contract("positive", [["z = y"]], "y = z", "z", case("some", "y >= 1/8", "z >= 1/8"))
    blocks = [block("a", "first", 0), block("b", "positive", 1), block("out", "linear", 2)]

    def at(radius: Number | None) -> Certificate:
        return cert(network, [first, positive, linear()], blocks, [[HALF]], [1], rule="sign", radius=radius)

    assert proved(at(None)).radii == (0,)
    assert proved(at(Fraction(1, 5))).radii == (Fraction(1, 5),)
    assert proved(at(Fraction(1, 4))).radii == (Fraction(1, 4),)
    assert prove(at(Fraction(13, 48))).verdict == "refuted"


def test_an_exact_form_keeps_moving_with_the_radius() -> None:
    made = unit(case("on", "u >= 1/4", "v = u"))
    network = net(1, ["x0"], ["x0"], ["x0"])
    small = contract("small", [["z = y"]], "y = z", "z", case("some", "y >= 1/3", "z >= 1/3"))
    blocks = [block("a", "unit", 0), block("b", "small", 1), block("out", "linear", 2)]
    # `z >= 1/3` is a constant: no bound became a number, and 1/2 - 1/3 is the room there is.
    result = proved(cert(network, [made, small, linear()], blocks, [[HALF], [2]], [1, 1], rule="sign"))
    assert result.radii == (Fraction(1, 6), Fraction(5, 3))


def test_data_with_a_denominator_are_scaled_once() -> None:
    made = unit(case("on", "u >= 1/3", "v >= 1/3"))
    result = proved(through(made, [Fraction(1, 2), Fraction(2, 5), 7], [1, 1, 1], rule="sign"))
    assert result.radii == (Fraction(1, 6), Fraction(1, 15), Fraction(20, 3))
    assert proved(
        through(made, [Fraction(1, 2), Fraction(2, 5)], [1, 1], rule="sign", radius=Fraction(1, 15))
    ).box_radius == Fraction(1, 15)
    assert (
        refutation(
            through(made, [Fraction(1, 2), Fraction(2, 5)], [1, 1], rule="sign", radius=Fraction(1, 14))
        ).rule
        == "box_radius"
    )


def test_one_case_without_an_upper_bound_leaves_the_others_theirs() -> None:
    made = unit(
        case("low", "u <= 1, u >= 0", "v >= 0, v <= 1"),
        case("high", "u >= 2", "v >= 2"),
    )
    # Sample 1 has no upper bound; sample 0 still has its own, and `within` needs it.
    good = through(made, [1, 5], [0, 5], rule="within", tolerance=1)
    found = refutation(good)
    assert (found.sample, found.got) == (1, "F in [2, oo)")
    proved(through(made, [1, HALF], [0, 1], rule="within", tolerance=1))


def test_one_case_without_a_lower_bound_leaves_the_others_theirs() -> None:
    made = unit(case("low", "u <= 1", "v <= 1"), case("high", "u >= 2", "v >= 2, v <= u"))
    found = refutation(through(made, [1, 5], [1, 1], rule="sign"))
    assert (found.sample, found.got) == (0, "F in (-oo, 1]")
    proved(through(made, [2, 5], [1, 1], rule="sign"))


def test_a_case_met_by_all_that_says_less_loses_what_it_does_not_say() -> None:
    made = unit(case("anything", "", "v >= 0"))
    assert refutation(through(made, [5], [5])).got == "F in [0, oo)"


def test_afterwards_only_what_is_promised_is_known() -> None:
    # The weights say v = u; the contract promises half of it.
    made = unit(case("on", "u >= 0", "v >= 1/2*u, v <= 2u"))
    found = refutation(through(made, [6], [6]))
    assert values_of(found) == {"least_F": 3, "largest_F": 12}


def test_interval_ends_change_places_under_a_negative_weight() -> None:
    made = unit(case("on", "u >= 0", "v >= 1/2*u, v <= 2u"))
    found = refutation(through(made, [6], [6], out="1 - 2*x0"))
    assert values_of(found) == {"least_F": -23, "largest_F": -5}


def test_samples_of_one_class_share_a_form_and_others_do_not() -> None:
    network = net(1, ["x0", "-x0"], ["x0 + x1"])
    made = by_neurons(network, [[-3], [-1], [0], [2], [5]], [3, 1, 0, 2, 5])
    result = proved(made)
    # Around 0 the sign changes at once; the rule `equal` holds at no other point anyway.
    assert result.radii == (0, 0, 0, 0, 0)
    half = replace(made, claim=replace(made.claim, rule="within", tolerance=1))
    assert proved(half).radii == (1, 1, 0, 1, 1)


def test_equal_forms_of_one_class_are_merged_again() -> None:
    # |x| by two neurons, twice: the second pair reads an exact form in either half.
    network = net(1, ["x0", "-x0"], ["x0 + x1 - 2", "2 - x0 - x1"], ["x0 + x1"])
    points: list[list[int | Fraction]] = [[-5], [-1], [1], [5], [Fraction(1, 3)]]
    proved(by_neurons(network, points, [3, 1, 1, 3, Fraction(5, 3)]))


def test_a_value_that_is_zero_times_a_huge_weight_is_zero() -> None:
    network = net(1, ["x0 - 100", "x0"], [f"{2**70}*x0 + x1", f"{2**63}*x0 + x1"], ["x0 + x1"])
    proved(by_neurons(network, [[1], [7]], [2, 14]))


@pytest.mark.parametrize("scale", [2**31, 2**61, 2**62, 2**63, 2**70, 2**200])
@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_numbers_beyond_a_machine_word_stay_exact(scale: int, offset: int) -> None:
    weight = scale + offset
    network = net(1, [f"{weight}*x0", "x0"], [f"x0 - {weight - 1}*x1"], ["x0"])
    points: list[int | Fraction] = [1, 3, 2**40 + 1]
    proved(by_neurons(network, [[x] for x in points], points))
    wrong = by_neurons(network, [[x] for x in points], [1, 3, 2**40])
    assert refutation(wrong).sample == 2


def test_points_beyond_a_machine_word_stay_exact() -> None:
    big = 2**80 + 1
    made = unit(case("on", "u >= 0", "v = u"))
    points: list[int | Fraction] = [big, 3, Fraction(big, 3)]
    proved(through(made, points, points))
    assert refutation(through(made, [big], [big - 1])).sample == 0


def test_many_partitions_join_without_wrapping() -> None:
    # Twelve neurons with a border each between other samples: classes multiply up to 2^12 codes a pair.
    borders = [7 * k + 3 for k in range(12)]
    network = net(
        1,
        [f"x0 - {b}" for b in borders],
        [" + ".join(f"{k + 1}*x{k}" for k in range(12))],
        ["x0"],
    )
    points = list(range(0, 95, 5))
    labels = [sum((k + 1) * max(0, x - b) for k, b in enumerate(borders)) for x in points]
    proved(by_neurons(network, [[x] for x in points], labels))
    labels[11] += 1
    assert refutation(by_neurons(network, [[x] for x in points], labels)).sample == 11


def test_a_carried_value_is_computed_once() -> None:
    depth = 60
    network = net(1, *[["x0"]] * depth, ["x0"])
    blocks = [*(block(f"c{k}", "carry", k) for k in range(depth)), block("out", "linear", depth)]
    proved(cert(network, [carry(), linear()], blocks, [[x] for x in range(50)], list(range(50))))


def test_an_output_nobody_reads_does_no_harm() -> None:
    network = net(1, ["x0", "x0 + 1"], ["x0"])
    blocks = [block("a", "carry", 0, neurons=[[0]]), block("b", "carry", 0, neurons=[[1]]), OUT]
    proved(cert(network, [carry(), linear()], blocks, [[1]], [1]))


def test_outputs_of_an_older_cut_are_not_read() -> None:
    # Block `long` ends where `b` ends; `c` starts there and reads both.
    network = net(1, ["x0", "x0 + 2"], ["x0", "3*x1"], ["x0 + x1"])
    blocks = [
        block("long", "carry2", 0, 1, [[0], [0]]),
        block("a", "carry", 0, neurons=[[1]]),
        block("b", "carry", 1, neurons=[[1]]),
        block("out", "linear", 2),
    ]
    proved(cert(network, [carry(), carry(2), linear()], blocks, [[1], [4]], [10, 22]))


def test_a_direction_that_cancels_leaves_a_constant() -> None:
    network = net(2, ["x0 + x1", "x0 + x1 + 3"], ["x1 - x0"])
    made = by_neurons(network, [[1, 2], [5, 5]], [3, 3], radius=1)
    assert proved(made).radii == (Fraction(3, 2), 5)


def test_unused_cases_are_listed_with_whether_anything_meets_them() -> None:
    made = unit(
        case("on", "u >= 0", "v = u"),
        case("never", "u >= 1, u <= 0", "v = 17"),
        case("off", "u <= 0", "v = 0"),
    )
    result = proved(through(made, [1, 2], [1, 2]))
    assert [(u.case, u.possible) for u in result.unused] == [("never", False), ("off", True)]


def test_a_case_whose_condition_on_the_parameters_fails_is_not_taken() -> None:
    made = contract(
        "shift",
        [["v = u + c"]],
        "u ~ v",
        "v",
        case("up", "c >= 1, u >= 0", "v = u + c"),
        case("any", "u >= -c", "v = u + c"),
        bound=[("c", "v", None)],
    )
    result = proved(through(made, [5], [Fraction(11, 2)], row="x0 + 1/2"))
    assert [u.case for u in result.unused] == ["up"]
    assert [u.case for u in proved(through(made, [5], [7], row="x0 + 2")).unused] == ["any"]


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    certificate = by_neurons(net(1, ["x0"], ["x0"]), [[1]], [1])
    prove(certificate, progress=lambda step, done, total: told.append((step, done, total)))
    assert ("matching", 2, 2) in told
    assert ("samples", 2, 2) in told
    assert {step for step, _, _ in told} == {"matching", "samples", "obligations"}


def test_neuron_and_linear_alone_are_told_as_region_execution() -> None:
    certificate = by_neurons(net(1, ["x0"], ["x0"]), [[1]], [1])
    assert certificate.contracts == (neuron(), linear())
    assert proved(certificate).regions
    made = unit(case("on", "u >= 0", "v = u"))
    assert proved(through(made, [1], [1])).regions
