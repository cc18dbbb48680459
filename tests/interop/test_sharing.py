"""Neurons that are saved: how many a maximum and a sum of unlike depth take, and that values stay."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from memcert.interop.forms import Circuit, Form, constant_form
from memcert.interop.sharing import absolute, difference, extreme, levelled, maximum, split


def value(circuit: Circuit, form: Form, point: list[int]) -> Fraction:
    atoms = [Fraction(x) for x in point]
    for neuron in circuit.neurons:
        atoms.append(max(Fraction(0), _at(neuron, atoms)))
    return _at(form, atoms)


def _at(form: Form, atoms: list[Fraction]) -> Fraction:
    total = sum((weight * atoms[atom] for atom, weight in form.terms.items()), Fraction(form.constant))
    return total / form.denominator


FORMS = st.builds(
    Form,
    st.dictionaries(st.integers(0, 2), st.integers(-3, 3).filter(bool), max_size=3),
    st.integers(-4, 4),
    st.integers(1, 4),
)


@given(
    st.lists(FORMS, min_size=1, max_size=7),
    st.sampled_from([1, -1]),
    st.lists(st.integers(-9, 9), min_size=3, max_size=3),
)
def test_an_extreme_is_the_extreme(forms: list[Form], sign: int, point: list[int]) -> None:
    circuit = Circuit(3)
    found = value(circuit, extreme(circuit, forms, sign), point)
    values = [_at(form, [Fraction(x) for x in point]) for form in forms]
    assert found == (max(values) if sign > 0 else min(values))


@given(FORMS, st.lists(st.integers(-9, 9), min_size=3, max_size=3))
def test_a_split_value_is_the_value(form: Form, point: list[int]) -> None:
    circuit = Circuit(3)
    expected = _at(form, [Fraction(x) for x in point])
    assert value(circuit, split(circuit, form), point) == expected
    assert value(circuit, absolute(circuit, form), point) == abs(expected)


def test_the_maximum_of_two_neurons_takes_one_more() -> None:
    circuit = Circuit(2)
    a, b = (circuit.relu(Form({k: 1}, 1)) for k in range(2))
    assert set(maximum(circuit, a, b).terms.values()) == {1}
    assert len(circuit.neurons) == 3


def test_the_maximum_of_signed_values_takes_three() -> None:
    circuit = Circuit(3)
    maximum(circuit, Form({0: 1, 1: 2}, 0), Form({1: 1, 2: 3}, -1))
    assert len(circuit.neurons) == 3


def test_a_maximum_that_is_known_takes_none() -> None:
    circuit = Circuit(1)
    a = circuit.relu(Form({0: 1}, 0))
    above = circuit.combined(((1, a), (1, constant_form(2))))
    assert maximum(circuit, a, above) == above
    assert maximum(circuit, a, a) == a
    assert len(circuit.neurons) == 1


def test_equal_neurons_are_made_once_whatever_the_denominator() -> None:
    circuit = Circuit(2)
    assert circuit.relu(Form({0: 2, 1: 4}, 2, 6)) == circuit.relu(Form({1: 2, 0: 1}, 1, 3))
    assert len(circuit.neurons) == 1


def test_a_value_that_waits_is_split_where_that_is_not_dearer() -> None:
    circuit = Circuit(4)
    wide = Form(dict.fromkeys(range(4), 1), 0)
    deep = circuit.relu(difference(circuit, circuit.relu(wide), constant_form(1)))
    # Four inputs would take eight neurons of each layer; relu(wide) is there, relu(-wide) is new.
    ((first, second),) = (levelled(circuit, [[wide], [deep]]),)
    assert second == [deep]
    assert sorted(first[0].terms.values()) == [-1, 1]
    narrow = Circuit(1)
    thin = Form({0: 1}, 0)
    many = [narrow.combined(((k, thin),), k) for k in range(1, 9)]
    deeper = [narrow.relu(difference(narrow, narrow.relu(many[0]), constant_form(1)))] * 8
    assert levelled(narrow, [many, deeper])[0] == many
