import io

import pytest
from rich.console import Console

from memcert.reports.text import listing, table


def _printed(part: object) -> str:
    stream = io.StringIO()
    Console(file=stream, width=100, markup=True, emoji=True, highlight=True).print(part)
    return stream.getvalue()


@pytest.mark.parametrize("text", ["[/red]", "[bold]x[/bold]", ":smile:", "[link=file:///etc]x[/link]"])
def test_markup_in_a_cell_is_printed_as_it_stands(text: str) -> None:
    assert text in _printed(table("t", ("a",), [(text,)]))
    assert text in _printed(listing([("what", text)]))
    assert text in _printed(table(text, (text,), []))


def test_control_characters_in_a_cell_are_escaped() -> None:
    told = _printed(table("t", ("a",), [("\x1b[2J\u202e",)])) + _printed(listing([("\x1b", "\x07")]))
    assert "\x1b" not in told
    assert "\\x1b[2J\\u202e" in told


def test_a_row_with_another_number_of_cells_is_an_error() -> None:
    with pytest.raises(ValueError, match="expected 2 cells, got 1"):
        table("t", ("a", "b"), [("x",)])


def test_a_heading_with_a_number_sign_is_aligned_to_the_right() -> None:
    assert "     1" in _printed(table("t", ("#number",), [("1",)]))
