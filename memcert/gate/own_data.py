"""The repository's own data, as a rule of the policy names them.

UNTRUSTED.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from memcert.errors import DatasetError
from memcert.findings import Place
from memcert.gate.demands import Binding
from memcert.gate.discovery import inside
from memcert.gate.places import line_of_message
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.datasets.dataset import Dataset

BUNDLED = "sklearn:"
"""What the name of data starts with that no file holds."""


def own_data(binding: Binding, *, values: bool) -> "Dataset":
    """Return the data of a binding, read below the current folder.

    Args:
        binding: file and options.
        values: labels are numbers, and no names of classes.

    Raises:
        MemcertError: they cannot be read, or lie outside; the message names the line.
    """
    from memcert.api import read_dataset
    from memcert.datasets.labels import valued

    for name in files_of(binding):
        inside(Path.cwd(), name)
    data = read_dataset(
        binding.data,
        label=binding.label,
        labels=binding.labels,
        header=binding.header,
        delimiter=binding.delimiter,
        consistent=False,
    )
    return valued(data) if values else data


def files_of(binding: Binding | None) -> tuple[str, ...]:
    """Return the files that a binding reads. Raises: never."""
    if binding is None:
        return ()
    names = (binding.data, binding.labels)
    return tuple(name for name in names if name is not None and not name.startswith(BUNDLED))


def place_of(binding: Binding, error: Exception) -> Place:
    """Return where the data are wrong. Raises: never."""
    line = line_of_message(str(error), shown(binding.data)) if isinstance(error, DatasetError) else None
    return Place(binding.data, line)
