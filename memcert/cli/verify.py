"""`memcert verify`: exact verdicts of an ONNX model on every row of a data file.

UNTRUSTED.
"""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from memcert.cli.build import writable
from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Outcome, note, run
from memcert.cli.parameters import Data, Delimiter, Json, LabelColumn, LabelsFile, NoHeader, Quiet
from memcert.cli.selection import rational, share
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.interop.onnx_model import Imported
    from memcert.interop.verify import Verified

EXAMPLE = "Example: memcert verify model.onnx digits.csv --rule argmax --preprocess 'x/16' -o verified.json"


def verify(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="An ONNX file of a ReLU network (extra onnx).")
    ],
    data: Data,
    *,
    rule: Annotated[
        Literal["argmax", "sign", "equal", "within"], typer.Option(help="What the outputs are to satisfy.")
    ],
    tolerance: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="For the rule within: 3, 0.25 or 1/3.")
    ] = None,
    preprocess: Annotated[
        str | None, typer.Option(metavar="FORMULA", help="Of every coordinate: x/255, (x - 0.5)/0.25.")
    ] = None,
    classes: Annotated[
        str | None, typer.Option(metavar="A,B,..", help="Labels of the outputs, in order, for argmax.")
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", metavar="NAME", help="The output that is meant, of several.")
    ] = None,
    min_accuracy: Annotated[
        str | None, typer.Option(metavar="P/Q", help="Exit 0 where at least this share of rows holds.")
    ] = None,
    certificate: Annotated[
        str | None, typer.Option("-o", metavar="CERT", help="Write a certificate; .json or .json.gz.")
    ] = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Verify a network made elsewhere, exactly: verdict and margin of every row, as rationals.

    The weights are the binary numbers that the file holds, the data are what the file spells, and
    nothing is rounded: the verdict is about the exact function, not about a runtime's floats. What
    cannot be exact is refused (exit 5). Exit 0 only if every row holds.
    """

    def body() -> Outcome:
        from memcert.api import read_dataset
        from memcert.interop.onnx_model import read_onnx
        from memcert.interop.preprocessing import affine
        from memcert.interop.verify import verify as verified

        least = Fraction(1) if min_accuracy is None else share(min_accuracy, "--min-accuracy")
        allowed = None if tolerance is None else rational(tolerance, "--tolerance")
        formula = None if preprocess is None else affine(preprocess)
        path = None if certificate is None else writable(certificate)
        imported = read_onnx(model, rule, output=output, preprocess=formula)
        note(f"read {shown(model)}: {len(imported.network.layers)} layers", quiet=quiet)
        rows = read_dataset(data, label=label, labels=labels, header=not no_header, delimiter=delimiter)
        named = None if classes is None else tuple(classes.split(","))
        found = verified(imported, rows, rule, allowed, named)
        if path is not None:
            written(imported, found, path)
        return outcome(imported, found, least, path)

    return run("verify", body, as_json=as_json, quiet=quiet)


def written(imported: "Imported", found: "Verified", path: Path) -> None:
    """Write the certificate, read back and checked before it gets its name. Raises: Failure, OSError."""
    from memcert.exact.check import fast_check
    from memcert.formats.atomic import atomic_write
    from memcert.formats.certificates import chunks, read
    from memcert.interop.verify import certificate_of

    made = certificate_of(imported, found)
    own = found.dataset if made.dataset.points is None else None
    with atomic_write(path, verify=lambda temporary: void(fast_check(read(temporary), own))) as file:
        file.writelines(chunks(made))


def void(_: object) -> None:
    """Forget a result; what matters is that it was reached. Raises: never."""


def outcome(imported: "Imported", found: "Verified", least: Fraction, path: Path | None) -> Outcome:
    """Return what is told of the rows: the accuracy, the smallest margins, who is taken for whom.

    Args:
        imported: the network.
        found: its verdicts.
        least: the share of rows that must hold.
        path: of the certificate, if one was written.

    Raises:
        never.
    """
    from memcert.reports.verification import as_data, lines

    good = found.accuracy >= least
    facts = as_data(
        found.rule,
        found.margins,
        excepted=found.excepted,
        smallest=found.smallest(),
        confusion=found.confusion,
        classes=found.classes,
    )
    data = {**facts, "notes": list(imported.model.notes), "certificate": path and str(path)}
    report = [*lines(facts), *(f"note: {text}" for text in imported.model.notes)]
    if path is not None:
        report.append(f"wrote {shown(str(path))}")
    return Outcome(HOLDS if good else DOES_NOT_HOLD, "verified" if good else "fails", tuple(report), data)
