"""docs/ names what exists."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PACKAGES = {path.name for path in (ROOT / "memcert").iterdir() if (path / "__init__.py").exists()}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.name))
def test_links_and_files_that_a_document_names_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (path.parent / target).exists(), target
    for name in re.findall(r"`([a-z_]+\.py)`", text):
        assert [*(ROOT / "memcert").rglob(name), *(ROOT / "tests").rglob(name)], name


def test_dotted_names_in_the_glossary_can_be_imported() -> None:
    text = (ROOT / "docs" / "theory.md").read_text(encoding="utf-8")
    names = [n for n in re.findall(r"`([a-z_]+(?:\.\w+)+)`", text) if n.split(".")[0] in PACKAGES]
    assert len(names) > 8
    for name in names:
        *module, last = name.split(".")
        parent = importlib.import_module(".".join(["memcert", *module]))
        assert hasattr(parent, last) or importlib.import_module(f"memcert.{name}"), name


def test_names_of_the_construction_in_the_glossary_are_in_its_code() -> None:
    text = (ROOT / "docs" / "theory.md").read_text(encoding="utf-8")
    code = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "memcert" / "constructions").rglob("*.py"))
    section = text.partition("| paper | meaning | in code |")[2].partition("\n\n")[0]
    words = re.findall(r"`\.?(\w+(?:\.\w+)?)`", section)
    assert len(words) > 30
    files = {p.stem for p in (ROOT / "memcert" / "constructions").rglob("*.py")}
    for word in words:
        last = word.removesuffix(".py").split(".")[-1]
        # `key_0` is a probe of slot 0; `Dataset.dimension` is not the construction's own.
        known = last in files or last == "dimension" or re.search(r"_\d$", last)
        assert known or re.search(rf"\b{last}\b", code), word
