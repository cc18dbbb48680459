"""Pages from templates, everything escaped; style and script are allowed by their digests alone.

UNTRUSTED.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from memcert import __version__
from memcert.errors import UnsupportedError
from memcert.reports.figures.drawing import NARROW, WIDE, inline
from memcert.reports.figures.palette import style_sheet
from memcert.reports.figures.picture import Picture

TEMPLATES = Path(__file__).parent / "templates"


def require() -> None:
    """Look for what a page is made with, before work is done in vain.

    Raises:
        UnsupportedError: Jinja or matplotlib is not installed.
    """
    for library in ("jinja2", "matplotlib"):
        if find_spec(library) is None:
            raise UnsupportedError("a report needs the extra report: pip install 'memcert[report]'")


def rendered(template: str, context: Mapping[str, Any]) -> str:
    """Return a page.

    Args:
        template: the name of a file in `templates`.
        context: what it tells.

    Raises:
        ImportError: Jinja is not installed.
        UnsupportedError: matplotlib is not installed.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from memcert.reports.html.exact import cell, number, words
    from memcert.reports.html.mathematics import atom, ensured, listed, name, term
    from memcert.reports.words import printable

    def safe(value: object) -> object:
        # Markup is a str too, but what it holds was made here.
        return printable(value) if type(value) is str else value

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=safe,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "words": words, "cell": cell, "term": term, "name": name}
    environment.filters |= {"atom": atom, "ensured": ensured, "listed": listed}
    style = style_sheet() + (TEMPLATES / "style.css").read_text(encoding="utf-8")
    script = (TEMPLATES / "script.js").read_text(encoding="utf-8")
    known = {"style": style, "script": script, "policy": policy(style, script), "version": __version__}
    return environment.get_template(template).render(known, drawn=drawn, **context) + "\n"


def policy(style: str, script: str) -> str:
    """Return a content security policy: no request of any kind, this style and this script. Raises: never."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def drawn(picture: Picture, identity: str) -> dict[str, str]:
    """Return the drawings of a figure, for wide and for narrow screens. Raises: UnsupportedError."""
    return {
        "wide": inline(picture, WIDE, f"{identity}-w"),
        "narrow": inline(picture, NARROW, f"{identity}-n"),
    }
