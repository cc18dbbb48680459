"""`--model`: the model file that a verdict of check or prove is bound to.

UNTRUSTED.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from memcert.cli.outcomes import Outcome
from memcert.kernel.verdict import shown

if TYPE_CHECKING:
    from memcert.interop.reimport import Bound
    from memcert.kernel.certificate import Certificate

OwnModel = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="MODEL", help="Your own model file: read again as recorded, compared (exit 4)."
    ),
]


def bound_model(certificate: "Certificate", path: str | None) -> "Bound | None":
    """Return what binds the certificate to the model file, if one is given.

    Raises:
        Mismatch: it is another model. MemcertError: as an import.
    """
    if path is None:
        return None
    from memcert.interop.reimport import confirm_model

    return confirm_model(certificate, path)


def with_model(outcome: Outcome, bound: "Bound | None") -> Outcome:
    """Return the outcome with a line about the model, and how it was read. Raises: never."""
    if bound is None:
        return outcome
    how = "".join(f", {name} {shown(value)}" for name, value in sorted(bound.options.items()))
    files = "; ".join(f"{shown(name)} {digest}" for name, digest in bound.files)
    same = ", up to neurons that change no value" if bound.normal else ""
    line = f"model: {files} is lowered to the network of the certificate{same}{how}"
    facts = {
        "files": [{"name": name, "digest": digest} for name, digest in bound.files],
        "network_digest": bound.network,
        "options": dict(bound.options),
        "up_to_idle_neurons": bound.normal,
        "notes": list(bound.notes),
    }
    notes = (f"note: {text}" for text in bound.notes)
    return replace(outcome, report=(*outcome.report, line, *notes), data={**outcome.data, "model": facts})
