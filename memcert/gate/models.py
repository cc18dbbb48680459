"""Bind a certificate to the repository's own model: import the file anew and compare the networks.

UNTRUSTED. What is established: the function of the file, lowered exactly, is the certificate's.
"""

from pathlib import PurePosixPath

from memcert.interop.models import ImportOptions, read_model
from memcert.kernel.certificate import Certificate
from memcert.kernel.data import network_digest
from memcert.kernel.network import Network
from memcert.kernel.verdict import Mismatch, Rejected, Words, shown


def bind(certificate: Certificate, path: str) -> tuple[str, dict[str, str]]:
    """Establish that a certificate's network is that of a model file, imported as it was recorded.

    Args:
        certificate: an accepted one.
        path: of the model.

    Returns:
        What was found, in one line, and the SHA-256 of each file that the model was read from, by path.

    Raises:
        Rejected: the certificate speaks of no imported model.
        Mismatch: the file has other bytes than the certificate records, or another network.
        MemcertError, Failure: the model cannot be imported.
    """
    model = certificate.model
    if model is None:
        raise Rejected("model", "model", "the origin of an imported network", Words("null"))
    options = ImportOptions.of(model.options)
    found = read_model(path, certificate.claim.rule, options, model.lowering)
    recorded = {file.digest for file in model.files}
    for file in found.model.files:
        if file.digest not in recorded:
            expected = ", ".join(sorted(recorded)) or "no file"
            got = (
                f"{file.digest} of {shown(file.name)}{_first_difference(certificate.network, found.network)}"
            )
            raise Mismatch("digest", "model.files", expected, Words(got))
    expected, got = network_digest(certificate.network), network_digest(found.network)
    if expected != got:
        where = _first_difference(certificate.network, found.network)
        raise Mismatch("digest", "network", expected, Words(f"{got}{where}"))
    folder = PurePosixPath(path).parent
    files = {str(folder / file.name): file.digest.removeprefix("sha256:") for file in found.model.files}
    return f"the network of {shown(path)}, lowered exactly (lowering {model.lowering}), {got}", files


def _first_difference(recorded: Network, found: Network) -> str:
    """Return where the networks part first, for people; empty where they are the same."""
    from memcert.reports.difference import network_differences

    for first in network_differences(recorded, found):
        return f"; {first.what}: {first.before} in the certificate, {first.after} in the model"
    return ""
