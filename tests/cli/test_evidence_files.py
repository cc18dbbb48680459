"""`memcert build` where there is no network, and `memcert check` of the evidence it writes."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from command_line import inside

XOR = "x,y,label\n0,0,no\n1,1,no\n0,1,yes\n1,0,yes\n1/3,7,yes\n"
LINE = "x,label\n1e-9,a\n2e-9,b\n1,b\n2,a\n1e9,b\n"


def built(folder: Path, text: str, name: str, *, suffix: str = ".json") -> tuple[Path, Path, Any]:
    """Return (data, evidence, how the command ended)."""
    data, target = folder / "data.csv", folder / f"evidence{suffix}"
    data.write_text(text, encoding="utf-8")
    return data, target, inside("build", data, "-o", target, "--construction", name)


@pytest.mark.parametrize(
    ("text", "name", "kind"), [(XOR, "separable", "not-separable"), (LINE, "interval", "alternating")]
)
def test_evidence_is_written_with_status_1_and_verified_with_status_0(
    text: str, name: str, kind: str, tmp_path: Path
) -> None:
    data, target, done = built(tmp_path, text, name)
    assert done.returncode == 1
    assert done.stdout.startswith("no network: wrote the evidence to ")
    assert json.loads(target.read_text(encoding="utf-8"))["kind"] == kind
    for words in (("check", target), ("check", target, "--dataset", data)):
        found = inside(*words)
        assert (found.returncode, found.stderr) == (0, "")
        assert found.stdout.startswith(f"valid evidence\n  kind      {kind}\n")
    assert "rows compared with your own data, sha256:" in found.stdout


def test_the_json_object_says_what_was_shown_and_where_it_is(tmp_path: Path) -> None:
    data, target, _ = built(tmp_path, XOR, "separable")
    done = inside("build", data, "-o", target, "--construction", "separable", "--json", "-q")
    value = json.loads(done.stdout)
    assert (value["verdict"], value["status"], done.returncode) == ("no network", 1, 1)
    assert (value["kind"], value["evidence"]) == ("not-separable", str(target))
    assert "width 1" in value["message"]
    alone = json.loads(inside("check", target, "--json").stdout)
    assert (alone["verdict"], alone["status"], alone["dataset_digest"]) == ("valid evidence", 0, None)
    bound = json.loads(inside("check", target, "--dataset", data, "--json").stdout)
    assert bound["own_data"]
    assert bound["dataset_digest"] == json.loads(target.read_text(encoding="utf-8"))["dataset"]["digest"]


def test_evidence_may_be_packed(tmp_path: Path) -> None:
    _, target, done = built(tmp_path, XOR, "separable", suffix=".json.gz")
    assert done.returncode == 1
    assert json.loads(gzip.decompress(target.read_bytes()))["format"] == "memcert-evidence/1"
    assert inside("check", target).returncode == 0


def edited(target: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    value = json.loads(target.read_text(encoding="utf-8"))
    edit(value)
    target.write_text(json.dumps(value), encoding="utf-8")
    return target


ENDS: dict[str, tuple[Callable[[dict[str, Any]], object], int, str]] = {
    "false": (lambda v: v["multipliers"].__setitem__(0, 7), 1, "rejected: combination at"),
    "malformed": (lambda v: v.pop("rows"), 3, "malformed: keys at file: expected the key rows"),
    "another version": (lambda v: v.update(format="memcert-evidence/2"), 5, "unsupported: format at format"),
    "too long a number": (lambda v: v["multipliers"].__setitem__(0, "0x1p+9999999"), 6, "undecided: number_"),
}


@pytest.mark.parametrize("name", ENDS)
def test_every_end_has_its_status_and_says_why(name: str, tmp_path: Path) -> None:
    edit, status, message = ENDS[name]
    _, target, _ = built(tmp_path, XOR, "separable")
    done = inside("check", edited(target, edit))
    assert done.returncode == status
    assert message in done.stdout + done.stderr


def test_other_data_are_a_mismatch(tmp_path: Path) -> None:
    data, target, _ = built(tmp_path, XOR, "separable")
    data.write_text(XOR.replace("1/3,7", "1/3,8"), encoding="utf-8")
    done = inside("check", target, "--dataset", data)
    assert done.returncode == 4
    assert done.stdout.startswith("mismatch: digest at dataset.digest")


@pytest.mark.parametrize(
    "words",
    [("--expect-rule", "sign"), ("--expect-tolerance", "1"), ("--min-accuracy", "0"), ("--allow-except",)],
)
def test_evidence_never_stands_for_a_certificate_that_was_asked_for(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    _, target, _ = built(tmp_path, XOR, "separable")
    done = inside("check", target, *words)
    assert done.returncode == 1
    assert done.stdout.startswith("rejected: expected_certificate at format")


@pytest.mark.parametrize("words", [("--engine", "kernel"), ("--samples", "0")])
def test_options_of_a_run_do_not_suit_evidence(words: tuple[str, ...], tmp_path: Path) -> None:
    _, target, _ = built(tmp_path, XOR, "separable")
    assert inside("check", target, *words).returncode == 2


@pytest.mark.parametrize("command", ["prove", "show", "explain"])
def test_what_needs_a_network_refuses_evidence(command: str, tmp_path: Path) -> None:
    _, target, _ = built(tmp_path, XOR, "separable")
    sample = ("--sample", "0") if command == "explain" else ()
    done = inside(command, target, *sample)
    assert done.returncode == 3
    assert "expected memcert/1, got 'memcert-evidence/1'" in done.stderr


def test_the_kernel_alone_refuses_evidence(tmp_path: Path) -> None:
    _, target, _ = built(tmp_path, XOR, "separable")
    words = [sys.executable, "-I", "-m", "memcert.kernel", str(target)]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 3


def test_the_word_of_a_solver_writes_no_file(tmp_path: Path) -> None:
    clauses = [(1, *(s * i for i, s in enumerate(signs, 2)), 0) for signs in product((-1, 1), repeat=5)]
    text = "p cnf 6 32\n" + "".join(" ".join(map(str, clause)) + "\n" for clause in clauses)
    data, target = tmp_path / "f.cnf", tmp_path / "f.json"
    data.write_text(text, encoding="utf-8")
    done = inside("build", data, "-o", target, "--construction", "nae-sat")
    assert done.returncode == 1
    assert done.stdout.startswith("no network: z3 says that no assignment")
    assert not target.exists()
    data.write_text("p cnf 6 1\n" + text.splitlines()[1] + "\n", encoding="utf-8")
    assert inside("build", data, "-o", target, "--construction", "nae-sat").returncode == 0
    assert inside("check", target, "--dataset", data, "--expect-rule", "sign").returncode == 0
    assert inside("prove", target, "--dataset", data).returncode == 0
