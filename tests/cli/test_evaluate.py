"""`memcert evaluate`: files in, tables and rows out, and what its exit status says."""

import csv
import gzip
import json
from fractions import Fraction
from pathlib import Path

import pytest
from naive_evaluator import evaluate as naive

from memcert.cli import main
from memcert.formats.certificates import read
from memcert.kernel.rational import parse

DATA = Path(__file__).parents[1] / "data" / "iris.csv"


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with cert.json, built on every other flower of iris, and test.csv, the other ones."""
    folder = tmp_path_factory.mktemp("halves")
    head, *rows = DATA.read_text(encoding="utf-8").splitlines()
    for name, part in (("train", rows[::2]), ("test", rows[1::2])):
        (folder / f"{name}.csv").write_text("\n".join([head, *part]) + "\n", encoding="utf-8")
    assert main(["build", str(folder / "train.csv"), "-o", str(folder / "cert.json"), "-q"]) == 0
    return folder


def test_the_accuracy_is_the_one_that_fractions_give(
    halves: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", str(halves / "cert.json"), str(halves / "test.csv"), "--json"]
    assert main([*words, "--per-row", str(halves / "rows.csv")]) == 0
    told = json.loads(capsys.readouterr().out)
    made = read(halves / "cert.json")
    classes = made.dataset.classes
    assert classes is not None
    lines = (halves / "test.csv").read_text(encoding="utf-8").splitlines()[1:]
    outputs = [naive(made.network, [Fraction(x) for x in line.split(",")[:-1]])[0] for line in lines]
    right = [classes.index(line.split(",")[-1]) == y for line, y in zip(lines, outputs, strict=True)]
    assert 0 < sum(right) < 75
    assert Fraction(told["accuracy"]) == Fraction(sum(right), 75)
    assert (told["rows"], told["right"], told["checked"]) == (75, sum(right), False)
    assert sum(entry["rows"] for entry in told["confusion"]) == 75
    with (halves / "rows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [Fraction(row["output"]) for row in rows] == outputs
    assert [row["holds"] == "1" for row in rows] == right
    assert [row["label"] for row in rows] == [line.split(",")[-1] for line in lines]


def test_it_says_that_it_is_no_check(halves: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(halves / "cert.json"), str(halves / "train.csv")]) == 0
    told = capsys.readouterr().out
    assert "holds on 75 of 75 rows, 1 = 100.00 %" in " ".join(told.split())
    assert "this is no check" in told
    assert "accepted" not in told


@pytest.mark.parametrize(("least", "status"), [("1", 1), ("0", 0), ("1/5", 0), ("0.999", 1)])
def test_the_least_accuracy_decides_the_exit_status(
    halves: Path, least: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "evaluate",
        str(halves / "cert.json"),
        str(halves / "test.csv"),
        "--min-accuracy",
        least,
        "--json",
    ]
    assert main(words) == status
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == status
    assert told["verdict"] == ("evaluated" if status == 0 else "evaluated: below --min-accuracy")


def test_rows_are_written_as_json_lines_packed_too(halves: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", str(halves / "cert.json"), str(halves / "test.csv"), "-q"]
    for name in ("rows.jsonl", "rows.json.gz"):
        assert main([*words, "--per-row", str(halves / name)]) == 0
    plain = (halves / "rows.jsonl").read_text(encoding="utf-8")
    assert gzip.decompress((halves / "rows.json.gz").read_bytes()).decode() == plain
    records = [json.loads(line) for line in plain.splitlines()]
    assert [record["row"] for record in records] == list(range(75))
    assert all(set(r) == {"row", "label", "output", "predicted", "holds", "margin"} for r in records)
    assert all(parse(record["output"]) >= 0 for record in records)
    assert capsys.readouterr().out == ""


def test_wrong_uses_are_refused(halves: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cert, test = str(halves / "cert.json"), str(halves / "test.csv")
    assert main(["evaluate", cert, test, "--per-row", str(halves / "rows.txt")]) == 2
    assert main(["evaluate", cert, test, "--min-accuracy", "2"]) == 2
    assert main(["evaluate", cert, str(halves / "nothing.csv")]) == 2
    (halves / "narrow.csv").write_text("a,label\n1,setosa\n", encoding="utf-8")
    assert main(["evaluate", cert, str(halves / "narrow.csv")]) == 4
    (halves / "other.csv").write_text(
        (halves / "test.csv").read_text(encoding="utf-8").replace("set", "SET").replace("v", "V"), "utf-8"
    )
    told = capsys.readouterr()
    assert main(["evaluate", cert, str(halves / "other.csv")]) == 3
    assert "expected labels of the certificate's" in capsys.readouterr().err
    assert "rows.txt" in told.err
    assert not (halves / "rows.txt").exists()


def test_many_labels_are_told_by_their_most_frequent_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = tmp_path / "train.csv"
    train.write_text("x,label\n" + "".join(f"{10 * k},name{k:02d}\n" for k in range(25)), encoding="utf-8")
    test = tmp_path / "test.csv"
    test.write_text("x,label\n" + "".join(f"{10 * k},name{k % 2:02d}\n" for k in range(25)), encoding="utf-8")
    assert main(["build", str(train), "-o", str(tmp_path / "c.json"), "-q"]) == 0
    assert main(["evaluate", str(tmp_path / "c.json"), str(test)]) == 0
    told = capsys.readouterr().out
    assert "Most frequent mistakes" in told
    assert "holds on 2 of 25" in " ".join(told.split())
