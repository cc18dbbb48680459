"""An ONNX file as an exact network: read as a graph, walked, lowered. Needs the extra `onnx`.

UNTRUSTED.
"""

from collections.abc import Sequence
from typing import Any

from memcert.datasets.whole_rows import WholeRows
from memcert.errors import UnsupportedError, UsageError
from memcert.interop.imported import Imported
from memcert.interop.lowering import LOWERING, lowered
from memcert.interop.onnx.graph import Graph, read_graph
from memcert.interop.onnx.inputs import Dimension, shape_text
from memcert.interop.onnx.last_nodes import decided, notes
from memcert.interop.onnx.normalization import FORMATS
from memcert.interop.onnx.ports import Ports
from memcert.interop.onnx.walk import Walked, walked
from memcert.interop.preprocessing import Affine
from memcert.interop.stored_tensors import FLOATS, KIND_NAMES, whole_range
from memcert.kernel.certificate import Model
from memcert.kernel.verdict import shown


def read_onnx(
    path: str,
    rule: str | None,
    *,
    output: str | None = None,
    preprocess: Affine | None = None,
    input_shape: Sequence[Dimension] | None = None,
    fold_batchnorm: str | None = None,
    lowering: int = LOWERING,
    content: bytes | None = None,
    ports: Ports | None = None,
) -> Imported:
    """Read an ONNX file and lower it exactly.

    Args:
        path: of the model; external data are read from its folder.
        rule: what the outputs are compared by; it says which last nodes may go (see `last_nodes`). None:
            every value of the output is kept, in row-major order, and no node goes.
        output: the name of the output that is meant, where there are several.
        preprocess: applied to every coordinate first.
        input_shape: of the input, batch first, where the file leaves dimensions open.
        fold_batchnorm: `float32` or `float64`: round what is irrational in BatchNormalization to it.
        lowering: the version that makes the network.
        content: the bytes of the file, where they were read already.
        ports: several inputs, outputs or named values that are meant together; see `read_graph`.

    Raises:
        UsageError: it cannot be opened, has not exactly one output and none was named, or an option
            does not fit it.
        ModelError: it is damaged.
        UnsupportedError: an operator, type or opset that is not lowered; the extra is missing.
        UndecidedError: it is too large.
    """
    if fold_batchnorm not in (None, *FORMATS):
        raise UsageError(f"--fold-batchnorm: expected one of {sorted(FORMATS)}, got {shown(fold_batchnorm)}")
    graph = read_graph(path, output=output, input_shape=input_shape, content=content, ports=ports)
    found = walked(graph, preprocess or Affine(), fold_batchnorm)
    if not found.result.data:
        raise UnsupportedError("the model's output does not depend on its input")
    network = lowered(found.circuit, decided(found.result, rule), lowering)
    options = {
        "preprocess": str(preprocess) if preprocess else None,
        "output": output,
        "input_shape": None if input_shape is None else shape_text(input_shape),
        "fold_batchnorm": fold_batchnorm,
    }
    given: dict[str, Any] = {key: value for key, value in options.items() if value is not None}
    told = (*graph.notes, *_notes(graph, found), *notes(found.result.mark, rule))
    model = Model(graph.name, f"ONNX, opset {graph.opset}", graph.files(), LOWERING, given, told)
    return Imported(network, model, takes=_takes(graph, preprocess or Affine()))


def _takes(graph: Graph, preprocess: Affine) -> WholeRows | None:
    given = graph.input
    if given is None or given.kind in FLOATS:
        return None
    # Of whole numbers alone, which the walk has confirmed.
    pairs = [(int(factor), int(shift)) for factor, shift in preprocess.coefficients(given.shape[1:])]
    return WholeRows(KIND_NAMES[given.kind], *whole_range(given.kind), pairs)


def _notes(graph: Graph, found: Walked) -> tuple[str, ...]:
    made = []
    if graph.input is not None and graph.input.kind not in FLOATS:
        low, high = whole_range(graph.input.kind)
        made.append(
            f"the model takes integers from {low} to {high}; what is said of points between is the network's"
        )
    if found.unlike:
        more = f" and {len(found.unlike) - 1:,} others" if len(found.unlike) > 1 else ""
        made.append(
            f"{found.unlike[0]}{more}: inputs of two element types, where ONNX wants one; the exact numbers "
            "are the same, but runtimes refuse such a file"
        )
    if found.rounded:
        made.append(
            f"this speaks of the folded network: {found.rounded} coefficients of BatchNormalization, in "
            f"{found.channels} channels, were rounded, as scale/sqrt(var + epsilon) is irrational there"
        )
    return tuple(made)
