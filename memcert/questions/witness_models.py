"""Models for `memcert witness`: the exact network, and beside it the same graph in floats, when asked for.

UNTRUSTED.
"""

from memcert.interop.import_options import ImportOptions
from memcert.interop.imported import Imported
from memcert.interop.models import read_model
from memcert.interop.onnx.ports import Port, Ports
from memcert.semantics.models import read_program
from memcert.semantics.points import PointRunner
from memcert.witnesses.prepared import Prepared, Runner
from memcert.witnesses.specification import Wanted


def prepared(path: str, options: ImportOptions, wanted: Wanted | None = None) -> tuple[Imported, Prepared]:
    """Read a model with all its outputs.

    Args:
        path: of the file; it is read again if it is asked for in floats.
        options: how to read it.
        wanted: several tensors that are meant together; None: the input and the output.

    Raises:
        MemcertError: as `read_model`.
    """
    ports = None
    if wanted is not None:
        ports = Ports(*(tuple(Port(*tensor) for tensor in side) for side in wanted))
    imported = read_model(path, None, options, ports=ports)

    def run(kind: str) -> Runner:
        return PointRunner(read_program(path, imported.model, options, ports), kind)

    return imported, Prepared(imported.network, run)
