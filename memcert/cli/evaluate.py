"""`memcert evaluate`: a certificate's network on data that it was not built from.

UNTRUSTED. It measures; what the certificate claims stays unexamined.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Outcome, run
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Cert, Data, Delimiter, Json, LabelColumn, LabelsFile, NoHeader, Quiet
from memcert.cli.selection import share
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.exact.evaluation import Evaluation

EXAMPLE = "Example: memcert evaluate iris.json held-out.csv --label species --per-row rows.csv"


@limited
def evaluate(
    cert: Cert,
    data: Data,
    *,
    per_row: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Each row's label, exact output, verdict and margin: .csv, or .jsonl."
        ),
    ] = None,
    min_accuracy: Annotated[
        str | None, typer.Option(metavar="P/Q", help="Exit 1 where the rule holds on a smaller share.")
    ] = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Evaluate a certificate's network on held-out data, exactly: the share of rows on which its rule holds.

    Labels are mapped through the certificate's classes; one that is none of them counts as wrong.
    This is no check: nothing that the certificate claims is examined.
    """

    def body() -> Outcome:
        from memcert.api import read_dataset
        from memcert.exact.evaluation import evaluate as evaluated
        from memcert.reports.evaluation import as_data, lines

        least = None if min_accuracy is None else share(min_accuracy, "--min-accuracy")
        rows = None if per_row is None else _rows_file(per_row, (cert, data, labels))
        limits.files(cert, data, labels)
        certificate = limits.certificate(cert)
        given = read_dataset(
            data,
            label=label,
            labels=labels,
            header=not no_header,
            delimiter=delimiter,
            consistent=False,
        )
        limits.data_bits(given)
        found = evaluated(certificate, given)
        report = list(lines(found))
        if rows is not None:
            _write(found, *rows)
            report.append(f"wrote {shown(per_row)}: {found.size:,} rows")
        enough = least is None or found.accuracy >= least
        if not enough:
            report.append(f"expected at least {min_accuracy} of the rows to hold")
        verdict = "evaluated" if enough else "evaluated: below --min-accuracy"
        return Outcome(HOLDS if enough else DOES_NOT_HOLD, verdict, tuple(report), as_data(found))

    return run("evaluate", body, as_json=as_json, quiet=quiet, limits=limits)


def _rows_file(name: str, kept: Sequence[str | None]) -> tuple[Path, Callable[..., None]]:
    """Return where the rows go and what writes them, by the name's ending.

    Raises:
        UsageError: another ending, or no file can be made there.
    """
    from memcert.cli.outputs import writable
    from memcert.reports.evaluation import write_csv, write_lines

    writers = {".csv": write_csv, ".jsonl": write_lines, ".json": write_lines}
    ending = Path(name.removesuffix(".gz")).suffix
    if ending not in writers:
        raise UsageError(
            f"--per-row: expected a name that ends in {', '.join(writers)} (.gz), got {shown(name)}"
        )
    return writable(name, "--per-row", kept=kept), writers[ending]


def _write(found: "Evaluation", path: Path, writer: Callable[..., Any]) -> None:
    from memcert.formats.atomic import atomic_write

    with atomic_write(path) as file:
        writer(found.rows(), file)
