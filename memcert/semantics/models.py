"""The program of a model file: of an ONNX graph, node by node, or of a chain, layer by layer.

UNTRUSTED.
"""

from memcert.errors import UnsupportedError, UsageError
from memcert.interop.import_options import ImportOptions
from memcert.interop.models import read_chain
from memcert.interop.onnx.graph import read_graph
from memcert.interop.onnx.inputs import read_shape
from memcert.interop.onnx.ports import Ports
from memcert.interop.preprocessing import affine
from memcert.interop.sklearn_mlp import fitted_of
from memcert.kernel.certificate import Model, ModelFile
from memcert.kernel.verdict import shown
from memcert.semantics.chains import chained
from memcert.semantics.compiling import compiled
from memcert.semantics.operators import ACTS
from memcert.semantics.program import Program


def read_program(
    path: str, model: Model, options: ImportOptions, ports: Ports | None = None, *, rule: str | None = None
) -> Program:
    """Read a model file as a program of float operations.

    Args:
        path: of the file.
        model: what the exact import says of it.
        options: of that import.
        ports: of that import.
        rule: what the outputs are compared by, as in that import.

    Raises:
        UnsupportedError: a node's arithmetic is not known here.
        UsageError: it is not the file that was imported any more.
        ModelError, UsageError, UndecidedError: as the exact import.
    """
    preprocess = None if options.preprocess is None else affine(options.preprocess)
    if not model.format.startswith("ONNX"):
        file, chain = read_chain(path, rule, options)
        program = chained(chain, preprocess)
        _confirm((file,), model)
        return program
    if options.fold_batchnorm is not None:
        raise UnsupportedError(
            "--semantics: the exact verdicts speak of a network whose BatchNormalization was folded and "
            "rounded, which is not what the file computes"
        )
    shape = None if options.input_shape is None else read_shape(options.input_shape)
    graph = read_graph(path, output=options.output, input_shape=shape, ports=ports)
    program = compiled(graph, preprocess, ACTS)
    _confirm(graph.files(), model)
    return program


def program_of_object(model: object, options: ImportOptions) -> Program:
    """Return a fitted network of scikit-learn as a program of float operations.

    Args:
        model: as the exact import takes it.
        options: of that import.

    Raises:
        UnsupportedError, ModelError, UsageError: as the exact import.
    """
    preprocess = None if options.preprocess is None else affine(options.preprocess)
    return chained(fitted_of(model).chain, preprocess)


def _confirm(files: tuple[ModelFile, ...], model: Model) -> None:
    imported = {file.name: file.digest for file in model.files}
    for file in files:
        if imported.get(file.name, file.digest) != file.digest:
            raise UsageError(
                f"{shown(file.name)}: changed while it was read: it is not what the verdicts are of"
            )
