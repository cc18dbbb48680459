"""A whole network as SMT-LIB 2: QF_LRA, exact rationals, one variable for each value of each neuron.

UNTRUSTED. No text of a certificate gets into the file: names are numbered, and numbers are printed anew.
"""

from collections.abc import Iterator, Sequence

from memcert.contracts.smtlib import number
from memcert.kernel.certificate import Number
from memcert.kernel.data import network_digest
from memcert.kernel.network import Network


def smtlib_lines(network: Network) -> Iterator[str]:
    """Yield the lines, with their ends.

    x0, x1, .. are the inputs, y0, y1, .. the outputs; z<l>_<i> is neuron i of layer l before its ReLU and
    h<l>_<i> after it. Add what is asked, and (check-sat): the file alone is satisfiable, by every input.

    Args:
        network: any.

    Cost: linear in the nonzero weights; nothing is held but a line.

    Raises:
        never.
    """
    outputs = network.layers[-1].shape[0]
    yield "; A ReLU network over the rationals, exactly.\n"
    yield f"; network digest {network_digest(network)}\n"
    yield f"; inputs x0 .. x{network.input_size - 1}, outputs y0 .. y{outputs - 1}\n"
    yield "(set-logic QF_LRA)\n"
    yield from (f"(declare-const x{j} Real)\n" for j in range(network.input_size))
    before = [f"x{j}" for j in range(network.input_size)]
    for depth, layer in enumerate(network.layers):
        last = depth == len(network.layers) - 1
        after = []
        for i, bias in enumerate(layer.bias):
            final = f"y{i}" if last else f"h{depth}_{i}"
            linear = f"z{depth}_{i}" if layer.relu else final
            after.append(final)
            yield f"(declare-const {linear} Real)\n"
            yield f"(assert (= {linear} {_sum(layer.row(i), bias, before)}))\n"
            if layer.relu:
                yield f"(declare-const {final} Real)\n"
                yield f"(assert (= {final} (ite (>= {linear} 0.0) {linear} 0.0)))\n"
        before = after


def _sum(row: Sequence[tuple[int, Number]], bias: Number, before: Sequence[str]) -> str:
    parts = [before[j] if weight == 1 else f"(* {number(weight)} {before[j]})" for j, weight in row]
    if bias or not parts:
        parts.append(number(bias))
    return parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"
