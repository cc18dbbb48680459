"""Crash safety: commands are killed (SIGKILL) at random moments; every file is whole afterwards, old or new.

Run: python benchmarks/kills.py [--kills 240] [--seed 0]. Half of the kills fall anywhere in a command's
time, half in its last third, where files are written; half of them find an older file in the place of
the new one. A file that is neither the old one nor that of an undisturbed run, byte for byte, is torn.
After a kill of the gate its cache must hold whole entries and a whole key, or none, and a certificate that
is then damaged must be refused by a gate that uses that cache. Exits with 1 if one is torn or believed.
Writes benchmarks/results/kills.json and the table of docs/evidence.md.
"""

import argparse
import json
import os
import re
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


SAMPLE = ROOT / "tests" / "gate" / "sample"
TIMES = re.compile(rb' time="[^"]*"')


@dataclass(frozen=True)
class Work:
    """A command, and the files that it writes, the same in every run but for times.

    Args:
        name: in the table.
        words: of the command line.
        files: that it writes into the current folder.
        tree: what is copied into that folder before.
    """

    name: str
    words: tuple[str, ...]
    files: tuple[str, ...]
    tree: Path | None = None


@dataclass(frozen=True)
class Undisturbed:
    """What a run to the end wrote, and the seconds that it took."""

    files: Mapping[str, bytes]
    seconds: float


def works(folder: Path) -> Sequence[Work]:
    """Return the commands; what they read is written into `folder` first."""
    data = str(ROOT / "tests" / "data" / "iris.csv")
    model, spec, found = (folder / name for name in ("model.onnx", "property.vnnlib", "witness.txt"))
    model.write_bytes(small_model())
    names = [*(f"X_{i}" for i in range(4)), *(f"Y_{i}" for i in range(3))]
    declared = "".join(f"(declare-const {name} Real)\n" for name in names)
    box = "".join(f"(assert (>= X_{i} 0))\n(assert (<= X_{i} 9))\n" for i in range(4))
    spec.write_text(f"{declared}{box}(assert (>= Y_0 Y_1))\n", encoding="utf-8")
    found.write_text("sat\n((X_0 9.5) (X_1 1) (X_2 1) (X_3 1))\n", encoding="utf-8")
    rule = ("--rule", "argmax", "--classes", "setosa,versicolor,virginica")
    five = str(ROOT / "certificates" / "five.json")
    boxes = ("--per-row", "r.jsonl", "--box", "1/100", "--box-rows", "0-9", "-o", "v.json")
    gate = ("gate", "--cache", "--jobs", "2", "--junit", "j.xml", "--sarif", "s.sarif")
    return (
        Work("build", ("build", data, "-o", "c.json"), ("c.json",)),
        Work("build, packed", ("build", data, "-o", "c.json.gz"), ("c.json.gz",)),
        Work(
            "verify, rows, boxes",
            ("verify", str(model), data, *rule, *boxes),
            ("v.json", "v.boxes.json", "r.jsonl"),
        ),
        Work("prove", ("prove", five, "-o", "p.json"), ("p.json",)),
        Work("export", ("export", five, "-o", "n.smt2"), ("n.smt2",)),
        Work("report", ("report", five, "-o", "r.html"), ("r.html",)),
        Work(
            "witness, repaired",
            ("witness", str(model), str(spec), str(found), "--repair", "-o", "w.txt"),
            ("w.txt",),
        ),
        Work("gate, cache", gate, ("j.xml", "s.sarif"), SAMPLE),
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
    """Start a command in the folder `work` of a folder; the user's state is beside it."""
    words = [sys.executable, "-m", "memcert", *work.words, "--quiet"]
    settings = {"XDG_STATE_HOME": str(folder / "state"), "PYTHONPATH": str(ROOT)}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        words, cwd=folder / "work", stdout=quiet, stderr=quiet, env={**os.environ, **settings}
    )


def prepared(work: Work, folder: Path) -> Path:
    """Make the current folder of a command, and return it."""
    place = folder / "work"
    if work.tree is None:
        place.mkdir(parents=True)
    else:
        shutil.copytree(work.tree, place)
    return place


