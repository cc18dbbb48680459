import builtins
import json
import runpy
import subprocess
import sys
import warnings
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from attacks import spelled
from bases import Json, sign, tent
from wrong_form import HEAD, ROWS

import memcert.kernel.__main__ as entry
from memcert.kernel.__main__ import main, table_of
from memcert.kernel.verdict import LimitReached

DATA = f"sha256:{sha256((HEAD + ROWS).encode()).hexdigest()}"


Write = Callable[[Json | bytes | str], str]
"""Writes a file and returns its path."""


@pytest.fixture
def file(tmp_path: Path) -> Write:
    def write(value: Json | bytes | str) -> str:
        path = tmp_path / f"file{len(list(tmp_path.iterdir()))}"
        content = value if isinstance(value, bytes | str) else spelled(value)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


def _detached() -> Json:
    value = tent()
    value["dataset"] |= {"points": None, "labels": None}
    value["digests"]["dataset"] = DATA
    return value


def _changed(**claim: object) -> Json:
    value = tent()
    value["claim"] |= claim
    return value


def _excepted() -> Json:
    value = sign()
    value["dataset"]["labels"][0] = 1
    value["claim"]["except"] = [0]
    return value


@pytest.mark.parametrize(
    "given",
    [
        (
            tent(),
            None,
            0,
            f"accepted: rule equal, tolerance null, holds on 5 of 5 rows, classes 3, data {DATA},",
        ),
        (tent(), HEAD + ROWS, 0, "accepted: "),
        (_detached(), HEAD + ROWS, 0, "accepted: "),
        (_excepted(), None, 1, "accepted: rule sign, tolerance null, holds on 4 of 5 rows, classes 2"),
        (_changed(width=3), None, 1, "rejected: width at claim.width: expected 2, got 3\n"),
        (_detached(), None, 2, ""),
        (_changed(width=-3), None, 3, "malformed: type at claim.width: expected an integer from 0"),
        (tent(), "memcert-data/1", 3, "malformed: data at line 1: "),
        (tent(), HEAD.encode() + ROWS.encode() + b"\xff\xfe\n", 3, "malformed: data at line 8: "),
        (tent(), HEAD + ROWS.replace('"c"', '"a"'), 4, "mismatch: digest at digests.dataset: "),
        (tent() | {"format": "memcert/2"}, None, 5, "unsupported: format at format: expected memcert/1"),
        (
            _changed(data_radius_squared="0x1p+99999999"),
            None,
            6,
            "undecided: number_bits at claim.data_radius",
        ),
    ],
)
def test_each_outcome_has_its_status_and_line(
    file: Write, capsys: pytest.CaptureFixture[str], given: tuple[Json, str | bytes | None, int, str]
) -> None:
    certificate, data, status, stdout = given
    arguments = [file(certificate)] + ([] if data is None else [file(data)])
    assert main(arguments) == status
    out, err = capsys.readouterr()
    assert out.startswith(stdout)
    assert (out.count("\n"), err.count("\n")) == ((0, 1) if status == 2 else (1, 0))


@pytest.mark.parametrize("arguments", [[], ["a", "b", "c"]])
def test_other_arguments_are_a_usage_error(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr() == ("", "usage: python -I -m memcert.kernel CERTIFICATE [DATA]\n")


def test_a_file_that_cannot_be_opened_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([str(tmp_path / "a\nb")]) == 2
    assert capsys.readouterr().err == f"error: cannot open '{tmp_path}/a\\nb': No such file or directory\n"


@pytest.mark.parametrize(
    ("error", "expected"),
    [(MemoryError, (6, "undecided: memory ran out\n")), (KeyboardInterrupt, (130, "interrupted\n"))],
)
def test_the_end_of_memory_or_patience_is_no_verdict(
    file: Write,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
    expected: tuple[int, str],
) -> None:
    def end(_: bytes) -> None:
        raise error

    monkeypatch.setattr(entry, "decode", end)
    status = main([file(tent())])
    assert (status, "".join(capsys.readouterr())) == expected


def test_a_line_without_end_is_not_read(file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "MAX_LINE", 40)
    assert len(list(table_of(file(HEAD + ROWS)).rows)) == 5
    with pytest.raises(LimitReached, match="line at data: expected lines below 40 characters, got longer"):
        list(table_of(file(HEAD + "0" * 40 + ROWS)).rows)


def _process(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-m", "memcert.kernel", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_run_as_a_module_it_exits_with_the_status(
    file: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["kernel", file(_changed(depth=2))])
    with pytest.raises(SystemExit) as end, warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # that the module is loaded already
        runpy.run_module("memcert.kernel", run_name="__main__")
    assert end.value.code == 1
    assert capsys.readouterr().out.startswith("rejected: depth at claim.depth: ")


def test_as_a_process_it_answers_and_exits(file: Write) -> None:
    done = _process(file(tent()))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("(kernel; not examined: contracts, blocks)\n")
    assert _process(file(_detached()), file(HEAD + ROWS)).returncode == 0
    assert _process(file(_changed(depth=2))).returncode == 1
    assert _process().returncode == 2


def test_it_loads_the_standard_library_and_itself_alone(file: Write) -> None:
    script = (
        "import json, runpy, sys\n"
        "sys.argv = ['kernel', *sys.argv[1:]]\n"
        "try:\n    runpy.run_module('memcert.kernel', run_name='__main__')\n"
        "except SystemExit as end:\n    status = end.code\n"
        "print(json.dumps([status, sorted(sys.modules)]))\n"
    )
    command = [sys.executable, "-I", "-c", script, file(tent())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    status, loaded = json.loads(done.stdout.splitlines()[-1])
    assert status == 0
    ours = {name for name in loaded if name.partition(".")[0] == "memcert"}
    assert "memcert.kernel.check" in ours
    assert {name for name in ours if not name.startswith("memcert.kernel")} == {"memcert"}
    # Modules that the interpreter's own start-up brings (hooks of site-packages) are no imports of ours.
    started = subprocess.run(
        [sys.executable, "-I", "-c", "import json, sys; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    outside = {n.partition(".")[0] for n in set(loaded) - set(json.loads(started.stdout))}
    assert outside - {"memcert", "__mp_main__"} <= set(sys.stdlib_module_names)


def test_it_opens_no_other_file(file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("open was called")

    path = file(tent())
    monkeypatch.setattr(builtins, "open", refuse)
    assert main([path]) == 0
