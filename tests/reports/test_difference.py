"""Differences of certificates, against edits made by hand."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.cli import main
from memcert.formats.certificates import read, write
from memcert.kernel import certificate as c
from memcert.reports.difference import Difference, as_data, differences, lines

CERTIFICATES = Path(__file__).parents[2] / "certificates"
FIVE = read(CERTIFICATES / "five.json")
POINTS, LABELS = FIVE.dataset.points or (), FIVE.dataset.labels or ()


def only(after: c.Certificate) -> Difference:
    """Return the one difference from FIVE."""
    (found,) = differences(FIVE, after)
    return found


def claiming(**claim: Any) -> c.Certificate:
    """Return FIVE with another claim."""
    return replace(FIVE, claim=replace(FIVE.claim, **claim))


def holding(points: Any, labels: Any) -> c.Certificate:
    """Return FIVE with other data."""
    return replace(FIVE, dataset=replace(FIVE.dataset, points=points, labels=labels, size=len(labels)))


def test_a_certificate_does_not_differ_from_itself() -> None:
    assert differences(FIVE, FIVE) == ()


def test_a_size_is_told_with_its_change() -> None:
    width = FIVE.claim.width
    assert only(claiming(width=width + 3)) == Difference("sizes", "width", f"{width}", f"{width + 3} (+3)")


@pytest.mark.parametrize(
    ("field", "before", "after", "effect"),
    [
        ("box_radius", Fraction(1, 8), Fraction(1, 9), "weaker"),
        ("box_radius", Fraction(1, 8), None, "weaker"),
        ("box_radius", Fraction(1, 8), "unbounded", "stronger"),
        ("box_radius", None, 0, "stronger"),
        ("margin", 2, 3, "stronger"),
        ("tolerance", 2, 3, "weaker"),
        ("tolerance", 2, 1, "stronger"),
        ("tolerance", None, 1, ""),
    ],
)
def test_a_claim_is_weaker_or_stronger(field: str, before: Any, after: Any, effect: str) -> None:
    (found,) = differences(claiming(**{field: before}), claiming(**{field: after}))
    assert (found.section, found.what, found.effect) == ("claim", field, effect)


def test_rows_that_are_excepted_weaken_the_claim() -> None:
    found = only(claiming(excepted=(1, 3)))
    assert (found.before, found.after, found.effect) == ("no row", "2 rows: [1, 3]", "weaker")
    (back,) = differences(claiming(excepted=(1, 3)), claiming(excepted=(3,)))
    assert back.effect == "stronger"


def test_a_relabelled_row_is_one_change_with_both_labels() -> None:
    other = next(label for label in (0, 1) if label != LABELS[2])
    found = only(holding(POINTS, (*LABELS[:2], other, *LABELS[3:])))
    assert found.what.startswith("label of row 2 at [")
    assert {found.before, found.after} == {"'no'", "'yes'"}


def test_a_row_inserted_at_the_top_changes_no_other_row() -> None:
    new = tuple(100 + k for k in range(FIVE.dataset.dimension))
    found = differences(FIVE, holding((new, *POINTS), (LABELS[0], *LABELS)))
    assert [d.what for d in found] == ["rows", "row 0 of B"]


def test_a_row_that_is_left_out_is_named_by_its_place_in_a() -> None:
    found = differences(FIVE, holding(POINTS[:-1], LABELS[:-1]))
    assert [d.what for d in found] == ["rows", f"row {len(LABELS) - 1} of A"]
    assert found[1].after is None


def test_rows_in_another_order_are_one_difference() -> None:
    found = only(holding((POINTS[1], POINTS[0], *POINTS[2:]), (LABELS[1], LABELS[0], *LABELS[2:])))
    assert found.what == "order"


@given(st.permutations(range(len(LABELS))), st.integers(0, len(LABELS)))
def test_every_change_of_rows_is_told(order: list[int], kept: int) -> None:
    rows = order[:kept]
    if not rows:
        return
    after = holding(tuple(POINTS[i] for i in rows), tuple(LABELS[i] for i in rows))
    found = differences(FIVE, after)
    assert bool(found) == (after != FIVE)
    gone = [d for d in found if d.after is None]
    assert len(gone) == len(LABELS) - kept


def test_a_changed_weight_is_counted_and_the_first_is_shown() -> None:
    layers = FIVE.network.layers
    first = layers[0]
    changed = replace(first, data=(first.data[0] + 1, *first.data[1:]))
    found = only(replace(FIVE, network=replace(FIVE.network, layers=(changed, *layers[1:]))))
    assert found.what.startswith("layer 0: 1 weights and 0 biases differ; weight of neuron 0 from ")
    assert found.after == str(first.data[0] + 1)


def test_blocks_and_contracts_are_told_by_name() -> None:
    block = replace(FIVE.blocks[0], name="renamed")
    found = differences(FIVE, replace(FIVE, blocks=(block, *FIVE.blocks[1:])))
    assert [(d.section, d.before is None, d.after is None) for d in found] == [
        ("blocks", False, True),
        ("blocks", True, False),
    ]
    fewer = replace(FIVE, contracts=FIVE.contracts[1:])
    assert [d.section for d in differences(FIVE, fewer)] == ["contracts"]


def test_other_witness_values_and_notes_are_told() -> None:
    probe = replace(FIVE.witness.probes[0], values=tuple(x + 1 for x in FIVE.witness.probes[0].values))
    other = replace(FIVE, witness=replace(FIVE.witness, probes=(probe, *FIVE.witness.probes[1:])))
    assert only(other).section == "witness"
    assert only(replace(FIVE, annotations={**FIVE.annotations, "a": "b"})).section == "notes"
    assert only(replace(FIVE, digests=c.Digests(None, FIVE.digests.network))).what == "stated dataset digest"


def test_detached_data_are_compared_by_their_digests() -> None:
    detached = replace(FIVE, dataset=replace(FIVE.dataset, points=None, labels=None))
    assert only(detached).after == "'detached'"


def test_every_pair_of_published_certificates_is_told_in_lines_that_are_safe() -> None:
    paths = sorted(CERTIFICATES.glob("*.json"))[:8]
    for one, two in pairwise(paths):
        if b"memcert-evidence" not in one.read_bytes() + two.read_bytes():
            found = differences(read(one), read(two))
            assert found
            assert all(line.isprintable() for line in lines(found))
            json.dumps(as_data(found))


def test_hostile_names_are_quoted() -> None:
    name = "[/red]\x1b[2J\n::error::x"
    block = replace(FIVE.blocks[0], name=name, stage=name)
    told = lines(differences(FIVE, replace(FIVE, blocks=(block,), annotations={name: name})))
    assert all(line.isprintable() and not line.lstrip(" +-").startswith("::") for line in told)


def test_the_command_tells_equal_from_different(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(FIVE, tmp_path / "a.json.gz")
    write(claiming(box_radius=None), tmp_path / "b.json")
    five = str(CERTIFICATES / "five.json")
    assert main(["diff", five, str(tmp_path / "a.json.gz")]) == 0
    assert "equal" in capsys.readouterr().out
    assert main(["diff", five, str(tmp_path / "b.json")]) == 1
    assert "box_radius: 1/12 -> none  [weaker]" in capsys.readouterr().out
    assert main(["diff", five, str(tmp_path / "b.json"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["differences"][0]["effect"] == "weaker"
    assert main(["diff", five, str(tmp_path / "none.json")]) == 2
    (tmp_path / "c.json").write_text("{}", encoding="utf-8")
    assert main(["diff", five, str(tmp_path / "c.json")]) == 3
