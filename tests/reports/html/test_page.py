"""A page's structure: one file, nothing asked of anyone, every figure in words, untrusted text as text."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from page_examples import HOSTILE, ROOT, five, report
from page_tools import Element, parsed, twice

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

SPACES = "\n\u00a0\u200a\u2060"
CERTIFICATES = sorted(path.stem for path in (ROOT / "certificates").glob("*.json"))


@pytest.fixture(scope="module")
def iris(page_of: Callable[[str], Path]) -> str:
    """Return the page of the published certificate of iris, proved."""
    return page_of("iris").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tree(iris: str) -> Element:
    """Return the same, parsed."""
    return parsed(iris)


def test_the_page_asks_nobody_for_anything(iris: str, tree: Element) -> None:
    assert "://" not in iris
    for element in tree.all():
        assert "src" not in element.attributes
        assert element.attributes.get("href", "#").startswith("#")
        assert element.tag not in ("link", "img", "iframe", "object", "embed")


def test_the_policy_forbids_requests_and_every_script_and_style_but_its_own(tree: Element) -> None:
    import hashlib
    from base64 import b64encode

    (policy,) = [m for m in tree.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy"]
    for kind in ("style", "script"):
        (element,) = tree.all(kind)
        digest = b64encode(hashlib.sha256(element.raw.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy.attributes["content"]
    assert policy.attributes["content"].startswith("default-src 'none';")
    for element in tree.all():
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")]


def test_ids_are_unique_and_references_lead_to_them(tree: Element) -> None:
    ids = [e.attributes["id"] for e in tree.all() if "id" in e.attributes]
    assert not twice(ids)
    for element in tree.all():
        for name in ("href", "clip-path", "aria-labelledby", "aria-describedby"):
            for target in re.findall(r"#?([\w-]+)", element.attributes.get(name, "").removeprefix("url(")):
                assert target in ids


def test_every_figure_says_in_words_what_it_shows_and_has_its_data(tree: Element) -> None:
    figures = tree.all("figure")
    assert figures
    for figure in figures:
        drawings = [svg for svg in figure.all("svg") if svg.attributes.get("role") == "img"]
        assert len(drawings) == 2
        for drawing in drawings:
            (description,) = drawing.all("desc")
            assert drawing.attributes["aria-label"]
            assert drawing.attributes["aria-describedby"] == description.attributes["id"]
            assert len(description.text) > 40
        assert figure.all("figcaption")[0].text
        assert figure.all("table")


def test_headings_go_down_one_level_at_a_time(tree: Element) -> None:
    levels = [int(element.tag[1]) for element in tree.all("h1", "h2", "h3", "h4", "h5")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_verdicts_say_who_gave_them_and_what_was_not_examined(tree: Element) -> None:
    check, proof = [e for e in tree.all("article") if e.attributes["class"].startswith("verdict")]
    assert "accepted by kernel" in check.text
    assert "Not examined: box_radius, contracts, blocks." in check.text
    assert "proved by z3" in proof.text
    assert "closed box of radius 1/26345" in proof.text
    assert "Not examined: sizes, separation, data radius, margin, witness." in proof.text


def test_names_are_text_whatever_they_hold(page_of: Callable[[str], Path]) -> None:
    content = page_of("hostile").read_text(encoding="utf-8")
    assert not [c for c in content if not c.isprintable() and c not in SPACES]
    tree = parsed(content)
    assert len(tree.all("script")) == 1
    assert not tree.all("img")
    plain = HOSTILE.replace("\x1b", "\\x1b").replace("\x00", "\\x00")
    assert tree.all("h1")[0].text == plain
    assert [cell for cell in tree.all("td") if cell.text == plain]


@pytest.mark.parametrize("name", CERTIFICATES)
def test_every_published_certificate_has_a_page(name: str, page_of: Callable[[str], Path]) -> None:
    tree = parsed(page_of(name).read_text(encoding="utf-8"))
    assert "accepted" in tree.all("article")[0].text
    assert tree.one("network")
    assert tree.one("samples")


def test_a_false_certificate_has_a_page_with_both_exact_values_and_exit_status_1(tmp_path: Path) -> None:
    value = five()
    value["dataset"]["labels"][2] = 0
    path, page = tmp_path / "false.json", tmp_path / "page.html"
    path.write_text(json.dumps(value), encoding="utf-8")
    status, _ = report(path, "-o", page)
    assert status == 1
    verdict = parsed(page.read_text(encoding="utf-8")).all("article")[0]
    assert "rejected" in verdict.text
    assert [e.text for e in verdict.all("dd")][:4] == ["equal", "samples[2]", "0", "1"]
