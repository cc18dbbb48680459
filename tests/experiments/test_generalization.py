"""The tables of the generalization experiment, on small files and on MNIST where it is there."""

import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_files import SIDE, cifar_folder, images, mnist_folder
from naive_evaluator import evaluate

from memcert.cli import main
from memcert.constructions.assemble import build
from memcert.errors import DatasetError, UsageError
from memcert.experiments import generalization
from memcert.experiments.images import Images, mnist

SMALL = Images("small", *images(120, SIDE * SIDE))
UNSEEN = Images("unseen", *images(200, SIDE * SIDE, start=120))
INDEPENDENT = {(1, 7): 983, (2, 3): 986, (4, 9): 950, (5, 6): 983, (8, 9): 974}
"""Thousandths that an evaluation in double precision, with another program, gave; and F(x) = 0 below."""
ZEROS = {(1, 7): 1, (2, 3): 3, (4, 9): 6, (5, 6): 6, (8, 9): 5}


def by_hand(network: Any, test: Images, pair: tuple[int, int]) -> tuple[int, int, int]:
    """Return how many are right, zero and negative, image by image with fractions."""
    right = zero = negative = 0
    for x, label in zip(test.pixels.tolist(), test.labels.tolist(), strict=True):
        if label in pair:
            (value,) = evaluate(network, x)
            right += value > 0 if label == pair[1] else value < 0
            zero += value == 0
            negative += value < 0
    return right, zero, negative


def test_the_counts_of_the_cells_are_those_of_the_built_network() -> None:
    pair = (3, 8)
    found = generalization.cells(SMALL, UNSEEN, pair, 6)
    rows = np.concatenate([SMALL.rows(k, 6) for k in pair])
    made = build(SMALL.dataset(rows), "yu-gao-zhang-miao-cells")
    result = found.result
    assert (result.right, result.zero, result.negative) == by_hand(made.network, UNSEEN, pair)
    assert (result.trained, result.tested, result.smaller) == (12, 40, 20)
    assert len(found.missed) == 40 - result.right
    for missed in found.missed:
        (value,) = evaluate(made.network, UNSEEN.pixels[missed.row].tolist())
        assert Fraction(missed.score, 100) == value
        assert missed.label == UNSEEN.labels[missed.row]
        assert value <= 0 if missed.label == pair[1] else value >= 0


@pytest.mark.parametrize("construction", [name for _, name in generalization.MEMORIZERS])
def test_the_counts_of_a_memorizer_are_those_of_the_built_network(construction: str) -> None:
    pair = (2, 5)
    found = generalization.memorized(SMALL, UNSEEN, pair, 5, construction)
    rows = np.sort(np.concatenate([SMALL.rows(k, 5) for k in pair]))
    made = build(SMALL.dataset(rows), construction, rule="sign")
    assert (found.right, found.zero, found.negative) == by_hand(made.network, UNSEEN, pair)
    assert found.accuracy == Fraction(found.right, 40)


def test_a_memorizer_is_right_on_what_it_memorizes() -> None:
    for name in (name for _, name in generalization.MEMORIZERS):
        found = generalization.memorized(SMALL, SMALL, (0, 9), 12, name)
        assert (found.right, found.tested) == (24, 24)


def test_data_without_the_labels_are_refused() -> None:
    fives = Images("fives", SMALL.pixels[SMALL.labels == 5], SMALL.labels[SMALL.labels == 5])
    with pytest.raises(DatasetError, match="expected images of the labels 0 and 1, got none"):
        generalization.cells(SMALL, fives, (0, 1), 3)
    with pytest.raises(UsageError, match="expected 13 images of label 0, got 12"):
        generalization.cells(SMALL, UNSEEN, (0, 1), 13)


def test_both_data_sets_are_evaluated_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digits, colours = tmp_path / "mnist", tmp_path / "cifar"
    digits.mkdir()
    colours.mkdir()
    mnist_folder(digits, 120, 60)
    cifar_folder(colours, 20)
    words = ["experiment", "generalization", "--mnist", str(digits), "--cifar", str(colours)]
    words += ["--digit-images", "6", "--class-images", "8", "--draws", "2", "-o", str(tmp_path / "out.json")]
    assert main(words) == 0
    told = " ".join(capsys.readouterr().out.split())
    for title in ("Table 1: Theorem 7.3", "Table 2: Theorem 7.3", "Table 4:", "by the choice of training"):
        assert title in told
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [len(data[f"table_{k}"]["pairs"]) for k in (1, 2)] == [45, 45]
    assert list(data["table_1"]["draws"]) == ["0", "1"]
    assert set(data["table_4"]) == {"M1", "M2", "M3"}
    first = data["table_2"]["pairs"][0]
    assert (first["pair"], first["trained"], first["tested"]) == ([0, 1], 16, 4)
    train, test = mnist(str(digits))
    found = generalization.cells(train, test, (4, 9), 6).result
    assert data["table_4"]["M1"]["pairs"][2]["right"] == found.right
    assert "M1 yu-gao-zhang-miao-cells" in told


def folder() -> Path | None:
    places = [os.environ.get("MEMCERT_MNIST"), Path(__file__).parents[3] / "shared" / "data" / "mnist"]
    found = (Path(p) for p in places if p and (Path(p) / "train-images-idx3-ubyte.gz").is_file())
    return next(found, None)


@pytest.mark.skipif(folder() is None, reason="MNIST is not there; MEMCERT_MNIST names its folder")
@pytest.mark.parametrize("pair", [(4, 9), (8, 9)])
def test_mnist_agrees_with_an_independent_evaluation(pair: tuple[int, int]) -> None:
    train, test = mnist(str(folder()))
    found = generalization.cells(train, test, pair, 500).result
    assert round(found.accuracy * 1000) == INDEPENDENT[pair]
    assert round(Fraction(found.zero, found.tested) * 1000) == ZEROS[pair]


def test_the_committed_results_agree_with_the_independent_evaluation() -> None:
    path = Path(__file__).parents[2] / "benchmarks" / "results" / "generalization.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    assert len(data["table_1"]["pairs"]) == 45
    for record in data["table_4"]["M1"]["pairs"]:
        pair = tuple(record["pair"])
        assert round(Fraction(record["accuracy"]) * 1000) == INDEPENDENT[pair]
        assert round(Fraction(record["zero"], record["tested"]) * 1000) == ZEROS[pair]
        assert len(record["missed"]) == record["tested"] - record["right"]


def test_the_document_shows_the_committed_figures() -> None:
    root = Path(__file__).parents[2]
    found = json.loads((root / "benchmarks" / "results" / "generalization.json").read_text(encoding="utf-8"))
    document = (root / "docs" / "experiments.md").read_text(encoding="utf-8")
    for record in found["table_1"]["pairs"]:
        line = next(text for text in document.splitlines() if text.startswith(f"| **{record['pair'][0]}** |"))
        shown = line.split("|")[2 + record["pair"][1]].strip()
        assert shown == f"{round(Fraction(record['accuracy']) * 1000) / 1000:.3f}"
    rows = [
        text.split("|") for text in document.splitlines() if text.startswith("|  | right, of the test images")
    ]
    for cells, name in zip(rows, ("M1", "M2", "M3"), strict=True):
        counts = [f"{record['right']}/{record['tested']}" for record in found["table_4"][name]["pairs"]]
        assert [cell.strip() for cell in cells[3:-1]] == counts


@pytest.mark.parametrize("name", ["M1", "M2", "M3"])
def test_the_papers_row_is_compared_pair_by_pair(name: str) -> None:
    assert len(generalization.PAPER[name]) == len(generalization.CHOSEN)
