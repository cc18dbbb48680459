"""Theorem A.1: projection, subset selection, lookup and read-out in series.

Source: Theorem 3.1 / A.1, F = F_3 o F_2 o F_1; Theorems 5.1 and 6.2 have several copies of F_3 o F_2.
Departure: the last layer reads the label for any rule (coding.py), and one class needs no more than
a constant (constant.py).
UNTRUSTED.
"""

from collections.abc import Mapping

from memcert.blocks.assembly import network, outline
from memcert.blocks.part import Part, block, neuron, parallel, serial
from memcert.constructions.coding import coding
from memcert.constructions.constant import constant, constant_size
from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.vardi_yehudai_shamir import copy_sizes
from memcert.constructions.vardi_yehudai_shamir.arrangement import asked
from memcert.constructions.vardi_yehudai_shamir.bit_extraction import BIT
from memcert.constructions.vardi_yehudai_shamir.copies import one_after_another, side_by_side
from memcert.constructions.vardi_yehudai_shamir.lookup import GATE, lookup
from memcert.constructions.vardi_yehudai_shamir.plan import Plan, plan
from memcert.constructions.vardi_yehudai_shamir.projection import projection
from memcert.constructions.vardi_yehudai_shamir.subset_selection import SELECT, subset_selection
from memcert.constructions.vardi_yehudai_shamir.witness import witness
from memcert.contracts import mechanisms
from memcert.errors import BuildError
from memcert.kernel.check import sizes as counted

STAGE = "read_out"
LINEAR = mechanisms.linear()
CONTRACTS = (mechanisms.carry(), mechanisms.carry(3), SELECT, BIT, GATE, LINEAR)


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network of Theorem 3.1, 5.1 or 6.2 for a task, with its outline and witness.

    Args:
        task: distinct points and numbered labels.
        options: `sizing`, `directions`, and at most one of `depth` and `bits`, the latter with `split`.

    Returns:
        Theorem 3.1: width at most 12, depth 3 m + n (3 max(rho, c) + 3) + 5; the others as
        `copies.py` says; exactly the size that `predict` says. Cost: linear in N d per direction
        tried, and in the size of the network.

    Raises:
        BuildError: no direction was found that the literal sizing could use, the depth is out of
            range, the bits are too few, or the rule is argmax and there is one class.
        UsageError: depth and bits, or a split without bits.
    """
    wanted = asked(options, len(task.distinct))
    coded = coding(task)
    if coded.count == 1:
        return constant(task, coded)
    made = plan(task, coded, options, wanted)
    part = compose(made)
    built = Built(
        network=network(part, task.dataset.dimension),
        contracts=CONTRACTS,
        blocks=outline(part),
        witness=witness(task, made, part),
        box_radius=made.projection.radius,
        direction=made.projection.weights,
        margin=coded.margin,
        notes=_notes(made),
        statement=made.statement,
    )
    if wanted.bits is not None and counted(built.network)["bit_complexity"] > wanted.bits:
        raise BuildError(f"a weight has {counted(built.network)['bit_complexity']} bits, not {wanted.bits}")
    return built


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
    """Return the size of the network that `build` would make, from its tables alone.

    Raises:
        BuildError: as `build`; UsageError, too.
    """
    wanted = asked(options, len(task.distinct))
    coded = coding(task)
    if coded.count == 1:
        return constant_size(task, coded)
    made = plan(task, coded, options, wanted)
    shapes, widths = made.shapes, copy_sizes.layer_widths(made.shapes, made.series)
    return Size(
        parameters=copy_sizes.parameters(shapes, made.series),
        edges=copy_sizes.edges(shapes, made.series),
        dense=copy_sizes.dense(shapes, made.series),
        width=max(widths[1:-1]),
        depth=len(widths) - 1,
        bits=made.bits,
    )


def compose(made: Plan) -> Part:
    """Put the stages of a plan together. Raises: ValueError, never for a plan made here."""
    if len(made.copies) == 1:
        stages = [projection(made.projection), subset_selection(made.intervals), lookup(made.fields)]
        return serial([*stages, _read_out(made)])
    arrange = one_after_another if made.series else side_by_side
    return serial([arrange(made.projection, made.copies, made.fields), _read_out(made)])


def _read_out(made: Plan) -> Part:
    rows = [neuron(f"out{k}", {"y": weight}, bias) for k, (weight, bias) in enumerate(made.readings)]
    return parallel(*(block(f"read_{k}", STAGE, LINEAR.id, [[row]]) for k, row in enumerate(rows)))


def _notes(made: Plan) -> dict[str, str]:
    split = made.split
    told = {
        "intervals": str(split.intervals),
        "slots": str(split.slots),
        "key_bits": str(made.fields.key_bits),
        "label_bits": str(made.fields.label_bits),
    }
    return told | ({"copies": str(len(made.copies))} if len(made.copies) > 1 else {})
