"""`memcert export`: a certificate's network as a file for other tools.

UNTRUSTED.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Outcome, run
from memcert.cli.outputs import writable
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Cert, Delimiter, Json, LabelColumn, LabelsFile, NoHeader, Quiet, UserData
from memcert.cli.user_data import user_data
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.datasets.dataset import Dataset
    from memcert.interop.export.floats import Rounded
    from memcert.kernel.certificate import Certificate

EXAMPLE = "Example: memcert export certificates/iris.json -o iris.smt2"
SHOWN_ROWS = 20
"""Rows that a person is told; the JSON object has all."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """What became of the samples when the weights were rounded.

    Args:
        rows: how many there are.
        right: on how many the rule holds.
        lost: rows that held by the certificate's claim and do not any more.
        gained: rows that it excepts and that hold now.
    """

    rows: int
    right: int
    lost: tuple[int, ...]
    gained: tuple[int, ...]


@limited
def export(
    cert: Cert,
    *,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="Where to: .onnx (extra), or .smt2 (.smt2.gz)."),
    ],
    kind: Annotated[
        Literal["float32", "float64"] | None,
        typer.Option("--type", help="What an ONNX file holds its weights in [else float64]."),
    ] = None,
    rounded: Annotated[
        bool,
        typer.Option("--rounded", help="Round weights that the type cannot hold, and run the samples again."),
    ] = False,
    dataset: UserData = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write a certificate's network for other tools: ONNX with binary weights, or SMT-LIB 2, exact.

    ONNX: refused (exit 5) at the first weight that the type cannot hold. With --rounded the nearest are
    written, and the rounded network is run on the samples, exactly: exit 1 where a row does not hold any
    more; the file is written all the same. `memcert check CERT --model FILE` compares an exact file.
    """

    def body() -> Outcome:
        from memcert.interop.export.files import smtlib_wanted

        path = writable(output, kept=(cert, dataset, labels))
        exact = smtlib_wanted(path)
        if exact and (rounded or kind is not None):
            raise UsageError("--rounded, --type: are options of ONNX files; SMT-LIB holds every rational")
        limits.files(cert, dataset, labels)
        certificate = limits.certificate(cert)
        own = user_data(dataset, label=label, labels=labels, no_header=no_header, delimiter=delimiter)
        if exact:
            return smtlib(certificate, path)
        return floats(certificate, own, path, kind or "float64", rounding=rounded)

    return run("export", body, as_json=as_json, quiet=quiet, limits=limits)


def smtlib(certificate: "Certificate", path: Path) -> Outcome:
    """Write the network as SMT-LIB 2. Raises: OSError, UsageError."""
    from memcert.interop.export.files import write_network
    from memcert.kernel.data import network_digest

    write_network(certificate.network, path)
    digest = network_digest(certificate.network)
    line = f"wrote {shown(str(path))}: QF_LRA, every weight exact; network {digest}"
    return Outcome(HOLDS, "exported", (line,), {"output": str(path), "network_digest": digest})


def floats(
    certificate: "Certificate", own: "Dataset | None", path: Path, kind: str, *, rounding: bool
) -> Outcome:
    """Write the network as ONNX, exact or rounded.

    Args:
        certificate: not examined.
        own: the user's samples, to run the rounded network on.
        path: where to.
        kind: float32 or float64.
        rounding: whether weights may be rounded.

    Raises:
        UnsupportedError: a weight is not exact and may not be rounded; the extra is missing.
        MemcertError: as the writer and the evaluation.
    """
    from memcert.interop.export.files import exact_or_rounded, write_network

    made = exact_or_rounded(certificate.network, kind, rounding=rounding)
    recheck = rechecked(certificate, own, made) if made.changed else None
    write_network(made.network, path, kind)
    return outcome(certificate, made, recheck, path, kind)


def rechecked(certificate: "Certificate", own: "Dataset | None", made: "Rounded") -> Recheck:
    """Run the rounded network on the samples, exactly. Raises: UsageError, Failure, MemcertError."""
    from memcert.exact.evaluation import evaluate
    from memcert.exact.samples import own_dataset

    data = own if own is not None else own_dataset(certificate)
    if data is None:
        raise UsageError("the certificate does not hold its data: give them with --dataset")
    found = evaluate(replace(certificate, network=made.network), data)
    excepted = frozenset(certificate.claim.excepted)
    holding = [told.holds for told in found.rows()]
    lost = tuple(row for row, holds in enumerate(holding) if not holds and row not in excepted)
    gained = tuple(row for row, holds in enumerate(holding) if holds and row in excepted)
    return Recheck(found.size, found.right, lost, gained)


def outcome(
    certificate: "Certificate", made: "Rounded", recheck: Recheck | None, path: Path, kind: str
) -> Outcome:
    """Return what is told of a written ONNX file. Raises: never."""
    from memcert.kernel.data import network_digest

    digest = network_digest(made.network)
    if recheck is None:
        line = f"wrote {shown(str(path))}: {kind}, every weight exact; network {digest}"
    else:
        line = f"wrote {shown(str(path))}: {kind}, {made.changed:,} of {made.parameters:,} parameters rounded"
    data: dict[str, object] = {
        "output": str(path),
        "type": kind,
        "rounded": made.changed,
        "parameters": made.parameters,
        "network_digest": digest,
    }
    if recheck is None:
        return Outcome(HOLDS, "exported", (line,), data)
    report = [
        line,
        f"it is another network, {digest}; the certificate speaks of {network_digest(certificate.network)}",
    ]
    report.append(
        f"rule {certificate.claim.rule}: holds on {recheck.right:,} of {recheck.rows:,} rows, exactly"
    )
    for what, rows in {"does not hold any more": recheck.lost, "holds now": recheck.gained}.items():
        if rows:
            more = ", .." if len(rows) > SHOWN_ROWS else ""
            report.append(f"{what} on rows {', '.join(map(str, rows[:SHOWN_ROWS]))}{more}")
    data |= {
        "held": recheck.right,
        "rows": recheck.rows,
        "lost": list(recheck.lost),
        "gained": list(recheck.gained),
    }
    good = not recheck.lost
    verdict = "exported, rounded" if good else "exported, rounded: rows are lost"
    return Outcome(HOLDS if good else DOES_NOT_HOLD, verdict, tuple(report), data)
