from dataclasses import replace
from fractions import Fraction
from hashlib import sha256

import naive_evaluator
import pytest
from attacks import spelled
from bases import BASES, Json, argmax, sign, tent, within
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks, number, points, rationals
from wrong_form import HEAD, ROWS

import memcert.kernel.check as kernel
from memcert.kernel import certificate as c
from memcert.kernel.check import check, holds, margin_of, sizes, smallest_distance_squared
from memcert.kernel.data import Table, inline_table, text_table
from memcert.kernel.decode import decode
from memcert.kernel.network import Network
from memcert.kernel.verdict import LimitReached, Malformed, Mismatch, Rejected

DATA = f"sha256:{sha256((HEAD + ROWS).encode()).hexdigest()}"
NETWORK_TEXT = (
    "memcert-network/1 2 3\nlayer 2 2 2 1\n-2 0:1\n2 0:-1\nlayer 1 2 2 1\n2 0:-1 1:-1\nlayer 1 1 1 0\n0 0:1\n"
)
NETWORK = f"sha256:{sha256(NETWORK_TEXT.encode()).hexdigest()}"


def _decoded(value: Json) -> c.Certificate:
    return decode(spelled(value).encode())


def _table(text: str = HEAD + ROWS) -> Table:
    return text_table(iter(text.splitlines(keepends=True)))


def _detached() -> Json:
    value = tent()
    value["dataset"] |= {"points": None, "labels": None}
    value["digests"]["dataset"] = DATA
    return value


def test_the_hand_made_certificate_is_accepted() -> None:
    found = check(_decoded(tent()))
    assert (found.rule, found.tolerance, found.samples, found.examined) == ("equal", None, 5, 5)
    assert (found.excepted, found.classes, found.whole) == (0, 3, True)
    assert (found.dataset_digest, found.network_digest) == (DATA, NETWORK)
    assert found.not_examined == ("contracts", "blocks")


@pytest.mark.parametrize("rule", BASES)
def test_each_rule_is_accepted_where_it_holds(rule: str) -> None:
    assert check(_decoded(BASES[rule]())).whole


def test_right_digests_in_the_file_are_accepted() -> None:
    value = tent() | {"digests": {"dataset": DATA, "network": NETWORK}}
    assert check(_decoded(value)).dataset_digest == DATA


def test_what_only_a_proof_examines_is_listed() -> None:
    value = sign()
    value["claim"]["promises"] = [{"kind": "outside", "values": {}}]
    assert check(_decoded(value)).not_examined == ("box_radius", "promises", "contracts", "blocks")
    assert check(_decoded(value | {"blocks": [], "contracts": []})).not_examined == ("box_radius", "promises")


def test_a_check_of_some_rows_is_not_whole_and_says_what_it_left() -> None:
    found = check(_decoded(tent()), select=[3, 1, 3])
    assert (found.examined, found.samples, found.whole) == (2, 5, False)
    assert found.not_examined[:5] == ("separation", "data_radius_squared", "margin", "except", "contracts")


def test_a_check_of_some_rows_sees_only_those() -> None:
    value = tent()
    value["dataset"]["labels"] = [1, 1, 2, 1, 0]
    assert check(_decoded(value), select=[1, 2, 3, 4]).examined == 4
    with pytest.raises(Rejected, match=r"equal at samples\[0\]: expected 1, got 0"):
        check(_decoded(value), select=[0])


def test_a_check_of_all_rows_by_number_is_whole() -> None:
    assert check(_decoded(tent()), select=range(5)).whole


@pytest.mark.parametrize("select", [[], [5], [-1], [0, 1, 2, 3, 9]])
def test_rows_that_are_not_there_cannot_be_examined(select: list[int]) -> None:
    with pytest.raises(ValueError, match="rows to examine lie from 0 to 4"):
        check(_decoded(tent()), select=select)


def test_rows_that_miss_are_accepted_where_all_are_excepted() -> None:
    value = sign()
    value["dataset"]["labels"] = [1, -1, 1, 1, -1]
    value["claim"] |= {"except": [0, 4], "margin": 1}
    found = check(_decoded(value))
    assert (found.excepted, found.samples, found.whole) == (2, 5, True)
    assert check(_decoded(value), select=[0, 1]).excepted == 1


