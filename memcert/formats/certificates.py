"""Certificates as files: the canonical text, reading through the kernel, atomic writing.

UNTRUSTED. What is written is read again by the kernel's decoder before anyone believes it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from memcert.errors import UsageError
from memcert.formats.atomic import atomic_write
from memcert.kernel import certificate as c
from memcert.kernel.decode import FORMAT, decode
from memcert.kernel.files import read_bytes
from memcert.kernel.network import Layer
from memcert.kernel.rational import spell
from memcert.kernel.verdict import shown

WIDE = 100
"""A value whose compact text is no longer than this stands on one line."""


def read(path: str | Path) -> c.Certificate:
    """Read a certificate file, `.json` or gzipped.

    Raises:
        UsageError: the path cannot be opened, or is no regular file.
        Malformed, Unsupported, LimitReached: as the kernel's `decode`.
    """
    try:
        content = read_bytes(str(path))
    except OSError as error:
        raise UsageError(f"{shown(str(path))} cannot be opened: {error.strerror}") from error
    return decode(content)


def write(certificate: c.Certificate, path: str | Path) -> None:
    """Write the canonical text to a file that appears whole or not at all.

    A path that ends in `.gz` is packed. Raises: UsageError, as `atomic_write`.
    """
    with atomic_write(Path(path), "text") as file:
        file.writelines(chunks(certificate))


def encode(certificate: c.Certificate) -> str:
    """Return the canonical text; `decode` of its bytes gives the certificate again. Raises: never."""
    return "".join(chunks(certificate))


def chunks(certificate: c.Certificate) -> Iterator[str]:
    """Yield the canonical text in pieces, one line each. Raises: never."""
    yield from _lines(to_json(certificate), 0, "")
    yield "\n"


def _lines(value: object, depth: int, lead: str) -> Iterator[str]:
    """Yield the text of a value: on one line if short, else one item a line, indented by one space."""
    flat = _flat(value)
    if flat is not None:
        yield lead + flat
        return
    pairs = isinstance(value, dict)
    items: list[tuple[str, object]]
    items = [(json.dumps(k) + ": ", v) for k, v in value.items()] if isinstance(value, dict) else []
    if isinstance(value, list):
        items = [("", v) for v in value]
    yield lead + ("{" if pairs else "[")
    for i, (key, item) in enumerate(items):
        start = "," if i else ""
        yield from _lines(item, depth + 1, f"{start}\n{' ' * (depth + 1)}{key}")
    yield f"\n{' ' * depth}{'}' if pairs else ']'}"


def _flat(value: object) -> str | None:
    """Return the one-line text, or None where the value must be broken."""
    if not isinstance(value, list | dict):
        return json.dumps(value)
    if isinstance(value, list) and not any(isinstance(x, list | dict) for x in value):
        return json.dumps(value)
    if len(value) > WIDE:
        return None  # spares the text of a long value that is broken anyway
    text = json.dumps(value)
    return text if len(text) <= WIDE else None


def to_json(certificate: c.Certificate) -> dict[str, Any]:
    """Return the JSON value of a certificate, keys in the format's order. Raises: never."""
    made, model = certificate.construction, certificate.model
    return {
        "format": FORMAT,
        "construction": None if made is None else _fields(made, options=dict(made.options)),
        "model": None if model is None else _model(model),
        "dataset": _samples(certificate.dataset),
        "network": {
            "input_size": certificate.network.input_size,
            "layers": [_layer(layer) for layer in certificate.network.layers],
        },
        "claim": _claim(certificate.claim),
        "contracts": [_contract(contract) for contract in certificate.contracts],
        "blocks": [_block(block) for block in certificate.blocks],
        "witness": {
            "partitions": {name: list(classes) for name, classes in certificate.witness.partitions.items()},
            "probes": [_probe(probe) for probe in certificate.witness.probes],
        },
        "digests": _fields(certificate.digests),
        "annotations": dict(certificate.annotations),
    }


def _fields(value: Any, **changed: object) -> dict[str, object]:
    return {name: changed.get(name, getattr(value, name)) for name in value.__dataclass_fields__}


def _numbers(values: Any) -> Any:
    return None if values is None else [spell(x) for x in values]


def _number(value: Any) -> Any:
    return value if value is None or value == "unbounded" else spell(value)


def _named(values: Mapping[str, c.Number]) -> dict[str, int | str]:
    return {name: spell(x) for name, x in values.items()}


def _model(model: c.Model) -> dict[str, object]:
    files = [{"name": file.name, "digest": file.digest} for file in model.files]
    return _fields(model, files=files, options=dict(model.options), notes=list(model.notes))


def _samples(data: c.Samples) -> dict[str, object]:
    return _fields(
        data,
        columns=None if data.columns is None else list(data.columns),
        classes=None if data.classes is None else list(data.classes),
        points=None if data.points is None else [_numbers(point) for point in data.points],
        labels=_numbers(data.labels),
    )


def _layer(layer: Layer) -> dict[str, object]:
    return _fields(
        layer,
        shape=list(layer.shape),
        indptr=list(layer.indptr),
        indices=list(layer.indices),
        data=_numbers(layer.data),
        bias=_numbers(layer.bias),
    )


def _claim(claim: c.Claim) -> dict[str, object]:
    found = _fields(
        claim,
        tolerance=_number(claim.tolerance),
        excepted=list(claim.excepted),
        separation_squared=_number(claim.separation_squared),
        separation_direction=_numbers(claim.separation_direction),
        data_radius_squared=_number(claim.data_radius_squared),
        margin=_number(claim.margin),
        box_radius=_number(claim.box_radius),
        promises=[{"kind": p.kind, "values": _named(p.values)} for p in claim.promises],
    )
    return {"except" if name == "excepted" else name: value for name, value in found.items()}


def _term(term: c.Term) -> list[list[object]]:
    return [[spell(coefficient), *names] for coefficient, names in term]


def _contract(contract: c.Contract) -> dict[str, object]:
    return {
        "id": contract.id,
        "parameters": [_fields(p) for p in contract.parameters],
        "assumes": _atoms(contract.assumes),
        "inputs": [{"name": x.name, "is": _term(x.form), "dropped": x.dropped} for x in contract.inputs],
        "layers": [
            {"relu": layer.relu, "neurons": [[name, _term(term)] for name, term in layer.neurons]}
            for layer in contract.layers
        ],
        "outputs": [{"name": x.name, "is": _term(x.form)} for x in contract.outputs],
        "cases": [_case(case) for case in contract.cases],
    }


def _atoms(atoms: tuple[c.Atom, ...]) -> list[object]:
    return [[atom.relation, _term(atom.term)] for atom in atoms]


def _case(case: c.Case) -> dict[str, object]:
    ensures = [[e.output, e.relation, _term(e.term)] for e in case.ensures]
    return {"name": case.name, "requires": _atoms(case.requires), "ensures": ensures}


def _block(block: c.Block) -> dict[str, object]:
    neurons = block.neurons and [[list(x) if isinstance(x, tuple) else x for x in ns] for ns in block.neurons]
    found = _fields(block, neurons=neurons, hints=_named(block.hints))
    return {"with" if name == "hints" else name: value for name, value in found.items()}


def _probe(probe: c.Probe) -> dict[str, object]:
    return _fields(
        probe,
        neurons=list(probe.neurons),
        coefficients=_numbers(probe.coefficients),
        values=_numbers(probe.values),
    )
