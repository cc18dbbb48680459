"""The claimed rule on the whole region of every sample (P7), by exact comparison.

A row of `claim.except` must fail the rule, and that is shown at the sample itself: nothing is
claimed about a region around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from memcert.contracts.terms import exact
from memcert.kernel.certificate import Claim, Number
from memcert.proofs.columns import Column, Value
from memcert.proofs.forms import Forms
from memcert.proofs.guards import Guard
from memcert.proofs.instances import Statement
from memcert.proofs.integers import Array, common, integers
from memcert.proofs.margins import promised_margin
from memcert.proofs.masks import Mask, Masks
from memcert.proofs.partitions import Partition
from memcert.proofs.radius import Radius
from memcert.proofs.selection import Selector


@dataclass(frozen=True, slots=True)
class Wrong:
    """The first row at which the claim about the rule was not shown."""

    sample: int
    excepted: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """labels[kinds[i]] is the label of sample i; every label is used."""

    labels: tuple[Number, ...]
    kinds: Array


def labels_of(numbers: Sequence[Number]) -> Labels:
    """Group equal labels. Cost: linear. Raises: never."""
    places = {label: k for k, label in enumerate(dict.fromkeys(numbers))}
    kinds = np.fromiter(map(places.__getitem__, numbers), dtype=np.int32, count=len(numbers))
    return Labels(tuple(places), kinds)


class Rule:
    """One claim about the outputs of a network."""

    def __init__(self, claim: Claim, labels: Labels, masks: Masks, selector: Selector) -> None:
        """Keep the claim and the labels."""
        self._claim, self._labels, self._masks, self._selector = claim, labels, masks, selector
        self._partition = Partition(labels.kinds, len(labels.labels))
        self._margin = promised_margin(claim)

    def examine(self, forms: Forms, radius: Radius, outputs: Sequence[Value]) -> Wrong | None:
        """Return the first row where the rule is not shown, None if it is everywhere.

        Args:
            forms: of the chain; decides statements at the radius that is claimed.
            radius: takes in what the rule rests on.
            outputs: F, one value an output.

        Cost: a few operations a sample and output. Raises: never.
        """
        excepted = self._masks.of(None, self._excepted())
        kept = self._masks.without(self._masks.full, excepted)
        guards = self._guards(forms, outputs)
        held = self._masks.both(kept, self._comparable(len(outputs)))
        for guard, concerned in guards:
            if guard.limit is not None:
                radius.note(guard.limit, self._masks.both(kept, concerned))
            beside = self._masks.without(held, concerned)
            held = self._masks.either(beside, self._masks.both(held, guard.mask))
        missing = self._masks.without(kept, held)
        shown = self._masks.empty
        if excepted is not self._masks.empty:
            for mask in self._missed(Forms(forms.space.at_points(), self._masks), outputs):
                shown = self._masks.either(shown, mask)
        unshown = self._masks.without(excepted, shown)
        wrong = [
            Wrong(self._masks.first(mask), is_excepted)
            for mask, is_excepted in ((missing, False), (unshown, True))
            if mask is not self._masks.empty
        ]
        return min(wrong, key=lambda w: w.sample, default=None)

    def _excepted(self) -> Array:
        bits = np.zeros(len(self._labels.kinds), dtype=np.bool_)
        bits[list(self._claim.excepted)] = True
        return bits

    def _comparable(self, outputs: int) -> Mask:
        """Return the samples whose label the rule can be about."""
        if self._claim.rule in ("equal", "within"):
            return self._masks.full
        known = (1, -1) if self._claim.rule == "sign" else range(outputs)
        bits = np.fromiter((x in known for x in self._labels.labels), dtype=np.bool_)
        return self._masks.of(self._partition, bits)

    def _guards(self, forms: Forms, outputs: Sequence[Value]) -> list[tuple[Guard, Mask]]:
        """Return guards, each with the samples that must meet it."""
        everyone, margin = self._masks.full, self._margin
        strict = margin == 0
        if self._claim.rule in ("equal", "within"):
            error, allowed = self._error(forms, outputs[0]), exact((self._claim.tolerance or 0) - margin)
            sides = ((1, -allowed), (-1, allowed))
            return [(_decided(forms, error, sense, number), everyone) for sense, number in sides]
        if self._claim.rule == "sign":
            return [
                (_decided(forms, outputs[0], sense, sense * margin, strict=strict), self._labelled(sense))
                for sense in (1, -1)
            ]
        return [
            (
                _decided(forms, lead, 1, margin, strict=strict),
                self._masks.without(everyone, self._labelled(k)),
            )
            for k, lead in enumerate(self._leads(forms, outputs))
        ]

    def _missed(self, forms: Forms, outputs: Sequence[Value]) -> list[Mask]:
        """Return masks of samples at which the rule fails for certain, at the sample itself."""
        if self._claim.rule in ("equal", "within"):
            error, allowed = self._error(forms, outputs[0]), self._claim.tolerance or 0
            sides = ((1, allowed), (-1, -allowed))
            return [_decided(forms, error, sense, number, strict=True).mask for sense, number in sides]
        if self._claim.rule == "sign":
            return [
                self._masks.both(_decided(forms, outputs[0], -sense, 0).mask, self._labelled(sense))
                for sense in (1, -1)
            ]
        found = []
        for k, lead in enumerate(self._leads(forms, outputs)):
            beside = self._masks.without(self._masks.full, self._labelled(k))
            found.append(self._masks.both(_decided(forms, lead, -1, 0).mask, beside))
        return found

    def _labelled(self, label: int) -> Mask:
        bits = np.fromiter((x == label for x in self._labels.labels), dtype=np.bool_)
        return self._masks.of(self._partition, bits)

    def _error(self, forms: Forms, output: Value) -> Value:
        """Return F - y."""
        scale = common(label.denominator for label in self._labels.labels)
        numerators = [label.numerator * (scale // label.denominator) for label in self._labels.labels]
        base = integers(np.array(numerators, dtype=object))
        column = Column(self._partition, scale, base, (), None)
        return forms.sum([(output, 1), (Value(column, column), -1)], 0)

    def _leads(self, forms: Forms, outputs: Sequence[Value]) -> list[Value]:
        """Return F_y - F_k for every k, y being the sample's label; for k = y it is not meant."""
        masks = [(k, self._labelled(k)) for k in range(len(outputs))]
        used = [(outputs[k], [mask]) for k, mask in masks if mask is not self._masks.empty]
        groups = [group for _, group in used]
        lower = self._selector.select([value.lower for value, _ in used], groups)
        upper = self._selector.select([value.upper for value, _ in used], groups)
        own = Value(lower, lower if all(value.exact for value, _ in used) else upper)
        return [forms.sum([(own, 1), (output, -1)], 0) for output in outputs]


def _decided(forms: Forms, value: Value, sense: int, number: Number, *, strict: bool = False) -> Guard:
    return forms.guard(Statement(((0, 1),), sense, number, strict), [value])
