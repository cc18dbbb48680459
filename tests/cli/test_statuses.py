"""One table of exit statuses: every command, every argument that names a file, each way to be none."""

import json
from pathlib import Path

import pytest
from command_line import inside

from memcert.cli import experiment
from memcert.cli.app import COMMANDS

NNET = """// one layer: the first output is the first input, the second output the second
1,2,2,2,
2,2,
0,
-10,-10,
10,10,
0,0,0,
1,1,1,
1,0,
0,1,
0,
0,
"""
PROPERTY = """(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)(declare-const Y_1 Real)
(assert (<= X_0 1))(assert (>= Y_0 Y_1))
"""
READING = (
    "build BAD.csv -o out.json",
    "check BAD.json",
    "check five.json --dataset BAD.csv",
    "check five.json --dataset five.csv --labels BAD.csv",
    "check five.json --model BAD.nnet",
    "check five.json --boxes BAD.json",
    "prove BAD.json",
    "prove five.json --dataset BAD.csv",
    "prove five.json --model BAD.nnet",
    "verify BAD.nnet five.csv --rule equal",
    "verify net.nnet BAD.csv --rule argmax",
    "witness BAD.nnet p.vnnlib w.txt",
    "witness net.nnet BAD.vnnlib w.txt",
    "witness net.nnet p.vnnlib BAD.txt",
    "gate BAD.json --no-cache",
    "diff BAD.json five.json",
    "diff five.json BAD.json",
    "show BAD.json",
    "explain BAD.json --sample 0",
    "explain five.json --sample 0 --dataset BAD.csv",
    "report BAD.json -o out.html",
    "report five.json --result BAD.json -o out.html",
    "plot BAD.json --kind sizes -o out.svg",
    "bounds BAD.json",
    "bounds five.json --dataset BAD.csv",
    "evaluate BAD.json five.csv",
    "evaluate five.json BAD.csv",
    "inspect BAD.csv",
    "convert BAD.csv -o out.data",
    "export BAD.json -o out.smt2",
)
"""Command lines that read a file; BAD stands for one that is missing, a folder, or empty."""
NO_FILE = {"demo", "trust", "experiment"}
"""Commands that read no file of the user's, or folders only."""


@pytest.fixture
def folder(tmp_path: Path, five: Path, five_csv: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a file of each kind."""
    (tmp_path / "five.json").write_bytes(five.read_bytes())
    (tmp_path / "five.csv").write_bytes(five_csv.read_bytes())
    (tmp_path / "net.nnet").write_text(NNET, encoding="utf-8")
    (tmp_path / "p.vnnlib").write_text(PROPERTY, encoding="utf-8")
    (tmp_path / "w.txt").write_text("sat\n((X_0 0.5)\n(X_1 0.25))\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_table_names_every_command() -> None:
    assert {line.split()[0] for line in READING} | NO_FILE == set(COMMANDS)


@pytest.mark.parametrize(("kind", "status"), [("missing", 2), ("folder", 2), ("empty", 3)])
@pytest.mark.parametrize("line", READING)
def test_what_cannot_be_opened_is_2_and_what_is_empty_is_3_and_the_file_is_named(
    folder: Path, line: str, kind: str, status: int
) -> None:
    bad = next(word for word in line.split() if word.startswith("BAD"))
    if kind == "folder":
        (folder / bad).mkdir()
        # A folder is looked through by the gate; that it holds no certificate is a usage error as well.
    elif kind == "empty":
        (folder / bad).touch()
    done = inside(*line.split(), "--json")
    record = json.loads(done.stdout)
    assert (done.returncode, record["status"]) == (status, status), done.stdout + done.stderr
    if not line.startswith("gate"):
        assert bad in record["message"]
        assert done.stderr.splitlines()[-1].endswith(record["message"])
        if kind != "empty":
            assert f"{bad}' cannot be opened: " in record["message"]
    assert not list(folder.glob("out.*"))


@pytest.mark.parametrize(
    "command",
    [*(c for c in COMMANDS if c != "experiment"), *(f"experiment {n}" for n in experiment.EXPERIMENTS)],
)
def test_an_option_that_is_none_is_2_and_help_is_0(command: str) -> None:
    done = inside(*command.split(), "--no-such-option", "--json")
    assert done.returncode == 2
    record = json.loads(done.stdout)
    assert record["message"].startswith("No such option: --no-such-option")
    assert (record["command"], record["verdict"], record["status"]) == (command, "usage error", 2)
    assert inside(*command.split(), "--help").returncode == 0


def test_no_command_and_an_unknown_one_are_2() -> None:
    assert inside().returncode == 2
    assert inside("no-such-command").returncode == 2
    assert inside("experiment").returncode == 2
