"""Evaluation on held-out data agrees row by row with fractions, for every rule."""

from collections import Counter
from fractions import Fraction

import pytest
from honest import certificate
from hypothesis import given
from hypothesis import strategies as st
from naive_evaluator import evaluate as naive
from naive_evaluator import holds
from strategies import dataset, network

from memcert.datasets.canonical import dataset_digest
from memcert.errors import DatasetError
from memcert.exact.evaluation import evaluate
from memcert.kernel.verdict import Mismatch

IDENTITY = network(([[1], [-1]], [0, 0]), ([[1, -1]], [0]))
"""F(x) = x."""
PAIR = network(([[1], [-1]], [0, 0]), ([[1, 0], [0, 1], [0, 0]], [0, 0, Fraction(1, 2)]))
"""F(x) = (relu(x), relu(-x), 1/2)."""
ENTRIES = st.integers(-8, 8).map(lambda k: Fraction(k, 4))


def test_equal_by_hand() -> None:
    made = certificate(IDENTITY, [(0,), (1,), (2,)], [0, 1, 2], "equal", classes=("a", "b", "c"))
    found = evaluate(made, dataset([(0,), (2,), (Fraction(1, 3),), (1,), (5,)], ["a", "b", "b", "q", "c"]))
    assert (found.size, found.right, found.unknown, found.accuracy) == (5, 1, 1, Fraction(1, 5))
    assert found.confusion == {("a", "a"): 1, ("b", "c"): 1, ("b", None): 1, ("q", "b"): 1, ("c", None): 1}
    assert [told.outputs for told in found.rows()] == [(0,), (2,), (Fraction(1, 3),), (1,), (5,)]
    assert {told.margin for told in found.rows()} == {None}


def test_sign_by_hand() -> None:
    made = certificate(IDENTITY, [(-1,), (1,)], [-1, 1], "sign", classes=(4, 9))
    found = evaluate(made, dataset([(3,), (-3,), (0,), (Fraction(-1, 7),)], [9, 9, 4, 4]))
    assert [told.holds for told in found.rows()] == [True, False, False, True]
    assert [told.margin for told in found.rows()] == [3, -3, 0, Fraction(1, 7)]
    assert [told.predicted for told in found.rows()] == [9, 4, None, 4]
    assert found.confusion == {(9, 9): 1, (9, 4): 1, (4, None): 1, (4, 4): 1}


def test_a_sign_without_a_second_class_is_no_label() -> None:
    made = certificate(IDENTITY, [(-1,)], [-1], "sign", classes=("only",))
    found = evaluate(made, dataset([(-2,), (2,)], ["only", "only"]))
    assert [told.predicted for told in found.rows()] == ["only", None]


def test_argmax_by_hand_with_a_tie() -> None:
    made = certificate(PAIR, [(1,), (-1,), (0,)], [0, 1, 2], "argmax", classes=("up", "down", "flat"))
    found = evaluate(made, dataset([(2,), (Fraction(1, 2),), (-3,), (0,)], ["up", "up", "flat", "flat"]))
    assert [told.predicted for told in found.rows()] == ["up", None, "down", "flat"]
    assert [told.margin for told in found.rows()] == [Fraction(3, 2), 0, Fraction(-5, 2), Fraction(1, 2)]
    assert found.right == 2


def test_within_has_no_confusion_and_reads_labels_as_numbers() -> None:
    made = certificate(IDENTITY, [(0,), (1,)], [0, 1], "within", tolerance=Fraction(1, 4))
    found = evaluate(made, dataset([(0,), (1,), (2,)], ["0.25", "1.5", "2"]))
    assert found.confusion is None
    assert [told.margin for told in found.rows()] == [0, Fraction(-1, 4), Fraction(1, 4)]
    assert found.right == 2


def test_on_its_own_samples_a_true_certificate_is_right_everywhere() -> None:
    made = certificate(IDENTITY, [(0,), (1,), (0,)], [0, 1, 0], "equal", classes=("a", "b"))
    own = dataset([(0,), (1,), (0,)], ["a", "b", "a"], name="hand")
    found = evaluate(made, own)
    assert found.accuracy == 1
    assert found.dataset_digest == dataset_digest(own)
    assert found.network_digest == made.digests.network


def test_other_shapes_and_names_are_refused() -> None:
    made = certificate(IDENTITY, [(0,), (1,)], [0, 1], "equal", classes=("a", "b"))
    with pytest.raises(Mismatch, match=r"points of Q\^1"):
        evaluate(made, dataset([(0, 1)], ["a"]))
    object.__setattr__(made.dataset, "columns", ("width",))
    with pytest.raises(Mismatch, match=r"dataset\.columns"):
        evaluate(made, dataset([(0,)], ["a"], columns=("height",)))
    assert evaluate(made, dataset([(0,)], ["a"])).right == 1


def test_data_without_any_known_label_are_refused() -> None:
    made = certificate(IDENTITY, [(0,), (1,)], [0, 1], "equal", classes=(0, 1))
    with pytest.raises(DatasetError, match=r"expected labels of the certificate's: .*got none of them"):
        evaluate(made, dataset([(0,), (1,)], ["0", "1"]))


@given(st.sampled_from(["equal", "sign", "argmax", "within"]), st.data())
def test_every_row_is_what_fractions_say(rule: str, data: st.DataObject) -> None:
    argmax = rule == "argmax"
    chosen = PAIR if argmax else IDENTITY
    labels = {"equal": [0, 1, 2], "sign": [-1, 1], "argmax": [0, 1, 2], "within": [0, 1]}[rule]
    points = [(0,), (1,), (-1,)][: len(labels)]
    classes = None if rule == "within" else tuple("abc"[: len(labels)])
    tolerance = Fraction(1, 2) if rule == "within" else None
    made = certificate(chosen, points, labels, rule, classes=classes, tolerance=tolerance)
    rows = data.draw(
        st.lists(st.tuples(ENTRIES, st.sampled_from(range(len(labels)))), min_size=1, max_size=30)
    )
    originals = [labels[k] if classes is None else classes[k] for _, k in rows]
    found = evaluate(made, dataset([(x,) for x, _ in rows], originals))
    expected = [holds(rule, naive(chosen, (x,)), labels[k], tolerance) for x, k in rows]
    told = list(found.rows())
    assert [t.holds for t in told] == expected
    assert [t.outputs for t in told] == [naive(chosen, (x,)) for x, _ in rows]
    assert found.right == sum(expected)
    if found.confusion is not None:
        assert found.confusion == Counter((t.label, t.predicted) for t in told)
        assert (
            sum(n for (label, predicted), n in found.confusion.items() if label == predicted) == found.right
        )
