"""What a proof established, or where it failed: data, and the same as JSON (memcert-result/1).

UNTRUSTED: it repeats what `prove` found. Numbers are exact; in JSON they have memcert's one
spelling. `formats.result_models` has the schema of the JSON form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from memcert.kernel.certificate import Number, Promise
from memcert.kernel.rational import spell

FORMAT = "memcert-result/1"
Verdict = Literal["proved", "refuted", "undecided"]
STATUS: Mapping[Verdict, int] = {"proved": 0, "refuted": 1, "undecided": 6}
UNBOUNDED: Literal["unbounded"] = "unbounded"
NOT_EXAMINED = ("sizes", "separation", "data radius", "margin", "witness")
"""Claims that a proof does not look at; `check` does."""


@dataclass(frozen=True, slots=True)
class Refutation:
    """The first thing that failed: what was required, and what was there, exactly.

    Args:
        rule: one word: `match`, `assumes`, `ensures`, `requires`, `equal`, `box_radius`, ...
        at: the place, such as `blocks[3]` or `contracts[1].cases[0]`.
        expected: what the rule asks for, printable.
        got: what was there, exact and printable (quoted where it comes from the certificate).
        block: its name and stage, where a block is concerned.
        stage: of that block.
        contract: its id, where a contract is concerned.
        case: the name of the contract's case.
        sample: the row, where a sample is concerned.
        values: exact numbers that show it: a solver's input after exact re-evaluation, what the
            block computes there, or both ends of an interval.
        weights: the weights concerned, printable, such as `layer 4, neuron 7, input 2: 3, not 2`.
        samples_wrong: whether the network itself errs on a sample; False: only the promise failed;
            None: not looked at.
        cause: where it failed first, printable, if that is another place: with a claimed radius that
            is too large, or a chain that is broken for the points alone, too.
    """

    rule: str
    at: str
    expected: str
    got: str
    block: str | None = None
    stage: str | None = None
    contract: str | None = None
    case: str | None = None
    sample: int | None = None
    values: tuple[tuple[str, Number], ...] = ()
    weights: tuple[str, ...] = ()
    samples_wrong: bool | None = None
    cause: str | None = None

    def __str__(self) -> str:
        """Return the one line that the user reads."""
        return f"{self.rule} at {self.at}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class UnusedCase:
    """A case that no sample meets in any block; `possible` False: nothing at all can meet it."""

    contract: str
    case: str
    possible: bool | None


@dataclass(frozen=True, slots=True)
class Open:
    """An obligation that no solver answered: which one, and the reason."""

    contract: str
    case: str
    block: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ProofResult:
    """The end of a proof.

    Args:
        verdict: proved, refuted or undecided; undecided is never success.
        rule: the claim's rule, examined on the whole box of every sample.
        tolerance: of the rule `within`.
        samples: N >= 1.
        excepted: how many rows are excepted; for these the rule was shown to fail.
        classes: how many labels the data have, None where they have no classes.
        dataset_digest: of the samples that were used, recomputed.
        network_digest: of the network, recomputed.
        blocks: how many.
        contracts: how many.
        obligations: how many different texts were put to the solver, all blocks together.
        concrete_blocks: how many of the blocks rest on an obligation of their own, with their
            actual weights, because they do not match their contract's pattern.
        unused: cases that no sample meets.
        box_radius: R of the claim: the label holds on the closed sup-norm box of radius R around
            each sample; 0 for the samples alone; `unbounded`.
        radii: the proved radius of each sample, at least R; None for an excepted row, around which
            nothing is claimed; empty unless proved.
        open_radii: rows whose radius is not attained: the label holds on every smaller box.
        regions: whether the outline consists of single neurons, so that the proof is region execution.
        solver: its name.
        solver_version: as it states itself.
        assumptions: what the verdict rests on, in words.
        not_examined: what it says nothing about.
        refutation: None unless refuted.
        open: obligations without an answer.
        seconds: in all.
        promises: of the claim, examined beside the rule: all hold where the verdict is proved.
    """

    verdict: Verdict
    rule: str
    tolerance: Number | None
    samples: int
    excepted: int
    classes: int | None
    dataset_digest: str
    network_digest: str
    blocks: int
    contracts: int
    obligations: int
    concrete_blocks: int
    unused: tuple[UnusedCase, ...]
    box_radius: Number | Literal["unbounded"]
    radii: tuple[Number | Literal["unbounded"] | None, ...]
    open_radii: tuple[int, ...]
    regions: bool
    solver: str
    solver_version: str
    assumptions: tuple[str, ...]
    not_examined: tuple[str, ...]
    refutation: Refutation | None
    open: tuple[Open, ...]
    seconds: float
    promises: tuple[Promise, ...] = ()

    @property
    def status(self) -> int:
        """The exit status: 0, 1 or 6. Raises: never."""
        return STATUS[self.verdict]

    @property
    def smallest_radius(self) -> Number | Literal["unbounded"] | None:
        """The least of `radii`; None where there is none. Raises: never."""
        finite = [radius for radius in self.radii if radius is not None and not isinstance(radius, str)]
        if finite:
            return min(finite)
        return UNBOUNDED if UNBOUNDED in self.radii else None

    def to_json(self) -> dict[str, object]:
        """Return the JSON value, keys in the order of the schema. Raises: never."""
        return {
            "format": FORMAT,
            "verdict": self.verdict,
            "claim": {
                "rule": self.rule,
                "tolerance": _number(self.tolerance),
                "samples": self.samples,
                "excepted": self.excepted,
                "classes": self.classes,
                "box_radius": _number(self.box_radius),
                "promises": [
                    {"kind": p.kind, "values": {name: spell(v) for name, v in sorted(p.values.items())}}
                    for p in self.promises
                ],
            },
            "digests": {"dataset": self.dataset_digest, "network": self.network_digest},
            "outline": {
                "blocks": self.blocks,
                "contracts": self.contracts,
                "obligations": self.obligations,
                "concrete_blocks": self.concrete_blocks,
                "regions": self.regions,
                "unused": [_fields(case) for case in self.unused],
            },
            "radius": {
                "smallest": _number(self.smallest_radius),
                "samples": [_number(radius) for radius in self.radii],
                "open": list(self.open_radii),
            },
            "solver": {"name": self.solver, "version": self.solver_version},
            "assumptions": list(self.assumptions),
            "not_examined": list(self.not_examined),
            "refutation": None if self.refutation is None else _refutation(self.refutation),
            "open": [_fields(missing) for missing in self.open],
            "milliseconds": round(self.seconds * 1000),
        }


def _number(value: Number | str | None) -> int | str | None:
    return value if value is None or isinstance(value, str) else spell(value)


def _fields(value: UnusedCase | Open | Refutation) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _refutation(found: Refutation) -> dict[str, object]:
    values = [{"name": name, "value": spell(value)} for name, value in found.values]
    return _fields(found) | {"values": values, "weights": list(found.weights)}
