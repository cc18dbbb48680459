from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.kernel import reading
from memcert.kernel.reading import natural, parse_json, reader, string
from memcert.kernel.verdict import Failure, LimitReached, Malformed


class Pair(NamedTuple):
    """Two parts in an array."""

    left: int
    right: str


@dataclass(frozen=True)
class Part:
    """Two fields, one of which Python reserves."""

    form: int
    excepted: tuple[int | Fraction, ...]


def test_json_is_read() -> None:
    assert parse_json('{"a": [1, -2, "\u00e9", null, true]}'.encode()) == {"a": [1, -2, "\u00e9", None, True]}


@pytest.mark.parametrize(
    ("text", "got"),
    [
        (b"", "Expecting value"),
        (b"{} {}", "Extra data"),
        (b"\xff", "invalid start byte"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b"[" * 100_000, "recursion"),
        (b'{"b": 1, "a": 1, "a": 2}', "'a'"),
        (b'[{"x": {"a": 1, "\\u0061": 2}}]', "'a'"),
    ],
)
def test_what_is_no_strict_json_is_refused(text: bytes, got: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_json(text)
    assert (caught.value.rule, caught.value.at) == ("json", "file")
    assert got in caught.value.got


@pytest.mark.parametrize("text", ["1.0", "1e2", "NaN", "Infinity", "-Infinity", "-0", "1" * 18, "1" * 5000])
def test_a_number_that_is_no_short_integer_is_refused_as_it_is_read(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_json(f"[{text}]".encode())
    assert caught.value.rule == "number"
    assert text[:100] in caught.value.got


def test_a_file_may_hold_so_many_values_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_VALUES", 4)
    assert parse_json(b"[[0, 1, 2]]") == [[0, 1, 2]]
    with pytest.raises(LimitReached, match="values at file: expected at most 4, got 5"):
        parse_json(b"[{},0, 1, 2]")


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        (str, "a", "a"),
        (int, 3, 3),
        (bool, True, True),
        (int | Fraction, "1/2", Fraction(1, 2)),
        (int | Fraction | None, None, None),
        (int | Fraction | str | None, "unbounded", "unbounded"),
        (int | Fraction | str | None, "1/2", Fraction(1, 2)),
        (int | str, "1/2", "1/2"),
        (int | str, -5, -5),
        (str | int | bool | None, False, False),
        (str | int | bool | None, None, None),
        (str | int | bool | None, "x", "x"),
        (Annotated[str, "a", "b"], "b", "b"),
        (tuple[int, ...], [], ()),
        (tuple[int, int], [1, 2], (1, 2)),
        (tuple[tuple[str, ...], ...] | None, [["a"]], (("a",),)),
        (Mapping[str, int], {"a": 1}, {"a": 1}),
        (Pair, [1, "a"], Pair(1, "a")),
        (Part, {"except": [1], "is": 2}, Part(2, (1,))),
        (int | tuple[int, int], 7, 7),
        (int | tuple[int, int], [0, 7], (0, 7)),
        (tuple[int | Fraction, tuple[str, ...]], ["1/2", "x", "y"], (Fraction(1, 2), ("x", "y"))),
    ],
    ids=repr,
)
def test_a_value_is_read_by_its_type(kind: object, value: object, read: object) -> None:
    assert reader(kind)(value) == read


@pytest.mark.parametrize(
    ("kind", "value", "rule", "at"),
    [
        (str, 1, "type", ""),
        (str, "\ud800", "string", ""),
        (int, True, "type", ""),
        (int, -1, "type", ""),
        (int, 2**53, "type", ""),
        (bool, 1, "type", ""),
        (int | Fraction, True, "number", ""),
        (int | Fraction | None, "unbounded", "number", ""),
        (int | Fraction | str, "infinite", "number", ""),
        (int | str, True, "type", ""),
        (int | str, 2**53, "number", ""),
        (str | int | bool | None, [], "type", ""),
        (Annotated[str, "a", "b"], "c", "word", ""),
        (Annotated[str, "a", "b"], None, "type", ""),
        (tuple[int, ...], {}, "type", ""),
        (tuple[int, ...], [0, None], "type", "[1]"),
        (tuple[tuple[int, ...], ...], [[], [0, 1, "a"]], "type", "[1][2]"),
        (tuple[int, int], [1], "length", ""),
        (tuple[int, int], [1, 2, 3], "length", ""),
        (Mapping[str, int], [], "type", ""),
        (Mapping[str, int], {"a": -1}, "type", ".a"),
        (Mapping[str, int], {"a b": -1}, "type", ".'a b'"),
        (Mapping[str, int], {"\u0430": -1}, "type", ".'\\u0430'"),
        (Mapping[str, int], {"\ud800": 1}, "string", ""),
        (Pair, [1], "length", ""),
        (Part, {"is": 2}, "keys", ""),
        (Part, {"is": 2, "except": [], "excepted": []}, "keys", ""),
        (Part, {"is": 2, "except": ["x"]}, "number", ".except[0]"),
        (Part, [], "type", ""),
        (int | tuple[int, int], [7, 7], "range", ""),
        (int | tuple[int, int], [7], "length", ""),
        (int | tuple[int, int], -1, "type", ""),
        (tuple[int | Fraction, tuple[str, ...]], [], "length", ""),
        (tuple[int | Fraction, tuple[str, ...]], [1, 1], "type", ""),
        (tuple[int | Fraction, tuple[str, ...]], "x", "type", ""),
    ],
    ids=repr,
)
def test_a_value_of_another_type_is_refused_at_its_place(
    kind: object, value: object, rule: str, at: str
) -> None:
    with pytest.raises(Malformed) as caught:
        reader(kind)(value)
    assert (caught.value.rule, caught.value.at) == (rule, at)


def test_a_refusal_names_the_key() -> None:
    with pytest.raises(Malformed, match="expected the key except, got nothing"):
        reader(Part)({"is": 2})
    with pytest.raises(Malformed, match=r"expected no other key, got '\[red\]'"):
        reader(Part)({"is": 2, "except": [], "[red]": 1})


def test_strings_and_naturals_have_no_other_forms() -> None:
    assert string("\U0001f600") == "\U0001f600"
    assert natural(2**53 - 1) == 2**53 - 1
    for value in (None, 1.5, "1", [1]):
        with pytest.raises(Malformed):
            natural(value)


LEAVES = st.none() | st.booleans() | st.integers(-(2**54), 2**54) | st.sampled_from(["1/2", "\ud800", ""])
KEYS = st.sampled_from(["is", "except", "a"])
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=6,
)


@given(
    JSON,
    st.sampled_from(
        [Part, Pair, tuple[Part, ...], Mapping[str, Pair], int | tuple[int, int], str | int | bool | None]
    ),
)
def test_any_json_is_read_or_refused(value: object, kind: object) -> None:
    try:
        reader(kind)(value)
    except Failure as failure:
        assert str(failure).isprintable()


def test_powers_that_would_fill_the_memory_are_refused_before_they_are_written_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "MAX_WRITTEN_OUT", 100)
    assert reading.parse_json(b'{"a": ["0x1p+40", "0x3p-60"], "b": "p+x"}') == {
        "a": ["0x1p+40", "0x3p-60"],
        "b": "p+x",
    }
    with pytest.raises(LimitReached, match=r"written_out at file: .* 100 bits .* 101"):
        reading.parse_json(b'[["0x1\\u0070+41"], {"x": "0x3p-60"}]')
