"""`memcert trust`: what each verdict rests on, as it is installed here.

UNTRUSTED.
"""

from memcert.cli.outcomes import HOLDS, Outcome, run
from memcert.cli.parameters import Json, Quiet

EXAMPLE = "Example: memcert trust --json"


def trust(*, as_json: Json = False, quiet: Quiet = False) -> int:
    """List what each verdict rests on: the kernel's files with their digest, libraries, assumptions.

    Compare the digest with that of the release, or of a copy that you have read.
    """

    def body() -> Outcome:
        from memcert.reports.trust import lines
        from memcert.trust.manifest import manifest

        found = manifest()
        return Outcome(HOLDS, "listed", tuple(lines(found)), found.to_json())

    return run("trust", body, as_json=as_json, quiet=quiet)
