"""`memcert report` and `memcert plot` as commands: what they write, how they end, what they refuse."""

import json
from pathlib import Path

import pytest
from page_examples import HOSTILE, ROOT, command, five, missing_rows
from page_tools import parsed

from memcert import api

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

FIVE = ROOT / "certificates" / "five.json"
TWO = ROOT / "certificates" / "two-layer.json"


def saved(folder: Path, value: object) -> Path:
    """Write a value as JSON and return the path."""
    path = folder / "value.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_the_same_certificate_gives_the_same_page(tmp_path: Path) -> None:
    pages = [tmp_path / "a.html", tmp_path / "b.html"]
    for page in pages:
        assert command("report", TWO, "--prove", "-o", page)[0] == 0
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_rows_that_are_admitted_to_fail_are_exit_status_1_unless_allowed(tmp_path: Path) -> None:
    source, page = saved(tmp_path, missing_rows()), tmp_path / "page.html"
    assert command("report", source, "-o", page)[0] == 1
    assert command("report", source, "--allow-except", "-o", page)[0] == 0
    text = parsed(page.read_text(encoding="utf-8")).one("main").text
    # The outputs are |x0|, |x1| and 1/3, so that (3, 1), labelled 1, and (2, 5), labelled 0, come out wrong.
    assert "Rows on which the rule fails: 2" in text


def test_a_certificate_of_other_data_has_a_page_that_says_so_and_exit_status_4(tmp_path: Path) -> None:
    page, other = tmp_path / "page.html", tmp_path / "other.csv"
    other.write_text("x,y,z,label\n1,2,3,no\n4,5,6,yes\n", encoding="utf-8")
    assert command("report", FIVE, "--dataset", other, "-o", page)[0] == 4
    assert "mismatch" in parsed(page.read_text(encoding="utf-8")).all("article")[0].text


def test_a_file_that_is_no_certificate_has_no_page(tmp_path: Path) -> None:
    source, page = saved(tmp_path, {"format": "memcert/1"}), tmp_path / "page.html"
    assert command("report", source, "-o", page)[0] == 3
    assert not page.exists()


def test_a_result_file_is_taken_where_its_digests_are_those_of_the_certificate(tmp_path: Path) -> None:
    result, page = tmp_path / "result.json", tmp_path / "page.html"
    assert command("prove", FIVE, "-o", result)[0] == 0
    assert command("report", FIVE, "--result", result, "-o", page)[0] == 0
    proof = parsed(page.read_text(encoding="utf-8")).all("article")[1].text
    assert "proved by z3" in proof
    assert "the result file result.json, whose word is taken" in proof
    status, told = command("report", TWO, "--result", result, "-o", tmp_path / "other.html")
    assert status == 4
    assert "digest at result.digests.network" in told
    assert not (tmp_path / "other.html").exists()


def test_a_result_alone_has_a_page_that_says_that_nothing_was_examined(tmp_path: Path) -> None:
    result, page = tmp_path / "result.json", tmp_path / "page.html"
    assert command("prove", FIVE, "-o", result)[0] == 0
    status, told = command("report", result, "-o", page)
    assert (status, "nothing was examined" in told) == (0, True)
    assert "Nothing was examined" in parsed(page.read_text(encoding="utf-8")).text
    assert command("report", result, "--prove", "-o", page)[0] == 2


def test_words_of_a_result_file_are_text_whatever_they_hold(tmp_path: Path) -> None:
    result, page = tmp_path / "result.json", tmp_path / "page.html"
    assert command("prove", FIVE, "-o", result)[0] == 0
    value = json.loads(result.read_text(encoding="utf-8"))
    value["assumptions"] = [HOSTILE, f"`{HOSTILE}`"]
    value["not_examined"] = [HOSTILE]
    value["solver"] = {"name": HOSTILE, "version": HOSTILE}
    value["outline"]["unused"] = [{"contract": HOSTILE, "case": HOSTILE, "possible": None}]
    result.write_text(json.dumps(value), encoding="utf-8")
    for words in ([result], [FIVE, "--result", result]):
        assert command("report", *words, "-o", page)[0] == 0
        content = page.read_text(encoding="utf-8")
        tree = parsed(content)
        assert (len(tree.all("script")), tree.all("img")) == (1, [])
        assert "\x1b" not in content
        assert "\x00" not in content
        assert content.count("onerror") >= 6


