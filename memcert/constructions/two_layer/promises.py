"""What one hidden layer promises: N hinges, 4 ceil(N/d) neurons of plates, or a bump a group.

Source: Zhang et al. 2017, Theorem 1; Bubeck et al. 2020, Proposition 4; Baum 1988.
UNTRUSTED.
"""

from collections.abc import Mapping

from memcert.constructions.coding import coding
from memcert.constructions.promised import promised, separated, several_labels, two_labels, withheld
from memcert.constructions.registry import Facts, Hypothesis, OptionValue, Promised, Task
from memcert.constructions.two_layer import along_hyperplanes
from memcert.errors import BuildError

THEOREMS = {
    "zhang": "Zhang et al., Theorem 1",
    "merged": "interpolation",
    "bubeck": "Bubeck et al., Proposition 4",
    "baum": "Baum, with ramps",
}


def bounds(facts: Facts, task: Task, options: Mapping[str, OptionValue]) -> tuple[Promised, ...]:
    """Return the promised sizes of the chosen variant; plates need their groups in general position.

    Cost: for bubeck and baum that of their groups. Raises: BuildError, as `build`, for the rule alone.
    """
    coded, variant = coding(task), str(options["variant"])
    told: tuple[Hypothesis, ...] = (separated(facts), several_labels(facts))
    if coded.count == 1:
        return withheld(THEOREMS[variant], told)
    d, outputs = facts.dimension, len(coded.readings)
    if variant in ("zhang", "merged"):
        return promised(THEOREMS[variant], _hinges(facts, options, outputs), told)
    if variant == "baum":
        told += (two_labels(facts),)
        if facts.class_count != 2:
            return withheld(THEOREMS[variant], told)
    told += (_general_position(task, options),)
    groups = -(-facts.points // d)
    whole = 4 * groups * (d + 1) + outputs * (4 * groups + 1)
    found = {"width": 4 * groups, "depth": 2, "parameters": whole, "dense": whole}
    return promised(THEOREMS[variant], found, told)


def _hinges(facts: Facts, options: Mapping[str, OptionValue], outputs: int) -> dict[str, int]:
    d = facts.dimension
    hinges = facts.points
    if options["variant"] == "merged":
        # A slope changes at most at every point but the last; flat, twice a change of label.
        hinges = (facts.points - 1) * (2 if options["hinges"] == "flat" else 1)
    shared = options["projection"] == "shared"
    hidden = d + 1 + 2 * hinges if shared else (d + 1) * hinges
    whole = hidden + outputs * (hinges + 1)
    return {"width": hinges, "depth": 3 if shared else 2, "parameters": whole, "dense": whole}


def _general_position(task: Task, options: Mapping[str, OptionValue]) -> Hypothesis:
    """Return whether groups of d points, in their order, have hyperplanes that meet no other point."""
    text = "each group of d points spans a hyperplane that meets no other point"
    try:
        groups = len(along_hyperplanes.plan(task, coding(task), {**options, "groups": "fixed"}).groups)
    except BuildError as error:
        return Hypothesis(text, False, str(error))
    return Hypothesis(text, True, f"{groups:,} groups")
