"""Theorem 4.1: width 6 and O(sqrt N log(N d / c)) parameters for two labels.

Source: Theorem 4.1, Lemmas B.1 to B.5.
Departure: the decoder is corrected (decoding.py), the label with fewer points is stored, and one
class needs no more than a constant (constant.py).
UNTRUSTED.
"""

from collections.abc import Mapping

from memcert.constructions.coding import coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.yu_gao_zhang_miao import composition
from memcert.constructions.yu_gao_zhang_miao.plan import Plan, plan, refuse_many_labels
from memcert.constructions.yu_gao_zhang_miao.projection import Placing


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network of Theorem 4.1.

    Args:
        task: distinct points, at most two labels.
        options: `store` and `directions`.

    Returns:
        Width 6 (5 with one slot), depth 2 m + n (w + 2), and exactly the size that `predict` says.

    Raises:
        BuildError: more than two labels.
    """
    refuse_many_labels(task)
    if task.class_count == 1:
        return constant(task, coding(task))
    return composition.build(task, _plan(task, options))


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
    """Return the size of the network that `build` would make, from its tables alone.

    Raises:
        BuildError: as `build`.
    """
    refuse_many_labels(task)
    if task.class_count == 1:
        return constant_size(task, coding(task))
    return composition.predict(_plan(task, options))


def _plan(task: Task, options: Mapping[str, OptionValue]) -> Plan:
    placing = Placing(first=0, candidates=int(options["directions"] or 0), seed=task.seed)
    return plan(task, options, placing, wide=False)
