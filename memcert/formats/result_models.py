"""The schema of memcert-result/1 as pydantic models, from which the JSON Schema is generated."""

from typing import Annotated, Literal

from pydantic import Field

from memcert.formats.models import PromiseModel
from memcert.formats.schema_types import Digest, NonNegative, Number, Record

Radius = NonNegative | Literal["unbounded"]
Count = Annotated[int, Field(ge=0)]


class ClaimModel(Record):
    """What was to be proved, and for how many samples."""

    rule: Literal["equal", "sign", "argmax", "within"]
    tolerance: NonNegative | None
    samples: Annotated[int, Field(ge=1)]
    excepted: Count
    classes: Annotated[int, Field(ge=1)] | None
    box_radius: Annotated[Radius, Field(description="the label holds on this closed sup-norm box")]
    promises: Annotated[list[PromiseModel], Field(description="what is claimed beyond the samples")]


class DigestsModel(Record):
    """Which samples and which network, recomputed from what was used."""

    dataset: Digest
    network: Digest


class UnusedModel(Record):
    """A case that no sample meets; `possible` false: contradictory, so that it promises nothing."""

    contract: str
    case: str
    possible: bool | None


class OutlineModel(Record):
    """The proof outline in figures."""

    blocks: Count
    contracts: Count
    obligations: Annotated[Count, Field(description="different texts put to the solver")]
    concrete_blocks: Annotated[Count, Field(description="blocks proved with their actual weights only")]
    regions: Annotated[bool, Field(description="the outline is single neurons: region execution")]
    unused: list[UnusedModel]


class RadiusModel(Record):
    """The proved radius of each sample's box, at least the claim's; empty unless proved."""

    smallest: Radius | None
    samples: Annotated[list[Radius | None], Field(description="null: an excepted row")]
    open: Annotated[list[Count], Field(description="rows whose radius itself is not attained")]


class SolverModel(Record):
    """Who answered the obligations."""

    name: str
    version: str


class ValueModel(Record):
    """An exact number that shows a failure."""

    name: str
    value: Number


class RefutationModel(Record):
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
    cause: Annotated[str | None, Field(description="where it failed first, if that is another place")]


class OpenModel(Record):
    """An obligation without an answer."""

    contract: str
    case: str
    block: str | None
    reason: str


class ProofResultModel(Record):
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
