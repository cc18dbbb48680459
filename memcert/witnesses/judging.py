"""Whether a witness is a counterexample: the exact outputs at its inputs, and the property's formula.

UNTRUSTED, but the network is evaluated by the kernel. A counterexample satisfies every assertion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from memcert.errors import UnsupportedError
from memcert.kernel.certificate import Number
from memcert.kernel.network import Network, stages
from memcert.kernel.rational import quotient, spell
from memcert.kernel.verdict import shown
from memcert.witnesses.measure import Miss, measures
from memcert.witnesses.prepared import Prepared
from memcert.witnesses.refusals import SpecificationError
from memcert.witnesses.specification import Signature, Specification
from memcert.witnesses.witness_files import Witness

_Model = TypeVar("_Model")
Networks = Mapping[str, Prepared]
"""The network of each name that the property declares."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An output as the witness has it, and as it is."""

    variable: int
    stored: Number
    exact: Number

    @property
    def amount(self) -> Fraction:
        """|stored - exact|. Raises: never."""
        return abs(Fraction(self.stored) - self.exact)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found of a witness.

    Args:
        values: of all variables, the outputs evaluated exactly.
        outside: the constraint on inputs that is missed most, for a disjunction in the part that is
            nearest; None: the inputs are allowed.
        unviolated: the same of the constraints on outputs; None: the property is violated.
        difference: the largest between a stored output and the exact one; None: none is stored.
    """

    values: tuple[Number, ...]
    outside: Miss | None
    unviolated: Miss | None
    difference: Difference | None

    @property
    def exact(self) -> bool:
        """Whether the witness is a counterexample, exactly. Raises: never."""
        return self.outside is None and self.unviolated is None

    @property
    def kind(self) -> str:
        """One of `exact`, `outside`, `not violating`, `outside, not violating`. Raises: never."""
        words = [
            word for word, miss in (("outside", self.outside), ("not violating", self.unviolated)) if miss
        ]
        return ", ".join(words) or "exact"


def assigned(stated: Specification, models: Mapping[str, _Model]) -> dict[str, _Model]:
    """Return the model of every declared name.

    Args:
        stated: the property.
        models: by name; the one called "" is for every network that is not named, where these are equal.

    Raises:
        UnsupportedError: two networks that need not be equal, and one model.
    """
    found: dict[str, _Model] = {}
    unnamed: list[Signature] = []
    for signature in stated.networks:
        if signature.name in models:
            found[signature.name] = models[signature.name]
        elif signature.equal_to in found:
            found[signature.name] = found[signature.equal_to]
        elif "" in models and not unnamed:
            unnamed.append(signature)
            found[signature.name] = models[""]
        else:
            raise UnsupportedError(
                "the property speaks of several networks, and there is no model for "
                f"{shown(signature.name)}: --folder takes one each, from instances.csv"
            )
    return found


def fitting(stated: Specification, networks: Networks) -> Networks:
    """Return the network of every declared name.

    Args:
        stated: the property.
        networks: as for `assigned`.

    Raises:
        SpecificationError: a network has another number of inputs or outputs than is declared.
        UnsupportedError: as `assigned`.
    """
    found = assigned(stated, networks)
    for signature in stated.networks:
        _refuse_sizes(signature, found[signature.name].network)
    return found


def _refuse_sizes(signature: Signature, network: Network) -> None:
    sizes = (network.input_size, network.layers[-1].shape[0])
    declared = (signature.input.count, signature.output.count)
    if sizes != declared:
        raise SpecificationError(
            f"the property declares {declared[0]:,} inputs and {declared[1]:,} outputs, "
            f"the model has {sizes[0]:,} and {sizes[1]:,}"
        )


def judge(stated: Specification, networks: Networks, witness: Witness) -> Judgement:
    """Return what a witness is worth.

    Args:
        stated: the property.
        networks: as `fitting` returns them.
        witness: its stored outputs are compared with the exact ones, and not used.

    Cost: one evaluation by the kernel a network, one sum a constraint.

    Raises:
        LimitReached: a value grows too long.
        UnsupportedError: an output is declared an integer, and is none of its type.
    """
    values = evaluated(stated, networks, witness.inputs)
    for variable in stated.wholes:
        told = stated.fault(variable, values[variable])
        if told is not None:
            raise UnsupportedError(
                f"{told}, the model's exact value is {shown(spell(values[variable]), 60)}: "
                "declare the type that the model computes in"
            )
    measure = measures(stated.formula, values)[-1]
    differences = [Difference(v, stored, values[v]) for v, stored in witness.outputs.items()]
    largest = max(differences, key=lambda difference: difference.amount, default=None)
    return Judgement(tuple(values), measure.inputs, measure.outputs, largest)


def evaluated(stated: Specification, networks: Networks, inputs: Mapping[int, Number]) -> list[Number]:
    """Return the values of all variables. Raises: LimitReached."""
    values: list[Number] = [0] * stated.size
    for variable, value in inputs.items():
        values[variable] = value
    for signature in stated.networks:
        first = signature.input.first
        point = values[first : first + signature.input.count]
        for place, value in enumerate(_outputs(networks[signature.name].network, point)):
            values[signature.output.first + place] = value
    return values


def _outputs(network: Network, point: Sequence[Number]) -> list[Number]:
    *_, last = stages(network, (point,))
    return [quotient(column[0], last.denominator) for column in last.columns]
