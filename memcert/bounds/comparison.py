"""A network's sizes beside the lower bounds, and beside what the theorem of its construction promises.

UNTRUSTED. The certificate is checked first, with the fast engine: bounds of what is not true are not told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from memcert.bounds.lower import lower_bounds
from memcert.bounds.measured import Measured, measure
from memcert.bounds.rigorous import precision
from memcert.constructions.assemble import prepare
from memcert.constructions.option_values import resolved
from memcert.constructions.registry import Hypothesis, Promised, Task, constructions
from memcert.datasets.dataset import Dataset
from memcert.datasets.stored import as_certified
from memcert.errors import MemcertError, UsageError
from memcert.exact.check import FastAccepted, fast_check
from memcert.exact.samples import own_dataset
from memcert.kernel.certificate import Certificate
from memcert.kernel.verdict import shown

COMMON = ("seed", "separation")
"""Options that every construction has, beside its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """One bound.

    Args:
        measure: what is bounded: a size, or `points`.
        own: the network's.
        kind: `lower`, `capacity` (of points) or `promised`.
        bound: the number; None: a hypothesis does not hold, so that there is none.
        theorem: whose.
        says: of what it speaks.
        hypotheses: all of them, examined.
    """

    measure: str
    own: int
    kind: str
    bound: int | None
    theorem: str
    says: str
    hypotheses: tuple[Hypothesis, ...]

    @property
    def ratio(self) -> Fraction | None:
        """How far apart they are: own / bound, of points bound / own; None without a bound. Raises: never."""
        if not self.bound:
            return None
        return Fraction(self.bound, self.own) if self.kind == "capacity" else Fraction(self.own, self.bound)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All bounds of a checked certificate; `unpromised` says why no theorem promises anything."""

    accepted: FastAccepted
    measured: Measured
    rows: tuple[Row, ...]
    unpromised: str | None


def compare(certificate: Certificate, dataset: Dataset | None = None) -> Comparison:
    """Check the certificate and return its bounds.

    Args:
        certificate: decoded, not yet believed.
        dataset: the user's own samples; None: the certificate's.

    Cost: the check, and pairs of points times d for the separation.

    Raises:
        Failure: the certificate is not accepted.
        UsageError: the data are detached and none are given.
    """
    dataset = None if dataset is None else as_certified(dataset, certificate)
    accepted = fast_check(certificate, dataset)
    found = measure(certificate, dataset)
    with precision():
        rows = [
            Row(
                lower.measure,
                found.facts.points if lower.measure == "points" else found.sizes[lower.measure],
                "capacity" if lower.measure == "points" else "lower",
                lower.value,
                lower.theorem,
                lower.says,
                lower.hypotheses,
            )
            for lower in lower_bounds(found)
        ]
    promised, why = _promised(certificate, found, dataset)
    rows += [_row(bound, found) for bound in promised]
    return Comparison(accepted, found, tuple(rows), why)


def _promised(
    certificate: Certificate, found: Measured, dataset: Dataset | None
) -> tuple[tuple[Promised, ...], str | None]:
    made = certificate.construction
    if made is None:
        return (), "the certificate names no construction"
    known = constructions().get(made.name)
    if known is None or known.bounds is None:
        without = "is not registered here" if known is None else "has no bounds registered"
        return (), f"its construction {shown(made.name)} {without}"
    if found.excepted:
        return (), f"{found.excepted:,} rows are excepted"
    given = {name: value for name, value in made.options.items() if name not in COMMON}
    try:
        options = resolved(known, given)
    except UsageError as error:
        return (), f"its options are none of {known.name}: {error}"
    try:
        return known.bounds(found.facts, _task(certificate, dataset), options), None
    except MemcertError as error:
        return (), f"{known.name} has no such network of these data: {error}"


def _task(certificate: Certificate, dataset: Dataset | None) -> Task:
    """Return the data as its construction was given them."""
    data = dataset if dataset is not None else own_dataset(certificate)
    if data is None or certificate.construction is None:
        raise UsageError("the certificate does not hold its data: give them with --dataset")
    claim, seed = certificate.claim, certificate.construction.options.get("seed", 0)
    return prepare(data, claim.rule, claim.tolerance, seed=seed if isinstance(seed, int) else 0)


def _row(bound: Promised, found: Measured) -> Row:
    most = bound.most if all(h.holds for h in bound.hypotheses) else None
    says = "what the theorem promises for these data"
    return Row(
        bound.measure, found.sizes[bound.measure], "promised", most, bound.theorem, says, bound.hypotheses
    )


def failing(row: Row) -> Iterator[Hypothesis]:
    """Yield the hypotheses that do not hold. Raises: never."""
    return (h for h in row.hypotheses if not h.holds)
