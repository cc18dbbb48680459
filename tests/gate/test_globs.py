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
]


@pytest.mark.parametrize(("glob", "path"), MATCHES)
def test_a_glob_matches(glob: str, path: str) -> None:
    assert matches(path, [glob])


@pytest.mark.parametrize(("glob", "path"), OTHERS)
def test_a_glob_does_not_match(glob: str, path: str) -> None:
    assert not matches(path, [glob])


@pytest.mark.parametrize(
    "glob", ["", "/a", "../a", "a/../b", "a//b", "a**", "**a/b", "a\\b", "a\0", "a/", "x" * 1001]
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
