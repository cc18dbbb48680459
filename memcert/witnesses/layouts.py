"""Which witness belongs to which model and property: benchmark and result folders of the VNN competition.

UNTRUSTED. A benchmark is a folder with instances.csv (model, property, seconds). A tool's results lie in
TOOL/BENCHMARK/ or TOOL/YEAR_BENCHMARK/, each in a file called MODEL_PROPERTY.counterexample, gzipped or not.
"""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from memcert.errors import UsageError
from memcert.formats.files import read_bounded
from memcert.kernel.verdict import shown
from memcert.witnesses.refusals import SpecificationError

INSTANCES = "instances.csv"
SUFFIX = ".counterexample"
SUFFIXES = (SUFFIX, ".cex", ".txt", ".out")
"""What names of witness files end in, before `.gz`."""
_VERSION = re.compile(r"[0-9]+\.[0-9]+", re.ASCII)
_NAMED = re.compile(r"\(\s*'([^']*)'\s*,\s*'([^']*)'\s*\)")


@dataclass(frozen=True, slots=True)
class Instance:
    """A line of instances.csv.

    Args:
        models: paths by the name of the network; "" is for the one of a line without names.
        property: a path.
        names: what its witness may be called, without ending; the fullest first.
        stated: the line's model and property, as it has them.
    """

    models: Mapping[str, Path]
    property: Path
    names: tuple[str, ...]
    stated: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark's name, and its instances by what their witnesses are called, where that is unique."""

    name: str
    instances: Mapping[str, Instance]


@dataclass(frozen=True, slots=True)
class Paired:
    """A witness file with the instance that it is for; None: there is none of that name."""

    tool: str
    benchmark: str
    path: Path
    within: Path
    instance: Instance | None


def read_benchmarks(folder: str) -> list[Benchmark]:
    """Return the benchmarks of a folder: itself, one of its versions, or the folders inside it.

    Raises:
        UsageError: there is no instances.csv, or a benchmark has several versions.
        SpecificationError: an instances.csv is malformed.
    """
    root = Path(folder)
    if not root.is_dir():
        raise UsageError(f"--benchmark: {shown(folder)} is not a folder")
    found = [root] if (root / INSTANCES).is_file() else _inside(root, 2)
    names = Counter(_name(part) for part in found)
    if not found:
        raise UsageError(f"--benchmark: there is no {INSTANCES} in {shown(folder)}, up to two folders deep")
    twice = next((name for name, count in names.items() if count > 1), None)
    if twice is not None:
        raise UsageError(f"--benchmark: {shown(twice)} has several versions: name the folder of one")
    return [Benchmark(_name(part), _keyed(list(_instances(part)))) for part in found]


def _inside(root: Path, depth: int) -> list[Path]:
    found: list[Path] = []
    for part in sorted(path for path in root.iterdir() if path.is_dir() and not path.is_symlink()):
        if (part / INSTANCES).is_file():
            found.append(part)
        elif depth > 1:
            found += _inside(part, depth - 1)
    return found


def _name(folder: Path) -> str:
    resolved = folder.resolve()
    return resolved.parent.name if _VERSION.fullmatch(resolved.name) else resolved.name


