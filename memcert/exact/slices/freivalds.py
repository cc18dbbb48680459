"""Every layer confirmed modulo a prime, in int64 and without BLAS: the check of `--paranoid`.

UNTRUSTED. Source: R. Freivalds, Probabilistic machines can use less running time, IFIP 1977. For
sums Z = W H + b that are wrong, Z r = W (H r) + b (1.r) holds for a random r modulo p with
probability at most 1/p. Slicing, products and carries are covered, for W and b are taken from the
exact rationals; that ReLU reads signs from digits is not.
"""

import secrets
from collections.abc import Sequence

import numpy as np

from memcert.errors import UndecidedError
from memcert.exact.slices.digits import Array, Dyadics
from memcert.exact.slices.places import Places
from memcert.exact.slices.plan import Plan
from memcert.exact.slices.scaled import Scaled
from memcert.exact.slices.stage import Signals, Stage

PRIME = (1 << 31) - 1
"""Products of two residues are below 2**62."""


class Freivalds:
    """Confirms the sums of each layer of each chunk, before ReLU; as the runner's `watch`."""

    def __init__(self, plan: Plan, layers: Sequence[Scaled]) -> None:
        """Take the weights of all layers modulo the prime.

        Args:
            plan: that is run.
            layers: of the same network, scaled as the plan's are.
        """
        self.base = plan.base
        self.inputs = plan.inputs
        self.layers = layers
        self.weights = [residues(layer.weights) for layer in layers]
        self.biases = [_column(layer) for layer in layers]

    def __call__(self, number: int, stage: Stage, before: Places, sums: Places) -> None:
        """Confirm one layer.

        Raises:
            UndecidedError: its sums are wrong.
        """
        random = np.random.default_rng(secrets.randbits(128))
        vector = random.integers(0, PRIME, before.full.shape[2])
        inputs = self._dotted(stage.before, before, vector)
        layer = self.layers[number]
        if number == 0 and self.inputs is not None:
            # Coordinates that are 0 in every row were left out.
            whole = np.zeros(layer.shape[1], dtype=np.int64)
            whole[self.inputs] = inputs
            inputs = whole
        expected = self.biases[number] * (int(vector.sum()) % PRIME) % PRIME
        np.add.at(expected, layer.rows, self.weights[number] * inputs[layer.columns] % PRIME)
        wrong = np.flatnonzero(self._dotted(stage.after, sums, vector) != expected % PRIME)
        if len(wrong):
            raise UndecidedError(
                f"layer {number}, neuron {wrong[0]}: the float64 products are wrong modulo {PRIME}: this "
                "machine or its BLAS does not multiply as IEEE binary64 does"
            )

    def _dotted(self, signals: Signals, places: Places, vector: Array) -> Array:
        # For each neuron its values times the vector, over the rows.
        total = np.zeros(len(signals.lowest), dtype=np.int64)
        count = len(places.thin) + len(places.full)
        for place in range(count):
            digits = places.at(place)
            if digits is None:
                continue
            dotted = (digits.astype(np.int64) % PRIME * vector % PRIME).sum(axis=1) % PRIME
            dotted = dotted * pow(2, signals.exponent + self.base * place, PRIME) % PRIME
            if place < len(signals.thin):
                total[signals.thin[place]] += dotted
            else:
                total += dotted
        return total % PRIME


def residues(numbers: Dyadics) -> Array:
    """Return odd * 2**power modulo the prime. Raises: never."""
    powers = {power: pow(2, power, PRIME) for power in set(numbers.power.tolist())}
    factors = np.array([powers[power] for power in numbers.power.tolist()], dtype=np.int64)
    return (numbers.odd % PRIME).astype(np.int64) * factors % PRIME


def _column(layer: Scaled) -> Array:
    column = np.zeros(layer.shape[0], dtype=np.int64)
    column[layer.bias_rows] = residues(layer.biases)
    return column
