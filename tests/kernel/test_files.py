import gzip
from pathlib import Path

import pytest

from memcert.kernel import files
from memcert.kernel.files import open_regular, read_bytes
from memcert.kernel.verdict import LimitReached, Malformed


def test_a_plain_file_is_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\x00\xffplain")
    assert read_bytes(str(path)) == b"\x00\xffplain"


def test_a_gzip_member_is_unpacked_whatever_the_name(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(gzip.compress(b"plain" * 1000))
    assert read_bytes(str(path)) == b"plain" * 1000


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b[:20], lambda b: b + b"x", lambda b: b + b])
def test_a_cut_member_or_a_second_one_is_refused(tmp_path: Path, change) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.gz"
    path.write_bytes(change(gzip.compress(b"plain" * 1000)))
    with pytest.raises(Malformed, match="gzip at file"):
        read_bytes(str(path))


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    packed = bytearray(gzip.compress(b"plain" * 1000))
    packed[-6] ^= 1  # of the checksum
    path.write_bytes(packed)
    with pytest.raises(Malformed, match="an undamaged gzip member"):
        read_bytes(str(path))


def test_the_largest_file_is_read_and_the_next_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    for name, pack in (("plain", bytes), ("gz", gzip.compress)):
        path = tmp_path / name
        path.write_bytes(pack(b"x" * 1000))
        assert len(read_bytes(str(path))) == 1000
        path.write_bytes(pack(b"x" * 1001))
        with pytest.raises(LimitReached, match="bytes at file: expected at most 1000, got more"):
            read_bytes(str(path))


def test_only_a_regular_file_is_opened(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        open_regular(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        open_regular(str(tmp_path / "absent"))
