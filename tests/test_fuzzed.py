"""What fuzzing found, tried again, and a short run of each target; `benchmarks/fuzz.py` runs for longer."""

import hashlib
from pathlib import Path

import pytest
from fuzz_targets import ROOT, TARGETS, Target, attempt

from memcert.errors import DatasetError, MemcertError

FOUND = sorted((Path(__file__).parent / "fuzzed").glob("*/*"))


@pytest.mark.parametrize("path", FOUND, ids=[f"{path.parent.name}-{path.name}" for path in FOUND])
def test_what_fuzzing_found_is_refused_by_an_error_of_the_table(path: Path) -> None:
    attempt(TARGETS[path.parent.name], path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_the_files_that_fuzzing_starts_from_are_there(name: str) -> None:
    seeds = TARGETS[name].seeds()
    assert seeds
    for seed in seeds:
        attempt(TARGETS[name], seed)


def test_another_error_than_those_of_the_table_is_a_finding() -> None:
    def broken(data: bytes) -> None:
        raise ZeroDivisionError(data)

    def internal(data: bytes) -> None:
        raise MemcertError(data)

    def refused(data: bytes) -> None:
        raise DatasetError(data)

    with pytest.raises(ZeroDivisionError):
        attempt(Target("", broken, list), b"")
    with pytest.raises(MemcertError):
        attempt(Target("", internal, list), b"")
    attempt(Target("", refused, list), b"")


def _todays() -> list[str]:
    # Five readers in a run of the tests; which, the code under test says: another change, other readers.
    digest = hashlib.sha256()
    for path in sorted((ROOT / "memcert").rglob("*.py")):
        digest.update(path.read_bytes())
    first = int.from_bytes(digest.digest()[:4], "big")
    names = list(TARGETS)
    return [names[(first + 5 * place) % len(names)] for place in range(5)]


def test_a_short_run_is_of_five_readers() -> None:
    assert len(set(_todays())) == 5


@pytest.mark.parametrize("name", _todays())
def test_a_short_run_finds_nothing(name: str) -> None:
    pytest.importorskip("atheris", reason="atheris is not installed")
    from fuzz import fuzzed

    run = fuzzed(name, 1)
    assert run.findings == ()
    assert run.executions > 20
