"""Which witness belongs to which model and property: benchmark and result folders of the VNN competition.

UNTRUSTED. A benchmark is a folder with instances.csv (model, property, seconds). A tool's results lie in
TOOL/BENCHMARK/ or TOOL/YEAR_BENCHMARK/, each in a file called MODEL_PROPERTY.counterexample, gzipped or not.
"""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from memcert.errors import UsageError
from memcert.formats.files import read_bounded
from memcert.kernel.verdict import shown
from memcert.witnesses.refusals import SpecificationError

INSTANCES = "instances.csv"
SUFFIX = ".counterexample"
SUFFIXES = (SUFFIX, ".cex", ".txt", ".out")
"""What names of witness files end in, before `.gz`."""
VERSION = re.compile(r"[0-9]+\.[0-9]+", re.ASCII)
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
    """A benchmark.

    Args:
        name: of its folder.
        instances: by what their witnesses are called, where that is unique.
        by_path: by the paths of models and property inside its folder.
        version: of the benchmark, if its folder is one of a version: `2.0`.
    """

    name: str
    instances: Mapping[str, Instance]
    by_path: Mapping[tuple[tuple[str, ...], str], Instance] = field(default_factory=dict)
    version: str | None = None


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
    return [_benchmark(part) for part in found]


def _benchmark(folder: Path) -> Benchmark:
    rows = list(_instances(folder))
    last = folder.resolve().name
    version = last if VERSION.fullmatch(last) else None
    return Benchmark(_name(folder), _keyed(rows), {_paths(row): row for row in rows}, version)


def _paths(instance: Instance) -> tuple[tuple[str, ...], str]:
    models, stated = instance.stated
    plain = [PurePosixPath(path.removesuffix(".gz")).as_posix() for _, path in listed(models)]
    return tuple(plain), PurePosixPath(stated.removesuffix(".gz")).as_posix()


def listed(models: str) -> list[tuple[str, str]]:
    """Return the networks of a cell: names and paths; of one without a name the name is empty.

    Raises:
        never; a list that is malformed is empty.
    """
    return _NAMED.findall(models) if models.startswith("[") else [("", models)]


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
    return resolved.parent.name if VERSION.fullmatch(resolved.name) else resolved.name


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
    networks = listed(models)
    if not networks:
        told = f"expected networks such as [('f', 'onnx/a.onnx')], got {shown(models)}"
        raise SpecificationError(f"{where}: {told}")
    paths = {name: _path(folder, path, where) for name, path in networks}
    if len(networks) > 1 or networks[0][0]:
        net, outer = "_".join(name for name, _ in networks), ""
    else:
        net, outer = _stem(networks[0][1], "onnx")
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
        UsageError: it is no folder.
    """
    root = Path(results)
    if not root.is_dir():
        raise UsageError(f"--folder: {shown(results)} is not a folder")
    found = []
    for folder, inner, files in os.walk(root):
        parts = Path(folder).relative_to(root).parts
        pairs = {name: _pair(root, Path(folder) / name, parts, benchmarks) for name in (*files, *inner)}
        found += [pair for _, pair in sorted(pairs.items()) if pair is not None]
        # A folder with the name of a witness is one that cannot be read.
        inner[:] = sorted(name for name in inner if pairs[name] is None)
    return found


def _pair(root: Path, path: Path, parts: Sequence[str], benchmarks: Sequence[Benchmark]) -> Paired | None:
    plain = path.name.removesuffix(".gz")
    ending = next((suffix for suffix in SUFFIXES if plain.endswith(suffix)), None)
    if ending is None:
        return None
    where = placed(parts, benchmarks)
    if where is None:
        return None
    benchmark, place = where
    instance = benchmark.instances.get(plain.removesuffix(ending))
    if instance is None and ending != SUFFIX:
        return None  # a log, or the like
    return Paired(tool_of(root, parts, place), benchmark.name, path, path.relative_to(root), instance)


def tool_of(root: Path, parts: Sequence[str], place: int | None) -> str:
    """Return the tool whose results lie in a folder.

    Args:
        root: of all results.
        parts: of the path of the folder inside it.
        place: which of them is the benchmark's; None: none is.

    Raises:
        never.
    """
    return parts[0] if parts and place != 0 else root.resolve().name


def placed(parts: Sequence[str], benchmarks: Sequence[Benchmark]) -> tuple[Benchmark, int | None] | None:
    """Return the benchmark of a folder, and which part of its path says so; None: of none of them.

    Raises:
        never.
    """
    for benchmark in benchmarks:
        folder = re.compile(rf"(?:[0-9]{{4}}_)?{re.escape(benchmark.name)}", re.ASCII)
        for place, part in enumerate(parts):
            if folder.fullmatch(part):
                return benchmark, place
    # Without a folder of the benchmark's name: a tool's folder, or files alone.
    return (benchmarks[0], None) if len(benchmarks) == 1 and len(parts) < 2 else None
