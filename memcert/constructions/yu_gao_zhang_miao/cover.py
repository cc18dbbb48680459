"""Theorem 4.3: a network whose size the distribution decides, not the number of samples.

A greedy net holds points more than lambda/3 apart, lambda being the smallest distance of opposite
labels in the maximum norm; every sample is within lambda/3 of a net point of its own label. The
box network of the net, with boxes of radius lambda/3, has the samples' labels too.

Source: Theorem 4.3 and its proof: a maximal separated subset, and a robust memorizer of it.
Departure: the paper's N_D is not computable from data; here stands the size of this network. The
net is measured in the maximum norm; boxes around the label with the most net points are left out.
UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from memcert.constructions.box_network.composition import built
from memcert.constructions.box_network.distances import Net, greedy_net, net
from memcert.constructions.box_network.plan import Plan, number, plan, separation
from memcert.constructions.box_network.sizes import predicted
from memcert.constructions.coding import Coding, coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.points import distinct_points
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.datasets.dataset import exact
from memcert.kernel.certificate import Number
from memcert.kernel.rational import text


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """The net of a task and the boxes around it.

    Args:
        net: of the distinct points.
        plan: its boxes, of radius lambda/3.
        distance: lambda.
        places: the box of every distinct point, S where it needs none.
        radius: by how much the box nearest to each sample reaches beyond it, at least.
    """

    net: Net
    plan: Plan
    distance: Number
    places: tuple[int, ...]
    radius: Number


def build(task: Task, _: Mapping[str, OptionValue]) -> Built:
    """Build the box network of the net of a task, with its outline and witness.

    Args:
        task: distinct points and numbered labels.

    Returns:
        Depth 2S + 1 and width 3d + 1 (3d for S = 1), S being the net points whose label is not
        the one with the most of them; exactly the size that `predict` says.

    Raises:
        BuildError: the rule is argmax and there is one class.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant(task, coded)
    made = cover(task, coded)
    notes = {
        "lambda": text(made.distance),
        "radius": text(made.plan.radius),
        "net": str(len(made.net.points)),
    }
    return built(task, coded, made.plan, places=made.places, radius=made.radius, notes=notes)


def predict(task: Task, _: Mapping[str, OptionValue]) -> Size:
    """Return the size of the network that `build` would make, from its tables alone.

    Raises:
        BuildError: as `build`.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant_size(task, coded)
    # Which net point is nearest to a sample matters to its radius, not to the size.
    distance = separation(task, coded).distance
    kept = greedy_net(distinct_points(task), _reach(task, distance))
    return predicted(plan(task, coded, kept, number(Fraction(distance) / 3), distance))


def cover(task: Task, coded: Coding) -> Cover:
    """Choose the net and its boxes.

    Args:
        task: at least two distinct points.
        coded: at least two codes.

    Cost: a pass over the points for each of them, and for each net point. Raises: never.
    """
    distance = separation(task, coded).distance
    mu = Fraction(distance) / 3
    scale = task.dataset.denominator
    found = net(distinct_points(task), coded.codes, _reach(task, distance))
    made = plan(task, coded, found.points, number(mu), distance)
    boxed = [place for place, point in enumerate(found.points) if coded.codes[point] != made.level]
    box = {place: k for k, place in enumerate(boxed)}
    inside = [code != made.level for code in coded.codes]
    farthest = max(x for x, stored in zip(found.distances, inside, strict=True) if stored)
    return Cover(
        net=found,
        plan=made,
        distance=distance,
        places=tuple(box.get(place, len(boxed)) for place in found.nearest),
        radius=number(mu - exact(farthest, scale)),
    )


def _reach(task: Task, distance: Number) -> int:
    # Distances are integers over the data's denominator: at most lambda/3 is at most its floor.
    return int(Fraction(distance) * task.dataset.denominator / 3)
