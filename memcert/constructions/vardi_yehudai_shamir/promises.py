"""The sizes that Theorems 3.1, 5.1 and 6.2 promise for data, with their constants written out.

They are the sizes of the theorem's own split and key length, whatever sizing a network has.

Source: Theorems 3.1, 5.1, 6.2; the layouts of sizes.py and copies.py.
UNTRUSTED.
"""

from collections.abc import Mapping
from math import isqrt

from memcert.constructions.promised import promised, separated, several_labels
from memcert.constructions.registry import Facts, Hypothesis, OptionValue, Promised, Task
from memcert.constructions.vardi_yehudai_shamir import sizes
from memcert.constructions.vardi_yehudai_shamir.arrangement import WORD_BITS
from memcert.constructions.vardi_yehudai_shamir.sizes import Bounds


def bounds(facts: Facts, task: Task, options: Mapping[str, OptionValue]) -> tuple[Promised, ...]:  # noqa: ARG001
    """Return the promised width, depth, parameters and bits.

    Args:
        facts: of the data.
        task: the data; the facts are all that matters.
        options: `depth`, `bits` and `split` say which theorem is meant.

    Raises:
        ValueError: never, for at least one point.
    """
    theorem = sizes.theorem_bounds(
        facts.points,
        facts.dimension,
        facts.class_count,
        facts.radius_squared,
        facts.separation_squared,
    )
    told = (
        separated(facts),
        several_labels(facts),
    )
    depth, few = options.get("depth"), options.get("bits")
    if depth is not None:
        return _depth(facts, theorem, int(depth), told)
    if few is not None and options.get("split") == "paper":
        return _series(facts, theorem, int(few), told)
    if few is not None:
        return _direct(facts, theorem, int(few), told)
    found = {"width": theorem.width, "depth": theorem.depth, "bits": theorem.bits}
    found["parameters"] = theorem.parameters
    return _promised("Theorem 3.1", found, told, facts)


def _depth(facts: Facts, theorem: Bounds, root: int, told: tuple[Hypothesis, ...]) -> tuple[Promised, ...]:
    limit = isqrt(facts.points)
    told += (Hypothesis("1 <= L <= sqrt N", 1 <= root <= limit, f"L = {root:,}, floor(sqrt N) = {limit:,}"),)
    root = max(1, min(root, limit))
    copies, split = -(-facts.points // root**2), sizes.literal_split(root**2)
    own = sizes.INTERVAL_PARAMETERS * split.intervals + _slot(theorem) * split.slots + 13
    found = {
        "width": 12 * copies,
        "depth": 3 * split.intervals + split.slots * _slot_depth(theorem) + 5,
        "parameters": facts.dimension + 2 + copies * own,
        "bits": _bits(theorem, split.slots),
    }
    return _promised("Theorem 5.1", found, told, facts)


def _series(facts: Facts, theorem: Bounds, few: int, told: tuple[Hypothesis, ...]) -> tuple[Promised, ...]:
    most, told = _fields(theorem, few, told)
    roots = range(isqrt(facts.points), 1, -1)
    root = next((r for r in roots if sizes.literal_split(r * r).slots <= most), 1)
    copies, split = -(-facts.points // root**2), sizes.literal_split(root**2)
    own = sizes.INTERVAL_PARAMETERS * split.intervals + _slot(theorem) * split.slots + 13
    later = 3 * split.intervals + 1
    found = {
        "width": 12,
        "depth": copies * (3 * split.intervals + split.slots * _slot_depth(theorem) + 2) + 3,
        "parameters": facts.dimension + 2 + copies * own + (copies - 1) * later,
        "bits": few,
    }
    return _promised("Theorem 6.2", found, told, facts)


def _direct(facts: Facts, theorem: Bounds, few: int, told: tuple[Hypothesis, ...]) -> tuple[Promised, ...]:
    most, told = _fields(theorem, few, told)
    slots = min(max(1, most), theorem.split.slots)
    intervals = -(-facts.points // slots)
    own = sizes.INTERVAL_PARAMETERS * intervals + _slot(theorem) * slots + 13
    found = {
        "width": 12,
        "depth": 3 * intervals + slots * _slot_depth(theorem) + 5,
        "parameters": facts.dimension + 2 + own,
        "bits": few,
    }
    return _promised("Theorem 6.2, by the split of Theorem 3.1", found, told, facts)


def _fields(theorem: Bounds, few: int, told: tuple[Hypothesis, ...]) -> tuple[int, tuple[Hypothesis, ...]]:
    """Return how many fields a word of B bits holds, and the condition that it holds one."""
    least = max(_bits(theorem, 1), max(theorem.key_bits, theorem.label_bits) + WORD_BITS)
    most = (few - WORD_BITS) // max(theorem.key_bits, theorem.label_bits)
    text = "B >= the bits of the theorem's projection and of one field"
    return most, (*told, Hypothesis(text, few >= least, f"B = {few:,}, they take {least:,}"))


def _slot(theorem: Bounds) -> int:
    return sizes.slot_parameters(theorem.key_bits, theorem.label_bits, windows=False)


def _slot_depth(theorem: Bounds) -> int:
    return 3 * max(theorem.key_bits, theorem.label_bits) + 3


def _bits(theorem: Bounds, slots: int) -> int:
    words = slots * max(theorem.key_bits, theorem.label_bits) + WORD_BITS
    first = 2 * theorem.fraction_bits + 2, sizes.bits(theorem.bias), sizes.bits(theorem.scale)
    return max(words, *first)


def _promised(
    name: str, found: Mapping[str, int], told: tuple[Hypothesis, ...], facts: Facts
) -> tuple[Promised, ...]:
    # The counts are of one output that reads the code as it is.
    plain = Hypothesis("one output, F(x) = y", facts.rule == "equal", f"rule {facts.rule}")
    counts = {"parameters": found["parameters"]}
    shape = {measure: most for measure, most in found.items() if measure not in counts}
    return promised(name, shape, told) + promised(name, counts, told, (plain,))
