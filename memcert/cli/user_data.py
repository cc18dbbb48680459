"""The user's own data, read as the options of the command line say.

UNTRUSTED.
"""

from typing import TYPE_CHECKING

from memcert.errors import UsageError

if TYPE_CHECKING:
    from memcert.datasets.dataset import Dataset
    from memcert.datasets.stored import Rows


def user_data(
    dataset: str | None, *, label: str | None, labels: str | None, no_header: bool, delimiter: str | None
) -> "Dataset | None":
    """Return the data that `--dataset` names; None where it is not given.

    Args:
        dataset: the value of `--dataset`.
        label: of `--label`, how to read it; so are the following.
        labels: of `--labels`.
        no_header: of `--no-header`.
        delimiter: of `--delimiter`.

    Raises:
        UsageError: an option says how to read a file that is not given, or it cannot be opened.
        DatasetError: the data are malformed.
    """
    if dataset is not None:
        from memcert.api import read_dataset

        # Judged, not memorized: equal points may have different labels.
        return read_dataset(
            dataset,
            label=label,
            labels=labels,
            header=not no_header,
            delimiter=delimiter,
            consistent=False,
        )
    _refuse_options(label, labels, no_header, delimiter)
    return None


def user_rows(
    dataset: str | None, *, label: str | None, labels: str | None, no_header: bool, delimiter: str | None
) -> "Rows | None":
    """Return the same data, of which only some rows are held at a time. Raises: as `user_data`."""
    if dataset is not None:
        from memcert.datasets.reading import read_rows

        return read_rows(dataset, label=label, labels=labels, header=not no_header, delimiter=delimiter)
    _refuse_options(label, labels, no_header, delimiter)
    return None


def _refuse_options(label: str | None, labels: str | None, no_header: bool, delimiter: str | None) -> None:
    given = {"--label": label, "--labels": labels, "--no-header": no_header, "--delimiter": delimiter}
    for name, value in given.items():
        if value:
            raise UsageError(f"{name}: says how to read --dataset, which is not given")
