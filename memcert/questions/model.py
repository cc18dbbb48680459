"""A model with the verdicts of its rows: what `memcert.verify` returns, and what more can be asked of it.

UNTRUSTED.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from memcert.datasets.arguments import exact_number, selected
from memcert.datasets.stored import Rows
from memcert.errors import UsageError
from memcert.kernel.certificate import Certificate, Model, Number
from memcert.kernel.network import Network
from memcert.kernel.verdict import shown
from memcert.questions.boxes import Asked, DecidedBoxes, Interval, box_question, domain_of
from memcert.questions.readings import Reading
from memcert.questions.regions import FoundRegions
from memcert.questions.semantics import confirmed_names, judge_of, semantics_of
from memcert.regions.boxes import Budget
from memcert.semantics.told import Told
from memcert.verification.certificate import DigestsFound, certificate_of, digests_of
from memcert.verification.per_row import writing
from memcert.verification.verdicts import Options, Verified, verify


class Rule(NamedTuple):
    """What is asked of the rows: the rule, its tolerance, and the names of the outputs in order."""

    name: str
    tolerance: Number | None
    classes: Iterable[str] | None


@dataclass(frozen=True)
class VerifiedModel:
    """A network made elsewhere, and what is true of each row.

    Args:
        reading: of the model.
        rows: the verdicts.
    """

    reading: Reading
    rows: Verified

    @property
    def network(self) -> Network:
        """The network as it was lowered. Raises: never."""
        return self.reading.imported.network

    @property
    def model(self) -> Model:
        """The model's files, options and notes. Raises: never."""
        return self.reading.imported.model

    @property
    def accuracy(self) -> Fraction:
        """The share of rows that hold. Raises: never."""
        return self.rows.accuracy

    @cached_property
    def digests(self) -> DigestsFound:
        """The digests of network and data. Cost: one pass over all numbers, once."""
        return digests_of(self.network, self.rows.dataset)

    def certificate(
        self, *, detach: bool | None = None, box_radius: Number | str | None = None
    ) -> Certificate:
        """Return the certificate, for `memcert.write` and `memcert.check`.

        Args:
            detach: leave the data out; None: where they are more than 16 MB of text.
            box_radius: of the box around every row that is claimed, as `regions().summary().box_radius` has
                it; `memcert.prove` confirms it, or refutes one that is too large.

        Raises:
            UsageError: a radius that is not exact or is negative; all rows have the positive class of `sign`.
        """
        radius = box_radius if box_radius in (None, "unbounded") else exact_number(box_radius, "box_radius")
        if isinstance(radius, int | Fraction) and radius < 0:
            raise UsageError(f"box_radius: expected a number of at least 0, got {shown(radius)}")
        return certificate_of(
            self.network, self.model, self.rows, radius, digests=self.digests, detach=detach
        )

    def regions(self) -> FoundRegions:
        """Return the activation region of every row: the largest box on which the network is one affine map.

        Returns:
            A `Region` a row, in order, each found when it is first asked for and then kept (on disk where
            they are many): its nearest walls `neuron`, `label` and `nearest` with exact radii, and
            `wall.point(x)`, a point of the wall on the box around the row's point x. Besides `summary()`,
            `maps()` and `write(path)`.

        Raises:
            LimitReached: when a region is asked for: numbers grow too long.
        """
        return FoundRegions(self.network, self.rows)

    def boxes(
        self,
        radius: Number | str,
        *,
        domain: Interval | Sequence[Interval] | None = None,
        rows: Iterable[int] | None = None,
        timeout: float = 60.0,
        max_leaves: int = 2_000,
        jobs: int = 1,
        scheduler: str | None = None,
    ) -> DecidedBoxes:
        """Ask whether the rule holds on the whole sup-norm box around each row.

        Args:
            radius: of the boxes, in the data's own coordinates; text such as 1/255 is read exactly.
            domain: (low, high) for every coordinate, or a pair for each, to which the boxes are cut.
            rows: around which; None: all.
            timeout: seconds for each row.
            max_leaves: cases that are told apart, for each row.
            jobs: processes.
            scheduler: the address of a Dask scheduler that gets the work instead.

        Returns:
            A `Decided` a row, in order, each decided when it is first asked for and then kept (on disk
            where they are many): `index`, `verdict` (`proved`, `refuted` or `undecided`); of a refuted one
            `point`, where the rule fails exactly, and the `margin` there; of an undecided one `why`.
            Besides `counts()` and `write(path)`, the box file that `memcert check --boxes` replays.

        Raises:
            UsageError: a number that is not exact, a negative radius, or a row that is not there.
            DatasetError: a row lies outside of the domain.
        """
        found = self.rows
        size, dimension = found.dataset.size, found.dataset.dimension
        asked = Asked(
            exact_number(radius, "radius"),
            None if domain is None else domain_of(domain, dimension),
            None if rows is None else selected(rows, size, "rows"),
            Budget(timeout, max_leaves),
        )
        work = Options(jobs, scheduler)
        return DecidedBoxes(box_question(self.network, found, asked, self.digests, work))

    def semantics(
        self,
        *names: str,
        jobs: int = 1,
        scheduler: str | None = None,
        paranoid: bool = False,
        per_row: str | Path | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> dict[str, Told]:
        """Judge the rows in floats as well, on the model's own graph.

        Args:
            names: `float32`, `float64` (one order of every sum), `any-order`, `any-order-float64` (all).
            jobs: processes.
            scheduler: the address of a Dask scheduler that gets the work instead.
            paranoid: confirm every float64 product modulo a prime, in integers.
            per_row: a file that gets each row's verdicts, a JSON object a line; packed if it ends in `.gz`.
            progress: told how many rows are judged.

        Returns:
            What is told of each, by name: how many rows it `holds` on, `fails` on and is `unsure` of, and
            `named`, the rows whose verdict differs from the exact one; in any order, those where it may.

        Raises:
            UsageError: no or unknown names; the model was changed since; the file cannot be written.
            UnsupportedError: the model is not known in floats.
            LimitReached: numbers grow too long.
        """
        judge = judge_of(self.reading, self.rows, confirmed_names(names), paranoid=paranoid)
        path, work = None if per_row is None else Path(per_row), Options(jobs, scheduler)
        told = semantics_of(judge, self.rows, work, path=path, progress=progress)
        return {one.name: one for one in told}


def verified(
    reading: Reading,
    dataset: Rows,
    rule: Rule,
    work: Options,
    *,
    per_row: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> VerifiedModel:
    """Judge all rows, and write each where a file is wanted.

    Args:
        reading: of the model.
        dataset: rows of its input size.
        rule: what is asked of them.
        work: how it is done.
        per_row: the file of JSON lines, if one is wanted.
        progress: told how many rows are judged.

    Raises:
        MemcertError, LimitReached: as `memcert.verification.verdicts.verify`, or the file cannot be written.
        OSError: writing failed.
    """
    imported = reading.imported
    names = imported.output_names(rule.classes, rule.name)
    with writing(per_row) as watch:
        found = verify(
            imported.network,
            dataset,
            rule.name,
            rule.tolerance,
            names,
            takes=imported.takes,
            options=work,
            watch=watch,
            progress=progress,
        )
    return VerifiedModel(reading, found)
