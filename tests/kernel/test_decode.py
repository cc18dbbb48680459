from fractions import Fraction

import pytest
from attacks import spelled
from bases import BASES, Json, argmax, sign, tent
from hypothesis import given
from hypothesis import strategies as st
from strategies import network, networks, number, points, rationals

from memcert.formats.certificates import encode
from memcert.kernel import certificate as c
from memcert.kernel.check import sizes
from memcert.kernel.decode import decode, label_fits, names_outputs
from memcert.kernel.network import Layer, Network
from memcert.kernel.verdict import Malformed, Unsupported


def _decoded(value: Json) -> c.Certificate:
    return decode(spelled(value).encode())


def test_the_hand_made_certificate_is_read() -> None:
    made = _decoded(tent())
    assert made.dataset.points == ((0, 0), (1, 0), (2, Fraction(1, 2)), (3, 0), (4, -1))
    assert (made.dataset.labels, made.dataset.classes) == ((0, 1, 2, 1, 0), ("a", "b", "c"))
    assert made.network == network(([[1, 0], [-1, 0]], [-2, 2]), ([[-1, -1]], [2]), ([[1]], [0]))
    assert made.claim.separation_squared == 1
    assert made.claim.excepted == ()
    assert made.contracts[0].cases[0] == c.Case(
        "on", (c.Atom(">=", ((1, ("u",)),)),), (c.Ensure("y", "=", ((1, ("u",)),)),)
    )
    assert made.blocks[0] == c.Block("right", "neurons", 0, 0, "neuron", ((0,),), {})
    assert made.witness.partitions == {"right": (0, 0, 0, 1, 2)}
    assert made.witness.probes[1].values == (0, Fraction(1, 2), 1)
    assert made.annotations == {"made": "by hand"}


def _filled() -> Json:
    value = argmax()
    value["construction"] = {"name": "n", "statement": "s", "source": "t", "options": {"seed": 0, "a": None}}
    value["model"] = {
        "name": "m",
        "format": "onnx",
        "files": [],
        "lowering": 1,
        "options": {"p": True},
        "notes": ["x"],
    }
    value["model"]["files"] = [{"name": "m.onnx", "digest": f"sha256:{'0' * 64}"}]
    value["contracts"][0]["parameters"] = [{"name": "k", "neuron": "y", "input": None}]
    value["contracts"][0]["assumes"] = [[">", [["1/2", "k"], [1]]]]
    value["blocks"][0] |= {"neurons": [[[0, 1]]], "with": {"k": "1/3"}}
    value["blocks"][1]["neurons"] = None
    value["claim"] |= {"separation_direction": [1, "1/2"], "box_radius": "unbounded"}
    value["claim"]["promises"] = [{"kind": "outside", "values": {"r": "0x1p+60"}}]
    value["dataset"]["classes"] = [0, 1]
    return value


@pytest.mark.parametrize("make", [*BASES.values(), _filled], ids=lambda make: make.__name__)
def test_a_certificate_is_read_back_from_its_canonical_text(make) -> None:  # type: ignore[no-untyped-def]
    certificate = _decoded(make())
    text = encode(certificate)
    assert decode(text.encode()) == certificate
    assert encode(decode(text.encode())) == text


def _certificate(made: Network, given_points: tuple[tuple[c.Number, ...], ...]) -> c.Certificate:
    size, dimension = len(given_points), made.input_size
    claim = c.Claim("within", 1, (), None, None, 0, None, None, (), **sizes(made))
    samples = c.Samples("made", size, dimension, None, None, given_points, tuple([0] * size))
    return c.Certificate(
        None,
        None,
        samples,
        made,
        claim,
        (),
        (),
        c.Witness({}, ()),
        c.Digests(None, None),
        {"\u00e9 \n": "\u001b"},
    )


@given(st.data())
def test_any_network_and_points_are_read_back(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 3))
    made = data.draw(networks(size, weights=rationals(70)))
    certificate = _certificate(made, tuple(data.draw(points(2, size, rationals(70)))))
    assert decode(encode(certificate).encode()) == certificate


def test_another_version_is_not_supported_and_another_format_is_malformed() -> None:
    with pytest.raises(Unsupported, match=r"format at format: expected memcert/1, got 'memcert/2'"):
        _decoded(tent() | {"format": "memcert/2"})
    for other in ("memcert", 1, None, ["memcert/1"]):
        with pytest.raises(Malformed, match="format at format"):
            _decoded(tent() | {"format": other})


def test_a_model_s_digests_are_looked_at() -> None:
    value = _filled()
    value["model"]["files"][0]["digest"] = "sha256:0"
    with pytest.raises(Malformed, match=r"digest at model\.files\[0\]\.digest"):
        _decoded(value)


def test_a_layer_may_have_no_weights_at_all() -> None:
    value = tent()
    value["network"]["layers"][1] |= {"indptr": [0, 0], "indices": [], "data": []}
    assert _decoded(value).network.layers[1] == Layer((1, 2), (0, 0), (), (), (2,), True)


def test_labels_that_a_rule_and_its_classes_allow() -> None:
    free = {"classes": None}
    tent_free, sign_free = (_decoded(x | {"dataset": x["dataset"] | free}) for x in (tent(), sign()))
    half = number(Fraction(1, 2))
    assert [label_fits(_decoded(tent()), x) for x in (0, 2, 3, -1, half)] == [True, True, False, False, False]
    assert [label_fits(tent_free, x) for x in (-7, half)] == [True, True]
    assert [label_fits(_decoded(sign()), x) for x in (-1, 1, 0, 2)] == [True, True, False, False]
    assert [label_fits(sign_free, x) for x in (-1, 1, 0, 2)] == [True, True, False, False]
    assert [label_fits(_decoded(argmax()), x) for x in (0, 1, 2, -1, half)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert label_fits(_decoded(BASES["within"]()), half)


def test_one_class_under_sign_has_no_plus_one() -> None:
    value = sign()
    value["dataset"] |= {"classes": ["no"], "labels": [-1] * 5}
    made = _decoded(value)
    assert (label_fits(made, -1), label_fits(made, 1)) == (True, False)


def test_classes_of_an_imported_argmax_name_the_outputs_in_any_order() -> None:
    value = argmax()
    value["dataset"]["classes"] = ["zebra", "ant"]
    assert names_outputs(_decoded(value))
    value["dataset"]["labels"] = [0] * 5
    assert _decoded(value).dataset.classes == ("zebra", "ant")
    value["construction"] = _filled()["construction"]
    with pytest.raises(Malformed, match="as argmax needs them"):
        _decoded(value)
    assert not names_outputs(_decoded(tent()))


def test_negative_and_long_classes_are_compared_as_numbers() -> None:
    value = tent()
    value["dataset"]["classes"] = [-5, 9, 10]
    assert _decoded(value).dataset.classes == (-5, 9, 10)
    value["dataset"]["classes"] = ["10", "9", "a"]
    assert _decoded(value).dataset.classes == ("10", "9", "a")
