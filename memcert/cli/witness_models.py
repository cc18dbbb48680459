"""Models for `memcert witness`: the exact network, and beside it the same graph in floats, when asked for.

UNTRUSTED.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memcert.interop.import_options import ImportOptions
    from memcert.interop.imported import Imported
    from memcert.witnesses.prepared import Prepared, Runner


def prepared(path: str, options: "ImportOptions") -> tuple["Imported", "Prepared"]:
    """Read a model with all its outputs.

    Args:
        path: of the file; it is read again if it is asked for in floats.
        options: how to read it.

    Raises:
        MemcertError: as `read_model`.
    """
    from memcert.interop.models import read_model
    from memcert.witnesses.prepared import Prepared

    imported = read_model(path, None, options)

    def run(kind: str) -> "Runner":
        from memcert.semantics.models import read_program
        from memcert.semantics.points import PointRunner

        return PointRunner(read_program(path, imported.model, options), kind)

    return imported, Prepared(imported.network, run)