def test_detached_data_are_read_beside() -> None:
    assert check(_decoded(_detached()), _table()).dataset_digest == DATA
    with pytest.raises(LimitReached, match="the detached data, given beside, got nothing"):
        check(_decoded(_detached()))


def test_a_users_equal_data_are_accepted_and_run() -> None:
    assert check(_decoded(tent()), _table()).dataset_digest == DATA


def test_a_users_other_data_are_a_mismatch_whatever_the_network_makes_of_them() -> None:
    for text in (ROWS.replace('1 0 "b"', '1 0 "a"'), ROWS.replace('"c"', '"d"'), ROWS.replace("4 -1", "4 1")):
        for certificate in (_decoded(tent()), _decoded(_detached())):
            with pytest.raises(Mismatch, match=f"digest at digests.dataset: expected {DATA}, got sha256:"):
                check(certificate, _table(HEAD + text))


def test_data_of_another_size_are_a_mismatch() -> None:
    for rows, size, dimension in ((ROWS[:8], 1, 2), ('0 "a"\n' * 5, 5, 1)):
        with pytest.raises(Mismatch, match=f"size at dataset: expected 5 x 2, got .{size}, {dimension}"):
            check(_decoded(tent()), _table(f"memcert-data/1 {size} {dimension}\ncolumns null\n{rows}"))


def test_a_table_that_has_fewer_rows_than_it_says_is_malformed() -> None:
    own = inline_table(_decoded(tent()))
    assert own is not None
    with pytest.raises(Malformed, match="data at rows: expected 5 rows, got 4"):
        check(_decoded(tent()), replace(own, rows=list(own.rows)[:4]))


def test_detached_data_must_have_the_labels_of_the_classes_and_all_of_them() -> None:
    value = _detached()
    fewer = HEAD + ROWS.replace('2 1/2 "c"', '3 0 "b"')
    value["digests"]["dataset"] = f"sha256:{sha256(fewer.encode()).hexdigest()}"
    value["witness"] = {"partitions": {}, "probes": []}
    with pytest.raises(Rejected, match="expected the 2 classes that are used, got 3"):
        check(_decoded(value), _table(fewer))


def test_the_first_failure_in_the_stated_order_is_reported() -> None:
    # Everything is false: data digest, network digest, size, rule, probe, radius, separation.
    value = tent() | {"digests": {"dataset": "sha256:" + "0" * 64, "network": "sha256:" + "1" * 64}}
    value["claim"] |= {"width": 9, "data_radius_squared": 1, "separation_squared": 7}
    value["dataset"]["labels"] = [1, 1, 2, 1, 0]
    value["witness"]["probes"][0]["values"][4] = 7
    repairs: list[tuple[Json, Json]] = [
        (value["digests"], {"dataset": None}),
        (value["digests"], {"network": None}),
        (value["claim"], {"width": 2}),
        (value["dataset"], {"labels": [0, 1, 2, 1, 0]}),
        (value["witness"]["probes"][0], {"values": [2, 1, 0, 1, 2]}),
        (value["claim"], {"data_radius_squared": 17}),
        (value["claim"], {"separation_squared": 1}),
    ]
    order = []
    for part, repair in repairs:
        with pytest.raises(Rejected) as caught:
            check(_decoded(value))
        order.append(f"{caught.value.rule} {caught.value.at}")
        part.update(repair)
    assert order == [
        "digest digests.dataset",
        "digest digests.network",
        "width claim.width",
        "equal samples[0]",
        "probe witness.probes[0], samples[4]",
        "data_radius_squared claim.data_radius_squared",
        "separation claim.separation_squared",
    ]
    assert check(_decoded(value)).whole


def test_of_several_probes_that_fail_the_first_is_reported_whatever_its_layer() -> None:
    value = tent()
    value["witness"]["probes"].append({**value["witness"]["probes"][0], "after_layer": 0, "name": "input"})
    value["witness"]["probes"][1]["values"] = [0, "1/2", 2]
    with pytest.raises(Rejected, match=r"witness.probes\[1\], samples\[4\]: expected 2, got 1"):
        check(_decoded(value))


