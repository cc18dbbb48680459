"""`memcert verify`: exact verdicts of a network made elsewhere on every row of a data file.

UNTRUSTED.
"""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

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
from memcert.cli.outcomes import HOLDS, UNDECIDED, Outcome, Progress, note, run
from memcert.cli.outputs import maybe_writable, spare_parts, writable
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Data, Delimiter, Jobs, Json, LabelColumn, LabelsFile, NoHeader, Quiet
from memcert.cli.selection import rational, share
from memcert.cli.verify_boxes import (
    BoxRadius,
    BoxRows,
    BoxTimeout,
    Domain,
    MaxLeaves,
    Wanted,
    box_path,
    boxes_of,
    decided,
)
from memcert.cli.verify_regions import RegionFile, RegionMaps, Regions, confirm_options, regions_section
from memcert.cli.verify_rows import (
    WRITING,
    Detach,
    MinAccuracy,
    Paranoid,
    PerRow,
    Scheduler,
    verdicts,
)
from memcert.cli.verify_sections import Section
from memcert.cli.verify_semantics import (
    AskedFloats,
    RequireSemantics,
    Semantics,
    SemanticsFile,
    asked_for,
    semantics_section,
)
from memcert.endings import first_of
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memcert.interop.import_options import ImportOptions
    from memcert.kernel.certificate import Certificate, Number
    from memcert.questions.readings import Reading
    from memcert.verification.verdicts import Verified

EXAMPLE = "Example: memcert verify model.onnx digits.csv --rule argmax --preprocess 'x/16' -o verified.json"


@limited
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
    min_accuracy: MinAccuracy = None,
    regions: Regions = False,
    region_file: RegionFile = None,
    region_maps: RegionMaps = False,
    box: BoxRadius = None,
    domain: Domain = None,
    box_rows: BoxRows = None,
    box_timeout: BoxTimeout = None,
    max_leaves: MaxLeaves = None,
    semantics: Semantics = None,
    semantics_file: SemanticsFile = None,
    require_semantics: RequireSemantics = False,
    certificate: Annotated[
        str | None,
        typer.Option(
            "-o", metavar="CERT", help="Write a certificate; .json or .json.gz.", rich_help_panel=WRITING
        ),
    ] = None,
    detach: Detach = None,
    per_row: PerRow = None,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    paranoid: Paranoid = False,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Verify a network made elsewhere, exactly: verdict and margin of every row, as rationals.

    The weights are the binary numbers that the file holds, the data are what the file spells, and
    nothing is rounded: the verdict is about the exact function, not about a runtime's floats. What
    cannot be exact is refused (exit 5). Exit 0 only if every row holds.
    """

    def body() -> Outcome:
        from memcert.datasets.reading import read_rows
        from memcert.interop.models import ImportOptions
        from memcert.questions.model import Rule, verified
        from memcert.verification.labels import certified_classes
        from memcert.verification.verdicts import Options

        least = Fraction(1) if min_accuracy is None else share(min_accuracy, "--min-accuracy")
        allowed = None if tolerance is None else rational(tolerance, "--tolerance")
        if certificate is None and detach is not None:
            raise UsageError("--detach, --inline: say something about the certificate: give -o")
        kept = [model, data, labels, domain]
        path = maybe_writable(certificate, "-o", kept=kept)
        if path is not None and box is not None:
            kept.append(str(writable(str(box_path(path)), "-o", kept=[*kept, path])))
        listing = maybe_writable(per_row, "--per-row", kept=[*kept, path])
        confirm_options(regions=regions, path=region_file, maps=region_maps)
        floats = asked_for(semantics, require=require_semantics, path=semantics_file)
        states = maybe_writable(semantics_file, "--semantics-file", kept=[*kept, path, listing])
        walls = maybe_writable(region_file, "--region-file", kept=[*kept, path, listing, states])
        options = ImportOptions(
            output, preprocess, layers, input_shape, fold_batchnorm,
            normalize=not no_normalize, clip=not no_clip,
        )  # fmt: skip
        limits.files(model, data, labels)
        outputs = {"-o": path, "--per-row": listing, "--semantics-file": states, "--region-file": walls}
        reading = read_beside(model, rule, options, outputs)
        network = reading.imported.network
        limits.bits(network)
        note(f"read {shown(model)}: {len(network.layers)} layers", quiet=quiet)
        rows = read_rows(
            data,
            label=label,
            labels=labels,
            header=not no_header,
            delimiter=delimiter,
            dimension=network.input_size,
        )
        limits.data_bits(rows)
        work, progress = Options(jobs, scheduler, paranoid), Progress(quiet=quiet)
        names = None if classes is None else classes.split(",")
        found = verified(reading, rows, Rule(rule, allowed, names), work, per_row=listing, progress=progress)
        if path is not None:
            certified_classes(found.rows.dataset, rule, found.rows.classes)
        # Each further question about the rows is a section: its own module, one line here.
        sections = [verdicts(found, least)]
        radius: Number | str | None = None
        if regions:
            section, radius = regions_section(found, walls, maps=region_maps)
            sections.append(section)
        if floats:
            asked = AskedFloats(floats, least, require_semantics, states)
            sections.append(semantics_section(found, asked, work, Progress(quiet=quiet)))
        boxes = boxes_of(found, Wanted(box, domain, box_rows, box_timeout, max_leaves), work)
        if boxes is not None:
            sections.append(decided(boxes, path, Progress(quiet=quiet)))
        if listing is not None:
            sections.append(Section(report=(f"wrote {shown(str(listing))}: {rows.size:,} rows",)))
        if path is not None:
            made = found.certificate(detach=detach, box_radius=radius)
            sections.append(written(made, found.rows, path))
        return outcome(found.model.notes, sections)

    return run("verify", body, as_json=as_json, quiet=quiet, limits=limits)


def read_beside(
    model: str, rule: str, options: "ImportOptions", outputs: "Mapping[str, Path | None]"
) -> "Reading":
    """Read a model, of whose files no output may take the place. Raises: UsageError, as `read_model`."""
    from memcert.questions.readings import read_model

    reading = read_model(model, rule, options)
    spare_parts(model, [file.name for file in reading.imported.model.files], outputs)
    return reading


def written(made: "Certificate", found: "Verified", path: Path) -> Section:
    """Write the certificate, read back and checked before it gets its name. Raises: Failure, OSError."""
    from memcert.exact.check import fast_check
    from memcert.formats.atomic import atomic_write
    from memcert.formats.certificates import chunks, read

    own = found.dataset if made.dataset.points is None else None
    with atomic_write(path, verify=lambda temporary: void(fast_check(read(temporary), own))) as file:
        file.writelines(chunks(made))
    detached = "" if own is None else ", without the data: check it with --dataset"
    data = {"certificate": str(path), "detached": own is not None}
    return Section(report=(f"wrote {shown(str(path))}{detached}",), data=data)


def void(_: object) -> None:
    """Forget a result; what matters is that it was reached. Raises: never."""


def outcome(notes: "Sequence[str]", sections: list[Section]) -> Outcome:
    """Return the answers as one outcome, with what the import has to say. Raises: never."""
    first, *rest = sections
    report = (*first.report, *(f"note: {text}" for text in notes))
    data: dict[str, object] = {"certificate": None, "detached": None, **first.data, "notes": list(notes)}
    for section in rest:
        report += section.report
        data |= section.data
    status = first_of(section.status for section in sections)
    word = {HOLDS: "verified", UNDECIDED: "undecided"}.get(status, "fails")
    return Outcome(status, word, report, data)
