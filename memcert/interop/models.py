"""Models by their kind of file: the one way in for every command that takes a MODEL.

UNTRUSTED.
"""

from dataclasses import dataclass

from memcert.interop.imported import Imported
from memcert.interop.onnx_model import read_onnx
from memcert.interop.preprocessing import affine


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a model is to be read, as it was asked for; a certificate records what was given.

    Args:
        output: the name of the output that is meant, where there are several.
        preprocess: a formula such as `x/255`, applied to every coordinate first.
    """

    output: str | None = None
    preprocess: str | None = None


def read_model(path: str, rule: str, options: ImportOptions) -> Imported:
    """Read a model file and lower it exactly.

    Args:
        path: of the model.
        rule: what the outputs are compared by; `argmax` lets a last Softmax or ArgMax go.
        options: how to read it.

    Raises:
        UsageError: it cannot be opened, or an option does not fit it.
        ModelError: it is damaged.
        UnsupportedError: what cannot be exact, or is not known; an extra is missing.
        UndecidedError: it is too large.
    """
    preprocess = None if options.preprocess is None else affine(options.preprocess)
    return read_onnx(path, rule, output=options.output, preprocess=preprocess)
