"""Crash safety: commands are killed (SIGKILL) at random moments; every file is whole afterwards, old or new.

Run: python benchmarks/kills.py [--kills 240] [--seed 0]. Half of the kills fall anywhere in a command's
time, half in its last third, where files are written; half of them find an older file in the place of
the new one. A file that is neither the old one nor that of an undisturbed run, byte for byte, is torn.
Exits with 1 if one is. Writes benchmarks/results/kills.json and the table of docs/evidence.md.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from measuring import save
from tables import between, table

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "evidence.md"
OLD = b"an older file\n"


@dataclass(frozen=True)
class Work:
    """A command, run in an empty folder, and the files that it writes there, the same in every run."""

    name: str
    words: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Undisturbed:
    """What a run to the end wrote, and the seconds that it took."""

    files: Mapping[str, bytes]
    seconds: float


def works(folder: Path) -> Sequence[Work]:
    """Return the commands; what they read is written into `folder` first."""
    data = str(ROOT / "tests" / "data" / "iris.csv")
    model = folder / "model.onnx"
    model.write_bytes(small_model())
    verify = ("verify", str(model), data, "--rule", "argmax", "--classes", "setosa,versicolor,virginica")
    return (
        Work("build", ("build", data, "-o", "c.json"), ("c.json",)),
        Work("build, packed", ("build", data, "-o", "c.json.gz"), ("c.json.gz",)),
        Work("verify", (*verify, "-o", "v.json"), ("v.json",)),
    )


def small_model() -> bytes:
    """Return an ONNX file of a network 4-8-3 with small integer weights."""
    import numpy as np
    from onnx import helper, numpy_helper

    generator = np.random.Generator(np.random.PCG64(1))

    def weights(name: str, *shape: int) -> Any:
        return numpy_helper.from_array(generator.integers(-3, 4, shape).astype(np.float32), name)

    nodes = [
        helper.make_node("Gemm", ["x", "w", "b"], ["h"], name="hidden"),
        helper.make_node("Relu", ["h"], ["r"], name="relu"),
        helper.make_node("Gemm", ["r", "v", "c"], ["y"], name="output"),
    ]
    given = helper.make_tensor_value_info("x", 1, ["N", 4])
    made = helper.make_tensor_value_info("y", 1, ["N", 3])
    stored = [weights("w", 4, 8), weights("b", 8), weights("v", 8, 3), weights("c", 3)]
    graph = helper.make_graph(nodes, "g", [given], [made], stored)
    content: bytes = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString()
    return content


def started(work: Work, folder: Path) -> subprocess.Popen[bytes]:
    """Start a command in a folder."""
    words = [sys.executable, "-m", "memcert", *work.words, "--quiet"]
    return subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def undisturbed(work: Work, folder: Path) -> Undisturbed:
    """Run a command to its end. Raises: SystemExit, if it writes nothing."""
    start = time.perf_counter()
    started(work, folder).wait()
    seconds = time.perf_counter() - start
    missing = [name for name in work.files if not (folder / name).exists()]
    if missing:
        raise SystemExit(f"{work.name}: wrote no {missing}")
    return Undisturbed({name: (folder / name).read_bytes() for name in work.files}, seconds)


def killed(work: Work, whole: Undisturbed, chance: Random, folder: Path) -> tuple[str, list[str]]:
    """Kill a command at a random moment; return what was found, and the names of torn files."""
    older = chance.random() < 0.5
    for name in work.files if older else ():
        (folder / name).write_bytes(OLD)
    first = 0.0 if chance.random() < 0.5 else 0.67
    process = started(work, folder)
    time.sleep(whole.seconds * chance.uniform(first, 1.05))
    process.send_signal(signal.SIGKILL)
    ended = process.wait() != -signal.SIGKILL
    torn = []
    found = set()
    for name in work.files:
        path = folder / name
        content = path.read_bytes() if path.exists() else None
        state = {OLD if older else None: "old", whole.files[name]: "new"}.get(content)
        found.add(state or "torn")
        if state is None:
            torn.append(f"{work.name}: {name}, {len(content or b'')} bytes")
    left = [path.name for path in folder.iterdir() if path.name not in work.files]
    torn += [f"{work.name}: unknown file {name}" for name in left if not name.endswith(".tmp")]
    words = "ended before the signal" if ended else f"killed, {' and '.join(sorted(found))}"
    return words + (", temporary file left" if left else ""), torn


def killing(kills: int, seed: int) -> tuple[dict[str, Counter[str]], list[str]]:
    """Kill commands so many times; return what was found, a command, and what was torn."""
    chance = Random(seed)  # noqa: S311 - the same moments in every run
    counts: dict[str, Counter[str]] = {}
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        listed, wholes = works(base), {}
        for work in listed:
            place = base / "whole" / work.name
            place.mkdir(parents=True)
            wholes[work.name] = undisturbed(work, place)
        done = tried = 0
        while done < kills:
            work = listed[tried % len(listed)]
            place = base / "killed"
            place.mkdir()
            words, torn = killed(work, wholes[work.name], chance, place)
            shutil.rmtree(place)
            counts.setdefault(work.name, Counter())[words] += 1
            wrong += torn
            tried += 1
            done += not words.startswith("ended")
            print(f"{done} of {kills}: {work.name}: {words}", *torn, sep="\n", file=sys.stderr)
    return counts, wrong


def main() -> None:
    """Kill, print what was found, write it down."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=240)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    counts, wrong = killing(options.kills, options.seed)
    kinds = sorted({words for found in counts.values() for words in found})
    rows = [(name, *(found[kind] for kind in kinds)) for name, found in counts.items()]
    text = f"{table(('command', *kinds), rows)}\n\nTorn files: {len(wrong)}."
    print(text, *wrong, sep="\n")
    save("kills", {"kills": options.kills, "found": {k: dict(v) for k, v in counts.items()}, "torn": wrong})
    between(DOCUMENT, "kills", text)
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
