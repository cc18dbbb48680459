import json
from collections.abc import Callable
from fractions import Fraction

import pytest

from memcert.cli.outcomes import Outcome, outcome_of, run
from memcert.errors import (
    BuildError,
    DatasetError,
    MemcertError,
    UndecidedError,
    UnsupportedError,
    UsageError,
)
from memcert.kernel.verdict import LimitReached, Malformed, Mismatch, Rejected, Unsupported

TABLE: list[tuple[BaseException, int, str]] = [
    (Rejected("equal", "samples[3]", Fraction(1, 3), "x"), 1, "rejected"),
    (UsageError("u"), 2, "usage error"),
    (FileNotFoundError(2, "No such file", "f"), 2, "usage error"),
    (PermissionError(13, "Permission denied", "f"), 2, "usage error"),
    (Malformed("json", "file", "an object", 3), 3, "malformed"),
    (DatasetError("d"), 3, "malformed"),
    (Mismatch("digest", "digests.dataset", "a", "b"), 4, "mismatch"),
    (Unsupported("format", "format", "memcert/1", "memcert/9"), 5, "unsupported"),
    (UnsupportedError("u"), 5, "unsupported"),
    (BuildError("b"), 5, "unsupported"),
    (LimitReached("bits", "layer 2", "at most 3", 4), 6, "undecided"),
    (UndecidedError("u"), 6, "undecided"),
    (MemoryError(), 6, "undecided"),
    (KeyboardInterrupt(), 130, "interrupted"),
    (MemcertError("m"), 70, "internal error"),
    (ZeroDivisionError("z"), 70, "internal error"),
    (RecursionError("r"), 70, "internal error"),
]


def _raising(error: BaseException) -> Callable[[], Outcome]:
    def body() -> Outcome:
        raise error

    return body


@pytest.mark.parametrize(("error", "status", "verdict"), TABLE, ids=lambda value: str(value)[:30])
def test_every_exception_has_its_status_and_word(error: BaseException, status: int, verdict: str) -> None:
    found = outcome_of(error)
    assert (found.status, found.verdict) == (status, verdict)


@pytest.mark.parametrize(("error", "status", "verdict"), TABLE, ids=lambda value: str(value)[:30])
def test_json_is_one_object_on_stdout_for_every_failure(
    error: BaseException, status: int, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", _raising(error), as_json=True, quiet=True) == status
    out = capsys.readouterr().out
    record = json.loads(out)
    assert out.count("\n") == 1
    assert (record["command"], record["status"], record["verdict"]) == ("check", status, verdict)
    assert record["message"]


@pytest.mark.parametrize(("error", "status", "verdict"), TABLE, ids=lambda value: str(value)[:30])
def test_verdicts_go_to_stdout_and_errors_to_stderr(
    error: BaseException, status: int, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("check", _raising(error), as_json=False, quiet=False)
    out, err = capsys.readouterr()
    if status in (1, 4, 6):
        assert out.startswith(f"{verdict}: ")
        assert err == ""
    else:
        assert err.startswith(f"memcert check: {verdict}: ")
        assert out == ""


def test_a_rejection_as_json_names_rule_place_and_both_values(capsys: pytest.CaptureFixture[str]) -> None:
    run(
        "check", _raising(Rejected("equal", "samples[3]", Fraction(1, 3), "a\x1b")), as_json=True, quiet=False
    )
    record = json.loads(capsys.readouterr().out)
    parts = [record[key] for key in ("rule", "at", "expected", "got")]
    assert parts == ["equal", "samples[3]", "1/3", "'a\\x1b'"]


def test_quiet_prints_nothing_for_what_holds_and_the_reason_for_what_does_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("show", lambda: Outcome(0, "done", ("line",), {}), as_json=False, quiet=True) == 0
    assert capsys.readouterr() == ("", "")
    run("check", _raising(Rejected("equal", "samples[3]", 1, 2)), as_json=False, quiet=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "memcert check: rejected: equal at samples[3]: expected 1, got 2\n"


def test_an_internal_error_asks_for_a_report_and_shows_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEMCERT_DEBUG", raising=False)
    run("check", _raising(ZeroDivisionError("z")), as_json=False, quiet=False)
    err = capsys.readouterr().err
    assert "please report it" in err
    assert "Traceback" not in err
    monkeypatch.setenv("MEMCERT_DEBUG", "1")
    run("check", _raising(ZeroDivisionError("z")), as_json=False, quiet=False)
    assert "Traceback" in capsys.readouterr().err


def test_control_characters_of_a_foreign_message_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    run("check", _raising(ValueError("\x1b[2J[bold]")), as_json=False, quiet=False)
    err = capsys.readouterr().err
    assert "\x1b" not in err
    assert "\\x1b[2J[bold]" in err
