"""`memcert show`: what a certificate claims, checked by nobody.

UNTRUSTED.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from memcert.cli.outcomes import HOLDS, Outcome, run
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Cert, Json, Quiet

if TYPE_CHECKING:
    from memcert.kernel.certificate import Certificate

EXAMPLE = "Example: memcert show certificates/iris.json"
LISTED = 40
"""So many blocks are listed one by one unless --blocks asks for all."""


@limited
def show(
    cert: Cert,
    *,
    blocks: Annotated[bool, typer.Option("--blocks", help="List every block, however many.")] = False,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Print what a certificate claims, block by block, sizes and digests. Checks nothing."""
    return run(
        "show",
        lambda: _shown(cert, limits.certificate(cert), blocks),
        as_json=as_json,
        quiet=quiet,
        limits=limits,
    )


def _shown(path: str, certificate: "Certificate", every_block: bool) -> Outcome:
    from memcert.kernel.verdict import shown
    from memcert.reports.summary import as_data, facts, groups
    from memcert.reports.text import listing, table
    from memcert.reports.words import word

    if every_block or len(certificate.blocks) <= LISTED:
        rows = [
            (word(b.stage), word(b.name), word(b.contract), f"{b.first_layer}-{b.last_layer}")
            for b in certificate.blocks
        ]
        blocks = table("Blocks", ("stage", "block", "contract", "#layers"), rows)
    else:
        grouped = [
            (word(g.stage), word(g.contract), f"{g.blocks:,}", f"{g.first_layer}-{g.last_layer}")
            for g in groups(certificate.blocks)
        ]
        title = f"{len(certificate.blocks):,} blocks (--blocks lists them)"
        blocks = table(title, ("stage", "contract", "#blocks", "#layers"), grouped)
    report = (
        f"{shown(path)}: what it claims. Nothing of it was checked; `memcert check` does that.",
        listing(facts(certificate)),
        blocks,
    )
    return Outcome(HOLDS, "not checked", report, as_data(certificate))
