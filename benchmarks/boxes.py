"""Regions and boxes of networks made elsewhere: how long they take, and how many rows are decided.

Run: python benchmarks/boxes.py [--only NAME]; needs the extras boxes, onnx and sklearn. The networks are
those of benchmarks/foreign.py, made from seeds or trained there. Regions are found for 1,000 rows; boxes
are decided for 30, one row after another, and replayed from the file by the standard library alone, and
many neurons at a time by numpy, which must say the same. The convolution's rows have the network's own
labels. All times are processor seconds of one thread: what else the machine does counts little.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeVar

from foreign import Work, convolution, deep, random_mlp, trained_mlp
from measuring import save
from tables import between, table
from threadpoolctl import threadpool_limits

from memcert.boxes.check import check
from memcert.boxes.decode import decode
from memcert.boxes.document import Boxes
from memcert.boxes.encode import chunks
from memcert.boxes.integers import integer_layers
from memcert.datasets.dataset import Dataset
from memcert.exact.outputs import Evaluator
from memcert.interop.models import ImportOptions, read_model
from memcert.kernel.certificate import Number
from memcert.kernel.data import Table, network_digest
from memcert.kernel.network import Network
from memcert.regions.boxes import Budget, Decider
from memcert.regions.radii import Rows, layers_of, regions
from memcert.regions.replaying import ManyAtOnce
from memcert.regions.summary import Summary
from memcert.verification.certificate import certificate_of
from memcert.verification.verdicts import verify

DOCUMENT = Path(__file__).parents[1] / "docs" / "regions.md"
REGION_ROWS, BOX_ROWS = 1000, 30
T = TypeVar("T")
WHAT = {
    "mlp-trained": "784-256-256-10, trained on images",
    "mlp-random": "784-256-256-10, random weights",
    "deep": "5-50x6-5, random weights",
    "convolution": "28x28, two 3x3 convolutions of 16 channels and a dense layer, random weights",
}
BYTES: tuple[tuple[Number, Number], ...] = ((0, 255),)


@dataclass(frozen=True)
class Boxed:
    """Boxes to be decided: of a network, of one radius in the data's own coordinates."""

    name: str
    make: Callable[[Path], Work]
    told: str
    epsilon: Number
    domain: tuple[tuple[Number, Number], ...] | None


REGIONS = {"mlp-trained": trained_mlp, "mlp-random": random_mlp, "deep": deep, "convolution": convolution}
BOXES = [
    Boxed("deep", deep, "0.01", Fraction(1, 100), None),
    Boxed("deep", deep, "0.02", Fraction(1, 50), None),
    Boxed("mlp-trained", trained_mlp, "1/255", 1, BYTES),
    Boxed("mlp-trained", trained_mlp, "2/255", 2, BYTES),
    Boxed("mlp-trained", trained_mlp, "4/255", 4, BYTES),
    Boxed("convolution", convolution, "1/255", 1, BYTES),
]


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the processor seconds of one call, and what it returned."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def part(data: Dataset, rows: range) -> Dataset:
    """Return some of the rows."""
    return replace(
        data, numerators=data.numerators[rows.start : rows.stop], labels=data.labels[rows.start : rows.stop]
    )


def own_labels(network: Network, data: Dataset) -> Dataset:
    """Return the rows with the network's own decisions as labels."""
    outputs = Evaluator(network, data)(data).columns
    each = [[column[row] for column in outputs] for row in range(data.size)]
    return replace(data, labels=tuple(values.index(max(values)) for values in each))


def region_figures(work: Work) -> dict[str, object]:
    """Find the regions of the first rows."""
    network = read_model(work.path, "argmax", ImportOptions(preprocess=work.preprocess)).network
    data = part(work.data, range(REGION_ROWS))
    found = verify(network, own_labels(network, data) if work.name == "convolution" else data, "argmax")

    def run() -> Summary:
        summary = Summary()
        for region in regions(layers_of(network), Rows(data, found.rule, found.labels, found.margins)):
            summary.take(region)
        return summary

    seconds, summary = timed(run)
    least, median = (summary.smallest[0][1].radius, summary.median or 0)
    return {
        "what": WHAT[work.name],
        "rows": REGION_ROWS,
        "seconds": round(seconds, 2),
        "smallest": f"{float(least):.1e}",
        "median": f"{float(median):.1e}",
        "ended_by_label": summary.by_label,
    }


