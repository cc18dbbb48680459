"""What every importer returns: a network, with where it came from.

UNTRUSTED.
"""

from dataclasses import dataclass

from memcert.kernel.certificate import Model
from memcert.kernel.network import Network


@dataclass(frozen=True, slots=True)
class Imported:
    """A network with where it came from."""

    network: Network
    model: Model
