"""Piecewise linear activations, each in one or two ReLU neurons.

UNTRUSTED.
"""

from memcert.interop.forms import Form, constant_form
from memcert.interop.onnx.nodes import Node, float32
from memcert.interop.sharing import absolute, extreme, scaled
from memcert.interop.tensors import Tensor, lifted
from memcert.kernel.certificate import Number


def relu(node: Node) -> Tensor:
    """Lower Relu. Raises: UnsupportedError, UndecidedError."""
    node.real(node.input(0))
    return node.each(node.input(0), node.circuit.relu)


def abs_(node: Node) -> Tensor:
    """Lower Abs: |x| = relu(x) + relu(-x). Raises: UnsupportedError, UndecidedError."""
    node.real(node.input(0))
    return node.each(node.input(0), lambda form: absolute(node.circuit, form))


def leaky_relu(node: Node) -> Tensor:
    """Lower LeakyRelu: relu(x) - alpha relu(-x). Raises: UnsupportedError, UndecidedError, ModelError."""
    slope = node.number("alpha", float32(1, 100))
    node.real(node.input(0))
    return node.each(node.input(0), lambda form: _sloped(node, form, slope))


def _sloped(node: Node, form: Form, slope: Number) -> Form:
    circuit = node.circuit
    below = circuit.relu(scaled(circuit, -1, form))
    return circuit.combined(((1, circuit.relu(form)), (-slope, below)))


def p_relu(node: Node) -> Tensor:
    """Lower PRelu with constant slopes. Raises: UnsupportedError, UndecidedError, ModelError."""
    x, slopes = node.input(0), node.constant(1)
    node.real(x)
    made = node.broadcast((x, slopes), lambda form, slope: _sloped(node, lifted(form), lifted(slope).value))
    if made.shape != x.shape:
        node.wrong(f"slopes of shape {list(slopes.shape)} do not fit {list(x.shape)}")
    return made


def hard_sigmoid(node: Node) -> Tensor:
    """Lower HardSigmoid: max(0, min(1, alpha x + beta)). Raises: as LeakyRelu."""
    alpha, beta = node.number("alpha", float32(1, 5)), node.number("beta", float32(1, 2))
    node.real(node.input(0))
    circuit = node.circuit
    return node.each(
        node.input(0), lambda form: clipped(node, circuit.combined(((alpha, form),), beta), 0, 1)
    )


def clip(node: Node) -> Tensor:
    """Lower Clip: min(max(x, low), high), also where low > high. Raises: as LeakyRelu."""
    if node.version < _BOUNDS_AS_INPUTS:
        low, high = (node.number(name, 0) if name in node.attributes else None for name in ("min", "max"))
    else:
        low, high = _bound(node, 1), _bound(node, 2)
    node.real(node.input(0))
    return node.each(node.input(0), lambda form: clipped(node, form, low, high))


_BOUNDS_AS_INPUTS = 11


def _bound(node: Node, place: int) -> Number | None:
    if node.optional(place) is None:
        return None
    values = node.constant(place).values.ravel().tolist()
    if len(values) != 1:
        node.wrong(f"expected one bound, got {len(values)}")
    number: Number = values[0]
    return number


def clipped(node: Node, form: Form, low: Number | None, high: Number | None) -> Form:
    """Return min(max(form, low), high); None: no bound. Raises: UndecidedError, by size."""
    circuit = node.circuit
    if low is not None and high is not None and low > high:
        return constant_form(high)
    if low is None and high is None:
        return form
    if low is None:
        below = circuit.relu(circuit.combined(((-1, form),), high or 0))
        return circuit.combined(((-1, below),), high or 0)
    parts: list[tuple[Number, Form]] = [(1, circuit.relu(circuit.combined(((1, form),), -low)))]
    if high is not None:
        parts.append((-1, circuit.relu(circuit.combined(((1, form),), -high))))
    return circuit.combined(parts, low)


def max_(node: Node) -> Tensor:
    """Lower Max of any number of tensors. Raises: UnsupportedError, ModelError, UndecidedError."""
    return _extreme(node, 1)


def min_(node: Node) -> Tensor:
    """Lower Min of any number of tensors. Raises: UnsupportedError, ModelError, UndecidedError."""
    return _extreme(node, -1)


def _extreme(node: Node, sign: int) -> Tensor:
    tensors = node.all()
    node.real(*tensors)
    if not tensors:
        node.wrong("expected at least one input")
    if not any(tensor.data for tensor in tensors):
        act = max if sign > 0 else min
        return node.broadcast(tensors, lambda *xs: act(xs))
    return node.broadcast(tensors, lambda *forms: extreme(node.circuit, forms, sign))
