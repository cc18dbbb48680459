"""Networks at random: what is proved is true, at corners of the boxes too, and the radius is exact."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from naive_evaluator import evaluate, holds, layers
from proof_tools import by_neurons, proved, with_weight
from strategies import layer

from memcert.kernel.certificate import Certificate, Number
from memcert.kernel.network import Network
from memcert.proofs.prove import prove

SEEDS = range(40)


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same networks in every run


def number(random: Random) -> Fraction:
    if random.random() < 0.25:
        return Fraction(0)
    scale = random.choice([1, 1, 1, 2, 3, 10**6, 2**40])
    return Fraction(random.randint(-9, 9) * random.choice([1, 1, 1, 2**33, 2**65]), scale)


def network(random: Random) -> Network:
    sizes = [random.randint(1, 3), *(random.randint(1, 5) for _ in range(random.randint(1, 4)))]
    made = []
    for k, (before, after) in enumerate(pairwise(sizes)):
        rows = [[number(random) for _ in range(before)] for _ in range(after)]
        made.append(layer(rows, [number(random) for _ in range(after)], relu=k < len(sizes) - 2))
    return Network(sizes[0], tuple(made))


def points(random: Random, dimension: int) -> list[list[Fraction]]:
    def one() -> Fraction:
        return Fraction(random.randint(-20, 20), random.choice([1, 1, 2, 7]))

    return [[one() for _ in range(dimension)] for _ in range(random.randint(1, 12))]


def labelled(random: Random) -> tuple[Network, list[list[Fraction]], list[Fraction], str]:
    """Return a network, points, the labels that it gives, and a rule they can be under."""
    net = network(random)
    inputs = points(random, net.input_size)
    outputs = [evaluate(net, x) for x in inputs]
    if len(outputs[0]) > 1:
        keep = [k for k, out in enumerate(outputs) if sorted(out)[-1] > sorted(out)[-2]]
        inputs, outputs = [inputs[k] for k in keep], [outputs[k] for k in keep]
        return net, inputs, [Fraction(out.index(max(out))) for out in outputs], "argmax"
    if random.random() < 0.5:
        keep = [k for k, out in enumerate(outputs) if out[0] != 0]
        inputs, outputs = [inputs[k] for k in keep], [outputs[k] for k in keep]
        return net, inputs, [Fraction(1 if out[0] > 0 else -1) for out in outputs], "sign"
    return net, inputs, [out[0] for out in outputs], "equal"


def corners(random: Random, center: Sequence[Fraction], radius: Number) -> list[list[Fraction]]:
    found = [[x + random.choice([-1, 1]) * radius for x in center] for _ in range(3)]
    found.append([x + Fraction(random.randint(-8, 8), 8) * radius for x in center])
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_every_network_is_proved_at_its_own_labels_and_at_no_others(seed: int) -> None:
    random = seeded(seed)
    net, inputs, labels, rule = labelled(random)
    if not inputs:
        return
    proved(by_neurons(net, inputs, labels, rule=rule))
    wrong, k = list(labels), random.randrange(len(labels))
    wrong[k] = {
        "equal": wrong[k] + Fraction(1, 10**9),
        "sign": -wrong[k],
        "argmax": (wrong[k] + 1) % net.layers[-1].shape[0],
    }[rule]
    result = prove(by_neurons(net, inputs, wrong, rule=rule))
    assert result.refutation is not None
    assert (result.refutation.rule, result.refutation.sample) == (rule, k)
    assert result.refutation.samples_wrong is True
    proved(by_neurons(net, inputs, wrong, rule=rule, excepted=[k]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_radius_is_the_room_of_the_activation_pattern(seed: int) -> None:
    random = seeded(1000 + seed)
    net, inputs, labels, rule = labelled(random)
    if not inputs:
        return
    result = proved(by_neurons(net, inputs, labels, rule=rule))
    for row, (point, label) in enumerate(zip(inputs, labels, strict=True)):
        expected = room(net, point, label, rule)
        found = result.radii[row]
        assert found == ("unbounded" if expected is None else expected)
        if not isinstance(found, str):
            inner = found if row not in result.open_radii else found * Fraction(999, 1000)
            for corner in corners(random, point, inner):
                assert holds(rule, evaluate(net, corner), label)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_proved_box_holds_at_its_corners_and_a_larger_one_is_refused(seed: int) -> None:
    random = seeded(2000 + seed)
    net, inputs, labels, rule = labelled(random)
    if not inputs:
        return
    least = proved(by_neurons(net, inputs, labels, rule=rule)).smallest_radius
    assert least is not None
    if isinstance(least, str):
        proved(by_neurons(net, inputs, labels, rule=rule, radius="unbounded"))
        return

    def claimed(radius: Number) -> Certificate:
        return by_neurons(net, inputs, labels, rule=rule, radius=radius)

    inner = least * Fraction(99, 100)
    assert proved(claimed(inner)).smallest_radius >= least  # type: ignore[operator]
    outer = (least + Fraction(1, 10**6)) * 2
    larger = prove(claimed(outer))
    if larger.verdict == "proved":
        # Other cases may hold on the larger box, as for a neuron that is 0 on either side.
        for point, label in zip(inputs, labels, strict=True):
            assert all(holds(rule, evaluate(net, x), label) for x in corners(random, point, outer))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_change_of_a_weight_is_proved_while_a_sample_is_wrong(seed: int) -> None:
    random = seeded(3000 + seed)
    net, inputs, labels, rule = labelled(random)
    if not inputs:
        return
    for _ in range(4):
        at = random.randrange(len(net.layers))
        outputs, before = net.layers[at].shape
        column = random.choice([None, *range(before)])
        changed = with_weight(net, at, random.randrange(outputs), column, number(random))
        right = all(holds(rule, evaluate(changed, x), label) for x, label in zip(inputs, labels, strict=True))
        verdict = prove(by_neurons(changed, inputs, labels, rule=rule)).verdict
        assert verdict == ("proved" if right else "refuted")


def room(net: Network, point: Sequence[Fraction], label: Fraction, rule: str) -> Fraction | None:
    """Return how far the box may grow while every neuron stays on or off and the rule holds."""
    values = layers(net, point)
    gradients = [[Fraction(j == k) for j in range(len(point))] for k in range(len(point))]
    limits: list[Fraction] = []

    def limit(slack: Fraction, gradient: Sequence[Fraction]) -> None:
        norm = sum((abs(g) for g in gradient), Fraction(0))
        if norm:
            limits.append(slack / norm)

    for k, made in enumerate(net.layers):
        after = []
        for i in range(made.shape[0]):
            row = made.row(i)
            value = Fraction(made.bias[i]) + sum(w * values[k][j] for j, w in row)
            gradient = [sum((w * gradients[j][d] for j, w in row), Fraction(0)) for d in range(len(point))]
            if made.relu:
                limit(abs(value), gradient)
                # At 0 a neuron counts as on.
                gradient = gradient if value >= 0 else [Fraction(0)] * len(point)
            after.append(gradient)
        gradients = after
    outputs = values[-1]
    if rule == "equal":
        limit(Fraction(0), gradients[0])
    elif rule == "sign":
        limit(abs(outputs[0]), gradients[0])
    else:
        y = int(label)
        for k in range(len(outputs)):
            if k != y:
                lead = [a - b for a, b in zip(gradients[y], gradients[k], strict=True)]
                limit(outputs[y] - outputs[k], lead)
    return min(limits, default=None)
