"""Boxes around the rows of a verified model: decided row by row, kept, and written as a box file.

UNTRUSTED. What is decided is decided by `memcert.regions.boxes`, and replayed by `memcert.boxes`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from memcert.boxes.document import Boxes
from memcert.boxes.encode import chunks
from memcert.datasets.arguments import exact_number
from memcert.errors import DatasetError, UsageError
from memcert.formats.atomic import atomic_write
from memcert.kernel.certificate import Digests, Number
from memcert.kernel.network import Network
from memcert.kernel.verdict import shown
from memcert.questions.kept import Kept
from memcert.regions.boxes import Budget, Decided, Decider, chunked
from memcert.verification.parallel import in_order
from memcert.verification.verdicts import Options, Verified

ROWS_A_TASK = 32
Interval = tuple[Number | str, Number | str]
Domain = tuple[tuple[Number, Number], ...]
"""[low, high] a coordinate, or one for all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about boxes.

    Args:
        radius: of the boxes, at least 0, in the data's own coordinates.
        domain: to which they are cut; None: not cut.
        rows: around which, ascending; None: all.
        budget: of each row.
    """

    radius: Number
    domain: Domain | None
    rows: Sequence[int] | None
    budget: Budget


@dataclass(frozen=True, slots=True, eq=False)
class BoxQuestion:
    """Boxes that can be decided.

    Args:
        decider: of a network's boxes.
        found: the rows and their verdicts.
        rows: around which boxes are asked about, ascending.
        work: by how many processes, or on which machines.
    """

    decider: Decider
    found: Verified
    rows: Sequence[int]
    work: Options

    @property
    def shared(self) -> Boxes:
        """What all boxes share. Raises: never."""
        return self.decider.boxes

    def decided(self, first: int = 0) -> Iterator[Decided]:
        """Yield the rows as they are decided, in order.

        Args:
            first: place among `rows` at which to begin.

        Raises:
            UsageError, UnsupportedError: there is no such scheduler, or an extra is missing.
        """
        found, jobs = self.found, self.work.jobs
        chosen = self.rows[first:]
        tasks = ((row, found.dataset.point(row), found.labels[row], found.margins[row]) for row in chosen)
        alone = jobs == 1 and self.work.scheduler is None
        # The network goes along with each task to another process: several rows make that worth while.
        size = 1 if alone else max(1, min(ROWS_A_TASK, len(chosen) // (4 * jobs)))
        done = in_order(
            self.decider.decide_all, chunked(tasks, size), jobs=jobs, scheduler=self.work.scheduler
        )
        return chain.from_iterable(done)


def box_question(
    network: Network, found: Verified, asked: Asked, digests: Digests, work: Options
) -> BoxQuestion:
    """Return what is asked about boxes, ready to be decided.

    Args:
        network: whose rule it is.
        found: the rows and their verdicts.
        asked: of them.
        digests: of network and data.
        work: by how many processes, or on which machines.

    Cost: with a domain, one comparison a coordinate of each row.

    Raises:
        UsageError: the radius is negative, or a digest is missing.
        DatasetError: a row lies outside of the domain.
    """
    if asked.radius < 0:
        raise UsageError(f"--box: expected a radius of at least 0, got {shown(asked.radius)}")
    chosen = range(found.dataset.size) if asked.rows is None else asked.rows
    if asked.domain is not None:
        for row in chosen:
            _confirm_inside(found, row, asked.domain)
    if digests.network is None or digests.dataset is None:
        raise UsageError("--box: network and data need digests")
    shared = Boxes(digests.network, digests.dataset, found.rule, found.tolerance, asked.radius, asked.domain)
    return BoxQuestion(Decider(network, shared, asked.budget), found, chosen, work)


def interval(low: Number, high: Number, where: str) -> tuple[Number, Number]:
    """Return [low, high], whose ends `where` names. Raises: UsageError (low > high)."""
    if low > high:
        raise UsageError(f"{where}: expected LO <= HI, got {shown((low, high))}")
    return low, high


def domain_of(given: Interval | Sequence[Interval], dimension: int) -> Domain:
    """Return the domain that a caller of Python gives.

    Args:
        given: (low, high) for every coordinate, or a pair for each.
        dimension: the number of coordinates.

    Raises:
        UsageError: another number of pairs, an end that is no exact number, or low > high.
    """
    pairs: list[object] = list(given)
    if not any(isinstance(pair, tuple | list) for pair in pairs):
        pairs = [pairs]
    if len(pairs) not in (1, dimension):
        raise UsageError(f"domain: expected (LO, HI), or one for each of {dimension} coordinates")
    return tuple([_pair(pair, f"domain[{place}]") for place, pair in enumerate(pairs)])


def _pair(pair: object, where: str) -> tuple[Number, Number]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise UsageError(f"{where}: expected (LO, HI), got {shown(pair)}")
    low, high = (exact_number(end, where) for end in pair)
    return interval(low, high, where)


def _confirm_inside(found: Verified, row: int, domain: Domain) -> None:
    point = found.dataset.point(row)
    every = domain * len(point) if len(domain) == 1 else domain
    for j, (x, (low, high)) in enumerate(zip(point, every, strict=True)):
        if not low <= x <= high:
            raise DatasetError(
                f"{shown(found.dataset.name)}: {found.dataset.place(row)}, coordinate {j}: expected a number "
                f"of the domain, from {shown(low)} to {shown(high)}, got {shown(x)}"
            )


def write_boxes(path: Path, shared: Boxes, decided: Iterable[Decided]) -> None:
    """Write a box file, a line as each row is decided; it gets its name when all are.

    Args:
        path: a name that ends in `.gz` is packed.
        shared: what all boxes share.
        decided: the rows.

    Raises:
        UsageError: the file cannot be written.
        OSError: writing failed.
        Exception: what deciding a row raises.
    """
    with atomic_write(path) as file:
        file.writelines(chunks(shared, (one.row for one in decided), {}))


class DecidedBoxes(Kept[Decided]):
    """The box around each row that was asked about, in order, each decided when it is first asked for.

    Args:
        question: what is asked.
    """

    def __init__(self, question: BoxQuestion) -> None:
        """Decide nothing yet."""
        super().__init__(question.decided, len(question.rows))
        self.shared = question.shared

    def counts(self) -> Counter[str]:
        """Return how many boxes are `proved`, `refuted` and `undecided`.

        Raises:
            Exception: what deciding a row raises.
        """
        return Counter(one.verdict for one in self)

    def write(self, path: str | Path) -> None:
        """Write the box file, which `memcert check CERT --boxes FILE` replays.

        Args:
            path: a name that ends in `.gz` is packed.

        Raises:
            UsageError: the file cannot be written.
            OSError: writing failed.
            Exception: what deciding a row raises.
        """
        write_boxes(Path(path), self.shared, self)