def test_a_refutation_is_told_with_its_exact_numbers(tmp_path: Path) -> None:
    value = five()
    block = next(block for block in value["blocks"] if block["contract"] == "gate")
    layer = value["network"]["layers"][block["first_layer"]]
    neuron = block["neurons"][0][0]
    neuron = neuron[0] if isinstance(neuron, list) else neuron
    layer["bias"][neuron] = "1/3"
    source, page = saved(tmp_path, value), tmp_path / "page.html"
    assert command("report", source, "--prove", "-o", page)[0] == 1
    cards = parsed(page.read_text(encoding="utf-8")).all("article")[:2]
    assert "refuted by z3" in cards[1].text
    told = {term.text: value.text for term, value in zip(cards[1].all("dt"), cards[1].all("dd"), strict=True)}
    assert told["block"] == block["name"]
    assert told["contract"] == "gate"
    assert "1/3" in cards[1].text


def boxed(folder: Path, radius: str) -> tuple[Path, Path]:
    """Verify a network with boxes; return its certificate and its box file."""
    sample = ROOT / "tests" / "gate" / "sample"
    certificate = folder / "c.json"
    model = [sample / "models" / "distance.nnet", sample / "data" / "distance.csv"]
    words = ["--rule", "argmax", "--classes", "far,near", "--box", radius, "-o", str(certificate)]
    assert command("verify", *model, *words)[0] in (0, 1)
    return certificate, folder / "c.boxes.json"


@pytest.mark.parametrize(
    ("radius", "status", "told"), [("1/100", 0, "replayed"), ("100", 1, "a point of the box fails")]
)
def test_a_box_file_is_replayed_for_the_page(radius: str, status: int, told: str, tmp_path: Path) -> None:
    certificate, boxes = boxed(tmp_path, radius)
    page = tmp_path / "page.html"
    assert command("report", certificate, "--boxes", boxes, "-o", page)[0] == status
    card = parsed(page.read_text(encoding="utf-8")).all("article")[1].text
    assert told in card
    assert f"of radius {radius}" in card


