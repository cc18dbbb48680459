"""What `memcert witness --folder` tells: a table of the tools, and a CSV of the witnesses.

UNTRUSTED. Every witness is counted once, and beside that as repaired or not.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from memcert.kernel.rational import spell
from memcert.reports.witness import as_data
from memcert.reports.words import word
from memcert.witnesses.claims import MISSING, REFUTED
from memcert.witnesses.folders import NONE, Entry

KINDS = ("exact", "outside", "not violating", "outside, not violating", "malformed", NONE)
"""What a file may be, in columns of the table; what is in none of them is counted as `other`."""
CLAIMED = (MISSING, REFUTED)
"""What becomes of claims without a file, in columns of their own."""
COLUMNS = (
    "tool",
    "benchmark",
    "witness",
    "model",
    "property",
    "claim",
    "kind",
    "status",
    "outside_by",
    "outside_at",
    "unviolated_by",
    "stored_difference",
    "float_type",
    "float_holds",
    "repair",
    "repair_distance",
    "message",
)


def record(entry: Entry) -> dict[str, Any]:
    """Return the facts of one witness, by COLUMNS. Raises: never."""
    instance = entry.paired.instance
    found: dict[str, Any] = dict.fromkeys(COLUMNS)
    found |= {
        "tool": entry.paired.tool,
        "benchmark": entry.paired.benchmark,
        "witness": entry.paired.within.as_posix(),
        "model": None if instance is None else instance.stated[0],
        "property": None if instance is None else instance.stated[1],
        "claim": entry.claim,
        "kind": entry.kind,
        "status": entry.status,
        "message": entry.message,
    }
    if entry.stated is not None and entry.judgement is not None:
        facts = as_data(entry.stated, entry.judgement)
        for name, key in (("outside", "outside"), ("unviolated", "unviolated")):
            if facts[key] is not None:
                found[f"{name}_by"] = facts[key]["amount"]
        if facts["outside"] is not None:
            found["outside_at"] = facts["outside"]["at"]
        if facts["stored"] is not None:
            found["stored_difference"] = facts["stored"]["difference"]
    if entry.floats is not None:
        judged = entry.floats.refused is None
        found["float_type"], found["float_holds"] = entry.floats.type, entry.floats.holds if judged else None
    if entry.repair is not None:
        found["repair"], found["repair_distance"] = entry.repair.how, spell(entry.repair.distance)
    return found


def counted(entries: Iterable[Entry], named: Iterable[str] = ()) -> dict[str, dict[str, int]]:
    """Return for each tool how many files there are, of each kind, and repaired; and claims that fail.

    Args:
        entries: of files and of claims.
        named: tools that are told even if they have no entry.

    Raises:
        never.
    """
    tools: dict[str, Counter[str]] = {tool: Counter() for tool in named}
    for entry in entries:
        counts = tools.setdefault(entry.paired.tool, Counter())
        counts["witnesses"] += entry.kind not in CLAIMED
        counts[entry.kind if entry.kind in (*KINDS, *CLAIMED) else "other"] += 1
        counts["repaired"] += entry.mended
    names = ("witnesses", *KINDS, "other", "repaired", *CLAIMED)
    return {tool: {name: tools[tool][name] for name in names} for tool in sorted(tools)}


def table(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the table as lines of equal columns. Raises: never."""
    names = {"outside, not violating": "both", "witnesses": "files"}
    heads = ["tool", *(names.get(name, name) for name in next(iter(counts.values())))]
    rows = [[word(tool), *(f"{n:,}" for n in row.values())] for tool, row in counts.items()]
    widths = [max(len(row[k]) for row in (heads, *rows)) for k in range(len(heads))]
    return [_line(row, widths) for row in (heads, *rows)]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)])


def write_csv(records: Iterable[Mapping[str, Any]], file: IO[str]) -> None:
    """Write a row a record, with a header. Raises: OSError."""
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for found in records:
        writer.writerow({name: _plain(cell) for name, cell in found.items()})


def _plain(cell: object) -> object:
    # Names of files may hold bytes that are no UTF-8.
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell
