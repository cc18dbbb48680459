"""Pages in a browser: nothing scrolls sideways or is asked for, keys are enough, script is not needed.

The width is that of the viewport: a window of 390 pixels may have a wider one, and hide what is wrong.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api")
pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FOUND = next((path for name in NAMES if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(FOUND is None, reason="chromium is not installed")
NARROW, WIDE = 390, 1280


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start the installed browser once."""
    # Its sandbox does not work for root, as whom containers run tests.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=FOUND, args=["--no-sandbox"] if root else [])
        yield started
        started.close()


@pytest.fixture(params=["iris", "hostile", "elsewhere"])
def page_file(request: pytest.FixtureRequest, page_of: Callable[[str], Path]) -> Path:
    """Return a page: of a proved memorizer, of one full of hostile names, of a network that errs."""
    return page_of(request.param)


class Visit:
    """A page that is open, and everything that it said or asked for."""

    def __init__(self, browser: Any, file: Path, width: int, **options: Any) -> None:
        """Open it in a window of its own, with a viewport of that width."""
        self.context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.goto(file.as_uri())

    def open_all(self) -> None:
        """Unfold everything that can be."""
        self.page.evaluate(
            "document.querySelectorAll('details').forEach(d => { d.open = true; d.hidden = false; })"
        )

    def sideways(self) -> list[str]:
        """Return elements that reach beyond the viewport; regions that scroll by themselves may hold some."""
        return list(
            self.page.evaluate(
                """() => [...document.querySelectorAll('body *')]
                    .filter(e => !e.closest('.scroll, svg, .skip'))
                    .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                    .map(e => e.tagName + ' ' + e.textContent.slice(0, 40))"""
            )
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_nothing_is_asked_for_and_nothing_scrolls_sideways(
    browser: Any, page_file: Path, width: int, scheme: str
) -> None:
    visit = Visit(browser, page_file, width, color_scheme=scheme)
    try:
        assert visit.page.evaluate("innerWidth") == width
        for _ in range(2):
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
            assert visit.sideways() == []
            visit.open_all()
        assert visit.said == []
        assert visit.asked == [page_file.as_uri()]
    finally:
        visit.context.close()


def test_figures_are_there_once_and_large_enough(browser: Any, page_file: Path) -> None:
    for width in (NARROW, WIDE):
        visit = Visit(browser, page_file, width)
        try:
            shown = visit.page.evaluate(
                """() => [...document.querySelectorAll('figure')].filter(f => f.checkVisibility()).map(f =>
                    [...f.querySelectorAll('svg[role=img]')].filter(s => s.checkVisibility())
                        .map(s => s.getBoundingClientRect().width))"""
            )
            assert len(shown) >= 2
            for widths in shown:
                assert len(widths) == 1
                assert widths[0] >= min(320, width - 60)
        finally:
            visit.context.close()


def test_letters_of_a_figure_are_legible_on_a_telephone(browser: Any, page_file: Path) -> None:
    visit = Visit(browser, page_file, NARROW)
    try:
        heights = visit.page.evaluate(
            """() => [...document.querySelectorAll('figure svg text')].filter(t => t.checkVisibility())
                .map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a)
                .filter(size => size > 0)"""
        )
        assert heights
        assert min(heights) >= 10
    finally:
        visit.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_against_the_paper(browser: Any, page_file: Path, scheme: str) -> None:
    """At least 4.5 to 1, as the accessibility guidelines (WCAG 2, 1.4.3) ask for."""
    visit = Visit(browser, page_file, WIDE, color_scheme=scheme)
    try:
        ratios = visit.page.evaluate(
            """() => {
                const light = color => color.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
                    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
                const paper = light(getComputedStyle(document.body).backgroundColor);
                return [...document.querySelectorAll('body *')]
                    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
                    .filter(e => e.checkVisibility())
                    .map(e => [light(getComputedStyle(e)[e.closest('svg') ? 'fill' : 'color']), e])
                    .map(([ink, e]) => [(Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05),
                        e.tagName + ' ' + e.className])
                    .sort((a, b) => a[0] - b[0]).slice(0, 3);
            }"""
        )
        assert ratios
        assert ratios[0][0] >= 4.5, ratios
    finally:
        visit.context.close()


def _shown(visit: Visit) -> list[str]:
    return list(
        visit.page.evaluate(
            "[...document.querySelectorAll('details.way')].filter(w => w.checkVisibility()).map(w => w.id)"
        )
    )


def test_a_sample_is_chosen_with_keys_alone(browser: Any, page_of: Callable[[str], Path]) -> None:
    visit = Visit(browser, page_of("five"), NARROW)
    try:
        assert _shown(visit) == ["way-0"]
        for _ in range(40):
            visit.page.keyboard.press("Tab")
            if visit.page.evaluate("document.activeElement.id") == "choice":
                break
        visit.page.keyboard.press("ArrowDown")
        assert _shown(visit) == ["way-1"]
        visit.page.keyboard.press("Tab")
        visit.page.keyboard.press("Enter")
        assert _shown(visit) == ["way-2"]
        assert visit.page.evaluate("document.querySelector('#choice').value") == "way-2"
        assert visit.page.locator("#way-2 .steps").is_visible()
    finally:
        visit.context.close()


def test_exact_values_open_with_a_key(browser: Any, page_of: Callable[[str], Path]) -> None:
    visit = Visit(browser, page_of("wine"), NARROW)
    try:
        summary = visit.page.locator(".items .exact summary").first
        summary.focus()
        visit.page.keyboard.press("Enter")
        assert visit.page.locator(".items .exact code").first.is_visible()
        assert visit.sideways() == []
    finally:
        visit.context.close()


def test_without_script_all_samples_are_there_to_be_unfolded(
    browser: Any, page_of: Callable[[str], Path]
) -> None:
    visit = Visit(browser, page_of("five"), NARROW, java_script_enabled=False)
    try:
        assert not visit.page.locator(".chooser").is_visible()
        assert visit.page.locator("details.way").count() == 5
        for row in range(5):
            assert visit.page.locator(f"#way-{row} > summary").is_visible()
        visit.page.locator("#way-3 > summary").click()
        assert visit.page.locator("#way-3 .steps").is_visible()
    finally:
        visit.context.close()


def test_every_region_that_scrolls_by_itself_can_be_reached_and_has_a_name(
    browser: Any, page_file: Path
) -> None:
    visit = Visit(browser, page_file, NARROW)
    try:
        bare = visit.page.evaluate(
            """() => [...document.querySelectorAll('.scroll')]
                .filter(e => e.tabIndex !== 0 || !e.ariaLabel || e.role !== 'region')
                .length"""
        )
        assert bare == 0
    finally:
        visit.context.close()
