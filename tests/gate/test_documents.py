"""docs/gate.md says what the gate does: its reference, samples and words are held against the code."""

import re
import tomllib
from pathlib import Path

import policy_reference
import pytest

from memcert.endings import ORDER
from memcert.gate.policy import Policy, read_policy
from memcert.reports.sarif import MOST_RESULTS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/gate.md").read_text(encoding="utf-8")


def test_the_reference_of_the_policy_is_that_of_the_models() -> None:
    assert policy_reference.with_reference(TEXT) == TEXT, "run: python tests/policy_reference.py"
    for name in ("min-radius", "allow-removed-rules", "max-memory"):
        assert f"| `{name}` |" in TEXT


@pytest.mark.parametrize("path", ["docs/ci/memcert.toml", "tests/gate/sample/memcert.toml"])
def test_the_sample_policies_are_policies(path: str) -> None:
    found = read_policy(tomllib.loads((ROOT / path).read_text(encoding="utf-8")), path)
    assert len(found.rules) > 2
    assert found.digest != Policy().digest


def test_every_exit_status_is_in_the_table() -> None:
    table = TEXT.split("| status |")[1].split("\n\n")[0]
    told = {
        int(number)
        for row in re.findall(r"^\| ([0-9, ]+) \|", table, re.MULTILINE)
        for number in row.split(",")
    }
    assert told == set(ORDER)
    assert "70, 130, 2, 3, 4, 5, 1, 6, 0" in TEXT


def test_every_option_that_is_named_exists_and_every_output_is_named() -> None:
    from typer.main import get_command

    from memcert.cli.app import app

    command = get_command(app).get_command(None, "gate")  # type: ignore[attr-defined]
    options = {word for parameter in command.params for word in (*parameter.opts, *parameter.secondary_opts)}
    named = set(re.findall(r"`?(--[a-z][a-z-]+)", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)))
    assert named <= options
    for name in (
        "--junit",
        "--sarif",
        "--attest",
        "--github-summary",
        "--json",
        "--policy-from",
        "--no-cache",
    ):
        assert name in named


def test_links_lead_to_files() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / "docs" / target).exists(), target


def test_limits_that_are_named_are_those_of_the_code() -> None:
    assert f"At most {MOST_RESULTS:,} results" in TEXT
