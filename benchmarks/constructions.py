"""The README's table of constructions, and how long each takes at its natural size.

Run: python benchmarks/constructions.py [--quick] [--no-times]. Constructions come from the registry;
data are integer points below 10**6, d = 4, two and ten labels, but for those that refuse such data.
Writes both tables into README.md, and results/constructions.json.
"""

import argparse
import os
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from measuring import save
from random_data import dataset

from memcert.constructions.assemble import build, prepare
from memcert.constructions.option_values import resolved
from memcert.constructions.registry import Construction, Size, constructions
from memcert.datasets.dataset import Dataset
from memcert.datasets.reading import read_dataset
from memcert.errors import MemcertError
from memcert.exact.check import fast_check
from memcert.proofs.prove import prove

README = Path(__file__).parents[1] / "README.md"
TABLE = (
    "<!-- constructions: written by python benchmarks/constructions.py -->\n",
    "<!-- end of constructions -->",
)
TIMES = "<!-- times: written by python benchmarks/constructions.py -->\n", "<!-- end of times -->"
SHOWN = (1_000, 10_000)
"""The numbers of points in the README's table."""
NATURAL = {"tent-keys": 10_000, "yu-gao-zhang-miao-width6": 10_000, "two-layer": 10_000}
NATURAL |= {"yu-gao-zhang-miao-cells": 200, "nae-sat": 30}
"""Numbers of points at which build, check and proof are timed; 1,000 for all others."""
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "vardi-yehudai-shamir": (
        {"depth": 10},
        {"bits": 200, "split": "direct"},
        {"bits": 200, "split": "paper"},
    ),
    "two-layer": ({"variant": "bubeck"},),
}
"""Options of further rows of the table of times, at 1,000 points."""
CLAUSES_PER_VARIABLE = 5
T = TypeVar("T")