def read(path: Path) -> bytes | None:
    """Return the content of a file without the times in it; None: there is none."""
    if not path.exists():
        return None
    content = TIMES.sub(b"", path.read_bytes())
    return re.sub(rb'"milliseconds": \d+', b"", content)


def undisturbed(work: Work, folder: Path) -> Undisturbed:
    """Run a command to its end. Raises: SystemExit, if it writes nothing."""
    place = prepared(work, folder)
    start = time.perf_counter()
    started(work, folder).wait()
    seconds = time.perf_counter() - start
    files = {name: content for name in work.files if (content := read(place / name)) is not None}
    missing = set(work.files) - set(files)
    if missing:
        raise SystemExit(f"{work.name}: wrote no {sorted(missing)}")
    return Undisturbed(files, seconds)


def killed(work: Work, whole: Undisturbed, chance: Random, folder: Path) -> tuple[str, list[str]]:
    """Kill a command at a random moment; return what was found, and what must not be."""
    place = prepared(work, folder)
    before = {path.relative_to(place) for path in place.rglob("*")}
    older = chance.random() < 0.5
    for name in work.files if older else ():
        (place / name).write_bytes(OLD)
    first = 0.0 if chance.random() < 0.5 else 0.67
    process = started(work, folder)
    time.sleep(whole.seconds * chance.uniform(first, 1.05))
    process.send_signal(signal.SIGKILL)
    ended = process.wait() != -signal.SIGKILL
    torn = []
    found = set()
    for name in work.files:
        content = read(place / name)
        state = {OLD if older else None: "old", whole.files[name]: "new"}.get(content)
        found.add(state or "torn")
        if state is None:
            torn.append(f"{work.name}: {name}, {len(content or b'')} bytes")
    now = {path.relative_to(place) for path in place.rglob("*")} - before - {Path(n) for n in work.files}
    torn += [f"{work.name}: unknown file {path}" for path in now if path.suffix != ".tmp"]
    if work.tree is not None:
        torn += damaged_cache(folder / "state" / "memcert")
        torn += believed(work, folder)
    words = "ended before the signal" if ended else f"killed, {' and '.join(sorted(found))}"
    return words + (", temporary file left" if now else ""), torn


def damaged_cache(state: Path) -> list[str]:
    """Return what is not whole of the gate's cache; a file under a temporary name is nobody's."""
    key = state / "gate.key"
    wrong = [] if not key.exists() or len(key.read_bytes()) == 32 else ["gate: the key is torn"]
    for entry in (state / "gate").glob("*.json"):
        try:
            whole = set(json.loads(entry.read_bytes())) == {"finding", "mac"}
        except ValueError:
            whole = False
        wrong += [] if whole else [f"gate: {entry.name} is torn"]
    return wrong


def believed(work: Work, folder: Path) -> list[str]:
    """Damage a certificate, and return what is wrong if a gate with the cache that was left passes it."""
    path = folder / "work" / "certificates" / "ramp.json"
    value = json.loads(path.read_bytes())
    value["digests"], label = {"dataset": None, "network": None}, value["network"]["layers"][-1]["bias"]
    label[0] = label[0] + 1 if isinstance(label[0], int) else 1
    path.write_text(json.dumps(value), encoding="utf-8")
    status = started(work, folder).wait()
    return [] if status == 1 else [f"gate: exit {status} on a damaged certificate"]


def killing(kills: int, seed: int, *names: str) -> tuple[dict[str, Counter[str]], list[str]]:
    """Kill commands, all or those, so many times; return what was found, a command, and what was torn."""
    chance = Random(seed)  # noqa: S311 - the same moments in every run
    counts: dict[str, Counter[str]] = {}
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        listed = [work for work in works(base) if not names or work.name in names]
        wholes = {}
        for work in listed:
            first, again = (undisturbed(work, base / run / work.name) for run in ("whole", "again"))
            if first.files != again.files:
                raise SystemExit(f"{work.name}: two runs write different files")
            wholes[work.name] = min(first, again, key=lambda run: run.seconds)
        done = tried = 0
        while done < kills:
            work = listed[tried % len(listed)]
            place = base / "killed"
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
