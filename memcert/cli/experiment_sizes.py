"""`memcert experiment sizes`: parameters against N, of every construction, with bounds and crossovers.

UNTRUSTED.
"""

from typing import Annotated

import typer

from memcert.cli.outcomes import HOLDS, Outcome, Progress, run
from memcert.cli.outputs import maybe_writable
from memcert.cli.parameters import Json, Quiet
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

EXAMPLE = "Example: memcert experiment sizes --n 100,1000 -o sizes.svg"


def experiment_sizes(
    *,
    n: Annotated[str, typer.Option("--n", metavar="N,N,...", help="Numbers of points, ascending.")] = (
        "100,300,1000,3000,10000"
    ),
    dimension: Annotated[int, typer.Option(min=1, max=10_000, help="Coordinates of a point.")] = 4,
    labels: Annotated[int, typer.Option("--classes", min=2, max=10_000, help="Different labels.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Of the random points and labels.")] = 0,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="A drawing, as SVG (extra plot).")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Compare the sizes of all constructions on random points: built where it fits, by formula beyond.

    Beside them stand what the theorems promise, the lower bound, and where parameters become fewer than N.
    """

    def body() -> Outcome:
        from memcert.experiments.sizes import sizes
        from memcert.reports.size_curves import NOTE, as_data, columns, refusals, rows
        from memcert.reports.text import table

        points, path = numbers(n), maybe_writable(output)
        found = sizes(points, dimension, labels, seed, Progress(quiet=quiet))
        if path is not None:
            from memcert.experiments.drawing import svg
            from memcert.formats.atomic import atomic_write

            drawn = svg(found)
            with atomic_write(path, "bytes") as file:
                file.write(drawn)
        title = f"Nonzero parameters; d = {dimension}, {labels} labels, seed {seed}"
        report = (table(title, columns(found), rows(found)), NOTE, *refusals(found))
        return Outcome(HOLDS, "compared", report, as_data(found) | {"drawing": output})

    return run("experiment sizes", body, as_json=as_json, quiet=quiet)


def numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of points.

    Raises:
        UsageError: they are not ascending integers from 2 to 10^7, separated by commas.
    """
    parts = text.split(",")
    if all(part.isascii() and part.isdigit() and len(part) <= 8 for part in parts):
        found = tuple(map(int, parts))
        if found == tuple(sorted(set(found))) and found[0] >= 2 and found[-1] <= 10**7:
            return found
    raise UsageError(
        f"--n: expected ascending numbers from 2 to 10,000,000 such as 100,1000, got {shown(text)}"
    )
