"""A picture drawn by matplotlib: inside a page, as an SVG file of its own, or as a PNG.

UNTRUSTED. The same picture gives the same bytes with the same version of matplotlib.
"""

import csv
import warnings
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree as Tree

from memcert.errors import UnsupportedError
from memcert.kernel.rational import text
from memcert.reports.figures.palette import LIGHT, style_sheet
from memcert.reports.figures.picture import Picture
from memcert.reports.figures.svg import NAMESPACE, cleaned, serialized
from memcert.reports.words import printable

WIDE, NARROW = 720, 344
"""Units: pixels where the drawing has its natural width, on a screen and on a telephone."""
FONT = 12
FAMILY = "system-ui,-apple-system,Segoe UI,Roboto,Helvetica Neue,Arial,sans-serif"
SETTINGS: Any = {
    "svg.hashsalt": "memcert",
    "svg.fonttype": "none",
    # A dollar in a name is a dollar.
    "text.parse_math": False,
    "font.size": FONT,
    "axes.titlesize": FONT,
    "axes.labelsize": FONT,
    "xtick.labelsize": FONT - 1,
    "ytick.labelsize": FONT - 1,
    "legend.fontsize": FONT - 1,
    "legend.frameon": False,
    "legend.handletextpad": 0.3,
    "legend.columnspacing": 1.2,
    "axes.edgecolor": LIGHT["line"],
    "axes.labelcolor": LIGHT["ink"],
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "grid.color": LIGHT["line"],
    "grid.linewidth": 0.7,
    "text.color": LIGHT["ink"],
    "xtick.color": LIGHT["line"],
    "ytick.color": LIGHT["line"],
    "xtick.labelcolor": LIGHT["muted"],
    "ytick.labelcolor": LIGHT["muted"],
    "path.simplify": False,
}


def inline(picture: Picture, width: int, prefix: str) -> str:
    """Return the drawing as an element of a page; the page's style sheet colours it.

    Args:
        picture: what to draw.
        width: in units.
        prefix: what its ids start with.

    Raises:
        UnsupportedError: matplotlib is not installed.
    """
    root = cleaned(_saved(picture, width, "svg"), prefix)
    described = f"{prefix}-says"
    root.attrib |= {"role": "img", "aria-label": printable(picture.title), "aria-describedby": described}
    description = Tree.Element("desc", {"id": described})
    description.text = printable(picture.says)
    root.insert(0, description)
    return serialized(root)


def svg_file(picture: Picture, width: int = WIDE) -> bytes:
    """Return an SVG file with colours for light and dark. Raises: UnsupportedError, as `inline`."""
    root = cleaned(_saved(picture, width, "svg"), picture.kind)
    height = picture.height(width)
    root.attrib |= {"xmlns": NAMESPACE, "width": str(width), "height": str(height), "role": "img"}
    title, description = Tree.Element("title"), Tree.Element("desc")
    title.text, description.text = printable(picture.title), printable(picture.says)
    style = Tree.Element("style")
    style.text = f"text{{font-family:{FAMILY}}}{style_sheet()}"
    for place, element in enumerate((title, description, style)):
        root.insert(place, element)
    return serialized(root).encode() + b"\n"


def png_file(picture: Picture, width: int = WIDE) -> bytes:
    """Return a PNG on white, two pixels a unit. Raises: UnsupportedError, as `inline`."""
    return _saved(picture, width, "png")


def _saved(picture: Picture, width: int, kind: str) -> bytes:
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError:
        raise UnsupportedError("a figure needs the extra plot: pip install 'memcert[plot]'") from None
    options: dict[str, Any] = (
        {"metadata": {"Date": None, "Creator": None, "Format": None, "Type": None}}
        if kind == "svg"
        else {"metadata": {"Software": None}, "dpi": 144, "facecolor": LIGHT["paper"]}
    )
    with mpl.rc_context(), warnings.catch_warnings():
        # Signs that the measuring font lacks are the reader's font's business.
        warnings.simplefilter("ignore")
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        layout = ConstrainedLayoutEngine(w_pad=2 / 72, h_pad=3 / 72)
        figure = Figure(figsize=(width / 72, picture.height(width) / 72), layout=layout)
        picture.draw(figure, width)
        target = BytesIO()
        figure.savefig(target, format=kind, **options)
    return target.getvalue()


def csv_file(picture: Picture) -> bytes:
    """Return all data of the figure, numbers in memcert's one spelling. Raises: never."""
    target = StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(picture.columns)
    for row in picture.rows:
        writer.writerow("" if cell is None else cell if isinstance(cell, str) else text(cell) for cell in row)
    return target.getvalue().encode()
