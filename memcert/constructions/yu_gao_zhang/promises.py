"""What robust memorization promises: width 3d + 1, depth 2N + 1, O(N d) nonzero parameters.

Source: Yu, Gao, Zhang 2024, the maximum norm, with the constants of this layout.
UNTRUSTED.
"""

from collections.abc import Mapping
from fractions import Fraction

from memcert.constructions.box_network.plan import separation
from memcert.constructions.box_network.promises import at_most
from memcert.constructions.coding import coding
from memcert.constructions.promised import promised, several_labels, withheld
from memcert.constructions.registry import Facts, Hypothesis, OptionValue, Promised, Task
from memcert.kernel.rational import text

THEOREM = "robust memorization, maximum norm"


def bounds(facts: Facts, task: Task, options: Mapping[str, OptionValue]) -> tuple[Promised, ...]:
    """Return the promised sizes, a box a point; the radius must be below lambda / 2.

    Cost: that of lambda, pairs of points. Raises: BuildError, as `build`, for the rule alone.
    """
    coded = coding(task)
    told: tuple[Hypothesis, ...] = (several_labels(facts),)
    if coded.count == 1:
        return withheld(THEOREM, told)
    distance = separation(task, coded).distance
    asked = options["radius"]
    radius = Fraction(distance) / 3 if asked is None else Fraction(str(asked))
    found = f"mu = {radius}, lambda = {text(distance)}"
    told += (Hypothesis("0 < 2 mu < lambda", 0 < 2 * radius < distance, found),)
    return promised(THEOREM, at_most(facts.points, facts.dimension, coded.readings), told)
