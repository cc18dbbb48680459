"""Theorem 5.3: a memorizer that is wrong nearly everywhere: it stores the majority label.

The points are spread so far that tents and ramps take a small share of the line; everywhere else
F has the sign of the label that is not stored.

Source: Theorem 5.3, Lemma E.3 (all ramps side by side).
Departure: the theorem bounds the probability of the stored label's region under a density; what is
claimed here is a length along the projection, exactly, and the prover finds it again: outside of
intervals of that total length F has the other sign, for every input.
UNTRUSTED.
"""

from collections.abc import Mapping
from fractions import Fraction

from memcert.constructions.registry import Built, OptionValue, Size, Task
from memcert.constructions.yu_gao_zhang_miao import composition
from memcert.constructions.yu_gao_zhang_miao.comparison import HEIGHT
from memcert.constructions.yu_gao_zhang_miao.plan import Plan, plan, refuse_many_labels, stored_label
from memcert.constructions.yu_gao_zhang_miao.projection import Placing
from memcert.datasets.dataset import exact
from memcert.errors import BuildError, UsageError
from memcert.kernel.certificate import Promise
from memcert.kernel.verdict import shown

FIRST = 3
"""No key is smaller: below all of them the value 0 must match none, and 3 > HEIGHT."""


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network of Theorem 5.3.

    Args:
        task: distinct points of two labels.
        options: `store`, `share` and `directions`.

    Returns:
        The network, with the promise `sign_outside`, and exactly the size that `predict` says.

    Raises:
        BuildError: other than two labels.
        UsageError: the share is not between 0 and 1.
    """
    made = _plan(task, options)
    values = made.line.numerators
    total, whole = excepted(made), Fraction(values[-1] - values[0], made.line.denominator)
    promise = Promise(
        "sign_outside",
        {
            "sign": -made.stored,
            "length": exact(total.numerator, total.denominator),
            "range": exact(whole.numerator, whole.denominator),
        },
    )
    return composition.build(task, made, (promise,))


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
    """Return the size of the network that `build` would make, from its tables alone.

    Raises:
        BuildError, UsageError: as `build`.
    """
    return composition.predict(_plan(task, options))


def excepted(made: Plan) -> Fraction:
    """Return the total length of the ramps and of the tents, within the parts where their words stand.

    Cost: linear in the keys. Raises: never.
    """
    total = sum((Fraction(ramp.end) - ramp.start for ramp in made.ramps), Fraction(0))
    lows = [Fraction(0), *(Fraction(ramp.end) for ramp in made.ramps)]
    highs = [*(Fraction(ramp.start) for ramp in made.ramps), None]
    for word, low, high in zip(made.words, lows, highs, strict=True):
        reached = low
        for key in word.keys:
            start, end = max(reached, key - HEIGHT), key + HEIGHT
            end = end if high is None else min(end, high)
            total += max(end - start, Fraction(0))
            reached = max(reached, end)
    return total


def _plan(task: Task, options: Mapping[str, OptionValue]) -> Plan:
    refuse_many_labels(task)
    if task.class_count < 2:
        raise BuildError(f"needs two labels; the file has only {shown(task.dataset.labels[0])}")
    label = stored_label(task, str(options["store"]))
    count = sum(stored == label for stored in task.labels)
    placing = Placing(
        first=FIRST,
        candidates=int(options["directions"] or 0),
        seed=task.seed,
        share=_share(options["share"]),
        # A tent and a ramp a stored point: no plan has more.
        longest=count * (2 * HEIGHT + 1),
    )
    return plan(task, options, placing, wide=True)


def _share(asked: OptionValue) -> Fraction:
    share = Fraction(str(asked))
    if not 0 < share < 1:
        raise UsageError(f"share: expected more than 0 and less than 1, got {shown(str(asked))}")
    return share
