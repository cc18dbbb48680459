"""Options that several commands share, each defined once.

UNTRUSTED.
"""

from typing import Annotated

import typer

READING = "How the data are read"
"""The panel of `--help` for these options."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, whatever happens.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print nothing but errors; the exit status tells.")
]
Cert = Annotated[str, typer.Argument(metavar="CERT", help="A certificate: .json or .json.gz.")]
Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="CSV, NPZ, JSON, IDX, CNF (gzipped too), Parquet (extra), or sklearn:NAME (extra).",
    ),
]
UserData = Annotated[
    str | None,
    typer.Option("--dataset", metavar="DATA", help="Your own copy of the data; its samples are run."),
]
LabelColumn = Annotated[
    str | None,
    typer.Option(
        "--label",
        metavar="COLUMN",
        help="The column that holds the labels [else label, class, target or y; else the last].",
        rich_help_panel=READING,
    ),
]
LabelsFile = Annotated[
    str | None,
    typer.Option(
        "--labels", metavar="FILE", help="A file of its own for the labels (IDX).", rich_help_panel=READING
    ),
]
NoHeader = Annotated[
    bool, typer.Option("--no-header", help="The first row of the CSV is data.", rich_help_panel=READING)
]
Delimiter = Annotated[
    str | None,
    typer.Option(
        "--delimiter", metavar="CHARACTER", help="What separates the cells of a CSV.", rich_help_panel=READING
    ),
]
Jobs = Annotated[
    int, typer.Option("--jobs", "-j", min=1, max=1024, help="Processes that work at the same time.")
]
