"""Guesses decide in which order bases are tried, and nothing else."""

from fractions import Fraction

import numpy as np
import pytest
from strategies import layer

from memcert.exact.slices import plan as planning
from memcert.exact.slices.cutting import stage_of
from memcert.exact.slices.plan import plan
from memcert.exact.slices.scaled import Scaled
from memcert.exact.slices.stage import Signals, Stage
from memcert.kernel.network import Layer, Network


def dense(generator: np.random.Generator, inputs: int, outputs: int) -> Layer:
    """A layer of weights of 24 bits, of one power of two."""
    numerators = (generator.integers(-(2**23), 2**23, (outputs, inputs)) * 2 + 1).tolist()
    return layer([[Fraction(n, 2**30) for n in row] for row in numerators], [0] * outputs, relu=True)


@pytest.fixture(scope="module")
def wide() -> Network:
    """4-160-128: the second layer has too many weights of 24 bits for digits of 24."""
    generator = np.random.default_rng(3)
    return Network(4, (dense(generator, 4, 160), dense(generator, 160, 128)))


def tried(network: Network, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Plan a network; return the base of each stage that was planned, or refused."""
    bases = []

    def watched(layer: Scaled, before: Signals, base: int, *, relu: bool) -> Stage:
        bases.append(base)
        return stage_of(layer, before, base, relu=relu)

    monkeypatch.setattr(planning, "stage_of", watched)
    plan(network, [255] * network.input_size, 1)
    return bases


def test_a_base_that_some_rows_rule_out_is_not_tried_on_all_of_them(
    wide: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as unguessed:
        unguessed.setattr(planning, "seems_hopeless", lambda *_: False)
        first, *others = tried(wide, unguessed)
    assert first == 24
    assert others[-1] < 24
    assert set(tried(wide, monkeypatch)) == {others[-1]}


def test_bases_that_seem_hopeless_are_tried_in_the_end(
    wide: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = plan(wide, [255] * 4, 1).base
    monkeypatch.setattr(planning, "seems_hopeless", lambda *_: True)
    assert plan(wide, [255] * 4, 1).base == expected
