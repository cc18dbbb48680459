"""What a certificate claims, in words and as data; nothing is checked here.

UNTRUSTED. Everything is quoted from the certificate, by its maker's word.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from memcert.kernel.certificate import Block, Certificate, Model, Number
from memcert.kernel.rational import spell
from memcert.kernel.verdict import shown
from memcert.reports.words import rough, word

SIZES = ("width", "depth", "parameters", "edges", "bit_complexity")


@dataclass(frozen=True, slots=True)
class Group:
    """The blocks of one stage that have one contract."""

    stage: str
    contract: str
    blocks: int
    first_layer: int
    last_layer: int


def groups(blocks: tuple[Block, ...]) -> tuple[Group, ...]:
    """Join the blocks of one stage and contract, in the order of their first layers. Raises: never."""
    found: dict[tuple[str, str], list[Block]] = {}
    for block in blocks:
        found.setdefault((block.stage, block.contract), []).append(block)
    joined = (
        Group(stage, contract, len(part), min(b.first_layer for b in part), max(b.last_layer for b in part))
        for (stage, contract), part in found.items()
    )
    return tuple(sorted(joined, key=lambda group: group.first_layer))


def claim_line(rule: str, tolerance: Number | None) -> str:
    """Return the rule in the words of every verdict, such as `rule within 1/2`. Raises: never."""
    return f"rule {rule}" if tolerance is None else f"rule {rule} {shown(tolerance)}"


def sizes(certificate: Certificate) -> dict[str, int]:
    """Return the claimed sizes by name. Raises: never."""
    return {name: getattr(certificate.claim, name) for name in SIZES}


def built_lines(certificate: Certificate) -> tuple[str, ...]:
    """Return what `build` says of the network it made. Raises: never."""
    told = dict(facts(certificate))
    wanted = ("made by", "options", "data set", "claim", "network", "box radius")
    return tuple(f"  {name:<11} {told[name]}" for name in wanted if name in told)


def as_data(certificate: Certificate) -> dict[str, object]:
    """Return what `show --json` prints: claims, sizes and digests as they stand. Raises: never."""
    claim, samples = certificate.claim, certificate.dataset
    construction, model = certificate.construction, certificate.model
    return {
        "checked": False,
        "construction": construction
        and {
            "name": construction.name,
            "statement": construction.statement,
            "source": construction.source,
            "options": dict(construction.options),
        },
        "model": model
        and {
            "name": model.name,
            "format": model.format,
            "files": [{"name": file.name, "digest": file.digest} for file in model.files],
            "lowering": model.lowering,
            "options": dict(model.options),
            "notes": list(model.notes),
        },
        "dataset": {
            "name": samples.name,
            "size": samples.size,
            "dimension": samples.dimension,
            "classes": samples.classes and list(samples.classes),
            "inline": samples.points is not None,
        },
        "claim": {
            "rule": claim.rule,
            "tolerance": _number(claim.tolerance),
            "except": list(claim.excepted),
            "separation_squared": _number(claim.separation_squared),
            "separation_is_exact": claim.separation_squared is not None
            and claim.separation_direction is None,
            "data_radius_squared": _number(claim.data_radius_squared),
            "margin": _number(claim.margin),
            "box_radius": claim.box_radius
            if isinstance(claim.box_radius, str)
            else _number(claim.box_radius),
            "promises": [promise.kind for promise in claim.promises],
            **sizes(certificate),
        },
        "contracts": [contract.id for contract in certificate.contracts],
        "blocks": [
            {
                "name": block.name,
                "stage": block.stage,
                "contract": block.contract,
                "first_layer": block.first_layer,
                "last_layer": block.last_layer,
            }
            for block in certificate.blocks
        ],
        "partitions": list(certificate.witness.partitions),
        "probes": [probe.name for probe in certificate.witness.probes],
        "digests": {"dataset": certificate.digests.dataset, "network": certificate.digests.network},
        "annotations": dict(certificate.annotations),
    }


def facts(certificate: Certificate) -> Iterator[tuple[str, str]]:
    """Yield (what, value) of everything claimed but the blocks, quoted safely. Raises: never."""
    claim, samples = certificate.claim, certificate.dataset
    if certificate.construction is not None:
        made = certificate.construction
        yield "made by", f"{word(made.name)}, {shown(made.statement)}, {shown(made.source)}"
        yield (
            "options",
            ", ".join(f"{word(name)}={_option(value)}" for name, value in made.options.items()) or "none",
        )
    elif certificate.model is not None:
        yield from _elsewhere(certificate.model)
    else:
        yield "made", "elsewhere"
    shape = f"{samples.size:,} points of Q^{samples.dimension}, {_classes(samples.classes)}"
    yield "data set", f"{shown(samples.name)}: {shape}"
    inline = samples.points is not None
    yield "points", "in the certificate" if inline else "not in the certificate (detached)"
    yield "claim", _claim(certificate)
    yield "separation", _separation(certificate)
    yield "data radius", f"squared {shown(claim.data_radius_squared)}"
    yield "margin", "none" if claim.margin is None else shown(claim.margin)
    yield "box radius", _radius(claim.box_radius)
    if claim.promises:
        yield "promises", ", ".join(shown(promise.kind) for promise in claim.promises)
    size = f"{claim.parameters:,} parameters ({claim.edges:,} edges)"
    yield "network", f"{size}, width {claim.width}, depth {claim.depth:,}, {claim.bit_complexity:,} bits"
    yield "outline", f"{len(certificate.blocks):,} blocks of {len(certificate.contracts)} contracts"
    witness = certificate.witness
    yield "witness", f"{len(witness.partitions)} partitions, {len(witness.probes):,} probes"
    yield "data digest", certificate.digests.dataset or "none"
    yield "network digest", certificate.digests.network or "none"
    for name, value in certificate.annotations.items():
        yield "annotation", f"{word(name)}: {word(value)}"


def _elsewhere(model: Model) -> Iterator[tuple[str, str]]:
    yield "made elsewhere", f"{shown(model.name)}, {shown(model.format)}, lowering {model.lowering}"
    for file in model.files:
        yield "model file", f"{shown(file.name)} {file.digest}"
    told = ", ".join(f"{word(name)}={_option(value)}" for name, value in model.options.items())
    yield "read with", told or "no option"
    for note in model.notes:
        yield "note", shown(note)


def _option(value: str | int | bool | None) -> str:
    return word(value) if isinstance(value, str) else shown(value)


def _radius(radius: Number | str | None) -> str:
    if radius is None:
        return "none claimed"
    return radius if isinstance(radius, str) else rough(radius)


def _claim(certificate: Certificate) -> str:
    claim, size = certificate.claim, certificate.dataset.size
    rule = claim_line(claim.rule, claim.tolerance)
    if not claim.excepted:
        return f"{rule} on every sample"
    return f"{rule} on {size - len(claim.excepted):,} of {size:,} samples, not on {shown(claim.excepted)}"


def _separation(certificate: Certificate) -> str:
    claim = certificate.claim
    if claim.separation_squared is None:
        return "none (one distinct point)"
    kind = "exactly" if claim.separation_direction is None else "at least (along a direction)"
    return f"squared, {kind} {shown(claim.separation_squared)}"


def _classes(classes: tuple[int | str, ...] | None) -> str:
    if classes is None:
        return "no classes"
    return f"{len(classes)} class{'' if len(classes) == 1 else 'es'}: {shown(classes)}"


def _number(value: Number | str | None) -> int | str | None:
    return value if value is None or isinstance(value, str) else spell(value)
