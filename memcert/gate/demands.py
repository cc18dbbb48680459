"""What is demanded of one certificate: data that a worker is sent, and reads again.

UNTRUSTED. No library is loaded here: every certificate starts a process that reads this.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from memcert.kernel.certificate import Number
from memcert.kernel.rational import parse_text, text

SIZES = ("width", "depth", "parameters", "edges", "bit_complexity")


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
        boxes: the box file that is replayed, and shows the rule around every row on which it holds.
        min_box_radius: of its boxes.
        box_domain: to which they may be cut; None: they may not.
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
    boxes: str | None
    min_box_radius: Number | None
    box_domain: tuple[Number, Number] | None
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
        value["box_domain"] = self.box_domain and [text(bound) for bound in self.box_domain]
        return value | {"rules": list(self.rules), "claims": self.claims and list(self.claims)}


_NUMBERS = ("max_tolerance", "min_accuracy", "min_margin", "min_radius", "min_box_radius")


def demands_of(value: Mapping[str, Any]) -> Demands:
    """Return what `Demands.to_json` wrote. Raises: KeyError, TypeError: it is something else."""
    numbers = {name: None if value[name] is None else parse_text(value[name]) for name in _NUMBERS}
    binding = None if value["binding"] is None else Binding(**value["binding"])
    claims = None if value["claims"] is None else tuple(value["claims"])
    low_high = value["box_domain"]
    domain = None if low_high is None else (parse_text(low_high[0]), parse_text(low_high[1]))
    read = {"binding": binding, "claims": claims, "rules": tuple(value["rules"]), "box_domain": domain}
    return Demands(**{**value, **numbers, **read})
