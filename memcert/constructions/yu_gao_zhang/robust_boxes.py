"""Robust memorization: F has a sample's label on the whole box of radius mu around it.

Source: Yu, Gao, Zhang 2024: for mu < lambda/2, width 3d + 1 and O(N d) nonzero parameters.
Departure: only points whose label is not the most frequent one have boxes, so that depth is
2S + 1; K = (largest code)/(lambda - 2 mu). lambda is measured between different labels only.
UNTRUSTED.
"""

from collections.abc import Mapping
from fractions import Fraction

from memcert.constructions.box_network.composition import built
from memcert.constructions.box_network.plan import Plan, checked_radius, number, plan, separation
from memcert.constructions.box_network.sizes import predicted
from memcert.constructions.coding import Coding, coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.kernel.rational import text


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the box network of a task, with its outline and witness.

    Args:
        task: distinct points and numbered labels.
        options: `radius`, or None for lambda/3.

    Returns:
        Depth 2S + 1 and width 3d + 1 (3d for S = 1), S being the points whose label is not the
        most frequent one; exactly the size that `predict` says. The claimed radius is mu.

    Raises:
        BuildError: the radius is not above 0 or not below lambda/2, or the rule is argmax and
            there is one class.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant(task, coded)
    made, distance = _planned(task, coded, options)
    boxes = iter(range(len(made.codes)))
    places = [len(made.codes) if code == made.level else next(boxes) for code in coded.codes]
    notes = {"lambda": text(distance), "radius": text(made.radius)}
    return built(task, coded, made, places=places, radius=made.radius, notes=notes)


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
    """Return the size of the network that `build` would make, from its tables alone.

    Raises:
        BuildError: as `build`.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant_size(task, coded)
    return predicted(_planned(task, coded, options)[0])


def _planned(task: Task, coded: Coding, options: Mapping[str, OptionValue]) -> tuple[Plan, int | Fraction]:
    found = separation(task, coded)
    asked = options["radius"]
    mu = Fraction(found.distance) / 3 if asked is None else Fraction(str(asked))
    radius = checked_radius(task, mu, found)
    return plan(task, coded, range(len(task.distinct)), radius, found.distance), number(found.distance)
