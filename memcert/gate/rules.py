"""Which rules of a policy are about a certificate, and what they demand together: each time the strictest.

UNTRUSTED.
"""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from memcert.errors import UsageError
from memcert.gate.demands import SIZES, Binding, Demands
from memcert.gate.globs import matches
from memcert.gate.policy import SOLVER_TIMEOUT, TIMEOUT, Policy, Rule
from memcert.kernel.verdict import shown

EVERYTHING = Rule(name="default", files=("**",))
"""The rule of a policy that has none: every certificate is checked."""


def covering(policy: Policy, path: str) -> tuple[Rule, ...]:
    """Return the rules that a certificate must meet; none where the policy has rules for others only.

    Args:
        policy: whose rules; without any, every certificate is to be checked.
        path: of the certificate, relative to the repository.

    Raises:
        UsageError: never for a policy that was read.
    """
    return tuple(rule for rule in policy.rules or (EVERYTHING,) if matches(path, rule.files))


def joined(rules: Sequence[Rule], path: str) -> Demands:
    """Return what some rules, one at least, demand of a certificate together.

    Raises:
        UsageError: two of them name different data, models, digests or solvers.
    """

    def one(name: str) -> Any:
        return _one(rules, name, path)

    found = [rule for rule in rules if rule.data is not None]
    ways = {(rule.label, rule.labels, rule.header, rule.delimiter) for rule in found}
    if len(ways) > 1:
        raise _conflict(found, "data", path)
    data = one("data")
    return Demands(
        rules=tuple(rule.name for rule in rules),
        prove=any("prove" in rule.require or rule.min_radius is not None for rule in rules),
        both_engines=any("both-engines" in rule.require for rule in rules),
        claims=_common(rules),
        max_tolerance=_least(rule.max_tolerance for rule in rules),
        min_accuracy=_most(rule.min_accuracy for rule in rules),
        min_margin=_most(rule.min_margin for rule in rules),
        min_radius=_most(rule.min_radius for rule in rules),
        sizes={
            name: least
            for name in SIZES
            if (least := _least(getattr(rule, f"max_{name}") for rule in rules)) is not None
        },
        max_bytes=_least(rule.max_bytes for rule in rules),
        binding=None if data is None else Binding(_named(data, path), *_way(found[0], path)),
        model=None if (model := one("model")) is None else _named(model, path),
        boxes=None if (boxes := one("boxes")) is None else _named(boxes, path),
        min_box_radius=_most(rule.min_box_radius for rule in rules),
        box_domain=one("box_domain"),
        data_digest=one("data_digest"),
        network_digest=one("network_digest"),
        model_digest=one("model_digest"),
        solver=one("solver") or "z3",
        solver_timeout=_least(rule.solver_timeout for rule in rules) or SOLVER_TIMEOUT,
        timeout=_least(rule.timeout for rule in rules) or TIMEOUT,
        max_memory=_least(rule.max_memory for rule in rules),
    )


def _way(rule: Rule, path: str) -> tuple[str | None, str | None, bool, str | None]:
    labels = None if rule.labels is None else _named(rule.labels, path)
    return rule.label, labels, rule.header, rule.delimiter


def _named(template: str, path: str) -> str:
    name = PurePosixPath(path).name.removesuffix(".gz").removesuffix(".json")
    return template.replace("{stem}", name)


def _one(rules: Sequence[Rule], name: str, path: str) -> Any:
    values = {value for rule in rules if (value := getattr(rule, name)) is not None}
    if len(values) > 1:
        raise _conflict([rule for rule in rules if getattr(rule, name) is not None], name, path)
    return next(iter(values), None)


def _conflict(rules: Sequence[Rule], name: str, path: str) -> UsageError:
    names = ", ".join(rule.name for rule in rules)
    return UsageError(f"rules {names}: demand different {name.replace('_', '-')} of {shown(path)}")


def _common(rules: Sequence[Rule]) -> tuple[str, ...] | None:
    named = [frozenset(rule.claims) for rule in rules if rule.claims is not None]
    return tuple(sorted(frozenset.intersection(*named))) if named else None


def _least(values: Iterable[Any]) -> Any:
    return min((value for value in values if value is not None), default=None)


def _most(values: Iterable[Any]) -> Any:
    return max((value for value in values if value is not None), default=None)
