"""The schema of memcert-result/1 as pydantic models, from which the JSON Schema is generated."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_JSON_INTEGER = 2**53 - 1
Number = (
    Annotated[int, Field(ge=-MAX_JSON_INTEGER, le=MAX_JSON_INTEGER)]
    | Annotated[
        str,
        Field(
            pattern=r"^(-?[1-9][0-9]{0,15}/[1-9][0-9]{0,15}"
            r"|-?0x[1-9a-f][0-9a-f]*(p[+-][1-9][0-9]{0,7}|/0x[1-9a-f][0-9a-f]*)?)$"
        ),
    ]
)
"""An exact rational in its one spelling (schemas/certificate-1.md)."""
Radius = Number | Literal["unbounded"]
Count = Annotated[int, Field(ge=0)]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class _Record(BaseModel):
    """Unknown and missing keys are refused; nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ClaimModel(_Record):
    """What was to be proved, and for how many samples."""

    rule: Literal["equal", "sign", "argmax", "within"]
    tolerance: Number | None
    samples: Annotated[int, Field(ge=1)]
    excepted: Count
    classes: Annotated[int, Field(ge=1)] | None
    box_radius: Annotated[Radius, Field(description="the label holds on this closed sup-norm box")]


class DigestsModel(_Record):
    """Which samples and which network, recomputed from what was used."""

    dataset: Digest
    network: Digest


class UnusedModel(_Record):
    """A case that no sample meets; `possible` false: contradictory, so that it promises nothing."""

    contract: str
    case: str
    possible: bool | None


class OutlineModel(_Record):
    """The proof outline in figures."""

    blocks: Count
    contracts: Count
    obligations: Annotated[Count, Field(description="different texts put to the solver")]
    concrete_blocks: Annotated[Count, Field(description="blocks proved with their actual weights only")]
    regions: Annotated[bool, Field(description="the outline is single neurons: region execution")]
    unused: list[UnusedModel]


class RadiusModel(_Record):
    """The proved radius of each sample's box, at least the claim's; empty unless proved."""

    smallest: Radius | None
    samples: list[Radius]
    open: Annotated[list[Count], Field(description="rows whose radius itself is not attained")]


class SolverModel(_Record):
    """Who answered the obligations."""

    name: str
    version: str


class ValueModel(_Record):
    """An exact number that shows a failure."""

    name: str
    value: Number


class RefutationModel(_Record):
    """The first thing that failed, re-evaluated exactly."""

    rule: str
    at: str
    expected: str
    got: str
    block: str | None
    stage: str | None
    contract: str | None
    case: str | None
    sample: Count | None
    values: list[ValueModel]
    weights: list[str]
    samples_wrong: Annotated[
        bool | None,
        Field(description="false: the promise failed, the samples are right; null: not looked at"),
    ]


class OpenModel(_Record):
    """An obligation without an answer."""

    contract: str
    case: str
    block: str | None
    reason: str


class ProofResultModel(_Record):
    """A file that `memcert prove -o` writes."""

    format: Literal["memcert-result/1"]
    verdict: Literal["proved", "refuted", "undecided"]
    claim: ClaimModel
    digests: DigestsModel
    outline: OutlineModel
    radius: RadiusModel
    solver: SolverModel
    assumptions: list[str]
    not_examined: list[str]
    refutation: RefutationModel | None
    open: list[OpenModel]
    milliseconds: Count
