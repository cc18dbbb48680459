"""`memcert verify`: exact verdicts of a network made elsewhere on every row of a data file.

UNTRUSTED.
"""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from memcert.cli.build import writable
from memcert.cli.model_flags import (
    FoldBatchnorm,
    InputShape,
    Layers,
    Model,
    NoClip,
    NoNormalize,
    Output,
    Preprocess,
)
from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Outcome, note, run
from memcert.cli.parameters import Data, Delimiter, Json, LabelColumn, LabelsFile, NoHeader, Quiet
from memcert.cli.selection import rational, share
from memcert.cli.verify_regions import Regions, regions_of
from memcert.cli.verify_sections import Section, worst
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memcert.interop.imported import Imported
    from memcert.kernel.certificate import Number, Original
    from memcert.verification.verdicts import Verified

EXAMPLE = "Example: memcert verify model.onnx digits.csv --rule argmax --preprocess 'x/16' -o verified.json"


def verify(
    model: Model,
    data: Data,
    *,
    rule: Annotated[
        Literal["argmax", "sign", "equal", "within"], typer.Option(help="What the outputs are to satisfy.")
    ],
    tolerance: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="For the rule within: 3, 0.25 or 1/3.")
    ] = None,
    classes: Annotated[
        str | None, typer.Option(metavar="A,B,..", help="Labels of the outputs, in order, for argmax.")
    ] = None,
    preprocess: Preprocess = None,
    output: Output = None,
    input_shape: InputShape = None,
    fold_batchnorm: FoldBatchnorm = None,
    layers: Layers = None,
    no_normalize: NoNormalize = False,
    no_clip: NoClip = False,
    min_accuracy: Annotated[
        str | None, typer.Option(metavar="P/Q", help="Exit 0 where at least this share of rows holds.")
    ] = None,
    regions: Regions = False,
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
        from memcert.interop.models import ImportOptions, read_model
        from memcert.verification.verdicts import verify as verified

        least = Fraction(1) if min_accuracy is None else share(min_accuracy, "--min-accuracy")
        allowed = None if tolerance is None else rational(tolerance, "--tolerance")
        path = None if certificate is None else writable(certificate)
        options = ImportOptions(
            output, preprocess, layers, input_shape, fold_batchnorm,
            normalize=not no_normalize, clip=not no_clip,
        )  # fmt: skip
        imported = read_model(model, rule, options)
        note(f"read {shown(model)}: {len(imported.network.layers)} layers", quiet=quiet)
        rows = read_dataset(data, label=label, labels=labels, header=not no_header, delimiter=delimiter)
        found = verified(imported.network, rows, rule, allowed, named(classes, imported, rule, rows.labels))
        # Each further question about the rows is a section: its own module, one line here.
        sections = [verdicts(found, least)]
        radius: Number | str | None = None
        if regions:
            section, _, radius = regions_of(imported.network, found)
            sections.append(section)
        if path is not None:
            sections.append(written(imported, found, path, radius))
        return outcome(imported, sections)

    return run("verify", body, as_json=as_json, quiet=quiet)


def named(
    classes: str | None, imported: "Imported", rule: str, labels: "Sequence[Original]"
) -> tuple[str, ...] | None:
    """Return the names of the outputs for argmax: the user's, else the model's own, if it has any.

    Raises:
        DatasetError: for the rule sign, labels that the model does not know.
    """
    if classes is not None:
        return tuple(classes.split(","))
    if rule == "sign":
        imported.confirm_labels(labels)
    return tuple(map(str, imported.classes)) if rule == "argmax" and imported.classes else None


def verdicts(found: "Verified", least: Fraction) -> Section:
    """Return what is told of the rows: the accuracy, the smallest margins, who is taken for whom.

    Args:
        found: their verdicts.
        least: the share of rows that must hold.

    Raises:
        never.
    """
    from memcert.reports.verification import as_data, lines

    facts = as_data(
        found.rule,
        found.margins,
        excepted=found.excepted,
        smallest=found.smallest,
        confusion=found.confusion,
        classes=found.classes,
    )
    return Section(HOLDS if found.accuracy >= least else DOES_NOT_HOLD, tuple(lines(facts)), facts)


def written(
    imported: "Imported", found: "Verified", path: Path, radius: "Number | str | None" = None
) -> Section:
    """Write the certificate, read back and checked before it gets its name. Raises: Failure, OSError."""
    from memcert.exact.check import fast_check
    from memcert.formats.atomic import atomic_write
    from memcert.formats.certificates import chunks, read
    from memcert.verification.certificate import certificate_of

    made = certificate_of(imported.network, imported.model, found, radius)
    own = found.dataset if made.dataset.points is None else None
    with atomic_write(path, verify=lambda temporary: void(fast_check(read(temporary), own))) as file:
        file.writelines(chunks(made))
    return Section(report=(f"wrote {shown(str(path))}",), data={"certificate": str(path)})


def void(_: object) -> None:
    """Forget a result; what matters is that it was reached. Raises: never."""


def outcome(imported: "Imported", sections: list[Section]) -> Outcome:
    """Return the answers as one outcome, with what the import has to say. Raises: never."""
    first, *rest = sections
    notes = list(imported.model.notes)
    report = (*first.report, *(f"note: {text}" for text in notes))
    data: dict[str, object] = {"certificate": None, **first.data, "notes": notes}
    for section in rest:
        report += section.report
        data |= section.data
    status = worst([section.status for section in sections])
    return Outcome(status, "verified" if status == HOLDS else "fails", report, data)
