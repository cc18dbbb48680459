"""Every corrupted certificate is refused by the rule, at the place, with the status that its file states."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import pytest
from hostile import LONG
from make import CORPUS, FOLDER, files
from strategies import dataset

from memcert.exact.check import fast_check
from memcert.kernel.__main__ import table_of
from memcert.kernel.certificate import Certificate
from memcert.kernel.check import check
from memcert.kernel.data import Table
from memcert.kernel.decode import decode
from memcert.kernel.files import read_bytes
from memcert.kernel.verdict import Failure
from memcert.proofs.prove import prove

Refusal = tuple[int, str, str]
"""Exit status, rule, place."""
MEMORY = 400 << 20
"""Bytes of address space that a hostile file may make the checker ask for, and so more than are resident."""
SECONDS = 20


def _expected(path: Path) -> Mapping[str, str]:
    return dict(line.split(": ", 1) for line in path.read_text(encoding="utf-8").splitlines())


def _refusal(path: Path) -> Refusal:
    found = _expected(path)
    return int(found["status"]), found["rule"], found["at"]


def _cases(command: str) -> Iterator[object]:
    for folder in CORPUS:
        for path in sorted((FOLDER / folder).glob("*.expected")):
            if path.stem not in LONG and _expected(path)["command"] == command:
                yield pytest.param(path, id=f"{folder}-{path.stem}")


def _certificate(expected: Path) -> Path:
    packed = expected.with_suffix(".json.gz")
    return packed if packed.exists() else expected.with_suffix(".json")


def _table(expected: Path) -> Table | None:
    data = expected.with_suffix(".data")
    return table_of(str(data)) if data.exists() else None


def _failure(failure: Failure) -> Refusal:
    assert "\n" not in str(failure)
    assert str(failure).isprintable()
    assert "\u001b" not in str(failure)
    return failure.status, failure.rule, failure.at


def test_the_corpus_is_what_its_script_writes() -> None:
    found = {f"{f}/{path.name}": path.read_bytes() for f in CORPUS for path in (FOLDER / f).iterdir()}
    assert found == files(), "run: python tests/corrupted/make.py"


def test_the_corpus_is_large() -> None:
    assert {folder: len(attacks) >= 20 for folder, attacks in CORPUS.items()} == dict.fromkeys(CORPUS, True)
    assert len(list(FOLDER.glob("*/*.expected"))) >= 130


@pytest.mark.parametrize("path", list(_cases("check")))
def test_the_kernel_refuses_by_that_rule_at_that_place(path: Path) -> None:
    with pytest.raises(Failure) as caught:
        check(decode(read_bytes(str(_certificate(path)))), _table(path))
    assert _failure(caught.value) == _refusal(path)


def _decoded(path: Path) -> Certificate | None:
    try:
        return decode(read_bytes(str(_certificate(path))))
    except Failure:
        return None


def _well_formed() -> Iterator[object]:
    for folder in ("false", "hostile"):
        for path in sorted((FOLDER / folder).glob("*.expected")):
            expected = _expected(path)
            proved = path.stem in LONG or expected["command"] == "prove" or "line" in expected["at"]
            if not proved and _decoded(path) is not None:
                yield pytest.param(path, id=f"{folder}-{path.stem}")


@pytest.mark.parametrize("path", list(_well_formed()))
def test_the_fast_engine_refuses_for_the_same_reason(path: Path) -> None:
    certificate, table = _decoded(path), _table(path)
    assert certificate is not None
    given = None
    if table is not None:
        rows = list(table.rows)
        given = dataset([point for point, _ in rows], [label for _, label in rows], columns=table.columns)
    with pytest.raises(Failure) as kernel:
        check(certificate, _table(path))
    with pytest.raises(Failure) as fast:
        fast_check(certificate, given)
    limit = kernel.value.status == 6  # only in which number is too long may the two differ
    assert _failure(fast.value)[: 2 if limit else 3] == _failure(kernel.value)[: 2 if limit else 3]
    assert limit or str(fast.value) == str(kernel.value)


@pytest.mark.parametrize("path", list(_cases("prove")))
def test_the_prover_refuses_by_that_rule_at_that_place(path: Path) -> None:
    status, rule, at = _refusal(path)
    certificate = decode(read_bytes(str(_certificate(path))))
    try:
        result = prove(certificate)
    except Failure as failure:
        assert _failure(failure) == (status, rule, at)
        return
    assert result.refutation is not None
    assert str(result.refutation).isprintable()
    assert (result.status, result.refutation.rule, result.refutation.at) == (status, rule, at)


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _run(*arguments: str) -> tuple[int, str, str]:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-I", "-m", "memcert.kernel", *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        preexec_fn=_limits,
        check=False,
    )
    assert time.monotonic() - start < SECONDS
    assert len(done.stdout) + len(done.stderr) < 2000
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", sorted(LONG))
def test_what_unpacks_to_much_ends_in_seconds_within_its_memory(name: str, tmp_path: Path) -> None:
    rule, at, status, make = LONG[name]
    path = tmp_path / name
    path.write_bytes(make())
    found, stdout, stderr = _run(str(path))
    assert (found, stderr) == (status, "")
    assert f": {rule} at {at}" in stdout


@pytest.mark.parametrize("path", [p for p in _cases("check") if "hostile" in str(getattr(p, "id", ""))])
def test_a_hostile_file_ends_in_seconds_within_its_memory(path: Path) -> None:
    data = path.with_suffix(".data")
    status, rule, at = _refusal(path)
    found, stdout, stderr = _run(str(_certificate(path)), *([str(data)] if data.exists() else []))
    assert (found, stderr) == (status, "")
    assert f": {rule} at {at}: " in stdout


def test_a_sparse_file_of_a_terabyte_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse.json"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert _run(str(path))[:2] == (6, "undecided: bytes at file: expected at most 268435456, got more\n")


def test_a_line_of_data_without_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "endless.data"
    with path.open("wb") as file:
        file.write(b"memcert-data/1 5 2\ncolumns null\n")
        file.truncate(1 << 32)
    true = FOLDER / "false" / "data_permuted.json"
    status, stdout, _ = _run(str(true), str(path))
    assert (status, stdout.split(":")[1]) == (6, " line at data")


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "loop", "absent"])
@pytest.mark.parametrize("place", [0, 1])
def test_what_is_no_regular_file_is_not_opened(kind: str, place: int, tmp_path: Path) -> None:
    path = tmp_path / "it"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "device":
        path = Path("/dev/zero")
    arguments = [str(FOLDER / "false" / "data_permuted.json")] * place + [str(path)]
    status, stdout, stderr = _run(*arguments)
    assert (status, stdout) == (2, "")
    assert stderr.startswith(f"error: cannot open '{path}': ")


def test_a_link_to_a_certificate_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(FOLDER / "false" / "width_too_small_tent.json")
    assert _run(str(tmp_path / "link"))[0] == 1


def test_numbers_in_a_refusal_are_exact() -> None:
    with pytest.raises(Failure) as caught:
        check(decode((FOLDER / "false" / "weight_off_by_2_to_minus_70.json").read_bytes()))
    # F = 2 - 2 * 2^-70 at (2, 1/2).
    exact = 2 - Fraction(2, 2**70)
    assert caught.value.got == f"{exact.numerator}/{exact.denominator}"