def test_batches_change_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = check(_decoded(tent()))
    monkeypatch.setattr(kernel, "BATCH", 1)
    assert check(_decoded(tent())) == whole
    value = tent()
    value["dataset"]["labels"] = [0, 0, 2, 0, 1]
    with pytest.raises(Rejected, match=r"equal at samples\[1\]: expected 0, got 1"):
        check(_decoded(value))
    value = tent()
    value["witness"]["probes"][1]["values"] = [1, 1, 1]
    with pytest.raises(Rejected, match=r"witness.probes\[1\], samples\[0\]"):
        check(_decoded(value))


def test_sizes_are_the_papers() -> None:
    found = sizes(_decoded(tent()).network)
    assert found == {"width": 2, "depth": 3, "parameters": 8, "edges": 5, "bit_complexity": 3}
    # 5/16 has 3 + 5 bits.
    value = tent()
    value["network"]["layers"][0]["data"][0] = "-5/16"
    assert sizes(_decoded(value).network)["bit_complexity"] == 8


def test_the_margin_of_each_rule_by_hand() -> None:
    assert margin_of("sign", [Fraction(-3, 2)], -1, None) == Fraction(3, 2)
    assert margin_of("sign", [3], -1, None) == -3
    assert margin_of("argmax", [1, 5, 3], 1, None) == 2
    assert margin_of("argmax", [1, 5, 3], 0, None) == -4
    assert margin_of("equal", [2], 3, None) == -1
    assert margin_of("within", [2], 3, Fraction(3, 2)) == Fraction(1, 2)
    assert [holds("sign", 0), holds("argmax", 0), holds("equal", 0), holds("within", 0)] == [0, 0, 1, 1]


@given(
    st.sampled_from(["equal", "sign", "argmax", "within"]),
    st.lists(rationals(2), min_size=3, max_size=3),
    st.sampled_from([-1, 0, 1]),
)
def test_a_rule_holds_where_the_naive_evaluator_says(rule: str, outputs: list[c.Number], label: int) -> None:
    used = outputs if rule == "argmax" else outputs[:1]
    number_of = abs(label) if rule == "argmax" else label or 1 if rule == "sign" else label
    tolerance = Fraction(1, 2) if rule == "within" else None
    found = holds(rule, margin_of(rule, used, number_of, tolerance))
    assert found == naive_evaluator.holds(rule, used, number_of, tolerance)


@pytest.mark.parametrize(
    ("listed", "distance"),
    [
        ([(0,), (3,), (5,)], 4),
        ([(0, 0), (0, Fraction(1, 2))], Fraction(1, 4)),
        ([(0, 0), (10, 0), (10, 1), (20, 5)], 1),
        ([(0, 0), (1, 7), (2, 0), (3, 7)], 4),
        ([(Fraction(1, 3), 0), (0, Fraction(1, 3))], Fraction(2, 9)),
    ],
)
def test_the_smallest_distance_by_hand(listed: list[tuple[c.Number, ...]], distance: c.Number) -> None:
    assert smallest_distance_squared(listed) == distance


@given(st.lists(st.tuples(rationals(3), rationals(3)), min_size=2, max_size=8, unique=True))
def test_the_smallest_distance_is_that_of_all_pairs(listed: list[tuple[c.Number, ...]]) -> None:
    squares = [sum((a - b) ** 2 for a, b in zip(p, q, strict=True)) for p in listed for q in listed if p != q]
    assert smallest_distance_squared(listed) == min(squares)


def test_points_that_take_too_many_comparisons_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "MAX_COMPARISONS", 50)
    line: list[tuple[c.Number, ...]] = [(1000, 0), *((0, i) for i in range(100))]
    with pytest.raises(LimitReached, match="expected points easier to tell apart"):
        smallest_distance_squared(line)


@pytest.mark.parametrize("stated", [Fraction(4, 5), Fraction(1, 3)])
def test_a_direction_bounds_the_separation_from_below(stated: Fraction) -> None:
    # Along (2, -1): 0, 2, 7/2, 6, 9; the smallest gap is 3/2, its square over |v|^2 is 9/20.
    value = tent()
    value["claim"] |= {"separation_direction": [2, -1], "separation_squared": str(stated)}
    if stated <= Fraction(9, 20):
        assert check(_decoded(value)).whole
    else:
        with pytest.raises(Rejected, match="expected at most 9/20, by the gap 3/2 along it, got 4/5"):
            check(_decoded(value))


