"""The parameters of the balanced split, for keys as long as a direction promises.

UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import replace

from memcert.constructions.coding import coding
from memcert.constructions.promised import line_length, promised, separated, several_labels, withheld
from memcert.constructions.registry import Facts, OptionValue, Promised, Task
from memcert.constructions.stored import balanced, rarer
from memcert.constructions.tent_keys import sizes
from memcert.constructions.tent_keys.plan import FIRST, GAP
from memcert.constructions.tent_keys.sizes import Shape

THEOREM = "tent keys, balanced"


def bounds(facts: Facts, task: Task, options: Mapping[str, OptionValue]) -> tuple[Promised, ...]:  # noqa: ARG001
    """Return the promised parameters, with the direction of Lemma A.3. Raises: BuildError, as `build`."""
    coded = rarer(coding(task))
    told = (separated(facts), several_labels(facts))
    if coded.count == 1:
        return withheld(THEOREM, told)
    stored = sum(code != 0 for code in coded.codes)
    outputs = len(coded.readings)
    shape = Shape(
        blocks=1,
        slots=1,
        key_bits=(line_length(facts, GAP) + FIRST + 1).bit_length(),
        label_bits=coded.bits if coded.count > 2 else 0,
        line_edges=facts.dimension,
        read_edges=outputs,
        read_biases=outputs,
    )

    def split(slots: int) -> Shape:
        return replace(shape, blocks=-(-stored // slots), slots=slots)

    best = split(balanced(stored, lambda n: sizes.parameters(split(n)), sizes.slot_parameters(shape)))
    return promised(THEOREM, {"parameters": sizes.parameters(best)}, told)
