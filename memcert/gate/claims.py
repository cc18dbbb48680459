"""What the policy demands of an accepted certificate's claim: a step for each demand.

UNTRUSTED. Claims are compared only after a check, and radii only after a proof, found them true.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from memcert.endings import HOLDS, Ending
from memcert.findings import Place, Step, failed
from memcert.gate.demands import SIZES, Demands
from memcert.gate.read import Read, Source
from memcert.kernel.certificate import Number
from memcert.kernel.rational import parse_text
from memcert.kernel.verdict import Failure, Mismatch, Rejected, Words, shown
from memcert.reports.summary import claim_line
from memcert.reports.words import rough

ACCURACY = "accuracy"
"""Demanded of every certificate: all rows hold, unless a rule allows fewer."""


def names_of(demands: Demands) -> list[str]:
    """Return the names of the steps that `steps` yields. Raises: never."""
    digests = {
        "data-digest": demands.data_digest,
        "network-digest": demands.network_digest,
        "model-digest": demands.model_digest,
    }
    optional = {
        "claims": demands.claims,
        "max-tolerance": demands.max_tolerance,
        "min-margin": demands.min_margin,
        "min-radius": demands.min_radius,
        "min-box-radius": demands.min_box_radius,
        "max-bytes": demands.max_bytes,
        **{_option(name): demands.sizes.get(name) for name in SIZES},
    }
    named = [name for name, value in {**digests, **optional}.items() if value is not None]
    return [ACCURACY, *named]


def _option(size: str) -> str:
    return f"max-{size.replace('_', '-')}"


def steps(
    read: Read, demands: Demands, facts: Mapping[str, Any], source: Source, size: int
) -> Iterator[Step]:
    """Yield a step for each demand on a certificate that was accepted, and proved where that is demanded.

    Args:
        read: the certificate.
        demands: on it.
        facts: what was established.
        source: of its samples.
        size: of its file, in bytes.

    Raises:
        never.
    """
    yield _accuracy(read, demands, source)
    for failure, name, message in _compared(read, demands, facts, size):
        if failure is None:
            yield Step(name, HOLDS, "holds", message)
        else:
            found = Ending(failure.status, failure.word, str(failure), {"rule": name, "at": failure.at})
            box_file = demands.boxes if name == "min-box-radius" else None
            place = read.text.place(failure.at) if box_file is None else Place(box_file)
            yield failed(name, found, place)


def _accuracy(read: Read, demands: Demands, source: Source) -> Step:
    certificate = read.certificate
    size, missed = certificate.dataset.size, len(certificate.claim.excepted)
    held = Fraction(size - missed, size)
    least = Fraction(1) if demands.min_accuracy is None else Fraction(demands.min_accuracy)
    message = f"the rule holds on {size - missed:,} of {size:,} rows"
    if held >= least:
        return Step(ACCURACY, HOLDS, "holds", message)
    from memcert.gate.rows import excepted  # numpy, which one that holds can do without

    places, count = excepted(certificate, source)
    ending = Ending(
        Rejected.status,
        Rejected.word,
        f"min-accuracy at claim.except: expected at least {shown(least)}, got {shown(held)}: {message}",
        {"rule": "min-accuracy", "at": "claim.except"},
    )
    return failed(ACCURACY, ending, *places, failures=count)


def _compared(
    read: Read, demands: Demands, facts: Mapping[str, Any], size: int
) -> Iterator[tuple[Failure | None, str, str]]:
    claim = read.certificate.claim
    yield from _digests(demands, facts)
    if demands.claims is not None:
        allowed = ", ".join(demands.claims) or "no rule at all"
        wrong_rule = Rejected("claims", "claim.rule", f"one of {allowed}", Words(claim.rule))
        yield (None if claim.rule in demands.claims else wrong_rule), "claims", claim_line(claim.rule, None)
    if demands.max_tolerance is not None:
        yield _at_most("max-tolerance", "claim.tolerance", demands.max_tolerance, claim.tolerance or 0)
    if demands.min_margin is not None:
        yield _at_least("min-margin", "claim.margin", demands.min_margin, claim.margin, closed=True)
    if demands.min_radius is not None:
        yield _radius(demands.min_radius, facts["proof"])
    if demands.min_box_radius is not None:
        epsilon = parse_text(facts["boxes"]["epsilon"])
        yield _at_least("min-box-radius", "boxes.epsilon", demands.min_box_radius, epsilon, closed=True)
    if demands.max_bytes is not None:
        yield _at_most("max-bytes", "file", demands.max_bytes, size)
    for name in SIZES:
        if name in demands.sizes:
            yield _at_most(_option(name), f"claim.{name}", demands.sizes[name], getattr(claim, name))


def _digests(demands: Demands, facts: Mapping[str, Any]) -> Iterator[tuple[Failure | None, str, str]]:
    wanted = {"data-digest": demands.data_digest, "network-digest": demands.network_digest}
    for (name, expected), what in zip(wanted.items(), ("dataset", "network"), strict=True):
        got = facts["digests"][what]
        if expected is not None:
            wrong = Mismatch(name, f"digests.{what}", expected, Words(got))
            yield (None if got == expected else wrong), name, got
    expected = demands.model_digest
    if expected is not None:
        found = [f"sha256:{digest}" for digest in facts["model_files"].values()]
        others = Words(", ".join(found) or "no file")
        wrong = Mismatch("model-digest", "model.files", expected, others)
        yield (None if expected in found else wrong), "model-digest", expected


def _at_most(name: str, at: str, most: Number, got: Number) -> tuple[Failure | None, str, str]:
    wrong = Rejected(name, at, f"at most {shown(most)}", got)
    return (None if got <= most else wrong), name, f"{rough(got)}, at most {rough(most)}"


def _at_least(
    name: str, at: str, least: Number, got: Number | str | None, *, closed: bool
) -> tuple[Failure | None, str, str]:
    if got == "unbounded":
        return None, name, "unbounded"
    if got is None or isinstance(got, str):
        return Rejected(name, at, f"at least {shown(least)}", Words("none")), name, ""
    if got > least or (got == least and closed):
        return None, name, f"{rough(got)}, at least {rough(least)}"
    reason = f"{shown(got)}, which is not attained" if got == least else shown(got)
    return Rejected(name, at, f"at least {shown(least)}", Words(reason)), name, ""


def _radius(least: Number, proof: Mapping[str, Any]) -> tuple[Failure | None, str, str]:
    spelled, attained = proof["smallest_radius"], proof["smallest_is_attained"]
    got = parse_text(spelled) if spelled not in (None, "unbounded") else spelled
    return _at_least("min-radius", "claim.box_radius", least, got, closed=attained)
