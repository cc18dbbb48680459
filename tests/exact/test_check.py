from collections.abc import Callable
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from honest import certificate
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_evaluator import evaluate as naive
from naive_evaluator import failing_rows, memorizes
from strategies import dataset, integers, network, networks, number, points, rationals

from memcert.constructions.assemble import build
from memcert.datasets.canonical import dataset_digest
from memcert.datasets.dataset import Dataset
from memcert.exact.check import fast_check
from memcert.exact.samples import own_dataset
from memcert.kernel import data as kernel_data
from memcert.kernel.certificate import Certificate, Digests, Number
from memcert.kernel.check import check, sizes
from memcert.kernel.data import Table
from memcert.kernel.verdict import Accepted, Failure, LimitReached, Mismatch, Rejected


def verdict(run: Callable[[], object]) -> object:
    """Return what a check says: the fields of its acceptance, or its failure in four parts."""
    try:
        accepted: Any = run()
    except Failure as failure:
        return type(failure), failure.rule, failure.at, failure.expected, failure.got
    return {field.name: getattr(accepted, field.name) for field in fields(Accepted)}


def agreed(made: Certificate, data: Dataset | None = None, select: tuple[int, ...] | None = None) -> object:
    """Return the verdict, the same by the kernel and by the fast engine."""
    table = None if data is None else Table(data.size, data.dimension, data.columns, list(data.rows()))
    kernel = verdict(lambda: check(made, table, select))
    assert verdict(lambda: fast_check(made, data, select)) == kernel
    return kernel


def steps(count: int = 60) -> Certificate:
    """Points 0..count-1 on a line, label 1 from 30 on, 0 below: a ramp, exact and probed."""
    made = network(([[1], [1]], [-29, -30]), ([[1, -1]], [0]), ([[1]], [0]))
    line = [(x,) for x in range(count)]
    return certificate(
        made,
        line,
        [int(x >= 30) for x in range(count)],
        "equal",
        classes=(10, 20),
        probes=(
            (2, (0,), (1,), tuple(int(x >= 30) for x in range(count))),
            (0, (0,), (Fraction(1, 3),), None),
            (1, (0, 1), (2, Fraction(-3, 7)), None),
        ),
    )


def accepted(found: object) -> bool:
    return isinstance(found, dict)


def refused(found: object) -> tuple[object, str, str]:
    assert isinstance(found, tuple), found
    return found[0], found[1], found[2]


def claim(made: Certificate, **changes: object) -> Certificate:
    return replace(made, claim=replace(made.claim, **changes))  # type: ignore[arg-type]


def test_true_certificate_is_accepted_by_both_engines() -> None:
    found = agreed(steps())
    assert accepted(found)
    made = fast_check(steps())
    assert (made.samples, made.examined, made.excepted, made.classes, made.whole) == (60, 60, 0, 2, True)
    assert not isinstance(made, Accepted)


