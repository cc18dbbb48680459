"""What is claimed of the explicit version: its width, weights and parameters; no depth of the paper.

Source: Proposition 3.4, for the bound of the weights; the layout of sizes.py.
UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import replace

from memcert.constructions.coding import coding
from memcert.constructions.nagler_langer import sizes
from memcert.constructions.nagler_langer.plan import FIRST, GAP
from memcert.constructions.nagler_langer.sizes import Shape
from memcert.constructions.promised import line_length, promised, separated, several_labels, withheld
from memcert.constructions.registry import Facts, Hypothesis, OptionValue, Promised, Task
from memcert.constructions.stored import balanced, rarer

THEOREM = "Proposition 3.4, explicit"


def bounds(facts: Facts, task: Task, options: Mapping[str, OptionValue]) -> tuple[Promised, ...]:
    """Return the promised sizes, with the direction of Lemma A.3. Raises: BuildError, as `build`."""
    coded = rarer(coding(task))
    told = (separated(facts), several_labels(facts))
    if coded.count == 1:
        return withheld(THEOREM, told)
    width, outputs = int(options["width"] or 0), len(coded.readings)
    stored = sum(code != 0 for code in coded.codes)
    n = sizes.digits_of(width)
    shape = Shape(
        width=width,
        blocks=1,
        slots=1,
        # Values are moved up by less than 1.
        key_groups=-(-(line_length(facts, GAP) + FIRST + 1).bit_length() // n),
        label_groups=-(-coded.bits // n),
        line_edges=facts.dimension,
        read_edges=outputs,
        read_biases=outputs,
    )

    def split(slots: int) -> Shape:
        return replace(shape, blocks=-(-stored // slots), slots=slots)

    best = split(balanced(stored, lambda k: sizes.parameters(split(k)), sizes.slot_parameters(shape)))
    found = {"width": width, "parameters": sizes.parameters(best)}
    # The outputs of the rule within have the labels' own scale.
    scaled = Hypothesis("any rule but within", facts.rule != "within", f"rule {facts.rule}")
    weights = {"largest_later_weight": max(2 * 3**n, 8)}
    return promised(THEOREM, found, told) + promised(THEOREM, weights, told, (scaled,))
