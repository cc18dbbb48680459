"""The wheel in an empty environment, and what the files around the package say of it."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import memcert

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    # No variable of this environment may lead the other one back here.
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the tree as it is, without a build environment of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    done = _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT, cwd=folder)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="session")
def empty(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into an empty environment; return its python."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    done = _run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = _run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "-q",
        "--no-deps",
        wheel,
        cwd=folder.parent,
    )
    assert done.returncode == 0, done.stderr
    return python


def test_the_kernel_alone_checks_a_certificate_with_nothing_else_installed(
    empty: Path, five: Path, tmp_path: Path
) -> None:
    done = _run(empty, "-I", "-m", "memcert.kernel", five, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("accepted: rule equal, tolerance null, holds on 5 of 5 rows")


def test_the_kernel_run_loads_the_standard_library_and_itself_only(
    empty: Path, five: Path, tmp_path: Path
) -> None:
    script = (
        "import runpy, sys\n"
        f"sys.argv = ['memcert.kernel', {str(five)!r}]\n"
        "try:\n    runpy.run_module('memcert.kernel', run_name='__main__')\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "known = sys.stdlib_module_names | {'__main__', 'memcert'}\n"
        "loaded = {m for m in sys.modules if m.split('.')[0] not in known}\n"
        "ours = {m for m in sys.modules if m.startswith('memcert.')}\n"
        "loaded |= {m for m in ours if not m.startswith('memcert.kernel')}\n"
        "sys.exit(str(sorted(loaded)) if loaded else 0)\n"
    )
    done = _run(empty, "-I", "-c", script, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_version_is_printed_with_nothing_else_installed(empty: Path, tmp_path: Path) -> None:
    command = empty.with_name("memcert.exe" if os.name == "nt" else "memcert")
    done = _run(command, "--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"memcert {memcert.__version__}\n"), done.stderr


def test_the_wheel_holds_types_data_and_license(wheel: Path) -> None:
    from zipfile import ZipFile

    names = ZipFile(wheel).namelist()
    for name in (
        "memcert/py.typed",
        "memcert/data/digits.csv.gz",
        "memcert/reports/html/templates/style.css",
    ):
        assert name in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert project["version"] == memcert.__version__
    assert f"\nversion: {memcert.__version__}\n" in citation


def test_the_license_is_apache_2_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert "\nlicense: Apache-2.0\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def _readme_commands() -> list[str]:
    return re.findall(r"^python3 -m venv .*$", README, flags=re.MULTILINE)


def test_the_readme_has_two_commands_and_ci_runs_the_second() -> None:
    first, second = _readme_commands()
    assert first.endswith("memcert demo")
    assert "pytest" in second
    assert second in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert second in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()


def test_links_of_the_documents_lead_to_files() -> None:
    for document in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = re.sub(r"```.*?```", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            if "://" not in target:
                assert (ROOT / target).exists(), f"{document}: {target}"


def test_every_command_of_the_readme_is_one_that_exists() -> None:
    from memcert.cli.app import COMMANDS

    shell = "\n".join(re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL))
    used = set(re.findall(r"(?:^|/)memcert ([a-z]+)\b", shell, flags=re.MULTILINE))
    assert used <= set(COMMANDS)
    assert set(COMMANDS) - used <= {"convert"}


def test_the_table_of_constructions_lists_those_there_are_with_their_rules() -> None:
    from memcert.constructions.registry import constructions

    table = README.partition("## Constructions\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|.*\| ([^|]*) \|$", table, flags=re.MULTILINE)
    listed = {name: tuple(re.findall(r"`([a-z]+)`", rules)) for name, rules in rows}
    assert listed == {made.name: made.rules for made in constructions().values()}


def test_the_table_of_constructions_says_when_to_choose_each() -> None:
    from memcert.constructions.registry import constructions

    table = README.partition("## Constructions\n")[2].partition("\n## ")[0]
    for made in constructions().values():
        assert len(made.choose) > 10
        assert re.search(rf"^\| `{made.name}` \|.*\| {re.escape(made.choose)} \|", table, flags=re.MULTILINE)
