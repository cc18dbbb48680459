"""What a caller gives the public functions, as these need it: a path read, an option understood.

UNTRUSTED. Each loads what it needs when it is called.
"""

from contextlib import suppress
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from memcert.endings import of_file
from memcert.errors import UnsupportedError, UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.datasets.dataset import Dataset
    from memcert.datasets.stored import Rows
    from memcert.interop.import_options import ImportOptions
    from memcert.kernel.certificate import Certificate
    from memcert.kernel.data import Table

Source = str | PathLike[str]


def certificate(source: "Certificate | Source") -> "Certificate":
    """Return a certificate, or the one of a file; nothing of it is believed.

    Raises:
        Malformed, Unsupported, LimitReached: it is none, or too large. OSError: it cannot be opened.
    """
    if not isinstance(source, str | PathLike):
        return source
    from memcert.kernel.decode import decode
    from memcert.kernel.files import read_bytes

    with of_file(fspath(source)):
        return decode(read_bytes(fspath(source)))


def with_data(source: "Certificate | Source", dataset: object) -> "Certificate":
    """Return a certificate whose data are there, in it or beside it. Raises: UsageError, as `certificate`."""
    wanted = certificate(source)
    if wanted.dataset.points is None and dataset is None:
        raise UsageError("the certificate does not hold its data: give them as `dataset` (--dataset)")
    return wanted


def data(dataset: "Dataset | Source") -> "Dataset":
    """Return a data set in memory. Raises: as `memcert.read_dataset`."""
    if not isinstance(dataset, str | PathLike):
        return dataset
    from memcert.datasets.reading import read_dataset

    # What is built refuses contradictions itself; a network made elsewhere is judged on them too.
    return read_dataset(fspath(dataset), consistent=False)


def rows(dataset: "Rows | Source", dimension: int | None = None) -> "Rows":
    """Return rows, those of a file some at a time. Raises: as `memcert.read_rows`."""
    if not isinstance(dataset, str | PathLike):
        return dataset
    from memcert.datasets.reading import read_rows

    return read_rows(fspath(dataset), dimension=dimension)


def own_data(of: "Certificate", dataset: "Dataset | Source | None") -> "Dataset | None":
    """Return a user's own data, labelled as the certificate compares them. Raises: as `data`."""
    if dataset is None:
        return None
    from memcert.datasets.stored import as_certified

    return as_certified(data(dataset), of)


def own_table(of: "Certificate", dataset: "Rows | Source | None") -> "tuple[Rows, Table] | tuple[None, None]":
    """Return a user's own rows, labelled as the certificate compares them, and as the kernel reads them.

    Raises:
        MemcertError: as `rows`.
    """
    if dataset is None:
        return None, None
    from memcert.datasets.stored import RowByRow, as_certified
    from memcert.kernel.data import Table

    own = as_certified(rows(dataset), of)
    return own, Table(own.size, own.dimension, own.columns, RowByRow(own))


def output(path: Source | None, name: str, *read: object) -> Path | None:
    """Return where to write, if it is none of the files that are read; None: nothing is written.

    Args:
        path: as it was given.
        name: of the argument.
        read: what is read, of which paths count.

    Raises:
        UsageError: it would take the place of one of them.
    """
    if path is None:
        return None
    for source in read:
        with suppress(OSError):
            if isinstance(source, str | PathLike) and Path(path).samefile(source):
                raise UsageError(f"{name}: expected another file than {shown(fspath(source))}, which is read")
    return Path(path)


def confirm_model(of: "Certificate", model: Source | None) -> None:
    """Refuse a model file that is not the certificate's. Raises: Mismatch, MemcertError."""
    if model is not None:
        from memcert.interop.reimport import confirm_model as confirm

        confirm(of, fspath(model))


def import_options(given: "dict[str, str | bool]") -> "ImportOptions":
    """Return how a model is to be read. Raises: UsageError."""
    from memcert.interop.import_options import ImportOptions

    try:
        return ImportOptions.of(given)
    except UnsupportedError as error:
        raise UsageError(str(error)) from None
