"""The trust manifest for a person: the kernel's files, versions, and what each verdict rests on.

UNTRUSTED.
"""

from collections.abc import Iterator
from typing import Any

from memcert.reports.text import listing, table
from memcert.trust.manifest import Manifest


def lines(found: Manifest) -> Iterator[Any]:
    """Yield tables and lines. Raises: never."""
    yield f"memcert {found.version}, {found.python}"
    rows = [(file.name, f"{file.lines:,}", f"{file.code:,}", file.digest) for file in found.files]
    total = f"{sum(file.lines for file in found.files):,}", f"{sum(file.code for file in found.files):,}"
    yield table(
        "The trusted kernel", ("file", "#lines", "#code", "SHA-256"), [*rows, ("all", *total, found.digest)]
    )
    versions = [(name, version or "not installed") for name, version in found.libraries.items()]
    yield table("Libraries that a verdict may load", ("library", "version"), versions)
    for basis in found.bases:
        yield f"{basis.verdict} ({basis.command}) rests on"
        yield listing(
            [
                ("decided by", ", ".join(basis.entries)),
                ("code", ", ".join(f"memcert.{name}" for name in basis.packages)),
                ("libraries", ", ".join(basis.libraries) or "none: the standard library only"),
                *(("assumed", text) for text in basis.assumed),
            ]
        )
    yield "Never trusted: builders, reports, and what a certificate says of itself."
