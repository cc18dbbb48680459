"""`memcert convert`: data of any format as the canonical text `memcert-data/1`.

UNTRUSTED. The text's SHA-256 is the data set's digest, and the kernel reads it as a stream.
"""

from typing import Annotated

import typer

from memcert.cli.outcomes import HOLDS, Outcome, run
from memcert.cli.outputs import writable
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Data, Delimiter, Json, LabelColumn, LabelsFile, NoHeader, Quiet

EXAMPLE = "Example: memcert convert iris.csv -o iris.data"


@limited
def convert(
    data: Data,
    *,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where the text goes.")],
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write the data as memcert-data/1: one canonical row a line, for the kernel and for digests."""

    def body() -> Outcome:
        from memcert.api import read_dataset
        from memcert.datasets.canonical import write_canonical
        from memcert.kernel.verdict import shown

        path = writable(output, kept=(data, labels))
        limits.files(data, labels)
        dataset = read_dataset(data, label=label, labels=labels, header=not no_header, delimiter=delimiter)
        digest = write_canonical(dataset, path)
        line = f"wrote {shown(output)}: {dataset.size:,} rows of Q^{dataset.dimension}, {digest}"
        facts = {"output": output, "size": dataset.size, "dimension": dataset.dimension, "digest": digest}
        return Outcome(HOLDS, "converted", (line,), facts)

    return run("convert", body, as_json=as_json, quiet=quiet, limits=limits)
