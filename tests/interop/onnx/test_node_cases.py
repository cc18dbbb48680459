"""The onnx package's own cases of every operator that is lowered: agreement within float error.

They are no judge: their outputs are floats. Each is run twice: on constants alone, and with one input as
the model's, the others as stored weights, where that keeps the batch.
"""

import warnings
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx.backend.test.loader import load_model_tests
from onnx_models import onnx

from memcert.errors import MemcertError
from memcert.interop.forms import Form
from memcert.interop.onnx.graph import read_graph
from memcert.interop.onnx.operators import TABLE
from memcert.interop.onnx.walk import walked
from memcert.interop.preprocessing import Affine

SMALL = 2_000
"""Most elements of an input; a few cases are large to no purpose."""
REASONS = (
    *("batch", "is not a rational number", "is not the square of a rational", "only inference"),
    *("further outputs", "not piecewise linear", "depends on the", "of no element"),
    *(
        "expected finite numbers",
        "element type",
        "opset 1: expected 7",
        "a whole one up to",
        "known dimensions",
    ),
    *("expected one version of the ONNX operators", "expected a tensor of numbers", "does not become"),
    *("expected a list of integers", "holds no value"),
    *("two dimensions", "tensor of numbers", "does not fit element type", "rounds to infinity"),
)
"""Why a case may be refused."""


def cases() -> Iterator[tuple[str, Any, list[Any], list[Any]]]:
    """Yield name, model, inputs and outputs of every case whose operators are lowered."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = load_model_tests(kind="node")
    for case in found:
        assert case.model is not None
        assert case.data_sets is not None
        if {node.op_type for node in case.model.graph.node} <= {*TABLE, "Constant"}:
            inputs, outputs = case.data_sets[0]
            plain = [np.asarray(x) for x in (*inputs, *outputs)]
            if all(x.dtype.kind in "fiub" and x.size <= SMALL for x in plain):
                yield case.name, case.model, plain[: len(inputs)], plain[len(inputs) :]


def stored(proto: Any, inputs: list[Any], left: int | None) -> Any:
    """Return the model with all inputs but one stored as weights."""
    made = onnx.ModelProto()
    made.CopyFrom(proto)
    for place, (value, array) in enumerate(zip(proto.graph.input, inputs, strict=True)):
        if place != left:
            made.graph.initializer.append(onnx.numpy_helper.from_array(array, value.name))
    return made


def alone(proto: Any, inputs: list[Any], left: int) -> Any:
    """Return the model with that input alone, under one dimension more, which is a batch of one."""
    made = stored(proto, inputs, left)
    name, shape = made.graph.input[left].name, inputs[left].shape
    made.graph.initializer.append(onnx.numpy_helper.from_array(np.array(shape, "i8"), "its shape"))
    made.graph.node.insert(0, onnx.helper.make_node("Reshape", ["x alone", "its shape"], [name]))
    kind = made.graph.input[left].type.tensor_type.elem_type
    made.graph.input[left].CopyFrom(onnx.helper.make_tensor_value_info("x alone", kind, [1, *shape]))
    return made


def agrees(found: list[Any], expected: Any) -> bool:
    """Say whether numbers are the expected floats, up to rounding."""
    tolerance = 3e-3 if expected.dtype.itemsize < 4 else 1e-5
    flat = np.asarray(expected, dtype=float).ravel()
    return len(found) == len(flat) and np.allclose([float(x) for x in found], flat, rtol=tolerance, atol=1e-4)


def at(form: Form, atoms: list[Fraction]) -> Fraction:
    """Return a form's value."""
    total = sum((weight * atoms[atom] for atom, weight in form.terms.items()), Fraction(form.constant))
    return total / form.denominator


def values(found: Any, row: Any) -> list[Any]:
    """Return what a circuit makes of a row; its neurons are evaluated one after the other."""
    atoms = [Fraction(float(x)) for x in row.ravel()]
    for neuron in found.circuit.neurons:
        atoms.append(max(Fraction(0), at(neuron, atoms)))
    return [at(form, atoms) for form in found.result.forms()]


def test_the_cases_of_the_onnx_package_agree_within_float_error() -> None:
    counts: Counter[str] = Counter()
    unknown: list[str] = []
    for name, proto, inputs, outputs in cases():
        free = [k for k, x in enumerate(inputs) if x.ndim > 1 and x.dtype.kind == "f" and x.size]
        for left in (None, *free):
            content = stored(proto, inputs, left).SerializeToString()
            for value, expected in zip(proto.graph.output, outputs, strict=True):
                try:
                    found = walked(read_graph(content, output=value.name), Affine())
                except MemcertError as error:
                    counts["refused"] += 1
                    unknown += [f"{name}: {error}"] * (not any(reason in str(error) for reason in REASONS))
                    continue
                if left is None:
                    assert found.result.shape == expected.shape, name
                    assert agrees(found.result.values.ravel().tolist(), expected), name
                elif found.result.data and len(inputs[left]) == 1:
                    assert found.result.shape == expected.shape, f"{name}, input {left}"
                    assert agrees(values(found, inputs[left]), expected), f"{name}, input {left}"
                elif found.result.data:
                    # The first and the last row; the expected ones stand in a batch.
                    for k in {0, len(inputs[left]) - 1}:
                        assert agrees(values(found, inputs[left][k]), expected[k]), f"{name}, input {left}"
                counts["constants" if left is None else "data"] += 1
    assert not unknown
    assert counts["constants"] > 500
    assert counts["data"] > 180


def test_the_cases_in_a_batch_of_one_agree_in_every_dimension() -> None:
    counts: Counter[str] = Counter()
    unknown: list[str] = []
    for name, proto, inputs, outputs in cases():
        for left in [k for k, x in enumerate(inputs) if x.dtype.kind == "f" and x.size and x.ndim]:
            content = alone(proto, inputs, left).SerializeToString()
            for value, expected in zip(proto.graph.output, outputs, strict=True):
                try:
                    found = walked(read_graph(content, output=value.name), Affine())
                except MemcertError as error:
                    counts["refused"] += 1
                    unknown += [f"{name}: {error}"] * ("the batch" in str(error))
                    continue
                assert found.result.shape == expected.shape, f"{name}, input {left}"
                assert agrees(values(found, inputs[left]), expected), f"{name}, input {left}"
                counts["data"] += found.result.data
    assert not unknown
    assert counts["data"] > 380
