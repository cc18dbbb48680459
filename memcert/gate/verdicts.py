"""Check and proof of one certificate, as steps of the gate.

UNTRUSTED. Both are asked of `memcert.api`; what they raise becomes the step's ending.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memcert.endings import HOLDS, INTERNAL, UNDECIDED, Ending, ending
from memcert.errors import MemcertError
from memcert.findings import Place, Step, Told, failed
from memcert.gate.boxes import DISAGREEING, Engine, replayed
from memcert.gate.demands import Demands
from memcert.gate.read import Read, Source
from memcert.kernel.certificate import Digests, Number
from memcert.kernel.rational import text
from memcert.kernel.verdict import Failure, Mismatch, Rejected, shown

if TYPE_CHECKING:
    from memcert.proofs.result import ProofResult

ENGINES: Mapping[Engine, str] = {"kernel": "kernel", "fast": "fast engine"}


def names_of(demands: Demands) -> list[str]:
    """Return the names of the steps that `verdicts` yields. Raises: never."""
    checks = ["check-kernel", "check-fast"] if demands.both_engines else ["check"]
    model = ["model"] if demands.model is not None else []
    boxes = ["boxes"] if demands.boxes is not None else []
    return [*checks, *model, *(["prove"] if demands.prove else []), *boxes]


def verdicts(read: Read, demands: Demands, source: Source) -> Iterator[Told]:
    """Yield the verdicts that are demanded, in order. Raises: never."""
    from memcert.api import engine_for

    engines: tuple[Engine, ...] = ("kernel", "fast")
    if demands.both_engines:
        first = checked(read, source, "kernel", "check-kernel")
        yield first
        second = checked(read, source, "fast", "check-fast")
        yield second if not second.step.holds or second.facts == first.facts else _disagreeing(second)
    else:
        engines = (engine_for(read.certificate),)
        yield checked(read, source, engines[0], "check")
    if demands.model is not None:
        yield modelled(read, demands.model, source)
    if demands.prove:
        yield proved(read, demands, source)
    if demands.boxes is not None:
        yield replayed(read, demands.boxes, demands, source, engines)


def _disagreeing(found: Told) -> Told:
    return Told(Step(found.step.name, INTERNAL, "internal error", DISAGREEING))


def checked(read: Read, source: Source, engine: Engine, name: str) -> Told:
    """Return how a check by one engine ends. Raises: never."""
    from memcert import api
    from memcert.reports.verdict import as_data, lines

    try:
        found = api.check(read.certificate, source.data, engine=engine)
    except Exception as error:
        return Told(refused(name, error, read, source))
    claim = read.certificate.claim
    facts = as_data(found, ENGINES[engine]) | {
        "tolerance": None if found.tolerance is None else text(found.tolerance),
        "margin": None if claim.margin is None else text(claim.margin),
        "sizes": {size: getattr(claim, size) for size in ("width", "depth", "parameters", "edges")},
    }
    del facts["engine"]
    step = Step(name, HOLDS, "accepted", lines(found, ENGINES[engine])[0])
    return Told(step, facts, (ENGINES[engine],))


def _shown_by(read: Read, source: Source) -> list[Place]:
    """Return where the change shows that made a stated digest false, if it shows at all."""
    from memcert import api

    stated = read.certificate
    kept = stated.digests.dataset if stated.dataset.points is None else None
    try:
        api.check(replace(stated, digests=Digests(kept, None)), source.data)
    except Failure as first:
        place = read.text.place(first.at)
        return [replace(place, message=f"the change after the digest was made shows here: {first}")]
    except MemcertError:
        pass
    return []


def modelled(read: Read, path: str, source: Source) -> Told:
    """Return whether the network is that of the repository's own model. Raises: never."""
    from memcert.gate.discovery import inside
    from memcert.gate.models import bind

    try:
        inside(Path.cwd(), path)
        message, files = bind(read.certificate, path)
    except Exception as error:
        step = refused("model", error, read, source)
        return Told(replace(step, places=(Place(path), *step.places), failures=1))
    facts = {"model": path, "model_files": files}
    return Told(Step("model", HOLDS, "bound", message), facts, ("the exact importer of models",))


def refused(name: str, error: Exception, read: Read, source: Source) -> Step:
    """Return the step that an exception ends, with the rows or the place it is about. Raises: never."""
    places, count = list[Place](), 0
    if isinstance(error, Rejected | Mismatch):
        from memcert.gate.rows import explained

        # The verdict stands; that its rows cannot all be named changes nothing.
        with suppress(Failure, MemcertError, ValueError):
            places, count = explained(error, read.certificate, source)
    if isinstance(error, Rejected) and error.rule == "digest":
        places, count = [read.text.place(error.at), *_shown_by(read, source)], 1
    if not places:
        places = [read.text.place(error.at)] if isinstance(error, Failure) else [Place(read.text.path)]
    return failed(name, ending(error), *places, failures=count)


def proved(read: Read, demands: Demands, source: Source) -> Told:
    """Return how a proof ends. Raises: never."""
    from memcert import api
    from memcert.reports.proof import lines

    try:
        result = api.prove(
            read.certificate, source.data, solver=demands.solver, timeout=demands.solver_timeout
        )
    except Exception as error:
        return Told(refused("prove", error, read, source))
    rests = (f"{result.solver} {result.solver_version}",)
    if result.verdict == "proved":
        step = Step("prove", HOLDS, "proved", lines(result)[0])
        return Told(step, {"proof": _proof(result)}, rests)
    return Told(_unproved(result, read))


def _proof(result: "ProofResult") -> dict[str, Any]:
    smallest, opened = result.smallest_radius, frozenset(result.open_radii)
    at = [row for row, radius in enumerate(result.radii) if radius == smallest]
    return {
        "solver": result.solver,
        "solver_version": result.solver_version,
        "assumptions": list(result.assumptions),
        "box_radius": _radius(result.box_radius),
        "smallest_radius": _radius(smallest),
        "smallest_is_attained": not opened.intersection(at),
    }


def _radius(radius: Number | str | None) -> str | None:
    return radius if radius is None or isinstance(radius, str) else text(radius)


def _unproved(result: "ProofResult", read: Read) -> Step:
    refutation = result.refutation
    if refutation is None:
        open_ = [f"no answer for contract {shown(o.contract)}: {o.reason}" for o in result.open[:3]]
        found = Ending(UNDECIDED, "undecided", "; ".join(open_) or "no answer")
        return failed("prove", found, Place(read.text.path))
    parts = {"rule": refutation.rule, "at": refutation.at}
    found = Ending(result.status, result.verdict, str(refutation), parts)
    return failed("prove", found, read.text.place(refutation.at))
