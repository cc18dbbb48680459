"""Pages that several tests look at, each written once."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from page_examples import HOSTILE, ROOT, hostile, missing_rows, report

PageOf = Callable[[str], Path]
MADE = {"hostile": lambda: hostile(HOSTILE), "elsewhere": missing_rows}


@pytest.fixture(scope="session")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> PageOf:
    """Return the page of a published certificate by its name, or of one of MADE; some are proved."""

    @cache
    def made(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        page, source = folder / "page.html", ROOT / "certificates" / f"{name}.json"
        if name in MADE:
            source = folder / "source.json"
            source.write_text(json.dumps(MADE[name]()), encoding="utf-8")
        prove = ["--prove"] if name in ("iris", *MADE) else []
        status, told = report(source, *prove, "-o", page)
        assert status == (1 if name == "elsewhere" else 0), told
        return page

    return made