def _instances(folder: Path) -> Iterator[Instance]:
    path = folder / INSTANCES
    try:
        rows = list(csv.reader(read_bounded(str(path)).decode("utf-8-sig").splitlines(), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        told = f"expected CSV in UTF-8, got {shown(str(error), 100)}"
        raise SpecificationError(f"{shown(str(path))}: {told}") from None
    for line, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) < 2 or not cells[0] or not cells[1]:
            raise SpecificationError(f"{shown(str(path))}: line {line}: expected model,property,seconds")
        yield _instance(folder, cells[0], cells[1], f"{shown(str(path))}: line {line}")


def _instance(folder: Path, models: str, stated: str, where: str) -> Instance:
    listed = _NAMED.findall(models) if models.startswith("[") else [("", models)]
    if not listed:
        told = f"expected networks such as [('f', 'onnx/a.onnx')], got {shown(models)}"
        raise SpecificationError(f"{where}: {told}")
    paths = {name: _path(folder, path, where) for name, path in listed}
    if len(listed) > 1 or listed[0][0]:
        net, outer = "_".join(name for name, _ in listed), ""
    else:
        net, outer = _stem(listed[0][1], "onnx")
    prop, inner = _stem(stated, "vnnlib")
    prefix = outer or inner
    names = (f"{prefix}{net}_{prop}", f"{net}_{prop}") if prefix else (f"{net}_{prop}",)
    return Instance(paths, _path(folder, stated, where), names, (models, stated))


def _stem(path: str, top: str) -> tuple[str, str]:
    # The name without ending; and what the folders below `top` put before it, joined as the competition does.
    pure = PurePosixPath(path)
    name = pure.name.removesuffix(".gz")
    folders = [part for part in pure.parts[:-1] if part not in {".", top}]
    return PurePosixPath(name).stem, "".join(f"{part}_" for part in folders)


def _path(folder: Path, text: str, where: str) -> Path:
    # Inside the benchmark's folder; the file, or its gzipped form.
    pure = PurePosixPath(text)
    if pure.is_absolute() or ".." in pure.parts or "\0" in text:
        raise SpecificationError(f"{where}: expected a path inside the benchmark's folder, got {shown(text)}")
    path = folder / pure
    packed = path.with_name(f"{path.name}.gz")
    try:
        return packed if not path.exists() and packed.exists() else path
    except OSError as error:  # a name that is too long for the system, or a loop of links
        raise SpecificationError(f"{where}: {shown(text)}: {error.strerror}") from None


def _keyed(instances: Sequence[Instance]) -> dict[str, Instance]:
    counts = Counter(name for instance in instances for name in instance.names)
    return {name: instance for instance in instances for name in instance.names if counts[name] == 1}


def paired(results: str, benchmarks: Sequence[Benchmark]) -> list[Paired]:
    """Return the witness files of a result folder, sorted.

    Args:
        results: a folder of tools, of one tool, or of one tool and benchmark.
        benchmarks: those that are asked for; folders of others are passed over.

    Raises:
        UsageError: it is no folder, or there is no witness file in it.
    """
    root = Path(results)
    if not root.is_dir():
        raise UsageError(f"--folder: {shown(results)} is not a folder")
    found = []
    for folder, inner, files in os.walk(root):
        inner.sort()
        parts = Path(folder).relative_to(root).parts
        for name in sorted(files):
            pair = _pair(root, Path(folder) / name, parts, benchmarks)
            if pair is not None:
                found.append(pair)
    if not found:
        raise UsageError(f"--folder: there is no witness for the benchmark in {shown(results)}")
    return found


def _pair(root: Path, path: Path, parts: Sequence[str], benchmarks: Sequence[Benchmark]) -> Paired | None:
    plain = path.name.removesuffix(".gz")
    ending = next((suffix for suffix in SUFFIXES if plain.endswith(suffix)), None)
    if ending is None:
        return None
    placed = _placed(parts, benchmarks)
    if placed is None:
        return None
    benchmark, place = placed
    instance = benchmark.instances.get(plain.removesuffix(ending))
    if instance is None and ending != SUFFIX:
        return None  # a log, or the like
    tool = parts[0] if parts and place != 0 else root.resolve().name
    return Paired(tool, benchmark.name, path, path.relative_to(root), instance)


def _placed(parts: Sequence[str], benchmarks: Sequence[Benchmark]) -> tuple[Benchmark, int | None] | None:
    for benchmark in benchmarks:
        folder = re.compile(rf"(?:[0-9]{{4}}_)?{re.escape(benchmark.name)}", re.ASCII)
        for place, part in enumerate(parts):
            if folder.fullmatch(part):
                return benchmark, place
    # Without a folder of the benchmark's name: a tool's folder, or files alone.
    return (benchmarks[0], None) if len(benchmarks) == 1 and len(parts) < 2 else None
