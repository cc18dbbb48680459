from pathlib import Path

from memcert.formats.reading import read_dataset


def csv(folder: Path, content: str | bytes, name: str = "data.csv") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def test_integers_and_the_last_column_as_label(tmp_path: Path) -> None:
    data = read_dataset(csv(tmp_path, "a,b,c\n1,2,3\n4,5,6\n"))
    assert data.columns == ("a", "b")
    assert data.numerators.tolist() == [[1, 2], [4, 5]]
    assert data.labels == (3, 6)
