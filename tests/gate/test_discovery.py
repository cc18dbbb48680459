"""Which files are certificates: their content decides, and nothing waits or runs in circles."""

import gzip
import os
from pathlib import Path

import pytest

from memcert.errors import UsageError
from memcert.gate.discovery import kind_of, kind_of_text, relative_to, repository_of, select

CANONICAL = b'{\n "format": "memcert/1",\n "claim": {}}'
ONES = [
    CANONICAL,
    b'{"claim": {}, "format": "memcert/1"}',
    b'{"format": "memcert/2"}',
    b'{"format":"memcert-evidence/1"}',
    b'{"\\u0066ormat": "memcert/1"}',
    b'{"format": "\\u006demcert/1"}',
    b'{"format": "memcert\\/1"}',
    b"\xef\xbb\xbf" + CANONICAL,
    CANONICAL[:30],
    b'{"claim": {"format": "memcert/1", ',
    CANONICAL + b"\xff",
]
OTHERS = [
    b"",
    b"{}",
    b"{",
    b"[1]",
    b'{"format": "memcert-result/1"}',
    b'{"a": {"format": "memcert/1"}}',
    b'{"text": "\\"format\\": \\"memcert/1\\""}',
    b'{"a": "\\u0041", "b": 1.5}',
    b'{"format": 1, "a": "\\/"}',
    b'{"a": "\\u0041"',
    b'["format": "memcert/1"]',
]


@pytest.mark.parametrize("content", ONES)
def test_what_says_that_it_is_a_certificate_is_one(content: bytes, tmp_path: Path) -> None:
    for name, stored in {"plain": content, "packed.gz": gzip.compress(content)}.items():
        (tmp_path / name).write_bytes(stored)
        assert kind_of(tmp_path / name), name


@pytest.mark.parametrize("content", OTHERS)
def test_what_does_not_is_none(content: bytes, tmp_path: Path) -> None:
    for name, stored in {"a.json": content, "b.json.gz": gzip.compress(content)}.items():
        (tmp_path / name).write_bytes(stored)
        assert not kind_of(tmp_path / name), name


def test_a_packed_certificate_that_is_cut_is_still_one(tmp_path: Path) -> None:
    packed = gzip.compress(os.urandom(2000).hex().encode(), 0)
    content = gzip.compress(CANONICAL[:-1] + b', "a": "' + packed.hex().encode() + b'"}', 0)
    (tmp_path / "c").write_bytes(content[: len(content) // 2])
    assert kind_of(tmp_path / "c")


def test_a_bomb_is_not_unpacked_beyond_its_start(tmp_path: Path) -> None:
    (tmp_path / "bomb.json.gz").write_bytes(gzip.compress(bytes(1 << 24)))
    assert not kind_of(tmp_path / "bomb.json.gz")


def test_deep_nesting_is_no_certificate_and_no_crash() -> None:
    assert not kind_of_text(b'{"a": "\\u0041", "b": ' + b"[" * 200_000)


def test_folders_are_walked_but_no_hidden_ones_and_no_links(tmp_path: Path) -> None:
    for name in ("a.json", "in/b.json", ".hidden/c.json", "in/.d.json", "in/e.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x,y" if name.endswith("csv") else CANONICAL)
    (tmp_path / "link").symlink_to(tmp_path / "in")
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "f.json").symlink_to(tmp_path / "a.json")
    found = select(tmp_path, ["."], ["in/b*"])
    assert found.certificates == ("a.json", "f.json", "in/.d.json")
    assert found.unreadable == ()


def test_a_file_that_is_named_is_taken_whatever_it_holds(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_bytes(b"x,y")
    assert select(tmp_path, ["e.csv"], []).certificates == ("e.csv",)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: Path(path).symlink_to(path)])
def test_what_is_named_like_a_certificate_and_cannot_be_read_is_told(make: object, tmp_path: Path) -> None:
    for name in ("a.json", "b.txt"):
        make(tmp_path / name)  # type: ignore[operator]  # a function of one path
    found = select(tmp_path, ["."], [])
    assert [(path, why.status) for path, why in found.unreadable] == [("a.json", 2)]


def test_the_repository_is_where_git_is(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a/b").mkdir(parents=True)
    assert repository_of(tmp_path / "a/b") == tmp_path.resolve()


def test_paths_are_told_from_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a")
    assert relative_to(tmp_path, "b") == "a/b"
    assert relative_to(tmp_path, "..") == "."
    assert relative_to(tmp_path, tmp_path / "a") == "a"
    with pytest.raises(UsageError, match="inside the repository"):
        relative_to(tmp_path, "../..")


def test_box_files_are_told_apart_from_certificates(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_bytes(CANONICAL)
    (tmp_path / "b.json").write_bytes(b'{"format": "memcert-boxes/1"}')
    (tmp_path / "cut.json").write_bytes(b'{"boxes": {"format": "memcert-boxes/1", ')
    (tmp_path / "packed").write_bytes(gzip.compress(b'{"a": "\\u0041", "format": "memcert-boxes/2"}'))
    found = select(tmp_path, ["."], [])
    assert found.certificates == ("c.json",)
    assert found.boxes == ("b.json", "cut.json", "packed")
