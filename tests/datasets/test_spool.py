"""What is laid aside on disk is what was written, wherever it is read."""

import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.datasets import spool
from memcert.datasets.spool import Integers, Records, Spool
from memcert.errors import UndecidedError

WORDS = st.integers(-(2**63), 2**63 - 1)


def test_bytes_are_read_where_they_were_written() -> None:
    found = Spool()
    places = [found.append(part) for part in (b"one", b"", b"three")]
    assert places == [0, 3, 3]
    assert len(found) == 8
    assert (found.read(0, 3), found.read(3, 5), found.read(2, 2)) == (b"one", b"three", b"et")


def test_more_than_a_little_goes_to_a_file_without_a_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(spool, "MEMORY", 10)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = Spool()
    found.append(b"x" * 100)
    assert found.read(90, 10) == b"x" * 10
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_undecided_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def seek(self, _place: int) -> None:
            pass

        def write(self, _content: bytes) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            pass

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", lambda **_: Full())
    found, full = Spool(), r"disk: .* takes no more .*: No space left on device; TMPDIR"
    with pytest.raises(UndecidedError, match=full):
        found.append(b"x")
    # Its file is closed; who asks again is told why.
    with pytest.raises(UndecidedError, match=full):
        found.append(b"x")
    with pytest.raises(UndecidedError, match=full):
        found.read(0, 1)


def test_bytes_that_are_not_given_back_are_undecided() -> None:
    found = Spool()
    found.append(b"abc")
    with pytest.raises(UndecidedError, match="expected 4 bytes of stored rows, got 3"):
        found.read(0, 4)


@given(st.lists(st.lists(WORDS, max_size=4), max_size=5))
def test_integers_are_a_sequence(parts: list[list[int]]) -> None:
    found, expected = Integers(), list[int]()
    for part in parts:
        found.extend(part)
        expected += part
    assert list(found) == expected
    assert found == expected
    assert found != [*expected, 1]
    assert [found[i] for i in range(-len(expected), len(expected))] == expected + expected
    assert found[1:3] == tuple(expected[1:3])
    assert found[::2] == tuple(expected[::2])
    assert found[3:1] == ()
    with pytest.raises(IndexError):
        found[len(expected)]


@given(st.sets(st.integers(0, 30)), st.integers(0, 30), st.integers(0, 30))
def test_ascending_integers_between_two_bounds(numbers: set[int], low: int, high: int) -> None:
    found = Integers(sorted(numbers))
    assert found.between(low, high) == tuple(sorted(n for n in numbers if low <= n < high))


VALUES = st.recursive(st.none() | st.text() | WORDS, lambda inner: st.lists(inner, max_size=3))


@given(st.lists(VALUES, max_size=6))
def test_records_are_a_sequence(values: list[Any]) -> None:
    found = Records()
    for value in values:
        found.append(value)
    assert list(found) == values
    assert [found[i] for i in range(len(values))] == values
    assert found[-2:] == tuple(values[-2:])


def test_threads_read_while_another_writes() -> None:
    found, wrong = Spool(), list[int]()
    found.append(bytes(range(256)) * 64)

    def read() -> None:
        for _ in range(300):
            for start in (0, 256 * 13 + 7, 256 * 63):
                if found.read(start, 3)[0] != start % 256:
                    wrong.append(start)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(300):
        found.append(b"more")
    for reader in readers:
        reader.join()
    assert wrong == []
