"""A proof's result read back from its file (memcert-result/1).

UNTRUSTED, and no proof: it repeats what whoever wrote the file says of a network with those digests.
"""

from typing import Any

from pydantic import ValidationError

from memcert.formats.result_models import ProofResultModel
from memcert.kernel.certificate import Number, Promise
from memcert.kernel.rational import parse
from memcert.kernel.reading import parse_json
from memcert.kernel.verdict import Malformed, Words
from memcert.proofs.result import FORMAT, UNBOUNDED, Open, ProofResult, Refutation, UnusedCase


def is_result(content: bytes) -> bool:
    """Whether the file says that it is a proof's result.

    Cost: files that hold the format's name nowhere are not parsed.

    Raises:
        Malformed: it holds the name, and is no JSON.
        LimitReached: it may hold too many values.
    """
    if FORMAT.encode() not in content:
        return False
    value = parse_json(content)
    return isinstance(value, dict) and value.get("format") == FORMAT


def decode_result(content: bytes) -> ProofResult:
    """Read a result file.

    Raises:
        Malformed: it is none; the place is a path such as `radius.samples.3`.
        LimitReached: a number longer than memcert reads, or too many values.
    """
    parse_json(content)
    try:
        model = ProofResultModel.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # Names of types, which pydantic puts between, are no places.
        parts = [str(part) for part in first["loc"]]
        at = ".".join(part for part in parts if part.isidentifier() or part.isdigit()) or "result"
        raise Malformed("result", at, "a file that `memcert prove -o` wrote", Words(first["msg"])) from None
    radii = tuple(None if radius is None else _radius(radius) for radius in model.radius.samples)
    if radii and len(radii) != model.claim.samples:
        raise Malformed("result", "radius.samples", f"{model.claim.samples} radii", len(radii))
    return _result(model, radii)


def _result(model: ProofResultModel, radii: tuple[Any, ...]) -> ProofResult:
    claim, outline = model.claim, model.outline
    return ProofResult(
        verdict=model.verdict,
        rule=claim.rule,
        tolerance=None if claim.tolerance is None else parse(claim.tolerance),
        samples=claim.samples,
        excepted=claim.excepted,
        classes=claim.classes,
        dataset_digest=model.digests.dataset,
        network_digest=model.digests.network,
        blocks=outline.blocks,
        contracts=outline.contracts,
        obligations=outline.obligations,
        concrete_blocks=outline.concrete_blocks,
        unused=tuple(UnusedCase(u.contract, u.case, u.possible) for u in outline.unused),
        box_radius=_radius(claim.box_radius),
        radii=radii,
        open_radii=tuple(model.radius.open),
        regions=outline.regions,
        solver=model.solver.name,
        solver_version=model.solver.version,
        assumptions=tuple(model.assumptions),
        not_examined=tuple(model.not_examined),
        refutation=None if model.refutation is None else _refutation(model.refutation),
        open=tuple(Open(o.contract, o.case, o.block, o.reason) for o in model.open),
        seconds=model.milliseconds / 1000,
        promises=tuple(
            Promise(p.kind, {name: parse(value) for name, value in p.values.items()}) for p in claim.promises
        ),
    )


def _radius(value: Any) -> Any:
    return UNBOUNDED if value == UNBOUNDED else parse(value)


def _refutation(model: Any) -> Refutation:
    values: tuple[tuple[str, Number], ...] = tuple((v.name, parse(v.value)) for v in model.values)
    told = {name: getattr(model, name) for name in Refutation.__dataclass_fields__}
    return Refutation(**(told | {"values": values, "weights": tuple(model.weights)}))
