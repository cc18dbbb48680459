"""Small random convolutions, lowered to sparse layers by hand."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from strategies import layer

from memcert.kernel.network import Layer, Network


def convolution_layer(generator: np.random.Generator, channels: Sequence[int], side: int) -> Layer:
    """Return a padded 3 x 3 convolution with ReLU on side x side images; float32 numbers, some are 0."""
    inputs, outputs = channels
    kernel = generator.normal(size=(outputs, inputs, 3, 3)).astype(np.float32)
    kernel[generator.random(kernel.shape) < 0.1] = 0
    bias = (generator.normal(size=outputs) * 0.2).astype(np.float32)
    rows = []
    for o in range(outputs):
        for y in range(side):
            for x in range(side):
                row = [Fraction(0)] * (inputs * side * side)
                for i in range(inputs):
                    for dy in (-1, 0, 1):
                        for dx in (-1, 0, 1):
                            if 0 <= y + dy < side and 0 <= x + dx < side:
                                weight = float(kernel[o, i, dy + 1, dx + 1])
                                row[(i * side + y + dy) * side + x + dx] = Fraction(weight)
                rows.append(row)
    return layer(rows, np.repeat([Fraction(float(b)) for b in bias], side * side).tolist(), relu=True)


def convolution_network(seed: int, channels: Sequence[int], side: int, classes: int = 3) -> Network:
    """Return convolutions, one after another, and a dense layer."""
    generator = np.random.default_rng(seed)
    layers = [convolution_layer(generator, pair, side) for pair in pairwise(channels)]
    width = channels[-1] * side * side
    dense = (generator.normal(size=(classes, width)) / width**0.5).astype(np.float32)
    rows = [[Fraction(float(w)) for w in row] for row in dense]
    return Network(channels[0] * side * side, (*layers, layer(rows, [Fraction(0)] * classes, relu=False)))
