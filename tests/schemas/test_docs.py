"""docs/ names what exists."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "certificates/README.md")]
DOCS = [*sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "schemas").glob("*.md"))]
PACKAGES = {path.name for path in (ROOT / "memcert").iterdir() if (path / "__init__.py").exists()}


def links(path: Path) -> list[tuple[Path, str]]:
    """Return the files that a document's prose links to, and the headings in them; nothing of the web."""
    prose = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    parts = [target.partition("#") for target in re.findall(r"\]\(([^)\s]+)\)", prose) if "://" not in target]
    return [((path.parent / file).resolve() if file else path, anchor) for file, _, anchor in parts]


def anchors(path: Path) -> set[str]:
    """Return what the headings of a document are called in links."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", [*TOP, *DOCS], ids=lambda path: str(path.name))
def test_links_and_files_that_a_document_names_exist(path: Path) -> None:
    for target, anchor in links(path):
        assert target.exists(), target
        assert not anchor or target.suffix != ".md" or anchor in anchors(target), (target, anchor)
    for name in re.findall(r"`([a-z_]+\.py)`", path.read_text(encoding="utf-8")):
        places = ("memcert", "tests", "benchmarks")
        assert any(list((ROOT / place).rglob(name)) for place in places), name


@pytest.mark.parametrize("path", [*TOP, *DOCS], ids=lambda path: str(path.name))
def test_documents_and_results_that_are_named_anywhere_exist(path: Path) -> None:
    named = re.findall(
        r"\b((?:docs|schemas|benchmarks|tests)/[\w/-]+\.(?:md|py|json))\b", path.read_text("utf-8")
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_document_is_linked_from_another() -> None:
    linked = {target for path in [*TOP, *DOCS] for target, _ in links(path) if target != path}
    assert linked.issuperset(DOCS)


def test_every_script_that_measures_is_named_in_a_document() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in [*TOP, *DOCS])
    started = 'if __name__ == "__main__"'
    scripts = [path for path in (ROOT / "benchmarks").glob("*.py") if started in path.read_text("utf-8")]
    children = ("fuzz_child.py",)  # which another script starts
    assert [path.name for path in scripts if path.name not in text and path.name not in children] == []


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
