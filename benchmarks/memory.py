"""How much memory `memcert verify` and `check --dataset` take as the rows become more.

Run: python benchmarks/memory.py [--rows 100000 400000 1600000]; needs the extras onnx and parquet. The
network (20-64-10, float32) and the rows (20 integers below 256, labelled by the network in float64) come
from seeds. Each command runs in a process of its own; its largest resident memory counts, without that of
its children. A process counts what its parent held when it was started, so that this one stays small: files
are written by others.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from measuring import run, save
from tables import between, table

DOCUMENT = Path(__file__).parents[1] / "docs" / "verify.md"
INPUTS, HIDDEN, OUTPUTS = 20, 64, 10
AT_ONCE = 100_000
ROWS = (100_000, 400_000, 1_600_000)


def weights() -> list[Any]:
    """Return the two matrices."""
    import numpy as np

    generator = np.random.default_rng(7)
    return [generator.normal(size=shape).astype("f4") for shape in ((INPUTS, HIDDEN), (HIDDEN, OUTPUTS))]


def rows(count: int) -> Iterator[tuple[Any, Any]]:
    """Yield points and labels, some at a time."""
    import numpy as np

    generator = np.random.default_rng(count)
    first, last = (part.astype(np.float64) for part in weights())
    for start in range(0, count, AT_ONCE):
        points = generator.integers(0, 256, (min(AT_ONCE, count - start), INPUTS))
        yield points, np.argmax(np.maximum(points @ first, 0) @ last, axis=1)


def write_network(path: Path, _count: int) -> None:
    """Write the network."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from onnx_models import model, node, saved, stored

    nodes = [node("MatMul", "xw", "h"), node("Relu", "h", "r"), node("MatMul", "rv", "y")]
    first, last = weights()
    saved(model(nodes, [stored("w", first), stored("v", last)], INPUTS), path.parent, path.name)


def write_csv(path: Path, count: int) -> None:
    """Write the rows as text."""
    import numpy as np

    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(f"x{i}" for i in range(INPUTS)) + ",label\n")
        for points, labels in rows(count):
            lines = np.column_stack([points, labels]).tolist()
            file.write("".join(",".join(map(str, line)) + "\n" for line in lines))


def write_npz(path: Path, count: int) -> None:
    """Write the rows as arrays of numpy."""
    import numpy as np

    parts = list(rows(count))
    np.savez(path, X=np.concatenate([x for x, _ in parts]), y=np.concatenate([y for _, y in parts]))


def write_parquet(path: Path, count: int) -> None:
    """Write the rows as Parquet, a row group for each AT_ONCE."""
    import pyarrow
    import pyarrow.parquet

    writer = None
    for points, labels in rows(count):
        part = pyarrow.table({f"x{i}": points[:, i] for i in range(INPUTS)} | {"label": labels})
        writer = writer or pyarrow.parquet.ParquetWriter(path, part.schema)
        writer.write_table(part)
    if writer is not None:
        writer.close()


WRITERS = {"csv": write_csv, "npz": write_npz, "parquet": write_parquet, "onnx": write_network}


def written(folder: Path, kind: str, count: int) -> str:
    """Write a file in a process of its own; return its path."""
    path = folder / f"{count}.{kind}"
    process = get_context("spawn").Process(target=WRITERS[kind], args=(path, count))
    process.start()
    process.join()
    if process.exitcode != 0:
        raise SystemExit(f"{path.name} was not written")
    return str(path)


def megabytes(words: list[str], folder: Path) -> tuple[int, float]:
    """Run a command of memcert; return its largest memory in megabytes, and its seconds."""
    found = run([sys.executable, "-m", "memcert", *words], folder / "log")
    if found.status != 0:
        raise SystemExit(f"{' '.join(words)}: status {found.status}\n{found.output}")
    return round(found.megabytes), round(found.seconds, 1)


def measured(count: int, folder: Path) -> dict[str, tuple[int, float]]:
    """Run every command on so many rows."""
    model, data = written(folder, "onnx", 0), written(folder, "csv", count)
    certificate, listing = str(folder / "c.json"), str(folder / "rows.jsonl")
    verify = ["verify", model, data, "--rule", "argmax", "-q"]
    commands = {
        "verify": verify,
        "verify --per-row": [*verify, "--per-row", listing],
        "verify --jobs 2": [*verify, "--jobs", "2"],
        "verify -o --detach": [*verify, "-o", certificate, "--detach"],
        "check --dataset": ["check", certificate, "--dataset", data, "-q"],
    }
    found = {name: megabytes(words, folder) for name, words in commands.items()}
    for name, kind in {"NPZ": "npz", "Parquet": "parquet"}.items():
        other = written(folder, kind, count)
        found[f"verify, {name}"] = megabytes(["verify", model, other, "--rule", "argmax", "-q"], folder)
        Path(other).unlink()
    Path(data).unlink()
    return found


def main() -> None:
    """Measure, and write the table into docs/verify.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    counts = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        found = {count: measured(count, Path(name)) for count in counts}
    lines = [[what, *(f"{found[count][what][0]} MB" for count in counts)] for what in found[counts[0]]]
    text = table(["largest memory", *(f"{count:,} rows" for count in counts)], lines)
    print(text)
    save("memory", {"rows": {str(count): figures for count, figures in found.items()}})
    if counts == list(ROWS):
        between(DOCUMENT, "memory", text)


if __name__ == "__main__":
    main()
