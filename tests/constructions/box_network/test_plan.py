from fractions import Fraction

import pytest
from construction_tools import tasks

from memcert.constructions.box_network.composition import compose
from memcert.constructions.box_network.plan import checked_radius, plan, separation
from memcert.constructions.box_network.sizes import bits, predicted
from memcert.constructions.coding import coding
from memcert.constructions.registry import Task
from memcert.errors import BuildError

TASK = tasks([(0, 0), (1, 8), (20, 3), (21, Fraction(-5, 2)), (40, 0), (44, 1)], [2, 2, 0, 0, 0, 1])


def test_lambda_is_named_with_the_rows_that_have_it() -> None:
    found = separation(TASK, coding(TASK))
    assert (found.distance, found.rows) == (4, (4, 5))


def test_rows_are_those_of_the_file_where_points_repeat() -> None:
    repeated = tasks([(0,), (0,), (7,), (7,), (9,)], [0, 0, 0, 0, 1])
    assert separation(repeated, coding(repeated)).rows == (2, 4)


@pytest.mark.parametrize("asked", [Fraction(0), Fraction(-1), Fraction(2), Fraction(5)])
def test_a_radius_out_of_range_is_refused(asked: Fraction) -> None:
    with pytest.raises(BuildError, match="radius must be"):
        checked_radius(TASK, asked, separation(TASK, coding(TASK)))


def test_the_most_frequent_stored_code_is_the_first_level() -> None:
    made = plan(TASK, coding(TASK), range(6), 1, 4)
    assert (made.level, made.codes, made.senses()) == (0, (2, 2, 1), (1, 1, 1))
    # K shuts a box by the largest code where the distance is lambda - 2 mu.
    assert made.factor == 1
    fewer = plan(TASK, coding(TASK), (0, 1, 2, 5), 1, 4)
    assert (fewer.level, fewer.codes, fewer.senses()) == (2, (0, 1), (-1, -1))


def test_ends_are_shifted_to_at_least_1_but_for_the_first_box() -> None:
    made = plan(TASK, coding(TASK), range(6), Fraction(3, 2), 4)
    assert made.ends(0) == ((Fraction(-3, 2), Fraction(3, 2)), (Fraction(-3, 2), Fraction(3, 2)))
    assert made.shifts == (Fraction(5, 2), 5)
    assert all(low >= 1 for box in (1, 2) for low, _ in made.ends(box))


def test_stored_points_of_one_code_are_no_plan() -> None:
    with pytest.raises(ValueError, match="two codes"):
        plan(TASK, coding(TASK), (0, 1), 1, 4)


@pytest.mark.parametrize("stored", [(0, 2), (0, 2, 5), (0, 1, 2, 3, 5), range(6)])
@pytest.mark.parametrize("rule", ["equal", "argmax"])
def test_the_predicted_size_is_counted_neuron_by_neuron(stored: tuple[int, ...], rule: str) -> None:
    task = Task(
        TASK.dataset, TASK.distinct, TASK.groups, TASK.labels, TASK.class_count, rule, None, TASK.seed
    )
    made = plan(task, coding(task), stored, Fraction(1, 3), 4)
    neurons = [neuron for layer in compose(made).layers for neuron in layer]
    size = predicted(made)
    assert size.edges == sum(len(neuron.row) for neuron in neurons)
    assert size.parameters == size.edges + sum(neuron.bias != 0 for neuron in neurons)
    assert size.depth == len(compose(made).layers)
    assert size.width == max(len(layer) for layer in compose(made).layers[:-1])
    numbers = [x for neuron in neurons for x in (neuron.bias, *(weight for _, weight in neuron.row))]
    assert size.bits == max(bits(x) for x in numbers)
