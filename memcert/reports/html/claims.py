"""The claim as mathematics, and item by item who examined it and what came out.

UNTRUSTED.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from memcert.kernel.certificate import Certificate, Number
from memcert.kernel.verdict import Failure
from memcert.proofs.result import ProofResult
from memcert.reports.findings import Findings
from memcert.reports.html.exact import number, words
from memcert.reports.summary import SIZES

HOLDS, FAILS, OPEN, LEFT, ABSENT = "holds", "fails", "not decided", "not examined", ""
PLACES = {
    **dict.fromkeys(SIZES, "sizes"),
    "digest": "digests",
    "columns": "digests",
    "probe": "witness",
    "margin": "margin",
    "data_radius_squared": "data radius",
    "separation": "separation",
    "box_radius": "box radius",
    "promise": "promises",
    "sign_outside": "promises",
}
"""Which item of the claim a rule of check or proof is about; all others are the rule on the samples."""
OUTLINE = frozenset({"match", "assumes", "ensures", "requires", "outline", "coverage", "contract"})
EXAMINED_BY_PROOF = frozenset({"rule", "box radius", "promises", "outline"})


@dataclass(frozen=True, slots=True)
class Item:
    """A part of the claim: what is claimed, and what check and proof found; each cell one word or two."""

    name: str
    claimed: Markup
    check: str
    proof: str


def statement(certificate: Certificate) -> Markup:
    """Return the claim as one sentence of mathematics. Raises: never."""
    claim = certificate.claim
    radius = claim.box_radius
    told = _rule(certificate, ball=bool(radius))
    if radius == "unbounded":
        where = Markup("for every sample <i>i</i> and every input <i>x</i>")
    elif radius:
        where = Markup(
            "for every sample <i>i</i> and every <i>x</i> with \u2016<i>x</i>\u00a0\u2212\u00a0<i>x</i>"
            "<sub><i>i</i></sub>\u2016<sub>\u221e</sub>\u00a0\u2264 <i>R</i>"
        )
    else:
        where = Markup("for every sample <i>i</i>")
    if claim.excepted:
        where += " that is not excepted"
    return Markup('<span class="math">{}</span> {}').format(told, where)


def _rule(certificate: Certificate, *, ball: bool) -> Markup:
    value = Markup("<i>F</i>(<i>x</i>)") if ball else Markup("<i>F</i>(<i>x</i><sub><i>i</i></sub>)")
    label = Markup("<i>y</i><sub><i>i</i></sub>")
    rule = certificate.claim.rule
    if rule == "equal":
        return value + " = " + label
    if rule == "sign":
        return "sgn\u2009" + value + " = " + label
    if rule == "within":
        return Markup("|{}\u00a0\u2212\u00a0{}| \u2264 \u03b5").format(value, label)
    return Markup("arg\u2009max {} = {}").format(value, label)


def items(found: Findings) -> tuple[Item, ...]:
    """Return the claim item by item. Raises: never."""
    return tuple(
        Item(name, claimed, _checked(found, name), _proved(found, name))
        for name, claimed in _claimed(found.certificate)
    )


def _claimed(certificate: Certificate) -> Iterator[tuple[str, Markup]]:
    claim, size = certificate.claim, certificate.dataset.size
    held = size - len(claim.excepted)
    rows = "every one of {:,} samples" if not claim.excepted else "{:,} samples"
    yield "rule", Markup("{} on {}").format(claim.rule, rows.format(held))
    if claim.tolerance is not None:
        yield "tolerance", Markup("\u03b5 = {}").format(number(claim.tolerance))
    if claim.excepted:
        yield "exceptions", Markup("the rule fails on exactly {:,} rows").format(len(claim.excepted))
    yield (
        "sizes",
        Markup("{:,} parameters, depth {:,}, width {:,}, {:,} bits").format(
            claim.parameters, claim.depth, claim.width, claim.bit_complexity
        ),
    )
    if claim.separation_squared is not None:
        kind = "exactly" if claim.separation_direction is None else "at least"
        yield "separation", Markup("squared, {} {}").format(kind, number(claim.separation_squared))
    yield "data radius", Markup("squared {}").format(number(claim.data_radius_squared))
    if claim.margin is not None:
        yield "margin", Markup("the smallest is {}").format(number(claim.margin))
    if certificate.witness.probes:
        yield "witness", Markup("{:,} probes").format(len(certificate.witness.probes))
    if claim.box_radius is not None:
        yield "box radius", Markup("<i>R</i> = {}").format(number(claim.box_radius))
    for promise in claim.promises:
        values = Markup(", ").join(_named(k, v) for k, v in sorted(promise.values.items()))
        yield "promises", Markup("{}: {}").format(words(promise.kind), values)
    if certificate.blocks:
        told = Markup("{:,} blocks meet {:,} contracts")
        yield "outline", told.format(len(certificate.blocks), len(certificate.contracts))
    yield "digests", Markup("of data and network")


def _named(name: str, value: Number) -> Markup:
    return Markup("{} {}").format(words(name), number(value))


def _checked(found: Findings, name: str) -> str:
    done = found.checked
    if name in ("box radius", "promises", "outline"):
        return LEFT
    if isinstance(done, Failure):
        return FAILS if done.status == 1 and PLACES.get(done.rule, "rule") == name else OPEN
    return HOLDS


def _proved(found: Findings, name: str) -> str:
    proof = found.proof
    if proof is None:
        return ABSENT
    examined = name in EXAMINED_BY_PROOF or name in ("tolerance", "exceptions")
    if not examined:
        return LEFT
    if not isinstance(proof, ProofResult) or proof.verdict == "undecided":
        return OPEN
    if proof.verdict == "proved":
        return HOLDS
    failed = proof.refutation.rule if proof.refutation else ""
    place = "outline" if failed in OUTLINE else PLACES.get(failed, "rule")
    return FAILS if place == name else OPEN
