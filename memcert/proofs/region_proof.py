"""From matched blocks to the rule on every region: the chain and the rule, at one radius."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from memcert.contracts.terms import exact
from memcert.kernel.certificate import Certificate, Number
from memcert.kernel.rational import text
from memcert.proofs.binding import Bound
from memcert.proofs.chain import Chain, NoCaseError
from memcert.proofs.columns import Space, Value
from memcert.proofs.links import Linked, sources
from memcert.proofs.margins import promised_margin
from memcert.proofs.matching import Difference, told
from memcert.proofs.outline import Outline
from memcert.proofs.regions import Ends, ends
from memcert.proofs.result import Refutation
from memcert.proofs.rule import Rule, Wrong

Radii = tuple[tuple[Fraction | None, bool], ...]
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Held:
    """The rule holds on every region; `limits` is None where nothing is known beyond the radius."""

    used: frozenset[tuple[str, int]]
    limits: Radii | None


@dataclass(frozen=True, slots=True, eq=False)
class RegionProof:
    """What is proved: the certificate's claim about these samples, by blocks in layer order."""

    certificate: Certificate
    bound: Bound
    outline: Outline
    blocks: Sequence[Linked]
    report: Report | None = None

    def run(self) -> Held | Refutation:
        """Prove the rule on the regions of the claimed radius, or say where that fails.

        Where it fails at a radius above 0, the points alone are looked at too, to tell a radius
        that was claimed too large from a chain that is broken.

        Raises:
            LimitReached: a number grew beyond the bound.
        """
        radius = self.certificate.claim.box_radius or 0
        # The only word that the decoder lets pass is `unbounded`.
        found = self._at(None if isinstance(radius, str) else radius)
        if isinstance(found, Held) or radius == 0:
            return found
        points = self._at(0)
        first = f"{found}, at the radius {told(radius)}"
        if isinstance(points, Refutation):
            return points if points.at == found.at else replace(points, cause=first)
        limits = [(limit, k) for k, (limit, _) in enumerate(points.limits or ()) if limit is not None]
        if points.limits is None or not limits:
            return found
        least, sample = min(limits)
        if not isinstance(radius, str) and least > radius:
            return found
        relation = "less than" if points.limits[sample][1] else "at most"
        return replace(
            found,
            rule="box_radius",
            at="claim.box_radius",
            expected=f"{relation} {text(exact(least))}, which is what samples[{sample}] allows",
            got=told(radius),
            sample=sample,
            values=(("largest_radius", exact(least)),),
            cause=first,
        )

    def _at(self, radius: Number | None) -> Held | Refutation:
        chain = Chain(Space(self.bound.points, radius))
        try:
            chain.run(self.blocks, self.report)
        except NoCaseError as failure:
            return _no_case(failure)
        outputs = network_outputs(self.certificate, self.outline, chain)
        if isinstance(outputs, Difference):
            return Refutation("output", outputs.at, told(outputs.expected), told(outputs.got))
        rule = Rule(self.certificate.claim, self.bound.labels, chain.masks, chain.selector)
        wrong = rule.examine(chain.forms, chain.radius, outputs)
        if wrong is not None:
            return _wrong(self.certificate, self.bound, _seen(chain, outputs, wrong), wrong)
        return Held(frozenset(chain.used), None if chain.forms.fixed else chain.radius.limits())


def network_outputs(certificate: Certificate, outline: Outline, chain: Chain) -> list[Value] | Difference:
    """Return the values of the network's outputs after a run; a difference where one is none of a block's."""
    layers, outputs = certificate.network.layers, []
    for neuron in range(layers[-1].shape[0]):
        terms = sources(outline, len(layers), ({neuron: 1}, 0))
        if isinstance(terms, Difference):
            return Difference(f"network output {neuron}", terms.expected, terms.got)
        outputs.append(chain.forms.sum([(chain.output(source), c) for source, c in terms], 0))
    return outputs


def _seen(chain: Chain, outputs: Sequence[Value], wrong: Wrong) -> list[Ends]:
    # An excepted row is looked at as the point that it is.
    space = chain.space.at_points() if wrong.excepted else chain.space
    return [ends(space, value, wrong.sample) for value in outputs]


def _no_case(failure: NoCaseError) -> Refutation:
    placed = failure.linked.placed
    inputs = ", ".join(f"{name} in {both}" for name, both in failure.inputs)
    least = [(f"least_{name}", both.least) for name, both in failure.inputs]
    largest = [(f"largest_{name}", both.largest) for name, both in failure.inputs]
    return Refutation(
        rule="requires",
        at=f"{placed}, samples[{failure.sample}]",
        expected=f"a case of contract {placed.block.contract} that holds on the sample's whole region",
        got=f"none, with {inputs}" if inputs else "none",
        block=placed.block.name,
        stage=placed.block.stage,
        contract=placed.block.contract,
        sample=failure.sample,
        values=tuple((name, end) for name, end in least + largest if end is not None),
    )


def _wrong(certificate: Certificate, bound: Bound, found: Sequence[Ends], wrong: Wrong) -> Refutation:
    claim = certificate.claim
    label = text(bound.label(wrong.sample))
    named = [("F" if len(found) == 1 else f"F_{k}", both) for k, both in enumerate(found)]
    asked = f"F to miss the label {label}" if wrong.excepted else f"{claim.rule} {label}"
    if claim.tolerance is not None:
        asked += f" within {text(claim.tolerance)}"
    margin = promised_margin(claim)
    if margin and not wrong.excepted:
        asked += f" with margin {text(margin)}"
    sides = [(f"least_{name}", both.least) for name, both in named]
    sides += [(f"largest_{name}", both.largest) for name, both in named]
    return Refutation(
        rule="except" if wrong.excepted else claim.rule,
        at=f"samples[{wrong.sample}]",
        expected=asked if wrong.excepted else f"{asked} on the sample's whole region",
        got=", ".join(f"{name} in {both}" for name, both in named[:20]),
        sample=wrong.sample,
        values=tuple((name, end) for name, end in sides if end is not None),
    )
