"""Every construction through the commands alone: build, check by both engines, prove, explain, bounds.

Run: python benchmarks/commands.py. Small seeded data, every step a process of its own; then each refusal and
each evidence file, with the exit status that it must have. Prints Markdown, writes results/commands.json, and
ends with 1 if a step ended otherwise than stated.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from measuring import machine, run, save
from random_data import dataset, write_csv
from tables import table

from memcert.constructions.registry import constructions

MEMCERT = [sys.executable, "-m", "memcert"]
HOLDS, DOES_NOT_HOLD, USAGE, UNSUPPORTED = 0, 1, 2, 5


@dataclass(frozen=True)
class Case:
    """A construction with options on data; `text` is the file where the seeded data will not do."""

    options: str
    data: str
    text: str | None = None


@dataclass(frozen=True)
class Ended:
    """A command line after `memcert`, and how it ended."""

    command: str
    expected: int
    status: int
    told: str


def numbers(rows: Sequence[Sequence[object]], dimension: int) -> str:
    """Return a CSV with header."""
    head = [*(f"x{j}" for j in range(dimension)), "label"]
    return "\n".join(",".join(map(str, row)) for row in [head, *rows]) + "\n"


CLOSE = numbers([(i % 8 + 20 * k, i // 8, k) for k in (0, 1) for i in range(32)], 2)
LINE = numbers([(i * i, 1 if 5 <= i < 12 else 0) for i in range(20)], 1)
ALTERNATING = numbers([(i, i % 2) for i in range(4)], 1)
SEPARATED = numbers([(i, 3 * i % 7, 0) for i in range(9)] + [(i + 40, i, 1) for i in range(9)], 2)
MIXED = numbers([(0, 0, 0), (2, 2, 0), (0, 2, 1), (2, 0, 1)], 2)
COLLINEAR = numbers([(i, i, i % 2) for i in range(6)] + [(1, 0, 0)], 2)
REAL = numbers([(i, i * i % 11, f"{i}.{i}25") for i in range(20)], 2)
THREE = numbers([(i, i * i, i % 3) for i in range(12)], 2)
ONE = numbers([(i, i * i, 4) for i in range(12)], 2)
FORMULA = "p cnf 8 3\n1 2 3 4 5 6 0\n-1 2 -3 7 8 6 0\n3 -4 5 -6 7 -8 0\n"
SHORT = "p cnf 8 1\n1 2 3 0\n"

BUILT = [
    Case("vardi-yehudai-shamir", "ten"),
    Case("vardi-yehudai-shamir --sizing literal", "ten"),
    Case("vardi-yehudai-shamir --rule argmax", "ten"),
    Case("vardi-yehudai-shamir --depth 4", "ten"),
    Case("vardi-yehudai-shamir --bits 90 --split direct", "ten"),
    Case("vardi-yehudai-shamir --bits 90 --split paper", "ten"),
    Case("yu-gao-zhang-miao-width6", "two"),
    Case("yu-gao-zhang-miao-cover", "ten"),
    Case("yu-gao-zhang-miao-cover", "close", CLOSE),
    Case("yu-gao-zhang-miao-misleading", "two"),
    Case("yu-gao-zhang-miao-cells", "few"),
    Case("separable", "separated", SEPARATED),
    Case("interval", "line", LINE),
    Case("nae-sat", "formula.cnf", FORMULA),
    *(Case(f"two-layer --variant {name}", "two") for name in ("zhang", "merged", "bubeck", "baum")),
    Case("two-layer --variant bubeck --option groups=adaptive", "collinear", COLLINEAR),
    Case("two-layer --variant baum --option groups=adaptive", "collinear", COLLINEAR),
    Case("yun-sra-jadbabaie", "ten"),
    Case("park-lee-yun-shin", "ten"),
    Case("robust-boxes --radius 1/8", "close", CLOSE),
    Case("nagler-langer --width 7", "ten"),
    Case("nagler-langer --width 12", "ten"),
    Case("tent-keys", "two"),
    Case("tent-keys", "ten"),
    *(
        Case(f"smallest --measure {name}", "two")
        for name in ("parameters", "edges", "dense", "depth", "width", "bits")
    ),
]
NO_NETWORK = [Case("separable", "mixed", MIXED), Case("interval", "alternating", ALTERNATING)]
REFUSED = [
    (Case("vardi-yehudai-shamir --depth 0", "two"), UNSUPPORTED),
    (Case("vardi-yehudai-shamir --depth 1000", "two"), UNSUPPORTED),
    (Case("vardi-yehudai-shamir --bits 3", "two"), UNSUPPORTED),
    (Case("vardi-yehudai-shamir --rule within --tolerance 0", "real", REAL), USAGE),
    (Case("interval --rule within --tolerance 1", "line", LINE), USAGE),
    (Case("yu-gao-zhang-miao-width6", "three", THREE), UNSUPPORTED),
    (Case("yu-gao-zhang-miao-cells", "three", THREE), UNSUPPORTED),
    (Case("yu-gao-zhang-miao-misleading", "one", ONE), UNSUPPORTED),
    (Case("interval", "separated", SEPARATED), UNSUPPORTED),
    (Case("nae-sat", "short.cnf", SHORT), UNSUPPORTED),
    (Case("two-layer --variant bubeck", "collinear", COLLINEAR), UNSUPPORTED),
    (Case("two-layer --variant baum", "collinear", COLLINEAR), UNSUPPORTED),
    (Case("robust-boxes --radius 13/2", "close", CLOSE), UNSUPPORTED),
    (Case("nagler-langer --width 6", "two"), USAGE),
]


def within() -> list[Case]:
    """Return a case for each construction that takes the rule `within`."""
    found = [made for made in constructions().values() if "within" in made.rules and made.name != "smallest"]
    return [Case(f"{made.name} --rule within --tolerance 1/5", "real", REAL) for made in found]


def written(folder: Path, case: Case) -> str:
    """Return the path of a case's data, written if it is not there."""
    path = folder / (case.data if "." in case.data else f"{case.data}.csv")
    if not path.exists():
        if case.text is not None:
            path.write_text(case.text, encoding="ascii")
        else:
            size = 12 if case.data == "few" else 60
            write_csv(dataset(size, classes=10 if case.data == "ten" else 2), path)
    return str(path)


