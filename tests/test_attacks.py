"""docs/attacks.md names tests for every attempt, which exist; and ten certificates that break one thing."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from make import CORPUS, FOLDER

from memcert.kernel.check import check
from memcert.kernel.decode import decode
from memcert.kernel.verdict import Failure, Rejected
from memcert.proofs.prove import prove

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "attacks.md").read_text(encoding="utf-8")
ROWS = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| ")]
HEADS = {"attempt", "a proof must"}
ALONE = re.findall(r"`false/(\w+)`", PAGE.partition("## One thing at a time")[2])


def _names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@cache
def _functions(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _exists(name: str) -> bool:
    path, _, function = name.partition("::")
    if function:
        return (TESTS / path).is_file() and function in _functions(path)
    folder, _, stem = name.partition("/")
    return folder in CORPUS and (FOLDER / folder / f"{stem}.expected").is_file()


def test_every_attempt_names_tests_that_exist() -> None:
    rows = [row for row in ROWS if row[0].strip() not in HEADS]
    assert len(rows) > 70
    missing = {name for _, held in rows for name in _names(held) if not _exists(name)}
    assert missing == set()
    assert [what for what, held in rows if not _names(held)] == []


def test_a_name_that_does_not_exist_would_be_missed() -> None:
    assert not _exists("false/no_such_file")
    assert not _exists("proofs/test_prove.py::test_no_such_test")
    assert _exists("proofs/test_prove.py::test_digests_are_recomputed")


def test_ten_things_are_broken_alone() -> None:
    assert len(ALONE) == len(set(ALONE)) == 10


@pytest.mark.parametrize("name", ALONE)
def test_what_breaks_one_thing_is_refused_by_a_proof_and_by_nothing_else(name: str) -> None:
    certificate = decode((FOLDER / "false" / f"{name}.json").read_bytes())
    if name == "digest_wrong_prove":
        with pytest.raises(Rejected, match="digest"):
            check(certificate)
    else:
        assert check(certificate).whole
    try:
        assert prove(certificate).verdict == "refuted"
    except Failure as failure:
        assert failure.status in {1, 3}
