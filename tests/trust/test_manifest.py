"""The trust manifest says what the code does: imports are followed from what decides each verdict."""

import ast
import hashlib
import importlib.metadata
import json
import sys

import pytest
from package_tree import ROOT, imports, modules, parsed
from typer.testing import CliRunner

from memcert.cli.app import app
from memcert.trust.bases import BASES, Basis
from memcert.trust.manifest import code_lines, manifest

FACADE = "memcert.api"
"""Its functions import what they need when they are called."""


def _dynamic(name: str) -> set[str]:
    """Return the libraries that a module loads by name."""
    return {
        str(node.args[0].value)
        for node in ast.walk(parsed(name))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "import_module"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def _of_facade(name: str) -> set[str]:
    """Return what a module reaches by functions of `memcert.api` that it uses, by their own imports."""
    functions = {n.name: n for n in parsed(FACADE).body if isinstance(n, ast.FunctionDef)}
    ahead = {n.attr for n in ast.walk(parsed(name)) if isinstance(n, ast.Attribute)}
    ahead |= {a.name for n in ast.walk(parsed(name)) if isinstance(n, ast.ImportFrom) for a in n.names}
    reached, seen = set[str](), set[str]()
    while ahead & set(functions) - seen:
        function = functions[(ahead & set(functions) - seen).pop()]
        seen.add(function.name)
        ahead |= {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
        for node in ast.walk(function):
            if isinstance(node, ast.ImportFrom):
                inner = {f"{node.module}.{alias.name}" for alias in node.names} & set(modules())
                reached |= inner or {str(node.module)}
    return reached


def _reached(entries: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """Return the packages of memcert and the libraries that modules reach by their imports."""
    seen: set[str] = set()
    outside: set[str] = set()
    ahead = list(entries)
    while ahead:
        name = ahead.pop()
        if name in seen or name in {"memcert", FACADE}:
            continue  # of the package itself only the version is taken: a test says so
        seen.add(name)
        targets = {*imports(name), *_dynamic(name)}
        targets |= _of_facade(name) if FACADE in targets else set()
        ahead += [target for target in targets if target in modules()]
        outside |= {t.split(".")[0] for t in targets if not t.startswith("memcert")}
    packages = {name.split(".")[1] for name in seen}
    return packages, outside - set(sys.stdlib_module_names)


def _distributions(libraries: set[str]) -> set[str]:
    known = importlib.metadata.packages_distributions()
    return {name for library in libraries for name in known.get(library, [library])}


@pytest.mark.parametrize("basis", BASES, ids=[basis.verdict for basis in BASES])
def test_a_verdict_rests_on_what_its_code_imports_and_nothing_else(basis: Basis) -> None:
    packages, libraries = _reached(basis.entries)
    assert packages == set(basis.packages)
    assert _distributions(libraries) == set(basis.libraries)


def test_of_the_package_itself_only_its_version_is_taken() -> None:
    taken = {
        alias.name
        for name in modules()
        for node in ast.walk(parsed(name))
        if isinstance(node, ast.ImportFrom) and node.module == "memcert" and name != "memcert"
        for alias in node.names
        if f"memcert.{alias.name}" not in modules()
    }
    assert taken == {"__version__"}


def test_the_following_of_imports_sees_libraries_that_are_loaded_by_name() -> None:
    assert "onnx" in _reached(("memcert.interop.models",))[1]


def test_every_verdict_of_the_readme_is_in_the_manifest() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## What must be trusted")[2].partition("\n## ")[0]
    told = {basis.verdict for basis in BASES if f"`{basis.verdict}`" in section}
    assert {"accepted (kernel)", "accepted (fast engine)", "proved"} <= told


def test_the_kernel_is_listed_file_by_file_with_digests_of_its_bytes() -> None:
    found = manifest()
    folder = ROOT / "memcert" / "kernel"
    assert [file.name for file in found.files] == sorted(path.name for path in folder.glob("*.py"))
    for file in found.files:
        content = (folder / file.name).read_bytes()
        assert file.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert file.lines == len(content.decode().splitlines())
        assert (file.code > 0) == (file.name != "__init__.py")
        assert file.code <= file.lines
    text = "".join(f"{file.name} {file.digest}\n" for file in found.files)
    assert found.digest == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_code_is_what_is_neither_blank_nor_comment_nor_docstring() -> None:
    text = '"""Prose\nof two lines."""\n\nx = [\n    1,  # one\n]\n# words\n'
    assert code_lines(text) == {4, 5, 6}


def test_a_library_that_is_missing_is_listed_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert set(manifest().libraries.values()) == {None}


def test_the_command_prints_the_manifest_as_json_and_for_people() -> None:
    machine = CliRunner().invoke(app, ["trust", "--json"])
    found = json.loads(machine.stdout)
    assert (machine.exit_code, found["kernel"]["digest"]) == (0, manifest().digest)
    assert [verdict["verdict"] for verdict in found["verdicts"]] == [basis.verdict for basis in BASES]
    person = CliRunner().invoke(app, ["trust"])
    assert person.exit_code == 0
    assert "The trusted kernel" in person.stdout
    assert "check.py" in person.stdout
    assert "z3-solver" in person.stdout
