"""Globs, against names written by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcert.errors import UsageError
from memcert.gate.globs import check_glob, matches

MATCHES = [
    ("a.json", "a.json"),
    ("*.json", "a.json"),
    ("**", "a/b/c.json"),
    ("**/*.json", "a.json"),
    ("**/*.json", "a/b.json"),
    ("a/**", "a/b/c"),
    ("a/**/c", "a/c"),
    ("a/**/c", "a/b/b/c"),
    ("a?c", "abc"),
    ("[a-c].json", "b.json"),
    ("[!a-c].json", "d.json"),
    ("./a.json", "a.json"),
    ("[]].json", "].json"),
    ("a.b", "a.b"),
    ("*", "one\ntwo"),
    ("*a*b*", "xbab"),
    ("a*a", "aa"),
    ("**/a/**/b", "a/a/c/a/b"),
    ("[]", "[]"),
    ("certificates[].json", "certificates[].json"),
]
OTHERS = [
    ("*.json", "a/b.json"),
    ("a/**", "a"),
    ("a/**/c", "a/b/d"),
    ("a?c", "a/c"),
    ("[!a].json", "/.json"),
    ("a.b", "axb"),
    ("a/*", "a/b/c"),
    ("a", "ab"),
    ("[a", "a"),
    ("a*a", "a"),
    ("**/a/**/b", "a/b/c"),
    ("[]", "]"),
]


@pytest.mark.parametrize(("glob", "path"), MATCHES)
def test_a_glob_matches(glob: str, path: str) -> None:
    assert matches(path, [glob])


@pytest.mark.parametrize(("glob", "path"), OTHERS)
def test_a_glob_does_not_match(glob: str, path: str) -> None:
    assert not matches(path, [glob])


@pytest.mark.parametrize(
    "glob", ["", "/a", "../a", "a/../b", "a//b", "a**", "**a/b", "a\\b", "a\0", "a/", "x" * 1001, "[z-a]"]
)
def test_what_is_no_glob_of_the_repository_is_refused(glob: str) -> None:
    with pytest.raises(UsageError):
        check_glob(glob)


@given(st.text(st.sampled_from("ab[]!-^\\*?.{}()+|$/"), max_size=12))
def test_every_text_is_a_glob_or_refused(text: str) -> None:
    try:
        check_glob(text)
    except UsageError:
        return
    matches("a/b", [text])


def _naive(glob: str, path: str) -> bool:
    # By the definition, letter for letter.
    if not glob:
        return not path
    if glob[0] == "*":
        return _naive(glob[1:], path) or (path != "" and _naive(glob, path[1:]))
    return path != "" and glob[0] in ("?", path[0]) and _naive(glob[1:], path[1:])


@given(st.text(st.sampled_from("ab*?"), min_size=1, max_size=8), st.text(st.sampled_from("ab"), max_size=8))
def test_stars_and_question_marks_match_as_they_are_defined(glob: str, path: str) -> None:
    if "**" not in glob and path:
        assert matches(path, [glob]) == _naive(glob, path)


def test_many_stars_take_no_time_to_speak_of() -> None:
    # By backtracking, each star more would take the time some forty times.
    assert not matches("a" * 200, ["*a" * 100 + "b"])
    assert not matches("/".join(["a"] * 200), ["/".join(["**", "a"] * 100 + ["b"])])