def ended(folder: Path, arguments: Sequence[str], expected: int) -> Ended:
    """Run one command; what is told of it is its last line."""
    done = run([*MEMCERT, *arguments], folder / "log")
    last = next((line.strip() for line in reversed(done.output.splitlines()) if line.strip()), "")
    command = " ".join(Path(word).name if word.startswith(str(folder)) else word for word in arguments)
    return Ended(command, expected, done.status, last.replace(str(folder) + "/", ""))


def build_of(folder: Path, case: Case) -> list[str]:
    """Return the words of a case's build."""
    return ["build", written(folder, case), "--construction", *case.options.split()]


def steps(folder: Path, case: Case) -> Iterator[Ended]:
    """Yield every step of a construction's way; all must hold."""
    certificate, data = str(folder / "c.json"), written(folder, case)
    yield ended(folder, [*build_of(folder, case), "-o", certificate], HOLDS)
    own = [] if data.endswith(".cnf") else ["--dataset", data]
    for words in (
        ["check", certificate, "--engine", "kernel", *own],
        ["check", certificate, "--engine", "fast", *own],
        ["prove", certificate, *own],
        ["explain", certificate, "--sample", "0", "-q"],
        ["bounds", certificate, "-q"],
    ):
        yield ended(folder, words, HOLDS)


def refusals(folder: Path) -> Iterator[Ended]:
    """Yield the builds that must not succeed, and the checks of evidence."""
    for case in NO_NETWORK:
        evidence = str(folder / "evidence.json")
        yield ended(folder, [*build_of(folder, case), "-o", evidence], DOES_NOT_HOLD)
        yield ended(folder, ["check", evidence, "--dataset", written(folder, case)], HOLDS)
        yield ended(folder, ["check", evidence, "--expect-rule", "sign"], DOES_NOT_HOLD)
    for case, status in REFUSED:
        yield ended(folder, [*build_of(folder, case), "-o", str(folder / "none.json")], status)
        if (folder / "none.json").exists():
            yield Ended(f"the file that `{case.options}` left", status, HOLDS, "a refused build leaves none")
            (folder / "none.json").unlink()


def main() -> None:
    """Print the table, write the result, end with 1 if a step ended otherwise than stated."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    ways, others = list[tuple[str, list[Ended]]](), list[Ended]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case in [*BUILT, *within()]:
            ways.append((f"{case.options} ({case.data})", list(steps(folder, case))))
            print(ways[-1][0], [step.status for step in ways[-1][1]], file=sys.stderr)
        others = list(refusals(folder))
    names = ["build", "check (kernel)", "check (fast)", "prove", "explain", "bounds"]
    print(table(["construction (data)", *names], [(way, *(s.status for s in found)) for way, found in ways]))
    print()
    print(table(["command", "status", "told"], [(s.command, s.status, s.told) for s in others]))
    save("commands", {"held": dict(ways_of(ways)), "refused": [asdict(step) for step in others]})
    every = [step for _, found in ways for step in found] + others
    wrong = [step for step in every if step.status != step.expected]
    for step in wrong:
        print(f"expected {step.expected}: {json.dumps(asdict(step))}", file=sys.stderr)
    print(f"\n{len(every)} commands, {len(wrong)} ended otherwise than stated; {machine()['processor']}")
    sys.exit(bool(wrong))


def ways_of(ways: Sequence[tuple[str, list[Ended]]]) -> Iterator[tuple[str, list[int]]]:
    """Yield the statuses of each way."""
    for name, found in ways:
        yield name, [step.status for step in found]


if __name__ == "__main__":
    main()
