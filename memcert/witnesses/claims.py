"""What the tools say of each instance in results.csv, and what the judged witnesses make of it.

UNTRUSTED. `sat` without a witness is missing one; `unsat` is refuted by a counterexample, whoever found it.
"""

import csv
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from memcert.endings import DOES_NOT_HOLD, MALFORMED
from memcert.errors import MemcertError
from memcert.formats.files import read_bounded
from memcert.kernel.verdict import shown
from memcert.witnesses.folders import NONE, Entry
from memcert.witnesses.layouts import VERSION, Benchmark, Paired, listed, placed, tool_of

RESULTS = "results.csv"
MISSING, REFUTED = "missing", "refuted"
"""Kinds of entries: `sat` without a witness, and `unsat` of what has a counterexample."""
_WORD = re.compile(r"[a-z]+", re.ASCII)
_SAT, _UNSAT = frozenset({"sat", "violated"}), frozenset({"unsat", "holds"})


@dataclass(frozen=True, slots=True)
class Claim:
    """A line of results.csv.

    Args:
        paired: the file, with the tool and the instance that it speaks of.
        line: from 1.
        result: as the line has it.
    """

    paired: Paired
    line: int
    result: str

    @property
    def key(self) -> tuple[str, ...]:
        """Tool, benchmark, model and property. Raises: never."""
        return _instance(self.paired)

    @property
    def told(self) -> str:
        """What messages say of it. Raises: never."""
        return f"{shown(str(self.paired.path))}: line {self.line}: {shown(self.result, 40)}"

    def says(self, words: frozenset[str]) -> bool:
        """Whether the result begins with one of the words. Raises: never."""
        found = _WORD.match(self.result.strip().lower())
        return found is not None and found.group() in words


def _instance(paired: Paired) -> tuple[str, ...]:
    # A file that is for no instance has a name of its own here, so that no claim is about it.
    stated = (str(paired.path), "") if paired.instance is None else paired.instance.stated
    return (paired.tool, paired.benchmark, *stated)


def read_claims(results: str, benchmarks: Sequence[Benchmark]) -> tuple[list[Claim], list[Entry]]:
    """Return what every results.csv of a folder says of the benchmarks' instances.

    A tool's results.csv counts where the folder of the benchmark has none. Lines of other
    instances are passed over.

    Args:
        results: as for `paired`.
        benchmarks: those that are asked for.

    Returns:
        The claims, one a tool and instance, the first; and an entry for each file that is malformed.

    Raises:
        never.
    """
    root = Path(results)
    found: dict[tuple[str, ...], Claim] = {}
    faults: list[Entry] = []
    files = [Path(folder) / RESULTS for folder, _, names in os.walk(root) if RESULTS in names]
    # The deepest first: what stands beside the witnesses.
    for path in sorted(files, key=lambda path: (-len(path.parts), path)):
        claims, fault = _read(root, path, benchmarks)
        for claim in claims:
            found.setdefault(claim.key, claim)
        if fault is not None:
            faults.append(fault)
    return list(found.values()), faults


def _read(root: Path, path: Path, benchmarks: Sequence[Benchmark]) -> tuple[list[Claim], Entry | None]:
    parts = path.parent.relative_to(root).parts
    place = placed(parts, benchmarks)
    among = benchmarks if place is None else [place[0]]
    tool = tool_of(root, parts, None if place is None else place[1])
    claims: list[Claim] = []
    whole = Paired(tool, among[0].name if len(among) == 1 else "", path, path.relative_to(root), None)
    fault: str | None = None
    try:
        text = read_bounded(str(path)).decode("utf-8-sig")
        for line, row in enumerate(csv.reader(text.splitlines(), strict=True), 1):
            if len(row) >= 5:
                claims += _claims(whole, among, line, row)
            elif any(cell.strip() for cell in row) and fault is None:
                fault = f"line {line}: expected category,model,property,seconds,result,seconds"
    except (UnicodeDecodeError, csv.Error) as error:
        fault = f"expected CSV in UTF-8, got {shown(str(error), 100)}"
    except MemcertError as error:
        return claims, Entry(whole, "malformed", MALFORMED, str(error))
    if fault is None:
        return claims, None
    return claims, Entry(whole, "malformed", MALFORMED, f"{shown(str(path))}: {fault}")


def _claims(whole: Paired, among: Sequence[Benchmark], line: int, row: Sequence[str]) -> list[Claim]:
    for benchmark in among:
        instance = benchmark.by_path.get(_key(benchmark, row[1], row[2]))
        if instance is not None:
            paired = replace(whole, benchmark=benchmark.name, instance=instance)
            return [Claim(paired, line, row[4].strip())]
    return []


def _key(benchmark: Benchmark, models: str, stated: str) -> tuple[tuple[str, ...], str]:
    paths = [path for _, path in listed(models.strip())]
    return tuple(_inside(benchmark, path) for path in paths), _inside(benchmark, stated.strip())


def _inside(benchmark: Benchmark, path: str) -> str:
    # Of the path on the machine that ran the tool, what lies inside the benchmark's folder; of another
    # version of the benchmark with its version.
    parts = [part for part in PurePosixPath(path.removesuffix(".gz")).parts if part != "."]
    places = [place for place, part in enumerate(parts) if part == benchmark.name]
    rest = parts[places[-1] + 1 :] if places else parts
    if places and rest and VERSION.fullmatch(rest[0]) and benchmark.version in {None, rest[0]}:
        rest = rest[1:]
    return "/".join(rest)


def settled(entries: Iterable[Entry], claims: Iterable[Claim]) -> list[Entry]:
    """Return the entries of the files with what the tools say, and one more for each claim that fails.

    A claim `sat` whose tool has no witness is `missing`; one of `unsat`, for whose instance a
    counterexample was found or repaired, is `refuted`.

    Args:
        entries: of the files.
        claims: one a tool and instance.

    Raises:
        never.
    """
    said = {claim.key: claim for claim in claims}
    made = []
    for entry in entries:
        claim = said.get(_instance(entry.paired))
        made.append(entry if claim is None else replace(entry, claim=claim.result))
    with_file = {_instance(entry.paired) for entry in made if entry.kind != NONE}
    examples: dict[tuple[str, ...], Entry] = {}
    for entry in made:
        if entry.holds:
            examples.setdefault(_instance(entry.paired)[1:], entry)
    for key, claim in said.items():
        if claim.says(_SAT) and key not in with_file:
            told = f"{claim.told}, and there is no witness"
            made.append(Entry(claim.paired, MISSING, MALFORMED, told, claim=claim.result))
        elif claim.says(_UNSAT) and key[1:] in examples:
            entry = examples[key[1:]]
            how = "repaired" if entry.mended else "exactly"
            told = f"{claim.told}; {shown(entry.paired.within.as_posix())} holds a counterexample, {how}"
            made.append(Entry(claim.paired, REFUTED, DOES_NOT_HOLD, told, claim=claim.result))
    return made