def line(size: int) -> Dataset:
    """Return points on the line of which an interval separates the labels."""
    points = np.arange(size, dtype=np.int64).reshape(size, 1) * 7
    return Dataset("line", None, points, 1, tuple(int(size // 3 < i < size // 2) for i in range(size)))


def halves(size: int) -> Dataset:
    """Return points whose label is the side of a plane through the origin."""
    points = np.random.default_rng(0).integers(-(10**6), 10**6, (size, 4))
    side = points @ np.array([3, -5, 7, 2])
    return Dataset("halves", None, points, 1, tuple(int(s > 0) for s in side.tolist()))


def formula(size: int) -> Dataset:
    """Return the reduction of a formula in `size` variables that a hidden assignment satisfies."""
    drawn = random.Random(0)  # noqa: S311 - the same formula in every run
    hidden = [drawn.choice((-1, 1)) for _ in range(size)]
    clauses: list[list[int]] = []
    while len(clauses) < CLAUSES_PER_VARIABLE * size:
        clause = [drawn.choice((-1, 1)) * v for v in drawn.sample(range(1, size + 1), 6)]
        if 0 < sum((literal > 0) == (hidden[abs(literal) - 1] > 0) for literal in clause) < 6:
            clauses.append(clause)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "formula.cnf"
        text = "".join(" ".join(map(str, [*clause, 0])) + "\n" for clause in clauses)
        path.write_text(f"p cnf {size} {len(clauses)}\n{text}", encoding="ascii")
        return read_dataset(str(path))


SPECIAL: dict[str, tuple[Callable[[int], Dataset], str]] = {
    "interval": (line, "d = 1"),
    "separable": (halves, "separable data"),
    "nae-sat": (formula, "N variables"),
}
"""Data for constructions that refuse random points, and the words for them."""


def data_for(made_by: Construction, size: int, classes: int) -> Dataset:
    """Return the data of a construction's row."""
    if made_by.name in SPECIAL:
        return SPECIAL[made_by.name][0](size)
    return dataset(size, classes=classes)


def rule_for(made_by: Construction, classes: int) -> str:
    """Return sign for two labels where it can be met, else the construction's own rule."""
    return "sign" if classes == 2 and "sign" in made_by.rules else made_by.rules[0]


def predicted(made_by: Construction, size: int, classes: int) -> Size | None:
    """Return the size by formula; None where the construction refuses."""
    if "equal" not in made_by.rules and classes > 2:
        return None
    try:
        task = prepare(data_for(made_by, size, classes), rule_for(made_by, classes))
        return made_by.predict(task, resolved(made_by, {}))
    except MemcertError as error:
        print(f"{made_by.name}, N = {size}, {classes} labels: {error}", flush=True)
        return None


def told(size: Size | None, measure: str) -> str:
    """Return one number of a size, or a dash."""
    return "-" if size is None else f"{getattr(size, measure):,}"


def short(source: str) -> str:
    """Return authors and years of a source, without titles."""
    papers = []
    for paper in source.split("; "):
        authors, _, title = paper.partition(": ")
        years = re.findall(r"\b(?:19|20)[0-9]{2}\b", title)
        papers.append(f"{authors} {years[-1]}" if years else authors)
    return "; ".join(papers)


def row(made_by: Construction, sizes: tuple[int, ...]) -> tuple[str, dict[str, Any]]:
    """Return the construction's line of the README's table, and its figures."""
    labels = (2,) if made_by.name in SPECIAL else (2, 10)
    found = {n: [predicted(made_by, n, c) for c in labels] for n in sizes}
    parameters = [" / ".join(told(s, "parameters") for s in found[n]) for n in sizes]
    first = next((s for s in found[sizes[0]] if s is not None), None)
    note = f" ({SPECIAL[made_by.name][1]})" if made_by.name in SPECIAL else ""
    shape = [told(first, "depth"), told(first, "width")]
    rules = ", ".join(f"`{rule}`" for rule in made_by.rules)
    head = [f"`{made_by.name}`", made_by.statement + note, short(made_by.source)]
    print(f"{made_by.name}: {parameters}", flush=True)
    figures = {"parameters": dict(zip(map(str, sizes), parameters, strict=True)), "shape": shape}
    return f"| {' | '.join([*head, *parameters, *shape, made_by.choose, rules])} |", figures


def table(sizes: tuple[int, ...]) -> tuple[str, dict[str, Any]]:
    """Return the table of constructions."""
    heads = [f"parameters, N = {n:,}" for n in sizes]
    columns = ["name", "theorem", "source", *heads, "depth", "width", "when to choose it", "rules"]
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    figures = {}
    for made_by in constructions().values():
        text, figures[made_by.name] = row(made_by, sizes)
        lines.append(text)
    words = (
        f"Nonzero parameters with two labels / with ten, d = 4, random integer points, default options; "
        f"depth and width at N = {sizes[0]:,} with two labels. -: refused."
    )
    return "\n".join([*lines, "", words, ""]), figures


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the processor seconds of one call, its processes included, and what it returned."""
    start = sum(os.times()[:4])
    result = work()
    return round(sum(os.times()[:4]) - start, 2), result


def measure(made_by: Construction, size: int, options: dict[str, Any]) -> tuple[Any, ...]:
    """Return (N, parameters, seconds to build, check, prove), or (N, why not)."""
    data, rule = data_for(made_by, size, 2), rule_for(made_by, 2)
    try:
        built, made = timed(lambda: build(data, made_by.name, rule, **options))
    except MemcertError as error:
        return size, str(error)
    checked, _ = timed(lambda: fast_check(made))
    proved, result = timed(lambda: prove(made))
    if result.verdict != "proved":
        raise SystemExit(f"{made_by.name}: {result.verdict}")
    return size, made.claim.parameters, built, checked, proved


def times(quick: bool) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield the figures of every construction but the portfolio."""
    for made_by in constructions().values():
        if not made_by.portfolio:
            size = NATURAL.get(made_by.name, 1_000)
            for n, options in ((size, {}), *((1_000, given) for given in VARIANTS.get(made_by.name, ()))):
                figures = measure(made_by, min(n, 100) if quick else n, options)
                name = " ".join([made_by.name, *(f"--{key} {value}" for key, value in options.items())])
                print(name, *figures, flush=True)
                yield name, figures


def times_table(found: dict[str, tuple[Any, ...]]) -> str:
    """Return the table of times."""
    lines = ["| construction | N | parameters | build | fast check | prove |", "|---|---|---|---|---|---|"]
    for name, (size, *rest) in found.items():
        if len(rest) == 1:
            lines.append(f"| {name} | {size:,} | {rest[0]} | | | |")
        else:
            seconds = " | ".join(f"{s:.2f} s" for s in rest[1:])
            lines.append(f"| {name} | {size:,} | {rest[0]:,} | {seconds} |")
    return "\n".join(
        [
            *lines,
            "",
            "Two labels, d = 4, processor seconds within one process: `python benchmarks/constructions.py`.",
            "",
        ]
    )


def replaced(text: str, marks: tuple[str, str], inner: str) -> str:
    """Return the text with what stands between the marks replaced."""
    before, found, rest = text.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not found or not end:
        raise SystemExit(f"README.md has no {marks[0].strip()} ... {marks[1]}")
    return f"{before}{found}\n{inner}\n{end}{after}"


def main() -> None:
    """Print, save, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes; README.md stays as it is")
    parser.add_argument("--no-times", action="store_true", help="only the table of constructions")
    options = parser.parse_args()
    sizes = (100, 200) if options.quick else SHOWN
    text, figures = table(sizes)
    seconds = {} if options.no_times else dict(times(options.quick))
    if options.quick:
        print(text, times_table(seconds), sep="\n")
        return
    readme = replaced(README.read_text(encoding="utf-8"), TABLE, text)
    if seconds:
        readme = replaced(readme, TIMES, times_table(seconds))
        print(f"saved: {save('constructions', {'sizes': figures, 'seconds': seconds})}")
    README.write_text(readme, encoding="utf-8")


if __name__ == "__main__":
    main()
