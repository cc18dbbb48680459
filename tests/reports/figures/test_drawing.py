"""What matplotlib draws, made fit for a page: no names from elsewhere, no styles, the same bytes again."""

import re
from typing import Any
from xml.etree import ElementTree as Tree

import pytest

pytest.importorskip("matplotlib")

from memcert.reports.figures.drawing import csv_file, inline, png_file, svg_file
from memcert.reports.figures.palette import DARK, LIGHT, style_sheet
from memcert.reports.figures.picture import Picture

HOSTILE = "$x^2$ </svg><script>&\x1b_"


def _draw(figure: Any, width: int) -> None:
    axes = figure.subplots()
    axes.scatter([1, 2, 3], [3, 1, width], color=LIGHT["c0"], linewidths=0)
    axes.plot([1, 3], [0, 1], color=LIGHT["bad"])
    axes.set_xlabel(HOSTILE.replace("\x1b", ""))


PICTURE = Picture(
    kind="hand",
    title=f"By hand {HOSTILE}",
    says=f"Three points and a line. {HOSTILE}",
    notes=(),
    columns=("x", HOSTILE),
    rows=((1, "a"), (10**20, None)),
    height=lambda width: width // 2,
    draw=_draw,
)


def test_a_drawing_of_a_page_names_nothing_outside_and_has_no_style() -> None:
    drawing = inline(PICTURE, 400, "one")
    assert "://" not in drawing
    for word in ("<style", "style=", "xmlns", "DOCTYPE", "<metadata", "<?xml", "xlink"):
        assert word not in drawing
    assert 'class="f-c0"' in drawing
    assert 's-bad"' in drawing


def test_its_ids_are_its_own_and_are_all_referred_to() -> None:
    drawing = inline(PICTURE, 400, "one")
    ids = re.findall(r' id="([^"]+)"', drawing)
    assert ids
    assert all(name.startswith("one-") for name in ids)
    assert set(re.findall(r'#([\w-]+)|describedby="([\w-]+)"', drawing)) >= {(ids[1], "")}
    assert len(set(ids)) == len(ids)


def test_words_in_a_drawing_are_text_whatever_they_hold() -> None:
    root = Tree.fromstring(inline(PICTURE, 400, "one"))  # noqa: S314 - made here
    assert not root.findall(".//script")
    shown = HOSTILE.replace("\x1b", "\\x1b")
    assert root.attrib["aria-label"] == f"By hand {shown}"
    assert root.findtext("desc") == f"Three points and a line. {shown}"
    assert HOSTILE.replace("\x1b", "") in [text.text for text in root.iter("text")]


def test_a_file_of_its_own_is_a_whole_svg_with_colours_for_the_dark() -> None:
    content = svg_file(PICTURE, 500)
    root = Tree.fromstring(content)  # noqa: S314 - made here
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert (root.get("width"), root.get("height")) == ("500", "250")
    assert content.count(b"://") == 1
    style = root.findtext("{http://www.w3.org/2000/svg}style") or ""
    assert "prefers-color-scheme:dark" in style
    assert f"--c0:{DARK['c0']}" in style


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert svg_file(PICTURE) == svg_file(PICTURE)
    assert png_file(PICTURE) == png_file(PICTURE)


def test_what_the_user_has_set_for_matplotlib_changes_nothing() -> None:
    import matplotlib as mpl

    before = svg_file(PICTURE)
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert svg_file(PICTURE) == before
        assert mpl.rcParams["font.size"] == 30


def test_a_png_has_two_pixels_for_each_unit() -> None:
    content = png_file(PICTURE, 400)
    assert content.startswith(b"\x89PNG")
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (800, 400)


def test_the_data_are_written_exactly() -> None:
    # 10^20 = 5^20 * 2^20, in the one spelling of certificates.
    assert csv_file(PICTURE).decode().splitlines()[1:] == ["1,a", "0x56bc75e2d631p+20,"]


def test_every_colour_has_a_name_of_its_own_in_light_and_dark() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert len(set(LIGHT.values())) == len(LIGHT)
    for name in LIGHT:
        assert f".f-{name}{{fill:var(--{name})}}" in style_sheet()
