"""What a data file holds, in lines and as data."""

from pathlib import Path

from memcert.inspection import inspect
from memcert.reports.holdings import as_data, buildable, facts, problems


def _file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "d.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_facts_of_sound_data(tmp_path: Path) -> None:
    found = inspect(_file(tmp_path, "a,b,label\n1,1/2,x\n4,-0.25,y\n1,0.5,x\n"))
    told = dict(facts(found))
    assert told["rows"] == "3"
    assert told["label column"] == "'label'"
    assert told["coordinates"] == "2, up to 4 bits, over 4"
    assert told["  'a'"] == "1 to 4"
    assert told["  'b'"] == "-1/4 to 1/2"
    assert told["labels"] == "2 different: 'x' (2), 'y' (1)"
    assert told["distinct points"] == "2"
    assert told["duplicates"] == "1, by rows: 0 = 2"
    assert told["contradictions"] == "none"
    assert told["separation"] == "squared, exactly 153/16"
    assert problems(found) == ()
    (row,) = [row for row in buildable(found) if row[0] == "vardi-yehudai-shamir"]
    assert row[1:3] == ("Theorem 3.1", "equal")
    assert as_data(found)["sound"] is True


def test_what_is_wrong_is_told_by_row(tmp_path: Path) -> None:
    found = inspect(_file(tmp_path, "a,label\n1,x\n1,y\nnan,x\n,x\n" + "7\n" * 30))
    told = dict(facts(found))
    assert told["rows"] == "34, 2 of them good"
    assert told["contradictions"] == "1, by rows: 0 = 1"
    lines = problems(found)
    assert lines[0] == "row 2 (line 4), column 'a': expected a finite number, got 'nan'"
    assert lines[1].startswith("row 3 (line 5), column 'a': expected a value, got none")
    assert len(lines) == 21
    assert lines[-1] == "... and 12 more"
    assert buildable(found) == ()
    value = as_data(found)
    assert (value["sound"], value["problem_count"]) == (False, 32)


def test_many_columns_and_classes_are_counted(tmp_path: Path) -> None:
    header = ",".join(f"c{j}" for j in range(25)) + ",label\n"
    rows = "".join(",".join(str(i * j) for j in range(25)) + f",{i}\n" for i in range(1, 30))
    told = dict(facts(inspect(_file(tmp_path, header + rows))))
    assert told["  ..."] == "5 more"
    assert told["labels"].startswith("29 different: 1 (1), 2 (1), ")
    assert told["labels"].endswith(", and 9 more")
