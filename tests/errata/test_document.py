"""docs/errata.md names the tests, and every test of an error is named there."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
DOCUMENT = (TESTS.parent / "docs" / "errata.md").read_text(encoding="utf-8")


def functions(folder: Path) -> set[str]:
    found = set()
    for path in folder.rglob("test_*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        found |= {n.name for n in nodes if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")}
    return found


def named() -> set[str]:
    return {name for name in re.findall(r"\b(test_\w+)(?!\w|\.py)", DOCUMENT) if f"{name}.py" not in DOCUMENT}


def test_every_test_that_the_document_names_exists() -> None:
    assert named()
    assert named() <= functions(TESTS / "errata") | functions(TESTS / "constructions")


def test_every_file_that_the_document_names_exists() -> None:
    files = set(re.findall(r"\b(test_\w+\.py)", DOCUMENT))
    assert files
    assert files <= {path.name for path in TESTS.rglob("test_*.py")}


def test_every_error_with_a_test_stands_in_the_document() -> None:
    errors = {
        name
        for path in sorted((TESTS / "errata").glob("test_*.py"))
        if path != Path(__file__)
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert errors - named() == set()
