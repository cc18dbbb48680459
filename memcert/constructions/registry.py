"""The constructions that memcert knows, found by looking into this folder.

UNTRUSTED. A construction is one sub-package whose `__init__` holds `CONSTRUCTIONS`, a tuple of
`Construction`; nothing elsewhere names one. That `__init__` imports nothing heavy: what builds is
imported when it is called.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal

from memcert.errors import UsageError
from memcert.kernel.certificate import Block, Contract, Number, Promise, Witness
from memcert.kernel.certificate import Construction as Origin
from memcert.kernel.network import Network

if TYPE_CHECKING:
    # Options are listed by every `memcert --help`; numpy is loaded when something is built.
    from memcert.datasets.dataset import Dataset

OptionValue = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a construction: also the command-line flag `--name`."""

    name: str
    kind: Literal["choice", "integer", "rational", "text", "flag"]
    default: OptionValue
    help: str
    choices: tuple[str, ...] = ()
    minimum: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """What a construction is given: distinct points with numbered labels.

    Args:
        dataset: the user's data, duplicates included.
        distinct: the row of the first occurrence of each distinct point, ascending.
        groups: for every row, the index in `distinct` of its point.
        labels: one number a distinct point: 0..C-1, -1/+1 for `sign`, values for `within`.
        class_count: C, at least one.
        rule, tolerance: the claim to be met.
        seed: of every random choice.
        classes: the labels as the file has them, in the order of their numbers; None: numbers stay.
    """

    dataset: "Dataset"
    distinct: tuple[int, ...]
    groups: tuple[int, ...]
    labels: tuple[Number, ...]
    class_count: int
    rule: str
    tolerance: Number | None
    seed: int
    classes: tuple[int | str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """What a construction returns; sizes, digests and separation are filled in by `assemble`."""

    network: Network
    contracts: tuple[Contract, ...]
    blocks: tuple[Block, ...]
    witness: Witness
    box_radius: Number | str | None
    margin: Number | None = None
    """The smallest margin of the samples in the rule's own measure, where it is known."""
    direction: tuple[Number, ...] | None = None
    """A direction along which distinct points differ, for the separation claim."""
    promises: tuple[Promise, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    statement: str | None = None
    """The theorem, where the options decide which of several it is."""
    origin: Origin | None = None
    """Name, theorem, source and options of the construction that made it, if it is another one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a construction returns instead where it shows that there is no network of its class.

    Args:
        kind: of the evidence file, one that `memcert.evidence` can check.
        rows: of the data set, in the order in which they are quoted.
        multipliers: one a row, for the kinds that have some.
        notes: for the annotations.
    """

    kind: str
    rows: tuple[int, ...]
    multipliers: tuple[Number, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Size:
    """A predicted size; `bits` is an upper bound, the others are exact."""

    parameters: int
    edges: int
    dense: int
    width: int
    depth: int
    bits: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a theorem's bounds may depend on, measured on the data.

    Args:
        points: N distinct points, at least one.
        dimension: d.
        class_count: C different labels; for the rule within, pieces of length 2 q that cover them.
        radius_squared: the largest |x|^2.
        separation_squared: the smallest squared distance of distinct points; None for one point.
        rule: that the network meets.
    """

    points: int
    dimension: int
    class_count: int
    radius_squared: Number
    separation_squared: Number | None
    rule: str


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A condition of a theorem, whether it holds here, and the number that decides it."""

    text: str
    holds: bool
    found: str


@dataclass(frozen=True, slots=True)
class Promised:
    """A theorem's upper bound of one measure, with its hypotheses, every one examined.

    Measures are those of `Size`, and `largest_later_weight`: the largest |weight| or |bias| behind the
    first layer. Where a hypothesis does not hold, `most` is not looked at.
    """

    measure: str
    most: int
    theorem: str
    hypotheses: tuple[Hypothesis, ...]


Build = Callable[[Task, Mapping[str, OptionValue]], Built | Evidence]
Predict = Callable[[Task, Mapping[str, OptionValue]], Size]
Bounds = Callable[[Facts, Task, Mapping[str, OptionValue]], tuple[Promised, ...]]
"""What a theorem promises for measured facts, the task that they were measured on, and options."""


@dataclass(frozen=True, slots=True)
class Construction:
    """One memorizer of the literature.

    Args:
        name: lower case words joined by hyphens.
        statement: the theorem, such as `Theorem 3.1`.
        source: the paper.
        rules: the rules it can meet, the first being its default.
        options: what the user can choose.
        build: makes the network; raises `BuildError` naming rows where it refuses. `Evidence`: there
            is none.
        predict: the size it will have, without building a network; raises `BuildError` where it
            would refuse, or there is none.
        refuses: one sentence a kind of data that is refused.
        bounds: what its theorem promises of the sizes, for measured facts, the points that they were
            measured on, and the given options; raises `BuildError` where `predict` would.
        portfolio: whether it only chooses among the others, so that a list of them leaves it out.
        choose: for what it is the one to choose, in a few words.
    """

    name: str
    statement: str
    source: str
    rules: tuple[str, ...]
    options: tuple[Option, ...]
    build: Build
    predict: Predict
    refuses: tuple[str, ...] = ()
    bounds: Bounds | None = None
    portfolio: bool = False
    choose: str = ""


def deferred(module: str) -> tuple[Build, Predict]:
    """Return `build` and `predict` of a module that is imported when one of them is called.

    Raises: never; the functions raise what the module's do.
    """

    def build(task: Task, options: Mapping[str, OptionValue]) -> Built | Evidence:
        built: Built | Evidence = importlib.import_module(module).build(task, options)
        return built

    def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
        size: Size = importlib.import_module(module).predict(task, options)
        return size

    return build, predict


def deferred_bounds(module: str, name: str = "bounds") -> Bounds:
    """Return a function of promises of a module that is imported when it is called. Raises: never."""

    def bounds(facts: Facts, task: Task, options: Mapping[str, OptionValue]) -> tuple[Promised, ...]:
        found: tuple[Promised, ...] = getattr(importlib.import_module(module), name)(facts, task, options)
        return found

    return bounds


@cache
def constructions() -> Mapping[str, Construction]:
    """Return every construction by name, in alphabetical order. Raises: never."""
    package = importlib.import_module("memcert.constructions")
    found: dict[str, Construction] = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.ispkg:
            loaded = importlib.import_module(f"memcert.constructions.{module.name}")
            # A folder of parts that several papers share registers nothing.
            found |= {c.name: c for c in getattr(loaded, "CONSTRUCTIONS", ())}
    return dict(sorted(found.items()))


def construction(name: str) -> Construction:
    """Return the construction of that name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    known = constructions()
    if name not in known:
        raise UsageError(f"no construction {name!r}; there are: {', '.join(known)}")
    return known[name]
