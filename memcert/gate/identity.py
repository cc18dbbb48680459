"""Which memcert this is: version, digest of its code, Python, machine and libraries.

UNTRUSTED. What a cache is keyed by, and what distant workers are asked.
"""

import platform
from functools import cache

from memcert.cluster import code_identity
from memcert.trust.manifest import manifest


@cache
def installation() -> dict[str, object]:
    """Return all that a verdict may depend on beside its files. Cost: some 50 ms, once. Raises: OSError."""
    told = manifest()
    return {
        **code_identity(),
        "python": told.python,
        "machine": f"{platform.system()} {platform.machine()}",
        "libraries": told.libraries,
    }
