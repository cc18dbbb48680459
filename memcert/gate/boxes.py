"""The box file beside a certificate, replayed: the rule holds on the box around every row that it holds on.

UNTRUSTED. What is decided is decided by `memcert.boxes`, in exact arithmetic on the samples that are run.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memcert.boxes.check import Replayed, check
from memcert.boxes.decode import decode
from memcert.endings import HOLDS, INTERNAL, UNDECIDED, Ending, ending
from memcert.findings import Step, Told, failed
from memcert.gate.demands import Demands
from memcert.gate.discovery import inside
from memcert.gate.read import Read, Source, Text, read_text
from memcert.gate.rows import places_of
from memcert.kernel.certificate import Number
from memcert.kernel.data import Table, inline_table
from memcert.kernel.rational import text
from memcert.kernel.verdict import Malformed, Rejected, Words, shown
from memcert.reports.words import rough

if TYPE_CHECKING:
    from memcert.boxes.check import Engine as LeastBy

Engine = Literal["kernel", "fast"]
RESTS_ON: Mapping[Engine, str] = {
    "kernel": "exact arithmetic on the box files (memcert.boxes)",
    "fast": "exact arithmetic on the box files (memcert.boxes, memcert.regions, numpy)",
}
DISAGREEING = "the engines accept, and disagree on what. This is a fault of memcert: please report it"


def replayed(read: Read, path: str, demands: Demands, source: Source, engines: Sequence[Engine]) -> Told:
    """Return how the replay of a box file ends.

    Args:
        read: the certificate.
        path: of the box file.
        demands: what the policy asks for.
        source: the samples.
        engines: with which it is replayed, one after the other; all must say the same.

    A row around which the file refutes the rule does not hold; one that it leaves undecided is undecided,
    and one that it does not speak of is missing. Rows that the claim excepts need no box.

    Raises:
        never.
    """
    content = Text(path, b"", packed=True)
    try:
        inside(Path.cwd(), path)
        content = read_text(path)
        file = decode(content.content)
        found, *others = [
            check(file, read.certificate, _table(read, source), _least(engine)) for engine in engines
        ]
        _cut_no_further(found.domain, demands)
    except Exception as error:
        at = getattr(error, "at", None)
        place = content.place_of_damage(at) if isinstance(error, Malformed) else content.place(at)
        return Told(failed("boxes", ending(error), place))
    if any(other != found for other in others):
        return Told(Step("boxes", INTERNAL, "internal error", DISAGREEING))
    failing = _not_shown(found, read, path, source)
    if failing is not None:
        return Told(failing)
    domain = None if found.domain is None else [[text(low), text(high)] for low, high in found.domain]
    facts = {"boxes": {"epsilon": text(found.epsilon), "domain": domain, "proved": len(found.proved)}}
    return Told(
        Step("boxes", HOLDS, "replayed", _sentence(found)),
        facts,
        tuple([RESTS_ON[engine] for engine in engines]),
    )


def _least(engine: Engine) -> "LeastBy | None":
    """Return how an engine finds least values; None: as the kernel does, in Python's integers."""
    if engine == "kernel":
        return None
    from memcert.regions.replaying import ManyAtOnce

    return ManyAtOnce


def _sentence(found: Replayed) -> str:
    cut = "" if found.domain is None else ", cut to the domain that it states"
    held = f"{found.rule} holds on the closed box of radius {rough(found.epsilon)}{cut}"
    return f"{held}, around {len(found.proved):,} rows; {found.leaves:,} leaves"


def _table(read: Read, source: Source) -> Table:
    data = source.data
    if data is not None:
        return Table(data.size, data.dimension, data.columns, data.rows())
    table = inline_table(read.certificate)
    if table is None:  # the certificate could not have been checked either
        raise Rejected("data", "dataset", "samples", Words("none"))
    return table


def _cut_no_further(domain: Sequence[tuple[Number, Number]] | None, demands: Demands) -> None:
    """Refuse boxes that are cut where the policy does not allow it.

    Raises:
        Rejected: they are.
    """
    asked = demands.min_box_radius is not None or demands.box_domain is not None
    if domain is None or not asked:
        return
    if demands.box_domain is None:
        raise Rejected("box-domain", "boxes.domain", "boxes that are not cut", Words("a domain"))
    least, most = demands.box_domain
    for j, (low, high) in enumerate(domain):
        if low > least or high < most:
            expected = f"cut no further than to [{shown(least)}, {shown(most)}]"
            got = Words(f"[{shown(low)}, {shown(high)}]")
            raise Rejected("box-domain", f"boxes.domain[{j}]", expected, got)


def _not_shown(found: Replayed, read: Read, path: str, source: Source) -> Step | None:
    """Return the step that fails for rows that are not proved; None: there are none."""
    excepted = frozenset(read.certificate.claim.excepted)
    shown_rows = {*found.proved, *found.refuted, *found.undecided, *excepted}
    missing = [row for row in range(read.certificate.dataset.size) if row not in shown_rows]
    refuted = [row for row in found.refuted if row not in excepted]
    undecided = [row for row in found.undecided if row not in excepted]
    for rows, status, what in (
        (refuted, Rejected.status, "it has a point of the box at which the rule fails"),
        (missing, Rejected.status, "it does not speak of the row"),
        (undecided, UNDECIDED, "it leaves the row undecided"),
    ):
        if rows:
            word = Rejected.word if status == Rejected.status else "undecided"
            message = f"boxes: {shown(path)}: {len(rows):,} of {read.certificate.dataset.size:,} rows: {what}"
            places, count = places_of(source, rows, dict.fromkeys(rows, f"{shown(path)}: {what}"))
            found_here = Ending(status, word, message, {"rule": "boxes", "at": "rows"})
            return failed("boxes", found_here, *places, failures=count)
    return None
