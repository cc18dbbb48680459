"""The nodes that a value needs, in an order in which each comes after what it reads.

UNTRUSTED. No recursion; what nobody needs is left out before anything is refused.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from heapq import heapify, heappop, heappush

from memcert.interop.onnx.functions import Step
from memcert.interop.refusals import ModelError
from memcert.kernel.verdict import shown


def makers(steps: Sequence[Step], known: Collection[str]) -> dict[str, int]:
    """Return which step makes each value.

    Args:
        steps: of the graph.
        known: names of inputs and stored tensors.

    Raises:
        ModelError: a name is given to two values.
    """
    found: dict[str, int] = {}
    for place, step in enumerate(steps):
        for name in step.outputs:
            if name and (name in known or name in found):
                raise ModelError(f"the name {shown(name)} is given to two values")
            if name:
                found[name] = place
    return found


def needed(steps: Sequence[Step], wanted: str, known: Collection[str]) -> list[Step]:
    """Return the steps that the value `wanted` needs, in the file's order where that is an order.

    Args:
        steps: of the graph, in any order.
        wanted: the value's name.
        known: names of inputs and stored tensors.

    Raises:
        ModelError: a name is given to two values, a value is never made, or there is a cycle.
    """
    made_by = makers(steps, known)
    kept: set[int] = set()
    open_names = [(wanted, "the graph's output")]
    while open_names:
        name, where = open_names.pop()
        if not name or name in known:
            continue
        if name not in made_by:
            raise ModelError(f"{where}: there is no value {shown(name)}")
        place = made_by[name]
        if place not in kept:
            kept.add(place)
            step = steps[place]
            at = f"{step.proto.op_type!s} {shown(step.name)}"
            open_names += ((source, at) for source in step.inputs)
    return [steps[place] for place in _sorted(steps, kept, made_by)]


def _sorted(steps: Sequence[Step], kept: set[int], made_by: dict[str, int]) -> list[int]:
    waiting: dict[int, int] = {}
    readers: dict[int, list[int]] = defaultdict(list)
    for place in kept:
        sources = {made_by[name] for name in steps[place].inputs if name in made_by}
        waiting[place] = len(sources)
        for source in sources:
            readers[source].append(place)
    ready = [place for place, count in waiting.items() if not count]
    heapify(ready)
    order: list[int] = []
    while ready:
        place = heappop(ready)
        order.append(place)
        for reader in readers[place]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heappush(ready, reader)
    if len(order) < len(kept):
        stuck = steps[min(kept.difference(order))]
        raise ModelError(
            f"{stuck.proto.op_type!s} {shown(stuck.name)}: the value {shown(stuck.outputs[0])} needs a value "
            "that needs it: a cycle"
        )
    return order
