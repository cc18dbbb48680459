"""Contracts as mathematics: what is shown, and the words that are read out."""

import re
from html import unescape

import pytest

pytest.importorskip("markupsafe")

from memcert.contracts.notation import atom as read_atom
from memcert.contracts.notation import ensure as read_ensure
from memcert.contracts.notation import term as read_term
from memcert.reports.html.exact import cell, number, words
from memcert.reports.html.mathematics import atom, ensured, listed, name, term


def plain(markup: str) -> str:
    """Return the text without its elements, spaces made plain."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", markup)).replace("\u200a", "").split())


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2p - 1/2*q + 1", "2p \u2212 1/2q + 1"),
        ("-x", "\u2212x"),
        ("w*l2 - w", "wl2 \u2212 w"),
        ("0", "0"),
    ],
)
def test_sums(written: str, shown: str) -> None:
    assert plain(term(read_term(written))) == shown


@pytest.mark.parametrize(
    ("written", "inputs", "shown"),
    [
        ("2*x - a >= 0", ("x",), "2x \u2265 a"),
        ("a - 2*x - 1 >= 0", ("x",), "2x + 1 \u2264 a"),
        ("1 - 2*p >= 0", ("p",), "2p \u2264 1"),
        ("u >= 0", ("u",), "u \u2265 0"),
        ("-v >= 0", ("v",), "v \u2264 0"),
        ("k > 0", (), "k > 0"),
        ("2k*p - 2k*q = 1", ("p", "q"), "2kp = 2kq + 1"),
    ],
)
def test_statements_have_no_signs_that_need_not_be(written: str, inputs: tuple[str, ...], shown: str) -> None:
    assert plain(atom(read_atom(written), inputs)) == shown


def test_what_a_case_promises_starts_with_the_output() -> None:
    assert plain(ensured(read_ensure("p3 = 2 - 2*p"))) == "p3 = 2 \u2212 2p"


def test_names_have_their_number_below() -> None:
    assert name("p3") == '<i class="v">p</i><sub>3</sub>'
    assert name("key_0") == '<i class="v w">key</i><sub>0</sub>'
    assert name("<b>") == '<i class="v w">&lt;b&gt;</i>'


def test_a_formula_is_read_out_in_words() -> None:
    assert 'role="math" aria-label="p - 1/2*q"' in term(read_term("p - 1/2*q"))
    assert plain(listed([term(read_term("a")), term(read_term("b"))])) == "a, b"


def test_short_numbers_are_shown_and_long_ones_on_demand_in_full() -> None:
    assert number(10**6) == '<span class="n">1000000</span>'
    long = number(10**20 + 1)
    assert long.startswith('<details class="exact"><summary>')
    assert "<code>100000000000000000001</code>" in long
    assert number(None) == "\u2013"


def test_foreign_words_are_escaped_and_bounded() -> None:
    assert words("<b>\x1b\u202e") == "<bdi>&lt;b&gt;\\x1b\\u202e</bdi>"
    assert words("x" * 1000).endswith("\u2026 (1,000 characters)</bdi>")
    assert cell("<td>") == "<bdi>&lt;td&gt;</bdi>"
