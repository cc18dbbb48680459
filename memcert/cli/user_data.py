"""The user's own data, read as the options of the command line say.

UNTRUSTED.
"""

from typing import TYPE_CHECKING

from memcert.cli.outcomes import note
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

LONGEST = 100
"""Letters of a name that may be a number."""

if TYPE_CHECKING:
    from memcert.formats.dataset import Dataset


def note_names(data: "Dataset", *, quiet: bool) -> None:
    """Tell that a first row of nothing but numbers was taken for names, where it may well be data.

    Args:
        data: as it was read; 0, 1, .. are names, for libraries number columns so.
        quiet: tell nothing.

    Raises:
        never.
    """
    from memcert.formats.numbers import number

    names = data.columns or ()
    if data.lines is None or any(len(name) > LONGEST for name in names):
        return
    found = [value for value in map(number, names) if value is not None]
    if not found or len(found) < len(names) or found == list(range(len(found))):
        return
    first = ", ".join(names[:5]) + (", .." if len(names) > 5 else "")
    note(f"names of columns: the first row, {shown(first)}; --no-header takes it for data", quiet=quiet)


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
    given = {"--label": label, "--labels": labels, "--no-header": no_header, "--delimiter": delimiter}
    for name, value in given.items():
        if value:
            raise UsageError(f"{name}: says how to read --dataset, which is not given")
    return None
