from fractions import Fraction

import pytest

from memcert.kernel.verdict import (
    Accepted,
    Failure,
    LimitReached,
    Malformed,
    Mismatch,
    Rejected,
    Unsupported,
    Words,
    shown,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (-7, "-7"),
        (Fraction(1, 3), "1/3"),
        (2**127 - 1, "170141183460469231731687303715884105727"),
        (2**128, "0x1" + "0" * 32),
        (Fraction(1, 2**128), "1/0x1" + "0" * 32),
        ("a", "'a'"),
        ("[green]accepted[/green]", "'[green]accepted[/green]'"),
        ("\u001b[32m\n\u202e", "'\\x1b[32m\\n\\u202e'"),
        ("\ud800", "'\\ud800'"),
        (Words("nothing"), "nothing"),
        ((1, Fraction(1, 2)), "[1, 1/2]"),
        ([1, [2]], "[1, ...]"),
        ([{}], "[...]"),
        ({"a": 1}, "{...}"),
        (b"x", "b'x'"),
    ],
)
def test_a_value_is_shown_exactly_and_safely(value: object, text: str) -> None:
    assert shown(value) == text


def test_what_is_long_is_cut_and_says_how_long_it_was() -> None:
    assert shown("x" * 300) == "'" + "x" * 199 + "... (302 characters)"
    assert shown(list(range(30))) == f"[{', '.join(map(str, range(20)))}, ...]"
    assert shown(16**5000) == "0x1" + "0" * 197 + "... (5003 characters)"
    assert shown("abc", 3) == "'ab... (5 characters)"


def test_nesting_of_any_depth_is_shown() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(deep) == "[...]"
    assert shown((deep, 1)) == "[..., 1]"


def test_a_failure_is_one_line_with_its_four_parts() -> None:
    failure = Rejected("equal", "samples[3]", Fraction(1, 2), "0")
    assert str(failure) == "equal at samples[3]: expected 1/2, got '0'"
    assert (failure.rule, failure.at, failure.expected, failure.got) == ("equal", "samples[3]", "1/2", "'0'")
    assert str(Malformed("type", "file", "an object", Words("an array"))).endswith("an object, got an array")


def test_each_kind_of_failure_has_its_exit_status_and_word() -> None:
    kinds = [Rejected, Malformed, Mismatch, Unsupported, LimitReached]
    assert [kind.status for kind in kinds] == [1, 3, 4, 5, 6]
    assert [kind.word for kind in kinds] == ["rejected", "malformed", "mismatch", "unsupported", "undecided"]
    assert all(issubclass(kind, Failure) for kind in kinds)
    assert Failure.status not in {kind.status for kind in kinds} | {0}


def test_a_verdict_is_whole_when_every_sample_was_examined() -> None:
    def verdict(examined: int) -> Accepted:
        return Accepted("equal", None, 5, examined, 0, None, "", "", ())

    assert verdict(5).whole
    assert not verdict(4).whole
