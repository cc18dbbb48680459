"""What the rules of a policy demand of one certificate, all together: of each demand the strictest.

UNTRUSTED.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from memcert.errors import UsageError
from memcert.gate.globs import matches
from memcert.gate.policy import SOLVER_TIMEOUT, TIMEOUT, Policy, Rule
from memcert.kernel.certificate import Number
from memcert.kernel.rational import parse_text, text
from memcert.kernel.verdict import shown

SIZES = ("width", "depth", "parameters", "edges", "bit_complexity")
EVERYTHING = Rule(name="default", files=("**",))
"""The rule of a policy that has none: every certificate is checked."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The repository's own data, and how they are read."""

    data: str
    label: str | None = None
    labels: str | None = None
    header: bool = True
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class Demands:
    """What one certificate must be; None: not demanded.

    Args:
        rules: the names of the rules that match.
        prove: whether it must be proved, not only checked.
        both_engines: whether kernel and fast engine must both accept.
        claims: the rules that its claim may name.
        max_tolerance: of its claim.
        min_accuracy: the share of rows on which the rule holds; None: all rows.
        min_margin: of its claim.
        min_radius: proved.
        sizes: the largest of each size that is limited.
        max_bytes: of its file.
        binding: the data that are run.
        model: the file that must be the network's origin.
        data_digest: of the data.
        network_digest: of the network.
        model_digest: of the model's bytes.
        solver: for a proof.
        solver_timeout: seconds for an obligation.
        timeout: seconds in all.
        max_memory: bytes; None: no rule says.
    """

    rules: tuple[str, ...]
    prove: bool
    both_engines: bool
    claims: tuple[str, ...] | None
    max_tolerance: Number | None
    min_accuracy: Number | None
    min_margin: Number | None
    min_radius: Number | None
    sizes: Mapping[str, int]
    max_bytes: int | None
    binding: Binding | None
    model: str | None
    data_digest: str | None
    network_digest: str | None
    model_digest: str | None
    solver: str
    solver_timeout: int
    timeout: int
    max_memory: int | None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON value; `demands_of` reads it again. Raises: never."""
        value = {name: getattr(self, name) for name in self.__dataclass_fields__}
        value |= {name: None if value[name] is None else text(value[name]) for name in _NUMBERS}
        binding = self.binding
        if binding is not None:
            value["binding"] = {name: getattr(binding, name) for name in binding.__dataclass_fields__}
        value["sizes"] = dict(self.sizes)
        return value | {"rules": list(self.rules), "claims": self.claims and list(self.claims)}


_NUMBERS = ("max_tolerance", "min_accuracy", "min_margin", "min_radius")


def demands_of(value: Mapping[str, Any]) -> Demands:
    """Return what `Demands.to_json` wrote. Raises: KeyError, TypeError: it is something else."""
    numbers = {name: None if value[name] is None else parse_text(value[name]) for name in _NUMBERS}
    binding = None if value["binding"] is None else Binding(**value["binding"])
    claims = None if value["claims"] is None else tuple(value["claims"])
    return Demands(
        **{**value, **numbers, "binding": binding, "claims": claims, "rules": tuple(value["rules"])}
    )


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
