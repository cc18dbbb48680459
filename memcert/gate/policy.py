"""The gate's policy: what must be true of which certificate, as pydantic models.

UNTRUSTED. All rules whose globs match a certificate count, so that a rule can be added but never
weakens another. docs/gate.md has this reference in prose; a test compares the two.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from memcert.datasets.numbers import number
from memcert.errors import MemcertError, UsageError
from memcert.gate.globs import check_glob
from memcert.kernel.certificate import Number
from memcert.kernel.rational import text
from memcert.kernel.verdict import shown
from memcert.limits import size_of

MOST_SECONDS = 1_000_000
TIMEOUT, SOLVER_TIMEOUT, MEMORY = 600, 10, 4 << 30
"""Seconds for a certificate, seconds for an obligation, bytes: where no rule says less."""


def _glob(value: str) -> str:
    _explained(check_glob, value)
    return value


def _exact(value: object) -> Number:
    found = value if type(value) is int else _explained(number, value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("expected an integer, or a quoted number such as '0.25' or '1/3'")
    return found


def _domain(value: tuple[Number, Number]) -> tuple[Number, Number]:
    if value[0] > value[1]:
        raise ValueError("expected two numbers, the smaller one first")
    return value


def _size(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("expected a size such as '2GiB'")
    return _explained(size_of, str(value), "size")  # type: ignore[no-any-return]


def _explained(function: Any, *arguments: object) -> Any:
    # Pydantic gathers ValueErrors and tells where in the file they belong.
    try:
        return function(*arguments)
    except MemcertError as error:
        raise ValueError(str(error)) from None


def _inside(value: str) -> str:
    parts = re.split(r"[/\\]", value)
    if not value or ".." in parts or parts[0] == "" or ":" in parts[0] or "\0" in value:
        raise ValueError("expected a path inside the repository")
    return value


def _data(value: str) -> str:
    return value if re.fullmatch(r"sklearn:[a-z0-9_]{1,80}", value) else _inside(value)


Glob = Annotated[str, AfterValidator(_glob)]
_ONE_OR_MORE = BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
Globs = Annotated[tuple[Glob, ...], _ONE_OR_MORE]
Inside = Annotated[str, AfterValidator(_inside)]
Rational = Annotated[Any, BeforeValidator(_exact), PlainSerializer(lambda v: None if v is None else text(v))]
Size = Annotated[int, BeforeValidator(_size)]
Domain = Annotated[tuple[Rational, Rational], AfterValidator(_domain)]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, strict=True)]
Seconds = Annotated[int, Field(ge=1, le=MOST_SECONDS, strict=True)]
Verdict = Literal["check", "prove", "both-engines"]
ClaimRule = Literal["equal", "sign", "argmax", "within"]


class _Table(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=lambda name: name.replace("_", "-"),
        validate_by_alias=True,
        hide_input_in_errors=True,
    )


class Rule(_Table):
    """What is demanded of the certificates that some globs match."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$", description="once in a policy")]
    files: Annotated[Globs, Field(min_length=1, description="globs of certificates")]
    require: Annotated[
        Annotated[tuple[Verdict, ...], _ONE_OR_MORE],
        Field(description="`check` (always), `prove`, `both-engines`: kernel and fast engine"),
    ] = ("check",)
    claims: Annotated[
        Annotated[tuple[ClaimRule, ...], _ONE_OR_MORE] | None,
        Field(min_length=1, description="the rules that a claim may name"),
    ] = None
    max_tolerance: Annotated[Rational, Field(description="of the rule `within`")] = None
    min_accuracy: Annotated[
        Rational, Field(description="the share of rows on which the rule holds; else all must hold")
    ] = None
    min_margin: Annotated[Rational, Field(description="the smallest claimed margin, checked")] = None
    min_radius: Annotated[
        Rational,
        Field(description="the box around every sample on which the label is proved; implies `prove`"),
    ] = None
    max_width: Annotated[Count | None, Field(description="neurons of the widest hidden layer")] = None
    max_depth: Annotated[Count | None, Field(description="layers")] = None
    max_parameters: Annotated[Count | None, Field(description="nonzero weights and biases")] = None
    max_edges: Annotated[Count | None, Field(description="nonzero weights")] = None
    max_bit_complexity: Annotated[Count | None, Field(description="bits of the longest parameter")] = None
    max_bytes: Annotated[
        Size | None, Field(description="of the certificate's file: bytes, or as `'2GiB'`")
    ] = None
    data: Annotated[
        Annotated[str, AfterValidator(_data)] | None,
        Field(description="the repository's own data; `{stem}` stands for the certificate's name"),
    ] = None
    label: Annotated[str | None, Field(description="the column of the labels")] = None
    labels: Annotated[Inside | None, Field(description="a file of its own for the labels")] = None
    header: Annotated[bool, Field(strict=True, description="whether a CSV starts with names")] = True
    delimiter: Annotated[str | None, Field(description="between the cells of a CSV")] = None
    model: Annotated[
        Inside | None,
        Field(description="the repository's own model, imported anew; `{stem}` as above"),
    ] = None
    boxes: Annotated[
        Inside | None,
        Field(description="the box file that is replayed beside it, all rows proved; `{stem}` as above"),
    ] = None
    min_box_radius: Annotated[Rational, Field(description="of the boxes in `boxes`")] = None
    box_domain: Annotated[
        Domain | None,
        Field(description="what the boxes in `boxes` may be cut to; else they may not be cut"),
    ] = None
    data_digest: Annotated[Digest | None, Field(description="of the data, as a verdict prints it")] = None
    network_digest: Annotated[Digest | None, Field(description="of the network, as a verdict prints it")] = (
        None
    )
    model_digest: Annotated[Digest | None, Field(description="SHA-256 of the bytes of the model's file")] = (
        None
    )
    solver: Annotated[Literal["z3", "cvc5"] | None, Field(description="who answers obligations [z3]")] = None
    solver_timeout: Annotated[Seconds | None, Field(description="for each obligation [10]")] = None
    timeout: Annotated[Seconds | None, Field(description="for a certificate, in all [600]")] = None
    max_memory: Annotated[
        Size | None, Field(description="of the process that does it: bytes, or as `'2GiB'` [4GiB]")
    ] = None
    optional: Annotated[bool, Field(strict=True, description="it is no failure if it matches nothing")] = (
        False
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Rule":
        if self.min_accuracy is not None and not 0 <= Fraction(self.min_accuracy) <= 1:
            raise ValueError(f"min-accuracy: expected a number from 0 to 1, got {shown(self.min_accuracy)}")
        for option in ("label", "labels", "delimiter"):
            if getattr(self, option) is not None and self.data is None:
                raise ValueError(f"{option}: says how to read `data`, which is not given")
        for option in ("min_box_radius", "box_domain"):
            if getattr(self, option) is not None and self.boxes is None:
                raise ValueError(f"{option.replace('_', '-')}: is of `boxes`, which is not given")
        if self.model_digest is not None and self.model is None:
            raise ValueError("model-digest: is of `model`, which is not given")
        return self


class Policy(_Table):
    """What is gated, and by which rules."""

    paths: Annotated[
        Annotated[tuple[Inside, ...], _ONE_OR_MORE],
        Field(min_length=1, description="where certificates are looked for"),
    ] = (".",)
    exclude: Annotated[Globs, Field(description="globs of files that are not gated")] = ()
    models: Annotated[
        Globs, Field(description="globs of models; to each, a gated certificate must be bound")
    ] = ()
    allow_removed: Annotated[
        Globs, Field(description="globs of certificates and models that a change may remove")
    ] = ()
    allow_removed_rules: Annotated[
        Annotated[tuple[str, ...], _ONE_OR_MORE], Field(description="names of rules that a change may remove")
    ] = ()
    rules: Annotated[tuple[Rule, ...], Field(description="in any order; each that matches counts")] = ()

    @model_validator(mode="after")
    def _named_once(self) -> "Policy":
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"rules: the name {shown(name)} is given twice")
        return self

    @property
    def digest(self) -> str:
        """The digest of what the policy says, however it is written down. Raises: never."""
        value = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
        return f"sha256:{hashlib.sha256(f'memcert-policy/1{canonical}'.encode()).hexdigest()}"


def read_policy(value: Mapping[str, Any], source: str) -> Policy:
    """Return the policy that a table says.

    Args:
        value: as TOML has it.
        source: the file, for messages.

    Raises:
        UsageError: the table is no policy; names every place, such as `rules[2].min-radius`.
    """
    try:
        return Policy.model_validate(value)
    except ValidationError as error:
        problems = [
            f"{_place(problem['loc'], value)}: {_message(problem)}" for problem in error.errors()[:20]
        ]
        raise UsageError(f"{shown(source)}: {'; '.join(problems)}") from None


def _place(location: tuple[int | str, ...], value: Any) -> str:
    parts = ""
    for part in location:
        known = isinstance(value, Mapping | list | tuple)
        try:
            value = value[part] if known else None
        except (KeyError, IndexError, TypeError):
            value = None
        parts += f"[{part}]" if isinstance(part, int) else f".{part}" if _plain(part) else f".{shown(part)}"
        if isinstance(part, int) and isinstance(value, Mapping) and _plain(value.get("name")):
            parts += f" ({value['name']})"
    return parts.removeprefix(".") or "policy"


def _plain(name: object) -> bool:
    return isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name) is not None


def _message(problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        return "there is no such key"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return message if message.isprintable() else shown(message)
