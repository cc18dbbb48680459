import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from memcert.errors import UsageError
from memcert.formats.atomic import atomic_write


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_text_appears_whole_under_its_name_with_line_feeds(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "a.txt") as file:
        file.write("é\n")
        assert "a.txt" not in names(tmp_path)
    assert (tmp_path / "a.txt").read_bytes() == b"\xc3\xa9\n"
    assert names(tmp_path) == ["a.txt"]


def test_bytes_replace_an_older_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with atomic_write(tmp_path / "a", "bytes") as file:
        file.write(b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


@pytest.mark.parametrize("mode", ["text", "bytes"])
def test_packed_files_are_the_same_bytes_every_time(tmp_path: Path, mode: str) -> None:
    for name in ("a.gz", "b.gz"):
        if mode == "text":
            with atomic_write(tmp_path / name, "text") as text:
                text.write("hello\n" * 100)
        else:
            with atomic_write(tmp_path / name, "bytes") as file:
                file.write(b"hello\n" * 100)
    packed = (tmp_path / "a.gz").read_bytes()
    assert packed == (tmp_path / "b.gz").read_bytes()
    assert packed[4:8] == bytes(4)  # no time
    assert gzip.decompress(packed) == b"hello\n" * 100


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("name", ["a.txt", "a.gz"])
def test_an_exception_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: type[BaseException], name: str
) -> None:
    (tmp_path / name).write_text("old")
    with pytest.raises(error), atomic_write(tmp_path / name) as file:
        file.write("half")
        raise error
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "old"


def test_what_does_not_verify_never_appears(tmp_path: Path) -> None:
    seen = []

    def refuse(temporary: Path) -> None:
        seen.append(temporary.read_text())
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"), atomic_write(tmp_path / "a", verify=refuse) as file:
        file.write("content")
    assert seen == ["content"]
    assert names(tmp_path) == []


def test_sigterm_leaves_nothing_behind(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom memcert.formats.atomic import atomic_write\n"
        "with atomic_write(Path(sys.argv[1])) as file:\n"
        "    file.write('half'); file.flush(); os.kill(os.getpid(), signal.SIGTERM)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "a")], check=False)
    assert done.returncode == 128 + signal.SIGTERM
    assert names(tmp_path) == []


def test_sigterm_has_its_old_meaning_afterwards(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with atomic_write(tmp_path / "a") as file:
        file.write("x")
    assert signal.getsignal(signal.SIGTERM) == before


def test_missing_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"), atomic_write(tmp_path / "no" / "a"):
        pass


def test_a_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it is a folder"), atomic_write(tmp_path):
        pass


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(UsageError, match="not a regular file"), atomic_write(Path("/dev/null")):
        pass
    assert not Path("/dev/null").is_file()


def test_a_link_is_followed_and_a_loop_refused(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    with atomic_write(tmp_path / "link") as file:
        file.write("new")
    assert (tmp_path / "target").read_text() == "new"
    assert (tmp_path / "link").is_symlink()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match="cannot be written"), atomic_write(tmp_path / "loop"):
        pass


def test_the_file_has_the_permissions_of_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        with atomic_write(tmp_path / "a") as file:
            file.write("x")
    finally:
        os.umask(old)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
