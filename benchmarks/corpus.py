"""The must-fail corpus, each file in a process of its own: exit status, time and peak memory of its refusal.

Run: python benchmarks/corpus.py. What is expected stands beside each file (tests/corrupted/README.md);
what is long is made here. Exits with 1 if a status is another, or a refusal takes more than 2 s or 300 MB.
Writes benchmarks/results/corpus.json and the table of docs/evidence.md.
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "corrupted"))

from hostile import LONG
from make import CORPUS, FOLDER
from measuring import Run, run, save
from tables import between, table

DOCUMENT = Path(__file__).parents[1] / "docs" / "evidence.md"
SECONDS, MEGABYTES = 2, 300


def expected(path: Path) -> dict[str, str]:
    """Return what stands in an .expected file."""
    return dict(line.split(": ", 1) for line in path.read_text(encoding="utf-8").splitlines())


def cases(scratch: Path) -> Iterator[tuple[str, str, int, list[str]]]:
    """Yield folder, name, exit status and command line of each file."""
    for folder in CORPUS:
        for path in sorted((FOLDER / folder).glob("*.expected")):
            found = expected(path)
            if path.stem in LONG:
                certificate = scratch / path.stem
                certificate.write_bytes(LONG[path.stem][3]())
            else:
                packed = path.with_suffix(".json.gz")
                certificate = packed if packed.exists() else path.with_suffix(".json")
            kernel = [sys.executable, "-m", "memcert.kernel", str(certificate)]
            data = path.with_suffix(".data")
            prove = [sys.executable, "-m", "memcert", "prove", str(certificate)]
            words = prove if found["command"] == "prove" else kernel + [str(data)] * data.exists()
            yield folder, path.stem, int(found["status"]), words


def main() -> None:
    """Run all, print the table, write it down."""
    wrong: list[str] = []
    runs: dict[tuple[str, str], list[Run]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        for folder, stem, status, words in cases(Path(name)):
            done = run(words, Path(name) / "log")
            runs[folder, words[2]].append(done)
            within = done.processor_seconds <= SECONDS and done.megabytes <= MEGABYTES
            if done.status != status or not within:
                used = f"{done.processor_seconds:.2f} s, {done.megabytes:.0f} MB"
                wrong.append(f"{folder}/{stem}: exit {done.status}, expected {status}; {used}")
                print(wrong[-1], flush=True)
    head = ("files", "refused by", "number", "longest", "most memory")
    rows = [
        (
            f"`{folder}`",
            f"`python -m {module}`",
            len(found),
            f"{max(one.processor_seconds for one in found):.2f} s",
            f"{max(one.megabytes for one in found):.0f} MB",
        )
        for (folder, module), found in sorted(runs.items())
    ]
    text = table(head, rows)
    print(text)
    save("corpus", {"rows": rows, "wrong": wrong})
    between(DOCUMENT, "corpus", text)
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
