"""Why a property or a witness is not read: it is damaged, or the two do not fit.

UNTRUSTED.
"""

from memcert.errors import MemcertError


class SpecificationError(MemcertError):
    """A property file is malformed, or does not fit the model (exit status 3)."""

    status = 3


class WitnessError(MemcertError):
    """A witness file is malformed, holds no witness, or does not fit the property (exit status 3)."""

    status = 3


class NoWitnessError(WitnessError):
    """A file that says `unsat`, `timeout` or the like, or nothing at all (exit status 3)."""
