"""What a graph computes, as affine forms of inputs and ReLU neurons; each neuron is made once.

UNTRUSTED; tests compare it with an independent evaluator of the graph. Forms are integers over one
denominator, so that sums of products need no gcd; neurons are in lowest terms.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm

from memcert.errors import UndecidedError
from memcert.kernel.certificate import Number

MAX_WORK = 1 << 25
"""Most products of a weight and a term in all forms of a model together."""
MAX_FORMS = 1 << 21
"""Most sums, neurons and elements of a model together that are taken one by one, whatever their terms."""
MAX_BITS = 1 << 16
"""Longest numerator or denominator of a coefficient, in bits."""
_REDUCED_BITS = 1 << 12
"""Forms whose denominator is longer are brought to lowest terms at once."""
_SAME_HASH = 8
"""So many neurons are looked at whether they are the same; a hostile file can make hashes equal."""


@dataclass(frozen=True, slots=True)
class Form:
    """(sum of terms[atom] * atom + constant) / denominator.

    Args:
        terms: nonzero integers by atom; atoms are inputs, then neurons, in order of making.
        constant: an integer.
        denominator: positive.
    """

    terms: dict[int, int]
    constant: int
    denominator: int = 1

    @property
    def value(self) -> Number:
        """The number that a form without terms is, and the constant of any other. Raises: never."""
        return quotient(self.constant, self.denominator)


def constant_form(value: Number) -> Form:
    """Return the form that is a number. Raises: never."""
    return Form({}, value.numerator, value.denominator)


def quotient(numerator: int, denominator: int) -> Number:
    """Return a quotient in lowest terms, an int where it is one. Raises: ZeroDivisionError."""
    if denominator == 1 or not numerator % denominator:
        return numerator // denominator
    return Fraction(numerator, denominator)


@dataclass(slots=True)
class Circuit:
    """ReLU neurons over Q^inputs; atom `inputs + k` is max(0, neurons[k]).

    Args:
        inputs: how many coordinates there are.
        neurons: what each neuron is the ReLU of, over earlier atoms, in lowest terms, atoms ascending.
        levels: of each atom: 0 for inputs, else one more than the largest that it uses.
    """

    inputs: int
    neurons: list[Form] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    work: int = 0
    made: int = 0
    _known: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give every input the level 0."""
        self.levels = [0] * self.inputs

    def spend(self, work: int) -> None:
        """Count work before it is done. Raises: UndecidedError, beyond MAX_WORK."""
        self.work += work
        self.foresee()

    def make(self, forms: int) -> None:
        """Count forms before they are made. Raises: UndecidedError, beyond MAX_FORMS."""
        self.made += forms
        self.foresee()

    def foresee(self, *, work: int = 0, forms: int = 0) -> None:
        """Refuse now what is certain to be counted later, and would be too much. Raises: UndecidedError."""
        if self.work + work > MAX_WORK:
            raise UndecidedError(f"the model needs more than {MAX_WORK:,} terms, the most that is lowered")
        if self.made + forms > MAX_FORMS:
            raise UndecidedError(
                f"the model needs more than {MAX_FORMS:,} sums and neurons, the most that are lowered"
            )

    def affine(self, atom: int, factor: Number, shift: Number) -> Form:
        """Return factor * atom + shift. Raises: UndecidedError, by size."""
        return self.combined(((factor, Form({atom: 1}, 0)),), shift)

    def combined(self, parts: Iterable[tuple[Number, Form]], constant: Number = 0) -> Form:
        """Return the sum of factor * form, plus a constant. Raises: UndecidedError, by size."""
        kept = [(factor, form) for factor, form in parts if factor]
        if len(kept) == 1 and kept[0][0] == 1 and not constant:
            return kept[0][1]
        self.make(1)
        bottom = lcm(constant.denominator, *(factor.denominator * form.denominator for factor, form in kept))
        bounded(bottom)
        total: dict[int, int] = {}
        summed = constant.numerator * (bottom // constant.denominator)
        for factor, form in kept:
            scale = factor.numerator * (bottom // (factor.denominator * form.denominator))
            summed += scale * form.constant
            self.spend(1 + len(form.terms))
            _add(total, form.terms, scale)
        return _checked({atom: weight for atom, weight in total.items() if weight}, summed, bottom)

    def products(
        self,
        forms: Sequence[Form],
        rows: Iterable[tuple[Sequence[int], Sequence[int], Number]],
        denominator: int,
    ) -> list[Form]:
        """Return the rows of a matrix times a vector of forms, plus a vector.

        Args:
            forms: the vector.
            rows: places in it, an integer for each, and what is added.
            denominator: of all the integers.

        Cost: one dictionary entry a nonzero weight where the forms are distinct atoms.

        Raises:
            UndecidedError: by size.
        """
        atoms = [_atom(form) for form in forms]
        bottom = lcm(*{form.denominator for form in forms})
        scales = [bottom // form.denominator for form in forms]
        bounded(bottom * denominator)
        distinct = -1 not in atoms and len(set(atoms)) == len(atoms)
        made: list[Form] = []
        for places, weights, added in rows:
            self.make(1)
            self.spend(1 + len(places))
            if distinct:
                terms = {atoms[p]: w for p, w in zip(places, weights, strict=True) if w}
                made.append(_plus(terms, 0, denominator, added))
            else:
                made.append(self._product(forms, scales, (places, weights), bottom * denominator, added))
        return made

    def _product(
        self,
        forms: Sequence[Form],
        scales: Sequence[int],
        row: tuple[Sequence[int], Sequence[int]],
        bottom: int,
        added: Number,
    ) -> Form:
        total: dict[int, int] = {}
        constant = 0
        for place, weight in zip(*row, strict=True):
            if weight:
                form, scale = forms[place], weight * scales[place]
                constant += scale * form.constant
                self.spend(len(form.terms))
                _add(total, form.terms, scale)
        return _plus({atom: weight for atom, weight in total.items() if weight}, constant, bottom, added)

    def relu(self, form: Form) -> Form:
        """Return max(0, form): a neuron, unless its sign is known. Raises: UndecidedError, by size."""
        if self.sign_known(form, 1):
            return form
        if self.sign_known(form, -1):
            return Form({}, 0)
        return self.neuron(form)

    def neuron(self, form: Form) -> Form:
        """Return max(0, form) as a neuron, one for equal forms. Raises: UndecidedError, by size."""
        if not form.terms:
            return Form({}, max(form.constant, 0), form.denominator)
        self.make(1)
        self.spend(len(form.terms))
        reduced = _lowest(form)
        same = self._known.setdefault(_key(reduced), [])
        for atom in same[:_SAME_HASH]:
            if self.neurons[atom - self.inputs] == reduced:
                return Form({atom: 1}, 0)
        same.append(self.inputs + len(self.neurons))
        self.neurons.append(reduced)
        self.levels.append(1 + self.level(reduced))
        return Form({same[-1]: 1}, 0)

    def has(self, form: Form) -> bool:
        """Say whether max(0, form) is a neuron already. Raises: never."""
        reduced = _lowest(form)
        return any(self.neurons[atom - self.inputs] == reduced for atom in self._known.get(_key(reduced), ()))

    def level(self, form: Form) -> int:
        """Return the largest level of its atoms; 0: it has none. Raises: never."""
        return max(map(self.levels.__getitem__, form.terms), default=0)

    def cost(self, form: Form) -> int:
        """Return how many neurons of a layer pass its atoms by: two for an input. Raises: never."""
        return len(form.terms) + sum(atom < self.inputs for atom in form.terms)

    def sign_known(self, form: Form, sign: int) -> bool:
        """Say whether sign * form is known to be at least 0. Raises: never."""
        # Neurons are never negative; inputs may be anything.
        return form.constant * sign >= 0 and all(
            atom >= self.inputs and weight * sign >= 0 for atom, weight in form.terms.items()
        )


def _add(total: dict[int, int], terms: dict[int, int], scale: int) -> None:
    get = total.get
    for atom, weight in terms.items():
        total[atom] = get(atom, 0) + scale * weight


def _atom(form: Form) -> int:
    # The atom that the form is; -1: it is another form.
    if len(form.terms) == 1 and form.constant == 0 and form.denominator == 1:
        ((atom, weight),) = form.terms.items()
        return atom if weight == 1 else -1
    return -1


def _plus(terms: dict[int, int], constant: int, bottom: int, added: Number) -> Form:
    if added:
        common = lcm(bottom, added.denominator)
        lift = common // bottom
        constant = constant * lift + added.numerator * (common // added.denominator)
        if lift != 1:
            terms, bottom = {atom: weight * lift for atom, weight in terms.items()}, common
    return _checked(terms, constant, bottom)


def _checked(terms: dict[int, int], constant: int, bottom: int) -> Form:
    bounded(bottom)
    bounded(constant)
    if terms:
        bounded(max(terms.values()))
        bounded(min(terms.values()))
    form = Form(terms, constant, bottom)
    return _lowest(form) if bottom.bit_length() > _REDUCED_BITS else form


def _key(form: Form) -> int:
    return hash((tuple(form.terms), tuple(form.terms.values()), form.constant, form.denominator))


def _lowest(form: Form) -> Form:
    # In lowest terms, atoms ascending.
    atoms = sorted(form.terms)
    common = 1
    if form.denominator != 1:
        common = gcd(form.denominator, form.constant, *form.terms.values())
    terms = {atom: form.terms[atom] // common for atom in atoms}
    return Form(terms, form.constant // common, form.denominator // common)


def bounded(number: int) -> None:
    """Refuse a number that grew too long. Raises: UndecidedError."""
    if number.bit_length() > MAX_BITS:
        raise UndecidedError(
            f"a coefficient of the model needs {number.bit_length():,} bits, more than {MAX_BITS:,}"
        )
