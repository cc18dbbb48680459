"""`memcert inspect`: what a data file holds, before anything is built from it.

UNTRUSTED.
"""

from typing import Annotated

import typer

from memcert.cli.outcomes import HOLDS, MALFORMED, Outcome, run
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Data, Delimiter, Json, LabelColumn, LabelsFile, NoHeader, Quiet

EXAMPLE = "Example: memcert inspect iris.csv --label species"
COLUMNS = ("construction", "theorem", "rule", "#parameters", "#width", "#depth", "#bits", "")


@limited
def inspect(
    data: Data,
    *,
    separation: Annotated[
        bool, typer.Option("--separation", help="Measure the smallest distance, however long it takes.")
    ] = False,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Show what the data are, what is wrong with them by row, and what could be built from them.

    Exit status 3 where something is wrong that `memcert build` would refuse.
    """

    def body() -> Outcome:
        from memcert.inspection import inspect as inspection
        from memcert.kernel.verdict import shown
        from memcert.reports.holdings import as_data, buildable, facts, problems
        from memcert.reports.text import listing, table

        limits.files(data, labels)
        found = inspection(
            data,
            label=label,
            labels=labels,
            header=not no_header,
            delimiter=delimiter,
            separation=separation,
        )
        report: list[object] = [shown(data), listing(facts(found)), *problems(found)]
        if found.predictions:
            report.append(table("What could be built", COLUMNS, buildable(found)))
        verdict = "sound" if found.sound else "not sound"
        return Outcome(HOLDS if found.sound else MALFORMED, verdict, tuple(report), as_data(found))

    return run("inspect", body, as_json=as_json, quiet=quiet, limits=limits)
