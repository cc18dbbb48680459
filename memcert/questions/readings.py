"""A model as it was read: from where, how, and what came of it.

UNTRUSTED.
"""

from dataclasses import dataclass, field
from os import PathLike, fspath

from memcert.interop.import_options import ImportOptions
from memcert.interop.imported import Imported
from memcert.interop.models import read_any


@dataclass(frozen=True, slots=True)
class Reading:
    """A model made elsewhere, with what it takes to read it again.

    Args:
        source: the path of a file, or a fitted network of scikit-learn itself.
        options: how it was read.
        imported: what was read.
    """

    source: object = field(repr=False)
    options: ImportOptions
    imported: Imported


def read_model(source: object, rule: str | None, options: ImportOptions) -> Reading:
    """Read a model file and lower it exactly, or take a fitted network of scikit-learn.

    Args:
        source: a path, or the object.
        rule: what the outputs are compared by.
        options: how to read it; of an object, `preprocess` alone.

    Raises:
        MemcertError: as `memcert.interop.models.read_model`.
    """
    known = str(fspath(source)) if isinstance(source, str | PathLike) else source
    return Reading(known, options, read_any(known, rule, options))
