"""The fast check: the kernel's checks in the kernel's order, on columns of distinct values.

UNTRUSTED. Sizes, digests and the list of what was not examined are the kernel's own code; what
grows with the samples is done here, and tests compare the verdicts. It makes `FastAccepted`,
never `Accepted`.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from memcert.datasets.canonical import dataset_digest
from memcert.datasets.dataset import Dataset, exact
from memcert.datasets.stored import Rows
from memcert.exact.columns import Column
from memcert.exact.engine import Engine, inputs, stages
from memcert.exact.outputs import Evaluator, chosen, columns_of
from memcert.exact.probes import Miss, Probes
from memcert.exact.rules import Judged, judge
from memcert.exact.samples import own_dataset
from memcert.exact.separation import (
    NUMBERS,
    coinciding,
    data_radius_squared,
    exact_number,
    projected,
    squared_separation,
    together,
)
from memcert.kernel.certificate import Certificate, Number, Original
from memcert.kernel.check import check_network, not_examined
from memcert.kernel.decode import names_outputs
from memcert.kernel.verdict import LimitReached, Mismatch, Rejected, Words, shown


@dataclass(frozen=True, slots=True)
class FastAccepted:
    """What the fast engine found to be true over Q; field by field as `kernel.verdict.Accepted`."""

    rule: str
    tolerance: Number | None
    samples: int
    examined: int
    excepted: int
    classes: int | None
    dataset_digest: str
    network_digest: str
    not_examined: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether every sample was examined. Raises: never."""
        return self.examined == self.samples


def fast_check(
    certificate: Certificate, dataset: Rows | None = None, select: Sequence[int] | None = None
) -> FastAccepted:
    """Establish what `kernel.check.check` does, for many samples at once.

    Args:
        certificate: decoded, not yet believed.
        dataset: the user's own samples; None: the certificate's.
        select: rows, if only these are to be examined.

    Returns:
        What was found. The first failure is the kernel's: same rule, place and values. Only where
        numbers grow beyond MAX_VALUE_BITS can the two differ, in which of them gives up.

    Raises:
        ValueError: `select` is empty or names a row that is not there.
        Rejected: a claim is false.
        Mismatch: the user's data are not those that the certificate speaks of.
        LimitReached: a value grew beyond the bound, or the data are detached and not given.
    """
    size = certificate.dataset.size
    if select is not None and not (select and 0 <= min(select) <= max(select) < size):
        raise ValueError(f"rows to examine lie from 0 to {size - 1}")
    used = own_dataset(certificate) if dataset is None else dataset
    if used is None:
        raise LimitReached("dataset", "dataset.points", "the detached data, given beside", Words("nothing"))
    stated = (size, certificate.dataset.dimension)
    if (used.size, used.dimension) != stated:
        raise Mismatch("size", "dataset", f"{stated[0]} x {stated[1]}", (used.size, used.dimension))
    rows = range(size) if select is None else sorted(set(select))
    found = _examined(certificate, used, rows)
    digest = dataset_digest(used)
    network = check_network(certificate, digest, used.columns, given=dataset is not None)
    whole = len(rows) == size
    _conclude(certificate, used, found, whole=whole)
    excepted = certificate.claim.excepted
    return FastAccepted(
        rule=certificate.claim.rule,
        tolerance=certificate.claim.tolerance,
        samples=size,
        examined=len(rows),
        excepted=len(excepted) if whole else len(frozenset(rows) & frozenset(excepted)),
        classes=None if certificate.dataset.classes is None else len(certificate.dataset.classes),
        dataset_digest=digest,
        network_digest=network,
        not_examined=not_examined(certificate, whole=whole),
    )


@dataclass(slots=True)
class _Examined:
    """What the rows so far have shown: the first failure of the rule, the first probe that misses."""

    failure: Rejected | None = None
    miss: Miss | None = None
    margin: Number | None = None
    labels: set[Original] = field(default_factory=set)

    def take(self, judged: Judged, miss: Miss | None, *, named: bool) -> None:
        """Take further rows in; which labels occur is of use only where they have names."""
        self.failure = judged.failure
        if miss is not None and (
            self.miss is None or (miss.probe, miss.row) < (self.miss.probe, self.miss.row)
        ):
            self.miss = miss
        if judged.margin is not None and (self.margin is None or judged.margin < self.margin):
            self.margin = judged.margin
        if named:
            self.labels.update(judged.labels)


