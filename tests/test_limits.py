"""Limits: what breaks one is undecided, and nothing that was started stays."""

import os
import threading
import time
from pathlib import Path

import pytest

from memcert import limits
from memcert.endings import ORDER, ending, first_of
from memcert.errors import MemcertError, UndecidedError, UnsupportedError, UsageError
from memcert.limits import Limits, Workers, limit_memory, size_of

linux = pytest.mark.skipif(not limits.memory_can_be_limited(), reason="needs a limit on memory")


@pytest.mark.parametrize(
    ("text", "size"),
    [("67108864", 1 << 26), ("500MB", 500_000_000), ("2GiB", 1 << 31), ("300 mib", 300 << 20)],
)
def test_a_size_is_read_with_its_unit(text: str, size: int) -> None:
    assert size_of(text, "--max-memory") == size


@pytest.mark.parametrize("text", ["", "1e9", "-1", "1.5GB", "1TB", "1KB", "٣GB", "2 G B"])
def test_what_is_no_size_is_refused_and_so_is_one_that_python_does_not_start_in(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--max-memory: expected"):
        size_of(text, "--max-memory")


def test_the_answer_comes_back() -> None:
    assert Workers().run("operator:neg", 5, Limits(60)) == -5


def test_more_than_the_time_is_undecided_and_the_process_is_gone() -> None:
    start = time.monotonic()
    with pytest.raises(UndecidedError, match="timeout: more than 1 seconds"):
        Workers().run("time:sleep", 60, Limits(1))
    assert time.monotonic() - start < 30


@linux
def test_more_than_the_memory_is_undecided() -> None:
    with pytest.raises(UndecidedError, match="max-memory: more than 134,217,728 bytes"):
        Workers().run("builtins:bytearray", 1 << 30, Limits(60, 1 << 27))


@linux
def test_the_memory_that_is_allowed_is_there() -> None:
    assert Workers().run("math:factorial", 20, Limits(60, 1 << 27)) == 2432902008176640000


def test_a_worker_that_the_system_kills_is_undecided() -> None:
    with pytest.raises(UndecidedError, match="SIGKILL"):
        Workers().run("signal:raise_signal", 9, Limits(60))


def test_a_worker_that_crashes_is_an_internal_error() -> None:
    with pytest.raises(MemcertError, match="ended by SIGTERM") as caught:
        Workers().run("signal:raise_signal", 15, Limits(60))
    assert caught.value.status == 70


@pytest.mark.parametrize(("target", "request_"), [("os:_exit", 0), ("os:_exit", 3), ("nowhere:f", None)])
def test_no_answer_is_an_internal_error(target: str, request_: object) -> None:
    with pytest.raises(MemcertError) as caught:
        Workers().run(target, request_, Limits(60))
    assert caught.value.status == 70


def test_what_is_printed_does_not_stand_in_the_answer() -> None:
    assert Workers().run("builtins:print", '{"status": 0}', Limits(60)) is None


def test_a_module_in_the_current_folder_is_not_the_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken over')\n", encoding="utf-8")
    (tmp_path / "memcert.py").write_text("raise SystemExit('taken over')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert Workers().run("operator:neg", 5, Limits(60)) == -5


def test_stop_ends_what_runs_and_lets_nothing_more_start() -> None:
    workers = Workers()
    threading.Timer(1, workers.stop).start()
    with pytest.raises(KeyboardInterrupt):
        workers.run("time:sleep", 60, Limits(60))
    with pytest.raises(KeyboardInterrupt):
        workers.run("operator:neg", 5, Limits(60))


def test_where_memory_cannot_be_limited_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    for refused in (
        lambda: limit_memory(1 << 30),
        lambda: Workers().run("operator:neg", 5, Limits(9, 1 << 30)),
    ):
        with pytest.raises(UnsupportedError, match=r"\(darwin\) does not limit") as caught:
            refused()
        assert caught.value.status == 5


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(12, os.strerror(12)),
        ImportError("x.so: failed to map segment from shared object"),
    ],
)
def test_every_way_of_having_no_memory_is_undecided(error: Exception) -> None:
    assert (ending(error).status, ending(error).message) == (6, "memory ran out")


def test_of_several_statuses_the_first_of_the_table_counts() -> None:
    assert ORDER == (70, 130, 2, 3, 4, 5, 1, 6, 0)
    for place, status in enumerate(ORDER):
        assert first_of(ORDER[place:]) == status
        assert first_of(reversed(ORDER[place:])) == status
    assert first_of([0, 99]) == 70
