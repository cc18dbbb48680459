"""`memcert build`: from a data file to a certificate that the fast engine has accepted.

UNTRUSTED. The file gets its name only after its own bytes were read again and checked.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from memcert.cli.construction_flags import merged, with_flags
from memcert.cli.evidence_files import no_network
from memcert.cli.outcomes import HOLDS, Outcome, note, run
from memcert.cli.outputs import writable
from memcert.cli.parameters import Data, Delimiter, Json, LabelColumn, LabelsFile, NoHeader, Quiet
from memcert.cli.selection import rational
from memcert.constructions.registry import construction
from memcert.errors import NoNetworkError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.kernel.certificate import Certificate
    from memcert.reports.verdict import Established

EXAMPLE = "Example: memcert build iris.csv -o iris.json --label species --sizing balanced"


@with_flags
def build(
    data: Data,
    *,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="CERT", help="The certificate; .json or .json.gz.")
    ],
    construction_name: Annotated[
        str, typer.Option("--construction", metavar="NAME", help="Which memorizer of the literature.")
    ] = "vardi-yehudai-shamir",
    rule: Annotated[
        Literal["equal", "sign", "argmax", "within"] | None,
        typer.Option(help="What the network is to satisfy [else the construction's first]."),
    ] = None,
    tolerance: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="For the rule within: 3, 0.25 or 1/3.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of every random choice; the same gives the same.")] = 0,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="NAME=VALUE",
            help="An option of the construction; separation=exact|direction.",
        ),
    ] = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    as_json: Json = False,
    quiet: Quiet = False,
    flags: Mapping[str, str],
) -> int:
    """Build a network that memorizes the data exactly, and write it with its certificate.

    The certificate is read back and checked before the file appears; on any failure, and on
    Ctrl-C, nothing is left behind. Where there is no network of the construction's class, the file
    holds the evidence instead, which `memcert check` verifies; the exit status is 1 then.
    """

    def body() -> Outcome:
        from memcert import api

        wanted = merged(construction(construction_name), flags, option or [])
        exact_tolerance = None if tolerance is None else rational(tolerance, "--tolerance")
        path = writable(output, kept=(data, labels))
        dataset = api.read_dataset(
            data, label=label, labels=labels, header=not no_header, delimiter=delimiter
        )
        note(f"read {shown(data)}: {dataset.size:,} rows of Q^{dataset.dimension}", quiet=quiet)
        separation = wanted.pop("separation", None)

        def make() -> "Certificate":
            return api.build(
                dataset,
                construction_name,
                rule=rule,
                tolerance=exact_tolerance,
                seed=seed,
                separation=separation,
                **wanted,
            )

        try:
            return outcome(path, *built(make, path, quiet=quiet))
        except NoNetworkError as error:
            return no_network(error, path)

    return run("build", body, as_json=as_json, quiet=quiet)


def built(make: Callable[[], "Certificate"], path: Path, *, quiet: bool) -> "tuple[Certificate, Established]":
    """Make a certificate, write it under a temporary name, read it back, check it, rename it.

    Args:
        make: the work, such as a call of `memcert.build`.
        path: where the certificate goes.
        quiet: tell no progress.

    Raises:
        MemcertError: from `make`, or the file cannot be written.
        Failure: the check did not accept it; nothing is written then.
    """
    from memcert.exact.check import fast_check
    from memcert.formats.atomic import atomic_write
    from memcert.formats.certificates import chunks, read

    start = monotonic()
    certificate = make()
    note(f"built a network of {certificate.claim.parameters:,} parameters{_since(start)}", quiet=quiet)
    accepted = []
    start = monotonic()
    with atomic_write(path, verify=lambda written: accepted.append(fast_check(read(written)))) as file:
        file.writelines(chunks(certificate))
    note(f"wrote it, read it back and checked it{_since(start)}", quiet=quiet)
    for name, value in certificate.annotations.items():
        note(f"  {name}: {value}", quiet=quiet)
    return certificate, accepted[0]


def _since(start: float) -> str:
    return f" in {monotonic() - start:.1f} s"


def outcome(path: Path, certificate: "Certificate", accepted: "Established") -> Outcome:
    """Return what is told of a certificate that was built and checked. Raises: never."""
    from memcert.reports.summary import built_lines, sizes
    from memcert.reports.verdict import as_data, lines

    report = (f"built {shown(str(path))}", *built_lines(certificate), *lines(accepted, "fast engine"))
    data = {
        "certificate": str(path),
        "construction": certificate.construction and certificate.construction.name,
        "options": dict(certificate.construction.options) if certificate.construction else {},
        "size": sizes(certificate),
        "annotations": dict(certificate.annotations),
        "check": as_data(accepted, "fast engine"),
    }
    return Outcome(HOLDS, "built", report, data)
