"""`memcert demo`: the main job on the data that ship with memcert, and what to try next.

UNTRUSTED.
"""

import shutil
import sys
from time import monotonic
from typing import Annotated

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Outcome, Progress, note, run
from memcert.cli.parameters import Jobs, Json, Quiet

EXAMPLE = "Example: memcert demo"
CITATION = (
    "1,797 handwritten digits, 8 x 8 pixels, ten labels: E. Alpaydin and C. Kaynak, Optical Recognition of "
    "Handwritten Digits, UCI Machine Learning Repository, 1998, doi 10.24432/C50P49, CC BY 4.0"
)


def demo(
    *,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="CERT", help="Where the certificate goes.")
    ] = "memcert-demo.json",
    jobs: Jobs = 1,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Build a network that memorizes 1,797 handwritten digits, check it and prove it.

    The data ship with memcert; nothing is downloaded. Ends with what to try next.
    """
    return run("demo", lambda: _demo(output, jobs, quiet), as_json=as_json, quiet=quiet)


def _demo(output: str, jobs: int, quiet: bool) -> Outcome:
    from memcert import api
    from memcert.cli.build import built
    from memcert.cli.outputs import writable
    from memcert.data import digits_path
    from memcert.reports import proof, summary, verdict

    path, start = writable(output), monotonic()
    note(CITATION, quiet=quiet)
    dataset = api.read_dataset(digits_path())
    certificate, _ = built(lambda: api.build(dataset), path, quiet=quiet)
    # From here on the certificate is a file like any other, and the samples are our own.
    checked = api.check(path, dataset, engine="fast")
    note("checked it against the data", quiet=quiet)
    result = api.prove(path, dataset, jobs=jobs, progress=Progress(quiet=quiet))
    seconds = monotonic() - start
    report = (
        "built",
        *summary.built_lines(certificate),
        *verdict.lines(checked, "fast engine"),
        *proof.lines(result),
        f"built, checked and proved in {seconds:.1f} s",
        *_next(output),
    )
    parts = {
        "certificate": output,
        "size": summary.sizes(certificate),
        "check": verdict.as_data(checked, "fast engine"),
        "proof": result.to_json(),
    }
    status = result.status if checked.excepted == 0 else DOES_NOT_HOLD
    return Outcome(status, "proved" if status == HOLDS else result.verdict, report, parts)


def _next(output: str) -> tuple[str, ...]:
    from shlex import quote

    from memcert.kernel.verdict import shown

    if not output.isprintable():
        return (f"wrote {shown(output)}",)
    name, memcert = quote(output), _called()
    steps = {
        f"{memcert} explain {name} --sample 7": "one digit's way through the network",
        f"{memcert} show {name}": "what the certificate claims",
        f"{memcert} inspect YOUR.csv": "what could be built from data of your own",
        f"{memcert} build YOUR.csv -o YOUR.json": "and then check and prove YOUR.json",
    }
    width = max(map(len, steps))
    return ("", "Try next:", *(f"  {step:<{width}}  {why}" for step, why in steps.items()))


def _called() -> str:
    """Return how this program can be called again from here."""
    called = sys.argv[0]
    if shutil.which("memcert") is None and called.endswith("memcert") and called.isprintable():
        from shlex import quote

        return quote(called)
    return "memcert"
