"""An ONNX file as an exact network: read as a graph, walked, lowered. Needs the extra `onnx`.

UNTRUSTED.
"""

from collections.abc import Sequence
from typing import Any

from memcert.errors import UnsupportedError
from memcert.interop.chain import confirm_outputs
from memcert.interop.forms import Form
from memcert.interop.imported import Imported
from memcert.interop.lowering import LOWERING, lowered
from memcert.interop.onnx.graph import read_graph
from memcert.interop.onnx.last_nodes import Tail, without_tail
from memcert.interop.onnx.walk import walked
from memcert.interop.preprocessing import Affine
from memcert.interop.tensors import Tensor
from memcert.kernel.certificate import Model


def read_onnx(
    path: str,
    rule: str | None,
    *,
    output: str | None = None,
    preprocess: Affine | None = None,
    lowering: int = LOWERING,
) -> Imported:
    """Read an ONNX file and lower it exactly.

    Args:
        path: of the model; external data are read from its folder.
        rule: what the outputs are compared by; `argmax` lets a last Softmax or ArgMax go. None: nothing
            is compared, so that every value of the output is kept, in row-major order, and no node goes.
        output: the name of the output that is meant, where there are several.
        preprocess: applied to every coordinate first.
        lowering: the version that makes the network.

    Raises:
        UsageError: it cannot be opened, or has not exactly one output and none was named.
        ModelError: it is damaged.
        UnsupportedError: an operator, type or opset that is not lowered; the extra is missing.
        UndecidedError: it is too large.
    """
    graph = read_graph(path, output=output)
    tail = without_tail(graph) if rule == "argmax" else Tail(graph.output, ())
    circuit, result = walked(graph, preprocess or Affine(), tail.name)
    tail.confirm(result, graph.opset)
    network = lowered(circuit, _output_forms(result, rule), lowering)
    options = {"preprocess": str(preprocess) if preprocess else None, "output": output}
    given: dict[str, Any] = {key: value for key, value in options.items() if value is not None}
    notes = (*graph.notes, *tail.notes())
    model = Model(graph.name, f"ONNX, opset {graph.opset}", graph.files(), LOWERING, given, notes)
    return Imported(network, model)


def _output_forms(result: Tensor, rule: str | None) -> Sequence[Form]:
    if not result.data:
        raise UnsupportedError("the model's output does not depend on its input")
    forms = result.forms()
    if not forms:
        raise UnsupportedError(f"the model's output of shape {list(result.shape)} holds no value")
    if rule is None:
        return forms
    if sum(n != 1 for n in result.shape) > 1:
        raise UnsupportedError(f"expected an output of one value a class, got the shape {list(result.shape)}")
    confirm_outputs(len(forms), rule)
    return forms
