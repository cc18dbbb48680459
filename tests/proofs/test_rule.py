from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from proof_tools import block, by_neurons, cert, contract, net, proved, refutation, values_of

from memcert.contracts.mechanisms import linear
from memcert.contracts.notation import case
from memcert.kernel.certificate import Certificate, Number
from memcert.kernel.network import Network
from memcert.kernel.verdict import Rejected
from memcert.proofs.prove import prove

LINE = net(1, ["x0 + 100"], ["x0 - 100"])
"""F(x) = x for x >= -100."""
SCORES = net(1, ["x0 + 100"], ["x0 - 100", "100 - x0", "0"])
"""F(x) = (x, -x, 0) for x >= -100."""
TENTH = Fraction(1, 10)


def line(
    points: Sequence[int | Fraction],
    labels: Sequence[int | Fraction],
    rule: str,
    network: Network = LINE,
    *,
    radius: Number | str | None = None,
    excepted: Sequence[int] = (),
    tolerance: Number | None = None,
) -> Certificate:
    return by_neurons(
        network,
        [[x] for x in points],
        labels,
        rule=rule,
        radius=radius,
        excepted=excepted,
        tolerance=tolerance,
    )


def test_equal_holds_at_the_points_with_radius_zero_where_f_moves() -> None:
    assert proved(line([3, -4], [3, -4], "equal")).radii == (0, 0)
    found = refutation(line([3, -4], [3, -4], "equal", radius=TENTH))
    assert (found.rule, found.at) == ("box_radius", "claim.box_radius")


def test_equal_fails_at_the_first_row_that_differs() -> None:
    found = refutation(line([3, -4, 5, 6], [3, -4, Fraction(51, 10), 7], "equal"))
    assert (found.rule, found.at, found.sample) == ("equal", "samples[2]", 2)
    assert found.expected.startswith("equal 51/10")
    assert found.got == "F in 5"
    assert found.samples_wrong is True


def test_within_counts_its_border_in() -> None:
    assert proved(line([3], [4], "within", tolerance=1)).radii == (0,)
    assert proved(line([3, 4], [4, 4], "within", tolerance=2)).radii == (1, 2)
    assert proved(line([3, 4], [4, 4], "within", tolerance=2, radius=1)).box_radius == 1
    assert refutation(line([3, 4], [4, 4], "within", tolerance=2, radius=Fraction(11, 10))).sample == 0
    assert refutation(line([3], [4], "within", tolerance=Fraction(99, 100))).rule == "within"


def test_sign_is_strict_its_radius_not_attained() -> None:
    result = proved(line([3, -4], [1, -1], "sign"))
    assert result.radii == (3, 4)
    assert result.open_radii == (0, 1)
    assert proved(line([3, -4], [1, -1], "sign", radius=Fraction(299, 100))).smallest_radius == 3
    found = refutation(line([3, -4], [1, -1], "sign", radius=3))
    assert (found.rule, found.expected.split(",")[0]) == ("box_radius", "less than 3")


@pytest.mark.parametrize("label", [1, -1])
def test_sign_zero_fails(label: int) -> None:
    found = refutation(line([0], [label], "sign"))
    assert (found.rule, found.sample) == ("sign", 0)


def test_a_label_that_sign_does_not_know_is_never_met() -> None:
    for label in (0, 2, Fraction(1, 2)):
        with pytest.raises(Rejected) as caught:
            prove(line([5], [label], "sign"))
        assert (caught.value.rule, caught.value.at) == ("label", "samples[0]")


def test_argmax_is_strict_a_tie_fails() -> None:
    result = proved(line([3, -4], [0, 1], "argmax", SCORES))
    # x > 0 and 2x > 0; -x > 0 and -2x > 0.
    assert result.radii == (3, 4)
    assert result.open_radii == (0, 1)
    assert refutation(line([3, 0], [0, 2], "argmax", SCORES)).sample == 1
    assert refutation(line([3], [0], "argmax", SCORES, radius=3)).rule == "box_radius"
    assert prove(line([3], [0], "argmax", SCORES, radius=Fraction(299, 100))).verdict == "proved"


