"""Radii by the naive way: every neuron's affine map on the pattern of a point, in fractions."""

from collections.abc import Sequence
from fractions import Fraction

import naive_evaluator

from memcert.kernel.certificate import Number
from memcert.kernel.network import Network

Linear = list[tuple[list[Fraction], Fraction]]


def naive_forms(net: Network, point: Sequence[Number]) -> tuple[list[Linear], Linear]:
    """Return every layer's affine maps before its ReLU on the pattern of a point, and the outputs'."""
    size = net.input_size
    current: Linear = [([Fraction(int(i == j)) for j in range(size)], Fraction(0)) for i in range(size)]
    before = []
    for rows, relu in naive_evaluator.prepared(net):
        after: Linear = []
        for edges, bias in rows:
            a = [sum((w * current[k][0][j] for k, w in edges), Fraction(0)) for j in range(size)]
            after.append((a, bias + sum((w * current[k][1] for k, w in edges), Fraction(0))))
        before.append(after if relu else [])
        if relu:
            zero = ([Fraction(0)] * size, Fraction(0))
            after = [form if at_point(form, point) > 0 else zero for form in after]
        current = after
    return before, current


def at_point(form: tuple[list[Fraction], Fraction], point: Sequence[Number]) -> Fraction:
    return form[1] + sum((a * x for a, x in zip(form[0], point, strict=True)), Fraction(0))


def naive_radius(net: Network, point: Sequence[Number]) -> Fraction | None:
    before, _ = naive_forms(net, point)
    ratios = [
        abs(at_point(form, point)) / sum(map(abs, form[0]))
        for part in before
        for form in part
        if any(form[0])
    ]
    return min(ratios, default=None)


def naive_label_radius(
    net: Network, point: Sequence[Number], rule: str, label: Number, tolerance: Number | None
) -> Fraction | None:
    _, outputs = naive_forms(net, point)
    if rule == "argmax":
        own = outputs[int(label)]
        margins = [_difference(own, other) for c, other in enumerate(outputs) if c != label]
    elif rule == "sign":
        margins = [([a * int(label) for a in outputs[0][0]], outputs[0][1] * label)]
    else:
        a, b = outputs[0]
        allowed = tolerance or 0
        margins = [(a, b - label + allowed), ([-x for x in a], label + allowed - b)]
    return min((at_point(m, point) / sum(map(abs, m[0])) for m in margins if any(m[0])), default=None)


def _difference(
    own: tuple[list[Fraction], Fraction], other: tuple[list[Fraction], Fraction]
) -> tuple[list[Fraction], Fraction]:
    return [a - b for a, b in zip(own[0], other[0], strict=True)], own[1] - other[1]
