"""Why a model is not read: it is damaged, or holds something that cannot be exact or is unknown.

UNTRUSTED.
"""

from memcert.errors import MemcertError


class ModelError(MemcertError):
    """A model file is damaged or contradicts itself (exit status 3)."""

    status = 3


ZIPMAP = 'export again with options={"zipmap": False}'
"""The way out where a classifier's probabilities are no tensor."""
