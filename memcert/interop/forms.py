"""What a graph computes, as affine forms of inputs and ReLU neurons; each neuron is made once.

UNTRUSTED; tests compare it with an independent evaluator of the graph.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from memcert.errors import UndecidedError
from memcert.kernel.certificate import Number

MAX_WORK = 1 << 25
"""Most products of a weight and a term in all forms of a model together."""
MAX_BITS = 1 << 16
"""Longest numerator or denominator of a coefficient, in bits."""


@dataclass(frozen=True, slots=True)
class Form:
    """sum of terms[atom] * atom + constant; atoms are inputs, then neurons, in order of making."""

    terms: dict[int, Number]
    constant: Number


@dataclass(slots=True)
class Circuit:
    """ReLU neurons over Q^inputs; atom `inputs + k` is max(0, neurons[k]).

    Args:
        inputs: how many coordinates there are.
        neurons: what each neuron is the ReLU of, over earlier atoms.
        levels: of each atom: 0 for inputs, else one more than the largest that it uses.
    """

    inputs: int
    neurons: list[Form] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    work: int = 0
    _known: dict[object, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give every input the level 0."""
        self.levels = [0] * self.inputs

    def spend(self, work: int) -> None:
        """Count work before it is done. Raises: UndecidedError, beyond MAX_WORK."""
        self.work += work
        if self.work > MAX_WORK:
            raise UndecidedError(f"the model needs more than {MAX_WORK:,} terms, the most that is lowered")

    def combined(self, parts: Iterable[tuple[Number, Form]], constant: Number = 0) -> Form:
        """Return the sum of factor * form, plus a constant. Raises: UndecidedError, by size."""
        total: dict[int, Number] = {}
        work = 0
        for factor, form in parts:
            if factor == 0:
                continue
            constant += factor * form.constant
            work += 1 + len(form.terms)
            self.spend(1 + len(form.terms))
            for atom, weight in form.terms.items():
                more = factor * weight
                before = total.get(atom)
                total[atom] = more if before is None else before + more
        terms = {atom: weight for atom, weight in total.items() if weight}
        bounded(constant)
        for weight in terms.values():
            bounded(weight)
        return Form(terms, constant)

    def relu(self, form: Form) -> Form:
        """Return max(0, form): a neuron, unless its sign is known. Raises: UndecidedError, by size."""
        if self._sign_known(form, 1):
            return form
        if self._sign_known(form, -1):
            return Form({}, 0)
        self.spend(len(form.terms))
        key = (form.constant, tuple(sorted(form.terms.items())))
        atom = self._known.get(key)
        if atom is None:
            atom = self.inputs + len(self.neurons)
            self._known[key] = atom
            self.neurons.append(form)
            self.levels.append(1 + max(self.levels[a] for a in form.terms))
        return Form({atom: 1}, 0)

    def _sign_known(self, form: Form, sign: int) -> bool:
        # Neurons are never negative; inputs may be anything.
        return form.constant * sign >= 0 and all(
            atom >= self.inputs and weight * sign >= 0 for atom, weight in form.terms.items()
        )


def bounded(number: Number) -> None:
    """Refuse a number that grew too long. Raises: UndecidedError."""
    longest = max(number.numerator.bit_length(), number.denominator.bit_length())
    if longest > MAX_BITS:
        raise UndecidedError(f"a coefficient of the model needs {longest:,} bits, more than {MAX_BITS:,}")
