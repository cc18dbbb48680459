"""The generalization experiment in tables, as the paper lays them out.

UNTRUSTED. Accuracies are rounded to three decimals for reading; the fractions are in the data.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from memcert.reports.text import table

ROUNDING = (
    "Three decimals, rounded to the nearest; F = 0 counts as wrong. The exact fractions are in the JSON."
)


def report(data: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the tables that `data` holds, as `memcert.experiments.records` lays it out. Raises: never."""
    if "table_1" in data:
        yield _matrix("Table 1", data["table_1"])
        yield from _draws(data["table_1"])
    if "table_2" in data:
        yield _matrix("Table 2", data["table_2"])
    if "table_4" in data:
        yield _rows(data["table_4"])
    yield ROUNDING


def decimals(value: Fraction) -> str:
    """Return a share with three decimals, rounded to the nearest, ties to even. Raises: never."""
    thousandths = round(value * 1000)
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"


def _share(record: Mapping[str, Any]) -> str:
    return decimals(Fraction(record["accuracy"]))


def _matrix(title: str, found: Mapping[str, Any]) -> Any:
    shares = {tuple(record["pair"]): _share(record) for record in found["pairs"]}
    labels = sorted({label for pair in shares for label in pair})
    rows = [[str(i), *(shares.get((min(i, j), max(i, j)), "-") for j in labels)] for i in labels]
    head = f"{title}: Theorem 7.3, {found['images']}, {found['trained_a_label']:,} a label; test accuracy"
    return table(head, ("label", *(f"#{label}" for label in labels)), rows)


def _draws(found: Mapping[str, Any]) -> Iterator[Any]:
    drawn = found.get("draws", {})
    if drawn:
        series = {"first": found["pairs"], **{f"seed {seed}": records for seed, records in drawn.items()}}
        pairs = ["-".join(map(str, record["pair"])) for record in found["pairs"]]
        rows = zip(
            pairs, *([_share(record) for record in records] for records in series.values()), strict=True
        )
        yield table("Table 1 by the choice of training images", ("pair", *(f"#{s}" for s in series)), rows)


def _rows(found: Mapping[str, Any]) -> Any:
    rows: list[tuple[str, ...]] = []
    for name, row in found.items():
        records = row["pairs"]
        rows += [
            (name, row["construction"], *(_share(record) for record in records)),
            ("", "  printed in the paper", *(f"0.{cents}" for cents in row["paper_per_cent"])),
            ("", "  F = 0", *(decimals(Fraction(r["zero"], r["tested"])) for r in records)),
            ("", "  told as the smaller", *(decimals(Fraction(r["negative"], r["tested"])) for r in records)),
        ]
    first = next(iter(found.values()))["pairs"]
    rows.append(
        ("", "smaller label's share", *(decimals(Fraction(r["smaller"], r["tested"])) for r in first))
    )
    columns = ("", "memorizer", *("#" + ", ".join(map(str, record["pair"])) for record in first))
    return table("Table 4: three memorizers on five pairs; test accuracy", columns, rows)
