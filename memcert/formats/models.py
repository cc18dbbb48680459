"""The certificate format memcert/1 as pydantic models, from which its JSON Schema is generated.

UNTRUSTED: the kernel's decoder never sees these models. They accept whatever it accepts, and refuse
what can be refused by looking at one value at a time; schemas/certificate-1.md has the rest.
"""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from memcert.formats.schema_types import (
    Digest,
    Monomial,
    Natural,
    NonNegative,
    NonZero,
    Number,
    Positive,
    Record,
    SmallInteger,
)

Term = TypeAliasType("Term", tuple[Monomial, ...])
"""A sum of monomials; the empty sum is 0."""
Scalar = str | SmallInteger | bool | None
"""The value of an option."""
AtLeastOne = Annotated[int, Field(ge=1, le=2**53 - 1)]


class ConstructionModel(Record):
    """The theorem that the network follows, by its builder's word."""

    name: str
    statement: str
    source: str
    options: dict[str, Scalar]


class ModelFileModel(Record):
    """A file of an imported model and the digest of its bytes."""

    name: str
    digest: Digest


class ModelModel(Record):
    """Where an imported network came from and how it was lowered."""

    name: str
    format: str
    files: tuple[ModelFileModel, ...]
    lowering: Natural
    options: dict[str, Scalar]
    notes: tuple[str, ...]


class DatasetModel(Record):
    """The samples; `points` and `labels` are null together: the data are detached."""

    name: str
    size: AtLeastOne
    """N, the number of samples."""
    dimension: AtLeastOne
    """d, the number of coordinates of a point."""
    columns: Annotated[tuple[str, ...], Field(min_length=1)] | None
    classes: (
        Annotated[tuple[SmallInteger, ...], Field(min_length=1)]
        | Annotated[tuple[str, ...], Field(min_length=1)]
        | None
    )
    """The original labels that 0, 1, .. (rule sign: -1, +1) stand for; null: labels stand for themselves."""
    points: (
        Annotated[tuple[Annotated[tuple[Number, ...], Field(min_length=1)], ...], Field(min_length=1)] | None
    )
    labels: Annotated[tuple[Number, ...], Field(min_length=1)] | None
    """What the rule compares the network's outputs with."""


class LayerModel(Record):
    """x -> W x + b, then ReLU if `relu`; W in compressed sparse rows."""

    shape: tuple[AtLeastOne, Natural]
    """[outputs, inputs]"""
    indptr: Annotated[tuple[Natural, ...], Field(min_length=2)]
    """Row i has the entries from indptr[i] to before indptr[i + 1]."""
    indices: tuple[Natural, ...]
    """Columns, strictly increasing within a row."""
    data: tuple[NonZero, ...]
    """Weights, parallel to `indices`."""
    bias: Annotated[tuple[Number, ...], Field(min_length=1)]
    relu: bool


class NetworkModel(Record):
    """F: Q^input_size -> Q^k, the composition of its layers."""

    input_size: AtLeastOne
    layers: Annotated[tuple[LayerModel, ...], Field(min_length=1)]


class PromiseModel(Record):
    """What a theorem says beyond the samples; examined by a proof only."""

    kind: str
    values: dict[str, Number]


class ClaimModel(Record):
    """What the certificate says is true of its network and samples."""

    rule: Literal["equal", "sign", "argmax", "within"]
    tolerance: NonNegative | None
    """A number for the rule within, else null."""
    excepted: Annotated[tuple[Natural, ...], Field(alias="except")]
    """Exactly the rows for which the rule fails, strictly increasing."""
    separation_squared: Positive | None
    separation_direction: Annotated[tuple[Number, ...], Field(min_length=1)] | None
    data_radius_squared: Number
    margin: Number | None
    box_radius: NonNegative | Literal["unbounded"] | None
    promises: tuple[PromiseModel, ...]
    width: Natural
    depth: Natural
    parameters: Natural
    edges: Natural
    bit_complexity: Natural


class ParameterModel(Record):
    """A name bound to the one weight neuron <- input (null: the bias of the neuron)."""

    name: str
    neuron: str
    input: str | None


class InputModel(Record):
    """A linear form of the block's first rows; `dropped`: without its constant."""

    name: str
    form: Annotated[Term, Field(alias="is")]
    dropped: bool


class ContractLayerModel(Record):
    """One layer of a pattern: [neuron, term over the layer before, or over the inputs] each."""

    relu: bool
    neurons: tuple[tuple[str, Term], ...]


class OutputModel(Record):
    """A linear form of the pattern's last layer."""

    name: str
    form: Annotated[Term, Field(alias="is")]


Atom = TypeAliasType("Atom", tuple[Literal["=", ">=", ">"], Term])
"""[relation, term]: the statement `term relation 0`."""
Ensure = TypeAliasType("Ensure", tuple[str, Literal["=", ">=", "<="], Term])
"""[output, relation, term]: the statement `output relation term`."""


class CaseModel(Record):
    """Where every statement of `requires` holds, every one of `ensures` does."""

    name: str
    requires: tuple[Atom, ...]
    ensures: tuple[Ensure, ...]


class ContractModel(Record):
    """A mechanism: a pattern of layers with parameters, and what it promises, case by case."""

    id: str
    parameters: tuple[ParameterModel, ...]
    assumes: tuple[Atom, ...]
    inputs: tuple[InputModel, ...]
    layers: tuple[ContractLayerModel, ...]
    outputs: tuple[OutputModel, ...]
    cases: tuple[CaseModel, ...]


class BlockModel(Record):
    """Neurons of consecutive layers that are said to meet a contract."""

    name: str
    stage: str
    first_layer: Natural
    last_layer: Natural
    contract: str
    neurons: tuple[tuple[Natural | tuple[Natural, Natural], ...], ...] | None
    """A list a layer of indices and ranges [start, stop); null: all neurons of those layers."""
    hints: Annotated[dict[str, Number], Field(alias="with")]


class ProbeModel(Record):
    """For every sample: coefficients . neurons, after that layer, equals a listed value."""

    name: str
    after_layer: Natural
    """0: the input."""
    neurons: Annotated[tuple[Natural, ...], Field(min_length=1)]
    coefficients: Annotated[tuple[Number, ...], Field(min_length=1)]
    partition: str | None
    """Values are listed by the sample's class in this partition; null: by sample."""
    values: Annotated[tuple[Number, ...], Field(min_length=1)]


class WitnessModel(Record):
    """Partitions of the samples (a class a sample) and the probes that use them."""

    partitions: dict[str, Annotated[tuple[Natural, ...], Field(min_length=1)]]
    probes: tuple[ProbeModel, ...]


class DigestsModel(Record):
    """What the file says of itself; it only finds damage."""

    dataset: Digest | None
    network: Digest | None


class CertificateModel(Record):
    """A certificate: a network, samples, what is claimed of them, and the outline of a proof."""

    format: Literal["memcert/1"]
    construction: ConstructionModel | None
    """Null: made elsewhere."""
    model: ModelModel | None
    dataset: DatasetModel
    network: NetworkModel
    claim: ClaimModel
    contracts: tuple[ContractModel, ...]
    blocks: tuple[BlockModel, ...]
    witness: WitnessModel
    digests: DigestsModel
    annotations: dict[str, str]
    """Never examined, outside the digests."""
