"""`memcert check`: the exact check, by the kernel or the fast engine.

UNTRUSTED. What is decided is the engines'; here a verdict becomes an exit status.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from memcert.cli.bound_model import OwnModel, bound_model, with_model
from memcert.cli.box_files import BoxFilePath, refuse_alone, with_boxes
from memcert.cli.evidence_files import checked
from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, UNDECIDED, Outcome, outcome_of, run
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Cert, Delimiter, Json, LabelColumn, LabelsFile, NoHeader, Quiet, UserData
from memcert.cli.selection import rational, rows, share
from memcert.cli.user_data import user_data, user_rows
from memcert.endings import of_file
from memcert.errors import UsageError
from memcert.evidence.decode import is_evidence
from memcert.kernel.certificate import Certificate, Digests, Number
from memcert.kernel.decode import decode
from memcert.kernel.verdict import Failure, Rejected, Words

if TYPE_CHECKING:
    from memcert.reports.verdict import Established

EXAMPLE = "Example: memcert check iris.json --dataset iris.csv --expect-rule equal"
EXCEPTED = (
    "exit status 1, for the rule fails on the rows that the certificate excepts; "
    "--allow-except or --min-accuracy takes that for success"
)
ENGINES = {"kernel": "kernel", "fast": "fast engine"}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asks of a certificate, beyond that it be true."""

    rule: str | None
    tolerance: Number | None
    allow_except: bool
    accuracy: Fraction | None


@limited
def check(
    cert: Cert,
    *,
    dataset: UserData = None,
    model: OwnModel = None,
    boxes: BoxFilePath = None,
    engine: Annotated[
        Literal["kernel", "fast"] | None,
        typer.Option(help="Which evaluator [else: the kernel for small work, else fast]. They agree."),
    ] = None,
    samples: Annotated[
        str | None, typer.Option(metavar="ROWS", help="Only these rows, such as 0,5,10-20. Never exit 0.")
    ] = None,
    expect_rule: Annotated[
        Literal["equal", "sign", "argmax", "within"] | None,
        typer.Option(help="Reject a certificate that claims another rule."),
    ] = None,
    expect_tolerance: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Reject a claimed tolerance that is none or larger.")
    ] = None,
    allow_except: Annotated[
        bool, typer.Option("--allow-except", help="Rows that the certificate admits to miss are no failure.")
    ] = False,
    min_accuracy: Annotated[
        str | None, typer.Option(metavar="P/Q", help="The same, where at least this share of rows holds.")
    ] = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Check a certificate over the rationals: the rule on every sample, and all that needs no proof.

    --dataset runs the samples of your own file, --model reads your own model file again and compares.
    --expect-rule and --expect-tolerance say what you want proved: a certificate that claims something
    weaker is rejected (exit 1), however true.

    --boxes replays a box file of `memcert verify --box` as well: exit 0 only if every box is proved.
    With --engine kernel it takes nothing but Python's integers.

    Evidence that data have no network of some class, as `memcert build` writes it, is verified as well.
    """

    def body() -> Outcome:
        from memcert.api import check as api_check
        from memcert.api import engine_for

        wishes = Wishes(
            expect_rule,
            None if expect_tolerance is None else rational(expect_tolerance, "--expect-tolerance"),
            allow_except,
            None if min_accuracy is None else share(min_accuracy, "--min-accuracy"),
        )
        limits.files(cert, dataset, labels, model, boxes)
        content = limits.content(cert)
        if is_evidence(content):
            refuse_wishes(
                wishes, {"--engine": engine, "--samples": samples, "--model": model, "--boxes": boxes}
            )
            known = user_data(dataset, label=label, labels=labels, no_header=no_header, delimiter=delimiter)
            return checked(content, known)
        refuse_alone(content)
        with of_file(cert):
            certificate = limits.within_bits(decode(content))
        select = None if samples is None else rows(samples, certificate.dataset.size)
        require(certificate, wishes)
        own = user_rows(dataset, label=label, labels=labels, no_header=no_header, delimiter=delimiter)
        used = engine or engine_for(certificate)
        bound = bound_model(certificate, model)

        def examined(what: Certificate) -> "Established":
            return api_check(what, own, engine=used, samples=select)

        try:
            told = with_model(verdict(examined(certificate), ENGINES[used], wishes), bound)
            return with_boxes(told, boxes, certificate, own, fast=used == "fast")
        except Rejected as failure:
            return with_damage(failure, certificate, examined)

    return run("check", body, as_json=as_json, quiet=quiet, limits=limits)


def refuse_wishes(wishes: Wishes, options: Mapping[str, str | None]) -> None:
    """Refuse evidence where a certificate was asked for: it shows that something does not exist.

    Raises:
        Rejected: a rule, tolerance or accuracy was asked for.
        UsageError: an option speaks of a network.
    """
    if wishes != Wishes(None, None, False, None):
        raise Rejected(
            "expected_certificate", "format", "a certificate, of which this can be asked", Words("evidence")
        )
    for name, value in options.items():
        if value is not None:
            raise UsageError(f"{name}: says something about a network, and evidence holds none")


def require(certificate: Certificate, wishes: Wishes) -> None:
    """Refuse a claim that is weaker than the user asks for.

    Raises:
        Rejected: another rule; no tolerance, or a larger one.
    """
    claim = certificate.claim
    if wishes.rule is not None and claim.rule != wishes.rule:
        raise Rejected("expected_rule", "claim.rule", wishes.rule, Words(claim.rule))
    if wishes.tolerance is not None and (claim.tolerance is None or claim.tolerance > wishes.tolerance):
        raise Rejected(
            "expected_tolerance", "claim.tolerance", f"at most {wishes.tolerance}", claim.tolerance
        )


def with_damage(
    failure: Rejected, certificate: Certificate, examined: "Callable[[Certificate], Established]"
) -> Outcome:
    """Return the outcome of a rejection; for a false digest, with what the change behind it did.

    Raises:
        MemcertError: as `examined`.
    """
    outcome = outcome_of(failure)
    if failure.rule != "digest":
        return outcome
    kept = certificate.digests.dataset if certificate.dataset.points is None else None
    try:
        examined(replace(certificate, digests=Digests(kept, None)))
        hint = "the file was changed after its digest was made; what a check examines is true all the same"
    except Failure as first:
        hint = f"the file was changed after its digest was made, and the change shows: {first}"
    return replace(outcome, report=(*outcome.report, hint), data={**outcome.data, "hint": hint})


def verdict(accepted: "Established", engine: str, wishes: Wishes) -> Outcome:
    """Return the outcome that a check deserves: 0, 1 for excepted rows, 6 if partial. Raises: never."""
    from memcert.reports.verdict import as_data, lines

    report, data = lines(accepted, engine), as_data(accepted, engine)
    if accepted.examined < accepted.samples:
        return Outcome(UNDECIDED, "accepted in part", report, data)
    held = Fraction(accepted.samples - accepted.excepted, accepted.samples)
    enough = held == 1 or wishes.allow_except if wishes.accuracy is None else held >= wishes.accuracy
    if not enough and wishes.accuracy is None:
        report = (*report, EXCEPTED)
    return Outcome(HOLDS if enough else DOES_NOT_HOLD, "accepted", report, data)
