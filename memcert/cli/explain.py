"""`memcert explain`: one sample's way through the network, step by step.

UNTRUSTED. It shows what happens to one sample; nothing about the others follows.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Outcome, run
from memcert.cli.parameters import Cert, Delimiter, Json, LabelColumn, LabelsFile, NoHeader, Quiet, UserData
from memcert.cli.user_data import user_data
from memcert.errors import UsageError

if TYPE_CHECKING:
    from memcert.formats.dataset import Dataset
    from memcert.kernel.certificate import Certificate, Number

EXAMPLE = "Example: memcert explain certificates/iris.json --sample 7"
COLUMNS = ("#layers", "stage", "step", "case", "exact values")


def explain(
    cert: Cert,
    *,
    sample: Annotated[int, typer.Option("--sample", min=0, metavar="ROW", help="Rows count from 0.")],
    blocks: Annotated[bool, typer.Option("--blocks", help="Every block, carried values too.")] = False,
    dataset: UserData = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Follow one sample through the network; every number is exact.

    The projected value, its interval, the words, each slot's key and label, the gate that opens, the output.
    """

    def body() -> Outcome:
        from memcert.api import read
        from memcert.kernel.data import original as original_label
        from memcert.kernel.verdict import shown
        from memcert.reports.explain import as_data, ending, lines
        from memcert.reports.text import table
        from memcert.reports.way import way

        certificate = read(cert)
        size = certificate.dataset.size
        if sample >= size:
            raise UsageError(f"--sample: expected a row from 0 to {size - 1}, got {sample}")
        own = user_data(dataset, label=label, labels=labels, no_header=no_header, delimiter=delimiter)
        point, number = _theirs(certificate, own, sample) if own else _quoted(certificate, sample)
        followed = way(certificate, sample, point, number)
        report = (
            f"sample {sample} of {shown(cert)}: x = {shown(point)}",
            table("Its way", COLUMNS, lines(followed, every_block=blocks)),
            ending(followed, certificate, shown(original_label(certificate, number))),
        )
        status = HOLDS if followed.holds and followed.as_stated else DOES_NOT_HOLD
        return Outcome(status, "explained", report, as_data(followed))

    return run("explain", body, as_json=as_json, quiet=quiet)


def _quoted(certificate: "Certificate", sample: int) -> "tuple[tuple[Number, ...], Number]":
    data = certificate.dataset
    if data.points is None or data.labels is None:
        raise UsageError("the certificate does not hold its data: give them with --dataset")
    return data.points[sample], data.labels[sample]


def _theirs(certificate: "Certificate", own: "Dataset", sample: int) -> "tuple[tuple[Number, ...], Number]":
    from memcert.formats.labels import valued
    from memcert.kernel.data import Table, dataset_digest, inline_table, numbering
    from memcert.kernel.verdict import Mismatch, Words

    if certificate.dataset.classes is None:
        own = valued(own)
    digest = dataset_digest(Table(own.size, own.dimension, own.columns, own.rows()))
    inline = inline_table(certificate)
    stated = certificate.digests.dataset if inline is None else dataset_digest(inline)
    if stated not in (None, digest):
        # The witness speaks of the rows of those data, so that other data have no way to be told.
        raise Mismatch("digest", "digests.dataset", str(stated), Words(digest))
    numbers, original = numbering(certificate), own.labels[sample]
    label = original if numbers is None else numbers.get(original, "")
    if isinstance(label, str):
        raise Mismatch("label", f"samples[{sample}]", "a label of the certificate's classes", original)
    return own.point(sample), label
