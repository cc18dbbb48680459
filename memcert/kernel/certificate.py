"""The decoded certificate, as frozen data: nothing here is believed yet.

TRUSTED. Field names are those of the format (schemas/certificate-1.md); `except`, `is` and
`with`, which Python reserves, are called `excepted`, `form` and `hints`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, NamedTuple

from memcert.kernel.network import Network

Number = int | Fraction
"""An exact rational: an int, or a Fraction whose denominator is larger than one."""
Original = int | Fraction | str
"""A label as the data file has it."""
Term = tuple[tuple[Number, tuple[str, ...]], ...]
"""A sum of monomials (coefficient, names); the empty sum is 0."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The data section; `points` and `labels` are None together: the data are detached."""

    name: str
    size: int
    dimension: int
    columns: tuple[str, ...] | None
    classes: tuple[int | str, ...] | None
    points: tuple[tuple[Number, ...], ...] | None
    labels: tuple[Number, ...] | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What a theorem says beyond the samples; examined by a proof only."""

    kind: str
    values: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Claim:
    """What the certificate says is true of its network and data."""

    rule: Annotated[str, "equal", "sign", "argmax", "within"]
    tolerance: Number | None
    excepted: tuple[int, ...]
    separation_squared: Number | None
    separation_direction: tuple[Number, ...] | None
    data_radius_squared: Number
    margin: Number | None
    box_radius: Number | str | None
    promises: tuple[Promise, ...]
    width: int
    depth: int
    parameters: int
    edges: int
    bit_complexity: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """A name bound to the one weight `neuron` <- `input` (None: the bias of `neuron`)."""

    name: str
    neuron: str
    input: str | None


class Atom(NamedTuple):
    """The statement `term relation 0`."""

    relation: Annotated[str, "=", ">=", ">"]
    term: Term


@dataclass(frozen=True, slots=True)
class Input:
    """A form of the block's first-layer rows; `dropped`: without its constant."""

    name: str
    form: Term
    dropped: bool


@dataclass(frozen=True, slots=True)
class ContractLayer:
    """One layer of the pattern: (neuron, term over the layer before or the inputs)."""

    relu: bool
    neurons: tuple[tuple[str, Term], ...]


@dataclass(frozen=True, slots=True)
class Output:
    """A last-layer neuron, or a linear form of last-layer neurons."""

    name: str
    form: Term


class Ensure(NamedTuple):
    """The statement `output relation term`."""

    output: str
    relation: Annotated[str, "=", ">=", "<="]
    term: Term


@dataclass(frozen=True, slots=True)
class Case:
    """Where every atom of `requires` holds, every statement of `ensures` does."""

    name: str
    requires: tuple[Atom, ...]
    ensures: tuple[Ensure, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """A mechanism: a pattern of layers with parameters, and what it promises by case."""

    id: str
    parameters: tuple[Parameter, ...]
    assumes: tuple[Atom, ...]
    inputs: tuple[Input, ...]
    layers: tuple[ContractLayer, ...]
    outputs: tuple[Output, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Neurons of consecutive layers that are said to meet a contract.

    `neurons` holds, a layer, indices and half-open ranges (start, stop), in the order of the
    contract's neurons; None: all neurons of those layers.
    """

    name: str
    stage: str
    first_layer: int
    last_layer: int
    contract: str
    neurons: tuple[tuple[int | tuple[int, int], ...], ...] | None
    hints: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Probe:
    """For every sample: coefficients . neurons, after that layer, equals a listed value.

    The value is values[class of the sample in `partition`], or values[sample] if None.
    """

    name: str
    after_layer: int
    neurons: tuple[int, ...]
    coefficients: tuple[Number, ...]
    partition: str | None
    values: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Witness:
    """Partitions of the samples (a class a sample) and the probes that use them."""

    partitions: Mapping[str, tuple[int, ...]]
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Construction:
    """The theorem that the network follows, by its builder's word."""

    name: str
    statement: str
    source: str
    options: Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of the imported model and the digest of its bytes."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Model:
    """Where an imported network came from and how it was lowered."""

    name: str
    format: str
    files: tuple[ModelFile, ...]
    lowering: int
    options: Mapping[str, str | int | bool | None]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Digests:
    """What the file says of itself; it only finds damage."""

    dataset: str | None
    network: str | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A whole certificate of format memcert/1."""

    construction: Construction | None
    model: Model | None
    dataset: Samples
    network: Network
    claim: Claim
    contracts: tuple[Contract, ...]
    blocks: tuple[Block, ...]
    witness: Witness
    digests: Digests
    annotations: Mapping[str, str]
