"""Bind a certificate to the repository's own model, and say where they part.

UNTRUSTED. What is established is `interop.reimport`'s: the file, lowered exactly, is the certificate's
network.
"""

from contextlib import suppress
from pathlib import PurePosixPath

from memcert.errors import MemcertError
from memcert.interop.models import ImportOptions, read_model
from memcert.interop.reimport import confirm_model
from memcert.kernel.certificate import Certificate
from memcert.kernel.verdict import Failure, Mismatch, Words, shown


def bind(certificate: Certificate, path: str) -> tuple[str, dict[str, str]]:
    """Establish that a certificate's network is that of a model file, imported as it was recorded.

    Args:
        certificate: an accepted one.
        path: of the model.

    Returns:
        What was found, in one line, and the SHA-256 of each file that the model was read from, by path.

    Raises:
        Mismatch: the file has other bytes than the certificate records, or another network; with the
            first weight that differs.
        MemcertError, Failure: the model cannot be imported.
    """
    try:
        bound = confirm_model(certificate, path)
    except Mismatch as failure:
        where = _first_difference(certificate, path)
        raise Mismatch(failure.rule, failure.at, failure.expected, Words(f"{failure.got}{where}")) from None
    folder = PurePosixPath(path).parent
    files = {str(folder / name): digest.removeprefix("sha256:") for name, digest in bound.files}
    same = ", up to neurons that change no value" if bound.normal else ""
    options = "".join(f", {name} {shown(value)}" for name, value in sorted(bound.options.items()))
    return (
        f"{shown(path)} is lowered to the network of the certificate{same}{options}, {bound.network}",
        files,
    )


def _first_difference(certificate: Certificate, path: str) -> str:
    """Return where the networks part first, for people; empty where that is not known."""
    from memcert.reports.difference import network_differences

    model = certificate.model
    with suppress(Failure, MemcertError):
        options = ImportOptions() if model is None else ImportOptions.of(model.options)
        found = read_model(path, certificate.claim.rule, options)
        for first in network_differences(certificate.network, found.network):
            return f"; {first.what}: {first.before} in the certificate, {first.after} in the model"
    return ""
