"""`memcert diff`: what changed between two certificates, in terms that a reviewer reads.

UNTRUSTED.
"""

from typing import Annotated

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Outcome, run
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Json, Quiet

EXAMPLE = "Example: memcert diff old.json new.json"


@limited
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A certificate: .json or .json.gz.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    *,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Tell what B claims and holds that A did not: sizes, data rows, claim, blocks. Checks nothing.

    Exit 0 if both say the same (however they are written), 1 if they differ.
    """

    def body() -> Outcome:
        from memcert.reports.difference import as_data, differences, lines

        a, b = limits.certificate(before), limits.certificate(after)
        if a == b:
            line = "equal: both certificates say the same. Nothing of it was checked"
            return Outcome(HOLDS, "equal", (line,), {"differences": []})
        found = differences(a, b)
        return Outcome(DOES_NOT_HOLD, "different", lines(found), as_data(found))

    return run("diff", body, as_json=as_json, quiet=quiet, limits=limits)
