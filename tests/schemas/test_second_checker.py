"""A checker written from the document alone agrees with the kernel."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from schemas.random_certificates import certificates
from schemas.second_checker import verdict

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
        table = None if data is None else text_table(iter(data.decode("ascii", "replace").splitlines(keepends=True)))
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
@settings(max_examples=200, deadline=None)
def test_random_certificates_end_alike(certificate: Certificate) -> None:
    content = encode(certificate).encode()
    expected = _kernel(content)
    if certificate.dataset.points is not None and expected != "undecided":
        assert verdict(content) == expected


@given(certificates(), certificates())
@settings(max_examples=100, deadline=None)
def test_given_data_end_alike(certificate: Certificate, other: Certificate) -> None:
    from schemas.second_checker import data_text

    table = inline_table(other)
    if table is None:
        return
    rows = [([*map(_fraction, point)], label) for point, label in table.rows]
    columns = None if table.columns is None else list(table.columns)
    text = data_text(table.size, table.dimension, columns, rows).encode("ascii")
    for content in (encode(certificate).encode(), encode(other).encode()):
        assert verdict(content, text) == _kernel(content, text)


def test_gzip_is_unpacked_once() -> None:
    content = encode(decode(PUBLISHED[0].read_bytes())).encode()
    assert verdict(gzip.compress(content)) == "accepted"
    assert verdict(gzip.compress(gzip.compress(content))) == "malformed"
    assert verdict(gzip.compress(content) + gzip.compress(b" ")) == "malformed"


def _fraction(value: object) -> object:
    from fractions import Fraction

    return Fraction(value)  # type: ignore[arg-type]
