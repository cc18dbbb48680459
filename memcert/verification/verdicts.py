"""Exact verdicts and margins of a network on a data set, batch by batch, here or on other machines.

UNTRUSTED; `check` and `prove` work on the certificate, which says which rows fail. What is held in
memory: the smallest margins, the confusion table, and one batch; two batches a process where several
work. Margins, and which rows fail, go to disk where they are many, as the rows themselves do.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import nsmallest

from memcert.datasets.dataset import Dataset, confirm_dimension
from memcert.datasets.spool import Integers
from memcert.datasets.stored import Rows
from memcert.datasets.whole_rows import WholeRows
from memcert.errors import UsageError
from memcert.exact.outputs import Evaluator
from memcert.kernel import certificate as c
from memcert.kernel.network import Network
from memcert.kernel.verdict import shown
from memcert.verification.batches import Batch, judged
from memcert.verification.labels import Numbering, Numbers, labelled
from memcert.verification.margins import Margins, packed
from memcert.verification.parallel import in_order

SMALLEST = 10
"""Smallest margins that are kept with their rows."""


RULES = ("argmax", "sign", "equal", "within")


@dataclass(frozen=True, slots=True)
class Options:
    """How the work is done; no answer depends on it.

    Args:
        jobs: processes.
        scheduler: the address of a Dask scheduler that gets the work; None: this machine.
        paranoid: confirm every float64 product modulo a prime, in int64.
        batch: rows that are judged together; None: what suits the network.

    Raises:
        UsageError: fewer than one process.
    """

    jobs: int = 1
    scheduler: str | None = None
    paranoid: bool = False
    batch: int | None = None

    def __post_init__(self) -> None:
        """Refuse fewer than one process."""
        if self.jobs < 1:
            raise UsageError(f"jobs: expected at least 1 process, got {shown(self.jobs)}")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of each row.

    Args:
        dataset: the rows; labels are numbers where the rule is about values.
        rule: equal, sign, argmax or within.
        tolerance: for within.
        numbering: what the rule compares in a row, given its label.
    """

    dataset: Rows
    rule: str
    tolerance: c.Number | None
    numbering: Numbering

    @property
    def labels(self) -> Numbers:
        """What the rule compares, one a row. Raises: never."""
        return Numbers(self.dataset.labels, self.numbering)

    @property
    def classes(self) -> tuple[int | str, ...] | None:
        """The original label of each number, or None. Raises: never."""
        return self.numbering.classes

    def parts(
        self, rows: int, takes: WholeRows | None = None
    ) -> Iterator[tuple[Dataset, tuple[c.Number, ...], int]]:
        """Yield so many rows at a time, what the rule compares in each, and the first row's number.

        Args:
            rows: how many.
            takes: what they must be; None: anything.

        Raises:
            DatasetError: a row is not what `takes` says.
            UndecidedError: the disk does not give them back.
        """
        start = 0
        for part in self.dataset.parts(rows):
            if takes is not None:
                takes.confirm(part, self.dataset, start)
            yield part, self.numbering.of(part.labels), start
            start += part.size


@dataclass(frozen=True, slots=True)
class Verified(Question):
    """What is true of each row, exactly.

    Args:
        margins: how far the rule is from failing, one a row; negative where it fails.
        excepted: the rows that fail, ascending.
        smallest: of the rows that hold, the SMALLEST ones with the smallest margins, ascending.
        confusion: for argmax and sign, how often (label, decision) occurs; a decision is None at a tie.
        engine: what the verdicts rest on.
    """

    margins: Margins
    excepted: Integers
    smallest: tuple[int, ...]
    confusion: dict[tuple[c.Number, c.Number | None], int]
    engine: str

    @property
    def accuracy(self) -> Fraction:
        """The share of rows that hold. Raises: never."""
        return Fraction(len(self.margins) - len(self.excepted), len(self.margins))

    @property
    def margin(self) -> c.Number | None:
        """The smallest margin of the rows that hold; None: none holds. Raises: never."""
        return self.margins[self.smallest[0]] if self.smallest else None


Watch = Callable[[Question, Batch], None]
"""Told of every batch, in order."""


