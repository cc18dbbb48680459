"""A certificate with what an engine and a solver said of it: what pages and figures are made of.

UNTRUSTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from memcert.bounds.comparison import Comparison
from memcert.boxes.check import Replayed
from memcert.datasets.dataset import Dataset
from memcert.errors import MemcertError
from memcert.exact.evaluation import Evaluation, Told, evaluate
from memcert.kernel.certificate import Certificate, Number
from memcert.kernel.data import numbering
from memcert.kernel.verdict import Failure, Mismatch
from memcert.proofs.result import ProofResult
from memcert.reports.figures.labels import Kinds, kinds
from memcert.reports.verdict import Established
from memcert.reports.way import Plan, Way, columns, plan, way
from memcert.reports.windows import FixedWindow, windows

MOST_WEIGHTS = 3_000_000
"""Nonzero weights beyond which blocks are not compared with their contracts for a page."""


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything that is told of a certificate; what takes long is made when it is first asked for.

    Args:
        name: what the certificate is called, untrusted.
        certificate: decoded.
        data: the samples that were run.
        own_data: whether they are the user's (`--dataset`), not the certificate's.
        engine: which one checked, such as `fast engine`.
        checked: its verdict.
        proof: a proof's end; a Failure where it could not be begun; None: none was asked for.
        proof_file: the name of the file that tells of the proof; None: it was made just now.
        comparison: sizes beside bounds; a sentence where there are none.
        boxes: what a box file shows; the Failure that its replay ended with; None: none was given.
        boxes_file: its name.
        boxes_fast: whether it was replayed by numpy, many neurons at a time.
        chosen: rows whose way is told, besides those that are told anyway.
    """

    name: str
    certificate: Certificate
    data: Dataset
    own_data: bool
    engine: str
    checked: Established | Failure
    proof: ProofResult | Failure | None
    proof_file: str | None
    comparison: Comparison | str
    chosen: tuple[int, ...]
    boxes: Replayed | Failure | None = None
    boxes_file: str | None = None
    boxes_fast: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the check accepted the certificate. Raises: never."""
        return not isinstance(self.checked, Failure)

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of labels. Raises: never."""
        return kinds(self.data.labels)

    @property
    def weights(self) -> int:
        """The nonzero weights of the network. Raises: never."""
        return sum(len(layer.data) for layer in self.certificate.network.layers)

    @property
    def fitting(self) -> bool:
        """Whether the samples are those of which the certificate speaks. Raises: never."""
        return not isinstance(self.checked, Mismatch)

    @cached_property
    def planned(self) -> Plan:
        """Every block beside its contract; empty where the outline is none, or too large. Raises: never."""
        if self.weights > MOST_WEIGHTS:
            return ()
        try:
            return plan(self.certificate)
        except Failure:
            return ()

    @cached_property
    def windows(self) -> tuple[FixedWindow, ...]:
        """The windows of probed values that hold for all samples. Raises: never."""
        if not (self.planned and self.certificate.witness.probes and self.fitting):
            return ()
        try:
            values = columns(self.certificate.network, self.data.point(0))
        except Failure:
            return ()
        return windows(self.certificate, self.planned, values)

    @cached_property
    def evaluation(self) -> Evaluation | None:
        """Every row's output and margin, where there is something to tell of them.

        None where the data do not fit, numbers grow too long, or the check found that the rule equal,
        which has no margin, holds on every row. Raises: never.
        """
        claim = self.certificate.claim
        if not self.fitting or (self.accepted and claim.rule == "equal" and not claim.excepted):
            return None
        try:
            return evaluate(self.certificate, self.data)
        except (Failure, MemcertError):
            return None

    @cached_property
    def rows(self) -> tuple[Told, ...]:
        """What the network gives for each row; empty without an evaluation. Raises: never."""
        return () if self.evaluation is None else tuple(self.evaluation.rows())

    @property
    def radii(self) -> Sequence[Number | str | None]:
        """The proved radius of each row, None where none is claimed; empty unless proved. Raises: never."""
        if not isinstance(self.proof, ProofResult):
            return ()
        return self.proof.radii

    def way(self, row: int) -> Way | None:
        """Return the way of a sample; None where it has none: another's, or of numbers that grow too long.

        Raises: never.
        """
        if not self.fitting:
            return None
        numbers, original = numbering(self.certificate), self.data.labels[row]
        label = original if numbers is None else numbers.get(original)
        if label is None or isinstance(label, str):
            return None
        try:
            return way(self.certificate, row, self.data.point(row), label, planned=self.planned)
        except Failure:
            return None
