"""What a page is made of: a certificate, and what an engine and a solver said of it.

UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from memcert.bounds.comparison import Comparison
from memcert.formats.dataset import Dataset
from memcert.kernel.certificate import Certificate
from memcert.kernel.verdict import Failure
from memcert.proofs.result import ProofResult
from memcert.reports.verdict import Established


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """Everything that a page tells of a certificate.

    Args:
        name: what the certificate is called, untrusted.
        certificate: decoded.
        data: the samples that were run; None: none are at hand.
        own_data: whether they are the user's (`--dataset`), not the certificate's.
        engine: which one checked, such as `fast engine`.
        checked: its verdict.
        proof: a proof's end; a Failure where it could not be begun; None: none was asked for.
        proof_file: the name of the file that tells of the proof; None: it was made just now.
        comparison: sizes beside bounds; a sentence where there are none.
        chosen: rows whose way is told, besides those that are told anyway.
    """

    name: str
    certificate: Certificate
    data: Dataset | None
    own_data: bool
    engine: str
    checked: Established | Failure
    proof: ProofResult | Failure | None
    proof_file: str | None
    comparison: Comparison | str
    chosen: tuple[int, ...]

    @property
    def accepted(self) -> bool:
        """Whether the check accepted the certificate. Raises: never."""
        return not isinstance(self.checked, Failure)

    @property
    def proved(self) -> bool:
        """Whether the proof succeeded. Raises: never."""
        return isinstance(self.proof, ProofResult) and self.proof.verdict == "proved"

    def radii(self) -> Mapping[int, object]:
        """Return the proved radius of each row that is not excepted; empty unless proved. Raises: never."""
        if not isinstance(self.proof, ProofResult):
            return {}
        excepted = frozenset(self.certificate.claim.excepted)
        return {row: r for row, r in enumerate(self.proof.radii) if row not in excepted}
