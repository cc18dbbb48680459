"""Evidence files: what is true is accepted, everything false is rejected at its place."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.evidence.check import check
from memcert.evidence.decode import decode, is_evidence
from memcert.evidence.document import Data, Document, EvidenceError, QuotedRow
from memcert.evidence.encode import encode
from memcert.formats.evidence_models import EvidenceModel
from memcert.formats.schema import schema_text
from memcert.kernel.certificate import Construction
from memcert.kernel.data import Row, Table, dataset_digest
from memcert.kernel.verdict import Failure, LimitReached, Malformed, Mismatch, Rejected, Unsupported

BY = Construction("by hand", "-", "-", {"seed": 0})
SQUARE: list[Row] = [((0, 0), "a"), ((1, 1), "a"), ((0, 1), "b"), ((1, 0), "b"), ((5, Fraction(1, 3)), "b")]
LINE: list[Row] = [((3,), 7), ((1,), 7), ((Fraction(5, 2),), 9), ((4,), 9), ((0,), 7)]
VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text("evidence-1")))
DOCUMENT = (Path(__file__).parents[2] / "schemas" / "evidence-1.md").read_text(encoding="utf-8")


def table(rows: list[Row]) -> Table:
    return Table(len(rows), len(rows[0][0]), None, rows)


def document(kind: str, rows: list[Row], quoted: list[int], multipliers: tuple[int, ...]) -> Document:
    low, high = sorted({label for _, label in rows}, key=str)
    data = Data("hand", len(rows), len(rows[0][0]), None, (low, high), dataset_digest(table(rows)))  # type: ignore[arg-type]
    found = tuple(QuotedRow(i, rows[i][0], 1 if rows[i][1] == high else -1) for i in quoted)
    return Document(kind, BY, data, found, multipliers, {})


def square() -> Document:
    """XOR: (0,0) + (1,1) = (0,1) + (1,0)."""
    return document("not-separable", SQUARE, [0, 1, 2, 3], (1, 1, 1, 1))


def line() -> Document:
    """7 at 1, 9 at 5/2, 7 at 3, 9 at 4."""
    return document("alternating", LINE, [1, 2, 0, 3], ())


BASES = {"square": square, "line": line}


@pytest.mark.parametrize("base", BASES)
def test_true_evidence_is_accepted_alone_and_with_the_data(base: str) -> None:
    made = BASES[base]()
    assert decode(encode(made).encode()) == made
    alone = check(made)
    assert (alone.kind, alone.digest, alone.given) == (made.kind, None, False)
    assert alone.rows == tuple(row.index for row in made.rows)
    bound = check(made, table(SQUARE if base == "square" else LINE))
    assert (bound.digest, bound.given) == (made.dataset.digest, True)


def test_the_digest_is_examined_where_every_row_is_quoted() -> None:
    whole = document("not-separable", SQUARE[:4], [3, 1, 0, 2], (2, 2, 2, 2))
    assert check(whole).digest == whole.dataset.digest
    value = json.loads(encode(whole))
    value["dataset"]["digest"] = "sha256:" + "0" * 64
    with pytest.raises(Rejected, match=r"digest at dataset\.digest"):
        check(decode(json.dumps(value).encode()))


Edit = Callable[[dict[str, Any]], object]


def put(*path: str | int, value: object) -> Edit:
    """Return the edit that sets one place."""

    def edit(whole: dict[str, Any]) -> None:
        inner: Any = whole
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value

    return edit


ZEROS = "sha256:" + "0" * 64
FALSE: dict[str, tuple[str, Edit, str]] = {
    "a multiplier changed": ("square", put("multipliers", 2, value=2), "combination at coordinate 1: "),
    "a multiplier negative": ("square", put("multipliers", 0, value=-1), r"multiplier at multipliers\[0\]"),
    "no multiplier": ("square", put("multipliers", value=[0, 0, 0, 0]), "multiplier at multipliers: "),
    "a point moved": ("square", put("rows", 3, "point", 0, value="3/2"), "combination at coordinate 0: exp"),
    "a label turned": ("square", put("rows", 0, "label", value=1), "combination at the constant: "),
    "order": ("line", put("rows", 1, "point", value=[1]), r"order at rows\[1\]\.point: expected more than 1"),
    "alternation": (
        "line",
        put("rows", 3, "label", value=-1),
        r"alternation at rows\[3\]\.label: exp.* 1, g",
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_false_arithmetic_is_rejected_at_its_place(name: str) -> None:
    base, edit, message = FALSE[name]
    value = json.loads(encode(BASES[base]()))
    edit(value)
    VALIDATOR.validate(value)
    with pytest.raises(Rejected, match=message):
        check(decode(json.dumps(value).encode()))


def test_data_with_another_digest_are_a_mismatch() -> None:
    with pytest.raises(Mismatch):
        check(square(), table(SQUARE[:4]))


LIES: dict[str, tuple[Edit, str]] = {
    "size": (put("dataset", "size", value=6), r"size at dataset\.size"),
    "columns": (put("dataset", "columns", value=["x", "y"]), r"columns at dataset\.columns"),
    "classes": (put("dataset", "classes", value=["a", "c"]), r"classes at dataset\.classes"),
    "an index": (put("rows", 0, "index", value=4), r"row at rows\[0\]\.point"),
    "another order": (
        lambda value: value.update(rows=value["rows"][::-1], multipliers=[1, 1, 1, 1]),
        "",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_rows_that_are_not_those_of_the_data_are_rejected(name: str) -> None:
    edit, message = LIES[name]
    value = json.loads(encode(square()))
    edit(value)
    read = decode(json.dumps(value).encode())
    assert check(read).digest is None
    if message:
        with pytest.raises(Rejected, match=message):
            check(read, table(SQUARE))
    else:
        assert check(read, table(SQUARE)).digest == read.dataset.digest


def test_labels_turned_over_together_are_true_arithmetic_and_rejected_by_the_data() -> None:
    value = json.loads(encode(square()))
    for row in value["rows"]:
        row["label"] = -row["label"]
    read = decode(json.dumps(value).encode())
    assert check(read).digest is None
    with pytest.raises(Rejected, match=r"row at rows\[0\]\.label: expected 'a', got 'b'"):
        check(read, table(SQUARE))


MALFORMED: dict[str, tuple[str, Edit, str]] = {
    "a key missing": ("square", lambda v: v.pop("rows"), "keys"),
    "a key too many": ("square", put("network", value={}), "keys"),
    "kind": ("square", put("kind", value="gordan"), "word at kind"),
    "no row": ("square", lambda v: v.update(rows=[], multipliers=[]), "length at rows"),
    "a row twice": ("square", put("rows", 1, "index", value=0), "index at rows"),
    "index": ("square", put("rows", 1, "index", value=5), r"index at rows\[1\]\.index"),
    "a short point": ("square", put("rows", 2, "point", value=[1]), r"length at rows\[2\]\.point"),
    "label": ("square", put("rows", 0, "label", value=0), r"label at rows\[0\]\.label"),
    "multipliers": ("square", put("multipliers", value=[1]), "length at multipliers"),
    "spelling": ("square", put("multipliers", 0, value="2/2"), r"number at multipliers\[0\]"),
    "a float": ("square", put("multipliers", 0, value=1.5), "number at file"),
    "one class": ("square", put("dataset", "classes", value=["a"]), r"classes at dataset\.classes"),
    "unsorted": ("square", put("dataset", "classes", value=["b", "a"]), r"classes at dataset\.classes"),
    "two kinds": ("square", put("dataset", "classes", value=[1, "a"]), r"classes at dataset\.classes"),
    "digest": ("square", put("dataset", "digest", value="sha256:0"), r"digest at dataset\.digest"),
    "no rows of data": ("square", put("dataset", "size", value=0), "size at dataset"),
    "columns": ("square", put("dataset", "columns", value=["x"]), r"length at dataset\.columns"),
    "five rows": ("line", lambda v: v["rows"].append(v["rows"][0] | {"index": 4}), "length at rows"),
    "multipliers there": ("line", put("multipliers", value=[1, 1, 1, 1]), "length at multipliers"),
    "of the plane": ("square", lambda v: v.update(kind="alternating", multipliers=[]), "dimension at"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_evidence_is_malformed(name: str) -> None:
    base, edit, message = MALFORMED[name]
    value = json.loads(encode(BASES[base]()))
    edit(value)
    with pytest.raises(Malformed, match=message):
        decode(json.dumps(value).encode())


def test_another_version_is_unsupported_and_another_format_malformed() -> None:
    value = json.loads(encode(square()))
    with pytest.raises(Unsupported):
        decode(json.dumps(value | {"format": "memcert-evidence/2"}).encode())
    with pytest.raises(Malformed):
        decode(json.dumps(value | {"format": "memcert/1"}).encode())
    with pytest.raises(Malformed):
        decode(b"[]")


def test_only_files_that_say_so_are_evidence() -> None:
    assert is_evidence(encode(square()).encode())
    assert is_evidence(b'{"format": "memcert-evidence/9"}')
    assert not is_evidence(b'{"format": "memcert/1", "annotations": {"x": "memcert-evidence/1"}}')
    assert not is_evidence(b'["memcert-evidence/1"]')
    assert not is_evidence(b"memcert")


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_end_in_a_failure_of_the_right_kind(content: bytes) -> None:
    with pytest.raises((Malformed, LimitReached)):
        decode(content)


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for key, inner in enumerate(value) for leaf in _leaves(inner, (*path, key))]
    return [path]


def _true(value: Any) -> bool:
    """The two facts, a second time, from the definitions, of files that decode."""
    points = [[Fraction(x) for x in row["point"]] for row in value["rows"]]
    labels = [row["label"] for row in value["rows"]]
    if value["kind"] == "alternating":
        return (
            points == sorted(points)
            and len({p[0] for p in points}) == 4
            and labels in ([1, -1] * 2, [-1, 1] * 2)
        )
    factors = [Fraction(m) for m in value["multipliers"]]
    sums = [
        sum(m * y * x for m, y, x in zip(factors, labels, column, strict=True))
        for column in [*zip(*points, strict=True), [Fraction(1)] * len(points)]
    ]
    return min(factors) >= 0 and max(factors) > 0 and not any(sums)


@given(st.sampled_from(sorted(BASES)), st.data())
def test_one_change_is_accepted_exactly_if_the_fact_stays_true(base: str, draw: st.DataObject) -> None:
    value = json.loads(encode(BASES[base]()))
    path = draw.draw(st.sampled_from(_leaves(value)))
    new: object = draw.draw(st.sampled_from([-2, -1, 0, 1, 2, 3, "1/2", "-7/3", "x", None, True, []]))
    put(*path, value=new)(value)
    try:
        check(decode(json.dumps(value).encode()))
    except Rejected:
        assert not _true(value)
    except Failure as failure:
        assert isinstance(failure, Malformed)
    else:
        assert _true(value)
        VALIDATOR.validate(value)
        EvidenceModel.model_validate_json(json.dumps(value))


def test_the_example_of_the_document_is_valid_and_every_key_is_told() -> None:
    (example,) = re.findall(r"<!-- example: evidence -->\n```json\n(.*?)```\n", DOCUMENT, re.DOTALL)
    read = decode(example.encode())
    assert check(read).digest == read.dataset.digest
    assert encode(read) == example
    for key in {*json.loads(example), *json.loads(example)["dataset"]}:
        assert f"`{key}`" in DOCUMENT


def test_evidence_is_checked_without_a_library(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(encode(square()), encoding="utf-8")
    program = (
        "import sys\n"
        "from memcert.evidence.check import check\n"
        "from memcert.evidence.decode import decode\n"
        "from memcert.kernel.files import read_bytes\n"
        f"check(decode(read_bytes({str(path)!r})))\n"
        "print([m for m in ('numpy', 'pydantic', 'z3', 'flint') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_error_that_carries_evidence_says_what_it_shows() -> None:
    error = EvidenceError(square())
    assert error.status == 1
    assert "width 1" in str(error)
    assert error.document == square()
