"""The colours of figures and pages, for light and dark, as classes of a style sheet.

UNTRUSTED. A figure is drawn in the light colours; their names become classes, which a style sheet changes.
"""

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "paper": "#fdfdfc",
    "ink": "#1b1f24",
    "muted": "#59636e",
    "line": "#d5dade",
    "band": "#dce8f2",
    "good": "#1a7048",
    "bad": "#b42318",
    "open": "#8a5a00",
    "c0": "#1f6fb5",
    "c1": "#b8520b",
    "c2": "#127a6f",
    "c3": "#a93279",
    "c4": "#766900",
    "c5": "#6b50bc",
    "c6": "#8b4a3c",
    "c7": "#506373",
    "c8": "#3e7d1f",
    "c9": "#0b7b9c",
    "h0": "#cfe1ef",
    "h1": "#b1d0e7",
    "h2": "#89b9da",
    "h3": "#5f9dca",
    "h4": "#377cb2",
    "h5": "#1e5b92",
    "h6": "#0f3d6b",
}
"""Names and light colours, each colour once."""
DARK: Mapping[str, str] = {
    "paper": "#14171b",
    "ink": "#e7e9ec",
    "muted": "#9da7b1",
    "line": "#343b43",
    "band": "#223446",
    "good": "#5fcf97",
    "bad": "#ff8a7d",
    "open": "#e6b455",
    "c0": "#6db2f1",
    "c1": "#f0a15b",
    "c2": "#5dcab7",
    "c3": "#ed90c5",
    "c4": "#d4c14b",
    "c5": "#b7a3f6",
    "c6": "#d9a394",
    "c7": "#aabccc",
    "c8": "#94d470",
    "c9": "#64cce7",
    "h0": "#1a3852",
    "h1": "#204a6b",
    "h2": "#28608a",
    "h3": "#3b7fad",
    "h4": "#599dcc",
    "h5": "#87bee3",
    "h6": "#c2e1f6",
}
"""The same names in the dark."""
SERIES = tuple(f"c{k}" for k in range(10))
"""Classes of a data set, in order; markers tell them apart as well."""
HEAT = tuple(f"h{k}" for k in range(7))
"""From the smallest values to the largest."""
MARKERS = "os^DvPX<>*"
_BY_COLOR = {color: name for name, color in LIGHT.items()}


def named(color: str) -> str | None:
    """Return the name of a light colour, None if it is none of them. Raises: never."""
    return _BY_COLOR.get(color.lower())


def variables(colors: Mapping[str, str]) -> str:
    """Return the colours as declarations of custom properties. Raises: never."""
    return "".join(f"--{name}:{color};" for name, color in colors.items())


def style_sheet() -> str:
    """Return the rules that colour figures: light, or dark where the reader prefers it. Raises: never."""
    fills = "".join(f".f-{name}{{fill:var(--{name})}}" for name in LIGHT)
    strokes = "".join(f".s-{name}{{stroke:var(--{name})}}" for name in LIGHT)
    return (
        f":root{{{variables(LIGHT)}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{variables(DARK)}}}}}"
        f"{fills}{strokes}"
    )
