"""Maxima, and sums of values of unlike depth, with as few neurons as known ways need.

UNTRUSTED; each is an identity of real numbers, whatever it saves. What is chosen here belongs to lowering
version 1, as certificates record it: another choice needs another version.
"""

from collections.abc import Sequence

from memcert.interop.forms import Circuit, Form


def difference(circuit: Circuit, a: Form, b: Form) -> Form:
    """Return a - b. Raises: UndecidedError, by size."""
    return circuit.combined(((1, a), (-1, b)))


def scaled(circuit: Circuit, factor: int, form: Form) -> Form:
    """Return factor * form. Raises: UndecidedError, by size."""
    return circuit.combined(((factor, form),))


def absolute(circuit: Circuit, form: Form) -> Form:
    """Return |form| = relu(form) + relu(-form). Raises: UndecidedError, by size."""
    return circuit.combined(((1, circuit.relu(form)), (1, circuit.relu(scaled(circuit, -1, form)))))


def split(circuit: Circuit, form: Form) -> Form:
    """Return relu(form) - relu(-form), in two neurons, or one where its sign is known.

    Raises:
        UndecidedError: by size.
    """
    for sign in (1, -1):
        if circuit.sign_known(form, sign):
            return scaled(circuit, sign, circuit.neuron(scaled(circuit, sign, form)))
    return circuit.combined(((1, circuit.relu(form)), (-1, circuit.relu(scaled(circuit, -1, form)))))


def maximum(circuit: Circuit, a: Form, b: Form) -> Form:
    """Return max(a, b) = relu(a - b) + b, b the one that costs less to pass by.

    Two neurons where b is a neuron or known to have one sign, else three.

    Raises:
        UndecidedError: by size.
    """
    if circuit.cost(a) < circuit.cost(b):
        a, b = b, a
    above = difference(circuit, a, b)
    if circuit.sign_known(above, 1):
        return a
    if circuit.sign_known(above, -1):
        return b
    passed = split(circuit, b) if circuit.cost(b) > _SPLIT else b
    return circuit.combined(((1, circuit.relu(above)), (1, passed)))


def extreme(circuit: Circuit, forms: Sequence[Form], sign: int) -> Form:
    """Return the largest (sign 1) or smallest (sign -1) of at least one form, as a balanced tree.

    Raises:
        UndecidedError: by size.
    """
    circuit.make(forms_of(len(forms)))
    level = [scaled(circuit, sign, form) for form in forms]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [maximum(circuit, a, b) for a, b in pairs] + level[len(level) & ~1 :]
    return scaled(circuit, sign, level[0])


def forms_of(count: int) -> int:
    """Return how many forms are counted before an extreme is made: two a maximum. Raises: never."""
    return 2 * (count - 1)


def levelled(circuit: Circuit, parts: Sequence[Sequence[Form]]) -> list[list[Form]]:
    """Return columns of forms that are to be added, those of lower level made cheap to carry.

    A value that waits for a deeper one is carried as its atoms, or as relu(v) - relu(-v): what takes
    fewer new neurons, the second at a tie, as it keeps the sums short.

    Raises:
        UndecidedError: by size.
    """
    levels = [max((circuit.level(form) for form in part), default=0) for part in parts]
    deepest = max(levels, default=0)
    made: list[list[Form]] = []
    for part, level in zip(parts, levels, strict=True):
        circuit.spend(sum(len(form.terms) for form in part))
        if level == deepest or not _split_is_cheaper(circuit, part):
            made.append(list(part))
        else:
            made.append([split(circuit, form) if circuit.cost(form) > 1 else form for form in part])
    return made


def _split_is_cheaper(circuit: Circuit, part: Sequence[Form]) -> bool:
    atoms = {atom for form in part for atom in form.terms}
    carried = sum(2 if atom < circuit.inputs else 1 for atom in atoms)
    new = sum(_new_neurons(circuit, form) for form in part)
    return new <= carried


def _new_neurons(circuit: Circuit, form: Form) -> int:
    if circuit.cost(form) <= 1:
        return circuit.cost(form)
    if circuit.sign_known(form, 1) or circuit.sign_known(form, -1):
        return 1
    return 2 - circuit.has(form)


_SPLIT = 2
"""Passing by costs at most this many neurons once the form is split."""
