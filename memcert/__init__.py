"""Make and check exact certificates of memorization by ReLU networks.

>>> import memcert
>>> certificate = memcert.build("data.csv")         # doctest: +SKIP
>>> memcert.write(certificate, "data.cert.json")    # doctest: +SKIP
>>> memcert.check("data.cert.json").whole           # doctest: +SKIP
True
>>> memcert.prove("data.cert.json").verdict         # doctest: +SKIP
'proved'
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memcert.api import build, check, export, prove, read, read_dataset, read_rows, verify, witness, write

__version__ = "0.1.0"
__all__ = [
    "__version__",
    "build",
    "check",
    "export",
    "prove",
    "read",
    "read_dataset",
    "read_rows",
    "verify",
    "witness",
    "write",
]


def __getattr__(name: str) -> object:
    """Load the public functions when one is first used: importing memcert costs nothing.

    Raises:
        AttributeError: memcert has no such name.
    """
    if name not in __all__:
        raise AttributeError(f"module 'memcert' has no attribute {name!r}")
    import memcert.api  # the kernel, run alone, must load nothing of it

    return getattr(memcert.api, name)


def __dir__() -> list[str]:
    """List the public names. Raises: never."""
    return __all__
