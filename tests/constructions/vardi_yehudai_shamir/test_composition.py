from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import pytest
from construction_tools import task_of, tasks
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_evaluator import holds, layers
from strategies import datasets, rationals

from memcert.constructions.registry import Built, Task
from memcert.constructions.vardi_yehudai_shamir import composition
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError

Options = Mapping[str, str | int | bool | None]
BALANCED: Options = {"sizing": "balanced", "directions": 12}
LITERAL: Options = {"sizing": "literal", "directions": 0}
DETERMINISTIC: Options = {"sizing": "balanced", "directions": 0}


def wrong(task: Task, built: Built, rows: range | None = None) -> list[str]:
    """Everything that is not as claimed: the rule at each row, each probe at each row."""
    found = []
    for row in rows or range(task.dataset.size):
        values = layers(built.network, task.dataset.point(row))
        if not holds(task.rule, values[-1], task.labels[task.groups[row]]):
            found.append(f"{task.rule} at row {row}: {values[-1]}")
        for probe in built.witness.probes:
            pairs = zip(probe.coefficients, probe.neurons, strict=True)
            got = sum((Fraction(c) * values[probe.after_layer][i] for c, i in pairs), Fraction(0))
            place = row if probe.partition is None else built.witness.partitions[probe.partition][row]
            if got != probe.values[place]:
                found.append(f"{probe.name} at row {row}: {got}")
    return found


@settings(max_examples=60, deadline=None)
@given(datasets(max_size=10, max_dimension=5), st.sampled_from([BALANCED, LITERAL, DETERMINISTIC]))
def test_random_data_are_memorized_exactly_with_every_probe_true(data: Dataset, options: Options) -> None:
    task = contradiction_free(data)
    assert wrong(task, composition.build(task, options)) == []


@settings(max_examples=25, deadline=None)
@given(
    datasets(max_size=8, classes=2), st.sampled_from(["sign", "argmax"]), st.sampled_from([BALANCED, LITERAL])
)
def test_the_rules_sign_and_argmax_are_met_with_margin_one(
    data: Dataset, rule: str, options: Options
) -> None:
    task = contradiction_free(data, rule)
    if task.class_count == 1 and rule == "argmax":
        return
    built = composition.build(task, options)
    assert wrong(task, built) == []
    assert built.margin == 1


@settings(max_examples=25, deadline=None)
@given(datasets(max_size=8, entries=rationals(5), distinct=True), st.data())
def test_the_label_holds_at_corners_of_the_claimed_box(data: Dataset, draw: st.DataObject) -> None:
    task = task_of(data)
    built = composition.build(task, BALANCED)
    radius = Fraction(1) if built.box_radius == "unbounded" else Fraction(built.box_radius or 0)
    for row in range(data.size):
        signs = draw.draw(st.tuples(*[st.sampled_from([-1, 1])] * data.dimension))
        corner = [x + s * radius for x, s in zip(data.point(row), signs, strict=True)]
        assert layers(built.network, corner)[-1] == (task.labels[task.groups[row]],)


def contradiction_free(data: Dataset, rule: str = "equal") -> Task:
    """Give every repeated point the label of its first occurrence."""
    task = task_of(data, rule)
    first = {group: data.labels[task.distinct[group]] for group in task.groups}
    labels = tuple(first[group] for group in task.groups)
    return task_of(Dataset(data.name, None, data.numerators, data.denominator, labels), rule)


HARD: dict[str, tuple[Sequence[Sequence[int | Fraction]], list[int]]] = {
    "one point": ([(7,)], [0]),
    "one class": ([(1, 2), (3, 4), (-5, 6)], [0, 0, 0]),
    "two points": ([(0,), (1,)], [0, 1]),
    "tiny beside huge": (
        [(10**9, Fraction(1, 10**9)), (10**9, Fraction(2, 10**9)), (-(10**9), 0)],
        [0, 1, 2],
    ),
    "negative": ([(-5,), (-3,), (-4,), (-100,)], [1, 0, 1, 0]),
    "sixty digits": ([(10**60,), (10**60 + 1,), (-(10**60),)], [0, 1, 0]),
    "a grid": (
        [(a, b) for a in range(4) for b in range(4)],
        [(a + b) % 5 for a in range(4) for b in range(4)],
    ),
    "as many classes as points": ([(i * i, i) for i in range(20)], list(range(20))),
}


