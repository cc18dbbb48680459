"""From a data set and a construction to a whole certificate.

UNTRUSTED. Every number of the claim is computed from the data and the network that were built;
`check` computes each again.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from memcert.constructions import registry
from memcert.constructions.option_values import resolved
from memcert.constructions.registry import Built, Construction, Evidence, OptionValue, Task
from memcert.datasets.canonical import dataset_digest
from memcert.datasets.dataset import Dataset, exact
from memcert.datasets.labels import distinct, numbered, refuse_contradictions, valued
from memcert.errors import UsageError
from memcert.evidence.document import Data, Document, EvidenceError, QuotedRow
from memcert.exact.separation import data_radius_squared, direction_bound, squared_separation
from memcert.kernel import certificate as c
from memcert.kernel.check import sizes
from memcert.kernel.data import data_line, network_digest
from memcert.kernel.rational import text
from memcert.kernel.verdict import shown

DETACHED_BYTES = 16_000_000
"""Data whose canonical text is longer are left out of the certificate."""
EXACT_POINTS = 2_000
"""Up to so many distinct points the exact separation is claimed unless asked otherwise."""


def build(
    dataset: Dataset,
    construction: str = "vardi-yehudai-shamir",
    rule: str | None = None,
    tolerance: c.Number | str | None = None,
    *,
    seed: int = 0,
    separation: str | None = None,
    **options: OptionValue,
) -> c.Certificate:
    """Build a network that memorizes the data, with its certificate.

    Args:
        dataset: N >= 1 labelled points.
        construction: the name of one in the registry.
        rule: one that the construction can meet; None: its first.
        tolerance: for the rule within, at least 0.
        seed: of every random choice, at least 0; the same gives the same certificate.
        separation: `exact`, `direction` or None: exact up to EXACT_POINTS distinct points.
        options: the construction's own; text is converted.

    Returns:
        The certificate; data of more than DETACHED_BYTES of text are left out of it.

    Raises:
        DatasetError: equal points have different labels, or a label does not suit the rule.
        BuildError: the construction refuses these data.
        NoNetworkError: there is no network of its class; as EvidenceError it says why.
        UsageError: an unknown construction, rule, option or value.
    """
    made_by = registry.construction(construction)
    chosen = resolved(made_by, options)
    if separation not in (None, "exact", "direction"):
        raise UsageError(f"option separation: expected exact or direction, got {shown(separation)}")
    task = prepare(dataset, _rule(made_by, rule), tolerance, seed=seed)
    built = made_by.build(task, chosen)
    given = {name: value for name, value in chosen.items() if value is not None}
    origin = c.Construction(made_by.name, made_by.statement, made_by.source, given)
    common = {"seed": seed} | ({"separation": separation} if separation else {})
    if isinstance(built, Evidence):
        raise EvidenceError(_document(task, built, replace(origin, options={**origin.options, **common})))
    if built.statement is not None:
        origin = replace(origin, statement=built.statement)
    origin = built.origin or origin
    origin = replace(origin, options={**origin.options, **common})
    return c.Certificate(
        construction=origin,
        model=None,
        dataset=_samples(task),
        network=built.network,
        claim=_claim(task, built, separation),
        contracts=built.contracts,
        blocks=built.blocks,
        witness=built.witness,
        digests=c.Digests(dataset_digest(task.dataset), network_digest(built.network)),
        annotations=dict(built.notes),
    )


def prepare(dataset: Dataset, rule: str, tolerance: c.Number | str | None = None, *, seed: int = 0) -> Task:
    """Number the labels and keep one row of each distinct point.

    Args:
        dataset: N >= 1 labelled points.
        rule: equal, sign, argmax or within.
        tolerance: for the rule within, at least 0; else None.
        seed: at least 0.

    Raises:
        DatasetError: equal points have different labels, or a label does not suit the rule.
        UsageError: the tolerance or the seed is out of range.
    """
    if seed < 0:
        raise UsageError(f"seed: expected an integer of at least 0, got {seed}")
    allowed = _tolerance(rule, tolerance)
    if rule == "within":
        dataset = valued(dataset)
    refuse_contradictions(dataset)
    labels, kept = numbered(dataset, rule), distinct(dataset)
    return Task(
        dataset=dataset,
        distinct=kept.rows,
        groups=kept.groups,
        labels=tuple(labels.labels[row] for row in kept.rows),
        class_count=len(labels.classes) if labels.classes is not None else len(set(labels.labels)),
        rule=rule,
        tolerance=allowed,
        seed=seed,
        classes=labels.classes,
    )


def _document(task: Task, evidence: Evidence, origin: c.Construction) -> Document:
    dataset = task.dataset
    rows = tuple(QuotedRow(i, dataset.point(i), task.labels[task.groups[i]]) for i in evidence.rows)
    data = Data(
        name=dataset.name,
        size=dataset.size,
        dimension=dataset.dimension,
        columns=dataset.columns,
        classes=task.classes or (),
        digest=dataset_digest(dataset),
    )
    return Document(evidence.kind, origin, data, rows, evidence.multipliers, dict(evidence.notes))


def _rule(made_by: Construction, rule: str | None) -> str:
    if rule is None:
        return made_by.rules[0]
    if rule not in made_by.rules:
        offers = ", ".join(made_by.rules)
        raise UsageError(f"rule: {made_by.name} can meet {offers}, got {shown(rule)}")
    return rule


def _tolerance(rule: str, tolerance: c.Number | str | None) -> c.Number | None:
    if (tolerance is not None) != (rule == "within"):
        raise UsageError(f"tolerance: the rule within needs one, other rules have none; the rule is {rule}")
    if tolerance is None:
        return None
    try:
        value = Fraction(tolerance)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"tolerance: expected a number such as 1/3, got {shown(tolerance)}") from None
    if value < 0:
        raise UsageError(f"tolerance: expected at least 0, got {shown(tolerance)}")
    return exact(value.numerator, value.denominator)


def _claim(task: Task, built: Built, separation: str | None) -> c.Claim:
    squared, direction = _separation(task, built, separation)
    counted = sizes(built.network)
    return c.Claim(
        rule=task.rule,
        tolerance=task.tolerance,
        excepted=(),
        separation_squared=squared,
        separation_direction=direction,
        data_radius_squared=data_radius_squared(task.dataset),
        margin=built.margin,
        box_radius=built.box_radius,
        promises=built.promises,
        **counted,
    )


def _separation(
    task: Task, built: Built, asked: str | None
) -> tuple[c.Number | None, tuple[c.Number, ...] | None]:
    if len(task.distinct) == 1:
        return None, None
    wanted = asked or ("exact" if len(task.distinct) <= EXACT_POINTS else "direction")
    if wanted == "exact" or built.direction is None:
        return squared_separation(task.dataset), None
    return direction_bound(task.dataset, built.direction), built.direction


def _samples(task: Task) -> c.Samples:
    dataset = task.dataset
    inline = text_bytes(dataset) <= DETACHED_BYTES
    return c.Samples(
        name=dataset.name,
        size=dataset.size,
        dimension=dataset.dimension,
        columns=dataset.columns,
        classes=task.classes,
        points=tuple(point for point, _ in dataset.rows()) if inline else None,
        labels=tuple(task.labels[group] for group in task.groups) if inline else None,
    )


def text_bytes(dataset: Dataset) -> int:
    """Return the length of the data's canonical text without its header.

    Cost: one sort of the N d numerators; each different one is spelled once. Raises: never.
    """
    values, counts = np.unique(dataset.numerators, return_counts=True)
    spelled = (len(text(exact(value, dataset.denominator))) for value in values.tolist())
    numbers = sum(length * count for length, count in zip(spelled, counts.tolist(), strict=True))
    return int(numbers) + dataset.size * (dataset.dimension - 1) + _label_bytes(dataset.labels)


def _label_bytes(labels: Sequence[c.Original]) -> int:
    # With the space before the label and the line feed after it.
    endings = {label: len(data_line((), label)) for label in set(labels)}
    return sum(endings[label] for label in labels)
