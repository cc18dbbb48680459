"""Who may import whom, what trusted code may hold, and that the map of the code is true."""

import ast
import sys
from collections.abc import Iterator

import package_tree
import pytest
from package_tree import first_line, imports, modules, parsed

from memcert.trust.manifest import code_lines

BASE = {"errors"}
IMPORTS = {
    "kernel": set(),
    "errors": set(),
    "endings": BASE | {"kernel"},
    "limits": BASE | {"kernel", "endings"},
    "findings": BASE | {"kernel", "endings"},
    "inspection": BASE | {"kernel", "datasets", "formats", "exact", "constructions"},
    "evidence": BASE | {"kernel"},
    "formats": BASE | {"kernel"},
    "datasets": BASE | {"kernel", "formats"},
    "exact": BASE | {"kernel", "datasets", "formats"},
    "contracts": BASE | {"kernel"},
    "blocks": BASE | {"kernel", "contracts"},
    "constructions": BASE | {"kernel", "datasets", "formats", "exact", "contracts", "blocks", "evidence"},
    "proofs": BASE | {"kernel", "datasets", "formats", "exact", "contracts"},
    "interop": BASE | {"kernel", "datasets", "formats", "exact", "contracts", "endings"},
    "witnesses": BASE | {"kernel", "datasets", "formats", "endings"},
    "verification": BASE | {"kernel", "datasets", "formats", "exact", "contracts"},
    "semantics": BASE | {"kernel", "datasets", "formats", "exact", "interop", "verification"},
    "regions": BASE | {"kernel", "datasets", "formats", "exact", "boxes"},
    "boxes": BASE | {"kernel"},
    "experiments": BASE | {"kernel", "datasets", "formats", "exact", "constructions", "bounds"},
    "bounds": BASE | {"kernel", "datasets", "formats", "exact", "constructions"},
    "data": BASE,
    "trust": BASE | {"kernel"},
    "reports": BASE
    | {"kernel", "datasets", "formats", "exact", "contracts", "proofs", "bounds", "experiments", "trust"}
    | {"witnesses"},
    "api": BASE
    | {
        "kernel",
        "datasets",
        "formats",
        "exact",
        "constructions",
        "proofs",
        "interop",
        "verification",
        "endings",
    },
    "given": BASE | {"kernel", "datasets", "formats", "interop", "endings"},
    "cli": BASE
    | {
        "kernel",
        "datasets",
        "formats",
        "exact",
        "constructions",
        "proofs",
        "contracts",
        "reports",
        "api",
        "data",
    }
    | {"evidence", "experiments", "bounds", "interop", "trust", "endings", "limits", "verification"}
    | {"witnesses"},
}
IMPORTS["reports"] |= {"regions", "boxes"}
IMPORTS["cli"] |= {"regions", "boxes", "semantics"}
IMPORTS["reports"] |= {"semantics"}
IMPORTS["gate"] = BASE | {
    "kernel",
    "evidence",
    "datasets",
    "formats",
    "exact",
    "interop",
    "proofs",
    "api",
    "reports",
}
IMPORTS["gate"] |= {"boxes", "regions", "endings", "limits", "findings", "trust"}
IMPORTS["reports"] |= {"findings", "endings", "inspection"}
IMPORTS["cli"] |= {"findings", "gate", "inspection"}
IMPORTS["api"] |= {"given"}
IMPORTS["cluster"] = BASE | {"kernel"}
IMPORTS["questions"] = BASE | {"kernel", "datasets", "formats", "exact", "interop", "verification"}
IMPORTS["questions"] |= {"regions", "boxes", "semantics", "witnesses"}
for _user in ("api", "cli"):
    IMPORTS[_user] |= {"questions"}
for _user in ("gate", "verification", "cli"):
    IMPORTS[_user] |= {"cluster"}
