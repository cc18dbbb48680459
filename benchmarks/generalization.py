"""Run `memcert experiment generalization` on MNIST, keep its figures, write them into docs/experiments.md.

    python benchmarks/generalization.py MNIST   # runs; figures to results/generalization.json
    python benchmarks/generalization.py         # writes the document's tables from that file

The first run takes every pair of digits three times (the first 500 images of each, and two draws).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from measuring import RESULTS, run, save

from memcert.reports.generalization import decimals

DOCUMENT = Path(__file__).parents[1] / "docs" / "experiments.md"
BEGIN, END = "<!-- figures of benchmarks/generalization.py -->", "<!-- end of figures -->"
DRAWS = 2


def measure(mnist: str) -> None:
    """Run the command in a process of its own and save what it found with what it took."""
    with tempfile.TemporaryDirectory() as folder:
        output, log = Path(folder) / "found.json", Path(folder) / "log"
        words = ["-m", "memcert", "experiment", "generalization", "--mnist", mnist, "-o", str(output)]
        done = run([sys.executable, *words, "--draws", str(DRAWS)], log)
        if done.status:
            raise SystemExit(done.output)
        found = json.loads(output.read_text(encoding="utf-8"))
    cost = {
        "seconds": round(done.seconds, 1),
        "processor_seconds": round(done.processor_seconds, 1),
        "megabytes": round(done.megabytes),
    }
    save("generalization", {"command": f"--draws {DRAWS}", "cost": cost, **found})


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the document's figures, line by line."""
    yield from matrix(found["table_1"])
    yield ""
    yield from memorizers(found["table_4"])
    yield ""
    yield from choices(found)
    cost, machine = found["cost"], found["machine"]
    yield ""
    yield (
        f"All of it, {1 + DRAWS} times 45 pairs and ten networks: {cost['processor_seconds']:.0f} s of "
        f"processor time ({cost['seconds']:.0f} s on a machine with other work), {cost['megabytes']} MB, on "
        f"{machine['processor']}, {machine['cores']} cores; numpy {machine['numpy']}."
    )


def share(record: Mapping[str, Any]) -> str:
    """Return a record's accuracy with three decimals."""
    return decimals(Fraction(record["accuracy"]))


def row(cells: Sequence[str]) -> str:
    """Return one line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def matrix(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield Table 1."""
    shares = {tuple(record["pair"]): share(record) for record in table["pairs"]}
    labels = range(10)
    yield row(["digit", *map(str, labels)])
    yield row(["---"] * 11)
    for i in labels:
        yield row([f"**{i}**", *(shares.get((min(i, j), max(i, j)), "-") for j in labels)])


def memorizers(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield Table 4, the paper's rows below ours."""
    pairs = [record["pair"] for record in table["M1"]["pairs"]]
    yield row(["", "pair", *(f"{a}, {b}" for a, b in pairs)])
    yield row(["---"] * (2 + len(pairs)))
    for name, found in table.items():
        records = found["pairs"]
        yield row([f"**{name}**", f"`{found['construction']}`, exactly", *(share(r) for r in records)])
        exact = (f"{r['right']}/{r['tested']}" for r in records)
        yield row(["", "right, of the test images", *exact])
        yield row(["", "in the paper", *(f".{cents}" for cents in found["paper_per_cent"])])
        yield row(["", "F(x) = 0, counted as wrong", *(str(r["zero"]) for r in records)])
        told = (decimals(Fraction(r["negative"], r["tested"])) for r in records)
        yield row(["", "share told as the smaller digit", *told])
    smaller = (decimals(Fraction(r["smaller"], r["tested"])) for r in table["M1"]["pairs"])
    yield row(["", "share that is the smaller digit", *smaller])


def choices(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the pairs of Table 4 by the choice of training images."""
    chosen = [record["pair"] for record in found["table_4"]["M1"]["pairs"]]
    yield row(["training images", *(f"{a}, {b}" for a, b in chosen)])
    yield row(["---"] * (1 + len(chosen)))
    table = found["table_1"]
    for name, records in {"first 500": table["pairs"], **table["draws"]}.items():
        shares = {tuple(record["pair"]): share(record) for record in records}
        title = name if name.startswith("first") else f"500 drawn with seed {name}"
        yield row([title, *(shares[tuple(pair)] for pair in chosen)])


def with_figures(document: str, found: Mapping[str, Any]) -> str:
    """Return the document with these figures between its marks."""
    before, _, rest = document.partition(BEGIN)
    after = rest.partition(END)[2]
    return "\n".join([before + BEGIN, *lines(found), END]) + after


def main() -> None:
    """Run if a folder is given; then write the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mnist", nargs="?", help="the folder of MNIST's four files")
    folder = parser.parse_args().mnist
    if folder:
        measure(folder)
    found = json.loads((RESULTS / "generalization.json").read_text(encoding="utf-8"))
    document = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_figures(document, found), encoding="utf-8")


if __name__ == "__main__":
    main()
