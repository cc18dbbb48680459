"""What three layers promise: d1 = 2m - 1 and d2 = 2n neurons, m n >= N.

Source: Yun, Sra, Jadbabaie 2019, in the explicit version.
UNTRUSTED.
"""

from collections.abc import Mapping

from memcert.constructions.coding import coding
from memcert.constructions.promised import promised, separated, several_labels, withheld
from memcert.constructions.registry import Facts, OptionValue, Promised, Task
from memcert.constructions.yun_sra_jadbabaie.composition import dense, split

THEOREM = "three layers, explicit"


def bounds(facts: Facts, task: Task, options: Mapping[str, OptionValue]) -> tuple[Promised, ...]:  # noqa: ARG001
    """Return the promised sizes; no zero is counted on. Raises: BuildError, as `build`."""
    coded = coding(task)
    told = (separated(facts), several_labels(facts))
    if coded.count == 1:
        return withheld(THEOREM, told)
    d, outputs = facts.dimension, len(coded.readings)
    groups, slots = split(facts.points, d, outputs)
    whole = dense(d, groups, slots, outputs)
    width = max(2 * groups - 1, 2 * slots)
    return promised(THEOREM, {"width": width, "depth": 3, "parameters": whole, "dense": whole}, told)
