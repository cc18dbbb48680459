"""What cannot be meant as printed in *On the Optimal Memorization Power of ReLU Neural Networks*.

Or in the later papers that restate its lemmas.
"""

from fractions import Fraction
from math import ceil, isqrt

import pytest
from strategies import dataset

from memcert.constructions.assemble import build, prepare
from memcert.constructions.option_values import resolved
from memcert.constructions.registry import Size, construction
from memcert.datasets.dataset import Dataset
from memcert.kernel.certificate import Certificate

NAME = "vardi-yehudai-shamir"


def squares(count: int, labels: int) -> Dataset:
    return dataset([(k * k,) for k in range(count)], [k * k * 7 % labels for k in range(count)])


def predicted(data: Dataset, **options: str) -> Size:
    made_by = construction(NAME)
    return made_by.predict(prepare(data, "equal"), resolved(made_by, options))


def field(word: int, first: int, last: int, length: int) -> int:
    """BIN_{first:last} of a word of `length` bits, counted from the most significant, from 1."""
    return word >> (length - last) & (1 << last - first + 1) - 1


@pytest.mark.parametrize("bits", [1, 2, 3, 8])
def test_log_c_bits_do_not_hold_the_labels_1_to_c(bits: int) -> None:
    labels = 2**bits
    assert max(range(1, labels + 1)).bit_length() == bits + 1
    assert max(range(labels)).bit_length() == bits


@pytest.mark.parametrize("bound", [1, 7, 8, 1000, 1024])
def test_log_r_bits_do_not_hold_the_value_r(bound: int) -> None:
    enough = bound.bit_length()
    assert 2**enough >= bound + 1
    assert 2 ** (enough - 1) < bound + 1, "one bit less is too few"
    if bound & (bound - 1) == 0:
        assert 2 ** (enough - 1) == bound, "log2 R, the printed number of bits, is one less"


def depth_and_counts(made: Certificate) -> tuple[int, int, int, int]:
    notes = made.annotations
    longer = max(int(notes["key_bits"]), int(notes["label_bits"]))
    return made.claim.depth, int(notes["intervals"]), int(notes["slots"]), longer


@pytest.mark.parametrize(("count", "labels"), [(40, 2), (60, 5), (80, 3)])
def test_lemma_a5_needs_one_layer_more_a_slot_than_printed(count: int, labels: int) -> None:
    depth, m, n, longer = depth_and_counts(build(squares(count, labels), NAME))
    printed = 2 + (3 * m + 2) + (3 * n * longer + 2 * n + 2)
    assert n > 1
    assert depth == 3 * m + n * (3 * longer + 3) + 5 == printed + n - 1


def test_lemma_a5s_label_field_is_not_cut_with_the_length_of_a_key() -> None:
    rho, c, labels = 5, 2, (3, 1, 2)
    word = sum(label << c * (len(labels) - 1 - j) for j, label in enumerate(labels))
    length = c * len(labels)
    assert [field(word, c * j + 1, c * (j + 1), length) for j in range(3)] == list(labels)
    # The restatement's BIN_{rho j + 1 : rho (j + 1)}(w): its second field is outside of the word.
    assert rho * 2 > length
    assert field(word, 1, rho, length) != labels[0]


def test_lemma_a5s_opening_map_has_six_outputs() -> None:
    made = build(squares(20, 5), NAME)
    n_blocks = int(made.annotations["intervals"])
    layer = made.network.layers[2 + 3 * n_blocks]
    # x; p and q of the keys; p and q of the labels; the sum y. A restatement says R^5.
    assert layer.shape[0] == 6


def test_the_words_of_lemma_a5_may_have_leading_zeros() -> None:
    rho, keys = 4, (0, 3)
    word = sum(key << rho * (1 - j) for j, key in enumerate(keys))
    assert word.bit_length() < rho * len(keys), "LEN(u) = rho n is not met by a first key below 2^(rho-1)"
    assert [field(word, rho * j + 1, rho * (j + 1), 2 * rho) for j in range(2)] == list(keys)


def tent(z: Fraction, times: int) -> Fraction:
    for _ in range(times):
        z = max(Fraction(0), max(2 * z, Fraction(0)) - max(4 * z - 2, Fraction(0)))
    return z


@pytest.mark.parametrize("n", [1, 2, 5, 7])
def test_lemma_a7_holds_for_single_bits_too(n: int) -> None:
    # Stated for i < j; two classes have fields of one bit, i = j.
    for x in range(2**n):
        p, q = (Fraction(x, 2**n) + Fraction(1, 2 ** (n + k)) for k in (1, 2))
        for i in range(1, n + 1):
            bit = max(Fraction(0), 2 ** (n + 2 - i) * (tent(q, i) - tent(p, i)))
            assert bit == field(x, i, i, n)


def test_lemma_a2s_constant_10_is_slack_and_6_is_enough() -> None:
    for size in (2, 10, 1000):
        for r, delta, d in ((1, Fraction(1), 1), (1, Fraction(1, 7), 4), (50, Fraction(1, 3), 784)):
            # pi > 3 in s >= 2 N^2 sqrt(pi d) / delta and in the bound: the quotient is what counts.
            root = Fraction(isqrt(3 * d * 10**12), 10**6)
            scale = ceil(2 * size**2 * root / delta)
            largest = scale * (r + ceil(r))
            assert largest <= Fraction(65, 10) * size**2 * r * root / delta < 10 * size**2 * r * root / delta


def test_theorem_62s_partition_is_larger_than_shorter_words() -> None:
    data = squares(200, 4)
    for bits in ("60", "90", "120"):
        copies, direct = (predicted(data, bits=bits, split=split) for split in ("paper", "direct"))
        assert copies.bits <= int(bits) >= direct.bits
        assert direct.parameters < copies.parameters
        assert direct.depth < copies.depth
