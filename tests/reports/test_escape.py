"""Escapes: whatever a name holds, each reader sees text, and nothing but text."""

import html
import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from memcert.reports import escape
from memcert.reports.text import table

HOSTILE = (
    "[/red]",
    "[bold]",
    "::error::x",
    "##[error]x",
    "\x1b[2J",
    "a\0b",
    "</script><script>alert(1)</script>",
    "one\ntwo\r\nthree\u2028four",
    "\u202etxt.nosj",
    "a|b`c*d_e<!--",
    "{0} {{1}} [a](1) \\[",
    "%0A%25,:",
    "\ud800",
    "]]>&amp;",
)
names = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=40)).flatmap(
    lambda a: st.sampled_from(HOSTILE).map(lambda b: a + b)
)


@given(names)
def test_a_line_is_one_line_without_controls_marks_or_commands(name: str) -> None:
    found = escape.line(name)
    assert found.isprintable()
    assert not re.search(r"::|##\[", found)


@given(names)
def test_a_path_is_quoted_unless_it_is_plain(name: str) -> None:
    found = escape.path(name)
    assert found.isascii()
    assert re.fullmatch(r"[A-Za-z0-9_./-]+", found) or found[0] in "'\""
    assert not re.search(r"::|##\[", found)


def test_a_plain_path_stays_as_it_is() -> None:
    assert escape.path("certificates/iris-2.json") == "certificates/iris-2.json"


@given(names)
def test_xml_reads_back_what_was_written_or_an_escape_of_it(name: str) -> None:
    element = ET.Element("a", name=escape.xml(name))
    element.text = escape.xml(name)
    back = ET.fromstring(ET.tostring(element))  # noqa: S314 - written in the line before
    # XML reads every end of a line as a line feed.
    assert back.text == re.sub(r"\r\n?", "\n", escape.xml(name))
    assert not set(back.text or "") & {"\0", "\x1b", "\ud800"}


class _Tags(HTMLParser):
    """Counts what is not text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        self.found += [tag, *(name for name, _ in attrs)]


@given(names)
def test_html_holds_no_more_than_its_own_tags(name: str) -> None:
    parser = _Tags()
    parser.feed(f'<p title="{escape.markup(name)}">{escape.markup(name)}</p>')
    parser.close()
    assert parser.found == ["p", "title"]


@given(names)
def test_markdown_is_letters_and_character_references_on_one_line(name: str) -> None:
    found = escape.markdown(name)
    assert re.fullmatch(r"(?:[A-Za-z0-9 /,()]|&#[0-9]+;)*", found)
    shown = html.unescape(found)
    if name.isprintable() and "\ud800" not in name:
        assert shown == name


@given(names)
def test_a_workflow_command_ends_where_it_is_to_end(name: str) -> None:
    command = f"::error file={escape.command_value(name)},line=1::{escape.command_message(name)}"
    assert len(re.split(r"[\r\n]", command)) == 1
    head, _, _ = command.removeprefix("::error file=").partition(",line=1::")
    assert not set(head) & {":", ",", "\r", "\n"}


@given(names)
def test_a_message_of_sarif_has_no_link_and_no_placeholder(name: str) -> None:
    found = escape.sarif(name)
    plain = found.replace("{{", "").replace("}}", "")
    assert not set(plain) & {"{", "}"}
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]]", found)


@given(names.map(lambda name: name.replace("\0", "") or "x"))
def test_a_uri_is_a_relative_reference(name: str) -> None:
    found = escape.uri(name)
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", found)


@given(names)
@example("x[/red]")
def test_rich_prints_a_cell_as_text(name: str) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=400, markup=False, highlight=False, emoji=False)
    console.print(table("t", ("a", "b"), [("x", escape.line(name))]))
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("width", [10, 17, 40])
def test_no_line_of_a_folded_table_starts_a_workflow_command(width: int) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=width, markup=False, highlight=False, emoji=False)
    name = "a" * 7 + "::error::" * 5
    console.print(table("t", ("a", "b"), [("x", escape.path(name))]))
    assert not [line for line in stream.getvalue().splitlines() if line.strip().startswith("::")]