def test_argmax_names_all_outputs_where_it_fails() -> None:
    found = refutation(line([3, -4], [0, 0], "argmax", SCORES))
    assert (found.rule, found.sample, found.got) == ("argmax", 1, "F_0 in -4, F_1 in 4, F_2 in 0")
    assert values_of(found)["largest_F_1"] == 4


def test_argmax_compares_differences_not_intervals() -> None:
    # On the region F_0 is in [1, 5] and F_1 in [0, 4], but F_0 - F_1 is 1 throughout.
    network = net(1, ["x0 + 100"], ["x0 - 97", "x0 - 98"])
    assert proved(line([0], [0], "argmax", network, radius=2)).box_radius == 2


@pytest.mark.parametrize("label", [3, -1, Fraction(1, 2)])
def test_a_label_that_is_no_output_is_never_the_largest(label: Number) -> None:
    with pytest.raises(Rejected) as caught:
        prove(line([3, 3], [0, label], "argmax", SCORES))
    assert (caught.value.rule, caught.value.at) == ("label", "samples[1]")


def test_a_label_may_be_missing_from_the_samples() -> None:
    assert proved(line([-3, -4], [1, 1], "argmax", SCORES)).radii == (3, 4)


@pytest.mark.parametrize(
    ("rule", "good", "bad", "network"),
    [
        ("equal", [3, -4, 5], [3, 4, 5], LINE),
        ("sign", [1, -1, 1], [1, 1, 1], LINE),
        ("argmax", [0, 1, 0], [0, 2, 0], SCORES),
    ],
)
def test_an_excepted_row_must_fail_and_is_looked_at_as_a_point(
    rule: str, good: list[int], bad: list[int], network: Network
) -> None:
    radius = None if rule == "equal" else 1
    result = proved(line([3, -4, 5], bad, rule, network, excepted=[1], radius=radius))
    assert result.excepted == 1
    assert result.radii[1] is None
    assert result.smallest_radius == min(r for r in result.radii if r is not None and not isinstance(r, str))
    found = refutation(line([3, -4, 5], good, rule, network, excepted=[1], radius=radius))
    assert (found.rule, found.sample) == ("except", 1)
    assert found.expected.startswith("F to miss the label")
    assert refutation(line([3, -4, 5], bad, rule, network, radius=radius)).sample == 1


def test_an_excepted_row_within_the_tolerance_is_refused() -> None:
    proved(line([3], [5], "within", tolerance=Fraction(19, 10), excepted=[0]))
    assert refutation(line([3], [5], "within", tolerance=2, excepted=[0])).rule == "except"


def test_an_excepted_sign_may_be_zero_and_an_excepted_argmax_a_tie() -> None:
    proved(line([0, 5], [1, 1], "sign", excepted=[0]))
    proved(line([0, 5], [0, 0], "argmax", SCORES, excepted=[0]))


def test_every_row_may_be_excepted() -> None:
    assert proved(line([3, 4], [0, 0], "equal", excepted=[0, 1])).excepted == 2


def test_an_excepted_row_of_which_too_little_is_known_is_not_shown_to_fail() -> None:
    some = contract("some", [["v = u"]], "u = v", "v", case("on", "u >= 0", "v >= 0, v <= 2u"))
    network = net(1, ["x0"], ["x0"])
    blocks = [block("b", "some", 0), block("out", "linear", 1)]
    made = cert(network, [some, linear()], blocks, [[3]], [5], excepted=[0])
    found = refutation(made)
    assert (found.rule, found.got, found.samples_wrong) == ("except", "F in [0, 6]", False)
    far = replace(made, dataset=replace(made.dataset, labels=(7,)))
    proved(far)


def test_labels_may_be_any_rationals() -> None:
    third = Fraction(1, 3)
    proved(line([third, 2], [third, 2], "equal"))
    assert refutation(line([third, 2], [third, Fraction(2000001, 1000000)], "equal")).sample == 1


def test_duplicates_with_one_label_count_each() -> None:
    assert proved(line([3, 3, 3], [1, 1, 1], "sign")).radii == (3, 3, 3)
