import hashlib
from itertools import product
from math import ceil, isqrt
from pathlib import Path
from typing import Any

import pytest
from construction_tools import tasks
from hypothesis import given, settings
from hypothesis import strategies as st
from memorizer_tools import (
    ODD,
    accepted,
    changed_weights,
    contradiction_free,
    corners_wrong,
    odd,
    random_data,
)
from strategies import datasets

from memcert.constructions.assemble import build
from memcert.constructions.vardi_yehudai_shamir import composition, copy_sizes, sizes
from memcert.constructions.vardi_yehudai_shamir.arrangement import asked
from memcert.datasets.dataset import Dataset
from memcert.datasets.reading import read_dataset
from memcert.errors import BuildError, UsageError
from memcert.formats.certificates import encode
from memcert.proofs.prove import prove

NAME = "vardi-yehudai-shamir"
ROOT = Path(__file__).parents[3]
FEW = 8
Options = dict[str, Any]


@pytest.mark.parametrize("name", ["iris", "wine"])
def test_without_these_options_a_certificate_is_the_published_one(name: str) -> None:
    made = encode(build(read_dataset(str(ROOT / f"tests/data/{name}.csv")), NAME)).encode()
    published = (ROOT / f"certificates/{name}.json").read_bytes()
    assert hashlib.sha256(made).hexdigest() == hashlib.sha256(published).hexdigest()


@pytest.mark.parametrize(("count", "depth", "classes"), [(9, 3, 2), (12, 1, 3), (30, 4, 3), (26, 5, 26)])
@pytest.mark.parametrize("sizing", ["balanced", "literal"])
def test_copies_side_by_side_are_as_predicted_and_proved(
    count: int, depth: int, classes: int, sizing: str
) -> None:
    data = random_data(count, 2, classes)
    made = accepted(NAME, data, directions=FEW, depth=depth, sizing=sizing)
    copies = int(made.annotations.get("copies", 1))
    assert made.construction is not None
    assert made.construction.statement == "Theorem 5.1"
    assert copies == ceil(count / depth**2)
    assert made.claim.width <= 12 * copies


@pytest.mark.parametrize(("count", "bits", "classes"), [(9, 60, 2), (30, 44, 3), (17, 100, 17)])
@pytest.mark.parametrize(("split", "sizing"), list(product(["paper", "direct"], ["balanced", "literal"])))
def test_few_bits_are_kept_as_predicted_and_proved(
    count: int, bits: int, classes: int, split: str, sizing: str
) -> None:
    given_bits = bits + 60 * (sizing == "literal")
    data = random_data(count, 2, classes, span=100)
    made = accepted(NAME, data, directions=FEW, bits=given_bits, split=split, sizing=sizing)
    assert made.claim.bit_complexity <= given_bits
    assert made.claim.width <= 12
    assert made.construction is not None
    assert made.construction.statement.startswith("Theorem 6.2")


@pytest.mark.parametrize("options", [{"depth": 1}, {"bits": 300, "split": "paper"}])
@pytest.mark.parametrize("name", [name for name in ODD if len(ODD[name][1]) < 15])
def test_odd_but_honest_data_are_memorized_as_predicted(name: str, options: Options) -> None:
    accepted(NAME, odd(name), directions=0, **options)


@settings(max_examples=15, deadline=None)
@given(datasets(max_size=14, classes=4), st.data())
def test_random_data_are_memorized_as_predicted(data: Dataset, draw: st.DataObject) -> None:
    data = contradiction_free(data)
    distinct = len({data.point(row) for row in range(data.size)})
    depth = draw.draw(st.integers(1, isqrt(distinct)))
    options: Options = draw.draw(st.sampled_from([{"depth": depth}, {"bits": 200, "split": "paper"}]))
    accepted(NAME, data, directions=4, **options)


@pytest.mark.parametrize("options", [{"depth": 2}, {"bits": 40, "split": "paper"}])
def test_the_boxes_that_are_claimed_hold_at_corners(options: Options) -> None:
    made = build(random_data(20, 3, 3, span=50), NAME, directions=FEW, **options)
    assert corners_wrong(made) == []


@pytest.mark.parametrize(("depth", "most"), [(0, 5), (6, 5), (-1, 5)])
def test_a_depth_out_of_range_is_refused_with_the_exact_bounds(depth: int, most: int) -> None:
    for function in (composition.build, composition.predict):
        with pytest.raises(
            BuildError, match=f"from 1 to {most} for the 35 distinct points here; got {depth}"
        ):
            function(tasks([(i,) for i in range(35)], [i % 2 for i in range(35)]), {"depth": depth})