"""What each package may import of ours, besides itself."""
ORDERED = {
    "memcert": {"api"},
    "memcert.__main__": {"cli"},
}
"""Modules with a row of their own, and what they may import."""
THIRD_PARTY = {
    "numpy": {
        "semantics",
        "reports",
        "datasets",
        "exact",
        "constructions",
        "proofs",
        "data",
        "inspection",
        "experiments",
        "interop",
    },
    "onnx": {"interop"},
    "vnnlib": {"witnesses"},
    "safetensors": {"interop"},
    "skops": {"interop"},
    "threadpoolctl": {"exact"},
    "flint": {"exact", "proofs", "constructions", "bounds"},
    "joblib": {"exact", "proofs", "constructions", "gate", "verification"},
    "distributed": {"cluster", "gate"},
    "pydantic": {"formats", "gate", "proofs"},
    "pydantic_core": {"formats"},
    "typing_extensions": {"formats"},
    "z3": {"proofs", "constructions"},
    "cvc5": {"proofs"},
    "rich": {"reports", "cli"},
    "typer": {"cli"},
    "sklearn": {"datasets"},
    "pyarrow": {"datasets"},
    "matplotlib": {"experiments", "reports"},
    "jinja2": {"reports"},
    "markupsafe": {"reports"},
}
for _library in ("numpy", "scipy", "joblib"):
    THIRD_PARTY[_library] = THIRD_PARTY.get(_library, set()) | {"regions"}
for _library in ("numpy", "scipy"):
    THIRD_PARTY[_library] |= {"witnesses"}
"""Which packages may load which library. A solver proves in `proofs` alone; constructions let one search."""
LAZY = {
    "numpy",
    "flint",
    "joblib",
    "pydantic",
    "z3",
    "cvc5",
    "sklearn",
    "pyarrow",
    "matplotlib",
    "onnx",
    "safetensors",
    "skops",
}
LAZY |= {"scipy"}
LAZY |= {"vnnlib", "jinja2", "markupsafe", "distributed", "threadpoolctl"}
"""Libraries that the front door (`cli`, `api`, the package itself) must never import at the top."""
SECONDS = "time limits and measured times, in seconds"
PAPER = "places on paper and three digits beside an exact number; a picture decides nothing"
FLOATS: dict[str, str] = {
    "memcert.exact.products": "integers below 2^53 in float64, where BLAS products are exact",
    "memcert.exact.slices.digits": "integers up to 2^53 in float64, where BLAS products are exact",
    "memcert.exact.slices.run": "integers up to 2^53 in float64, where BLAS products are exact",
    "memcert.exact.slices.machine": "a test that float64 products of such integers are exact",
    "memcert.exact.slices.grid": "a guess of the cheapest slices; the bounds are proved in integers",
    "memcert.exact.separation": "integers below 2^53 in float64, where BLAS products are exact",
    "memcert.experiments.cell_function": "integers below 2^53 in float64, where BLAS products are exact",
    "memcert.constructions.yu_gao_zhang_miao.nearest_point": "a guess, which integers verify or replace",
    "memcert.witnesses.prepared": "a network for a witness's repair, which exact evaluation judges",
    "memcert.witnesses.guesses": "guesses of a witness's repair, which exact evaluation judges",
    "memcert.witnesses.programs": "guesses of a witness's repair, which exact evaluation judges",
    "memcert.bounds.rigorous": "no float: logarithms of FLINT's balls, whose ends are exact",
    "memcert.reports.figures.numerals": PAPER,
    "memcert.reports.figures.scatter": PAPER,
    "memcert.reports.figures.bits": PAPER,
    "memcert.reports.figures.chain": PAPER,
    "memcert.reports.figures.heat": PAPER,
    "memcert.reports.figures.projection": PAPER,
    "memcert.reports.figures.sizes": PAPER,
    "memcert.reports.figures.marks": PAPER,
    "memcert.reports.figures.drawing": PAPER,
    "memcert.reports.figures.svg": PAPER,
    **dict.fromkeys(
        (f"memcert.semantics.{name}" for name in ("bounds", "elementwise", "stored", "sums")),
        "bounds in float64, each step enlarged by more than it may have lost",
    ),
    "memcert.semantics.precision": "the nearest floats, by integers where numpy could be wrong",
    "memcert.semantics.every_order": "bounds in float64; exact numbers decide what they leave",
    "memcert.semantics.sequential": "floats are what is asked about: square roots of numpy, rounded once",
    "memcert.semantics.rows": "the nearest floats, and bounds enlarged as above",
    "memcert.semantics.second_stage": "bounds in float64, each step enlarged by more than it may have lost",
    "memcert.api": SECONDS,
    "memcert.cli.build": SECONDS,
    "memcert.cli.outcomes": SECONDS,
    "memcert.cli.prove": SECONDS,
    "memcert.proofs.blocks": SECONDS,
    "memcert.proofs.concrete": SECONDS,
    "memcert.proofs.prove": SECONDS,
    "memcert.proofs.result": SECONDS,
    "memcert.proofs.solver_cvc5": SECONDS,
    "memcert.proofs.solver_z3": SECONDS,
    "memcert.proofs.child": SECONDS,
    "memcert.proofs.solvers": SECONDS,
}
ENCLOSED = "bounds with proved errors; what they do not decide is evaluated exactly"
FLOATS |= {
    "memcert.regions.median": "rounded numbers keep their order; those of one double are compared exactly",
    "memcert.regions.digits": "integers below 2^53 in float64, where BLAS products are exact",
    "memcert.regions.distances": ENCLOSED,
    "memcert.regions.measured": ENCLOSED,
    "memcert.regions.matrices": "correctly rounded numbers, whose errors the enclosures bound",
    "memcert.regions.enclosures": ENCLOSED,
    "memcert.regions.patterns": ENCLOSED,
    "memcert.regions.descent": ENCLOSED,
    "memcert.regions.relaxations": "bounds rounded outwards to short numbers, which the replay shows exactly",
    "memcert.regions.programs": "a guess, which exact arithmetic on its multipliers verifies",
    "memcert.regions.branching": "a guess, which exact arithmetic on its multipliers verifies",
    "memcert.regions.search": "a guess, at which the network is evaluated exactly",
    "memcert.regions.boxes": "a guess, at which the network is evaluated exactly; seconds",
    "memcert.cli.verify_boxes": SECONDS,
    "memcert.questions.model": SECONDS,
}
"""Modules that may hold a float, each with its reason."""
TRUSTED = [name for name in modules() if name.startswith("memcert.kernel")]
EVIDENCE = [name for name in modules() if name.startswith(("memcert.evidence", "memcert.boxes"))]


