"""Programs of small models, and what they give at one point."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from onnx_models import saved

from memcert.interop.import_options import ImportOptions
from memcert.interop.models import read_model
from memcert.kernel.certificate import Number
from memcert.semantics.models import read_program
from memcert.semantics.points import PointRunner
from memcert.semantics.precision import Precision
from memcert.semantics.program import Program


def program_at(path: str, options: ImportOptions | None = None) -> Program:
    """Return the program of a model file."""
    asked = options or ImportOptions()
    return read_program(path, read_model(path, None, asked).model, asked)


def program_of(proto: Any, folder: Path, preprocess: str | None = None) -> Program:
    """Return an ONNX model's program."""
    return program_at(saved(proto, folder), ImportOptions(preprocess=preprocess))


def sequential_outputs(
    program: Program, point: Sequence[Number], precision: Precision
) -> list[Number | None]:
    """Return the outputs in the sequential order; None: infinite, or no number."""
    return PointRunner(program, precision.name).outputs(point)