@pytest.mark.parametrize(
    "options", [BALANCED, LITERAL, DETERMINISTIC], ids=["balanced", "literal", "deterministic"]
)
@pytest.mark.parametrize("name", HARD)
def test_odd_but_honest_data_are_memorized(name: str, options: Options) -> None:
    task = tasks(*HARD[name])
    assert wrong(task, composition.build(task, options)) == []


def test_784_dimensions_are_memorized() -> None:
    generator = np.random.Generator(np.random.PCG64(1))
    points = generator.integers(0, 256, size=(40, 784)).tolist()
    task = tasks(points, [i % 10 for i in range(40)])
    assert wrong(task, composition.build(task, BALANCED), range(5)) == []


def test_a_constant_label_is_one_dead_neuron_and_a_bias() -> None:
    built = composition.build(tasks([(1, 2), (3, 4)], [0, 0], rule="sign"), BALANCED)
    hidden, last = built.network.layers
    assert (hidden.shape, hidden.data, hidden.bias) == ((1, 2), (), (0,))
    assert (last.shape, last.data, last.bias) == ((1, 1), (), (-1,))
    assert built.box_radius == "unbounded"


def test_argmax_with_one_class_is_refused() -> None:
    with pytest.raises(BuildError, match="one class"):
        composition.build(tasks([(1,), (2,)], [0, 0], rule="argmax"), BALANCED)


@pytest.mark.parametrize("options", [BALANCED, LITERAL], ids=["balanced", "literal"])
def test_every_neuron_is_in_exactly_one_block_with_the_shape_of_its_contract(
    options: Options,
) -> None:
    generator = np.random.Generator(np.random.PCG64(2))
    points = np.unique(generator.integers(-99, 99, size=(30, 2)), axis=0).tolist()
    built = composition.build(tasks(points, [i % 3 for i in range(len(points))]), options)
    contracts = {contract.id: contract for contract in built.contracts}
    seen: Counter[tuple[int, int]] = Counter()
    for block in built.blocks:
        pattern = contracts[block.contract].layers
        assert block.last_layer - block.first_layer + 1 == len(pattern)
        for depth, (entries, layer) in enumerate(zip(block.neurons or (), pattern, strict=True)):
            spread = [i for e in entries for i in (range(*e) if isinstance(e, tuple) else [e])]
            assert len(spread) == len(layer.neurons)
            assert layer.relu == built.network.layers[block.first_layer + depth].relu
            seen.update((block.first_layer + depth, i) for i in spread)
    every = {(k, i) for k, layer in enumerate(built.network.layers) for i in range(layer.shape[0])}
    assert set(seen) == every
    assert set(seen.values()) == {1}
    assert len({block.name for block in built.blocks}) == len(built.blocks)
    assert sum(len(contract.cases) for contract in built.contracts) <= 40


def test_the_witness_grows_with_the_samples_only() -> None:
    def numbers(count: int) -> int:
        points = [(i * i % 1009, i) for i in range(count)]
        built = composition.build(tasks(points, [i % 3 for i in range(count)]), BALANCED)
        return sum(len(probe.values) for probe in built.witness.probes)

    assert numbers(400) < 3 * numbers(200)


def test_the_same_seed_gives_the_same_network() -> None:
    points, labels = [(i * i % 101, i) for i in range(50)], [i % 4 for i in range(50)]
    first, second = (composition.build(tasks(points, labels), BALANCED) for _ in range(2))
    assert first.network == second.network
    assert first.witness == second.witness


def test_the_probes_name_projection_words_and_every_slots_fields() -> None:
    points, labels = [(i * i % 101, i) for i in range(50)], [i % 4 for i in range(50)]
    built = composition.build(tasks(points, labels), BALANCED)
    slots = int(built.notes["slots"])
    names = [probe.name for probe in built.witness.probes]
    assert names[:3] == ["projected", "key_words", "label_words"]
    assert names[3:] == [f"{field}_{j}" for j in range(slots) for field in ("key", "label")]
    assert set(built.witness.partitions) == {"interval", "slot"}
