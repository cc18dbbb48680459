"""A checker written from the document alone agrees with the kernel."""

import copy
import gzip
import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schemas.random_certificates import certificates
from schemas.second_checker import data_text, verdict

from memcert.formats.certificates import encode
from memcert.kernel.certificate import Certificate
from memcert.kernel.check import check
from memcert.kernel.data import inline_table, text_table
from memcert.kernel.decode import decode
from memcert.kernel.files import read_bytes
from memcert.kernel.verdict import Failure

ROOT = Path(__file__).parents[2]
PUBLISHED = sorted((ROOT / "certificates").glob("*.json*"))
CORRUPTED = sorted((ROOT / "tests" / "corrupted").glob("*/*.json*"))


def _kernel(content: bytes, data: bytes | None = None) -> str:
    try:
        table = (
            None
            if data is None
            else text_table(iter(data.decode("ascii", "replace").splitlines(keepends=True)))
        )
        check(decode(content), table)
    except Failure as failure:
        return failure.word
    return "accepted"


def test_there_are_certificates_to_agree_on() -> None:
    assert len(PUBLISHED) >= 3
    assert len(CORRUPTED) >= 80


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: str(path.name))
def test_published_certificates_are_accepted(path: Path) -> None:
    assert verdict(path.read_bytes()) == "accepted"


@pytest.mark.parametrize("path", CORRUPTED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_corrupted_certificates_end_as_with_the_kernel(path: Path) -> None:
    beside = path.with_name(path.name.partition(".")[0] + ".data")
    data = beside.read_bytes() if beside.exists() else None
    try:
        expected = _kernel(read_bytes(str(path)), data)
    except Failure as failure:
        expected = failure.word
    if expected == "undecided":
        pytest.skip("a limit of the kernel's own")
    assert verdict(path.read_bytes(), data) == expected


@given(certificates())
@settings(max_examples=100, deadline=None)
def test_random_certificates_end_alike(certificate: Certificate) -> None:
    content = encode(certificate).encode()
    expected = _kernel(content)
    if certificate.dataset.points is not None and expected != "undecided":
        assert verdict(content) == expected


@given(certificates(), certificates())
@settings(max_examples=60, deadline=None)
def test_given_data_end_alike(certificate: Certificate, other: Certificate) -> None:
    table = inline_table(other)
    if table is None:
        return
    rows = [([Fraction(x) for x in point], label) for point, label in table.rows]
    columns = None if table.columns is None else list(table.columns)
    text = data_text(table.size, table.dimension, columns, rows).encode("ascii")
    for content in (encode(certificate).encode(), encode(other).encode()):
        assert verdict(content, text) == _kernel(content, text)


def test_gzip_is_unpacked_once() -> None:
    content = json.dumps(EXAMPLE).encode()
    assert verdict(gzip.compress(content)) == "accepted"
    assert verdict(gzip.compress(gzip.compress(content))) == "malformed"
    assert verdict(gzip.compress(content) + gzip.compress(b" ")) == "malformed"


DOCUMENT = (ROOT / "schemas" / "certificate-1.md").read_text(encoding="utf-8")
EXAMPLE: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)[-1])
OTHERS: list[Any] = [
    None,
    True,
    "a",
    "1/2",
    "-1/2",
    "0x1p-60",
    -1,
    0,
    1,
    2,
    3,
    [],
    [0],
    [1, 2],
    ["1/3"],
    {},
    "within",
]


def _places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [way] * bool(way) + [place for key, item in items for place in _places(item, (*way, key))]


@given(st.data())
@settings(max_examples=500, deadline=None)
def test_any_edits_of_the_example_end_alike(data: st.DataObject) -> None:
    value = json.loads(json.dumps(EXAMPLE))
    if data.draw(st.booleans()):
        value["digests"] = {"dataset": None, "network": None}
    for _ in range(data.draw(st.integers(1, 2))):
        *way, last = data.draw(st.sampled_from(_places(value)))
        at = value
        for key in way:
            at = at[key]
        if data.draw(st.booleans()):
            at[last] = copy.deepcopy(data.draw(st.sampled_from(OTHERS)))
        elif isinstance(at, list):
            at.insert(last, copy.deepcopy(at[last]))
        else:
            del at[last]
    content = json.dumps(value).encode()
    assert verdict(content) == _kernel(content)