def _package(name: str) -> str:
    return name.split(".")[1] if "." in name else name


def _ours(name: str) -> Iterator[str]:
    for target in imports(name):
        if target.split(".")[0] == "memcert":
            yield target


@pytest.mark.parametrize("name", modules())
def test_imports_of_ours_run_in_one_direction(name: str) -> None:
    package = _package(name)
    allowed = ORDERED.get(name, IMPORTS.get(package, set()) | {package})
    # The version, in memcert/__init__.py, is anybody's but the kernel's.
    targets = {_package(target) for target in _ours(name)} - ({"memcert"} if package != "kernel" else set())
    assert targets <= allowed


@pytest.mark.parametrize("name", modules())
def test_a_library_is_loaded_only_where_the_table_says(name: str) -> None:
    outside = {target.split(".")[0] for target in imports(name)} - {"memcert", *sys.stdlib_module_names}
    for library in outside:
        assert library in THIRD_PARTY, f"{library} is in no table"
        assert _package(name) in THIRD_PARTY[library], f"{name} loads {library}"


@pytest.mark.parametrize(
    "name", [n for n in modules() if _package(n) in {"cli", "api", "memcert", "__main__"}]
)
def test_the_front_door_imports_nothing_heavy_at_the_top(name: str) -> None:
    top = [node for node in parsed(name).body if isinstance(node, ast.Import | ast.ImportFrom)]
    loaded = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    loaded |= {str(node.module) for node in top if isinstance(node, ast.ImportFrom)}
    assert not {target.split(".")[0] for target in loaded} & LAZY
    assert not {_package(t) for t in loaded if t.startswith("memcert.")} & {
        "exact",
        "proofs",
        "datasets",
        "interop",
        "verification",
        "questions",
    }