def verify(
    network: Network,
    dataset: Rows,
    rule: str,
    tolerance: c.Number | None = None,
    classes: tuple[str, ...] | None = None,
    *,
    takes: WholeRows | None = None,
    options: Options | None = None,
    watch: Watch | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Verified:
    """Evaluate the network at every row, exactly, and decide the rule.

    Args:
        network: any.
        dataset: rows of its input size.
        rule: equal, sign, argmax or within.
        tolerance: for within, at least 0.
        classes: names of the outputs in order, for argmax; None: labels are output indices.
        takes: the rows that the model takes; None: any.
        options: how the work is done.
        watch: told of every batch, in order; what it raises ends the work.
        progress: told how many rows are judged.

    Cost: a small multiple of a float64 evaluation where neurons have many terms, and some
    microseconds a row for Python integers.

    Raises:
        DatasetError: rows of another length or that the model does not take, or labels that do not fit.
        UsageError: the tolerance or the classes do not fit the rule; no scheduler answers.
        LimitReached: numbers grow too long.
        UndecidedError: a float64 product was found wrong.
        UnsupportedError: an extra is missing.
    """
    options = options or Options()
    question = asked(network, dataset, rule, tolerance, classes)
    evaluate = Evaluator(network, question.dataset, paranoid=options.paranoid)
    judge = Judge(evaluate, rule, tolerance)
    tasks = question.parts(options.batch or evaluate.batch, takes)
    found = _Found(question)
    for batch in in_order(judge, tasks, jobs=options.jobs, scheduler=options.scheduler):
        found.take(batch)
        if watch is not None:
            watch(question, batch)
        if progress is not None:
            progress("rows", batch.start + len(batch.margins), dataset.size)
    where = "" if options.scheduler is None else f", on the machines of {shown(options.scheduler)}"
    return found.verified(evaluate.engine + where)


def asked(
    network: Network,
    dataset: Rows,
    rule: str,
    tolerance: c.Number | None = None,
    classes: tuple[str, ...] | None = None,
) -> Question:
    """Return what is asked of each row.

    Raises:
        DatasetError: rows of another length, or labels that do not fit.
        UsageError: an unknown rule, or the tolerance or the classes do not fit it.
    """
    if rule not in RULES:
        raise UsageError(f"rule: expected one of {', '.join(RULES)}, got {shown(rule)}")
    confirm_dimension(dataset.name, dataset.dimension, network.input_size)
    if (tolerance is not None) != (rule == "within") or (tolerance is not None and tolerance < 0):
        raise UsageError("--tolerance: the rule within needs one of at least 0, other rules have none")
    rows, numbering = labelled(dataset, rule, classes, network.layers[-1].shape[0])
    return Question(rows, rule, tolerance, numbering)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges one batch, wherever it is sent."""

    evaluate: Evaluator
    rule: str
    tolerance: c.Number | None

    def __call__(self, rows: Dataset, labels: Sequence[c.Number], start: int) -> Batch:
        """Return what is true of rows that start at `start`. Raises: as `verify`."""
        return judged(self.rule, self.tolerance, labels, self.evaluate(rows), start)


class _Found:
    """What the batches so far have shown."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.margins, self.failing = Margins(), Integers()
        self.smallest: list[tuple[Fraction, int]] = []
        self.confusion: Counter[tuple[c.Number, c.Number | None]] = Counter()

    def take(self, batch: Batch) -> None:
        self.margins.add(packed(batch.margins, batch.unit))
        self.failing.extend(batch.failing)
        failing = set(batch.failing)
        rows = enumerate(batch.margins, batch.start)
        held = nsmallest(SMALLEST, [(margin, row) for row, margin in rows if row not in failing])
        known = [(margin * batch.unit, row) for margin, row in held]
        self.smallest = nsmallest(SMALLEST, self.smallest + known)
        if self.question.rule in ("argmax", "sign"):
            self.confusion.update(zip(batch.labels, batch.decisions, strict=True))

    def verified(self, engine: str) -> Verified:
        asked = self.question
        return Verified(
            asked.dataset,
            asked.rule,
            asked.tolerance,
            asked.numbering,
            self.margins,
            self.failing,
            tuple([row for _, row in self.smallest]),
            dict(self.confusion),
            engine,
        )