@pytest.mark.parametrize(("small", "rests"), [(2_000_000, "(memcert.boxes)"), (0, "memcert.regions, numpy")])
def test_the_page_says_what_the_replay_rests_on(
    small: int, rests: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, boxes = boxed(tmp_path, "1/100")
    monkeypatch.setattr(api, "SMALL_WORK", small)
    page = tmp_path / "page.html"
    assert command("report", certificate, "--boxes", boxes, "-o", page)[0] == 0
    card = parsed(page.read_text(encoding="utf-8")).all("article")[1].text
    assert rests in card
    assert ("numpy" in card) == (small == 0)


def test_a_box_file_that_does_not_show_what_it_says_is_told_with_both_exact_values(tmp_path: Path) -> None:
    certificate, boxes = boxed(tmp_path, "1/100")
    boxes.write_text(boxes.read_text(encoding="utf-8").replace('"1/100"', '"201/2"'), encoding="utf-8")
    page = tmp_path / "page.html"
    assert command("report", certificate, "--boxes", boxes, "-o", page)[0] == 1
    card = parsed(page.read_text(encoding="utf-8")).all("article")[1].text
    assert "rejected" in card
    assert "expected" in card
    boxes.write_text("{}", encoding="utf-8")
    assert command("report", certificate, "--boxes", boxes, "-o", tmp_path / "none.html")[0] == 3
    assert not (tmp_path / "none.html").exists()


def test_the_way_of_a_row_that_is_asked_for_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert command("report", ROOT / "certificates" / "nae-sat.json", "--samples", "17", "-o", page)[0] == 0
    assert "it was asked for" in parsed(page.read_text(encoding="utf-8")).one("way-17").text
    assert command("report", FIVE, "--samples", "5", "-o", page)[0] == 2


def test_detached_data_are_asked_for(tmp_path: Path) -> None:
    value = five()
    value["dataset"] |= {"points": None, "labels": None}
    value["digests"] = json.loads(FIVE.read_text(encoding="utf-8"))["digests"]
    status, told = command("report", saved(tmp_path, value), "-o", tmp_path / "page.html")
    assert status == 2
    assert "--dataset" in told


def test_detached_data_that_are_given_are_told_like_those_of_a_certificate(tmp_path: Path) -> None:
    value, table, page = five(), tmp_path / "five.csv", tmp_path / "page.html"
    data = value["dataset"]
    rows = [
        ",".join([*map(str, point), data["classes"][label]])
        for point, label in zip(data["points"], data["labels"], strict=True)
    ]
    table.write_text("\n".join([",".join([*data["columns"], "label"]), *rows]) + "\n", encoding="utf-8")
    data |= {"points": None, "labels": None}
    value["digests"] = json.loads(FIVE.read_text(encoding="utf-8"))["digests"]
    status, told = command("report", saved(tmp_path, value), "--dataset", table, "--json", "-o", page)
    assert status == 0, told
    assert json.loads(told.splitlines()[0])["page"] == str(page)
    tree = parsed(page.read_text(encoding="utf-8"))
    assert "the samples of the file that was given" in tree.all("article")[0].text
    assert tree.one("figure-projection")
    assert "rule equal holds here" in tree.one("way-4").text


def test_what_cannot_be_proved_has_a_page_that_says_why(tmp_path: Path) -> None:
    value, page = five(), tmp_path / "page.html"
    value |= {"contracts": [], "blocks": []}
    assert command("report", saved(tmp_path, value), "--prove", "-o", page)[0] == 5
    card = parsed(page.read_text(encoding="utf-8")).all("article")[1].text
    assert "unsupported" in card
    assert "at least one block" in card


@pytest.mark.parametrize("kind", ["samples", "network", "sizes", "projection", "radii", "bits"])
def test_each_kind_of_figure_is_written(kind: str, tmp_path: Path) -> None:
    drawing = tmp_path / "figure.svg"
    status, told = command("plot", FIVE, "--kind", kind, "-o", drawing, "--json")
    assert status == 0, told
    assert json.loads(told)["kind"] == kind
    assert drawing.read_bytes().startswith(b"<svg ")
    assert b"prefers-color-scheme" in drawing.read_bytes()


def test_margins_are_drawn_of_a_rule_that_has_them_and_refused_of_one_that_has_none(tmp_path: Path) -> None:
    drawing = tmp_path / "figure.png"
    assert command("plot", saved(tmp_path, missing_rows()), "--kind", "margins", "-o", drawing)[0] == 0
    assert drawing.read_bytes().startswith(b"\x89PNG")
    status, told = command("plot", FIVE, "--kind", "margins", "-o", drawing)
    assert status == 5
    assert "the rule equal has no margin" in told


def test_the_data_of_a_figure_are_exact(tmp_path: Path) -> None:
    data = tmp_path / "figure.csv"
    assert command("plot", FIVE, "--kind", "projection", "-o", data)[0] == 0
    lines = data.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "interval,samples,lowest,highest,window from,window to"
    assert lines[1] == "0,1,1,1,1/2,5/2"
    assert len(lines) == 6


def test_no_figure_is_drawn_of_what_is_not_true(tmp_path: Path) -> None:
    value, drawing = five(), tmp_path / "figure.svg"
    value["dataset"]["labels"][2] = 0
    status, told = command("plot", saved(tmp_path, value), "--kind", "projection", "-o", drawing)
    assert status == 1
    assert "equal at samples[2]" in told
    assert not drawing.exists()


def test_other_endings_and_samples_are_usage_errors(tmp_path: Path) -> None:
    assert command("plot", FIVE, "--kind", "bits", "-o", tmp_path / "figure.pdf")[0] == 2
    assert command("plot", FIVE, "--kind", "bits", "--sample", "5", "-o", tmp_path / "figure.svg")[0] == 2
    assert command("report", FIVE, "--prove", "--result", FIVE, "-o", tmp_path / "page.html")[0] == 2


def test_without_its_library_a_page_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from memcert.reports.html import document

    monkeypatch.setattr(document, "find_spec", lambda _: None)
    status, told = command("report", FIVE, "-o", tmp_path / "page.html")
    assert status == 5
    assert "pip install 'memcert[report]'" in told
