"""`memcert explain`: one sample's way through the network, step by step.

UNTRUSTED. It shows what happens to one sample; nothing about the others follows.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from memcert.cli.outcomes import DOES_NOT_HOLD, HOLDS, Outcome, run
from memcert.cli.own_limits import Asked, limited
from memcert.cli.parameters import Cert, Delimiter, Json, LabelColumn, LabelsFile, NoHeader, Quiet, UserData
from memcert.cli.user_data import user_data
from memcert.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memcert.datasets.dataset import Dataset
    from memcert.kernel.certificate import Certificate, Number
    from memcert.reports.way import Way

EXAMPLE = "Example: memcert explain certificates/iris.json --sample 7"
COLUMNS = ("#layers", "stage", "step", "case", "exact values")


@limited
def explain(
    cert: Cert,
    *,
    sample: Annotated[int, typer.Option("--sample", min=0, metavar="ROW", help="Rows count from 0.")],
    blocks: Annotated[bool, typer.Option("--blocks", help="Every block, carried values too.")] = False,
    neurons: Annotated[
        bool, typer.Option("--neurons", help="Every neuron: layer, exact value before and after its ReLU.")
    ] = False,
    dataset: UserData = None,
    label: LabelColumn = None,
    labels: LabelsFile = None,
    no_header: NoHeader = False,
    delimiter: Delimiter = None,
    limits: Asked,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Follow one sample through the network; every number is exact.

    The projected value, its interval, the words, each slot's key and label, the gate that opens, the output.

    Of a network made elsewhere: layer by layer how many neurons are on and which is nearest to its kink,
    and each neuron where they are few or --neurons asks for it.
    """

    def body() -> Outcome:
        from memcert.kernel.data import original as original_label
        from memcert.kernel.verdict import shown
        from memcert.reports.explain import as_data, ending
        from memcert.reports.way import way

        limits.files(cert, dataset, labels)
        certificate = limits.certificate(cert)
        size = certificate.dataset.size
        if sample >= size:
            raise UsageError(f"--sample: expected a row from 0 to {size - 1}, got {sample}")
        own = user_data(dataset, label=label, labels=labels, no_header=no_header, delimiter=delimiter)
        point, number = _theirs(certificate, own, sample) if own else _quoted(certificate, sample)
        elsewhere = certificate.construction is None
        followed = way(certificate, sample, point, number, planned=() if elsewhere and not blocks else None)
        report: list[Any] = [f"sample {sample} of {shown(cert)}: x = {shown(point)}"]
        data = as_data(followed)
        if blocks or not elsewhere:
            report += its_way(followed, every_block=blocks)
        if neurons or elsewhere:
            told, data["layers"] = its_layers(certificate, point, every_neuron=neurons)
            report += told
        report.append(ending(followed, certificate, shown(original_label(certificate, number))))
        status = HOLDS if followed.holds and followed.as_stated else DOES_NOT_HOLD
        return Outcome(status, "explained", tuple(report), data)

    return run("explain", body, as_json=as_json, quiet=quiet, limits=limits)


def its_way(followed: "Way", *, every_block: bool) -> list[Any]:
    """Return the table of blocks and probes. Raises: never."""
    from memcert.reports.explain import lines
    from memcert.reports.text import table

    return [table("Its way", COLUMNS, lines(followed, every_block=every_block))]


def its_layers(
    certificate: "Certificate", point: "Sequence[Number]", *, every_neuron: bool
) -> tuple[list[Any], list[dict[str, object]]]:
    """Return the layers at the point, as tables and as data. Raises: LimitReached, as the kernel."""
    from memcert.reports import neurons
    from memcert.reports.text import table

    layers = neurons.layers_at(certificate.network, point)
    few = sum(len(layer.before) for layer in layers) <= neurons.MOST_NEURONS
    report: list[Any] = [table("Its layers", neurons.SUMMARY, neurons.summary(layers))]
    if every_neuron or few:
        report.append(table("Its neurons", neurons.EACH, neurons.each(layers)))
    leads = neurons.decision(certificate.claim.rule, layers[-1].after, certificate.dataset.classes)
    if leads is not None:
        report.append(leads)
    return report, neurons.as_data(layers, every_neuron=every_neuron or few)


def _quoted(certificate: "Certificate", sample: int) -> "tuple[tuple[Number, ...], Number]":
    data = certificate.dataset
    if data.points is None or data.labels is None:
        raise UsageError("the certificate does not hold its data: give them with --dataset")
    return data.points[sample], data.labels[sample]


def _theirs(certificate: "Certificate", own: "Dataset", sample: int) -> "tuple[tuple[Number, ...], Number]":
    from memcert.datasets.stored import as_certified
    from memcert.kernel.data import Table, dataset_digest, inline_table, numbering
    from memcert.kernel.verdict import Mismatch, Words

    own = as_certified(own, certificate)
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
