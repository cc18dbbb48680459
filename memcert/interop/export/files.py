"""A network written as a file, its kind told by the ending: `.onnx`, `.smt2`, `.smt2.gz`.

UNTRUSTED.
"""

from pathlib import Path

from memcert.errors import UnsupportedError, UsageError
from memcert.formats.atomic import atomic_write
from memcert.interop.export.floats import Rounded, rounded
from memcert.interop.export.onnx_file import onnx_bytes
from memcert.interop.export.smtlib import smtlib_lines
from memcert.kernel.network import Network
from memcert.kernel.verdict import shown


def smtlib_wanted(path: Path) -> bool:
    """Return whether the name asks for SMT-LIB; else it asks for ONNX. Raises: UsageError, for neither."""
    if path.name.endswith((".smt2", ".smt2.gz")):
        return True
    if not path.name.endswith(".onnx"):
        raise UsageError(
            f"--output: expected a name that ends in .onnx, .smt2 or .smt2.gz, got {shown(path.name)}"
        )
    return False


def exact_or_rounded(network: Network, kind: str, *, rounding: bool) -> Rounded:
    """Return the network in floats.

    Args:
        network: any.
        kind: float32 or float64.
        rounding: whether weights may be rounded.

    Raises:
        UnsupportedError: the first weight that is no such float, if none may be rounded, or is beyond it.
    """
    made = rounded(network, kind)
    if made.first is not None and not rounding:
        raise UnsupportedError(
            f"{made.first}: expected a number that {kind} can hold, got the first of {made.changed:,} that "
            "it cannot; --rounded writes the nearest and runs the samples again, .smt2 holds every number"
        )
    return made


def write_network(
    network: Network, path: Path, kind: str = "float64", *, rounding: bool = False
) -> Rounded | None:
    """Write a network under a temporary name until it is whole.

    Args:
        network: any.
        path: its ending tells the kind of file.
        kind: of the weights, for ONNX.
        rounding: whether weights may be rounded, for ONNX.

    Returns:
        What an ONNX file holds; None for SMT-LIB, which holds every number.

    Raises:
        UsageError: another ending, or no file can be made there.
        UnsupportedError: as `exact_or_rounded`; the extra is missing.
        UndecidedError: the dense weights are too large. OSError: writing failed.
    """
    if smtlib_wanted(path):
        with atomic_write(path) as text:
            text.writelines(smtlib_lines(network))
        return None
    made = exact_or_rounded(network, kind, rounding=rounding)
    content = onnx_bytes(made.network, kind)
    with atomic_write(path, "bytes") as file:
        file.write(content)
    return made