@pytest.mark.parametrize("rule", ["equal", "sign", "argmax", "within"])
def test_random_networks_get_the_same_verdict_from_both_engines(rule: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def holds(draw: st.DataObject) -> None:
        size, dimension = draw.draw(st.integers(1, 30)), draw.draw(st.integers(1, 3))
        outputs = 3 if rule == "argmax" else 1
        made = draw.draw(
            networks(
                dimension, outputs=outputs, weights=draw.draw(st.sampled_from([integers(2), rationals(3)]))
            )
        )
        line = draw.draw(points(size, dimension, integers(2)))
        truth = [naive(made, point) for point in line]
        if rule == "argmax":
            labels: list[int | Fraction] = [draw.draw(st.integers(0, 2)) for _ in line]
        elif rule == "sign":
            labels = [draw.draw(st.sampled_from([-1, 1])) for _ in line]
        else:
            off = st.sampled_from([Fraction(0), Fraction(0), Fraction(1, 3)])
            labels = [number(found[0] + draw.draw(off)) for found in truth]
        tolerance = Fraction(1, 4) if rule == "within" else None
        honest = certificate(made, line, labels, rule, tolerance=tolerance)
        assert accepted(agreed(honest))
        assert memorizes(honest)
        # One more excepted row, or one less, is a false claim.
        rows = set(honest.claim.excepted) ^ {draw.draw(st.integers(0, size - 1))}
        assert refused(agreed(claim(honest, excepted=tuple(sorted(rows)), margin=None)))[0] is Rejected

    holds()


@pytest.mark.parametrize(
    ("changes", "rule", "at"),
    [
        ({"width": 3}, "width", "claim.width"),
        ({"depth": 2}, "depth", "claim.depth"),
        ({"parameters": 6}, "parameters", "claim.parameters"),
        ({"edges": 6}, "edges", "claim.edges"),
        ({"bit_complexity": 5}, "bit_complexity", "claim.bit_complexity"),
        ({"excepted": (3,)}, "except", "samples[3]"),
        ({"separation_squared": 2}, "separation", "claim.separation_squared"),
        ({"separation_squared": Fraction(1, 2)}, "separation", "claim.separation_squared"),
        ({"separation_squared": 2, "separation_direction": (3,)}, "separation", "claim.separation_squared"),
        ({"data_radius_squared": 59 * 59 + 1}, "data_radius_squared", "claim.data_radius_squared"),
    ],
)
def test_false_claim_is_refused_alike(changes: dict[str, object], rule: str, at: str) -> None:
    assert refused(agreed(claim(steps(), **changes))) == (Rejected, rule, at)


def test_lower_bound_along_a_direction_is_accepted() -> None:
    assert accepted(agreed(claim(steps(), separation_squared=Fraction(1, 2), separation_direction=(3,))))


def test_false_margins_are_refused_alike() -> None:
    made = network(([[1]], [-10]))
    honest = certificate(made, [(x,) for x in range(10)], [-1] * 10, "sign")
    assert honest.claim.margin == 1
    assert refused(agreed(claim(honest, margin=2)))[1:] == ("margin", "claim.margin")
    assert refused(agreed(claim(honest, margin=Fraction(1, 2))))[1:] == ("margin", "claim.margin")


@pytest.mark.parametrize("row", [0, 29, 30, 59])
def test_changed_label_is_refused_at_its_sample(row: int) -> None:
    made = steps()
    labels = list(made.dataset.labels or ())
    labels[row] = 1 - labels[row]
    changed = replace(
        made, dataset=replace(made.dataset, labels=tuple(labels)), digests=Digests(None, made.digests.network)
    )
    assert refused(agreed(changed)) == (Rejected, "equal", f"samples[{row}]")
    # With the digest of the unchanged data, that is what is found first.
    stale = replace(changed, digests=made.digests)
    assert refused(agreed(stale)) == (Rejected, "digest", "digests.dataset")


@pytest.mark.parametrize("probe", [0, 1, 2])
def test_wrong_probe_is_refused_alike(probe: int) -> None:
    made = steps()
    probes = list(made.witness.probes)
    for place in range(len(probes[probe].values)):
        values = list(probes[probe].values)
        values[place] += Fraction(1, 5)
        changed = [*probes]
        changed[probe] = replace(probes[probe], values=tuple(values))
        found = agreed(replace(made, witness=replace(made.witness, probes=tuple(changed))))
        row = place if probe else 30 * place
        assert refused(found) == (Rejected, "probe", f"witness.probes[{probe}], samples[{row}]")


def test_of_several_wrong_probes_the_first_in_the_list_is_named() -> None:
    made = steps()
    first, second, third = made.witness.probes
    wrong = [replace(p, values=(*p.values[:-1], 77)) for p in (second, third)]
    found = agreed(replace(made, witness=replace(made.witness, probes=(first, *wrong[::-1]))))
    assert refused(found)[1:] == ("probe", "witness.probes[1], samples[59]")


def test_class_of_a_partition_that_no_sample_has_is_never_looked_at() -> None:
    made = steps()
    classes = tuple(3 * (x >= 30) for x in range(60))
    probe = replace(made.witness.probes[0], values=(0, 5, 5, 1))
    witness = replace(made.witness, partitions={"classes0": classes}, probes=(probe,))
    assert accepted(agreed(replace(made, witness=witness)))


def test_witness_with_samples_in_other_classes_is_refused() -> None:
    made = steps()
    classes = [int(x >= 30) for x in range(60)]
    classes[29], classes[31] = 1, 0
    witness = replace(made.witness, partitions={"classes0": tuple(classes)})
    assert refused(agreed(replace(made, witness=witness)))[1:] == ("probe", "witness.probes[0], samples[29]")


def test_partial_check_examines_those_rows_only() -> None:
    made = claim(steps(), data_radius_squared=5)
    assert accepted(agreed(made, select=(0, 59, 31)))
    found = fast_check(made, select=(0, 59, 31))
    assert (found.examined, found.samples, found.whole) == (3, 60, False)
    wrong = claim(steps(), excepted=(31,))
    assert accepted(agreed(wrong, select=(0, 59)))
    assert refused(agreed(wrong, select=(59, 31)))[1:] == ("except", "samples[31]")


@pytest.mark.parametrize("rows", [(), (60,), (-1,)])
def test_rows_that_are_not_there_are_refused(rows: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="from 0 to 59"):
        fast_check(steps(), select=rows)


def own(made: Certificate) -> Dataset:
    data = own_dataset(made)
    assert data is not None
    return data


def test_users_own_samples_are_run() -> None:
    made = steps()
    data = own(made)
    assert accepted(agreed(made, data))
    detached = replace(made, dataset=replace(made.dataset, points=None, labels=None))
    assert accepted(agreed(detached, data))
    assert refused(agreed(detached))[:2] == (LimitReached, "dataset")


def test_users_other_samples_are_a_mismatch() -> None:
    made = steps()
    data = own(made)
    labels = (20, *data.labels[1:])
    order = np.arange(60)[::-1]
    others = [
        replace(data, labels=labels),
        replace(data, labels=tuple("x" for _ in labels)),
        replace(data, numerators=data.numerators[order], labels=data.labels[::-1]),
        replace(data, columns=("a",)),
        replace(data, denominator=2),
    ]
    for other in others:
        assert refused(agreed(made, other)) == (Mismatch, "digest", "digests.dataset")
    shorter = replace(data, numerators=data.numerators[:50], labels=data.labels[:50])
    assert refused(agreed(made, shorter)) == (Mismatch, "size", "dataset")


def test_detached_data_with_labels_of_no_class_are_refused() -> None:
    made = steps()
    data = replace(own(made), labels=(*own(made).labels[:-1], 30))
    detached = replace(
        made,
        dataset=replace(made.dataset, points=None, labels=None),
        digests=Digests(dataset_digest(data), None),
    )
    assert refused(agreed(detached, data)) == (Rejected, "label", "samples[59]")


def test_detached_data_that_leave_a_class_unused_are_refused() -> None:
    made = certificate(network(([[0]], [0])), [(x,) for x in range(5)], [0] * 5, "equal", classes=(7,))
    data = own(made)
    samples = replace(made.dataset, points=None, labels=None, classes=(7, 8))
    found = agreed(replace(made, dataset=samples), data)
    assert refused(found) == (Rejected, "classes", "dataset.classes")


def test_ties_and_zeros_fail_alike() -> None:
    tie = network(([[1], [1]], [0, 0]))
    made = certificate(tie, [(1,), (2,)], [0, 1], "argmax")
    assert made.claim.excepted == (0, 1)
    assert accepted(agreed(made))
    assert refused(agreed(claim(made, excepted=(1,))))[1:] == ("argmax", "samples[0]")
    zero = certificate(network(([[1]], [0])), [(0,), (2,)], [1, 1], "sign")
    assert refused(agreed(claim(zero, excepted=())))[1:] == ("sign", "samples[0]")


def test_failing_rows_are_the_naive_ones_at_many_classes() -> None:
    # Outputs over several denominators; rows fail here and there.
    made = network(([[1, 2], [Fraction(1, 3), -1]], [0, Fraction(1, 2)]), ([[1, Fraction(5, 4)]], [0]))
    rng = np.random.default_rng(7)
    line = [tuple(int(x) for x in row) for row in rng.integers(0, 50, (80, 2))]
    labels = [number(naive(made, p)[0] + int(i % 11 == 4)) for i, p in enumerate(line)]
    honest = certificate(made, line, labels, "equal")
    assert failing_rows(honest) == [i for i in range(80) if i % 11 == 4]
    assert accepted(agreed(honest))
    assert refused(agreed(claim(honest, excepted=(4, 15)))) == (Rejected, "equal", "samples[26]")


@pytest.mark.parametrize("label", [3, 'a\n\u2028"b'])
def test_digest_is_the_kernels_for_every_kind_of_number(label: int | str) -> None:
    kinds: list[list[tuple[Number, ...]]] = [
        [(Fraction(1, 3), 10**30), (Fraction(-7, 2**80), 0), (2**53, -(2**53) + 1)],
        [(1, 2), (3, -4)],
        [(Fraction(1, 10), Fraction(22, 10))] * 3,
        [(2**53 - 1, 2**53)],
    ]
    for rows in kinds:
        data = dataset(rows, [label] * len(rows), columns=("x", 'y"'))
        table = Table(data.size, data.dimension, data.columns, data.rows())
        assert dataset_digest(data) == kernel_data.dataset_digest(table)


@pytest.fixture(scope="module")
def memorizer() -> Certificate:
    """A certificate of Theorem 3.1 for 30 points."""
    rng = np.random.default_rng(1)
    rows = [tuple(int(x) for x in row) for row in rng.integers(0, 1000, (30, 2))]
    return build(dataset(rows, [int(x) for x in rng.integers(0, 4, 30)]))


def test_built_certificate_is_accepted_by_both_engines(memorizer: Certificate) -> None:
    assert accepted(agreed(memorizer))


CHANGES = [Fraction(1), Fraction(-1), Fraction(2**70), Fraction(1, 3)]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans(), st.sampled_from(CHANGES))
def test_changed_weights_get_the_same_verdict_from_both_engines(
    memorizer: Certificate, place: int, entry: int, in_bias: bool, change: Fraction
) -> None:
    layers = list(memorizer.network.layers)
    place %= len(layers)
    bias, data = list(layers[place].bias), list(layers[place].data)
    if in_bias or not data:
        bias[entry % len(bias)] = number(bias[entry % len(bias)] + change)
    else:
        data[entry % len(data)] = number(data[entry % len(data)] + change) or 5
    layers[place] = replace(layers[place], bias=tuple(bias), data=tuple(data))
    network = replace(memorizer.network, layers=tuple(layers))
    changed = replace(memorizer, network=network, digests=Digests(None, None))
    resized = claim(changed, **sizes(network))
    found = agreed(resized)
    if accepted(found):
        assert memorizes(resized)
    elif refused(found)[1] == "equal":
        assert not memorizes(resized)
