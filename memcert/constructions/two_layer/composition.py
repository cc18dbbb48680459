"""The variants of one hidden layer: which tables they fill, and the network, size and witness of each.

Source: Zhang et al. 2017, Theorem 1; Bubeck et al. 2020, Proposition 4; Baum 1988.
UNTRUSTED.
"""

from collections.abc import Mapping

from memcert.constructions.coding import coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.two_layer import along_hyperplanes, along_line


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network of a variant, with its outline and witness.

    Args:
        task: distinct points and numbered labels.
        options: `variant`, and those that it reads.

    Returns:
        Exactly the size that `predict` says.

    Raises:
        BuildError: the rule is argmax and there is one class; bubeck or baum refuses a group of
            points; baum is given more than two classes; zhang has too many points for its slopes.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant(task, coded)
    if options["variant"] in ("zhang", "merged"):
        return along_line.build(task, coded, options)
    return along_hyperplanes.build(task, coded, options)


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
    """Return the size of the network that `build` would make, from its tables alone.

    Raises:
        BuildError: as `build`, but for the number of points of zhang.
    """
    coded = coding(task)
    if coded.count == 1:
        return constant_size(task, coded)
    if options["variant"] in ("zhang", "merged"):
        return along_line.predict(task, coded, options)
    return along_hyperplanes.predict(task, coded, options)