@pytest.mark.parametrize("split", ["paper", "direct"])
def test_too_few_bits_are_refused_with_the_smallest_number_that_will_do(split: str) -> None:
    data = random_data(25, 2, 3, span=50)
    with pytest.raises(BuildError, match="the smallest B for these points") as refusal:
        build(data, NAME, bits=7, split=split, directions=FEW)
    least = int(str(refusal.value).split(" is ")[1].split(":")[0])
    assert build(data, NAME, bits=least, split=split, directions=FEW).claim.bit_complexity == least
    with pytest.raises(BuildError, match="smallest B"):
        build(data, NAME, bits=least - 1, split=split, directions=FEW)


def test_depth_with_bits_and_a_split_without_bits_are_refused() -> None:
    with pytest.raises(UsageError, match="got both"):
        asked({"depth": 1, "bits": 100}, 9)
    with pytest.raises(UsageError, match="bits is not given"):
        asked({"split": "paper"}, 9)


@pytest.mark.parametrize(("points", "largest"), [(1, 1), (10, 4), (10, 9), (100, 9), (17, 16)])
def test_subsets_are_the_fewest_and_of_equal_size_but_for_one_point(points: int, largest: int) -> None:
    found = copy_sizes.subsets(points, largest)
    assert sum(found) == points
    assert len(found) == ceil(points / largest)
    assert max(found) <= largest
    assert max(found) - min(found) <= 1


def test_copies_of_one_size_have_the_written_formulas() -> None:
    data = random_data(36, 2, 3, span=10**5)
    found = build(data, NAME, depth=3, directions=FEW)
    notes = found.annotations
    k, n, rho, c = (int(notes[key]) for key in ("copies", "slots", "key_bits", "label_bits"))
    m = int(notes["intervals"]) // k
    zeros = 3 * sum(probe.values.count(0) for probe in found.witness.probes if probe.name.endswith("_words"))
    slot = 33 * rho + 9 * c + 28
    assert found.claim.parameters == 2 + 2 + k * (37 * m + n * slot + 13) - zeros
    assert found.claim.depth == 3 * m + n * (3 * rho + 3) + 5
    series = build(random_data(40, 2, 3, span=10**5), NAME, bits=60, split="paper", directions=FEW)
    notes = series.annotations
    k, n, every, rho = (int(notes[key]) for key in ("copies", "slots", "intervals", "key_bits"))
    assert series.claim.depth == 3 * every + k * (n * (3 * rho + 3) + 2) + 3


@pytest.mark.parametrize("options", [{"depth": 3}, {"bits": 50, "split": "paper"}])
def test_what_a_changed_weight_breaks_is_refuted(options: Options) -> None:
    found = changed_weights(build(random_data(20, 2, 3), NAME, directions=FEW, **options), 20)
    assert found["proved, wrong"] == 0
    assert found["refuted, wrong"] > 0


@pytest.mark.parametrize("options", [{"depth": 6}, {"bits": 60, "split": "paper"}])
def test_obligations_do_not_grow_with_the_samples(options: Options) -> None:
    few, many = (prove(build(random_data(n, 2, 3), NAME, directions=FEW, **options)) for n in (40, 160))
    assert few.verdict == many.verdict == "proved"
    assert few.obligations == many.obligations


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=4),
    st.integers(1, 30),
    st.integers(1, 8),
    st.integers(1, 60),
    st.booleans(),
)
def test_the_best_number_of_slots_is_the_best_of_all_that_are_allowed(
    shares: list[int], rho: int, c: int, most: int, series: bool
) -> None:
    def cost(slots: int) -> int:
        splits = [sizes.Split(-(-share // slots), slots) for share in shares]
        shapes = [sizes.Shape(split, rho, c, 1, windows=True) for split in splits]
        return copy_sizes.parameters(shapes, series)

    found = copy_sizes.best_slots(shares, (rho, c), series=series, most=most)
    costs = [cost(slots) for slots in range(1, most + 1)]
    assert found == 1 + costs.index(min(costs))


def test_the_probes_of_copies_side_by_side_are_those_of_one_copy() -> None:
    made = build(random_data(30, 2, 3), NAME, depth=3, directions=FEW)
    names = [probe.name for probe in made.witness.probes]
    slots = int(made.annotations["slots"])
    fields = [f"{field}_{j}" for j in range(slots) for field in ("key", "label")]
    assert names == ["projected", "key_words", "label_words", *fields]
    assert set(made.witness.partitions) == {"interval", "slot", "copy"}


def test_copies_in_series_have_their_own_probes_while_they_are_few() -> None:
    made = build(random_data(30, 2, 3), NAME, bits=50, split="paper", directions=FEW)
    copies = int(made.annotations["copies"])
    words = [probe.name for probe in made.witness.probes if probe.name.startswith("key_words")]
    assert words == [f"key_words_copy{k}" for k in range(copies)]