@pytest.mark.parametrize("name", [*TRUSTED, *EVIDENCE])
def test_trusted_code_is_standard_library_only(name: str) -> None:
    assert {t.split(".")[0] for t in imports(name)} <= {"memcert", *sys.stdlib_module_names}


def _floats(name: str) -> Iterator[int]:
    for node in ast.walk(parsed(name)):
        if (
            (isinstance(node, ast.Constant) and isinstance(node.value, float | complex))
            or (isinstance(node, ast.Name) and node.id in {"float", "complex"})
            or (
                isinstance(node, ast.Attribute)
                and node.attr
                in {
                    "sqrt",
                    "log",
                    "log2",
                    "float32",
                    "float64",
                    "inf",
                }
            )
        ):
            yield node.lineno


@pytest.mark.parametrize("name", modules())
def test_no_float_but_where_a_reason_is_listed(name: str) -> None:
    found = list(_floats(name))
    if name in FLOATS:
        assert found, f"{name} is listed and holds no float"
        assert _package(name) not in {"kernel", "contracts", "blocks"}
    else:
        assert not found


@pytest.mark.parametrize("name", modules())
def test_no_assert_and_no_star_import(name: str) -> None:
    for node in ast.walk(parsed(name)):
        assert not isinstance(node, ast.Assert), f"line {node.lineno}: python -O drops it"
        if isinstance(node, ast.ImportFrom):
            assert all(alias.name != "*" for alias in node.names), f"line {node.lineno}"


def test_the_kernel_keeps_its_budget() -> None:
    code = total = 0
    for name in TRUSTED:
        text = modules()[name].read_text(encoding="utf-8")
        total += len(text.splitlines())
        code += len(code_lines(text))
    # The ledger of departures says why it is not half of this.
    assert code <= 1000
    assert total <= 1600


def test_accepted_is_made_in_one_place() -> None:
    calls = [
        (name, node.lineno)
        for name in modules()
        for node in ast.walk(parsed(name))
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) == "Accepted" or getattr(node.func, "attr", None) == "Accepted")
    ]
    assert [name for name, _ in calls] == ["memcert.kernel.check"], calls


def test_trusted_code_names_no_construction() -> None:
    folders = [name for name, path in modules().items() if path.name == "__init__.py"]
    names = {name.rsplit(".", 1)[1] for name in folders if name.startswith("memcert.constructions.")}
    words = {word for name in names for word in (name, name.replace("_", "-"))}
    assert words
    for package in ("kernel", "proofs"):
        for name in modules():
            if _package(name) == package:
                text = modules()[name].read_text(encoding="utf-8").lower()
                assert not [word for word in words if word in text], name


def test_no_module_is_an_orphan() -> None:
    used = {target for name in modules() for target in _ours(name)} | set(_by_name())
    # What is run, the subcommands, and the constructions, which the registry finds.
    entries = {"memcert.cli"} | {name for name in modules() if "__main__" in _strings(name)}
    entries |= {f"memcert.cli.{command}" for command in _commands()}
    packages = {name for name, path in modules().items() if path.name == "__init__.py"}
    assert set(modules()) - used - entries - packages == set()


def _by_name() -> Iterator[str]:
    """Yield modules whose last name stands as a string in a module of the same package."""
    for name, path in modules().items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        yield from (f"{package}.{text.removeprefix('.')}" for text in _strings(name))


def _strings(name: str) -> set[str]:
    constants = (node.value for node in ast.walk(parsed(name)) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def _commands() -> tuple[str, ...]:
    from memcert.cli.app import COMMANDS

    return COMMANDS


@pytest.mark.parametrize("name", modules())
def test_every_module_says_what_it_is_in_one_line(name: str) -> None:
    line = first_line(name)
    assert line, "a module docstring"
    assert len(line) <= 110


def test_the_map_is_the_modules_docstrings() -> None:
    found = package_tree.MAP.read_text(encoding="utf-8")
    assert package_tree.BEGIN in found
    assert found == package_tree.with_tree(found), "run: python tests/package_tree.py"