def test_equal_points_do_not_close_the_gap() -> None:
    value = tent()
    value["dataset"]["points"][4], value["dataset"]["labels"][4] = [3, 0], 1
    value["claim"] |= {"data_radius_squared": 9, "separation_direction": [1, 0]}
    value["witness"] = {"partitions": {}, "probes": []}
    assert check(_decoded(value)).whole
    value["claim"]["separation_direction"] = None
    assert check(_decoded(value)).whole


def test_claims_that_are_null_are_not_compared() -> None:
    value = within()
    value["claim"] |= {"margin": None, "separation_squared": None}
    assert check(_decoded(value)).whole


def test_only_the_first_failing_sample_is_reported_and_the_digest_is_still_of_all() -> None:
    value = argmax()
    value["dataset"]["labels"] = [1, 1, 1, 1, 1]
    with pytest.raises(Rejected, match=r"argmax at samples\[0\]: expected 1, got \[3, 0\]"):
        check(_decoded(value))


def _claimed(made: Network, given_points: list[tuple[c.Number, ...]], labels: list[int]) -> c.Certificate:
    samples = c.Samples("made", len(labels), made.input_size, None, None, tuple(given_points), tuple(labels))
    squares = [number(Fraction(sum(x * x for x in point))) for point in given_points]
    claim = c.Claim("equal", None, (), None, None, max(squares), None, None, (), **sizes(made))
    witness, digests = c.Witness({}, ()), c.Digests(None, None)
    return c.Certificate(None, None, samples, made, claim, (), (), witness, digests, {})


@given(st.data())
def test_a_verdict_is_that_of_the_naive_evaluator(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 3))
    made = data.draw(networks(size))
    given_points = data.draw(points(3, size, rationals(3)))
    values = [naive_evaluator.evaluate(made, point)[0] for point in given_points]
    labels = [int(v) + data.draw(st.sampled_from([0, 0, 0, 1])) for v in values]
    certificate = _claimed(made, given_points, labels)
    failing = naive_evaluator.failing_rows(certificate)
    if failing:
        with pytest.raises(Rejected) as caught:
            check(certificate)
        assert (caught.value.rule, caught.value.at) == ("equal", f"samples[{failing[0]}]")
    else:
        assert check(certificate).whole
    excepted = replace(certificate, claim=replace(certificate.claim, excepted=tuple(failing)))
    assert check(excepted).excepted == len(failing)


def test_one_distinct_point_has_no_separation() -> None:
    value = tent()
    value["dataset"] |= {"points": [[1, 0]] * 5, "labels": [0] * 5, "classes": ["b"]}
    value["network"]["layers"][2]["bias"] = [-1]
    value["claim"] |= {"data_radius_squared": 1, "parameters": 9}
    value["witness"] = {"partitions": {}, "probes": []}
    with pytest.raises(Rejected, match="expected null: there is one distinct point, got 1"):
        check(_decoded(value))
    value["claim"]["separation_squared"] = None
    assert check(_decoded(value)).classes == 1


@pytest.mark.parametrize(("row", "old"), [(0, '0 0 "a"'), (2, '2 1/2 "c"')])
def test_a_label_of_no_class_in_detached_data_is_refused(row: int, old: str) -> None:
    text = HEAD + ROWS.replace(old, old[:-3] + '"[green]accepted[/green]"')
    value = _detached()
    value["digests"]["dataset"] = f"sha256:{sha256(text.encode()).hexdigest()}"
    with pytest.raises(Rejected) as caught:
        check(_decoded(value), _table(text))
    assert (caught.value.rule, caught.value.at) == ("label", f"samples[{row}]")
    assert caught.value.got == "'[green]accepted[/green]'"


def test_detached_data_must_have_the_columns_that_the_certificate_names() -> None:
    value = _detached()
    value["dataset"]["columns"] = ["x", "[red]"]
    with pytest.raises(Rejected) as caught:
        check(_decoded(value), _table())
    assert str(caught.value) == r"columns at dataset.columns: expected ['x', 'y'], got ['x', '[red]']"