def _examined(certificate: Certificate, dataset: Rows, rows: Sequence[int]) -> _Examined:
    """Evaluate and judge the rows: all that are in memory at once, those on disk in parts."""
    found, named = _Examined(), certificate.dataset.classes is not None
    evaluate = None if certificate.witness.probes else Evaluator(certificate.network, dataset)
    step = dataset.size if isinstance(dataset, Dataset) else max(1, NUMBERS // dataset.dimension)
    start = 0
    for part in dataset.parts(step):
        within = rows[bisect_left(rows, start) : bisect_left(rows, start + part.size)]
        if within:
            chosen_part = part if len(within) == part.size else chosen(part, [row - start for row in within])
            outputs, miss = _evaluated(certificate, evaluate, chosen_part, within)
            found.take(judge(certificate, chosen_part.labels, outputs, within), miss, named=named)
        if found.failure is not None:
            break
        start += part.size
    return found


def _evaluated(
    certificate: Certificate, evaluate: Evaluator | None, part: Dataset, rows: Sequence[int]
) -> tuple[list[Column], Miss | None]:
    # The outputs at the rows, and the first probe (then row) that fails.
    if evaluate is not None:
        return columns_of(evaluate, part), None
    engine, columns = Engine(), list[Column]()
    probes = Probes(certificate.witness, rows, engine)
    for layer, columns in enumerate(stages(certificate.network, inputs(part), engine)):
        probes.examine(layer, columns)
    return columns, probes.first


def _conclude(certificate: Certificate, dataset: Rows, found: _Examined, *, whole: bool) -> None:
    """Raise the first failure: the rule, probes, margin, data radius, separation.

    Raises:
        Rejected: a claim is false.
    """
    claim, miss = certificate.claim, found.miss
    if found.failure is not None:
        raise found.failure
    if miss is not None:
        raise Rejected("probe", f"witness.probes[{miss.probe}], samples[{miss.row}]", miss.expected, miss.got)
    if not whole:
        return
    classes = certificate.dataset.classes
    if classes is not None and not names_outputs(certificate) and len(found.labels) != len(classes):
        used = f"the {len(found.labels)} classes that are used"
        raise Rejected("classes", "dataset.classes", used, len(classes))
    if claim.margin is not None and claim.margin != found.margin:
        raise Rejected("margin", "claim.margin", found.margin, claim.margin)
    radius = data_radius_squared(dataset)
    if claim.data_radius_squared != radius:
        raise Rejected("data_radius_squared", "claim.data_radius_squared", radius, claim.data_radius_squared)
    if claim.separation_squared is not None:
        points = together(dataset)
        _separation(points, claim.separation_squared, claim.separation_direction)


def _separation(dataset: Dataset, stated: Number, direction: tuple[Number, ...] | None) -> None:
    at = "claim.separation_squared"
    if direction is None:
        found = squared_separation(dataset)
        if found is None:
            raise Rejected("separation", at, "null: there is one distinct point", stated)
        if stated != found:
            raise Rejected("separation", at, found, stated)
        return
    gap = _gap(dataset, direction)
    if gap is None:
        raise Rejected("separation", at, "null: there is one distinct point", stated)
    bound = exact_number(gap * gap, sum(x * x for x in direction))
    if stated > bound:
        raise Rejected("separation", at, f"at most {shown(bound)}, by the gap {shown(gap)} along it", stated)


def _gap(dataset: Dataset, direction: Sequence[Number]) -> Number | None:
    # The smallest gap between distinct points, which may be 0; None for one distinct point.
    values, scale = projected(dataset, direction)
    order = np.argsort(values, kind="stable")
    gaps = np.diff(values[order])
    if coinciding(dataset, order, gaps) is not None:
        return 0
    positive = gaps[gaps != 0]
    return exact(int(positive.min()), scale) if len(positive) else None