def box_figures(boxed: Boxed, work: Work) -> dict[str, object]:
    """Decide the boxes of rows that the float network labels as the data do, and replay the file."""
    network = read_model(work.path, "argmax", ImportOptions(preprocess=work.preprocess)).network
    # The rows 1 to 30: row 0 and every hundredth carry a wrong label in the random networks.
    data = part(work.data, range(1, BOX_ROWS + 1))
    data = own_labels(network, data) if work.name == "convolution" else data
    found = verify(network, data, "argmax")
    certificate = certificate_of(network, None, found)
    digests = certificate.digests
    boxes = Boxes(str(digests.network), str(digests.dataset), "argmax", None, boxed.epsilon, boxed.domain)
    preparing, decider = timed(lambda: Decider(network, boxes, Budget()))
    asked = [(row, data.point(row), found.labels[row], found.margins[row]) for row in range(data.size)]
    both = [timed(partial(decider.decide, *task)) for task in asked]
    made, times = [one for _, one in both], sorted(seconds for seconds, _ in both)
    content = "".join(chunks(boxes, [one.row for one in made], {})).encode()
    rows = Table(data.size, data.dimension, data.columns, list(data.rows()))
    replaying, replayed = timed(lambda: check(decode(content), certificate, rows))
    rows = Table(data.size, data.dimension, data.columns, list(data.rows()))
    at_once, again = timed(lambda: check(decode(content), certificate, rows, ManyAtOnce))
    if again != replayed:
        raise SystemExit(f"{boxed.name} {boxed.told}: many neurons at a time say something else")
    # What is done once, however many rows there are.
    once, layers = timed(lambda: integer_layers(network))
    once_at_once, _ = timed(lambda: ManyAtOnce(network, layers))
    digest, _ = timed(lambda: network_digest(network))
    if len(replayed.proved) != sum(one.row.verdict == "proved" for one in made):
        raise SystemExit(f"{boxed.name} {boxed.told}: the replay proves other rows")
    return {
        "what": WHAT[work.name],
        "radius": boxed.told,
        "proved": len(replayed.proved),
        "refuted": len(replayed.refuted),
        "undecided": len(replayed.undecided),
        "wrong_at_the_row": sum(margin <= 0 for margin in found.margins),
        "leaves": replayed.leaves,
        "preparing": round(preparing, 2),
        "seconds_a_row": round(sum(times) / len(times), 3),
        "slowest_row": round(times[-1], 2),
        "replay_once": round(once + digest, 2),
        "replay_once_fast": round(once + digest + once_at_once, 2),
        "replay_seconds_a_row": round((replaying - once - digest) / len(made), 3),
        "replay_seconds_a_row_fast": round((at_once - once - digest - once_at_once) / len(made), 3),
        "kilobytes": len(content) // 1000,
    }


def document(found_regions: list[dict[str, object]], found_boxes: list[dict[str, object]]) -> None:
    """Write the tables into docs/regions.md."""
    head = ["network", "rows", "seconds", "smallest radius", "median"]
    keys = ["what", "rows", "seconds", "smallest", "median"]
    between(DOCUMENT, "region-speed", table(head, [[one[key] for key in keys] for one in found_regions]))
    head = [
        "network",
        "radius",
        "proved",
        "refuted",
        "undecided",
        "s a row",
        "slowest",
        "leaves",
        "replay s a row, kernel",
        "fast",
        "kB",
    ]
    keys = ["what", "radius", "proved", "refuted", "undecided", "seconds_a_row", "slowest_row", "leaves"]
    keys += ["replay_seconds_a_row", "replay_seconds_a_row_fast", "kilobytes"]
    between(DOCUMENT, "box-speed", table(head, [[one[key] for key in keys] for one in found_boxes]))


def main(arguments: list[str]) -> int:
    """Measure what is asked for; write results and document if it is everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", choices=sorted({*REGIONS, *(boxed.name for boxed in BOXES)}))
    given = parser.parse_args(arguments)
    found_regions, found_boxes = [], []
    with tempfile.TemporaryDirectory() as name, threadpool_limits(limits=1):
        works: dict[str, Work] = {}
        for work_name, make in REGIONS.items():
            if given.only in (None, work_name):
                works[work_name] = make(Path(name))
                found_regions.append(region_figures(works[work_name]))
                print(found_regions[-1], flush=True)
        for boxed in BOXES:
            if given.only in (None, boxed.name):
                found_boxes.append(box_figures(boxed, works[boxed.name]))
                print(found_boxes[-1], flush=True)
    if given.only is None:
        save("boxes", {"regions": found_regions, "boxes": found_boxes})
        document(found_regions, found_boxes)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
