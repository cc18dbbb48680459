"""Places: from words to pointers, and from pointers to lines."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.gate.places import (
    line_in_json,
    line_of_message,
    line_of_syntax_error,
    lines_of_items,
    pointer_of,
    row_of,
    text_at_top,
)

POINTERS = {
    "claim.width": "/claim/width",
    "network.layers[3].bias": "/network/layers/3/bias",
    "samples[12]": "/dataset/points/12",
    "witness.probes[2], samples[5]": "/witness/probes/2",
    "witness.partitions.'a/b~c'": "/witness/partitions/a~1b~0c",
    r"witness.partitions.'it\'s'": "/witness/partitions/it's",
    "blocks[3]": "/blocks/3",
    "file": "",
    "": "",
    "layer 3, neuron 4": "",
    "a denominator": "",
}


@pytest.mark.parametrize(("at", "pointer"), POINTERS.items())
def test_a_place_is_a_pointer_or_the_whole(at: str, pointer: str) -> None:
    assert pointer_of(at) == pointer


def test_a_row_is_found_wherever_it_stands() -> None:
    assert row_of("witness.probes[0], samples[3]") == 3
    assert row_of("claim.width") is None
    assert row_of(None) is None


TEXT = b"""{
 "a": [1, 2,
  {"b/c": "x\\n\\"]",
   "d": null}],
 "e": {"f": [
  [0],
  [1]]}
}
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", 1),
        ("/a", 2),
        ("/a/1", 2),
        ("/a/2", 3),
        ("/a/2/b~1c", 3),
        ("/a/2/d", 4),
        ("/e/f/1/0", 7),
        ("/a/9", 2),
        ("/e/none/1", 5),
    ],
)
def test_a_pointer_leads_to_the_line_of_the_value_or_of_what_holds_it(pointer: str, line: int) -> None:
    assert line_in_json(TEXT, pointer) == line


def test_items_have_their_lines() -> None:
    assert list(lines_of_items(TEXT, "/e/f")) == [6, 7]
    assert list(lines_of_items(TEXT, "/e/none")) == []
    assert list(lines_of_items(b"{", "/e")) == []


@given(
    st.recursive(
        st.integers() | st.text(max_size=3) | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    ),
    st.data(),
)
def test_the_line_of_any_value_is_the_line_on_which_json_writes_it(
    value: object, data: st.DataObject
) -> None:
    text, pointer, inner = json.dumps(value, indent=1), "", value
    while isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = data.draw(st.sampled_from(keys))
        inner = inner[key]
        pointer += "/" + str(key).replace("~", "~0").replace("/", "~1")
    marked = _marked(value, pointer.split("/")[1:])
    expected = json.dumps(marked, indent=1).split('"\\u0001MARK"')[0].count("\n") + 1
    assert line_in_json(text.encode(), pointer) == expected


def _marked(value: object, parts: list[str]) -> object:
    if not parts:
        return "\1MARK"
    part = parts[0].replace("~1", "/").replace("~0", "~")
    if isinstance(value, dict):
        return {k: _marked(v, parts[1:]) if k == part else v for k, v in value.items()}
    assert isinstance(value, list)
    return [_marked(v, parts[1:]) if str(k) == part else v for k, v in enumerate(value)]


@pytest.mark.parametrize(
    "content", [b"", b"[" * 100_000, b"\xff", b'{"a"', b'{"a": ' + b"1" * 5000 + b"}", b"nul"]
)
def test_what_is_no_json_has_a_line_all_the_same(content: bytes) -> None:
    assert line_in_json(content, "/a/b") in (1, None)


def test_the_line_where_json_ends_is_found() -> None:
    assert line_of_syntax_error(b'{\n "a": 1,\n?}') == 3
    assert line_of_syntax_error(b'{\n "a": "\xff"}') == 2
    assert line_of_syntax_error(b"[" * 100_000) == 1
    assert line_of_syntax_error(b'{"a": 1}') is None


def test_the_line_of_a_message_about_data_is_the_one_after_the_files_name() -> None:
    assert line_of_message("'x': row 3 (line 5), column 'a': expected ..", "'x'") == 5
    assert line_of_message("'x': line 7: expected ..", "'x'") == 7
    assert line_of_message("'line 9: x': expected rows", "'line 9: x'") is None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'{"format": "memcert/1"}', "memcert/1"),
        (b'\xef\xbb\xbf {"a": [1, {}], "\\u0066ormat": "memcert\\/1"}', "memcert/1"),
        (b'{"format": 1}', None),
        (b'{"a": {"format": "memcert/1"}}', None),
        (b"[]", None),
        (b"{}", None),
    ],
)
def test_a_text_at_the_top_is_found(content: bytes, text: str | None) -> None:
    assert text_at_top(content, "format") == text
