"""A model with the verdicts of its rows: what `memcert.verify` returns.

UNTRUSTED.
"""

from dataclasses import dataclass
from fractions import Fraction

from memcert.kernel.certificate import Certificate, Model
from memcert.kernel.network import Network
from memcert.verification.certificate import certificate_of
from memcert.verification.verdicts import Verified


@dataclass(frozen=True, slots=True)
class VerifiedModel:
    """A network made elsewhere, and what is true of each row.

    Args:
        network: as it was lowered.
        model: its files, options and notes.
        rows: the verdicts.
    """

    network: Network
    model: Model
    rows: Verified

    @property
    def accuracy(self) -> Fraction:
        """The share of rows that hold. Raises: never."""
        return self.rows.accuracy

    def certificate(self, *, detach: bool | None = None) -> Certificate:
        """Return the certificate, for `memcert.write` and `memcert.check`.

        Args:
            detach: leave the data out; None: where they are more than 16 MB of text.

        Raises:
            never.
        """
        return certificate_of(self.network, self.model, self.rows, detach=detach)
