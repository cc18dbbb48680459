"""Sums of values, each computed once, and statements about them, each decided once."""

from collections.abc import Sequence

from memcert.kernel.certificate import Number
from memcert.proofs.columns import Column, Space, Value
from memcert.proofs.guards import Guard, decide
from memcert.proofs.instances import Affine, Linear, Statement
from memcert.proofs.masks import Masks
from memcert.proofs.partitions import Recent
from memcert.proofs.regions import frozen

Terms = Sequence[tuple[Value, Number]]


class Forms:
    """Computes with the values at the cut of one chain."""

    def __init__(self, space: Space, masks: Masks) -> None:
        """Start with nothing known."""
        self.space, self._masks = space, masks
        self._sums: Recent[Value] = Recent()
        self._guards: Recent[Guard] = Recent()
        self.fixed = False
        """Whether a bound became a number, so that nothing is known beyond the radius."""

    def turn(self) -> None:
        """Forget what has fallen out of use. Raises: never."""
        self._sums.turn()
        self._guards.turn()

    def sum(self, terms: Terms, number: Number) -> Value:
        """Return the value of sum coefficient * value + number; one object for the same sum."""
        if len(terms) == 1 and terms[0][1] == 1 and number == 0:
            return terms[0][0]
        key = (tuple((value.uid, coefficient) for value, coefficient in terms), number)
        found = self._sums.get(key)
        return self._sums.put(key, self._sum(terms, number)) if found is None else found

    def _sum(self, terms: Terms, number: Number) -> Value:
        lower = self.side(terms, number, 1)
        exact = all(value.exact for value, _ in terms)
        return Value(lower, lower if exact else self.side(terms, number, -1))

    def side(self, terms: Terms, number: Number, sense: int) -> Column:
        """Return a lower (sense 1) or upper (sense -1) bound of the sum, as a column."""
        parts = [(c, v.lower if (c > 0) == (sense > 0) else v.upper) for v, c in terms]
        return self.space.combined(parts, number)

    def guard(self, statement: Statement, inputs: Sequence[Value]) -> Guard:
        """Decide a statement about the inputs, on every region. Raises: never."""
        value = self.sum(of_inputs(statement.form, inputs), 0)
        key = (value.uid, statement.sense, statement.number, statement.strict)
        found = self._guards.get(key)
        if found is None:
            column = value.lower if statement.sense > 0 else value.upper
            found = self._guards.put(key, decide(self.space, self._masks, column, statement))
        return found

    def bound(self, affine: Affine | None, inputs: Sequence[Value], sense: int) -> Column:
        """Return a promised bound as numbers, true on each region at this radius. Raises: never."""
        if affine is None:
            return self.space.absence()
        column = self.side(of_inputs(affine[0], inputs), affine[1], sense)
        made = frozen(self.space, column, sense)
        self.fixed = self.fixed or made is not column
        return made


def of_inputs(form: Linear, inputs: Sequence[Value]) -> Terms:
    """Return the form's terms with values for positions. Raises: IndexError."""
    return [(inputs[j], coefficient) for j, coefficient in form]
