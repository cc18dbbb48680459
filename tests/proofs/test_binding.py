"""Labels of detached data that the claim does not allow: refused by the proof and by both checks alike."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from proof_tools import by_neurons, net

from memcert.datasets.canonical import dataset_digest
from memcert.datasets.dataset import Dataset
from memcert.exact.check import fast_check
from memcert.exact.samples import own_dataset
from memcert.kernel.certificate import Certificate, Digests
from memcert.kernel.check import check, sizes
from memcert.kernel.data import Table
from memcert.kernel.verdict import Failure, Rejected, shown
from memcert.proofs.prove import prove


def detached(
    labels: Sequence[int | Fraction], excepted: Sequence[int], rule: str
) -> tuple[Certificate, Dataset]:
    """Return a certificate whose samples 0, 1, ... lie beside it, under their right digest."""
    rows = ["x0", "x1"] if rule == "argmax" else ["x0"]
    network = net(1, ["x0", "x0 + 1"], rows)
    made = by_neurons(network, [[k] for k in range(len(labels))], labels, rule=rule, excepted=excepted)
    data = own_dataset(made)
    assert data is not None
    claim = replace(made.claim, data_radius_squared=(len(labels) - 1) ** 2, **sizes(network))  # type: ignore[arg-type]
    samples = replace(made.dataset, points=None, labels=None)
    return replace(made, dataset=samples, claim=claim, digests=Digests(dataset_digest(data), None)), data


@pytest.mark.parametrize(
    ("labels", "excepted", "rule", "row"),
    [
        ([5, 5], [], "argmax", 0),
        ([5], [0], "argmax", 0),
        ([1, 5], [], "argmax", 1),
        ([1, 5], [1], "argmax", 1),
        ([-1, 1], [0], "argmax", 0),
        ([1, Fraction(1, 2)], [1], "argmax", 1),
        ([5, 2], [0, 1], "sign", 0),
        ([1, 0], [0, 1], "sign", 1),
    ],
)
def test_a_label_that_the_rule_cannot_be_about_is_refused_even_in_an_excepted_row(
    labels: list[int | Fraction], excepted: list[int], rule: str, row: int
) -> None:
    made, data = detached(labels, excepted, rule)
    table = Table(data.size, data.dimension, data.columns, list(data.rows()))
    found: list[Failure] = []
    for run in (
        lambda: prove(made, dataset=data),
        lambda: fast_check(made, data),
        lambda: check(made, table),
    ):
        with pytest.raises(Rejected) as failure:
            run()
        found.append(failure.value)
    assert [(one.rule, one.at, one.got) for one in found] == [
        ("label", f"samples[{row}]", shown(labels[row]))
    ] * 3


def test_labels_that_the_rule_allows_are_proved() -> None:
    made, data = detached([1, 1], [], "argmax")
    assert prove(made, dataset=data).verdict == "proved"
    assert fast_check(made, data).whole
